/*
 * Lanes: long contiguous ranges of addresses with memory at their beginning.
 *
 * A lane has up to two pieces.  The first lanes own a small segment in .bss: it is there when the program starts and
 * costs nothing until it is touched.  Whoever outgrows it goes on in the lane's range of one large reservation, whose
 * pages are committed in growing steps: at first populated 4 KiB pages (half the price of faulting them in one by one),
 * past half a megabyte huge pages (a quarter of that).  For this the range starts so far below a 2 MiB boundary that
 * the small pages end exactly where the huge ones can begin.
 *
 * A freed lane is pushed on a stack with its pages, and the next user takes it from there: memory that was just used
 * is in the cache and needs no page fault.  Under POOL_GUARD it gives up its pages and their addresses for good.
 *
 * Chaining malloc'ed blocks was the alternative.  It needs no reservation, but arrays would have to move to grow, and
 * finding the owner of an address would mean a search.
 */
#define _GNU_SOURCE
#include "base/arena_internal.h"

#include <sys/mman.h>

#if !defined(MADV_POPULATE_WRITE)
#define MADV_POPULATE_WRITE 23 /* Linux 5.14; older kernels refuse it, and pages come by faults */
#endif

enum {
    PAGE = 4 * KIB,
    HUGE_PAGE = 2 * MIB,
    FIRST_STEP = 128 * KIB,   /* committed at once when a lane first needs more than .bss */
    SMALL_PAGES = 512 * KIB,  /* bytes at a lane's start that lie in 4 KiB pages */
    LANES_RESERVED = 64,      /* ranges in one reservation */
    FIRST_GRAVES = 64 * KIB,  /* bytes of the first table of graves */
};

#define LANE_BYTES ((size_t)32 << 30)
#define LANE_BYTES_MIN ((size_t)4 * MIB)
#define FOUR_GIB ((size_t)1 << 32)
#define UNLIKELY_LOW (FOUR_GIB / 2)
#define LARGEST_RANGE ((size_t)1 << 46) /* half of what a process can address */

static _Alignas(PAGE) char small_segments[SMALL_LANES][SMALL_BYTES];

void lanes_small_segments(Pool *pool)
{
    for (size_t i = 0; i < SMALL_LANES; i++)
        pool->first_lanes[i].small = small_segments[i];
}

/* ---- The system ---- */

static void *map(Pool *pool, void *where, size_t bytes, int protection, int flags)
{
    pool->system_calls++;
    void *start = mmap(where, bytes, protection, MAP_PRIVATE | MAP_ANONYMOUS | flags, -1, 0);
    return start == MAP_FAILED ? NULL : start;
}

/* A region that lives until the pool is closed. */
static char *map_region(Pool *pool, size_t bytes, int protection, int flags)
{
    if (pool->n_mappings == MAX_MAPPINGS)
        return NULL;
    char *start = map(pool, NULL, bytes, protection, flags);
    if (start != NULL)
        pool->mappings[pool->n_mappings++] = (Mapping){start, bytes};
    return start;
}

void *pool_map(Pool *pool, size_t bytes)
{
    return map_region(pool, bytes, PROT_READ | PROT_WRITE, 0);
}

static char *round_up(const char *address, size_t alignment)
{
    return (char *)(((uintptr_t)address + alignment - 1) & ~(uintptr_t)(alignment - 1));
}

/*
 * Where lanes are large, each begins in the upper half of a 4 GiB block: the lower 32 bits of an address in its first
 * gigabytes are then a number above two thousand millions.  Offsets, indices and counts never get there, so no two of
 * them, one behind the other in memory, look like such an address; an audit can tell pointers from numbers by that.
 */
static size_t alignment_of(size_t lane_bytes)
{
    return lane_bytes % FOUR_GIB == 0 ? FOUR_GIB : HUGE_PAGE;
}

/* Is a gigabyte and more of such addresses still to come? */
static bool begins_unlikely(const Pool *pool, const Lane *lane)
{
    uint32_t beyond = (uint32_t)(uintptr_t)lane->base - (uint32_t)(UNLIKELY_LOW - SMALL_PAGES);
    return alignment_of(pool->lane_bytes) == HUGE_PAGE || beyond < UNLIKELY_LOW / 2;
}

/* Reserves addresses for ranges of at least `range` bytes, a multiple of HUGE_PAGE.  Where addresses are scarce
   (ulimit -v, valgrind) it asks for half as much until the system agrees. */
static bool reserve(Pool *pool, size_t range)
{
    size_t lane_bytes = pool->lane_bytes != 0 ? pool->lane_bytes : LANE_BYTES;
    while (lane_bytes < range)
        lane_bytes *= 2;
    size_t n = LANES_RESERVED;
    size_t bytes = n * lane_bytes + alignment_of(lane_bytes);
    bool halved = false;
    char *start;
    while ((start = map_region(pool, bytes, PROT_NONE, MAP_NORESERVE)) == NULL) {
        if (lane_bytes / 2 >= range && lane_bytes / 2 >= LANE_BYTES_MIN)
            lane_bytes /= 2;
        else if (n > 1)
            n /= 2;
        else
            return false;
        bytes = n * lane_bytes + alignment_of(lane_bytes);
        halved = true;
    }
    if (halved && n > 1) { /* others need addresses too */
        n /= 2;
        size_t kept = n * lane_bytes + alignment_of(lane_bytes);
        munmap(start + kept, bytes - kept);
        pool->system_calls++;
        pool->mappings[pool->n_mappings - 1].bytes = bytes = kept;
    }
    pool->reserved += bytes;
    if (pool->lane_bytes == 0 || lane_bytes < pool->lane_bytes)
        pool->lane_bytes = lane_bytes;
    size_t alignment = alignment_of(lane_bytes), behind = SMALL_PAGES + (alignment == HUGE_PAGE ? 0 : UNLIKELY_LOW);
    pool->fresh = round_up(start + behind, alignment) - behind;
    pool->fresh_end = pool->fresh + n * lane_bytes;
    return true;
}

/* ---- Commit ---- */

static void return_pages(Pool *pool, char *start, size_t bytes)
{
    /* Mapping afresh drops the pages and makes the addresses inaccessible in one call. */
    MEMORY_FORGET(start, bytes);
    map(pool, start, bytes, PROT_NONE, MAP_FIXED | MAP_NORESERVE);
}

static bool commit_pages(Pool *pool, char *start, size_t bytes)
{
    char *end = start + bytes;
    char *boundary = round_up(start, HUGE_PAGE);
    char *huge = boundary + HUGE_PAGE <= end ? boundary : end;
    if (huge > start && map(pool, start, (size_t)(huge - start), PROT_READ | PROT_WRITE, MAP_FIXED | MAP_POPULATE) == NULL)
        return false;
    if (end > huge) {
        size_t huge_bytes = (size_t)(end - huge);
        if (map(pool, huge, huge_bytes, PROT_READ | PROT_WRITE, MAP_FIXED) == NULL)
            return false;
        madvise(huge, huge_bytes, MADV_HUGEPAGE);
        madvise(huge, huge_bytes, MADV_POPULATE_WRITE);
        pool->system_calls += 2;
    }
    MEMORY_DEAD(start, bytes);
    return true;
}

/* How far to commit when `bytes` are needed, more than there are: twice as far as now in small pages, a quarter further in huge ones. */
static size_t commit_target(const Lane *lane, size_t bytes)
{
    size_t target = lane->committed == 0 ? FIRST_STEP : lane->committed * 2;
    if (target > SMALL_PAGES)
        target = lane->committed + lane->committed / 4;
    if (target < bytes)
        target = bytes;
    if (target <= SMALL_PAGES)
        return (target + PAGE - 1) & ~(size_t)(PAGE - 1);
    return (size_t)(round_up(lane->base + target, HUGE_PAGE) - lane->base);
}

/*
 * How far into its range a lane begins.  Arrays that grow side by side, as the lexer's do, are written at the same
 * distance from where their lanes begin.  The first-level cache of AMD's processors finds a line by a hash of the lower
 * 28 bits of its address, so two lanes that agree in them drive each other out of it at every step: lexing takes a
 * third longer, parsing an eighth.  A lane lies another huge page further than the one before, which keeps them apart.
 * Not under guard: there speed is nothing, and what an audit knows of a lane's first addresses holds from its start.
 */
static size_t stagger(Pool *pool, size_t spare)
{
    size_t offset = pool->n_ranges++ % LANES_RESERVED * HUGE_PAGE;
    bool apart = alignment_of(pool->lane_bytes) == FOUR_GIB && offset <= spare && pool->options.mode != POOL_GUARD;
    return apart ? offset : 0;
}

/* Gives the lane addresses for `bytes`; those it had, too few and without pages, are abandoned. */
static bool take_range(Pool *pool, Lane *lane, size_t bytes)
{
    if (bytes > LARGEST_RANGE)
        return false;
    size_t range = (bytes + HUGE_PAGE - 1) & ~(size_t)(HUGE_PAGE - 1);
    size_t left = (size_t)(pool->fresh_end - pool->fresh);
    if (left < (range > pool->lane_bytes ? range : pool->lane_bytes) && !reserve(pool, range))
        return false;
    if (range < pool->lane_bytes)
        range = pool->lane_bytes;
    size_t offset = stagger(pool, range - bytes);
    lane->base = pool->fresh + offset;
    lane->reserved = range - offset;
    pool->fresh += range;
    return true;
}

bool lane_commit(Pool *pool, Lane *lane, size_t bytes)
{
    if (bytes <= lane->committed)
        return true;
    if (bytes > lane->reserved) {
        if (lane->committed != 0 || !take_range(pool, lane, bytes))
            return false;
    }
    size_t target = commit_target(lane, bytes);
    if (target > lane->reserved)
        target = lane->reserved;
    size_t step = target - lane->committed;
    if (!commit_pages(pool, lane->base + lane->committed, step))
        return false;
    lane->committed = target;
    pool->committed += step;
    account_commit(lane->account, step);
    return true;
}

void lane_decommit(Pool *pool, Lane *lane)
{
    if (lane->committed == 0)
        return;
    return_pages(pool, lane->base, lane->committed);
    pool->committed -= lane->committed;
    lane->committed = 0;
}

/* ---- Graves ---- */

static void note_grave(Pool *pool, const Lane *lane)
{
    GraveTable *table = pool->graves;
    if (table == NULL || table->count == table->capacity) {
        size_t bytes = table == NULL ? FIRST_GRAVES : 2 * (sizeof *table + table->capacity * sizeof(Grave));
        GraveTable *larger = pool_map(pool, bytes);
        if (larger == NULL)
            return; /* only the name of the dead arena is lost; its memory stays guarded */
        larger->older = table;
        larger->capacity = (bytes - sizeof *larger) / sizeof(Grave);
        pool->graves = table = larger;
    }
    table->graves[table->count] = (Grave){lane->base, lane->committed, lane->owner, lane->kind, lane->element_size};
    table->count++;
}

/* Takes the pages away for good; the lane goes on behind them, or, when it has gone far, in a range of its own. */
static void bury(Pool *pool, Lane *lane)
{
    size_t bytes = lane->committed;
    if (bytes == 0)
        return;
    note_grave(pool, lane);
    lane_decommit(pool, lane);
    lane->base += bytes;
    lane->reserved = begins_unlikely(pool, lane) ? lane->reserved - bytes : 0;
}

/* ---- Taking and giving back ---- */

static Lane *new_lane(Pool *pool)
{
    if (pool->n_new_lanes == 0) {
        Lane *more = pool_map(pool, 256 * sizeof(Lane));
        if (more == NULL)
            return NULL;
        pool->new_lanes = more;
        pool->n_new_lanes = 256;
    }
    pool->n_new_lanes--;
    return pool->new_lanes++;
}

Lane *lane_take(Pool *pool, Arena *arena, size_t bytes)
{
    Lane *lane = pool->free_lanes;
    if (lane != NULL)
        pool->free_lanes = lane->next;
    else if ((lane = new_lane(pool)) == NULL)
        return NULL;
    if (lane->reserved < bytes)
        lane_decommit(pool, lane); /* its range is too short, and only a lane without pages can get another */
    lane->next = NULL;
    lane->account = arena->account;
    lane->owner = arena->name;
    lane->kind = NULL;
    lane->element_size = 0;
    lane->small_end = lane->end = NULL;
    /* Memory that was committed before is warm and needs no move later, so .bss serves only lanes without any. */
    lane->uses_small = lane->small != NULL && lane->committed == 0 && pool->options.mode != POOL_GUARD;
    if (lane->uses_small && !lane->small_counted) {
        lane->small_counted = true;
        pool->committed += SMALL_BYTES;
        MEMORY_DEAD(lane->small, SMALL_BYTES);
    }
    account_commit(arena->account, lane_start_bytes(lane));
    return lane;
}

void lane_release(Pool *pool, Lane *lane)
{
    lane->account->committed -= lane->committed + (lane->uses_small ? SMALL_BYTES : 0);
    if (pool->options.mode == POOL_GUARD) {
        bury(pool, lane);
    } else if (pool->precise) {
        if (lane->uses_small)
            MEMORY_DEAD(lane->small, SMALL_BYTES);
        MEMORY_DEAD(lane->base, lane->committed);
    }
    lane->account = NULL;
    lane->next = pool->free_lanes;
    pool->free_lanes = lane;
}

static bool is_first_lane(const Pool *pool, const Lane *lane)
{
    return (uintptr_t)lane - (uintptr_t)pool->first_lanes < sizeof pool->first_lanes;
}

void lanes_in_order(Pool *pool)
{
    size_t n = is_first_lane(pool, pool->new_lanes) ? (size_t)(pool->new_lanes - pool->first_lanes) : FIRST_LANES;
    Lane **link = &pool->free_lanes;
    while (*link != NULL) {
        if (is_first_lane(pool, *link))
            *link = (*link)->next;
        else
            link = &(*link)->next;
    }
    while (n-- > 0) {
        pool->first_lanes[n].next = pool->free_lanes;
        pool->free_lanes = &pool->first_lanes[n];
    }
}

char *lane_start(const Lane *lane)
{
    return lane->uses_small ? lane->small : lane->base;
}

size_t lane_start_bytes(const Lane *lane)
{
    return lane->uses_small ? SMALL_BYTES : lane->committed;
}

bool lane_holds(const Lane *lane, const void *address)
{
    uintptr_t wanted = (uintptr_t)address;
    if (lane->uses_small && wanted - (uintptr_t)lane->small < SMALL_BYTES)
        return true;
    return wanted - (uintptr_t)lane->base < lane->committed;
}

/* ---- Whose address is this? ---- */

static bool find_grave(const Pool *pool, uintptr_t wanted, PoolAddress *found)
{
    for (const GraveTable *table = pool->graves; table != NULL; table = table->older)
        for (size_t i = table->count; i-- > 0;) {
            const Grave *grave = &table->graves[i];
            if (wanted - (uintptr_t)grave->start < grave->bytes) {
                *found = (PoolAddress){grave->owner, grave->kind, grave->element_size, wanted - (uintptr_t)grave->start, true};
                return true;
            }
        }
    return false;
}

static PoolAddress describe(const Arena *arena, uintptr_t wanted)
{
    for (uint32_t i = 0; i < arena->n_arrays; i++) {
        const ArenaArray *array = &arena->arrays[i];
        uintptr_t offset = wanted - (uintptr_t)array->items;
        if (offset < array->capacity * array->element_size)
            return (PoolAddress){arena->name, array->kind, array->element_size, offset, false};
    }
    return (PoolAddress){arena->name, NULL, 0, wanted - (uintptr_t)arena->segment_start, false};
}

bool pool_find_address(const Pool *pool, const void *address, PoolAddress *found)
{
    if (find_grave(pool, (uintptr_t)address, found))
        return true;
    for (const ArenaAccount *account = pool->accounts; account != NULL; account = account->next)
        for (const Arena *arena = account->arenas; arena != NULL; arena = arena->next_in_account)
            if (arena_contains(arena, address)) {
                *found = describe(arena, (uintptr_t)address);
                return true;
            }
    return false;
}

PoolRange pool_range(const Pool *pool)
{
    uintptr_t start = UINTPTR_MAX, end = 0;
    for (size_t i = 0; i < pool->n_mappings; i++) {
        uintptr_t first = (uintptr_t)pool->mappings[i].start;
        start = first < start ? first : start;
        end = first + pool->mappings[i].bytes > end ? first + pool->mappings[i].bytes : end;
    }
    return end == 0 ? (PoolRange){0, 0} : (PoolRange){start, end - start};
}
