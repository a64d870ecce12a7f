/*
 * How many turns a loop of self tail calls has left, the present one included, where that is plain from its shape.
 *
 *   count up or down      if i == n then ... else f(i + 1, ...)     also <, <=, >, >=, and the branches exchanged
 *   walk along a list     match xs with | [] -> ... | Cons(x, rest) -> f(rest, ...)
 *
 * The bound is a constant, a parameter that stays the same, or the length of one.  The loop must have no other end: a
 * search that may stop early would make more room than it fills.  The answer only says how much memory to ask for, so it may be
 * wrong where numbers wrap around.
 */
#include "codegen/gen.h"

enum { MOST_TURNS = 1 << 20 }; /* more are not believed: the loop may fail long before */

static uint32_t parameter_word(uint32_t index)
{
    return (uint32_t)(sizeof(IrBlock) / sizeof(uint32_t)) + index;
}

static bool is_parameter(const Gen *gen, ValueId value)
{
    const IrBlock *entry = gen_instruction_at(gen, (ValueId){0});
    return value.i >= parameter_word(0) && value.i < parameter_word(entry->n_params);
}

/* ---- the end ----------------------------------------------------------------------------------------------------- */

static const IrHead *terminator_from(const Gen *gen, uint32_t word)
{
    const IrHead *head = gen_instruction_at(gen, (ValueId){word});
    while (!ir_is_terminator((IrOp)head->op)) {
        word += ir_size(head);
        head = gen_instruction_at(gen, (ValueId){word});
    }
    return head;
}

static bool returns(const Gen *gen, BlockId block)
{
    return terminator_from(gen, gen->blocks[block.i].word)->op == IR_RETURN;
}

static IrOp negated(IrOp op)
{
    switch (op) {
    case IR_EQUAL: return IR_NOT_EQUAL;
    case IR_NOT_EQUAL: return IR_EQUAL;
    case IR_LESS: return IR_GREATER_EQUAL;
    case IR_LESS_EQUAL: return IR_GREATER;
    case IR_GREATER: return IR_LESS_EQUAL;
    default: return IR_LESS;
    }
}

static IrOp exchanged(IrOp op)
{
    switch (op) {
    case IR_LESS: return IR_GREATER;
    case IR_LESS_EQUAL: return IR_GREATER_EQUAL;
    case IR_GREATER: return IR_LESS;
    case IR_GREATER_EQUAL: return IR_LESS_EQUAL;
    default: return op;
    }
}

static bool is_comparison(IrOp op)
{
    return op >= IR_EQUAL && op <= IR_GREATER_EQUAL;
}

/* The loop ends where block 0 branches to a return, and nowhere else. */
static bool find_end(Gen *gen, Turns *turns)
{
    const IrBranch *branch = (const void *)terminator_from(gen, 0);
    if (branch->head.op != IR_BRANCH)
        return false;
    bool then_ends = returns(gen, branch->then_block);
    if (then_ends == returns(gen, branch->else_block))
        return false;
    const IrBinary *condition = gen_instruction_at(gen, branch->condition);
    if (!is_comparison((IrOp)condition->head.op))
        return false;
    const Layout *layout = gen_layout_of(gen, condition->left);
    if (layout->n != 1 || layout->scalars[0].scalar != SCALAR_I64)
        return false;
    turns->ends = then_ends ? (IrOp)condition->head.op : negated((IrOp)condition->head.op);
    turns->counter = condition->left;
    turns->bound = condition->right;
    return true;
}

static uint32_t count_returns(const Gen *gen)
{
    uint32_t n = 0;
    for (uint32_t word = 0; word < gen->current->n_words;) {
        const IrHead *head = gen_instruction_at(gen, (ValueId){word});
        n += head->op == IR_RETURN;
        word += ir_size(head);
    }
    return n;
}

/* ---- the next turn ----------------------------------------------------------------------------------------------- */

static bool is_constant(const Gen *gen, ValueId value, int32_t constant)
{
    const IrIndex *instruction = gen_instruction_at(gen, value);
    return instruction->head.op == IR_INT32 && (int32_t)instruction->index == constant;
}

static bool is_same(const Gen *gen, ValueId parameter, ValueId next)
{
    (void)gen;
    return parameter.i == next.i;
}

static bool is_one_more(const Gen *gen, ValueId parameter, ValueId next)
{
    const IrBinary *add = gen_instruction_at(gen, next);
    return add->head.op == IR_ADD
           && ((add->left.i == parameter.i && is_constant(gen, add->right, 1))
               || (add->right.i == parameter.i && is_constant(gen, add->left, 1)));
}

static bool is_one_less(const Gen *gen, ValueId parameter, ValueId next)
{
    const IrBinary *subtract = gen_instruction_at(gen, next);
    return subtract->head.op == IR_SUBTRACT && subtract->left.i == parameter.i && is_constant(gen, subtract->right, 1);
}

static bool is_rest(const Gen *gen, ValueId parameter, ValueId next)
{
    const IrSelect *tail = gen_instruction_at(gen, next);
    return tail->head.op == IR_TAIL && tail->value.i == parameter.i && tail->index == 1;
}

/* Does every turn hand on such a successor of the parameter? */
static bool always(const Gen *gen, ValueId parameter, bool (*is)(const Gen *gen, ValueId parameter, ValueId next))
{
    if (!is_parameter(gen, parameter))
        return false;
    for (uint32_t word = 0; word < gen->current->n_words;) {
        const IrHead *head = gen_instruction_at(gen, (ValueId){word});
        const IrJump *jump = (const void *)head;
        if (head->op == IR_JUMP && jump->target.i == 0
            && !is(gen, parameter, jump->arguments[parameter.i - parameter_word(0)]))
            return false;
        word += ir_size(head);
    }
    return true;
}

/* ---- the shape --------------------------------------------------------------------------------------------------- */

/* Of which list is this the length?  0: it is no length. */
static ValueId measured(const Gen *gen, ValueId value)
{
    const IrHead *head = gen_instruction_at(gen, value);
    const IrCall *call = (const void *)head;
    if (head->op == IR_LIST_LENGTH)
        return ((const IrSelect *)(const void *)head)->value;
    return head->op == IR_CALL_BUILTIN && call->callee == BUILTIN_LIST_LENGTH ? call->arguments[0] : (ValueId){0};
}

/* The bound is what it is in every turn. */
static bool is_fixed(const Gen *gen, ValueId bound)
{
    return ((const IrHead *)gen_instruction_at(gen, bound))->op == IR_INT32 || always(gen, bound, is_same)
           || always(gen, measured(gen, bound), is_same);
}

static bool counts(const Gen *gen, Turns *turns)
{
    IrOp ends = turns->ends;
    bool may_go_up = ends == IR_EQUAL || ends == IR_GREATER || ends == IR_GREATER_EQUAL;
    bool may_go_down = ends == IR_EQUAL || ends == IR_LESS || ends == IR_LESS_EQUAL;
    turns->kind = may_go_up && always(gen, turns->counter, is_one_more)     ? TURNS_COUNT_UP
                  : may_go_down && always(gen, turns->counter, is_one_less) ? TURNS_COUNT_DOWN
                                                                            : TURNS_UNKNOWN;
    return turns->kind != TURNS_UNKNOWN && is_fixed(gen, turns->bound);
}

static bool walks(const Gen *gen, Turns *turns)
{
    turns->kind = TURNS_WALK;
    return turns->ends == IR_EQUAL && is_constant(gen, turns->bound, 0)
           && always(gen, measured(gen, turns->counter), is_rest);
}

static void exchange(Turns *turns)
{
    ValueId counter = turns->counter;
    turns->counter = turns->bound;
    turns->bound = counter;
    turns->ends = exchanged(turns->ends);
}

static void find_turns(Gen *gen)
{
    Turns *turns = &gen->turns;
    if (count_returns(gen) == 1 && find_end(gen, turns)) {
        if (walks(gen, turns) || counts(gen, turns))
            return;
        exchange(turns);
        if (counts(gen, turns))
            return;
    }
    turns->kind = TURNS_UNKNOWN;
}

/* ---- the number -------------------------------------------------------------------------------------------------- */

static LLVMValueRef length_of(Gen *gen, ValueId length)
{
    return gen_list_length(gen, gen_scalars(gen, measured(gen, length)));
}

static LLVMValueRef bound_value(Gen *gen, ValueId bound)
{
    const IrIndex *constant = gen_instruction_at(gen, bound);
    if (constant->head.op == IR_INT32)
        return gen_int(gen, (int32_t)constant->index);
    return is_parameter(gen, bound) ? gen_scalar(gen, bound) : length_of(gen, bound);
}

/* One more turn where the bound itself is still one. */
static LLVMValueRef counted(Gen *gen)
{
    const Turns *turns = &gen->turns;
    LLVMValueRef counter = gen_scalar(gen, turns->counter), bound = bound_value(gen, turns->bound);
    bool up = turns->kind == TURNS_COUNT_UP;
    LLVMValueRef left = LLVMBuildSub(gen->builder, up ? bound : counter, up ? counter : bound, "");
    bool inclusive = turns->ends == IR_GREATER || turns->ends == IR_LESS;
    return inclusive ? LLVMBuildAdd(gen->builder, left, gen_int(gen, 1), "") : left;
}

LLVMValueRef gen_turns_left(Gen *gen)
{
    if (gen->turns.kind == TURNS_NOT_ASKED)
        find_turns(gen);
    if (gen->turns.kind == TURNS_UNKNOWN)
        return NULL;
    LLVMValueRef left = gen->turns.kind == TURNS_WALK ? length_of(gen, gen->turns.counter) : counted(gen);
    LLVMValueRef believed = LLVMBuildICmp(gen->builder, LLVMIntULE, left, gen_int(gen, MOST_TURNS), "");
    return LLVMBuildSelect(gen->builder, believed, left, gen_int(gen, 0), "");
}
