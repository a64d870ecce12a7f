/*
 * What is told of programs on standard error, in the form that --diagnostics asks for: as text for people, as one JSON
 * object a line, or as one SARIF document for the whole run.
 *
 * Nothing here allocates, so running out of memory can be told, too.  Messages come in the order in which they are
 * wanted; whoever tells of several files on several threads takes turns.
 */
#ifndef POLEC_MESSAGES_H
#define POLEC_MESSAGES_H

#include <stdio.h>

#include "polec.h"
#include "session.h"

/* A diagnostic with its places worked out.  The texts belong to the session; the rest lies here. */
enum { MAX_TOLD_LABELS = 16 };
typedef struct {
    PolecDiagnostic told;
    PolecLabel labels[MAX_TOLD_LABELS]; /* those beyond are not told */
} DescribedDiagnostic;

/* `path`: what the file is called if the diagnostic came before the source was there. */
void diagnostic_describe(DescribedDiagnostic *result, const SourceText *text, const Diagnostic *diagnostic,
                         const char *path);

typedef struct {
    const Options *options;
    FILE *stream;
    bool is_open;      /* SARIF: the document has begun ... */
    bool any_result;   /* ... and has a result */
} Messages;

void messages_open(Messages *messages, const Options *options, FILE *stream);
void messages_diagnostic(Messages *messages, const Session *session, const Diagnostic *diagnostic, const char *path);

/* An error that is no matter of the program's text: an output that cannot be written, a linker that is missing. */
void messages_error(Messages *messages, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Ends the document: what follows on the stream is something else.  Errors told later are told as text. */
void messages_close(Messages *messages);

/* ---- The forms, each in a file of its own ---- */

void message_json(FILE *stream, const PolecDiagnostic *told);
void sarif_begin(FILE *stream);
void sarif_result(FILE *stream, const PolecDiagnostic *told, bool first);
void sarif_end(FILE *stream);

#endif
