/*
 * The types that a program declares.
 *
 * First all names are entered, then fields and payloads are resolved, so that types may be used before their
 * declaration and refer to each other.  Types and constructors belong to the whole program, whatever module declares
 * them.  `type P = { ... }` declares a record of its own; any other `type A = B` is an alias.
 *
 * A record that contains itself directly would have no size.  Whether one does is found by walking the fields of each
 * with an explicit stack, as a chain of records can be as long as the program.
 */
#include "ir/build.h"

static bool is_record(const Builder *b, const AstTypeDecl *decl)
{
    return decl->head.kind == AST_ALIAS && decl->n == 1
        && ast_kind(b->ast, decl->parts[decl->n_type_parameters]) == AST_TYPE_RECORD;
}

void check_type_parameters(Builder *b, const NodeId *names, uint32_t n)
{
    begin_names(b);
    for (uint32_t i = 0; i < n; i++) {
        const AstName *name = ast_name(b->ast, names[i]);
        if (!name_seen(b, name->name))
            continue;
        uint32_t first = 0;
        while (ast_name(b->ast, names[first])->name.i != name->name.i)
            first++;
        report_defined(b, name->name, name->head.pos, ast_pos(b->ast, names[first]));
    }
}

static void enter_type(Builder *b, NodeId node)
{
    const AstTypeDecl *decl = ast_type_decl(b->ast, node);
    check_type_parameters(b, decl->parts, decl->n_type_parameters);
    NameMeaning *meaning = meaning_of(b, decl->name);
    if (meaning->named_type != 0) {
        SourcePos earlier = ast_pos(b->ast, ITEM(b->named_types, NamedType, meaning->named_type)->node);
        report_defined(b, decl->name, decl->head.pos, earlier);
        return;
    }
    meaning->named_type = (uint32_t)b->named_types->count;
    NamedType *named = array_push(b->named_types, 1);
    *named = (NamedType){.name = decl->name, .node = node, .n_parameters = decl->n_type_parameters};
    bool record = is_record(b, decl);
    named->kind = decl->head.kind == AST_VARIANT || record ? NAMED_DECLARATION : NAMED_ALIAS;
    if (named->kind == NAMED_DECLARATION)
        named->decl = type_declare(b->types, decl->name, decl->head.pos, record ? TYPE_RECORD : TYPE_VARIANT,
                                   decl->n_type_parameters);
}

/* ---- Fields and payloads ------------------------------------------------------------------------------------------- */

static void resolve_fields(Builder *b, DeclId decl, const AstFields *record)
{
    report_fields_twice(b, E104, record->fields, record->n);
    for (uint32_t i = 0; i < record->n; i++) {
        const AstFieldInit *field = &record->fields[i];
        TypeId type = resolve_type(b, field->value, TYPE_IN_PROGRAM);
        type_declare_field(b->types, decl, field->name, field->pos, type);
    }
}

static void enter_constructor(Builder *b, DeclId decl, uint32_t index, const AstConstructor *constructor)
{
    GlobalId earlier = find_declared(b, ANY_SCOPE, constructor->name, GLOBAL_CONSTRUCTOR);
    const Global *other = global_at(b, earlier);
    if (earlier.i == 0)
        add_global(b, &(Global){.name = constructor->name, .scope = b->scope, .kind = GLOBAL_CONSTRUCTOR,
                                .pos = constructor->head.pos, .decl = decl, .constructor = index});
    else if (other->decl.i == decl.i)
        label_place(b, report(b, E104, constructor->head.pos, "duplicate constructor '%.*s'", NAME_ARGS(b->names, constructor->name)),
                 other->pos, "first defined here");
    else
        report_defined(b, constructor->name, constructor->head.pos, other->pos);
}

static void resolve_constructors(Builder *b, DeclId decl, const AstTypeDecl *type)
{
    for (uint32_t i = 0; i < type->n; i++) {
        NodeId node = type->parts[type->n_type_parameters + i];
        if (ast_kind(b->ast, node) != AST_CONSTRUCTOR)
            continue;
        const AstConstructor *constructor = ast_constructor(b->ast, node);
        type_declare_constructor(b->types, decl, constructor->name, constructor->head.pos);
        for (uint32_t j = 0; j < constructor->n; j++) {
            TypeId payload = resolve_type(b, constructor->types[j], TYPE_IN_PROGRAM);
            type_declare_payload(b->types, payload, ast_pos(b->ast, constructor->types[j]));
        }
        enter_constructor(b, decl, i, constructor);
    }
}

static void resolve_declaration(Builder *b, uint32_t index)
{
    NamedType named = *ITEM(b->named_types, NamedType, index);
    const AstTypeDecl *decl = ast_type_decl(b->ast, named.node);
    TypeParameters outer = enter_declaration(b, decl);
    if (decl->head.kind == AST_VARIANT)
        resolve_constructors(b, named.decl, decl);
    else
        resolve_fields(b, named.decl, ast_fields(b->ast, decl->parts[decl->n_type_parameters]));
    leave_declaration(b, outer);
}

/* ---- Types that never end ------------------------------------------------------------------------------------------ */

enum { UNSEEN, ON_PATH, DONE };

static uint8_t *color_of(Builder *b, ArenaArray *colors, TypeId type)
{
    (void)b;
    while (type.i >= colors->count)
        *(uint8_t *)array_push(colors, 1) = UNSEEN;
    return ITEM(colors, uint8_t, type.i);
}

/* Pushes the types that a value of this type is made of. */
static void push_parts(Builder *b, TypeId type)
{
    switch (type_kind(b->types, type)) {
    case TYPE_RECORD: case TYPE_TUPLE: case TYPE_ANONYMOUS:
        for (uint32_t i = 0; i < type_n_fields(b->types, type); i++)
            push_id(b, type_field(b->types, type, i).i);
        break;
    case TYPE_VARIANT:
        for (uint32_t i = 0; i < type_n_constructors(b->types, type); i++)
            for (uint32_t j = 0; j < type_constructor(b->types, type, i)->n_payload; j++)
                push_id(b, type_payload(b->types, type, i, j).i);
        break;
    case TYPE_LIST: case TYPE_HASHMAP: case TYPE_FUNCTION:
        for (uint32_t i = 0; i < type_get(b->types, type)->n_operands; i++)
            push_id(b, type_part(b->types, type, i).i);
        break;
    default:
        break;
    }
}

/* A walk that was broken off says nothing of the types that it came by: among them may be those that never end, too. */
static void forget_walk(Builder *b, TypeId start)
{
    size_t bottom = b->stack.count;
    push_id(b, start.i);
    while (b->stack.count > bottom) {
        TypeId type = {*ITEM(&b->stack, uint32_t, b->stack.count - 1)};
        stack_truncate(&b->stack, b->stack.count - 1);
        if (*color_of(b, b->marks_of_types, type) == UNSEEN)
            continue;
        *color_of(b, b->marks_of_types, type) = UNSEEN;
        push_parts(b, type);
    }
}

/*
 * type Nested<T> = Flat(T) | Nest(Nested<List<T>>) is made of ever larger instances of itself: no code could be made for
 * all of them.  Walks over everything that the type is made of, each type once; the number is bounded because a sum
 * of such types may multiply before it deepens.
 */
static bool never_ends(Builder *b, TypeId start)
{
    size_t bottom = b->stack.count;
    uint32_t left = 1000 + 4 * (uint32_t)b->named_types->count;
    push_id(b, start.i);
    bool endless = false;
    while (b->stack.count > bottom && !endless) {
        TypeId type = {*ITEM(&b->stack, uint32_t, b->stack.count - 1)};
        stack_truncate(&b->stack, b->stack.count - 1);
        if (*color_of(b, b->marks_of_types, type) != UNSEEN)
            continue;
        *color_of(b, b->marks_of_types, type) = DONE;
        endless = type_get(b->types, type)->depth > MAX_TYPE_DEPTH || left-- == 0;
        push_parts(b, type);
    }
    stack_truncate(&b->stack, bottom);
    if (endless)
        forget_walk(b, start);
    return endless;
}

/* ---- Records that contain themselves ------------------------------------------------------------------------------ */

static bool has_fields_inside(TypeKind kind)
{
    return kind == TYPE_RECORD || kind == TYPE_TUPLE || kind == TYPE_ANONYMOUS;
}

/* Walks depth first from `start`; b->stack holds pairs: a type and the next of its fields to look at. */
static bool contains_itself(Builder *b, ArenaArray *colors, TypeId start)
{
    size_t bottom = b->stack.count;
    bool found = false;
    *color_of(b, colors, start) = ON_PATH;
    uint32_t *first = stack_push(&b->stack, 2);
    first[0] = start.i, first[1] = 0;
    while (b->stack.count > bottom && !found) {
        uint32_t *top = ITEM(&b->stack, uint32_t, b->stack.count - 2);
        TypeId type = {top[0]};
        if (top[1] == type_n_fields(b->types, type)) {
            *color_of(b, colors, type) = DONE;
            stack_truncate(&b->stack, b->stack.count - 2);
            continue;
        }
        TypeId field = type_field(b->types, type, top[1]++);
        if (!has_fields_inside(type_kind(b->types, field)) || *color_of(b, colors, field) == DONE)
            continue;
        found = *color_of(b, colors, field) == ON_PATH || type_get(b->types, field)->depth > MAX_TYPE_DEPTH;
        *color_of(b, colors, field) = ON_PATH;
        uint32_t *next = stack_push(&b->stack, 2);
        next[0] = field.i, next[1] = 0;
    }
    for (size_t i = bottom; i < b->stack.count; i += 2)
        *color_of(b, colors, (TypeId){*ITEM(&b->stack, uint32_t, i)}) = DONE;
    stack_truncate(&b->stack, bottom);
    return found;
}

/* The declared type with its own type parameters as arguments. */
static TypeId applied_to_parameters(Builder *b, const NamedType *named)
{
    size_t mark = b->stack.count;
    push_id(b, named->decl.i);
    for (uint32_t i = 0; i < named->n_parameters; i++)
        push_id(b, type_make(b->types, TYPE_PARAMETER, &i, 1).i);
    TypeKind kind = (TypeKind)ITEM(b->types->declarations, TypeDecl, named->decl.i)->kind;
    TypeId type = type_make(b->types, kind, ITEM(&b->stack, uint32_t, mark), named->n_parameters + 1);
    stack_truncate(&b->stack, mark);
    return type;
}

static void check_endings(Builder *b)
{
    for (uint32_t i = 1; i < b->named_types->count; i++) {
        NamedType named = *ITEM(b->named_types, NamedType, i);
        if (named.kind != NAMED_DECLARATION || named.n_parameters == 0 || !never_ends(b, applied_to_parameters(b, &named)))
            continue;
        report(b, E107, ast_pos(b->ast, named.node), "type '%.*s' needs infinitely many instances",
               NAME_ARGS(b->names, named.name));
        ITEM(b->types->declarations, TypeDecl, named.decl.i)->n = 0; /* so that no later walk meets them */
    }
    array_truncate(b->marks_of_types, 0);
}

static void check_records(Builder *b)
{
    ArenaArray *colors = b->marks_of_types;
    for (uint32_t i = 1; i < b->named_types->count; i++) {
        NamedType named = *ITEM(b->named_types, NamedType, i);
        if (named.kind != NAMED_DECLARATION || ITEM(b->types->declarations, TypeDecl, named.decl.i)->kind != TYPE_RECORD)
            continue;
        TypeId type = applied_to_parameters(b, &named);
        if (*color_of(b, colors, type) == UNSEEN && contains_itself(b, colors, type))
            report(b, E105, ast_pos(b->ast, named.node), "type '%.*s' is defined in terms of itself",
                   NAME_ARGS(b->names, named.name));
    }
}

/* ---- All of them -------------------------------------------------------------------------------------------------- */

static void declare_in(Builder *b, uint32_t n, const NodeId *items)
{
    for (uint32_t i = 0; i < n; i++) {
        AstKind kind = ast_kind(b->ast, items[i]);
        b->session->working_at = ast_pos(b->ast, items[i]);
        if (kind == AST_ALIAS || kind == AST_VARIANT)
            enter_type(b, items[i]);
    }
}

void declare_types(Builder *b)
{
    for (uint32_t i = 0; i < b->scopes->count; i++) {
        NodeId node = ITEM(b->scopes, Scope, i)->node;
        if (ast_kind(b->ast, node) == AST_MODULE)
            declare_in(b, ast_module(b->ast, node)->n, ast_module(b->ast, node)->items);
        else
            declare_in(b, ast_items(b->ast, node)->n, ast_items(b->ast, node)->items);
    }
    for (uint32_t i = 1; i < b->named_types->count; i++)
        if (ITEM(b->named_types, NamedType, i)->kind == NAMED_DECLARATION)
            resolve_declaration(b, i);
        else
            resolve_alias(b, i);
    check_endings(b);
    check_records(b);
}
