/*
 * The built-in library (language reference, section 6), except lists.
 *
 * A map's values cross to the run-time library through memory; its keys are passed both as an integer and as a string,
 * of which the map's kind of key picks one.
 */
#include "codegen/gen.h"

/* runtime.h's PoleMapKind */
enum { MAP_INT_KEYS, MAP_STRING_KEYS, MAP_OF_INTS };

static void define_call(Gen *gen, ValueId at, RuntimeFunction function, const LLVMValueRef *arguments)
{
    gen_define_one(gen, at, gen_call_runtime(gen, function, arguments));
}

static void define_nothing(Gen *gen, ValueId at)
{
    LLVMValueRef none = NULL;
    gen_define(gen, at, &none, 0);
}

/* ---- maps -------------------------------------------------------------------------------------------------------- */

static bool is_integer(TypeKind kind)
{
    return kind == TYPE_INT || kind == TYPE_NAT;
}

static int kind_of_map(Gen *gen, TypeId map)
{
    TypeKind key = type_kind(gen->types, type_part(gen->types, map, 0));
    if (key == TYPE_STRING)
        return MAP_STRING_KEYS;
    return is_integer(key) && is_integer(type_kind(gen->types, type_part(gen->types, map, 1))) ? MAP_OF_INTS : MAP_INT_KEYS;
}

/* The type of the map; a raw pointer that came back from C is a map from Int to Int. */
static TypeId map_type(Gen *gen, TypeId type)
{
    if (type_kind(gen->types, type) == TYPE_HASHMAP)
        return type;
    return type_hashmap(gen->types, TYPE_ID(TYPE_INT), TYPE_ID(TYPE_INT));
}

static void put_key(Gen *gen, ValueId key, LLVMValueRef *arguments)
{
    LLVMValueRef scalar = gen_scalar(gen, key);
    arguments[0] = gen_int(gen, 0);
    arguments[1] = LLVMConstNull(gen->scalar_types[SCALAR_PTR]);
    if (type_kind(gen->types, gen_type_of(gen, key)) == TYPE_STRING)
        arguments[1] = scalar;
    else if (type_kind(gen->types, gen_type_of(gen, key)) == TYPE_BOOL)
        arguments[0] = LLVMBuildZExt(gen->builder, scalar, gen->scalar_types[SCALAR_I64], "");
    else
        arguments[0] = scalar;
}

/* The first argument.  A raw pointer must be proved to lead to a map; every map has a size, of whatever type it is. */
static LLVMValueRef map_operand(Gen *gen, const IrCall *instruction)
{
    LLVMValueRef map = gen_scalar(gen, instruction->arguments[0]);
    if (type_kind(gen->types, gen_type_of(gen, instruction->arguments[0])) == TYPE_HASHMAP)
        return map;
    LLVMValueRef arguments[] = {map, gen_int(gen, (Builtin)instruction->callee == BUILTIN_HASHMAP_SIZE),
                                gen_place(gen, instruction->pos)};
    return gen_call_runtime(gen, RUNTIME_map_from_pointer, arguments);
}

static LLVMValueRef find(Gen *gen, const IrCall *instruction)
{
    LLVMValueRef arguments[3] = {map_operand(gen, instruction)};
    put_key(gen, instruction->arguments[1], arguments + 1);
    return gen_call_runtime(gen, RUNTIME_map_find, arguments);
}

static void map_new(Gen *gen, const IrCall *instruction, ValueId at)
{
    TypeId map = map_type(gen, (TypeId){instruction->head.type});
    const Layout *value = layout_of(&gen->layouts, type_part(gen->types, map, 1));
    LLVMValueRef arguments[] = {gen_scalar(gen, instruction->arguments[0]),
                                gen_int(gen, kind_of_map(gen, map)), gen_int(gen, value->size)};
    define_call(gen, at, RUNTIME_map_new, arguments);
}

static void map_put(Gen *gen, const IrCall *instruction, ValueId at)
{
    LLVMValueRef arguments[4] = {map_operand(gen, instruction)};
    put_key(gen, instruction->arguments[1], arguments + 1);
    const Layout *value = gen_layout_of(gen, instruction->arguments[2]);
    arguments[3] = gen_spill(gen, value, gen_scalars(gen, instruction->arguments[2]));
    gen_call_runtime(gen, RUNTIME_map_put, arguments);
    define_nothing(gen, at);
}

static void map_size(Gen *gen, const IrCall *instruction, ValueId at)
{
    LLVMValueRef map = map_operand(gen, instruction);
    define_call(gen, at, RUNTIME_map_size, &map);
}

static LLVMValueRef is_found(Gen *gen, LLVMValueRef address)
{
    return LLVMBuildIsNotNull(gen->builder, address, "");
}

static void map_get(Gen *gen, const IrCall *instruction, ValueId at)
{
    const Layout *value = layout_of(&gen->layouts, (TypeId){instruction->head.type});
    LLVMValueRef address = find(gen, instruction), scalars[MAX_SCALARS];
    GenChoice choice;
    gen_choice_begin(gen, &choice, is_found(gen, address));
    gen_load(gen, address, 0, value, scalars);
    gen_choice_else(gen, &choice, scalars, value->n);
    gen_zero(gen, value, scalars);
    gen_choice_end(gen, &choice, scalars, value->n, scalars);
    gen_define(gen, at, scalars, value->n);
}

static uint32_t constructor_named(Gen *gen, TypeId variant, uint32_t name)
{
    uint32_t c = 0;
    while (!name_is(type_constructor(gen->types, variant, c)->name, name))
        c++;
    return c;
}

static void map_find(Gen *gen, const IrCall *instruction, ValueId at)
{
    TypeId type = {instruction->head.type};
    const Layout *option = layout_of(&gen->layouts, type);
    uint32_t some = constructor_named(gen, type, NAME_Some), none = constructor_named(gen, type, NAME_None);
    const Layout *value = layout_of(&gen->layouts, type_payload(gen->types, type, some, 0));
    LLVMValueRef address = find(gen, instruction), payload[MAX_SCALARS], scalars[MAX_SCALARS];
    GenChoice choice;
    gen_choice_begin(gen, &choice, is_found(gen, address));
    gen_load(gen, address, 0, value, payload);
    gen_make_variant(gen, option, some, payload, scalars);
    gen_choice_else(gen, &choice, scalars, option->n);
    gen_make_variant(gen, option, none, NULL, scalars);
    gen_choice_end(gen, &choice, scalars, option->n, scalars);
    gen_define(gen, at, scalars, option->n);
}

/* ---- the rest ---------------------------------------------------------------------------------------------------- */

static void err_to_list(Gen *gen, const IrCall *instruction, ValueId at)
{
    ValueId operand = instruction->arguments[0];
    TypeId type = gen_type_of(gen, operand);
    const Layout *result = layout_of(&gen->layouts, type);
    uint32_t err = constructor_named(gen, type, NAME_Err);
    const Layout *error = layout_of(&gen->layouts, type_payload(gen->types, type, err, 0));
    LLVMValueRef tag = gen_tag(gen, result, gen_scalars(gen, operand)), payload[MAX_SCALARS], list[2];
    GenChoice choice;
    gen_choice_begin(gen, &choice, LLVMBuildICmp(gen->builder, LLVMIntEQ, tag, gen_int(gen, err), ""));
    gen_payload_of(gen, result, gen_scalars(gen, operand), err, 0, payload);
    gen_one_element(gen, error, payload, list);
    gen_choice_else(gen, &choice, list, 2);
    gen_no_elements(gen, list);
    gen_choice_end(gen, &choice, list, 2, list);
    gen_define(gen, at, list, 2);
}

/* The length stands in the eight bytes before the string. */
static void string_length(Gen *gen, LLVMValueRef string, ValueId at)
{
    LLVMValueRef back = gen_int(gen, -8);
    LLVMValueRef address = LLVMBuildInBoundsGEP2(gen->builder, gen->i8, string, &back, 1, "");
    gen_define_one(gen, at, gen_load_scalar(gen, address, 0, SCALAR_I64));
}

static void float_to_int(Gen *gen, const IrCall *instruction, LLVMValueRef value, ValueId at)
{
    LLVMValueRef arguments[] = {value, gen_place(gen, instruction->pos)};
    define_call(gen, at, RUNTIME_float_to_int, arguments);
}

void gen_call_builtin(Gen *gen, const IrCall *instruction, ValueId at)
{
    LLVMValueRef first = NULL, both[2];
    if (instruction->n > 0 && gen_layout_of(gen, instruction->arguments[0])->n > 0)
        first = gen_scalar(gen, instruction->arguments[0]);
    switch ((Builtin)instruction->callee) {
    case BUILTIN_PRINT:
        gen_call_runtime(gen, RUNTIME_print, &first);
        define_nothing(gen, at);
        break;
    case BUILTIN_STRING_LENGTH: string_length(gen, first, at); break;
    case BUILTIN_STRING_CONTAINS:
        both[0] = first;
        both[1] = gen_scalar(gen, instruction->arguments[1]);
        define_call(gen, at, RUNTIME_string_contains, both);
        break;
    case BUILTIN_LIST_GET:
    case BUILTIN_LIST_GET_OR:
    case BUILTIN_LIST_SET:
    case BUILTIN_LIST_PUSH:
    case BUILTIN_LIST_LENGTH:
    case BUILTIN_LIST_CONCAT:
    case BUILTIN_LIST_NEW:
    case BUILTIN_LIST_CONS: gen_list_builtin(gen, instruction, at); break;
    case BUILTIN_HASHMAP_NEW: map_new(gen, instruction, at); break;
    case BUILTIN_HASHMAP_PUT: map_put(gen, instruction, at); break;
    case BUILTIN_HASHMAP_GET: map_get(gen, instruction, at); break;
    case BUILTIN_HASHMAP_SIZE: map_size(gen, instruction, at); break;
    case BUILTIN_HASHMAP_CONTAINS: gen_define_one(gen, at, is_found(gen, find(gen, instruction))); break;
    case BUILTIN_HASHMAP_FIND: map_find(gen, instruction, at); break;
    case BUILTIN_INT_TO_FLOAT:
        gen_define_one(gen, at, LLVMBuildSIToFP(gen->builder, first, gen->scalar_types[SCALAR_DOUBLE], ""));
        break;
    case BUILTIN_FLOAT_TO_INT: float_to_int(gen, instruction, first, at); break;
    case BUILTIN_IS_NULL: gen_define_one(gen, at, LLVMBuildIsNull(gen->builder, first, "")); break;
    case BUILTIN_PTR_TO_STRING: define_call(gen, at, RUNTIME_string_from_c, &first); break;
    case BUILTIN_ERR_TO_LIST: err_to_list(gen, instruction, at); break;
    case N_BUILTINS: break;
    }
}
