/* URIs of files, as RFC 3986 and RFC 8089 have them.  Writing them: json_write_uri() in json.h. */
#ifndef POLEC_LSP_URI_H
#define POLEC_LSP_URI_H

#include <stdbool.h>
#include <stddef.h>

/* file:///tmp/a%20b -> /tmp/a b.  False if the URI names no file of this machine, or if the path does not fit. */
bool uri_to_path(const char *uri, char *path, size_t size);

#endif
