/*
 * Limits and failure injection of the arena.
 *
 * One law is tested from all sides: the high-water mark that a run without limits reports is exactly the smallest limit
 * under which the same run succeeds, for one account and for the whole pool, in every mode.  The runs are scripts of
 * random pushes, arrays, marks and rewinds on several arenas; a failing seed is printed and can be run again.
 */
#define _GNU_SOURCE
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/arena.h"
#if !defined(__SANITIZE_ADDRESS__)
#include "fake_mmap.h"
#endif

static const PoolMode modes[] = {POOL_RECYCLE, POOL_GUARD, POOL_MALLOC};
enum { N_MODES = sizeof modes / sizeof *modes, N_ACCOUNTS = 2, N_ARENAS = 4 };

typedef struct {
    uint32_t seed;
    int n_actions;
    size_t largest; /* bytes in one request */
} Script;

typedef struct {
    size_t high_water[N_ACCOUNTS];
    size_t peak_live;
    uint64_t allocations;
    bool refused;
    ArenaExhausted why;
} Outcome;

typedef struct {
    Pool *pool;
    ArenaAccount accounts[N_ACCOUNTS];
    Arena arenas[N_ARENAS]; /* arena i belongs to account i % N_ACCOUNTS */
    jmp_buf escape;
    Outcome outcome;
} Run;

static void refused(void *context, const ArenaExhausted *why)
{
    Run *run = context;
    run->outcome.refused = true;
    run->outcome.why = *why;
    longjmp(run->escape, 1);
}

static uint32_t next_random(uint32_t *random)
{
    *random = *random * 1664525u + 1013904223u;
    return *random >> 8;
}

static void fill_by_hand(ArenaArray *array, size_t n)
{
    array_reserve(array, n);
    memset(array->items + array->count * array->element_size, 1, n * array->element_size);
    array->count += n;
}

/* Two arrays in step, as a lexer fills kinds and offsets: the first one's room must survive the second one's request. */
static void fill_two(ArenaArray *first, ArenaArray *second, size_t n)
{
    array_reserve(first, n);
    array_reserve(second, n);
    assert_true(first->capacity - first->count >= n && second->capacity - second->count >= n);
    fill_by_hand(first, n);
    fill_by_hand(second, n);
}

static void act(Run *run, const Script *script, uint32_t *random, ArenaMark *marks, bool *marked)
{
    uint32_t i = next_random(random) % N_ARENAS;
    Arena *arena = &run->arenas[i];
    size_t size = next_random(random) % script->largest;
    ArenaArray *array = &arena->arrays[next_random(random) % 2];
    switch (next_random(random) % 16) {
    case 0:
        marks[i] = arena_mark(arena);
        marked[i] = true;
        break;
    case 1:
        if (marked[i])
            arena_rewind(arena, &marks[i]);
        marked[i] = false;
        break;
    case 2:
        array_truncate(array, array->count / 2);
        marked[i] = false;
        break;
    case 3:
        fill_two(&arena->arrays[0], &arena->arrays[1], size / 16);
        break;
    case 4:
    case 5:
        fill_by_hand(array, size / array->element_size);
        break;
    case 6:
    case 7:
    case 8:
        memset(array_push(array, 1), 1, array->element_size);
        break;
    default:
        memset(arena_push(arena, size), 1, size);
    }
}

static void perform(Run *run, const Script *script)
{
    if (setjmp(run->escape) != 0)
        return;
    uint32_t random = script->seed;
    ArenaMark marks[N_ARENAS];
    bool marked[N_ARENAS] = {false};
    for (int i = 0; i < script->n_actions; i++)
        act(run, script, &random, marks, marked);
}

static Outcome run_script(const Script *script, const PoolOptions *options, const size_t limits[N_ACCOUNTS])
{
    Run run = {.outcome = {.refused = false}};
    PoolOptions with_handler = *options;
    with_handler.exhausted = refused;
    with_handler.context = &run;
    run.pool = pool_open(&with_handler);
    for (int i = 0; i < N_ACCOUNTS; i++)
        arena_account_open(&run.accounts[i], run.pool, i == 0 ? "parse" : "session", limits[i]);
    for (int i = 0; i < N_ARENAS; i++) {
        arena_open(&run.arenas[i], &run.accounts[i % N_ACCOUNTS], "arena");
        arena_array(&run.arenas[i], "kind", 1);
        arena_array(&run.arenas[i], "node", 12);
    }
    perform(&run, script);
    for (int i = 0; i < N_ARENAS; i++)
        arena_free(&run.arenas[i]);
    for (int i = 0; i < N_ACCOUNTS; i++) {
        run.outcome.high_water[i] = arena_account_high_water(&run.accounts[i]);
        arena_account_close(&run.accounts[i]);
    }
    PoolStatistics statistics = pool_statistics(run.pool);
    assert_int_equal(statistics.live, 0);
    run.outcome.peak_live = statistics.peak_live;
    run.outcome.allocations = statistics.allocations;
    pool_close(run.pool);
    return run.outcome;
}

static const size_t no_limits[N_ACCOUNTS] = {0, 0};

static void check_refusal(const Outcome *outcome, const char *account, size_t limit)
{
    assert_true(outcome->refused);
    assert_false(outcome->why.injected);
    assert_int_equal(outcome->why.limit, limit);
    assert_true(outcome->why.used <= limit);
    if (account == NULL)
        assert_null(outcome->why.account);
    else
        assert_string_equal(outcome->why.account, account);
}

static void check_account_limit(const Script *script, PoolMode mode, int account, size_t limit, const Outcome *free_run)
{
    size_t limits[N_ACCOUNTS] = {0};
    limits[account] = limit;
    Outcome outcome = run_script(script, &(PoolOptions){.mode = mode}, limits);
    if (limit < free_run->high_water[account]) {
        check_refusal(&outcome, account == 0 ? "parse" : "session", limit);
        return;
    }
    assert_false(outcome.refused);
    assert_int_equal(outcome.high_water[account], free_run->high_water[account]);
    assert_int_equal(outcome.allocations, free_run->allocations);
}

static void check_pool_limit(const Script *script, PoolMode mode, size_t limit, const Outcome *free_run)
{
    Outcome outcome = run_script(script, &(PoolOptions){.mode = mode, .limit = limit}, no_limits);
    if (limit < free_run->peak_live) {
        check_refusal(&outcome, NULL, limit);
        return;
    }
    assert_false(outcome.refused);
    assert_int_equal(outcome.peak_live, free_run->peak_live);
    assert_int_equal(outcome.allocations, free_run->allocations);
}

/* Every limit from a few bytes above the high-water mark down to one byte. */
static void every_limit_of_a_small_script(void **state)
{
    (void)state;
    for (int m = 0; m < N_MODES; m++) {
        Script script = {.seed = 7, .n_actions = 60, .largest = 90};
        Outcome free_run = run_script(&script, &(PoolOptions){.mode = modes[m]}, no_limits);
        for (size_t limit = free_run.peak_live + 20; limit > 0; limit--) {
            check_pool_limit(&script, modes[m], limit, &free_run);
            for (int account = 0; account < N_ACCOUNTS; account++)
                check_account_limit(&script, modes[m], account, limit, &free_run);
        }
    }
}

/* The limits around the high-water mark, and some far below, of scripts that leave .bss behind. */
static void edge_limits_of_many_scripts(void **state)
{
    (void)state;
    for (uint32_t seed = 1; seed <= 60; seed++) {
        Script script = {.seed = seed, .n_actions = 40 + 20 * (int)seed, .largest = seed % 3 == 0 ? 9000 : 300};
        Outcome first = run_script(&script, &(PoolOptions){.mode = POOL_RECYCLE}, no_limits);
        for (int m = 0; m < N_MODES; m++) {
            Outcome free_run = run_script(&script, &(PoolOptions){.mode = modes[m]}, no_limits);
            assert_int_equal(free_run.peak_live, first.peak_live);
            assert_int_equal(free_run.allocations, first.allocations);
            for (int account = 0; account < N_ACCOUNTS; account++) {
                size_t mark = free_run.high_water[account];
                assert_int_equal(mark, first.high_water[account]);
                size_t limits[] = {mark + 1, mark, mark - 1, mark - 8, mark * 2 / 3};
                for (size_t i = 0; i < 5; i++)
                    check_account_limit(&script, modes[m], account, limits[i], &free_run);
            }
            size_t limits[] = {first.peak_live * 2, first.peak_live, first.peak_live - 1, first.peak_live / 2};
            for (size_t i = 0; i < 4; i++)
                check_pool_limit(&script, modes[m], limits[i], &free_run);
        }
    }
}

/* Both kinds of limit at once, each exactly sufficient; then either a byte too small. */
static void account_and_pool_limits_together(void **state)
{
    (void)state;
    for (uint32_t seed = 1; seed <= 40; seed++) {
        Script script = {.seed = seed, .n_actions = 400, .largest = 500};
        Outcome free_run = run_script(&script, &(PoolOptions){.mode = POOL_RECYCLE}, no_limits);
        PoolOptions exact = {.mode = POOL_RECYCLE, .limit = free_run.peak_live};
        assert_false(run_script(&script, &exact, free_run.high_water).refused);
        size_t short_limits[N_ACCOUNTS] = {free_run.high_water[0], free_run.high_water[1] - 1};
        Outcome outcome = run_script(&script, &exact, short_limits);
        check_refusal(&outcome, "session", short_limits[1]);
        exact.limit--;
        outcome = run_script(&script, &exact, free_run.high_water);
        check_refusal(&outcome, NULL, exact.limit);
    }
}

static void refuse_by_one_byte(PoolMode mode)
{
    Run run = {.outcome = {.refused = false}};
    run.pool = pool_open(&(PoolOptions){.mode = mode, .exhausted = refused, .context = &run});
    arena_account_open(&run.accounts[0], run.pool, "parse", 100);
    arena_open(&run.arenas[0], &run.accounts[0], "ast");
    ArenaArray *nodes = arena_array(&run.arenas[0], "node", 12);
    arena_push(&run.arenas[0], 41);
    array_push(nodes, 4);
    if (setjmp(run.escape) == 0) {
        arena_push(&run.arenas[0], 1);
        fail();
    }
    assert_int_equal(run.outcome.why.used, 96);
    assert_int_equal(run.outcome.why.requested, 8);
    if (setjmp(run.escape) == 0) {
        array_push(nodes, 1);
        fail();
    }
    assert_int_equal(run.outcome.why.used, 96);
    assert_int_equal(run.outcome.why.requested, 12);
    array_truncate(nodes, 3);
    arena_push(&run.arenas[0], 16); /* what was given back can be used again */
    assert_int_equal(arena_account_high_water(&run.accounts[0]), 100);
    arena_free(&run.arenas[0]);
    arena_account_close(&run.accounts[0]);
    pool_close(run.pool);
}

static void refusal_tells_what_was_asked(void **state)
{
    (void)state;
    for (int m = 0; m < N_MODES; m++)
        refuse_by_one_byte(modes[m]);
}

/* Each allocation fails once; the run after the last one succeeds, with the counters of an undisturbed run. */
static void every_allocation_can_fail(void **state)
{
    (void)state;
    for (int m = 0; m < N_MODES; m++) {
        Script script = {.seed = 11, .n_actions = 300, .largest = 400};
        Outcome free_run = run_script(&script, &(PoolOptions){.mode = modes[m]}, no_limits);
        for (uint64_t n = 1; n <= free_run.allocations; n++) {
            PoolOptions options = {.mode = modes[m], .fail_allocation = n};
            Outcome outcome = run_script(&script, &options, no_limits);
            assert_true(outcome.refused && outcome.why.injected);
            assert_int_equal(outcome.allocations, n - 1);
        }
        PoolOptions options = {.mode = modes[m], .fail_allocation = free_run.allocations + 1};
        Outcome outcome = run_script(&script, &options, no_limits);
        assert_false(outcome.refused);
        assert_int_equal(outcome.allocations, free_run.allocations);
        assert_int_equal(outcome.peak_live, free_run.peak_live);
    }
}

/* ---- A system that refuses ---- */

#if !defined(__SANITIZE_ADDRESS__)

/* The run with its n-th request refused; false if it did not ask so often. */
static bool refuse(const Script *script, PoolMode mode, uint64_t n, bool for_good, const Outcome *free_run)
{
    the_system.asked = 0;
    the_system.refused = n;
    the_system.for_good = for_good;
    Outcome outcome = run_script(script, &(PoolOptions){.mode = mode}, no_limits);
    bool asked = the_system.asked >= n;
    the_system.refused = 0;
    if (outcome.refused) {
        assert_true(asked);
        assert_false(outcome.why.injected);
        assert_int_equal(outcome.why.limit, 0);
        assert_true(outcome.why.requested > 0);
    } else {
        assert_int_equal(outcome.peak_live, free_run->peak_live);
        assert_int_equal(outcome.allocations, free_run->allocations);
    }
    return asked;
}

/* Each request of the system's fails, alone or with all behind it: the run ends as at a limit, or goes on with less. */
static void every_request_of_the_system_can_fail(void **state)
{
    (void)state;
    PoolMode with_lanes[] = {POOL_RECYCLE, POOL_GUARD};
    for (int m = 0; m < 2; m++) {
        for (uint32_t seed = 3; seed <= 6; seed += 3) {
            Script script = {.seed = seed, .n_actions = 200, .largest = 30000};
            Outcome free_run = run_script(&script, &(PoolOptions){.mode = with_lanes[m]}, no_limits);
            for (int for_good = 0; for_good < 2; for_good++) {
                uint64_t n = 1;
                while (refuse(&script, with_lanes[m], n, for_good, &free_run))
                    n++;
                assert_true(n > 4); /* the script is large enough to ask */
            }
        }
    }
}

static void no_memory_for_a_pool(void **state)
{
    (void)state;
    Pool *first = pool_open(&(PoolOptions){.mode = POOL_RECYCLE}); /* takes what lies in .bss */
    assert_non_null(first);
    the_system.asked = 0;
    the_system.refused = 1;
    assert_null(pool_open(&(PoolOptions){.mode = POOL_RECYCLE}));
    the_system.refused = 0;
    pool_close(first);
}

#endif

/* Without a handler there is nobody to go on. */
static void without_a_handler_it_aborts(void **state)
{
    (void)state;
    pid_t child = fork();
    if (child == 0) {
        ArenaAccount account;
        Arena arena = {0};
        arena_account_open(&account, pool_open(&(PoolOptions){.mode = POOL_RECYCLE}), "parse", 10);
        arena_open(&arena, &account, "ast");
        arena_push(&arena, 11);
        _exit(0);
    }
    int status;
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_limit_of_a_small_script),
        cmocka_unit_test(edge_limits_of_many_scripts),
        cmocka_unit_test(account_and_pool_limits_together),
        cmocka_unit_test(refusal_tells_what_was_asked),
        cmocka_unit_test(every_allocation_can_fail),
#if !defined(__SANITIZE_ADDRESS__)
        cmocka_unit_test(every_request_of_the_system_can_fail),
        cmocka_unit_test(no_memory_for_a_pool),
#endif
        cmocka_unit_test(without_a_handler_it_aborts),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
