/* Messages about the command line and about files, where no compilation can say them. */
#ifndef POLEC_COMPLAIN_H
#define POLEC_COMPLAIN_H

#include <stdarg.h>

/* "polec: error: MESSAGE" on standard error.  What steers a terminal, in a path say, is shown escaped. */
void complain(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* The same with "option 'OPTION': " in front, unless that is NULL. */
void vcomplain(const char *option, const char *format, va_list arguments) __attribute__((format(printf, 2, 0)));

#endif
