/*
 * What the five mistakes share.  Each program makes one classic mistake with lifetimes; called with the word `right` it
 * does the same thing the right way.  ../mistakes.py runs them all: a mistake must be stopped where it happens.
 */
#include <stdio.h>
#include <string.h>

#include "base/arena.h"
#include "faults.h"

typedef struct {
    Pool *pool;
    ArenaAccount account;
} Memory;

static inline void memory_open(Memory *memory, PoolMode mode)
{
    memory->pool = pool_open(&(PoolOptions){.mode = mode});
    arena_account_open(&memory->account, memory->pool, "memory", 0);
    faults_catch();
    faults_watch(memory->pool);
}

static inline void memory_close(Memory *memory)
{
    faults_unwatch(memory->pool);
    faults_release();
    arena_account_close(&memory->account);
    pool_close(memory->pool);
}

static inline bool is_right(int argc, char **argv) { return argc > 1 && strcmp(argv[1], "right") == 0; }
