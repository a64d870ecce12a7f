/*
 * Tables of kinds: how an arena's bytes divide.
 *
 * The sum of the rows equals the bytes used, to the byte, by construction: whatever no row explains is the last row.
 */
#include "memory_report.h"

#include <assert.h>
#include <string.h>

KindTable kinds_open(PolecKinds *kinds, Arena *arena)
{
    kinds->n = 0;
    return (KindTable){.kinds = kinds, .arena = arena};
}

void kinds_add(KindTable *table, const char *kind, uint64_t count, uint64_t bytes)
{
    PolecKinds *kinds = table->kinds;
    table->explained += bytes;
    if (count == 0)
        return;
    /* Two things may go by one name, as instructions for small and for large integers do: they are neighbours. */
    if (kinds->n > 0 && strcmp(kinds->kinds[kinds->n - 1].kind, kind) == 0) {
        kinds->kinds[kinds->n - 1].count += count;
        kinds->kinds[kinds->n - 1].bytes += bytes;
        return;
    }
    assert(kinds->n < POLEC_MAX_KINDS);
    kinds->kinds[kinds->n++] = (PolecKind){kind, count, bytes};
}

void kinds_told(KindTable *table, const void *items)
{
    assert(table->n_told < ARENA_MAX_ARRAYS);
    table->told[table->n_told++] = items;
}

static bool is_told(const KindTable *table, const ArenaArray *array)
{
    for (uint32_t i = 0; i < table->n_told; i++)
        if (table->told[i] == array->items)
            return true;
    return false;
}

void kinds_close(KindTable *table)
{
    for (uint32_t i = 0; i < table->arena->n_arrays; i++) {
        const ArenaArray *array = &table->arena->arrays[i];
        if (array->count > 0 && !is_told(table, array))
            kinds_add(table, array->kind, array->count, array->count * array->element_size);
    }
    arena_settle_kinds(table->arena);
    for (uint32_t i = 0; i < table->arena->n_kinds; i++) {
        const ArenaKind *kind = &table->arena->kinds[i];
        kinds_add(table, kind->kind, kind->count, kind->bytes);
    }
    uint64_t used = arena_used(table->arena);
    assert(table->explained <= used);
    if (used > table->explained)
        kinds_add(table, "other", 1, used - table->explained);
}
