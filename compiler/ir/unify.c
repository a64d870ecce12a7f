/*
 * Local type inference by unification (Robinson 1965, as in every ML): a type that is not known yet is a variable, and
 * making two types equal binds variables.  Variables belong to one function and are numbered from 0 in each, so that
 * the type table does not fill up with them.
 *
 * Two relations are looser than equality, as the language demands: Nat and Int are one type (whether a value needs a
 * check is decided where it enters a declared Nat, see coerce), and any Ptr is any other.
 *
 * Some checks need a type that is not known yet.  They are put off (pend) and settled when the function is complete.
 */
#include "ir/build.h"

static Variable *variable_of(const Builder *b, TypeId type)
{
    return ITEM(b->variables, Variable, type_operand(b->types, type, 0));
}

TypeId new_variable(Builder *b, VariableKind kind, SourcePos pos)
{
    uint32_t number = (uint32_t)b->variables->count;
    Variable *variable = array_push(b->variables, 1);
    *variable = (Variable){.kind = (uint8_t)kind, .pos = pos};
    return type_make(b->types, TYPE_VARIABLE, &number, 1);
}

/* On the way every variable is bound to what the next one is bound to, so that no chain of them stays long (path halving:
   Tarjan and van Leeuwen 1984). */
TypeId resolved_variable(Builder *b, TypeId type)
{
    while (type_kind(b->types, type) == TYPE_VARIABLE && variable_of(b, type)->bound.i != 0) {
        Variable *variable = variable_of(b, type);
        type = variable->bound;
        if (type_kind(b->types, type) == TYPE_VARIABLE && variable_of(b, type)->bound.i != 0)
            type = variable->bound = variable_of(b, type)->bound;
    }
    return type;
}

static TypeId bounded(Builder *b, TypeId type, SourcePos pos)
{
    if (type_get(b->types, type)->depth <= MAX_TYPE_DEPTH)
        return type;
    if (!b->type_too_deep)
        report(b, E014, pos, "this type is nested more than %d levels deep", MAX_TYPE_DEPTH);
    b->type_too_deep = true;
    return TYPE_ID(TYPE_ERROR);
}

/* Behind a type that is too deep the types around it are unknown, too, and not merely less deep. */
TypeId make_type(Builder *b, TypeKind kind, const uint32_t *operands, uint32_t n, SourcePos pos)
{
    return b->type_too_deep ? TYPE_ID(TYPE_ERROR) : bounded(b, type_make(b->types, kind, operands, n), pos);
}

static TypeMemo *memo_of(Builder *b, TypeId type)
{
    while (type.i >= b->type_memos->count)
        *(TypeMemo *)array_push(b->type_memos, 1) = (TypeMemo){0};
    return ITEM(b->type_memos, TypeMemo, type.i);
}

TypeId zonk(Builder *b, TypeId type)
{
    type = resolved(b, type);
    Type copy = *type_get(b->types, type);
    if (!(copy.flags & TYPE_HAS_VARIABLE) || copy.kind == TYPE_VARIABLE)
        return type;
    if (memo_of(b, type)->zonked_at == b->bindings)
        return memo_of(b, type)->zonked;
    size_t mark = b->stack.count;
    stack_push(&b->stack, copy.n_operands);
    for (uint32_t i = 0; i < copy.n_operands; i++) {
        uint32_t operand = type_operand(b->types, type, i);
        bool is_type = copy.kind == TYPE_ANONYMOUS ? i % 2 == 1
            : copy.kind != TYPE_RECORD && copy.kind != TYPE_VARIANT ? true : i > 0;
        if (is_type)
            operand = zonk(b, (TypeId){operand}).i;
        *ITEM(&b->stack, uint32_t, mark + i) = operand;
    }
    TypeId result = type_make(b->types, (TypeKind)copy.kind, ITEM(&b->stack, uint32_t, mark), copy.n_operands);
    result = bounded(b, result, b->session->working_at);
    stack_truncate(&b->stack, mark);
    *memo_of(b, type) = (TypeMemo){b->bindings, result, memo_of(b, type)->searched_at};
    return result;
}

static bool search(Builder *b, TypeId variable, TypeId type)
{
    type = resolved(b, type);
    if (type_equal(type, variable))
        return true;
    const Type *copy = type_get(b->types, type);
    if (!(copy->flags & TYPE_HAS_VARIABLE) || copy->kind == TYPE_VARIABLE || memo_of(b, type)->searched_at == b->searches)
        return false;
    memo_of(b, type)->searched_at = b->searches;
    uint32_t n = copy->n_operands;
    TypeKind kind = (TypeKind)copy->kind;
    for (uint32_t i = 0; i < n; i++) {
        bool is_type = kind == TYPE_ANONYMOUS ? i % 2 == 1 : kind != TYPE_RECORD && kind != TYPE_VARIANT ? true : i > 0;
        if (is_type && search(b, variable, type_part(b->types, type, i)))
            return true;
    }
    return false;
}

/* True from the second time on that it is asked of the type after b->searches has moved on. */
bool type_seen(Builder *b, TypeId type)
{
    TypeMemo *memo = memo_of(b, type);
    bool seen = memo->searched_at == b->searches;
    memo->searched_at = b->searches;
    return seen;
}

/* Would binding `variable` to `type` make a type that contains itself? */
static bool occurs(Builder *b, TypeId variable, TypeId type)
{
    b->searches++;
    return search(b, variable, type);
}

static bool bind_variable(Builder *b, TypeId variable, TypeId type)
{
    Variable *from = variable_of(b, variable);
    if (type_kind(b->types, type) == TYPE_NAT)
        type = TYPE_ID(TYPE_INT);
    if (type_kind(b->types, type) == TYPE_VARIABLE) {
        Variable *to = variable_of(b, type);
        if (from->kind == VARIABLE_KEY)
            to->kind = VARIABLE_KEY;
        to->no_function |= from->no_function;
    } else if (from->no_function && type_kind(b->types, type) == TYPE_FUNCTION) {
        Diagnostic *diagnostic = report(b, E221, from->pos, "the type of this value was not known when it was used; "
                                                            "it turns out to be a function");
        if (diagnostic != NULL)
            diagnostic_note(b->diagnostics, diagnostic, "name what is called, with its type: let f: A -> B = ... in f(...)");
        type = TYPE_ID(TYPE_ERROR);
    } else if (occurs(b, variable, type)) {
        return false;
    }
    from->bound = type;
    b->bindings++;
    return true;
}

static bool unify_parts(Builder *b, TypeId a, TypeId c, uint32_t first, uint32_t step, uint32_t n)
{
    for (uint32_t i = first; i < n; i += step)
        if (!unify(b, type_part(b->types, a, i), type_part(b->types, c, i)))
            return false;
    return true;
}

TypeId after_arguments(Builder *b, TypeId function, uint32_t n)
{
    size_t mark = b->stack.count;
    for (uint32_t i = n; i < type_get(b->types, function)->n_operands; i++)
        push_id(b, type_operand(b->types, function, i));
    TypeId rest = type_make(b->types, TYPE_FUNCTION, ITEM(&b->stack, uint32_t, mark), (uint32_t)(b->stack.count - mark));
    stack_truncate(&b->stack, mark);
    return rest;
}

/*
 * Functions of different numbers of parameters are one type in two cases.  A -> R with an R that is not known yet is
 * (A, B) -> C if R becomes B -> C; and a single parameter that is not known yet may turn out to be Unit, which makes it
 * () -> T.
 */
static bool unify_functions(Builder *b, TypeId a, TypeId c)
{
    a = zonk(b, a); /* with what is known of its result, a function may have more parameters than before */
    c = zonk(b, c);
    if (type_n_params(b->types, a) > type_n_params(b->types, c)) {
        TypeId swap = a;
        a = c;
        c = swap;
    }
    uint32_t n = type_n_params(b->types, a), more = type_n_params(b->types, c);
    if (n == more)
        return unify_parts(b, a, c, 0, 1, n + 1);
    TypeId result = type_result(b->types, a);
    if (n == 0)
        return unify(b, type_param(b->types, c, 0), TYPE_ID(TYPE_UNIT))
            && unify(b, result, more == 1 ? type_result(b->types, c) : after_arguments(b, c, 1));
    return type_kind(b->types, result) == TYPE_VARIABLE && unify_parts(b, a, c, 0, 1, n)
        && unify(b, result, after_arguments(b, c, n));
}

bool unify(Builder *b, TypeId a, TypeId c)
{
    a = resolved(b, a);
    c = resolved(b, c);
    if (type_equal(a, c))
        return true;
    TypeKind kind = type_kind(b->types, a), other = type_kind(b->types, c);
    if (kind == TYPE_ERROR || other == TYPE_ERROR)
        return true;
    if (kind == TYPE_VARIABLE)
        return bind_variable(b, a, c);
    if (other == TYPE_VARIABLE)
        return bind_variable(b, c, a);
    if ((kind == TYPE_INT && other == TYPE_NAT) || (kind == TYPE_NAT && other == TYPE_INT))
        return true;
    if ((type_get(b->types, a)->flags | type_get(b->types, c)->flags) & TYPE_HAS_VARIABLE
        && type_equal(zonk(b, a), zonk(b, c)))
        return true; /* they share parts that have been made equal before */
    uint32_t n = type_get(b->types, a)->n_operands;
    if (kind == TYPE_FUNCTION && other == TYPE_FUNCTION)
        return unify_functions(b, a, c);
    if (kind != other || (kind != TYPE_PTR && n != type_get(b->types, c)->n_operands))
        return false;
    switch (kind) {
    case TYPE_PTR:
        if (type_get(b->types, a)->flags & TYPE_HAS_VARIABLE || type_get(b->types, c)->flags & TYPE_HAS_VARIABLE)
            unify(b, type_part(b->types, a, 0), type_part(b->types, c, 0));
        return true;
    case TYPE_RECORD:
    case TYPE_VARIANT:
        return type_operand(b->types, a, 0) == type_operand(b->types, c, 0) && unify_parts(b, a, c, 1, 1, n);
    case TYPE_ANONYMOUS:
        for (uint32_t i = 0; i < n; i += 2)
            if (type_operand(b->types, a, i) != type_operand(b->types, c, i))
                return false;
        return unify_parts(b, a, c, 1, 2, n);
    case TYPE_LIST: case TYPE_HASHMAP: case TYPE_TUPLE: case TYPE_LAZY:
        return unify_parts(b, a, c, 0, 1, n);
    default:
        return false;
    }
}

/* The number of parameters of a function value is being fixed now, although its result type is still a variable: that
   variable must not become a function, because (A) -> (B -> C) is (A, B) -> C. */
void forbid_function(Builder *b, TypeId type)
{
    type = resolved(b, type);
    if (type_kind(b->types, type) == TYPE_VARIABLE)
        variable_of(b, type)->no_function = true;
}

/* ---- Checks that have to wait ---------------------------------------------------------------------------------- */

bool is_number(TypeKind kind)
{
    return kind == TYPE_INT || kind == TYPE_NAT || kind == TYPE_FLOAT;
}

/* Reports unless the check holds; false if the type is not known well enough to say. */
static bool check_now(Builder *b, PendingKind kind, TypeId type, SourcePos pos)
{
    TypeKind known = type_kind(b->types, type);
    if (known == TYPE_ERROR)
        return true;
    if (known == TYPE_VARIABLE || (kind >= PENDING_EQUAL && type_get(b->types, type)->flags & TYPE_HAS_VARIABLE))
        return false;
    TypeText text;
    switch (kind) {
    case PENDING_ARITHMETIC:
        if (!is_number(known))
            report(b, E202, pos, "operands of arithmetic are of type %s", type_text(b, type, &text));
        return true;
    case PENDING_REMAINDER:
        if (known != TYPE_INT && known != TYPE_NAT)
            report(b, E202, pos, "operands of '%%' are %s; only Int has a remainder", type_text(b, type, &text));
        return true;
    case PENDING_ORDER:
        if (!is_number(known) && known != TYPE_STRING)
            report(b, E202, pos, "values of type %s have no order", type_text(b, type, &text));
        return true;
    case PENDING_EQUAL:
        check_comparable(b, type, pos);
        return true;
    case PENDING_KEY:
        if (known != TYPE_INT && known != TYPE_NAT && known != TYPE_BOOL && known != TYPE_STRING
            && known != TYPE_PARAMETER)
            report(b, E251, pos, "%s cannot be a HashMap key; keys are Int, Nat, Bool or String",
                   type_text(b, type, &text));
        return true;
    case PENDING_DEFAULT: {
        bool none = known == TYPE_VARIANT && type_decl(b->types, type) == ITEM(b->types->declarations, TypeDecl, b->types->option.i);
        if (!is_number(known) && known != TYPE_BOOL && known != TYPE_STRING && known != TYPE_UNIT && known != TYPE_PTR
            && known != TYPE_LIST && known != TYPE_PARAMETER && !none)
            report(b, E250, pos, "HashMap.get: type %s has no default value; use HashMap.find", type_text(b, type, &text));
        return true;
    }
    }
    return true;
}

void pend(Builder *b, PendingKind kind, TypeId type, SourcePos pos)
{
    type = zonk(b, type);
    if (check_now(b, kind, type, pos))
        return;
    PendingCheck *check = array_push(b->pending_checks, 1);
    *check = (PendingCheck){kind, type, pos};
}

/* At the end of a function: what is still unknown gets its default, then every check that waited is made. */
void settle_pending(Builder *b)
{
    for (uint32_t i = 0; i < b->pending_checks->count; i++) {
        PendingCheck check = *ITEM(b->pending_checks, PendingCheck, i);
        TypeId type = resolved(b, check.type);
        if (type_kind(b->types, type) == TYPE_VARIABLE && check.kind <= PENDING_ORDER) {
            report(b, E221, check.pos, "the type of these operands is not known here; add a type");
            variable_of(b, type)->bound = TYPE_ID(TYPE_ERROR);
            b->bindings++;
        }
    }
    for (uint32_t i = 0; i < b->variables->count; i++) {
        Variable *variable = ITEM(b->variables, Variable, i);
        if (variable->bound.i == 0) {
            variable->bound = variable->kind == VARIABLE_KEY ? TYPE_ID(TYPE_INT) : TYPE_ID(TYPE_UNIT);
            b->bindings++;
        }
    }
    for (uint32_t i = 0; i < b->pending_checks->count; i++) {
        PendingCheck check = *ITEM(b->pending_checks, PendingCheck, i);
        check_now(b, check.kind, zonk(b, check.type), check.pos);
    }
    array_truncate(b->pending_checks, 0);
}
