/*
 * The border to C: calls of extern functions, and Pole functions that C may call (language reference, section 7).
 *
 * A C prototype is made of CTypes.  Integers narrower than 32 bits are widened by us before a call, which is what the
 * calling convention asks of a caller, and keeps attributes out of the call.  The prototype may disagree with what the
 * program declared (the compiler knows the true ones of well-known functions), so a conversion exists from every class of
 * scalar to every C type and back.  One symbol may be called with several prototypes: a call names the type it uses.
 */
#include "codegen/gen.h"

#include <math.h>
#include <string.h>

/* ---- C types ----------------------------------------------------------------------------------------------------- */

/* How a value of the type is passed; narrow integers as int. */
static LLVMTypeRef argument_type(Gen *gen, CType type)
{
    switch (type) {
    case C_VOID: return gen->nothing;
    case C_BOOL:
    case C_I8:
    case C_U8:
    case C_I16:
    case C_U16:
    case C_I32:
    case C_U32: return gen->i32;
    case C_I64:
    case C_U64: return gen->scalar_types[SCALAR_I64];
    case C_F32: return gen->float32;
    case C_F64: return gen->scalar_types[SCALAR_DOUBLE];
    case C_POINTER:
    case C_STRING: break;
    }
    return gen->scalar_types[SCALAR_PTR];
}

/* A callee need not widen its result, so here the type's own width counts. */
static LLVMTypeRef result_type(Gen *gen, CType type)
{
    switch (type) {
    case C_BOOL:
    case C_I8:
    case C_U8: return gen->i8;
    case C_I16:
    case C_U16: return gen->i16;
    default: return argument_type(gen, type);
    }
}

static bool is_signed(CType type)
{
    return type == C_I8 || type == C_I16 || type == C_I32 || type == C_I64;
}

/* ---- conversions ------------------------------------------------------------------------------------------------- */

/* Any scalar as i64. */
static LLVMValueRef to_int(Gen *gen, LLVMValueRef value)
{
    LLVMTypeRef i64 = gen->scalar_types[SCALAR_I64];
    switch (LLVMGetTypeKind(LLVMTypeOf(value))) {
    case LLVMPointerTypeKind: return LLVMBuildPtrToInt(gen->builder, value, i64, "");
    case LLVMDoubleTypeKind: return LLVMBuildFPToSI(gen->builder, value, i64, "");
    default: return LLVMTypeOf(value) == i64 ? value : LLVMBuildZExt(gen->builder, value, i64, "");
    }
}

static LLVMValueRef to_double(Gen *gen, LLVMValueRef value)
{
    LLVMTypeRef type = gen->scalar_types[SCALAR_DOUBLE];
    if (LLVMTypeOf(value) == type)
        return value;
    return LLVMBuildSIToFP(gen->builder, to_int(gen, value), type, "");
}

static LLVMValueRef to_bool(Gen *gen, LLVMValueRef value)
{
    if (LLVMTypeOf(value) == gen->scalar_types[SCALAR_BOOL])
        return value;
    return LLVMBuildICmp(gen->builder, LLVMIntNE, to_int(gen, value), gen_int(gen, 0), "");
}

static LLVMValueRef to_pointer(Gen *gen, LLVMValueRef value)
{
    LLVMTypeRef type = gen->scalar_types[SCALAR_PTR];
    if (LLVMTypeOf(value) == type)
        return value;
    return LLVMBuildIntToPtr(gen->builder, to_int(gen, value), type, "");
}

/* Cuts an integer to a narrow C type and widens it to int again. */
static LLVMValueRef to_narrow(Gen *gen, LLVMValueRef value, LLVMTypeRef narrow, CType type)
{
    LLVMValueRef cut = LLVMBuildTrunc(gen->builder, to_int(gen, value), narrow, "");
    return is_signed(type) ? LLVMBuildSExt(gen->builder, cut, gen->i32, "") : LLVMBuildZExt(gen->builder, cut, gen->i32, "");
}

static bool is_floating(CType type)
{
    return type == C_F32 || type == C_F64;
}

/* C may look at the sign of a nan, printf does.  The language has none, and which one arises differs between the processor
   and LLVM's folding of constants; so C sees the positive one. */
static LLVMValueRef without_sign_of_nan(Gen *gen, LLVMValueRef value)
{
    if (LLVMTypeOf(value) != gen->scalar_types[SCALAR_DOUBLE])
        return value;
    LLVMValueRef is_nan = LLVMBuildFCmp(gen->builder, LLVMRealUNO, value, value, "");
    LLVMValueRef nan = LLVMConstReal(gen->scalar_types[SCALAR_DOUBLE], NAN);
    return LLVMBuildSelect(gen->builder, is_nan, nan, value, "");
}

static LLVMValueRef to_c(Gen *gen, LLVMValueRef value, CType type)
{
    switch (type) {
    case C_BOOL: return LLVMBuildZExt(gen->builder, to_bool(gen, value), gen->i32, "");
    case C_I8:
    case C_U8: return to_narrow(gen, value, gen->i8, type);
    case C_I16:
    case C_U16: return to_narrow(gen, value, gen->i16, type);
    case C_I32:
    case C_U32: return LLVMBuildTrunc(gen->builder, to_int(gen, value), gen->i32, "");
    case C_I64:
    case C_U64: return to_int(gen, value);
    case C_F32: return LLVMBuildFPTrunc(gen->builder, to_double(gen, value), gen->float32, "");
    case C_F64: return to_double(gen, value);
    case C_VOID:
    case C_POINTER:
    case C_STRING: break;
    }
    return to_pointer(gen, value);
}

/* A C result as i64, double or pointer. */
static LLVMValueRef widen(Gen *gen, LLVMValueRef value, CType type)
{
    LLVMTypeRef i64 = gen->scalar_types[SCALAR_I64];
    switch (type) {
    case C_F32: return LLVMBuildFPExt(gen->builder, value, gen->scalar_types[SCALAR_DOUBLE], "");
    case C_I8:
    case C_I16:
    case C_I32: return LLVMBuildSExt(gen->builder, value, i64, "");
    case C_BOOL:
    case C_U8:
    case C_U16:
    case C_U32: return LLVMBuildZExt(gen->builder, value, i64, "");
    default: return value;
    }
}

static LLVMValueRef to_scalar(Gen *gen, LLVMValueRef value, Scalar scalar)
{
    switch (scalar) {
    case SCALAR_I64: return to_int(gen, value);
    case SCALAR_BOOL: return to_bool(gen, value);
    case SCALAR_DOUBLE: return to_double(gen, value);
    default: return to_pointer(gen, value);
    }
}

/* ---- calling C --------------------------------------------------------------------------------------------------- */

/* LLVM takes meaning from names that start with "llvm."; behind a \1 it does not look.  Ours contain a dot, too. */
static LLVMValueRef declare(Gen *gen, NameId c_name, LLVMTypeRef type)
{
    uint32_t length = name_length(&gen->session->names, c_name);
    char *name = arena_push(gen->scratch, length + 2);
    memcpy(name + 1, name_text(&gen->session->names, c_name), length);
    name[0] = '\1';
    name[length + 1] = 0;
    const char *symbol = memchr(name, '.', length + 1) != NULL ? name : name + 1;
    LLVMValueRef known = LLVMGetNamedFunction(gen->module, symbol);
    return known != NULL ? known : LLVMAddFunction(gen->module, symbol, type);
}

static LLVMTypeRef prototype(Gen *gen, const IrExtern *callee)
{
    LLVMTypeRef *types = arena_push(gen->scratch, callee->n_params * sizeof(LLVMTypeRef) + 1);
    for (uint32_t i = 0; i < callee->n_params; i++)
        types[i] = argument_type(gen, gen->ir->c_types[callee->first_param + i]);
    return LLVMFunctionType(result_type(gen, callee->result), types, callee->n_params, callee->variadic);
}

static UnitEntry extern_function(Gen *gen, uint32_t id)
{
    UnitEntry *entry = &gen->externs[id];
    if (entry->unit != gen->unit) {
        const IrExtern *callee = &gen->ir->externs[id];
        entry->unit = gen->unit;
        entry->type = prototype(gen, callee);
        entry->value = declare(gen, callee->c_name, entry->type);
    }
    return *entry;
}

static LLVMValueRef from_c(Gen *gen, LLVMValueRef value, CType c_type, TypeId type)
{
    const Layout *layout = layout_of(&gen->layouts, type);
    if (c_type == C_VOID)
        value = gen_int(gen, 0);
    LLVMValueRef scalar = to_scalar(gen, widen(gen, value, c_type), layout->scalars[0].scalar);
    if (type_kind(gen->types, type) == TYPE_STRING) /* C's memory may change or go away: the bytes are copied */
        return gen_call_runtime(gen, RUNTIME_string_from_c, &scalar);
    return scalar;
}

void gen_call_extern(Gen *gen, const IrCall *instruction, ValueId at)
{
    const IrExtern *callee = &gen->ir->externs[instruction->callee];
    UnitEntry function = extern_function(gen, instruction->callee);
    uint32_t n = 0;
    for (uint32_t i = 0; i < instruction->n; i++) {
        if (gen_layout_of(gen, instruction->arguments[i])->n == 0)
            continue;
        LLVMValueRef value = gen_scalar(gen, instruction->arguments[i]);
        if (!is_floating(callee->result)) /* sqrt and the like make a nan of a nan, and should cost nothing */
            value = without_sign_of_nan(gen, value);
        value = n < callee->n_params ? to_c(gen, value, gen->ir->c_types[callee->first_param + n])
                                     : gen_pass(gen, value); /* as C's default promotions do */
        *(LLVMValueRef *)array_push(gen->arguments, 1) = value;
        n++;
    }
    LLVMValueRef result = LLVMBuildCall2(gen->builder, function.type, function.value,
                                         (LLVMValueRef *)(void *)gen->arguments->items, n, "");
    LLVMAddCallSiteAttribute(result, (LLVMAttributeIndex)LLVMAttributeFunctionIndex, gen->nounwind);
    array_truncate(gen->arguments, 0);
    TypeId type = {instruction->head.type};
    LLVMValueRef scalar = NULL;
    uint32_t n_results = layout_of(&gen->layouts, type)->n;
    if (n_results > 0)
        scalar = from_c(gen, result, callee->result, type);
    gen_define(gen, at, &scalar, n_results);
}

/* ---- called by C ------------------------------------------------------------------------------------------------- */

/* A caller need not widen what it passes: only the type's own bits count. */
static LLVMValueRef cut_argument(Gen *gen, LLVMValueRef argument, CType type)
{
    switch (type) {
    case C_BOOL:
    case C_I8: return LLVMBuildTrunc(gen->builder, argument, gen->i8, "");
    case C_I16: return LLVMBuildTrunc(gen->builder, argument, gen->i16, "");
    default: return argument;
    }
}

/* The types of what C passes: the parameters of the function type that it expects. */
static uint32_t c_parameters(Gen *gen, TypeId expected, CType *types)
{
    uint32_t n = 0;
    for (uint32_t i = 0; i < type_n_params(gen->types, expected); i++) {
        CType type = ir_c_type(gen->types, type_param(gen->types, expected, i));
        if (type != C_VOID)
            types[n++] = type;
    }
    return n;
}

/* Fills the body of an adapter: converts its arguments, calls the Pole function, converts the result. */
static void fill_adapter(Gen *gen, LLVMValueRef adapter, FunctionId id, const CType *c_types, CType result_c_type)
{
    const IrFunction *callee = &gen->ir->functions[id.i];
    const uint32_t *words = gen->ir->words + callee->first_word;
    uint32_t n_params = ((const IrBlock *)(const void *)words)->n_params, n = 0;
    UnitEntry function = gen_function(gen, id);
    LLVMBasicBlockRef before = LLVMGetInsertBlock(gen->builder);
    LLVMMetadataRef place = LLVMGetCurrentDebugLocation2(gen->builder);
    LLVMSetCurrentDebugLocation2(gen->builder, NULL); /* C calls it: it stands nowhere in the source */
    LLVMPositionBuilderAtEnd(gen->builder, LLVMAppendBasicBlockInContext(gen->context, adapter, ""));
    gen_trail_nowhere(gen);
    LLVMValueRef *arguments = arena_push(gen->scratch, n_params * sizeof(LLVMValueRef) + 1);
    for (uint32_t i = 0; i < n_params; i++) {
        TypeId type = {((const IrHead *)(const void *)(words + sizeof(IrBlock) / sizeof(uint32_t) + i))->type};
        if (type_kind(gen->types, type) == TYPE_UNIT)
            continue;
        LLVMValueRef argument = cut_argument(gen, LLVMGetParam(adapter, n), c_types[n]);
        arguments[n] = gen_pass(gen, from_c(gen, argument, c_types[n], type));
        n++;
    }
    LLVMValueRef result = LLVMBuildCall2(gen->builder, function.type, function.value, arguments, n, "");
    if (result_c_type == C_VOID)
        LLVMBuildRetVoid(gen->builder);
    else
        LLVMBuildRet(gen->builder, to_c(gen, without_sign_of_nan(gen, result), result_c_type));
    LLVMPositionBuilderAtEnd(gen->builder, before);
    LLVMSetCurrentDebugLocation2(gen->builder, place);
}

static LLVMValueRef make_adapter(Gen *gen, FunctionId id, TypeId expected)
{
    uint32_t n_params = type_n_params(gen->types, expected);
    CType *c_types = arena_push(gen->scratch, n_params * sizeof(CType) + 1);
    CType result = ir_c_type(gen->types, type_result(gen->types, expected));
    LLVMTypeRef *types = arena_push(gen->scratch, n_params * sizeof(LLVMTypeRef) + 1);
    uint32_t n = c_parameters(gen, expected, c_types);
    for (uint32_t i = 0; i < n; i++)
        types[i] = argument_type(gen, c_types[i]);
    LLVMTypeRef type = LLVMFunctionType(argument_type(gen, result), types, n, 0);
    LLVMValueRef adapter = LLVMAddFunction(gen->module, "pole-for-c", type); /* LLVM numbers them */
    LLVMSetLinkage(adapter, LLVMInternalLinkage);
    gen_attribute(adapter, gen->nounwind);
    fill_adapter(gen, adapter, id, c_types, result);
    return adapter;
}

/* A function is rarely passed as two types of function, so that only its last adapter is remembered. */
void gen_c_function(Gen *gen, const IrIndex *instruction, ValueId at)
{
    CAdapter *entry = &gen->c_adapters[instruction->index];
    TypeId type = {instruction->head.type};
    if (entry->unit != gen->unit || entry->expected.i != type.i)
        *entry = (CAdapter){make_adapter(gen, (FunctionId){instruction->index}, type), type, gen->unit};
    gen_define_one(gen, at, entry->value);
}

void gen_c_symbol(Gen *gen, const IrIndex *instruction, ValueId at)
{
    gen_define_one(gen, at, extern_function(gen, instruction->index).value);
}
