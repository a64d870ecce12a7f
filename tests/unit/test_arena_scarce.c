/*
 * The arena where addresses or memory are scarce: short ranges, which arenas chain and arrays leave, and requests that the
 * system refuses.  Whatever is refused, what was there stays as it was, and less can still be had.
 */
#define _GNU_SOURCE
#include <string.h>

#include "arena_fixture.h"
#include "fake_mmap.h"

enum { KIB = 1 << 10, MIB = 1 << 20 };

typedef struct {
    Pool *first, *pool; /* the first has the .bss; `pool` is it or another */
    ArenaAccount account;
    Arena arena;
    jmp_buf escape;
    ArenaExhausted why;
    size_t watched;     /* bytes of all allocations, when they are watched */
} Scarce;

static void refused(void *context, const ArenaExhausted *why)
{
    Scarce *s = context;
    s->why = *why;
    longjmp(s->escape, 1);
}

static void watch(void *context, const Arena *arena, const ArenaArray *array, size_t bytes)
{
    Scarce *s = context;
    assert_ptr_equal(arena, &s->arena);
    assert_true(array == NULL || array->arena == arena);
    s->watched += bytes;
}

static void open_scarce(Scarce *s, PoolMode mode, bool in_bss, bool watched)
{
    memset(s, 0, sizeof *s);
    PoolOptions options = {.mode = mode, .exhausted = refused, .context = s, .watch = watched ? watch : NULL, .watch_context = s};
    s->first = s->pool = pool_open(&options);
    if (!in_bss)
        s->pool = pool_open(&options);
    arena_account_open(&s->account, s->pool, "phase", 0);
    arena_open(&s->arena, &s->account, "result");
}

static void close_scarce(Scarce *s)
{
    memset(&the_system, 0, sizeof the_system);
    arena_free(&s->arena);
    assert_int_equal(s->account.committed, 0);
    arena_account_close(&s->account);
    pool_close(s->pool);
    if (s->pool != s->first)
        pool_close(s->first);
}

static void check_refused(Scarce *s, ArenaArray *array, size_t size)
{
    size_t used = arena_account_used(&s->account);
    if (setjmp(s->escape) == 0) {
        if (array != NULL)
            array_push(array, size / array->element_size);
        else
            arena_push(&s->arena, size);
        fail_msg("%zu bytes were handed out", size);
    }
    assert_string_equal(s->why.account, "phase");
    assert_int_equal(s->why.limit, 0);
    assert_int_equal(s->why.used, used);
    assert_true(s->why.requested == size);
    assert_int_equal(arena_account_used(&s->account), used);
}

/* ---- Short ranges ---- */

static void note_piece(void *context, const ArenaArray *array, const char *start, size_t bytes)
{
    (void)array;
    for (size_t i = 0; i < bytes; i++)
        *(size_t *)context += (unsigned char)start[i];
}

/* The sum of all bytes in use. */
static size_t sum(const Arena *arena)
{
    size_t result = 0;
    arena_visit(arena, note_piece, &result);
    return result;
}

static void fill_short_ranges(Scarce *s)
{
    Arena *arena = &s->arena;
    ArenaArray *numbers = arena_array(arena, "number", 8);
    memset(arena_push(arena, 1000), 1, 1000);
    memset(array_push(numbers, 100), 1, 800);
    assert_int_equal(sum(arena), 1800);
    ArenaMark mark = arena_mark(arena);
    for (int again = 0; again < 2; again++) {
        const char *pushed[4];
        for (int i = 0; i < 4; i++) { /* no two in one range */
            pushed[i] = memset(arena_push(arena, 2500 * KIB), 1, 2500 * KIB);
            memset(array_push(numbers, 25 * KIB), 1, 8 * 25 * KIB);
        }
        memset(array_push(numbers, 700 * KIB), 1, 8 * 700 * KIB); /* leaves its range */
        assert_int_equal(sum(arena), 1800 + 4 * 2700 * KIB + 5600 * KIB);
        for (int i = 0; i < 4; i++)
            assert_true(arena_contains(arena, pushed[i]) && arena_contains(arena, pushed[i] + 2500 * KIB - 1));
        assert_int_equal(arena_used(arena), 1800 + 4 * 2700 * KIB + 5600 * KIB);
        check_refused(s, numbers, 8 * MIB);
        check_refused(s, NULL, 20 * MIB);
        arena_rewind(arena, &mark);
        assert_int_equal(sum(arena), 1800);
    }
}

static void arenas_chain_short_ranges_and_arrays_leave_them(void **state)
{
    (void)state;
    for (int variant = 0; variant < 8; variant++) {
        Scarce s;
        the_system.most_addresses = 16 * MIB;
        open_scarce(&s, variant & 1 ? POOL_GUARD : POOL_RECYCLE, variant & 2, variant & 4);
        fill_short_ranges(&s);
        assert_true(variant & 4 ? s.watched > 2 * (16400u * KIB) : s.watched == 0);
        uintptr_t pushed = (uintptr_t)arena_push(&s.arena, MIB);
        assert_true(pushed - pool_range(s.pool).start < pool_range(s.pool).bytes);
        close_scarce(&s);
    }
}

/* A pool remembers so many regions and no more; what is given back can be used again. */
static void regions_are_limited(void **state)
{
    (void)state;
    enum { N = 300, BYTES = 200 * KIB };
    static Arena arenas[N];
    Scarce s;
    the_system.most_addresses = 6 * MIB; /* one range a region */
    open_scarce(&s, POOL_RECYCLE, false, false);
    size_t reserved = 0;
    for (int again = 0; again < 2; again++) {
        volatile int n = 0;
        if (setjmp(s.escape) == 0)
            for (; n < N; n++) {
                arena_open(&arenas[n], &s.account, "one of many");
                arena_push(&arenas[n], BYTES);
            }
        assert_int_equal(n, 255); /* one region has lanes */
        assert_int_equal(s.why.used, 255 * BYTES);
        size_t now = pool_statistics(s.pool).reserved;
        assert_true(again == 0 || now == reserved);
        reserved = now;
        while (n >= 0)
            arena_free(&arenas[n--]);
    }
    close_scarce(&s);
}

/* Ranges may be short where the first ones were long. */
static void addresses_grow_scarce(void **state)
{
    (void)state;
    enum { N = 66, BYTES = 200 * KIB };
    static Arena arenas[N];
    Scarce s;
    open_scarce(&s, POOL_RECYCLE, false, false);
    assert_int_equal(pool_range(s.pool).bytes, 0);
    for (int i = 0; i < N; i++) {
        arena_open(&arenas[i], &s.account, "one of many");
        arena_push(&arenas[i], BYTES);
        if (i == 0)
            the_system.most_addresses = 16 * MIB;
    }
    size_t reserved = pool_statistics(s.pool).reserved, first = reserved / MIB * MIB;
    assert_true(first > (size_t)1 << 40); /* 64 long ranges, then short ones */
    check_refused(&s, NULL, 20 * MIB);
    memset(arena_push(&s.arena, 3 * MIB), 1, 3 * MIB);
    assert_int_equal(sum(&s.arena), 3 * MIB);
    assert_true(pool_statistics(s.pool).reserved - reserved < 32 * MIB);
    for (int i = 0; i < N; i++)
        arena_free(&arenas[i]);
    close_scarce(&s);
}

/* ---- Refusals ---- */

static void a_range_for_more_than_there_is(void **state)
{
    (void)state;
    Scarce s;
    the_system.most_memory = MIB;
    open_scarce(&s, POOL_RECYCLE, false, false);
    check_refused(&s, NULL, ((size_t)40 << 30)); /* longer than the usual range */
    memset(arena_push(&s.arena, 1000), 1, 1000);
    Arena other;
    arena_open(&other, &s.account, "other");
    arena_push(&other, 8);
    check_refused(&s, NULL, ((size_t)64 << 30) - 64 * KIB); /* nearly all of one */
    check_refused(&s, NULL, 5 * MIB); /* what lies in huge pages */
    assert_int_equal(sum(&s.arena), 1000);
    arena_free(&other);
    close_scarce(&s);
}

static void no_memory_for_lanes(void **state)
{
    (void)state;
    enum { N = 64 };
    static Arena arenas[N];
    Scarce s;
    open_scarce(&s, POOL_RECYCLE, true, false);
    for (int i = 0; i < N; i++) {
        arena_open(&arenas[i], &s.account, "one of many");
        arena_push(&arenas[i], 8);
    }
    the_system.refused = 1;
    the_system.for_good = true;
    ArenaArray *numbers = arena_array(&s.arena, "number", 8);
    check_refused(&s, NULL, 8);
    check_refused(&s, numbers, 8);
    the_system.refused = 0;
    *(uint64_t *)array_push(numbers, 1) = 7;
    *(uint64_t *)arena_push(&s.arena, 8) = 7;
    assert_int_equal(sum(&s.arena), 14);
    for (int i = 0; i < N; i++)
        arena_free(&arenas[i]);
    close_scarce(&s);
}

/* An array that has to move stays where it was. */
static void no_lane_to_move_to(void **state)
{
    (void)state;
    enum { N = 63 };
    static Arena arenas[N];
    Scarce s;
    the_system.most_addresses = 16 * MIB;
    open_scarce(&s, POOL_RECYCLE, false, false);
    ArenaArray *bytes = arena_array(&s.arena, "byte", 1);
    memset(array_push(bytes, 4 * MIB), 1, 4 * MIB);
    for (int i = 0; i < N; i++) {
        arena_open(&arenas[i], &s.account, "one of many");
        arena_push(&arenas[i], 8);
    }
    the_system.refused = 1;
    the_system.for_good = true;
    check_refused(&s, bytes, 1);
    assert_int_equal(sum(&s.arena), 4 * MIB);
    the_system.refused = 0;
    memset(array_push(bytes, 1), 1, 1);
    assert_int_equal(sum(&s.arena), 4 * MIB + 1);
    for (int i = 0; i < N; i++)
        arena_free(&arenas[i]);
    close_scarce(&s);
}

static void malloc_refuses(void **state)
{
    (void)state;
    Scarce s;
    open_scarce(&s, POOL_MALLOC, true, false);
    ArenaArray *pairs = arena_array(&s.arena, "pair", 16);
    memset(array_push(pairs, 3), 1, 48);
    check_refused(&s, NULL, (size_t)1 << 60);
    check_refused(&s, pairs, (size_t)1 << 60);
    assert_int_equal(sum(&s.arena), 48);
    close_scarce(&s);
}

/* ---- Graves ---- */

/* The system itself tells whether a byte can be read. */
static bool is_accessible(const char *address)
{
    int ends[2];
    assert_int_equal(pipe(ends), 0);
    bool readable = write(ends[1], address, 1) == 1;
    close(ends[0]);
    close(ends[1]);
    return readable;
}

/* Without memory for the list of the dead a name is lost; the memory stays guarded. */
static void no_memory_for_graves(void **state)
{
    (void)state;
    Scarce s;
    PoolAddress found;
    open_scarce(&s, POOL_GUARD, false, false);
    char *unknown = arena_push(&s.arena, 8);
    assert_true(is_accessible(unknown));
    the_system.asked = 0;
    the_system.refused = 1;
    arena_free(&s.arena);
    assert_true(the_system.asked > 1);
    the_system.refused = 0;
    assert_false(pool_find_address(s.pool, unknown, &found));
    assert_false(is_accessible(unknown));

    enum { DEATHS = 3500 }; /* three tables of graves */
    static char *dead[DEATHS];
    for (int i = 0; i < DEATHS; i++) {
        arena_open(&s.arena, &s.account, i % 2 == 0 ? "even" : "odd");
        dead[i] = array_push(arena_array(&s.arena, "byte", 1), 8);
        arena_free(&s.arena);
    }
    for (int i = 0; i < DEATHS; i += 499) {
        assert_true(pool_find_address(s.pool, dead[i] + 1, &found));
        assert_true(found.dead && found.offset == 1 && found.element_size == 1);
        assert_string_equal(found.kind, "byte");
        assert_string_equal(found.arena, i % 2 == 0 ? "even" : "odd");
        assert_false(is_accessible(dead[i]));
    }
    close_scarce(&s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(arenas_chain_short_ranges_and_arrays_leave_them), /* first: the pool in .bss keeps its ranges */
        cmocka_unit_test(regions_are_limited),
        cmocka_unit_test(addresses_grow_scarce),
        cmocka_unit_test(a_range_for_more_than_there_is),
        cmocka_unit_test(no_memory_for_lanes),
        cmocka_unit_test(no_lane_to_move_to),
        cmocka_unit_test(malloc_refuses),
        cmocka_unit_test(no_memory_for_graves),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
