/*
 * The verifier of the IR: it says nothing of what the builder makes, and finds each of these damages, which it tells by
 * the instruction and by what is wrong there.
 */
#define _POSIX_C_SOURCE 200809L
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "ir/builder.h"
#include "lexer/lexer.h"
#include "parser/parser.h"

static const char program[] =
    "extern abs: (CInt) -> CInt\n"
    "type Point = { x: Int, y: Float64 }\n"
    "type Tree = Leaf | Node(Tree, Int)\n"
    "func inner(n: Int) -> Int : if n > 1 then (if n > 2 then 5 else 6) else 7\n"
    "func loop(n: Int, sum: Int) -> Int : if n == 0 then sum else loop(n - 1, sum + n)\n"
    "func make(n: Int) -> Point : { x = n, y = 1.5 }\n"
    "func read(p: Point) -> Int : p.x\n"
    "func wood(t: Tree) -> Int : match t with | Leaf -> 0 | Node(_, n) -> n\n"
    "func grow(t: Tree) -> Tree : Node(t, 3)\n"
    "func list(n: Int) -> List<Int> : [n, 2]\n"
    "func first(ns: List<Int>) -> Int : match ns with | Cons(n, _) -> n | _ -> 0\n"
    "func later(n: Int) -> Int -> Int : \\k -> k + n\n"
    "func value(f: Int -> Int) -> Int : f(3)\n"
    "func foreign(n: Int) -> Int : abs(n)\n"
    "func show(n: Int) -> Unit : print(\"x\")\n"
    "func checked(n: Int) -> Int requires n > 0 : -n\n"
    "func main() -> Int : inner(loop(3, 0))\n";

/* A program's IR, with words that can be changed. */
typedef struct {
    Options options;
    Pool *pool;
    Session session;
    ArenaAccount account;
    Arena arena, scratch;
    Ir ir;
    uint32_t *words;
    IrFunction *functions;
} Built;

static void *copy_of(const void *items, size_t bytes)
{
    void *copy = malloc(bytes);
    assert_non_null(copy);
    return memcpy(copy, items, bytes);
}

static void build(Built *b)
{
    memset(b, 0, sizeof *b);
    b->options = options_default();
    b->pool = pool_open(&(PoolOptions){.mode = POOL_RECYCLE});
    session_open(&b->session, b->pool, &b->options);
    arena_account_open(&b->account, b->pool, "all", 0);
    arena_open(&b->arena, &b->account, "products");
    arena_open(&b->scratch, &b->account, "scratch");
    Arena tokens_arena = {0}, ast_arena = {0};
    arena_open(&tokens_arena, &b->account, "tokens");
    arena_open(&ast_arena, &b->account, "ast");
    FileId file;
    assert_int_equal(source_add(&b->session.text, "program.pole-ir", program, strlen(program), &file), SOURCE_OK);
    Tokens tokens = lex(&tokens_arena, &b->session, file);
    Ast ast = parse(&ast_arena, &b->session, &tokens);
    b->ir = build_ir(&b->arena, &b->session, &ast);
    for (const Diagnostic *d = b->session.diagnostics.first; d != NULL; d = d->next)
        fail_msg("%s", d->message);
    arena_free(&tokens_arena);
    arena_free(&ast_arena);
    b->ir.words = b->words = copy_of(b->ir.words, b->ir.n_words * sizeof *b->words);
    b->ir.functions = b->functions = copy_of(b->ir.functions, b->ir.n_functions * sizeof *b->functions);
}

static void drop(Built *b)
{
    free(b->words);
    free(b->functions);
    arena_free(&b->arena);
    arena_free(&b->scratch);
    arena_account_close(&b->account);
    session_close(&b->session);
    pool_close(b->pool);
}

/* What the verifier says; the caller frees it. */
static char *said(Built *b, bool *good)
{
    char *text = NULL;
    size_t length;
    FILE *stream = open_memstream(&text, &length);
    assert_non_null(stream);
    *good = ir_verify(stream, &b->session, &b->ir, &b->scratch);
    fclose(stream);
    return text;
}

static IrFunction *function_named(Built *b, const char *name, unsigned flags)
{
    for (uint32_t i = 0; i < b->ir.n_functions; i++) {
        IrFunction *f = &b->functions[i];
        if (name_length(&b->session.names, f->name) == strlen(name) &&
            memcmp(name_text(&b->session.names, f->name), name, strlen(name)) == 0 && (f->flags & IR_CLOSURE_BODY) == flags)
            return f;
    }
    fail_msg("no function %s", name);
    return NULL;
}

/* The which-th instruction of that operation. */
static uint32_t *instruction(Built *b, const IrFunction *f, IrOp op, int which)
{
    uint32_t *words = b->words + f->first_word;
    for (uint32_t at = 0; at < f->n_words; at += ir_size((const IrHead *)(const void *)(words + at)))
        if (((const IrHead *)(const void *)(words + at))->op == (uint32_t)op && which-- == 0)
            return words + at;
    fail_msg("no %s", ir_op_name(op));
    return NULL;
}

/* One word of an instruction is set to something wrong; what must be said. */
typedef struct {
    const char *function;
    unsigned flags;
    IrOp op;
    int which;
    uint32_t word, value;
    const char *message;
} Damage;

enum { HEAD = 0, MANY = 1000000, TYPE_ONLY = 2000000 }; /* values: TYPE_ONLY + n changes the type in the head to n */

static const Damage damages[] = {
    /* shape */
    {"inner", 0, IR_BLOCK, 1, 1, MANY, "block 1000000 of"},
    {"inner", 0, IR_BLOCK, 2, 1, 1, "block 1 stands twice"},
    {"inner", 0, IR_BLOCK, 0, 1, 1, "the first block is 1"},
    {"inner", 0, IR_RETURN, 0, HEAD, N_IR_OPS, "(?): no such operation"},
    {"inner", 0, IR_RETURN, 0, HEAD, IR_BOOL, "the block before it has no end"},
    {"inner", 0, IR_BLOCK, 0, HEAD, IR_NAT_CHECK, "outside any block"},
    {"loop", 0, IR_BLOCK, 0, 2, 1, "parameters are missing or too many"},
    {"loop", 0, IR_BLOCK, 0, 2, 3, "parameters are missing or too many"},
    {"list", 0, IR_LIST, 0, 1, 50, "(end): the function's last instruction is cut"},
    /* edges */
    {"inner", 0, IR_BRANCH, 0, 2, MANY, "to block 1000000 of"},
    {"inner", 0, IR_BRANCH, 0, 2, 0, "back to block 0 without IR_TAIL_LOOP"},
    {"inner", 0, IR_BRANCH, 1, 2, 1, "back to block 1"},
    {"inner", 0, IR_BRANCH, 0, 2, 2, "nothing leads to block"},
    {"loop", 0, IR_JUMP, 0, 1, MANY, "to block 1000000 of"},
    {"loop", 0, IR_BRANCH, 0, 2, 0, "to a block with parameters"},
    /* uses */
    {"checked", 0, IR_NEGATE, 0, 2, 0, "operand 0 is no value computed before"},
    {"checked", 0, IR_NEGATE, 0, 2, MANY, "operand 1000000 is no value computed before"},
    {"checked", 0, IR_CHECK, 0, 2, 3, "operand 3 is of type"},
    {"checked", 0, IR_RETURN, 0, 1, 1, "operand 1 is no value computed before"},
    {"loop", 0, IR_EQUAL, 0, 3, 0, "operand 0 is no value"},
    {"inner", 0, IR_BRANCH, 0, 1, 3, "operand 3 is of type"},
    {"make", 0, IR_RECORD, 0, HEAD, TYPE_ONLY + TYPE_UNIT, "has no fields"},
    {"make", 0, IR_RECORD, 0, 3, 3, "operand 3 is of type"},
    {"make", 0, IR_RECORD, 0, 2, 0, "operand 0 is no value"},
    {"read", 0, IR_FIELD, 0, 2, 2, "field 2"},
    {"read", 0, IR_PARAM, 0, HEAD, TYPE_ONLY + TYPE_INT, "has no fields"},
    {"read", 0, IR_FIELD, 0, 1, 0, "operand 0 is no value"},
    {"wood", 0, IR_TAG_IS, 0, 2, 2, "constructor 2 of type"},
    {"wood", 0, IR_PAYLOAD, 0, 1, 0, "operand 0 is no value"},
    {"wood", 0, IR_PAYLOAD, 0, 2, 9, "constructor 9 of type"},
    {"wood", 0, IR_PAYLOAD, 0, 3, 2, "payload 2"},
    {"grow", 0, IR_VARIANT, 0, 1, 9, "constructor 9 of type"},
    {"grow", 0, IR_VARIANT, 0, 1, 0, "2 operands, not 0"},
    {"grow", 0, IR_VARIANT, 0, 4, 3, "operand 3 is of type"},
    {"grow", 0, IR_VARIANT, 0, 4, 0, "operand 0 is no value"},
    {"list", 0, IR_LIST, 0, HEAD, TYPE_ONLY + TYPE_INT, "a list of type"},
    {"list", 0, IR_LIST, 0, 2, 0, "operand 0 is no value"},
    {"first", 0, IR_LIST_LENGTH, 0, 1, 0, "operand 0 is no value"},
    {"value", 0, IR_CALL_VALUE, 0, 2, 0, "operand 0 is no value"},
    {"value", 0, IR_CALL_VALUE, 0, 4, 0, "operand 0 is no value"},
    {"foreign", 0, IR_CALL_EXTERN, 0, 2, 9, "extern 9"},
    {"show", 0, IR_CALL_BUILTIN, 0, 2, N_BUILTINS, "builtin"},
    {"later", 0, IR_CLOSURE, 0, 2, 0, "function 0 is no closure body"},
    {"later", 0, IR_CLOSURE, 0, 2, MANY, "function 1000000"},
    {"main", 0, IR_CALL, 0, 2, MANY, "function 1000000"},
    {"main", 0, IR_CALL, 1, 4, 0, "operand 0 is no value"},
};

static void check_damage(Built *b, const Damage *damage)
{
    uint32_t *at = instruction(b, function_named(b, damage->function, damage->flags), damage->op, damage->which) + damage->word;
    uint32_t before = *at;
    if (damage->word != HEAD)
        *at = damage->value;
    else if (damage->value >= TYPE_ONLY)
        ((IrHead *)(void *)at)->type = damage->value - TYPE_ONLY;
    else
        ((IrHead *)(void *)at)->op = damage->value & 0xFF;
    bool good;
    char *text = said(b, &good);
    *at = before;
    if (good || strstr(text, damage->message) == NULL || strstr(text, damage->function) == NULL ||
        strchr(text, '\n') != text + strlen(text) - 1)
        fail_msg("%s, word %u of %s: wanted '%s', found '%s'", damage->function, damage->word, ir_op_name(damage->op),
                 damage->message, text);
    free(text);
}

static void says_nothing_of_good_ir(void **state)
{
    (void)state;
    Built b;
    build(&b);
    bool good;
    char *text = said(&b, &good);
    assert_string_equal(text, "");
    assert_true(good);
    free(text);
    drop(&b);
}

static void finds_damaged_instructions(void **state)
{
    (void)state;
    Built b;
    build(&b);
    for (size_t i = 0; i < sizeof damages / sizeof *damages; i++)
        check_damage(&b, &damages[i]);
    drop(&b);
}

static void check_said(Built *b, const char *message)
{
    bool good;
    char *text = said(b, &good);
    assert_false(good);
    if (strstr(text, message) == NULL)
        fail_msg("wanted '%s', found '%s'", message, text);
    free(text);
}

/* What stands in the table of functions, and behind it. */
static void finds_damaged_functions(void **state)
{
    (void)state;
    Built b;
    build(&b);
    IrFunction *inner = function_named(&b, "inner", 0), before = *inner;
    inner->n_blocks++;
    check_said(&b, "blocks stand");
    *inner = before;
    inner->first_word = b.ir.n_words;
    check_said(&b, "it lies outside the words");
    *inner = before;
    inner->n_words = b.ir.n_words + 1;
    check_said(&b, "it lies outside the words");
    *inner = before;
    inner->n_words -= 2; /* the return */
    check_said(&b, "is cut or no end");
    *inner = before;
    function_named(&b, "loop", 0)->flags &= ~(uint32_t)IR_TAIL_LOOP;
    check_said(&b, "back to block 0 without IR_TAIL_LOOP");
    function_named(&b, "loop", 0)->flags |= IR_TAIL_LOOP;
    assert_true(b.ir.has_main);
    b.ir.main.i = b.ir.n_functions;
    check_said(&b, "main is function");
    drop(&b);
}

/* A value is used where the block that computes it need not have run. */
static void finds_uses_that_nothing_dominates(void **state)
{
    (void)state;
    Built b;
    build(&b);
    const IrFunction *inner = function_named(&b, "inner", 0);
    const uint32_t *words = b.words + inner->first_word;
    uint32_t five = 0; /* the 5 of inner, which the other branches do not compute */
    for (int i = 0; five == 0; i++) {
        const uint32_t *constant = instruction(&b, inner, IR_INT32, i);
        if (constant[1] == 5)
            five = (uint32_t)(constant - words);
    }
    uint32_t *last = instruction(&b, inner, IR_RETURN, 2);
    assert_true(last > words + five);
    last[1] = five;
    check_said(&b, "belongs to a block that does not dominate");
    drop(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(says_nothing_of_good_ir),
        cmocka_unit_test(finds_damaged_instructions),
        cmocka_unit_test(finds_damaged_functions),
        cmocka_unit_test(finds_uses_that_nothing_dominates),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
