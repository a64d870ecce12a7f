/*
 * Debug information (-g): what the machine code has to do with the source, as DWARF, through LLVM's DIBuilder.
 *
 * Functions, lines, parameters and variables, and how values of every type lie in memory.  Every variable is stored to a
 * stack slot of its own when it is bound, so that a debugger finds it there as long as it is in scope; with optimisation
 * LLVM takes the slots away and says where the value went.
 *
 * The language poses as C, which every debugger can print: a record is a struct, a list `{ elements, length }`, a variant
 * its tag and one member for each constructor that holds something.
 *
 * Memory: LLVM's context, and a table of types in the unit's scratch arena.
 */
#ifndef POLEC_CODEGEN_DEBUG_H
#define POLEC_CODEGEN_DEBUG_H

#include "codegen/gen.h"

/* A type of the current unit. */
typedef struct { LLVMMetadataRef type; bool in_progress; } DebugType;

/* Stands for a type that is met inside itself, until that is known. */
typedef struct { LLVMMetadataRef stand_in; TypeId type; } DebugStandIn;

/* A variable in scope, and the lexical block that it opened. */
typedef struct { uint32_t number; LLVMMetadataRef block; } DebugScope;

typedef struct Debug {
    LLVMDIBuilderRef builder;
    LLVMMetadataRef *files;      /* by FileId */
    LLVMMetadataRef unit;
    ArenaArray *types;           /* DebugType, by TypeId */
    ArenaArray *stand_ins;       /* DebugStandIn */
    uint32_t type_levels;        /* types that are being described, each inside of the one before */
    LLVMMetadataRef expression;  /* the empty one */

    /* function */
    LLVMMetadataRef function;
    ArenaArray *scopes;          /* DebugScope, outermost first */
    ArenaArray *captured;        /* uint32_t: captures that have been declared */
    LLVMValueRef closure_slot;   /* where the running closure's address is, or NULL */
    LLVMValueRef frame;          /* its PoleFrame (runtime.h) */
    uint32_t line;               /* of the latest location; 0 before the first */
    uint32_t n_parameters;       /* declared so far */
} Debug;

/* debug.c */
void debug_begin(Gen *gen);              /* of a unit; behind gen_unit_begin's own work */
void debug_end(Gen *gen);                /* before the module is emitted */
void debug_function(Gen *gen);           /* gen->current begins: its blocks are there, and empty */
void debug_function_ends(Gen *gen);
void debug_instruction(Gen *gen, const IrHead *head); /* is about to be generated */
LLVMMetadataRef debug_file(Gen *gen, SourcePos pos);
uint32_t debug_line(Gen *gen, SourcePos pos);

/* debug_type.c */
LLVMMetadataRef debug_type(Gen *gen, TypeId type);
void debug_settle_types(Gen *gen);       /* puts the real types where others stand in for them */

#endif
