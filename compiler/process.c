/*
 * The process arena.
 *
 * Nothing here can fail softly: a process that cannot even hold its arguments has nobody to tell but the user, so the
 * way out is exit().
 */
#include "process.h"

#include <stdio.h>
#include <stdlib.h>

#include "output.h"

static void out_of_memory(void *context, const ArenaExhausted *why)
{
    (void)context;
    fprintf(stderr, "polec: error: the system has no more memory (%zu bytes wanted)\n", why->requested);
    output_remove_temporaries();
    exit(STATUS_LIMIT);
}

Arena *process_arena(ProcessMemory *memory)
{
    if (memory->pool == NULL) {
        PoolOptions options = {.mode = POOL_RECYCLE, .exhausted = out_of_memory};
        memory->pool = pool_open(&options);
        if (memory->pool == NULL) {
            ArenaExhausted why = {.requested = sizeof *memory};
            out_of_memory(NULL, &why);
        }
        arena_account_open(&memory->account, memory->pool, "process", 0);
        arena_open(&memory->arena, &memory->account, "process");
    }
    return &memory->arena;
}

void process_memory_close(ProcessMemory *memory)
{
    if (memory->pool == NULL)
        return;
    arena_free(&memory->arena);
    arena_account_close(&memory->account);
    pool_close(memory->pool);
    memory->pool = NULL;
}

uint64_t process_memory_system_calls(const ProcessMemory *memory)
{
    return memory->pool == NULL ? 0 : pool_statistics(memory->pool).system_calls;
}
