/*
 * Re-checking a changed text: whatever is edited, everything is as if it had been checked from scratch, to the number of
 * every name, node and type and to the last byte in use.
 *
 * The edits are random, with fixed seeds: characters, tokens, declarations; in front, in the middle, at the end; inside
 * comments; errors made and mended; CRLF; comments and strings left open; imports, and the imported file itself.
 */
#define _POSIX_C_SOURCE 200809L
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "../recheck_difference.h"
#include "driver.h"
#include "recheck.h"

/* ---- A text that is edited ---- */

enum { MOST = 1 << 20 };

typedef struct {
    char bytes[MOST];
    size_t length;
    uint64_t random;
} Text;

static uint32_t below(Text *t, uint32_t n)
{
    t->random ^= t->random << 13, t->random ^= t->random >> 7, t->random ^= t->random << 17;
    return (uint32_t)((t->random >> 16) % n);
}

static void replace(Text *t, size_t at, size_t n, const char *with)
{
    size_t more = strlen(with);
    if (t->length - n + more >= MOST)
        return;
    memmove(t->bytes + at + more, t->bytes + at + n, t->length - at - n);
    memcpy(t->bytes + at, with, more);
    t->length += more - n;
}

static void append(Text *t, const char *declaration)
{
    replace(t, t->length, 0, declaration);
}

/* A declaration that fits into any program: it uses what comes before and behind it. */
static void declaration(Text *t, char *out, size_t size)
{
    unsigned i = below(t, 1000), j = below(t, 40);
    switch (below(t, 16)) {
    case 0: snprintf(out, size, "type R%u = { a%u: Int, n%u: Nat }\n", i, j, j); break;
    case 1: snprintf(out, size, "type V%u = One%u(Nat) | Two%u(Int, Bool) | Non%u\n", i, i, i, i); break;
    case 2: snprintf(out, size, "func id%u<T>(x: T) -> T : x\n", j); break;
    case 3: snprintf(out, size, "func g%u(x: Int) -> Int : id%u(x) + id%u(%u)\n", i, j, j, i); break;
    case 4: snprintf(out, size, "func s%u(x: String) -> Int :\n  match x with | \"a%u\" -> 1 | \"g%u\" -> 2 | _ -> 3\n", i, j, j); break;
    case 5: snprintf(out, size, "// comment %u\nfunc h%u(f: Int -> Int) -> List<Int> :\n  let g = \\y -> f(y) + %u in [g(1), f(2)]\n", i, i, j); break;
    case 6: snprintf(out, size, "@extern(\"abs\")\nfunc c%u(x: Int) -> Int\n", i); break;
    case 7: snprintf(out, size, "@test_case(input=%u, expected=%u)\n", j, j + 1); break;
    case 8: snprintf(out, size, "module M%u:\n  func inner(x: Int) -> Int : x * %u\nend\n", i, j); break;
    case 9: snprintf(out, size, "func m%u(o: Option<Int>) -> Nat\n  requires true ensures result >= 0 :\n  match o with | Some(v) -> v | None -> %u\n", i, j); break;
    case 10: snprintf(out, size, "/* block %u\n */ func r%u() -> { p: Int, q%u: Bool } : { p = %u, q%u = true }\n", i, i, j, i, j); break;
    case 11: snprintf(out, size, "func w%u(x: Int) -> Int :\n  let v = Two%u(x, true) in\n  let k = f%u(x) in k\n", i, i, j); break;
    case 12: snprintf(out, size, "extern puts%u: (String) -> Int;\n", j); break;
    default:
        snprintf(out, size, "func f%u(a: Int, b: Int) -> Int :\n  if a < b then a + %u else f%u(b - 1, a)\n", j, i, j);
        break;
    }
}

/* The i-th declaration of a program without errors; what it uses lies in front of it and behind. */
static void good_declaration(char *line, size_t size, unsigned i, unsigned n)
{
    unsigned other = i * 7 % n / 8 * 8; /* a multiple of 8: fun... of two parameters */
    switch (i % 8) {
    case 0:
        snprintf(line, size, "func fun%u(a: Int, b: Int) -> Int :\n  let x%u = area(Box(a, b)) in\n"
                 "  let y = part.twice(x%u) in // note\n  if a < b then y + %u else fun%u(b - 1, a)\n", i, i % 37, i % 37, i, other);
        break;
    case 1:
        snprintf(line, size, "type Rec%u = { left%u: Int, right%u: Nat }\n", i, i % 16, i);
        break;
    case 2: /* a lambda, a type that is declared behind it, a generic function */
        snprintf(line, size, "func make%u(n: Int) -> Rec%u :\n  let f = \\x -> x + n * %u in\n"
                 "  { left%u = f(same%u(n)), right%u = 4 }\n", i, i - 1, i, (i - 1) % 16, i + 1, i - 1);
        break;
    case 3:
        snprintf(line, size, "func same%u<T>(x: T) -> T : x\n", i);
        break;
    case 4:
        snprintf(line, size, "func word%u(s: String) -> Int :\n  match s with | \"\" -> 0 | \"w%u\" -> %u | \"fun%u\" -> 2 | _ -> cabs%u(3)\n",
                 i, i % 5, i, other, i + 1);
        break;
    case 5:
        snprintf(line, size, "@extern(\"%s\")\nfunc cabs%u(x: Int) -> Int\n", i % 3 == 0 ? "labs" : "abs", i);
        break;
    case 6:
        snprintf(line, size, "func pair%u(x: Int) -> { one: Int, two%u: Bool } : { one = x, two%u = x < %u }\n", i, i % 24, i % 24, i);
        break;
    default: /* a Nat check that tells of a place behind it, in some of them */
        snprintf(line, size, "func last%u(x: Int) -> List<Int> :\n  let r = { left%u = x, right%u = x } in\n"
                 "  let p = pair%u(r.left%u) in [p.one, r.right%u]\n", i, (i - 6) % 16, i - 6, i - 1, (i - 6) % 16, i - 6);
        break;
    }
}

static void make_program(Text *t, unsigned n, bool good)
{
    char line[512];
    append(t, "import part\ntype Shape = Dot | Box(Int, Nat)\nfunc area(s: Shape) -> Int : match s with | Dot -> 0 | Box(a, b) -> a * b\n");
    for (unsigned i = 0; i < n / 8 * 8; i++) {
        if (good)
            good_declaration(line, sizeof line, i, n);
        else
            declaration(t, line, sizeof line);
        append(t, line);
    }
    append(t, "func main() -> Int : area(Dot)\n");
}

/* An edit that leaves a program without errors as it is in this respect. */
static void good_edit(Text *t)
{
    static const char *const harmless[] = {"// a comment\n", "\n", "\r\n", "/* fun1 \xC3\xA9 */ ", "func more%u() -> Int : 1\n",
                                           "func more%u(q: Int) -> Int : let fresh = q in fresh + 1\n", "type More%u = Int\n"};
    char line[128];
    size_t at = below(t, (uint32_t)t->length);
    uint32_t number = below(t, 1000000);
    if (below(t, 2) == 0) { /* another number, of another length maybe, in a body */
        while (at + 2 < t->length && !(t->bytes[at] == ' ' && t->bytes[at + 1] >= '0' && t->bytes[at + 1] <= '9'))
            at++;
        if (at + 2 < t->length) {
            snprintf(line, sizeof line, " %s%u", below(t, 3) == 0 ? "1 + " : "", 1 + number % 10);
            size_t end = at + 1;
            while (t->bytes[end] >= '0' && t->bytes[end] <= '9')
                end++;
            replace(t, at, end - at, line);
        }
        return;
    }
    while (at > 0 && !(t->bytes[at - 1] == '\n' && (t->bytes[at] == 'f' || t->bytes[at] == 't')
                       && (at < 3 || t->bytes[at - 2] != ')' || t->bytes[at - 3] != '"'))) /* not behind @extern */
        at--;
    snprintf(line, sizeof line, harmless[below(t, sizeof harmless / sizeof *harmless)], number);
    replace(t, at, 0, line);
}

static const char *const snippets[] = {
    "x", "1", " ", "\n", "\r\n", "\r", "(", ")", "\"", "/*", "*/", "//", "func ", "type ", "end\n", "module Q:\n",
    "@", "let a = 1 in ", "->", "\xC3\xA9", "import other\n", "import part\n", "if ", "match x with ", "_", "\\", ";",
    "lovely", "+ 1", "0x", "1.5e", "State", "|", "= ", ": Int", "?", "effect", "signature S:\n", ", ", "}", "{",
};

static void edit(Text *t)
{
    char line[512];
    size_t at = below(t, 4) == 0 ? t->length - below(t, (uint32_t)(t->length < 60 ? t->length : 60)) : below(t, (uint32_t)t->length + 1);
    if (below(t, 8) == 0)
        at = below(t, (uint32_t)(t->length < 60 ? t->length : 60));
    size_t left = t->length - at;
    switch (below(t, 8)) {
    case 0:
        replace(t, at, left < 1 ? left : 1, "");
        break;
    case 1:
        replace(t, at, left < 30 ? 0 : below(t, 30), "");
        break;
    case 2:
    case 3: {
        while (at > 0 && t->bytes[at - 1] != '\n')
            at--;
        if (below(t, 3) == 0) { /* a whole line or a few go */
            size_t end = at;
            for (uint32_t n = 1 + below(t, 4); end < t->length && n > 0; end++)
                n -= t->bytes[end] == '\n';
            replace(t, at, end - at, "");
            break;
        }
        declaration(t, line, sizeof line);
        replace(t, at, 0, line);
        break;
    }
    case 4: { /* a digit becomes another */
        while (at < t->length && (t->bytes[at] < '0' || t->bytes[at] > '9'))
            at++;
        if (at < t->length)
            t->bytes[at] = (char)('0' + below(t, 10));
        break;
    }
    default:
        replace(t, at, left < 3 ? 0 : below(t, 3), snippets[below(t, sizeof snippets / sizeof *snippets)]);
    }
}

/* ---- Comparing ---- */

static void compare_compiled(Compilation *c)
{
    const Recheck *r = c->context;
    assert_true(recheck_same_diagnostics(&r->diagnostics, &c->session.diagnostics));
}

/* With the compiler's ordinary way, which knows nothing of marks. */
static void same_as_compiled(const Recheck *r, const Text *t, const Options *options, const char *path, Pool *pool)
{
    PolecMemoryReport report;
    Compilation c = {.options = options, .pool = pool, .path = path, .text = t->bytes, .text_length = t->length,
                     .report = &report, .tell = compare_compiled, .context = (void *)(uintptr_t)r,
                     .output = &(Output){0}, .depfile = &(Output){0}};
    compile(&c);
    assert_int_equal(report.session_used_bytes, r->bytes[RECHECK_SESSION].used);
    for (uint32_t i = 0; i < RECHECK_PHASES; i++)
        assert_int_equal(report.phases[i].used_bytes, r->bytes[i].used);
}

/* ---- Files ---- */

static char directory[] = "/tmp/recheckXXXXXX";
static char path[64];

static void write_import(const char *name, const char *text)
{
    char where[128];
    snprintf(where, sizeof where, "%s/%s.pole-ir", directory, name);
    FILE *stream = fopen(where, "w");
    assert_non_null(stream);
    fputs(text, stream);
    fclose(stream);
}

static void remove_import(const char *name)
{
    char where[128];
    snprintf(where, sizeof where, "%s/%s.pole-ir", directory, name);
    unlink(where);
}

static int make_directory(void **state)
{
    (void)state;
    assert_non_null(mkdtemp(directory));
    snprintf(path, sizeof path, "%s/text.pole-ir", directory);
    write_import("part", "func twice(x: Int) -> Int : x + x\n");
    return 0;
}

static int remove_directory(void **state)
{
    (void)state;
    remove_import("part");
    remove_import("other");
    return rmdir(directory);
}

static void change_import(Text *t)
{
    switch (below(t, 5)) {
    case 0: write_import("part", "func twice(x: Int) -> Int : 2 * x\n"); break;
    case 1: write_import("part", "func twice(x: Int) -> Bool : x == 1\nfunc newer() -> Int : twice\n"); break;
    case 2: write_import("other", "import part\ntype Other = { s: Nat }\nfunc o(x: Other) -> Int : part.twice(x.s)\n"); break;
    case 3: remove_import("other"); break;
    default: write_import("part", "func twice(x: Int) -> Int : x + x\n"); break;
    }
}

static Options quiet_options(void)
{
    Options options = options_default();
    options.emit = EMIT_CHECK;
    options.guard = false;
    return options;
}

/* ---- Tests ---- */

static Text text, original;
static unsigned n_kept[RECHECK_ARENAS]; /* checks that have found something to keep there */

static void same_as_fresh(Recheck *kept, const Options *options, Pool *other_pool)
{
    static Recheck fresh;
    recheck_open(&fresh, options, other_pool, path);
    recheck(&fresh, text.bytes, text.length);
    assert_true(fresh.whole);
    const char *difference = recheck_difference(kept, &fresh);
    if (difference != NULL)
        fail_msg("%s are not as from scratch", difference);
    recheck_close(&fresh);
}

/* Every few edits the first text comes back, so that errors are mended. */
static void run_edits(uint64_t seed, unsigned n_declarations, unsigned n_edits, void (*change)(Text *), Options options)
{
    static Recheck kept;
    Pool *pool = pool_open(&(PoolOptions){.mode = POOL_RECYCLE});
    Pool *other_pool = pool_open(&(PoolOptions){.mode = POOL_RECYCLE});
    recheck_open(&kept, &options, pool, path);
    kept.least_distance = 16 << seed % 6;
    text.length = 0;
    text.random = seed * 0x9E3779B97F4A7C15u + 1;
    make_program(&text, n_declarations, change == good_edit || seed % 2 == 0);
    memcpy(&original, &text, sizeof text);
    for (unsigned i = 0; i < n_edits; i++) {
        recheck(&kept, text.bytes, text.length);
        same_as_fresh(&kept, &options, other_pool);
        for (uint32_t j = 0; j < RECHECK_ARENAS; j++)
            n_kept[j] += kept.bytes[j].made < kept.bytes[j].used;
        if (i % 4 == 0)
            same_as_compiled(&kept, &text, &options, path, other_pool);
        if (change == good_edit) {
            if (kept.diagnostics.n_errors > 0)
                fwrite(text.bytes, 1, text.length, stderr);
            assert_int_equal(kept.diagnostics.n_errors, 0);
        } else if (below(&text, 6) == 0) {
            memcpy(text.bytes, original.bytes, original.length);
            text.length = original.length;
        }
        change(&text);
        if (change != good_edit && below(&text, 8) == 0)
            change_import(&text);
    }
    recheck_close(&kept);
    pool_close(pool);
    pool_close(other_pool);
}

static void test_small_texts(void **state)
{
    (void)state;
    for (uint64_t seed = 1; seed <= 30; seed++)
        run_edits(seed, 8 + (unsigned)seed, 40, edit, quiet_options());
}

static void test_large_texts(void **state)
{
    (void)state;
    for (uint64_t seed = 101; seed <= 108; seed++)
        run_edits(seed, 240, 60, edit, quiet_options());
}

/* Without errors functions are taken over. */
static void test_good_texts(void **state)
{
    (void)state;
    write_import("part", "func twice(x: Int) -> Int : x + x\n");
    for (uint64_t seed = 201; seed <= 215; seed++)
        run_edits(seed, seed % 3 == 0 ? 400 : 80, 60, good_edit, quiet_options());
}

static void test_malloc_policy(void **state)
{
    (void)state;
    Options options = quiet_options();
    options.policy = POLICY_MALLOC;
    run_edits(300, 160, 20, good_edit, options);
    run_edits(301, 160, 20, edit, options);
}

static void test_max_errors(void **state)
{
    (void)state;
    Options options = quiet_options();
    options.max_errors = 3;
    run_edits(400, 200, 40, edit, options);
}

/* Behind what is no declaration, and behind modules that are nested too deep, there are marks as everywhere. */
static void test_odd_fronts(void **state)
{
    (void)state;
    static const struct { const char *front, *behind; } fronts[] = {{") ", "\n"}, {"module M:\n", "func f() -> Int : 1\n"}};
    for (size_t front = 0; front < 2; front++) {
        static Recheck kept;
        Options options = quiet_options();
        Pool *pool = pool_open(&(PoolOptions){.mode = POOL_RECYCLE});
        Pool *other_pool = pool_open(&(PoolOptions){.mode = POOL_RECYCLE});
        recheck_open(&kept, &options, pool, path);
        kept.least_distance = 16;
        text.length = 0;
        for (int i = 0; i < MAX_NESTING + 5; i++)
            append(&text, fronts[front].front);
        append(&text, fronts[front].behind);
        for (int i = 0; i < MAX_NESTING + 5 && front == 1; i++)
            append(&text, "end ");
        for (int i = 0; i < 20; i++) {
            append(&text, "func g(x: Int) -> Int : x + 1 + 2 + 3\n");
            recheck(&kept, text.bytes, text.length);
            same_as_fresh(&kept, &options, other_pool);
        }
        assert_true(kept.bytes[PHASE_LEX].made < kept.bytes[PHASE_LEX].used);
        recheck_close(&kept);
        pool_close(pool);
        pool_close(other_pool);
    }
}

static void test_something_was_kept(void **state)
{
    (void)state;
    for (uint32_t i = 0; i < RECHECK_ARENAS; i++)
        assert_in_range(n_kept[i], 200, UINT32_MAX);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_small_texts), cmocka_unit_test(test_large_texts), cmocka_unit_test(test_good_texts),
        cmocka_unit_test(test_malloc_policy), cmocka_unit_test(test_max_errors),
        cmocka_unit_test(test_odd_fronts), cmocka_unit_test(test_something_was_kept),
    };
    return cmocka_run_group_tests(tests, make_directory, remove_directory);
}
