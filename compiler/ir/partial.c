/*
 * Partial application, and functions in stages.
 *
 * A call with too few arguments makes a closure that captures them and takes the rest; so does the name of a function
 * as a value, with no arguments at all.
 *
 * A -> (B -> C) and (A, B) -> C are one type, but not one function: \a -> (print("a"); \b -> e) has something to do as
 * soon as it has got a, and only once, however often its result is called.  The code of such a function takes all
 * arguments like any other, so that calls need not know; but its closure is *staged*: it says how many arguments the
 * first stage takes, and its only captured value is that first stage, a function of its own which returns the second
 * in a record of one field (a function type as its result would be merged).  Only a partial application asks, and
 * calls the first stage when it has enough arguments for it.
 */
#include "ir/build.h"

/* ---- Stages ------------------------------------------------------------------------------------------------------------ */

Value in_record(Builder *b, Value function)
{
    TypeId field = zonk(b, function.type);
    TypeId type = make_type(b, TYPE_TUPLE, &field.i, 1, b->session->working_at);
    return emit_many(b, IR_RECORD, type, &function.id, 1);
}

/* Calls with as many arguments as the function's type shows; they lie on b->stack from `first` on. */
static Value call_value(Builder *b, Value function, size_t first, SourcePos pos)
{
    Callable callable;
    size_t mark = b->stack.count;
    callable_of_value(b, function, pos, &callable);
    Value value = emit_callable(b, &callable, first, callable.n_params);
    stack_truncate(&b->stack, mark);
    return value;
}

/* What the first stage of a function of this type returns, out of its record. */
static Value call_first_stage(Builder *b, Value stage, TypeId type, uint32_t n, size_t first, SourcePos pos)
{
    return emit_select(b, IR_FIELD, after_arguments(b, type, n), call_value(b, stage, first, pos), 0);
}

Value close_in_stages(Builder *b, Value stage, uint32_t n, TypeId type, SourcePos pos)
{
    if (type_kind(b->types, type) != TYPE_FUNCTION)
        return emit_error(b); /* nested too deeply; reported */
    size_t mark = b->stack.count, locals = b->locals.count;
    uint32_t local = bind_local(b, (NameId){0}, stage.id, stage.type);
    FunctionState state;
    begin_function(b, &state, b->function->name, pos, (TypeId){0}, IR_CLOSURE_BODY | n << IR_STAGE_SHIFT);
    for (uint32_t i = 0; i < type_n_params(b->types, type); i++)
        push_id(b, add_param(b, type_param(b->types, type, i)).id.i);
    Value next = call_first_stage(b, capture_local(b, local), type, n, mark, pos);
    Value value = call_value(b, next, mark + n, pos);
    emit_return(b, value);
    state.result = zonk(b, value.type);
    stack_truncate(&b->stack, mark);
    Value closure = close_over(b, type, pos);
    unbind_locals(b, locals);
    return closure;
}

static TypeId type_of_first_stage(Builder *b, TypeId type, uint32_t n, SourcePos pos)
{
    size_t mark = b->stack.count;
    TypeId rest = after_arguments(b, type, n);
    for (uint32_t i = 0; i < n; i++)
        push_id(b, type_param(b->types, type, i).i);
    push_id(b, make_type(b, TYPE_TUPLE, &rest.i, 1, pos).i);
    TypeId stage = make_type(b, TYPE_FUNCTION, ITEM(&b->stack, uint32_t, mark), n + 1, pos);
    stack_truncate(&b->stack, mark);
    return stage;
}

/* ---- Closures that take the rest ----------------------------------------------------------------------------------------- */

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

/* Inside the wrapper: all arguments are there, captured or passed; Nat parameters of constructors, externs and built-in
   functions are checked by the caller, which is the wrapper. */
static Value call_from_wrapper(Builder *b, Callable *callable, size_t values)
{
    for (uint32_t i = 0; i < callable->n_params; i++) {
        Value argument = {{*ITEM(&b->stack, uint32_t, values + i)}, value_type(b, callable_param(b, callable, i))};
        argument = coerce(b, argument, callable_param(b, callable, i), callable_nat_pos(b, callable, i), callable->pos);
        *ITEM(&b->stack, uint32_t, values + i) = argument.id.i;
    }
    return emit_callable(b, callable, values, callable->n_params);
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

/* The code of a wrapper, whose own parameters' types lie on b->stack from `types` on. */
static Value build_wrapper_code(Builder *b, const Callable *callable, uint32_t n, size_t types, uint32_t first_local)
{
    size_t values = b->stack.count;
    stack_push(&b->stack, n);
    for (uint32_t i = n; i < callable->n_params; i++)
        push_id(b, add_param(b, (TypeId){*ITEM(&b->stack, uint32_t, types + i - n)}).id.i);
    for (uint32_t i = 0; i < n; i++)
        *ITEM(&b->stack, uint32_t, values + i) = capture_local(b, first_local + i).id.i;
    Callable inside = *callable;
    if (callable->kind == CALL_COMPUTED)
        inside.value = capture_local(b, first_local + n);
    Value value = call_from_wrapper(b, &inside, values);
    stack_truncate(&b->stack, values);
    return value;
}

static Value wrap(Builder *b, const Callable *callable, size_t supplied, uint32_t n)
{
    size_t mark = b->stack.count, locals = b->locals.count;
    uint32_t first_local = bind_supplied(b, callable, supplied, n), n_rest = callable->n_params - n;
    for (uint32_t i = n; i < callable->n_params; i++)
        push_id(b, value_type(b, callable_param(b, callable, i)).i);
    TypeId result = value_type(b, callable->result);
    forbid_function(b, result);
    bool staged = type_kind(b->types, result) == TYPE_FUNCTION;
    FunctionState state;
    begin_function(b, &state, callable->name.i != 0 ? callable->name : b->function->name, callable->pos, result, IR_CLOSURE_BODY);
    Value value = build_wrapper_code(b, callable, n, mark, first_local);
    if (staged) {
        value = in_record(b, value);
        state.result = value.type;
    }
    emit_return(b, value);
    push_id(b, state.result.i);
    TypeId type = make_type(b, TYPE_FUNCTION, ITEM(&b->stack, uint32_t, mark), n_rest + 1, callable->pos);
    Value closure = close_over(b, type, callable->pos);
    if (staged) {
        *ITEM(&b->stack, TypeId, mark + n_rest) = result;
        type = make_type(b, TYPE_FUNCTION, ITEM(&b->stack, uint32_t, mark), n_rest + 1, callable->pos);
        closure = close_in_stages(b, closure, n_rest == 0 ? 1 : n_rest, type, callable->pos); /* () is one Unit */
    }
    stack_truncate(&b->stack, mark);
    unbind_locals(b, locals);
    return closure;
}

/* ---- Partial application of a function value -------------------------------------------------------------------------------- */

enum { MAX_ASKED = 32 }; /* a function value of more parameters is not asked for its stages: that takes n * n instructions */
#define STAGE_UNKNOWN UINT32_MAX

/* How many arguments the first stage takes, 0 for a function in one stage, as far as the closure was made in sight. */
static uint32_t known_stage(const Builder *b, Value function)
{
    const IrHead *head = instruction_at(b, function.id);
    if (head->op != IR_CLOSURE)
        return STAGE_UNKNOWN;
    const IrCall *closure = (const void *)head;
    return ITEM(b->functions, IrFunction, closure->callee)->flags >> IR_STAGE_SHIFT;
}

static Value part_of_value(Builder *b, const Callable *callable, size_t supplied, uint32_t n);

static Value part_of_rest(Builder *b, Value rest, size_t supplied, uint32_t n, SourcePos pos)
{
    Callable callable;
    size_t mark = b->stack.count;
    callable_of_value(b, rest, pos, &callable);
    Value part = part_of_value(b, &callable, supplied, n);
    stack_truncate(&b->stack, mark);
    return part;
}

/* The function is staged: its first stage takes `stage` arguments. */
static Value part_of_staged(Builder *b, const Callable *callable, uint32_t stage, size_t supplied, uint32_t n)
{
    SourcePos pos = callable->pos;
    TypeId type = resolved(b, callable->value.type);
    Value first = emit_select(b, IR_FIRST_STAGE, type_of_first_stage(b, type, stage, pos), callable->value, stage);
    if (n < stage) { /* the first stage waits for more */
        Callable of_first;
        size_t mark = b->stack.count;
        callable_of_value(b, first, pos, &of_first);
        Value part = wrap(b, &of_first, supplied, n);
        stack_truncate(&b->stack, mark);
        return close_in_stages(b, part, stage - n, after_arguments(b, type, n), pos);
    }
    Value rest = call_first_stage(b, first, type, stage, supplied, pos);
    return n == stage ? rest : part_of_rest(b, rest, supplied + stage, n - stage, pos);
}

/* Whether the function is staged shows only at run time: one argument, a branch for each possible first stage. */
static Value part_of_unknown(Builder *b, const Callable *callable, size_t supplied)
{
    BlockId end = new_block(b);
    for (uint32_t stage = 1; stage < callable->n_params; stage++) {
        Value is_staged = emit_select(b, IR_STAGE_IS, TYPE_ID(TYPE_BOOL), callable->value, stage);
        BlockId staged = new_block(b), otherwise = new_block(b);
        emit_branch(b, is_staged, staged, otherwise);
        start_block(b, staged);
        Value part = part_of_staged(b, callable, stage, supplied, 1);
        emit_jump(b, end, &part.id, 1);
        start_block(b, otherwise);
    }
    Value part = wrap(b, callable, supplied, 1);
    emit_jump(b, end, &part.id, 1);
    return start_block_with(b, end, part.type);
}

static Value part_of_value(Builder *b, const Callable *callable, size_t supplied, uint32_t n)
{
    uint32_t stage = known_stage(b, callable->value);
    if (n == 0)
        return callable->value;
    if (stage == 0 || callable->n_params < 2 || (stage == STAGE_UNKNOWN && callable->n_params > MAX_ASKED))
        return wrap(b, callable, supplied, n);
    if (stage != STAGE_UNKNOWN)
        return part_of_staged(b, callable, stage, supplied, n);
    Value part = part_of_unknown(b, callable, supplied);
    return n == 1 ? part : part_of_rest(b, part, supplied + 1, n - 1, callable->pos);
}

/* ---- Partial application ------------------------------------------------------------------------------------------------------ */

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
    return callable->kind == CALL_COMPUTED ? part_of_value(b, callable, supplied, n) : wrap(b, callable, supplied, n);
}
