/*
 * Failures, strings, arithmetic and the helpers for C memory.
 */
#define _GNU_SOURCE
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "runtime/runtime.h"

/* ---- running something that ends the process ---- */

typedef struct {
    int status;
    char out[8192]; /* what it wrote to stdout and stderr, in the order in which it came */
} Ended;

static Ended run(void (*body)(void))
{
    Ended ended = {0};
    int ends[2];
    fflush(NULL);
    assert_int_equal(pipe(ends), 0);
    pid_t child = fork();
    if (child == 0) {
        dup2(ends[1], 1);
        dup2(ends[1], 2);
        close(ends[0]);
        close(ends[1]);
        body();
        _exit(0);
    }
    close(ends[1]);
    size_t length = 0;
    for (ssize_t n; (n = read(ends[0], ended.out + length, sizeof ended.out - 1 - length)) > 0;) length += (size_t)n;
    close(ends[0]);
    waitpid(child, &ended.status, 0);
    ended.status = WIFEXITED(ended.status) ? WEXITSTATUS(ended.status) : -1;
    return ended;
}

static void assert_fails(void (*body)(void), const char *out)
{
    Ended ended = run(body);
    assert_string_equal(ended.out, out);
    assert_int_equal(ended.status, 101);
}

/* ---- failures ---- */

static void fail_after_print(void)
{
    printf("printed ");
    pole_print(pole_string_from_c("before"));
    printf("and not flushed;");
    pole_fail("a.pole-ir:3:14", "division by zero");
}

static void index_5(void) { pole_fail_index("a:1:2", 5, 3); }
static void index_least(void) { pole_fail_index("a:1:2", INT64_MIN, INT64_MAX); }
static void negative(void) { pole_fail_negative("a:1:2", -7); }
static void divide_by_zero(void) { pole_divide(1, 0, "a:1:2"); }
static void remainder_by_zero(void) { pole_remainder(1, 0, "a:1:2"); }
static void divide_least(void) { pole_divide(INT64_MIN, -1, "a:1:2"); }
static void float_too_large(void) { pole_float_to_int(0x1p63, "a:1:2"); }
static void float_too_small(void) { pole_float_to_int(-0x1.0000000000001p63, "a:1:2"); }
static void float_nan(void) { pole_float_to_int(nan(""), "a:1:2"); }

static void messages(void **state)
{
    (void)state;
    assert_fails(fail_after_print, "printed before\nand not flushed;a.pole-ir:3:14: runtime error: division by zero\n");
    assert_fails(index_5, "a:1:2: runtime error: list index 5 out of range (length 3)\n");
    assert_fails(index_least, "a:1:2: runtime error: list index -9223372036854775808 out of range "
                              "(length 9223372036854775807)\n");
    assert_fails(negative, "a:1:2: runtime error: negative value -7 for Nat\n");
    assert_fails(divide_by_zero, "a:1:2: runtime error: division by zero\n");
    assert_fails(remainder_by_zero, "a:1:2: runtime error: division by zero\n");
    assert_fails(divide_least, "a:1:2: runtime error: integer overflow in '/'\n");
    assert_fails(float_too_large, "a:1:2: runtime error: float_to_int out of range\n");
    assert_fails(float_too_small, "a:1:2: runtime error: float_to_int out of range\n");
    assert_fails(float_nan, "a:1:2: runtime error: float_to_int out of range\n");
}

static void ask_for_everything(void) { pole_allocate(INT64_MAX); }
static void ask_for_less_than_nothing(void) { pole_allocate(-1); }

static void push_onto_the_longest_list(void)
{
    static char element[1 << 20];
    pole_list_grow(element, INT64_MAX / 4 * 4 + POLE_LIST_SLICE, sizeof element, 1);
}

static void cons_onto_the_longest_list(void)
{
    static char element[1 << 20];
    pole_list_grow_front(element, INT64_MAX / 4 * 4 + POLE_LIST_SLICE, sizeof element, 1);
}

static void concat_the_longest_lists(void)
{
    PoleList lists[8], result;
    for (int i = 0; i < 8; i++) lists[i] = (PoleList){NULL, INT64_MAX};
    pole_list_concat(&result, (const char *)lists, 8 << POLE_LENGTH_SHIFT | POLE_LIST_SLICE, 8, 1);
}

static void out_of_memory(void **state)
{
    (void)state;
    assert_fails(ask_for_everything, "runtime error: out of memory\n");
    assert_fails(ask_for_less_than_nothing, "runtime error: out of memory\n");
    assert_fails(push_onto_the_longest_list, "runtime error: out of memory\n");
    assert_fails(cons_onto_the_longest_list, "runtime error: out of memory\n");
    assert_fails(concat_the_longest_lists, "runtime error: out of memory\n");
}

/* What C libraries undo at exit is undone after a failure too, even if undoing fails in turn. */
static void last_words(void)
{
    puts("atexit");
    fflush(stdout);
    pole_fail("b:1:1", "again");
}

static void first_words(void)
{
    puts("atexit as well");
    fflush(stdout);
}

static void fail_with_handlers(void)
{
    atexit(first_words);
    atexit(last_words);
    pole_fail("a:1:1", "once");
}

static void exit_handlers_run(void **state)
{
    (void)state;
    assert_fails(fail_with_handlers, "a:1:1: runtime error: once\natexit\nb:1:1: runtime error: again\natexit as well\n");
}

static int compare_by_failing(const void *a, const void *b)
{
    (void)a, (void)b;
    pole_fail("a:1:1", "in a callback");
}

static void fail_in_callback(void)
{
    int numbers[] = {2, 1};
    qsort(numbers, 2, sizeof *numbers, compare_by_failing);
}

static void failing_inside_c(void **state)
{
    (void)state;
    assert_fails(fail_in_callback, "a:1:1: runtime error: in a callback\n");
}

static jmp_buf next_test;
static void leave(void) { longjmp(next_test, 1); }

static void fail_twice_with_hook(void)
{
    static volatile int failures;
    pole_failure_hook = leave;
    if (setjmp(next_test) != 0) failures++;
    if (failures < 2) pole_fail("a:1:1", failures == 0 ? "one" : "two");
    printf("%d\n", failures);
    fflush(stdout);
}

static void the_hook_takes_over(void **state)
{
    (void)state;
    Ended ended = run(fail_twice_with_hook);
    assert_string_equal(ended.out, "a:1:1: runtime error: one\na:1:1: runtime error: two\n2\n");
    assert_int_equal(ended.status, 0);
}

/* ---- strings ---- */

typedef struct { int64_t length; char bytes[16]; } Text;

static void strings(void **state)
{
    (void)state;
    const Text empty = {0, ""}, a = {1, "a"}, ab = {2, "ab"}, a0b = {3, "a\0b"}, a0c = {3, "a\0c"}, high = {1, "\xFF"};
    assert_true(pole_string_contains(ab.bytes, empty.bytes));
    assert_true(pole_string_contains(empty.bytes, empty.bytes));
    assert_true(pole_string_contains(a0b.bytes, a0b.bytes));
    assert_false(pole_string_contains(a0b.bytes, a0c.bytes));
    assert_false(pole_string_contains(a.bytes, ab.bytes));
    assert_true(pole_string_compare(a.bytes, ab.bytes) < 0);
    assert_true(pole_string_compare(ab.bytes, a0b.bytes) > 0);
    assert_true(pole_string_compare(high.bytes, a.bytes) > 0); /* bytes are unsigned */
    assert_true(pole_string_compare(a0b.bytes, a0b.bytes) == 0);
    assert_false(pole_string_equal(a0b.bytes, a0c.bytes));
    assert_true(pole_string_equal(pole_string_from_c(NULL), empty.bytes));
    assert_true(pole_string_equal(pole_string_from_c("ab"), ab.bytes));
    char text[] = "copied";
    assert_string_equal(pole_ptr_to_string(text), "copied");
    assert_string_equal(pole_ptr_to_string(NULL), "");
}

static void print_zero_byte(void)
{
    const Text text = {3, "a\0b"};
    pole_print(text.bytes);
    fflush(stdout);
}

static void printing(void **state)
{
    (void)state;
    assert_memory_equal(run(print_zero_byte).out, "a\0b\n", 4);
}

/* ---- arithmetic and C memory ---- */

static void arithmetic(void **state)
{
    (void)state;
    assert_int_equal(pole_divide(-7, 2, ""), -3);
    assert_int_equal(pole_divide(INT64_MIN, 1, ""), INT64_MIN);
    assert_int_equal(pole_remainder(-7, 2, ""), -1);
    assert_int_equal(pole_remainder(7, -2, ""), 1);
    assert_int_equal(pole_remainder(INT64_MIN, -1, ""), 0);
    assert_int_equal(pole_float_to_int(-2.9, ""), -2);
    assert_int_equal(pole_float_to_int(-0x1p63, ""), INT64_MIN);
    assert_int_equal(pole_float_to_int(0x1.fffffffffffffp62, ""), 0x7FFFFFFFFFFFFC00);
}

static void c_memory(void **state)
{
    (void)state;
    unsigned char memory[40] = {0};
    pole_write_i32_at(memory, 3, -2);
    assert_int_equal(pole_read_i32_at(memory, 3), -2);
    assert_int_equal(memory[2] + memory[7], 0);
    pole_write_i64(memory + 9, INT64_MIN + 1);
    assert_true(pole_read_i64(memory + 9) == INT64_MIN + 1);
    assert_true(pole_read_i64_at(memory, 9) == INT64_MIN + 1);
    pole_write_i16_at(memory, 21, -3);
    assert_int_equal(memory[21] + memory[22] * 256, 0xFFFD);
    assert_int_equal(memory[23], 0);
    pole_write_i32(memory + 24, 7);
    assert_int_equal(pole_read_i32(memory + 24), 7);
    pole_write_ptr(memory + 29, memory);
    assert_ptr_equal(pole_read_ptr(memory + 29), memory);
    assert_ptr_equal(pole_read_ptr_at(memory, 29), memory);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(messages),
        cmocka_unit_test(out_of_memory),
        cmocka_unit_test(exit_handlers_run),
        cmocka_unit_test(failing_inside_c),
        cmocka_unit_test(the_hook_takes_over),
        cmocka_unit_test(strings),
        cmocka_unit_test(printing),
        cmocka_unit_test(arithmetic),
        cmocka_unit_test(c_memory),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
