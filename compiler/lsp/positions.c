#include "lsp/positions.h"

#include <string.h>

#include "base/utf8.h"

static uint32_t units_of(Utf8Character character, PositionUnits units)
{
    if (units == UNITS_UTF_8)
        return character.length;
    return character.code_point > 0xFFFF && character.code_point != UTF8_INVALID ? 2 : 1;
}

/* ---- From the client --------------------------------------------------------------------------------------------- */

static const char *next_line(const char *at, const char *end)
{
    for (; at < end; at++) {
        if (*at == '\n')
            return at + 1;
        if (*at == '\r')
            return at + 1 < end && at[1] == '\n' ? at + 2 : at + 1;
    }
    return NULL;
}

bool position_read(const json_t *position, PositionUnits units, const char *bytes, size_t length, size_t *offset)
{
    const json_t *line = json_object_get(position, "line"), *character = json_object_get(position, "character");
    const char *at = bytes, *end = bytes + length;
    if (!json_is_integer(line) || !json_is_integer(character) || json_integer_value(line) < 0 ||
        json_integer_value(character) < 0)
        return false;
    for (json_int_t n = json_integer_value(line); n > 0 && at != NULL; n--)
        at = next_line(at, end);
    *offset = length;
    if (at == NULL)
        return true;
    for (json_int_t left = json_integer_value(character); left > 0 && at < end && *at != '\n' && *at != '\r';) {
        Utf8Character next = utf8_read(at, (size_t)(end - at));
        left -= units_of(next, units);
        if (left >= 0)
            at += next.length;
    }
    *offset = (size_t)(at - bytes);
    return true;
}

/* ---- To the client ----------------------------------------------------------------------------------------------- */

/* The text is the client's, and a byte order mark a character of it. */
static uint32_t units_of_mark(const SourceText *text, const SourceFile *file, PositionUnits units)
{
    bool has_mark = file->start.at > 3 && memcmp(source_at(text, file->start) - 3, "\xEF\xBB\xBF", 3) == 0;
    return !has_mark ? 0 : units == UNITS_UTF_8 ? 3 : 1;
}

void position_write(FILE *stream, const SourceText *text, SourcePos pos, PositionUnits units)
{
    SourcePlace place = source_place(text, pos);
    uint32_t line = 0, character = 0;
    if (place.file != NULL) {
        line = place.line - 1;
        character = line == 0 ? units_of_mark(text, place.file, units) : 0;
        uint32_t end = place.file->start.at + place.file->length;
        if (pos.at < end)
            end = pos.at;
        for (uint32_t at = place.line_start.at; at < end;) {
            Utf8Character next = utf8_read(source_at(text, (SourcePos){at}), end - at);
            character += units_of(next, units);
            at += next.length;
        }
    }
    fprintf(stream, "{\"line\": %u, \"character\": %u}", line, character);
}

void range_write(FILE *stream, const SourceText *text, SourceSpan span, PositionUnits units)
{
    SourcePos end = span.end.at > span.start.at ? span.end : span.start;
    fputs("{\"start\": ", stream);
    position_write(stream, text, span.start, units);
    fputs(", \"end\": ", stream);
    position_write(stream, text, end, units);
    fputc('}', stream);
}
