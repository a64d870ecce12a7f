/*
 * The parser's private state and the helpers that its files share.  Included by parse*.c only.
 *
 * Two ideas carry all of it:
 *
 *   Recovery without unwinding.  The first syntax error of a declaration is reported, the cursor is moved to where the
 *   next declaration seems to start, and from then on the parser sees "end of file" and reports nothing.  No function
 *   can go on from there, so all of them return by their ordinary path, and the loop over the declarations clears the
 *   state.  So no function has to ask whether the one that it called has failed.
 *
 *   Chains in scratch.  Children must be made before their parents, but in a chain that leans right (let, `;`, else if,
 *   =>, type arrows) the parent is read first.  What is known of it waits as a Link in scratch until the end of the
 *   chain has been read, and then the chain is folded from its end.  So its length costs no stack.
 */
#ifndef POLEC_PARSER_PARSE_H
#define POLEC_PARSER_PARSE_H

#include <string.h>

#include "parser/ast.h"
#include "parser/parser.h"

/* A member of a right-leaning chain whose last child has not been read yet. */
typedef struct {
    uint8_t kind;       /* AST_LET, AST_SEQUENCE, AST_IF or AST_TYPE_ARROW */
    uint8_t flags;      /* of the node to be made */
    SourcePos pos;
    NodeId first;       /* let: pattern; sequence: the expression before `;`; if: condition; arrow: parameter */
    NodeId second;      /* let: value; if: then branch */
    NodeId type;        /* let: the binder's type or 0 */
} Link;

/* A stack in scratch.  Its array only ever grows: shrinking an array makes the arena take stock, which is too much work
   to do at the end of every list. */
typedef struct {
    ArenaArray *array;
    size_t height;      /* elements in use, at most array->count */
} Stack;

/* An operator whose right operand has not been read yet. */
typedef struct {
    NodeId left;        /* 0 for a prefix operator */
    SourcePos pos;
    uint8_t op;         /* AstOperator */
    uint8_t precedence; /* see parse_expression.c */
} PendingOperator;

/* A module whose `end` has not been read yet. */
typedef struct {
    NameId name;
    SourcePos pos;      /* of the name */
    NodeId signature;   /* or 0 */
    uint32_t first_item; /* where its items start on the stack */
    bool lost;          /* without a name or nested too deeply: it becomes AST_ERROR */
    bool in_braces;     /* an error; a closing brace is its end */
} OpenModule;

typedef struct {
    Session *session;
    TokenCursor cursor;
    bool recovering;          /* an error was reported; cursor.kind pretends to be TOKEN_END */
    bool in_signature;        /* `end` closes something although no module is open */
    bool modules_too_deep;    /* E014 was reported for a module of this file */
    uint32_t depth;           /* of nesting, compared with MAX_NESTING */
    TokenId behind_minus;     /* the token directly behind the last unary minus: there 2^63 is legal */
    ArenaArray *nodes;        /* uint32_t: Ast.words; result arena */
    Stack items;              /* uint32_t: members of the lists that are being read */
    Stack links;              /* Link */
    Stack operators;          /* PendingOperator */
    Stack modules;            /* OpenModule, innermost last */
    ParseMarks *marks;        /* to be left while the first file is read; else NULL */
    Arena *arena;             /* of the result */
} Parser;

/* ---- Cursor ---- */

static inline bool at(const Parser *parser, TokenKind kind) { return parser->cursor.kind == kind; }
static inline SourcePos here(const Parser *parser) { return parser->cursor.pos; }

static inline void advance(Parser *parser) { token_cursor_advance(&parser->cursor); }

/* Tells the session where the parser is.  It wants to know in case that memory runs out, so it is told before anything
   that may take memory from the system, and not at every token. */
static inline void note_place(Parser *parser) { parser->session->working_at = parser->cursor.pos; }

static inline bool accept(Parser *parser, TokenKind kind)
{
    if (parser->cursor.kind != kind)
        return false;
    advance(parser);
    return true;
}

/* The kind of the token after the current one, or TOKEN_END where nothing can follow. */
static inline TokenKind peek(const Parser *parser)
{
    return at(parser, TOKEN_END) ? TOKEN_END : token_cursor_peek(&parser->cursor);
}

/* What was to be read where an error is: advice.def knows what people write there by mistake. */
typedef enum {
    PLACE_ANY, PLACE_ITEM, PLACE_BODY_END, PLACE_PARAMS, PLACE_PARAM_TYPE, PLACE_PARAMS_CLOSER, PLACE_RESULT, PLACE_BODY,
    PLACE_PATH, PLACE_MODULE, PLACE_EXTERN_NAME, PLACE_EXTERN_TYPE, PLACE_EXTERN_PARAMS, PLACE_TYPE, PLACE_EXPRESSION,
    PLACE_THEN, PLACE_ELSE, PLACE_WITH, PLACE_ARM, PLACE_PATTERN, PLACE_LIST_PATTERN, PLACE_BINDER,
    PLACE_IN, PLACE_LAMBDA, PLACE_LAMBDA_TYPE, PLACE_FIELD, PLACE_FIELD_VALUE, PLACE_MEMBER, PLACE_BRACKET_CLOSER,
    PLACE_ARGUMENTS_CLOSER,
} Place;

void expected_token(Parser *parser, TokenKind kind, Place place);
static inline bool expect(Parser *parser, TokenKind kind, Place place)
{
    if (accept(parser, kind))
        return true;
    expected_token(parser, kind, place);
    return false;
}

/* Expects the closer of the bracket at `opener` and names the opener if it is missing. */
void expected_closer(Parser *parser, TokenKind closer, SourcePos opener, Place place);
static inline void expect_closer(Parser *parser, TokenKind closer, SourcePos opener, Place place)
{
    if (!accept(parser, closer))
        expected_closer(parser, closer, opener, place);
}

/* An identifier, or a label, which declaration keywords may be, too.  `what` is for the message: "a field name".
   Returns 0 after an error. */
NameId expect_name(Parser *parser, const char *what, Place place);
NameId expect_label(Parser *parser, const char *what, Place place);

/* ---- Errors ---- */

/* Reports at the current token and starts recovering.  NULL if nothing was reported: during recovery, and at a
   TOKEN_ERROR, which the lexer has reported. */
Diagnostic *syntax_error(Parser *parser, DiagnosticCode code, const char *message);

/* The same with the message "expected WHAT, found 'X'", and with advice. */
Diagnostic *expected(Parser *parser, DiagnosticCode code, const char *what, Place place);

/* Reports at `pos` and reads on: for what is wrong, but can be read. */
void tell(Parser *parser, DiagnosticCode code, SourcePos pos, const char *message);

/* Text behind the caret run, and a second place.  Both do nothing if `diagnostic` is NULL. */
void hint(Parser *parser, Diagnostic *diagnostic, const char *text);
void point_at(Parser *parser, Diagnostic *diagnostic, SourcePos pos, const char *text);

/* W003 if `name`, declared or bound at `pos`, is one of the words reserved for later. */
void warn_if_reserved(Parser *parser, NameId name, SourcePos pos);

/* Starts recovering without a report, behind the current token. */
void skip_declaration(Parser *parser);

/* Ends the recovery: the cursor shows the token again at which skipping stopped. */
void resume(Parser *parser);

/* True at a token that may start an item, end a module or end the file. */
bool at_item_boundary(const Parser *parser);

/* Every nesting is entered and left; entering fails (E014, recovering) beyond MAX_NESTING. */
void nested_too_deeply(Parser *parser);
static inline bool enter(Parser *parser)
{
    if (parser->depth > MAX_NESTING) { /* what is nested nowhere counts as one level, too */
        nested_too_deeply(parser);
        return false;
    }
    parser->depth++;
    return true;
}
static inline void leave(Parser *parser) { parser->depth--; }

/* ---- Nodes ---- */

/* A new node of `bytes` bytes with its head filled in; the address holds until the next one is made. */
static inline void *new_node(Parser *parser, AstKind kind, unsigned flags, SourcePos pos, size_t bytes)
{
    ArenaArray *nodes = parser->nodes;
    size_t n_words = bytes / sizeof(uint32_t);
    if (nodes->capacity - nodes->count < n_words) {
        note_place(parser);
        array_reserve_slow(nodes, n_words);
    }
    AstHead *head = (void *)((uint32_t *)(void *)nodes->items + nodes->count);
    nodes->count += n_words;
    *head = (AstHead){(uint8_t)kind, (uint8_t)flags, 0, pos};
    return head;
}

static inline NodeId id_of(const Parser *parser, const void *node)
{
    return (NodeId){(uint32_t)((const uint32_t *)node - (const uint32_t *)(const void *)parser->nodes->items)};
}

static inline AstKind kind_of(const Parser *parser, NodeId id)
{
    const uint32_t *words = (const uint32_t *)(const void *)parser->nodes->items;
    return (AstKind)((const AstHead *)(const void *)(words + id.i))->kind;
}

static inline NodeId new_leaf(Parser *parser, AstKind kind, unsigned flags, SourcePos pos)
{
    return id_of(parser, new_node(parser, kind, flags, pos, sizeof(AstLeaf)));
}

static inline NodeId new_name(Parser *parser, AstKind kind, SourcePos pos, NameId name)
{
    AstName *node = new_node(parser, kind, 0, pos, sizeof(AstName));
    node->name = name;
    return id_of(parser, node);
}

/* What stands where something was reported. */
static inline NodeId error_node(Parser *parser) { return new_leaf(parser, AST_ERROR, 0, here(parser)); }

/* A token that is a node by itself: a literal, `_`. */
static inline NodeId token_leaf(Parser *parser, AstKind kind)
{
    NodeId leaf = new_leaf(parser, kind, 0, here(parser));
    advance(parser);
    return leaf;
}

/* How many items from `base` on a node with AST_COUNTED_HEAD gets: more than it can count are reported and dropped. */
uint32_t count_items(Parser *parser, size_t base, DiagnosticCode code, SourcePos pos, const char *what);

/* ---- Stacks ---- */

/* `n` new elements of `element_size` bytes on top; the address holds until the next push. */
static inline void *stack_push(Parser *parser, Stack *stack, size_t n, size_t element_size)
{
    ArenaArray *array = stack->array;
    size_t height = stack->height + n;
    if (height > array->count) {
        note_place(parser);
        array_push(array, height - array->count);
    }
    void *first = array->items + stack->height * element_size;
    stack->height = height;
    return first;
}

/* The words of the list items from `base` on; valid until the next push. */
static inline const uint32_t *items_from(const Parser *parser, size_t base)
{
    return (const uint32_t *)(const void *)parser->items.array->items + base;
}

static inline void push_item(Parser *parser, NodeId item)
{
    *(uint32_t *)stack_push(parser, &parser->items, 1, sizeof(uint32_t)) = item.i;
}

/* Pushes the three words of an AstFieldInit or AstArgument. */
static inline void push_field(Parser *parser, NameId name, SourcePos pos, NodeId value)
{
    uint32_t *words = stack_push(parser, &parser->items, 3, sizeof(uint32_t));
    words[0] = name.i;
    words[1] = pos.at;
    words[2] = value.i;
}

/* Moves everything from `base` on into `target`, the flexible member of a new node. */
static inline void pop_items_into(Parser *parser, size_t base, void *target)
{
    memcpy(target, items_from(parser, base), (parser->items.height - base) * sizeof(uint32_t));
    parser->items.height = base;
}

/* An AstItems of the nodes, an AstFields of the fields that were pushed from `base` on. */
NodeId new_items(Parser *parser, AstKind kind, SourcePos pos, size_t base);
NodeId new_tuple(Parser *parser, AstKind kind, SourcePos pos, size_t base); /* one item in parentheses is just itself */
NodeId new_fields(Parser *parser, AstKind kind, unsigned flags, SourcePos pos, size_t base);

static inline NodeId new_param(Parser *parser, SourcePos pos, NameId name, NodeId type)
{
    AstParam *node = new_node(parser, AST_PARAM, 0, pos, sizeof *node);
    node->name = name;
    node->type = type;
    return id_of(parser, node);
}

/* ---- Open modules ---- */

static inline OpenModule *innermost_module(Parser *parser)
{
    return (OpenModule *)(void *)parser->modules.array->items + parser->modules.height - 1;
}

/* The braces of a module have been reported where they open. */
static inline bool at_closing_brace(Parser *parser)
{
    return at(parser, TOKEN_RIGHT_BRACE) && parser->modules.height > 0 && innermost_module(parser)->in_braces;
}

/* ---- Links ---- */

static inline void push_link(Parser *parser, Link link)
{
    *(Link *)stack_push(parser, &parser->links, 1, sizeof link) = link;
}

/* Makes the nodes of the links from `base` on; `last` is what the innermost of them was waiting for. */
NodeId fold_links(Parser *parser, size_t base, NodeId last);

/* ---- The grammar ---- */

NodeId parse_body(Parser *parser);
NodeId parse_expression(Parser *parser);
NodeId parse_type(Parser *parser);
NodeId parse_type_name(Parser *parser);       /* at a name: that, and its arguments */
void parse_types(Parser *parser);            /* pushes them */
NodeId parse_pattern(Parser *parser);
NodeId parse_integer(Parser *parser, AstKind kind, unsigned flags, bool negative);  /* checks the range: E004 */
NodeId parse_float(Parser *parser, AstKind kind, unsigned flags);

/* parse_declaration.c */
NodeId parse_declaration(Parser *parser);         /* or an annotation */
uint32_t parse_type_parameters(Parser *parser);   /* "<" ... ">", if there: pushes them and returns how many there are */
NodeId new_type_declaration(Parser *parser, AstKind kind, SourcePos pos, NameId name, uint32_t n_type_parameters, size_t base);

/* The file's items from the cursor on; those in front of it are on the stack from `base` on. */
NodeId parse_file(Parser *parser, FileId file, size_t base);

/* ---- Marks ---- */

void note_mark(Parser *parser, size_t base); /* in front of an item of the first file */

#endif
