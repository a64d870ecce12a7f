/*
 * What is found by two numbers: a hash table, for lists that a program can make too long to be searched again and again.
 *
 * Ordinary programs have none: names with one meaning, records of a few fields, lists that fit on a screen are searched
 * as they stand, and only what goes beyond LONG_LIST elements is entered here.  The table doubles by being made anew; the
 * old ones stay behind until the arena dies, and are together about as large as the last.
 */
#include "ir/index.h"

enum { FIRST_SLOTS = 64 };

/* The slot of the pair, or the free one where it belongs. */
static IndexSlot *slot_of(const Index *index, uint32_t first, uint32_t second)
{
    uint64_t hash = ((uint64_t)first << 32 | second) * 0x9E3779B97F4A7C15u;
    hash ^= hash >> 29;
    uint32_t mask = index->n_slots - 1;
    for (uint32_t at = (uint32_t)(hash >> 8) & mask;; at = (at + 1) & mask) {
        IndexSlot *slot = &index->slots[at];
        if (slot->value == 0 || (slot->first == first && slot->second == second))
            return slot;
    }
}

uint32_t index_find(const Index *index, uint32_t first, uint32_t second)
{
    return index->n_slots == 0 ? 0 : slot_of(index, first, second)->value;
}

static void grow(Index *index, Arena *arena)
{
    Index old = *index;
    index->n_slots = old.n_slots == 0 ? FIRST_SLOTS : 2 * old.n_slots;
    index->slots = arena_push_zero(arena, index->n_slots * sizeof *index->slots);
    for (uint32_t i = 0; i < old.n_slots; i++)
        if (old.slots[i].value != 0)
            *slot_of(index, old.slots[i].first, old.slots[i].second) = old.slots[i];
}

void index_put(Index *index, Arena *arena, uint32_t first, uint32_t second, uint32_t value)
{
    if (2 * (index->n_used + 1) > index->n_slots)
        grow(index, arena);
    IndexSlot *slot = slot_of(index, first, second);
    index->n_used += slot->value == 0;
    *slot = (IndexSlot){first, second, value};
}
