/*
 * Types: the table of all types of a compilation.
 *
 * Hash consing: a type is looked up by its kind and operands before it is made, so equal types have equal ids and a
 * comparison is one instruction, however large the types are.  Operands of all types lie in one array.  Canonical forms
 * keep the number of types down and make "the same type" and "the same id" one thing:
 *
 *   Nat inside another type becomes Int (the language says that List<Nat> is List<Int>); only a record's field may be a
 *   declared Nat, which is checked when the record is made,
 *   A -> B -> C becomes (A, B) -> C, and Unit -> A becomes () -> A,
 *   an anonymous record's fields stand in ascending order of their names' ids.
 *
 * What a declared field, payload or parameter is called stays in the declaration.
 */
#include "ir/types.h"

#include <string.h>

typedef struct { uint32_t hash, type; } TypeSlot;

enum { FIRST_SLOTS = 256, MAX_DEPTH_STORED = UINT16_MAX };

static uint32_t hash_type(TypeKind kind, const uint32_t *operands, uint32_t n)
{
    uint64_t hash = (uint64_t)kind * 0x9E3779B97F4A7C15u + n;
    for (uint32_t i = 0; i < n; i++)
        hash = (hash ^ operands[i]) * 0xD6E8FEB86659FD93u, hash ^= hash >> 32;
    return (uint32_t)hash | 1;
}

static TypeSlot *slots_of(const Types *types)
{
    return (TypeSlot *)(void *)types->slots->items;
}

static void insert_slot(Types *types, uint32_t hash, uint32_t type)
{
    uint32_t mask = (uint32_t)types->slots->count - 1;
    uint32_t index = hash & mask;
    while (slots_of(types)[index].type != 0)
        index = (index + 1) & mask;
    slots_of(types)[index] = (TypeSlot){hash, type};
}

/* The table doubles in place: the slots are cleared and every type is put in again. */
static void grow_slots(Types *types)
{
    size_t count = types->slots->count == 0 ? FIRST_SLOTS : types->slots->count;
    array_push(types->slots, count);
    memset(types->slots->items, 0, types->slots->count * sizeof(TypeSlot));
    for (uint32_t i = 1; i < types->types->count; i++) {
        const Type *type = type_get(types, (TypeId){i});
        const uint32_t *operands = (const uint32_t *)(const void *)types->operands->items + type->first_operand;
        insert_slot(types, hash_type((TypeKind)type->kind, operands, type->n_operands), i);
    }
}

/* Which operands of a type are types themselves (the others are names, declarations, numbers). */
static bool operand_is_type(TypeKind kind, uint32_t index)
{
    switch (kind) {
    case TYPE_ANONYMOUS:
        return index % 2 == 1;
    case TYPE_RECORD:
    case TYPE_VARIANT:
        return index > 0;
    case TYPE_PARAMETER:
    case TYPE_VARIABLE:
        return false;
    default:
        return true;
    }
}

static TypeId add_type(Types *types, TypeKind kind, const uint32_t *operands, uint32_t n)
{
    uint8_t flags = 0;
    uint32_t depth = 0;
    for (uint32_t i = 0; i < n; i++) {
        if (!operand_is_type(kind, i))
            continue;
        const Type *part = type_get(types, (TypeId){operands[i]});
        flags |= part->flags;
        if (part->depth > depth)
            depth = part->depth;
    }
    if (kind == TYPE_VARIABLE)
        flags |= TYPE_HAS_VARIABLE;
    if (kind == TYPE_PARAMETER)
        flags |= TYPE_HAS_PARAMETER;
    if (depth < MAX_DEPTH_STORED)
        depth++;
    uint32_t first = (uint32_t)types->operands->count;
    if (n > 0)
        memcpy(array_push(types->operands, n), operands, n * sizeof *operands);
    Type *type = array_push(types->types, 1);
    *type = (Type){(uint8_t)kind, flags, (uint16_t)depth, first, n};
    return (TypeId){(uint32_t)types->types->count - 1};
}

static TypeId intern(Types *types, TypeKind kind, const uint32_t *operands, uint32_t n)
{
    uint32_t hash = hash_type(kind, operands, n);
    uint32_t mask = (uint32_t)types->slots->count - 1;
    for (uint32_t index = hash & mask;; index = (index + 1) & mask) {
        TypeSlot slot = slots_of(types)[index];
        if (slot.type == 0)
            break;
        if (slot.hash != hash)
            continue;
        const Type *type = type_get(types, (TypeId){slot.type});
        const uint32_t *found = (const uint32_t *)(const void *)types->operands->items + type->first_operand;
        if (type->kind == kind && type->n_operands == n && (n == 0 || memcmp(found, operands, n * sizeof *operands) == 0))
            return (TypeId){slot.type};
    }
    TypeId id = add_type(types, kind, operands, n);
    if ((types->types->count + 1) * 2 > types->slots->count)
        grow_slots(types);
    else
        insert_slot(types, hash, id.i);
    return id;
}

void types_take_over(Types *types, const Types *from, uint32_t n, size_t work)
{
    for (uint32_t i = (uint32_t)types->types->count; i < n; i++) {
        const Type *type = type_get(from, (TypeId){i});
        intern(types, (TypeKind)type->kind, (const uint32_t *)(const void *)from->operands->items + type->first_operand,
               type->n_operands);
    }
    if (work > types->work.array->count)
        array_push(types->work.array, work - types->work.array->count);
    types->work.items = types->work.array->items;
}

/* ---- Making types ---------------------------------------------------------------------------------------------- */

/* A function that takes nothing and one that takes a single Unit are the same; but as soon as it has other parameters
   as well, by way of its result, the Unit counts as one of them. */
static TypeId make_function(Types *types, const uint32_t *operands, uint32_t n)
{
    uint32_t n_params = n - 1;
    TypeId result = {operands[n_params]};
    if (type_kind(types, result) != TYPE_FUNCTION)
        return n_params == 1 && operands[0] == TYPE_UNIT ? intern(types, TYPE_FUNCTION, &operands[1], 1)
                                                         : intern(types, TYPE_FUNCTION, operands, n);
    WorkStack *work = &types->work;
    size_t mark = work->count;
    uint32_t n_more = type_n_params(types, result);
    uint32_t *merged = stack_push(work, n_params + n_more + 3);
    uint32_t count = 0;
    for (uint32_t i = 0; i < n_params; i++)
        merged[count++] = operands[i];
    if (n_params == 0)
        merged[count++] = TYPE_UNIT;
    for (uint32_t i = 0; i < n_more; i++)
        merged[count++] = type_param(types, result, i).i;
    if (n_more == 0)
        merged[count++] = TYPE_UNIT;
    merged[count++] = type_result(types, result).i;
    TypeId id = intern(types, TYPE_FUNCTION, merged, count);
    stack_truncate(work, mark);
    return id;
}

static void sort_fields(uint32_t *pairs, size_t n)
{
    /* Shell sort: in place, no recursion, and short lists are the rule. */
    for (size_t gap = n / 2; gap > 0; gap /= 2)
        for (size_t i = gap; i < n; i++)
            for (size_t j = i; j >= gap && pairs[2 * (j - gap)] > pairs[2 * j]; j -= gap)
                for (uint32_t k = 0; k < 2; k++) {
                    uint32_t swap = pairs[2 * j + k];
                    pairs[2 * j + k] = pairs[2 * (j - gap) + k];
                    pairs[2 * (j - gap) + k] = swap;
                }
}

TypeId type_make(Types *types, TypeKind kind, const uint32_t *operands, uint32_t n)
{
    WorkStack *work = &types->work;
    size_t mark = work->count;
    uint32_t *copy = stack_push(work, n);
    for (uint32_t i = 0; i < n; i++)
        copy[i] = operand_is_type(kind, i) && kind != TYPE_ANONYMOUS && operands[i] == TYPE_NAT ? TYPE_INT : operands[i];
    if (kind == TYPE_ANONYMOUS)
        sort_fields(copy, n / 2);
    TypeId id;
    if (kind == TYPE_FUNCTION) {
        /* make_function pushes as well, which may move the array: make room first. */
        stack_reserve(work, n + type_get(types, (TypeId){copy[n - 1]})->n_operands + 3);
        id = make_function(types, (uint32_t *)(void *)work->items + mark, n);
    } else {
        id = intern(types, kind, copy, n);
    }
    stack_truncate(work, mark);
    return id;
}

TypeId type_list(Types *types, TypeId element) { return type_make(types, TYPE_LIST, &element.i, 1); }
TypeId type_ptr(Types *types, TypeId pointee) { return type_make(types, TYPE_PTR, &pointee.i, 1); }
TypeId type_lazy(Types *types, TypeId value) { return type_make(types, TYPE_LAZY, &value.i, 1); }

TypeId type_hashmap(Types *types, TypeId key, TypeId value)
{
    uint32_t operands[] = {key.i, value.i};
    return type_make(types, TYPE_HASHMAP, operands, 2);
}

TypeId type_option(Types *types, TypeId element)
{
    uint32_t operands[] = {types->option.i, element.i};
    return type_make(types, TYPE_VARIANT, operands, 2);
}

/* ---- Declarations ---------------------------------------------------------------------------------------------- */

DeclId type_declare(Types *types, NameId name, SourcePos pos, TypeKind kind, uint32_t n_parameters)
{
    TypeDecl *decl = array_push(types->declarations, 1);
    *decl = (TypeDecl){.name = name, .pos = pos, .kind = (uint8_t)kind, .n_parameters = n_parameters};
    return (DeclId){(uint32_t)types->declarations->count - 1};
}

static TypeDecl *decl_at(const Types *types, DeclId id)
{
    return (TypeDecl *)(void *)types->declarations->items + id.i;
}

void type_declare_field(Types *types, DeclId decl, NameId name, SourcePos pos, TypeId type)
{
    if (decl_at(types, decl)->n++ == 0)
        decl_at(types, decl)->first = (uint32_t)types->fields->count;
    TypeField *field = array_push(types->fields, 1);
    *field = (TypeField){name, pos, type};
}

void type_declare_constructor(Types *types, DeclId decl, NameId name, SourcePos pos)
{
    if (decl_at(types, decl)->n++ == 0)
        decl_at(types, decl)->first = (uint32_t)types->constructors->count;
    TypeConstructor *constructor = array_push(types->constructors, 1);
    *constructor = (TypeConstructor){name, pos, decl, decl_at(types, decl)->n - 1, (uint32_t)types->payloads->count, 0};
}

void type_declare_payload(Types *types, TypeId type, SourcePos pos)
{
    TypeConstructor *last = (TypeConstructor *)(void *)types->constructors->items + types->constructors->count - 1;
    last->n_payload++;
    TypePayload *payload = array_push(types->payloads, 1);
    *payload = (TypePayload){type, pos};
}

/* type Option<T> = Some(T) | None    type Result<T, E> = Ok(T) | Err(E) */
static void declare_builtins(Types *types)
{
    const SourcePos nowhere = {0};
    uint32_t zero = 0, one = 1;
    TypeId first = type_make(types, TYPE_PARAMETER, &zero, 1);
    TypeId second = type_make(types, TYPE_PARAMETER, &one, 1);
    types->option = type_declare(types, (NameId){NAME_Option}, nowhere, TYPE_VARIANT, 1);
    type_declare_constructor(types, types->option, (NameId){NAME_Some}, nowhere);
    type_declare_payload(types, first, nowhere);
    type_declare_constructor(types, types->option, (NameId){NAME_None}, nowhere);
    types->result = type_declare(types, (NameId){NAME_Result}, nowhere, TYPE_VARIANT, 2);
    type_declare_constructor(types, types->result, (NameId){NAME_Ok}, nowhere);
    type_declare_payload(types, first, nowhere);
    type_declare_constructor(types, types->result, (NameId){NAME_Err}, nowhere);
    type_declare_payload(types, second, nowhere);
}

Types *types_open(Arena *session_arena, const Names *names)
{
    arena_kind(session_arena, "type tables");
    Types *types = arena_new(session_arena, Types);
    types->names = names;
    types->types = arena_array(session_arena, "type", sizeof(Type));
    types->operands = arena_array(session_arena, "type operand", sizeof(uint32_t));
    types->slots = arena_array(session_arena, "type hash", sizeof(TypeSlot));
    types->declarations = arena_array(session_arena, "type declaration", sizeof(TypeDecl));
    types->fields = arena_array(session_arena, "field", sizeof(TypeField));
    types->constructors = arena_array(session_arena, "constructor", sizeof(TypeConstructor));
    types->payloads = arena_array(session_arena, "payload", sizeof(TypePayload));
    types->work = work_stack(session_arena, "type work", sizeof(uint32_t));
    grow_slots(types);
    array_push(types->types, 1);
    *(Type *)(void *)types->types->items = (Type){0};
    for (uint32_t kind = TYPE_NONE + 1; kind <= TYPE_C_FLOAT; kind++)
        intern(types, (TypeKind)kind, NULL, 0);
    declare_builtins(types);
    return types;
}

static ArenaArray *copy_array(Arena *arena, const ArenaArray *array)
{
    ArenaArray *copy = arena_array(arena, array->kind, array->element_size);
    memcpy(array_push(copy, array->count), array->items, array->count * array->element_size);
    return copy;
}

Types *types_copy(Arena *arena, const Types *types)
{
    arena_kind(arena, "type tables");
    Types *copy = arena_copy(arena, types, sizeof *types);
    copy->types = copy_array(arena, types->types);
    copy->operands = copy_array(arena, types->operands);
    copy->slots = copy_array(arena, types->slots);
    copy->work = work_stack(arena, "type work", sizeof(uint32_t));
    return copy;
}

/* ---- Looking into types ---------------------------------------------------------------------------------------- */

uint32_t type_n_fields(const Types *types, TypeId id)
{
    switch (type_kind(types, id)) {
    case TYPE_TUPLE:
        return type_get(types, id)->n_operands;
    case TYPE_ANONYMOUS:
        return type_get(types, id)->n_operands / 2;
    default:
        return type_decl(types, id)->n;
    }
}

TypeId type_put_arguments(Types *types, TypeId id, TypeId declared)
{
    WorkStack *work = &types->work;
    size_t mark = work->count;
    uint32_t n = type_get(types, id)->n_operands - 1;
    TypeId *arguments = stack_push(work, n);
    for (uint32_t i = 0; i < n; i++)
        arguments[i] = type_part(types, id, i + 1);
    TypeId result = type_substitute_at(types, declared, (uint32_t)mark, n);
    stack_truncate(work, mark);
    return result;
}

TypeId type_field(Types *types, TypeId id, uint32_t index)
{
    switch (type_kind(types, id)) {
    case TYPE_TUPLE:
        return type_part(types, id, index);
    case TYPE_ANONYMOUS:
        return type_part(types, id, 2 * index + 1);
    default:
        return type_with_arguments(types, id, type_declared_field(types, id, index)->type);
    }
}

NameId type_field_name(const Types *types, TypeId id, uint32_t index)
{
    switch (type_kind(types, id)) {
    case TYPE_TUPLE:
        return (NameId){0};
    case TYPE_ANONYMOUS:
        return (NameId){type_operand(types, id, 2 * index)};
    default:
        return type_declared_field(types, id, index)->name;
    }
}

/* ---- Substitution ---------------------------------------------------------------------------------------------- */

/*
 * A type is a graph whose parts are shared: type T<A> = S<(A, A)>, type S<A> = R<(A, A)> ... has as many parts as lines and
 * twice as many paths with each.  Of a type that is deep enough for that to matter, what became of a part is remembered
 * in a small table; a part that another one has pushed out is made again, and found to be there.
 */
enum { DEPTH_REMEMBERED = 4, N_REMEMBERED = 256 };

typedef struct { TypeId from, to; } Substituted;

typedef struct {
    Types *types;
    uint32_t first, n;   /* arguments: they stand in types->work from `first` on, because pushing may move that array */
    Substituted *remembered; /* N_REMEMBERED of them, or NULL */
} Substitution;

/* Recursion is as deep as the type, which the builder bounds (MAX_TYPE_DEPTH). */
static TypeId substitute(const Substitution *s, TypeId id)
{
    Types *types = s->types;
    Type type = *type_get(types, id);
    if (!(type.flags & TYPE_HAS_PARAMETER))
        return id;
    if (type.kind == TYPE_PARAMETER) {
        uint32_t number = type_operand(types, id, 0);
        return number < s->n ? ((TypeId *)(void *)types->work.items)[s->first + number] : id;
    }
    uint32_t slot = id.i % N_REMEMBERED;
    if (s->remembered != NULL && type_equal(s->remembered[slot].from, id))
        return s->remembered[slot].to;
    size_t mark = types->work.count;
    stack_push(&types->work, type.n_operands);
    for (uint32_t i = 0; i < type.n_operands; i++) {
        uint32_t operand = type_operand(types, id, i);
        if (operand_is_type((TypeKind)type.kind, i))
            operand = substitute(s, (TypeId){operand}).i;
        ((uint32_t *)(void *)types->work.items)[mark + i] = operand;
    }
    TypeId result = type_make_at(types, (TypeKind)type.kind, (uint32_t)mark, type.n_operands);
    stack_truncate(&types->work, mark);
    if (s->remembered != NULL)
        s->remembered[slot] = (Substituted){id, result};
    return result;
}

static TypeId substitute_deep(Substitution s, TypeId id)
{
    Substituted remembered[N_REMEMBERED] = {{{0}, {0}}};
    s.remembered = remembered;
    return substitute(&s, id);
}

TypeId type_substitute_at(Types *types, TypeId id, uint32_t first, uint32_t n)
{
    Substitution s = {types, first, n, NULL};
    return type_get(types, id)->depth < DEPTH_REMEMBERED ? substitute(&s, id) : substitute_deep(s, id);
}

TypeId type_make_at(Types *types, TypeKind kind, uint32_t first, uint32_t n)
{
    stack_reserve(&types->work, n);
    return type_make(types, kind, (uint32_t *)(void *)types->work.items + first, n);
}

TypeId type_substitute(Types *types, TypeId id, const TypeId *arguments, uint32_t n)
{
    if (!(type_get(types, id)->flags & TYPE_HAS_PARAMETER))
        return id;
    size_t mark = types->work.count;
    memcpy(stack_push(&types->work, n), arguments, n * sizeof *arguments);
    TypeId result = type_substitute_at(types, id, (uint32_t)mark, n);
    stack_truncate(&types->work, mark);
    return result;
}
