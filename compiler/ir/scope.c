/*
 * What names mean.
 *
 * One array, indexed by NameId, answers every question: the innermost local binding, the first of the program's values
 * and the declared type of that name.  Binding a local saves the one it hides and unbinding puts it back, so looking a
 * name up never searches, however deep the nesting.  Values of the same name in different files and modules hang in a
 * chain, which is short.
 *
 * The order of the language: local binding, then the innermost module's value, outwards to the file's, then builtins.
 */
#include <string.h>

#include "ir/build.h"

NameMeaning *meaning_of(Builder *b, NameId name)
{
    while (name.i >= b->by_name->count)
        *(NameMeaning *)array_push(b->by_name, 1) = (NameMeaning){NO_INDEX, {0}, 0};
    return ITEM(b->by_name, NameMeaning, name.i);
}

/* ---- Locals ------------------------------------------------------------------------------------------------------ */

uint32_t bind_local(Builder *b, NameId name, ValueId value, TypeId type)
{
    NameMeaning *meaning = meaning_of(b, name);
    uint32_t index = (uint32_t)b->locals.count;
    Local *local = stack_push(&b->locals, 1);
    *local = (Local){name, meaning->local, value, type, b->function->level, false};
    meaning->local = index;
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
    Local local = *local_at(b, index);
    if (local.level != b->function->level) {
        Value captured = capture_local(b, index);
        return local.lazy ? emit_unary(b, IR_FORCE, local.type, pos, captured) : captured;
    }
    Value value = {local.value, local.type};
    return local.lazy ? emit_unary(b, IR_FORCE, local.type, pos, value) : value;
}

/* ---- Values of the program --------------------------------------------------------------------------------------- */

GlobalId add_global(Builder *b, const Global *global)
{
    GlobalId id = {(uint32_t)b->globals->count};
    Global *added = array_push(b->globals, 1);
    *added = *global;
    NameMeaning *meaning = meaning_of(b, global->name);
    added->next = meaning->global;
    meaning->global = id;
    return id;
}

GlobalId find_member(Builder *b, ScopeId scope, NameId name)
{
    GlobalId id = meaning_of(b, name)->global;
    while (id.i != 0 && (global_at(b, id)->scope.i != scope.i || global_at(b, id)->kind >= GLOBAL_CONSTRUCTOR))
        id = global_at(b, id)->next;
    return id;
}

/* Constructors are visible everywhere, whatever scope declares them; other values from the inside out. */
GlobalId find_global(Builder *b, ScopeId scope, NameId name)
{
    GlobalId first = meaning_of(b, name)->global;
    if (first.i == 0)
        return first;
    if (global_at(b, first)->next.i == 0 && global_at(b, first)->kind == GLOBAL_CONSTRUCTOR)
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
    for (GlobalId id = first; id.i != 0; id = global_at(b, id)->next)
        if (global_at(b, id)->kind == GLOBAL_CONSTRUCTOR)
            return id;
    return (GlobalId){0};
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

/* ---- Did you mean ...? ------------------------------------------------------------------------------------------- */

enum { LONGEST_COMPARED = 40 };

/* Edit distance (Levenshtein 1966) with adjacent swaps counted as one edit, given up above `limit`. */
static uint32_t distance(const char *a, uint32_t n, const char *c, uint32_t m, uint32_t limit)
{
    uint32_t rows[3][LONGEST_COMPARED + 1];
    for (uint32_t j = 0; j <= m; j++)
        rows[0][j] = j;
    for (uint32_t i = 1; i <= n; i++) {
        uint32_t *row = rows[i % 3], *before = rows[(i + 2) % 3], *before_that = rows[(i + 1) % 3];
        uint32_t best = row[0] = i;
        for (uint32_t j = 1; j <= m; j++) {
            uint32_t cost = before[j - 1] + (a[i - 1] != c[j - 1]);
            if (before[j] + 1 < cost)
                cost = before[j] + 1;
            if (row[j - 1] + 1 < cost)
                cost = row[j - 1] + 1;
            if (i > 1 && j > 1 && a[i - 1] == c[j - 2] && a[i - 2] == c[j - 1] && before_that[j - 2] + 1 < cost)
                cost = before_that[j - 2] + 1;
            row[j] = cost;
            if (cost < best)
                best = cost;
        }
        if (best > limit)
            return limit + 1;
    }
    return rows[n % 3][m];
}

static bool means_something(Builder *b, NameId name, bool constructors)
{
    const NameMeaning *meaning = meaning_of(b, name);
    if (constructors)
        return meaning->global.i != 0 && global_at(b, meaning->global)->kind == GLOBAL_CONSTRUCTOR;
    if (meaning->local != NO_INDEX)
        return true;
    if (meaning->global.i != 0)
        return find_global(b, b->scope, name).i != 0;
    Builtin builtin;
    return name.i < NAME_FIRST_OF_PROGRAM && find_builtin((NameId){0}, name, NO_INDEX, &builtin);
}

const char *similar_name(Builder *b, NameId name, bool constructors, uint32_t *length)
{
    const char *text = name_text(b->names, name);
    uint32_t n = name_length(b->names, name);
    if (n > LONGEST_COMPARED || n < 2)
        return NULL;
    uint32_t best = n <= 3 ? 2 : n / 3 + 1; /* a distance of `best` or more helps nobody */
    const char *found = NULL;
    uint32_t count = names_count(b->names);
    for (uint32_t i = 1; i < count; i++) {
        NameId other = {i};
        uint32_t m = name_length(b->names, other);
        if (i == name.i || m > LONGEST_COMPARED || m + best <= n || n + best <= m || !means_something(b, other, constructors))
            continue;
        uint32_t far = distance(text, n, name_text(b->names, other), m, best);
        if (far < best) {
            best = far;
            found = name_text(b->names, other);
            *length = m;
        }
    }
    return found;
}

void report_undefined(Builder *b, NameId name, SourcePos pos)
{
    Diagnostic *diagnostic = report(b, E204, pos, "undefined name '%.*s'", NAME_ARGS(b->names, name));
    /* Looking through all names costs time: not for errors that nobody will read. */
    uint32_t length = 0;
    const char *similar = b->diagnostics->n_errors > 100 ? NULL : similar_name(b, name, false, &length);
    if (similar == NULL || diagnostic == NULL)
        return;
    diagnostic_caret_text(b->diagnostics, diagnostic, "did you mean '%.*s'?", (int)length, similar);
    diagnostic_suggest(b->diagnostics, diagnostic, span_of_token(&b->session->text, pos), "%.*s", (int)length, similar);
}
