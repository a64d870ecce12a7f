/*
 * Reading a printf format as glibc does:
 *
 *   conversion = "%" [ digits "$" ] { flag } [ width ] [ "." width ] { size } letter
 *   width      = digits | "*" [ digits "$" ]
 *
 * The text still has its escapes.  None of them stands for a character that means something behind a "%", so they need no
 * decoding: a backslash simply is no conversion, and printf prints such a "%" as it stands, without taking an argument.
 * Only `\0` counts: C's format ends there.
 */
#include "ir/printf_format.h"

#include <stdbool.h>
#include <string.h>

typedef struct {
    const char *at, *end;
    FormatClass *classes;
    uint32_t capacity;
    uint32_t n;      /* arguments asked for so far */
    uint32_t next;   /* which argument the next conversion without "N$" takes, counted from 0 */
} Reader;

enum { MOST_ARGUMENTS = 4096 }; /* glibc's NL_ARGMAX: a larger N in "%N$d" is nonsense */

static char peek(const Reader *reader)
{
    return reader->at < reader->end ? *reader->at : '\0';
}

static bool is_one_of(char c, const char *set)
{
    return c != '\0' && strchr(set, c) != NULL;
}

static void skip(Reader *reader, const char *set)
{
    while (is_one_of(peek(reader), set)) reader->at++;
}

static uint32_t number(Reader *reader)
{
    uint32_t value = 0;
    for (; is_one_of(peek(reader), "0123456789"); reader->at++)
        if (value <= MOST_ARGUMENTS) value = value * 10 + (uint32_t)(*reader->at - '0');
    return value;
}

/* "N$", the number of the argument to take, or 0 and nothing read. */
static uint32_t position(Reader *reader)
{
    const char *start = reader->at;
    uint32_t value = number(reader);
    if (value > 0 && value <= MOST_ARGUMENTS && peek(reader) == '$') {
        reader->at++;
        return value;
    }
    reader->at = start;
    return 0;
}

/* One more argument is asked for: the one at `position`, or the next. */
static void take(Reader *reader, uint32_t position, FormatClass class)
{
    uint32_t index = position ? position - 1 : reader->next++;
    for (; reader->n <= index; reader->n++)
        if (reader->n < reader->capacity) reader->classes[reader->n] = FORMAT_UNUSED; /* so far */
    if (index < reader->capacity) reader->classes[index] = class;
}

static void width(Reader *reader)
{
    if (peek(reader) != '*') {
        number(reader);
        return;
    }
    reader->at++;
    take(reader, position(reader), FORMAT_INTEGER);
}

/* Behind the "%". */
static void conversion(Reader *reader)
{
    uint32_t taken = position(reader);
    skip(reader, "-+ #0'I");
    width(reader);
    if (peek(reader) == '.') {
        reader->at++;
        width(reader);
    }
    const char *size = reader->at;
    skip(reader, "hlqLjzZt");
    bool is_long = reader->at > size && *size == 'l';
    char letter = peek(reader);
    if (is_one_of(letter, "diouxXcC"))
        take(reader, taken, FORMAT_INTEGER);
    else if (is_one_of(letter, "aAeEfFgG"))
        take(reader, taken, FORMAT_DOUBLE);
    else if (letter == 's')
        take(reader, taken, is_long ? FORMAT_POINTER : FORMAT_STRING);
    else if (letter == 'p')
        take(reader, taken, FORMAT_ADDRESS);
    else if (is_one_of(letter, "nS"))
        take(reader, taken, FORMAT_POINTER);
    else if (letter != '%' && letter != 'm')
        return; /* no conversion: the letter is read again as text */
    reader->at++;
}

uint32_t printf_format_read(const char *text, size_t length, FormatClass *classes, uint32_t capacity)
{
    Reader reader = {text, text + length, classes, capacity, 0, 0};
    while (reader.at < reader.end) {
        char c = *reader.at++;
        if (c == '%') {
            conversion(&reader);
        } else if (c == '\\' && reader.at < reader.end) {
            if (*reader.at++ == '0') break;
        }
    }
    return reader.n;
}
