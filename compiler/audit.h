/*
 * The audit of lifetimes (--audit-lifetimes): before an arena dies, all that is still alive is searched for what leads
 * into it.  audit.c says what is alive, and how pointers and handles are found.
 *
 * An offender is a fault of ours: it is told on standard error, and the compilation ends with STATUS_INTERNAL and
 * without output.
 */
#ifndef POLEC_AUDIT_H
#define POLEC_AUDIT_H

#include <stdio.h>

#include "session.h"

typedef struct Compilation Compilation;

enum { AUDIT_MOST_TOLD = 16 };

/* An object in an arena, as a person would name it. */
typedef struct {
    const char *arena;      /* or the name of a struct outside of all arenas */
    char object[104];       /* "AST node 'binary' at word 12" */
    NameId function;        /* of the user's program; 0: none is known */
    SourcePos pos;          /* 0: none is known */
    size_t offset;          /* bytes from the start of its array, of what was pushed, or of the struct */
} AuditPlace;

typedef struct {
    AuditPlace holder, target;
    const char *handle;     /* "field 'left', a NodeId"; NULL: it is a pointer */
    const void *held_at;
    uintptr_t value;        /* of the pointer or the handle */
    bool died_before;       /* into an arena that had died before the one in question */
} AuditFinding;

/* Lives as long as the compilation: on the stack of compile(). */
typedef struct {
    bool ending;                      /* the phases are over: what they left behind is nobody's any more */
    bool seen[N_PHASES];              /* the phase's arena has been audited: its product is dead */
    const void *products[N_PHASES];   /* Tokens, Ast, Ir: the roots on the driver's side, while they are alive */
    uint32_t n_findings;              /* more may have been found than are kept */
    AuditFinding findings[AUDIT_MOST_TOLD];
    uint64_t arenas, words, nanoseconds; /* what was looked at: deaths, 32-bit words, and the time it took */
} Audit;

void audit_open(Audit *audit);

/* The product of a phase stands at this address until its phase is retired. */
void audit_product(Compilation *c, Phase phase, const void *product);

/* The product of the phase has been read for the last time; its arena is still there. */
void audit_retire(Compilation *c, Phase phase);

/* PoolOptions.dying; the context is the Compilation.  For scratch, of which the driver hears nothing. */
void audit_dying(void *compilation, const Arena *arena);

/* The phases are over, or were left by a jump. */
void audit_end(Compilation *c);

/* Fills in the report.  Findings end the compilation with STATUS_INTERNAL, so that nothing is written. */
void audit_judge(Compilation *c);

/* The findings; `summary`: also what was looked at. */
void audit_print(FILE *stream, const Compilation *c, bool summary);

#endif
