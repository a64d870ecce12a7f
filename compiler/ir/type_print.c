/*
 * How types look in messages: as a program would write them.  Writing goes through a cursor that counts what does not
 * fit, so that callers can ask for the length first.
 */
#include <string.h>

#include "ir/types.h"

enum { PRINT_DEPTH = 12 }; /* a type in a message that is nested deeper than this helps nobody */

typedef struct {
    const Types *types;
    char *buffer;
    size_t size, length;
} Printer;

static void put_bytes(Printer *printer, const char *bytes, size_t n)
{
    for (size_t i = 0; i < n; i++, printer->length++)
        if (printer->length + 1 < printer->size)
            printer->buffer[printer->length] = bytes[i];
}

static void put(Printer *printer, const char *text)
{
    put_bytes(printer, text, strlen(text));
}

static void put_name(Printer *printer, NameId name)
{
    put_bytes(printer, name_text(printer->types->names, name), name_length(printer->types->names, name));
}

static void put_number(Printer *printer, uint32_t number)
{
    if (number >= 10)
        put_number(printer, number / 10);
    char digit = (char)('0' + number % 10);
    put_bytes(printer, &digit, 1);
}

static void put_type(Printer *printer, TypeId id, int depth);

static void put_parts(Printer *printer, TypeId id, uint32_t first, uint32_t end, const char *open, const char *close,
                      int depth)
{
    put(printer, open);
    for (uint32_t i = first; i < end; i++) {
        if (i > first)
            put(printer, ", ");
        put_type(printer, type_part(printer->types, id, i), depth + 1);
    }
    put(printer, close);
}

static void put_function(Printer *printer, TypeId id, int depth)
{
    const Types *types = printer->types;
    uint32_t n = type_n_params(types, id);
    bool bare = n == 1 && type_kind(types, type_param(types, id, 0)) != TYPE_FUNCTION
        && type_kind(types, type_param(types, id, 0)) != TYPE_TUPLE;
    put_parts(printer, id, 0, n, bare ? "" : "(", bare ? "" : ")", depth);
    put(printer, " -> ");
    put_type(printer, type_result(types, id), depth + 1);
}

static void put_anonymous(Printer *printer, TypeId id, int depth)
{
    put(printer, "{");
    for (uint32_t i = 0; i < type_n_fields(printer->types, id); i++) {
        put(printer, i == 0 ? " " : ", ");
        put_name(printer, type_field_name(printer->types, id, i));
        put(printer, ": ");
        put_type(printer, type_part(printer->types, id, 2 * i + 1), depth + 1);
    }
    put(printer, " }");
}

static void put_declared(Printer *printer, TypeId id, int depth)
{
    put_name(printer, type_decl(printer->types, id)->name);
    uint32_t n = type_get(printer->types, id)->n_operands;
    if (n > 1)
        put_parts(printer, id, 1, n, "<", ">", depth);
}

static const char *basic_name(TypeKind kind)
{
    switch (kind) {
    case TYPE_ERROR: return "(unknown)";
    case TYPE_INT: return "Int";
    case TYPE_NAT: return "Nat";
    case TYPE_FLOAT: return "Float64";
    case TYPE_BOOL: return "Bool";
    case TYPE_STRING: return "String";
    case TYPE_UNIT: return "Unit";
    case TYPE_C_INT: return "CInt";
    case TYPE_C_UINT: return "CUInt";
    case TYPE_C_SHORT: return "CShort";
    case TYPE_C_CHAR: return "CChar";
    case TYPE_C_FLOAT: return "CFloat";
    case TYPE_LIST: return "List";
    case TYPE_PTR: return "Ptr";
    case TYPE_HASHMAP: return "HashMap";
    case TYPE_LAZY: return "lazy ";
    case TYPE_VARIABLE: return "_";
    case TYPE_NONE: case TYPE_TUPLE: case TYPE_FUNCTION: case TYPE_ANONYMOUS: case TYPE_RECORD: case TYPE_VARIANT:
    case TYPE_PARAMETER:
        break;
    }
    return "?";
}

static void put_type(Printer *printer, TypeId id, int depth)
{
    const Types *types = printer->types;
    if (depth > PRINT_DEPTH) {
        put(printer, "...");
        return;
    }
    switch (type_kind(types, id)) {
    case TYPE_LIST: case TYPE_PTR: case TYPE_HASHMAP: case TYPE_LAZY:
        put(printer, basic_name(type_kind(types, id)));
        put_parts(printer, id, 0, type_get(types, id)->n_operands, "<", ">", depth);
        break;
    case TYPE_TUPLE:
        put_parts(printer, id, 0, type_get(types, id)->n_operands, "(", ")", depth);
        break;
    case TYPE_FUNCTION:
        put_function(printer, id, depth);
        break;
    case TYPE_ANONYMOUS:
        put_anonymous(printer, id, depth);
        break;
    case TYPE_RECORD: case TYPE_VARIANT:
        put_declared(printer, id, depth);
        break;
    case TYPE_PARAMETER:
        if (types->parameter_names != NULL && type_operand(types, id, 0) < types->n_parameter_names) {
            put_name(printer, types->parameter_names[type_operand(types, id, 0)]);
        } else {
            put(printer, "T");
            put_number(printer, type_operand(types, id, 0));
        }
        break;
    default:
        put(printer, basic_name(type_kind(types, id)));
        break;
    }
}

size_t type_print(const Types *types, TypeId id, char *buffer, size_t size)
{
    Printer printer = {types, buffer, size, 0};
    put_type(&printer, id, 0);
    if (size > 0)
        buffer[printer.length < size ? printer.length : size - 1] = '\0';
    return printer.length;
}
