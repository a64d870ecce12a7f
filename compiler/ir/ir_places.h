/* The place in the source of every instruction, also of those that carry none. */
#ifndef POLEC_IR_IR_PLACES_H
#define POLEC_IR_IR_PLACES_H

#include "ir/ir.h"

/* Fills places[0 .. n_words): an instruction's is at the index of its first word. */
void ir_places(const Ir *ir, const IrFunction *function, SourcePos *places);

#endif
