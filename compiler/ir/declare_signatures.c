/*
 * Signatures: the types of parameters and results of everything that was declared, and what can be said of them without
 * looking at a body: main, modules against their signatures, externs against what C really has.
 *
 * A generic function's type parameters are TYPE_PARAMETER 0, 1 ... in the order in which they are named: explicit ones
 * first, then implicit ones as they occur.
 */
#include "ir/build.h"
#include "ir/c_prototypes.h"

/* Names and opaque types of a function's type parameters become the meaning of names in types. */
void enter_type_parameters(Builder *b, const Global *global)
{
    uint32_t n = global->n_type_parameters;
    b->n_type_parameters = n;
    if (n == 0)
        return;
    TypeId *types = arena_push(b->scratch, n * sizeof *types);
    NameId *names = arena_push(b->scratch, n * sizeof *names);
    for (uint32_t i = 0; i < n; i++) {
        names[i] = *ITEM(b->type_parameters, NameId, global->first_type_parameter + i);
        types[i] = type_make(b->types, TYPE_PARAMETER, &i, 1);
    }
    b->type_parameter_names = names;
    b->type_parameter_types = types;
    b->types->parameter_names = names;
    b->types->n_parameter_names = n;
}

void leave_type_parameters(Builder *b)
{
    b->n_type_parameters = 0;
    b->types->parameter_names = NULL;
    b->types->n_parameter_names = 0;
}

static void enter_param(Builder *b, Global *global, NameId name, SourcePos pos, TypeId type)
{
    *(Param *)array_push(b->params, 1) = (Param){name, pos, type};
    global->n_params++;
    global->broken |= type.i == TYPE_ERROR;
}

static void resolve_function(Builder *b, GlobalId id)
{
    Global global = *global_at(b, id);
    const AstFunc *func = ast_func(b->ast, global.node);
    TypeContext context = global.kind == GLOBAL_EXTERN ? TYPE_IN_EXTERN : TYPE_IN_PROGRAM;
    global.first_type_parameter = (uint32_t)b->type_parameters->count;
    check_type_parameters(b, func->parts, func->n_type_parameters);
    for (uint32_t i = 0; i < func->n_type_parameters; i++)
        *(NameId *)array_push(b->type_parameters, 1) = ast_name(b->ast, func->parts[i])->name;
    const NodeId *params = func->parts + func->n_type_parameters;
    for (uint32_t i = 0; i < func->n_params; i++)
        collect_type_parameters(b, ast_param(b->ast, params[i])->type, global.first_type_parameter);
    collect_type_parameters(b, func->result, global.first_type_parameter);
    global.n_type_parameters = (uint32_t)b->type_parameters->count - global.first_type_parameter;

    enter_type_parameters(b, &global);
    global.first_param = (uint32_t)b->params->count;
    for (uint32_t i = 0; i < func->n_params; i++) {
        const AstParam *param = ast_param(b->ast, params[i]);
        enter_param(b, &global, param->name, param->head.pos, resolve_type(b, param->type, context));
    }
    global.result = resolve_type(b, func->result, context);
    global.result_pos = ast_pos(b->ast, func->result);
    global.broken |= global.result.i == TYPE_ERROR;
    leave_type_parameters(b);
    *global_at(b, id) = global;
}

static void resolve_extern(Builder *b, GlobalId id)
{
    Global global = *global_at(b, id);
    const AstExtern *declared = ast_extern(b->ast, global.node);
    global.first_type_parameter = (uint32_t)b->type_parameters->count;
    for (uint32_t i = 0; i < declared->n; i++)
        collect_type_parameters(b, declared->params[i], global.first_type_parameter);
    collect_type_parameters(b, declared->result, global.first_type_parameter);
    global.n_type_parameters = (uint32_t)b->type_parameters->count - global.first_type_parameter;
    enter_type_parameters(b, &global);
    global.first_param = (uint32_t)b->params->count;
    for (uint32_t i = 0; i < declared->n; i++)
        enter_param(b, &global, (NameId){0}, ast_pos(b->ast, declared->params[i]),
                  resolve_type(b, declared->params[i], TYPE_IN_EXTERN));
    global.result = resolve_type(b, declared->result, TYPE_IN_EXTERN);
    global.result_pos = ast_pos(b->ast, declared->result);
    global.broken |= global.result.i == TYPE_ERROR;
    leave_type_parameters(b);
    *global_at(b, id) = global;
}

/* ---- Externs ------------------------------------------------------------------------------------------------------- */

/* The first type in it that cannot cross, or 0.  A function that C calls must take and return what crosses, but no function. */
static TypeId stopped_at_border(Builder *b, TypeId type, bool is_param)
{
    switch (type_kind(b->types, type)) {
    case TYPE_ERROR: case TYPE_INT: case TYPE_NAT: case TYPE_FLOAT: case TYPE_BOOL: case TYPE_STRING: case TYPE_UNIT:
    case TYPE_C_INT: case TYPE_C_UINT: case TYPE_C_SHORT: case TYPE_C_CHAR: case TYPE_C_FLOAT: case TYPE_PTR:
    case TYPE_HASHMAP:
        return (TypeId){0};
    case TYPE_FUNCTION:
        if (!is_param)
            return type;
        for (uint32_t i = 0; i <= type_n_params(b->types, type); i++) {
            TypeId part = i < type_n_params(b->types, type) ? type_param(b->types, type, i) : type_result(b->types, type);
            part = stopped_at_border(b, part, false);
            if (part.i != 0)
                return part;
        }
        return (TypeId){0};
    default:
        return type;
    }
}

static void check_crossing(Builder *b, Global *global, TypeId type, SourcePos pos, bool is_param)
{
    TypeText text;
    TypeId stopped = stopped_at_border(b, type, is_param);
    if (stopped.i == 0)
        return;
    Diagnostic *diagnostic = report(b, E121, pos, "type %s cannot cross to C", type_text(b, stopped, &text));
    if (diagnostic != NULL)
        diagnostic_note(b->diagnostics, diagnostic, "pass a Ptr to memory that holds the value");
    global->broken = true;
}

static bool same_signature(const Builder *b, const Global *a, const Global *c)
{
    if (a->n_params != c->n_params || !type_equal(a->result, c->result) || a->c_name.i != c->c_name.i
        || a->variadic != c->variadic)
        return false;
    for (uint32_t i = 0; i < a->n_params; i++)
        if (!type_equal(param_at(b, a, i)->type, param_at(b, c, i)->type))
            return false;
    return true;
}

static void check_extern(Builder *b, GlobalId id)
{
    Global *global = global_at(b, id);
    uint32_t n_passed = 0;
    for (uint32_t i = 0; i < global->n_params; i++) {
        Param param = *param_at(b, global, i);
        check_crossing(b, global, param.type, param.pos, true);
        n_passed += type_kind(b->types, param.type) != TYPE_UNIT;
    }
    check_crossing(b, global, global->result, global->result_pos, false);
    const CPrototype *known = c_prototype_find(name_text(b->names, global->c_name), name_length(b->names, global->c_name));
    if (known != NULL && known->n_params != n_passed && !global->broken)
        report(b, W120, global->pos, "C function '%.*s' takes %u argument%s, declared with %u",
               NAME_ARGS(b->names, global->c_name), (unsigned)known->n_params, known->n_params == 1 ? "" : "s", n_passed);
    const Global *first = global_at(b, find_member(b, global->scope, global->name));
    if (first->kind == GLOBAL_EXTERN && first != global && !same_signature(b, global, first))
        report_defined(b, global->name, global->pos, first->pos);
}

/* ---- main ---------------------------------------------------------------------------------------------------------- */

static void check_main(Builder *b, const Global *global)
{
    TypeKind result = type_kind(b->types, global->result);
    bool fits = global->n_type_parameters == 0
        && (global->n_params == 0 || (global->n_params == 1 && type_kind(b->types, param_at(b, global, 0)->type) == TYPE_UNIT))
        && (result == TYPE_INT || result == TYPE_NAT || result == TYPE_UNIT);
    if (!fits && !global->broken)
        report(b, E130, global->pos, "'main' must be () -> Int or () -> Unit");
}

/* ---- Modules and their signatures ----------------------------------------------------------------------------------- */

static TypeId type_of_global(Builder *b, const Global *global)
{
    uint32_t first = (uint32_t)b->stack.count;
    for (uint32_t i = 0; i < global->n_params; i++)
        *(uint32_t *)stack_push(&b->stack, 1) = param_at(b, global, i)->type.i;
    *(uint32_t *)stack_push(&b->stack, 1) = global->result.i;
    TypeId type = type_make(b->types, TYPE_FUNCTION, ITEM(&b->stack, uint32_t, first), global->n_params + 1);
    stack_truncate(&b->stack, first);
    return type;
}

static void report_member(Builder *b, const AstModule *module, NameId member, NameId signature)
{
    report(b, E109, module->head.pos, "module '%.*s' does not define '%.*s' as signature '%.*s' demands",
           NAME_ARGS(b->names, module->name), NAME_ARGS(b->names, member), NAME_ARGS(b->names, signature));
}

/* The member's type with the signature's own parameters, then implicit ones, as type parameters. */
static TypeId member_type(Builder *b, const AstSignature *signature, const AstTypeName *use, NodeId type)
{
    size_t first = b->type_parameters->count;
    uint32_t n_own = signature->n_type_parameters;
    size_t mark = b->stack.count;
    for (uint32_t i = 0; i < n_own; i++)
        *(uint32_t *)stack_push(&b->stack, 1) = i < use->n ? resolve_type(b, use->arguments[i], TYPE_IN_PROGRAM).i : TYPE_ERROR;
    for (uint32_t i = 0; i < n_own; i++)
        *(NameId *)array_push(b->type_parameters, 1) = ast_name(b->ast, signature->items[i])->name;
    collect_type_parameters(b, type, first);
    uint32_t n = (uint32_t)(b->type_parameters->count - first);
    NameId *names = arena_push(b->scratch, n * sizeof *names);
    TypeId *types = arena_push(b->scratch, n * sizeof *types);
    for (uint32_t i = 0; i < n; i++) {
        uint32_t number = i - n_own;
        names[i] = *ITEM(b->type_parameters, NameId, first + i);
        types[i] = i < n_own ? *ITEM(&b->stack, TypeId, mark + i) : type_make(b->types, TYPE_PARAMETER, &number, 1);
    }
    stack_truncate(&b->stack, mark);
    b->type_parameter_names = names;
    b->type_parameter_types = types;
    b->n_type_parameters = n;
    TypeId result = resolve_type(b, type, TYPE_IN_PROGRAM);
    b->n_type_parameters = 0;
    return result;
}

static void check_module(Builder *b, ScopeId scope)
{
    const AstModule *module = ast_module(b->ast, ITEM(b->scopes, Scope, scope.i)->node);
    if (module->signature.i == 0)
        return;
    const AstTypeName *use = ast_type_name(b->ast, module->signature);
    GlobalId found = find_declared(b, ANY_SCOPE, use->name, GLOBAL_SIGNATURE);
    if (found.i == 0) {
        report(b, E102, use->head.pos, "unknown signature '%.*s'", NAME_ARGS(b->names, use->name));
        return;
    }
    const AstSignature *signature = ast_signature(b->ast, global_at(b, found)->node);
    if (signature->n_type_parameters != use->n) {
        report(b, E103, use->head.pos, "signature '%.*s' takes %u parameter%s, given %u", NAME_ARGS(b->names, use->name),
               signature->n_type_parameters, signature->n_type_parameters == 1 ? "" : "s", use->n);
        return;
    }
    for (uint32_t i = 0; i < signature->n; i++) {
        NodeId item = signature->items[signature->n_type_parameters + i];
        if (ast_kind(b->ast, item) != AST_PARAM) {
            NameId name = ast_type_decl(b->ast, item)->name;
            if (meaning_of(b, name)->named_type != 0)
                continue;
            report_member(b, module, name, use->name);
            return; /* the members' types speak of it */
        }
        const AstParam *member = ast_param(b->ast, item);
        TypeId wanted = member_type(b, signature, use, member->type);
        GlobalId defined = find_member(b, scope, member->name);
        if (defined.i == 0) {
            report_member(b, module, member->name, use->name);
            continue;
        }
        const Global *global = global_at(b, defined);
        TypeId given = type_of_global(b, global);
        /* `func x: T` may also demand a value, which is a function without parameters. */
        TypeId constant = type_kind(b->types, wanted) == TYPE_FUNCTION ? wanted : type_make(b->types, TYPE_FUNCTION, &wanted.i, 1);
        if (!global->broken && wanted.i != TYPE_ERROR && !unify(b, wanted, given) && !unify(b, constant, given))
            report_member(b, module, member->name, use->name);
    }
}

/* ---- All of them --------------------------------------------------------------------------------------------------- */

/* A place in the product, filled when the function is built. */
static void reserve_function(Builder *b, Global *global)
{
    global->function = (FunctionId){(uint32_t)b->functions->count};
    *(IrFunction *)array_push(b->functions, 1) = (IrFunction){.name = global->name, .pos = global->pos};
}

void resolve_signatures(Builder *b)
{
    for (uint32_t i = 1; i < b->globals->count; i++) {
        GlobalId id = {i};
        GlobalKind kind = (GlobalKind)global_at(b, id)->kind;
        b->session->working_at = global_at(b, id)->pos;
        b->scope = global_at(b, id)->scope;
        if (kind != GLOBAL_FUNCTION && kind != GLOBAL_EXTERN)
            continue;
        if (ast_kind(b->ast, global_at(b, id)->node) == AST_FUNC)
            resolve_function(b, id);
        else
            resolve_extern(b, id);
        Global *global = global_at(b, id);
        if (kind == GLOBAL_EXTERN) {
            enter_type_parameters(b, global_at(b, id));
            check_extern(b, id);
            leave_type_parameters(b);
        } else if (name_is(global->name, NAME_main) && global->scope.i == 0)
            check_main(b, global);
        if (kind == GLOBAL_FUNCTION && global->has_body && global->n_type_parameters == 0)
            reserve_function(b, global_at(b, id));
    }
    for (uint32_t i = 0; i < b->scopes->count; i++)
        if (ast_kind(b->ast, ITEM(b->scopes, Scope, i)->node) == AST_MODULE)
            check_module(b, (ScopeId){i});
}
