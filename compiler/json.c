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

void json_write_string(FILE *stream, const char *text)
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

static bool stands_for_itself(unsigned char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || strchr("-._~/!$&'()*+,;=@", c) != NULL;
}

/* A colon in the first segment of a relative path would be taken for the end of a scheme, so colons are encoded as well. */
void json_write_uri(FILE *stream, const char *path)
{
    fputs(path[0] == '/' ? "\"file://" : "\"", stream);
    for (; *path != '\0'; path++) {
        unsigned char c = (unsigned char)*path;
        if (stands_for_itself(c))
            fputc(c, stream);
        else
            fprintf(stream, "%%%02X", c);
    }
    fputc('"', stream);
}
