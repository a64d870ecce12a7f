/*
 * Growing arrays: a lane per array, so that elements stay together while the array grows at its end.
 *
 * Two things grow here at different speeds.  The *step* is what the accounts see: 64 elements, then always twice as
 * many, one counted allocation each; it depends on nothing but the program's requests.  The memory behind it is
 * committed as lanes are, in smaller proportions, so that half-used steps do not cost pages.  `capacity` is the least
 * of step, memory and what the limits grant.
 *
 * An array that begins in .bss is copied once, when it leaves it; never after.  In POOL_MALLOC each step is a realloc.
 */
#include "base/arena_internal.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

enum { FIRST_ELEMENTS = 64 };

ArenaArray *arena_array(Arena *arena, const char *kind, size_t element_size)
{
    assert(arena->n_arrays < ARENA_MAX_ARRAYS && element_size > 0);
    ArenaArray *array = &arena->arrays[arena->n_arrays++];
    /* An empty array's items are somewhere rather than nowhere: then even no elements may be copied with memcpy. */
    *array = (ArenaArray){.items = (char *)array, .arena = arena, .kind = kind, .element_size = element_size};
    return array;
}

void array_free(Pool *pool, ArenaArray *array)
{
    if (array->lane != NULL) {
        lane_release(pool, array->lane);
    } else if (array->step != 0) {
        array->arena->account->committed -= array->step * array->element_size;
        free(array->items);
    }
    array->lane = NULL;
    array->items = (char *)array;
    array->count = array->capacity = array->step = array->promised = 0;
}

static size_t next_step(const ArenaArray *array, size_t elements)
{
    size_t step = array->step == 0 ? FIRST_ELEMENTS : array->step;
    while (step < elements)
        step *= 2;
    return step;
}

/* ---- Where the memory comes from: both return the bytes that are there, 0 if the system refuses ---- */

static size_t room_from_malloc(ArenaArray *array, size_t step)
{
    if (step > array->step) {
        char *items = realloc(array->step == 0 ? NULL : array->items, step * array->element_size);
        if (items == NULL)
            return 0;
        array->items = items;
        account_commit(array->arena->account, (step - array->step) * array->element_size);
    }
    return step * array->element_size;
}

static Lane *take_lane(Pool *pool, ArenaArray *array, size_t bytes)
{
    Lane *lane = lane_take(pool, array->arena, bytes);
    if (lane != NULL) {
        lane->kind = array->kind;
        lane->element_size = array->element_size;
    }
    return lane;
}

/* Copies the elements from .bss, or from a range that is too short, to where there is room ahead. */
static bool move_items(Pool *pool, ArenaArray *array, size_t bytes)
{
    Lane *old = array->lane, *lane = old;
    if (!old->uses_small || array->items != old->small) {
        lane = take_lane(pool, array, bytes);
        if (lane == NULL)
            return false;
    }
    if (!lane_commit(pool, lane, bytes)) {
        if (lane != old)
            lane_release(pool, lane);
        return false;
    }
    MEMORY_FRESH(lane->base, array_used(array));
    memcpy(lane->base, array->items, array_used(array));
    array->items = lane->base;
    array->lane = lane;
    if (lane != old)
        lane_release(pool, old);
    else if (pool->precise)
        MEMORY_DEAD(old->small, SMALL_BYTES);
    return true;
}

static size_t room_from_lane(Pool *pool, ArenaArray *array, size_t bytes)
{
    if (array->lane == NULL) {
        array->lane = take_lane(pool, array, bytes);
        if (array->lane == NULL)
            return 0;
        array->items = lane_start(array->lane);
    }
    Lane *lane = array->lane;
    if (lane->uses_small && array->items == lane->small) {
        if (bytes <= SMALL_BYTES)
            return SMALL_BYTES;
    } else if (bytes <= lane->reserved || lane->committed == 0) {
        if (!lane_commit(pool, lane, bytes))
            return 0;
        array->items = lane->base;
        return lane->committed;
    }
    return move_items(pool, array, bytes) ? array->lane->committed : 0;
}

/* ---- Growing and shrinking ---- */

static void set_capacity(Pool *pool, ArenaArray *array, size_t n, size_t room, size_t grant)
{
    size_t capacity = room / array->element_size;
    size_t granted = pool->precise ? n : grant / array->element_size;
    if (capacity > array->step)
        capacity = array->step;
    if (granted < capacity - array->count)
        capacity = array->count + granted;
    array->capacity = capacity;
    MEMORY_FRESH(array->items + array_used(array), array_room(array));
}

void array_reserve_slow(ArenaArray *array, size_t n)
{
    ArenaAccount *account = array->arena->account;
    Pool *pool = account->pool;
    /* Half the address space is more than there is; within it no sum or product below can wrap. */
    if (n > PTRDIFF_MAX / array->element_size / 2 - array->count)
        pool_refused(pool, account, n > SIZE_MAX / array->element_size ? SIZE_MAX : n * array->element_size);
    size_t bytes = n * array->element_size;
    size_t elements = array->count + n;
    bool grows = elements > array->step;
    if (grows)
        pool_count_attempt(pool, account, bytes);
    array->capacity = array->count;
    array->promised = 0;
    size_t grant = pool_grant(account, bytes);
    size_t step = next_step(array, elements);
    size_t room = pool->options.mode == POOL_MALLOC ? room_from_malloc(array, step)
                                                    : room_from_lane(pool, array, elements * array->element_size);
    if (room == 0)
        pool_refused(pool, account, bytes);
    if (grows) {
        array->step = step;
        array->arena->allocations++;
        array->arena->array_steps++;
    }
    set_capacity(pool, array, n, room, grant);
    pool_tell(pool, array->arena, array, bytes);
}

void array_cut(Pool *pool, ArenaArray *array, size_t count)
{
    array->promised = 0;
    if (count >= array->count)
        return;
    if (pool->precise && pool->options.mode != POOL_MALLOC) {
        MEMORY_DEAD(array->items + count * array->element_size, (array->capacity - count) * array->element_size);
        array->capacity = count;
    }
    array->count = count;
}

void array_truncate(ArenaArray *array, size_t count)
{
    Pool *pool = array->arena->account->pool;
    if (count < array->count)
        pool_sample(pool);
    array_cut(pool, array, count);
}
