/*
 * The collector: memory that is dropped comes back, memory that can be reached stays, from wherever it is reached.
 */
#define _GNU_SOURCE
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "lists.h"

/* ---- what stays ---- */

/* Enough rubbish of every size for several collections, so that whatever was freed is also overwritten. */
static void make_rubbish(int64_t megabytes)
{
    static const int64_t sizes[] = {8, 16, 24, 32, 48, 64, 200, 500, 5000, 100000};
    for (int64_t made = 0, i = 0; made < megabytes << 20; i++) {
        int64_t size = sizes[i % 10];
        memset(i % 2 ? pole_allocate(size) : pole_allocate_plain(size), 0xAA, (size_t)size);
        made += size;
    }
}

typedef struct Cell { int64_t number; struct Cell *next; } Cell;

static Cell *chain(int64_t n)
{
    Cell *first = NULL;
    for (int64_t i = 0; i < n; i++) {
        Cell *cell = pole_allocate(sizeof *cell);
        *cell = (Cell){i, first};
        first = cell;
    }
    return first;
}

static void check_chain(const Cell *cell, int64_t n)
{
    for (int64_t i = n - 1; i >= 0; i--, cell = cell->next) assert_true(cell->number == i);
    assert_null(cell);
}

static Cell *static_chain;

static void reached_from_stack_and_static_data(void **state)
{
    (void)state;
    Cell *volatile on_stack = chain(10000);
    static_chain = chain(10000);
    make_rubbish(100);
    check_chain(on_stack, 10000);
    check_chain(static_chain, 10000);
}

/* Nothing but the address of an element in the middle, and only from another block. */
static void reached_by_the_middle_of_a_buffer(void **state)
{
    (void)state;
    static PoleList *holder;
    holder = pole_allocate(3 * sizeof *holder);
    static const int64_t lengths[] = {3, 100, 100000};
    for (int i = 0; i < 3; i++) {
        PoleList list = empty;
        for (int64_t k = 0; k < lengths[i]; k++) list = pushed(list, &k, 8, 1);
        holder[i] = tail(list, lengths[i] - 1, 8);
    }
    make_rubbish(100);
    for (int i = 0; i < 3; i++) assert_true(*(int64_t *)(void *)holder[i].elements == lengths[i] - 1);
}

static void reached_through_values(void **state)
{
    (void)state;
    static PoleMap *map;
    map = pole_map_new(0, POLE_MAP_STRING_KEYS, sizeof(PoleString));
    char text[32];
    for (int i = 0; i < 10000; i++) {
        snprintf(text, sizeof text, "number %d", i);
        PoleString value = pole_string_from_c(text);
        pole_map_put(map, 0, pole_string_from_c(text), &value);
    }
    make_rubbish(100);
    for (int i = 0; i < 10000; i++) {
        snprintf(text, sizeof text, "number %d", i);
        assert_string_equal(*(const PoleString *)pole_map_find(map, 0, pole_string_from_c(text)), text);
    }
}

/* Held by C memory alone, written there by the helper. */
static void reached_through_pole_write_ptr(void **state)
{
    (void)state;
    void **c_memory = malloc(100 * sizeof *c_memory);
    for (int i = 0; i < 100; i++) {
        char text[32];
        snprintf(text, sizeof text, "text %d", i);
        pole_write_ptr(&c_memory[i], (void *)(uintptr_t)pole_string_from_c(text));
    }
    make_rubbish(100);
    for (int i = 0; i < 100; i++) {
        char text[32];
        snprintf(text, sizeof text, "text %d", i);
        assert_string_equal(pole_read_ptr(&c_memory[i]), text);
        pole_write_ptr(&c_memory[i], NULL);
    }
    free(c_memory);
}

/* ---- what comes back ---- */

static int64_t resident_megabytes(void)
{
    FILE *file = fopen("/proc/self/statm", "r");
    long total = 0, resident = 0;
    assert_int_equal(fscanf(file, "%ld %ld", &total, &resident), 2);
    fclose(file);
    return resident * (sysconf(_SC_PAGESIZE) / 1024) / 1024;
}

static void drop_lists(void)
{
    PoleList list = empty, fronts = empty;
    for (int64_t i = 0; i < 2000; i++) {
        list = pushed(list, &i, 8, 1);
        fronts = consed(&list, fronts, sizeof list, 0);
    }
}

static void drop_map(void)
{
    PoleMap *map = pole_map_new(0, POLE_MAP_STRING_KEYS, sizeof(PoleMap *));
    char key[32];
    for (int i = 0; i < 500; i++) {
        snprintf(key, sizeof key, "%d", i);
        pole_map_put(map, 0, pole_string_from_c(key), &map); /* a cycle */
    }
}

/* A closure is a block with the address of its code and its captures; here each captures the one before. */
static void drop_closures(void)
{
    void **closure = NULL;
    for (int i = 0; i < 2000; i++) {
        void **next = pole_allocate(3 * sizeof *next);
        next[0] = (void *)(uintptr_t)0x401000;
        next[1] = closure;
        closure = next;
    }
}

static void drop_strings(void)
{
    static char text[300000];
    memset(text, 'x', sizeof text - 1);
    for (int length = 1; length < (int)sizeof text; length *= 2) pole_string_from_c(text + sizeof text - 1 - length);
}

/* POLE_TEST_SECONDS in the environment makes it minutes. */
static void memory_does_not_grow(void **state)
{
    (void)state;
    static void (*const drop[])(void) = {drop_lists, drop_map, drop_closures, drop_strings};
    const char *wanted = getenv("POLE_TEST_SECONDS");
    int64_t seconds = wanted ? atoi(wanted) : 4, after_warming_up = 0;
    for (int64_t start = time(NULL), now = start; now < start + seconds; now = time(NULL)) {
        for (int i = 0; i < 400; i++) drop[i % 4]();
        if (after_warming_up == 0 && now >= start + 1) after_warming_up = resident_megabytes();
    }
    if (wanted) print_message("resident: %lld MB after a second, %lld MB at the end\n", (long long)after_warming_up,
                              (long long)resident_megabytes());
    assert_true(resident_megabytes() < after_warming_up + 40);
    assert_true(resident_megabytes() < 250);
}

/* ---- blocks ---- */

static void blocks_are_zeroed_and_aligned(void **state)
{
    (void)state;
    static const char zeros[4096];
    for (int64_t i = 0; i < 200000; i++) {
        int64_t size = i % 1000;
        char *block = pole_allocate(size);
        assert_true((uintptr_t)block % 16 == 0);
        assert_true(memcmp(block, zeros, (size_t)size) == 0);
        memset(block, 0xFF, (size_t)size);
        memset(pole_allocate_plain(size), 0xFF, (size_t)size);
    }
}

/* Programs rely on small fresh blocks of malloc's reading as zero, so the run-time must leave malloc alone.  Told by the
   program break: glibc moves it at the first call of malloc, and nothing has called malloc before main. */
enum { LEFT_ALONE, USED, CANNOT_BE_TOLD };
static int malloc_during_use;

static int watch_malloc(void)
{
    fflush(NULL);
    pid_t child = fork();
    if (child == 0) {
        char *before = sbrk(0);
        make_rubbish(50);
        drop_map();
        char *after = sbrk(0);
        void *volatile block = malloc(24);
        _exit(!block || sbrk(0) == after ? CANNOT_BE_TOLD : after == before ? LEFT_ALONE : USED);
    }
    int status = -1;
    waitpid(child, &status, 0);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static void malloc_is_left_alone(void **state)
{
    (void)state;
    assert_true(malloc_during_use == LEFT_ALONE || malloc_during_use == CANNOT_BE_TOLD); /* the latter with a sanitizer */
}

/* ---- threads and processes ---- */

static void *work_in_a_thread(void *unused)
{
    (void)unused;
    Cell *volatile mine = chain(20000);
    make_rubbish(20);
    check_chain(mine, 20000);
    return NULL;
}

/* C libraries may call a program from threads of their own, many one after the other or several at once. */
static void threads_may_allocate(void **state)
{
    (void)state;
    Cell *volatile mine = chain(20000);
    for (int round = 0; round < 10; round++) {
        pthread_t threads[3];
        for (int i = 0; i < 3; i++) assert_int_equal(pthread_create(&threads[i], NULL, work_in_a_thread, NULL), 0);
        make_rubbish(10);
        for (int i = 0; i < 3; i++) assert_int_equal(pthread_join(threads[i], NULL), 0);
    }
    check_chain(mine, 20000);
}

static void a_forked_process_goes_on(void **state)
{
    (void)state;
    Cell *volatile mine = chain(20000);
    fflush(NULL);
    pid_t child = fork();
    if (child == 0) {
        make_rubbish(100);
        const Cell *cell = mine;
        int64_t n = 20000;
        while (cell && cell->number == n - 1) cell = cell->next, n--;
        _exit(n == 0 ? 0 : 1);
    }
    int status;
    waitpid(child, &status, 0);
    assert_int_equal(status, 0);
}

/* The collector may as well be started by a thread that is not the main one and ends before the next comes. */
static void *first_of_all(void *unused)
{
    (void)unused;
    work_in_a_thread(NULL);
    return NULL;
}

int main(void)
{
    malloc_during_use = watch_malloc();
    pthread_t first;
    if (pthread_create(&first, NULL, first_of_all, NULL) != 0) return 1;
    pthread_join(first, NULL);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reached_from_stack_and_static_data),
        cmocka_unit_test(reached_by_the_middle_of_a_buffer),
        cmocka_unit_test(reached_through_values),
        cmocka_unit_test(reached_through_pole_write_ptr),
        cmocka_unit_test(memory_does_not_grow),
        cmocka_unit_test(blocks_are_zeroed_and_aligned),
        cmocka_unit_test(malloc_is_left_alone),
        cmocka_unit_test(threads_may_allocate),
        cmocka_unit_test(a_forked_process_goes_on),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
