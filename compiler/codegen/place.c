/*
 * "FILE:LINE:COLUMN" of a source position, for messages of running programs.
 *
 * A program has about as many places as lines, so looking each up must not cost a walk over the text: line starts are
 * found by binary search.  Columns count code points, which on a line of a megabyte is again a long walk; a count of
 * continuation bytes at every 256th byte bounds it.  Both tables cost one pass over the file.
 */
#include "codegen/place.h"

#include "base/utf8.h"

#include <stdio.h>
#include <string.h>

enum { STRIDE = 256, LINE_AND_COLUMN = 24 };

void places_open(Places *places, const SourceText *text, Arena *arena)
{
    places->text = text;
    places->arena = arena;
    arena_kind(arena, "line table");
    places->files = arena_push_zero(arena, text->files->count * sizeof(FilePlaces) + 1);
}

/* LF, CRLF and CR all end a line: a line starts behind LF, and behind CR unless LF follows. */
static bool starts_line(const char *text, uint32_t at)
{
    return text[at - 1] == '\n' || (text[at - 1] == '\r' && text[at] != '\n');
}

static bool is_continuation(char byte)
{
    return ((unsigned char)byte & 0xC0) == 0x80;
}

static void make_tables(Places *places, FilePlaces *file, const char *text, uint32_t length)
{
    uint32_t n_lines = 1;
    for (uint32_t at = 1; at <= length; at++)
        n_lines += starts_line(text, at);
    arena_kind(places->arena, "line table");
    file->line_starts = arena_push(places->arena, n_lines * sizeof(uint32_t));
    file->continuations = arena_push(places->arena, (length / STRIDE + 2) * sizeof(uint32_t));
    file->line_starts[0] = 0;
    file->n_lines = 1;
    uint32_t continuations = 0;
    for (uint32_t at = 0; at <= length; at++) {
        if (at > 0 && starts_line(text, at))
            file->line_starts[file->n_lines++] = at;
        if (at % STRIDE == 0)
            file->continuations[at / STRIDE] = continuations;
        continuations += at < length && is_continuation(text[at]);
    }
    file->continuations[length / STRIDE + 1] = continuations;
}

static uint32_t continuations_before(const FilePlaces *file, const char *text, uint32_t at)
{
    uint32_t count = file->continuations[at / STRIDE];
    for (uint32_t i = at - at % STRIDE; i < at; i++)
        count += is_continuation(text[i]);
    return count;
}

/* Mostly there are none far and wide, which two looks at the table tell. */
static uint32_t continuations_between(const FilePlaces *file, const char *text, uint32_t start, uint32_t end)
{
    if (file->continuations[start / STRIDE] == file->continuations[end / STRIDE + 1])
        return 0;
    return continuations_before(file, text, end) - continuations_before(file, text, start);
}

static uint32_t line_of(const FilePlaces *file, uint32_t at)
{
    uint32_t low = 0, high = file->n_lines; /* the line is in low .. high - 1 */
    while (high - low > 1) {
        uint32_t middle = low + (high - low) / 2;
        if (file->line_starts[middle] <= at)
            low = middle;
        else
            high = middle;
    }
    return low;
}

/* Returns the length; writes if there is where to. */
static size_t shown_path(const char *path, char *to)
{
    char shown[UTF8_SHOWN_SIZE];
    size_t length = 0;
    for (size_t n, left = strlen(path); left > 0; path += n, left -= n) {
        n = utf8_show_first(path, left, shown);
        if (to != NULL)
            memcpy(to + length, shown, strlen(shown));
        length += strlen(shown);
    }
    return length;
}

static void show_path(Places *places, FilePlaces *file, const char *path)
{
    file->shown_length = (uint32_t)shown_path(path, NULL);
    char *shown = arena_push(places->arena, file->shown_length + 1);
    shown_path(path, shown);
    file->shown_path = shown;
}

static FilePlaces *places_of(Places *places, const SourceFile *source)
{
    FilePlaces *file = &places->files[source - (const SourceFile *)(const void *)places->text->files->items];
    if (file->line_starts == NULL) {
        make_tables(places, file, source_at(places->text, source->start), source->length);
        show_path(places, file, source->path);
    }
    return file;
}

bool place_find(Places *places, SourcePos pos, uint32_t *line, uint32_t *column)
{
    const SourceFile *source = source_file_of(places->text, pos);
    if (source == NULL)
        return false;
    const char *text = source_at(places->text, source->start);
    const FilePlaces *file = places_of(places, source);
    uint32_t at = pos.at - source->start.at;
    uint32_t index = line_of(file, at), line_start = file->line_starts[index];
    *line = index + 1;
    *column = at - line_start - continuations_between(file, text, line_start, at) + 1;
    return true;
}

const char *place_print(Places *places, Arena *arena, SourcePos pos, uint32_t *length)
{
    uint32_t line, column;
    if (!place_find(places, pos, &line, &column)) {
        *length = 1;
        return "?";
    }
    const FilePlaces *file = places_of(places, source_file_of(places->text, pos));
    char *result = arena_push(arena, file->shown_length + LINE_AND_COLUMN);
    memcpy(result, file->shown_path, file->shown_length);
    int behind = snprintf(result + file->shown_length, LINE_AND_COLUMN, ":%u:%u", line, column);
    *length = file->shown_length + (uint32_t)behind;
    return result;
}
