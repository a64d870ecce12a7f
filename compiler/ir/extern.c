/*
 * C functions: with which C types a declared extern is called, and whether printf's format and arguments agree.
 *
 * Where the table of well-known functions has the function with as many parameters, its types are the true ones, and
 * values are converted to them.  Otherwise the declared types say it all (language reference, 7.2).
 */
#include "ir/build.h"
#include "ir/c_prototypes.h"
#include "ir/printf_format.h"

static CType c_type_of(const Builder *b, TypeId type)
{
    switch (type_kind(b->types, type)) {
    case TYPE_UNIT: return C_VOID;
    case TYPE_BOOL: return C_BOOL;
    case TYPE_INT: return C_I64;
    case TYPE_NAT: return C_U64;
    case TYPE_FLOAT: return C_F64;
    case TYPE_STRING: return C_STRING;
    case TYPE_C_INT: return C_I32;
    case TYPE_C_UINT: return C_U32;
    case TYPE_C_SHORT: return C_I16;
    case TYPE_C_CHAR: return C_I8;
    case TYPE_C_FLOAT: return C_F32;
    default: return C_POINTER;
    }
}

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
    if (known != NULL && known->n_params != n_passed)
        known = NULL;
    for (uint32_t i = 0; i < global->n_params; i++) {
        CType declared = c_type_of(b, param_at(b, global, i)->type);
        if (declared == C_VOID)
            continue;
        CType type = known == NULL ? declared : agreed(c_prototype_param(known, entry.n_params), declared);
        *(uint8_t *)array_push(b->c_types, 1) = (uint8_t)type;
        entry.n_params++;
    }
    CType result = c_type_of(b, global->result);
    entry.result = (uint8_t)(known == NULL ? result : agreed((CType)known->result, result));
    global->extern_id = (ExternId){(uint32_t)b->externs->count};
    global->has_extern_id = true;
    *(IrExtern *)array_push(b->externs, 1) = entry;
    return global->extern_id;
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
    case FORMAT_INTEGER:
    case FORMAT_POINTER:
        break;
    }
    return emit_int(b, 0, TYPE_ID(TYPE_INT));
}

enum { CLASSES_SHOWN = 256 };

void complete_printf(Builder *b, const Callable *callable, NodeId format, size_t first)
{
    SourcePos pos = ast_pos(b->ast, format);
    SourceSpan span = span_of_token(&b->session->text, pos);
    FormatClass classes[CLASSES_SHOWN];
    uint32_t wanted = printf_format_read(source_at(&b->session->text, pos) + 1, span.end.at - pos.at - 2, classes, CLASSES_SHOWN);
    uint32_t given = (uint32_t)(b->stack.count - first) - (uint32_t)printf_format_param(b, callable) - 1;
    if (wanted == given)
        return;
    report(b, W121, pos, "format has %u conversion%s, %u argument%s given", wanted, wanted == 1 ? "" : "s", given,
           given == 1 ? "" : "s");
    for (; given < wanted; given++)
        push_id(b, missing_argument(b, given < CLASSES_SHOWN ? classes[given] : FORMAT_INTEGER).id.i);
}
