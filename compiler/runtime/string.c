/*
 * Strings: immutable bytes with their length in front and a 0 behind, so that one pointer serves both the program and C.
 */
#define _GNU_SOURCE /* memmem, fwrite_unlocked */

#include "runtime/internal.h"

#include <stdio.h>
#include <string.h>

static const struct { int64_t length; char bytes[8]; } empty_string;

static inline int64_t string_length(PoleString text)
{
    int64_t length;
    memcpy(&length, text - sizeof length, sizeof length);
    return length;
}

/* The lock is taken once, so that the line of one thread is not torn apart by another's. */
void pole_print(PoleString text)
{
    flockfile(stdout);
    fwrite_unlocked(text, 1, (size_t)string_length(text), stdout);
    putc_unlocked('\n', stdout);
    funlockfile(stdout);
}

bool pole_string_contains(PoleString text, PoleString needle)
{
    return memmem(text, (size_t)string_length(text), needle, (size_t)string_length(needle)) != NULL;
}

int64_t pole_string_compare(PoleString a, PoleString b)
{
    int64_t a_length = string_length(a), b_length = string_length(b);
    int order = memcmp(a, b, (size_t)(a_length < b_length ? a_length : b_length));
    return order ? order : (a_length > b_length) - (a_length < b_length);
}

bool pole_string_equal(PoleString a, PoleString b)
{
    int64_t length = string_length(a);
    return a == b || (length == string_length(b) && memcmp(a, b, (size_t)length) == 0);
}

PoleString pole_string_from_c(const char *text)
{
    if (!text || !text[0]) return empty_string.bytes;
    int64_t length = (int64_t)strlen(text);
    char *block = pole_allocate_plain((int64_t)sizeof length + length + 1);
    memcpy(block, &length, sizeof length);
    memcpy(block + sizeof length, text, (size_t)length + 1);
    return block + sizeof length;
}
