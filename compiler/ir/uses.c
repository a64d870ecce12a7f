/* Noting what names mean; the builder calls it where it has found out (build.h). */
#include "ir/uses.h"

#include "ir/build.h"

void uses_open(IrUses *uses, Arena *arena)
{
    *uses = (IrUses){
        .uses = arena_array(arena, "use", sizeof(Use)),
        .definitions = arena_array(arena, "definition", sizeof(SourcePos)),
    };
}

const Use *use_at(const IrUses *uses, const Names *names, SourcePos pos)
{
    const Use *found = NULL;
    for (size_t i = 0; i < uses->uses->count; i++) {
        const Use *use = ITEM(uses->uses, Use, i);
        uint32_t end = use->at.at + name_length(names, use->name);
        if (use->at.at <= pos.at && pos.at <= end && (found == NULL || use->at.at > found->at.at))
            found = use;
    }
    return found;
}

/* ---- Noting ------------------------------------------------------------------------------------------------------ */

/* An instance of a generic function is the same text again. */
static IrUses *wanted(const Builder *b)
{
    return b->quiet || b->instance != NO_INDEX ? NULL : b->session->ir_uses;
}

void note_use(Builder *b, UseKind kind, NameId name, SourcePos at, SourcePos definition, TypeId type)
{
    IrUses *uses = wanted(b);
    if (uses == NULL || at.at == 0)
        return;
    *(Use *)array_push(uses->uses, 1) = (Use){at, definition, name, type, b->type_parameter_names, b->n_type_parameters,
                                              (uint8_t)kind};
}

void write_binding(Builder *b, uint32_t local, SourcePos at)
{
    IrUses *uses = wanted(b);
    if (uses == NULL)
        return;
    if (uses->definitions->count <= local)
        array_push(uses->definitions, local + 1 - uses->definitions->count);
    *ITEM(uses->definitions, SourcePos, local) = at;
    note_use(b, USE_LOCAL, local_at(b, local)->name, at, at, local_at(b, local)->type);
}

void write_local(Builder *b, uint32_t local, SourcePos at)
{
    IrUses *uses = wanted(b);
    if (uses == NULL)
        return;
    SourcePos definition = {0};
    if (local < uses->definitions->count)
        definition = *ITEM(uses->definitions, SourcePos, local);
    note_use(b, USE_LOCAL, local_at(b, local)->name, at, definition, local_at(b, local)->type);
}

/* The type of what is called, if the text of its declaration does not tell it. */
static TypeId type_of_callable(Builder *b, const Callable *callable)
{
    bool tells = callable->kind == CALL_GLOBAL && callable->n_type_arguments == 0;
    if (tells)
        return (TypeId){0};
    if (callable->kind == CALL_CONSTRUCTOR)
        return callable->variant;
    size_t mark = b->stack.count;
    for (uint32_t i = 0; i < callable->n_params; i++)
        push_id(b, callable_param(b, callable, i).i);
    push_id(b, callable->result.i);
    TypeId type = type_make(b->types, TYPE_FUNCTION, ITEM(&b->stack, uint32_t, mark), callable->n_params + 1);
    stack_truncate(&b->stack, mark);
    return type;
}

void write_callable(Builder *b, const Callable *callable, SourcePos at)
{
    if (wanted(b) == NULL)
        return;
    UseKind kind = USE_BUILTIN;
    SourcePos definition = {0};
    if (callable->kind == CALL_CONSTRUCTOR) {
        definition = type_constructor(b->types, callable->variant, callable->constructor)->pos;
        kind = definition.at == 0 ? USE_BUILTIN : USE_CONSTRUCTOR;
    } else if (callable->kind == CALL_GLOBAL) {
        const Global *global = global_at(b, callable->global);
        definition = global->pos;
        kind = global->kind == GLOBAL_EXTERN ? USE_EXTERN : USE_FUNCTION;
    }
    note_use(b, kind, callable->name, at, definition, type_of_callable(b, callable));
}

void note_global(Builder *b, GlobalId id, SourcePos at)
{
    if (id.i == 0 || wanted(b) == NULL)
        return;
    const Global *global = global_at(b, id);
    if (global->kind == GLOBAL_FUNCTION || global->kind == GLOBAL_EXTERN)
        note_use(b, global->kind == GLOBAL_EXTERN ? USE_EXTERN : USE_FUNCTION, global->name, at, global->pos, (TypeId){0});
    else if (global->kind == GLOBAL_SCOPE && !global->broken)
        note_use(b, USE_MODULE, global->name, at, ast_pos(b->ast, ITEM(b->scopes, Scope, global->target.i)->node),
                 (TypeId){0});
}

void write_constructor(Builder *b, TypeId variant, uint32_t index, SourcePos at)
{
    if (wanted(b) == NULL)
        return;
    const TypeConstructor *constructor = type_constructor(b->types, variant, index);
    note_use(b, constructor->pos.at == 0 ? USE_BUILTIN : USE_CONSTRUCTOR, constructor->name, at, constructor->pos, variant);
}

void write_field(Builder *b, TypeId record, uint32_t index, SourcePos at)
{
    if (wanted(b) == NULL)
        return;
    SourcePos definition = {0};
    if (type_kind(b->types, record) == TYPE_RECORD)
        definition = type_declared_field(b->types, record, index)->pos;
    note_use(b, USE_FIELD, type_field_name(b->types, record, index), at, definition, type_field(b->types, record, index));
}

/* ---- Declarations ------------------------------------------------------------------------------------------------ */

/* Each is a use of itself. */
static void note_type(Builder *b, const TypeDecl *decl)
{
    note_use(b, USE_TYPE, decl->name, decl->pos, decl->pos, (TypeId){0});
    for (uint32_t i = decl->first; i < decl->first + decl->n; i++) {
        if (decl->kind == TYPE_RECORD) {
            const TypeField *field = ITEM(b->types->fields, TypeField, i);
            note_use(b, USE_FIELD, field->name, field->pos, field->pos, decl->n_parameters == 0 ? field->type : (TypeId){0});
        } else {
            const TypeConstructor *constructor = ITEM(b->types->constructors, TypeConstructor, i);
            note_use(b, USE_CONSTRUCTOR, constructor->name, constructor->pos, constructor->pos, (TypeId){0});
        }
    }
}

void note_declarations(Builder *b)
{
    if (wanted(b) == NULL)
        return;
    for (uint32_t i = 1; i < b->globals->count; i++)
        note_global(b, (GlobalId){i}, global_at(b, (GlobalId){i})->pos);
    for (uint32_t i = 1; i < b->named_types->count; i++) {
        const NamedType *named = ITEM(b->named_types, NamedType, i);
        if (named->kind == NAMED_ALIAS)
            note_use(b, USE_TYPE, named->name, ast_pos(b->ast, named->node), ast_pos(b->ast, named->node), (TypeId){0});
    }
    for (uint32_t i = 0; i < b->types->declarations->count; i++)
        note_type(b, ITEM(b->types->declarations, TypeDecl, i));
}

void settle_uses(Builder *b)
{
    IrUses *uses = b->session->ir_uses;
    if (uses == NULL)
        return;
    for (; uses->n_settled < uses->uses->count; uses->n_settled++) {
        TypeId type = ITEM(uses->uses, Use, uses->n_settled)->type;
        if (type.i != 0 && type_get(b->types, type)->flags & TYPE_HAS_VARIABLE)
            ITEM(uses->uses, Use, uses->n_settled)->type = zonk(b, type);
    }
}
