#include "complain.h"

#include <limits.h>
#include <stdio.h>

#include "base/utf8.h"

enum { ROOM = 2 * PATH_MAX + 256 }; /* for two paths, and what is said of them; longer ones are cut */

void vcomplain(const char *option, const char *format, va_list arguments)
{
    char message[ROOM];
    vsnprintf(message, sizeof message, format, arguments);
    fputs("polec: error: ", stderr);
    if (option != NULL) {
        fputs("option '", stderr);
        utf8_put(stderr, option);
        fputs("': ", stderr);
    }
    utf8_put(stderr, message);
    fputc('\n', stderr);
}

void complain(const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    vcomplain(NULL, format, arguments);
    va_end(arguments);
}
