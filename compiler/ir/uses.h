/*
 * Uses: what every name in the program means.
 *
 * The builder resolves each name once, uses what it means, and forgets it.  Whoever wants to know more (a language server:
 * what is this, where is it declared?) has it written down: with session.ir_uses set, a build notes each name with its
 * place, the place of its declaration, and its type.  Without, it costs one comparison a name.
 *
 * Memory: the arena given to uses_open().  Types are the session's, names of type parameters lie in the builder's scratch
 * arena: so uses are good until either goes.  Only build_ir_again() keeps its scratch, so that is the build to ask.
 *
 * Places ascend within a function, not in the whole: functions are built in an order of their own.  A name may be noted
 * more than once.
 */
#ifndef POLEC_IR_USES_H
#define POLEC_IR_USES_H

#include "ir/types.h"

typedef enum {
    USE_LOCAL,          /* variable of a let, a pattern, a lambda, and parameters */
    USE_FUNCTION, USE_EXTERN, USE_CONSTRUCTOR,
    USE_BUILTIN,        /* function or constructor of the language */
    USE_FIELD,
    USE_TYPE, USE_TYPE_PARAMETER,
    USE_MODULE,         /* or an imported file */
} UseKind;

typedef struct {
    SourcePos at;             /* the name */
    SourcePos definition;     /* the name where it is declared; of an import the first byte of its file; 0: nowhere */
    NameId name;
    TypeId type;              /* of this use; 0 or TYPE_ERROR: unknown.  Of a function: only if it is generic */
    const NameId *parameters; /* what TYPE_PARAMETER 0, 1 ... are called in `type` */
    uint32_t n_parameters;
    uint8_t kind;             /* UseKind */
} Use;

typedef struct IrUses {
    ArenaArray *uses;         /* Use */
    ArenaArray *definitions;  /* SourcePos, by the builder's numbers of locals */
    size_t n_settled;         /* uses whose types have no variables any more */
} IrUses;

void uses_open(IrUses *uses, Arena *arena);

/* The use that covers `pos`, or touches it with its end; NULL if no name does. */
const Use *use_at(const IrUses *uses, const Names *names, SourcePos pos);

#endif
