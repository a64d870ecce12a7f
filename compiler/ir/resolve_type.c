/*
 * Type expressions to types.
 *
 * A name in a type is, in this order: a type parameter of the declaration being looked at, a declared type (which hides
 * a built-in one), a built-in type.  Aliases are resolved when they are first met; one that is met while it is being
 * resolved is defined in terms of itself.
 */
#include "ir/build.h"
#include "parser/parser.h"

static bool find_type_parameter(const Builder *b, NameId name, TypeId *type)
{
    for (uint32_t i = 0; i < b->n_type_parameters; i++)
        if (b->type_parameter_names[i].i == name.i) {
            *type = b->type_parameter_types[i];
            return true;
        }
    return false;
}

static bool wrong_count(Builder *b, NameId name, SourcePos pos, uint32_t takes, uint32_t given)
{
    if (takes == given)
        return false;
    report(b, E103, pos, "type '%.*s' takes %u parameter%s, given %u", NAME_ARGS(b->names, name), takes,
           takes == 1 ? "" : "s", given);
    return true;
}

/* Resolves the nodes and leaves their types on the stack; the result is the index of the first. */
static uint32_t resolve_all(Builder *b, const NodeId *nodes, uint32_t n, TypeContext context, bool *broken)
{
    uint32_t first = (uint32_t)b->stack.count;
    for (uint32_t i = 0; i < n; i++) {
        TypeId type = resolve_type(b, nodes[i], context);
        *broken |= type.i == TYPE_ERROR;
        *(uint32_t *)stack_push(&b->stack, 1) = type.i;
    }
    return first;
}

static TypeId make_from_stack(Builder *b, TypeKind kind, uint32_t first, bool broken, SourcePos pos)
{
    uint32_t n = (uint32_t)b->stack.count - first;
    TypeId type = TYPE_ID(TYPE_ERROR);
    if (!broken)
        type = make_type(b, kind, ITEM(&b->stack, uint32_t, first), n, pos);
    stack_truncate(&b->stack, first);
    return type;
}

/* ---- Aliases ------------------------------------------------------------------------------------------------------- */

/* Inside a type declaration its parameters are TYPE_PARAMETER 0, 1 ... */
TypeParameters enter_declaration(Builder *b, const AstTypeDecl *decl)
{
    TypeParameters outer = {b->type_parameter_names, b->type_parameter_types, b->n_type_parameters};
    uint32_t n = decl->n_type_parameters;
    b->n_type_parameters = n;
    if (n == 0)
        return outer;
    NameId *names = arena_push(b->scratch, n * sizeof *names);
    TypeId *types = arena_push(b->scratch, n * sizeof *types);
    for (uint32_t i = 0; i < n; i++) {
        names[i] = ast_name(b->ast, decl->parts[i])->name;
        types[i] = type_make(b->types, TYPE_PARAMETER, &i, 1);
    }
    b->type_parameter_names = names;
    b->type_parameter_types = types;
    return outer;
}

void leave_declaration(Builder *b, TypeParameters outer)
{
    b->type_parameter_names = outer.names;
    b->type_parameter_types = outer.types;
    b->n_type_parameters = outer.n;
}

/* Pushes the aliases that a type speaks of and that have not been looked at. */
static void push_aliases(Builder *b, NodeId node)
{
    for (; ast_kind(b->ast, node) == AST_TYPE_ARROW; node = ast_arrow(b->ast, node)->result)
        push_aliases(b, ast_arrow(b->ast, node)->parameter);
    switch (ast_kind(b->ast, node)) {
    case AST_TYPE_NAME: {
        const AstTypeName *name = ast_type_name(b->ast, node);
        uint32_t index = meaning_of(b, name->name)->named_type;
        const NamedType *named = ITEM(b->named_types, NamedType, index);
        if (index != 0 && named->kind == NAMED_ALIAS && named->state == ALIAS_NEW)
            push_id(b, index);
        for (uint32_t i = 0; i < name->n; i++)
            push_aliases(b, name->arguments[i]);
        break;
    }
    case AST_TYPE_TUPLE:
        for (uint32_t i = 0; i < ast_items(b->ast, node)->n; i++)
            push_aliases(b, ast_items(b->ast, node)->items[i]);
        break;
    case AST_TYPE_RECORD:
        for (uint32_t i = 0; i < ast_fields(b->ast, node)->n; i++)
            push_aliases(b, ast_fields(b->ast, node)->fields[i].value);
        break;
    case AST_TYPE_FORALL:
        push_aliases(b, ast_forall(b->ast, node)->type);
        break;
    default:
        break;
    }
}

/* All that the alias speaks of has been resolved, unless it is itself on the way (then it is reported). */
static void finish_alias(Builder *b, uint32_t index)
{
    const AstTypeDecl *decl = ast_type_decl(b->ast, ITEM(b->named_types, NamedType, index)->node);
    TypeParameters outer = enter_declaration(b, decl);
    TypeId aliased = resolve_type(b, decl->parts[decl->n_type_parameters], TYPE_IN_PROGRAM);
    leave_declaration(b, outer);
    NamedType *named = ITEM(b->named_types, NamedType, index);
    if (named->state == ALIAS_ON_PATH)
        named->aliased = aliased;
    named->state = ALIAS_DONE;
}

/* Depth first with a stack of its own, as a chain of aliases can be as long as the program. */
void resolve_alias(Builder *b, uint32_t index)
{
    NamedType *start = ITEM(b->named_types, NamedType, index);
    if (start->state == ALIAS_ON_PATH) {
        report(b, E105, ast_pos(b->ast, start->node), "type '%.*s' is defined in terms of itself", NAME_ARGS(b->names, start->name));
        start->aliased = TYPE_ID(TYPE_ERROR);
        start->state = ALIAS_DONE;
    }
    if (start->state == ALIAS_DONE)
        return;
    size_t bottom = b->stack.count;
    push_id(b, index);
    while (b->stack.count > bottom) {
        uint32_t top = *ITEM(&b->stack, uint32_t, b->stack.count - 1);
        NamedType *named = ITEM(b->named_types, NamedType, top);
        if (named->state == ALIAS_NEW) {
            const AstTypeDecl *decl = ast_type_decl(b->ast, named->node);
            named->state = ALIAS_ON_PATH;
            push_aliases(b, decl->parts[decl->n_type_parameters]);
            continue;
        }
        stack_truncate(&b->stack, b->stack.count - 1);
        if (named->state == ALIAS_ON_PATH)
            finish_alias(b, top);
    }
}

static TypeId use_named(Builder *b, uint32_t index, const AstTypeName *name, TypeContext context)
{
    const NamedType *named = ITEM(b->named_types, NamedType, index);
    if (wrong_count(b, name->name, name->head.pos, named->n_parameters, name->n))
        return TYPE_ID(TYPE_ERROR);
    bool broken = false;
    if (named->kind == NAMED_DECLARATION) {
        DeclId decl = named->decl;
        TypeKind kind = (TypeKind)ITEM(b->types->declarations, TypeDecl, decl.i)->kind;
        uint32_t first = (uint32_t)b->stack.count;
        *(uint32_t *)stack_push(&b->stack, 1) = decl.i;
        resolve_all(b, name->arguments, name->n, context, &broken);
        return make_from_stack(b, kind, first, broken, name->head.pos);
    }
    resolve_alias(b, index);
    TypeId aliased = ITEM(b->named_types, NamedType, index)->aliased;
    uint32_t first = resolve_all(b, name->arguments, name->n, context, &broken);
    if (broken || aliased.i == TYPE_ERROR)
        aliased = TYPE_ID(TYPE_ERROR);
    else if (name->n > 0)
        aliased = type_substitute(b->types, aliased, ITEM(&b->stack, TypeId, first), name->n);
    stack_truncate(&b->stack, first);
    return aliased;
}

/* Ptr<FILE>: what a Ptr points to is documentation, so it may be the name of something that only C knows. */
static bool is_undeclared(Builder *b, NodeId node)
{
    if (ast_kind(b->ast, node) != AST_TYPE_NAME || ast_type_name(b->ast, node)->n > 0)
        return false;
    NameId name = ast_type_name(b->ast, node)->name;
    TypeId type;
    bool builtin = name.i >= NAME_Int && name.i <= NAME_CFloat;
    return !builtin && !find_type_parameter(b, name, &type) && meaning_of(b, name)->named_type == 0;
}

static bool check_key(Builder *b, TypeId key, SourcePos pos)
{
    uint32_t errors = b->diagnostics->n_errors;
    pend(b, PENDING_KEY, key, pos);
    return b->diagnostics->n_errors == errors;
}

/* ---- Built-in types ------------------------------------------------------------------------------------------------ */

static const struct { uint16_t name; uint8_t kind, n; bool only_extern; } builtins[] = {
    {NAME_Int, TYPE_INT, 0, false}, {NAME_Nat, TYPE_NAT, 0, false}, {NAME_Float64, TYPE_FLOAT, 0, false},
    {NAME_Bool, TYPE_BOOL, 0, false}, {NAME_String, TYPE_STRING, 0, false}, {NAME_Unit, TYPE_UNIT, 0, false},
    {NAME_List, TYPE_LIST, 1, false}, {NAME_Ptr, TYPE_PTR, 1, false}, {NAME_HashMap, TYPE_HASHMAP, 2, false},
    {NAME_Option, TYPE_VARIANT, 1, false}, {NAME_Result, TYPE_VARIANT, 2, false},
    {NAME_CInt, TYPE_C_INT, 0, true}, {NAME_CUInt, TYPE_C_UINT, 0, true}, {NAME_CShort, TYPE_C_SHORT, 0, true},
    {NAME_CChar, TYPE_C_CHAR, 0, true}, {NAME_CFloat, TYPE_C_FLOAT, 0, true},
};

bool is_type_name(Builder *b, NameId name)
{
    TypeId parameter;
    for (size_t i = 0; i < sizeof builtins / sizeof *builtins; i++)
        if (builtins[i].name == name.i && !builtins[i].only_extern)
            return true;
    return meaning_of(b, name)->named_type != 0 || find_type_parameter(b, name, &parameter);
}

static TypeId use_builtin(Builder *b, const AstTypeName *name, TypeContext context)
{
    for (size_t i = 0; i < sizeof builtins / sizeof *builtins; i++) {
        if (builtins[i].name != name->name.i || (builtins[i].only_extern && context != TYPE_IN_EXTERN))
            continue;
        if (wrong_count(b, name->name, name->head.pos, builtins[i].n, name->n))
            return TYPE_ID(TYPE_ERROR);
        if (builtins[i].n == 0)
            return TYPE_ID(builtins[i].kind);
        bool broken = false;
        uint32_t first = (uint32_t)b->stack.count;
        if (builtins[i].kind == TYPE_VARIANT)
            *(uint32_t *)stack_push(&b->stack, 1) = name->name.i == NAME_Option ? b->types->option.i : b->types->result.i;
        if (builtins[i].kind == TYPE_PTR && is_undeclared(b, name->arguments[0]))
            return type_ptr(b->types, TYPE_ID(TYPE_UNIT));
        resolve_all(b, name->arguments, name->n, context, &broken);
        if (builtins[i].kind == TYPE_HASHMAP && !broken)
            broken = !check_key(b, *ITEM(&b->stack, TypeId, first), ast_pos(b->ast, name->arguments[0]));
        return make_from_stack(b, (TypeKind)builtins[i].kind, first, broken, name->head.pos);
    }
    if (name_is(name->name, NAME_Vec) || name_is(name->name, NAME_Range))
        report(b, E106, name->head.pos, "dependent types are not supported");
    else if (!may_be_declared(b, name->name))
        suggest_similar(b, report(b, E102, name->head.pos, "unknown type '%.*s'", NAME_ARGS(b->names, name->name)), name->name,
                        name->head.pos, (Sought){.kind = SOUGHT_TYPE});
    return TYPE_ID(TYPE_ERROR);
}

static TypeId resolve_name(Builder *b, NodeId node, TypeContext context)
{
    const AstTypeName *name = ast_type_name(b->ast, node);
    TypeId type;
    if (find_type_parameter(b, name->name, &type)) {
        note_use(b, USE_TYPE_PARAMETER, name->name, name->head.pos, (SourcePos){0}, (TypeId){0});
        return wrong_count(b, name->name, name->head.pos, 0, name->n) ? TYPE_ID(TYPE_ERROR) : type;
    }
    uint32_t named = meaning_of(b, name->name)->named_type;
    type = named != 0 ? use_named(b, named, name, context) : use_builtin(b, name, context);
    SourcePos definition = named != 0 ? ast_pos(b->ast, ITEM(b->named_types, NamedType, named)->node) : (SourcePos){0};
    note_use(b, USE_TYPE, name->name, name->head.pos, definition, type);
    return type;
}

/* ---- The other forms ----------------------------------------------------------------------------------------------- */

/* A -> B -> C is a chain to the right, which is walked by a loop; (A, B) -> C has two parameters.  `()` is Unit here
   like any other type; type_make knows that a function of a single Unit takes nothing. */
static TypeId resolve_arrow(Builder *b, NodeId node, TypeContext context)
{
    bool broken = false;
    uint32_t first = (uint32_t)b->stack.count;
    SourcePos pos = ast_pos(b->ast, node);
    for (; ast_kind(b->ast, node) == AST_TYPE_ARROW; node = ast_arrow(b->ast, node)->result) {
        NodeId parameter = ast_arrow(b->ast, node)->parameter;
        if (ast_kind(b->ast, parameter) != AST_TYPE_TUPLE) {
            resolve_all(b, &parameter, 1, context, &broken);
        } else {
            const AstItems *tuple = ast_items(b->ast, parameter);
            resolve_all(b, tuple->items, tuple->n, context, &broken);
        }
    }
    resolve_all(b, &node, 1, context, &broken);
    return make_from_stack(b, TYPE_FUNCTION, first, broken, pos);
}

static TypeId resolve_record(Builder *b, NodeId node, TypeContext context)
{
    const AstFields *record = ast_fields(b->ast, node);
    uint32_t first = (uint32_t)b->stack.count;
    bool broken = report_fields_twice(b, E104, record->fields, record->n);
    for (uint32_t i = 0; i < record->n; i++) {
        AstFieldInit field = record->fields[i];
        *(uint32_t *)stack_push(&b->stack, 1) = field.name.i;
        resolve_all(b, &field.value, 1, context, &broken);
    }
    TypeId type = make_from_stack(b, TYPE_ANONYMOUS, first, broken, record->head.pos);
    for (uint32_t i = 0; i < record->n && type.i != TYPE_ERROR; i++) {
        uint32_t index = find_field(b, type, record->fields[i].name);
        if (type_part(b->types, type, 2 * index + 1).i == TYPE_NAT)
            *(NatField *)array_push(b->nat_fields, 1) = (NatField){type, index, record->fields[i].pos};
    }
    return type;
}

/* The variables of a forall are type parameters of the signature around it; anywhere else nobody could choose them. */
static TypeId resolve_forall(Builder *b, NodeId node, TypeContext context)
{
    const AstForall *forall = ast_forall(b->ast, node);
    TypeId type;
    for (uint32_t i = 0; i < forall->n; i++)
        if (!find_type_parameter(b, ast_name(b->ast, forall->variables[i])->name, &type)) {
            report(b, E106, forall->head.pos, "'forall' belongs into the signature of a function (rank-2 types are not supported)");
            return TYPE_ID(TYPE_ERROR);
        }
    return resolve_type(b, forall->type, context);
}

static TypeId resolve_form(Builder *b, NodeId node, TypeContext context)
{
    bool broken = false;
    switch (ast_kind(b->ast, node)) {
    case AST_TYPE_NAME:
        return resolve_name(b, node, context);
    case AST_TYPE_UNIT:
        return TYPE_ID(TYPE_UNIT);
    case AST_TYPE_TUPLE: {
        const AstItems *tuple = ast_items(b->ast, node);
        uint32_t first = resolve_all(b, tuple->items, tuple->n, context, &broken);
        return make_from_stack(b, TYPE_TUPLE, first, broken, tuple->head.pos);
    }
    case AST_TYPE_RECORD:
        return resolve_record(b, node, context);
    case AST_TYPE_ARROW:
        return resolve_arrow(b, node, context);
    case AST_TYPE_FORALL:
        return resolve_forall(b, node, context);
    default:
        return TYPE_ID(TYPE_ERROR);
    }
}

TypeId resolve_type(Builder *b, NodeId node, TypeContext context)
{
    b->session->working_at = ast_pos(b->ast, node);
    if (b->type_nesting > MAX_NESTING) {
        report(b, E014, ast_pos(b->ast, node), "this type is nested more than %d levels deep", MAX_NESTING);
        return TYPE_ID(TYPE_ERROR);
    }
    b->type_nesting++;
    TypeId type = resolve_form(b, node, context);
    b->type_nesting--;
    return type;
}

/* ---- Type parameters of a signature -------------------------------------------------------------------------------- */

static void add_type_parameter(Builder *b, NameId name, size_t first)
{
    for (size_t i = first; i < b->type_parameters->count; i++)
        if (ITEM(b->type_parameters, NameId, i)->i == name.i)
            return;
    *(NameId *)array_push(b->type_parameters, 1) = name;
}

static bool starts_lower(const Builder *b, NameId name)
{
    char c = *name_text(b->names, name);
    return (c >= 'a' && c <= 'z') || c == '_';
}

/* A lower-case type name that is not declared is an implicit type parameter; so are the variables of a forall. */
void collect_type_parameters(Builder *b, NodeId node, size_t first)
{
    for (;;) {
        switch (ast_kind(b->ast, node)) {
        case AST_TYPE_NAME: {
            const AstTypeName *name = ast_type_name(b->ast, node);
            if (name->n == 0 && starts_lower(b, name->name) && meaning_of(b, name->name)->named_type == 0)
                add_type_parameter(b, name->name, first);
            for (uint32_t i = 0; i < name->n; i++)
                collect_type_parameters(b, name->arguments[i], first);
            return;
        }
        case AST_TYPE_TUPLE: {
            const AstItems *tuple = ast_items(b->ast, node);
            for (uint32_t i = 0; i < tuple->n; i++)
                collect_type_parameters(b, tuple->items[i], first);
            return;
        }
        case AST_TYPE_RECORD: {
            const AstFields *record = ast_fields(b->ast, node);
            for (uint32_t i = 0; i < record->n; i++)
                collect_type_parameters(b, record->fields[i].value, first);
            return;
        }
        case AST_TYPE_ARROW:
            collect_type_parameters(b, ast_arrow(b->ast, node)->parameter, first);
            node = ast_arrow(b->ast, node)->result;
            break;
        case AST_TYPE_FORALL: {
            const AstForall *forall = ast_forall(b->ast, node);
            for (uint32_t i = 0; i < forall->n; i++)
                add_type_parameter(b, ast_name(b->ast, forall->variables[i])->name, first);
            node = forall->type;
            break;
        }
        default:
            return;
        }
    }
}
