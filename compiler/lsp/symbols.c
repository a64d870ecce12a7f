/*
 * The outline of a document: functions, types with their constructors or fields, modules with what is in them, tests.
 *
 * A symbol has two places, its name and all that belongs to it.  The tree knows the name alone; the rest goes from the
 * keyword in front of it to the last token in front of the next item.
 */
#include <string.h>

#include "json.h"
#include "lsp/server.h"
#include "lsp/token_list.h"

/* SymbolKind of the protocol */
typedef enum {
    SYMBOL_MODULE = 2, SYMBOL_CLASS = 5, SYMBOL_METHOD = 6, SYMBOL_FIELD = 8, SYMBOL_ENUM = 10, SYMBOL_INTERFACE = 11,
    SYMBOL_FUNCTION = 12, SYMBOL_ENUM_MEMBER = 22, SYMBOL_STRUCT = 23, SYMBOL_EVENT = 24,
} SymbolKind;

typedef struct {
    Server *server;
    FILE *out;
    const Document *document;
    const Recheck *r;
    TokenList tokens;
    bool any;           /* the list being written is not empty */
    NameId container;   /* the module or type around; 0: none.  Only written if the client knows no nesting */
} Outline;

/* ---- Writing ----------------------------------------------------------------------------------------------------- */

static void write_text(const Outline *o, const char *bytes, size_t length)
{
    char text[200];
    if (length >= sizeof text) {
        length = sizeof text - 1;
        while (length > 0 && ((unsigned char)bytes[length] & 0xC0) == 0x80)
            length--;
    }
    memcpy(text, bytes, length);
    text[length] = '\0';
    json_write_string(o->out, text);
}

static void write_name(const Outline *o, NameId name)
{
    const Names *names = &o->r->session.names;
    write_text(o, name_text(names, name), name_length(names, name));
}

static void write_range(const Outline *o, const char *key, SourceSpan span)
{
    fprintf(o->out, ", \"%s\": ", key);
    range_write(o->out, o->tokens.text, span, o->server->units);
}

/* The symbol without its end.  `shown`: the text that names it. */
static void begin_symbol(Outline *o, SymbolKind kind, SourceSpan shown, SourceSpan name, SourceSpan whole)
{
    fputs(o->any ? ", {\"name\": " : "{\"name\": ", o->out);
    write_text(o, source_at(o->tokens.text, shown.start), shown.end.at - shown.start.at);
    fprintf(o->out, ", \"kind\": %d", kind);
    if (o->server->nested_symbols) {
        write_range(o, "range", whole);
        write_range(o, "selectionRange", name);
        return;
    }
    fputs(", \"location\": {\"uri\": ", o->out);
    json_write_string(o->out, o->document->uri);
    write_range(o, "range", whole);
    fputc('}', o->out);
    if (o->container.i != 0) {
        fputs(", \"containerName\": ", o->out);
        write_name(o, o->container);
    }
}

/* What follows until end_children() belongs to the symbol.  The result is for end_children(). */
static NameId begin_children(Outline *o, NameId container)
{
    NameId outer = o->container;
    fputs(o->server->nested_symbols ? ", \"children\": [" : "}", o->out);
    o->container = container;
    o->any = !o->server->nested_symbols;
    return outer;
}

static void end_children(Outline *o, NameId outer)
{
    if (o->server->nested_symbols)
        fputs("]}", o->out);
    o->container = outer;
    o->any = true;
}

static void write_part(Outline *o, SymbolKind kind, SourcePos pos)
{
    SourceSpan name = span_of_token(o->tokens.text, pos);
    begin_symbol(o, kind, name, name, token_list_declaration(&o->tokens, token_list_find(&o->tokens, pos)));
    fputc('}', o->out);
    o->any = true;
}

/* ---- Items ------------------------------------------------------------------------------------------------------- */

static const Ast *ast_of(const Outline *o)
{
    return &o->r->ast;
}

/* The keyword, or the `@`, with which an item begins. */
static uint32_t first_token(const Outline *o, NodeId item)
{
    AstKind kind = ast_kind(ast_of(o), item);
    if (kind == AST_ERROR)
        return token_list_find(&o->tokens, ast_pos(ast_of(o), item));
    SourcePos name = ast_pos(ast_of(o), kind == AST_IMPORT ? ast_import(ast_of(o), item)->path[0] : item);
    uint32_t index = token_list_find(&o->tokens, name);
    return index > 0 ? index - 1 : 0;
}

static SymbolKind kind_of_type(const Outline *o, const AstTypeDecl *type)
{
    if (type->head.kind == AST_VARIANT)
        return SYMBOL_ENUM;
    NodeId aliased = type->parts[type->n_type_parameters];
    return type->n > 0 && ast_kind(ast_of(o), aliased) == AST_TYPE_RECORD ? SYMBOL_STRUCT : SYMBOL_CLASS;
}

static void write_parts_of_type(Outline *o, const AstTypeDecl *type)
{
    const NodeId *parts = type->parts + type->n_type_parameters;
    if (type->head.kind == AST_VARIANT) {
        for (uint32_t i = 0; i < type->n; i++)
            write_part(o, SYMBOL_ENUM_MEMBER, ast_pos(ast_of(o), parts[i]));
    } else if (kind_of_type(o, type) == SYMBOL_STRUCT) {
        const AstFields *record = ast_fields(ast_of(o), parts[0]);
        for (uint32_t i = 0; i < record->n; i++)
            write_part(o, SYMBOL_FIELD, record->fields[i].pos);
    }
}

static void write_items(Outline *o, const NodeId *items, uint32_t n, uint32_t end);

/* The item reaches from token `first` to token `last`. */
static void write_item(Outline *o, NodeId item, uint32_t first, uint32_t last)
{
    const Ast *ast = ast_of(o);
    SourceSpan name = span_of_token(o->tokens.text, ast_pos(ast, item)), whole = token_list_span(&o->tokens, first, last);
    NameId outer;
    switch (ast_kind(ast, item)) {
    case AST_FUNC:
    case AST_EXTERN:
        begin_symbol(o, SYMBOL_FUNCTION, name, name, whole);
        outer = begin_children(o, ast_func(ast, item)->name);
        break;
    case AST_ALIAS:
    case AST_VARIANT:
        begin_symbol(o, kind_of_type(o, ast_type_decl(ast, item)), name, name, whole);
        outer = begin_children(o, ast_type_decl(ast, item)->name);
        write_parts_of_type(o, ast_type_decl(ast, item));
        break;
    case AST_MODULE:
        begin_symbol(o, SYMBOL_MODULE, name, name, whole);
        outer = begin_children(o, ast_module(ast, item)->name);
        write_items(o, ast_module(ast, item)->items, ast_module(ast, item)->n, last);
        break;
    case AST_SIGNATURE: {
        const AstSignature *signature = ast_signature(ast, item);
        begin_symbol(o, SYMBOL_INTERFACE, name, name, whole);
        outer = begin_children(o, signature->name);
        for (uint32_t i = 0; i < signature->n; i++) {
            NodeId member = signature->items[signature->n_type_parameters + i];
            write_part(o, ast_kind(ast, member) == AST_PARAM ? SYMBOL_METHOD : SYMBOL_CLASS, ast_pos(ast, member));
        }
        break;
    }
    case AST_ANNOTATION: /* only tests are more than a remark on what follows */
        if (ast_annotation(ast, item)->name.i != NAME_test && ast_annotation(ast, item)->name.i != NAME_test_case)
            return;
        begin_symbol(o, SYMBOL_EVENT, whole, name, whole);
        outer = begin_children(o, (NameId){0});
        break;
    default:
        return;
    }
    end_children(o, outer);
}

/* The items stand in front of token `end`. */
static void write_items(Outline *o, const NodeId *items, uint32_t n, uint32_t end)
{
    uint32_t first = n > 0 ? first_token(o, items[0]) : 0;
    for (uint32_t i = 0; i < n; i++) {
        uint32_t next = i + 1 < n ? first_token(o, items[i + 1]) : end;
        write_item(o, items[i], first, next > first ? next - 1 : first);
        first = next;
    }
}

void answer_symbols(Server *s, Document *document, const json_t *id, const json_t *params)
{
    (void)params;
    const Recheck *r = document_check(&s->documents, document, false);
    Outline o = {.server = s, .document = document, .r = r, .out = response_begin(s, id)};
    fputc('[', o.out);
    if (!r->exhausted && !r->too_large) {
        o.tokens = token_list(&s->transport.batch_arena, r, source_file(&r->session.text, (FileId){0}));
        const AstItems *file = ast_items(&r->ast, r->ast.files[0]);
        write_items(&o, file->items, file->n, o.tokens.n - 1);
    }
    fputc(']', o.out);
    response_end(s);
}
