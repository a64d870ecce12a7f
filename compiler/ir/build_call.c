/*
 * Calls and field accesses.
 *
 * f(x)(y).a(z) leans to the left like a chain of operators.  The walk goes down to the head, keeping the calls and
 * accesses on the work stack, and comes back applying them one after the other.  f(x, y), f(x)(y) and f x y are the same
 * call when f takes two parameters, so argument lists are consumed as a stream: as many as the callee takes, then what
 * it returned is called with the rest.  Too few make a partial application.
 */
#include "ir/build.h"

/* ---- Arguments ------------------------------------------------------------------------------------------------------- */

static GlobalId named_global(Builder *b, NodeId node);

static Value convert_function(Builder *b, NodeId node, TypeId to)
{
    GlobalId id = named_global(b, node);
    if (id.i == 0 && (ast_kind(b->ast, node) == AST_NAME || ast_kind(b->ast, node) == AST_FIELD)) {
        EmitMark mark = emit_mark(b);
        uint32_t n_errors = b->diagnostics->n_errors;
        Value value = build_value(b, node, to);
        if (b->diagnostics->n_errors > n_errors) /* the name means nothing at all */
            return value;
        emit_rewind(b, mark);
    }
    return function_for_c(b, id, to, ast_start(b->ast, node));
}

/* HashMap to Ptr in every call; Ptr to HashMap<Int, Int> for the HashMap functions; String to Ptr for C alone. */
static Value convert_argument(Builder *b, const Callable *callable, NodeId node, TypeId target, SourcePos nat_pos)
{
    TypeId to = resolved(b, target);
    TypeKind kind = type_kind(b->types, to);
    bool is_extern = callable_is_extern(b, callable);
    if (is_extern && kind == TYPE_FUNCTION)
        return convert_function(b, node, zonk(b, to));
    if (kind == TYPE_PTR && is_zero_literal(b, node))
        return build_argument(b, node, target, nat_pos);
    Value value = build_value(b, node, target);
    TypeId from = resolved(b, value.type);
    TypeKind given = type_kind(b->types, from);
    kind = type_kind(b->types, resolved(b, target));
    if (kind == TYPE_PTR && given == TYPE_HASHMAP) {
        for (uint32_t i = 0; i < 2; i++) {
            TypeId part = resolved(b, type_part(b->types, from, i));
            if (type_kind(b->types, part) == TYPE_VARIABLE)
                unify(b, part, TYPE_ID(TYPE_INT));
        }
        return (Value){value.id, to};
    }
    if (kind == TYPE_PTR && given == TYPE_STRING && is_extern)
        return (Value){value.id, to};
    if (kind == TYPE_HASHMAP && given == TYPE_PTR && callable->kind == CALL_LIBRARY) {
        uint32_t ints[] = {TYPE_INT, TYPE_INT};
        unify(b, to, type_make(b->types, TYPE_HASHMAP, ints, 2));
        return (Value){value.id, to};
    }
    return coerce_node(b, value, target, nat_pos, node);
}

static void push_argument(Builder *b, const Callable *callable, uint32_t index, NodeId node)
{
    TypeId param = callable_param(b, callable, index);
    Value value = convert_argument(b, callable, node, param, callable_nat_pos(b, callable, index));
    push_id(b, value.id.i);
}

/* Behind the declared parameters of a variadic function: any value that C can take.  `index` counts what stands behind a
   printf's literal format, if there is one. */
static void push_variadic(Builder *b, NodeId node, NodeId format, uint32_t index)
{
    Value value = build_value(b, node, (TypeId){0});
    TypeId type = resolved(b, value.type);
    TypeText text;
    switch (type_kind(b->types, type)) {
    case TYPE_INT: case TYPE_NAT: case TYPE_BOOL: case TYPE_FLOAT: case TYPE_STRING: case TYPE_PTR: case TYPE_HASHMAP:
    case TYPE_ERROR: case TYPE_VARIABLE:
        if (format.i != 0)
            check_printf_argument(b, format, index, type, ast_start(b->ast, node));
        push_id(b, value.id.i);
        break;
    case TYPE_UNIT:
        break;
    default:
        report(b, E121, ast_start(b->ast, node), "type %s cannot cross to C", type_text(b, type, &text));
        push_id(b, value.id.i); /* it counts as given */
        break;
    }
}

/* ---- Messages --------------------------------------------------------------------------------------------------------- */

static void report_count(Builder *b, const Callable *callable, uint32_t given, const AstCall *call)
{
    Diagnostic *diagnostic;
    if (callable->name.i != 0)
        diagnostic = report(b, E206, callable->pos, "'%.*s' takes %u argument%s, given %u", NAME_ARGS(b->names, callable->name),
                            callable->n_params, callable->n_params == 1 ? "" : "s", given);
    else
        diagnostic = report(b, E206, callable->pos, "this function takes %u argument%s, given %u", callable->n_params,
                            callable->n_params == 1 ? "" : "s", given);
    label_new_line(b, diagnostic, call);
}

static void report_not_function(Builder *b, TypeId type, const AstCall *call)
{
    TypeText text;
    if (type.i == TYPE_ERROR)
        return;
    if (type_kind(b->types, type) == TYPE_VARIABLE)
        report(b, E221, call->head.pos, "the type of this expression is not known here; add a type");
    else
        advise_call(b, report(b, E207, call->head.pos, "this is %s, not a function", type_text(b, type, &text)), type, call);
}

/* ---- Self tail calls ---------------------------------------------------------------------------------------------------- */

static bool calls_itself(Builder *b, const Callable *callable)
{
    if (callable->kind != CALL_GLOBAL || b->function->global.i != callable->global.i)
        return false;
    for (uint32_t i = 0; i < callable->n_type_arguments; i++) {
        TypeId argument = zonk(b, callable_param(b, callable, callable->n_params + i));
        if (!type_equal(argument, b->type_parameter_types[i]))
            return false;
    }
    return true;
}

/* ---- Applying --------------------------------------------------------------------------------------------------------- */

/*
 * The walk back up the spine.  Either `value` is what has been computed so far, or `callable` is being given arguments:
 * its types and the arguments lie on b->stack above the spine and are gone once it has been called.
 */
typedef struct {
    size_t mark, end;       /* the spine: b->stack [mark, end), the head's neighbour last */
    size_t end_of_name;     /* what remains to be applied is [mark, end_of_name): a qualified name took the rest */
    Want want;
    bool collecting;
    Callable callable;
    size_t first_argument;
    NodeId format;          /* of a printf: its literal format ... */
    uint32_t first_printed; /* ... and the number of the argument behind it */
    Value value;
    bool delivered;         /* a self tail call: there is no value any more */
    bool just_called;       /* `value` is what `callable` returned */
} Spine;

/* What is expected of the result may decide type arguments before the arguments are looked at. */
static void infer_from_result(Builder *b, const Callable *callable, TypeId expected)
{
    TypeId result = resolved(b, callable->result);
    if (expected.i == 0 || !(type_get(b->types, result)->flags & TYPE_HAS_VARIABLE))
        return;
    expected = resolved(b, expected);
    if (type_kind(b->types, result) != TYPE_VARIABLE && type_kind(b->types, expected) == type_kind(b->types, result))
        unify(b, result, expected);
}

static void start_collecting(Builder *b, Spine *spine, bool is_last)
{
    spine->collecting = true;
    spine->first_argument = b->stack.count;
    spine->format = (NodeId){0};
    if (is_last && spine->callable.kind != CALL_COMPUTED)
        infer_from_result(b, &spine->callable, spine->want.expected);
}

static uint32_t collected(const Builder *b, const Spine *spine)
{
    return (uint32_t)(b->stack.count - spine->first_argument);
}

static void set_value(Builder *b, Spine *spine, Value value)
{
    spine->value = value;
    spine->collecting = false;
    spine->just_called = false;
    stack_truncate(&b->stack, spine->end);
}

/* No more arguments come: a partial application, or the callee itself as a value. */
static void end_collecting(Builder *b, Spine *spine)
{
    uint32_t n = collected(b, spine);
    set_value(b, spine, partial_application(b, &spine->callable, spine->first_argument, n));
}

/* Calls with what has been collected. */
static void call_collected(Builder *b, Spine *spine, bool is_last)
{
    Callable *callable = &spine->callable;
    uint32_t n = collected(b, spine);
    if (callable->kind == CALL_GLOBAL && global_at(b, callable->global)->broken) {
        set_value(b, spine, emit_error(b));
        return;
    }
    if (is_last && spine->want.tail && calls_itself(b, callable)) {
        b->function->flags |= IR_TAIL_LOOP;
        b->session->working_at = callable->pos;
        emit_jump(b, (BlockId){0}, ITEM(&b->stack, ValueId, spine->first_argument), n);
        spine->delivered = true;
        set_value(b, spine, (Value){{0}, TYPE_ID(TYPE_ERROR)});
        return;
    }
    if (spine->format.i != 0)
        complete_printf(b, spine->format, collected(b, spine) - spine->first_printed);
    set_value(b, spine, emit_callable(b, callable, spine->first_argument, collected(b, spine)));
    spine->just_called = true;
}

/* A lambda's parameter is called before its type is known: it takes what it is given. */
static void assume_function(Builder *b, TypeId variable, uint32_t n_arguments, SourcePos pos)
{
    size_t mark = b->stack.count;
    for (uint32_t i = 0; i <= n_arguments; i++)
        push_id(b, new_variable(b, VARIABLE_ANY, pos).i);
    TypeId type = make_type(b, TYPE_FUNCTION, ITEM(&b->stack, uint32_t, mark), n_arguments + 1, pos);
    stack_truncate(&b->stack, mark);
    unify(b, variable, type);
}

/* What was computed is called in its turn; false if it cannot be. */
static bool collect_for_value(Builder *b, Spine *spine, SourcePos pos, uint32_t n_arguments, bool is_last)
{
    if (type_kind(b->types, resolved(b, spine->value.type)) == TYPE_VARIABLE)
        assume_function(b, spine->value.type, n_arguments, pos);
    if (!callable_of_value(b, spine->value, pos, &spine->callable))
        return false;
    start_collecting(b, spine, is_last);
    return true;
}

static bool is_known_not_unit(const Builder *b, NodeId argument)
{
    for (size_t i = b->not_units->count; i > 0; i--)
        if (ITEM(b->not_units, NodeId, i - 1)->i == argument.i)
            return true;
    return false;
}

static bool is_value(Builder *b, NameId name)
{
    Builtin builtin;
    return meaning_of(b, name)->local != NO_INDEX || find_global(b, b->scope, name).i != 0
        || find_builtin((NameId){0}, name, NO_INDEX, &builtin);
}

static bool is_unknown_name(Builder *b, NodeId node)
{
    return ast_kind(b->ast, node) == AST_NAME && !is_value(b, ast_name(b->ast, node)->name);
}

/* Arguments that nothing can be done with are still walked, for the errors in them: once.  Behind what is `no_function`
   a name that nobody knows was hardly meant as one: 0xff, 7 mod 2. */
static void give_up(Builder *b, Spine *spine, const AstCall *call, uint32_t first, bool no_function)
{
    for (uint32_t i = first; i < call->n; i++)
        if (!is_known_not_unit(b, call->arguments[i]) && !(no_function && is_unknown_name(b, call->arguments[i])))
            build_value(b, call->arguments[i], (TypeId){0});
    set_value(b, spine, emit_error(b));
}

/* f() gives f its next argument if that is a Unit; so is the parameter of a lambda of which nothing else is known. */
static bool takes_unit_next(Builder *b, const Spine *spine)
{
    uint32_t next = collected(b, spine);
    if (next >= spine->callable.n_params)
        return false;
    TypeId param = resolved(b, callable_param(b, &spine->callable, next));
    if (spine->callable.kind == CALL_COMPUTED && type_kind(b->types, param) == TYPE_VARIABLE)
        unify(b, param, TYPE_ID(TYPE_UNIT));
    return resolved(b, param).i == TYPE_UNIT;
}

static bool is_variadic(const Builder *b, const Callable *callable)
{
    return callable_is_extern(b, callable) && global_at(b, callable->global)->variadic;
}

static void collect_argument(Builder *b, Spine *spine, NodeId argument)
{
    uint32_t index = collected(b, spine);
    if (ast_kind(b->ast, argument) == AST_STRING && (int)index == printf_format_param(b, &spine->callable)) {
        spine->format = argument;
        spine->first_printed = index + 1;
    }
    if (index < spine->callable.n_params)
        push_argument(b, &spine->callable, index, argument);
    else
        push_variadic(b, argument, spine->format, index - spine->first_printed);
}

/* Makes the next argument of a list acceptable: what has got all of its arguments is called, and its result asked. */
static bool ready_for_argument(Builder *b, Spine *spine, const AstCall *call, uint32_t index, bool is_last)
{
    bool full = spine->collecting && spine->callable.n_params > 0 && collected(b, spine) >= spine->callable.n_params;
    if (full && !is_variadic(b, &spine->callable))
        call_collected(b, spine, false);
    return spine->collecting || collect_for_value(b, spine, call->head.pos, call->n - index, is_last);
}

/* A callee without parameters takes one argument all the same, if that is a Unit.  What proves to be none is built again
   as an argument of what the callee returns; that is remembered, or f(f(f(...))) would be built twice at every level. */
static bool took_unit(Builder *b, Spine *spine, NodeId argument, bool is_last)
{
    if (is_known_not_unit(b, argument))
        return false;
    EmitMark mark = emit_mark(b);
    Value value = build_value(b, argument, (TypeId){0});
    if (resolved(b, value.type).i != TYPE_UNIT) {
        emit_rewind(b, mark);
        *(NodeId *)array_push(b->not_units, 1) = argument;
        return false;
    }
    call_collected(b, spine, is_last);
    return true;
}

/* One argument list: f(x, y) gives a callee of one parameter x, and what that returns y. */
static void apply_arguments(Builder *b, Spine *spine, const AstCall *call, bool is_last)
{
    Callable callee = spine->callable;
    uint32_t given = collected(b, spine) + call->n;
    for (uint32_t i = 0; i < call->n; i++) {
        bool ready = ready_for_argument(b, spine, call, i, is_last);
        if (ready && spine->callable.n_params == 0 && !is_variadic(b, &spine->callable)) {
            if (took_unit(b, spine, call->arguments[i], is_last && i + 1 == call->n))
                continue;
            call_collected(b, spine, false); /* the argument is for what it returns */
            ready = collect_for_value(b, spine, call->head.pos, call->n - i, is_last) && spine->callable.n_params > 0;
        }
        if (!ready) {
            if (resolved(b, spine->value.type).i != TYPE_ERROR || spine->collecting)
                report_count(b, &callee, given, call);
            give_up(b, spine, call, i, false);
            return;
        }
        collect_argument(b, spine, call->arguments[i]);
    }
}

static void apply_call(Builder *b, Spine *spine, NodeId node, bool is_last)
{
    const AstCall *call = ast_call(b->ast, node);
    if (!spine->collecting && !collect_for_value(b, spine, call->head.pos, call->n, is_last)) {
        if (spine->just_called && call->n > 0 && type_kind(b->types, resolved(b, spine->value.type)) != TYPE_VARIABLE
            && resolved(b, spine->value.type).i != TYPE_ERROR)
            report_count(b, &spine->callable, spine->callable.n_params + call->n, call);
        else
            report_not_function(b, resolved(b, spine->value.type), call);
        give_up(b, spine, call, 0, resolved(b, spine->value.type).i != TYPE_ERROR);
        return;
    }
    if (spine->callable.n_params == 0 && call->n == 0) {
        call_collected(b, spine, is_last);
        return;
    }
    if (call->n == 0 && takes_unit_next(b, spine))
        push_id(b, emit_unit(b).id.i);
    else if (call->n == 0 && !(is_variadic(b, &spine->callable) && spine->callable.n_params == 0)) {
        if (!(spine->callable.kind == CALL_GLOBAL && global_at(b, spine->callable.global)->broken))
            report_count(b, &spine->callable, collected(b, spine), call);
        give_up(b, spine, call, 0, false);
        return;
    } else {
        apply_arguments(b, spine, call, is_last);
    }
    if (spine->collecting && collected(b, spine) >= spine->callable.n_params)
        call_collected(b, spine, is_last);
}

/* ---- Heads -------------------------------------------------------------------------------------------------------------- */

/* A module or import named `name` as seen from `scope`. */
static GlobalId find_scope(Builder *b, ScopeId scope, NameId name)
{
    for (;;) {
        GlobalId id = find_declared(b, scope, name, GLOBAL_SCOPE);
        ScopeId parent = ITEM(b->scopes, Scope, scope.i)->parent;
        if (id.i != 0 || parent.i == scope.i)
            return id;
        scope = parent;
    }
}

static uint32_t arguments_of(const Builder *b, const Spine *spine, size_t index)
{
    if (index <= spine->mark)
        return NO_INDEX;
    NodeId node = {*ITEM(&b->stack, uint32_t, index - 1)};
    return ast_kind(b->ast, node) == AST_CALL ? ast_call(b->ast, node)->n : NO_INDEX;
}

static void report_member(Builder *b, NameId module, ScopeId scope, const AstField *field)
{
    if (scope.i != 0 && may_be_declared(b, field->name))
        return;
    Diagnostic *diagnostic = report(b, E204, field->head.pos, "undefined name '%.*s.%.*s'", NAME_ARGS(b->names, module),
                                    NAME_ARGS(b->names, field->name));
    suggest_similar(b, diagnostic, field->name, field->head.pos, (Sought){SOUGHT_MEMBER, {0}, module, scope});
}

/* M.x, M.N.x, String.length: takes the accesses that belong to the name off the spine.  The result is the spine's new
   end; 0 if `name` is no module, and the head an ordinary value. */
static size_t qualified_head(Builder *b, Spine *spine, NameId name)
{
    size_t at = spine->end;
    GlobalId module = find_scope(b, b->scope, name);
    while (at > spine->mark && ast_kind(b->ast, (NodeId){*ITEM(&b->stack, uint32_t, at - 1)}) == AST_FIELD) {
        const AstField *field = ast_field(b->ast, (NodeId){*ITEM(&b->stack, uint32_t, --at)});
        if (module.i != 0 && global_at(b, module)->broken) {
            spine->value = emit_error(b); /* the import has been reported */
            return at + 1;
        }
        ScopeId scope = module.i != 0 ? global_at(b, module)->target : (ScopeId){0};
        GlobalId member = module.i != 0 ? find_member(b, scope, field->name) : (GlobalId){0};
        if (member.i != 0) {
            callable_of_global(b, member, field->head.pos, &spine->callable);
            note_callable(b, &spine->callable, field->head.pos);
            spine->collecting = true;
            return at + 1;
        }
        if (callable_of_member(b, name, field->name, field->head.pos, arguments_of(b, spine, at), &spine->callable)) {
            spine->collecting = true;
            return at + 1;
        }
        GlobalId inner = module.i != 0 ? find_declared(b, scope, field->name, GLOBAL_SCOPE) : (GlobalId){0};
        if (inner.i == 0) {
            if (module.i == 0 && !(name.i >= NAME_Option && name.i <= NAME_HashMap) && !name_is(name, NAME_String))
                return 0;
            report_member(b, name, scope, field);
            spine->value = emit_error(b);
            return at + 1;
        }
        note_global(b, inner, field->head.pos);
        module = inner;
        name = field->name;
    }
    return 0;
}

/* The function or extern that `node` names, or 0: f, or M.f. */
static GlobalId named_global(Builder *b, NodeId node)
{
    Spine spine = {.mark = b->stack.count};
    NodeId head = node;
    for (; ast_kind(b->ast, head) == AST_FIELD; head = ast_field(b->ast, head)->object)
        push_id(b, head.i);
    spine.end = b->stack.count;
    GlobalId id = {0};
    if (ast_kind(b->ast, head) == AST_NAME && meaning_of(b, ast_name(b->ast, head)->name)->local == NO_INDEX) {
        NameId name = ast_name(b->ast, head)->name;
        if (spine.end == spine.mark)
            note_global(b, id = find_global(b, b->scope, name), ast_pos(b->ast, head));
        else if (!is_value(b, name) && qualified_head(b, &spine, name) == spine.mark + 1 && spine.collecting
                 && spine.callable.kind == CALL_GLOBAL)
            id = spine.callable.global;
    }
    stack_truncate(&b->stack, spine.mark);
    return id;
}

static void note_module(Builder *b, const Spine *spine, GlobalId module, const AstName *name)
{
    if (module.i != 0)
        note_global(b, module, name->head.pos);
    else if (spine->collecting)
        note_use(b, USE_MODULE, name->name, name->head.pos, (SourcePos){0}, (TypeId){0});
}

static void build_head(Builder *b, Spine *spine, NodeId head)
{
    if (ast_kind(b->ast, head) != AST_NAME) {
        spine->value = build_value(b, head, (TypeId){0});
        return;
    }
    const AstName *name = ast_name(b->ast, head);
    if (meaning_of(b, name->name)->local != NO_INDEX) {
        spine->value = read_name(b, meaning_of(b, name->name)->local, name->head.pos);
        return;
    }
    if (!is_value(b, name->name)) {
        size_t end = qualified_head(b, spine, name->name);
        if (end != 0) {
            note_module(b, spine, find_scope(b, b->scope, name->name), name);
            spine->end_of_name = end - 1;
            return;
        }
    }
    if (callable_of_name(b, name->name, name->head.pos, arguments_of(b, spine, spine->end), &spine->callable)) {
        spine->collecting = true;
    } else {
        report_undefined(b, name->name, name->head.pos);
        spine->value = emit_error(b);
    }
}

/* Is what stands on the spine below `at` one call of the callee and no more, maybe in several lists: f(x)(y), f (x) y? */
static bool is_one_call(const Builder *b, const Spine *spine, size_t at)
{
    uint32_t n = 0;
    if (at == spine->mark + 1)
        return true;
    while (at > spine->mark) {
        NodeId node = {*ITEM(&b->stack, uint32_t, --at)};
        if (ast_kind(b->ast, node) != AST_CALL)
            return false;
        uint32_t given = ast_call(b->ast, node)->n;
        n += given > 0 ? given : 1; /* (), for a Unit */
    }
    return n == spine->callable.n_params;
}

Value build_postfix(Builder *b, NodeId node, Want want)
{
    Spine spine = {.mark = b->stack.count, .want = want};
    NodeId head = node;
    for (;;) {
        AstKind kind = ast_kind(b->ast, head);
        if (kind != AST_CALL && kind != AST_FIELD)
            break;
        push_id(b, head.i);
        head = kind == AST_CALL ? ast_call(b->ast, head)->callee : ast_field(b->ast, head)->object;
    }
    spine.end = spine.end_of_name = b->stack.count;
    build_head(b, &spine, head);
    size_t at = spine.end_of_name;
    if (spine.collecting)
        start_collecting(b, &spine, is_one_call(b, &spine, at));
    while (at > spine.mark) {
        NodeId next = {*ITEM(&b->stack, uint32_t, --at)};
        bool is_last = at == spine.mark;
        if (ast_kind(b->ast, next) == AST_CALL) {
            apply_call(b, &spine, next, is_last);
            continue;
        }
        if (spine.collecting)
            end_collecting(b, &spine);
        const AstField *field = ast_field(b->ast, next);
        spine.value = build_field(b, spine.value, field->name, field->head.pos);
        spine.just_called = false;
    }
    if (spine.collecting)
        end_collecting(b, &spine);
    stack_truncate(&b->stack, spine.mark);
    if (want.tail && !spine.delivered)
        deliver(b, spine.value, node);
    return spine.value;
}
