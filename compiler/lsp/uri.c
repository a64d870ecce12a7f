#include "lsp/uri.h"

#include <string.h>
#include <strings.h>

static int hexadecimal(char c)
{
    return c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

/* What stands behind the scheme and the host, which must be this one. */
static const char *local_part(const char *uri)
{
    if (strncasecmp(uri, "file:", 5) != 0)
        return NULL;
    uri += 5;
    if (strncmp(uri, "//", 2) == 0) {
        uri += 2;
        uri += strncasecmp(uri, "localhost/", 10) == 0 ? 9 : 0;
    }
    return *uri == '/' ? uri : NULL;
}

bool uri_to_path(const char *uri, char *path, size_t size)
{
    const char *from = local_part(uri);
    size_t n = 0;
    if (from == NULL)
        return false;
    for (; *from != '\0' && *from != '?' && *from != '#'; from++) {
        char c = *from;
        if (c == '%') {
            int high = hexadecimal(from[1]), low = high < 0 ? -1 : hexadecimal(from[2]);
            if (low < 0 || high * 16 + low == 0)
                return false;
            c = (char)(high * 16 + low);
            from += 2;
        }
        if (n + 1 == size)
            return false;
        path[n++] = c;
    }
    path[n] = '\0';
    return true;
}
