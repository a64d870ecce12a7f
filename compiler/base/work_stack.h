/*
 * A work stack: an arena array that is used as a stack.
 *
 * Popping an ordinary array tells its arena, which then looks whether the moment was a peak: exact, but too dear for
 * something that is popped millions of times.  A work stack keeps its own top and never gives memory back before its
 * arena dies, so it holds, and counts as held, what it needed at its highest.
 */
#ifndef POLEC_BASE_WORK_STACK_H
#define POLEC_BASE_WORK_STACK_H

#include "base/arena.h"

typedef struct {
    char *items;
    size_t count;        /* elements on the stack; at most array->count */
    ArenaArray *array;
} WorkStack;

static inline WorkStack work_stack(Arena *arena, const char *kind, size_t element_size)
{
    ArenaArray *array = arena_array(arena, kind, element_size);
    return (WorkStack){array->items, 0, array};
}

/* Room for `n` more elements; the address is good until the next push. */
static inline void *stack_push(WorkStack *stack, size_t n)
{
    ArenaArray *array = stack->array;
    if (stack->count + n > array->count) {
        array_push(array, stack->count + n - array->count);
        stack->items = array->items;
    }
    void *first = stack->items + stack->count * array->element_size;
    stack->count += n;
    return first;
}

/* After this, pushing `n` elements does not move the items. */
static inline void stack_reserve(WorkStack *stack, size_t n)
{
    stack_push(stack, n);
    stack->count -= n;
}

static inline void stack_truncate(WorkStack *stack, size_t count)
{
    stack->count = count;
}

#endif
