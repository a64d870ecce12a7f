/*
 * Arena: memory that is born piece by piece and dies all at once.
 *
 * Three ideas, from the bottom up:
 *
 *   Pool     All memory that our code uses comes from one pool.  It hands out *lanes*: long contiguous ranges of
 *            addresses.  The first few kilobytes of each lane lie in .bss, so that a small compile makes no system
 *            call for memory; what outgrows them moves to a lane of one large address reservation whose pages are
 *            committed in growing steps.  A lane that is given back is the next one to be handed out, with its pages
 *            still warm: that is how the IR comes to lie where the tokens were.
 *   Arena    One lane, filled by bumping a pointer.  Freeing it costs the same whether it holds one byte or a gigabyte.
 *   Array    A second lane inside an arena that holds elements of one size.  Because a lane is contiguous and has room
 *            ahead, an array grows without copying, and nothing is left behind: bytes used are bytes held.
 *
 * Every arena belongs to an *account*: a phase's result arena and its scratch arena share one.  The account knows the
 * limit, the most bytes that its arenas held at once, and how many allocations they served.  All three are exact and
 * the same on every machine, because they count what was asked for (rounded to 8 bytes), never pages.
 *
 * Nothing here returns NULL.  Running into a limit calls the pool's `exhausted` handler, which must not return
 * (the compiler longjmps to its driver; with arenas there is nothing to unwind).
 *
 * The module knows nothing of compilers and depends on nothing but libc.
 *
 * Sources: D. R. Hanson, "Fast allocation and deallocation of memory based on object lifetimes", Software: Practice and
 * Experience 20(1), 1990, and lcc, for arenas by lifetime; R. Fleury's essays on arenas for reserve-and-commit.
 */
#ifndef POLEC_BASE_ARENA_H
#define POLEC_BASE_ARENA_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct Pool Pool;
typedef struct Lane Lane;
typedef struct Arena Arena;
typedef struct ArenaArray ArenaArray;
typedef struct ArenaAccount ArenaAccount;

/* How the pool provides memory.  Counters and results are the same in all three. */
typedef enum {
    POOL_RECYCLE, /* lanes are reused at once, warm */
    POOL_GUARD,   /* freed memory becomes inaccessible and its addresses are never handed out again */
    POOL_MALLOC,  /* every allocation is its own malloc, freed one by one: for comparison, and so that memory checkers
                     see the bounds of every object */
} PoolMode;

/* What stood in the way when an allocation could not be served. */
typedef struct {
    const char *account; /* name of the account, or NULL when the limit on the whole pool was reached */
    size_t used;         /* bytes live in the account (or the pool) before the request */
    size_t limit;        /* bytes; 0 when no limit was set and the system refused more memory */
    size_t requested;    /* bytes */
    bool injected;       /* this allocation was chosen by PoolOptions.fail_allocation */
} ArenaExhausted;

typedef struct {
    PoolMode mode;
    size_t limit;            /* most bytes live in all accounts together; 0: no limit */
    uint64_t fail_allocation; /* this allocation of the pool's life (counted from 1) fails; 0: none */
    void (*exhausted)(void *context, const ArenaExhausted *why); /* must not return */
    void *context;
    /* Told of every allocation when it has been made, and of array elements before they are written; `array` is NULL for
       a push.  Counters are as without it, but nothing is fast any more.  Must not allocate in this pool. */
    void (*watch)(void *context, const Arena *arena, const ArenaArray *array, size_t bytes);
    void *watch_context;
    /* Called before an arena is freed, while all of it is still there; must not free or open any.  NULL: nobody asks. */
    void (*dying)(void *context, const Arena *arena);
    void *dying_context;
} PoolOptions;

/* ---- Pool ---------------------------------------------------------------------------------------------------- */

/*
 * A pool serves one thread.  Several may exist; the first one opened gets the .bss.
 * Reopening a pool after pool_close() reuses the same address range, so that a thousand files cost as much as one.
 */
Pool *pool_open(const PoolOptions *options); /* returns NULL only if the system refuses even the pool's own page */
void pool_close(Pool *pool);                 /* every arena must have been freed */

/* Changes limit, failure injection, mode and handler between two compiles; no arena may be open. */
void pool_configure(Pool *pool, const PoolOptions *options);

/* As it was opened or configured last; for another pool that is to be like it. */
const PoolOptions *pool_configuration(const Pool *pool);

/* Gives the pages of all idle lanes back to the system (before LLVM starts, so that resident memory really falls). */
void pool_trim(Pool *pool);

typedef struct {
    size_t live;              /* bytes used in all open arenas now */
    size_t peak_live;         /* most bytes ever used at once since pool_configure */
    uint64_t allocations;     /* since pool_configure */
    uint64_t system_calls;    /* mmap, madvise, mprotect, munmap made by this pool since it was opened */
    size_t committed;         /* bytes made usable now, idle lanes included */
    size_t reserved;          /* bytes of address space */
} PoolStatistics;
PoolStatistics pool_statistics(const Pool *pool);

/* What an address means to the pool. */
typedef struct {
    const char *arena;        /* its name */
    const char *kind;         /* lies in an array: what the elements are; NULL: pushed */
    size_t element_size;      /* bytes; 0: pushed */
    size_t offset;            /* bytes from the array's first element, or from where the arena's pushes began */
    bool dead;                /* the arena is gone: only POOL_GUARD remembers */
} PoolAddress;

/* Whom `address` belongs to, or belonged to before POOL_GUARD made it inaccessible; false if to none.  Safe in a signal
   handler, so that a fault can be told as the use of a dead arena.  The names given to arena_open() and arena_array()
   must still exist. */
bool pool_find_address(const Pool *pool, const void *address, PoolAddress *found);

/* All addresses of the pool's lanes lie within: a quick test for words that may be one.  Empty before the first lane has
   left .bss, where POOL_GUARD never is. */
typedef struct { uintptr_t start, bytes; } PoolRange;
PoolRange pool_range(const Pool *pool);

/* The first of the open accounts; `next` and `arenas` lead to all that is alive. */
const ArenaAccount *pool_accounts(const Pool *pool);

/* ---- Account ------------------------------------------------------------------------------------------------- */

struct ArenaAccount {
    const char *name;
    Pool *pool;
    Arena *arenas;          /* the open ones, linked by Arena.next_in_account */
    ArenaAccount *next;     /* all open accounts of the pool */
    size_t limit;           /* bytes; 0: no limit */
    size_t high_water;      /* most bytes seen at once so far; read it through arena_account_high_water */
    uint64_t allocations_closed; /* of arenas that are gone */
    size_t committed;       /* bytes made usable for the open arenas */
    size_t committed_peak;  /* most bytes made usable at once for this account */
};

void arena_account_open(ArenaAccount *account, Pool *pool, const char *name, size_t limit);
void arena_account_close(ArenaAccount *account); /* its arenas must have been freed; the figures stay readable */
size_t arena_account_used(const ArenaAccount *account);
size_t arena_account_high_water(ArenaAccount *account);
uint64_t arena_account_allocations(const ArenaAccount *account);

/*
 * Adds the figures of `other`, an account without arenas left in the pool of another thread that worked for `account` and
 * has ended: allocations, pages, and the most bytes at once.  Threads may all have had their most at the same moment, so
 * these are added up: whatever the threads' timing was, never less than the truth, and the same in every run.  What that
 * pool asked of the system is added to the pool's.
 */
void arena_account_add(ArenaAccount *account, const ArenaAccount *other);

/* ---- Arena --------------------------------------------------------------------------------------------------- */

enum { ARENA_MAX_ARRAYS = 32, ARENA_MAX_KINDS = 16 };

/* An array's control block lives in its arena and never moves; its items may (in POOL_MALLOC, and once when a small
   array leaves .bss), so keep indices across a push, not pointers. */
struct ArenaArray {
    char *items;
    size_t count;        /* elements in use; the owner may advance it up to `capacity` by hand in a hot loop */
    size_t capacity;     /* elements that may be used before the slow path has to be asked */
    size_t element_size; /* bytes */
    size_t step;         /* elements of the current growth step: the next allocation is counted when it is passed */
    size_t promised;     /* `count` that array_reserve last made room for: this room is never taken back */
    Arena *arena;
    Lane *lane;
    const char *kind;    /* what the elements are, for reports */
};

/* What has been pushed under one name: see arena_kind(). */
typedef struct {
    const char *kind;
    size_t bytes;
    uint64_t count;      /* pushes */
} ArenaKind;

struct Arena {
    char *position;      /* next free byte */
    char *end;           /* allocations that end at or before it need no further check */
    uint64_t allocations; /* pushes, and steps of arrays */
    ArenaAccount *account;
    Arena *next_in_account;
    const char *name;    /* for reports and debuggers */
    Lane *lane;          /* where bumping goes on; the lanes filled before it are chained below it */
    size_t used_before;  /* bytes used in the segments before the current one */
    char *segment_start; /* used bytes of the current segment: position - segment_start */
    uint64_t array_steps; /* of `allocations`, those that made an array larger */
    uint32_t n_arrays;
    uint32_t n_kinds;
    uint32_t kind;       /* into `kinds`: what is pushed now; meaningless while there are none */
    size_t kind_bytes;   /* pushed bytes and ... */
    uint64_t kind_count; /* ... pushes up to where the present kind began */
    ArenaKind kinds[ARENA_MAX_KINDS];
    ArenaArray arrays[ARENA_MAX_ARRAYS];
};

/* The arena must stay where it is until arena_free(). */
void arena_open(Arena *arena, ArenaAccount *account, const char *name);

/* Frees everything in constant time: the lanes go back to the pool (POOL_MALLOC: one free per allocation).  An arena
   that is not open, zeroed or freed already, is left alone. */
void arena_free(Arena *arena);

size_t arena_used(const Arena *arena); /* bytes, arrays included */

/* True if `address` lies in memory that the arena holds: for audits and assertions. */
bool arena_contains(const Arena *arena, const void *address);

/* Calls `visit` for every stretch of memory in use, aligned to 8; `array` is NULL for what was pushed. */
typedef void ArenaVisit(void *context, const ArenaArray *array, const char *start, size_t bytes);
void arena_visit(const Arena *arena, ArenaVisit *visit, void *context);

void *arena_push_slow(Arena *arena, size_t size);

/* `size` bytes, rounded up to a multiple of 8 and aligned to 8; contents undefined.  Never NULL. */
static inline void *arena_push(Arena *arena, size_t size)
{
    size_t rounded = (size + 7) & ~(size_t)7;
    char *result = arena->position;
    /* Subtracting one sends two rare cases the slow way too: nothing asked for, and a size that wrapped round to 0. */
    if (rounded - 1 < (size_t)(arena->end - result)) {
        arena->position = result + rounded;
        arena->allocations++;
        return result;
    }
    return arena_push_slow(arena, size);
}

void *arena_push_zero(Arena *arena, size_t size);
void *arena_copy(Arena *arena, const void *bytes, size_t size);

#define arena_new(arena, type) ((type *)arena_push_zero((arena), sizeof(type)))

/*
 * What is pushed from here on is of this kind, for reports.  A push pays nothing for it: bytes and pushes are what
 * became more between two calls.  For arenas that only grow; what was pushed before the first call has no kind.
 */
void arena_kind(Arena *arena, const char *kind);

/* Brings `kinds` up to date. */
void arena_settle_kinds(Arena *arena);

/* ---- Growing arrays ------------------------------------------------------------------------------------------ */

/* A new array; at most ARENA_MAX_ARRAYS an arena.  Opening one allocates nothing. */
ArenaArray *arena_array(Arena *arena, const char *kind, size_t element_size);

/*
 * Makes room for at least `n` more elements: capacity >= count + n afterwards.  Under a limit any allocation elsewhere
 * may take back capacity that was not asked for, so read `capacity` again after one; the `n` elements stay promised.
 * Ask for what will be used: a limit has to leave room for the promise, but the high-water mark sees only `count`.
 */
void array_reserve_slow(ArenaArray *array, size_t n);
static inline void array_reserve(ArenaArray *array, size_t n)
{
    if (array->capacity - array->count < n)
        array_reserve_slow(array, n);
    array->promised = array->count + n;
}

/* Appends `n` elements, contents undefined, and returns the first one's address, valid until the next push. */
static inline void *array_push(ArenaArray *array, size_t n)
{
    if (array->capacity - array->count < n)
        array_reserve_slow(array, n);
    void *first = array->items + array->count * array->element_size;
    array->count += n;
    return first;
}

/* Drops all elements from `count` on. */
void array_truncate(ArenaArray *array, size_t count);

/* ---- Marks --------------------------------------------------------------------------------------------------- */

/* A position to come back to.  Rewinding frees what was pushed since, array elements included. */
typedef struct {
    char *position;
    Lane *lane;
    size_t used_before;
    char *segment_start;
    size_t counts[ARENA_MAX_ARRAYS];
    uint32_t n_arrays;
} ArenaMark;

ArenaMark arena_mark(const Arena *arena);
void arena_rewind(Arena *arena, const ArenaMark *mark);

#endif
