/*
 * Operators.
 *
 * A chain like a + b + c leans to the left: the walk goes down the left edge by a loop, keeping the operators on the work
 * stack, and combines on the way back, so a million operands need no recursion.  `=>` leans to the right and is a loop
 * as well.
 *
 * && || => stop early.  As a condition they become branches alone (build_condition); as a value, a join; in tail
 * position their right operand is the function's result, so it may be a self call.
 */
#include "ir/build.h"

/* ---- Comparison ---------------------------------------------------------------------------------------------------- */

/* Has the part been met before?  A few are searched; of many, each has been marked. */
static bool part_seen(Builder *b, size_t bottom, TypeId part)
{
    size_t n = b->stack.count - bottom;
    if (n <= LONG_LIST) {
        for (size_t i = bottom; i < b->stack.count; i++)
            if (*ITEM(&b->stack, uint32_t, i) == part.i)
                return true;
        if (n < LONG_LIST)
            return false;
        for (size_t i = bottom; i < b->stack.count; i++)
            type_seen(b, (TypeId){*ITEM(&b->stack, uint32_t, i)});
    }
    return type_seen(b, part);
}

/* Functions and HashMaps have no equality, nor has anything that contains one.  Every type is looked at once. */
static bool find_incomparable(Builder *b, TypeId start)
{
    size_t bottom = b->stack.count;
    b->searches++;
    push_id(b, start.i);
    bool found = false;
    for (size_t next = bottom; next < b->stack.count && !found; next++) {
        TypeId type = {*ITEM(&b->stack, uint32_t, next)};
        TypeKind kind = type_kind(b->types, type);
        found = kind == TYPE_FUNCTION || kind == TYPE_HASHMAP;
        uint32_t n = kind == TYPE_RECORD || kind == TYPE_TUPLE || kind == TYPE_ANONYMOUS ? type_n_fields(b->types, type)
            : kind == TYPE_VARIANT ? type_n_constructors(b->types, type) : kind == TYPE_LIST;
        for (uint32_t i = 0; i < n; i++) {
            uint32_t parts = kind == TYPE_VARIANT ? type_constructor(b->types, type, i)->n_payload : 1;
            for (uint32_t j = 0; j < parts; j++) {
                TypeId part = kind == TYPE_VARIANT ? type_payload(b->types, type, i, j)
                    : kind == TYPE_LIST ? type_part(b->types, type, 0) : type_field(b->types, type, i);
                if (!part_seen(b, bottom, part))
                    push_id(b, part.i);
            }
        }
    }
    stack_truncate(&b->stack, bottom);
    return found;
}

bool type_is_comparable(Builder *b, TypeId type)
{
    switch (type_kind(b->types, type)) {
    case TYPE_INT: case TYPE_NAT: case TYPE_FLOAT: case TYPE_BOOL: case TYPE_STRING: case TYPE_UNIT: case TYPE_PTR:
    case TYPE_ERROR: case TYPE_PARAMETER: case TYPE_VARIABLE:
        return true;
    default:
        return !find_incomparable(b, type);
    }
}

void check_comparable(Builder *b, TypeId type, SourcePos pos)
{
    TypeText text;
    if (!type_is_comparable(b, type))
        report(b, E210, pos, "values of type %s cannot be compared", type_text(b, type, &text));
}

Value emit_equal(Builder *b, Value left, Value right, SourcePos pos)
{
    pend(b, PENDING_EQUAL, left.type, pos);
    return emit_binary(b, IR_EQUAL, TYPE_ID(TYPE_BOOL), pos, left, right);
}

/* ---- Arithmetic and comparison --------------------------------------------------------------------------------------- */

static const IrOp ops[] = {
    [AST_ADD] = IR_ADD, [AST_SUBTRACT] = IR_SUBTRACT, [AST_MULTIPLY] = IR_MULTIPLY, [AST_DIVIDE] = IR_DIVIDE,
    [AST_REMAINDER] = IR_REMAINDER, [AST_EQUAL] = IR_EQUAL, [AST_NOT_EQUAL] = IR_NOT_EQUAL, [AST_LESS] = IR_LESS,
    [AST_LESS_EQUAL] = IR_LESS_EQUAL, [AST_GREATER] = IR_GREATER, [AST_GREATER_EQUAL] = IR_GREATER_EQUAL,
};

static Value report_operands(Builder *b, AstOperator op, SourcePos pos, TypeId left, TypeId right)
{
    if (b->rank_2_reported)
        return emit_error(b); /* a type parameter that was taken for a particular type: the same mistake */
    TypeText first, second;
    TypeKind a = type_kind(b->types, resolved(b, left)), c = type_kind(b->types, resolved(b, right));
    bool mixed = is_number(a) && is_number(c) && (a == TYPE_FLOAT) != (c == TYPE_FLOAT);
    Diagnostic *diagnostic = report(b, E202, pos, "operands of '%s' are %s and %s%s", ast_operator_spelling(op), type_text(b, left, &first),
           type_text(b, right, &second), mixed ? "; use int_to_float" : "");
    if (diagnostic != NULL && op == AST_ADD && (a == TYPE_STRING || c == TYPE_STRING))
        diagnostic_caret_text(b->diagnostics, diagnostic, "no operator joins strings; print one after the other");
    return emit_error(b);
}

/* Do the operands' types, made equal, suit the operator? */
static bool suits(Builder *b, AstOperator op, TypeId type, SourcePos pos)
{
    TypeKind kind = type_kind(b->types, type);
    if (kind == TYPE_ERROR)
        return true;
    if (op == AST_EQUAL || op == AST_NOT_EQUAL) {
        pend(b, PENDING_EQUAL, type, pos);
        return true;
    }
    if (kind == TYPE_VARIABLE) {
        pend(b, op == AST_REMAINDER ? PENDING_REMAINDER : op <= AST_DIVIDE ? PENDING_ARITHMETIC : PENDING_ORDER, type, pos);
        return true;
    }
    if (op == AST_REMAINDER)
        return kind == TYPE_INT || kind == TYPE_NAT;
    return is_number(kind) || (op > AST_REMAINDER && kind == TYPE_STRING);
}

static Value combine(Builder *b, NodeId node, Value left)
{
    const AstBinary *binary = ast_binary(b->ast, node);
    AstOperator op = (AstOperator)binary->head.flags;
    TypeId hint = resolved(b, left.type);
    Value right = build_value(b, binary->right, hint);
    b->session->working_at = binary->head.pos;
    TypeId left_type = resolved(b, left.type), right_type = resolved(b, right.type);
    if (left_type.i == TYPE_ERROR || right_type.i == TYPE_ERROR)
        return emit_error(b);
    if (!unify(b, left_type, right_type))
        return report_operands(b, op, binary->head.pos, left_type, right_type);
    TypeId type = resolved(b, left_type);
    if (!suits(b, op, type, binary->head.pos))
        return report_operands(b, op, binary->head.pos, type, type);
    if (type.i == TYPE_NAT)
        type = TYPE_ID(TYPE_INT); /* arithmetic on Nats is Int arithmetic */
    return emit_binary(b, ops[op], op <= AST_REMAINDER ? type : TYPE_ID(TYPE_BOOL), binary->head.pos, left, right);
}

/* ---- Conditions ------------------------------------------------------------------------------------------------------ */

static bool is_logical(const Builder *b, NodeId node, AstOperator op)
{
    const AstHead *head = ast_head(b->ast, node);
    return head->kind == AST_BINARY && head->flags == op;
}

static Value build_bool(Builder *b, NodeId node)
{
    return build_coerced(b, node, TYPE_ID(TYPE_BOOL), (SourcePos){0});
}

/* a && b && c: each operand but the last goes on to the next if it does not decide. */
static void condition_chain(Builder *b, NodeId node, AstOperator op, BlockId if_true, BlockId if_false)
{
    size_t mark = b->stack.count;
    for (; is_logical(b, node, op); node = ast_binary(b->ast, node)->left)
        push_id(b, ast_binary(b->ast, node)->right.i);
    for (;;) {
        bool last = b->stack.count == mark;
        BlockId next = !last ? new_block(b) : (BlockId){0};
        build_condition(b, node, op == AST_AND && !last ? next : if_true, op == AST_OR && !last ? next : if_false);
        if (last)
            return;
        start_block(b, next);
        node.i = *ITEM(&b->stack, uint32_t, b->stack.count - 1);
        stack_truncate(&b->stack, b->stack.count - 1);
    }
}

/* Ends the current block with branches to the two blocks, which are not started here. */
void build_condition(Builder *b, NodeId node, BlockId if_true, BlockId if_false)
{
    for (;;) {
        const AstHead *head = ast_head(b->ast, node);
        if (head->kind == AST_UNARY && head->flags == AST_NOT) {
            BlockId swap = if_true;
            if_true = if_false;
            if_false = swap;
            node = ast_unary(b->ast, node)->operand;
        } else if (is_logical(b, node, AST_IMPLIES)) {
            BlockId right = new_block(b);
            build_condition(b, ast_binary(b->ast, node)->left, right, if_true);
            start_block(b, right);
            node = ast_binary(b->ast, node)->right;
        } else if (is_logical(b, node, AST_AND) || is_logical(b, node, AST_OR)) {
            condition_chain(b, node, (AstOperator)head->flags, if_true, if_false);
            return;
        } else {
            emit_branch(b, build_bool(b, node), if_true, if_false);
            return;
        }
    }
}

/* Branches on the left operand: to `decided` if it settles the value.  a => b => c is a => (b => c), and a loop: every
   operand but the last settles it when it is false.  Returns the right operand that is left over. */
static NodeId build_left_operands(Builder *b, NodeId node, AstOperator op, BlockId decided)
{
    do {
        const AstBinary *binary = ast_binary(b->ast, node);
        BlockId next = new_block(b);
        build_condition(b, binary->left, op == AST_OR ? decided : next, op == AST_OR ? next : decided);
        start_block(b, next);
        node = binary->right;
    } while (op == AST_IMPLIES && is_logical(b, node, AST_IMPLIES));
    return node;
}

/* The value of a logical operator; in tail position the right operand is built as a tail. */
static Value build_logical(Builder *b, NodeId node, Want want)
{
    const AstHead *head = ast_head(b->ast, node);
    AstOperator op = (AstOperator)head->flags;
    bool tail = want.tail && resolved(b, b->function->result).i == TYPE_BOOL;
    BlockId decided_block = new_block(b);
    Join join = join_open(b, (Want){.expected = TYPE_ID(TYPE_BOOL), .tail = tail});
    NodeId last = build_left_operands(b, node, op, decided_block);
    if (tail) {
        build(b, last, join.want);
    } else {
        Value right = build_bool(b, last);
        join_add(b, &join, right, last);
    }
    start_block(b, decided_block);
    Value decided = emit_bool(b, op != AST_AND);
    if (tail)
        emit_return(b, decided);
    join_add(b, &join, decided, node);
    Value value = join_close(b, &join);
    if (want.tail && !tail)
        deliver(b, value, node);
    return value;
}

/* ---- Chains ------------------------------------------------------------------------------------------------------------ */

static bool is_arithmetic(const Builder *b, NodeId node)
{
    const AstHead *head = ast_head(b->ast, node);
    return head->kind == AST_BINARY && head->flags < AST_AND;
}

Value build_binary(Builder *b, NodeId node, Want want)
{
    if (!is_arithmetic(b, node))
        return build_logical(b, node, want);
    size_t mark = b->stack.count;
    NodeId left = node;
    for (; is_arithmetic(b, left); left = ast_binary(b->ast, left)->left)
        push_id(b, left.i);
    Value value = build_value(b, left, (TypeId){0});
    while (b->stack.count > mark) {
        NodeId operation = {*ITEM(&b->stack, uint32_t, b->stack.count - 1)};
        stack_truncate(&b->stack, b->stack.count - 1);
        value = combine(b, operation, value);
    }
    if (want.tail)
        deliver(b, value, node);
    return value;
}

static bool is_negated_literal(const Builder *b, NodeId node, size_t mark)
{
    if (ast_kind(b->ast, node) != AST_INT || b->stack.count == mark)
        return false;
    NodeId operation = {*ITEM(&b->stack, uint32_t, b->stack.count - 1)};
    return ast_head(b->ast, operation)->flags == AST_NEGATE;
}

/* - - - x and not not x are loops as well. */
Value build_unary(Builder *b, NodeId node)
{
    size_t mark = b->stack.count;
    for (; ast_kind(b->ast, node) == AST_UNARY; node = ast_unary(b->ast, node)->operand)
        push_id(b, node.i);
    Value value;
    if (is_negated_literal(b, node, mark)) {
        /* The sign belongs to the literal, so that the smallest Int is no overflow. */
        value = emit_int(b, (int64_t)(0 - (uint64_t)int_literal(b, ast_pos(b->ast, node))), TYPE_ID(TYPE_INT));
        stack_truncate(&b->stack, b->stack.count - 1);
    } else {
        value = build_value(b, node, (TypeId){0});
    }
    while (b->stack.count > mark) {
        NodeId operation = {*ITEM(&b->stack, uint32_t, b->stack.count - 1)};
        stack_truncate(&b->stack, b->stack.count - 1);
        const AstHead *head = ast_head(b->ast, operation);
        TypeId type = resolved(b, value.type);
        TypeText text;
        if (type.i == TYPE_ERROR)
            continue;
        if (head->flags == AST_NOT) {
            uint32_t errors = b->diagnostics->n_errors;
            value = coerce(b, value, TYPE_ID(TYPE_BOOL), (SourcePos){0}, ast_start(b->ast, ast_unary(b->ast, operation)->operand));
            value = b->diagnostics->n_errors > errors ? emit_error(b)
                                                      : emit_unary(b, IR_NOT, TYPE_ID(TYPE_BOOL), head->pos, value);
            continue;
        }
        if (type_kind(b->types, type) != TYPE_VARIABLE && !is_number(type_kind(b->types, type))) {
            report(b, E202, head->pos, "operand of '-' is %s", type_text(b, type, &text));
            value = emit_error(b);
            continue;
        }
        pend(b, PENDING_ARITHMETIC, type, head->pos);
        value = emit_unary(b, IR_NEGATE, type.i == TYPE_NAT ? TYPE_ID(TYPE_INT) : type, head->pos, value);
    }
    return value;
}
