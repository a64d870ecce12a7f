/*
 * Functions: what stands around a body.
 *
 *   block 0(parameters)        a self tail call jumps here, so everything below happens for it again
 *     Nat checks of parameters
 *     requires
 *     body
 *     Nat check of the result  (these two only if they exist; then no call in the body is a tail call)
 *     ensures
 *     return
 *
 * A function's words stand at the end of Builder.words while it is built.  A lambda inside it is built behind them and
 * then moved to Builder.finished_words.  When the outermost function is complete, all type variables have their final
 * meaning: what was put off is settled, the types in the instructions are replaced, the lambdas follow their function.
 */
#include <string.h>

#include "ir/build_past.h"
#include "ir/trail.h"

/* ---- Beginning and ending ------------------------------------------------------------------------------------------ */

void begin_function(Builder *b, FunctionState *state, NameId name, SourcePos pos, TypeId result, uint32_t flags)
{
    *state = (FunctionState){
        .outer = b->function,
        .level = b->function == NULL ? 0 : b->function->level + 1,
        .start = (uint32_t)b->words->count,
        .first_capture = (uint32_t)b->captures.count,
        .flags = flags,
        .errors_before = b->diagnostics->n_errors,
        .n_pending_before = (uint32_t)b->pending_instances->count,
        .name = name,
        .pos = pos,
        .result = result,
    };
    b->function = state;
    start_block(b, new_block(b));
}

Value add_param(Builder *b, TypeId type)
{
    FunctionState *function = b->function;
    Value value = {{0}, type};
    emit(b, IR_PARAM, type, sizeof(IrPlain), &value.id);
    function->n_params++;
    ((IrBlock *)(void *)ITEM(b->words, uint32_t, function->start))->n_params = function->n_params;
    return value;
}

static void fill_entry(Builder *b, FunctionId id, const FunctionState *state)
{
    IrFunction *function = ITEM(b->functions, IrFunction, id.i);
    function->name = state->name;
    function->pos = state->pos;
    function->result = state->result;
    function->n_blocks = state->n_blocks;
    function->flags |= state->flags;
}

/* The words of a lambda go aside; calls in them that wait for their instance go with them. */
void end_nested_function(Builder *b, FunctionId id)
{
    FunctionState *state = b->function;
    uint32_t n = (uint32_t)b->words->count - state->start;
    uint32_t first = (uint32_t)b->finished_words->count;
    memcpy(array_push(b->finished_words, n), ITEM(b->words, uint32_t, state->start), n * sizeof(uint32_t));
    trail_set_aside(b->session->ir_trail, state->start, first, n);
    for (size_t i = state->n_pending_before; i < b->pending_instances->count; i++) {
        PendingInstance *pending = ITEM(b->pending_instances, PendingInstance, i);
        if (pending->in_finished)
            continue;
        pending->in_finished = true;
        pending->word += first - state->start;
    }
    array_truncate(b->words, state->start);
    *(FinishedFunction *)array_push(b->finished, 1) = (FinishedFunction){id, first, n};
    fill_entry(b, id, state);
    b->function = state->outer;
}

static void replace_types(Builder *b, uint32_t *words, uint32_t n)
{
    for (uint32_t at = 0; at < n;) {
        IrHead *head = (IrHead *)(void *)(words + at);
        TypeId type = {head->type};
        if (type_get(b->types, type)->flags & TYPE_HAS_VARIABLE)
            head->type = zonk(b, type).i;
        at += ir_size(head);
    }
}

/* The instance that a call was waiting for: its type arguments are known now. */
static FunctionId settle_instance(Builder *b, const PendingInstance *pending)
{
    uint32_t n = global_at(b, pending->global)->n_type_parameters;
    TypeId *arguments = ITEM(b->pending_arguments, TypeId, pending->first_argument);
    for (uint32_t i = 0; i < n; i++)
        arguments[i] = zonk(b, arguments[i]);
    return demand_instance(b, pending->global, arguments, n, pending->pos);
}

static void settle_instances(Builder *b)
{
    for (uint32_t i = 0; i < b->pending_instances->count; i++) {
        PendingInstance pending = *ITEM(b->pending_instances, PendingInstance, i);
        uint32_t function = settle_instance(b, &pending).i;
        *ITEM(pending.in_finished ? b->finished_words : b->words, uint32_t, pending.word) = function;
    }
}

static void reset_tables(Builder *b)
{
    settle_uses(b);
    b->type_too_deep = false;
    array_truncate(b->finished, 0);
    array_truncate(b->finished_words, 0);
    if (b->variables->count > 0)
        b->bindings++; /* the numbers of variables begin anew */
    array_truncate(b->variables, 0);
    array_truncate(b->pending_checks, 0);
    array_truncate(b->pending_instances, 0);
    array_truncate(b->pending_arguments, 0);
    if (b->not_units->count > 0)
        array_truncate(b->not_units, 0);
}

void finish_function(Builder *b, FunctionId id)
{
    FunctionState *state = b->function;
    settle_pending(b);
    settle_instances(b);
    uint32_t n = (uint32_t)b->words->count - state->start;
    bool may_have_variables = b->variables->count > 0;
    if (may_have_variables)
        replace_types(b, ITEM(b->words, uint32_t, state->start), n);
    fill_entry(b, id, state);
    IrFunction *function = ITEM(b->functions, IrFunction, id.i);
    function->first_word = state->start;
    function->n_words = n;
    for (uint32_t i = 0; i < b->finished->count; i++) {
        FinishedFunction nested = *ITEM(b->finished, FinishedFunction, i);
        uint32_t *words = ITEM(b->finished_words, uint32_t, nested.first_word);
        if (may_have_variables)
            replace_types(b, words, nested.n_words);
        IrFunction *entry = ITEM(b->functions, IrFunction, nested.function.i);
        entry->result = zonk(b, entry->result);
        entry->first_word = (uint32_t)b->words->count;
        entry->n_words = nested.n_words;
        memcpy(array_push(b->words, nested.n_words), words, nested.n_words * sizeof *words);
        trail_bring_back(b->session->ir_trail, nested.first_word, entry->first_word, nested.n_words);
    }
    b->function = state->outer;
    reset_tables(b);
}

/* After a body that was only checked: nothing of it stays.  One that is right demands its instances all the same, so
   that they are checked, too. */
void abandon_function(Builder *b)
{
    settle_pending(b);
    bool is_right = !b->opaque && b->diagnostics->n_errors == b->function->errors_before;
    for (uint32_t i = 0; i < b->pending_instances->count && is_right; i++)
        settle_instance(b, ITEM(b->pending_instances, PendingInstance, i));
    array_truncate(b->words, b->function->start);
    b->function = b->function->outer;
    reset_tables(b);
}

/* ---- Contracts ----------------------------------------------------------------------------------------------------- */

static void build_contract(Builder *b, const AstContract *contract, NameId function, IrCheckKind kind)
{
    EmitMark mark = emit_mark(b);
    Value condition = build_value(b, contract->condition, TYPE_ID(TYPE_BOOL));
    if (!unify(b, condition.type, TYPE_ID(TYPE_BOOL))) {
        TypeText text;
        report(b, E240, ast_start(b->ast, contract->condition), "contract must be Bool, found %s",
               type_text(b, condition.type, &text));
        return;
    }
    bool truth;
    if (!b->session->options->contracts) {
        emit_rewind(b, mark);
        return;
    }
    if (resolved(b, condition.type).i == TYPE_BOOL && constant_bool(b, condition, &truth) && truth)
        return;
    IrCheck *check = emit(b, IR_CHECK, TYPE_ID(TYPE_UNIT), sizeof *check, NULL);
    check->pos = contract->head.pos;
    check->condition = condition.id;
    check->what = kind;
    check->function = function;
}

static void build_contracts(Builder *b, const AstFunc *func, AstKind kind, NameId name)
{
    const NodeId *contracts = func->parts + func->n_type_parameters + func->n_params;
    for (uint32_t i = 0; i < func->n_contracts; i++)
        if (ast_kind(b->ast, contracts[i]) == kind)
            build_contract(b, ast_contract(b->ast, contracts[i]), name,
                           kind == AST_REQUIRES ? CHECK_REQUIRES : CHECK_ENSURES);
}

static bool has_ensures(const Builder *b, const AstFunc *func)
{
    const NodeId *contracts = func->parts + func->n_type_parameters + func->n_params;
    for (uint32_t i = 0; i < func->n_contracts; i++)
        if (ast_kind(b->ast, contracts[i]) == AST_ENSURES)
            return true;
    return false;
}

/* ---- Bodies -------------------------------------------------------------------------------------------------------- */

/* The type that a declared one stands for in the function being built: type parameters replaced in an instance. */
static TypeId here(Builder *b, TypeId declared)
{
    if (b->instance == NO_INDEX)
        return declared;
    return type_substitute(b->types, declared, b->type_parameter_types, b->n_type_parameters);
}

static void build_params(Builder *b, const Global *global)
{
    uint32_t n = global->n_params;
    size_t mark = b->stack.count;
    for (uint32_t i = 0; i < n; i++) {
        Value param = add_param(b, here(b, param_at(b, global, i)->type));
        *(uint32_t *)stack_push(&b->stack, 1) = param.id.i;
    }
    begin_names(b);
    for (uint32_t i = 0; i < n; i++) {
        Param param = *param_at(b, global, i);
        Value value = {{*ITEM(&b->stack, uint32_t, mark + i)}, here(b, param.type)};
        if (type_kind(b->types, value.type) == TYPE_NAT) {
            Value checked = emit_unary(b, IR_NAT_CHECK, value.type, param.pos, value);
            value.id = checked.id;
        }
        if (param.name.i == 0)
            continue;
        if (name_seen(b, param.name)) {
            uint32_t first = 0;
            while (param_at(b, global, first)->name.i != param.name.i)
                first++;
            report_defined(b, param.name, param.pos, param_at(b, global, first)->pos);
        }
        note_binding(b, bind_local(b, param.name, value.id, value.type), param.pos);
    }
    stack_truncate(&b->stack, mark);
}

/* Without contracts, a function with `ensures` has tail calls like any other; the clauses are only looked at. */
static void check_unused_ensures(Builder *b, const AstFunc *func, NameId name, TypeId result)
{
    EmitMark mark = emit_mark(b);
    start_block(b, new_block(b));
    bind_local(b, (NameId){NAME_result}, emit_error(b).id, result);
    build_contracts(b, func, AST_ENSURES, name);
    emit_rewind(b, mark);
}

static void build_body(Builder *b, GlobalId id)
{
    Global global = *global_at(b, id);
    const AstFunc *func = ast_func(b->ast, global.node);
    TypeId result = b->function->result;
    size_t locals = b->locals.count;
    build_params(b, &global);
    build_contracts(b, func, AST_REQUIRES, global.name);
    bool ensures = has_ensures(b, func);
    bool checks_result = (ensures && b->session->options->contracts) || type_kind(b->types, result) == TYPE_NAT;
    if (!checks_result) {
        build(b, func->body, (Want){.expected = result, .tail = true});
        if (ensures)
            check_unused_ensures(b, func, global.name, result);
    } else {
        bool to_unit = type_kind(b->types, result) == TYPE_UNIT;
        Value value = build(b, func->body, (Want){.expected = !to_unit ? result : (TypeId){0}, .drop = to_unit});
        value = to_unit ? emit_unit(b) : coerce_node(b, value, result, global.result_pos, func->body);
        bind_local(b, (NameId){NAME_result}, value.id, result);
        build_contracts(b, func, AST_ENSURES, global.name);
        emit_return(b, value);
    }
    unbind_locals(b, locals);
}

void build_declared(Builder *b, GlobalId id, FunctionId function)
{
    Global global = *global_at(b, id);
    b->scope = global.scope;
    b->session->working_at = global.pos;
    FunctionState state;
    begin_function(b, &state, global.name, global.pos, here(b, global.result), 0);
    state.global = id;
    build_body(b, id);
    /* With errors anywhere there will be no code: do not let half a function into the product. */
    if (b->opaque || b->diagnostics->n_errors > 0)
        abandon_function(b);
    else
        finish_function(b, function);
}

static bool has_forall_param(const Builder *b, const AstFunc *func)
{
    for (uint32_t i = 0; i < func->n_params; i++) {
        NodeId param = func->parts[func->n_type_parameters + i];
        if (ast_kind(b->ast, ast_param(b->ast, param)->type) == AST_TYPE_FORALL)
            return true;
    }
    return false;
}

static void check_generic(Builder *b, GlobalId id)
{
    uint32_t n_functions = (uint32_t)b->functions->count;
    b->opaque = true;
    Global global = *global_at(b, id);
    b->rank_2 = has_forall_param(b, ast_func(b->ast, global.node));
    enter_type_parameters(b, &global);
    build_declared(b, id, (FunctionId){0});
    leave_type_parameters(b);
    b->rank_2 = b->rank_2_reported = false;
    b->opaque = false;
    array_truncate(b->functions, n_functions);
}

void build_functions(Builder *b, GlobalId first)
{
    for (uint32_t i = first.i; i < b->globals->count; i++) {
        const Global *global = global_at(b, (GlobalId){i});
        if (global->kind != GLOBAL_FUNCTION || !global->has_body)
            continue;
        note_function(b, (GlobalId){i});
        if (global->n_type_parameters > 0)
            check_generic(b, (GlobalId){i});
        else
            build_declared(b, (GlobalId){i}, global->function);
    }
}
