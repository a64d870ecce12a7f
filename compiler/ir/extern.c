/*
 * C functions: with which C types a declared extern is called, and whether printf's format and arguments agree.
 *
 * Where the table of well-known functions has the function with as many parameters, its types are the true ones, and
 * values are converted to them.  Otherwise the declared types say it all (language reference, 7.2).  Also functions that
 * are passed to C: those of the program behind an adapter (gen_extern.c), C's own as they are.
 */
#include "ir/build.h"
#include "ir/c_prototypes.h"
#include "ir/printf_format.h"

static bool is_c_integer(CType type)
{
    return type >= C_BOOL && type <= C_U64;
}

/*
 * The table's type, unless the declaration means a value of another nature: an address kept in an Int, a double where
 * the table has an integer.  A String is a pointer that the declaration says more about; a Unit result is not looked at.
 */
static CType agreed(CType table, CType declared)
{
    if (is_c_integer(table) && is_c_integer(declared))
        return table;
    if ((table == C_F32 || table == C_F64) && (declared == C_F32 || declared == C_F64))
        return table;
    return declared;
}

/* Parameters may be declared for what a variadic function takes behind its own: open(path, flags, mode). */
static CType param_c_type(const CPrototype *known, uint32_t index, CType declared)
{
    if (known == NULL)
        return declared;
    if (index < known->n_params)
        return agreed(c_prototype_param(known, index), declared);
    return declared == C_F32 ? C_F64 : declared;
}

ExternId use_extern(Builder *b, GlobalId id)
{
    Global *global = global_at(b, id);
    if (global->has_extern_id)
        return global->extern_id;
    IrExtern entry = {.c_name = global->c_name, .first_param = (uint32_t)b->c_types->count, .variadic = global->variadic};
    uint32_t n_passed = 0;
    for (uint32_t i = 0; i < global->n_params; i++)
        n_passed += type_kind(b->types, param_at(b, global, i)->type) != TYPE_UNIT;
    const CPrototype *known = c_prototype_find(name_text(b->names, global->c_name), name_length(b->names, global->c_name));
    /* A variadic C function must be called as one whatever it was declared as: it is told how many doubles there are. */
    entry.variadic |= known != NULL && known->variadic;
    if (known != NULL && !(known->n_params == n_passed || (known->variadic && known->n_params < n_passed)))
        known = NULL;
    for (uint32_t i = 0; i < global->n_params; i++) {
        CType declared = ir_c_type(b->types, param_at(b, global, i)->type);
        if (declared == C_VOID)
            continue;
        *(uint8_t *)array_push(b->c_types, 1) = (uint8_t)param_c_type(known, entry.n_params, declared);
        entry.n_params++;
    }
    CType result = ir_c_type(b->types, global->result);
    bool is_void = known != NULL && known->result == C_VOID; /* whatever is declared: there is no value to take */
    entry.result = (uint8_t)(is_void ? C_VOID : known == NULL ? result : agreed((CType)known->result, result));
    global->extern_id = (ExternId){(uint32_t)b->externs->count};
    global->has_extern_id = true;
    *(IrExtern *)array_push(b->externs, 1) = entry;
    return global->extern_id;
}

/* ---- Functions for C ------------------------------------------------------------------------------------------------ */

static Value report_callback(Builder *b, SourcePos pos)
{
    report(b, E121, pos, "only the name of a function can be passed to C");
    return emit_error(b);
}

/* The instance of a generic function that its type, now unified with what C expects, asks for. */
static FunctionId instance_for_c(Builder *b, const Callable *callable)
{
    size_t mark = b->stack.count;
    for (uint32_t i = 0; i < callable->n_type_arguments; i++) {
        TypeId argument = resolved(b, callable_param(b, callable, callable->n_params + i));
        if (type_kind(b->types, argument) == TYPE_VARIABLE) /* behind a Ptr, whose type is documentation */
            unify(b, argument, TYPE_ID(TYPE_UNIT));
        push_id(b, zonk(b, argument).i);
    }
    FunctionId function = demand_instance(b, callable->global, ITEM(&b->stack, TypeId, mark), callable->n_type_arguments,
                                          callable->pos);
    stack_truncate(&b->stack, mark);
    return function;
}

/* On the Pole side, what C calls with a CInt takes an Int. */
static TypeId inside_function(Builder *b, TypeId type)
{
    size_t mark = b->stack.count;
    uint32_t n = type_n_params(b->types, type);
    for (uint32_t i = 0; i < n; i++)
        push_id(b, type_inside(b, type_param(b->types, type, i)).i);
    push_id(b, type_inside(b, type_result(b->types, type)).i);
    type = type_make(b->types, TYPE_FUNCTION, ITEM(&b->stack, uint32_t, mark), n + 1);
    stack_truncate(&b->stack, mark);
    return type;
}

Value function_for_c(Builder *b, GlobalId id, TypeId type, SourcePos pos)
{
    GlobalKind kind = id.i == 0 ? GLOBAL_SCOPE : (GlobalKind)global_at(b, id)->kind;
    if (kind != GLOBAL_FUNCTION && kind != GLOBAL_EXTERN)
        return report_callback(b, pos);
    if (global_at(b, id)->broken)
        return emit_error(b);
    size_t mark = b->stack.count;
    Callable callable;
    callable_of_global(b, id, pos, &callable);
    size_t first = b->stack.count;
    for (uint32_t i = 0; i < callable.n_params; i++)
        push_id(b, callable_param(b, &callable, i).i);
    push_id(b, callable.result.i);
    TypeId given = type_make(b->types, TYPE_FUNCTION, ITEM(&b->stack, uint32_t, first), callable.n_params + 1);
    uint32_t n_errors = b->diagnostics->n_errors;
    check_type(b, inside_function(b, type), given, pos);
    if (type_kind(b->types, resolved(b, callable.result)) == TYPE_FUNCTION && b->diagnostics->n_errors == n_errors)
        report(b, E121, pos, "C cannot call '%.*s', which returns a function", NAME_ARGS(b->names, callable.name));
    uint32_t index;
    if (kind == GLOBAL_EXTERN)
        index = use_extern(b, id).i;
    else
        index = callable.n_type_arguments > 0 ? instance_for_c(b, &callable).i : global_at(b, id)->function.i;
    stack_truncate(&b->stack, mark);
    Value value = {{0}, zonk(b, type)};
    IrIndex *instruction = emit(b, kind == GLOBAL_EXTERN ? IR_C_SYMBOL : IR_C_FUNCTION, value.type, sizeof *instruction, &value.id);
    instruction->index = index;
    return value;
}

/* ---- printf -------------------------------------------------------------------------------------------------------- */

int printf_format_param(const Builder *b, const Callable *callable)
{
    if (!callable_is_extern(b, callable) || !global_at(b, callable->global)->variadic)
        return -1;
    NameId name = global_at(b, callable->global)->c_name;
    return c_printf_format_parameter(name_text(b->names, name), name_length(b->names, name));
}

static Value missing_argument(Builder *b, FormatClass class)
{
    switch (class) {
    case FORMAT_DOUBLE:
        return emit_float(b, 0.0);
    case FORMAT_STRING:
        return emit_string(b, (SourcePos){0});
    case FORMAT_INTEGER: case FORMAT_ADDRESS: case FORMAT_POINTER: case FORMAT_UNUSED:
        break;
    }
    return emit_int(b, 0, TYPE_ID(TYPE_INT));
}

/* What a literal format asks for.  It is read once for all the arguments of a call. */
static const FormatRead *read_format(Builder *b, NodeId format)
{
    FormatRead *read = &b->format;
    if (read->format.i == format.i)
        return read;
    SourcePos pos = ast_pos(b->ast, format);
    SourceSpan span = span_of_token(&b->session->text, pos);
    read->format = format;
    read->n = printf_format_read(source_at(&b->session->text, pos) + 1, span.end.at - pos.at - 2, read->classes, FORMAT_CLASSES);
    return read;
}

/* An address may be kept in an Int, for C to print; but what C follows must be a pointer. */
static bool fits_format(FormatClass class, TypeKind given)
{
    bool pointer = given == TYPE_STRING || given == TYPE_PTR || given == TYPE_HASHMAP;
    bool integer = given == TYPE_INT || given == TYPE_NAT || given == TYPE_BOOL;
    switch (class) {
    case FORMAT_INTEGER: return integer;
    case FORMAT_DOUBLE: return given == TYPE_FLOAT;
    case FORMAT_STRING: return given == TYPE_STRING || given == TYPE_PTR;
    case FORMAT_ADDRESS: return pointer || integer;
    case FORMAT_POINTER: return given == TYPE_PTR;
    case FORMAT_UNUSED: break;
    }
    return true;
}

static const char *what_format_wants(FormatClass class)
{
    switch (class) {
    case FORMAT_INTEGER: return "Int";
    case FORMAT_DOUBLE: return "Float64";
    case FORMAT_STRING: return "String";
    default: return "Ptr";
    }
}

static const char *conversion_for(TypeKind given)
{
    switch ((int)given) {
    case TYPE_FLOAT: return "%g prints a Float64";
    case TYPE_STRING: return "%s prints a String";
    case TYPE_PTR: case TYPE_HASHMAP: return "%p prints an address";
    case TYPE_BOOL: return "%d prints a Bool, as 1 or 0";
    default: return "%ld prints an Int";
    }
}

void check_printf_argument(Builder *b, NodeId format, uint32_t index, TypeId type, SourcePos pos)
{
    const FormatRead *read = read_format(b, format);
    TypeKind kind = type_kind(b->types, type);
    if (index >= read->n || index >= FORMAT_CLASSES || kind == TYPE_VARIABLE || kind == TYPE_ERROR
        || fits_format(read->classes[index], kind))
        return;
    TypeText text;
    Diagnostic *diagnostic = report(b, W121, pos, "format takes argument %u as %s, this is %s", index + 1,
                                    what_format_wants(read->classes[index]), type_text(b, type, &text));
    if (diagnostic != NULL)
        diagnostic_caret_text(b->diagnostics, diagnostic, "%s", conversion_for(kind));
}

void complete_printf(Builder *b, NodeId format, uint32_t given)
{
    const FormatRead *read = read_format(b, format);
    uint32_t wanted = read->n;
    if (wanted == given)
        return;
    report(b, W121, ast_pos(b->ast, format), "format has %u conversion%s, %u argument%s given", wanted,
           wanted == 1 ? "" : "s", given, given == 1 ? "" : "s");
    for (; given < wanted; given++)
        push_id(b, missing_argument(b, given < FORMAT_CLASSES ? read->classes[given] : FORMAT_INTEGER).id.i);
}
