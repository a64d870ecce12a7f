/*
 * Checks what ir.h promises, after the IR has been built: in debug builds and in tests.
 *
 * Three passes over a function, all linear up to a logarithm:
 *
 *   shape       instructions follow each other without a gap, blocks begin with IrBlock, their parameters follow, a terminator
 *               ends them, every block stands exactly once; jumps and branches go to blocks that exist
 *   dominators  every edge leads to a block that stands later (or back to block 0), so standing order is topological
 *               and a block's immediate dominator is the nearest common ancestor of its predecessors; ancestors are
 *               found in O(log n) with a second, longer link in every node
 *   uses        every operand is a value computed before, in a block that dominates; and its type fits
 *
 * Types are compared as far as their representation goes: Int is as good as Nat, String, Ptr and HashMap are
 * all addresses.
 */
#include <inttypes.h>
#include <stdarg.h>
#include <string.h>

#include "ir/builder.h"

typedef struct {
    uint32_t word;        /* of the IrBlock */
    uint32_t order;       /* 1 for the block that stands first; 0: not met yet */
    uint32_t dominator;   /* the immediate one, as an order; 0: none yet */
    uint32_t jump;        /* some dominator further up, as an order */
    uint32_t depth;
    uint32_t n_params;
} BlockFacts;

typedef struct {
    FILE *stream;
    const Session *session;
    Types *types;
    const Ir *ir;
    const IrFunction *function;
    FunctionId id;
    uint32_t *block_of;   /* by ValueId: order of the block that computes it; 0: no value starts here */
    BlockFacts *blocks;   /* by BlockId */
    BlockId *standing;    /* by order */
    bool good;
} Verifier;

/* ---- reporting --------------------------------------------------------------------------------------------------- */

static bool wrong(Verifier *v, uint32_t word, const char *format, ...) __attribute__((format(printf, 3, 4)));

/* Reports the first violation only; always false. */
static bool wrong(Verifier *v, uint32_t word, const char *format, ...)
{
    if (!v->good)
        return false;
    v->good = false;
    const char *place = "end";
    if (word < v->function->n_words && v->function->first_word + word < v->ir->n_words) {
        IrOp op = (IrOp)ir_head(v->ir, v->function, (ValueId){word})->op;
        place = op < N_IR_OPS ? ir_op_name(op) : "?";
    }
    fprintf(v->stream, "ir_verify: function %" PRIu32 " '%.*s', word %" PRIu32 " (%s): ", v->id.i,
            NAME_ARGS(&v->session->names, v->function->name), word, place);
    va_list arguments;
    va_start(arguments, format);
    vfprintf(v->stream, format, arguments);
    va_end(arguments);
    fputc('\n', v->stream);
    return false;
}

static const IrHead *head_at(const Verifier *v, uint32_t word)
{
    return ir_head(v->ir, v->function, (ValueId){word});
}

/* ---- shape ------------------------------------------------------------------------------------------------------- */

static bool begin_block(Verifier *v, uint32_t word, uint32_t *order)
{
    const IrBlock *block = (const void *)head_at(v, word);
    if (block->block.i >= v->function->n_blocks)
        return wrong(v, word, "block %" PRIu32 " of %" PRIu32, block->block.i, v->function->n_blocks);
    BlockFacts *facts = &v->blocks[block->block.i];
    if (facts->order != 0)
        return wrong(v, word, "block %" PRIu32 " stands twice", block->block.i);
    if (*order == 0 && block->block.i != 0)
        return wrong(v, word, "the first block is %" PRIu32, block->block.i);
    *facts = (BlockFacts){.word = word, .order = ++*order, .n_params = block->n_params};
    v->standing[*order] = block->block;
    return true;
}

/* One instruction of the walk; `params_left` counts down behind an IrBlock, `open` says that a block wants more. */
static bool check_place(Verifier *v, uint32_t word, uint32_t *order, uint32_t *params_left, bool *open)
{
    IrOp op = head_at(v, word)->op;
    if (op >= N_IR_OPS)
        return wrong(v, word, "no such operation");
    if ((op == IR_BLOCK) == *open)
        return wrong(v, word, *open ? "the block before it has no end" : "outside any block");
    if (op == IR_BLOCK) {
        *params_left = ((const IrBlock *)(const void *)head_at(v, word))->n_params;
        *open = true;
        return begin_block(v, word, order);
    }
    if ((op == IR_PARAM) != (*params_left > 0))
        return wrong(v, word, "%" PRIu32 " parameters are missing or too many", *params_left);
    if (op == IR_PARAM)
        --*params_left;
    if (ir_has_value(op))
        v->block_of[word] = *order;
    *open = !ir_is_terminator(op);
    return true;
}

static bool check_shape(Verifier *v)
{
    uint32_t order = 0, params_left = 0, word = 0;
    bool open = false;
    while (word < v->function->n_words) {
        if (!check_place(v, word, &order, &params_left, &open))
            return false;
        word += ir_size(head_at(v, word));
    }
    if (word != v->function->n_words || open)
        return wrong(v, word, "the function's last instruction is cut or no end");
    if (order != v->function->n_blocks)
        return wrong(v, word, "%" PRIu32 " blocks stand, %" PRIu32 " are promised", order, v->function->n_blocks);
    return true;
}

/* ---- dominators -------------------------------------------------------------------------------------------------- */

static BlockFacts *facts_of(const Verifier *v, uint32_t order)
{
    return &v->blocks[v->standing[order].i];
}

/* The ancestor of `order` that is not deeper than `depth`. */
static uint32_t climb(const Verifier *v, uint32_t order, uint32_t depth)
{
    while (facts_of(v, order)->depth > depth) {
        const BlockFacts *facts = facts_of(v, order);
        order = facts_of(v, facts->jump)->depth >= depth ? facts->jump : facts->dominator;
    }
    return order;
}

static uint32_t common_ancestor(const Verifier *v, uint32_t a, uint32_t b)
{
    uint32_t depth_a = facts_of(v, a)->depth, depth_b = facts_of(v, b)->depth;
    a = climb(v, a, depth_b);
    b = climb(v, b, depth_a);
    while (a != b) {
        const BlockFacts *facts_a = facts_of(v, a), *facts_b = facts_of(v, b);
        bool far = facts_a->jump != facts_b->jump; /* equally deep nodes have equally long links */
        a = far ? facts_a->jump : facts_a->dominator;
        b = far ? facts_b->jump : facts_b->dominator;
    }
    return a;
}

static bool add_edge(Verifier *v, uint32_t word, uint32_t from, BlockId to)
{
    if (to.i >= v->function->n_blocks)
        return wrong(v, word, "to block %" PRIu32 " of %" PRIu32, to.i, v->function->n_blocks);
    if (to.i == 0)
        return v->function->flags & IR_TAIL_LOOP ? true : wrong(v, word, "back to block 0 without IR_TAIL_LOOP");
    BlockFacts *target = &v->blocks[to.i];
    if (target->order <= from)
        return wrong(v, word, "back to block %" PRIu32, to.i);
    target->dominator = target->dominator == 0 ? from : common_ancestor(v, target->dominator, from);
    return true;
}

/* All edges to the block are known: its predecessors stand before it. */
static bool settle_block(Verifier *v, uint32_t word, uint32_t order)
{
    BlockFacts *facts = facts_of(v, order);
    if (order == 1) {
        facts->jump = 1;
        return true;
    }
    if (facts->dominator == 0)
        return wrong(v, word, "nothing leads to block %" PRIu32, v->standing[order].i);
    const BlockFacts *up = facts_of(v, facts->dominator), *far = facts_of(v, up->jump);
    facts->depth = up->depth + 1;
    facts->jump = up->depth - far->depth == far->depth - facts_of(v, far->jump)->depth ? far->jump : facts->dominator;
    return true;
}

static bool check_edges(Verifier *v)
{
    uint32_t order = 0;
    for (uint32_t word = 0; word < v->function->n_words; word += ir_size(head_at(v, word))) {
        const void *at = head_at(v, word);
        const IrBranch *branch = at;
        switch ((IrOp)head_at(v, word)->op) {
        case IR_BLOCK:
            if (!settle_block(v, word, ++order))
                return false;
            break;
        case IR_JUMP:
            if (!add_edge(v, word, order, ((const IrJump *)at)->target))
                return false;
            break;
        case IR_BRANCH:
            if (!add_edge(v, word, order, branch->then_block) || !add_edge(v, word, order, branch->else_block))
                return false;
            if (v->blocks[branch->then_block.i].n_params + v->blocks[branch->else_block.i].n_params > 0)
                return wrong(v, word, "to a block with parameters");
            break;
        default:
            break;
        }
    }
    return true;
}

/* ---- types ------------------------------------------------------------------------------------------------------- */

static TypeId type_of(const Verifier *v, ValueId value)
{
    return (TypeId){ir_head(v->ir, v->function, value)->type};
}

/* Types of one class are represented alike and stand for each other. */
static TypeKind class_of(const Verifier *v, TypeId type)
{
    TypeKind kind = type_kind(v->types, type);
    switch (kind) {
    case TYPE_NAT: case TYPE_C_INT: case TYPE_C_UINT: case TYPE_C_SHORT: case TYPE_C_CHAR: return TYPE_INT;
    case TYPE_C_FLOAT: return TYPE_FLOAT;
    case TYPE_STRING: case TYPE_HASHMAP: return TYPE_PTR;
    default: return kind;
    }
}

static bool fits(const Verifier *v, TypeId have, TypeId want)
{
    return type_equal(have, want) || class_of(v, have) == class_of(v, want);
}

/* ---- uses -------------------------------------------------------------------------------------------------------- */

static bool check_use(Verifier *v, uint32_t word, uint32_t order, ValueId value)
{
    if (value.i == 0 || value.i >= word || v->block_of[value.i] == 0)
        return wrong(v, word, "operand %" PRIu32 " is no value computed before", value.i);
    uint32_t block = v->block_of[value.i];
    if (climb(v, order, facts_of(v, block)->depth) != block)
        return wrong(v, word, "operand %" PRIu32 " belongs to a block that does not dominate", value.i);
    return true;
}

static bool check_typed(Verifier *v, uint32_t word, uint32_t order, ValueId value, TypeId want)
{
    if (!check_use(v, word, order, value))
        return false;
    if (!fits(v, type_of(v, value), want))
        return wrong(v, word, "operand %" PRIu32 " is of type %" PRIu32 ", not %" PRIu32, value.i, type_of(v, value).i, want.i);
    return true;
}

static bool check_uses(Verifier *v, uint32_t word, uint32_t order, const ValueId *values, uint32_t n)
{
    for (uint32_t i = 0; i < n; i++)
        if (!check_use(v, word, order, values[i]))
            return false;
    return true;
}

static bool check_count(Verifier *v, uint32_t word, uint32_t have, uint32_t want)
{
    return have == want || wrong(v, word, "%" PRIu32 " operands, not %" PRIu32, have, want);
}

static bool check_kind(Verifier *v, uint32_t word, ValueId value, TypeKind kind)
{
    return type_kind(v->types, type_of(v, value)) == kind ||
           wrong(v, word, "operand %" PRIu32 " is of type %" PRIu32, value.i, type_of(v, value).i);
}

static bool check_has_fields(Verifier *v, uint32_t word, TypeId type)
{
    TypeKind kind = type_kind(v->types, type);
    return kind == TYPE_RECORD || kind == TYPE_ANONYMOUS || kind == TYPE_TUPLE ||
           wrong(v, word, "type %" PRIu32 " has no fields", type.i);
}

static bool check_record(Verifier *v, uint32_t word, uint32_t order, const IrMany *record)
{
    TypeId type = {record->head.type};
    if (!check_has_fields(v, word, type) || !check_count(v, word, record->n, type_n_fields(v->types, type)))
        return false;
    for (uint32_t i = 0; i < record->n; i++)
        if (!check_typed(v, word, order, record->values[i], type_field(v->types, type, i)))
            return false;
    return true;
}

static bool check_constructor(Verifier *v, uint32_t word, TypeId type, uint32_t constructor)
{
    if (type_kind(v->types, type) != TYPE_VARIANT || constructor >= type_n_constructors(v->types, type))
        return wrong(v, word, "constructor %" PRIu32 " of type %" PRIu32, constructor, type.i);
    return true;
}

static bool check_variant(Verifier *v, uint32_t word, uint32_t order, const IrVariant *variant)
{
    TypeId type = {variant->head.type};
    if (!check_constructor(v, word, type, variant->constructor) ||
        !check_count(v, word, variant->n, type_constructor(v->types, type, variant->constructor)->n_payload))
        return false;
    for (uint32_t i = 0; i < variant->n; i++)
        if (!check_typed(v, word, order, variant->values[i], type_payload(v->types, type, variant->constructor, i)))
            return false;
    return true;
}

static bool check_payload(Verifier *v, uint32_t word, uint32_t order, const IrPayload *payload)
{
    if (!check_use(v, word, order, payload->value))
        return false;
    TypeId type = type_of(v, payload->value);
    if (!check_constructor(v, word, type, payload->constructor))
        return false;
    return payload->index < type_constructor(v->types, type, payload->constructor)->n_payload ||
           wrong(v, word, "payload %" PRIu32, payload->index);
}

static bool check_list(Verifier *v, uint32_t word, uint32_t order, const IrMany *list)
{
    TypeId type = {list->head.type};
    if (type_kind(v->types, type) != TYPE_LIST)
        return wrong(v, word, "a list of type %" PRIu32, type.i);
    for (uint32_t i = 0; i < list->n; i++)
        if (!check_typed(v, word, order, list->values[i], type_part(v->types, type, 0)))
            return false;
    return true;
}

/* Arguments of a call or jump against parameters that stand behind an IrBlock. */
static bool check_arguments(Verifier *v, uint32_t word, uint32_t order, const ValueId *arguments, uint32_t n,
                            const IrFunction *callee, uint32_t block_word)
{
    const IrBlock *block = (const void *)ir_head(v->ir, callee, (ValueId){block_word});
    if (!check_count(v, word, n, block->n_params))
        return false;
    uint32_t parameter = block_word + (uint32_t)(sizeof *block / sizeof(uint32_t));
    for (uint32_t i = 0; i < n; i++)
        if (!check_typed(v, word, order, arguments[i], (TypeId){ir_head(v->ir, callee, (ValueId){parameter + i})->type}))
            return false;
    return true;
}

/* () -> T is also the type of what takes one Unit: a parameter may have turned out to be one behind the call. */
static bool check_value_arguments(Verifier *v, uint32_t word, const IrCall *call, TypeId callee)
{
    uint32_t n = type_n_params(v->types, callee);
    bool unit = n == 0 && call->n == 1 && type_of(v, call->arguments[0]).i == TYPE_UNIT;
    return unit || check_count(v, word, call->n, n);
}

static bool check_call(Verifier *v, uint32_t word, uint32_t order, const IrCall *call)
{
    if (!check_uses(v, word, order, call->arguments, call->n))
        return false;
    switch (call->head.op) {
    case IR_CALL_BUILTIN:
        return call->callee < N_BUILTINS || wrong(v, word, "builtin %" PRIu32, call->callee);
    case IR_CALL_EXTERN: {
        if (call->callee >= v->ir->n_externs)
            return wrong(v, word, "extern %" PRIu32, call->callee);
        const IrExtern *callee = &v->ir->externs[call->callee];
        return call->n == callee->n_params || (callee->variadic && call->n > callee->n_params) ||
               wrong(v, word, "%" PRIu32 " arguments for %u parameters", call->n, callee->n_params);
    }
    case IR_CALL_VALUE: {
        ValueId callee = {call->callee};
        return check_use(v, word, order, callee) && check_kind(v, word, callee, TYPE_FUNCTION) &&
               check_value_arguments(v, word, call, type_of(v, callee));
    }
    default:
        break;
    }
    if (call->callee >= v->ir->n_functions)
        return wrong(v, word, "function %" PRIu32, call->callee);
    const IrFunction *callee = &v->ir->functions[call->callee];
    if (call->head.op == IR_CLOSURE)
        return callee->flags & IR_CLOSURE_BODY || wrong(v, word, "function %" PRIu32 " is no closure body", call->callee);
    return check_arguments(v, word, order, call->arguments, call->n, callee, 0);
}

static bool check_select(Verifier *v, uint32_t word, uint32_t order, const IrSelect *select)
{
    if (!check_use(v, word, order, select->value))
        return false;
    switch (select->head.op) {
    case IR_FIELD:
        return check_has_fields(v, word, type_of(v, select->value)) &&
               (select->index < type_n_fields(v->types, type_of(v, select->value)) ||
                wrong(v, word, "field %" PRIu32, select->index));
    case IR_TAG_IS:
        return check_constructor(v, word, type_of(v, select->value), select->index);
    case IR_STAGE_IS: case IR_FIRST_STAGE:
        return check_kind(v, word, select->value, TYPE_FUNCTION) &&
               (select->index < type_n_params(v->types, type_of(v, select->value)) || wrong(v, word, "stage %" PRIu32, select->index));
    default:
        return check_kind(v, word, select->value, TYPE_LIST);
    }
}

static bool check_instruction(Verifier *v, uint32_t word, uint32_t order)
{
    const void *at = head_at(v, word);
    const IrBinary *binary = at;
    const IrJump *jump = at;
    TypeId boolean = TYPE_ID(TYPE_BOOL);
    switch ((IrOp)head_at(v, word)->op) {
    case IR_ADD: case IR_SUBTRACT: case IR_MULTIPLY: case IR_DIVIDE: case IR_REMAINDER: case IR_EQUAL: case IR_NOT_EQUAL:
    case IR_LESS: case IR_LESS_EQUAL: case IR_GREATER: case IR_GREATER_EQUAL:
        return check_use(v, word, order, binary->left) && check_typed(v, word, order, binary->right, type_of(v, binary->left));
    case IR_NEGATE: case IR_NOT: case IR_NAT_CHECK: case IR_FORCE:
        return check_use(v, word, order, ((const IrUnary *)at)->operand);
    case IR_CHECK: return check_typed(v, word, order, ((const IrCheck *)at)->condition, boolean);
    case IR_RECORD: return check_record(v, word, order, at);
    case IR_VARIANT: return check_variant(v, word, order, at);
    case IR_PAYLOAD: return check_payload(v, word, order, at);
    case IR_LIST: return check_list(v, word, order, at);
    case IR_FIELD: case IR_TAG_IS: case IR_LIST_LENGTH: case IR_ELEMENT: case IR_TAIL: case IR_STAGE_IS: case IR_FIRST_STAGE:
        return check_select(v, word, order, at);
    case IR_CALL: case IR_CALL_VALUE: case IR_CALL_EXTERN: case IR_CALL_BUILTIN: case IR_CLOSURE:
        return check_call(v, word, order, at);
    case IR_C_FUNCTION:
        return ((const IrIndex *)at)->index < v->ir->n_functions || wrong(v, word, "function %" PRIu32, ((const IrIndex *)at)->index);
    case IR_C_SYMBOL:
        return ((const IrIndex *)at)->index < v->ir->n_externs || wrong(v, word, "extern %" PRIu32, ((const IrIndex *)at)->index);
    case IR_LAZY: return check_use(v, word, order, (ValueId){((const IrIndex *)at)->index});
    case IR_JUMP:
        return check_arguments(v, word, order, jump->arguments, jump->n, v->function, v->blocks[jump->target.i].word);
    case IR_BRANCH: return check_typed(v, word, order, ((const IrBranch *)at)->condition, boolean);
    case IR_RETURN: return check_typed(v, word, order, ((const IrReturn *)at)->value, v->function->result);
    case IR_VARIABLE: return check_use(v, word, order, ((const IrVariable *)at)->value);
    case IR_BLOCK: case IR_PARAM: case IR_CAPTURE: case IR_INT32: case IR_INT64: case IR_FLOAT: case IR_BOOL: case IR_STRING:
    case IR_UNIT: case IR_NULL: case IR_LOCATION: case IR_UNREACHABLE: case N_IR_OPS:
        break;
    }
    return true;
}

static bool check_instructions(Verifier *v)
{
    uint32_t order = 0;
    for (uint32_t word = 0; word < v->function->n_words; word += ir_size(head_at(v, word))) {
        if (head_at(v, word)->op == IR_BLOCK)
            order++;
        if (!check_instruction(v, word, order))
            return false;
    }
    return true;
}

/* ---- entry ------------------------------------------------------------------------------------------------------- */

static bool check_function(Verifier *v, Arena *scratch)
{
    const IrFunction *function = v->function;
    if (function->n_words > v->ir->n_words || function->first_word > v->ir->n_words - function->n_words ||
        function->n_words == 0)
        return wrong(v, 0, "it lies outside the words");
    v->block_of = arena_push_zero(scratch, function->n_words * sizeof(uint32_t));
    v->blocks = arena_push_zero(scratch, function->n_blocks * sizeof(BlockFacts) + 1);
    v->standing = arena_push_zero(scratch, (function->n_blocks + 1) * sizeof(BlockId));
    return check_shape(v) && check_edges(v) && check_instructions(v);
}

bool ir_verify(FILE *stream, const Session *session, const Ir *ir, Arena *scratch)
{
    Verifier v = {.stream = stream, .session = session, .types = session->types, .ir = ir, .good = true};
    for (uint32_t i = 0; i < ir->n_functions && v.good; i++) {
        if (ir->functions[i].n_words == 0)
            continue;
        ArenaMark mark = arena_mark(scratch);
        v.id = (FunctionId){i};
        v.function = &ir->functions[i];
        check_function(&v, scratch);
        arena_rewind(scratch, &mark);
    }
    if (v.good && ir->has_main && ir->main.i >= ir->n_functions) {
        fprintf(stream, "ir_verify: main is function %" PRIu32 " of %" PRIu32 "\n", ir->main.i, ir->n_functions);
        v.good = false;
    }
    return v.good;
}
