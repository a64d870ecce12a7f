/*
 * One function of the IR becomes one function of LLVM's.
 *
 * The IR is already in SSA form with block parameters, which are LLVM's phi nodes under another name.  A first look at
 * the function makes a basic block of every block and a phi of every parameter's scalar; the second generates the
 * instructions in order.  Every use comes behind its definition in that order, except a phi's incoming values, which
 * the jump adds.
 *
 * A self tail call is a jump to block 0.  LLVM's entry block cannot be jumped to, so such functions get one of their own
 * in front.
 */
#include "codegen/debug.h"
#include "codegen/gen.h"
#include "codegen/gen_instruction.h"

/* ---- blocks and parameters --------------------------------------------------------------------------------------- */

static const IrHead *head_at(const Gen *gen, uint32_t word)
{
    return ir_head(gen->ir, gen->current, (ValueId){word});
}

static uint32_t first_parameter(uint32_t block_word)
{
    return block_word + (uint32_t)(sizeof(IrBlock) / sizeof(uint32_t));
}

/* Phis for the parameters of a block, defined as its values. */
static void make_phis(Gen *gen, const IrBlock *block, uint32_t word, LLVMBasicBlockRef where)
{
    LLVMPositionBuilderAtEnd(gen->builder, where);
    for (uint32_t i = 0; i < block->n_params; i++) {
        ValueId parameter = {first_parameter(word) + i};
        const Layout *layout = gen_layout_of(gen, parameter);
        LLVMValueRef phis[MAX_SCALARS + 1];
        uint32_t n = layout->n;
        for (uint32_t k = 0; k < n; k++)
            phis[k] = LLVMBuildPhi(gen->builder, gen->scalar_types[layout->scalars[k].scalar], "");
        if (gen_accumulates(gen, parameter))
            phis[n++] = LLVMBuildPhi(gen->builder, gen->scalar_types[SCALAR_I64], "");
        gen_define(gen, parameter, phis, n);
    }
}

static void make_blocks(Gen *gen)
{
    bool loops = gen->current->flags & IR_TAIL_LOOP;
    gen->entry = LLVMAppendBasicBlockInContext(gen->context, gen->function, "");
    gen->blocks[0] = (BlockInfo){gen->entry, 0};
    if (gen->current->n_blocks == 1 && !loops)
        return;
    for (uint32_t word = 0; word < gen->current->n_words; word += ir_size(head_at(gen, word))) {
        if (head_at(gen, word)->op != IR_BLOCK)
            continue;
        const IrBlock *block = gen_instruction_at(gen, (ValueId){word});
        if (block->block.i == 0 && !loops)
            continue;
        LLVMBasicBlockRef made = LLVMAppendBasicBlockInContext(gen->context, gen->function, "");
        gen->blocks[block->block.i] = (BlockInfo){made, word};
        make_phis(gen, block, word, made);
    }
}

/* From here to block 0, whose phis start with what has arrived.  Claiming the room of accumulators takes blocks of its own
   before the one that jumps. */
static void enter_loop(Gen *gen, const LLVMValueRef *arrived)
{
    const IrBlock *block = gen_instruction_at(gen, (ValueId){0});
    LLVMBasicBlockRef last = gen->accumulates != NULL ? gen_block_behind_current(gen) : gen->entry;
    for (uint32_t i = 0; i < block->n_params; i++) {
        ValueId parameter = {first_parameter(0) + i};
        uint32_t n = gen_layout_of(gen, parameter)->n;
        LLVMValueRef first[MAX_SCALARS + 1], *phis = gen_scalars(gen, parameter);
        for (uint32_t k = 0; k < n; k++)
            first[k] = *arrived++;
        if (gen_accumulates(gen, parameter)) {
            first[LIST_ROOM] = gen_claim_room(gen, first);
            n = LIST_ROOM + 1;
        }
        for (uint32_t k = 0; k < n; k++)
            LLVMAddIncoming(phis[k], &first[k], &last, 1);
    }
    if (last != gen->entry) {
        LLVMBuildBr(gen->builder, last);
        LLVMPositionBuilderAtEnd(gen->builder, last);
    }
    LLVMBuildBr(gen->builder, gen->blocks[0].block);
}

/* The scalars that arrive become the values of block 0's parameters, or what its phis start with. */
static void take_parameters(Gen *gen)
{
    const IrBlock *block = gen_instruction_at(gen, (ValueId){0});
    bool loops = gen->current->flags & IR_TAIL_LOOP;
    unsigned next = 0;
    gen->result_address = NULL;
    gen->closure = NULL;
    LLVMPositionBuilderAtEnd(gen->builder, gen->entry);
    if (gen_result_in_memory(gen, layout_of(&gen->layouts, gen->current->result)))
        gen->result_address = LLVMGetParam(gen->function, next++);
    if (gen->current->flags & IR_CLOSURE_BODY)
        gen->closure = LLVMGetParam(gen->function, next++);
    for (uint32_t i = 0; i < block->n_params; i++) {
        ValueId parameter = {first_parameter(0) + i};
        const Layout *layout = gen_layout_of(gen, parameter);
        LLVMValueRef *scalars = array_push(gen->arguments, layout->n);
        for (uint32_t k = 0; k < layout->n; k++)
            scalars[k] = gen_receive(gen, LLVMGetParam(gen->function, next++), layout->scalars[k].scalar);
        if (!loops)
            gen_define(gen, parameter, scalars, layout->n);
    }
    if (loops)
        enter_loop(gen, (const LLVMValueRef *)(void *)gen->arguments->items);
    array_truncate(gen->arguments, 0);
}

LLVMBasicBlockRef gen_block_behind_current(Gen *gen)
{
    LLVMBasicBlockRef block = LLVMCreateBasicBlockInContext(gen->context, "");
    LLVMInsertExistingBasicBlockAfterInsertBlock(gen->builder, block);
    return block;
}

/* LLVM's fast register allocator takes time that grows with the square of a block's length: 100,000 calls one after the
   other took half a minute.  Cutting such a block costs a fall-through and, across the cut, what lives in registers. */
enum { LONGEST_BLOCK = 400 }; /* IR instructions; hand-written code stays far below */

static void cut_block(Gen *gen)
{
    LLVMBasicBlockRef next = gen_block_behind_current(gen);
    LLVMBuildBr(gen->builder, next);
    LLVMPositionBuilderAtEnd(gen->builder, next);
}

void gen_function_body(Gen *gen, FunctionId id)
{
    gen->current_id = id;
    gen->current = &gen->ir->functions[id.i];
    gen->session->working_at = gen->current->pos;
    gen->capture_offsets = NULL;
    array_truncate(gen->scalars, 0);
    array_truncate(gen->slots, 0);
    gen_charge_function(gen);
    gen->function = gen_function(gen, id).value;
    if (gen->keeps_trail)
        gen_trail_function(gen);
    gen_find_accumulators(gen);
    make_blocks(gen);
    if (gen->debug != NULL)
        debug_function(gen);
    take_parameters(gen);
    gen_charge(gen, 0);
    bool cuts = gen->session->options->optimization == 0;
    uint32_t n_in_block = 0;
    for (uint32_t word = 0; word < gen->current->n_words;) {
        const IrHead *head = head_at(gen, word);
        if (head->op == IR_BLOCK)
            n_in_block = 0;
        if (++n_in_block % LONGEST_BLOCK == 0 && cuts && head->op != IR_PARAM)
            cut_block(gen);
        if (gen->keeps_trail)
            gen_trail_instruction(gen, head, (ValueId){word});
        gen_instruction(gen, head, (ValueId){word});
        gen_charge(gen, word);
        word += ir_size(head);
    }
    if (gen->debug != NULL)
        debug_function_ends(gen);
}

/* ---- C's main ---------------------------------------------------------------------------------------------------- */

/* The program may have called C's main by an extern of its own, with whatever prototype: that was this one. */
static LLVMValueRef declare_main(Gen *gen)
{
    LLVMTypeRef type = LLVMFunctionType(gen->i32, NULL, 0, 0);
    LLVMValueRef declared = LLVMGetNamedFunction(gen->module, "main");
    if (declared == NULL)
        return LLVMAddFunction(gen->module, "main", type);
    LLVMSetValueName2(declared, "", 0);
    LLVMValueRef function = LLVMAddFunction(gen->module, "main", type);
    LLVMReplaceAllUsesWith(declared, function);
    LLVMDeleteFunction(declared);
    return function;
}

/* int main(void): calls the program's main; its result is the exit status, Unit means 0. */
void gen_main(Gen *gen)
{
    LLVMValueRef function = declare_main(gen);
    gen_attribute(function, gen->nounwind);
    LLVMPositionBuilderAtEnd(gen->builder, LLVMAppendBasicBlockInContext(gen->context, function, ""));
    gen_trail_nowhere(gen);
    UnitEntry program = gen_function(gen, gen->ir->main);
    LLVMValueRef status = LLVMBuildCall2(gen->builder, program.type, program.value, NULL, 0, "");
    const Layout *result = layout_of(&gen->layouts, gen->ir->functions[gen->ir->main.i].result);
    if (result->n == 0)
        LLVMBuildRet(gen->builder, LLVMConstInt(gen->i32, 0, 0));
    else
        LLVMBuildRet(gen->builder, LLVMBuildTrunc(gen->builder, status, gen->i32, ""));
}

/* ---- blocks that the IR does not know ---------------------------------------------------------------------------- */

/* LLVM weighs a function for inlining with its failures, which never happen; the hint outweighs about three of them. */
LLVMBasicBlockRef gen_fails_if(Gen *gen, LLVMValueRef fails)
{
    if (gen->options->optimization > 0)
        gen_attribute(gen->function, gen->inlinehint);
    LLVMBasicBlockRef go_on = gen_block_behind_current(gen);
    LLVMBasicBlockRef failure = LLVMAppendBasicBlockInContext(gen->context, gen->function, "");
    LLVMBuildCondBr(gen->builder, fails, failure, go_on);
    LLVMPositionBuilderAtEnd(gen->builder, failure);
    return go_on;
}

void gen_failed(Gen *gen, LLVMBasicBlockRef go_on)
{
    LLVMBuildUnreachable(gen->builder);
    LLVMPositionBuilderAtEnd(gen->builder, go_on);
}

static bool is_false(LLVMValueRef condition)
{
    return LLVMIsAConstantInt(condition) != NULL && LLVMConstIntGetZExtValue(condition) == 0;
}

void gen_fail_if(Gen *gen, LLVMValueRef fails, SourcePos pos, const char *message, uint32_t length)
{
    if (is_false(fails))
        return;
    LLVMBasicBlockRef go_on = gen_fails_if(gen, fails);
    LLVMValueRef arguments[] = {gen_place(gen, pos), gen_string(gen, message, length)};
    gen_call_runtime(gen, RUNTIME_fail, arguments);
    gen_failed(gen, go_on);
}

void gen_choice_begin(Gen *gen, GenChoice *choice, LLVMValueRef condition)
{
    choice->join = gen_block_behind_current(gen);
    choice->otherwise = gen_block_behind_current(gen);
    LLVMBasicBlockRef then = gen_block_behind_current(gen);
    LLVMBuildCondBr(gen->builder, condition, then, choice->otherwise);
    LLVMPositionBuilderAtEnd(gen->builder, then);
}

void gen_choice_else(Gen *gen, GenChoice *choice, const LLVMValueRef *then_scalars, uint32_t n)
{
    for (uint32_t i = 0; i < n; i++)
        choice->then_scalars[i] = then_scalars[i];
    choice->then_end = LLVMGetInsertBlock(gen->builder);
    LLVMBuildBr(gen->builder, choice->join);
    LLVMPositionBuilderAtEnd(gen->builder, choice->otherwise);
}

void gen_choice_end(Gen *gen, GenChoice *choice, const LLVMValueRef *else_scalars, uint32_t n, LLVMValueRef *result)
{
    LLVMBasicBlockRef else_end = LLVMGetInsertBlock(gen->builder);
    LLVMBuildBr(gen->builder, choice->join);
    LLVMPositionBuilderAtEnd(gen->builder, choice->join);
    for (uint32_t i = 0; i < n; i++) {
        LLVMValueRef values[] = {choice->then_scalars[i], else_scalars[i]};
        LLVMBasicBlockRef blocks[] = {choice->then_end, else_end};
        result[i] = LLVMBuildPhi(gen->builder, LLVMTypeOf(values[0]), "");
        LLVMAddIncoming(result[i], values, blocks, 2);
    }
}
