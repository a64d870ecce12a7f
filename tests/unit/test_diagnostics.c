/*
 * Diagnostics: order, duplicates, the limit on errors, and the text form to the last space.
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

#include "base/diagnostics_print.h"

typedef struct {
    Pool *pool;
    ArenaAccount account;
    Arena arena;
    SourceText text;
    Diagnostics diagnostics;
} Fixture;

static void unexpected(void *context, const ArenaExhausted *why)
{
    (void)context;
    (void)why;
    abort();
}

static int open_fixture(void **state)
{
    static Fixture fixture;
    fixture.pool = pool_open(&(PoolOptions){.mode = POOL_MALLOC, .exhausted = unexpected});
    arena_account_open(&fixture.account, fixture.pool, "session", 0);
    arena_open(&fixture.arena, &fixture.account, "session");
    source_open(&fixture.text, &fixture.arena);
    diagnostics_open(&fixture.diagnostics, &fixture.arena, &fixture.text);
    *state = &fixture;
    return 0;
}

static int close_fixture(void **state)
{
    Fixture *f = *state;
    arena_free(&f->arena);
    arena_account_close(&f->account);
    pool_close(f->pool);
    return 0;
}

static uint32_t add(Fixture *f, const char *path, const char *bytes)
{
    FileId file;
    assert_int_equal(source_add(&f->text, path, bytes, strlen(bytes), &file), SOURCE_OK);
    return source_file(&f->text, file)->start.at;
}

static SourceSpan span(uint32_t start, uint32_t length)
{
    return (SourceSpan){{start}, {start + length}};
}

static void check_printed(Fixture *f, bool color, const char *expected)
{
    static char printed[10000];
    memset(printed, 0, sizeof printed);
    FILE *stream = fmemopen(printed, sizeof printed, "w");
    size_t allocations = arena_account_allocations(&f->account);
    diagnostics_print(stream, &f->diagnostics, color);
    assert_int_equal(arena_account_allocations(&f->account), allocations); /* printing allocates nothing */
    fclose(stream);
    assert_string_equal(printed, expected);
}

/* ---- Collecting ---- */

static void test_codes(void **state)
{
    (void)state;
    assert_string_equal(diagnostic_code_name(E204), "E204");
    assert_string_equal(diagnostic_code_name(W003), "W003");
    assert_true(diagnostic_is_error(E001));
    assert_true(diagnostic_is_error(E902));
    assert_false(diagnostic_is_error(W003));
    for (int code = 1; code < N_DIAGNOSTIC_CODES; code++)
        assert_true(strcmp(diagnostic_code_name((DiagnosticCode)(code - 1)),
                           diagnostic_code_name((DiagnosticCode)code)) < 0);
}

static void test_order(void **state)
{
    Fixture *f = *state;
    static char text[2001];
    memset(text, 'x', sizeof text - 1);
    uint32_t start = add(f, "a", text), random = 7;
    for (int i = 0; i < 1000; i++) {
        random = random * 1103515245 + 12345;
        uint32_t place = (random >> 16) % 2000; /* of two that say the same at one place, one is kept */
        diagnose(&f->diagnostics, W003, span(start + place, 1), "%u", place);
        diagnose(&f->diagnostics, E204, span(start + place, 1), "%u", place);
    }
    assert_int_equal(f->diagnostics.n_errors, 1000);
    diagnostics_sort(&f->diagnostics, 0);

    uint32_t n = 0;
    const Diagnostic *last = NULL;
    for (const Diagnostic *d = f->diagnostics.first; d != NULL; last = d, d = d->next, n++)
        if (last != NULL) {
            assert_true(last->span.start.at <= d->span.start.at);
            if (last->span.start.at == d->span.start.at) { /* stable, and the second of a kind is gone */
                assert_int_equal(last->code, W003);
                assert_int_equal(d->code, E204);
                assert_string_equal(last->message, d->message);
            }
        }
    assert_ptr_equal(last, f->diagnostics.last);
    assert_int_equal(n, f->diagnostics.n_errors + f->diagnostics.n_warnings);
    assert_true(n < 2000);

    uint32_t n_warnings = f->diagnostics.n_warnings;
    diagnostics_sort(&f->diagnostics, 10); /* errors are limited, warnings are not */
    assert_int_equal(f->diagnostics.n_errors, 10);
    assert_int_equal(f->diagnostics.n_warnings, n_warnings);
}

static void test_nothing(void **state)
{
    Fixture *f = *state;
    diagnostics_sort(&f->diagnostics, 20);
    assert_null(f->diagnostics.first);
    check_printed(f, false, "");
}

static void check_token(Fixture *f, const char *text, uint32_t length)
{
    uint32_t start = add(f, "t", text);
    assert_int_equal(span_of_token(&f->text, (SourcePos){start}).end.at - start, length);
}

static void test_extent_of_tokens(void **state)
{
    static const struct { const char *text; uint32_t length; } cases[] = {
        {"name_1 x", 6}, {"_", 1}, {"12x", 2}, {"1.5.x", 3}, {"1.x", 1}, {"1.5e10 ", 6}, {"1.5e+", 3}, {"1.5E-3", 6},
        {"1e5", 1}, {"\"a\\\"b\" c", 6}, {"\"open\nx", 5}, {"\"open\\", 6}, {"\"", 1}, {"==>", 3}, {"=>=", 2},
        {"->IO ", 4}, {"->IOx", 2}, {"->State<", 7}, {"->Error", 7}, {"->", 2}, {"...", 3}, {"..", 1}, {"(x", 1},
        {"&&", 2}, {"&", 1}, {"/*", 2}, {"//", 2}, {"/", 1}, {"\xC3\xBC\xC3\xBC", 2}, {"\xF0\x9F\x8E\x89", 4},
        {"\xFF", 1}, {" x", 1}, {"", 0}, {"Az}", 2}, {"az[", 2}, {"az^", 2}, {"\"open\r", 5}, {"\"open\\\n", 6},
        {"\"open\\\r", 6}, {"\"a\\", 3},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        check_token(*state, cases[i].text, cases[i].length);
    Fixture *f = *state;
    assert_int_equal(span_of_token(&f->text, (SourcePos){0}).end.at, 0); /* no place has no token */
}

static void test_long_message(void **state)
{
    Fixture *f = *state;
    static char name[5001];
    for (size_t i = 0; i + 2 < sizeof name; i += 2)
        memcpy(name + i, "\xC3\xBC", 2);
    for (int shift = 0; shift < 2; shift++) {
        const char *message = diagnose(&f->diagnostics, E204, span(0, 0), "%s%s", shift ? "a" : "", name)->message;
        size_t length = strlen(message);
        assert_true(length > 1000 && length < 1024);
        assert_string_equal(message + length - 3, "...");
        assert_int_equal(utf8_valid_prefix(message, length), length); /* no character is cut in two */
    }
}

/* What cannot be formatted is told as it stands; what has no end of a character has its front cut off. */
static void test_odd_messages(void **state)
{
    Fixture *f = *state;
    assert_string_equal(diagnose(&f->diagnostics, E204, span(0, 0), "odd: %ls", L"\x7FFFFFFF")->message, "odd: %ls");
    static char bytes[2001];
    memset(bytes, '\x80', sizeof bytes - 1);
    assert_string_equal(diagnose(&f->diagnostics, E204, span(0, 0), "%s", bytes)->message, "...");
}

/* The same at the same place is said once, among the first hundred that are said there; without a place always. */
static void test_said_before(void **state)
{
    Fixture *f = *state;
    uint32_t start = add(f, "a", "x");
    for (int again = 0; again < 2; again++)
        for (int i = 0; i < 150; i++)
            diagnose(&f->diagnostics, E204, span(start, 1), "%d", i);
    for (int again = 0; again < 2; again++)
        diagnose(&f->diagnostics, E902, span(0, 0), "nowhere");
    diagnostics_sort(&f->diagnostics, 0);
    assert_int_equal(f->diagnostics.n_errors, 2 + 150 + 50);
}

/* ---- Printing ---- */

static void test_plain(void **state)
{
    Fixture *f = *state;
    uint32_t start = add(f, "examples/shadow.pole-ir", "func f() -> Int :\n  let n = lenght(xs) in\n\tn\n");
    Diagnostic *d = diagnose(&f->diagnostics, E204, span(start + 28, 0), "undefined name '%s'", "lenght");
    diagnostic_caret_text(&f->diagnostics, d, "did you mean '%s'?", "length");
    diagnostic_suggest(&f->diagnostics, d, d->span, "length");
    diagnose(&f->diagnostics, W003, span(start + 43, 1), "'n' is reserved");
    check_printed(f, false,
                  "examples/shadow.pole-ir:2:11: error[E204]: undefined name 'lenght'\n"
                  "  2 |   let n = lenght(xs) in\n"
                  "    |           ^^^^^^ did you mean 'length'?\n"
                  "examples/shadow.pole-ir:3:2: warning[W003]: 'n' is reserved\n"
                  "  3 |  n\n"
                  "    |  ^\n");
}

static void test_labels_and_remarks(void **state)
{
    Fixture *f = *state;
    uint32_t start = add(f, "a", "one\n2\n3\n4\n5\n6\n7\n8\n9\nten ten\n");
    uint32_t other = add(f, "b", "elsewhere");
    Diagnostic *d = diagnose(&f->diagnostics, E101, span(start + 20, 3), "twice");
    diagnostic_label(&f->diagnostics, d, span(start, 3), "first %s", "here");
    diagnostic_label(&f->diagnostics, d, span(other, 0), "and there");
    diagnostic_note(&f->diagnostics, d, "a note");
    diagnostic_suggest(&f->diagnostics, d, span(start + 20, 3), "two");
    d = diagnose(&f->diagnostics, E101, span(start + 24, 3), "again");
    diagnostic_label(&f->diagnostics, d, span(start + 20, 3), "on the same line");
    diagnostic_suggest(&f->diagnostics, d, span(start + 24, 0), "and");
    check_printed(f, false,
                  "a:10:1: error[E101]: twice\n"
                  "  10 | ten ten\n"
                  "     | ^^^\n"
                  "   1 | one\n"
                  "     | --- first here\n"
                  "  --> b:1:1\n"
                  "   1 | elsewhere\n"
                  "     | --------- and there\n"
                  "  = note: a note\n"
                  "  = help: write 'two' instead of 'ten'\n"
                  "a:10:5: error[E101]: again\n"
                  "  10 | ten ten\n"
                  "     |     ^^^\n"
                  "     | --- on the same line\n"
                  "  = help: write 'and'\n");
}

static void test_columns_and_escapes(void **state)
{
    Fixture *f = *state;
    uint32_t start = add(f, "dir\n/\x1b[31m", "\xC3\xBC\xF0\x9F\x8E\x89 \x1b\xFFx \xE2\x80\xAE!\r\nnext\r\r\n");
    diagnose(&f->diagnostics, E005, span(start + 9, 1), "x is \x1b[1m");
    diagnose(&f->diagnostics, E006, span(start + 7, 2), "two");
    diagnose(&f->diagnostics, E005, span(start + 15, 1), "end");
    diagnose(&f->diagnostics, E011, span(start + 17, 100), "to the end of the line");
    diagnose(&f->diagnostics, E011, span(start + 23, 0), "empty line");
    diagnostics_sort(&f->diagnostics, 0);
    check_printed(f, false,
                  "dir\\n/\\x1b[31m:1:4: error[E006]: two\n"
                  "  1 | \xC3\xBC\xF0\x9F\x8E\x89 \\x1b\\xffx \\u202e!\n"
                  "    |    ^^^^^^^^\n"
                  "dir\\n/\\x1b[31m:1:6: error[E005]: x is \\x1b[1m\n"
                  "  1 | \xC3\xBC\xF0\x9F\x8E\x89 \\x1b\\xffx \\u202e!\n"
                  "    |            ^\n"
                  "dir\\n/\\x1b[31m:1:10: error[E005]: end\n"
                  "  1 | \xC3\xBC\xF0\x9F\x8E\x89 \\x1b\\xffx \\u202e!\n"
                  "    |                     ^\n"
                  "dir\\n/\\x1b[31m:2:1: error[E011]: to the end of the line\n"
                  "  2 | next\n"
                  "    | ^^^^\n"
                  "dir\\n/\\x1b[31m:3:2: error[E011]: empty line\n"
                  "  3 |\n"
                  "    | ^\n");
}

/* A line that is too long is cut to a window around what is meant; a label elsewhere in the line gets its own. */
static void test_long_line(void **state)
{
    Fixture *f = *state;
    static char line[1001], window[201], expected[3000];
    memset(line, '-', sizeof line - 1);
    memcpy(line + 500, "here", 4);
    memcpy(line + 900, "there", 5);
    memcpy(line + 2, "\xFF\xC3\xBC", 3);
    memcpy(line + 490, "\xC3\xBC\x80\x80\x80\x80\xFF", 7); /* a character, and what is none: four columns a byte */
    uint32_t start = add(f, "a", line);
    Diagnostic *d = diagnose(&f->diagnostics, E101, span(start + 500, 4), "m");
    diagnostic_label(&f->diagnostics, d, span(start + 510, 1), "near");
    diagnostic_label(&f->diagnostics, d, span(start + 900, 5), "far");
    diagnostic_label(&f->diagnostics, d, span(start + 1, 1), "in front");
    diagnostic_label(&f->diagnostics, d, span(0, 0), "nowhere");
    memset(window, '-', 200);
    int n = snprintf(expected, sizeof expected, "a:1:495: error[E101]: m\n  1 | ...%.50s\xC3\xBC\\x80\\x80\\x80\\x80\\xff---here%.116s...\n    | %*s^^^^\n    | %*s- near\n",
                     window, window, 77, "", 87, "");
    n += snprintf(expected + n, sizeof expected - (size_t)n, "  1 | ...%.94sthere%.95s\n    | %*s----- far\n", window, window, 97, "");
    snprintf(expected + n, sizeof expected - (size_t)n, "  1 | --\\xff\xC3\xBC%.187s...\n    |  - in front\n", window);
    check_printed(f, false, expected);
}

/* Paths and labels of any length pass through a small buffer; of a suggestion only what is short is repeated. */
static void test_long_texts(void **state)
{
    Fixture *f = *state;
    static char path[3001], word[101], expected[4000];
    memset(path, 'p', sizeof path - 1);
    memset(word, 'w', sizeof word - 1);
    uint32_t start = add(f, path, word);
    Diagnostic *d = diagnose(&f->diagnostics, E101, span(start, 100), "m");
    diagnostic_suggest(&f->diagnostics, d, d->span, "short");
    d->caret_text = NULL;
    char marks[101];
    memset(marks, '^', 100);
    snprintf(expected, sizeof expected, "%s:1:1: error[E101]: m\n  1 | %s\n    | %.100s\n  = help: write 'short'\n", path, word, marks);
    check_printed(f, false, expected);
}

/* A label may have nothing to say. */
static void test_mute_label(void **state)
{
    Fixture *f = *state;
    uint32_t start = add(f, "a", "one two");
    Diagnostic *d = diagnose(&f->diagnostics, E101, span(start, 3), "m");
    diagnostic_label(&f->diagnostics, d, span(start + 4, 3), "%s", "");
    check_printed(f, false, "a:1:1: error[E101]: m\n  1 | one two\n    | ^^^\n    |     ---\n");
}

static void test_no_position(void **state)
{
    Fixture *f = *state;
    diagnose(&f->diagnostics, E902, span(0, 0), "nothing was read");
    check_printed(f, false, "polec: error[E902]: nothing was read\n");
    add(f, "main.pole-ir", "x");
    check_printed(f, false, "main.pole-ir: error[E902]: nothing was read\n");
}

static void test_colors(void **state)
{
    Fixture *f = *state;
    uint32_t start = add(f, "a", "x y");
    Diagnostic *d = diagnose(&f->diagnostics, E204, span(start + 2, 1), "m");
    diagnostic_note(&f->diagnostics, d, "n");
    check_printed(f, true,
                  "\x1b[1ma:1:3: \x1b[1;31merror[E204]\x1b[m\x1b[1m: m\x1b[m\n"
                  "\x1b[1;34m  1 |\x1b[m x y\n"
                  "\x1b[1;34m    |\x1b[m   \x1b[1;31m^\x1b[m\n"
                  "\x1b[1;34m  = \x1b[1;36mnote\x1b[m: n\n");
}

/* A rewound list forgets what came later; a copy may be sorted and cut while the list stays as it is. */
static void test_mark_and_append(void **state)
{
    Fixture *f = *state;
    uint32_t at = add(f, "a.pole-ir", "first second third");
    Diagnostics *list = &f->diagnostics;
    DiagnosticsMark none = diagnostics_mark(list);
    diagnose(list, E204, span(at + 6, 6), "second");
    DiagnosticsMark mark = diagnostics_mark(list);
    diagnose(list, E204, span(at, 5), "first");
    diagnose(list, W101, span(at + 13, 5), "third");
    diagnostics_rewind(list, &mark);
    assert_int_equal(list->n_errors, 1);
    assert_int_equal(list->n_warnings, 0);
    assert_null(list->first->next);
    diagnose(list, E201, span(at, 5), "first again");

    Diagnostics copy;
    diagnostics_open(&copy, &f->arena, &f->text);
    diagnostics_append(&copy, list);
    diagnostics_sort(&copy, 1);
    assert_string_equal(copy.first->message, "first again");
    assert_null(copy.first->next);
    assert_string_equal(list->first->message, "second");
    assert_string_equal(list->first->next->message, "first again");
    diagnostics_rewind(list, &none);
    assert_null(list->first);
    assert_int_equal(list->n_errors, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_codes),
        cmocka_unit_test_setup_teardown(test_order, open_fixture, close_fixture),
        cmocka_unit_test_setup_teardown(test_nothing, open_fixture, close_fixture),
        cmocka_unit_test_setup_teardown(test_extent_of_tokens, open_fixture, close_fixture),
        cmocka_unit_test_setup_teardown(test_long_message, open_fixture, close_fixture),
        cmocka_unit_test_setup_teardown(test_odd_messages, open_fixture, close_fixture),
        cmocka_unit_test_setup_teardown(test_said_before, open_fixture, close_fixture),
        cmocka_unit_test_setup_teardown(test_plain, open_fixture, close_fixture),
        cmocka_unit_test_setup_teardown(test_labels_and_remarks, open_fixture, close_fixture),
        cmocka_unit_test_setup_teardown(test_columns_and_escapes, open_fixture, close_fixture),
        cmocka_unit_test_setup_teardown(test_long_line, open_fixture, close_fixture),
        cmocka_unit_test_setup_teardown(test_long_texts, open_fixture, close_fixture),
        cmocka_unit_test_setup_teardown(test_mute_label, open_fixture, close_fixture),
        cmocka_unit_test_setup_teardown(test_no_position, open_fixture, close_fixture),
        cmocka_unit_test_setup_teardown(test_mark_and_append, open_fixture, close_fixture),
        cmocka_unit_test_setup_teardown(test_colors, open_fixture, close_fixture),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
