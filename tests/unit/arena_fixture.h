/* What the tests of arenas (test_arena.c) and of the pool (test_pool.c) share. */
#ifndef POLEC_TESTS_ARENA_FIXTURE_H
#define POLEC_TESTS_ARENA_FIXTURE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/arena.h"

static const PoolMode modes[] = {POOL_RECYCLE, POOL_GUARD, POOL_MALLOC};
enum { N_MODES = sizeof modes / sizeof *modes };

static inline void unexpected(void *context, const ArenaExhausted *why)
{
    (void)context;
    fprintf(stderr, "refused: used %zu, limit %zu, requested %zu\n", why->used, why->limit, why->requested);
    abort();
}

static inline Pool *open_pool(PoolMode mode)
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

static inline void open_fixture(Fixture *fixture, PoolMode mode)
{
    fixture->pool = open_pool(mode);
    arena_account_open(&fixture->account, fixture->pool, "phase", 0);
    arena_open(&fixture->arena, &fixture->account, "result");
}

static inline void close_fixture(Fixture *fixture)
{
    arena_free(&fixture->arena);
    arena_account_close(&fixture->account);
    pool_close(fixture->pool);
}

#endif
