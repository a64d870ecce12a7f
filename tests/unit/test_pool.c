/*
 * The pool: recycling, system calls, threads, little address space.
 *
 * Figures are compared for equality, as in test_arena.c.
 */
#define _GNU_SOURCE
#include <string.h>

#include <pthread.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "arena_fixture.h"

#if defined(__SANITIZE_ADDRESS__)
#define UNDER_ASAN 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define UNDER_ASAN 1
#endif
#endif

/* What a compile of a tiny file does: four arenas, each freed when the next has been filled. */
static void run_pipeline(Pool *pool, size_t bytes)
{
    ArenaAccount accounts[4];
    Arena arenas[4];
    for (int phase = 0; phase < 4; phase++) {
        arena_account_open(&accounts[phase], pool, "phase", 0);
        arena_open(&arenas[phase], &accounts[phase], "product");
        ArenaArray *items = arena_array(&arenas[phase], "item", 4);
        for (size_t i = 0; i < bytes / 100; i++) {
            arena_push(&arenas[phase], 96);
            *(uint32_t *)array_push(items, 1) = (uint32_t)i;
        }
        if (phase > 0)
            arena_free(&arenas[phase - 1]);
    }
    arena_free(&arenas[3]);
    for (int phase = 0; phase < 4; phase++)
        arena_account_close(&accounts[phase]);
}

static void small_programs_need_no_system_call(void **state)
{
    (void)state;
    Pool *pool = open_pool(POOL_RECYCLE);
    pool_trim(pool);
    uint64_t before = pool_statistics(pool).system_calls;
    run_pipeline(pool, 60000);
    assert_int_equal(pool_statistics(pool).system_calls, before);
    pool_close(pool);
}

static void freed_memory_is_used_again(void **state)
{
    (void)state;
    Pool *pool = open_pool(POOL_RECYCLE);
    run_pipeline(pool, 3000000);
    PoolStatistics first = pool_statistics(pool);
    for (int i = 0; i < 10; i++)
        run_pipeline(pool, 3000000);
    PoolStatistics later = pool_statistics(pool);
    assert_int_equal(later.system_calls, first.system_calls);
    assert_int_equal(later.committed, first.committed);
    assert_int_equal(later.peak_live, first.peak_live);
    assert_int_equal(later.live, 0);
    pool_trim(pool);
    assert_true(pool_statistics(pool).committed < first.committed / 4);
    run_pipeline(pool, 3000000);
    assert_int_equal(pool_statistics(pool).committed, first.committed);
    assert_int_equal(pool_statistics(pool).reserved, first.reserved);
    pool_close(pool);
    pool = open_pool(POOL_RECYCLE);
    run_pipeline(pool, 3000000);
    assert_int_equal(pool_statistics(pool).reserved, first.reserved);
    pool_close(pool);
}

static void last_freed_lane_is_taken_first(void **state)
{
    (void)state;
    Fixture f;
    open_fixture(&f, POOL_RECYCLE);
    Arena other;
    arena_open(&other, &f.account, "other");
    char *first = arena_push(&f.arena, 8), *second = arena_push(&other, 8);
    arena_free(&f.arena);
    arena_free(&other);
    arena_open(&f.arena, &f.account, "result");
    arena_open(&other, &f.account, "other");
    assert_ptr_equal(arena_push(&f.arena, 8), second);
    assert_ptr_equal(arena_push(&other, 8), first);
    arena_free(&other);
    close_fixture(&f);
}

/* The first-level cache of some processors cannot hold two lines whose addresses agree in the lower 28 bits. */
static void large_arrays_do_not_share_cache_lines(void **state)
{
    (void)state;
    enum { N = 16, BYTES = 1 << 20 };
    Pool *pool = open_pool(POOL_RECYCLE);
    ArenaAccount account;
    Arena arena;
    arena_account_open(&account, pool, "test", 0);
    arena_open(&arena, &account, "test");
    ArenaArray *arrays[N];
    for (int i = 0; i < N; i++) {
        arrays[i] = arena_array(&arena, "bytes", 1);
        array_push(arrays[i], BYTES);
    }
    for (int i = 0; i < N; i++)
        for (int j = 0; j < i; j++)
            assert_int_not_equal((uintptr_t)arrays[i]->items & 0xFFFFFFF, (uintptr_t)arrays[j]->items & 0xFFFFFFF);
    arena_free(&arena);
    arena_account_close(&account);
    pool_close(pool);
}

static void counters_agree_in_all_modes(void **state)
{
    (void)state;
    PoolStatistics seen[N_MODES];
    for (int m = 0; m < N_MODES; m++) {
        Pool *pool = open_pool(modes[m]);
        run_pipeline(pool, 700000);
        run_pipeline(pool, 300);
        seen[m] = pool_statistics(pool);
        assert_int_equal(seen[m].peak_live, seen[0].peak_live);
        assert_int_equal(seen[m].allocations, seen[0].allocations);
        pool_close(pool);
    }
}

/* More arenas than the pool has lanes at hand, all open at once. */
static void many_arenas_at_once(void **state)
{
    (void)state;
    enum { N = 700 };
    Arena *arenas = calloc(N, sizeof *arenas);
    for (int m = 0; m < N_MODES; m++) {
        Fixture f;
        open_fixture(&f, modes[m]);
        for (int i = 0; i < N; i++) {
            arena_open(&arenas[i], &f.account, "one of many");
            *(int *)arena_push(&arenas[i], 8) = i;
            array_push(arena_array(&arenas[i], "element", 8), 20);
        }
        assert_int_equal(arena_account_used(&f.account), N * 168);
        for (int i = 0; i < N; i++)
            arena_free(&arenas[i]);
        close_fixture(&f);
    }
    free(arenas);
}

static void *fill_in_a_thread(void *mode)
{
    Pool *pool = open_pool(*(PoolMode *)mode);
    for (int i = 0; i < 20; i++)
        run_pipeline(pool, 200000);
    PoolStatistics *result = malloc(sizeof *result);
    *result = pool_statistics(pool);
    pool_close(pool);
    return result;
}

static void pools_do_not_disturb_each_other(void **state)
{
    (void)state;
    Fixture first, second;
    open_fixture(&first, POOL_RECYCLE);
    open_fixture(&second, POOL_RECYCLE);
    char *a = arena_push_zero(&first.arena, 100000), *b = arena_push_zero(&second.arena, 100000);
    memset(b, 7, 100000);
    assert_int_equal(a[99999], 0);
    assert_false(arena_contains(&first.arena, b));
    close_fixture(&first);
    assert_int_equal(b[0], 7);
    close_fixture(&second);

    PoolMode mode[4] = {POOL_RECYCLE, POOL_GUARD, POOL_MALLOC, POOL_RECYCLE};
    pthread_t threads[4];
    PoolStatistics *results[4];
    for (int i = 0; i < 4; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, fill_in_a_thread, &mode[i]), 0);
    for (int i = 0; i < 4; i++) {
        void *result;
        pthread_join(threads[i], &result);
        results[i] = result;
        assert_int_equal(results[i]->peak_live, results[0]->peak_live);
        assert_int_equal(results[i]->allocations, results[0]->allocations);
    }
    for (int i = 0; i < 4; i++)
        free(results[i]);
}

/* What a helper's pool served counts as if it had been at its most together with the account's own most. */
static void figures_of_another_pool_are_added(void **state)
{
    (void)state;
    Pool *pool = pool_open(&(PoolOptions){.mode = POOL_RECYCLE}), *others = pool_open(&(PoolOptions){.mode = POOL_RECYCLE});
    ArenaAccount account, beside, other;
    Arena arena, kept, helper;
    arena_account_open(&account, pool, "account", 0);
    arena_account_open(&beside, pool, "beside", 0);
    arena_account_open(&other, others, "other", 0);
    arena_open(&kept, &beside, "kept");
    arena_push(&kept, 10000);
    arena_free(&kept); /* the pool's peak so far */
    arena_open(&kept, &beside, "kept");
    arena_push(&kept, 1000);
    arena_open(&arena, &account, "arena");
    arena_push(&arena, 400);
    ArenaMark mark = arena_mark(&arena);
    arena_push(&arena, 80);
    arena_rewind(&arena, &mark);
    arena_open(&helper, &other, "helper");
    arena_push(&helper, 48);
    arena_push(&helper, 48);
    arena_free(&helper);

    arena_account_add(&account, &other);
    assert_int_equal(arena_account_high_water(&account), 400 + 80 + 96);
    assert_int_equal(arena_account_allocations(&account), 4);
    PoolStatistics statistics = pool_statistics(pool);
    assert_int_equal(statistics.live, 1400);
    assert_int_equal(statistics.peak_live, 10000);
    assert_int_equal(statistics.allocations, 6);
    ArenaAccount again;
    arena_account_close(&other);
    arena_account_open(&again, others, "again", 0);
    arena_open(&helper, &again, "helper");
    arena_push(&helper, 20000);
    arena_free(&helper);
    arena_account_add(&account, &again);
    assert_int_equal(pool_statistics(pool).peak_live, 1000 + 576 + 20000);
    arena_push(&arena, 176); /* less than its most: nothing new */
    assert_int_equal(arena_account_high_water(&account), 20576);

    arena_free(&arena);
    arena_free(&kept);
    arena_account_close(&account);
    arena_account_close(&beside);
    arena_account_close(&again);
    pool_close(others);
    pool_close(pool);
}

static void live_addresses_have_an_owner_too(void **state)
{
    (void)state;
    for (int m = 0; m < N_MODES; m++) {
        Fixture f;
        open_fixture(&f, modes[m]);
        PoolAddress found;
        assert_true(pool_find_address(f.pool, arena_push(&f.arena, 100), &found));
        assert_string_equal(found.arena, "result");
        assert_null(found.kind);
        assert_false(found.dead || pool_find_address(f.pool, &f, &found));
        array_push(arena_array(&f.arena, "first", 1), 3);
        ArenaArray *pairs = arena_array(&f.arena, "pair", 16);
        char *third = (char *)array_push(pairs, 5) + 2 * 16;
        assert_true(pool_find_address(f.pool, third + 1, &found));
        assert_string_equal(found.arena, "result");
        assert_string_equal(found.kind, "pair");
        assert_int_equal(found.element_size, 16);
        assert_int_equal(found.offset, 2 * 16 + 1);
        close_fixture(&f);
    }
}

/* ---- Little address space ---- */

/* Where addresses are scarce, ranges are short: arenas chain them and arrays move.  Runs in a process of its own, which
   has not reserved anything yet; its exit status is 0 when all went well. */
static int use_little_address_space(void)
{
    Pool *pool = pool_open(&(PoolOptions){.mode = POOL_RECYCLE, .exhausted = unexpected});
    bool exact = true;
    for (int round = 0; round < 3; round++) {
        ArenaAccount account;
        arena_account_open(&account, pool, "phase", 0);
        Arena arena;
        arena_open(&arena, &account, "result");
        ArenaArray *numbers = arena_array(&arena, "number", 8);
        ArenaMark mark = arena_mark(&arena);
        for (uint64_t i = 0; i < 1000000; i++) {
            *(uint64_t *)array_push(numbers, 1) = i;
            *(uint64_t *)arena_push(&arena, 96) = i;
            if (i == 300000)
                mark = arena_mark(&arena);
        }
        exact = exact && arena_used(&arena) == 104000000;
        for (uint64_t i = 0; i < 1000000; i++)
            exact = exact && ((uint64_t *)(void *)numbers->items)[i] == i;
        arena_rewind(&arena, &mark);
        exact = exact && arena_used(&arena) == 104 * 300001;
        arena_free(&arena);
        arena_account_close(&account);
    }
    pool_close(pool);
    return exact ? 0 : 1;
}

#if !defined(UNDER_ASAN) /* whose shadow memory alone needs more */
static void works_with_little_address_space(void **state)
{
    (void)state;
    pid_t child = fork();
    if (child == 0) {
        struct rlimit limit = {700u << 20, 700u << 20};
        setrlimit(RLIMIT_AS, &limit);
        execl("/proc/self/exe", "test_pool", "little", (char *)NULL);
        _exit(127);
    }
    int status;
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_int_equal(status, 0);
}
#endif

int main(int argc, char **argv)
{
    if (argc == 2 && strcmp(argv[1], "little") == 0)
        return use_little_address_space();
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(small_programs_need_no_system_call),
        cmocka_unit_test(freed_memory_is_used_again),
        cmocka_unit_test(last_freed_lane_is_taken_first),
        cmocka_unit_test(large_arrays_do_not_share_cache_lines),
        cmocka_unit_test(counters_agree_in_all_modes),
        cmocka_unit_test(many_arenas_at_once),
        cmocka_unit_test(pools_do_not_disturb_each_other),
        cmocka_unit_test(figures_of_another_pool_are_added),
        cmocka_unit_test(live_addresses_have_an_owner_too),
#if !defined(UNDER_ASAN)
        cmocka_unit_test(works_with_little_address_space),
#endif
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
