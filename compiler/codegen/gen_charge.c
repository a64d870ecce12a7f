/*
 * Charging functions and lines with what is allocated while their code is generated (--memory-report-detail): in the
 * codegen arena, mostly layouts that they are the first to need, and in scratch.
 */
#include "codegen/gen.h"

#include "charges.h"
#include "ir/ir_places.h"

static void note_used(Gen *gen)
{
    gen->charged_used = arena_used(gen->arena);
    gen->charged_scratch = arena_used(gen->scratch);
}

void gen_charge_start(Gen *gen)
{
    if (gen->session->charges != NULL)
        note_used(gen);
}

void gen_charge_function(Gen *gen)
{
    Charges *charges = gen->session->charges;
    if (charges == NULL)
        return;
    if (gen->places_of_words == NULL)
        gen->places_of_words = arena_array(charges->arena, "place", sizeof(SourcePos));
    array_truncate(gen->places_of_words, 0);
    ir_places(gen->ir, gen->current, array_push(gen->places_of_words, gen->current->n_words));
    note_used(gen);
}

/* Less than before: something was given back meanwhile, and what was taken in its stead is not told apart. */
static size_t more(size_t now, size_t before)
{
    return now > before ? now - before : 0;
}

static void charge_place(Gen *gen, SourcePos line, SourcePos function)
{
    Charges *charges = gen->session->charges;
    charge(charges, CHARGED_CODEGEN, line, function, more(arena_used(gen->arena), gen->charged_used));
    charge(charges, CHARGED_SCRATCH, line, function, more(arena_used(gen->scratch), gen->charged_scratch));
    note_used(gen);
}

void gen_charge(Gen *gen, uint32_t word)
{
    if (gen->session->charges != NULL)
        charge_place(gen, ((const SourcePos *)(const void *)gen->places_of_words->items)[word], gen->current->pos);
}

void gen_charge_nobody(Gen *gen)
{
    if (gen->session->charges != NULL)
        charge_place(gen, (SourcePos){0}, (SourcePos){0});
}
