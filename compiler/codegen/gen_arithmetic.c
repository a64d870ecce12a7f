/*
 * Arithmetic, order, and the checks that stop a program: language reference 4.2, 4.3, 4.6.
 *
 * Integers wrap, or with --overflow=trap LLVM's *.with.overflow intrinsics say whether they would have.  Division has two
 * cases that the machine faults on: a zero divisor, which stops the program, and INT_MIN / -1, which also does; the
 * remainder of that is 0, and since x % 1 is 0, too, -1 is replaced by 1 there.  What a constant operand rules out is not checked.
 */
#include "codegen/gen.h"

#include <stdio.h>
#include <string.h>

static bool is_float(Gen *gen, ValueId id)
{
    TypeKind kind = type_kind(gen->types, gen_type_of(gen, id));
    return kind == TYPE_FLOAT || kind == TYPE_C_FLOAT;
}

/* ---- overflow ---------------------------------------------------------------------------------------------------- */

static const char *spelling(IrOp op)
{
    switch (op) {
    case IR_ADD: return "+";
    case IR_MULTIPLY: return "*";
    case IR_DIVIDE: return "/";
    default: return "-";
    }
}

static void fail_on_overflow(Gen *gen, LLVMValueRef overflows, IrOp op, SourcePos pos)
{
    char *message = arena_push(gen->scratch, 32);
    int length = snprintf(message, 32, "integer overflow in '%s'", spelling(op));
    gen_fail_if(gen, overflows, pos, message, (uint32_t)length);
}

static LLVMValueRef trapping(Gen *gen, IrOp op, SourcePos pos, LLVMValueRef left, LLVMValueRef right)
{
    const char *name = op == IR_ADD        ? "llvm.sadd.with.overflow"
                       : op == IR_MULTIPLY ? "llvm.smul.with.overflow"
                                           : "llvm.ssub.with.overflow";
    unsigned intrinsic = LLVMLookupIntrinsicID(name, strlen(name));
    LLVMTypeRef i64 = gen->scalar_types[SCALAR_I64];
    LLVMValueRef function = LLVMGetIntrinsicDeclaration(gen->module, intrinsic, &i64, 1);
    LLVMTypeRef type = LLVMIntrinsicGetType(gen->context, intrinsic, &i64, 1);
    LLVMValueRef arguments[] = {left, right};
    LLVMValueRef both = LLVMBuildCall2(gen->builder, type, function, arguments, 2, "");
    LLVMValueRef result = LLVMBuildExtractValue(gen->builder, both, 0, "");
    fail_on_overflow(gen, LLVMBuildExtractValue(gen->builder, both, 1, ""), op, pos);
    return result;
}

/* ---- division ---------------------------------------------------------------------------------------------------- */

static bool may_be(LLVMValueRef value, int64_t suspect)
{
    return LLVMIsAConstantInt(value) == NULL || LLVMConstIntGetSExtValue(value) == suspect;
}

static LLVMValueRef equals(Gen *gen, LLVMValueRef value, int64_t constant)
{
    return LLVMBuildICmp(gen->builder, LLVMIntEQ, value, gen_int(gen, constant), "");
}

static LLVMValueRef divide(Gen *gen, const IrBinary *instruction, LLVMValueRef left, LLVMValueRef right)
{
    bool remainder = instruction->head.op == IR_REMAINDER;
    if (may_be(right, 0)) {
        static const char message[] = "division by zero";
        gen_fail_if(gen, equals(gen, right, 0), instruction->pos, message, sizeof message - 1);
    }
    if (may_be(right, -1) && may_be(left, INT64_MIN)) {
        LLVMValueRef minus_one = equals(gen, right, -1);
        if (remainder)
            right = LLVMBuildSelect(gen->builder, minus_one, gen_int(gen, 1), right, "");
        else
            fail_on_overflow(gen, LLVMBuildAnd(gen->builder, minus_one, equals(gen, left, INT64_MIN), ""), IR_DIVIDE,
                             instruction->pos);
    }
    return remainder ? LLVMBuildSRem(gen->builder, left, right, "") : LLVMBuildSDiv(gen->builder, left, right, "");
}

/* ---- arithmetic -------------------------------------------------------------------------------------------------- */

static LLVMValueRef float_arithmetic(Gen *gen, IrOp op, LLVMValueRef left, LLVMValueRef right)
{
    switch (op) {
    case IR_ADD: return LLVMBuildFAdd(gen->builder, left, right, "");
    case IR_SUBTRACT: return LLVMBuildFSub(gen->builder, left, right, "");
    case IR_MULTIPLY: return LLVMBuildFMul(gen->builder, left, right, "");
    default: return LLVMBuildFDiv(gen->builder, left, right, "");
    }
}

static LLVMValueRef wrapping(Gen *gen, IrOp op, LLVMValueRef left, LLVMValueRef right)
{
    switch (op) {
    case IR_ADD: return LLVMBuildAdd(gen->builder, left, right, "");
    case IR_MULTIPLY: return LLVMBuildMul(gen->builder, left, right, "");
    default: return LLVMBuildSub(gen->builder, left, right, "");
    }
}

void gen_arithmetic(Gen *gen, const IrBinary *instruction, ValueId at)
{
    IrOp op = instruction->head.op;
    LLVMValueRef left = gen_scalar(gen, instruction->left), right = gen_scalar(gen, instruction->right), result;
    if (is_float(gen, instruction->left))
        result = float_arithmetic(gen, op, left, right);
    else if (op == IR_DIVIDE || op == IR_REMAINDER)
        result = divide(gen, instruction, left, right);
    else if (gen->options->overflow_traps)
        result = trapping(gen, op, instruction->pos, left, right);
    else
        result = wrapping(gen, op, left, right);
    gen_define_one(gen, at, result);
}

void gen_negate(Gen *gen, const IrUnary *instruction, ValueId at)
{
    LLVMValueRef operand = gen_scalar(gen, instruction->operand), result;
    if (is_float(gen, instruction->operand))
        result = LLVMBuildFNeg(gen->builder, operand, "");
    else if (gen->options->overflow_traps)
        result = trapping(gen, IR_SUBTRACT, instruction->pos, gen_int(gen, 0), operand);
    else
        result = LLVMBuildNeg(gen->builder, operand, "");
    gen_define_one(gen, at, result);
}

/* ---- order ------------------------------------------------------------------------------------------------------- */

static LLVMIntPredicate int_predicate(IrOp op)
{
    switch (op) {
    case IR_LESS: return LLVMIntSLT;
    case IR_LESS_EQUAL: return LLVMIntSLE;
    case IR_GREATER: return LLVMIntSGT;
    default: return LLVMIntSGE;
    }
}

static LLVMRealPredicate float_predicate(IrOp op)
{
    switch (op) {
    case IR_LESS: return LLVMRealOLT;
    case IR_LESS_EQUAL: return LLVMRealOLE;
    case IR_GREATER: return LLVMRealOGT;
    default: return LLVMRealOGE;
    }
}

static LLVMIntPredicate inverse(LLVMIntPredicate predicate)
{
    switch (predicate) {
    case LLVMIntEQ: return LLVMIntNE;
    case LLVMIntNE: return LLVMIntEQ;
    case LLVMIntUGT: return LLVMIntULE;
    case LLVMIntUGE: return LLVMIntULT;
    case LLVMIntULT: return LLVMIntUGE;
    case LLVMIntULE: return LLVMIntUGT;
    case LLVMIntSGT: return LLVMIntSLE;
    case LLVMIntSGE: return LLVMIntSLT;
    case LLVMIntSLT: return LLVMIntSGE;
    case LLVMIntSLE: return LLVMIntSGT;
    }
    return predicate;
}

/* Without optimisation a comparison that has just been made is made again, the other way round: FastISel compares and branches
   in one go, but not if something stands between.  The first one, if nobody else uses it, becomes no code. */
LLVMValueRef gen_not(Gen *gen, LLVMValueRef truth)
{
    if (gen->options->optimization > 0 || LLVMIsAICmpInst(truth) == NULL ||
        LLVMGetInstructionParent(truth) != LLVMGetInsertBlock(gen->builder))
        return LLVMBuildNot(gen->builder, truth, "");
    return LLVMBuildICmp(gen->builder, inverse(LLVMGetICmpPredicate(truth)), LLVMGetOperand(truth, 0),
                         LLVMGetOperand(truth, 1), "");
}

void gen_order(Gen *gen, const IrBinary *instruction, ValueId at)
{
    IrOp op = instruction->head.op;
    LLVMValueRef operands[] = {gen_scalar(gen, instruction->left), gen_scalar(gen, instruction->right)};
    if (is_float(gen, instruction->left)) {
        gen_define_one(gen, at, LLVMBuildFCmp(gen->builder, float_predicate(op), operands[0], operands[1], ""));
        return;
    }
    if (type_kind(gen->types, gen_type_of(gen, instruction->left)) == TYPE_STRING) {
        operands[0] = gen_call_runtime(gen, RUNTIME_string_compare, operands);
        operands[1] = gen_int(gen, 0);
    }
    gen_define_one(gen, at, LLVMBuildICmp(gen->builder, int_predicate(op), operands[0], operands[1], ""));
}

/* ---- checks ------------------------------------------------------------------------------------------------------ */

void gen_nat_check(Gen *gen, const IrUnary *instruction, ValueId at)
{
    LLVMValueRef value = gen_scalar(gen, instruction->operand);
    LLVMValueRef negative = LLVMBuildICmp(gen->builder, LLVMIntSLT, value, gen_int(gen, 0), "");
    if (LLVMIsAConstantInt(value) == NULL || LLVMConstIntGetSExtValue(value) < 0) {
        LLVMBasicBlockRef go_on = gen_fails_if(gen, negative);
        LLVMValueRef arguments[] = {gen_place(gen, instruction->pos), value};
        gen_call_runtime(gen, RUNTIME_fail_negative, arguments);
        gen_failed(gen, go_on);
    }
    gen_define_one(gen, at, value);
}

void gen_check(Gen *gen, const IrCheck *instruction)
{
    const char *clause = instruction->what == CHECK_REQUIRES ? "requires" : "ensures";
    const Names *names = &gen->session->names;
    size_t room = name_length(names, instruction->function) + 40;
    char *message = arena_push(gen->scratch, room);
    int length = snprintf(message, room, "%s clause of '%.*s' failed", clause, NAME_ARGS(names, instruction->function));
    LLVMValueRef fails = gen_not(gen, gen_scalar(gen, instruction->condition));
    gen_fail_if(gen, fails, instruction->pos, message, (uint32_t)length);
}
