/*
 * Maps: what lies where in each arena, and where in the source it comes from.
 *
 * The great arrays of a product need no recording, since the page has the product's lines: the k-th token kind belongs
 * to the k-th token.  Of all other memory each allocation is noted, with the place in the source that was being worked
 * on; neighbours with the same place are one run.
 */
#ifndef POLEC_PAGE_MAPS_H
#define POLEC_PAGE_MAPS_H

#include <stdio.h>

#include "base/arena.h"
#include "session.h"

struct Compilation;

enum { MAPS_SESSION = N_PHASES, N_MAPS };

/* `last`: the index of its newest run plus 1, 0 if there is none. */
typedef struct { uint32_t last; } MapRegion;

typedef struct {
    ArenaArray *runs;
    MapRegion regions[N_MAPS][ARENA_MAX_ARRAYS + 1]; /* of the arrays in order, then of what was pushed */
    uint64_t pushed[N_MAPS];                         /* bytes */
} Maps;

void maps_open(Maps *maps, Arena *arena);
void maps_note(Maps *maps, const struct Compilation *compilation, const Arena *arena, const ArenaArray *array,
               size_t bytes);

/* One member of a JSON object: `which` is a Phase, whose product may be given, or MAPS_SESSION. */
void maps_write(Maps *maps, FILE *data, const struct Compilation *compilation, int which, const void *product);

#endif
