/*
 * Expressions: one function, one walk, types and instructions at once.
 *
 * build() takes a node and what is wanted of its value: a type handed down as a hint, and whether the value is the
 * function's result.  In tail position the value is returned on the spot, by each branch for itself, so there is no
 * join behind it, and a self call there is a jump.
 *
 * Long chains (let, `;`, else-if) are walked by loops; recursion happens only where the source nests.
 */
#include <stdlib.h>

#include "ir/build.h"

/* ---- Conversions --------------------------------------------------------------------------------------------------- */

void check_type(Builder *b, TypeId expected, TypeId found, SourcePos pos)
{
    if (unify(b, expected, found))
        return;
    TypeText wanted, given;
    TypeKind to = type_kind(b->types, resolved(b, expected)), from = type_kind(b->types, resolved(b, found));
    if (b->rank_2 && (to == TYPE_PARAMETER || from == TYPE_PARAMETER)) {
        if (!b->rank_2_reported)
            report(b, E106, pos, "a parameter cannot be generic inside the function (rank-2 types are not supported)");
        b->rank_2_reported = true;
        return;
    }
    Diagnostic *diagnostic = report(b, E201, pos, "expected %s, found %s", type_text(b, expected, &wanted),
                                    type_text(b, found, &given));
    if (diagnostic == NULL)
        return;
    if (to == TYPE_FLOAT && (from == TYPE_INT || from == TYPE_NAT))
        diagnostic_caret_text(b->diagnostics, diagnostic, "use int_to_float");
    else if (from == TYPE_FLOAT && (to == TYPE_INT || to == TYPE_NAT))
        diagnostic_caret_text(b->diagnostics, diagnostic, "use float_to_int");
}

/* The implicit conversions that hold everywhere: Int and Nat (checked when the target is Nat), Ptr and Ptr. */
Value coerce(Builder *b, Value value, TypeId target, SourcePos nat_pos, SourcePos value_pos)
{
    TypeId to = resolved(b, target), from = resolved(b, value.type);
    if (type_equal(to, from) || from.i == TYPE_ERROR)
        return (Value){value.id, from.i == TYPE_ERROR ? from : to};
    check_type(b, to, from, value_pos);
    to = resolved(b, to);
    if (type_kind(b->types, to) != TYPE_NAT || type_kind(b->types, resolved(b, from)) != TYPE_INT)
        return (Value){value.id, to};
    int64_t number;
    if (constant_int(b, value, &number) && number >= 0)
        return (Value){value.id, to};
    return emit_unary(b, IR_NAT_CHECK, to, nat_pos, value);
}

bool is_zero_literal(Builder *b, NodeId node)
{
    return ast_kind(b->ast, node) == AST_INT && int_literal(b, ast_pos(b->ast, node)) == 0;
}

Value build_coerced(Builder *b, NodeId node, TypeId target, SourcePos nat_pos)
{
    Value value = build_value(b, node, target);
    return coerce_node(b, value, target, nat_pos, node);
}

/* In call arguments and annotated lets the literal 0 may be a null pointer. */
Value build_argument(Builder *b, NodeId node, TypeId target, SourcePos nat_pos)
{
    TypeId to = resolved(b, target);
    if (type_kind(b->types, to) == TYPE_PTR && is_zero_literal(b, node)) {
        Value null = {{0}, to};
        emit(b, IR_NULL, to, sizeof(IrPlain), &null.id);
        return null;
    }
    return build_coerced(b, node, target, nat_pos);
}

/* ---- Literals ------------------------------------------------------------------------------------------------------ */

/* The parser has seen to it that the digits fit; 2^63 comes only behind a minus, where wrapping gives the right value. */
int64_t int_literal(const Builder *b, SourcePos pos)
{
    uint64_t number = 0;
    for (const char *digit = source_at(&b->session->text, pos); *digit >= '0' && *digit <= '9'; digit++)
        number = number * 10 + (uint64_t)(*digit - '0');
    return (int64_t)number;
}

double float_literal(const Builder *b, SourcePos pos)
{
    return strtod(source_at(&b->session->text, pos), NULL);
}

/* ---- Names --------------------------------------------------------------------------------------------------------- */

static Value build_name(Builder *b, NodeId node)
{
    const AstName *name = ast_name(b->ast, node);
    uint32_t local = meaning_of(b, name->name)->local;
    if (local != NO_INDEX)
        return read_name(b, local, name->head.pos);
    Callable callable;
    if (!callable_of_name(b, name->name, name->head.pos, NO_INDEX, &callable)) {
        report_undefined(b, name->name, name->head.pos);
        return emit_error(b);
    }
    size_t mark = callable.first_type;
    Value value = partial_application(b, &callable, b->stack.count, 0);
    stack_truncate(&b->stack, mark);
    return value;
}

/* ---- Joins --------------------------------------------------------------------------------------------------------- */

Join join_open(Builder *b, Want want)
{
    Join join = {.want = want, .type = {0}};
    if (!want.tail)
        join.block = new_block(b);
    return join;
}

/* The first branch's type is handed to the others, unless something is known from outside. */
Want join_want(Builder *b, const Join *join)
{
    Want want = join->want;
    bool open = want.expected.i == 0 || type_kind(b->types, resolved(b, want.expected)) == TYPE_VARIABLE;
    if (open && join->type.i != 0 && !want.drop && resolved(b, join->type).i != TYPE_ERROR)
        want.expected = type_kind(b->types, join->type) == TYPE_NAT ? TYPE_ID(TYPE_INT) : join->type;
    return want;
}

/*
 * What is expected of the whole, if every branch has to be that: then the branch that is something else is to blame, not
 * those behind it.  An argument's Ptr or HashMap may come from values of other types.
 */
static TypeId demanded_of_branches(Builder *b, const Join *join)
{
    TypeId expected = join->want.expected.i == 0 ? join->want.expected : resolved(b, join->want.expected);
    switch (type_kind(b->types, expected)) {
    case TYPE_NONE: case TYPE_ERROR: case TYPE_VARIABLE: case TYPE_PTR: case TYPE_HASHMAP:
        return (TypeId){0};
    default:
        return expected;
    }
}

/* Where the branch starts is looked for only if there is something to compare. */
static void check_branch(Builder *b, TypeId expected, TypeId found, NodeId node)
{
    if (!type_equal(expected, found))
        check_type(b, expected, found, ast_start(b->ast, node));
}

static void join_type(Builder *b, Join *join, TypeId type, NodeId node)
{
    if (join->want.tail || join->want.drop)
        return;
    TypeId demanded = demanded_of_branches(b, join);
    uint32_t n_errors = b->diagnostics->n_errors;
    if (demanded.i != 0 && resolved(b, type).i != TYPE_ERROR)
        check_branch(b, demanded, type, node);
    if (b->diagnostics->n_errors > n_errors)
        type = TYPE_ID(TYPE_ERROR);
    if (join->type.i == 0 || resolved(b, join->type).i == TYPE_ERROR)
        join->type = type;
    else
        check_branch(b, join->type, type, node);
    /* A value is known to be a Nat only if it is one in every branch. */
    if (type_kind(b->types, join->type) == TYPE_NAT && type_kind(b->types, resolved(b, type)) != TYPE_NAT)
        join->type = TYPE_ID(TYPE_INT);
}

void join_add(Builder *b, Join *join, Value value, NodeId node)
{
    if (join->want.tail)
        return;
    join_type(b, join, value.type, node);
    emit_jump(b, join->block, &value.id, join->want.drop ? 0 : 1);
    join->used = true;
}

void join_dead(Builder *b, Join *join, NodeId node)
{
    EmitMark mark = emit_mark(b);
    start_block(b, new_block(b));
    Value value = build(b, node, join_want(b, join));
    join_type(b, join, value.type, node);
    emit_rewind(b, mark);
}

Value join_close(Builder *b, Join *join)
{
    if (join->want.tail)
        return (Value){{0}, TYPE_ID(TYPE_ERROR)};
    if (!join->want.drop)
        return start_block_with(b, join->block, resolved(b, join->type));
    start_block(b, join->block);
    return emit_unit(b);
}

/* ---- if ------------------------------------------------------------------------------------------------------------ */

static bool needs_branches(const Builder *b, NodeId node)
{
    const AstHead *head = ast_head(b->ast, node);
    return (head->kind == AST_BINARY && head->flags >= AST_AND && head->flags <= AST_IMPLIES)
        || (head->kind == AST_UNARY && head->flags == AST_NOT);
}

typedef enum { CONDITION_OPEN, CONDITION_TRUE, CONDITION_FALSE } Condition;

/* Ends the current block with a branch, unless the condition is a constant. */
static Condition build_if_condition(Builder *b, NodeId node, BlockId *then_block, BlockId *else_block)
{
    if (needs_branches(b, node)) {
        *then_block = new_block(b);
        *else_block = new_block(b);
        build_condition(b, node, *then_block, *else_block);
        return CONDITION_OPEN;
    }
    Value condition = build_coerced(b, node, TYPE_ID(TYPE_BOOL), (SourcePos){0});
    bool truth;
    if (condition.type.i == TYPE_BOOL && constant_bool(b, condition, &truth))
        return truth ? CONDITION_TRUE : CONDITION_FALSE;
    *then_block = new_block(b);
    *else_block = new_block(b);
    emit_branch(b, condition, *then_block, *else_block);
    return CONDITION_OPEN;
}

static Value build_if(Builder *b, NodeId node, Want want)
{
    Join join = join_open(b, want);
    while (ast_kind(b->ast, node) == AST_IF) {
        const AstIf *branches = ast_if(b->ast, node);
        BlockId then_block = {0}, else_block = {0};
        Condition condition = build_if_condition(b, branches->condition, &then_block, &else_block);
        if (condition == CONDITION_FALSE) {
            join_dead(b, &join, branches->then_branch);
        } else {
            if (condition == CONDITION_OPEN)
                start_block(b, then_block);
            Value value = build(b, branches->then_branch, join_want(b, &join));
            join_add(b, &join, value, branches->then_branch);
        }
        node = branches->else_branch;
        if (condition == CONDITION_TRUE) {
            join_dead(b, &join, node);
            return join_close(b, &join);
        }
        if (condition == CONDITION_OPEN)
            start_block(b, else_block);
    }
    Value value = build(b, node, join_want(b, &join));
    join_add(b, &join, value, node);
    return join_close(b, &join);
}

/* ---- let and ; ----------------------------------------------------------------------------------------------------- */

static void build_let(Builder *b, NodeId node)
{
    const AstLet *let = ast_let(b->ast, node);
    TypeId type = let->type.i != 0 ? resolve_type(b, let->type, TYPE_IN_PROGRAM) : (TypeId){0};
    SourcePos nat_pos = let->type.i != 0 ? ast_pos(b->ast, let->type) : (SourcePos){0};
    Value value;
    if (let->head.flags & AST_LAZY)
        value = build_thunk(b, let->value, type, nat_pos);
    else if (type.i != 0)
        value = build_argument(b, let->value, type, nat_pos);
    else
        value = build_value(b, let->value, type);
    AstKind kind = ast_kind(b->ast, let->pattern);
    const AstName *name = kind == AST_PATTERN_NAME ? ast_name(b->ast, let->pattern) : NULL;
    char first = name == NULL ? 'A' : *name_text(b->names, name->name);
    bool variable = name != NULL && !(first >= 'A' && first <= 'Z');
    if (variable) {
        uint32_t local = bind_local(b, name->name, value.id, value.type);
        local_at(b, local)->lazy = (let->head.flags & AST_LAZY) && resolved(b, value.type).i != TYPE_ERROR;
        if (local_at(b, local)->lazy)
            local_at(b, local)->type = type_part(b->types, value.type, 0);
        note_binding(b, local, name->head.pos);
    } else if (kind != AST_PATTERN_WILD) {
        if (let->head.flags & AST_LAZY && resolved(b, value.type).i != TYPE_ERROR)
            value = emit_unary(b, IR_FORCE, type_part(b->types, value.type, 0), let->head.pos, value);
        bind_irrefutable(b, let->pattern, value);
    }
}

static Value build_chain(Builder *b, NodeId node, Want want)
{
    size_t locals = b->locals.count;
    for (;;) {
        b->session->working_at = ast_pos(b->ast, node);
        if (ast_kind(b->ast, node) == AST_LET) {
            build_let(b, node);
            node = ast_let(b->ast, node)->body;
        } else if (ast_kind(b->ast, node) == AST_SEQUENCE) {
            build_value(b, ast_sequence(b->ast, node)->first, (TypeId){0});
            node = ast_sequence(b->ast, node)->rest;
        } else {
            break;
        }
    }
    Value value = build(b, node, want);
    unbind_locals(b, locals);
    return value;
}

/* ---- Lists, tuples, ascriptions ------------------------------------------------------------------------------------ */

static Value build_list(Builder *b, NodeId node, TypeId expected)
{
    const AstItems *list = ast_items(b->ast, node);
    size_t mark = b->stack.count;
    TypeId element = {0};
    expected = expected.i == 0 ? expected : resolved(b, expected);
    if (expected.i != 0 && type_kind(b->types, expected) == TYPE_LIST)
        element = type_part(b->types, expected, 0);
    if (element.i == 0)
        element = new_variable(b, VARIABLE_ANY, list->head.pos);
    for (uint32_t i = 0; i < list->n; i++)
        push_id(b, build_coerced(b, list->items[i], element, (SourcePos){0}).id.i);
    element = zonk(b, element);
    b->session->working_at = list->head.pos;
    TypeId type = make_type(b, TYPE_LIST, &element.i, 1, list->head.pos);
    Value value = emit_many(b, IR_LIST, type, ITEM(&b->stack, ValueId, mark), list->n);
    stack_truncate(&b->stack, mark);
    return value;
}

static Value build_tuple(Builder *b, NodeId node, TypeId expected)
{
    const AstItems *tuple = ast_items(b->ast, node);
    size_t mark = b->stack.count;
    uint32_t n = tuple->n;
    stack_push(&b->stack, 2 * (size_t)n); /* the types, then the values */
    expected = expected.i == 0 ? expected : resolved(b, expected);
    bool known = expected.i != 0 && type_kind(b->types, expected) == TYPE_TUPLE && type_n_fields(b->types, expected) == n;
    for (uint32_t i = 0; i < n; i++) {
        TypeId part = known ? type_part(b->types, expected, i) : (TypeId){0};
        Value value = known ? build_coerced(b, tuple->items[i], part, (SourcePos){0}) : build_value(b, tuple->items[i], part);
        *ITEM(&b->stack, uint32_t, mark + i) = zonk(b, value.type).i;
        *ITEM(&b->stack, uint32_t, mark + n + i) = value.id.i;
    }
    b->session->working_at = tuple->head.pos;
    TypeId type = make_type(b, TYPE_TUPLE, ITEM(&b->stack, uint32_t, mark), n, tuple->head.pos);
    Value value = emit_many(b, IR_RECORD, type, ITEM(&b->stack, ValueId, mark + n), n);
    stack_truncate(&b->stack, mark);
    return value;
}

static Value build_ascription(Builder *b, NodeId node, Want want)
{
    const AstAscription *ascription = ast_ascription(b->ast, node);
    TypeId type = resolve_type(b, ascription->type, TYPE_IN_PROGRAM);
    if (want.tail && type_kind(b->types, type) != TYPE_NAT && type_equal(resolved(b, b->function->result), type))
        return build(b, ascription->expression, want);
    Value value = build_coerced(b, ascription->expression, type, ast_pos(b->ast, ascription->type));
    if (want.tail)
        deliver(b, value, node);
    return value;
}

/* ---- All kinds ----------------------------------------------------------------------------------------------------- */

/* A function declared `-> Unit` drops the value of each of its tails. */
static bool drops_result(const Builder *b)
{
    return b->function->result.i == TYPE_UNIT && b->function->global.i != 0;
}

void deliver(Builder *b, Value value, NodeId node)
{
    b->session->working_at = ast_pos(b->ast, node);
    if (drops_result(b))
        value = emit_unit(b);
    else
        value = coerce_node(b, value, b->function->result, (SourcePos){0}, node);
    emit_return(b, value);
}

Value build_value(Builder *b, NodeId node, TypeId expected)
{
    return build(b, node, (Want){.expected = expected});
}

static Value build_leaf(Builder *b, NodeId node, Want want)
{
    SourcePos pos = ast_pos(b->ast, node);
    switch (ast_kind(b->ast, node)) {
    case AST_NAME:
        return build_name(b, node);
    case AST_INT:
        return emit_int(b, int_literal(b, pos), TYPE_ID(TYPE_INT));
    case AST_FLOAT:
        return emit_float(b, float_literal(b, pos));
    case AST_STRING:
        return emit_string(b, pos);
    case AST_TRUE:
        return emit_bool(b, true);
    case AST_FALSE:
        return emit_bool(b, false);
    case AST_UNIT:
        return emit_unit(b);
    case AST_LIST:
        return build_list(b, node, want.expected);
    case AST_TUPLE:
        return build_tuple(b, node, want.expected);
    case AST_RECORD:
        return build_record(b, node, want.expected);
    case AST_UNARY:
        return build_unary(b, node);
    case AST_LAMBDA:
        return build_lambda(b, node, want.expected);
    default:
        return emit_error(b); /* AST_ERROR: reported by the parser */
    }
}

Value build(Builder *b, NodeId node, Want want)
{
    b->session->working_at = ast_pos(b->ast, node);
    if (b->session->options->debug_information)
        emit_location(b, node);
    if (want.tail && drops_result(b))
        want.expected = (TypeId){0};
    switch (ast_kind(b->ast, node)) {
    case AST_LET:
    case AST_SEQUENCE:
        return build_chain(b, node, want);
    case AST_IF:
        return build_if(b, node, want);
    case AST_MATCH:
        return build_match(b, node, want);
    case AST_BINARY:
        return build_binary(b, node, want);
    case AST_CALL:
    case AST_FIELD:
        return build_postfix(b, node, want);
    case AST_ASCRIPTION:
        return build_ascription(b, node, want);
    default: {
        Value value = build_leaf(b, node, want);
        if (want.tail)
            deliver(b, value, node);
        return value;
    }
    }
}
