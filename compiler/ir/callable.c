/*
 * What can be called: a function or extern of the program, a constructor with payload, a built-in function, a function
 * value.  All are looked at in one way, as parameter types and a result type, so that calls, partial application and
 * functions as values (build_call.c, closure.c) are written once.
 *
 * A generic callable gets a fresh type variable for each of its type parameters; the arguments then decide them.
 */
#include <string.h>

#include "ir/build.h"

/* Where a failing Nat check of an argument is reported: at the declaration, where there is one. */
SourcePos callable_nat_pos(const Builder *b, const Callable *callable, uint32_t index)
{
    if (callable->kind == CALL_GLOBAL)
        return param_at(b, global_at(b, callable->global), index)->pos;
    if (callable->kind != CALL_CONSTRUCTOR)
        return callable->pos;
    const TypeConstructor *constructor = type_constructor(b->types, callable->variant, callable->constructor);
    return type_declared_payload(b->types, constructor, index)->pos;
}

/* ---- Functions and externs of the program ----------------------------------------------------------------------------- */

TypeId type_inside(const Builder *b, TypeId type)
{
    switch (type_kind(b->types, type)) {
    case TYPE_C_INT: case TYPE_C_UINT: case TYPE_C_SHORT: case TYPE_C_CHAR:
        return TYPE_ID(TYPE_INT);
    case TYPE_C_FLOAT:
        return TYPE_ID(TYPE_FLOAT);
    default:
        return type;
    }
}

void callable_of_global(Builder *b, GlobalId id, SourcePos pos, Callable *callable)
{
    const Global *global = global_at(b, id);
    uint32_t n = global->n_params, n_types = global->n_type_parameters;
    uint32_t first = (uint32_t)b->stack.count;
    bool is_extern = global->kind == GLOBAL_EXTERN;
    *callable = (Callable){.kind = CALL_GLOBAL, .pos = pos, .name = global->name, .global = id, .first_type = first,
                           .n_params = n, .n_type_arguments = n_types};
    stack_push(&b->stack, n + (size_t)n_types);
    for (uint32_t i = 0; i < n_types; i++)
        *ITEM(&b->stack, TypeId, first + n + i) = new_variable(b, VARIABLE_ANY, pos);
    for (uint32_t i = 0; i < n; i++) {
        TypeId type = param_at(b, global, i)->type;
        if (n_types > 0)
            type = type_substitute(b->types, type, ITEM(&b->stack, TypeId, first + n), n_types);
        /* A function checks its Nat parameters itself, so that it does so however it is called. */
        *ITEM(&b->stack, TypeId, first + i) = is_extern ? type_inside(b, type) : type.i == TYPE_NAT ? TYPE_ID(TYPE_INT) : type;
    }
    callable->result = type_inside(b, n_types == 0 ? global->result
        : type_substitute(b->types, global->result, ITEM(&b->stack, TypeId, first + n), n_types));
}

/* ---- Constructors ------------------------------------------------------------------------------------------------------ */

TypeId fresh_variant(Builder *b, DeclId decl, SourcePos pos)
{
    const TypeDecl *declared = ITEM(b->types->declarations, TypeDecl, decl.i);
    TypeKind kind = (TypeKind)declared->kind;
    uint32_t n = declared->n_parameters;
    size_t mark = b->stack.count;
    push_id(b, decl.i);
    for (uint32_t i = 0; i < n; i++)
        push_id(b, new_variable(b, VARIABLE_ANY, pos).i);
    TypeId type = type_make(b->types, kind, ITEM(&b->stack, uint32_t, mark), n + 1);
    stack_truncate(&b->stack, mark);
    return type;
}

void callable_of_constructor(Builder *b, TypeId variant, uint32_t index, SourcePos pos, Callable *callable)
{
    const TypeConstructor *constructor = type_constructor(b->types, variant, index);
    uint32_t n = constructor->n_payload;
    *callable = (Callable){.kind = CALL_CONSTRUCTOR, .pos = pos, .name = constructor->name, .variant = variant,
                           .constructor = index, .first_type = (uint32_t)b->stack.count, .n_params = n, .result = variant};
    for (uint32_t i = 0; i < n; i++)
        push_id(b, type_payload(b->types, variant, index, i).i);
}

static bool builtin_constructor(Builder *b, NameId name, SourcePos pos, Callable *callable)
{
    DeclId decl = {0};
    switch (name.i) {
    case NAME_Some: case NAME_None:
        decl = b->types->option;
        break;
    case NAME_Ok: case NAME_Err:
        decl = b->types->result;
        break;
    default:
        return false;
    }
    uint32_t index = name.i == NAME_None || name.i == NAME_Err;
    callable_of_constructor(b, fresh_variant(b, decl, pos), index, pos, callable);
    return true;
}

/* ---- The built-in library ---------------------------------------------------------------------------------------------- */

static const struct { uint16_t module, member, name, synonym; const char *type; } library[N_BUILTINS] = {
#define BUILTIN(id, module, member, name, synonym, type) \
    [BUILTIN_##id] = {NAME_##module, NAME_##member, NAME_##name, NAME_##synonym, type},
#include "ir/builtins.def"
#undef BUILTIN
};

static const char *skip_type(const char *type)
{
    for (unsigned wanted = 1; wanted > 0; type++)
        wanted += (*type == 'M' || *type == 'R') ? 1 : (*type == 'L' || *type == 'P' || *type == 'O') ? 0 : -1u;
    return type;
}

static uint32_t count_params(const char *type)
{
    uint32_t n = 0;
    for (; *type != ':'; type = skip_type(type))
        n++;
    return n;
}

bool find_builtin(NameId module, NameId name, uint32_t n_arguments, Builtin *builtin)
{
    bool found = false;
    for (uint32_t i = 0; i < N_BUILTINS && name.i != 0 && name.i < NAME_FIRST_OF_PROGRAM; i++) {
        bool named = module.i != 0 ? library[i].module == module.i && library[i].member == name.i
                                   : library[i].name == name.i || library[i].synonym == name.i;
        if (!named || (found && count_params(library[i].type) != n_arguments))
            continue;
        *builtin = (Builtin)i;
        found = true;
    }
    return found;
}

/* The type variables of one use of a built-in function. */
typedef struct { TypeId element, error, key, value; } LibraryTypes;

static TypeId library_variable(Builder *b, TypeId *variable, VariableKind kind, SourcePos pos)
{
    if (variable->i == 0)
        *variable = new_variable(b, kind, pos);
    return *variable;
}

static TypeId read_type(Builder *b, const char **text, LibraryTypes *types, SourcePos pos)
{
    char letter = *(*text)++;
    uint32_t parts[3];
    switch (letter) {
    case 'i': return TYPE_ID(TYPE_INT);
    case 'n': return TYPE_ID(TYPE_NAT);
    case 'f': return TYPE_ID(TYPE_FLOAT);
    case 'b': return TYPE_ID(TYPE_BOOL);
    case 's': return TYPE_ID(TYPE_STRING);
    case 'u': return TYPE_ID(TYPE_UNIT);
    case 'T': return library_variable(b, &types->element, VARIABLE_ANY, pos);
    case 'E': return library_variable(b, &types->error, VARIABLE_ANY, pos);
    case 'K': return library_variable(b, &types->key, VARIABLE_KEY, pos);
    case 'V': return library_variable(b, &types->value, VARIABLE_KEY, pos);
    case 'L': return type_list(b->types, read_type(b, text, types, pos));
    case 'P': return type_ptr(b->types, read_type(b, text, types, pos));
    case 'O': return type_option(b->types, read_type(b, text, types, pos));
    default: break;
    }
    parts[0] = b->types->result.i;
    parts[1] = read_type(b, text, types, pos).i;
    parts[2] = read_type(b, text, types, pos).i;
    return letter == 'M' ? type_make(b->types, TYPE_HASHMAP, &parts[1], 2) : type_make(b->types, TYPE_VARIANT, parts, 3);
}

static void callable_of_builtin(Builder *b, Builtin builtin, NameId name, SourcePos pos, Callable *callable)
{
    LibraryTypes types = {{0}, {0}, {0}, {0}};
    const char *text = library[builtin].type;
    *callable = (Callable){.kind = CALL_LIBRARY, .pos = pos, .name = name, .builtin = builtin,
                           .first_type = (uint32_t)b->stack.count};
    while (*text != ':') {
        TypeId param = read_type(b, &text, &types, pos);
        push_id(b, param.i);
        callable->n_params++;
    }
    text++;
    callable->result = read_type(b, &text, &types, pos);
}

/* ---- By name ------------------------------------------------------------------------------------------------------------ */

static void callable_of_meaning(Builder *b, GlobalId id, SourcePos pos, Callable *callable)
{
    const Global *global = global_at(b, id);
    if (global->kind == GLOBAL_CONSTRUCTOR)
        callable_of_constructor(b, fresh_variant(b, global->decl, pos), global->constructor, pos, callable);
    else
        callable_of_global(b, id, pos, callable);
}

static bool look_up(Builder *b, NameId name, SourcePos pos, uint32_t n_arguments, Callable *callable)
{
    GlobalId id = find_global(b, b->scope, name);
    Builtin builtin;
    if (id.i != 0)
        callable_of_meaning(b, id, pos, callable);
    else if ((name_is(name, NAME_Nil) && find_builtin((NameId){NAME_List}, (NameId){NAME_new}, 0, &builtin))
             || find_builtin((NameId){0}, name, n_arguments, &builtin))
        callable_of_builtin(b, builtin, name, pos, callable);
    else
        return builtin_constructor(b, name, pos, callable);
    return true;
}

bool callable_of_name(Builder *b, NameId name, SourcePos pos, uint32_t n_arguments, Callable *callable)
{
    bool found = look_up(b, name, pos, n_arguments, callable);
    if (found)
        note_callable(b, callable, pos);
    return found;
}

bool callable_of_member(Builder *b, NameId module, NameId member, SourcePos pos, uint32_t n_arguments, Callable *callable)
{
    Builtin builtin;
    if (!find_builtin(module, member, n_arguments, &builtin))
        return false;
    callable_of_builtin(b, builtin, member, pos, callable);
    note_callable(b, callable, pos);
    return true;
}

bool callable_of_value(Builder *b, Value value, SourcePos pos, Callable *callable)
{
    TypeId type = resolved(b, value.type);
    if (type_kind(b->types, type) != TYPE_FUNCTION)
        return false;
    uint32_t n = type_n_params(b->types, type);
    *callable = (Callable){.kind = CALL_COMPUTED, .pos = pos, .value = value, .first_type = (uint32_t)b->stack.count,
                           .n_params = n, .result = type_result(b->types, type)};
    for (uint32_t i = 0; i < n; i++)
        push_id(b, type_param(b->types, type, i).i);
    return true;
}

/* ---- Calling ------------------------------------------------------------------------------------------------------------ */

/* The instance of a generic function, or a promise to fill it in when its type arguments are known. */
static Value emit_generic_call(Builder *b, const Callable *callable, size_t first_value, uint32_t n)
{
    uint32_t n_types = callable->n_type_arguments;
    uint32_t first = (uint32_t)b->pending_arguments->count;
    bool known = true;
    for (uint32_t i = 0; i < n_types; i++) {
        TypeId type = zonk(b, callable_param(b, callable, callable->n_params + i));
        known &= !(type_get(b->types, type)->flags & TYPE_HAS_VARIABLE);
        *(TypeId *)array_push(b->pending_arguments, 1) = type;
    }
    FunctionId function = {0};
    if (known)
        function = demand_instance(b, callable->global, ITEM(b->pending_arguments, TypeId, first), n_types, callable->pos);
    Value value = emit_call(b, IR_CALL, zonk(b, callable->result), callable->pos, function.i,
                            ITEM(&b->stack, ValueId, first_value), n);
    if (known) {
        array_truncate(b->pending_arguments, first);
        return value;
    }
    uint32_t callee = b->function->start + value.id.i + (uint32_t)(offsetof(IrCall, callee) / sizeof(uint32_t));
    *(PendingInstance *)array_push(b->pending_instances, 1) =
        (PendingInstance){false, callee, callable->global, first, callable->pos};
    return value;
}

/* Unit does not cross to C: such arguments are left out. */
static Value emit_extern(Builder *b, const Callable *callable, size_t first, uint32_t n)
{
    size_t mark = b->stack.count;
    for (uint32_t i = 0; i < n; i++)
        if (i >= callable->n_params || resolved(b, callable_param(b, callable, i)).i != TYPE_UNIT)
            push_id(b, *ITEM(&b->stack, uint32_t, first + i));
    ExternId id = use_extern(b, callable->global);
    TypeId result = resolved(b, callable->result);
    bool is_nat = result.i == TYPE_NAT; /* C knows nothing of Nat: what it returns is checked here */
    Value value = emit_call(b, IR_CALL_EXTERN, is_nat ? TYPE_ID(TYPE_INT) : result, callable->pos, id.i,
                            ITEM(&b->stack, ValueId, mark), (uint32_t)(b->stack.count - mark));
    stack_truncate(&b->stack, mark);
    return is_nat ? coerce(b, value, result, global_at(b, callable->global)->result_pos, callable->pos) : value;
}

static Value emit_library(Builder *b, const Callable *callable, size_t first, uint32_t n)
{
    TypeId map = n > 0 || callable->builtin == BUILTIN_HASHMAP_NEW
        ? resolved(b, callable->builtin == BUILTIN_HASHMAP_NEW ? callable->result : callable_param(b, callable, 0)) : (TypeId){0};
    if (map.i != 0 && type_kind(b->types, map) == TYPE_HASHMAP) {
        if (callable->builtin == BUILTIN_HASHMAP_NEW) /* every map comes from here, or from a declared type */
            pend(b, PENDING_KEY, type_part(b->types, map, 0), callable->pos);
        if (callable->builtin == BUILTIN_HASHMAP_GET)
            pend(b, PENDING_DEFAULT, type_part(b->types, map, 1), callable->pos);
    }
    TypeId result = zonk(b, callable->result);
    if (callable->builtin == BUILTIN_LIST_NEW)
        return emit_many(b, IR_LIST, result, NULL, 0);
    return emit_call(b, IR_CALL_BUILTIN, result, callable->pos, callable->builtin,
                     ITEM(&b->stack, ValueId, first), n);
}

Value emit_callable(Builder *b, const Callable *callable, size_t first, uint32_t n)
{
    TypeId type;
    b->session->working_at = callable->pos;
    switch (callable->kind) {
    case CALL_CONSTRUCTOR:
        type = zonk(b, callable->variant);
        return emit_variant(b, type, callable->constructor, ITEM(&b->stack, ValueId, first), n);
    case CALL_LIBRARY:
        return emit_library(b, callable, first, n);
    case CALL_COMPUTED:
        forbid_function(b, callable->result);
        type = zonk(b, callable->result);
        return emit_call(b, IR_CALL_VALUE, type, callable->pos, callable->value.id.i, ITEM(&b->stack, ValueId, first), n);
    case CALL_GLOBAL:
        break;
    }
    const Global *global = global_at(b, callable->global);
    if (global->kind == GLOBAL_EXTERN)
        return emit_extern(b, callable, first, n);
    if (global->n_type_parameters > 0)
        return emit_generic_call(b, callable, first, n);
    return emit_call(b, IR_CALL, callable->result, callable->pos, global->function.i, ITEM(&b->stack, ValueId, first), n);
}
