/*
 * Building again after the text has changed: functions in front of the first changed one are taken over.
 *
 * What a function's IR depends on, besides its own text, are the declarations of the whole program, so these are made
 * anew each time, and compared with the ones before, table by table.  If they agree in everything that a function can
 * see, and its own declaration lies in the part of the tree that is what it was, then building it would end in the same
 * words, the same new types, the same demands for instances, and they are copied instead.  What may differ:
 *
 *   places     of whatever lies behind the change; if the words to be copied mention one (a Nat check tells where a
 *              field is declared), nothing is taken over
 *   names      that occur only behind the change have other numbers now; no function in front of it can name them
 *
 * Functions are built in the order of their globals, and each mark says how far every table had been filled, so what is
 * taken over is a prefix of each.  A mark is only left while nothing has been reported: a report may tell of places and
 * names far away, and with an error the words of functions are dropped anyway.
 *
 * What is taken over is copied and not left where it is, because the declarations in front of it are new.  A copy costs
 * a few per cent of building.
 */
#include "ir/build_past.h"

#include <string.h>

enum { WORDS_BETWEEN_MARKS = 256 };

/* ---- Noting ------------------------------------------------------------------------------------------------------ */

static BuildMark mark_now(const Builder *b, GlobalId next)
{
    return (BuildMark){
        .next = next,
        .n_words = (uint32_t)b->words->count,
        .n_functions = (uint32_t)b->functions->count,
        .n_externs = (uint32_t)b->externs->count,
        .n_c_types = (uint32_t)b->c_types->count,
        .n_types = (uint32_t)b->types->types->count,
        .n_instances = (uint32_t)b->instances->count,
        .n_nat_fields = (uint32_t)b->nat_fields->count,
        .n_interned = (uint32_t)b->past->interned->count,
        .type_work = (uint32_t)b->types->work.array->count,
    };
}

static uint32_t n_reports(const Builder *b)
{
    return b->diagnostics->n_errors + b->diagnostics->n_warnings;
}

void note_function(Builder *b, GlobalId next)
{
    BuildPast *past = b->past;
    if (past == NULL || b->diagnostics->n_errors > 0 || n_reports(b) > past->reports)
        return;
    size_t n = past->marks->count;
    uint32_t from = n == 0 ? 0 : ITEM(past->marks, BuildMark, n - 1)->n_words;
    if (b->words->count >= from + WORDS_BETWEEN_MARKS)
        *(BuildMark *)array_push(past->marks, 1) = mark_now(b, next);
}

NameId intern_text(Builder *b, SourceSpan text)
{
    if (b->past != NULL)
        *(SourceSpan *)array_push(b->past->interned, 1) = text;
    return names_intern(&b->session->names, text.start, text.end.at - text.start.at);
}

/* What externs are called in C, one name behind the other, each with a NUL: the numbers of these names say nothing, as
   they come behind all names of the program. */
static void note_c_names(const Builder *b)
{
    for (uint32_t i = 1; i < b->globals->count; i++) {
        const Global *global = ITEM(b->globals, Global, i);
        if (global->kind != GLOBAL_EXTERN)
            continue;
        uint32_t length = name_length(b->names, global->c_name);
        char *copy = array_push(b->past->c_names, length + 1);
        memcpy(copy, name_text(b->names, global->c_name), length);
        copy[length] = '\0';
    }
}

/* ---- Comparing declarations -------------------------------------------------------------------------------------- */

/* Old and new tables, and what has stayed. */
typedef struct {
    const BuildPast *past;
    const Builder *old, *new;
    BuildStable stable;
} Comparison;

/* A name from the part of the text that has stayed has its number still; one from behind it cannot occur in front. */
static bool same_name(const Comparison *c, NameId old, NameId new)
{
    bool old_is_behind = old.i >= c->stable.n_names, new_is_behind = new.i >= c->stable.n_names;
    return old_is_behind == new_is_behind && (old_is_behind || old.i == new.i);
}

/* True of a declaration in the part of the tree that has stayed. */
static bool is_in_front(const Comparison *c, NodeId node)
{
    return node.i < c->stable.n_words;
}

static bool same_scopes(const Comparison *c)
{
    if (c->old->scopes->count != c->new->scopes->count)
        return false;
    for (uint32_t i = 0; i < c->new->scopes->count; i++) {
        const Scope *old = ITEM(c->old->scopes, Scope, i), *new = ITEM(c->new->scopes, Scope, i);
        if (!same_name(c, old->name, new->name) || old->parent.i != new->parent.i || old->file.i != new->file.i)
            return false;
    }
    return true;
}

static bool same_global(const Comparison *c, const Global *old, const Global *new)
{
    return same_name(c, old->name, new->name) && old->kind == new->kind && old->scope.i == new->scope.i
        && old->broken == new->broken && old->has_body == new->has_body && old->variadic == new->variadic
        && old->first_param == new->first_param && old->n_params == new->n_params && type_equal(old->result, new->result)
        && old->first_type_parameter == new->first_type_parameter && old->n_type_parameters == new->n_type_parameters
        && old->function.i == new->function.i && old->decl.i == new->decl.i && old->constructor == new->constructor
        && old->target.i == new->target.i && is_in_front(c, old->node) == is_in_front(c, new->node)
        && (!is_in_front(c, new->node) || old->node.i == new->node.i);
}

static bool same_globals(const Comparison *c)
{
    if (c->old->globals->count != c->new->globals->count || c->old->params->count != c->new->params->count
        || c->old->type_parameters->count < c->new->type_parameters->count)
        return false;
    for (uint32_t i = 1; i < c->new->globals->count; i++)
        if (!same_global(c, ITEM(c->old->globals, Global, i), ITEM(c->new->globals, Global, i)))
            return false;
    for (uint32_t i = 0; i < c->new->params->count; i++)
        if (!type_equal(ITEM(c->old->params, Param, i)->type, ITEM(c->new->params, Param, i)->type))
            return false;
    return true;
}

static bool same_named_types(const Comparison *c)
{
    if (c->old->named_types->count != c->new->named_types->count)
        return false;
    for (uint32_t i = 1; i < c->new->named_types->count; i++) {
        const NamedType *old = ITEM(c->old->named_types, NamedType, i), *new = ITEM(c->new->named_types, NamedType, i);
        if (!same_name(c, old->name, new->name) || old->kind != new->kind || old->state != new->state
            || old->n_parameters != new->n_parameters || old->decl.i != new->decl.i
            || !type_equal(old->aliased, new->aliased))
            return false;
    }
    return true;
}

static bool same_fields(const Comparison *c, const Types *old, const Types *new)
{
    if (old->fields->count != new->fields->count || old->payloads->count != new->payloads->count)
        return false;
    for (uint32_t i = 0; i < new->fields->count; i++) {
        const TypeField *a = ITEM(old->fields, TypeField, i), *b = ITEM(new->fields, TypeField, i);
        if (!same_name(c, a->name, b->name) || !type_equal(a->type, b->type))
            return false;
    }
    for (uint32_t i = 0; i < new->payloads->count; i++)
        if (!type_equal(ITEM(old->payloads, TypePayload, i)->type, ITEM(new->payloads, TypePayload, i)->type))
            return false;
    return true;
}

static bool same_declarations(const Comparison *c, const Types *old, const Types *new)
{
    if (old->declarations->count != new->declarations->count || old->constructors->count != new->constructors->count)
        return false;
    for (uint32_t i = 0; i < new->declarations->count; i++) {
        const TypeDecl *a = ITEM(old->declarations, TypeDecl, i), *b = ITEM(new->declarations, TypeDecl, i);
        if (!same_name(c, a->name, b->name) || a->kind != b->kind || a->n_parameters != b->n_parameters
            || a->first != b->first || a->n != b->n)
            return false;
    }
    for (uint32_t i = 0; i < new->constructors->count; i++) {
        const TypeConstructor *a = ITEM(old->constructors, TypeConstructor, i);
        const TypeConstructor *b = ITEM(new->constructors, TypeConstructor, i);
        if (!same_name(c, a->name, b->name) || a->decl.i != b->decl.i || a->first_payload != b->first_payload
            || a->n_payload != b->n_payload)
            return false;
    }
    return true;
}

/* All that declaring has made must have the same numbers. */
static bool same_types(const Comparison *c)
{
    const Types *old = c->old->types, *new = c->new->types;
    uint32_t n = (uint32_t)new->types->count, n_operands = (uint32_t)new->operands->count;
    if (n != c->past->declared.n_types || n_operands > old->operands->count
        || memcmp(old->types->items, new->types->items, n * sizeof(Type)) != 0
        || memcmp(old->operands->items, new->operands->items, n_operands * sizeof(uint32_t)) != 0)
        return false;
    return same_declarations(c, old, new) && same_fields(c, old, new);
}

static bool same_nat_fields(const Comparison *c)
{
    uint32_t n = (uint32_t)c->new->nat_fields->count;
    if (n != c->past->declared.n_nat_fields)
        return false;
    for (uint32_t i = 0; i < n; i++) {
        const NatField *old = ITEM(c->old->nat_fields, NatField, i), *new = ITEM(c->new->nat_fields, NatField, i);
        if (!type_equal(old->type, new->type) || old->index != new->index)
            return false;
    }
    return true;
}

static bool same_c_names(const Comparison *c)
{
    const ArenaArray *old = c->past->c_names, *new = c->new->past->c_names;
    return old->count == new->count && memcmp(old->items, new->items, old->count) == 0;
}

static bool same_program(const Comparison *c)
{
    return c->new->diagnostics->n_errors == 0 && same_scopes(c) && same_types(c) && same_named_types(c)
        && same_globals(c) && same_c_names(c) && same_nat_fields(c);
}

/* ---- How much can be taken over ---------------------------------------------------------------------------------- */

static bool has_pos(IrOp op)
{
    switch (op) {
    case IR_ADD: case IR_SUBTRACT: case IR_MULTIPLY: case IR_DIVIDE: case IR_REMAINDER: case IR_NEGATE: case IR_NOT:
    case IR_EQUAL: case IR_NOT_EQUAL: case IR_LESS: case IR_LESS_EQUAL: case IR_GREATER: case IR_GREATER_EQUAL:
    case IR_NAT_CHECK: case IR_CHECK: case IR_FORCE:
    case IR_CALL: case IR_CALL_VALUE: case IR_CALL_EXTERN: case IR_CALL_BUILTIN: case IR_CLOSURE:
    case IR_STRING:
        return true;
    default:
        return false;
    }
}

_Static_assert(offsetof(IrBinary, pos) == 4 && offsetof(IrUnary, pos) == 4 && offsetof(IrCheck, pos) == 4
               && offsetof(IrCall, pos) == 4 && offsetof(IrIndex, index) == 4, "the place is the second word");

static bool mentions_what_moved(const Comparison *c, uint32_t n_words)
{
    const uint32_t *words = (const uint32_t *)(const void *)c->old->words->items;
    for (uint32_t at = 0; at < n_words;) {
        const IrHead *head = (const IrHead *)(const void *)(words + at);
        if (has_pos((IrOp)head->op) && words[at + 1] >= c->stable.end.at)
            return true;
        at += ir_size(head);
    }
    return false;
}

/* The last mark in front of which only functions were built that have stayed; NULL if there is none. */
static const BuildMark *last_mark(const Comparison *c)
{
    uint32_t first_changed = 1;
    for (; first_changed < c->new->globals->count; first_changed++) {
        const Global *global = ITEM(c->new->globals, Global, first_changed);
        if (global->kind == GLOBAL_FUNCTION && global->has_body && !is_in_front(c, global->node))
            break;
    }
    size_t n = c->past->marks->count;
    while (n > 0 && ITEM(c->past->marks, BuildMark, n - 1)->next.i > first_changed)
        n--;
    const BuildMark *mark = n == 0 ? NULL : ITEM(c->past->marks, BuildMark, n - 1);
    return mark == NULL || mentions_what_moved(c, mark->n_words) ? NULL : mark;
}

/* ---- Taking over ------------------------------------------------------------------------------------------------- */

/* Appends elements [to->count, n) of `from`. */
static void copy_rest(ArenaArray *to, const ArenaArray *from, size_t n)
{
    size_t have = to->count, size = to->element_size;
    if (n > have)
        memcpy(array_push(to, n - have), from->items + have * size, (n - have) * size);
}

/* Those that were declared in front and have been built are as they were.  The others have their place already; of
   lambdas and instances the place is made. */
static void take_over_functions(Builder *b, const Builder *old, const BuildMark *mark)
{
    copy_rest(b->functions, old->functions, mark->n_functions);
    for (uint32_t i = 1; i < mark->next.i; i++) {
        const Global *global = global_at(b, (GlobalId){i});
        if (global->kind == GLOBAL_FUNCTION && global->has_body && global->n_type_parameters == 0)
            *ITEM(b->functions, IrFunction, global->function.i) = *ITEM(old->functions, IrFunction, global->function.i);
    }
    for (uint32_t i = 0; i < mark->n_instances; i++) {
        Instance instance = *ITEM(old->instances, Instance, i);
        const Global *global = global_at(b, instance.global);
        *ITEM(b->functions, IrFunction, instance.function.i) =
            (IrFunction){.name = global->name, .pos = global->pos, .instance = instance.arguments};
        take_over_instance(b, instance);
    }
}

static void take_over_externs(Builder *b, const Builder *old, const BuildMark *mark)
{
    copy_rest(b->externs, old->externs, mark->n_externs);
    copy_rest(b->c_types, old->c_types, mark->n_c_types);
    for (uint32_t i = 1; i < b->globals->count; i++) {
        const Global *before = ITEM(old->globals, Global, i);
        if (!before->has_extern_id || before->extern_id.i >= mark->n_externs)
            continue;
        Global *global = global_at(b, (GlobalId){i});
        global->has_extern_id = true;
        global->extern_id = before->extern_id;
        ITEM(b->externs, IrExtern, before->extern_id.i)->c_name = global->c_name;
    }
}

static void take_over(Builder *b, const BuildPast *past, const BuildMark *mark)
{
    const Builder *old = &past->builder;
    types_take_over(b->types, old->types, mark->n_types, mark->type_work);
    for (uint32_t i = 0; i < mark->n_interned; i++)
        intern_text(b, *ITEM(past->interned, SourceSpan, i));
    copy_rest(b->nat_fields, old->nat_fields, mark->n_nat_fields);
    copy_rest(b->words, old->words, mark->n_words);
    take_over_externs(b, old, mark);
    take_over_functions(b, old, mark);
    size_t n_marks = (size_t)(mark - ITEM(past->marks, BuildMark, 0)) + 1;
    copy_rest(b->past->marks, past->marks, n_marks);
}

/* ---- The entry --------------------------------------------------------------------------------------------------- */

BuildAgain build_ir_again(Arena *arena, Arena *scratch, Session *session, const Ast *ast, const BuildPast *before,
                          BuildStable stable)
{
    BuildAgain result = {.past = arena_new(scratch, BuildPast)};
    BuildPast *past = result.past;
    Builder *b = &past->builder;
    open_builder(b, arena, scratch, session, ast);
    past->marks = arena_array(scratch, "build mark", sizeof(BuildMark));
    past->c_names = arena_array(scratch, "C name", sizeof(char));
    past->interned = arena_array(scratch, "interned text", sizeof(SourceSpan));
    b->past = past;
    declare_all(b);
    note_c_names(b);
    past->declared = mark_now(b, (GlobalId){1});
    past->reports = n_reports(b);

    GlobalId first = {1};
    Comparison comparison = {before, before == NULL ? NULL : &before->builder, b, stable};
    const BuildMark *mark = before != NULL && same_program(&comparison) ? last_mark(&comparison) : NULL;
    if (mark != NULL) {
        size_t used = arena_used(arena), used_types = arena_used(b->types->types->arena);
        take_over(b, before, mark);
        result.kept = arena_used(arena) - used;
        result.kept_types = arena_used(b->types->types->arena) - used_types;
        first = mark->next;
    }
    result.ir = build_rest(b, first);
    return result;
}
