/*
 * Functions as values: lambdas, partial application, names of functions, thunks for `lazy`.
 *
 * A function value is a closure: code together with the values that it captures, by value.  The code is an IR function
 * of its own with IR_CLOSURE_BODY, built behind the words of the function around it and then set aside.  A name that
 * belongs to a function around the lambda becomes a captured value the moment it is used; what a lambda inside a
 * lambda captures, the outer one captures as well.
 *
 * The invariant that makes calls simple: a function value's code takes exactly as many parameters as its type shows.
 * As A -> (B -> C) and (A, B) -> C are one type, a lambda whose body is a function takes that function's parameters too.
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

/* Ends a closure's body and makes the closure in the function around it. */
static Value close_over(Builder *b, TypeId type, SourcePos pos)
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
                bind_local(b, param->name, value.id, value.type);
        }
}

/* `more`: types of parameters behind the written ones, which the body's value is called with. */
static Value lambda_body(Builder *b, NodeId body, TypeId expected, size_t more_values, uint32_t n_more)
{
    Value value = build_value(b, body, expected);
    if (n_more == 0)
        return value;
    Callable callee;
    size_t mark = b->stack.count;
    if (callable_of_value(b, value, ast_start(b->ast, body), &callee)
        && (callee.n_params == n_more || (callee.n_params == 0 && n_more == 1))) {
        value = emit_callable(b, &callee, more_values, callee.n_params);
    } else {
        TypeText text;
        if (resolved(b, value.type).i != TYPE_ERROR)
            report(b, E201, ast_start(b->ast, body), "expected a function of %u parameter%s, found %s", n_more,
                   n_more == 1 ? "" : "s", type_text(b, value.type, &text));
        value = emit_error(b);
    }
    stack_truncate(&b->stack, mark);
    return value;
}

/* One attempt; *body_type is the type of the body if it turned out to be a function nobody had expected. */
static Value try_lambda(Builder *b, NodeId node, TypeId expected, TypeId extra, TypeId *body_type)
{
    uint32_t n_written, n_expected = expected.i == 0 ? 0 : type_n_params(b->types, expected);
    NodeId body = innermost_body(b, node, &n_written);
    SourcePos pos = ast_pos(b->ast, node);
    size_t mark = b->stack.count, locals = b->locals.count;
    push_param_types(b, node, expected);
    size_t more = b->stack.count;
    if (n_expected > n_written) {
        for (uint32_t i = n_written; i < n_expected; i++)
            push_id(b, type_param(b->types, expected, i).i);
    } else if (extra.i != 0) {
        for (uint32_t i = 0; i < type_n_params(b->types, extra); i++)
            push_id(b, type_param(b->types, extra, i).i);
        if (type_n_params(b->types, extra) == 0)
            push_id(b, TYPE_UNIT); /* see make_function in types.c */
    }
    uint32_t n_more = (uint32_t)(b->stack.count - more);
    uint32_t n = n_written + n_more;

    FunctionState state;
    begin_function(b, &state, b->function->name, pos, (TypeId){0}, IR_CLOSURE_BODY);
    size_t values = b->stack.count;
    for (uint32_t i = 0; i < n; i++)
        push_id(b, add_param(b, (TypeId){*ITEM(&b->stack, uint32_t, mark + i)}).id.i);
    bind_params(b, node, mark, values);
    TypeId result = {0};
    if (n_expected >= n_written && n_expected > 0 && n_more == 0)
        result = type_result(b->types, expected);
    else if (n_more > 0)
        result = extra; /* 0 if the expectation told the parameters only */
    Value value = lambda_body(b, body, result, values + n_written, n_more);
    *body_type = resolved(b, value.type);
    if (n_expected > 0 && n_expected == n)
        value = coerce(b, value, type_result(b->types, expected), (SourcePos){0}, ast_start(b->ast, body));
    forbid_function(b, value.type);
    emit_return(b, value);
    state.result = zonk(b, value.type);
    unbind_locals(b, locals);
    stack_truncate(&b->stack, values);
    for (uint32_t i = 0; i < n; i++)
        *ITEM(&b->stack, uint32_t, mark + i) = zonk(b, (TypeId){*ITEM(&b->stack, uint32_t, mark + i)}).i;
    push_id(b, state.result.i == TYPE_NAT ? TYPE_INT : state.result.i);
    TypeId type = make_type(b, TYPE_FUNCTION, ITEM(&b->stack, uint32_t, mark), n + 1, pos);
    Value closure = close_over(b, type, pos);
    stack_truncate(&b->stack, mark);
    return closure;
}

Value build_lambda(Builder *b, NodeId node, TypeId expected)
{
    expected = expected.i == 0 ? expected : zonk(b, expected);
    if (expected.i != 0 && type_kind(b->types, expected) != TYPE_FUNCTION)
        expected = (TypeId){0};
    uint32_t errors = b->diagnostics->n_errors, n_written;
    innermost_body(b, node, &n_written);
    EmitMark mark = emit_mark(b);
    TypeId body_type;
    Value closure = try_lambda(b, node, expected, (TypeId){0}, &body_type);
    bool unexpected = type_kind(b->types, body_type) == TYPE_FUNCTION && (expected.i == 0 || type_n_params(b->types, expected) <= n_written);
    if (!unexpected || b->diagnostics->n_errors > errors)
        return closure;
    /* The body is a function: build the lambda once more, now with that function's parameters as its own. */
    emit_rewind(b, mark);
    return try_lambda(b, node, expected.i == 0 ? expected : zonk(b, expected), zonk(b, body_type), &body_type);
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

/* ---- Partial application ----------------------------------------------------------------------------------------------- */

static bool is_constant(const Callable *callable)
{
    return callable->n_params == 0
        && (callable->kind == CALL_CONSTRUCTOR || (callable->kind == CALL_LIBRARY && name_is(callable->name, NAME_Nil)));
}

static TypeId value_type(Builder *b, TypeId type)
{
    type = zonk(b, type);
    return type.i == TYPE_NAT ? TYPE_ID(TYPE_INT) : type;
}

/* The rest of the callable's parameters, then those of its result if that is a function; the result's type last. */
static uint32_t push_remaining(Builder *b, const Callable *callable, uint32_t n_supplied)
{
    size_t mark = b->stack.count;
    for (uint32_t i = n_supplied; i < callable->n_params; i++)
        push_id(b, value_type(b, callable_param(b, callable, i)).i);
    TypeId result = value_type(b, callable->result);
    forbid_function(b, result);
    if (type_kind(b->types, result) == TYPE_FUNCTION) {
        if (callable->n_params == 0)
            push_id(b, TYPE_UNIT); /* see make_function in types.c */
        for (uint32_t i = 0; i < type_n_params(b->types, result); i++)
            push_id(b, type_param(b->types, result, i).i);
        if (type_n_params(b->types, result) == 0)
            push_id(b, TYPE_UNIT);
        result = type_result(b->types, result);
    }
    uint32_t n = (uint32_t)(b->stack.count - mark);
    push_id(b, result.i);
    return n;
}

/* Inside the wrapper: all arguments are there, captured or passed; Nat parameters of constructors, externs and built-in
   functions are checked by the caller, which is the wrapper. */
static Value call_from_wrapper(Builder *b, Callable *callable, size_t values, uint32_t n_values)
{
    for (uint32_t i = 0; i < callable->n_params; i++) {
        Value argument = {{*ITEM(&b->stack, uint32_t, values + i)}, value_type(b, callable_param(b, callable, i))};
        argument = coerce(b, argument, callable_param(b, callable, i), callable_nat_pos(b, callable, i), callable->pos);
        *ITEM(&b->stack, uint32_t, values + i) = argument.id.i;
    }
    Value value = emit_callable(b, callable, values, callable->n_params);
    if (n_values == callable->n_params)
        return value;
    Callable next;
    size_t mark = b->stack.count;
    callable_of_value(b, value, callable->pos, &next);
    value = emit_callable(b, &next, values + n_values - next.n_params, next.n_params);
    stack_truncate(&b->stack, mark);
    return value;
}

/* Supplied arguments become nameless locals, so that the wrapper captures them as a lambda would. */
static uint32_t bind_supplied(Builder *b, const Callable *callable, size_t supplied, uint32_t n)
{
    uint32_t first = (uint32_t)b->locals.count;
    for (uint32_t i = 0; i < n; i++)
        bind_local(b, (NameId){0}, *ITEM(&b->stack, ValueId, supplied + i), callable_param(b, callable, i));
    if (callable->kind == CALL_COMPUTED)
        bind_local(b, (NameId){0}, callable->value.id, callable->value.type);
    return first;
}

/* A function value cannot tell C where the code is: it is more than an address. */
static bool takes_callback(Builder *b, const Callable *callable)
{
    if (!callable_is_extern(b, callable))
        return false;
    for (uint32_t i = 0; i < callable->n_params; i++)
        if (type_kind(b->types, resolved(b, callable_param(b, callable, i))) == TYPE_FUNCTION)
            return true;
    return false;
}

Value partial_application(Builder *b, Callable *callable, size_t supplied, uint32_t n)
{
    if (callable->kind == CALL_GLOBAL && global_at(b, callable->global)->broken)
        return emit_error(b);
    if (is_constant(callable))
        return emit_callable(b, callable, b->stack.count, 0);
    if (takes_callback(b, callable)) {
        report(b, E121, callable->pos, "'%.*s' passes a function to C; call it with all of its arguments",
               NAME_ARGS(b->names, callable->name));
        return emit_error(b);
    }
    size_t mark = b->stack.count, locals = b->locals.count;
    uint32_t first_local = bind_supplied(b, callable, supplied, n);
    uint32_t n_remaining = push_remaining(b, callable, n);
    TypeId type = make_type(b, TYPE_FUNCTION, ITEM(&b->stack, uint32_t, mark), n_remaining + 1, callable->pos);

    FunctionState state;
    begin_function(b, &state, callable->name.i != 0 ? callable->name : b->function->name, callable->pos,
                   (TypeId){*ITEM(&b->stack, uint32_t, mark + n_remaining)}, IR_CLOSURE_BODY);
    size_t values = b->stack.count;
    stack_push(&b->stack, n);
    for (uint32_t i = 0; i < n_remaining; i++)
        push_id(b, add_param(b, (TypeId){*ITEM(&b->stack, uint32_t, mark + i)}).id.i);
    for (uint32_t i = 0; i < n; i++)
        *ITEM(&b->stack, uint32_t, values + i) = capture_local(b, first_local + i).id.i;
    Callable inside = *callable;
    if (callable->kind == CALL_COMPUTED)
        inside.value = capture_local(b, first_local + n);
    Value value = call_from_wrapper(b, &inside, values, n + n_remaining);
    emit_return(b, value);
    stack_truncate(&b->stack, mark);
    Value closure = close_over(b, type, callable->pos);
    unbind_locals(b, locals);
    return closure;
}
