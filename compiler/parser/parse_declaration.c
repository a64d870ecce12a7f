/*
 * Declarations, annotations and modules.
 *
 * A broken declaration keeps as much as later phases need in order not to complain about it again:
 *
 *   a function whose body is broken      keeps its signature; its body is AST_ERROR
 *   a function whose signature is broken keeps its name; result and body are AST_ERROR, and it has no parameters
 *   a broken type                        keeps its name, as an alias of AST_ERROR
 *   a broken extern                      keeps its name; its result is AST_ERROR
 *   a broken annotation                  keeps its name and has one argument, AST_ERROR
 *   anything without a readable name     is AST_ERROR
 *
 * Modules are not read by recursion: the open ones wait on a stack until their `end` comes.
 */
#include "parser/parse.h"

/* ---- Parts that several declarations have ---- */

/*  tparams     = "<" IDENT { "," IDENT } ">" ; : pushes them and returns how many there are */
static uint32_t parse_type_parameters(Parser *parser)
{
    if (!at(parser, TOKEN_LESS))
        return 0;
    size_t base = parser->items.height;
    SourcePos opener = here(parser);
    advance(parser);
    do {
        SourcePos pos = here(parser);
        NameId name = expect_name(parser, "a type parameter", PLACE_ANY);
        warn_if_reserved(parser, name, pos);
        push_item(parser, new_name(parser, AST_NAME, pos, name));
    } while (accept(parser, TOKEN_COMMA));
    expect_closer(parser, TOKEN_GREATER, opener, PLACE_ANY);
    return (uint32_t)(parser->items.height - base);
}

static NodeId new_param(Parser *parser, SourcePos pos, NameId name, NodeId type)
{
    AstParam *node = new_node(parser, AST_PARAM, 0, pos, sizeof *node);
    node->name = name;
    node->type = type;
    return id_of(parser, node);
}

/* ---- Functions ---- */

/*  param       = ( label | WILD ) ":" type ; */
static void parse_param(Parser *parser)
{
    SourcePos pos = here(parser);
    NameId name = {0};
    if (!accept(parser, TOKEN_WILD))
        name = expect_label(parser, "a parameter name", PLACE_ANY);
    warn_if_reserved(parser, name, pos);
    expect(parser, TOKEN_COLON, PLACE_PARAM_TYPE);
    NodeId type = parse_type(parser);
    push_item(parser, new_param(parser, pos, name, type));
}

/*  func_decl   = ... "(" [ param { "," param } [ "," ] ] ")" ... : pushes them and returns how many there are */
static uint32_t parse_params(Parser *parser)
{
    size_t base = parser->items.height;
    SourcePos opener = here(parser);
    if (!expect(parser, TOKEN_LEFT_PAREN, PLACE_PARAMS))
        return 0;
    while (!at(parser, TOKEN_RIGHT_PAREN)) {
        parse_param(parser);
        if (!accept(parser, TOKEN_COMMA))
            break;
    }
    expect_closer(parser, TOKEN_RIGHT_PAREN, opener, PLACE_PARAMS_CLOSER);
    return (uint32_t)(parser->items.height - base);
}

/*  contracts   = { "requires" expr | "ensures" expr } ; : pushes them and returns how many there are */
static uint32_t parse_contracts(Parser *parser)
{
    size_t base = parser->items.height;
    while (at(parser, TOKEN_REQUIRES) || at(parser, TOKEN_ENSURES)) {
        AstKind kind = at(parser, TOKEN_REQUIRES) ? AST_REQUIRES : AST_ENSURES;
        SourcePos pos = here(parser);
        advance(parser);
        NodeId condition = parse_expression(parser);
        AstContract *node = new_node(parser, kind, 0, pos, sizeof *node);
        node->condition = condition;
        push_item(parser, id_of(parser, node));
    }
    return (uint32_t)(parser->items.height - base);
}

static OpenModule *innermost_module(Parser *parser)
{
    return (OpenModule *)(void *)parser->modules.array->items + parser->modules.height - 1;
}

/* The braces of a module have been reported where they open. */
static bool at_closing_brace(Parser *parser)
{
    return at(parser, TOKEN_RIGHT_BRACE) && parser->modules.height > 0 && innermost_module(parser)->in_braces;
}

static bool at_end_of_module(Parser *parser)
{
    return (at(parser, TOKEN_END_KEYWORD) && parser->modules.height > 0) || at_closing_brace(parser);
}

/* Behind a body only the next item can follow.  Reporting here, while the function is still known to be the culprit,
   keeps later phases from checking half a body. */
static void expect_end_of_body(Parser *parser)
{
    if (at_item_boundary(parser) || at_closing_brace(parser))
        return;
    bool closes = at(parser, TOKEN_RIGHT_PAREN) || at(parser, TOKEN_RIGHT_BRACKET) || at(parser, TOKEN_RIGHT_BRACE);
    expected(parser, E011, closes ? "a declaration" : "';' or a declaration", PLACE_BODY_END);
}

/* What a function consists of while it is being read; its parts are on the stack of items. */
typedef struct {
    SourcePos pos;
    NameId name;
    NodeId result, body;
    uint32_t n_type_parameters, n_params, n_contracts;
    unsigned flags;
} FuncParts;

/* Everything up to the result type; false if it is broken. */
static bool parse_signature_of(Parser *parser, FuncParts *func)
{
    func->n_type_parameters = parse_type_parameters(parser);
    func->n_params = parse_params(parser);
    expect(parser, TOKEN_ARROW, PLACE_RESULT);
    func->result = parse_type(parser);
    return !parser->recovering;
}

/*  func_decl   = ... [ contracts ":" body ] ; */
static void parse_contracts_and_body(Parser *parser, FuncParts *func)
{
    if (at_item_boundary(parser)) {
        func->flags = AST_NO_BODY;
        return;
    }
    size_t base = parser->items.height;
    size_t n_words = parser->nodes->count;
    SourcePos start = here(parser);
    func->n_contracts = parse_contracts(parser);
    if (accept(parser, TOKEN_COLON)) {
        func->body = parse_body(parser);
        expect_end_of_body(parser);
    } else {
        expected(parser, E011, "':'", PLACE_BODY);
    }
    if (parser->recovering) {
        parser->items.height = base;
        array_truncate(parser->nodes, n_words);
        func->n_contracts = 0;
        func->body = new_leaf(parser, AST_ERROR, 0, start);
    }
}

static NodeId new_func(Parser *parser, const FuncParts *func, size_t base)
{
    size_t n = parser->items.height - base;
    AstFunc *node = new_node(parser, AST_FUNC, func->flags, func->pos, sizeof *node + n * sizeof node->parts[0]);
    node->name = func->name;
    node->result = func->result;
    node->body = func->body;
    node->n_type_parameters = func->n_type_parameters;
    node->n_params = func->n_params;
    node->n_contracts = func->n_contracts;
    pop_items_into(parser, base, node->parts);
    return id_of(parser, node);
}

/*  func_decl   = "func" IDENT [ tparams ] "(" [ param { "," param } [ "," ] ] ")"
                  "->" type [ contracts ":" body ] ; */
static NodeId parse_func(Parser *parser)
{
    advance(parser);
    size_t base = parser->items.height;
    FuncParts func = {.pos = here(parser)};
    func.name = expect_name(parser, "the function's name", PLACE_ANY);
    if (func.name.i == 0)
        return error_node(parser);
    warn_if_reserved(parser, func.name, func.pos);
    if (parse_signature_of(parser, &func)) {
        parse_contracts_and_body(parser, &func);
    } else {
        parser->items.height = base;
        func.n_type_parameters = func.n_params = 0;
        func.result = func.body = new_leaf(parser, AST_ERROR, 0, func.pos);
    }
    return new_func(parser, &func, base);
}

/*  extern_decl = ... "(" [ type { "," type } [ "," "..." ] | "..." ] ")" ... : pushes the types; true for "..." */
static bool parse_extern_params(Parser *parser)
{
    SourcePos opener = here(parser);
    bool ellipsis = false;
    if (!expect(parser, TOKEN_LEFT_PAREN, PLACE_EXTERN_PARAMS))
        return false;
    if (!at(parser, TOKEN_RIGHT_PAREN)) {
        do {
            ellipsis = accept(parser, TOKEN_ELLIPSIS);
            if (!ellipsis)
                push_item(parser, parse_type(parser));
        } while (!ellipsis && accept(parser, TOKEN_COMMA));
    }
    expect_closer(parser, TOKEN_RIGHT_PAREN, opener, PLACE_PARAMS_CLOSER);
    return ellipsis;
}

/* `extern func f`: told, and not read again as a function without a body.  Returns its name, if it has one. */
static NameId extern_func(Parser *parser)
{
    bool named = peek(parser) == TOKEN_IDENTIFIER;
    expected(parser, E011, "the function's name", PLACE_EXTERN_NAME);
    if (!named)
        return (NameId){0};
    resume(parser);
    advance(parser);
    NameId name = token_cursor_name(&parser->cursor);
    skip_declaration(parser);
    return name;
}

/*  extern_decl = "extern" IDENT ":" "(" [ type { "," type } [ "," "..." ] | "..." ] ")"
                  "->" type [ ";" ] ; */
static NodeId parse_extern(Parser *parser)
{
    advance(parser);
    size_t base = parser->items.height;
    SourcePos pos = here(parser);
    NameId name = at(parser, TOKEN_FUNC) ? extern_func(parser) : expect_name(parser, "the function's name", PLACE_EXTERN_NAME);
    if (name.i == 0)
        return error_node(parser);
    warn_if_reserved(parser, name, pos);
    expect(parser, TOKEN_COLON, PLACE_EXTERN_TYPE);
    bool ellipsis = parse_extern_params(parser);
    expect(parser, TOKEN_ARROW, PLACE_RESULT);
    NodeId result = parse_type(parser);
    accept(parser, TOKEN_SEMICOLON);
    if (parser->recovering) {
        parser->items.height = base;
        result = new_leaf(parser, AST_ERROR, 0, pos);
    }
    size_t n = parser->items.height - base;
    unsigned flags = ellipsis ? AST_ELLIPSIS : 0;
    AstExtern *node = new_node(parser, AST_EXTERN, flags, pos, sizeof *node + n * sizeof node->params[0]);
    node->name = name;
    node->result = result;
    node->n = (uint32_t)n;
    pop_items_into(parser, base, node->params);
    return id_of(parser, node);
}

/* ---- Types ---- */

/* An alias or variant whose type parameters and further parts are on the stack from `base` on. */
static NodeId new_type_declaration(Parser *parser, AstKind kind, SourcePos pos, NameId name, uint32_t n_type_parameters,
                                   size_t base)
{
    size_t n_parts = parser->items.height - base;
    AstTypeDecl *node = new_node(parser, kind, 0, pos, sizeof *node + n_parts * sizeof node->parts[0]);
    node->name = name;
    node->n_type_parameters = n_type_parameters;
    node->n = (uint32_t)n_parts - n_type_parameters;
    pop_items_into(parser, base, node->parts);
    return id_of(parser, node);
}

/*  ctor        = IDENT [ "(" types ")" ] ; */
static void parse_constructor(Parser *parser)
{
    SourcePos pos = here(parser);
    NameId name = expect_name(parser, "a constructor", PLACE_ANY);
    warn_if_reserved(parser, name, pos);
    size_t base = parser->items.height;
    SourcePos opener = here(parser);
    if (accept(parser, TOKEN_LEFT_PAREN)) {
        parse_types(parser);
        expect_closer(parser, TOKEN_RIGHT_PAREN, opener, PLACE_PARAMS_CLOSER);
    }
    size_t n = parser->items.height - base;
    AstConstructor *node = new_node(parser, AST_CONSTRUCTOR, 0, pos, sizeof *node + n * sizeof node->types[0]);
    node->name = name;
    node->n = (uint32_t)n;
    pop_items_into(parser, base, node->types);
    push_item(parser, id_of(parser, node));
}

/*  variant     = "|" ctor { "|" ctor } | ctor "|" ctor { "|" ctor }
                | IDENT "(" types ")" ; */
static void parse_variant(Parser *parser)
{
    accept(parser, TOKEN_BAR);
    do
        parse_constructor(parser);
    while (accept(parser, TOKEN_BAR));
}

static bool at_variant(const Parser *parser)
{
    TokenKind after = peek(parser);
    return at(parser, TOKEN_BAR) ||
           (at(parser, TOKEN_IDENTIFIER) && (after == TOKEN_BAR || after == TOKEN_LEFT_PAREN));
}

/*  type_decl   = "type" IDENT [ tparams ] "=" ( type | variant ) ; */
static NodeId parse_type_declaration(Parser *parser)
{
    advance(parser);
    size_t base = parser->items.height;
    SourcePos pos = here(parser);
    NameId name = expect_name(parser, "the type's name", PLACE_ANY);
    if (name.i == 0)
        return error_node(parser);
    warn_if_reserved(parser, name, pos);
    uint32_t n_type_parameters = parse_type_parameters(parser);
    AstKind kind = AST_ALIAS;
    expect(parser, TOKEN_EQUAL, PLACE_ANY);
    if (at_variant(parser)) {
        kind = AST_VARIANT;
        parse_variant(parser);
    } else {
        push_item(parser, parse_type(parser));
        if (at(parser, TOKEN_IDENTIFIER)) /* `Circle of Int`: it is known now that no alias was meant */
            expected(parser, E011, "a declaration", PLACE_ITEM);
    }
    if (parser->recovering) {
        parser->items.height = base;
        push_item(parser, new_leaf(parser, AST_ERROR, 0, pos));
        return new_type_declaration(parser, AST_ALIAS, pos, name, 0, base);
    }
    return new_type_declaration(parser, kind, pos, name, n_type_parameters, base);
}

/* ---- Annotations ---- */

/*  ann_arg     = label "=" expr | expr ;        (* two tokens decide: IDENT then "=" *) */
static void parse_annotation_argument(Parser *parser)
{
    SourcePos pos = here(parser);
    NameId label = {0};
    if (token_is_label(parser->cursor.kind) && peek(parser) == TOKEN_EQUAL) {
        label = expect_label(parser, "a label", PLACE_ANY);
        advance(parser);
    }
    push_field(parser, label, pos, parse_expression(parser));
}

/*  annotation  = "@" label [ "(" [ ann_arg { "," ann_arg } ] ")" ] ; */
static NodeId parse_annotation(Parser *parser)
{
    advance(parser);
    size_t base = parser->items.height;
    SourcePos pos = here(parser);
    NameId name = expect_label(parser, "the annotation's name", PLACE_ANY);
    if (name.i == 0)
        return error_node(parser);
    SourcePos opener = here(parser);
    if (accept(parser, TOKEN_LEFT_PAREN)) {
        if (!at(parser, TOKEN_RIGHT_PAREN)) {
            do
                parse_annotation_argument(parser);
            while (accept(parser, TOKEN_COMMA));
        }
        expect_closer(parser, TOKEN_RIGHT_PAREN, opener, PLACE_ARGUMENTS_CLOSER);
    }
    if (parser->recovering) {
        parser->items.height = base;
        push_field(parser, (NameId){0}, pos, new_leaf(parser, AST_ERROR, 0, pos));
    }
    size_t n = (parser->items.height - base) / 3;
    AstAnnotation *node = new_node(parser, AST_ANNOTATION, 0, pos, sizeof *node + n * sizeof node->arguments[0]);
    node->name = name;
    node->n = (uint32_t)n;
    pop_items_into(parser, base, node->arguments);
    return id_of(parser, node);
}

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

/*  item        = annotation | decl ;
    decl        = func_decl | type_decl | extern_decl
                | module_decl | sig_decl | import_decl ;            (* last three: [spec] *) */
static NodeId parse_item(Parser *parser)
{
    switch ((int)parser->cursor.kind) {
    case TOKEN_AT:
        return parse_annotation(parser);
    case TOKEN_FUNC:
        return parse_func(parser);
    case TOKEN_TYPE:
        return parse_type_declaration(parser);
    case TOKEN_EXTERN:
        return parse_extern(parser);
    case TOKEN_SIGNATURE:
        return parse_signature(parser);
    case TOKEN_IMPORT:
        return parse_import(parser);
    default: {
        SourcePos pos = here(parser);
        expected(parser, E011, "a declaration", PLACE_ITEM);
        return new_leaf(parser, AST_ERROR, 0, pos);
    }
    }
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
