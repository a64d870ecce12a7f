/* The trail: two arrays of places beside the builder's two arrays of words. */
#include "ir/trail.h"

void trail_open(IrTrail *trail, Arena *arena)
{
    trail->words = arena_array(arena, "trail", sizeof(SourcePos));
    trail->finished = arena_array(arena, "trail", sizeof(SourcePos));
}

static SourcePos *places(ArenaArray *array, uint32_t end)
{
    if (array->count < end)
        array_push(array, end - array->count);
    return (SourcePos *)(void *)array->items;
}

void trail_note(IrTrail *trail, uint32_t end, uint32_t n, SourcePos pos)
{
    SourcePos *items = places(trail->words, end);
    for (uint32_t i = end - n; i < end; i++)
        items[i] = pos;
}

static void move(ArenaArray *from_array, uint32_t from, ArenaArray *to_array, uint32_t to, uint32_t n)
{
    const SourcePos *source = places(from_array, from + n);
    SourcePos *target = places(to_array, to + n);
    for (uint32_t i = 0; i < n; i++)
        target[to + i] = source[from + i];
}

void trail_set_aside(IrTrail *trail, uint32_t from, uint32_t to, uint32_t n)
{
    if (trail != NULL)
        move(trail->words, from, trail->finished, to, n);
}

void trail_bring_back(IrTrail *trail, uint32_t from, uint32_t to, uint32_t n)
{
    if (trail != NULL)
        move(trail->finished, from, trail->words, to, n);
}

SourcePos trail_place(const IrTrail *trail, const IrHead *instruction, uint32_t word)
{
    SourcePos own = ir_place(instruction);
    if (own.at != 0 || trail == NULL || word >= trail->words->count)
        return own;
    return ((const SourcePos *)(const void *)trail->words->items)[word];
}
