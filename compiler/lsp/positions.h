/*
 * Positions of the protocol: lines and characters, both from 0.  Characters are bytes (utf-8) if the client can count
 * that way, else units of UTF-16, of which a character beyond U+FFFF takes two.  Lines end as in the compiler: by LF,
 * CRLF or CR.
 */
#ifndef POLEC_LSP_POSITIONS_H
#define POLEC_LSP_POSITIONS_H

#include <jansson.h>
#include <stdio.h>

#include "base/source.h"

typedef enum { UNITS_UTF_16, UNITS_UTF_8 } PositionUnits;

/* The byte of the text that a position object names.  What is behind a line's end is at its end, what is behind the text
   at the text's end; inside a character is in front of it.  False if the object is none. */
bool position_read(const json_t *position, PositionUnits units, const char *bytes, size_t length, size_t *offset);

/* Write position and range objects. */
void position_write(FILE *stream, const SourceText *text, SourcePos pos, PositionUnits units);
void range_write(FILE *stream, const SourceText *text, SourceSpan span, PositionUnits units);

#endif
