/*
 * Patterns: names resolved, types checked, every form brought to one of the few of pattern.h.
 */
#include <string.h>

#include "ir/build_past.h"
#include "ir/pattern.h"

uint32_t new_patterns(Builder *b, uint32_t n)
{
    uint32_t first = (uint32_t)b->patterns.count;
    Pattern *patterns = stack_push(&b->patterns, n);
    for (uint32_t i = 0; i < n; i++)
        patterns[i] = (Pattern){.kind = PATTERN_ANY, .type = TYPE_ID(TYPE_ERROR)};
    return first;
}

static bool starts_upper(const Builder *b, NameId name)
{
    char first = *name_text(b->names, name);
    return first >= 'A' && first <= 'Z';
}

static void wrong_count(Builder *b, NameId name, SourcePos pos, uint32_t takes, uint32_t given)
{
    report(b, E206, pos, "'%.*s' takes %u argument%s, given %u", NAME_ARGS(b->names, name), takes, takes == 1 ? "" : "s", given);
}

static bool fits(Builder *b, TypeId expected, TypeId found, SourcePos pos)
{
    uint32_t errors = b->diagnostics->n_errors;
    check_type(b, expected, found, pos);
    return b->diagnostics->n_errors == errors;
}

static bool resolve_children(Builder *b, uint32_t slot, const NodeId *nodes, uint32_t n)
{
    bool fine = true;
    for (uint32_t i = 0; i < n; i++) {
        uint32_t child = pattern_at(b, slot)->first_child + i;
        fine &= resolve_pattern(b, nodes[i], pattern_at(b, child)->type, child);
    }
    return fine;
}

/* The children get their types before they are resolved. */
static void give_children(Builder *b, uint32_t slot, PatternKind kind, uint64_t key, uint32_t n)
{
    uint32_t first = new_patterns(b, n);
    Pattern *pattern = pattern_at(b, slot);
    pattern->kind = (uint8_t)kind;
    pattern->key = key;
    pattern->first_child = first;
    pattern->n_children = n;
}

/* ---- Constructors ---------------------------------------------------------------------------------------------------- */

static bool find_constructor(Builder *b, NameId name, SourcePos pos, TypeId *variant, uint32_t *index)
{
    GlobalId id = find_declared(b, ANY_SCOPE, name, GLOBAL_CONSTRUCTOR);
    if (id.i != 0) {
        *variant = fresh_variant(b, global_at(b, id)->decl, pos);
        *index = global_at(b, id)->constructor;
        return true;
    }
    if (name_is(name, NAME_Some) || name_is(name, NAME_None))
        *variant = fresh_variant(b, b->types->option, pos);
    else if (name_is(name, NAME_Ok) || name_is(name, NAME_Err))
        *variant = fresh_variant(b, b->types->result, pos);
    else
        return false;
    *index = name_is(name, NAME_None) || name_is(name, NAME_Err);
    return true;
}

bool pattern_means_variable(Builder *b, NodeId node)
{
    NameId name = ast_name(b->ast, node)->name;
    TypeId variant;
    uint32_t index;
    return !starts_upper(b, name)
        || !(name_is(name, NAME_Nil) || find_constructor(b, name, ast_pos(b->ast, node), &variant, &index));
}

static bool resolve_list_constructor(Builder *b, NameId name, SourcePos pos, const NodeId *nodes, uint32_t n, TypeId type,
                                     uint32_t slot)
{
    uint32_t takes = name_is(name, NAME_Cons) ? 2 : 0;
    TypeId element = new_variable(b, VARIABLE_ANY, pos);
    TypeId list = type_list(b->types, element);
    if (!fits(b, type, list, pos))
        return false;
    if (n != takes) {
        wrong_count(b, name, pos, takes, n);
        return false;
    }
    give_children(b, slot, takes == 2 ? PATTERN_CONS : PATTERN_LIST, 0, n);
    if (n == 0)
        return true;
    pattern_at(b, pattern_at(b, slot)->first_child)->type = element;
    pattern_at(b, pattern_at(b, slot)->first_child + 1)->type = list;
    return resolve_children(b, slot, nodes, n);
}

static bool resolve_constructor(Builder *b, NameId name, SourcePos pos, const NodeId *nodes, uint32_t n, TypeId type, uint32_t slot)
{
    TypeId variant;
    uint32_t index;
    if (!find_constructor(b, name, pos, &variant, &index)) {
        if (name_is(name, NAME_Cons) || name_is(name, NAME_Nil))
            return resolve_list_constructor(b, name, pos, nodes, n, type, slot);
        if (may_be_declared(b, name))
            return false;
        Diagnostic *diagnostic = report(b, E203, pos, "unknown constructor '%.*s'", NAME_ARGS(b->names, name));
        suggest_similar(b, diagnostic, name, pos, (Sought){.kind = SOUGHT_CONSTRUCTOR});
        return false;
    }
    note_constructor(b, variant, index, pos);
    if (!fits(b, type, variant, pos))
        return false;
    uint32_t takes = type_constructor(b->types, variant, index)->n_payload;
    if (n != takes) {
        wrong_count(b, name, pos, takes, n);
        return false;
    }
    pattern_at(b, slot)->type = variant;
    give_children(b, slot, PATTERN_CONSTRUCTOR, index, n);
    for (uint32_t i = 0; i < n; i++) {
        TypeId payload = type_payload(b->types, variant, index, i);
        pattern_at(b, pattern_at(b, slot)->first_child + i)->type = payload;
    }
    return resolve_children(b, slot, nodes, n);
}

/* ---- Tuples, records, lists -------------------------------------------------------------------------------------------- */

static bool resolve_tuple(Builder *b, NodeId node, TypeId type, uint32_t slot)
{
    const AstItems *tuple = ast_items(b->ast, node);
    TypeId known = resolved(b, type);
    if (type_kind(b->types, known) != TYPE_TUPLE || type_n_fields(b->types, known) != tuple->n) {
        size_t mark = b->stack.count;
        for (uint32_t i = 0; i < tuple->n; i++)
            push_id(b, new_variable(b, VARIABLE_ANY, tuple->head.pos).i);
        known = make_type(b, TYPE_TUPLE, ITEM(&b->stack, uint32_t, mark), tuple->n, tuple->head.pos);
        stack_truncate(&b->stack, mark);
        if (!unify(b, type, known)) {
            check_type(b, type, known, tuple->head.pos);
            return false;
        }
        if (known.i == TYPE_ERROR)
            return false;
    }
    pattern_at(b, slot)->type = known;
    give_children(b, slot, PATTERN_FIELDS, 0, tuple->n);
    for (uint32_t i = 0; i < tuple->n; i++)
        pattern_at(b, pattern_at(b, slot)->first_child + i)->type = type_part(b->types, known, i);
    return resolve_children(b, slot, tuple->items, tuple->n);
}

enum { PATTERNS_LOOKED_AT = 1000 }; /* for a label only, and a long pattern is not to be searched again and again */

/* Patterns of an arm are made one after the other, so the last one of the name, but for this, is of the same arm. */
static bool bound_twice(Builder *b, uint32_t slot)
{
    const Pattern *pattern = pattern_at(b, slot);
    Diagnostic *diagnostic = report(b, E205, pattern->pos, "'%.*s' is bound twice in this pattern", NAME_ARGS(b->names, pattern->name));
    uint32_t last = (uint32_t)b->patterns.count, looked_at = 0;
    while (last-- > 0 && looked_at++ < PATTERNS_LOOKED_AT)
        if (last != slot && pattern_at(b, last)->name.i == pattern->name.i) {
            label_place(b, diagnostic, pattern_at(b, last)->pos, "bound here, too");
            break;
        }
    return false;
}

/* A field without a pattern, {x}, binds a variable of the field's name. */
static bool resolve_field(Builder *b, AstFieldInit field, uint32_t child)
{
    if (field.value.i != 0)
        return resolve_pattern(b, field.value, pattern_at(b, child)->type, child);
    pattern_at(b, child)->name = field.name;
    pattern_at(b, child)->pos = field.pos;
    return !name_seen(b, field.name) || bound_twice(b, child);
}

static bool report_missing_fields(Builder *b, const AstFields *record, TypeId type, size_t given)
{
    TypeText text;
    bool fine = true;
    for (uint32_t i = 0; i < type_n_fields(b->types, type) && !(record->head.flags & AST_OPEN); i++)
        if (*ITEM(&b->stack, uint32_t, given + i) == 0) {
            report(b, E223, record->head.pos, "field '%.*s' of %s is missing (write ... to leave fields out)",
                   NAME_ARGS(b->names, type_field_name(b->types, type, i)), type_text(b, type, &text));
            fine = false;
        }
    return fine;
}

static bool resolve_record(Builder *b, NodeId node, TypeId type, uint32_t slot)
{
    const AstFields *record = ast_fields(b->ast, node);
    TypeId known = resolved(b, type);
    TypeKind kind = type_kind(b->types, known);
    TypeText text;
    if (kind != TYPE_RECORD && kind != TYPE_ANONYMOUS) {
        if (kind == TYPE_VARIABLE)
            report(b, E221, record->head.pos, "the type of what this pattern matches is not known here; add a type");
        else if (kind != TYPE_ERROR)
            report(b, E201, record->head.pos, "expected %s, found a record", type_text(b, known, &text));
        return false;
    }
    uint32_t n = type_n_fields(b->types, known);
    pattern_at(b, slot)->type = known;
    give_children(b, slot, PATTERN_FIELDS, 0, n);
    for (uint32_t i = 0; i < n; i++) {
        TypeId field = type_field(b->types, known, i);
        pattern_at(b, pattern_at(b, slot)->first_child + i)->type = field;
    }
    size_t given = b->stack.count;
    memset(stack_push(&b->stack, n), 0, n * sizeof(uint32_t));
    bool fine = true;
    for (uint32_t i = 0; i < record->n; i++) {
        AstFieldInit field = record->fields[i];
        uint32_t index = find_field(b, known, field.name);
        if (index == NO_INDEX) {
            report_no_field(b, known, field.name, field.pos);
            fine = false;
        } else if ((*ITEM(&b->stack, uint32_t, given + index))++ > 0) {
            const AstFieldInit *first = record->fields;
            while (first->name.i != field.name.i)
                first++;
            label_place(b, report(b, E223, field.pos, "field '%.*s' is given twice", NAME_ARGS(b->names, field.name)),
                     first->pos, "first given here");
            fine = false;
        } else {
            note_field(b, known, index, field.pos);
            fine &= resolve_field(b, field, pattern_at(b, slot)->first_child + index);
        }
    }
    fine = fine && report_missing_fields(b, record, known, given);
    stack_truncate(&b->stack, given);
    return fine;
}

static bool resolve_list(Builder *b, NodeId node, TypeId type, uint32_t slot)
{
    const AstItems *list = ast_items(b->ast, node);
    TypeId element = new_variable(b, VARIABLE_ANY, list->head.pos);
    TypeId made = type_list(b->types, element);
    if (!unify(b, type, made)) {
        check_type(b, type, made, list->head.pos);
        return false;
    }
    pattern_at(b, slot)->type = made;
    give_children(b, slot, PATTERN_LIST, 0, list->n);
    for (uint32_t i = 0; i < list->n; i++)
        pattern_at(b, pattern_at(b, slot)->first_child + i)->type = element;
    return resolve_children(b, slot, list->items, list->n);
}

/* ---- Literals ------------------------------------------------------------------------------------------------------------ */

static uint64_t float_key(double number)
{
    uint64_t bits;
    memcpy(&bits, &number, sizeof bits);
    return number == 0.0 ? 0 : bits; /* -0.0 matches what 0.0 matches */
}

static bool resolve_literal(Builder *b, NodeId node, TypeId type, uint32_t slot)
{
    const AstHead *head = ast_head(b->ast, node);
    Pattern *pattern = pattern_at(b, slot);
    TypeId literal = TYPE_ID(TYPE_INT);
    bool negative = head->flags & AST_NEGATIVE;
    switch (head->kind) {
    case AST_PATTERN_INT:
        pattern->kind = PATTERN_INT;
        pattern->key = (uint64_t)int_literal(b, head->pos);
        if (negative)
            pattern->key = 0 - pattern->key;
        break;
    case AST_PATTERN_FLOAT:
        literal = TYPE_ID(TYPE_FLOAT);
        pattern->kind = PATTERN_FLOAT;
        pattern->key = float_key(negative ? -float_literal(b, head->pos) : float_literal(b, head->pos));
        break;
    case AST_PATTERN_STRING: {
        literal = TYPE_ID(TYPE_STRING);
        SourceSpan span = span_of_token(&b->session->text, head->pos);
        pattern->kind = PATTERN_STRING;
        pattern->key = span.end.at - span.start.at <= 2 ? 0
            : intern_text(b, (SourceSpan){{span.start.at + 1}, {span.end.at - 1}}).i;
        break;
    }
    default:
        literal = TYPE_ID(TYPE_BOOL);
        pattern->kind = PATTERN_BOOL;
        pattern->key = head->kind == AST_PATTERN_TRUE;
        break;
    }
    pattern->type = literal;
    return fits(b, type, literal, head->pos);
}

/* ---- All forms ------------------------------------------------------------------------------------------------------------ */

bool resolve_pattern(Builder *b, NodeId node, TypeId type, uint32_t slot)
{
    SourcePos pos = ast_pos(b->ast, node);
    b->session->working_at = pos;
    *pattern_at(b, slot) = (Pattern){.kind = PATTERN_ANY, .pos = pos, .type = type};
    switch (ast_kind(b->ast, node)) {
    case AST_PATTERN_WILD:
        return true;
    case AST_PATTERN_NAME: {
        NameId name = ast_name(b->ast, node)->name;
        if (starts_upper(b, name))
            return resolve_constructor(b, name, pos, NULL, 0, type, slot);
        pattern_at(b, slot)->name = name;
        return !name_seen(b, name) || bound_twice(b, slot);
    }
    case AST_PATTERN_CONSTRUCTOR: {
        const AstConstructorPattern *constructor = ast_constructor_pattern(b->ast, node);
        return resolve_constructor(b, constructor->name, pos, constructor->arguments, constructor->n, type, slot);
    }
    case AST_PATTERN_UNIT:
        return fits(b, type, TYPE_ID(TYPE_UNIT), pos);
    case AST_PATTERN_TUPLE:
        return resolve_tuple(b, node, type, slot);
    case AST_PATTERN_LIST:
        return resolve_list(b, node, type, slot);
    case AST_PATTERN_RECORD:
        return resolve_record(b, node, type, slot);
    case AST_PATTERN_INT: case AST_PATTERN_FLOAT: case AST_PATTERN_STRING: case AST_PATTERN_TRUE: case AST_PATTERN_FALSE:
        return resolve_literal(b, node, type, slot);
    default:
        return false;
    }
}
