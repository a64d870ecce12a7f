/*
 * What is asked of a name in a document: what it is, where it is declared, where else it stands.
 *
 * The answers come from the uses that a build writes down when it is asked to (ir/uses.h).  They are asked for only here,
 * so a check after a change does not pay for them, and the first question after a change does.
 */
#include <string.h>

#include "json.h"
#include "lsp/server.h"
#include "lsp/token_list.h"

enum { MAX_SHOWN = 2000 }; /* bytes of a declaration */

/* A question: the name at a position of a document. */
typedef struct {
    Server *server;
    const Document *document;
    const Recheck *r;
    SourcePos pos;
    const Use *use;     /* NULL: there is no name, or nothing is known of it */
} Question;

/* False if the parameters are no good, which has been told. */
static bool read_question(Question *q, Server *s, Document *document, const json_t *id, const json_t *params)
{
    size_t offset;
    const ArenaArray *bytes = document->text;
    if (!position_read(json_object_get(params, "position"), s->units, bytes->items, bytes->count, &offset)) {
        respond_error(s, id, ERROR_INVALID_PARAMS, "a position is missing");
        return false;
    }
    const Recheck *r = document_check(&s->documents, document, true);
    *q = (Question){.server = s, .document = document, .r = r};
    if (r->exhausted || r->too_large)
        return true;
    q->pos = document_pos(&r->session.text, offset);
    q->use = use_at(&r->uses, &r->session.names, q->pos);
    return true;
}

static const SourceText *text_of(const Question *q)
{
    return &q->r->session.text;
}

static void answer_null(const Question *q, const json_t *id)
{
    fputs("null", response_begin(q->server, id));
    response_end(q->server);
}

/* ---- What is it? ------------------------------------------------------------------------------------------------- */

/* Room for what is shown; what does not fit is cut. */
typedef struct { char text[MAX_SHOWN + 512]; size_t n; } Shown;

static void show_bytes(Shown *shown, const char *bytes, size_t length)
{
    size_t room = sizeof shown->text - 1 - shown->n;
    if (length > room)
        length = room;
    memcpy(shown->text + shown->n, bytes, length);
    shown->n += length;
    shown->text[shown->n] = '\0';
}

static void show(Shown *shown, const char *text)
{
    show_bytes(shown, text, strlen(text));
}

static bool is_known(const Use *use)
{
    return use->type.i != 0 && use->type.i != TYPE_ERROR;
}

static void show_type(Shown *shown, const Question *q)
{
    char text[512];
    Types *types = q->r->session.types;
    types->parameter_names = q->use->parameters;
    types->n_parameter_names = q->use->n_parameters;
    size_t n = type_print(types, q->use->type, text, sizeof text);
    types->parameter_names = NULL;
    types->n_parameter_names = 0;
    show_bytes(shown, text, n < sizeof text ? n : sizeof text - 1);
    if (n >= sizeof text)
        show(shown, "...");
}

static void show_name_and_type(Shown *shown, const Question *q)
{
    const Names *names = &q->r->session.names;
    show_bytes(shown, name_text(names, q->use->name), name_length(names, q->use->name));
    if (is_known(q->use) && q->use->kind != USE_TYPE) {
        show(shown, ": ");
        show_type(shown, q);
    }
}

/* The declaration as it is written. */
static void show_declaration(Shown *shown, const Question *q)
{
    const SourceText *text = text_of(q);
    const SourceFile *file = source_file_of(text, q->use->definition);
    TokenList tokens = token_list(&q->server->transport.batch_arena, q->r, file);
    SourceSpan span = token_list_declaration(&tokens, token_list_find(&tokens, q->use->definition));
    size_t length = span.end.at - span.start.at;
    bool cut = length > MAX_SHOWN;
    if (cut)
        for (length = MAX_SHOWN; ((unsigned char)source_at(text, span.start)[length] & 0xC0) == 0x80;)
            length--;
    show_bytes(shown, source_at(text, span.start), length);
    if (cut)
        show(shown, " ...");
}

static const char *describe_kind(const Question *q)
{
    switch ((UseKind)q->use->kind) {
    case USE_LOCAL: return "local variable";
    case USE_FUNCTION: return "function";
    case USE_EXTERN: return "function in C";
    case USE_CONSTRUCTOR: return "constructor";
    case USE_BUILTIN: return "built-in";
    case USE_FIELD: return "field";
    case USE_TYPE: return q->use->definition.at == 0 ? "built-in type" : "type";
    case USE_TYPE_PARAMETER: return "type parameter";
    case USE_MODULE: return q->use->definition.at == 0 ? "built-in module" : "module";
    }
    return "";
}

static bool is_imported_file(const Question *q)
{
    const SourceFile *file = source_file_of(text_of(q), q->use->definition);
    return q->use->kind == USE_MODULE && file != NULL && file->start.at == q->use->definition.at;
}

/* What is shown as a piece of program. */
static void show_program(Shown *shown, const Question *q)
{
    switch ((UseKind)q->use->kind) {
    case USE_FUNCTION:
    case USE_EXTERN:
    case USE_TYPE:
    case USE_MODULE:
        if (q->use->definition.at != 0 && !is_imported_file(q))
            show_declaration(shown, q);
        else
            show_name_and_type(shown, q);
        break;
    case USE_CONSTRUCTOR:
        show_declaration(shown, q);
        if (is_known(q->use)) {
            show(shown, ": ");
            show_type(shown, q);
        }
        break;
    case USE_FIELD:
        if (!is_known(q->use) && q->use->definition.at != 0) {
            show_declaration(shown, q);
            break;
        }
        show_name_and_type(shown, q);
        break;
    case USE_LOCAL:
    case USE_BUILTIN:
    case USE_TYPE_PARAMETER:
        show_name_and_type(shown, q);
        break;
    }
}

static void show_remarks(Shown *shown, const Question *q)
{
    show(shown, describe_kind(q));
    bool is_generic = (q->use->kind == USE_FUNCTION || q->use->kind == USE_EXTERN) && is_known(q->use);
    if (is_generic) {
        show(shown, ", here ");
        show_type(shown, q);
    }
    if (is_imported_file(q)) {
        show(shown, ", ");
        show(shown, source_file_of(text_of(q), q->use->definition)->path);
    }
}

void answer_hover(Server *s, Document *document, const json_t *id, const json_t *params)
{
    Question q;
    if (!read_question(&q, s, document, id, params))
        return;
    if (q.use == NULL) {
        answer_null(&q, id);
        return;
    }
    Shown shown = {.n = 0};
    show(&shown, s->markdown_hover ? "```pole-ir\n" : "");
    show_program(&shown, &q);
    show(&shown, s->markdown_hover ? "\n```\n" : "\n");
    show_remarks(&shown, &q);
    FILE *out = response_begin(s, id);
    fprintf(out, "{\"contents\": {\"kind\": \"%s\", \"value\": ", s->markdown_hover ? "markdown" : "plaintext");
    json_write_string(out, shown.text);
    fputs("}, \"range\": ", out);
    range_write(out, text_of(&q), span_of_token(text_of(&q), q.use->at), s->units);
    fputc('}', out);
    response_end(s);
}

/* ---- Where is it declared? --------------------------------------------------------------------------------------- */

static void write_location(const Question *q, FILE *out, SourceSpan span)
{
    fputs("{\"uri\": ", out);
    write_uri_of(q->server, out, text_of(q), span.start);
    fputs(", \"range\": ", out);
    range_write(out, text_of(q), span, q->server->units);
    fputc('}', out);
}

/* The first byte of the file that the import leads to on whose path the position stands; else 0. */
static SourcePos imported_file(const Question *q)
{
    const Ast *ast = &q->r->ast;
    const AstItems *items = ast_items(ast, ast->files[0]);
    for (uint32_t i = 0; i < items->n; i++) {
        if (ast_kind(ast, items->items[i]) != AST_IMPORT)
            continue;
        const AstImport *import = ast_import(ast, items->items[i]);
        SourcePos start = ast_pos(ast, import->path[0]);
        SourcePos end = span_of_token(text_of(q), ast_pos(ast, import->path[import->n - 1])).end;
        FileId file;
        if (start.at <= q->pos.at && q->pos.at <= end.at && source_import(text_of(q), start, &file))
            return source_file(text_of(q), file)->start;
    }
    return (SourcePos){0};
}

void answer_definition(Server *s, Document *document, const json_t *id, const json_t *params)
{
    Question q;
    if (!read_question(&q, s, document, id, params))
        return;
    SourceSpan span = {{0}, {0}};
    if (q.pos.at != 0)
        span.start = imported_file(&q);
    if (span.start.at == 0 && q.use != NULL && q.use->definition.at != 0)
        span = is_imported_file(&q) ? (SourceSpan){q.use->definition, q.use->definition}
                                    : span_of_token(text_of(&q), q.use->definition);
    if (span.start.at == 0) {
        answer_null(&q, id);
        return;
    }
    write_location(&q, response_begin(s, id), span);
    response_end(s);
}

/* ---- Where else does it stand? ----------------------------------------------------------------------------------- */

static bool means_the_same(const Question *q, const Use *other)
{
    return q->use->definition.at != 0 && other->definition.at == q->use->definition.at;
}

static void write_highlight(const Question *q, FILE *out, SourceSpan span)
{
    fputs("{\"range\": ", out);
    range_write(out, text_of(q), span, q->server->units);
    fputs(", \"kind\": 1}", out);
}

/* All that mean what the name means, in the document (`everywhere`: and in what it imports). */
static void write_same(const Question *q, FILE *out, bool everywhere, bool with_declaration,
                       void (*write)(const Question *, FILE *, SourceSpan))
{
    const IrUses *uses = &q->r->uses;
    const Use *all = (const Use *)(const void *)uses->uses->items, *last = NULL;
    const SourceFile *here = source_file(text_of(q), (FileId){0});
    for (size_t i = 0; q->use != NULL && i < uses->uses->count; i++) {
        const Use *use = &all[i];
        bool wanted = means_the_same(q, use) && (everywhere || source_file_of(text_of(q), use->at) == here) &&
                      (with_declaration || use->at.at != use->definition.at);
        if (!wanted || (last != NULL && last->at.at == use->at.at))
            continue;
        fputs(last == NULL ? "" : ", ", out);
        write(q, out, span_of_token(text_of(q), use->at));
        last = use;
    }
}

void answer_references(Server *s, Document *document, const json_t *id, const json_t *params)
{
    Question q;
    if (!read_question(&q, s, document, id, params))
        return;
    bool with_declaration = json_is_true(json_object_get(json_object_get(params, "context"), "includeDeclaration"));
    FILE *out = response_begin(s, id);
    fputc('[', out);
    write_same(&q, out, true, with_declaration, write_location);
    fputc(']', out);
    response_end(s);
}

void answer_highlight(Server *s, Document *document, const json_t *id, const json_t *params)
{
    Question q;
    if (!read_question(&q, s, document, id, params))
        return;
    FILE *out = response_begin(s, id);
    fputc('[', out);
    write_same(&q, out, false, true, write_highlight);
    fputc(']', out);
    response_end(s);
}
