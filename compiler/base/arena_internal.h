/*
 * Arena internals: what the four files of the module share, and nobody else includes.
 *
 *   arena_lane.c    memory from the system: lanes, reservation, commit, guard graves
 *   arena_pool.c    pool, accounts, limits, peaks
 *   arena.c         bump allocation, marks, POOL_MALLOC's blocks
 *   arena_array.c   growing arrays
 */
#ifndef POLEC_BASE_ARENA_INTERNAL_H
#define POLEC_BASE_ARENA_INTERNAL_H

#include "base/arena.h"

/* Memory that nobody may touch (DEAD) or that holds no value yet (FRESH), told to whichever checker is watching. */
#if defined(__has_feature)
#if __has_feature(address_sanitizer)
#define ARENA_UNDER_ASAN 1
#endif
#endif
#if defined(__SANITIZE_ADDRESS__)
#define ARENA_UNDER_ASAN 1
#endif

#if defined(ARENA_UNDER_ASAN)
#include <sanitizer/asan_interface.h>
#define MEMORY_DEAD(start, bytes) ASAN_POISON_MEMORY_REGION((start), (bytes))
#define MEMORY_FRESH(start, bytes) ASAN_UNPOISON_MEMORY_REGION((start), (bytes))
#define MEMORY_FORGET(start, bytes) ASAN_UNPOISON_MEMORY_REGION((start), (bytes))
#define MEMORY_CHECKED() true
#elif defined(__has_include)
#if __has_include(<valgrind/memcheck.h>)
#include <valgrind/memcheck.h>
#define MEMORY_DEAD(start, bytes) ((void)VALGRIND_MAKE_MEM_NOACCESS((start), (bytes)))
#define MEMORY_FRESH(start, bytes) ((void)VALGRIND_MAKE_MEM_UNDEFINED((start), (bytes)))
#define MEMORY_FORGET(start, bytes) ((void)(start), (void)(bytes))
/* Only memcheck answers this request: under callgrind and the other tools the arena runs as it always does, so that what
   they measure is true. */
static inline bool memcheck_watches(void)
{
    char probe = 0;
    unsigned char bits = 0;
    return RUNNING_ON_VALGRIND != 0 && VALGRIND_GET_VBITS(&probe, &bits, 1) == 1;
}
#define MEMORY_CHECKED() memcheck_watches()
#endif
#endif
#if !defined(MEMORY_DEAD)
#define MEMORY_DEAD(start, bytes) ((void)(start), (void)(bytes))
#define MEMORY_FRESH(start, bytes) ((void)(start), (void)(bytes))
#define MEMORY_FORGET(start, bytes) ((void)(start), (void)(bytes))
#define MEMORY_CHECKED() false
#endif

enum {
    KIB = 1024,
    MIB = 1024 * 1024,
    SMALL_BYTES = 64 * KIB, /* of a lane's first segment, in .bss */
    SMALL_LANES = 64,       /* lanes that have one */
    FIRST_LANES = 64,       /* lanes whose control blocks lie in the Pool */
    MAX_MAPPINGS = 256,     /* regions a pool may map; they double in size or hold many lanes, so few are made */
};

struct Lane {
    char *small;           /* first segment in .bss, SMALL_BYTES; NULL: none */
    char *base;            /* the lane's range of a reservation; NULL until it is first needed */
    size_t reserved;       /* bytes from `base` on that belong to the lane */
    size_t committed;      /* of these, bytes that are usable */
    bool uses_small;       /* the present user started in `small` */
    bool small_counted;    /* `small` is part of PoolStatistics.committed */
    Lane *next;            /* free: the next free one; in an arena: the lane filled before this one */
    ArenaAccount *account; /* the present user's; NULL: free */
    const char *owner;     /* name of the arena that uses it */
    const char *kind;      /* of the array that uses it; NULL: pushes */
    size_t element_size;   /* of that array; 0: pushes */
    char *small_end, *end; /* of the pushes in `small` and from `base` on, once they go on elsewhere; NULL before */
};

typedef struct {
    char *start;
    size_t bytes;
} Mapping;

/* Addresses that a dead arena had; only POOL_GUARD makes them. */
typedef struct {
    const char *start;
    size_t bytes;
    const char *owner, *kind; /* as in Lane */
    size_t element_size;
} Grave;

typedef struct GraveTable GraveTable;
struct GraveTable {
    GraveTable *older;
    size_t count, capacity;
    Grave graves[];
};

struct Pool {
    PoolOptions options;
    bool in_bss;           /* this is the pool that has the .bss */
    bool precise;          /* hand out no grants: every push is looked at, for failure injection, watchers and memory
                              checkers */
    Lane *free_lanes;      /* last freed first, so that the warmest memory is used next */
    ArenaAccount *accounts;
    size_t peak_live;
    uint64_t allocations_closed; /* of arenas that are gone */
    uint64_t attempts;     /* allocations asked for since pool_configure, counted when failures are injected */
    uint64_t system_calls;
    size_t committed, reserved;
    char *fresh, *fresh_end; /* addresses reserved and not yet given to any lane */
    size_t lane_bytes;     /* size of a lane's range; 0 before the first reservation */
    size_t n_ranges;       /* given to lanes so far */
    Lane *new_lanes;       /* lanes never used so far */
    size_t n_new_lanes;
    GraveTable *graves;
    Lane first_lanes[FIRST_LANES]; /* close to the members above: together they are what freeing an arena touches */
    size_t n_mappings;
    Mapping mappings[MAX_MAPPINGS];
};

/* ---- arena_lane.c: all return NULL or false when the system refuses ---- */

void *pool_map(Pool *pool, size_t bytes); /* zeroed pages that live until the pool is closed */
Lane *lane_take(Pool *pool, Arena *arena, size_t bytes); /* for `bytes` at least, though none may be usable yet */
void lane_release(Pool *pool, Lane *lane);
/* All lanes are free.  Puts them in the order in which they were new: then every compilation takes them for the same
   purposes as the one before it.  In an order left by chance each lane would in time serve the largest need of all, and
   keep the pages for it. */
void lanes_in_order(Pool *pool);
/* Makes the first `bytes` of the lane's range usable (and as many more as the next step brings). */
bool lane_commit(Pool *pool, Lane *lane, size_t bytes);
void lane_decommit(Pool *pool, Lane *lane);
bool lane_holds(const Lane *lane, const void *address);
char *lane_start(const Lane *lane);       /* where a new user begins */
size_t lane_start_bytes(const Lane *lane);
void lanes_small_segments(Pool *pool);    /* gives the first lanes their segments in .bss */

/* ---- arena_pool.c ---- */

_Noreturn void pool_exhausted(Pool *pool, const ArenaExhausted *why);
_Noreturn void pool_refused(Pool *pool, ArenaAccount *account, size_t requested); /* by the system */
void pool_count_attempt(Pool *pool, ArenaAccount *account, size_t requested);
/* Bytes, at least `requested`, that the caller may use without asking again. */
size_t pool_grant(ArenaAccount *account, size_t requested);
void pool_sample(Pool *pool); /* notes the present bytes if they are the most so far; call before they shrink */
void account_commit(ArenaAccount *account, size_t bytes);

/* ---- arena_array.c ---- */

void array_free(Pool *pool, ArenaArray *array);
void array_cut(Pool *pool, ArenaArray *array, size_t count);

static inline size_t array_used(const ArenaArray *array)
{
    return array->count * array->element_size;
}

static inline void pool_tell(const Pool *pool, const Arena *arena, const ArenaArray *array, size_t bytes)
{
    if (pool->options.watch != NULL)
        pool->options.watch(pool->options.watch_context, arena, array, bytes);
}

/* arena_used(), inlined because every rewind adds up the whole pool with it. */
static inline size_t arena_bytes(const Arena *arena)
{
    size_t used = arena->used_before + (size_t)(arena->position - arena->segment_start);
    for (uint32_t i = 0; i < arena->n_arrays; i++)
        used += array_used(&arena->arrays[i]);
    return used;
}

/* Bytes that the array may use without asking again. */
static inline size_t array_room(const ArenaArray *array)
{
    return (array->capacity - array->count) * array->element_size;
}

#endif
