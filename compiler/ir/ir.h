/*
 * Ir: the program with names resolved and types known, in SSA form.
 *
 *   made by    build_ir(), ir/builder.h
 *   read by    codegen(), ir_dump(), ir_verify()
 *   memory     everything below lives in the `ir` arena
 *   dies       when codegen() has returned (driver.c)
 *
 * After build_ir() nothing refers to the tree.  Types are TypeIds, names NameIds, string literals and places in
 * messages SourcePos; all three belong to the session.
 *
 * A function is a run of 32-bit words: instruction after instruction, each a C struct as large as its operation needs.
 * A ValueId is the index of the instruction that computes the value, counted in words from the function's first word,
 * so a function can be moved as a whole.  Basic blocks stand in the order in which they were built: IrBlock starts
 * one, its parameters (IR_PARAM) follow, a terminator ends it.  The language has no assignment, so the only joins are
 * block parameters.  A value may be used in every block that its own block dominates.  Block 0 is the entry and
 * its parameters are the function's (those of type Unit included); a self tail call is a jump to it.
 *
 * One value may be a whole record: the code generator spreads it over scalars.  Int and Nat are represented alike, so
 * are String, Ptr and HashMap as far as their address goes: where the language converts between them implicitly, the
 * operand simply keeps its own type and no instruction is spent.
 */
#ifndef POLEC_IR_IR_H
#define POLEC_IR_IR_H

#include "ir/types.h"

typedef enum {
#define INSTRUCTION(op, type, name, has_value) IR_##op,
#include "ir/ir.def"
#undef INSTRUCTION
    N_IR_OPS
} IrOp;

typedef enum {
#define BUILTIN(id, module, member, name, synonym, type) BUILTIN_##id,
#include "ir/builtins.def"
#undef BUILTIN
    N_BUILTINS
} Builtin;

typedef struct { uint32_t i; } ValueId;    /* words from the start of the function; 0 is "none" (block 0 stands there) */
typedef struct { uint32_t i; } BlockId;    /* 0, 1, 2 ... in a function */
typedef struct { uint32_t i; } FunctionId; /* index into Ir.functions */
typedef struct { uint32_t i; } ExternId;   /* index into Ir.externs */

/* Every instruction starts with this one word; `type` is the TypeId of its value (Unit if it has none). */
enum { IR_OP_BITS = 8, IR_TYPE_BITS = 24 };
typedef struct { uint32_t op : IR_OP_BITS, type : IR_TYPE_BITS; } IrHead;

typedef struct { IrHead head; } IrPlain;
typedef struct { IrHead head; uint32_t index; } IrIndex;
typedef struct { IrHead head; uint32_t low, high; } IrWide;
typedef struct { IrHead head; SourcePos pos; ValueId left, right; } IrBinary;
typedef struct { IrHead head; SourcePos pos; ValueId operand; } IrUnary;
typedef struct { IrHead head; ValueId value; uint32_t index; } IrSelect;
typedef struct { IrHead head; ValueId value; uint32_t constructor, index; } IrPayload;
typedef struct { IrHead head; uint32_t n; ValueId values[]; } IrMany;
typedef struct { IrHead head; uint32_t constructor; uint32_t n; ValueId values[]; } IrVariant;
typedef struct { IrHead head; SourcePos pos; uint32_t callee; uint32_t n; ValueId arguments[]; } IrCall;
typedef struct { IrHead head; SourcePos pos; ValueId condition; uint32_t what; /* IrCheckKind */ NameId function; } IrCheck;
typedef struct { IrHead head; BlockId block; uint32_t n_params; } IrBlock;
typedef struct { IrHead head; BlockId target; uint32_t n; ValueId arguments[]; } IrJump;
typedef struct { IrHead head; ValueId condition; BlockId then_block, else_block; } IrBranch;
typedef struct { IrHead head; ValueId value; } IrReturn;

/* Variables are numbered in the order of binding; a location says how many of them are in scope: those with smaller
   numbers.  A variable whose value is an IR_CAPTURE belongs to a function around this one and is always in scope. */
typedef struct { IrHead head; SourcePos pos; uint32_t n_in_scope; } IrLocation;
typedef struct { IrHead head; ValueId value; NameId name; uint32_t number; } IrVariable;

typedef enum { CHECK_REQUIRES, CHECK_ENSURES } IrCheckKind;

enum {
    IR_CLOSURE_BODY = 1, /* called through a function value: takes its captures from the closure (IR_CAPTURE) */
    IR_MAIN = 2,
    IR_TAIL_LOOP = 4,    /* some block jumps to block 0 */
    IR_TEST = 8,         /* takes nothing, returns Bool: did the test pass? */
    IR_STAGE_SHIFT = 4,  /* flags >> IR_STAGE_SHIFT: if not 0, the first stage of this closure body takes so many of its
                            parameters, and is what the closure captures first */
};

typedef struct {
    NameId name;          /* as in the source; of a lambda: its enclosing function's */
    SourcePos pos;        /* of the name */
    TypeId result;
    TypeId instance;      /* a tuple or single type: the type arguments of this instance; 0 if not generic */
    uint32_t first_word;
    uint32_t n_words;     /* 0: a lambda in code that is never reached; nothing refers to it */
    uint32_t n_blocks;
    uint32_t flags;       /* IR_CLOSURE_BODY ... */
} IrFunction;

/* How a value crosses to C. */
typedef enum { C_VOID, C_BOOL, C_I8, C_U8, C_I16, C_U16, C_I32, C_U32, C_I64, C_U64, C_F32, C_F64, C_POINTER, C_STRING } CType;

typedef struct {
    NameId c_name;
    uint32_t first_param; /* into Ir.c_types; Unit parameters have been left out, from calls as well */
    uint16_t n_params;
    uint8_t result;       /* CType */
    bool variadic;        /* calls may have more arguments: Int, Nat: 64 bits; Bool: int; Float64: double; else pointers */
} IrExtern;

typedef struct {
    FunctionId function;
    NameId name;          /* of the tested function; NAME_test for @test */
    uint32_t number;      /* its running number, from 1 */
    SourcePos pos;
} IrTest;

typedef struct {
    const uint32_t *words;
    uint32_t n_words;
    const IrFunction *functions;
    uint32_t n_functions;
    const IrExtern *externs;
    uint32_t n_externs;
    const uint8_t *c_types;  /* CType */
    const NameId *libraries; /* @link, each once */
    uint32_t n_libraries;
    const IrTest *tests;     /* in source order; only when the command is `test` */
    uint32_t n_tests;
    FunctionId main;         /* valid if has_main */
    bool has_main;
} Ir;

static inline const IrHead *ir_head(const Ir *ir, const IrFunction *function, ValueId id)
{
    return (const IrHead *)(const void *)(ir->words + function->first_word + id.i);
}

/* Words taken by the instruction. */
uint32_t ir_size(const IrHead *instruction);

/* The place that the instruction carries, because a message or a debugger names it; 0 if it carries none.  A NAT_CHECK's is
   that of the type that demands it, which may stand in another declaration. */
SourcePos ir_place(const IrHead *instruction);

/* How a value of the type crosses to C; of a type that C does not have: as a pointer. */
CType ir_c_type(const Types *types, TypeId type);

bool ir_is_terminator(IrOp op);
bool ir_has_value(IrOp op);
const char *ir_op_name(IrOp op);
const char *builtin_name(Builtin builtin);

#endif
