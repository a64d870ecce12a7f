/*
 * The arena: exact accounts, marks, arrays, recycling, threads, hostile sizes.
 *
 * Every figure here is compared for equality: what the module counts is what was asked for, in all three modes and on
 * every machine.  Limits and failure injection, which follow from exactness, are in test_arena_limits.c; what happens to
 * stale pointers is in test_arena_guard.c.
 */
#define _GNU_SOURCE
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <pthread.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/arena.h"

#if defined(__SANITIZE_ADDRESS__)
#define UNDER_ASAN 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define UNDER_ASAN 1
#endif
#endif

static const PoolMode modes[] = {POOL_RECYCLE, POOL_GUARD, POOL_MALLOC};
enum { N_MODES = sizeof modes / sizeof *modes };

/* Where a refused request lands, and why it was refused. */
typedef struct {
    jmp_buf escape;
    ArenaExhausted why;
} Refusal;

static void refused(void *context, const ArenaExhausted *why)
{
    Refusal *refusal = context;
    refusal->why = *why;
    longjmp(refusal->escape, 1);
}

static void unexpected(void *context, const ArenaExhausted *why)
{
    (void)context;
    fprintf(stderr, "refused: used %zu, limit %zu, requested %zu\n", why->used, why->limit, why->requested);
    abort();
}

static Pool *open_pool(PoolMode mode)
{
    Pool *pool = pool_open(&(PoolOptions){.mode = mode, .exhausted = unexpected});
    assert_non_null(pool);
    return pool;
}

typedef struct {
    Pool *pool;
    ArenaAccount account;
    Arena arena;
} Fixture;

static void open_fixture(Fixture *fixture, PoolMode mode)
{
    fixture->pool = open_pool(mode);
    arena_account_open(&fixture->account, fixture->pool, "phase", 0);
    arena_open(&fixture->arena, &fixture->account, "result");
}

static void close_fixture(Fixture *fixture)
{
    arena_free(&fixture->arena);
    arena_account_close(&fixture->account);
    pool_close(fixture->pool);
}

/* ---- Kinds ---- */

/* Array steps are allocations, but no pushes; what comes before the first kind has none. */
static void kinds_explain_what_was_pushed(void **state)
{
    (void)state;
    for (int m = 0; m < N_MODES; m++) {
        Fixture f;
        open_fixture(&f, modes[m]);
        arena_push(&f.arena, 100);
        arena_kind(&f.arena, "small");
        arena_push(&f.arena, 3);
        ArenaArray *array = arena_array(&f.arena, "numbers", sizeof(uint32_t));
        array_push(array, 1000);
        arena_kind(&f.arena, "large");
        arena_push(&f.arena, 300000);
        arena_kind(&f.arena, "small");
        arena_push(&f.arena, 5);
        arena_push(&f.arena, 16);
        arena_settle_kinds(&f.arena);
        arena_settle_kinds(&f.arena);
        assert_int_equal(f.arena.n_kinds, 2);
        assert_string_equal(f.arena.kinds[0].kind, "small");
        assert_int_equal(f.arena.kinds[0].bytes, 8 + 8 + 16);
        assert_int_equal(f.arena.kinds[0].count, 3);
        assert_int_equal(f.arena.kinds[1].bytes, 300000);
        assert_int_equal(f.arena.kinds[1].count, 1);
        assert_int_equal(arena_used(&f.arena), 104 + 32 + 300000 + 4000);
        close_fixture(&f);
    }
}

/* ---- Pushing ---- */

static void sizes_are_rounded_to_eight(void **state)
{
    (void)state;
    for (int m = 0; m < N_MODES; m++) {
        Fixture f;
        open_fixture(&f, modes[m]);
        size_t expected = 0;
        for (size_t size = 0; size <= 40; size++) {
            char *bytes = arena_push(&f.arena, size);
            assert_non_null(bytes);
            assert_int_equal((uintptr_t)bytes % 8, 0);
            memset(bytes, 0xA5, size);
            expected += (size + 7) / 8 * 8;
            assert_int_equal(arena_used(&f.arena), expected);
        }
        assert_int_equal(arena_account_allocations(&f.account), 41);
        assert_int_equal(pool_statistics(f.pool).allocations, 41);
        assert_int_equal(pool_statistics(f.pool).live, expected);
        close_fixture(&f);
    }
}

static void zeroed_and_copied_memory(void **state)
{
    (void)state;
    static const char text[] = "func main () : 0";
    for (int m = 0; m < N_MODES; m++) {
        Fixture f;
        open_fixture(&f, modes[m]);
        for (int round = 0; round < 2; round++) {
            memset(arena_push(&f.arena, 256), 0xFF, 256);
            arena_free(&f.arena);
            arena_open(&f.arena, &f.account, "result");
            const unsigned char *zero = arena_push_zero(&f.arena, 256);
            for (int i = 0; i < 256; i++)
                assert_int_equal(zero[i], 0);
            assert_string_equal(arena_copy(&f.arena, text, sizeof text), text);
            assert_non_null(arena_copy(&f.arena, NULL, 0));
            assert_int_equal(*arena_new(&f.arena, uint64_t), 0);
        }
        close_fixture(&f);
    }
}

/* Fills 40 MB: past .bss, past the small pages, into the huge ones. */
static void large_arena_keeps_its_contents(void **state)
{
    (void)state;
    enum { N = 500000 };
    uint64_t **objects = calloc(N, sizeof *objects);
    for (int m = 0; m < N_MODES; m++) {
        Fixture f;
        open_fixture(&f, modes[m]);
        size_t expected = 0;
        for (size_t i = 0; i < N; i++) {
            size_t size = 8 * (1 + i % 19);
            objects[i] = arena_push(&f.arena, size);
            objects[i][0] = i;
            objects[i][i % 19] = i;
            expected += size;
        }
        for (size_t i = 0; i < N; i++)
            assert_true(objects[i][0] == i && objects[i][i % 19] == i);
        assert_int_equal(arena_used(&f.arena), expected);
        assert_true(arena_contains(&f.arena, objects[0]) && arena_contains(&f.arena, objects[N - 1]));
        assert_false(arena_contains(&f.arena, &f));
        assert_true(f.account.committed_peak >= expected);
        close_fixture(&f);
        assert_int_equal(f.account.committed, 0);
        assert_int_equal(f.account.high_water, expected);
    }
    free(objects);
}

static void single_large_requests(void **state)
{
    (void)state;
    for (int m = 0; m < N_MODES; m++) {
        Fixture f;
        open_fixture(&f, modes[m]);
        size_t expected = 0;
        for (size_t size = 1000; size < 40000000; size = size * 3 + 8) {
            char *bytes = arena_push(&f.arena, size);
            bytes[0] = bytes[size - 1] = 1;
            expected += (size + 7) / 8 * 8;
        }
        assert_int_equal(arena_used(&f.arena), expected);
        close_fixture(&f);
    }
}

static void refuse_impossible_sizes(PoolMode mode)
{
    static const size_t sizes[] = {SIZE_MAX, SIZE_MAX - 6, SIZE_MAX - 7, SIZE_MAX - 8, SIZE_MAX / 2 + 1, SIZE_MAX / 2};
    Refusal refusal;
    Pool *pool = pool_open(&(PoolOptions){.mode = mode, .exhausted = refused, .context = &refusal});
    ArenaAccount account;
    arena_account_open(&account, pool, "phase", 0);
    Arena arena;
    arena_open(&arena, &account, "result");
    arena_push(&arena, 24);
    ArenaArray *bytes = arena_array(&arena, "byte", 1), *pairs = arena_array(&arena, "pair", 16);
    array_push(pairs, 3);
    for (volatile size_t i = 0; i < 3 * sizeof sizes / sizeof *sizes; i++) {
        size_t size = sizes[i / 3];
        if (setjmp(refusal.escape) == 0) {
            if (i % 3 == 0)
                arena_push(&arena, size);
            else
                array_push(i % 3 == 1 ? bytes : pairs, size);
            fail_msg("%zu bytes were handed out", size);
        }
        assert_int_equal(refusal.why.limit, 0);
        assert_true(refusal.why.requested >= size);
        assert_int_equal(refusal.why.used, 72);
        assert_int_equal(arena_used(&arena), 72);
    }
    arena_free(&arena);
    arena_account_close(&account);
    pool_close(pool);
}

static void impossible_sizes_are_refused(void **state)
{
    (void)state;
    for (int m = 0; m < N_MODES; m++)
        refuse_impossible_sizes(modes[m]);
}

/* ---- Arrays ---- */

static void empty_arrays_are_somewhere(void **state)
{
    (void)state;
    for (int m = 0; m < N_MODES; m++) {
        Fixture f;
        open_fixture(&f, modes[m]);
        ArenaArray *names = arena_array(&f.arena, "name", 8);
        assert_non_null(names->items);
        assert_non_null(array_push(names, 0));
        assert_int_equal(arena_used(&f.arena), 0);
        assert_int_equal(arena_account_allocations(&f.account), 0);
        close_fixture(&f);
    }
}

static void arrays_grow_and_count(void **state)
{
    (void)state;
    enum { N = 300000 };
    for (int m = 0; m < N_MODES; m++) {
        Fixture f;
        open_fixture(&f, modes[m]);
        ArenaArray *kinds = arena_array(&f.arena, "kind", 1), *nodes = arena_array(&f.arena, "node", 12);
        assert_int_equal(arena_used(&f.arena), 0);
        for (uint32_t i = 0; i < N; i++) {
            *(uint8_t *)array_push(kinds, 1) = (uint8_t)i;
            memcpy(array_push(nodes, 1), (uint32_t[]){i, i + 1, i + 2}, 12);
            arena_push(&f.arena, 8);
        }
        for (uint32_t i = 0; i < N; i++) {
            assert_int_equal((uint8_t)kinds->items[i], (uint8_t)i);
            assert_memory_equal(nodes->items + 12 * (size_t)i, ((uint32_t[]){i, i + 1, i + 2}), 12);
        }
        assert_int_equal(arena_used(&f.arena), N * (1 + 12 + 8));
        /* 64 doubled until it holds 300,000: 14 steps for either array. */
        assert_int_equal(arena_account_allocations(&f.account), N + 2 * 14);
        array_truncate(nodes, 10);
        assert_int_equal(arena_used(&f.arena), N * (1 + 8) + 10 * 12);
        assert_int_equal(arena_account_high_water(&f.account), N * (1 + 12 + 8));
        array_push(nodes, N - 10);
        assert_int_equal(arena_account_allocations(&f.account), N + 2 * 14);
        close_fixture(&f);
    }
}

/* An owner may fill reserved elements itself and advance `count` once. */
static void reserved_elements_may_be_filled_by_hand(void **state)
{
    (void)state;
    for (int m = 0; m < N_MODES; m++) {
        Fixture f;
        open_fixture(&f, modes[m]);
        ArenaArray *numbers = arena_array(&f.arena, "number", sizeof(uint32_t));
        for (uint32_t i = 0; i < 50000; i++) {
            if (numbers->count == numbers->capacity)
                array_reserve_slow(numbers, 1);
            ((uint32_t *)(void *)numbers->items)[numbers->count++] = i;
        }
        array_reserve(numbers, 70000);
        assert_true(numbers->capacity - numbers->count >= 70000);
        assert_int_equal(arena_used(&f.arena), 200000);
        for (uint32_t i = 0; i < 50000; i++)
            assert_int_equal(((uint32_t *)(void *)numbers->items)[i], i);
        close_fixture(&f);
    }
}

/* ---- Marks ---- */

static void rewinding_restores_everything(void **state)
{
    (void)state;
    for (int m = 0; m < N_MODES; m++) {
        Fixture f;
        open_fixture(&f, modes[m]);
        ArenaMark empty = arena_mark(&f.arena);
        ArenaArray *early = arena_array(&f.arena, "early", 4);
        /* Each round marks a place in another segment: none yet, .bss, small pages, huge pages. */
        size_t filler[] = {0, 5000, 100000, 3000000};
        for (int round = 0; round < 4; round++) {
            memset(arena_push(&f.arena, filler[round]), 1, filler[round]);
            memset(array_push(early, 100), 2, 400);
            size_t used = arena_used(&f.arena);
            ArenaMark mark = arena_mark(&f.arena);
            for (int again = 0; again < 3; again++) {
                ArenaArray *late = arena_array(&f.arena, "late", 24);
                memset(array_push(late, 30000), 3, 24 * 30000);
                memset(array_push(early, 20000), 3, 4 * 20000);
                for (int i = 0; i < 5000; i++)
                    memset(arena_push(&f.arena, 88), 3, 88);
                assert_int_equal(arena_used(&f.arena), used + 24 * 30000 + 4 * 20000 + 5000 * 88);
                arena_rewind(&f.arena, &mark);
                assert_int_equal(arena_used(&f.arena), used);
                assert_int_equal(f.arena.n_arrays, 1);
            }
            assert_int_equal(arena_account_high_water(&f.account), used + 24 * 30000 + 4 * 20000 + 5000 * 88);
            assert_int_equal(early->items[early->count * 4 - 1], 2);
        }
        arena_rewind(&f.arena, &empty);
        assert_int_equal(arena_used(&f.arena), 0);
        memset(arena_push(&f.arena, 16), 4, 16);
        close_fixture(&f);
    }
}

/* ---- Pool ---- */

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
        assert_false(found.dead || pool_find_address(f.pool, &f, &found));
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

/* ---- Looking into an arena ---- */

typedef struct { size_t bytes; size_t elements; const char *wanted; unsigned n_wanted; } Seen;

static void note_piece(void *context, const ArenaArray *array, const char *bytes, size_t length)
{
    Seen *seen = context;
    if (array != NULL)
        seen->elements += array->count;
    seen->bytes += length;
    seen->n_wanted += (uintptr_t)seen->wanted - (uintptr_t)bytes < length;
}

/* What is visited is what has been pushed, each byte once, from the first kilobytes to what lies in huge pages. */
static void a_visit_sees_all_that_was_pushed(void **state)
{
    (void)state;
    for (int mode = POOL_RECYCLE; mode <= POOL_MALLOC; mode++) {
        Pool *pool = pool_open(&(PoolOptions){.mode = (PoolMode)mode});
        ArenaAccount account;
        Arena arena = {0}, other = {0};
        arena_account_open(&account, pool, "parse", 0);
        arena_open(&arena, &account, "ast");
        arena_open(&other, &account, "other");
        ArenaArray *numbers = arena_array(&arena, "number", sizeof(uint32_t));
        arena_array(&arena, "none", 1);
        static const size_t sizes[] = {8, 16, 5000, 200, 300000, 8, 5000000, 24};
        const char *pushed[sizeof sizes / sizeof *sizes];
        for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
            pushed[i] = arena_push(&arena, sizes[i]);
            array_push(numbers, 3);
        }
        for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
            Seen seen = {.wanted = pushed[i] + sizes[i] - 1};
            arena_visit(&arena, note_piece, &seen);
            assert_int_equal(seen.n_wanted, 1);
            assert_int_equal(seen.elements, numbers->count);
            assert_int_equal(seen.bytes, arena_used(&arena));
            assert_true(arena_contains(&arena, pushed[i]) && arena_contains(&arena, pushed[i] + sizes[i] - 1));
            assert_false(arena_contains(&other, pushed[i]));
        }
        assert_true(arena_contains(&arena, numbers->items));
        arena_free(&arena);
        Seen seen = {.wanted = pushed[0]};
        arena_visit(&arena, note_piece, &seen);
        assert_int_equal(seen.bytes + seen.n_wanted, 0);
        assert_false(arena_contains(&arena, pushed[0]));
        arena_free(&other);
        arena_account_close(&account);
        arena_account_close(&account); /* once more does no harm */
        pool_close(pool);
    }
}

#if !defined(__SANITIZE_ADDRESS__) /* whose shadow memory alone needs more */
static void works_with_little_address_space(void **state)
{
    (void)state;
#if defined(UNDER_ASAN)
    skip(); /* its shadow memory alone needs more */
#endif
    pid_t child = fork();
    if (child == 0) {
        struct rlimit limit = {700u << 20, 700u << 20};
        setrlimit(RLIMIT_AS, &limit);
        execl("/proc/self/exe", "test_arena", "little", (char *)NULL);
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
        cmocka_unit_test(sizes_are_rounded_to_eight),
        cmocka_unit_test(a_visit_sees_all_that_was_pushed),
        cmocka_unit_test(zeroed_and_copied_memory),
        cmocka_unit_test(large_arena_keeps_its_contents),
        cmocka_unit_test(single_large_requests),
        cmocka_unit_test(impossible_sizes_are_refused),
        cmocka_unit_test(empty_arrays_are_somewhere),
        cmocka_unit_test(arrays_grow_and_count),
        cmocka_unit_test(reserved_elements_may_be_filled_by_hand),
        cmocka_unit_test(rewinding_restores_everything),
        cmocka_unit_test(kinds_explain_what_was_pushed),
        cmocka_unit_test(small_programs_need_no_system_call),
        cmocka_unit_test(freed_memory_is_used_again),
        cmocka_unit_test(last_freed_lane_is_taken_first),
        cmocka_unit_test(large_arrays_do_not_share_cache_lines),
        cmocka_unit_test(counters_agree_in_all_modes),
        cmocka_unit_test(many_arenas_at_once),
        cmocka_unit_test(pools_do_not_disturb_each_other),
        cmocka_unit_test(figures_of_another_pool_are_added),
        cmocka_unit_test(live_addresses_have_an_owner_too),
#if !defined(__SANITIZE_ADDRESS__)
        cmocka_unit_test(works_with_little_address_space),
#endif
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
