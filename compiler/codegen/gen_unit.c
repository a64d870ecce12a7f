/*
 * Units: an LLVM context and a module for about a hundred functions, and what has been declared in it.
 *
 * LLVM's memory grows with what it holds at once and its passes touch all of it, so small modules are both faster and
 * leaner than one big one (figures: UNIT_FUNCTIONS in codegen.c).  The price is that functions of different units call each
 * other by name: such names are hidden until the units' objects are joined, which makes them local.  A lone unit's functions
 * are internal from the start.
 */
#include "codegen/debug.h"
#include "codegen/gen.h"

#include <stdio.h>
#include <string.h>

/* ---- beginning and end ------------------------------------------------------------------------------------------- */

/* LLVM's encoding of memory(...): two bits for each kind of memory, 1 is "reads", 3 "reads and writes". */
enum {
    MEMORY_READ = 1 | 1 << 2 | 1 << 4,
    MEMORY_INTERNAL = 3 << 2, /* none that the program sees: an allocator's own.  A collection reads the program's, too, but
                                 cares only for what is reachable, which LLVM preserves */
    MEMORY_INTERNAL_AND_READ_ARGUMENTS = MEMORY_INTERNAL | 1,
};

/* LLVM's encoding of allockind(...) and of allocsize(0). */
enum { ALLOCATES = 1, UNINITIALIZED = 1 << 3, ZEROED = 1 << 4 };
static const uint64_t size_is_first_argument = UINT32_MAX;

static LLVMAttributeRef attribute(Gen *gen, const char *name, uint64_t value)
{
    return LLVMCreateEnumAttribute(gen->context, LLVMGetEnumAttributeKindForName(name, strlen(name)), value);
}

static void make_types(Gen *gen)
{
    LLVMContextRef context = gen->context;
    gen->scalar_types[SCALAR_I64] = LLVMInt64TypeInContext(context);
    gen->scalar_types[SCALAR_BOOL] = LLVMInt1TypeInContext(context);
    gen->scalar_types[SCALAR_DOUBLE] = LLVMDoubleTypeInContext(context);
    gen->scalar_types[SCALAR_PTR] = LLVMPointerTypeInContext(context, 0);
    gen->i8 = LLVMInt8TypeInContext(context);
    gen->i16 = LLVMInt16TypeInContext(context);
    gen->i32 = LLVMInt32TypeInContext(context);
    gen->float32 = LLVMFloatTypeInContext(context);
    gen->nothing = LLVMVoidTypeInContext(context);
    LLVMTypeRef i64 = gen->scalar_types[SCALAR_I64];
    LLVMTypeRef members[] = {i64, i64, i64, gen->scalar_types[SCALAR_PTR]};
    gen->descriptor = LLVMStructTypeInContext(context, members, 4, 0);
    static const char lasting[] = "invariant.group";
    gen->lasting_kind = LLVMGetMDKindIDInContext(context, lasting, sizeof lasting - 1);
    gen->lasting = LLVMMetadataAsValue(context, LLVMMDNodeInContext2(context, NULL, 0));
    gen->nounwind = attribute(gen, "nounwind", 0);
    gen->noreturn = attribute(gen, "noreturn", 0);
    gen->cold = attribute(gen, "cold", 0);
    gen->noalias = attribute(gen, "noalias", 0);
    gen->willreturn = attribute(gen, "willreturn", 0);
    gen->inlinehint = attribute(gen, "inlinehint", 0);
    gen->nonnull = attribute(gen, "nonnull", 0);
    gen->nocapture = attribute(gen, "nocapture", 0);
    gen->reads = attribute(gen, "memory", MEMORY_READ);
    gen->allocates = attribute(gen, "memory", MEMORY_INTERNAL);
    gen->copies = attribute(gen, "memory", MEMORY_INTERNAL_AND_READ_ARGUMENTS);
    gen->fresh = attribute(gen, "allockind", ALLOCATES | UNINITIALIZED);
    gen->fresh_zeroed = attribute(gen, "allockind", ALLOCATES | ZEROED);
    gen->of_size = attribute(gen, "allocsize", size_is_first_argument);
    gen->family = LLVMCreateStringAttribute(gen->context, "alloc-family", 12, "pole", 4);
}

/* The path without its directories: the module's name must not depend on where the compiler was started. */
static const char *module_name(const Gen *gen)
{
    const SourceFile *file = (const SourceFile *)(const void *)gen->session->text.files->items;
    return gen->session->text.files->count > 0 ? file->path : "polec";
}

void gen_unit_begin(Gen *gen)
{
    gen->unit++;
    gen->scratch = &gen->session->scratch;
    arena_open(gen->scratch, gen->arena->account, "codegen scratch");
    gen->strings = arena_array(gen->scratch, "pooled string", sizeof(PooledString));
    gen->pending = arena_array(gen->scratch, "descriptor to write", sizeof(PendingDescriptor));
    gen->arguments = arena_array(gen->scratch, "argument", sizeof(LLVMValueRef));
    gen->scalars = arena_array(gen->scratch, "scalar", sizeof(LLVMValueRef));
    gen->slots = arena_array(gen->scratch, "stack slot", sizeof(StackSlot));
    gen->tags = arena_array(gen->scratch, "tag constant", sizeof(LLVMValueRef));
    gen->releases = NULL;
    gen->string_slots = NULL;
    gen->n_string_slots = 0;

    CodegenHeap *heap = gen->heap;
    gen->context = heap->context = LLVMContextCreate();
    LLVMContextSetDiscardValueNames(gen->context, 0);
    gen->module = heap->module = LLVMModuleCreateWithNameInContext(module_name(gen), gen->context);
    gen->builder = heap->builder = LLVMCreateBuilderInContext(gen->context);
    gen->entry_builder = heap->entry_builder = LLVMCreateBuilderInContext(gen->context);
    LLVMSetTarget(gen->module, "x86_64-pc-linux-gnu");
    LLVMTargetDataRef data_layout = LLVMCreateTargetDataLayout(heap->machine);
    LLVMSetModuleDataLayout(gen->module, data_layout);
    LLVMDisposeTargetData(data_layout);
    make_types(gen);
    gen->debug = NULL;
    if (gen->options->debug_information && !gen->keeps_trail) /* a trail uses debug locations for its own ends */
        debug_begin(gen);
}

void gen_unit_end(Gen *gen)
{
    CodegenHeap *heap = gen->heap;
    LLVMDisposeBuilder(heap->entry_builder);
    LLVMDisposeBuilder(heap->builder);
    LLVMDisposeModule(heap->module);
    LLVMContextDispose(heap->context);
    heap->entry_builder = heap->builder = NULL;
    heap->module = NULL;
    heap->context = NULL;
    /* LIFETIME: what the generator, which lives on, knew of this unit's scratch. */
    gen->string_slots = NULL;
    gen->capture_offsets = NULL;
    gen->accumulates = NULL;
    gen->pushes_a_turn = NULL;
    gen->releases = gen->versions = gen->returns = NULL;
    gen->debug = NULL;
    arena_free(gen->scratch);
}

/* ---- declarations ------------------------------------------------------------------------------------------------ */

void gen_attribute(LLVMValueRef function, LLVMAttributeRef added)
{
    LLVMAddAttributeAtIndex(function, (LLVMAttributeIndex)LLVMAttributeFunctionIndex, added);
}

LLVMValueRef gen_new_constant(Gen *gen, LLVMValueRef initializer, unsigned alignment)
{
    LLVMValueRef global = LLVMAddGlobal(gen->module, LLVMTypeOf(initializer), "");
    LLVMSetInitializer(global, initializer);
    LLVMSetGlobalConstant(global, 1);
    LLVMSetLinkage(global, LLVMPrivateLinkage);
    /* What is nothing but an address, LLVM 19 would take for an entry of the global offset table, and forget to emit it if
       both its own tables and code use it. */
    if (LLVMIsAGlobalValue(initializer) == NULL)
        LLVMSetUnnamedAddress(global, LLVMGlobalUnnamedAddr);
    LLVMSetAlignment(global, alignment);
    return global;
}

/* One scalar comes back in a register.  Up to three could, as a struct of LLVM's; but such values are slow to compile with
   -O0, where they leave fast instruction selection, so only optimised code does it. */
bool gen_result_in_memory(const Gen *gen, const Layout *result)
{
    return result->n > (gen->options->optimization > 0 ? 3 : 1);
}

LLVMTypeRef gen_passed_type(const Gen *gen, uint8_t scalar)
{
    return scalar == SCALAR_BOOL ? gen->i32 : gen->scalar_types[scalar];
}

LLVMValueRef gen_pass(Gen *gen, LLVMValueRef scalar)
{
    if (LLVMTypeOf(scalar) != gen->scalar_types[SCALAR_BOOL])
        return scalar;
    return LLVMBuildZExt(gen->builder, scalar, gen->i32, "");
}

LLVMValueRef gen_receive(Gen *gen, LLVMValueRef passed, uint8_t scalar)
{
    if (scalar != SCALAR_BOOL)
        return passed;
    return LLVMBuildTrunc(gen->builder, passed, gen->scalar_types[SCALAR_BOOL], "");
}

static LLVMTypeRef returned_type(Gen *gen, const Layout *result)
{
    LLVMTypeRef types[MAX_SCALARS];
    for (uint32_t i = 0; i < result->n; i++)
        types[i] = gen_passed_type(gen, result->scalars[i].scalar);
    if (result->n == 0)
        return gen->nothing;
    return result->n == 1 ? types[0] : LLVMStructTypeInContext(gen->context, types, result->n, 0);
}

void gen_return(Gen *gen, const Layout *result, const LLVMValueRef *scalars)
{
    if (gen_result_in_memory(gen, result))
        gen_store(gen, gen->result_address, 0, result, scalars);
    if (result->n == 0 || gen_result_in_memory(gen, result)) {
        LLVMBuildRetVoid(gen->builder);
        return;
    }
    LLVMValueRef passed[MAX_SCALARS];
    for (uint32_t i = 0; i < result->n; i++)
        passed[i] = gen_pass(gen, scalars[i]);
    if (result->n == 1)
        LLVMBuildRet(gen->builder, passed[0]);
    else
        LLVMBuildAggregateRet(gen->builder, passed, result->n);
}

/* `slot`: where the results are, if they come in memory. */
void gen_take_result(Gen *gen, const Layout *result, LLVMValueRef returned, LLVMValueRef slot, LLVMValueRef *scalars)
{
    if (gen_result_in_memory(gen, result)) {
        gen_load(gen, slot, 0, result, scalars);
        return;
    }
    for (uint32_t i = 0; i < result->n; i++) {
        LLVMValueRef one = result->n == 1 ? returned : LLVMBuildExtractValue(gen->builder, returned, i, "");
        scalars[i] = gen_receive(gen, one, result->scalars[i].scalar);
    }
}

LLVMTypeRef gen_function_type(Gen *gen, const LLVMTypeRef *parameters, uint32_t n, const Layout *result)
{
    if (!gen_result_in_memory(gen, result))
        return LLVMFunctionType(returned_type(gen, result), (LLVMTypeRef *)parameters, n, 0);
    LLVMTypeRef *with_result = arena_push(gen->scratch, (n + 1) * sizeof(LLVMTypeRef));
    with_result[0] = gen->scalar_types[SCALAR_PTR];
    for (uint32_t i = 0; i < n; i++)
        with_result[i + 1] = parameters[i];
    return LLVMFunctionType(gen->nothing, with_result, n + 1, 0);
}

static uint32_t entry_parameters(const Ir *ir, const IrFunction *function)
{
    return ((const IrBlock *)(const void *)(ir->words + function->first_word))->n_params;
}

static const Layout *entry_parameter(Gen *gen, const IrFunction *function, uint32_t index)
{
    uint32_t word = function->first_word + (uint32_t)(sizeof(IrBlock) / 4 + index * (sizeof(IrPlain) / 4));
    return layout_of(&gen->layouts, (TypeId){((const IrHead *)(const void *)(gen->ir->words + word))->type});
}

static LLVMTypeRef type_of_function(Gen *gen, const IrFunction *function)
{
    uint32_t n_params = entry_parameters(gen->ir, function), n = 0;
    bool closure = function->flags & IR_CLOSURE_BODY;
    LLVMTypeRef *types = arena_push(gen->scratch, (n_params * MAX_SCALARS + 1) * sizeof(LLVMTypeRef));
    if (closure)
        types[n++] = gen->scalar_types[SCALAR_PTR];
    for (uint32_t i = 0; i < n_params; i++) {
        const Layout *layout = entry_parameter(gen, function, i);
        for (uint32_t k = 0; k < layout->n; k++)
            types[n++] = gen_passed_type(gen, layout->scalars[k].scalar);
    }
    return gen_function_type(gen, types, n, layout_of(&gen->layouts, function->result));
}

/* The dot keeps them apart from C's names.  Lambdas, instances of generic functions and functions of different modules may share a name: they get a number. */
const char *gen_function_symbol(Gen *gen, Arena *arena, FunctionId id)
{
    const IrFunction *function = &gen->ir->functions[id.i];
    const Names *names = &gen->session->names;
    size_t room = name_length(names, function->name) + 24;
    char *symbol = arena_push(arena, room);
    if (function->flags & IR_TEST)
        snprintf(symbol, room, "poletest.%u", id.i);
    else if (function->flags & IR_CLOSURE_BODY || function->instance.i != 0 || gen->name_is_taken[id.i])
        snprintf(symbol, room, "pole.%.*s.%u", NAME_ARGS(names, function->name), id.i);
    else
        snprintf(symbol, room, "pole.%.*s", NAME_ARGS(names, function->name));
    return symbol;
}

UnitEntry gen_function(Gen *gen, FunctionId id)
{
    UnitEntry *entry = &gen->functions[id.i];
    if (entry->unit == gen->unit)
        return *entry;
    const IrFunction *function = &gen->ir->functions[id.i];
    entry->unit = gen->unit;
    entry->type = type_of_function(gen, function);
    entry->value = LLVMAddFunction(gen->module, gen_function_symbol(gen, gen->scratch, id), entry->type);
    gen_attribute(entry->value, gen->nounwind);
    if (function->flags & IR_TEST) /* found by name when it is run */
        LLVMSetLinkage(entry->value, LLVMExternalLinkage);
    else if (gen->n_units == 1)
        LLVMSetLinkage(entry->value, LLVMInternalLinkage);
    else
        LLVMSetVisibility(entry->value, LLVMHiddenVisibility);
    return *entry;
}

/* ---- the run-time library ---------------------------------------------------------------------------------------- */

typedef struct { const char *name, *parameters; char result, effect; } RuntimeSignature;

static const RuntimeSignature signatures[N_RUNTIME] = {
#define RUNTIME(name, result, parameters, effect) [RUNTIME_##name] = {"pole_" #name, parameters, result, effect},
#include "codegen/runtime_calls.def"
#undef RUNTIME
};

static LLVMTypeRef type_of_letter(Gen *gen, char letter)
{
    switch (letter) {
    case 'i': return gen->scalar_types[SCALAR_I64];
    case 'b': return gen->scalar_types[SCALAR_BOOL];
    case 'd': return gen->scalar_types[SCALAR_DOUBLE];
    case 'p': return gen->scalar_types[SCALAR_PTR];
    default: return gen->nothing;
    }
}

static void returns_fresh(Gen *gen, LLVMValueRef function)
{
    LLVMAddAttributeAtIndex(function, LLVMAttributeReturnIndex, gen->noalias);
    LLVMAddAttributeAtIndex(function, LLVMAttributeReturnIndex, gen->nonnull);
}

static void add_effect(Gen *gen, LLVMValueRef function, char effect)
{
    switch (effect) {
    case 'n':
        gen_attribute(function, gen->noreturn);
        gen_attribute(function, gen->cold);
        break;
    case 'a':
    case 'z':
        returns_fresh(gen, function);
        gen_attribute(function, gen->allocates);
        gen_attribute(function, effect == 'z' ? gen->fresh_zeroed : gen->fresh);
        gen_attribute(function, gen->of_size);
        gen_attribute(function, gen->family);
        break;
    case 'c':
        returns_fresh(gen, function);
        gen_attribute(function, gen->copies);
        gen_attribute(function, gen->cold);
        LLVMAddAttributeAtIndex(function, 1, gen->nocapture);
        break;
    case 'r':
        gen_attribute(function, gen->reads);
        gen_attribute(function, gen->willreturn);
        break;
    }
}

static UnitEntry runtime_function(Gen *gen, RuntimeFunction id)
{
    UnitEntry *entry = &gen->runtime[id];
    if (entry->unit == gen->unit)
        return *entry;
    const RuntimeSignature *signature = &signatures[id];
    LLVMTypeRef parameters[8];
    unsigned n = 0;
    for (const char *letter = signature->parameters; *letter != 0; letter++)
        parameters[n++] = type_of_letter(gen, *letter);
    entry->unit = gen->unit;
    entry->type = LLVMFunctionType(type_of_letter(gen, signature->result), parameters, n, 0);
    entry->value = LLVMGetNamedFunction(gen->module, signature->name); /* a program's extern may have the same name */
    if (entry->value == NULL)
        entry->value = LLVMAddFunction(gen->module, signature->name, entry->type);
    gen_attribute(entry->value, gen->nounwind);
    add_effect(gen, entry->value, signature->effect);
    return *entry;
}

LLVMValueRef gen_call_runtime(Gen *gen, RuntimeFunction id, const LLVMValueRef *arguments)
{
    UnitEntry function = runtime_function(gen, id);
    unsigned n = (unsigned)strlen(signatures[id].parameters);
    return LLVMBuildCall2(gen->builder, function.type, function.value, (LLVMValueRef *)arguments, n, "");
}
