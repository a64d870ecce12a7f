/*
 * Records: literals and field access.
 *
 * Record types are nominal.  A literal takes the type that is expected, else the only declared record with exactly its
 * field names, else an anonymous record type.  Fields are evaluated in the order in which they are written, and then
 * put where the type has them.
 */
#include "ir/build.h"

/* The fields of a declared record, entered when one of them is first wanted; of two with one name the first is meant. */
static void index_fields(Builder *b, DeclId decl, const TypeField *fields, uint32_t n)
{
    index_put(&b->fields, b->scratch, decl.i, 0, n);
    for (uint32_t i = n; i-- > 0;)
        index_put(&b->fields, b->scratch, decl.i, fields[i].name.i, i + 1);
}

static uint32_t find_declared_field(Builder *b, DeclId decl, NameId name)
{
    const TypeDecl *record = ITEM(b->types->declarations, TypeDecl, decl.i);
    const TypeField *fields = ITEM(b->types->fields, TypeField, record->first);
    uint32_t n = record->n;
    if (n > LONG_LIST) {
        if (index_find(&b->fields, decl.i, 0) == 0)
            index_fields(b, decl, fields, n);
        return index_find(&b->fields, decl.i, name.i) - 1;
    }
    for (uint32_t i = 0; i < n; i++)
        if (fields[i].name.i == name.i)
            return i;
    return NO_INDEX;
}

/* The fields of an anonymous record are sorted by their names. */
static uint32_t find_anonymous_field(const Builder *b, TypeId type, NameId name)
{
    uint32_t from = 0, to = type_n_fields(b->types, type);
    while (from < to) {
        uint32_t middle = from + (to - from) / 2, found = type_operand(b->types, type, 2 * middle);
        if (found == name.i)
            return middle;
        if (found < name.i)
            from = middle + 1;
        else
            to = middle;
    }
    return NO_INDEX;
}

uint32_t find_field(Builder *b, TypeId type, NameId name)
{
    switch (type_kind(b->types, type)) {
    case TYPE_RECORD:
        return find_declared_field(b, (DeclId){type_operand(b->types, type, 0)}, name);
    case TYPE_ANONYMOUS:
        return find_anonymous_field(b, type, name);
    default:
        return NO_INDEX;
    }
}

bool type_is_broken(const Builder *b, TypeId type)
{
    TypeKind kind = type_kind(b->types, type);
    return (kind == TYPE_RECORD || kind == TYPE_VARIANT) && type_decl(b->types, type)->n == 0;
}

void report_no_field(Builder *b, TypeId type, NameId name, SourcePos pos)
{
    TypeText text;
    Diagnostic *diagnostic = report(b, E222, pos, "%s has no field '%.*s'", type_text(b, type, &text), NAME_ARGS(b->names, name));
    TypeKind kind = type_kind(b->types, type);
    NameId module = {kind == TYPE_LIST ? NAME_List : NAME_String};
    Builtin builtin;
    if (diagnostic != NULL && (kind == TYPE_LIST || kind == TYPE_STRING) && find_builtin(module, name, NO_INDEX, &builtin))
        diagnostic_caret_text(b->diagnostics, diagnostic, "write %.*s.%.*s(...)", NAME_ARGS(b->names, module),
                              NAME_ARGS(b->names, name));
    else
        suggest_similar(b, diagnostic, name, pos, (Sought){.kind = SOUGHT_FIELD, .type = type});
}

Value build_field(Builder *b, Value object, NameId name, SourcePos pos)
{
    TypeId type = resolved(b, object.type);
    if (type.i == TYPE_ERROR)
        return emit_error(b);
    if (type_kind(b->types, type) == TYPE_VARIABLE) {
        report(b, E221, pos, "the type of this expression is not known here; add a type");
        return emit_error(b);
    }
    uint32_t index = find_field(b, type, name);
    if (index == NO_INDEX && type_is_broken(b, type))
        return emit_error(b);
    if (index == NO_INDEX) {
        report_no_field(b, type, name, pos);
        return emit_error(b);
    }
    note_field(b, type, index, pos);
    return emit_select(b, IR_FIELD, type_field(b->types, type, index), object, index);
}

/* ---- Which record is meant? ----------------------------------------------------------------------------------------- */

/* The literal's names have been found to differ. */
static bool has_exactly(Builder *b, DeclId decl, const AstFields *literal)
{
    const TypeDecl *record = ITEM(b->types->declarations, TypeDecl, decl.i);
    if (record->kind != TYPE_RECORD || record->n != literal->n)
        return false;
    for (uint32_t i = 0; i < literal->n; i++)
        if (find_declared_field(b, decl, literal->fields[i].name) == NO_INDEX)
            return false;
    return true;
}

/* One name's part in the hash of a set of names, which is their sum: the order does not matter. */
static uint64_t hash_name(NameId name)
{
    uint64_t hash = (name.i + 1) * 0x9E3779B97F4A7C15u;
    return (hash ^ hash >> 32) * 0xD6E8FEB86659FD93u;
}

/* Links declared records by the hash of their fields' names, each list in the order of declaration. */
static void index_records(Builder *b)
{
    uint32_t n = (uint32_t)b->types->declarations->count;
    b->next_record = arena_push(b->scratch, n * sizeof *b->next_record);
    for (uint32_t i = n; i-- > 0;) {
        const TypeDecl *record = ITEM(b->types->declarations, TypeDecl, i);
        b->next_record[i] = NO_INDEX;
        if (record->kind != TYPE_RECORD || record->n == 0)
            continue;
        uint64_t hash = 0;
        for (uint32_t j = 0; j < record->n; j++)
            hash += hash_name(ITEM(b->types->fields, TypeField, record->first + j)->name);
        b->next_record[i] = index_find(&b->records, (uint32_t)(hash >> 32), (uint32_t)hash) - 1;
        index_put(&b->records, b->scratch, (uint32_t)(hash >> 32), (uint32_t)hash, i + 1);
    }
}

/* The first declaration that may be a record with these fields, and the next one; NO_INDEX at the end.  All of a few are
   looked at; of many, those of which the hash agrees. */
static uint32_t first_record(Builder *b, const AstFields *literal)
{
    if (literal->n == 0)
        return NO_INDEX;
    if (b->types->declarations->count <= LONG_LIST)
        return 0;
    if (b->next_record == NULL)
        index_records(b);
    uint64_t hash = 0;
    for (uint32_t i = 0; i < literal->n; i++)
        hash += hash_name(literal->fields[i].name);
    return index_find(&b->records, (uint32_t)(hash >> 32), (uint32_t)hash) - 1;
}

static uint32_t record_behind(const Builder *b, uint32_t decl)
{
    if (b->next_record != NULL)
        return b->next_record[decl];
    return decl + 1 < b->types->declarations->count ? decl + 1 : NO_INDEX;
}

/* The declared record with these field names, with fresh type arguments; 0 if there is none or several (then E220). */
static TypeId record_by_fields(Builder *b, const AstFields *literal, bool *ambiguous)
{
    uint32_t found = 0;
    *ambiguous = false;
    for (uint32_t i = first_record(b, literal); i != NO_INDEX; i = record_behind(b, i)) {
        if (!has_exactly(b, (DeclId){i}, literal))
            continue;
        if (found != 0) {
            const TypeDecl *first = ITEM(b->types->declarations, TypeDecl, found);
            const TypeDecl *second = ITEM(b->types->declarations, TypeDecl, i);
            report(b, E220, literal->head.pos, "ambiguous record literal, could be %.*s or %.*s, add a type: (e : %.*s)",
                   NAME_ARGS(b->names, first->name), NAME_ARGS(b->names, second->name), NAME_ARGS(b->names, first->name));
            *ambiguous = true;
            return (TypeId){0};
        }
        found = i;
    }
    if (found == 0)
        return (TypeId){0};
    size_t mark = b->stack.count;
    push_id(b, found);
    for (uint32_t i = 0; i < ITEM(b->types->declarations, TypeDecl, found)->n_parameters; i++)
        push_id(b, new_variable(b, VARIABLE_ANY, literal->head.pos).i);
    TypeId type = type_make(b->types, TYPE_RECORD, ITEM(&b->stack, uint32_t, mark), (uint32_t)(b->stack.count - mark));
    stack_truncate(&b->stack, mark);
    return type;
}

/* ---- Literals ---------------------------------------------------------------------------------------------------------- */

static Value build_anonymous(Builder *b, const AstFields *literal)
{
    size_t mark = b->stack.count, n = literal->n;
    stack_push(&b->stack, 4 * n); /* name and type of each; then values as written; then as in the type */
    for (uint32_t i = 0; i < literal->n; i++) {
        Value value = build_value(b, literal->fields[i].value, (TypeId){0});
        *ITEM(&b->stack, uint32_t, mark + 2 * (size_t)i) = literal->fields[i].name.i;
        TypeId type = zonk(b, value.type); /* nobody has declared this field a Nat */
        *ITEM(&b->stack, uint32_t, mark + 2 * (size_t)i + 1) = type.i == TYPE_NAT ? TYPE_INT : type.i;
        *ITEM(&b->stack, uint32_t, mark + 2 * n + i) = value.id.i;
    }
    TypeId type = make_type(b, TYPE_ANONYMOUS, ITEM(&b->stack, uint32_t, mark), 2 * literal->n, literal->head.pos);
    if (type.i == TYPE_ERROR) {
        stack_truncate(&b->stack, mark);
        return emit_error(b);
    }
    for (uint32_t i = 0; i < literal->n; i++)
        *ITEM(&b->stack, uint32_t, mark + 3 * n + find_field(b, type, literal->fields[i].name)) =
            *ITEM(&b->stack, uint32_t, mark + 2 * n + i);
    b->session->working_at = literal->head.pos;
    Value value = emit_many(b, IR_RECORD, type, ITEM(&b->stack, ValueId, mark + 3 * n), literal->n);
    stack_truncate(&b->stack, mark);
    return value;
}

/* Of one type and field that was declared often, the first is meant. */
static uint32_t find_nat_field(Builder *b, TypeId type, uint32_t index)
{
    for (; b->n_nat_fields_indexed < b->nat_fields->count; b->n_nat_fields_indexed++) {
        const NatField *field = ITEM(b->nat_fields, NatField, b->n_nat_fields_indexed);
        if (index_find(&b->nat_field_index, field->type.i, field->index) == 0)
            index_put(&b->nat_field_index, b->scratch, field->type.i, field->index, b->n_nat_fields_indexed + 1);
    }
    return index_find(&b->nat_field_index, type.i, index) - 1;
}

static SourcePos field_nat_pos(Builder *b, TypeId type, uint32_t index)
{
    if (type_kind(b->types, type) == TYPE_RECORD)
        return type_declared_field(b->types, type, index)->pos;
    uint32_t n = (uint32_t)b->nat_fields->count, i = n > LONG_LIST ? find_nat_field(b, type, index) : 0;
    for (; i < n; i++) {
        const NatField *field = ITEM(b->nat_fields, NatField, i);
        if (type_equal(field->type, type) && field->index == index)
            return field->pos;
    }
    return (SourcePos){0};
}

static void report_missing(Builder *b, const AstFields *literal, TypeId type, size_t values)
{
    TypeText text;
    for (uint32_t i = 0; i < type_n_fields(b->types, type); i++)
        if (*ITEM(&b->stack, uint32_t, values + i) == 0)
            report(b, E223, literal->head.pos, "field '%.*s' of %s is missing",
                   NAME_ARGS(b->names, type_field_name(b->types, type, i)), type_text(b, type, &text));
}

static Value build_of_type(Builder *b, const AstFields *literal, TypeId type)
{
    uint32_t n = type_n_fields(b->types, type), given = 0;
    size_t mark = b->stack.count;
    stack_push(&b->stack, n);
    for (uint32_t i = 0; i < n; i++)
        *ITEM(&b->stack, uint32_t, mark + i) = 0;
    bool broken = false;
    for (uint32_t i = 0; i < literal->n; i++) {
        AstFieldInit init = literal->fields[i];
        uint32_t index = find_field(b, type, init.name);
        if (index == NO_INDEX) {
            report_no_field(b, type, init.name, init.pos);
            build_value(b, init.value, (TypeId){0});
            broken = true;
            continue;
        }
        note_field(b, type, index, init.pos);
        Value value = build_coerced(b, init.value, type_field(b->types, type, index), field_nat_pos(b, type, index));
        given += *ITEM(&b->stack, uint32_t, mark + index) == 0;
        *ITEM(&b->stack, uint32_t, mark + index) = value.id.i;
    }
    if (given < n && !broken)
        report_missing(b, literal, type, mark);
    b->session->working_at = literal->head.pos;
    Value value = broken || given < n ? emit_error(b) : emit_many(b, IR_RECORD, type, ITEM(&b->stack, ValueId, mark), n);
    if (broken || given < n)
        value.type = type; /* what it should have been is known */
    stack_truncate(&b->stack, mark);
    return value;
}

Value build_record(Builder *b, NodeId node, TypeId expected)
{
    const AstFields *literal = ast_fields(b->ast, node);
    if (report_fields_twice(b, E223, literal->fields, literal->n))
        return emit_error(b);
    expected = expected.i == 0 ? expected : resolved(b, expected);
    TypeKind kind = expected.i == 0 ? TYPE_NONE : type_kind(b->types, expected);
    if (expected.i != 0 && type_is_broken(b, expected))
        return emit_error(b);
    if (kind == TYPE_RECORD || kind == TYPE_ANONYMOUS)
        return build_of_type(b, literal, expected);
    bool ambiguous;
    TypeId type = record_by_fields(b, literal, &ambiguous);
    if (ambiguous)
        return emit_error(b);
    return type.i != 0 ? build_of_type(b, literal, type) : build_anonymous(b, literal);
}
