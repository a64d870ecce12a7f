/*
 * Types.
 *
 * An arrow leans to the right, and what stands before it is read first; so the atoms before arrows wait as links, and a
 * chain of any length is read by a loop.  What is inside brackets, or behind a `forall`, is nested.
 *
 * (A, B) -> C has two parameters, ((A, B)) -> C has one, a tuple: in a parameter list, as in an argument list, a tuple
 * needs parentheses of its own.  The tree tells them apart by a list of one element around the tuple.
 */
#include "parser/parse.h"

/*  types       = type { "," type } ; */
void parse_types(Parser *parser)
{
    do
        push_item(parser, parse_type(parser));
    while (accept(parser, TOKEN_COMMA));
}

static bool is_arithmetic(TokenKind kind)
{
    return kind == TOKEN_PLUS || kind == TOKEN_MINUS || kind == TOKEN_STAR || kind == TOKEN_SLASH;
}

/* At a number or an arithmetic expression, as in Vec<T, n + 1>. */
static bool at_dependent_argument(const Parser *parser)
{
    TokenKind kind = parser->cursor.kind;
    return kind == TOKEN_INT || is_arithmetic(kind) || (kind == TOKEN_IDENTIFIER && is_arithmetic(peek(parser)));
}

/* Reports a type argument that is a number and passes over it. */
static void skip_dependent_argument(Parser *parser, bool *reported)
{
    if (!*reported)
        tell(parser, E106, here(parser), "dependent types are not supported");
    *reported = true;
    while (at(parser, TOKEN_IDENTIFIER) || at_dependent_argument(parser))
        advance(parser);
}

/* Behind the name of a type: the list in "<" types ">".  An application to numbers, reported, becomes AST_ERROR. */
static NodeId parse_type_arguments(Parser *parser, SourcePos pos, NameId name)
{
    size_t base = parser->items.height;
    SourcePos opener = here(parser);
    bool dependent = false;
    advance(parser);
    do {
        if (at_dependent_argument(parser))
            skip_dependent_argument(parser, &dependent);
        else
            push_item(parser, parse_type(parser));
    } while (accept(parser, TOKEN_COMMA));
    expect_closer(parser, TOKEN_GREATER, opener, PLACE_ANY);
    uint32_t n = count_items(parser, base, E103, pos, "type arguments");
    if (dependent) {
        parser->items.height = base;
        return new_leaf(parser, AST_ERROR, 0, pos);
    }
    AstTypeName *node = new_node(parser, AST_TYPE_NAME, 0, pos, sizeof *node + n * sizeof node->arguments[0]);
    node->name = name;
    node->n = n & AST_MAX_COUNT;
    pop_items_into(parser, base, node->arguments);
    return id_of(parser, node);
}

NodeId parse_type_name(Parser *parser)
{
    SourcePos pos = here(parser);
    NameId name = token_cursor_name(&parser->cursor);
    advance(parser);
    if (at(parser, TOKEN_LESS))
        return parse_type_arguments(parser, pos, name);
    AstTypeName *node = new_node(parser, AST_TYPE_NAME, 0, pos, sizeof *node);
    node->name = name;
    node->n = 0;
    return id_of(parser, node);
}

static NodeId parse_type_in_parentheses(Parser *parser)
{
    SourcePos opener = here(parser);
    advance(parser);
    if (accept(parser, TOKEN_RIGHT_PAREN))
        return new_leaf(parser, AST_TYPE_UNIT, 0, opener);
    size_t base = parser->items.height;
    parse_types(parser);
    expect_closer(parser, TOKEN_RIGHT_PAREN, opener, PLACE_PARAMS_CLOSER);
    return new_tuple(parser, AST_TYPE_TUPLE, opener, base);
}

/*  field       = label ":" type ; */
static void parse_type_field(Parser *parser)
{
    SourcePos pos = here(parser);
    NameId name = expect_label(parser, "a field name", PLACE_ANY);
    warn_if_reserved(parser, name, pos);
    expect(parser, TOKEN_COLON, PLACE_PARAM_TYPE);
    push_field(parser, name, pos, parse_type(parser));
}

static NodeId parse_record_type(Parser *parser)
{
    SourcePos opener = here(parser);
    size_t base = parser->items.height;
    if (peek(parser) == TOKEN_RIGHT_BRACE) {
        hint(parser, syntax_error(parser, E012, "empty record"), "a record has a field; write () for nothing");
        return error_node(parser);
    }
    advance(parser);
    do {
        if (at(parser, TOKEN_RIGHT_BRACE))
            break;
        parse_type_field(parser);
    } while (accept(parser, TOKEN_COMMA));
    expect_closer(parser, TOKEN_RIGHT_BRACE, opener, PLACE_BRACKET_CLOSER);
    return new_fields(parser, AST_TYPE_RECORD, 0, opener, base);
}

/*  type_atom   = IDENT [ "<" types ">" ] | "(" ")" | "(" types ")"
                | "{" field { "," field } [ "," ] "}" ; */
static NodeId parse_type_atom(Parser *parser)
{
    switch ((int)parser->cursor.kind) {
    case TOKEN_IDENTIFIER:
        return parse_type_name(parser);
    case TOKEN_LEFT_PAREN:
        return parse_type_in_parentheses(parser);
    case TOKEN_LEFT_BRACE:
        return parse_record_type(parser);
    default:
        expected(parser, E011, "a type", PLACE_TYPE);
        return error_node(parser);
    }
}

/*  type        = ... | "forall" IDENT { IDENT } "." type ; */
static NodeId parse_forall(Parser *parser)
{
    SourcePos pos = here(parser);
    size_t base = parser->items.height;
    advance(parser);
    do {
        SourcePos variable = here(parser);
        NameId name = expect_name(parser, "a type variable", PLACE_ANY);
        warn_if_reserved(parser, name, variable);
        push_item(parser, new_name(parser, AST_NAME, variable, name));
    } while (at(parser, TOKEN_IDENTIFIER));
    expect(parser, TOKEN_DOT, PLACE_ANY);
    NodeId type = parse_type(parser);
    size_t n = parser->items.height - base;
    AstForall *node = new_node(parser, AST_TYPE_FORALL, 0, pos, sizeof *node + n * sizeof node->variables[0]);
    node->type = type;
    node->n = (uint32_t)n;
    pop_items_into(parser, base, node->variables);
    return id_of(parser, node);
}

/* The effect's type has no meaning here: it is read, checked for its grammar and dropped. */
static void skip_effect_argument(Parser *parser)
{
    SourcePos opener = here(parser);
    if (!expect(parser, TOKEN_LESS, PLACE_ANY))
        return;
    size_t n_words = parser->nodes->count;
    parse_type(parser);
    expect_closer(parser, TOKEN_GREATER, opener, PLACE_ANY);
    array_truncate(parser->nodes, n_words);
}

/*  arrow       = "->" | "->IO" | ( "->State" | "->Error" ) "<" type ">" ; */
static bool accept_arrow(Parser *parser)
{
    switch ((int)parser->cursor.kind) {
    case TOKEN_ARROW:
    case TOKEN_ARROW_IO:
        advance(parser);
        return true;
    case TOKEN_ARROW_STATE:
    case TOKEN_ARROW_ERROR:
        advance(parser);
        skip_effect_argument(parser);
        return true;
    default:
        return false;
    }
}

/* A tuple that was written with parentheses around its own. */
static bool is_lone_tuple(const Parser *parser, NodeId type, SourcePos start)
{
    const uint32_t *words = (const uint32_t *)(const void *)parser->nodes->items;
    const AstHead *head = (const AstHead *)(const void *)(words + type.i);
    return head->kind == AST_TYPE_TUPLE && head->pos.at != start.at;
}

static NodeId one_parameter(Parser *parser, NodeId tuple, SourcePos start)
{
    size_t base = parser->items.height;
    push_item(parser, tuple);
    return new_items(parser, AST_TYPE_TUPLE, start, base);
}

/*  type        = type_atom [ arrow type ] | "forall" IDENT { IDENT } "." type ; */
NodeId parse_type(Parser *parser)
{
    if (!enter(parser))
        return error_node(parser);
    size_t base = parser->links.height;
    NodeId type;
    for (;;) {
        if (at(parser, TOKEN_FORALL)) {
            type = parse_forall(parser);
            break;
        }
        SourcePos start = here(parser);
        type = parse_type_atom(parser);
        SourcePos arrow = here(parser);
        if (!accept_arrow(parser))
            break;
        if (is_lone_tuple(parser, type, start))
            type = one_parameter(parser, type, start);
        push_link(parser, (Link){.kind = AST_TYPE_ARROW, .pos = arrow, .first = type});
    }
    type = fold_links(parser, base, type);
    leave(parser);
    return type;
}
