/*
 * The text form of diagnostics:
 *
 *     PATH:LINE:COLUMN: error[E204]: undefined name 'lenght'
 *       4 |   let n = lenght(xs) in
 *         |           ^^^^^^ did you mean 'length'?
 *       2 | let length = 1 in
 *         |     ------ a further label
 *       = note: and a note
 *
 * Everything goes through one small buffer on the stack, so that standard error, which has none, is not written a byte
 * at a time.  Text that came from the program or the command line is escaped character by character: whatever a
 * source contains, a message cannot move the cursor or hide what it says.  Since an escape is wider than the character
 * it shows, carets are placed by counting the columns of what is shown, which is one for every ordinary character.
 *
 * A long line is cut to a window around the caret.  The window is found by walking from the caret outwards, so that a
 * line of a hundred megabytes costs no more than one of a hundred characters.
 */
#include "base/diagnostics_print.h"

#include <assert.h>
#include <string.h>

#include "base/utf8.h"

enum { MAX_COLUMNS = 200, DOTS = 3, MAX_BEHIND_CARET = 120 };

typedef struct {
    FILE *stream;
    const SourceText *text;
    bool color;
    int gutter;          /* columns of the widest line number */
    size_t used;
    char buffer[2048];
} Output;

/* ---- Writing ---- */

static void flush(Output *out)
{
    fwrite(out->buffer, 1, out->used, out->stream);
    out->used = 0;
}

static void put_bytes(Output *out, const char *bytes, size_t length)
{
    assert(length <= sizeof out->buffer);
    if (length > sizeof out->buffer - out->used)
        flush(out);
    memcpy(out->buffer + out->used, bytes, length);
    out->used += length;
}

static void put(Output *out, const char *text)
{
    put_bytes(out, text, strlen(text));
}

static void put_repeated(Output *out, char c, uint32_t n)
{
    for (; n > 0; n--)
        put_bytes(out, &c, 1);
}

static void put_number(Output *out, uint32_t number)
{
    char digits[16];
    put_bytes(out, digits, (size_t)snprintf(digits, sizeof digits, "%u", (unsigned)number));
}

/* The control sequence of a colour, if colours are on; "" ends it. */
static void put_color(Output *out, const char *sequence)
{
    if (!out->color)
        return;
    put(out, "\x1b[");
    put(out, sequence);
    put(out, "m");
}

static const char bold[] = "1", red[] = "1;31", magenta[] = "1;35", blue[] = "1;34", cyan[] = "1;36", plain[] = "";

static void put_escaped(Output *out, const char *text)
{
    char shown[UTF8_SHOWN_SIZE];
    for (size_t n, left = strlen(text); left > 0; text += n, left -= n) {
        n = utf8_show_first(text, left, shown);
        put(out, shown);
    }
}

/* ---- One line of source, and what points into it ---- */

/* The columns that one character takes, and what stands there; a tab is shown as a space. */
static uint32_t show(const char *bytes, size_t length, uint32_t *n_bytes, char shown[UTF8_SHOWN_SIZE])
{
    Utf8Character character = utf8_read(bytes, length);
    *n_bytes = character.length;
    if (*bytes == '\t') {
        memcpy(shown, " ", 2);
        return 1;
    }
    return utf8_show(character, bytes, shown);
}

/* Positions in the source text. */
typedef struct {
    uint32_t line_start, line_end;
    uint32_t start, end;  /* the part that is shown */
} Window;

/* The last position from which at most `columns` columns lead to `at`, not before `start`. */
static uint32_t walk_back(const SourceText *text, uint32_t at, uint32_t start, uint32_t columns)
{
    const char *bytes = text->text->items;
    char shown[UTF8_SHOWN_SIZE];
    while (at > start) {
        uint32_t previous = at - 1, n;
        while (previous > start && at - previous < 4 && ((unsigned char)bytes[previous] & 0xC0) == 0x80)
            previous--;
        uint32_t width = show(bytes + previous, at - previous, &n, shown);
        if (previous + n != at) { /* not well-formed: take one byte */
            previous = at - 1;
            width = show(bytes + previous, 1, &n, shown);
        }
        if (width > columns)
            break;
        columns -= width;
        at = previous;
    }
    return at;
}

/* How far up to `columns` columns lead from `at`, not behind `end`.  `*used`: the columns up to there. */
static uint32_t walk_on(const SourceText *text, uint32_t at, uint32_t end, uint32_t columns, uint32_t *used)
{
    const char *bytes = text->text->items;
    char shown[UTF8_SHOWN_SIZE];
    *used = 0;
    while (at < end) {
        uint32_t n, width = show(bytes + at, end - at, &n, shown);
        if (width > columns - *used)
            break;
        *used += width;
        at += n;
    }
    return at;
}

/* What to show of a line so that `caret` is in it. */
static Window window_around(const SourceText *text, const SourcePlace *place, uint32_t caret)
{
    Window window = {.line_start = place->line_start.at, .line_end = place->line_start.at + place->line_length};
    if (caret > window.line_end)
        caret = window.line_end;
    uint32_t columns;
    window.start = window.line_start;
    window.end = walk_on(text, window.start, window.line_end, MAX_COLUMNS, &columns);
    if (window.end == window.line_end)
        return window;

    /* Room is kept for dots on both sides.  What the text behind the caret does not need goes to the text before it. */
    uint32_t room = MAX_COLUMNS - 2 * DOTS, behind, before;
    walk_on(text, caret, window.line_end, MAX_BEHIND_CARET, &behind);
    window.start = walk_back(text, caret, window.line_start, room - behind);
    walk_on(text, window.start, caret, room, &before);
    window.end = walk_on(text, caret, window.line_end, room - before, &behind);
    return window;
}

static void put_gutter(Output *out, uint32_t line)
{
    char gutter[24];
    if (line == 0)
        snprintf(gutter, sizeof gutter, "  %*s |", out->gutter, "");
    else
        snprintf(gutter, sizeof gutter, "  %*u |", out->gutter, (unsigned)line);
    put_color(out, blue);
    put(out, gutter);
    put_color(out, plain);
}

static void put_source_line(Output *out, const Window *window, uint32_t line)
{
    const char *bytes = out->text->text->items;
    char shown[UTF8_SHOWN_SIZE];
    put_gutter(out, line);
    if (window->end > window->start)
        put(out, " ");
    if (window->start > window->line_start)
        put_repeated(out, '.', DOTS);
    for (uint32_t at = window->start, n; at < window->end; at += n) {
        show(bytes + at, window->end - at, &n, shown);
        put(out, shown);
    }
    if (window->end < window->line_end)
        put_repeated(out, '.', DOTS);
    put(out, "\n");
}

/* A run of `mark` below the span, at least one. */
static void put_marks(Output *out, const Window *window, SourceSpan span, char mark, const char *color,
                      const char *label)
{
    uint32_t start = span.start.at < window->end ? span.start.at : window->end;
    uint32_t end = span.end.at < window->end ? span.end.at : window->end;
    uint32_t before, width = 0;
    walk_on(out->text, window->start, start, UINT32_MAX, &before);
    if (end > start)
        walk_on(out->text, start, end, UINT32_MAX, &width);

    put_gutter(out, 0);
    put_repeated(out, ' ', 1 + before + (window->start > window->line_start ? DOTS : 0));
    put_color(out, color);
    put_repeated(out, mark, width == 0 ? 1 : width);
    if (label != NULL && *label != 0) {
        put(out, " ");
        put_escaped(out, label);
    }
    put_color(out, plain);
    put(out, "\n");
}

/* ---- One diagnostic ---- */

static int n_digits(uint32_t number)
{
    int n = 1;
    for (; number >= 10; number /= 10)
        n++;
    return n;
}

/* All line numbers of one diagnostic stand in one column. */
static int gutter_width(const SourceText *text, const Diagnostic *diagnostic)
{
    int width = n_digits(source_place(text, diagnostic->span.start).line);
    for (const DiagnosticLabel *label = diagnostic->labels; label != NULL; label = label->next) {
        int n = n_digits(source_place(text, label->span.start).line);
        width = n > width ? n : width;
    }
    return width;
}

static void put_place(Output *out, const SourcePlace *place)
{
    put_escaped(out, place->file->path);
    put(out, ":");
    put_number(out, place->line);
    put(out, ":");
    put_number(out, place->column);
}

static void put_headline(Output *out, const SourcePlace *place, const Diagnostic *diagnostic)
{
    bool is_error = diagnostic_is_error(diagnostic->code);
    put_color(out, bold);
    if (place->file != NULL)
        put_place(out, place);
    else if (out->text->files->count > 0)
        put_escaped(out, source_file(out->text, (FileId){0})->path);
    else
        put(out, "polec");
    put(out, ": ");
    put_color(out, is_error ? red : magenta);
    put(out, is_error ? "error[" : "warning[");
    put(out, diagnostic_code_name(diagnostic->code));
    put(out, "]");
    put_color(out, plain);
    put_color(out, bold);
    put(out, ": ");
    put_escaped(out, diagnostic->message);
    put_color(out, plain);
    put(out, "\n");
}

/* A further place, with its source line unless that is the one just shown. */
static void put_label(Output *out, const DiagnosticLabel *label, SourcePlace *shown_place, Window *window)
{
    SourcePlace place = source_place(out->text, label->span.start);
    if (place.file == NULL)
        return;
    bool same_line = place.file == shown_place->file && place.line == shown_place->line;
    if (!same_line || label->span.start.at < window->start || label->span.start.at > window->end) {
        if (place.file != shown_place->file) {
            put(out, "  --> ");
            put_place(out, &place);
            put(out, "\n");
        }
        *window = window_around(out->text, &place, label->span.start.at);
        *shown_place = place;
        put_source_line(out, window, place.line);
    }
    put_marks(out, window, label->span, '-', blue, label->text);
}

static void put_remark(Output *out, const char *word, const char *text)
{
    put_color(out, blue);
    put(out, "  = ");
    put_color(out, cyan);
    put(out, word);
    put_color(out, plain);
    put(out, ": ");
    put_escaped(out, text);
    put(out, "\n");
}

static void put_suggestion(Output *out, const Diagnostic *diagnostic)
{
    char text[256];
    SourceSpan span = diagnostic->suggestion_span;
    size_t length = span.end.at > span.start.at ? span.end.at - span.start.at : 0;
    if (length > 0 && length <= 60 && *diagnostic->suggestion == 0)
        snprintf(text, sizeof text, "leave out '%.*s'", (int)length, source_at(out->text, span.start));
    else if (length > 0 && length <= 60)
        snprintf(text, sizeof text, "write '%.120s' instead of '%.*s'", diagnostic->suggestion, (int)length,
                 source_at(out->text, span.start));
    else
        snprintf(text, sizeof text, "write '%.120s'", diagnostic->suggestion);
    put_remark(out, "help", text);
}

void diagnostic_print(FILE *stream, const SourceText *text, const Diagnostic *diagnostic, bool color)
{
    Output out = {.stream = stream, .text = text, .color = color, .gutter = gutter_width(text, diagnostic)};
    SourcePlace place = source_place(text, diagnostic->span.start);
    put_headline(&out, &place, diagnostic);
    Window window = {0};
    if (place.file != NULL) {
        window = window_around(text, &place, diagnostic->span.start.at);
        put_source_line(&out, &window, place.line);
        put_marks(&out, &window, diagnostic->span, '^', diagnostic_is_error(diagnostic->code) ? red : magenta,
                  diagnostic->caret_text);
    }
    for (const DiagnosticLabel *label = diagnostic->labels; label != NULL; label = label->next)
        put_label(&out, label, &place, &window);
    if (diagnostic->note != NULL)
        put_remark(&out, "note", diagnostic->note);
    if (diagnostic->suggestion != NULL && diagnostic->caret_text == NULL) /* else that says it already */
        put_suggestion(&out, diagnostic);
    flush(&out);
}

void diagnostics_print(FILE *stream, const Diagnostics *diagnostics, bool color)
{
    for (const Diagnostic *diagnostic = diagnostics->first; diagnostic != NULL; diagnostic = diagnostic->next)
        diagnostic_print(stream, diagnostics->text, diagnostic, color);
}
