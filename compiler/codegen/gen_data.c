/*
 * Records, tuples and variants.
 *
 * Inline ones are only a way of naming scalars: making a record or taking a field of it costs no instruction at all.
 * Boxed ones are objects that never change once they are made; if all their contents are constant, so is the object.
 */
#include "codegen/gen.h"

#include <string.h>

static bool all_constant(const LLVMValueRef *scalars, uint32_t n)
{
    for (uint32_t i = 0; i < n; i++)
        if (!LLVMIsConstant(scalars[i]))
            return false;
    return true;
}

static uint32_t n_scalars(const LayoutConstructor *body)
{
    if (body->n_fields == 0)
        return 0;
    const LayoutField *last = &body->fields[body->n_fields - 1];
    return last->first + last->layout->n;
}

/* ---- objects on the heap ----------------------------------------------------------------------------------------- */

static LLVMValueRef constant_object(Gen *gen, const LayoutConstructor *body, LLVMValueRef tag, const LLVMValueRef *scalars)
{
    ConstantObject object = gen_object_begin(gen, n_scalars(body) + 1);
    if (tag != NULL)
        gen_object_add(gen, &object, 0, tag, SCALAR_I64);
    for (uint32_t i = 0; i < body->n_fields; i++) {
        const LayoutField *field = &body->fields[i];
        for (uint32_t k = 0; k < field->layout->n; k++) {
            const LayoutScalar *scalar = &field->layout->scalars[k];
            gen_object_add(gen, &object, field->offset + scalar->offset, scalars[field->first + k], scalar->scalar);
        }
    }
    return gen_new_constant(gen, gen_object_end(gen, &object, body->size), 8);
}

/* An object with a constructor's payload or a record's fields; `tag` is NULL for records. */
static LLVMValueRef make_object(Gen *gen, const LayoutConstructor *body, LLVMValueRef tag, const LLVMValueRef *scalars)
{
    if (all_constant(scalars, n_scalars(body)))
        return constant_object(gen, body, tag, scalars);
    LLVMValueRef object = gen_allocate(gen, gen_int(gen, body->size), body->plain);
    if (tag != NULL)
        gen_store_lasting_scalar(gen, object, 0, tag);
    for (uint32_t i = 0; i < body->n_fields; i++)
        gen_store_lasting(gen, object, body->fields[i].offset, body->fields[i].layout, scalars + body->fields[i].first);
    return object;
}

/* The constant object of a boxed constructor without payload: nothing but its tag, so all variants share it. */
static LLVMValueRef tag_object(Gen *gen, uint32_t tag)
{
    while (gen->tags->count <= tag)
        *(LLVMValueRef *)array_push(gen->tags, 1) = NULL;
    LLVMValueRef *known = (LLVMValueRef *)(void *)gen->tags->items + tag;
    if (*known == NULL)
        *known = gen_new_constant(gen, gen_int(gen, tag), 8);
    return *known;
}

/* ---- records and tuples ------------------------------------------------------------------------------------------ */

/* The scalars of several values one after the other; valid until gen->arguments is truncated to what it was. */
static LLVMValueRef *gather(Gen *gen, const ValueId *values, uint32_t n)
{
    size_t start = gen->arguments->count;
    for (uint32_t i = 0; i < n; i++) {
        uint32_t count = gen_layout_of(gen, values[i])->n;
        LLVMValueRef *to = array_push(gen->arguments, count);
        memcpy(to, gen_scalars(gen, values[i]), count * sizeof *to);
    }
    return (LLVMValueRef *)(void *)gen->arguments->items + start;
}

void gen_record(Gen *gen, const IrMany *instruction, ValueId at)
{
    const Layout *layout = layout_of(&gen->layouts, (TypeId){instruction->head.type});
    const LLVMValueRef *scalars = gather(gen, instruction->values, instruction->n);
    if (layout->form == LAYOUT_BOXED_RECORD)
        gen_define_one(gen, at, make_object(gen, layout_record(layout), NULL, scalars));
    else
        gen_define(gen, at, scalars, layout->n);
    array_truncate(gen->arguments, 0);
}

void gen_field(Gen *gen, const IrSelect *instruction, ValueId at)
{
    const Layout *layout = gen_layout_of(gen, instruction->value);
    const LayoutField *field = &layout_record(layout)->fields[instruction->index];
    if (layout->form == LAYOUT_BOXED_RECORD) {
        LLVMValueRef scalars[MAX_SCALARS];
        gen_load_lasting(gen, gen_scalar(gen, instruction->value), field->offset, field->layout, scalars);
        gen_define(gen, at, scalars, field->layout->n);
    } else { /* another name for scalars that exist already */
        gen->first_scalar[at.i] = gen->first_scalar[instruction->value.i] + field->first;
    }
}

/* ---- variants ---------------------------------------------------------------------------------------------------- */

LLVMValueRef gen_tag(Gen *gen, const Layout *layout, const LLVMValueRef *scalars)
{
    if (layout->form == LAYOUT_BOXED_VARIANT)
        return gen_load_lasting_scalar(gen, scalars[0], 0, SCALAR_I64);
    return scalars[0];
}

/* `payload`: the scalars of the payload's fields, one after the other. */
void gen_make_variant(Gen *gen, const Layout *layout, uint32_t constructor, const LLVMValueRef *payload, LLVMValueRef *scalars)
{
    if (layout->form == LAYOUT_TAG) {
        scalars[0] = gen_int(gen, constructor);
        return;
    }
    const LayoutConstructor *body = layout_constructor(&gen->layouts, layout, constructor);
    if (layout->form == LAYOUT_BOXED_VARIANT) {
        scalars[0] = n_scalars(body) == 0 ? tag_object(gen, constructor)
                                          : make_object(gen, body, gen_int(gen, constructor), payload);
        return;
    }
    scalars[0] = gen_int(gen, constructor);
    for (uint32_t i = 1; i < layout->n; i++)
        scalars[i] = LLVMConstNull(gen->scalar_types[layout->scalars[i].scalar]);
    for (uint32_t i = 0; i < n_scalars(body); i++)
        scalars[body->slots[i]] = payload[i];
}

void gen_variant(Gen *gen, const IrVariant *instruction, ValueId at)
{
    const Layout *layout = layout_of(&gen->layouts, (TypeId){instruction->head.type});
    const LLVMValueRef *payload = gather(gen, instruction->values, instruction->n);
    LLVMValueRef scalars[MAX_SCALARS];
    gen_make_variant(gen, layout, instruction->constructor, payload, scalars);
    gen_define(gen, at, scalars, layout->n);
    array_truncate(gen->arguments, 0);
}

void gen_payload_of(Gen *gen, const Layout *layout, const LLVMValueRef *scalars, uint32_t constructor, uint32_t index,
                    LLVMValueRef *result)
{
    const LayoutConstructor *body = layout_constructor(&gen->layouts, layout, constructor);
    const LayoutField *field = &body->fields[index];
    if (layout->form == LAYOUT_BOXED_VARIANT) {
        gen_load_lasting(gen, scalars[0], field->offset, field->layout, result);
        return;
    }
    for (uint32_t i = 0; i < field->layout->n; i++)
        result[i] = scalars[body->slots[field->first + i]];
}

void gen_payload(Gen *gen, const IrPayload *instruction, ValueId at)
{
    const Layout *layout = gen_layout_of(gen, instruction->value);
    LLVMValueRef result[MAX_SCALARS];
    gen_payload_of(gen, layout, gen_scalars(gen, instruction->value), instruction->constructor, instruction->index, result);
    gen_define(gen, at, result, layout_of(&gen->layouts, (TypeId){instruction->head.type})->n);
}
