#include "complain.h"

#include <limits.h>
#include <stdio.h>

#include "base/utf8.h"

enum { ROOM = 2 * PATH_MAX + 256 }; /* for two paths, and what is said of them; longer ones are cut */

void complain_of_option(const char *spelling, const char *format, va_list arguments)
{
    char message[ROOM];
    vsnprintf(message, sizeof message, format, arguments);
    fputs("polec: error: ", stderr);
    if (spelling != NULL) {
        fputs("option '", stderr);
        utf8_put(stderr, spelling);
        fputs("': ", stderr);
    }
    utf8_put(stderr, message);
    fputc('\n', stderr);
}

void complain(const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    complain_of_option(NULL, format, arguments);
    va_end(arguments);
}
