/*
 * What is found by two numbers, where a list would be too long to be searched.  Memory: the arena that is handed in, which
 * keeps the smaller tables of before, too.
 */
#ifndef POLEC_IR_INDEX_H
#define POLEC_IR_INDEX_H

#include "base/arena.h"

enum { LONG_LIST = 16 }; /* elements: up to here a list is searched as it stands */

typedef struct { uint32_t first, second, value; } IndexSlot; /* value 0: a free slot */
typedef struct { IndexSlot *slots; uint32_t n_slots, n_used; } Index; /* all 0 until something is put into it */

uint32_t index_find(const Index *index, uint32_t first, uint32_t second); /* 0 if there is nothing */
/* The value must not be 0; it takes the place of an earlier one. */
void index_put(Index *index, Arena *arena, uint32_t first, uint32_t second, uint32_t value);

#endif
