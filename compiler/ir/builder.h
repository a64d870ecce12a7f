/* The third phase: tree to IR.  Names, types and instructions in one walk over each function. */
#ifndef POLEC_IR_BUILDER_H
#define POLEC_IR_BUILDER_H

#include <stdio.h>

#include "ir/ir.h"
#include "parser/ast.h"
#include "session.h"

/*
 * Resolves names, infers types, checks matches and contracts, and makes one IR function of every function, lambda and
 * instance of a generic function.  Functions with errors are reported (E1xx, E2xx) and left out; if anything was
 * reported, the product must not go to codegen.
 * Results go to `arena`; types to the session.
 */
Ir build_ir(Arena *arena, Session *session, const Ast *ast);

void ir_dump(FILE *stream, Session *session, const Ir *ir);

/* The same; `told` gets a DumpLine (dump_line.h) for each line.  Working memory: `scratch`. */
void ir_dump_lines(FILE *stream, const Session *session, const Ir *ir, Arena *scratch, ArenaArray *told);

/* Checks everything that ir.h promises; reports the first violation to `stream` and returns false. */
bool ir_verify(FILE *stream, const Session *session, const Ir *ir, Arena *scratch);

#endif
