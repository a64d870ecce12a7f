/*
 * Emitting instructions: each is appended to Builder.words as the C struct that ir.def names.
 *
 * Constants are folded on the way: an operation whose operands are constants becomes a constant.  Folding looks only
 * at the two operand instructions, so it costs nothing where nothing can be folded.  What wraps at run time wraps
 * here; what would trap is left to trap at run time, at its place.
 *
 * A block that has ended (after a jump, branch or return) takes no more instructions until the next one is started.
 */
#include <string.h>

#include "ir/build.h"
#include "ir/trail.h"

const IrHead *instruction_at(const Builder *b, ValueId id)
{
    return (const IrHead *)(const void *)((const uint32_t *)(const void *)b->words->items + b->function->start + id.i);
}

static void copy_values(ValueId *to, const ValueId *from, uint32_t n)
{
    for (uint32_t i = 0; i < n; i++)
        to[i] = from[i];
}

void *emit(Builder *b, IrOp op, TypeId type, size_t bytes, ValueId *id)
{
    uint32_t *words = array_push(b->words, bytes / sizeof(uint32_t));
    if (id != NULL)
        id->i = (uint32_t)(words - (uint32_t *)(void *)b->words->items) - b->function->start;
    *(IrHead *)(void *)words = (IrHead){op, type.i};
    if (b->session->ir_trail != NULL)
        trail_note(b->session->ir_trail, (uint32_t)b->words->count, (uint32_t)(bytes / sizeof *words), b->session->working_at);
    return words;
}

/* ---- Constants ------------------------------------------------------------------------------------------------- */

Value emit_unit(Builder *b)
{
    Value value = {{0}, TYPE_ID(TYPE_UNIT)};
    emit(b, IR_UNIT, value.type, sizeof(IrPlain), &value.id);
    return value;
}

Value emit_error(Builder *b)
{
    Value value = emit_unit(b);
    value.type = TYPE_ID(TYPE_ERROR);
    return value;
}

Value emit_int(Builder *b, int64_t number, TypeId type)
{
    Value value = {{0}, type};
    if (number >= INT32_MIN && number <= INT32_MAX) {
        IrIndex *instruction = emit(b, IR_INT32, type, sizeof *instruction, &value.id);
        instruction->index = (uint32_t)(int32_t)number;
    } else {
        IrWide *instruction = emit(b, IR_INT64, type, sizeof *instruction, &value.id);
        instruction->low = (uint32_t)(uint64_t)number;
        instruction->high = (uint32_t)((uint64_t)number >> 32);
    }
    return value;
}

Value emit_float(Builder *b, double number)
{
    Value value = {{0}, TYPE_ID(TYPE_FLOAT)};
    uint64_t bits;
    memcpy(&bits, &number, sizeof bits);
    IrWide *instruction = emit(b, IR_FLOAT, value.type, sizeof *instruction, &value.id);
    instruction->low = (uint32_t)bits;
    instruction->high = (uint32_t)(bits >> 32);
    return value;
}

Value emit_bool(Builder *b, bool truth)
{
    Value value = {{0}, TYPE_ID(TYPE_BOOL)};
    IrIndex *instruction = emit(b, IR_BOOL, value.type, sizeof *instruction, &value.id);
    instruction->index = truth;
    return value;
}

Value emit_string(Builder *b, SourcePos literal)
{
    Value value = {{0}, TYPE_ID(TYPE_STRING)};
    IrIndex *instruction = emit(b, IR_STRING, value.type, sizeof *instruction, &value.id);
    instruction->index = literal.at;
    return value;
}

bool constant_int(const Builder *b, Value value, int64_t *result)
{
    const IrHead *head = instruction_at(b, value.id);
    if (head->op == IR_INT32) {
        *result = (int32_t)((const IrIndex *)(const void *)head)->index;
        return true;
    }
    if (head->op == IR_INT64) {
        const IrWide *wide = (const IrWide *)(const void *)head;
        *result = (int64_t)((uint64_t)wide->high << 32 | wide->low);
        return true;
    }
    return false;
}

bool constant_bool(const Builder *b, Value value, bool *result)
{
    const IrHead *head = instruction_at(b, value.id);
    if (head->op != IR_BOOL)
        return false;
    *result = ((const IrIndex *)(const void *)head)->index != 0;
    return true;
}

/* ---- Folding --------------------------------------------------------------------------------------------------- */

/* False where the operation traps, or would under --overflow=trap: then it stays an instruction. */
static bool fold_arithmetic(const Builder *b, IrOp op, int64_t left, int64_t right, int64_t *result)
{
    bool overflow = false;
    switch (op) {
    case IR_ADD: overflow = __builtin_add_overflow(left, right, result); break;
    case IR_SUBTRACT: overflow = __builtin_sub_overflow(left, right, result); break;
    case IR_MULTIPLY: overflow = __builtin_mul_overflow(left, right, result); break;
    case IR_DIVIDE:
        if (right == 0 || (left == INT64_MIN && right == -1))
            return false;
        *result = left / right;
        break;
    case IR_REMAINDER:
        if (right == 0)
            return false;
        *result = right == -1 ? 0 : left % right;
        break;
    default:
        return false;
    }
    return !overflow || !b->session->options->overflow_traps;
}

static bool fold_comparison(IrOp op, int64_t left, int64_t right, bool *result)
{
    switch (op) {
    case IR_EQUAL: *result = left == right; return true;
    case IR_NOT_EQUAL: *result = left != right; return true;
    case IR_LESS: *result = left < right; return true;
    case IR_LESS_EQUAL: *result = left <= right; return true;
    case IR_GREATER: *result = left > right; return true;
    case IR_GREATER_EQUAL: *result = left >= right; return true;
    default: return false;
    }
}

Value emit_binary(Builder *b, IrOp op, TypeId type, SourcePos pos, Value left, Value right)
{
    int64_t left_number, right_number, number;
    bool truth;
    if (constant_int(b, left, &left_number) && constant_int(b, right, &right_number)) {
        if (fold_arithmetic(b, op, left_number, right_number, &number))
            return emit_int(b, number, type);
        if (fold_comparison(op, left_number, right_number, &truth))
            return emit_bool(b, truth);
    }
    Value value = {{0}, type};
    IrBinary *instruction = emit(b, op, type, sizeof *instruction, &value.id);
    instruction->pos = pos;
    instruction->left = left.id;
    instruction->right = right.id;
    return value;
}

Value emit_unary(Builder *b, IrOp op, TypeId type, SourcePos pos, Value operand)
{
    int64_t number;
    bool truth;
    if (op == IR_NOT && constant_bool(b, operand, &truth))
        return emit_bool(b, !truth);
    if (op == IR_NEGATE && constant_int(b, operand, &number)
        && !(number == INT64_MIN && b->session->options->overflow_traps))
        return emit_int(b, (int64_t)(0 - (uint64_t)number), type);
    Value value = {{0}, type};
    IrUnary *instruction = emit(b, op, type, sizeof *instruction, &value.id);
    instruction->pos = pos;
    instruction->operand = operand.id;
    return value;
}

/* ---- Composite values ------------------------------------------------------------------------------------------ */

Value emit_select(Builder *b, IrOp op, TypeId type, Value from, uint32_t index)
{
    Value value = {{0}, type};
    IrSelect *instruction = emit(b, op, type, sizeof *instruction, &value.id);
    instruction->value = from.id;
    instruction->index = index;
    return value;
}

Value emit_payload(Builder *b, TypeId type, Value from, uint32_t constructor, uint32_t index)
{
    Value value = {{0}, type};
    IrPayload *instruction = emit(b, IR_PAYLOAD, type, sizeof *instruction, &value.id);
    instruction->value = from.id;
    instruction->constructor = constructor;
    instruction->index = index;
    return value;
}

Value emit_many(Builder *b, IrOp op, TypeId type, const ValueId *values, uint32_t n)
{
    Value value = {{0}, type};
    IrMany *instruction = emit(b, op, type, sizeof *instruction + n * sizeof *values, &value.id);
    instruction->n = n;
    copy_values(instruction->values, values, n);
    return value;
}

Value emit_variant(Builder *b, TypeId type, uint32_t constructor, const ValueId *values, uint32_t n)
{
    Value value = {{0}, type};
    IrVariant *instruction = emit(b, IR_VARIANT, type, sizeof *instruction + n * sizeof *values, &value.id);
    instruction->constructor = constructor;
    instruction->n = n;
    copy_values(instruction->values, values, n);
    return value;
}

Value emit_call(Builder *b, IrOp op, TypeId type, SourcePos pos, uint32_t callee, const ValueId *arguments, uint32_t n)
{
    Value value = {{0}, type};
    IrCall *instruction = emit(b, op, type, sizeof *instruction + n * sizeof *arguments, &value.id);
    instruction->pos = pos;
    instruction->callee = callee;
    instruction->n = n;
    copy_values(instruction->arguments, arguments, n);
    return value;
}

/* ---- For debuggers --------------------------------------------------------------------------------------------- */

void emit_location(Builder *b, NodeId node)
{
    if (!b->function->has_block)
        return;
    IrLocation *instruction = emit(b, IR_LOCATION, TYPE_ID(TYPE_UNIT), sizeof *instruction, NULL);
    instruction->pos = ast_start(b->ast, node);
    instruction->n_in_scope = (uint32_t)b->locals.count;
}

void emit_variable(Builder *b, uint32_t local, ValueId value)
{
    NameId name = local_at(b, local)->name;
    if (!b->function->has_block || name.i == 0 || value.i == 0)
        return;
    IrVariable *instruction = emit(b, IR_VARIABLE, TYPE_ID(TYPE_UNIT), sizeof *instruction, NULL);
    instruction->value = value;
    instruction->name = name;
    instruction->number = local;
}

/* ---- Blocks ---------------------------------------------------------------------------------------------------- */

BlockId new_block(Builder *b)
{
    return (BlockId){b->function->n_blocks++};
}

static void open_block(Builder *b, BlockId block, uint32_t n_params)
{
    IrBlock *instruction = emit(b, IR_BLOCK, TYPE_ID(TYPE_UNIT), sizeof *instruction, NULL);
    instruction->block = block;
    instruction->n_params = n_params;
    b->function->has_block = true;
    b->function->block = block;
}

void start_block(Builder *b, BlockId block)
{
    open_block(b, block, 0);
}

Value start_block_with(Builder *b, BlockId block, TypeId param)
{
    open_block(b, block, 1);
    Value value = {{0}, param};
    emit(b, IR_PARAM, param, sizeof(IrPlain), &value.id);
    return value;
}

void emit_jump(Builder *b, BlockId target, const ValueId *arguments, uint32_t n)
{
    IrJump *instruction = emit(b, IR_JUMP, TYPE_ID(TYPE_UNIT), sizeof *instruction + n * sizeof *arguments, NULL);
    instruction->target = target;
    instruction->n = n;
    copy_values(instruction->arguments, arguments, n);
    b->function->has_block = false;
}

void emit_branch(Builder *b, Value condition, BlockId then_block, BlockId else_block)
{
    IrBranch *instruction = emit(b, IR_BRANCH, TYPE_ID(TYPE_UNIT), sizeof *instruction, NULL);
    instruction->condition = condition.id;
    instruction->then_block = then_block;
    instruction->else_block = else_block;
    b->function->has_block = false;
}

void emit_return(Builder *b, Value value)
{
    IrReturn *instruction = emit(b, IR_RETURN, TYPE_ID(TYPE_UNIT), sizeof *instruction, NULL);
    instruction->value = value.id;
    b->function->has_block = false;
}

EmitMark emit_mark(const Builder *b)
{
    const FunctionState *function = b->function;
    return (EmitMark){(uint32_t)b->words->count, (uint32_t)b->finished->count, (uint32_t)b->finished_words->count,
                      function->n_blocks, function->has_block, function->block};
}

/* Lambdas in what is dropped go with it: their places in the product stay, empty. */
static void drop_finished(Builder *b, EmitMark mark)
{
    if (b->finished->count == mark.finished)
        return;
    for (uint32_t i = mark.finished; i < b->finished->count; i++)
        *ITEM(b->functions, IrFunction, ITEM(b->finished, FinishedFunction, i)->function.i) = (IrFunction){0};
    array_truncate(b->finished, mark.finished);
    array_truncate(b->finished_words, mark.finished_words);
}

void emit_rewind(Builder *b, EmitMark mark)
{
    array_truncate(b->words, mark.words);
    drop_finished(b, mark);
    size_t n = b->pending_instances->count;
    while (n > 0) {
        const PendingInstance *last = ITEM(b->pending_instances, PendingInstance, n - 1);
        if (last->word < (last->in_finished ? mark.finished_words : mark.words))
            break;
        n--;
    }
    if (n < b->pending_instances->count)
        array_truncate(b->pending_instances, n);
    b->function->n_blocks = mark.n_blocks;
    b->function->has_block = mark.has_block;
    b->function->block = mark.block;
}
