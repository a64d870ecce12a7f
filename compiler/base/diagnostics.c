/*
 * Collecting diagnostics.
 *
 * A phase reports as it goes, in whatever order it works; the list is sorted once, at the end, by the place in the
 * source.  The sort merges runs of a linked list from the bottom up: stable, no memory of its own, no recursion, and
 * n log n even when an input has a million errors.
 *
 * Messages are formatted at once, because what they name (a token, a type on a scratch arena) may be gone when they are
 * printed.  One message is at most 1 KiB: an identifier of a megabyte belongs into no message.
 */
#include "base/diagnostics.h"

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

enum { MAX_MESSAGE = 1024 };

static const char code_names[][5] = {
#define DIAGNOSTIC(code, text) #code,
#include "base/diagnostics.def"
#undef DIAGNOSTIC
};
static_assert(N_DIAGNOSTIC_CODES <= 64, "the set of codes at one place is kept in 64 bits");

bool diagnostic_is_error(DiagnosticCode code)
{
    return code_names[code][0] == 'E';
}

const char *diagnostic_code_name(DiagnosticCode code)
{
    return code_names[code];
}

/* ---- Reporting ---- */

void diagnostics_open(Diagnostics *diagnostics, Arena *session_arena, const SourceText *text)
{
    *diagnostics = (Diagnostics){.arena = session_arena, .text = text};
}

/* Formats into the arena.  What is too long ends in three dots, cut between two characters. */
static const char *format_text(Arena *arena, const char *format, va_list arguments)
{
    char buffer[MAX_MESSAGE];
    int wanted = vsnprintf(buffer, sizeof buffer, format, arguments);
    if (wanted < 0)
        return format;
    size_t length = (size_t)wanted;
    if (length >= sizeof buffer) {
        length = sizeof buffer - 4;
        while (length > 0 && ((unsigned char)buffer[length] & 0xC0) == 0x80)
            length--;
        memcpy(buffer + length, "...", 4);
        length += 3;
    }
    arena_kind(arena, "message");
    return arena_copy(arena, buffer, length + 1);
}

static SourceSpan widened(const Diagnostics *diagnostics, SourceSpan span)
{
    if (span.start.at == 0 || span.end.at > span.start.at)
        return span;
    return span_of_token(diagnostics->text, span.start);
}

static void append(Diagnostics *diagnostics, Diagnostic *diagnostic)
{
    if (diagnostics->last == NULL)
        diagnostics->first = diagnostic;
    else
        diagnostics->last->next = diagnostic;
    diagnostics->last = diagnostic;
    if (diagnostic_is_error(diagnostic->code))
        diagnostics->n_errors++;
    else
        diagnostics->n_warnings++;
}

Diagnostic *diagnose(Diagnostics *diagnostics, DiagnosticCode code, SourceSpan span, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    const char *message = format_text(diagnostics->arena, format, arguments);
    va_end(arguments);

    arena_kind(diagnostics->arena, "diagnostic");
    Diagnostic *diagnostic = arena_new(diagnostics->arena, Diagnostic);
    diagnostic->code = code;
    diagnostic->span = widened(diagnostics, span);
    diagnostic->message = message;
    append(diagnostics, diagnostic);
    return diagnostic;
}

void diagnostic_label(Diagnostics *diagnostics, Diagnostic *diagnostic, SourceSpan span, const char *format, ...)
{
    arena_kind(diagnostics->arena, "label");
    DiagnosticLabel *label = arena_new(diagnostics->arena, DiagnosticLabel);
    va_list arguments;
    va_start(arguments, format);
    label->text = format_text(diagnostics->arena, format, arguments);
    va_end(arguments);
    label->span = widened(diagnostics, span);

    DiagnosticLabel **link = &diagnostic->labels;
    while (*link != NULL)
        link = &(*link)->next;
    *link = label;
}

void diagnostic_caret_text(Diagnostics *diagnostics, Diagnostic *diagnostic, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    diagnostic->caret_text = format_text(diagnostics->arena, format, arguments);
    va_end(arguments);
}

void diagnostic_note(Diagnostics *diagnostics, Diagnostic *diagnostic, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    diagnostic->note = format_text(diagnostics->arena, format, arguments);
    va_end(arguments);
}

void diagnostic_suggest(Diagnostics *diagnostics, Diagnostic *diagnostic, SourceSpan span, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    diagnostic->suggestion = format_text(diagnostics->arena, format, arguments);
    va_end(arguments);
    diagnostic->suggestion_span = span;
}

/* ---- Marks and joining ---- */

DiagnosticsMark diagnostics_mark(const Diagnostics *diagnostics)
{
    return (DiagnosticsMark){diagnostics->last, diagnostics->n_errors, diagnostics->n_warnings};
}

void diagnostics_rewind(Diagnostics *diagnostics, const DiagnosticsMark *mark)
{
    diagnostics->last = mark->last;
    if (mark->last == NULL)
        diagnostics->first = NULL;
    else
        mark->last->next = NULL;
    diagnostics->n_errors = mark->n_errors;
    diagnostics->n_warnings = mark->n_warnings;
}

void diagnostics_append(Diagnostics *diagnostics, const Diagnostics *others)
{
    for (const Diagnostic *d = others->first; d != NULL; d = d->next) {
        Diagnostic *copy = arena_copy(diagnostics->arena, d, sizeof *d);
        copy->next = NULL;
        append(diagnostics, copy);
    }
}

/* ---- Sorting ---- */

/* Takes up to `n` diagnostics off the front of `*rest`. */
static Diagnostic *take_run(Diagnostic **rest, size_t n)
{
    Diagnostic *run = *rest, *last = run;
    while (last != NULL && --n > 0)
        last = last->next;
    if (last == NULL) {
        *rest = NULL;
    } else {
        *rest = last->next;
        last->next = NULL;
    }
    return run;
}

/* Merges two sorted runs onto the end of a list and returns the list's new end.  Of equals, `a`'s comes first. */
static Diagnostic **merge_runs(Diagnostic **end, Diagnostic *a, Diagnostic *b)
{
    while (a != NULL || b != NULL) {
        Diagnostic **smaller = b == NULL || (a != NULL && a->span.start.at <= b->span.start.at) ? &a : &b;
        *end = *smaller;
        end = &(*end)->next;
        *smaller = *end;
    }
    *end = NULL;
    return end;
}

static Diagnostic *sort_by_place(Diagnostic *list)
{
    for (size_t run_length = 1;; run_length *= 2) {
        Diagnostic *sorted = NULL, **end = &sorted;
        size_t n_merges = 0;
        while (list != NULL) {
            Diagnostic *a = take_run(&list, run_length);
            Diagnostic *b = take_run(&list, run_length);
            end = merge_runs(end, a, b);
            n_merges++;
        }
        list = sorted;
        if (n_merges <= 1)
            return list;
    }
}

enum { MAX_COMPARED = 100 };

/* Has the same been said at the same place?  `kept` are the messages there that stay; what is walked twice says all twice,
   so of very many it is enough to look at some. */
static bool said_before(const Diagnostic *kept, const Diagnostic *diagnostic)
{
    for (uint32_t i = 0; kept != diagnostic && i < MAX_COMPARED; kept = kept->next, i++)
        if (kept->code == diagnostic->code && strcmp(kept->message, diagnostic->message) == 0)
            return true;
    return false;
}

void diagnostics_sort(Diagnostics *diagnostics, uint32_t max_errors)
{
    Diagnostic *rest = sort_by_place(diagnostics->first);
    Diagnostic **end = &diagnostics->first;
    diagnostics->last = NULL;
    diagnostics->n_errors = diagnostics->n_warnings = 0;

    Diagnostic **here = end;    /* the first that was kept at the present place */
    uint32_t place = 0;
    for (; rest != NULL; rest = rest->next) {
        *end = rest;
        if (rest->span.start.at != place) {
            place = rest->span.start.at;
            here = end;
        }
        bool is_error = diagnostic_is_error(rest->code);
        if (place != 0 && said_before(*here, rest))
            continue;
        if (is_error && max_errors != 0 && diagnostics->n_errors == max_errors)
            continue;
        diagnostics->n_errors += is_error;
        diagnostics->n_warnings += !is_error;
        *end = diagnostics->last = rest;
        end = &rest->next;
    }
    *end = NULL;
}

/* ---- The extent of a token ---- */

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static bool is_identifier_character(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || is_digit(c);
}

static size_t number_length(const char *text)
{
    size_t n = 0;
    while (is_digit(text[n]))
        n++;
    if (text[n] != '.' || !is_digit(text[n + 1]))
        return n;
    n++;
    while (is_digit(text[n]))
        n++;
    size_t exponent = n;
    if (text[exponent] == 'e' || text[exponent] == 'E')
        exponent += text[exponent + 1] == '+' || text[exponent + 1] == '-' ? 2 : 1;
    if (exponent == n || !is_digit(text[exponent]))
        return n;
    while (is_digit(text[exponent]))
        exponent++;
    return exponent;
}

/* Up to and with the closing quote, or up to the end of the line. */
static size_t string_length(const char *text, size_t available)
{
    size_t n = 1;
    while (n < available && text[n] != '\n' && text[n] != '\r') {
        if (text[n] == '"')
            return n + 1;
        n += text[n] == '\\' && n + 1 < available && text[n + 1] != '\n' && text[n + 1] != '\r' ? 2 : 1;
    }
    return n;
}

static size_t operator_length(const char *text)
{
    static const char *const operators[] = { /* longer ones first */
        "->State", "->Error", "->IO", "==>", "...", "=>", "->", "==", "!=", "<=", ">=", "&&", "||", "//", "/*",
    };
    for (size_t i = 0; i < sizeof operators / sizeof *operators; i++) {
        size_t n = strlen(operators[i]);
        if (strncmp(text, operators[i], n) == 0 && (n <= 3 || !is_identifier_character(text[n])))
            return n;
    }
    return 0;
}

SourceSpan span_of_token(const SourceText *text, SourcePos pos)
{
    const SourceFile *file = source_file_of(text, pos);
    if (file == NULL || pos.at >= file->start.at + file->length)
        return (SourceSpan){pos, pos};
    const char *bytes = source_at(text, pos);
    size_t available = file->start.at + file->length - pos.at, n = 0;
    if (is_digit(*bytes))
        n = number_length(bytes);
    else if (is_identifier_character(*bytes))
        while (is_identifier_character(bytes[n]))
            n++;
    else if (*bytes == '"')
        n = string_length(bytes, available);
    else
        n = operator_length(bytes);
    if (n == 0) {
        n = 1;
        while (n < available && ((unsigned char)bytes[n] & 0xC0) == 0x80)
            n++;
    }
    return (SourceSpan){pos, {pos.at + (uint32_t)n}};
}
