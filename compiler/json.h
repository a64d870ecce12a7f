/* Writing JSON: the one thing about it that can go wrong is a string. */
#ifndef POLEC_JSON_H
#define POLEC_JSON_H

#include <stdio.h>

/* Writes `text` with its quotes.  Bytes that are not UTF-8 become U+FFFD: a document that is no UTF-8 is no JSON. */
void json_write_string(FILE *stream, const char *text);

/* A path as a URI (RFC 3986), with quotes: an absolute one gets the scheme `file`. */
void json_write_uri(FILE *stream, const char *path);

#endif
