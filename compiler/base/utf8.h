/* UTF-8, as far as a compiler needs it: reading one character, and showing it so that it cannot do harm. */
#ifndef POLEC_BASE_UTF8_H
#define POLEC_BASE_UTF8_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

/* The character at the start of `length` > 0 bytes.  A byte that begins no well-formed character stands alone, and
   `code_point` is then UTF8_INVALID. */
typedef struct {
    uint32_t code_point;
    uint32_t length;     /* bytes, from 1 to 4 */
} Utf8Character;
enum { UTF8_INVALID = 0x110000 }; /* one behind the last code point */
Utf8Character utf8_read(const char *text, size_t length);

enum { UTF8_SHOWN_SIZE = 16 };

/*
 * How a character is shown on one line of a terminal: itself, or an escape such as \n, \x1b or \u202e if it is a
 * control character, turns the direction of writing, or is no character at all.  Writes NUL-terminated text to `shown`
 * and returns how many columns it takes.
 */
uint32_t utf8_show(Utf8Character character, const char *bytes, char shown[UTF8_SHOWN_SIZE]);

/* The first character of a text that is not empty, so shown; returns how many of its `length` bytes it takes. */
size_t utf8_show_first(const char *text, size_t length, char shown[UTF8_SHOWN_SIZE]);

/* A whole text, so shown. */
void utf8_put(FILE *stream, const char *text);

#endif
