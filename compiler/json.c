/*
 * JSON strings.  Only what must be escaped is: quotes, backslashes and control characters.
 */
#include "json.h"

#include <string.h>

#include "base/source.h"

static void write_character(FILE *stream, unsigned char c)
{
    if (c == '"' || c == '\\')
        fprintf(stream, "\\%c", c);
    else if (c < 0x20 || c == 0x7F)
        fprintf(stream, "\\u%04x", c);
    else
        fputc(c, stream);
}

void json_string(FILE *stream, const char *text)
{
    size_t length = strlen(text);
    fputc('"', stream);
    while (length > 0) {
        size_t valid = utf8_valid_prefix(text, length);
        for (size_t i = 0; i < valid; i++)
            write_character(stream, (unsigned char)text[i]);
        text += valid;
        length -= valid;
        if (length > 0) {
            fputs("\\ufffd", stream);
            text++;
            length--;
        }
    }
    fputc('"', stream);
}
