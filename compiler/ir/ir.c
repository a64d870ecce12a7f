/*
 * What every reader of the IR needs to walk it: the size of an instruction, and the names of operations.
 *
 * Instructions lie one behind the other in an array of words, so the only way to the next one is through the size of
 * this one.  The fixed part comes from ir.def; four shapes (IrMany, IrVariant, IrCall, IrJump) are followed by a list
 * whose length stands in the instruction.
 */
#include "ir/ir.h"

#include <stddef.h>
#include <string.h>

#define WORDS(type) (uint32_t)(sizeof(type) / sizeof(uint32_t))

_Static_assert(sizeof(IrHead) == 4, "every instruction starts with one word");

static const uint8_t fixed_words[N_IR_OPS] = {
#define INSTRUCTION(op, type, name, has_value) [IR_##op] = WORDS(type),
#include "ir/ir.def"
#undef INSTRUCTION
};

static const char *const op_names[N_IR_OPS] = {
#define INSTRUCTION(op, type, name, has_value) [IR_##op] = name,
#include "ir/ir.def"
#undef INSTRUCTION
};

static const bool op_has_value[N_IR_OPS] = {
#define INSTRUCTION(op, type, name, has_value) [IR_##op] = has_value,
#include "ir/ir.def"
#undef INSTRUCTION
};

uint32_t ir_size(const IrHead *instruction)
{
    const void *at = instruction;
    uint32_t words = fixed_words[instruction->op];
    switch (instruction->op) {
    case IR_RECORD:
    case IR_LIST:
        return words + ((const IrMany *)at)->n;
    case IR_VARIANT:
        return words + ((const IrVariant *)at)->n;
    case IR_CALL:
    case IR_CALL_VALUE:
    case IR_CALL_EXTERN:
    case IR_CALL_BUILTIN:
    case IR_CLOSURE:
        return words + ((const IrCall *)at)->n;
    case IR_JUMP:
        return words + ((const IrJump *)at)->n;
    default:
        return words;
    }
}

/* Which word of an instruction is its place; 0: none. */
enum {
    PLACE_IrPlain = 0, PLACE_IrIndex = 0, PLACE_IrWide = 0, PLACE_IrSelect = 0, PLACE_IrPayload = 0, PLACE_IrMany = 0,
    PLACE_IrVariant = 0, PLACE_IrBlock = 0, PLACE_IrJump = 0, PLACE_IrBranch = 0, PLACE_IrReturn = 0, PLACE_IrVariable = 0,
    PLACE_IrBinary = offsetof(IrBinary, pos) / 4,
    PLACE_IrUnary = offsetof(IrUnary, pos) / 4,
    PLACE_IrCall = offsetof(IrCall, pos) / 4,
    PLACE_IrCheck = offsetof(IrCheck, pos) / 4,
    PLACE_IrLocation = offsetof(IrLocation, pos) / 4,
};

static const uint8_t place_words[N_IR_OPS] = {
#define INSTRUCTION(op, type, name, has_value) [IR_##op] = PLACE_##type,
#include "ir/ir.def"
#undef INSTRUCTION
};

SourcePos ir_place(const IrHead *instruction)
{
    uint32_t word = place_words[instruction->op];
    if (instruction->op == IR_STRING) /* the literal's quote */
        word = offsetof(IrIndex, index) / 4;
    return (SourcePos){word == 0 ? 0 : ((const uint32_t *)(const void *)instruction)[word]};
}

bool ir_is_terminator(IrOp op)
{
    return op == IR_JUMP || op == IR_BRANCH || op == IR_RETURN || op == IR_UNREACHABLE;
}

bool ir_has_value(IrOp op)
{
    return op_has_value[op];
}

const char *ir_op_name(IrOp op)
{
    return op_names[op];
}

/* "module.member" where the language has such a name. */
const char *builtin_name(Builtin builtin)
{
    static const struct { const char *qualified, *name; } names[N_BUILTINS] = {
#define BUILTIN(id, module, member, name, synonym, type) [BUILTIN_##id] = {#module "." #member, #name},
#include "ir/builtins.def"
#undef BUILTIN
    };
    return strncmp(names[builtin].qualified, "NONE.", 5) == 0 ? names[builtin].name : names[builtin].qualified;
}

CType ir_c_type(const Types *types, TypeId type)
{
    switch (type_kind(types, type)) {
    case TYPE_UNIT: return C_VOID;
    case TYPE_BOOL: return C_BOOL;
    case TYPE_INT: return C_I64;
    case TYPE_NAT: return C_U64;
    case TYPE_FLOAT: return C_F64;
    case TYPE_STRING: return C_STRING;
    case TYPE_C_INT: return C_I32;
    case TYPE_C_UINT: return C_U32;
    case TYPE_C_SHORT: return C_I16;
    case TYPE_C_CHAR: return C_I8;
    case TYPE_C_FLOAT: return C_F32;
    default: return C_POINTER;
    }
}
