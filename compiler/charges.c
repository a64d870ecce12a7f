#include "charges.h"

Charges charges_open(Arena *arena)
{
    Charges charges = {.arena = arena};
    for (int what = 0; what < N_CHARGED; what++)
        charges.charges[what] = arena_array(arena, "charge", sizeof(Charge));
    charges.functions = arena_array(arena, "charged function", sizeof(ChargedFunction));
    return charges;
}

void charge(Charges *charges, Charged what, SourcePos line, SourcePos function, size_t bytes)
{
    if (bytes > 0)
        *(Charge *)array_push(charges->charges[what], 1) = (Charge){line, function, (uint32_t)bytes};
}

SourcePos charges_token_before(const Charges *charges, SourcePos pos)
{
    const Charge *tokens = (const Charge *)(const void *)charges->charges[CHARGED_LEX]->items;
    size_t low = 0, high = charges->charges[CHARGED_LEX]->count; /* those before `low` begin before `pos` */
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (tokens[middle].line.at < pos.at)
            low = middle + 1;
        else
            high = middle;
    }
    return low > 0 ? tokens[low - 1].line : (SourcePos){0};
}
