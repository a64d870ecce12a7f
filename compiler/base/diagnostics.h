/*
 * Diagnostics: what the compiler has to tell about a program, collected while the phases run and printed at the end,
 * in the order of the source, so that the same input always gives the same text.
 *
 * The codes and severities are listed in diagnostics.def.  Messages are formatted when they are reported and kept
 * in the session arena.  At most one error is kept for one place (same start and same code).
 */
#ifndef POLEC_BASE_DIAGNOSTICS_H
#define POLEC_BASE_DIAGNOSTICS_H

#include "base/source.h"

typedef enum {
#define DIAGNOSTIC(code, text) code,
#include "base/diagnostics.def"
#undef DIAGNOSTIC
    N_DIAGNOSTIC_CODES
} DiagnosticCode;

typedef struct DiagnosticLabel {
    struct DiagnosticLabel *next;
    SourceSpan span;
    const char *text;
} DiagnosticLabel;

typedef struct Diagnostic {
    struct Diagnostic *next;
    DiagnosticCode code;
    SourceSpan span;             /* where; an empty span is widened to the token or character at its start */
    const char *message;
    const char *caret_text;      /* behind the caret run, or NULL: "did you mean 'length'?" */
    DiagnosticLabel *labels;     /* further places */
    const char *note;            /* a line of its own below, or NULL */
    SourceSpan suggestion_span;  /* what to replace ... */
    const char *suggestion;      /* ... by what, or NULL */
} Diagnostic;

typedef struct {
    Arena *arena;                /* the session's */
    const SourceText *text;
    Diagnostic *first, *last;
    uint32_t n_errors, n_warnings;
} Diagnostics;

void diagnostics_open(Diagnostics *diagnostics, Arena *session_arena, const SourceText *text);

/* Reports; the format is printf's.  Never returns NULL; the result may be given labels and notes. */
Diagnostic *diagnose(Diagnostics *diagnostics, DiagnosticCode code, SourceSpan span, const char *format, ...)
    __attribute__((format(printf, 4, 5)));
void diagnostic_label(Diagnostics *diagnostics, Diagnostic *diagnostic, SourceSpan span, const char *format, ...)
    __attribute__((format(printf, 4, 5)));
void diagnostic_caret_text(Diagnostics *diagnostics, Diagnostic *diagnostic, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
void diagnostic_note(Diagnostics *diagnostics, Diagnostic *diagnostic, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
void diagnostic_suggest(Diagnostics *diagnostics, Diagnostic *diagnostic, SourceSpan span, const char *format, ...)
    __attribute__((format(printf, 4, 5)));

/* The span of the token that starts at `pos`: identifiers, numbers, strings, operators; one character otherwise. */
SourceSpan span_of_token(const SourceText *text, SourcePos pos);

bool diagnostic_is_error(DiagnosticCode code);
const char *diagnostic_code_name(DiagnosticCode code);  /* "E204" */

/* A point of the list to come back to.  The list must be rewound together with the arena that it lies in. */
typedef struct { Diagnostic *last; uint32_t n_errors, n_warnings; } DiagnosticsMark;
DiagnosticsMark diagnostics_mark(const Diagnostics *diagnostics);
void diagnostics_rewind(Diagnostics *diagnostics, const DiagnosticsMark *mark);

/* Appends those of another list, so that sorting leaves that one alone.  Their texts are shared, not copied. */
void diagnostics_append(Diagnostics *diagnostics, const Diagnostics *others);

/* Sorts by place (stable) and drops what follows the `max_errors`-th error (0: no limit; warnings stay). */
void diagnostics_sort(Diagnostics *diagnostics, uint32_t max_errors);

#endif
