/*
 * Calls of Pole functions, function values, and lazy cells.
 *
 * A function value is a pointer to a closure object: the code's address, then the captured values; between them, if there
 * are two parameters or more, how many of them the first stage takes (see ir/partial.c).  The code takes the
 * object as its first argument (behind the address for results, if there is one).  Without captures, or with constant
 * ones, the object is a constant.
 *
 * A lazy cell is { i64 done, closure, value }.  The value is computed when it is first asked for; then the closure is
 * forgotten, so that what it captured can be collected.
 */
#include "codegen/gen.h"

enum { CELL_DONE = 0, CELL_CLOSURE = 8, CELL_VALUE = 16 };
enum { CLOSURE_STAGE = 8 };

/* ---- calls ------------------------------------------------------------------------------------------------------- */

static void push_argument(Gen *gen, LLVMValueRef argument)
{
    *(LLVMValueRef *)array_push(gen->arguments, 1) = argument;
}

static void push_values(Gen *gen, const ValueId *values, uint32_t n)
{
    for (uint32_t i = 0; i < n; i++) {
        uint32_t count = gen_layout_of(gen, values[i])->n;
        for (uint32_t k = 0; k < count; k++)
            push_argument(gen, gen_pass(gen, gen_scalars(gen, values[i])[k]));
    }
}

/* Room for results that do not fit a register becomes the first argument. */
static LLVMValueRef push_result_slot(Gen *gen, const Layout *result)
{
    if (!gen_result_in_memory(gen, result))
        return NULL;
    LLVMValueRef slot = gen_stack_slot(gen, result->size);
    push_argument(gen, slot);
    return slot;
}

/* Calls with what has been pushed. */
static void call(Gen *gen, LLVMTypeRef type, LLVMValueRef function, const Layout *result, LLVMValueRef slot,
                 LLVMValueRef *scalars)
{
    LLVMValueRef value = LLVMBuildCall2(gen->builder, type, function, (LLVMValueRef *)(void *)gen->arguments->items,
                                        (unsigned)gen->arguments->count, "");
    array_truncate(gen->arguments, 0);
    if (LLVMIsAFunction(function) == NULL)
        LLVMAddCallSiteAttribute(value, (LLVMAttributeIndex)LLVMAttributeFunctionIndex, gen->nounwind);
    gen_take_result(gen, result, value, slot, scalars);
}

void gen_call(Gen *gen, const IrCall *instruction, ValueId at)
{
    FunctionId callee = {instruction->callee};
    const Layout *result = layout_of(&gen->layouts, gen->ir->functions[callee.i].result);
    UnitEntry function = gen_function(gen, callee);
    LLVMValueRef slot = push_result_slot(gen, result), scalars[MAX_SCALARS];
    push_values(gen, instruction->arguments, instruction->n);
    call(gen, function.type, function.value, result, slot, scalars);
    gen_define(gen, at, scalars, result->n);
}

/* The type of the code behind a function value; `type` 0: it takes nothing. */
static LLVMTypeRef closure_code_type(Gen *gen, TypeId type, const Layout *result)
{
    uint32_t n_params = type.i == 0 ? 0 : type_n_params(gen->types, type), n = 0;
    LLVMTypeRef *parameters = arena_push(gen->scratch, (n_params * MAX_SCALARS + 1) * sizeof(LLVMTypeRef));
    parameters[n++] = gen->scalar_types[SCALAR_PTR];
    for (uint32_t i = 0; i < n_params; i++) {
        const Layout *layout = layout_of(&gen->layouts, type_param(gen->types, type, i));
        for (uint32_t k = 0; k < layout->n; k++)
            parameters[n++] = gen_passed_type(gen, layout->scalars[k].scalar);
    }
    return gen_function_type(gen, parameters, n, result);
}

static void call_closure(Gen *gen, TypeId type, const Layout *result, LLVMValueRef closure, const ValueId *arguments,
                         uint32_t n, LLVMValueRef *scalars)
{
    LLVMTypeRef code_type = closure_code_type(gen, type, result);
    LLVMValueRef slot = push_result_slot(gen, result);
    push_argument(gen, closure);
    push_values(gen, arguments, n);
    LLVMValueRef code = gen_load_lasting_scalar(gen, closure, 0, SCALAR_PTR);
    call(gen, code_type, code, result, slot, scalars);
}

void gen_call_value(Gen *gen, const IrCall *instruction, ValueId at)
{
    ValueId callee = {instruction->callee};
    LLVMValueRef scalars[MAX_SCALARS];
    TypeId type = gen_type_of(gen, callee);
    const Layout *result = layout_of(&gen->layouts, type_result(gen->types, type));
    call_closure(gen, type, result, gen_scalar(gen, callee), instruction->arguments, instruction->n, scalars);
    gen_define(gen, at, scalars, result->n);
}

/* ---- closures ---------------------------------------------------------------------------------------------------- */

static uint32_t place_capture(const Layout *layout, uint32_t *offset)
{
    uint32_t at = (*offset + layout->alignment - 1) / layout->alignment * layout->alignment;
    *offset = at + layout->size;
    return at;
}

static bool has_stage(const Gen *gen, TypeId type)
{
    return type_n_params(gen->types, type) > 1;
}

static uint32_t first_capture(const Gen *gen, TypeId type)
{
    return has_stage(gen, type) ? CLOSURE_STAGE + 8 : CLOSURE_STAGE;
}

static LLVMValueRef stage_of(Gen *gen, const IrCall *closure)
{
    return gen_int(gen, gen->ir->functions[closure->callee].flags >> IR_STAGE_SHIFT);
}

/* What making a closure needs to know of its captures. */
typedef struct { uint32_t size, n_scalars; bool plain, constant; } Captures;

static Captures look_at_captures(Gen *gen, const IrCall *instruction)
{
    Captures captures = {first_capture(gen, (TypeId){instruction->head.type}), 0, true, true};
    for (uint32_t i = 0; i < instruction->n; i++) {
        const Layout *layout = gen_layout_of(gen, instruction->arguments[i]);
        place_capture(layout, &captures.size);
        captures.plain = captures.plain && layout->plain;
        captures.n_scalars += layout->n;
        for (uint32_t k = 0; k < layout->n; k++)
            captures.constant = captures.constant && LLVMIsConstant(gen_scalars(gen, instruction->arguments[i])[k]);
    }
    return captures;
}

static LLVMValueRef constant_closure(Gen *gen, const IrCall *instruction, const Captures *captures, LLVMValueRef code)
{
    TypeId type = {instruction->head.type};
    ConstantObject object = gen_object_begin(gen, captures->n_scalars + 2);
    gen_object_add(gen, &object, 0, code, SCALAR_PTR);
    if (has_stage(gen, type))
        gen_object_add(gen, &object, CLOSURE_STAGE, stage_of(gen, instruction), SCALAR_I64);
    uint32_t offset = first_capture(gen, type);
    for (uint32_t i = 0; i < instruction->n; i++) {
        const Layout *layout = gen_layout_of(gen, instruction->arguments[i]);
        uint32_t start = place_capture(layout, &offset);
        for (uint32_t k = 0; k < layout->n; k++)
            gen_object_add(gen, &object, start + layout->scalars[k].offset, gen_scalars(gen, instruction->arguments[i])[k],
                           layout->scalars[k].scalar);
    }
    return gen_new_constant(gen, gen_object_end(gen, &object, captures->size), 8);
}

void gen_closure(Gen *gen, const IrCall *instruction, ValueId at)
{
    LLVMValueRef code = gen_function(gen, (FunctionId){instruction->callee}).value;
    Captures captures = look_at_captures(gen, instruction);
    if (captures.constant) {
        gen_define_one(gen, at, constant_closure(gen, instruction, &captures, code));
        return;
    }
    LLVMValueRef object = gen_allocate(gen, gen_int(gen, captures.size), captures.plain);
    TypeId type = {instruction->head.type};
    gen_store_lasting_scalar(gen, object, 0, code);
    if (has_stage(gen, type))
        gen_store_lasting_scalar(gen, object, CLOSURE_STAGE, stage_of(gen, instruction));
    uint32_t offset = first_capture(gen, type);
    for (uint32_t i = 0; i < instruction->n; i++) {
        const Layout *layout = gen_layout_of(gen, instruction->arguments[i]);
        gen_store_lasting(gen, object, place_capture(layout, &offset), layout, gen_scalars(gen, instruction->arguments[i]));
    }
    gen_define_one(gen, at, object);
}

/* Where the captured values of the running closure lie: their types stand where the closure is made. */
static const uint32_t *capture_offsets(Gen *gen)
{
    const ClosureSite *site = &gen->closure_sites[gen->current_id.i];
    const IrFunction *maker = &gen->ir->functions[site->maker.i];
    const IrCall *closure = (const void *)ir_head(gen->ir, maker, site->closure);
    uint32_t *offsets = arena_push(gen->scratch, closure->n * sizeof(uint32_t) + 1);
    uint32_t offset = first_capture(gen, (TypeId){closure->head.type});
    for (uint32_t i = 0; i < closure->n; i++) {
        TypeId type = {ir_head(gen->ir, maker, closure->arguments[i])->type};
        offsets[i] = place_capture(layout_of(&gen->layouts, type), &offset);
    }
    return offsets;
}

void gen_capture(Gen *gen, const IrIndex *instruction, ValueId at)
{
    if (gen->capture_offsets == NULL)
        gen->capture_offsets = capture_offsets(gen);
    const Layout *layout = layout_of(&gen->layouts, (TypeId){instruction->head.type});
    LLVMValueRef scalars[MAX_SCALARS];
    gen_load_lasting(gen, gen->closure, gen->capture_offsets[instruction->index], layout, scalars);
    gen_define(gen, at, scalars, layout->n);
}

void gen_stage_is(Gen *gen, const IrSelect *instruction, ValueId at)
{
    LLVMValueRef stage = gen_load_lasting_scalar(gen, gen_scalar(gen, instruction->value), CLOSURE_STAGE, SCALAR_I64);
    gen_define_one(gen, at, LLVMBuildICmp(gen->builder, LLVMIntEQ, stage, gen_int(gen, instruction->index), ""));
}

void gen_first_stage(Gen *gen, const IrSelect *instruction, ValueId at)
{
    uint32_t offset = first_capture(gen, gen_type_of(gen, instruction->value));
    gen_define_one(gen, at, gen_load_lasting_scalar(gen, gen_scalar(gen, instruction->value), offset, SCALAR_PTR));
}

/* ---- lazy cells -------------------------------------------------------------------------------------------------- */

void gen_lazy(Gen *gen, const IrIndex *instruction, ValueId at)
{
    const Layout *value = layout_of(&gen->layouts, type_part(gen->types, (TypeId){instruction->head.type}, 0));
    LLVMValueRef cell = gen_allocate(gen, gen_int(gen, CELL_VALUE + value->size), false);
    gen_store_scalar(gen, cell, CELL_DONE, gen_int(gen, 0));
    gen_store_scalar(gen, cell, CELL_CLOSURE, gen_scalar(gen, (ValueId){instruction->index}));
    gen_define_one(gen, at, cell);
}

void gen_force(Gen *gen, const IrUnary *instruction, ValueId at)
{
    LLVMValueRef cell = gen_scalar(gen, instruction->operand), scalars[MAX_SCALARS];
    TypeId type = {instruction->head.type};
    const Layout *value = layout_of(&gen->layouts, type);
    LLVMValueRef done = gen_load_scalar(gen, cell, CELL_DONE, SCALAR_I64);
    GenChoice choice;
    gen_choice_begin(gen, &choice, LLVMBuildICmp(gen->builder, LLVMIntNE, done, gen_int(gen, 0), ""));
    gen_load(gen, cell, CELL_VALUE, value, scalars);
    gen_choice_else(gen, &choice, scalars, value->n);
    LLVMValueRef closure = gen_load_scalar(gen, cell, CELL_CLOSURE, SCALAR_PTR);
    /* The thunk takes nothing and returns the value as it is, even if that is a function itself. */
    call_closure(gen, (TypeId){0}, value, closure, NULL, 0, scalars);
    gen_store(gen, cell, CELL_VALUE, value, scalars);
    gen_store_scalar(gen, cell, CELL_DONE, gen_int(gen, 1));
    gen_store_scalar(gen, cell, CELL_CLOSURE, LLVMConstNull(gen->scalar_types[SCALAR_PTR]));
    gen_choice_end(gen, &choice, scalars, value->n, scalars);
    gen_define(gen, at, scalars, value->n);
}
