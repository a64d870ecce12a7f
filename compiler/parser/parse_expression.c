/*
 * Expressions.
 *
 * Three loops read everything that is long:
 *
 *   parse_chain        let ... in let ... in, a; b; c, else if: they lean to the right and wait as links
 *   parse_operators    operator precedence with a stack of operators that still lack their right operand, so that
 *                      neither a + b + ... nor a => b => ... nor - - - a costs a call
 *   parse_application  f(a)(b).c and f a b c
 *
 * Recursion happens where the grammar nests an expression in another: brackets, arguments, branches, arms, lambdas, the
 * value of a let.  All of it passes through parse_chain, which counts it; that makes a handful of small frames a level.
 */
#include "parser/parse.h"

/* ---- Tokens ---- */

/* What a token may be in an expression: most decisions look at one token, and a table makes them one load. */
enum {
    WORD = 1,      /* an atom by itself */
    NATOM = 2,     /* the first token of a natom */
    CONTINUES = 4, /* goes on with the expression before it */
};

static const uint8_t roles[N_TOKEN_KINDS] = {
    [TOKEN_IDENTIFIER] = WORD | NATOM | CONTINUES,
    [TOKEN_INT] = WORD | NATOM | CONTINUES,
    [TOKEN_FLOAT] = WORD | NATOM | CONTINUES,
    [TOKEN_STRING] = WORD | NATOM | CONTINUES,
    [TOKEN_TRUE] = WORD | NATOM | CONTINUES,
    [TOKEN_FALSE] = WORD | NATOM | CONTINUES,
    [TOKEN_LEFT_BRACKET] = NATOM | CONTINUES,
    [TOKEN_LEFT_BRACE] = NATOM | CONTINUES,
    [TOKEN_LEFT_PAREN] = CONTINUES,
    [TOKEN_DOT] = CONTINUES,
    [TOKEN_IMPLIES] = CONTINUES,
    [TOKEN_OR_OR] = CONTINUES,
    [TOKEN_OR] = CONTINUES,
    [TOKEN_AND_AND] = CONTINUES,
    [TOKEN_AND] = CONTINUES,
    [TOKEN_EQUAL_EQUAL] = CONTINUES,
    [TOKEN_NOT_EQUAL] = CONTINUES,
    [TOKEN_LESS] = CONTINUES,
    [TOKEN_GREATER] = CONTINUES,
    [TOKEN_LESS_EQUAL] = CONTINUES,
    [TOKEN_GREATER_EQUAL] = CONTINUES,
    [TOKEN_PLUS] = CONTINUES,
    [TOKEN_MINUS] = CONTINUES,
    [TOKEN_STAR] = CONTINUES,
    [TOKEN_SLASH] = CONTINUES,
    [TOKEN_PERCENT] = CONTINUES,
};

static bool at_natom(const Parser *parser) { return (roles[parser->cursor.kind] & NATOM) != 0; }

/* An expr of one token: every second one is. */
static bool at_lone_word(const Parser *parser)
{
    return (roles[parser->cursor.kind] & WORD) != 0 && (roles[token_cursor_peek(&parser->cursor)] & CONTINUES) == 0;
}

/* ---- Atoms ---- */

/*  init        = label ( ":" | "=" ) expr ; */
static void parse_field_init(Parser *parser)
{
    SourcePos pos = here(parser);
    NameId name = expect_label(parser, "a field name", PLACE_FIELD);
    if (!accept(parser, TOKEN_COLON) && !accept(parser, TOKEN_EQUAL))
        expected(parser, E011, "':' or '='", PLACE_FIELD_VALUE);
    push_field(parser, name, pos, parse_expression(parser));
}

/*  natom       = ... "{" init { "," init } [ "," ] "}" ; */
static NodeId parse_record(Parser *parser)
{
    SourcePos opener = here(parser);
    size_t base = parser->items.height;
    if (peek(parser) == TOKEN_RIGHT_BRACE) {
        Diagnostic *diagnostic = syntax_error(parser, E012, "empty record");
        hint(parser, diagnostic, "braces make records, not blocks; for nothing write ()");
        return error_node(parser);
    }
    advance(parser);
    do {
        if (at(parser, TOKEN_RIGHT_BRACE))
            break;
        parse_field_init(parser);
    } while (accept(parser, TOKEN_COMMA));
    expect_closer(parser, TOKEN_RIGHT_BRACE, opener, PLACE_BRACKET_CLOSER);
    return new_fields(parser, AST_RECORD, 0, opener, base);
}

/* Expressions up to `closer`, with or without a comma at their end; they are pushed. */
static void parse_expressions(Parser *parser, TokenKind closer, SourcePos opener)
{
    while (!at(parser, closer)) {
        push_item(parser, parse_expression(parser));
        if (!accept(parser, TOKEN_COMMA))
            break;
    }
    expect_closer(parser, closer, opener, closer == TOKEN_RIGHT_PAREN ? PLACE_ARGUMENTS_CLOSER : PLACE_BRACKET_CLOSER);
}

/*  natom       = ... "[" [ expr { "," expr } [ "," ] ] "]" ... */
static NodeId parse_list(Parser *parser)
{
    SourcePos opener = here(parser);
    size_t base = parser->items.height;
    advance(parser);
    parse_expressions(parser, TOKEN_RIGHT_BRACKET, opener);
    return new_items(parser, AST_LIST, opener, base);
}

static NodeId parse_ascription(Parser *parser, SourcePos opener, NodeId expression)
{
    NodeId type = parse_type(parser);
    expect_closer(parser, TOKEN_RIGHT_PAREN, opener, PLACE_ANY);
    AstAscription *node = new_node(parser, AST_ASCRIPTION, 0, opener, sizeof *node);
    node->expression = expression;
    node->type = type;
    return id_of(parser, node);
}

/*  atom        = natom | "(" ")" | "(" body ")" | "(" body ":" type ")"
                | "(" body "," expr { "," expr } ")" ; */
static NodeId parse_in_parentheses(Parser *parser)
{
    SourcePos opener = here(parser);
    advance(parser);
    if (accept(parser, TOKEN_RIGHT_PAREN))
        return new_leaf(parser, AST_UNIT, 0, opener);
    NodeId first = parse_body(parser);
    if (accept(parser, TOKEN_COLON))
        return parse_ascription(parser, opener, first);
    if (!at(parser, TOKEN_COMMA)) {
        expect_closer(parser, TOKEN_RIGHT_PAREN, opener, PLACE_ANY);
        return first;
    }
    size_t base = parser->items.height;
    push_item(parser, first);
    while (accept(parser, TOKEN_COMMA))
        push_item(parser, parse_expression(parser));
    expect_closer(parser, TOKEN_RIGHT_PAREN, opener, PLACE_ANY);
    return new_items(parser, AST_TUPLE, opener, base);
}

/* The nodes of tokens that are nodes by themselves; 0 for those whose text has to be looked at first. */
static const uint8_t word_kinds[N_TOKEN_KINDS] = {
    [TOKEN_IDENTIFIER] = AST_NAME, [TOKEN_INT] = AST_INT,   [TOKEN_STRING] = AST_STRING,
    [TOKEN_TRUE] = AST_TRUE,       [TOKEN_FALSE] = AST_FALSE,
};

enum { SURE_DIGITS = 18 }; /* an integer of as many digits fits into 64 bits */

/* Half of all tokens are words, and which sort comes next cannot be predicted; so all sorts go one way without a branch
   between them: a name is written even for a literal, where the next node overwrites it.  Where this cannot be done (at
   other tokens, at an integer that may be too large, when the array of nodes is full) nothing happens and 0 comes back;
   the caller then has to do the same the plain way, or the result would depend on how full the array is. */
static inline NodeId parse_word_quickly(Parser *parser)
{
    static const NameId no_name = {0};
    const TokenCursor *cursor = &parser->cursor;
    TokenKind kind = cursor->kind;
    ArenaArray *nodes = parser->nodes;
    size_t room = nodes->capacity - nodes->count;
    if (word_kinds[kind] == 0 || room < sizeof(AstName) / sizeof(uint32_t) ||
        (kind == TOKEN_INT && cursor->tokens.gaps[cursor->index.i + 1] > SURE_DIGITS))
        return (NodeId){0};
    bool named = kind == TOKEN_IDENTIFIER;
    const NameId *name = named ? &cursor->tokens.names[cursor->next_name] : &no_name;
    NodeId id = {(uint32_t)nodes->count};
    AstName *node = (AstName *)(void *)((uint32_t *)(void *)nodes->items + id.i);
    node->head = (AstHead){word_kinds[kind], 0, 0, cursor->pos};
    node->name = *name;
    nodes->count += (sizeof(AstLeaf) + named * sizeof(NameId)) / sizeof(uint32_t);
    advance(parser);
    return id;
}

/*  natom       = INT | FLOAT | STRING | "true" | "false" | IDENT
                | "[" [ expr { "," expr } [ "," ] ] "]"
                | "{" init { "," init } [ "," ] "}" ; */
static NodeId parse_atom(Parser *parser)
{
    NodeId word = parse_word_quickly(parser);
    if (word.i != 0)
        return word;
    switch ((int)parser->cursor.kind) {
    case TOKEN_IDENTIFIER: {
        NodeId name = new_name(parser, AST_NAME, here(parser), token_cursor_name(&parser->cursor));
        advance(parser);
        return name;
    }
    case TOKEN_INT:
        return parse_integer(parser, AST_INT, 0, parser->cursor.index.i == parser->behind_minus.i);
    case TOKEN_FLOAT:
        return parse_float(parser, AST_FLOAT, 0);
    case TOKEN_STRING:
        return token_leaf(parser, AST_STRING);
    case TOKEN_TRUE:
        return token_leaf(parser, AST_TRUE);
    case TOKEN_FALSE:
        return token_leaf(parser, AST_FALSE);
    case TOKEN_LEFT_PAREN:
        return parse_in_parentheses(parser);
    case TOKEN_LEFT_BRACKET:
        return parse_list(parser);
    case TOKEN_LEFT_BRACE:
        return parse_record(parser);
    default:
        expected(parser, E010, "an expression", PLACE_EXPRESSION);
        return error_node(parser);
    }
}

/* ---- Applications ---- */

/* A call of the arguments from `base` on. */
static NodeId new_call(Parser *parser, SourcePos start, NodeId callee, size_t base)
{
    uint32_t n = count_items(parser, base, E206, start, "arguments");
    AstCall *node = new_node(parser, AST_CALL, 0, start, sizeof *node + n * sizeof node->arguments[0]);
    node->callee = callee;
    node->n = n & AST_MAX_COUNT;
    pop_items_into(parser, base, node->arguments);
    return id_of(parser, node);
}

/*  post        = ... "(" [ expr { "," expr } [ "," ] ] ")" ... */
static NodeId parse_call(Parser *parser, SourcePos start, NodeId callee)
{
    SourcePos opener = here(parser);
    size_t base = parser->items.height;
    advance(parser);
    parse_expressions(parser, TOKEN_RIGHT_PAREN, opener);
    return new_call(parser, start, callee, base);
}

/*  post        = ... "." label ... */
static NodeId parse_field(Parser *parser, NodeId object)
{
    advance(parser);
    SourcePos pos = here(parser);
    NameId name = expect_label(parser, "a field name", PLACE_MEMBER);
    AstField *node = new_node(parser, AST_FIELD, 0, pos, sizeof *node);
    node->object = object;
    node->name = name;
    return id_of(parser, node);
}

/*  app         = ... natom { "." label } { atom { "." label } } ... : the first argument starts at the cursor */
static NodeId parse_juxtaposition(Parser *parser, SourcePos start, NodeId callee)
{
    size_t base = parser->items.height;
    do {
        NodeId argument = parse_atom(parser);
        while (at(parser, TOKEN_DOT))
            argument = parse_field(parser, argument);
        push_item(parser, argument);
    } while (at_natom(parser) || at(parser, TOKEN_LEFT_PAREN));
    return new_call(parser, start, callee, base);
}

/*  app         = post [ natom { "." label } { atom { "." label } } ] ;
    post        = atom { "(" [ expr { "," expr } [ "," ] ] ")" | "." label } ; */
static NodeId parse_application(Parser *parser)
{
    SourcePos start = here(parser);
    NodeId head = parse_atom(parser);
    if ((roles[parser->cursor.kind] & CONTINUES) == 0)
        return head;
    for (;;) {
        if (at(parser, TOKEN_LEFT_PAREN))
            head = parse_call(parser, start, head);
        else if (at(parser, TOKEN_DOT))
            head = parse_field(parser, head);
        else
            break;
    }
    return at_natom(parser) ? parse_juxtaposition(parser, start, head) : head;
}

/* ---- Operators ---- */

enum { NO_OPERATOR, IMPLIES, OR, AND, COMPARISON, SUM, PRODUCT, PREFIX }; /* precedences, loosest first */

typedef struct {
    uint8_t precedence, op;
} BinaryOperator;

static const BinaryOperator binary_operators[N_TOKEN_KINDS] = {
    [TOKEN_IMPLIES] = {IMPLIES, AST_IMPLIES},
    [TOKEN_OR_OR] = {OR, AST_OR},
    [TOKEN_OR] = {OR, AST_OR},
    [TOKEN_AND_AND] = {AND, AST_AND},
    [TOKEN_AND] = {AND, AST_AND},
    [TOKEN_EQUAL_EQUAL] = {COMPARISON, AST_EQUAL},
    [TOKEN_NOT_EQUAL] = {COMPARISON, AST_NOT_EQUAL},
    [TOKEN_LESS] = {COMPARISON, AST_LESS},
    [TOKEN_GREATER] = {COMPARISON, AST_GREATER},
    [TOKEN_LESS_EQUAL] = {COMPARISON, AST_LESS_EQUAL},
    [TOKEN_GREATER_EQUAL] = {COMPARISON, AST_GREATER_EQUAL},
    [TOKEN_PLUS] = {SUM, AST_ADD},
    [TOKEN_MINUS] = {SUM, AST_SUBTRACT},
    [TOKEN_STAR] = {PRODUCT, AST_MULTIPLY},
    [TOKEN_SLASH] = {PRODUCT, AST_DIVIDE},
    [TOKEN_PERCENT] = {PRODUCT, AST_REMAINDER},
};

static void push_operator(Parser *parser, NodeId left, BinaryOperator binary)
{
    PendingOperator *pending = stack_push(parser, &parser->operators, 1, sizeof *pending);
    *pending = (PendingOperator){left, here(parser), binary.op, binary.precedence};
    advance(parser);
}

static const PendingOperator *last_operator(const Parser *parser)
{
    const PendingOperator *operators = (const PendingOperator *)(const void *)parser->operators.array->items;
    return &operators[parser->operators.height - 1];
}

/* Gives the last pending operator its right operand. */
static NodeId reduce(Parser *parser, NodeId right)
{
    PendingOperator pending = *last_operator(parser); /* a copy: the array may move when a node is made */
    parser->operators.height--;
    if (pending.precedence == PREFIX) {
        AstUnary *node = new_node(parser, AST_UNARY, pending.op, pending.pos, sizeof *node);
        node->operand = right;
        return id_of(parser, node);
    }
    AstBinary *node = new_node(parser, AST_BINARY, pending.op, pending.pos, sizeof *node);
    node->left = pending.left;
    node->right = right;
    return id_of(parser, node);
}

/* Reduces the pending operators from `base` on that bind `operand` tighter than the operator at the cursor does. */
static NodeId reduce_tighter(Parser *parser, size_t base, NodeId operand, BinaryOperator next)
{
    while (parser->operators.height > base) {
        const PendingOperator *pending = last_operator(parser);
        if (pending->precedence < next.precedence)
            break;
        if (pending->precedence == next.precedence) {
            if (next.precedence == IMPLIES)
                break; /* the only one that is right-associative */
            if (next.precedence == COMPARISON) {
                SourcePos first = pending->pos;
                point_at(parser, syntax_error(parser, E013, "comparison operators do not chain; use &&"), first,
                         "the first comparison");
                next.precedence = NO_OPERATOR;
            }
        }
        operand = reduce(parser, operand);
    }
    return operand;
}

/*  unary       = ( "-" | "not" ) unary | app ; : only the operators */
static void push_prefix_operators(Parser *parser)
{
    while (at(parser, TOKEN_MINUS) || at(parser, TOKEN_NOT)) {
        bool minus = at(parser, TOKEN_MINUS);
        push_operator(parser, (NodeId){0}, (BinaryOperator){PREFIX, minus ? AST_NEGATE : AST_NOT});
        if (minus)
            parser->behind_minus = parser->cursor.index;
    }
}

/*  implies     = or [ IMPLIES implies ] ;
    or          = and { ( "||" | "or" ) and } ;
    and         = cmp { ( "&&" | "and" ) cmp } ;
    cmp         = add [ ( "==" | "!=" | "<" | ">" | "<=" | ">=" ) add ] ;
    add         = mul { ( "+" | "-" ) mul } ;
    mul         = unary { ( "*" | "/" | "%" ) unary } ;
    unary       = ( "-" | "not" ) unary | app ; */
static NodeId parse_operators(Parser *parser)
{
    size_t base = parser->operators.height;
    for (;;) {
        push_prefix_operators(parser);
        NodeId operand = parse_application(parser);
        BinaryOperator next = binary_operators[parser->cursor.kind];
        operand = reduce_tighter(parser, base, operand, next);
        if (binary_operators[parser->cursor.kind].precedence == NO_OPERATOR)
            return operand;
        push_operator(parser, operand, next);
    }
}

/* ---- match and lambda ---- */

/*  ctrl        = ... "match" expr "with" [ "|" ] arm { "|" arm } ...
    arm         = pattern "->" expr ; */
static NodeId parse_match(Parser *parser)
{
    SourcePos pos = here(parser);
    advance(parser);
    NodeId scrutinee = parse_expression(parser);
    expect(parser, TOKEN_WITH, PLACE_WITH);
    accept(parser, TOKEN_BAR);
    size_t base = parser->items.height;
    do {
        push_item(parser, parse_pattern(parser));
        expect(parser, TOKEN_ARROW, PLACE_ARM);
        push_item(parser, parse_expression(parser));
    } while (accept(parser, TOKEN_BAR));
    size_t n = (parser->items.height - base) / 2;
    AstMatch *node = new_node(parser, AST_MATCH, 0, pos, sizeof *node + n * sizeof node->arms[0]);
    node->scrutinee = scrutinee;
    node->n = (uint32_t)n;
    pop_items_into(parser, base, node->arms);
    return id_of(parser, node);
}

/*  lparam      = IDENT | WILD | "(" label ":" type ")" ; */
static void parse_lambda_parameter(Parser *parser)
{
    SourcePos pos = here(parser);
    NameId name = {0};
    NodeId type = {0};
    if (accept(parser, TOKEN_LEFT_PAREN)) {
        SourcePos opener = pos;
        pos = here(parser);
        name = expect_label(parser, "a parameter name", PLACE_LAMBDA);
        expect(parser, TOKEN_COLON, PLACE_LAMBDA_TYPE);
        type = parse_type(parser);
        expect_closer(parser, TOKEN_RIGHT_PAREN, opener, PLACE_ANY);
    } else if (!accept(parser, TOKEN_WILD)) {
        name = expect_name(parser, "a parameter", PLACE_LAMBDA);
    }
    warn_if_reserved(parser, name, pos);
    AstParam *node = new_node(parser, AST_PARAM, 0, pos, sizeof *node);
    node->name = name;
    node->type = type;
    push_item(parser, id_of(parser, node));
}

/*  ctrl        = ... "\" lparam { lparam } "->" expr ... */
static NodeId parse_lambda(Parser *parser)
{
    SourcePos pos = here(parser);
    size_t base = parser->items.height;
    advance(parser);
    do
        parse_lambda_parameter(parser);
    while (at(parser, TOKEN_IDENTIFIER) || at(parser, TOKEN_WILD) || at(parser, TOKEN_LEFT_PAREN));
    expect(parser, TOKEN_ARROW, PLACE_LAMBDA);
    NodeId body = parse_expression(parser);
    size_t n = parser->items.height - base;
    AstLambda *node = new_node(parser, AST_LAMBDA, 0, pos, sizeof *node + n * sizeof node->params[0]);
    node->body = body;
    node->n = (uint32_t)n;
    pop_items_into(parser, base, node->params);
    return id_of(parser, node);
}

/* ---- Chains ---- */

/*  let_value   = expr | "lazy" expr ;
    binder      = pattern [ ":" type ] ; */
static void parse_let(Parser *parser)
{
    Link link = {.kind = AST_LET, .pos = here(parser)};
    advance(parser);
    link.first = parse_pattern(parser);
    if (accept(parser, TOKEN_COLON))
        link.type = parse_type(parser);
    expect(parser, TOKEN_EQUAL, PLACE_BINDER);
    if (accept(parser, TOKEN_LAZY))
        link.flags = AST_LAZY;
    link.second = parse_expression(parser);
    if (!accept(parser, TOKEN_IN))
        point_at(parser, expected(parser, E011, "'in'", PLACE_IN), link.pos, "this 'let' has no 'in'");
    push_link(parser, link);
}

/*  ctrl        = "if" expr "then" expr "else" expr ... : up to the else */
static void parse_if(Parser *parser)
{
    Link link = {.kind = AST_IF, .pos = here(parser)};
    advance(parser);
    link.first = parse_expression(parser);
    if (!accept(parser, TOKEN_THEN))
        point_at(parser, expected(parser, E011, "'then'", PLACE_THEN), link.pos, "this 'if' has no 'then'");
    link.second = parse_expression(parser);
    if (!accept(parser, TOKEN_ELSE))
        point_at(parser, expected(parser, E011, "'else'", PLACE_ELSE), link.pos, "every 'if' needs an 'else'");
    push_link(parser, link);
}

/* At ";" or a stray "in" behind `first`. */
static void parse_sequence(Parser *parser, NodeId first)
{
    Link link = {.kind = AST_SEQUENCE, .pos = here(parser), .first = first};
    if (at(parser, TOKEN_IN)) {
        link.flags = AST_STRAY_IN;
        tell(parser, W101, link.pos, "'in' without 'let' is treated as ';'");
    }
    advance(parser);
    push_link(parser, link);
}

/*  ctrl        = ... | "match" ... | "\" ... | implies ; */
static NodeId parse_control(Parser *parser)
{
    switch ((int)parser->cursor.kind) {
    case TOKEN_MATCH:
        return parse_match(parser);
    case TOKEN_BACKSLASH:
        return parse_lambda(parser);
    default:
        return parse_operators(parser);
    }
}

/*  body        = "let" binder "=" let_value "in" body
                | ctrl [ ";" body ]
                | ctrl "in" body ;                     (* stray "in": warning W101 *)
    expr        = "let" binder "=" let_value "in" expr | ctrl ;

    The else branch of an if is an expr: from an if on, no ";" belongs to this body until the whole if has been read.
    `open_if` is the link of the outermost such if; folding from there on closes it. */
static NodeId parse_chain(Parser *parser, bool is_body)
{
    if (!enter(parser))
        return error_node(parser);
    size_t base = parser->links.height;
    size_t open_if = SIZE_MAX;
    NodeId last;
    for (;;) {
        if (at(parser, TOKEN_LET)) {
            parse_let(parser);
        } else if (at(parser, TOKEN_IF)) {
            if (open_if == SIZE_MAX)
                open_if = parser->links.height;
            parse_if(parser);
        } else {
            last = parse_control(parser);
            if (!is_body || !(at(parser, TOKEN_SEMICOLON) || at(parser, TOKEN_IN)))
                break;
            if (open_if != SIZE_MAX)
                last = fold_links(parser, open_if, last);
            open_if = SIZE_MAX;
            parse_sequence(parser, last);
        }
    }
    last = fold_links(parser, base, last);
    leave(parser);
    return last;
}

NodeId parse_body(Parser *parser) { return parse_chain(parser, true); }

NodeId parse_expression(Parser *parser)
{
    return at_lone_word(parser) ? parse_atom(parser) : parse_chain(parser, false);
}
