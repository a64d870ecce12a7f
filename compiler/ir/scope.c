/*
 * What names mean.
 *
 * One array, indexed by NameId, answers every question: the innermost local binding, the first of the program's values
 * and the declared type of that name.  Binding a local saves the one it hides and unbinding puts it back, so looking a
 * name up never searches, however deep the nesting.  Values of the same name in different files and modules hang in a
 * chain; of a chain that is not short, the end is found by hashing.
 *
 * The order of the language: local binding, then the innermost module's value, outwards to the file's, then builtins.
 */
#include <string.h>

#include "ir/build.h"

void extend_meanings(Builder *b, NameId name)
{
    while (name.i >= b->by_name->count)
        *(NameMeaning *)array_push(b->by_name, 1) = (NameMeaning){NO_INDEX, {0}, 0};
}

/* ---- Locals ------------------------------------------------------------------------------------------------------ */

uint32_t bind_local(Builder *b, NameId name, ValueId value, TypeId type)
{
    NameMeaning *meaning = meaning_of(b, name);
    uint32_t index = (uint32_t)b->locals.count;
    Local *local = stack_push(&b->locals, 1);
    *local = (Local){name, meaning->local, value, type, b->function->level, false};
    meaning->local = index;
    name_value(b, index, value);
    note_binding(b, index, (SourcePos){0});
    return index;
}

void unbind_locals(Builder *b, size_t count)
{
    for (size_t i = b->locals.count; i > count; i--) {
        const Local *local = local_at(b, (uint32_t)i - 1);
        meaning_of(b, local->name)->local = local->shadowed;
    }
    stack_truncate(&b->locals, count);
}

Value read_local(Builder *b, uint32_t index, SourcePos pos)
{
    const Local *local = local_at(b, index);
    Value value = {local->value, local->type};
    if (local->level == b->function->level && !local->lazy)
        return value;
    TypeId type = local->type;
    bool lazy = local->lazy;
    if (local->level != b->function->level) {
        value = capture_local(b, index);
        name_value(b, index, value.id);
    }
    return lazy ? emit_unary(b, IR_FORCE, type, pos, value) : value;
}

Value read_name(Builder *b, uint32_t index, SourcePos pos)
{
    note_local(b, index, pos);
    return read_local(b, index, pos);
}

/* ---- Values of the program --------------------------------------------------------------------------------------- */

/* Two declarations of one kind and scope are looked for as one. */
static uint32_t key_of(ScopeId scope, GlobalKind kind)
{
    return scope.i * 4 + (kind < GLOBAL_CONSTRUCTOR ? 0 : (uint32_t)kind - 1);
}

/* The last one of a long chain that finding would still meet: from now on it is found by its key.  What is put later
   takes the place of what was declared earlier, as it does in the chain. */
static void put_far(Builder *b, GlobalId id)
{
    const Global *global = global_at(b, id);
    GlobalKind kind = (GlobalKind)global->kind;
    if (kind != GLOBAL_CONSTRUCTOR)
        index_put(&b->far_globals, b->scratch, key_of(global->scope, kind), global->name.i, id.i);
    if (kind == GLOBAL_CONSTRUCTOR || kind == GLOBAL_SIGNATURE)
        index_put(&b->far_globals, b->scratch, key_of(ANY_SCOPE, kind), global->name.i, id.i);
}

GlobalId add_unnamed_global(Builder *b, const Global *global)
{
    GlobalId id = {(uint32_t)b->globals->count};
    *(Global *)array_push(b->globals, 1) = *global;
    return id;
}

GlobalId add_global(Builder *b, const Global *global)
{
    GlobalId id = add_unnamed_global(b, global);
    NameMeaning *meaning = meaning_of(b, global->name);
    GlobalId last = meaning->global;
    global_at(b, id)->next = last;
    meaning->global = id;
    for (uint32_t i = 1; i < LONG_LIST && last.i != 0; i++)
        last = global_at(b, last)->next;
    if (last.i != 0)
        put_far(b, last);
    return id;
}

static bool is_declared(const Global *global, ScopeId scope, GlobalKind kind)
{
    bool alike = kind < GLOBAL_CONSTRUCTOR ? global->kind < GLOBAL_CONSTRUCTOR : global->kind == kind;
    return alike && (scope.i == ANY_SCOPE.i || global->scope.i == scope.i);
}

GlobalId find_declared(Builder *b, ScopeId scope, NameId name, GlobalKind kind)
{
    GlobalId id = meaning_of(b, name)->global;
    for (uint32_t i = 0; id.i != 0; i++, id = global_at(b, id)->next) {
        if (i == LONG_LIST)
            return (GlobalId){index_find(&b->far_globals, key_of(scope, kind), name.i)};
        if (is_declared(global_at(b, id), scope, kind))
            break;
    }
    return id;
}

GlobalId find_member(Builder *b, ScopeId scope, NameId name)
{
    return find_declared(b, scope, name, GLOBAL_FUNCTION);
}

/* Constructors are visible everywhere, whatever scope declares them; other values from the inside out. */
GlobalId find_global(Builder *b, ScopeId scope, NameId name)
{
    GlobalId first = meaning_of(b, name)->global;
    if (first.i == 0)
        return first;
    const Global *lone = global_at(b, first);
    if (lone->next.i == 0 && (lone->kind == GLOBAL_CONSTRUCTOR || (lone->scope.i == scope.i && lone->kind < GLOBAL_CONSTRUCTOR)))
        return first;
    for (;;) {
        GlobalId found = find_member(b, scope, name);
        if (found.i != 0)
            return found;
        const Scope *here = ITEM(b->scopes, Scope, scope.i);
        if (here->parent.i == scope.i)
            break;
        scope = here->parent;
    }
    return find_declared(b, ANY_SCOPE, name, GLOBAL_CONSTRUCTOR);
}

/* ---- Names that occur twice -------------------------------------------------------------------------------------- */

/* Every list has a number of its own; a name is marked with the number of the last list that it was seen in. */
void begin_names(Builder *b)
{
    b->mark++;
}

bool name_seen(Builder *b, NameId name)
{
    while (name.i >= b->marks->count)
        *(uint32_t *)array_push(b->marks, 1) = 0;
    uint32_t *mark = ITEM(b->marks, uint32_t, name.i);
    bool seen = *mark == b->mark;
    *mark = b->mark;
    return seen;
}

/* Where the first of them is, only a report wants to know; in a list of thousands it does without, to stay linear. */
enum { FIELDS_LOOKED_AT = 1000 };

bool report_fields_twice(Builder *b, DiagnosticCode code, const AstFieldInit *fields, uint32_t n)
{
    bool twice = false;
    begin_names(b);
    for (uint32_t i = 0; i < n; i++) {
        NameId name = fields[i].name;
        if (!name_seen(b, name))
            continue;
        twice = true;
        Diagnostic *diagnostic = code == E104
            ? report(b, E104, fields[i].pos, "duplicate field '%.*s'", NAME_ARGS(b->names, name))
            : report(b, code, fields[i].pos, "field '%.*s' is given twice", NAME_ARGS(b->names, name));
        uint32_t first = 0;
        while (first < FIELDS_LOOKED_AT && fields[first].name.i != name.i)
            first++;
        if (first < FIELDS_LOOKED_AT)
            label_place(b, diagnostic, fields[first].pos, code == E104 ? "first defined here" : "first given here");
    }
    return twice;
}
