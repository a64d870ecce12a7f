/* One instruction of the IR; `at` is its place in the function and so its value's id. */
#ifndef POLEC_CODEGEN_GEN_INSTRUCTION_H
#define POLEC_CODEGEN_GEN_INSTRUCTION_H

#include "codegen/gen.h"

void gen_instruction(Gen *gen, const IrHead *head, ValueId at);

#endif
