/*
 * Diagnostics, and the quick fixes that come from their suggestions.
 *
 * What is wrong in an imported file is told in that file when it is open.  In the importing one there is one diagnostic
 * for it, at the import that leads there, with the place as related information.
 */
#include <string.h>

#include "exhausted.h"
#include "json.h"
#include "lsp/server.h"

/* ---- Places ------------------------------------------------------------------------------------------------------ */

static const SourceText *text_of(const Recheck *r)
{
    return &r->session.text;
}

static bool is_in_document(const SourceText *text, SourcePos pos)
{
    return pos.at == 0 || source_file_of(text, pos) == source_file(text, (FileId){0});
}

/* The import of the document, from the path on, by which the file of `pos` was reached.  Each file was discovered by an
   import in a file that had been discovered before. */
static SourceSpan import_of(const SourceText *text, SourcePos pos)
{
    const SourceImport *imports = (const SourceImport *)(const void *)text->imports->items;
    while (!is_in_document(text, pos)) {
        const SourceFile *file = source_file_of(text, pos);
        size_t i = 0;
        while (i < text->imports->count && source_file(text, imports[i].file) != file)
            i++;
        if (i == text->imports->count || imports[i].path.at >= pos.at)
            return (SourceSpan){{0}, {0}};
        pos = imports[i].path;
    }
    return span_of_token(text, pos);
}

void write_uri_of(const Server *s, FILE *out, const SourceText *text, SourcePos pos)
{
    const char *path = source_file_of(text, pos)->opened_path;
    const Document *document = document_of_path(&s->documents, path);
    if (document != NULL)
        json_write_string(out, document->uri);
    else
        json_write_uri(out, path);
}

/* ---- Diagnostics ------------------------------------------------------------------------------------------------- */

static void write_message(FILE *out, const Diagnostic *diagnostic, const SourceText *text)
{
    char message[4096];
    size_t n = 0;
    const char *parts[] = {diagnostic->message, diagnostic->caret_text, diagnostic->note};
    message[0] = '\0';
    if (!is_in_document(text, diagnostic->span.start))
        n = (size_t)snprintf(message, sizeof message, "in an imported file: ");
    for (size_t i = 0; i < 3; i++)
        if (parts[i] != NULL && n < sizeof message)
            n += (size_t)snprintf(message + n, sizeof message - n, "%s%s", i > 0 ? "\n" : "", parts[i]);
    json_write_string(out, message);
}

static void write_related(Server *s, FILE *out, const SourceText *text, SourceSpan span, const char *message, bool first)
{
    fputs(first ? "{\"location\": {\"uri\": " : ", {\"location\": {\"uri\": ", out);
    write_uri_of(s, out, text, span.start);
    fputs(", \"range\": ", out);
    range_write(out, text, span, s->units);
    fputs("}, \"message\": ", out);
    json_write_string(out, message);
    fputc('}', out);
}

static void write_all_related(Server *s, FILE *out, const SourceText *text, const Diagnostic *diagnostic)
{
    bool first = true;
    fputs(", \"relatedInformation\": [", out);
    if (!is_in_document(text, diagnostic->span.start)) {
        write_related(s, out, text, diagnostic->span, diagnostic->message, true);
        first = false;
    }
    for (const DiagnosticLabel *label = diagnostic->labels; label != NULL; label = label->next) {
        if (label->span.start.at == 0)
            continue;
        write_related(s, out, text, label->span, label->text, first);
        first = false;
    }
    fputc(']', out);
}

static void write_diagnostic(Server *s, FILE *out, const SourceText *text, const Diagnostic *diagnostic)
{
    bool here = is_in_document(text, diagnostic->span.start);
    fputs("{\"range\": ", out);
    range_write(out, text, here ? diagnostic->span : import_of(text, diagnostic->span.start), s->units);
    fprintf(out, ", \"severity\": %d, \"code\": \"%s\", \"source\": \"polec\", \"message\": ",
            diagnostic_is_error(diagnostic->code) ? 1 : 2, diagnostic_code_name(diagnostic->code));
    write_message(out, diagnostic, text);
    if (s->related_information && (diagnostic->labels != NULL || !here))
        write_all_related(s, out, text, diagnostic);
    if (diagnostic->suggestion != NULL && here) {
        fputs(", \"data\": {\"range\": ", out);
        range_write(out, text, diagnostic->suggestion_span, s->units);
        fputs(", \"newText\": ", out);
        json_write_string(out, diagnostic->suggestion);
        fputc('}', out);
    }
    fputc('}', out);
}

/* True of those that are told in the document.  Warnings about imported files are not its matter. */
static bool is_told(const Options *options, const SourceText *text, const Diagnostic *diagnostic)
{
    bool is_error = diagnostic_is_error(diagnostic->code);
    return is_error || (!options->quiet && is_in_document(text, diagnostic->span.start));
}

static void write_diagnostics(Server *s, FILE *out, const Recheck *r)
{
    bool first = true;
    if (r->exhausted) {
        ExhaustedDiagnostic exhausted;
        exhausted_describe(&exhausted, &r->session, &s->options);
        write_diagnostic(s, out, text_of(r), &exhausted.diagnostic);
        return;
    }
    for (const Diagnostic *diagnostic = r->diagnostics.first; diagnostic != NULL; diagnostic = diagnostic->next) {
        if (!is_told(&s->options, text_of(r), diagnostic))
            continue;
        fputs(first ? "" : ", ", out);
        write_diagnostic(s, out, text_of(r), diagnostic);
        first = false;
    }
}

static FILE *begin_publishing(Server *s, const Document *document)
{
    FILE *out = notification_begin(s, "textDocument/publishDiagnostics");
    fputs("{\"uri\": ", out);
    json_write_string(out, document->uri);
    return out;
}

void publish(Server *s, Document *document)
{
    if (!document->to_publish)
        return;
    const Recheck *r = document_check(&s->documents, document, false);
    document->to_publish = false;
    if (document->published)
        return;
    document->published = true;
    FILE *out = begin_publishing(s, document);
    if (document->has_version)
        fprintf(out, ", \"version\": %lld", (long long)document->version);
    fputs(", \"diagnostics\": [", out);
    write_diagnostics(s, out, r);
    fputs("]}", out);
    response_end(s);
}

void publish_nothing(Server *s, const Document *document)
{
    fputs(", \"diagnostics\": []}", begin_publishing(s, document));
    response_end(s);
}

/* ---- Quick fixes ------------------------------------------------------------------------------------------------- */

/* Every suggestion puts one name in the place of another. */
static void write_title(FILE *out, const SourceText *text, const Diagnostic *diagnostic)
{
    char title[512];
    SourceSpan span = diagnostic->suggestion_span;
    size_t length = span.end.at - span.start.at;
    snprintf(title, sizeof title, "Replace '%.*s' by '%s'", length < 200 ? (int)length : 200, source_at(text, span.start),
             diagnostic->suggestion);
    json_write_string(out, title);
}

static void write_edit(Server *s, FILE *out, const Document *document, const SourceText *text,
                       const Diagnostic *diagnostic)
{
    if (s->document_changes) {
        fputs("{\"documentChanges\": [{\"textDocument\": {\"uri\": ", out);
        json_write_string(out, document->uri);
        fputs(", \"version\": ", out);
        if (document->has_version)
            fprintf(out, "%lld", (long long)document->version);
        else
            fputs("null", out);
        fputs("}, \"edits\": ", out);
    } else {
        fputs("{\"changes\": {", out);
        json_write_string(out, document->uri);
        fputs(": ", out);
    }
    fputs("[{\"range\": ", out);
    range_write(out, text, diagnostic->suggestion_span, s->units);
    fputs(", \"newText\": ", out);
    json_write_string(out, diagnostic->suggestion);
    fputs(s->document_changes ? "}]}]}" : "}]}}", out);
}

static void write_action(Server *s, FILE *out, const Document *document, const SourceText *text,
                         const Diagnostic *diagnostic)
{
    fputs("{\"title\": ", out);
    write_title(out, text, diagnostic);
    fputs(", \"kind\": \"quickfix\", \"isPreferred\": true, \"diagnostics\": [", out);
    write_diagnostic(s, out, text, diagnostic);
    fputs("], \"edit\": ", out);
    write_edit(s, out, document, text, diagnostic);
    fputc('}', out);
}

/* Kinds are a hierarchy, in which "" is above all. */
static bool wants_quick_fixes(const json_t *params)
{
    const json_t *only = json_object_get(json_object_get(params, "context"), "only");
    for (size_t i = 0; i < json_array_size(only); i++) {
        const char *kind = json_string_value(json_array_get(only, i));
        if (kind != NULL && (kind[0] == '\0' || strcmp(kind, "quickfix") == 0))
            return true;
    }
    return !json_is_array(only);
}

void answer_code_action(Server *s, Document *document, const json_t *id, const json_t *params)
{
    const json_t *range = json_object_get(params, "range");
    const ArenaArray *bytes = document->text;
    size_t start, end;
    if (!position_read(json_object_get(range, "start"), s->units, bytes->items, bytes->count, &start) ||
        !position_read(json_object_get(range, "end"), s->units, bytes->items, bytes->count, &end)) {
        respond_error(s, id, ERROR_INVALID_PARAMS, "a range is missing");
        return;
    }
    const Recheck *r = document_check(&s->documents, document, false);
    const SourceText *text = text_of(r);
    bool first = true, wanted = !r->exhausted && wants_quick_fixes(params);
    FILE *out = response_begin(s, id);
    fputc('[', out);
    for (const Diagnostic *d = wanted ? r->diagnostics.first : NULL; d != NULL; d = d->next) {
        if (d->suggestion == NULL || !is_in_document(text, d->span.start) || !is_told(&s->options, text, d))
            continue;
        size_t from = document_offset(text, d->span.start), to = document_offset(text, d->span.end);
        if (to < start || from > end)
            continue;
        fputs(first ? "" : ", ", out);
        write_action(s, out, document, text, d);
        first = false;
    }
    fputc(']', out);
    response_end(s);
}
