/*
 * The tree-sitter grammar of Pole IR.  What tokens look like comes from compiler/lexer/tokens.def by way of tokens.js
 * (make_tree_sitter.py); the rules are those of the recursive descent in compiler/parser/, whose names stand beside them.
 *
 * An editor sees unfinished programs all day, so a little more is taken than polec takes: comparisons may chain, and words
 * that are keywords elsewhere are names where no keyword can stand.
 */
const T = require('./tokens.js');

/* Loosest first, as in parser/parse_expression.c. */
const IMPLIES = 1, OR = 2, AND = 3, COMPARISON = 4, SUM = 5, PRODUCT = 6, PREFIX = 7;

const some = (rule) => seq(rule, repeat(seq(T.COMMA, rule)));
const list_of = (rule) => optional(seq(some(rule), optional(T.COMMA)));

function binary($, precedence, associativity, ...operators) {
  return associativity(precedence, seq(
    field('left', $._operand), field('operator', choice(...operators)), field('right', $._operand)));
}

module.exports = grammar({
  name: 'pole_ir',

  word: $ => $.identifier,

  extras: $ => [/[ \t\r\n\uFEFF]/, $.comment],

  rules: {
    program: $ => repeat($._item),

    _item: $ => choice($.annotation, $.function, $.type_declaration, $.extern, $.module, $.signature, $.import),

    /* ---- Declarations: parser/parse_declaration.c ---- */

    annotation: $ => seq(T.AT, field('name', $._label),
      optional(seq(T.LEFT_PAREN, optional(some(choice($.named_argument, $._expression))), T.RIGHT_PAREN))),
    named_argument: $ => seq(field('name', $._label), T.EQUAL, field('value', $._expression)),

    function: $ => seq(T.FUNC, field('name', $.identifier), optional($.type_parameters), $.parameters,
      T.ARROW, field('result', $._type),
      optional(seq(repeat($.contract), T.COLON, field('body', $._body)))),
    parameters: $ => seq(T.LEFT_PAREN, list_of($.parameter), T.RIGHT_PAREN),
    parameter: $ => seq(field('name', choice($._label, $.wildcard)), T.COLON, field('type', $._type)),
    contract: $ => seq(choice(T.REQUIRES, T.ENSURES), $._expression),
    type_parameters: $ => seq(T.LESS, some($.identifier), T.GREATER),

    extern: $ => seq(T.EXTERN, field('name', $.identifier), T.COLON,
      T.LEFT_PAREN, optional(choice(seq(some($._type), optional(seq(T.COMMA, T.ELLIPSIS))), T.ELLIPSIS)), T.RIGHT_PAREN,
      T.ARROW, field('result', $._type), optional(T.SEMICOLON)),

    type_declaration: $ => seq(T.TYPE, field('name', $.identifier), optional($.type_parameters), T.EQUAL,
      field('type', choice($._type, $.variant))),
    variant: $ => choice(
      repeat1(seq(T.BAR, $.constructor)),
      seq($.constructor, repeat1(seq(T.BAR, $.constructor))),
      alias($._lone_constructor, $.constructor)),
    constructor: $ => seq(field('name', $.identifier), optional($._payload)),
    _lone_constructor: $ => seq(field('name', $.identifier), $._payload),
    _payload: $ => seq(T.LEFT_PAREN, some($._type), T.RIGHT_PAREN),

    module: $ => seq(T.MODULE, field('name', $.identifier),
      optional(seq(T.COLON, field('signature', $.named_type))),
      T.COLON, repeat($._item), T.END_KEYWORD),
    signature: $ => seq(T.SIGNATURE, field('name', $.identifier), optional($.type_parameters), T.COLON,
      repeat(choice($.signature_function, $.signature_type)), T.END_KEYWORD),
    signature_function: $ => seq(T.FUNC, field('name', $.identifier), T.COLON, field('type', $._type)),
    signature_type: $ => seq(T.TYPE, field('name', $.identifier), optional($.type_parameters)),

    import: $ => seq(T.IMPORT, $.identifier, repeat(seq(T.DOT, $.identifier)),
      optional(seq(T.AS, field('name', $.identifier)))),

    /* ---- Types: parser/parse_type.c ---- */

    _type: $ => choice($.function_type, $.forall_type, $._type_atom),
    function_type: $ => seq(field('parameter', $._type_atom), $._arrow, field('result', $._type)),
    _arrow: $ => choice(T.ARROW, T.ARROW_IO, seq(choice(T.ARROW_STATE, T.ARROW_ERROR), T.LESS, $._type, T.GREATER)),
    forall_type: $ => seq(T.FORALL, repeat1($.identifier), T.DOT, $._type),
    _type_atom: $ => choice($.named_type, $.tuple_type, $.record_type),
    named_type: $ => seq(field('name', $.identifier), optional(seq(T.LESS, some($._type), T.GREATER))),
    tuple_type: $ => seq(T.LEFT_PAREN, optional(some($._type)), T.RIGHT_PAREN),
    record_type: $ => seq(T.LEFT_BRACE, some($.field), optional(T.COMMA), T.RIGHT_BRACE),
    field: $ => seq(field('name', $._label), T.COLON, field('type', $._type)),

    /* ---- Expressions: parser/parse_expression.c ----
       A body may be a sequence, an expression may not; if, match and lambda are no operands. */

    _body: $ => choice(alias($._let_body, $.let), $.sequence, $._control),
    _let_body: $ => seq($._let_head, field('body', $._body)),
    sequence: $ => seq($._control, choice(T.SEMICOLON, T.IN), $._body),

    _expression: $ => choice($.let, $._control),
    let: $ => seq($._let_head, field('body', $._expression)),
    _let_head: $ => seq(T.LET, field('pattern', $._pattern), optional(seq(T.COLON, field('type', $._type))), T.EQUAL,
      optional(T.LAZY), field('value', $._expression), T.IN),

    _control: $ => choice($.if, $.match, $.lambda, $._operand),
    if: $ => seq(T.IF, field('condition', $._expression), T.THEN, field('then', $._expression),
      T.ELSE, field('else', $._expression)),
    match: $ => prec.right(seq(T.MATCH, field('value', $._expression), T.WITH, optional(T.BAR), $.arm,
      repeat(seq(T.BAR, $.arm)))),
    arm: $ => seq(field('pattern', $._pattern), T.ARROW, field('value', $._expression)),
    lambda: $ => seq(T.BACKSLASH, repeat1($._lambda_parameter), T.ARROW, field('body', $._expression)),
    _lambda_parameter: $ => choice($.identifier, $.wildcard, seq(T.LEFT_PAREN, $.parameter, T.RIGHT_PAREN)),

    _operand: $ => choice($.binary, $.unary, $.application, $._post),
    binary: $ => choice(
      binary($, IMPLIES, prec.right, T.IMPLIES, '==>'),
      binary($, OR, prec.left, T.OR_OR, T.OR),
      binary($, AND, prec.left, T.AND_AND, T.AND),
      binary($, COMPARISON, prec.left, T.EQUAL_EQUAL, T.NOT_EQUAL, T.LESS, T.GREATER, T.LESS_EQUAL, T.GREATER_EQUAL),
      binary($, SUM, prec.left, T.PLUS, T.MINUS),
      binary($, PRODUCT, prec.left, T.STAR, T.SLASH, T.PERCENT)),
    unary: $ => prec(PREFIX, seq(field('operator', choice(T.MINUS, T.NOT)), field('operand', $._operand))),

    /* Behind the head of an application '(' opens an argument list; behind its first argument, one more argument. */
    application: $ => seq(field('function', $._post), $._first_argument, repeat($._next_argument)),
    _first_argument: $ => choice($._bare, alias($._bare_field, $.field_access)),
    _bare_field: $ => seq(choice($._bare, alias($._bare_field, $.field_access)), T.DOT, field('name', $._label)),
    _next_argument: $ => choice($._atom, alias($._atom_field, $.field_access)),
    _atom_field: $ => seq(choice($._atom, alias($._atom_field, $.field_access)), T.DOT, field('name', $._label)),

    _post: $ => choice($._atom, $.call, $.field_access),
    call: $ => seq(field('function', $._post), $.arguments),
    arguments: $ => seq(T.LEFT_PAREN, list_of($._expression), T.RIGHT_PAREN),
    field_access: $ => seq(field('record', $._post), T.DOT, field('name', $._label)),

    _atom: $ => choice($._bare, $.unit, $.parenthesized, $.ascription, $.tuple),
    unit: $ => seq(T.LEFT_PAREN, T.RIGHT_PAREN),
    parenthesized: $ => seq(T.LEFT_PAREN, $._body, T.RIGHT_PAREN),
    ascription: $ => seq(T.LEFT_PAREN, $._body, T.COLON, field('type', $._type), T.RIGHT_PAREN),
    tuple: $ => seq(T.LEFT_PAREN, $._body, repeat1(seq(T.COMMA, $._expression)), T.RIGHT_PAREN),
    _bare: $ => choice($.integer, $.float, $.string, $.boolean, $.identifier, $.list, $.record),
    list: $ => seq(T.LEFT_BRACKET, list_of($._expression), T.RIGHT_BRACKET),
    record: $ => seq(T.LEFT_BRACE, some($.field_value), optional(T.COMMA), T.RIGHT_BRACE),
    field_value: $ => seq(field('name', $._label), choice(T.COLON, T.EQUAL), field('value', $._expression)),

    /* ---- Patterns: parser/parse_pattern.c ---- */

    _pattern: $ => choice($.wildcard, $.identifier, $.constructor_pattern, $.negative, $.integer, $.float, $.string, $.boolean,
      $.tuple_pattern, $.list_pattern, $.record_pattern),
    constructor_pattern: $ => seq(field('name', $.identifier), T.LEFT_PAREN, some($._pattern), T.RIGHT_PAREN),
    negative: $ => seq(T.MINUS, choice($.integer, $.float)),
    tuple_pattern: $ => seq(T.LEFT_PAREN, optional(some($._pattern)), T.RIGHT_PAREN),
    list_pattern: $ => seq(T.LEFT_BRACKET, optional(some($._pattern)), T.RIGHT_BRACKET),
    record_pattern: $ => seq(T.LEFT_BRACE, some($.field_pattern), optional(seq(T.COMMA, T.ELLIPSIS)), T.RIGHT_BRACE),
    field_pattern: $ => seq(field('name', $._label), optional(seq(choice(T.COLON, T.EQUAL), field('pattern', $._pattern)))),

    /* ---- Tokens: lexer/lexer.re ---- */

    _label: $ => choice($.identifier, alias(choice(...T.LABELS), $.identifier)),
    identifier: $ => /[A-Za-z_][A-Za-z0-9_]*/,
    wildcard: $ => T.WILD,
    boolean: $ => choice(T.TRUE, T.FALSE),
    integer: $ => /[0-9]+/,
    float: $ => /[0-9]+\.[0-9]+([eE][+-]?[0-9]+)?/,
    string: $ => seq('"', repeat(choice($._string_text, $.escape)), token.immediate('"')),
    _string_text: $ => token.immediate(prec(1, /[^"\\\r\n]+/)),
    escape: $ => token.immediate(/\\[ntr\\"0]/),
    comment: $ => token(choice(seq('//', /[^\r\n]*/), seq('/*', /[^*]*\*+([^/*][^*]*\*+)*/, '/'))),
  },
});
