/*
 * Patterns, and the range of number literals, which patterns and expressions have in common.
 *
 * The parser is the first to know whether a minus stands directly before an integer, and that decides whether 2^63 is
 * legal; so it is the parser that checks.  The text is looked at, no value is kept: whoever needs it reads it again.
 *
 * Whether a float is too large is decided on its decimal digits.  strtod would do, if it did not follow the locale of
 * the program that uses us as a library.
 */
#include "parser/parse.h"

/* ---- Number literals ---- */

static bool is_digit(char c) { return c >= '0' && c <= '9'; }

/* Is the integer at `text` at most 2^63-1, or 2^63 if `negative`? */
static bool integer_fits(const char *text, bool negative)
{
    const uint64_t limit = negative ? (uint64_t)1 << 63 : ((uint64_t)1 << 63) - 1;
    uint64_t value = 0;
    for (; is_digit(*text); text++) {
        uint64_t digit = (uint64_t)(*text - '0');
        if (value > (limit - digit) / 10)
            return false;
        value = value * 10 + digit;
    }
    return true;
}

/* 2^1024 - 2^970, the least number that rounds to infinity: its 309 digits. */
static const char least_infinite[] =
    "1797693134862315807937289714053034150799341327100378269361737789804449682927647509466490179775872070963"
    "3028641669288791094655554785194040263065748867150582068190890200070838367627385484581771153176447573027"
    "0069855571366959622842914819860834936475292719074168444365510704342711559699508093042880177904174497792";

enum { DIGITS_OF_LEAST_INFINITE = sizeof least_infinite - 1 };

static const int64_t huge_exponent = 1000000000000000; /* no literal has as many digits as this */

/* The number behind e or E, cut to something huge. */
static int64_t exponent_of(const char *text)
{
    if (*text != 'e' && *text != 'E')
        return 0;
    text++;
    bool negative = *text == '-';
    if (*text == '-' || *text == '+')
        text++;
    int64_t exponent = 0;
    for (; is_digit(*text); text++)
        exponent = exponent < huge_exponent ? exponent * 10 + (*text - '0') : exponent;
    return negative ? -exponent : exponent;
}

/* Compares two numbers of equally many digits before the dot; `digits` may contain the dot. */
static bool reaches_infinity(const char *digits)
{
    for (const char *limit = least_infinite; *limit != 0; limit++) {
        if (*digits == '.')
            digits++;
        char digit = is_digit(*digits) ? *digits++ : '0';
        if (digit != *limit)
            return digit > *limit;
    }
    return true;
}

static bool float_fits(const char *text)
{
    const char *first = text;
    while (*first == '0' || *first == '.')
        first++;
    const char *dot = text;
    while (*dot != '.')
        dot++;
    const char *end = dot + 1;
    while (is_digit(*end))
        end++;
    if (first >= end)
        return true; /* zero */
    int64_t digits_before_dot = first < dot ? dot - first : dot + 1 - first;
    int64_t magnitude = digits_before_dot + exponent_of(end);
    if (magnitude != DIGITS_OF_LEAST_INFINITE)
        return magnitude < DIGITS_OF_LEAST_INFINITE;
    return !reaches_infinity(first);
}

static NodeId too_large(Parser *parser, const char *message)
{
    tell(parser, E004, here(parser), message);
    return token_leaf(parser, AST_ERROR);
}

NodeId parse_integer(Parser *parser, AstKind kind, unsigned flags, bool negative)
{
    if (!integer_fits(source_at(&parser->session->text, here(parser)), negative))
        return too_large(parser, "integer literal is too large");
    NodeId leaf = new_leaf(parser, kind, flags, here(parser));
    advance(parser);
    return leaf;
}

NodeId parse_float(Parser *parser, AstKind kind, unsigned flags)
{
    if (!float_fits(source_at(&parser->session->text, here(parser))))
        return too_large(parser, "float literal is too large");
    NodeId leaf = new_leaf(parser, kind, flags, here(parser));
    advance(parser);
    return leaf;
}

/* ---- Patterns ---- */

/*  pats        = pattern { "," pattern } ; */
static void parse_patterns(Parser *parser)
{
    do
        push_item(parser, parse_pattern(parser));
    while (accept(parser, TOKEN_COMMA));
}

/*  pattern     = ... IDENT | IDENT "(" pats ")" ... */
static NodeId parse_name_pattern(Parser *parser)
{
    SourcePos pos = here(parser);
    NameId name = token_cursor_name(&parser->cursor);
    advance(parser);
    if (!at(parser, TOKEN_LEFT_PAREN)) {
        warn_if_reserved(parser, name, pos);
        return new_name(parser, AST_PATTERN_NAME, pos, name);
    }
    SourcePos opener = here(parser);
    size_t base = parser->items.height;
    advance(parser);
    parse_patterns(parser);
    expect_closer(parser, TOKEN_RIGHT_PAREN, opener, PLACE_PATTERN);
    uint32_t n = count_items(parser, base, E206, pos, "patterns");
    AstConstructorPattern *node =
        new_node(parser, AST_PATTERN_CONSTRUCTOR, 0, pos, sizeof *node + n * sizeof node->arguments[0]);
    node->name = name;
    node->n = n & AST_MAX_COUNT;
    pop_items_into(parser, base, node->arguments);
    return id_of(parser, node);
}

/*  pattern     = ... [ "-" ] INT | [ "-" ] FLOAT ... */
static NodeId parse_number_pattern(Parser *parser)
{
    unsigned flags = accept(parser, TOKEN_MINUS) ? AST_NEGATIVE : 0;
    if (at(parser, TOKEN_INT))
        return parse_integer(parser, AST_PATTERN_INT, flags, flags != 0);
    if (at(parser, TOKEN_FLOAT))
        return parse_float(parser, AST_PATTERN_FLOAT, flags);
    expected(parser, E011, "a number", PLACE_ANY);
    return error_node(parser);
}

/*  pattern     = ... "(" ")" | "(" pats ")" ... */
static NodeId parse_pattern_in_parentheses(Parser *parser)
{
    SourcePos opener = here(parser);
    advance(parser);
    if (accept(parser, TOKEN_RIGHT_PAREN))
        return new_leaf(parser, AST_PATTERN_UNIT, 0, opener);
    size_t base = parser->items.height;
    parse_patterns(parser);
    expect_closer(parser, TOKEN_RIGHT_PAREN, opener, PLACE_PATTERN);
    return new_tuple(parser, AST_PATTERN_TUPLE, opener, base);
}

/*  pattern     = ... "[" [ pats ] "]" ... */
static NodeId parse_list_pattern(Parser *parser)
{
    SourcePos opener = here(parser);
    size_t base = parser->items.height;
    advance(parser);
    if (!at(parser, TOKEN_RIGHT_BRACKET))
        parse_patterns(parser);
    expect_closer(parser, TOKEN_RIGHT_BRACKET, opener, PLACE_LIST_PATTERN);
    return new_items(parser, AST_PATTERN_LIST, opener, base);
}

/*  fpat        = label [ ( ":" | "=" ) pattern ] ; */
static void parse_field_pattern(Parser *parser)
{
    SourcePos pos = here(parser);
    NameId name = expect_label(parser, "a field name", PLACE_ANY);
    NodeId pattern = {0};
    if (accept(parser, TOKEN_COLON) || accept(parser, TOKEN_EQUAL))
        pattern = parse_pattern(parser);
    else
        warn_if_reserved(parser, name, pos);
    push_field(parser, name, pos, pattern);
}

/*  pattern     = ... "{" fpat { "," fpat } [ "," "..." ] "}" ; */
static NodeId parse_record_pattern(Parser *parser)
{
    SourcePos opener = here(parser);
    size_t base = parser->items.height;
    unsigned flags = 0;
    if (peek(parser) == TOKEN_RIGHT_BRACE) {
        hint(parser, syntax_error(parser, E012, "empty record"), "a record pattern names a field");
        return error_node(parser);
    }
    advance(parser);
    parse_field_pattern(parser);
    while (flags == 0 && accept(parser, TOKEN_COMMA)) {
        if (accept(parser, TOKEN_ELLIPSIS))
            flags = AST_OPEN;
        else
            parse_field_pattern(parser);
    }
    expect_closer(parser, TOKEN_RIGHT_BRACE, opener, PLACE_ANY);
    return new_fields(parser, AST_PATTERN_RECORD, flags, opener, base);
}

static NodeId parse_pattern_here(Parser *parser)
{
    switch ((int)parser->cursor.kind) {
    case TOKEN_WILD:
        return token_leaf(parser, AST_PATTERN_WILD);
    case TOKEN_IDENTIFIER:
        return parse_name_pattern(parser);
    case TOKEN_MINUS:
    case TOKEN_INT:
    case TOKEN_FLOAT:
        return parse_number_pattern(parser);
    case TOKEN_STRING:
        return token_leaf(parser, AST_PATTERN_STRING);
    case TOKEN_TRUE:
        return token_leaf(parser, AST_PATTERN_TRUE);
    case TOKEN_FALSE:
        return token_leaf(parser, AST_PATTERN_FALSE);
    case TOKEN_LEFT_PAREN:
        return parse_pattern_in_parentheses(parser);
    case TOKEN_LEFT_BRACKET:
        return parse_list_pattern(parser);
    case TOKEN_LEFT_BRACE:
        return parse_record_pattern(parser);
    default:
        expected(parser, E011, "a pattern", PLACE_PATTERN);
        return error_node(parser);
    }
}

/*  pattern     = WILD | IDENT | IDENT "(" pats ")" | [ "-" ] INT | [ "-" ] FLOAT
                | STRING | "true" | "false" | "(" ")" | "(" pats ")"
                | "[" [ pats ] "]" | "{" fpat { "," fpat } [ "," "..." ] "}" ; */
NodeId parse_pattern(Parser *parser)
{
    if (!enter(parser))
        return error_node(parser);
    NodeId pattern = parse_pattern_here(parser);
    leave(parser);
    return pattern;
}
