/*
 * Pool and accounts: limits, peaks and statistics.
 *
 * How can limits be exact when pushing never looks at one?  The inline path may use what lies before Arena.end and
 * ArenaArray.capacity: a *grant*.  Without a limit a grant is all the memory that is there.  With one, it is a small
 * part of what is left, so that all grants together never pass the limit; and when a request finds no room, all
 * grants are taken back before it is refused.  So it is refused exactly if live bytes + request > limit.  Grants
 * shrink as the room shrinks: a limit costs some hundred slow pushes in a compile, not one per allocation.
 *
 * Peaks need no bookkeeping while memory only grows.  They are noted just before it shrinks, and when someone asks.
 */
#define _GNU_SOURCE
#include "base/arena_internal.h"

#include <assert.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

enum { GRANT_FRACTION = 64 }; /* one grant is this part of the room left under the limit */

/* The first pool lies in .bss like its lanes' first segments.  The claim is the module's only state shared between
   threads. */
static Pool bss_pool;
static atomic_bool bss_claimed;

/* ---- Opening and closing ---- */

static bool claim_bss(void)
{
    return !atomic_exchange_explicit(&bss_claimed, true, memory_order_acquire);
}

static void give_lanes(Pool *pool)
{
    pool->new_lanes = pool->first_lanes;
    pool->n_new_lanes = FIRST_LANES;
    if (pool->in_bss)
        lanes_small_segments(pool);
}

Pool *pool_open(const PoolOptions *options)
{
    Pool *pool = &bss_pool;
    if (claim_bss()) {
        if (!pool->in_bss) { /* opened for the first time; later it finds its lanes and addresses as it left them */
            pool->in_bss = true;
            give_lanes(pool);
        }
    } else {
        pool = mmap(NULL, sizeof *pool, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
        if (pool == MAP_FAILED)
            return NULL;
        pool->system_calls = 1;
        give_lanes(pool);
    }
    pool_configure(pool, options);
    return pool;
}

void pool_close(Pool *pool)
{
    assert(pool->accounts == NULL);
    if (pool->in_bss) {
        pool_trim(pool);
        pool->system_calls = 0;
        atomic_store_explicit(&bss_claimed, false, memory_order_release);
        return;
    }
    for (Lane *lane = pool->free_lanes; lane != NULL; lane = lane->next)
        MEMORY_FORGET(lane->base, lane->committed);
    /* The list of mappings is in the pool itself, which goes last. */
    for (size_t i = 0; i < pool->n_mappings; i++)
        munmap(pool->mappings[i].start, pool->mappings[i].bytes);
    munmap(pool, sizeof *pool);
}

void pool_configure(Pool *pool, const PoolOptions *options)
{
    for (const ArenaAccount *account = pool->accounts; account != NULL; account = account->next)
        assert(account->arenas == NULL);
    if (options->mode == POOL_GUARD && pool->options.mode != POOL_GUARD)
        pool_trim(pool); /* guarded memory is fresh: what lay in a lane before would look alive to a search */
    lanes_in_order(pool);
    pool->options = *options;
    pool->precise = options->fail_allocation != 0 || options->watch != NULL || MEMORY_CHECKED();
    pool->peak_live = 0;
    pool->allocations_closed = 0;
    pool->attempts = 0;
}

const PoolOptions *pool_configuration(const Pool *pool)
{
    return &pool->options;
}

void pool_trim(Pool *pool)
{
    /* The segments in .bss stay: they are small, and giving them back would cost a small compile a system call each. */
    for (Lane *lane = pool->free_lanes; lane != NULL; lane = lane->next)
        lane_decommit(pool, lane);
}

/* ---- Failing ---- */

_Noreturn void pool_exhausted(Pool *pool, const ArenaExhausted *why)
{
    if (pool->options.exhausted != NULL)
        pool->options.exhausted(pool->options.context, why);
    abort(); /* nobody was there to leave through */
}

_Noreturn void pool_refused(Pool *pool, ArenaAccount *account, size_t requested)
{
    ArenaExhausted why = {account->name, arena_account_used(account), 0, requested, false};
    pool_exhausted(pool, &why);
}

void pool_count_attempt(Pool *pool, ArenaAccount *account, size_t requested)
{
    if (pool->options.fail_allocation == 0)
        return;
    pool->attempts++;
    if (pool->attempts != pool->options.fail_allocation)
        return;
    ArenaExhausted why = {account->name, arena_account_used(account), account->limit, requested, true};
    pool_exhausted(pool, &why);
}

/* ---- Grants ---- */

typedef struct {
    size_t used;     /* bytes live */
    size_t promised; /* `used` and what array_reserve promised beyond it */
    size_t granted;  /* bytes that can become live without asking, `used` included */
} Extent;

static void add_arena(Extent *extent, const Arena *arena)
{
    size_t used = arena_bytes(arena);
    extent->used += used;
    extent->promised += used;
    extent->granted += used + (size_t)(arena->end - arena->position);
    for (uint32_t i = 0; i < arena->n_arrays; i++) {
        const ArenaArray *array = &arena->arrays[i];
        assert(array->count <= array->capacity);
        if (array->promised > array->count)
            extent->promised += (array->promised - array->count) * array->element_size;
        extent->granted += array_room(array);
    }
}

static void add_account(Extent *extent, const ArenaAccount *account)
{
    for (const Arena *arena = account->arenas; arena != NULL; arena = arena->next_in_account)
        add_arena(extent, arena);
}

static void take_back_grants(ArenaAccount *account)
{
    for (Arena *arena = account->arenas; arena != NULL; arena = arena->next_in_account) {
        arena->end = arena->position;
        for (uint32_t i = 0; i < arena->n_arrays; i++) {
            ArenaArray *array = &arena->arrays[i];
            array->capacity = array->promised > array->count ? array->promised : array->count;
        }
    }
}

/* One limit holds for the accounts from `first` up to, not including, `last`. */
static size_t grant_under_limit(Pool *pool, ArenaAccount *first, const ArenaAccount *last, const char *name,
                                size_t limit, size_t requested)
{
    Extent extent = {0, 0, 0};
    for (ArenaAccount *account = first; account != last; account = account->next)
        add_account(&extent, account);
    assert(extent.promised <= extent.granted && extent.granted <= limit);
    size_t left = limit - extent.granted;
    if (left < requested) {
        left = limit - extent.promised;
        if (left < requested) {
            ArenaExhausted why = {name, extent.used, limit, requested, false};
            pool_exhausted(pool, &why);
        }
        for (ArenaAccount *account = first; account != last; account = account->next)
            take_back_grants(account);
    }
    size_t part = left / GRANT_FRACTION;
    return part > requested ? part : requested;
}

size_t pool_grant(ArenaAccount *account, size_t requested)
{
    Pool *pool = account->pool;
    size_t grant = SIZE_MAX;
    if (account->limit != 0)
        grant = grant_under_limit(pool, account, account->next, account->name, account->limit, requested);
    if (pool->options.limit != 0) {
        size_t of_pool = grant_under_limit(pool, pool->accounts, NULL, NULL, pool->options.limit, requested);
        grant = of_pool < grant ? of_pool : grant;
    }
    return grant;
}

/* ---- Accounts ---- */

void arena_account_open(ArenaAccount *account, Pool *pool, const char *name, size_t limit)
{
    memset(account, 0, sizeof *account);
    account->name = name;
    account->pool = pool;
    account->limit = limit;
    account->next = pool->accounts;
    pool->accounts = account;
}

void arena_account_close(ArenaAccount *account)
{
    if (account->pool == NULL)
        return;
    assert(account->arenas == NULL);
    ArenaAccount **link = &account->pool->accounts;
    while (*link != account)
        link = &(*link)->next;
    *link = account->next;
    account->next = NULL;
    account->pool = NULL;
}

size_t arena_account_used(const ArenaAccount *account)
{
    size_t used = 0;
    for (const Arena *arena = account->arenas; arena != NULL; arena = arena->next_in_account)
        used += arena_bytes(arena);
    return used;
}

size_t arena_account_high_water(ArenaAccount *account)
{
    size_t used = arena_account_used(account);
    if (used > account->high_water)
        account->high_water = used;
    return account->high_water;
}

uint64_t arena_account_allocations(const ArenaAccount *account)
{
    uint64_t allocations = account->allocations_closed;
    for (const Arena *arena = account->arenas; arena != NULL; arena = arena->next_in_account)
        allocations += arena->allocations;
    return allocations;
}

void account_commit(ArenaAccount *account, size_t bytes)
{
    account->committed += bytes;
    if (account->committed > account->committed_peak)
        account->committed_peak = account->committed;
}

/* While the threads worked, the other accounts of the pool stayed as they are now. */
void arena_account_add(ArenaAccount *account, const ArenaAccount *other)
{
    Pool *pool = account->pool;
    assert(other->arenas == NULL && other->pool != pool);
    pool_sample(pool);
    account->high_water += other->high_water;
    account->allocations_closed += other->allocations_closed;
    account->committed_peak += other->committed_peak;
    size_t live = account->high_water - arena_account_used(account);
    for (const ArenaAccount *each = pool->accounts; each != NULL; each = each->next)
        live += arena_account_used(each);
    if (live > pool->peak_live)
        pool->peak_live = live;
    pool->allocations_closed += other->allocations_closed;
    pool->system_calls += other->pool->system_calls;
}

const ArenaAccount *pool_accounts(const Pool *pool)
{
    return pool->accounts;
}

/* ---- Peaks and statistics ---- */

void pool_sample(Pool *pool)
{
    size_t live = 0;
    for (ArenaAccount *account = pool->accounts; account != NULL; account = account->next) {
        size_t used = arena_account_used(account);
        if (used > account->high_water)
            account->high_water = used;
        live += used;
    }
    if (live > pool->peak_live)
        pool->peak_live = live;
}

PoolStatistics pool_statistics(const Pool *pool)
{
    PoolStatistics result = {
        .peak_live = pool->peak_live,
        .allocations = pool->allocations_closed,
        .system_calls = pool->system_calls,
        .committed = pool->committed,
        .reserved = pool->reserved,
    };
    for (const ArenaAccount *account = pool->accounts; account != NULL; account = account->next) {
        result.live += arena_account_used(account);
        for (const Arena *arena = account->arenas; arena != NULL; arena = arena->next_in_account)
            result.allocations += arena->allocations;
    }
    if (result.live > result.peak_live)
        result.peak_live = result.live;
    return result;
}
