/*
 * The arena: exact accounts, marks, arrays, hostile sizes.
 *
 * Every figure here is compared for equality: what the module counts is what was asked for, in all three modes and on
 * every machine.  Recycling and threads are in test_pool.c; limits and failure injection, which follow from exactness, in
 * test_arena_limits.c; what happens to stale pointers in test_arena_guard.c.
 */
#include <string.h>

#include "arena_fixture.h"

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

/* A kind is known by what it says, not by where that stands. */
static void equal_kinds_are_one(void **state)
{
    (void)state;
    static const char one[] = "kind", other[] = "kind";
    Fixture f;
    open_fixture(&f, POOL_RECYCLE);
    arena_kind(&f.arena, one);
    arena_push(&f.arena, 8);
    arena_kind(&f.arena, other);
    arena_push(&f.arena, 16);
    arena_settle_kinds(&f.arena);
    assert_int_equal(f.arena.n_kinds, 1);
    assert_int_equal(f.arena.kinds[0].bytes, 24);
    close_fixture(&f);
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

/* In the first kilobytes, which lie in .bss, as well. */
static void a_small_arena_is_visited(void **state)
{
    (void)state;
    Fixture f;
    open_fixture(&f, POOL_RECYCLE);
    pool_trim(f.pool); /* what is committed would be used first */
    Seen seen = {.wanted = NULL};
    arena_visit(&f.arena, note_piece, &seen);
    assert_int_equal(seen.bytes, 0);
    seen.wanted = arena_push(&f.arena, 40);
    arena_visit(&f.arena, note_piece, &seen);
    assert_int_equal(seen.bytes, 40);
    assert_int_equal(seen.n_wanted, 1);
    close_fixture(&f);
}

typedef struct { char names[40]; size_t bytes; } Dying;

static void note_dying(void *context, const Arena *arena)
{
    Dying *dying = context;
    strcat(dying->names, arena->name);
    dying->bytes += arena_used(arena);
}

/* Who asks is told of each arena while all of it is still there; one that is not open does not die. */
static void death_is_told(void **state)
{
    (void)state;
    for (int m = 0; m < N_MODES; m++) {
        Dying dying = {.bytes = 0};
        Pool *pool = pool_open(&(PoolOptions){.mode = modes[m], .dying = note_dying, .dying_context = &dying});
        assert_ptr_equal(pool_configuration(pool)->dying_context, &dying);
        ArenaAccount account;
        Arena first, second, never = {0};
        arena_account_open(&account, pool, "phase", 0);
        assert_ptr_equal(pool_accounts(pool), &account);
        pool_configure(pool, pool_configuration(pool)); /* accounts may be open, arenas not */
        arena_open(&first, &account, "a");
        arena_open(&second, &account, "b");
        arena_push(&first, 8);
        array_push(arena_array(&second, "byte", 1), 100);
        arena_free(&second);
        arena_free(&first);
        arena_free(&first);
        arena_free(&never);
        assert_string_equal(dying.names, "ba");
        assert_int_equal(dying.bytes, 108);
        arena_account_close(&account);
        pool_close(pool);
    }
}

int main(void)
{
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
        cmocka_unit_test(equal_kinds_are_one),
        cmocka_unit_test(a_small_arena_is_visited),
        cmocka_unit_test(death_is_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
