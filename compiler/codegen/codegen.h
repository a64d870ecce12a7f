/* The fourth phase: IR to machine code (or LLVM's text, bitcode, assembly), through LLVM. */
#ifndef POLEC_CODEGEN_CODEGEN_H
#define POLEC_CODEGEN_CODEGEN_H

#include "codegen/code.h"
#include "ir/ir.h"
#include "session.h"

/*
 * Makes what options->emit asks for.  Functions go to LLVM in units of about a hundred, each with a context of its own
 * that is disposed as soon as the unit's object stands.  Our own tables (values, blocks, layouts) live in `arena`.
 *
 * With -j several threads make the units of one program; the result is the same, to the byte.  Each has an arena of its own
 * for those tables, in a pool of its own.  This phase opens and frees them as it does its scratch; to the account they are
 * added as if all had been at their largest at once.  The session and the IR are only read meanwhile.
 */
Code codegen(Arena *arena, Session *session, const Ir *ir);

/*
 * When codegen() was left through session->on_fatal: gives back what LLVM held for it.  To be called before the codegen
 * arena is freed; otherwise it does nothing.
 */
void codegen_abandon(Session *session);

#endif
