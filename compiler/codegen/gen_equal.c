/*
 * Structural equality, and the descriptors that the run-time library walks for it.
 *
 * Comparing with a constructor that has no payload, the commonest case, compares tags.  Values without lists and without
 * strings in payloads are compared scalar by scalar in line (slots that a constructor does not use are zero, so all
 * slots count).  Everything else is spilled and given to pole_equal with a descriptor: a constant PoleType, one for
 * each type in a unit.  Types may be recursive and deep, so a descriptor is declared when it is first mentioned and written when
 * the unit ends, from a list, not by recursion.
 */
#include "codegen/gen.h"

#include "runtime/runtime.h"

/* ---- descriptors ------------------------------------------------------------------------------------------------- */

static LLVMValueRef descriptor_of(Gen *gen, const Layout *layout)
{
    ArenaArray *table = gen->descriptors;
    if (table->count <= layout->type.i) {
        size_t more = gen->types->types->count - table->count;
        UnitEntry *fresh = array_push(table, more);
        for (size_t i = 0; i < more; i++)
            fresh[i] = (UnitEntry){NULL, NULL, 0};
    }
    UnitEntry *entry = (UnitEntry *)(void *)table->items + layout->type.i;
    if (entry->unit != gen->unit) {
        entry->unit = gen->unit;
        entry->value = gen_new_constant(gen, LLVMConstNull(gen->descriptor), 8);
        *(PendingDescriptor *)array_push(gen->pending, 1) = (PendingDescriptor){entry->value, layout};
    }
    return entry->value;
}

/* Parts of a descriptor: pairs of a descriptor and an offset. */
typedef struct { LLVMValueRef *members; uint32_t n; } Parts;

static Parts parts_begin(Gen *gen, uint32_t most)
{
    return (Parts){arena_push(gen->scratch, most * (2 * sizeof(LLVMValueRef)) + 1), 0};
}

static void parts_add(Gen *gen, Parts *parts, LLVMValueRef descriptor, uint32_t offset)
{
    LLVMValueRef *pair = parts->members + 2 * (size_t)parts->n;
    pair[0] = descriptor;
    pair[1] = gen_int(gen, offset);
    parts->n++;
}

/* Pointers and integers alternate, all eight bytes wide: a struct of them lies as an array of PoleTypePart does. */
static LLVMValueRef descriptor_value(Gen *gen, PoleTypeKind kind, uint32_t size, const Parts *parts)
{
    LLVMValueRef list = LLVMConstNull(gen->scalar_types[SCALAR_PTR]);
    if (parts != NULL && parts->n > 0)
        list = gen_new_constant(gen, LLVMConstStructInContext(gen->context, parts->members, parts->n * 2, 0), 8);
    LLVMValueRef members[] = {gen_int(gen, kind), gen_int(gen, size), gen_int(gen, parts == NULL ? 0 : parts->n), list};
    return LLVMConstStructInContext(gen->context, members, 4, 0);
}

/* A payload or a boxed record's contents: a RECORD of the parts of all fields. */
static LLVMValueRef describe_body(Gen *gen, const Layout *layout, const LayoutConstructor *body)
{
    uint32_t most = 0;
    for (uint32_t i = 0; i < body->n_fields; i++)
        most += body->fields[i].layout->n_parts;
    Parts parts = parts_begin(gen, most);
    for (uint32_t i = 0; i < body->n_fields; i++) {
        const LayoutField *field = &body->fields[i];
        for (uint32_t k = 0; k < field->layout->n_parts; k++) {
            const LayoutPart *part = &field->layout->parts[k];
            uint32_t offset = layout->form == LAYOUT_VARIANT ? layout->scalars[body->slots[field->first + part->first]].offset
                                                             : field->offset + part->offset;
            parts_add(gen, &parts, descriptor_of(gen, part->layout), offset);
        }
    }
    return gen_new_constant(gen, descriptor_value(gen, POLE_TYPE_RECORD, body->size, &parts), 8);
}

static LLVMValueRef describe_variant(Gen *gen, const Layout *layout)
{
    uint32_t n = type_n_constructors(gen->types, layout->type);
    Parts parts = parts_begin(gen, n);
    for (uint32_t c = 0; c < n; c++)
        parts_add(gen, &parts, describe_body(gen, layout, layout_constructor(&gen->layouts, layout, c)), 0);
    return descriptor_value(gen, POLE_TYPE_VARIANT, layout->size, &parts);
}

static LLVMValueRef describe_box(Gen *gen, LLVMValueRef contents)
{
    Parts parts = parts_begin(gen, 1);
    parts_add(gen, &parts, contents, 0);
    return descriptor_value(gen, POLE_TYPE_BOXED, 8, &parts);
}

static LLVMValueRef describe_record(Gen *gen, const Layout *layout)
{
    Parts parts = parts_begin(gen, layout->n_parts);
    for (uint32_t i = 0; i < layout->n_parts; i++)
        parts_add(gen, &parts, descriptor_of(gen, layout->parts[i].layout), layout->parts[i].offset);
    return descriptor_value(gen, POLE_TYPE_RECORD, layout->size, &parts);
}

static LLVMValueRef describe_leaf(Gen *gen, const Layout *layout)
{
    switch (type_kind(gen->types, layout->type)) {
    case TYPE_INT:
    case TYPE_NAT: return descriptor_value(gen, POLE_TYPE_INT, 8, NULL);
    case TYPE_FLOAT: return descriptor_value(gen, POLE_TYPE_FLOAT, 8, NULL);
    case TYPE_BOOL: return descriptor_value(gen, POLE_TYPE_BOOL, 1, NULL);
    case TYPE_STRING: return descriptor_value(gen, POLE_TYPE_STRING, 8, NULL);
    case TYPE_LIST: {
        Parts parts = parts_begin(gen, 1);
        parts_add(gen, &parts, descriptor_of(gen, layout_of(&gen->layouts, type_part(gen->types, layout->type, 0))), 0);
        return descriptor_value(gen, POLE_TYPE_LIST, 16, &parts);
    }
    default:
        return descriptor_value(gen, layout->n == 0 ? POLE_TYPE_UNIT : POLE_TYPE_POINTER, layout->size, NULL);
    }
}

static LLVMValueRef describe(Gen *gen, const Layout *layout)
{
    switch ((LayoutForm)layout->form) {
    case LAYOUT_LEAF: return describe_leaf(gen, layout);
    case LAYOUT_RECORD: return describe_record(gen, layout);
    case LAYOUT_BOXED_RECORD:
        return describe_box(gen, describe_body(gen, layout, layout_record(layout)));
    case LAYOUT_TAG: return descriptor_value(gen, POLE_TYPE_INT, 8, NULL);
    case LAYOUT_VARIANT: return describe_variant(gen, layout);
    case LAYOUT_BOXED_VARIANT: break;
    }
    return describe_box(gen, gen_new_constant(gen, describe_variant(gen, layout), 8));
}

void gen_finish_descriptors(Gen *gen)
{
    for (size_t i = 0; i < gen->pending->count; i++) { /* describing one may add more */
        PendingDescriptor pending = ((const PendingDescriptor *)(const void *)gen->pending->items)[i];
        LLVMSetInitializer(pending.global, describe(gen, pending.layout));
    }
}

/* ---- comparing --------------------------------------------------------------------------------------------------- */

/* The value's constructor, if it has been made just so and without payload: then comparing tags is enough. */
static const IrVariant *bare_constructor(const Gen *gen, ValueId id)
{
    const IrVariant *made = gen_instruction_at(gen, id);
    return made->head.op == IR_VARIANT && made->n == 0 ? made : NULL;
}

static LLVMValueRef equal_scalars(Gen *gen, LLVMValueRef a, LLVMValueRef b)
{
    if (LLVMTypeOf(a) == gen->scalar_types[SCALAR_DOUBLE])
        return LLVMBuildFCmp(gen->builder, LLVMRealOEQ, a, b, "");
    if (LLVMTypeOf(a) == gen->scalar_types[SCALAR_BOOL]) /* fast instruction selection has no comparison of i1 */
        return LLVMBuildNot(gen->builder, LLVMBuildXor(gen->builder, a, b, ""), "");
    return LLVMBuildICmp(gen->builder, LLVMIntEQ, a, b, "");
}

static LLVMValueRef both(Gen *gen, LLVMValueRef so_far, LLVMValueRef more)
{
    return so_far == NULL ? more : LLVMBuildAnd(gen->builder, so_far, more, "");
}

static LLVMValueRef equal_parts(Gen *gen, const Layout *layout, const LLVMValueRef *a, const LLVMValueRef *b)
{
    LLVMValueRef result = NULL;
    for (uint32_t i = 0; i < layout->n_parts; i++) {
        const LayoutPart *part = &layout->parts[i];
        if (type_kind(gen->types, part->layout->type) == TYPE_STRING) {
            LLVMValueRef strings[] = {a[part->first], b[part->first]};
            result = both(gen, result, gen_call_runtime(gen, RUNTIME_string_equal, strings));
            continue;
        }
        for (uint32_t k = 0; k < part->layout->n; k++)
            result = both(gen, result, equal_scalars(gen, a[part->first + k], b[part->first + k]));
    }
    return result == NULL ? gen_bool(gen, true) : result;
}

static LLVMValueRef equal_deep(Gen *gen, const Layout *layout, const LLVMValueRef *a, const LLVMValueRef *b)
{
    LLVMValueRef arguments[] = {descriptor_of(gen, layout), gen_spill(gen, layout, a), gen_spill(gen, layout, b)};
    return gen_call_runtime(gen, RUNTIME_equal, arguments);
}

/* `x != y` on doubles is true if one is not a number, which is the negation of "ordered and equal". */
void gen_equality(Gen *gen, const IrBinary *instruction, ValueId at)
{
    const Layout *layout = gen_layout_of(gen, instruction->left);
    const LLVMValueRef *a = gen_scalars(gen, instruction->left), *b = gen_scalars(gen, instruction->right);
    const IrVariant *bare = bare_constructor(gen, instruction->right);
    LLVMValueRef result;
    if (bare != NULL)
        result = equal_scalars(gen, gen_tag(gen, layout, a), gen_int(gen, bare->constructor));
    else if ((bare = bare_constructor(gen, instruction->left)) != NULL)
        result = equal_scalars(gen, gen_tag(gen, layout, b), gen_int(gen, bare->constructor));
    else if (layout->compare == COMPARE_DEEP)
        result = equal_deep(gen, layout, a, b);
    else
        result = equal_parts(gen, layout, a, b);
    if (instruction->head.op == IR_NOT_EQUAL)
        result = gen_not(gen, result);
    gen_define_one(gen, at, result);
}
