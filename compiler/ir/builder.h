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

/* ---- Building again after a change (recheck.c) -------------------------------------------------------------------- */

typedef struct BuildPast BuildPast;

/* What is as it was when the earlier build was made. */
typedef struct {
    uint32_t n_words;        /* of the tree, from its start */
    uint32_t n_names;        /* the names with smaller numbers */
    SourcePos end;           /* the text in front of it */
} BuildStable;

typedef struct {
    Ir ir;
    BuildPast *past;         /* for the next build; lies in `scratch` */
    size_t kept, kept_types; /* bytes of the product and of the types that were taken over */
} BuildAgain;

/* build_ir(), with functions taken over from the build `before` (NULL: none) where they would come out the same.  That
   one's arenas, and its table of types, must still be there.  `scratch` is open and stays so. */
BuildAgain build_ir_again(Arena *arena, Arena *scratch, Session *session, const Ast *ast, const BuildPast *before,
                          BuildStable stable);

void ir_dump(FILE *stream, Session *session, const Ir *ir);

/* The same; `told` gets a DumpLine (dump_line.h) for each line.  Working memory: `scratch`. */
void ir_dump_lines(FILE *stream, const Session *session, const Ir *ir, Arena *scratch, ArenaArray *told);

/* Checks everything that ir.h promises; reports the first violation to `stream` and returns false. */
bool ir_verify(FILE *stream, const Session *session, const Ir *ir, Arena *scratch);

#endif
