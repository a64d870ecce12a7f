#include "messages.h"

#include <stdarg.h>
#include <string.h>
#include <unistd.h>

#include "base/diagnostics_print.h"
#include "base/utf8.h"

/* ---- Describing -------------------------------------------------------------------------------------------------- */

static PolecLabel describe_span(const SourceText *text, SourceSpan span, const char *label_text)
{
    SourcePlace start = source_place(text, span.start);
    SourcePlace end = source_place(text, span.end.at > span.start.at ? span.end : span.start);
    return (PolecLabel){
        .text = label_text, .file = start.file->path, .line = start.line, .column = start.column,
        .end_line = end.line, .end_column = end.column,
    };
}

void diagnostic_describe(DescribedDiagnostic *result, const SourceText *text, const Diagnostic *diagnostic,
                         const char *path)
{
    PolecDiagnostic *told = &result->told;
    *told = (PolecDiagnostic){
        .is_error = diagnostic_is_error(diagnostic->code), .code = diagnostic_code_name(diagnostic->code),
        .message = diagnostic->message, .hint = diagnostic->caret_text, .note = diagnostic->note,
        .suggestion = diagnostic->suggestion, .labels = result->labels,
    };
    PolecLabel place = {.file = path, .line = 1, .column = 1, .end_line = 1, .end_column = 1};
    if (diagnostic->span.start.at != 0)
        place = describe_span(text, diagnostic->span, NULL);
    told->file = place.file;
    told->line = place.line;
    told->column = place.column;
    told->end_line = place.end_line;
    told->end_column = place.end_column;
    for (const DiagnosticLabel *l = diagnostic->labels; l != NULL && told->n_labels < MAX_TOLD_LABELS; l = l->next)
        if (l->span.start.at != 0)
            result->labels[told->n_labels++] = describe_span(text, l->span, l->text);
    if (diagnostic->suggestion != NULL)
        told->replaced = describe_span(text, diagnostic->suggestion_span, NULL);
}

/* ---- Telling ----------------------------------------------------------------------------------------------------- */

void messages_open(Messages *messages, const Options *options, FILE *stream)
{
    *messages = (Messages){.options = options, .stream = stream};
    if (options->diagnostics == DIAGNOSTICS_SARIF) {
        messages->is_open = true;
        sarif_begin(stream);
    }
}

static void tell(Messages *messages, const PolecDiagnostic *told)
{
    if (messages->options->diagnostics == DIAGNOSTICS_JSON)
        message_json(messages->stream, told);
    else
        sarif_result(messages->stream, told, !messages->any_result);
    messages->any_result = true;
}

/* Before the source is there, its path is all that is known of it. */
static const SourceText *text_of(const Session *session)
{
    const SourceText *text = &session->text;
    return text->files != NULL && text->files->count > 0 ? text : NULL;
}

static void print_text(FILE *stream, const Session *session, const Diagnostic *diagnostic, const char *path, bool color)
{
    const SourceText *text = text_of(session);
    if (text != NULL) {
        diagnostic_print(stream, text, diagnostic, color);
        return;
    }
    fprintf(stream, "%s:1:1: error[%s]: %s\n", path, diagnostic_code_name(diagnostic->code), diagnostic->message);
    if (diagnostic->note != NULL)
        fprintf(stream, "  = note: %s\n", diagnostic->note);
}

void messages_diagnostic(Messages *messages, const Session *session, const Diagnostic *diagnostic, const char *path)
{
    path = strcmp(path, "-") == 0 ? "<stdin>" : path;
    if (messages->options->diagnostics == DIAGNOSTICS_TEXT) {
        print_text(messages->stream, session, diagnostic, path, options_want_color(messages->options, STDERR_FILENO));
        return;
    }
    const SourceText *text = text_of(session);
    DescribedDiagnostic described;
    diagnostic_describe(&described, text, diagnostic, text != NULL ? source_file(text, (FileId){0})->path : path);
    tell(messages, &described.told);
}

void messages_error(Messages *messages, const char *format, ...)
{
    char message[1024];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(message, sizeof message, format, arguments);
    va_end(arguments);
    DiagnosticsForm form = messages->options->diagnostics;
    if (form == DIAGNOSTICS_JSON || (form == DIAGNOSTICS_SARIF && messages->is_open))
        tell(messages, &(PolecDiagnostic){.is_error = true, .code = "", .message = message});
    else {
        fputs("polec: error: ", messages->stream);
        utf8_put(messages->stream, message);
        fputc('\n', messages->stream);
    }
}

void messages_close(Messages *messages)
{
    if (messages->is_open)
        sarif_end(messages->stream);
    messages->is_open = false;
}
