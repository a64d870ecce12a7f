/*
 * What AddressSanitizer and memcheck know of the arenas: which bytes are dead, and that no living one is.
 *
 * A checker sees objects only where it is told of them; these are all the ways in which bytes of an arena come to life and
 * die.  Run it sanitized, or under valgrind; without either nobody watches, and everything is skipped.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena_internal.h"

/* ---- Asking the checker ------------------------------------------------------------------------------------------ */

#if defined(ARENA_UNDER_ASAN)
static bool is_dead(const void *address) { return __asan_address_is_poisoned(address) != 0; }
static bool is_fresh(const void *address) { return !is_dead(address); } /* it knows nothing of values */
#elif defined(VALGRIND_CHECK_MEM_IS_ADDRESSABLE)
static bool is_dead(const void *address) { return VALGRIND_CHECK_MEM_IS_ADDRESSABLE(address, 1) != 0; }

/* Alive, and without a value. */
static bool is_fresh(const void *address)
{
    unsigned char bits = 0;
    return VALGRIND_GET_VBITS(address, &bits, 1) == 1 && bits == 0xFF;
}
#else
static bool is_dead(const void *address) { (void)address; return false; }
static bool is_fresh(const void *address) { (void)address; return false; }
#endif

/* ---- One pool for each case -------------------------------------------------------------------------------------- */

enum { LARGE = 3 * SMALL_BYTES }; /* too large for a segment in .bss */

typedef struct {
    Pool *pool;
    ArenaAccount account;
    Arena arena;
    bool good;
} Case;

static void expect(Case *c, bool condition, const char *what)
{
    if (!condition)
        printf("# not so: %s\n", what);
    c->good = c->good && condition;
}
#define EXPECT(condition) expect(c, (condition), #condition)

static void rewound(Case *c)
{
    arena_push(&c->arena, 16);
    ArenaMark mark = arena_mark(&c->arena);
    char *small = arena_push(&c->arena, 100);
    char *large = arena_push(&c->arena, LARGE);
    EXPECT(is_fresh(small) && is_fresh(large + LARGE - 1));
    arena_rewind(&c->arena, &mark);
    EXPECT(is_dead(small) && is_dead(small + 99) && is_dead(large) && is_dead(large + LARGE - 1));
    char *again = arena_push(&c->arena, 8);
    EXPECT(is_fresh(again) && is_fresh(again + 7) && is_dead(again + 8));
}

static void behind_the_last_push(Case *c)
{
    char *block = arena_push(&c->arena, 24);
    EXPECT(is_fresh(block) && is_fresh(block + 23) && is_dead(block + 24));
    char *next = arena_push(&c->arena, 8);
    EXPECT(is_fresh(next) && is_dead(next + 8));
}

static void array_tail(Case *c)
{
    ArenaArray *array = arena_array(&c->arena, "int", sizeof(int));
    char *items = array_push(array, 3);
    EXPECT(is_fresh(items) && is_fresh(items + 11) && is_dead(items + 12));
    array_reserve(array, 2);
    EXPECT(is_fresh(items + 19) && is_dead(items + 20));
    array_truncate(array, 1);
    EXPECT(!is_dead(items + 3) && is_dead(items + 4) && is_dead(items + 16));
    array_push(array, 1);
    EXPECT(is_fresh(items + 4) && is_dead(items + 8));
}

static void array_that_moved(Case *c)
{
    ArenaArray *array = arena_array(&c->arena, "byte", 1);
    char *before = array_push(array, 1000);
    memset(before, 1, 1000);
    array_push(array, LARGE);
    EXPECT(array->items == before || (is_dead(before) && is_dead(before + 999))); /* the guard uses no .bss */
    EXPECT(!is_dead(array->items + 999) && is_fresh(array->items + 1000));
}

/* What the guard has buried is inaccessible, and its own to report. */
static bool is_gone(const Case *c, const void *address)
{
    PoolAddress found;
    if (c->pool->options.mode != POOL_GUARD)
        return is_dead(address);
    return pool_find_address(c->pool, address, &found) && found.dead;
}

static void freed(Case *c)
{
    Arena dying;
    arena_open(&dying, &c->account, "dying");
    char *small = arena_push(&dying, 100), *large = arena_push(&dying, LARGE);
    ArenaArray *array = arena_array(&dying, "int", sizeof(int));
    char *items = array_push(array, 10);
    arena_free(&dying);
    EXPECT(is_gone(c, small) && is_gone(c, large) && is_gone(c, large + LARGE - 1) && is_gone(c, items));
    char *next = arena_push(&c->arena, 16); /* in the memory of one of them, of which the rest stays dead */
    EXPECT(is_fresh(next) && is_fresh(next + 15) && is_dead(next + 16));
}

static void array_in_used_memory(Case *c)
{
    Arena dying;
    arena_open(&dying, &c->account, "dying");
    memset(arena_push(&dying, LARGE), 1, LARGE);
    arena_free(&dying);
    char *items = array_push(arena_array(&c->arena, "int", sizeof(int)), 2);
    EXPECT(is_fresh(items) && is_fresh(items + 7) && is_dead(items + 8));
}

static void closed_pool(Case *c)
{
    Pool *other = pool_open(&(PoolOptions){.mode = c->pool->options.mode}); /* not the first: it is mapped */
    ArenaAccount account;
    Arena arena;
    arena_account_open(&account, other, "other", 0);
    arena_open(&arena, &account, "other");
    char *block = arena_push(&arena, LARGE);
    arena_free(&arena);
    arena_account_close(&account);
    pool_close(other);
#if defined(ARENA_UNDER_ASAN)
    EXPECT(!is_dead(block)); /* whoever maps these addresses next is not to be blamed */
#else
    EXPECT(is_dead(block));  /* unmapped */
#endif
}

/* ---- All --------------------------------------------------------------------------------------------------------- */

typedef struct { const char *name; void (*run)(Case *); } Entry;

int main(void)
{
    static const Entry cases[] = {
        {"rewound memory", rewound}, {"behind the last push", behind_the_last_push}, {"the tail of an array", array_tail},
        {"an array that has moved", array_that_moved}, {"a freed arena", freed},
        {"an array in memory that was used", array_in_used_memory}, {"a closed pool", closed_pool},
    };
    static const struct { const char *name; PoolMode mode; } modes[] = {{"recycle", POOL_RECYCLE}, {"guard", POOL_GUARD}};
    enum { N_CASES = sizeof cases / sizeof *cases, N_MODES = sizeof modes / sizeof *modes };
    bool good = true;
    printf("1..%d\n", N_CASES * N_MODES);
    for (int m = 0; m < N_MODES; m++)
        for (int i = 0; i < N_CASES; i++) {
            Case c = {.good = true};
            c.pool = pool_open(&(PoolOptions){.mode = modes[m].mode});
            arena_account_open(&c.account, c.pool, "case", 0);
            arena_open(&c.arena, &c.account, "case");
            bool watched = MEMORY_CHECKED();
            if (watched)
                cases[i].run(&c);
            printf("%sok %d - %s, %s%s\n", c.good ? "" : "not ", m * N_CASES + i + 1, cases[i].name, modes[m].name,
                   watched ? "" : " # SKIP nobody watches");
            good = good && c.good;
            arena_free(&c.arena);
            arena_account_close(&c.account);
            pool_close(c.pool);
        }
    return good ? EXIT_SUCCESS : EXIT_FAILURE;
}
