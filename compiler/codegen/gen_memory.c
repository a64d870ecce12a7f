/*
 * Values in memory: heap objects, list elements, and stack slots for what the run-time library wants by address.
 *
 * Addresses are bytes and offsets; LLVM's struct types are not needed.  Locals never live in memory: a stack slot exists
 * only while one instruction of the IR is being generated, and is then used again by the next one that needs as much,
 * so that deep recursion does not pay for every call in the function.
 */
#include "codegen/gen.h"

LLVMValueRef gen_offset(Gen *gen, LLVMValueRef base, uint32_t offset)
{
    if (offset == 0)
        return base;
    LLVMValueRef index = gen_int(gen, offset);
    return LLVMBuildInBoundsGEP2(gen->builder, gen->i8, base, &index, 1, "");
}

LLVMValueRef gen_element_address(Gen *gen, LLVMValueRef base, LLVMValueRef index, uint32_t size)
{
    LLVMTypeRef element = size == 8 ? gen->scalar_types[SCALAR_I64] : LLVMArrayType2(gen->i8, size);
    return LLVMBuildInBoundsGEP2(gen->builder, element, base, &index, 1, "");
}

LLVMValueRef gen_load_scalar(Gen *gen, LLVMValueRef base, uint32_t offset, Scalar scalar)
{
    return LLVMBuildLoad2(gen->builder, gen->scalar_types[scalar], gen_offset(gen, base, offset), "");
}

void gen_store_scalar(Gen *gen, LLVMValueRef base, uint32_t offset, LLVMValueRef value)
{
    LLVMBuildStore(gen->builder, value, gen_offset(gen, base, offset));
}

void gen_load(Gen *gen, LLVMValueRef base, uint32_t offset, const Layout *layout, LLVMValueRef *scalars)
{
    for (uint32_t i = 0; i < layout->n; i++)
        scalars[i] = gen_load_scalar(gen, base, offset + layout->scalars[i].offset, layout->scalars[i].scalar);
}

void gen_store(Gen *gen, LLVMValueRef base, uint32_t offset, const Layout *layout, const LLVMValueRef *scalars)
{
    for (uint32_t i = 0; i < layout->n; i++)
        gen_store_scalar(gen, base, offset + layout->scalars[i].offset, scalars[i]);
}

/* ---- lasting memory ---------------------------------------------------------------------------------------------- */

/* Without optimisation nobody would read it. */
static LLVMValueRef mark_lasting(Gen *gen, LLVMValueRef access)
{
    if (gen->options->optimization > 0)
        LLVMSetMetadata(access, gen->lasting_kind, gen->lasting);
    return access;
}

LLVMValueRef gen_load_lasting_scalar(Gen *gen, LLVMValueRef base, uint32_t offset, Scalar scalar)
{
    return mark_lasting(gen, gen_load_scalar(gen, base, offset, scalar));
}

void gen_store_lasting_scalar(Gen *gen, LLVMValueRef base, uint32_t offset, LLVMValueRef value)
{
    mark_lasting(gen, LLVMBuildStore(gen->builder, value, gen_offset(gen, base, offset)));
}

void gen_load_lasting(Gen *gen, LLVMValueRef base, uint32_t offset, const Layout *layout, LLVMValueRef *scalars)
{
    for (uint32_t i = 0; i < layout->n; i++)
        scalars[i] = gen_load_lasting_scalar(gen, base, offset + layout->scalars[i].offset, layout->scalars[i].scalar);
}

void gen_store_lasting(Gen *gen, LLVMValueRef base, uint32_t offset, const Layout *layout, const LLVMValueRef *scalars)
{
    for (uint32_t i = 0; i < layout->n; i++)
        gen_store_lasting_scalar(gen, base, offset + layout->scalars[i].offset, scalars[i]);
}

/* ---- stack slots ------------------------------------------------------------------------------------------------- */

/* Static, in the entry block, wherever the code is at the moment. */
static LLVMValueRef new_slot(Gen *gen, uint32_t words)
{
    LLVMTypeRef i64 = gen->scalar_types[SCALAR_I64];
    LLVMValueRef first = LLVMGetFirstInstruction(gen->entry);
    if (first != NULL)
        LLVMPositionBuilderBefore(gen->entry_builder, first);
    else
        LLVMPositionBuilderAtEnd(gen->entry_builder, gen->entry);
    return LLVMBuildAlloca(gen->entry_builder, words == 1 ? i64 : LLVMArrayType2(i64, words), "");
}

LLVMValueRef gen_stack_slot(Gen *gen, uint32_t size)
{
    uint32_t words = size == 0 ? 1 : (size + 7) / 8;
    StackSlot *slots = (void *)gen->slots->items;
    for (size_t i = 0; i < gen->slots->count; i++)
        if (!slots[i].taken && slots[i].size == words) {
            slots[i].taken = true;
            return slots[i].address;
        }
    LLVMValueRef address = new_slot(gen, words);
    *(StackSlot *)array_push(gen->slots, 1) = (StackSlot){address, words, true};
    return address;
}

void gen_release_slots(Gen *gen)
{
    StackSlot *slots = (void *)gen->slots->items;
    for (size_t i = 0; i < gen->slots->count; i++)
        slots[i].taken = false;
}

LLVMValueRef gen_spill(Gen *gen, const Layout *layout, const LLVMValueRef *scalars)
{
    LLVMValueRef slot = gen_stack_slot(gen, layout->size);
    gen_store(gen, slot, 0, layout, scalars);
    return slot;
}

LLVMValueRef gen_allocate(Gen *gen, LLVMValueRef size, bool plain)
{
    return gen_call_runtime(gen, plain ? RUNTIME_allocate_plain : RUNTIME_allocate, &size);
}
