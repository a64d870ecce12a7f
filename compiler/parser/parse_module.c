/*
 * Imports, signatures, modules and files.
 *
 * Modules are not read by recursion: the open ones wait on a stack until their `end` comes.
 */
#include "parser/parse.h"

/* ---- Imports and signatures ---- */

/*  import_decl = "import" IDENT { "." IDENT } [ "as" IDENT ] ; */
static NodeId parse_import(Parser *parser)
{
    advance(parser);
    size_t base = parser->items.height;
    SourcePos pos = here(parser), named_at;
    NameId alias = {0}, last;
    do {
        named_at = here(parser);
        last = expect_name(parser, "the name of a file or directory", PLACE_PATH);
        push_item(parser, new_name(parser, AST_NAME, named_at, last));
    } while (accept(parser, TOKEN_DOT));
    if (accept(parser, TOKEN_AS)) {
        named_at = here(parser);
        last = alias = expect_name(parser, "the name to use here", PLACE_ANY);
    }
    if (parser->recovering) {
        parser->items.height = base;
        return error_node(parser);
    }
    warn_if_reserved(parser, last, named_at);
    size_t n = parser->items.height - base;
    AstImport *node = new_node(parser, AST_IMPORT, 0, pos, sizeof *node + n * sizeof node->path[0]);
    node->alias = alias;
    node->n = (uint32_t)n;
    pop_items_into(parser, base, node->path);
    return id_of(parser, node);
}

/*  sig_decl    = ... "func" IDENT ":" type ... */
static NodeId parse_function_member(Parser *parser)
{
    advance(parser);
    SourcePos pos = here(parser);
    NameId name = expect_name(parser, "the function's name", PLACE_ANY);
    warn_if_reserved(parser, name, pos);
    expect(parser, TOKEN_COLON, PLACE_ANY);
    return new_param(parser, pos, name, parse_type(parser));
}

/*  sig_decl    = ... "type" IDENT [ tparams ] ... */
static NodeId parse_type_member(Parser *parser)
{
    advance(parser);
    size_t base = parser->items.height;
    SourcePos pos = here(parser);
    NameId name = expect_name(parser, "the type's name", PLACE_ANY);
    warn_if_reserved(parser, name, pos);
    uint32_t n_type_parameters = parse_type_parameters(parser);
    return new_type_declaration(parser, AST_ALIAS, pos, name, n_type_parameters, base);
}

/* `func f(` is a function of the file or module around the signature, whose `end` is then missing. */
static bool at_member(const Parser *parser)
{
    if (at(parser, TOKEN_TYPE))
        return true;
    if (!at(parser, TOKEN_FUNC))
        return false;
    if (peek(parser) != TOKEN_IDENTIFIER)
        return true;
    TokenKind after_name = (TokenKind)parser->cursor.tokens.kinds[parser->cursor.index.i + 2];
    return after_name != TOKEN_LEFT_PAREN && after_name != TOKEN_LESS;
}

/* Pushes the members; a broken one is reported and left out. */
static void parse_members(Parser *parser)
{
    while (at_member(parser)) {
        NodeId member = at(parser, TOKEN_FUNC) ? parse_function_member(parser) : parse_type_member(parser);
        if (!parser->recovering) {
            push_item(parser, member);
            if (!at_item_boundary(parser))
                expected(parser, E011, "'func', 'type' or 'end'", PLACE_ANY);
        }
        if (parser->recovering)
            resume(parser);
    }
}

/*  sig_decl    = "signature" IDENT [ tparams ] ":"
                  { "func" IDENT ":" type | "type" IDENT [ tparams ] } "end" ; */
static NodeId parse_signature(Parser *parser)
{
    SourcePos keyword = here(parser);
    advance(parser);
    size_t base = parser->items.height;
    SourcePos pos = here(parser);
    parser->in_signature = true;
    NameId name = expect_name(parser, "the signature's name", PLACE_ANY);
    warn_if_reserved(parser, name, pos);
    uint32_t n_type_parameters = parse_type_parameters(parser);
    expect(parser, TOKEN_COLON, PLACE_MODULE);
    if (parser->recovering) {
        parser->items.height = base;
        n_type_parameters = 0;
        resume(parser);
    }
    parse_members(parser);
    parser->in_signature = false;
    if (!accept(parser, TOKEN_END_KEYWORD))
        point_at(parser, expected(parser, E011, "'end'", PLACE_ANY), keyword, "this signature is not ended");
    if (name.i == 0) {
        parser->items.height = base;
        return new_leaf(parser, AST_ERROR, 0, pos);
    }
    size_t n_items = parser->items.height - base;
    AstSignature *node = new_node(parser, AST_SIGNATURE, 0, pos, sizeof *node + n_items * sizeof node->items[0]);
    node->name = name;
    node->n_type_parameters = n_type_parameters;
    node->n = (uint32_t)n_items - n_type_parameters;
    pop_items_into(parser, base, node->items);
    return id_of(parser, node);
}

/* ---- Modules and files ---- */

static bool at_end_of_module(Parser *parser)
{
    return (at(parser, TOKEN_END_KEYWORD) && parser->modules.height > 0) || at_closing_brace(parser);
}

/*  module_decl = ... [ ":" IDENT [ "<" types ">" ] ] ":" ... : an item never starts with a name */
static NodeId parse_module_signature(Parser *parser)
{
    NodeId signature = {0};
    if (expect(parser, TOKEN_COLON, PLACE_MODULE) && at(parser, TOKEN_IDENTIFIER)) {
        signature = parse_type_name(parser);
        expect(parser, TOKEN_COLON, PLACE_MODULE);
    }
    return signature;
}

/*  module_decl = "module" IDENT [ ":" IDENT [ "<" types ">" ] ] ":" { item } "end" ; : up to the items */
static void open_module(Parser *parser)
{
    advance(parser);
    OpenModule module = {.pos = here(parser)};
    module.name = expect_name(parser, "the module's name", PLACE_ANY);
    warn_if_reserved(parser, module.name, module.pos);
    module.in_braces = at(parser, TOKEN_LEFT_BRACE);
    module.signature = parse_module_signature(parser);
    if (parser->recovering)
        module.signature = (NodeId){0};
    if (parser->modules.height >= MAX_NESTING && !parser->modules_too_deep) {
        parser->modules_too_deep = true;
        tell(parser, E014, module.pos, "nested too deeply");
    }
    module.lost = module.name.i == 0 || parser->modules.height >= MAX_NESTING;
    module.first_item = (uint32_t)parser->items.height;
    *(OpenModule *)stack_push(parser, &parser->modules, 1, sizeof module) = module;
}

/* Makes a node of the innermost open module and its items. */
static void close_module(Parser *parser)
{
    OpenModule module = *innermost_module(parser);
    parser->modules.height--;
    if (module.lost) {
        parser->items.height = module.first_item;
        push_item(parser, new_leaf(parser, AST_ERROR, 0, module.pos));
        return;
    }
    size_t n = parser->items.height - module.first_item;
    AstModule *node = new_node(parser, AST_MODULE, 0, module.pos, sizeof *node + n * sizeof node->items[0]);
    node->name = module.name;
    node->signature = module.signature;
    node->n = (uint32_t)n;
    pop_items_into(parser, module.first_item, node->items);
    push_item(parser, id_of(parser, node));
}

/*  decl        = ... | module_decl | sig_decl | import_decl ;      (* [spec] *) : all but modules */
static NodeId parse_item(Parser *parser)
{
    if (at(parser, TOKEN_SIGNATURE))
        return parse_signature(parser);
    return at(parser, TOKEN_IMPORT) ? parse_import(parser) : parse_declaration(parser);
}

/* An item that could not be read begins where it was tried: what was passed over belongs to it. */
static NodeId parse_item_from_its_start(Parser *parser)
{
    SourcePos start = here(parser);
    NodeId item = parse_item(parser);
    AstHead *head = (AstHead *)(void *)((uint32_t *)(void *)parser->nodes->items + item.i);
    if (head->kind == AST_ERROR)
        head->pos = start;
    return item;
}

/* Modules that the file leaves open are reported once, at the innermost, and closed.  One whose head was broken may
   never have been meant as a module. */
static void close_all_modules(Parser *parser)
{
    if (parser->modules.height == 0)
        return;
    const OpenModule *innermost = innermost_module(parser);
    if (!innermost->lost && !innermost->in_braces)
        point_at(parser, expected(parser, E011, "'end'", PLACE_ANY), innermost->pos, "this module is not ended");
    while (parser->modules.height > 0)
        close_module(parser);
}

/*  program     = { item } ; */
NodeId parse_file(Parser *parser, FileId file, size_t base)
{
    parser->modules_too_deep = false;
    note_place(parser);
    resume(parser);
    while (!at(parser, TOKEN_END)) {
        if (parser->marks != NULL && parser->modules.height == 0 && !parser->modules_too_deep)
            note_mark(parser, base);
        if (at(parser, TOKEN_MODULE)) {
            open_module(parser);
        } else if (at_end_of_module(parser)) {
            advance(parser);
            close_module(parser);
        } else {
            push_item(parser, parse_item_from_its_start(parser));
        }
        if (parser->recovering)
            resume(parser);
    }
    close_all_modules(parser);
    resume(parser);
    return new_items(parser, AST_FILE, source_file(&parser->session->text, file)->start, base);
}
