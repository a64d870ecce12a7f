/*
 * What a printf format asks for, so that W121 can compare it with the arguments of a call, their number and their
 * types, and fill in what is missing.
 */
#ifndef POLEC_IR_PRINTF_FORMAT_H
#define POLEC_IR_PRINTF_FORMAT_H

#include <stddef.h>
#include <stdint.h>

typedef enum {
    FORMAT_INTEGER, /* %d %x %c ..., and the * of a width or precision */
    FORMAT_DOUBLE,
    FORMAT_STRING,
    FORMAT_ADDRESS, /* %p */
    FORMAT_POINTER, /* what a call cannot give otherwise: %n, %ls */
    FORMAT_UNUSED,  /* nobody asks for it: the first argument of "%2$d" */
} FormatClass;

/*
 * Reads the text of a string literal, as it stands in the source between the quotes.  Returns how many arguments it
 * asks for and stores the classes of the first `capacity` of them.
 */
uint32_t printf_format_read(const char *text, size_t length, FormatClass *classes, uint32_t capacity);

#endif
