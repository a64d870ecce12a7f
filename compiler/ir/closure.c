/*
 * Functions as values: lambdas, and thunks for `lazy`.
 *
 * A function value is a closure: code together with the values that it captures, by value.  The code is an IR function
 * of its own with IR_CLOSURE_BODY, built behind the words of the function around it and then set aside.  A name that
 * belongs to a function around the lambda becomes a captured value the moment it is used; what a lambda inside a
 * lambda captures, the outer one captures as well.
 *
 * The invariant that makes calls simple: a function value's code takes exactly as many parameters as its type shows.
 * As A -> (B -> C) and (A, B) -> C are one type, a lambda whose body is a function takes that function's parameters too
 * (see partial.c).
 */
#include "ir/build.h"

/* ---- Captures -------------------------------------------------------------------------------------------------------- */

/* The value of a local of a function further out, inside the function being built. */
Value capture_local(Builder *b, uint32_t local)
{
    uint32_t first = b->function->first_capture;
    uint32_t index = first;
    while (index < b->captures.count && *ITEM(&b->captures, uint32_t, index) != local)
        index++;
    if (index == b->captures.count)
        *(uint32_t *)stack_push(&b->captures, 1) = local;
    const Local *captured = local_at(b, local);
    TypeId type = captured->lazy ? type_lazy(b->types, captured->type) : captured->type;
    Value value = {{0}, type};
    IrIndex *instruction = emit(b, IR_CAPTURE, type, sizeof *instruction, &value.id);
    instruction->index = index - first;
    value.type = captured->lazy ? type : captured->type;
    return value;
}

static FunctionId new_function(Builder *b)
{
    *(IrFunction *)array_push(b->functions, 1) = (IrFunction){0};
    return (FunctionId){(uint32_t)b->functions->count - 1};
}

Value close_over(Builder *b, TypeId type, SourcePos pos)
{
    FunctionId id = new_function(b);
    uint32_t first = b->function->first_capture;
    uint32_t n = (uint32_t)b->captures.count - first;
    size_t mark = b->stack.count;
    for (uint32_t i = 0; i < n; i++)
        push_id(b, *ITEM(&b->captures, uint32_t, first + i));
    stack_truncate(&b->captures, first);
    end_nested_function(b, id);
    for (uint32_t i = 0; i < n; i++) {
        uint32_t local = *ITEM(&b->stack, uint32_t, mark + i);
        ValueId value = local_at(b, local)->value;
        if (local_at(b, local)->level != b->function->level)
            value = capture_local(b, local).id;
        *ITEM(&b->stack, uint32_t, mark + i) = value.i;
    }
    Value closure = emit_call(b, IR_CLOSURE, type, pos, id.i, ITEM(&b->stack, ValueId, mark), n);
    stack_truncate(&b->stack, mark);
    return closure;
}

/* ---- Lambdas --------------------------------------------------------------------------------------------------------- */

/* \x -> \y -> e is \x y -> e. */
static NodeId innermost_body(const Builder *b, NodeId node, uint32_t *n_params)
{
    *n_params = 0;
    while (ast_kind(b->ast, node) == AST_LAMBDA) {
        *n_params += ast_lambda(b->ast, node)->n;
        node = ast_lambda(b->ast, node)->body;
    }
    return node;
}

/* The parameters' types, on the stack: annotated, else as expected, else unknown. */
static void push_param_types(Builder *b, NodeId node, TypeId expected)
{
    uint32_t index = 0;
    uint32_t n_expected = expected.i == 0 ? 0 : type_n_params(b->types, expected);
    bool wants_unit = expected.i != 0 && n_expected == 0; /* () -> T is also what takes a single Unit */
    for (; ast_kind(b->ast, node) == AST_LAMBDA; node = ast_lambda(b->ast, node)->body)
        for (uint32_t i = 0; i < ast_lambda(b->ast, node)->n; i++, index++) {
            const AstParam *param = ast_param(b->ast, ast_lambda(b->ast, node)->params[i]);
            TypeId type = index < n_expected ? type_param(b->types, expected, index)
                : wants_unit && index == 0 ? TYPE_ID(TYPE_UNIT) : (TypeId){0};
            if (param->type.i != 0) {
                TypeId annotated = resolve_type(b, param->type, TYPE_IN_PROGRAM);
                uint32_t errors = b->diagnostics->n_errors;
                if (type.i != 0)
                    check_type(b, type, annotated, param->head.pos);
                type = b->diagnostics->n_errors > errors ? TYPE_ID(TYPE_ERROR) : annotated;
            }
            push_id(b, type.i != 0 ? type.i : new_variable(b, VARIABLE_ANY, param->head.pos).i);
        }
}

static void bind_params(Builder *b, NodeId node, size_t types, size_t values)
{
    uint32_t index = 0;
    for (; ast_kind(b->ast, node) == AST_LAMBDA; node = ast_lambda(b->ast, node)->body)
        for (uint32_t i = 0; i < ast_lambda(b->ast, node)->n; i++, index++) {
            const AstParam *param = ast_param(b->ast, ast_lambda(b->ast, node)->params[i]);
            Value value = {{*ITEM(&b->stack, uint32_t, values + index)}, {*ITEM(&b->stack, uint32_t, types + index)}};
            if (value.type.i == TYPE_NAT)
                value = emit_unary(b, IR_NAT_CHECK, value.type, param->head.pos, value);
            if (param->name.i != 0)
                note_binding(b, bind_local(b, param->name, value.id, value.type), param->head.pos);
        }
}

/* `n_more`: how many parameters the body has to take, as it is expected to be a function; else 0. */
static Value lambda_body(Builder *b, NodeId body, TypeId expected, uint32_t n_more)
{
    Value value = build_value(b, body, expected);
    TypeId type = resolved(b, value.type);
    TypeKind kind = type_kind(b->types, type);
    if (n_more > 0 && kind != TYPE_FUNCTION && kind != TYPE_VARIABLE && kind != TYPE_ERROR) {
        TypeText text;
        report(b, E201, ast_start(b->ast, body), "expected a function of %u parameter%s, found %s", n_more,
               n_more == 1 ? "" : "s", type_text(b, type, &text));
        return emit_error(b);
    }
    return expected.i == 0 ? value : coerce(b, value, expected, (SourcePos){0}, ast_start(b->ast, body));
}

/* What is expected of a body behind n parameters; 0 if that is not known. */
static TypeId expected_of_body(Builder *b, TypeId expected, uint32_t n)
{
    uint32_t n_expected = expected.i == 0 ? 0 : type_n_params(b->types, expected);
    if (n_expected == 0 || n_expected < n)
        return (TypeId){0};
    return n_expected == n ? type_result(b->types, expected) : after_arguments(b, expected, n);
}

/* The types of the parameters lie on b->stack from `types` on; returns the body's value. */
static Value build_lambda_code(Builder *b, NodeId node, size_t types, TypeId expected)
{
    uint32_t n, n_expected = expected.i == 0 ? 0 : type_n_params(b->types, expected);
    NodeId body = innermost_body(b, node, &n);
    size_t values = b->stack.count, locals = b->locals.count;
    for (uint32_t i = 0; i < n; i++)
        push_id(b, add_param(b, (TypeId){*ITEM(&b->stack, uint32_t, types + i)}).id.i);
    bind_params(b, node, types, values);
    Value value = lambda_body(b, body, expected_of_body(b, expected, n), n_expected > n ? n_expected - n : 0);
    forbid_function(b, value.type);
    unbind_locals(b, locals);
    stack_truncate(&b->stack, values);
    return value;
}

Value build_lambda(Builder *b, NodeId node, TypeId expected)
{
    expected = expected.i == 0 ? expected : zonk(b, expected);
    if (expected.i != 0 && type_kind(b->types, expected) != TYPE_FUNCTION)
        expected = (TypeId){0};
    SourcePos pos = ast_pos(b->ast, node);
    size_t mark = b->stack.count;
    push_param_types(b, node, expected);
    uint32_t n = (uint32_t)(b->stack.count - mark), n_expected = expected.i == 0 ? 0 : type_n_params(b->types, expected);
    FunctionState state;
    begin_function(b, &state, b->function->name, pos, (TypeId){0}, IR_CLOSURE_BODY);
    Value value = build_lambda_code(b, node, mark, expected);
    TypeId result = zonk(b, value.type);
    if (type_kind(b->types, result) == TYPE_FUNCTION)
        value = in_record(b, value);
    emit_return(b, value);
    state.result = zonk(b, value.type);
    for (uint32_t i = 0; i < n; i++)
        *ITEM(&b->stack, uint32_t, mark + i) = zonk(b, (TypeId){*ITEM(&b->stack, uint32_t, mark + i)}).i;
    push_id(b, state.result.i == TYPE_NAT ? TYPE_INT : state.result.i);
    Value closure = close_over(b, make_type(b, TYPE_FUNCTION, ITEM(&b->stack, uint32_t, mark), n + 1, pos), pos);
    if (type_kind(b->types, result) == TYPE_FUNCTION) {
        *ITEM(&b->stack, TypeId, mark + n) = result;
        closure = close_in_stages(b, closure, n, make_type(b, TYPE_FUNCTION, ITEM(&b->stack, uint32_t, mark), n + 1, pos), pos);
    }
    stack_truncate(&b->stack, mark);
    bool body_is_wrong = n_expected > n && result.i == TYPE_ERROR; /* then how many it takes is not known */
    return body_is_wrong ? emit_error(b) : closure;
}

/* let x = lazy e: a closure without parameters in a cell. */
Value build_thunk(Builder *b, NodeId node, TypeId expected, SourcePos nat_pos)
{
    SourcePos pos = ast_pos(b->ast, node);
    FunctionState state;
    begin_function(b, &state, b->function->name, pos, (TypeId){0}, IR_CLOSURE_BODY);
    Value value = expected.i == 0 ? build_value(b, node, expected) : build_coerced(b, node, expected, nat_pos);
    emit_return(b, value);
    state.result = zonk(b, value.type);
    TypeId type = type_make(b->types, TYPE_FUNCTION, &state.result.i, 1);
    TypeId cell_type = type_lazy(b->types, state.result);
    Value closure = close_over(b, type, pos);
    Value cell = {{0}, cell_type};
    IrIndex *instruction = emit(b, IR_LAZY, cell_type, sizeof *instruction, &cell.id);
    instruction->index = closure.id.i;
    return cell;
}
