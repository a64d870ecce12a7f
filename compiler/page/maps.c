/*
 * The maps of the arenas.  The runs of all regions stand in one array, each linked to the one before it in its region,
 * because an array in an arena may shrink and its newest runs have to go then.
 */
#include "page/maps.h"

#include "driver.h"
#include "ir/ir.h"
#include "json.h"
#include "lexer/tokens.h"
#include "parser/ast.h"

typedef struct {
    uint32_t start, n;   /* elements of an array; bytes of what was pushed */
    uint32_t pos;        /* SourcePos, 0: nowhere */
    uint32_t next_older; /* in its region: index plus 1, or 0 */
} MapRun;

void maps_open(Maps *maps, Arena *arena)
{
    maps->runs = arena_array(arena, "map run", sizeof(MapRun));
}

static MapRun *run_at(const Maps *maps, uint32_t index)
{
    return (MapRun *)(void *)maps->runs->items + index;
}

static const Arena *arena_of(const Compilation *c, int which)
{
    return which == MAPS_SESSION ? &c->session.arena : &c->phases[which].arena;
}

static void add_run(Maps *maps, MapRegion *region, uint32_t start, uint32_t n, uint32_t pos)
{
    while (region->last != 0 && run_at(maps, region->last - 1)->start >= start) /* what was there is gone */
        region->last = run_at(maps, region->last - 1)->next_older;
    if (region->last != 0) {
        MapRun *last = run_at(maps, region->last - 1);
        if (last->start + last->n > start)
            last->n = start - last->start;
        if (last->pos == pos) {
            last->n = start + n - last->start;
            return;
        }
    }
    *(MapRun *)array_push(maps->runs, 1) = (MapRun){start, n, pos, region->last};
    region->last = (uint32_t)maps->runs->count;
}

void maps_note(Maps *maps, const Compilation *c, const Arena *arena, const ArenaArray *array, size_t bytes)
{
    int which = MAPS_SESSION;
    while (which >= 0 && arena_of(c, which) != arena)
        which--;
    if (which < 0)
        return; /* a phase's scratch */
    uint32_t pos = c->session.working_at.at;
    if (array != NULL) {
        add_run(maps, &maps->regions[which][array - arena->arrays], (uint32_t)array->count,
                (uint32_t)(bytes / array->element_size), pos);
        return;
    }
    add_run(maps, &maps->regions[which][ARENA_MAX_ARRAYS], (uint32_t)maps->pushed[which], (uint32_t)bytes, pos);
    maps->pushed[which] += bytes;
}

/* ---- Writing ----------------------------------------------------------------------------------------------------- */

/* What the elements of an array are, where the page can find out by itself where they come from. */
static const char *items_of(const Compilation *c, int which, const void *product, const void *items)
{
    const Tokens *tokens = product;
    const Ast *ast = product;
    const Ir *ir = product;
    if (which == MAPS_SESSION)
        return items == c->session.text.text->items ? "text" : NULL;
    if (product == NULL)
        return NULL;
    switch ((Phase)which) {
    case PHASE_LEX:
        return items == tokens->kinds || items == tokens->gaps ? "tokens" : items == tokens->names ? "identifiers" : NULL;
    case PHASE_PARSE: return items == ast->words ? "nodes" : NULL;
    case PHASE_IR: return items == ir->words ? "instructions" : NULL;
    case PHASE_CODEGEN: case N_PHASES: break;
    }
    return NULL;
}

/* The runs in ascending order, as [start, n, pos, start, n, pos ...]; the list is turned round for it. */
static void write_runs(Maps *maps, FILE *data, MapRegion *region, uint64_t end)
{
    uint32_t turned = 0;
    for (uint32_t at = region->last; at != 0;) {
        MapRun *run = run_at(maps, at - 1);
        uint32_t older = run->next_older;
        run->next_older = turned;
        turned = at;
        at = older;
    }
    fputs(", \"runs\": [", data);
    const char *separator = "";
    for (uint32_t at = turned; at != 0; at = run_at(maps, at - 1)->next_older) {
        const MapRun *run = run_at(maps, at - 1);
        if (run->start >= end)
            break;
        uint64_t n = run->n < end - run->start ? run->n : end - run->start;
        fprintf(data, "%s%u,%llu,%u", separator, (unsigned)run->start, (unsigned long long)n, (unsigned)run->pos);
        separator = ",";
    }
    fputc(']', data);
    region->last = 0;
}

static void write_region(Maps *maps, FILE *data, const char *name, uint64_t count, uint64_t size, const char *items,
                         MapRegion *region)
{
    fputs("\n  {\"name\": ", data);
    json_write_string(data, name);
    fprintf(data, ", \"count\": %llu, \"size\": %llu", (unsigned long long)count, (unsigned long long)size);
    if (items != NULL)
        fprintf(data, ", \"items\": \"%s\"", items);
    else
        write_runs(maps, data, region, count);
    fputc('}', data);
}

void maps_write(Maps *maps, FILE *data, const Compilation *c, int which, const void *product)
{
    const Arena *arena = arena_of(c, which);
    uint64_t rest = arena_used(arena);
    const char *separator = "";
    fprintf(data, ", \"map %s\": [", which == MAPS_SESSION ? "session" : phase_name((Phase)which));
    for (uint32_t i = 0; i < arena->n_arrays; i++) {
        const ArenaArray *array = &arena->arrays[i];
        if (array->count == 0)
            continue;
        rest -= array->count * array->element_size;
        fputs(separator, data);
        write_region(maps, data, array->kind, array->count, array->element_size,
                     items_of(c, which, product, array->items), &maps->regions[which][i]);
        separator = ",";
    }
    if (rest > 0) {
        fputs(separator, data);
        write_region(maps, data, "allocated one by one", rest, 1, NULL, &maps->regions[which][ARENA_MAX_ARRAYS]);
    }
    fputs("]\n", data);
}
