/*
 * The switch over the operations of the IR, and those that take a line or two: constants and the ends of blocks.
 */
#include "codegen/debug.h"
#include "codegen/gen_instruction.h"

#include <string.h>

static double double_of(const IrWide *instruction)
{
    uint64_t bits = (uint64_t)instruction->high << 32 | instruction->low;
    double value;
    memcpy(&value, &bits, sizeof value);
    return value;
}

static int64_t int_of(const IrWide *instruction)
{
    return (int64_t)((uint64_t)instruction->high << 32 | instruction->low);
}

static void define_float(Gen *gen, const IrWide *instruction, ValueId at)
{
    gen_define_one(gen, at, LLVMConstReal(gen->scalar_types[SCALAR_DOUBLE], double_of(instruction)));
}

static void tag_is(Gen *gen, const IrSelect *instruction, ValueId at)
{
    LLVMValueRef tag = gen_tag(gen, gen_layout_of(gen, instruction->value), gen_scalars(gen, instruction->value));
    gen_define_one(gen, at, LLVMBuildICmp(gen->builder, LLVMIntEQ, tag, gen_int(gen, instruction->index), ""));
}

/* ---- ends of blocks ---------------------------------------------------------------------------------------------- */

/* The block that has come to nothing but a jump: an arm that is a constant, or a value there already.  Without optimisation,
   whoever branches to it branches on to the target, and the block, one in eight, is left out; all that lead to it stand
   before it (ir_verify.c).  Not if both arms are such: a phi takes one value from a block.  A debugger wants to stop there.
   Returns where control comes from now; NULL: it stays. */
static LLVMBasicBlockRef leave_out(Gen *gen, LLVMBasicBlockRef here, LLVMBasicBlockRef target)
{
    if (gen->options->optimization > 0 || gen->debug != NULL || LLVMGetFirstInstruction(here) != NULL)
        return NULL;
    LLVMUseRef use = LLVMGetFirstUse(LLVMBasicBlockAsValue(here));
    if (use == NULL || LLVMGetNextUse(use) != NULL)
        return NULL;
    LLVMValueRef branch = LLVMGetUser(use);
    unsigned n = LLVMGetNumSuccessors(branch), way = 0;
    for (unsigned i = 0; i < n; i++) {
        if (LLVMGetSuccessor(branch, i) == target)
            return NULL;
        if (LLVMGetSuccessor(branch, i) == here)
            way = i;
    }
    LLVMSetSuccessor(branch, way, target);
    LLVMPositionBuilderAtEnd(gen->builder, target);
    LLVMDeleteBasicBlock(here);
    return LLVMGetInstructionParent(branch);
}

/* The arguments become what the target's phis get from here. */
static void jump(Gen *gen, const IrJump *instruction)
{
    const BlockInfo *target = &gen->blocks[instruction->target.i];
    LLVMBasicBlockRef here = LLVMGetInsertBlock(gen->builder), branches_on = leave_out(gen, here, target->block);
    LLVMBasicBlockRef from = branches_on != NULL ? branches_on : here;
    uint32_t parameter = target->word + (uint32_t)(sizeof(IrBlock) / sizeof(uint32_t));
    for (uint32_t i = 0; i < instruction->n; i++) {
        uint32_t n = gen_layout_of(gen, (ValueId){parameter + i})->n + gen_accumulates(gen, (ValueId){parameter + i});
        LLVMValueRef *phis = gen_scalars(gen, (ValueId){parameter + i});
        LLVMValueRef *values = gen_scalars(gen, instruction->arguments[i]);
        for (uint32_t k = 0; k < n; k++)
            LLVMAddIncoming(phis[k], &values[k], &from, 1);
    }
    if (branches_on == NULL)
        LLVMBuildBr(gen->builder, target->block);
}

static void branch(Gen *gen, const IrBranch *instruction)
{
    LLVMBuildCondBr(gen->builder, gen_scalar(gen, instruction->condition), gen->blocks[instruction->then_block.i].block,
                    gen->blocks[instruction->else_block.i].block);
}

static void return_value(Gen *gen, const IrReturn *instruction, ValueId at)
{
    gen_release_accumulators(gen, at);
    const Layout *result = layout_of(&gen->layouts, gen->current->result);
    gen_return(gen, result, result->n > 0 ? gen_scalars(gen, instruction->value) : NULL);
}

/* ---- the switch -------------------------------------------------------------------------------------------------- */

void gen_instruction(Gen *gen, const IrHead *head, ValueId at)
{
    const void *instruction = head;
    LLVMValueRef none = NULL;
    if (gen->slots->count > 0)
        gen_release_slots(gen);
    if (gen->debug != NULL)
        debug_instruction(gen, head);
    switch ((IrOp)head->op) {
    case IR_BLOCK:
        LLVMPositionBuilderAtEnd(gen->builder, gen->blocks[((const IrBlock *)instruction)->block.i].block);
        break;
    case IR_PARAM: /* defined when the function was begun */
        break;
    case IR_CAPTURE: gen_capture(gen, instruction, at); break;
    case IR_INT32: gen_define_one(gen, at, gen_int(gen, (int32_t)((const IrIndex *)instruction)->index)); break;
    case IR_INT64: gen_define_one(gen, at, gen_int(gen, int_of(instruction))); break;
    case IR_FLOAT: define_float(gen, instruction, at); break;
    case IR_BOOL: gen_define_one(gen, at, gen_bool(gen, ((const IrIndex *)instruction)->index)); break;
    case IR_STRING: gen_define_one(gen, at, gen_literal(gen, (SourcePos){((const IrIndex *)instruction)->index})); break;
    case IR_UNIT: gen_define(gen, at, &none, 0); break;
    case IR_NULL: gen_define_one(gen, at, LLVMConstNull(gen->scalar_types[SCALAR_PTR])); break;
    case IR_ADD:
    case IR_SUBTRACT:
    case IR_MULTIPLY:
    case IR_DIVIDE:
    case IR_REMAINDER: gen_arithmetic(gen, instruction, at); break;
    case IR_NEGATE: gen_negate(gen, instruction, at); break;
    case IR_NOT:
        gen_define_one(gen, at, gen_not(gen, gen_scalar(gen, ((const IrUnary *)instruction)->operand)));
        break;
    case IR_EQUAL:
    case IR_NOT_EQUAL: gen_equality(gen, instruction, at); break;
    case IR_LESS:
    case IR_LESS_EQUAL:
    case IR_GREATER:
    case IR_GREATER_EQUAL: gen_order(gen, instruction, at); break;
    case IR_NAT_CHECK: gen_nat_check(gen, instruction, at); break;
    case IR_CHECK: gen_check(gen, instruction); break;
    case IR_RECORD: gen_record(gen, instruction, at); break;
    case IR_FIELD: gen_field(gen, instruction, at); break;
    case IR_VARIANT: gen_variant(gen, instruction, at); break;
    case IR_TAG_IS: tag_is(gen, instruction, at); break;
    case IR_PAYLOAD: gen_payload(gen, instruction, at); break;
    case IR_LIST: gen_list(gen, instruction, at); break;
    case IR_LIST_LENGTH:
        gen_define_one(gen, at, gen_list_length(gen, gen_scalars(gen, ((const IrSelect *)instruction)->value)));
        break;
    case IR_ELEMENT: gen_element(gen, instruction, at); break;
    case IR_TAIL: gen_tail(gen, instruction, at); break;
    case IR_CALL: gen_call(gen, instruction, at); break;
    case IR_CALL_VALUE: gen_call_value(gen, instruction, at); break;
    case IR_CALL_EXTERN: gen_call_extern(gen, instruction, at); break;
    case IR_CALL_BUILTIN: gen_call_builtin(gen, instruction, at); break;
    case IR_CLOSURE: gen_closure(gen, instruction, at); break;
    case IR_STAGE_IS: gen_stage_is(gen, instruction, at); break;
    case IR_FIRST_STAGE: gen_first_stage(gen, instruction, at); break;
    case IR_C_FUNCTION: gen_c_function(gen, instruction, at); break;
    case IR_C_SYMBOL: gen_c_symbol(gen, instruction, at); break;
    case IR_LAZY: gen_lazy(gen, instruction, at); break;
    case IR_FORCE: gen_force(gen, instruction, at); break;
    case IR_LOCATION: /* debug_instruction() has seen to it */
    case IR_VARIABLE: break;
    case IR_JUMP: jump(gen, instruction); break;
    case IR_BRANCH: branch(gen, instruction); break;
    case IR_RETURN: return_value(gen, instruction, at); break;
    case IR_UNREACHABLE: LLVMBuildUnreachable(gen->builder); break;
    case N_IR_OPS: break;
    }
}
