/*
 * Charges: which place in the source the bytes of the phases' arenas were spent on.  Made only with --memory-report-detail.
 *
 * A charge is some bytes and two places: one on the line that they belong to, and one in the function.  For tokens and nodes
 * the two are the same.  What nobody is charged with in the end belongs to no function and no line, so that all charges
 * together are what the arena held, to the byte.
 *
 * Memory: the caller's, outside of the compilation, so that its own accounts are the same with and without charges.
 */
#ifndef POLEC_CHARGES_H
#define POLEC_CHARGES_H

#include "base/names.h"

typedef enum {
    CHARGED_LEX, CHARGED_PARSE, CHARGED_IR, CHARGED_CODEGEN, /* ORDER Phase */
    CHARGED_SCRATCH, /* what code generation took from its scratch, given back or not */
    N_CHARGED
} Charged;

typedef struct { SourcePos line, function; uint32_t bytes; } Charge;

/* From `func`, or the annotations in front of it, to where the next declaration begins. */
typedef struct { NameId name; SourcePos pos; /* of the name */ uint32_t start, end; } ChargedFunction;

typedef struct Charges {
    Arena *arena;
    ArenaArray *charges[N_CHARGED]; /* Charge.  CHARGED_LEX: one for each token, in the order of the text */
    ArenaArray *functions;          /* ChargedFunction, ascending */
} Charges;

Charges charges_open(Arena *arena);

/* Place 0 is nowhere. */
void charge(Charges *charges, Charged what, SourcePos line, SourcePos function, size_t bytes);

/* The start of the last token before `pos`; 0: there is none. */
SourcePos charges_token_before(const Charges *charges, SourcePos pos);

#endif
