/*
 * Arena: bump allocation, marks and freeing.
 *
 * An arena fills one segment at a time: first the lane's piece of .bss, then the lane's range of the reservation, and
 * should even that be full, another lane chained above.  `position` and `end` delimit what the inline path may use;
 * everything here runs only when that is used up, so that a push costs an add and a compare.
 *
 * Bytes used are never counted one by one: they are the distance from the segment's start to `position`, plus what
 * was used in the segments before.
 *
 * In POOL_MALLOC an arena is a list of blocks, newest first; `position` is then the newest block and no memory lies
 * between `position` and `end`, so that every push comes here.
 */
#include "base/arena_internal.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

/* ---- POOL_MALLOC ---- */

typedef struct Block Block;
struct Block {
    Block *below; /* allocated before this one */
    size_t bytes; /* rounded size of what follows */
};

static void set_blocks(Arena *arena, Block *newest)
{
    arena->position = arena->end = arena->segment_start = (char *)newest;
}

static void *push_block(Arena *arena, size_t rounded)
{
    Block *block = rounded <= PTRDIFF_MAX - sizeof *block ? malloc(sizeof *block + rounded) : NULL;
    if (block == NULL)
        pool_refused(arena->account->pool, arena->account, rounded);
    block->below = (Block *)(void *)arena->position;
    block->bytes = rounded;
    account_commit(arena->account, rounded);
    set_blocks(arena, block);
    arena->used_before += rounded;
    arena->allocations++;
    pool_tell(arena->account->pool, arena, NULL, rounded);
    return block + 1;
}

static void free_blocks(Arena *arena, const char *down_to)
{
    Block *block = (Block *)(void *)arena->position;
    while ((char *)block != down_to) {
        Block *below = block->below;
        arena->used_before -= block->bytes;
        arena->account->committed -= block->bytes;
        free(block);
        block = below;
    }
    set_blocks(arena, block);
}

/* ---- Segments ---- */

static bool in_small(const Arena *arena)
{
    return arena->lane != NULL && arena->lane->uses_small && arena->segment_start == arena->lane->small;
}

/* Where the memory behind the current segment ends. */
static char *segment_end(const Arena *arena)
{
    if (arena->position == NULL)
        return NULL;
    return in_small(arena) ? arena->lane->small + SMALL_BYTES : arena->lane->base + arena->lane->committed;
}

static void start_segment(Arena *arena, char *start)
{
    if (arena->position != NULL)
        *(in_small(arena) ? &arena->lane->small_end : &arena->lane->end) = arena->position;
    arena->used_before += (size_t)(arena->position - arena->segment_start);
    arena->segment_start = arena->position = arena->end = start;
}

/* Chains a lane on top and goes on there. */
static bool add_lane(Arena *arena, size_t bytes)
{
    Lane *lane = lane_take(arena->account->pool, arena, bytes);
    if (lane == NULL)
        return false;
    start_segment(arena, lane_start(lane));
    lane->next = arena->lane;
    arena->lane = lane;
    return true;
}

/* Finds `bytes` more in the top lane; false if its range is full or the system has no memory. */
static bool extend_lane(Arena *arena, size_t bytes)
{
    Lane *lane = arena->lane;
    if (arena->position != NULL && bytes <= (size_t)(segment_end(arena) - arena->position))
        return true;
    size_t before = in_small(arena) ? 0 : (size_t)(arena->position - arena->segment_start);
    size_t needed = before + (bytes != 0 ? bytes : 1); /* even nothing has an address */
    if (needed < bytes || !lane_commit(arena->account->pool, lane, needed))
        return false;
    if (arena->segment_start != lane->base)
        start_segment(arena, lane->base);
    return true;
}

static bool extend(Arena *arena, size_t bytes)
{
    if (arena->lane != NULL && extend_lane(arena, bytes))
        return true;
    return add_lane(arena, bytes) && extend_lane(arena, bytes);
}

/* ---- Push ---- */

void *arena_push_slow(Arena *arena, size_t size)
{
    ArenaAccount *account = arena->account;
    Pool *pool = account->pool;
    size_t rounded = (size + 7) & ~(size_t)7;
    if (rounded < size)
        pool_refused(pool, account, size);
    pool_count_attempt(pool, account, rounded);
    arena->end = arena->position;
    size_t grant = pool_grant(account, rounded);
    if (pool->options.mode == POOL_MALLOC)
        return push_block(arena, rounded);
    if (arena->position == NULL || rounded > (size_t)(segment_end(arena) - arena->position)) {
        if (!extend(arena, rounded))
            pool_refused(pool, account, rounded);
    }
    if (pool->precise)
        grant = rounded;
    size_t room = (size_t)(segment_end(arena) - arena->position);
    char *result = arena->position;
    arena->position = result + rounded;
    arena->end = result + (grant < room ? grant : room);
    arena->allocations++;
    MEMORY_FRESH(result, (size_t)(arena->end - result));
    pool_tell(pool, arena, NULL, rounded);
    return result;
}

void *arena_push_zero(Arena *arena, size_t size)
{
    return memset(arena_push(arena, size), 0, size);
}

void *arena_copy(Arena *arena, const void *bytes, size_t size)
{
    void *copy = arena_push(arena, size);
    if (size != 0)
        memcpy(copy, bytes, size);
    return copy;
}

/* ---- Opening, freeing, asking ---- */

void arena_open(Arena *arena, ArenaAccount *account, const char *name)
{
    /* Lanes are taken when they are needed: an arena that stays empty costs nothing. */
    *arena = (Arena){.account = account, .name = name, .next_in_account = account->arenas};
    account->arenas = arena;
}

static void release_lanes(Arena *arena, const Lane *down_to)
{
    while (arena->lane != down_to) {
        Lane *lane = arena->lane;
        arena->lane = lane->next;
        lane_release(arena->account->pool, lane);
    }
}

void arena_free(Arena *arena)
{
    ArenaAccount *account = arena->account;
    if (account == NULL)
        return;
    Pool *pool = account->pool;
    pool_sample(pool);
    if (pool->options.dying != NULL)
        pool->options.dying(pool->options.dying_context, arena);
    while (arena->n_arrays > 0)
        array_free(pool, &arena->arrays[--arena->n_arrays]);
    if (pool->options.mode == POOL_MALLOC)
        free_blocks(arena, NULL);
    release_lanes(arena, NULL);
    account->allocations_closed += arena->allocations;
    pool->allocations_closed += arena->allocations;
    Arena **link = &account->arenas;
    while (*link != arena)
        link = &(*link)->next_in_account;
    *link = arena->next_in_account;
    arena->account = NULL;
    arena->position = arena->end = arena->segment_start = NULL;
    arena->used_before = 0;
}

size_t arena_used(const Arena *arena)
{
    return arena_bytes(arena);
}

static bool blocks_contain(const Arena *arena, const char *address)
{
    for (const Block *block = (const Block *)(const void *)arena->position; block != NULL; block = block->below)
        if ((uintptr_t)address - (uintptr_t)(block + 1) < block->bytes)
            return true;
    return false;
}

bool arena_contains(const Arena *arena, const void *address)
{
    if (arena->account == NULL)
        return false;
    for (uint32_t i = 0; i < arena->n_arrays; i++) {
        const ArenaArray *array = &arena->arrays[i];
        if ((uintptr_t)address - (uintptr_t)array->items < array->capacity * array->element_size)
            return true;
    }
    if (arena->account->pool->options.mode == POOL_MALLOC)
        return blocks_contain(arena, address);
    for (const Lane *lane = arena->lane; lane != NULL; lane = lane->next)
        if (lane_holds(lane, address))
            return true;
    return false;
}

static void visit_pushes(const Arena *arena, ArenaVisit *visit, void *context)
{
    for (const Lane *lane = arena->lane; lane != NULL; lane = lane->next) {
        bool current = lane == arena->lane;
        const char *small_end = current && in_small(arena) ? arena->position : lane->small_end;
        const char *end = current && !in_small(arena) ? arena->position : lane->end;
        if (small_end != NULL)
            visit(context, NULL, lane->small, (size_t)(small_end - lane->small));
        if (end != NULL)
            visit(context, NULL, lane->base, (size_t)(end - lane->base));
    }
}

void arena_visit(const Arena *arena, ArenaVisit *visit, void *context)
{
    if (arena->account == NULL)
        return;
    for (uint32_t i = 0; i < arena->n_arrays; i++)
        if (arena->arrays[i].count > 0)
            visit(context, &arena->arrays[i], arena->arrays[i].items, array_used(&arena->arrays[i]));
    if (arena->account->pool->options.mode != POOL_MALLOC) {
        visit_pushes(arena, visit, context);
        return;
    }
    for (const Block *block = (const Block *)(const void *)arena->position; block != NULL; block = block->below)
        visit(context, NULL, (const char *)(block + 1), block->bytes);
}

/* ---- Kinds ---- */

static size_t pushed_bytes(const Arena *arena)
{
    return arena->used_before + (size_t)(arena->position - arena->segment_start);
}

void arena_settle_kinds(Arena *arena)
{
    size_t bytes = pushed_bytes(arena);
    uint64_t count = arena->allocations - arena->array_steps;
    if (arena->n_kinds > 0) {
        arena->kinds[arena->kind].bytes += bytes - arena->kind_bytes;
        arena->kinds[arena->kind].count += count - arena->kind_count;
    }
    arena->kind_bytes = bytes;
    arena->kind_count = count;
}

void arena_kind(Arena *arena, const char *kind)
{
    arena_settle_kinds(arena);
    for (uint32_t i = 0; i < arena->n_kinds; i++) {
        if (arena->kinds[i].kind == kind || strcmp(arena->kinds[i].kind, kind) == 0) {
            arena->kind = i;
            return;
        }
    }
    assert(arena->n_kinds < ARENA_MAX_KINDS);
    arena->kind = arena->n_kinds++;
    arena->kinds[arena->kind] = (ArenaKind){.kind = kind};
}

/* ---- Marks ---- */

ArenaMark arena_mark(const Arena *arena)
{
    ArenaMark mark;
    mark.position = arena->position;
    mark.lane = arena->lane;
    mark.used_before = arena->used_before;
    mark.segment_start = arena->segment_start;
    mark.n_arrays = arena->n_arrays;
    for (uint32_t i = 0; i < arena->n_arrays; i++)
        mark.counts[i] = arena->arrays[i].count;
    return mark;
}

static void rewind_segments(Arena *arena, const ArenaMark *mark)
{
    char *used_end = arena->position;
    if (arena->segment_start != mark->segment_start) {
        release_lanes(arena, mark->lane);
        arena->segment_start = mark->segment_start;
        arena->used_before = mark->used_before;
        if (arena->lane != NULL)
            arena->lane->end = NULL; /* as before this segment was left */
        arena->position = arena->end = mark->position; /* the next push finds out how much is left here */
        used_end = segment_end(arena);
        if (in_small(arena))
            MEMORY_DEAD(arena->lane->base, arena->lane->committed);
    }
    arena->position = mark->position;
    if (arena->account->pool->precise) {
        MEMORY_DEAD(arena->position, (size_t)(used_end - arena->position));
        arena->end = arena->position;
    }
}

void arena_rewind(Arena *arena, const ArenaMark *mark)
{
    Pool *pool = arena->account->pool;
    assert(arena->n_arrays >= mark->n_arrays);
    pool_sample(pool);
    while (arena->n_arrays > mark->n_arrays)
        array_free(pool, &arena->arrays[--arena->n_arrays]);
    for (uint32_t i = 0; i < mark->n_arrays; i++)
        array_cut(pool, &arena->arrays[i], mark->counts[i]);
    if (pool->options.mode == POOL_MALLOC)
        free_blocks(arena, mark->position);
    else
        rewind_segments(arena, mark);
}
