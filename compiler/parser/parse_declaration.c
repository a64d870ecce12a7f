/*
 * Functions, externs, types and annotations.
 *
 * A broken declaration keeps as much as later phases need in order not to complain about it again:
 *
 *   a function whose body is broken      keeps its signature; its body is AST_ERROR
 *   a function whose signature is broken keeps its name; result and body are AST_ERROR, and it has no parameters
 *   a broken type                        keeps its name, as an alias of AST_ERROR
 *   a broken extern                      keeps its name; its result is AST_ERROR
 *   a broken annotation                  keeps its name and has one argument, AST_ERROR
 *   anything without a readable name     is AST_ERROR
 */
#include "parser/parse.h"

/* ---- Parts that several declarations have ---- */

/*  tparams     = "<" IDENT { "," IDENT } ">" ; : pushes them and returns how many there are */
uint32_t parse_type_parameters(Parser *parser)
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
NodeId new_type_declaration(Parser *parser, AstKind kind, SourcePos pos, NameId name, uint32_t n_type_parameters, size_t base)
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

/* ---- Any of them ---- */

/*  item        = annotation | decl ;
    decl        = func_decl | type_decl | extern_decl ... */
NodeId parse_declaration(Parser *parser)
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
    default: {
        SourcePos pos = here(parser);
        expected(parser, E011, "a declaration", PLACE_ITEM);
        return new_leaf(parser, AST_ERROR, 0, pos);
    }
    }
}
