/*
 * Layouts of types, each computed once.
 *
 * A composite type needs the layouts of its components first.  They are found depth first with a stack of our own,
 * because a program can nest tuples as deep as it likes.  Meeting a type that is still on the stack means that it
 * contains itself by value: every variant between the two occurrences becomes a pointer at once (boxed), which is
 * what ends the recursion; what a boxed variant points to is laid out later, when it is first asked for.
 *
 * Variants share slots between constructors: each payload part takes the first free slot of its shape, so the number
 * of slots of a shape is the maximum over the constructors.  Bytes go last, so that they pack.
 */
#include "codegen/layout.h"

#include <string.h>

typedef struct {
    TypeId type;
    uint32_t constructor;  /* the next component to look at */
    uint32_t index;
} Pending;

/* Stands in the table for a type whose components are being laid out. */
static const Layout in_progress;

/* ---- basic types ------------------------------------------------------------------------------------------------- */

static const LayoutScalar one_i64[] = {{0, SCALAR_I64}};
static const LayoutScalar one_bool[] = {{0, SCALAR_BOOL}};
static const LayoutScalar one_double[] = {{0, SCALAR_DOUBLE}};
static const LayoutScalar one_ptr[] = {{0, SCALAR_PTR}};
static const LayoutScalar list_scalars[] = {{0, SCALAR_PTR}, {8, SCALAR_I64}};

static uint32_t scalar_size(uint8_t scalar)
{
    return scalar == SCALAR_BOOL ? 1 : 8;
}

static uint32_t align_up(uint32_t offset, uint32_t alignment)
{
    return (offset + alignment - 1) & ~(alignment - 1);
}

void layouts_open(Layouts *layouts, Types *types, Arena *arena)
{
    layouts->types = types;
    layouts->arena = arena;
    layouts->by_type = arena_array(arena, "layout table", sizeof(const Layout *));
    layouts->stack = arena_array(arena, "layout stack", sizeof(Pending));
}

/* The table's entry; types may have been added since the table was last looked at. */
static const Layout **entry_of(Layouts *layouts, TypeId type)
{
    ArenaArray *table = layouts->by_type;
    if (type.i >= table->count) {
        size_t more = layouts->types->types->count - table->count;
        const Layout **fresh = array_push(table, more);
        for (size_t i = 0; i < more; i++)
            fresh[i] = NULL;
    }
    return (const Layout **)(void *)table->items + type.i;
}

/* A layout that is its own only part. */
static Layout *new_leaf(Layouts *layouts, TypeId type, LayoutForm form, LayoutCompare compare,
                        const LayoutScalar *scalars, uint32_t n)
{
    Layout *layout = arena_new(layouts->arena, Layout);
    LayoutPart *part = arena_new(layouts->arena, LayoutPart);
    *part = (LayoutPart){layout, 0, 0};
    layout->type = type;
    layout->form = (uint8_t)form;
    layout->compare = (uint8_t)compare;
    layout->n = (uint8_t)n;
    layout->n_parts = n > 0;
    layout->scalars = scalars;
    layout->parts = part;
    layout->alignment = 1;
    layout->plain = true;
    for (uint32_t i = 0; i < n; i++) {
        uint32_t size = scalar_size(scalars[i].scalar);
        layout->size = scalars[i].offset + size;
        layout->alignment = size > layout->alignment ? size : layout->alignment;
        layout->plain = layout->plain && scalars[i].scalar != SCALAR_PTR;
    }
    layout->size = align_up(layout->size, layout->alignment);
    *entry_of(layouts, type) = layout;
    return layout;
}

/* Lays out a type without components; false for the others. */
static bool basic_layout(Layouts *layouts, TypeId type)
{
    switch (type_kind(layouts->types, type)) {
    case TYPE_INT:
    case TYPE_NAT:
    case TYPE_C_INT:
    case TYPE_C_UINT:
    case TYPE_C_SHORT:
    case TYPE_C_CHAR:
        new_leaf(layouts, type, LAYOUT_LEAF, COMPARE_SCALARS, one_i64, 1);
        return true;
    case TYPE_FLOAT:
    case TYPE_C_FLOAT:
        new_leaf(layouts, type, LAYOUT_LEAF, COMPARE_SCALARS, one_double, 1);
        return true;
    case TYPE_BOOL:
        new_leaf(layouts, type, LAYOUT_LEAF, COMPARE_SCALARS, one_bool, 1);
        return true;
    case TYPE_STRING:
        new_leaf(layouts, type, LAYOUT_LEAF, COMPARE_PARTS, one_ptr, 1);
        return true;
    case TYPE_LIST:
        new_leaf(layouts, type, LAYOUT_LEAF, COMPARE_DEEP, list_scalars, 2);
        return true;
    case TYPE_PTR:
    case TYPE_HASHMAP:
    case TYPE_LAZY:
    case TYPE_FUNCTION:
        new_leaf(layouts, type, LAYOUT_LEAF, COMPARE_SCALARS, one_ptr, 1);
        return true;
    case TYPE_TUPLE:
    case TYPE_ANONYMOUS:
    case TYPE_RECORD:
    case TYPE_VARIANT:
        return false;
    case TYPE_NONE:
    case TYPE_ERROR:
    case TYPE_UNIT:
    case TYPE_PARAMETER:
    case TYPE_VARIABLE:
        break;
    }
    new_leaf(layouts, type, LAYOUT_LEAF, COMPARE_SCALARS, NULL, 0);
    return true;
}

/* ---- fields ------------------------------------------------------------------------------------------------------ */

static const Layout *component(Layouts *layouts, TypeId type, uint32_t constructor, uint32_t index)
{
    TypeId part = type_kind(layouts->types, type) == TYPE_VARIANT ? type_payload(layouts->types, type, constructor, index)
                                                                  : type_field(layouts->types, type, index);
    return *entry_of(layouts, part);
}

/* Places `n` fields one behind the other from `offset` on; their layouts must be known. */
static uint32_t place_fields(Layouts *layouts, TypeId type, uint32_t constructor, LayoutConstructor *result, uint32_t n,
                             uint32_t offset)
{
    LayoutField *fields = arena_push(layouts->arena, n * sizeof(LayoutField) + 1);
    uint32_t first = 0, alignment = offset > 0 ? 8 : 1;
    result->plain = true;
    for (uint32_t i = 0; i < n; i++) {
        const Layout *field = component(layouts, type, constructor, i);
        offset = align_up(offset, field->alignment);
        fields[i] = (LayoutField){field, offset, first};
        first += field->n;
        offset += field->size;
        alignment = field->alignment > alignment ? field->alignment : alignment;
        result->plain = result->plain && field->plain;
    }
    result->n_fields = n;
    result->fields = fields;
    result->size = align_up(offset, alignment);
    return alignment;
}

/* ---- records and tuples ------------------------------------------------------------------------------------------ */

/* The scalars and parts of the fields, one after the other. */
static void join_fields(Layouts *layouts, Layout *record, const LayoutConstructor *body)
{
    LayoutScalar *scalars = arena_push(layouts->arena, record->n * sizeof(LayoutScalar) + 1);
    LayoutPart *parts = arena_push(layouts->arena, record->n * sizeof(LayoutPart) + 1);
    for (uint32_t i = 0; i < body->n_fields; i++) {
        const LayoutField *field = &body->fields[i];
        for (uint32_t k = 0; k < field->layout->n; k++) {
            scalars[field->first + k] = field->layout->scalars[k];
            scalars[field->first + k].offset += field->offset;
        }
        for (uint32_t k = 0; k < field->layout->n_parts; k++) {
            const LayoutPart *part = &field->layout->parts[k];
            parts[record->n_parts++] =
                (LayoutPart){part->layout, part->offset + field->offset, part->first + field->first};
        }
        if (field->layout->compare > record->compare)
            record->compare = field->layout->compare;
    }
    record->scalars = scalars;
    record->parts = parts;
}

static void record_layout(Layouts *layouts, TypeId type)
{
    uint32_t n_fields = type_n_fields(layouts->types, type), n = 0;
    for (uint32_t i = 0; i < n_fields && n <= MAX_SCALARS; i++)
        n += component(layouts, type, 0, i)->n;
    LayoutConstructor *body = arena_new(layouts->arena, LayoutConstructor);
    uint32_t alignment = place_fields(layouts, type, 0, body, n_fields, 0);
    if (n > MAX_SCALARS) {
        new_leaf(layouts, type, LAYOUT_BOXED_RECORD, COMPARE_DEEP, one_ptr, 1)->constructors = body;
        return;
    }
    Layout *layout = arena_new(layouts->arena, Layout);
    layout->type = type;
    layout->form = LAYOUT_RECORD;
    layout->n = (uint8_t)n;
    layout->plain = body->plain;
    layout->size = body->size;
    layout->alignment = alignment;
    layout->constructors = body;
    join_fields(layouts, layout, body);
    *entry_of(layouts, type) = layout;
}

/* ---- variants ---------------------------------------------------------------------------------------------------- */

/* Slots of a variant while they are being collected. */
typedef struct {
    uint32_t n, n_scalars;
    const Layout *shapes[MAX_SCALARS];
    bool used[MAX_SCALARS];
    uint8_t first_scalar[MAX_SCALARS];
} Slots;

static bool same_shape(const Layout *a, const Layout *b)
{
    if (a->n != b->n || a->alignment != b->alignment)
        return false;
    for (uint32_t i = 0; i < a->n; i++)
        if (a->scalars[i].scalar != b->scalars[i].scalar || a->scalars[i].offset != b->scalars[i].offset)
            return false;
    return true;
}

/* The slot for one more part of the current constructor; MAX_SCALARS if there is no room. */
static uint32_t take_slot(Slots *slots, const Layout *part)
{
    uint32_t i = 0;
    while (i < slots->n && (slots->used[i] || !same_shape(slots->shapes[i], part)))
        i++;
    if (i == slots->n) {
        if (slots->n_scalars + part->n > MAX_VARIANT_SCALARS)
            return MAX_SCALARS;
        slots->n++;
        slots->n_scalars += part->n;
        slots->shapes[i] = part;
    }
    slots->used[i] = true;
    return i;
}

/* Collects the slots of all constructors; false if they do not fit. */
static bool collect_slots(Layouts *layouts, TypeId type, Slots *slots, LayoutCompare *compare)
{
    uint32_t n_constructors = type_n_constructors(layouts->types, type);
    for (uint32_t c = 0; c < n_constructors; c++) {
        memset(slots->used, 0, sizeof slots->used);
        uint32_t n_payload = type_constructor(layouts->types, type, c)->n_payload;
        for (uint32_t i = 0; i < n_payload; i++) {
            const Layout *field = component(layouts, type, c, i);
            if (field->compare != COMPARE_SCALARS)
                *compare = COMPARE_DEEP;
            for (uint32_t k = 0; k < field->n_parts; k++)
                if (take_slot(slots, field->parts[k].layout) == MAX_SCALARS)
                    return false;
        }
    }
    return true;
}

/* The tag, then the slots of eight-byte alignment, then the bytes. */
static LayoutScalar *order_slots(Layouts *layouts, Slots *slots)
{
    LayoutScalar *scalars = arena_push(layouts->arena, slots->n_scalars * sizeof(LayoutScalar));
    scalars[0] = (LayoutScalar){0, SCALAR_I64};
    uint32_t n = 1, offset = 8;
    for (uint32_t alignment = 8; alignment > 0; alignment = alignment == 8 ? 1 : 0)
        for (uint32_t i = 0; i < slots->n; i++) {
            const Layout *shape = slots->shapes[i];
            if (shape->alignment != alignment)
                continue;
            slots->first_scalar[i] = (uint8_t)n;
            for (uint32_t k = 0; k < shape->n; k++)
                scalars[n++] = (LayoutScalar){offset + shape->scalars[k].offset, shape->scalars[k].scalar};
            offset += shape->size;
        }
    return scalars;
}

/* Says for every scalar of a constructor's payload which scalar of the variant holds it. */
static void assign_slots(Layouts *layouts, Slots *slots, LayoutConstructor *constructor)
{
    uint32_t n = 0;
    for (uint32_t i = 0; i < constructor->n_fields; i++)
        n += constructor->fields[i].layout->n;
    uint8_t *result = arena_push(layouts->arena, n + 1);
    memset(slots->used, 0, sizeof slots->used);
    for (uint32_t i = 0; i < constructor->n_fields; i++) {
        const LayoutField *field = &constructor->fields[i];
        for (uint32_t k = 0; k < field->layout->n_parts; k++) {
            const LayoutPart *part = &field->layout->parts[k];
            uint32_t slot = take_slot(slots, part->layout);
            for (uint32_t s = 0; s < part->layout->n; s++)
                result[field->first + part->first + s] = (uint8_t)(slots->first_scalar[slot] + s);
        }
    }
    constructor->slots = result;
}

static void box_variant(Layouts *layouts, TypeId type)
{
    new_leaf(layouts, type, LAYOUT_BOXED_VARIANT, COMPARE_DEEP, one_ptr, 1);
}

static void variant_layout(Layouts *layouts, TypeId type)
{
    uint32_t n_constructors = type_n_constructors(layouts->types, type);
    bool any_payload = false;
    for (uint32_t c = 0; c < n_constructors; c++)
        any_payload = any_payload || type_constructor(layouts->types, type, c)->n_payload > 0;
    if (!any_payload) {
        new_leaf(layouts, type, LAYOUT_TAG, COMPARE_SCALARS, one_i64, 1);
        return;
    }
    Slots slots = {.n_scalars = 1};
    LayoutCompare compare = COMPARE_SCALARS;
    if (!collect_slots(layouts, type, &slots, &compare)) {
        box_variant(layouts, type);
        return;
    }
    LayoutScalar *scalars = order_slots(layouts, &slots);
    Layout *layout = new_leaf(layouts, type, LAYOUT_VARIANT, compare, scalars, slots.n_scalars);
    layout->constructors = arena_push_zero(layouts->arena, n_constructors * sizeof(LayoutConstructor));
    for (uint32_t c = 0; c < n_constructors; c++) {
        LayoutConstructor *constructor = &layout->constructors[c];
        place_fields(layouts, type, c, constructor, type_constructor(layouts->types, type, c)->n_payload, 8);
        assign_slots(layouts, &slots, constructor);
    }
}

/* Contents of the objects that a boxed variant points to. */
const LayoutConstructor *layout_constructor(Layouts *layouts, const Layout *variant, uint32_t index)
{
    if (variant->constructors != NULL)
        return &variant->constructors[index];
    TypeId type = variant->type;
    arena_kind(layouts->arena, "layout");
    uint32_t n = type_n_constructors(layouts->types, type);
    LayoutConstructor *constructors = arena_push_zero(layouts->arena, n * sizeof(LayoutConstructor));
    for (uint32_t c = 0; c < n; c++) {
        uint32_t n_payload = type_constructor(layouts->types, type, c)->n_payload;
        for (uint32_t i = 0; i < n_payload; i++)
            layout_of(layouts, type_payload(layouts->types, type, c, i));
        place_fields(layouts, type, c, &constructors[c], n_payload, 8);
    }
    ((Layout *)*entry_of(layouts, type))->constructors = constructors;
    return &constructors[index];
}

/* ---- the walk ---------------------------------------------------------------------------------------------------- */

static void push_pending(Layouts *layouts, TypeId type)
{
    *entry_of(layouts, type) = &in_progress;
    *(Pending *)array_push(layouts->stack, 1) = (Pending){type, 0, 0};
}

/* `type` has been met again below itself: every variant on the way becomes a pointer, and the walk goes back to `type`,
   which now gets no further than these.  A record on the way is laid out when it is met again; it cannot be before,
   as it may contain `type` by value. */
static void break_cycle(Layouts *layouts, TypeId type)
{
    const Pending *stack = (const void *)layouts->stack->items;
    for (size_t i = layouts->stack->count; i-- > 0;) {
        TypeId on_the_way = stack[i].type;
        bool in_question = *entry_of(layouts, on_the_way) == &in_progress;
        if (in_question && type_kind(layouts->types, on_the_way) == TYPE_VARIANT)
            box_variant(layouts, on_the_way);
        if (type_equal(on_the_way, type))
            return;
        if (in_question && type_kind(layouts->types, on_the_way) != TYPE_VARIANT)
            *entry_of(layouts, on_the_way) = NULL;
        array_truncate(layouts->stack, i);
    }
}

/* The next component of the type on top of the stack, or "no type" when all have been seen. */
static TypeId next_component(Layouts *layouts, Pending *pending)
{
    Types *types = layouts->types;
    if (type_kind(types, pending->type) != TYPE_VARIANT) {
        if (pending->index < type_n_fields(types, pending->type))
            return type_field(types, pending->type, pending->index);
        return (TypeId){0};
    }
    uint32_t n = type_n_constructors(types, pending->type);
    while (pending->constructor < n &&
           pending->index >= type_constructor(types, pending->type, pending->constructor)->n_payload) {
        pending->constructor++;
        pending->index = 0;
    }
    if (pending->constructor < n)
        return type_payload(types, pending->type, pending->constructor, pending->index);
    return (TypeId){0};
}

const Layout *layout_compute(Layouts *layouts, TypeId type)
{
    size_t bottom = layouts->stack->count;
    arena_kind(layouts->arena, "layout");
    if (*entry_of(layouts, type) == NULL && !basic_layout(layouts, type))
        push_pending(layouts, type);
    while (layouts->stack->count > bottom) {
        Pending *top = (Pending *)(void *)layouts->stack->items + layouts->stack->count - 1;
        TypeId current = top->type;
        if (*entry_of(layouts, current) != &in_progress) { /* boxed on the way */
            array_truncate(layouts->stack, layouts->stack->count - 1);
            continue;
        }
        TypeId next = next_component(layouts, top);
        if (next.i != 0) {
            const Layout *known = *entry_of(layouts, next);
            if (known == &in_progress)
                break_cycle(layouts, next);
            else if (known != NULL || basic_layout(layouts, next))
                top->index++;
            else
                push_pending(layouts, next);
            continue;
        }
        array_truncate(layouts->stack, layouts->stack->count - 1);
        if (type_kind(layouts->types, current) == TYPE_VARIANT)
            variant_layout(layouts, current);
        else
            record_layout(layouts, current);
    }
    return *entry_of(layouts, type);
}
