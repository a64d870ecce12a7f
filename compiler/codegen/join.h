/* Several relocatable objects become one, as `ld -r` would do it. */
#ifndef POLEC_CODEGEN_JOIN_H
#define POLEC_CODEGEN_JOIN_H

#include "codegen/code.h"

/*
 * The objects of a program's units, as LLVM made them for x86-64 ELF, joined in their order.  Hidden symbols, by which the
 * units know each other, become local.  The result lies in `arena`; `scratch` is for tables.  Each object is
 * disposed of as soon as it has been copied.
 */
CodeBuffer join_objects(Arena *arena, Arena *scratch, CodeBuffer *objects, uint32_t n);

#endif
