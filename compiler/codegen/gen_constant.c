/*
 * Constants of a unit: string literals, messages, places, and objects whose contents are known.
 *
 * A string is { i64 length, bytes, 0 } and its value the address of the bytes, as runtime.h wants it.  Equal strings of
 * a unit are one constant; they are found by hashing their bytes, after the escapes have been decoded.
 */
#include "codegen/gen.h"

#include <string.h>

/* ---- the pool of strings ----------------------------------------------------------------------------------------- */

static uint32_t hash_bytes(const char *bytes, uint32_t length)
{
    uint64_t hash = length;
    while (length >= 8) {
        uint64_t chunk;
        memcpy(&chunk, bytes, 8);
        hash = (hash ^ chunk) * 0x9E3779B97F4A7C15u;
        hash ^= hash >> 32;
        bytes += 8;
        length -= 8;
    }
    uint64_t rest = 0;
    memcpy(&rest, bytes, length);
    hash = (hash ^ rest) * 0x9E3779B97F4A7C15u;
    return (uint32_t)(hash >> 32);
}

/* Twice the slots; the old ones stay behind in the scratch arena until the unit ends. */
static void grow_slots(Gen *gen)
{
    gen->n_string_slots = gen->n_string_slots == 0 ? 64 : gen->n_string_slots * 2;
    gen->string_slots = arena_push_zero(gen->scratch, gen->n_string_slots * sizeof(uint32_t));
    const PooledString *strings = (const void *)gen->strings->items;
    for (uint32_t i = 0; i < gen->strings->count; i++) {
        uint32_t slot = strings[i].hash & (gen->n_string_slots - 1);
        while (gen->string_slots[slot] != 0)
            slot = (slot + 1) & (gen->n_string_slots - 1);
        gen->string_slots[slot] = i + 1;
    }
}

static LLVMValueRef new_string(Gen *gen, const char *bytes, uint32_t length)
{
    LLVMValueRef members[] = {gen_int(gen, length), LLVMConstStringInContext(gen->context, bytes, length, 0)};
    LLVMValueRef object = gen_new_constant(gen, LLVMConstStructInContext(gen->context, members, 2, 0), 8);
    LLVMValueRef eight = gen_int(gen, 8);
    return LLVMConstInBoundsGEP2(gen->i8, object, &eight, 1);
}

LLVMValueRef gen_string(Gen *gen, const char *bytes, uint32_t length)
{
    if (gen->strings->count * 2 >= gen->n_string_slots)
        grow_slots(gen);
    uint32_t hash = hash_bytes(bytes, length), mask = gen->n_string_slots - 1, slot = hash & mask;
    const PooledString *strings = (const void *)gen->strings->items;
    for (; gen->string_slots[slot] != 0; slot = (slot + 1) & mask) {
        const PooledString *known = &strings[gen->string_slots[slot] - 1];
        if (known->hash == hash && known->length == length && memcmp(known->bytes, bytes, length) == 0)
            return known->value;
    }
    LLVMValueRef value = new_string(gen, bytes, length);
    *(PooledString *)array_push(gen->strings, 1) = (PooledString){hash, length, bytes, value};
    gen->string_slots[slot] = (uint32_t)gen->strings->count;
    return value;
}

static char unescape(char letter)
{
    switch (letter) {
    case 'n': return '\n';
    case 't': return '\t';
    case 'r': return '\r';
    case '0': return '\0';
    default: return letter; /* backslash and quote stand for themselves */
    }
}

LLVMValueRef gen_literal(Gen *gen, SourcePos quote)
{
    if (quote.at == 0)
        return gen_string(gen, "", 0);
    const char *start = source_at(&gen->session->text, quote) + 1, *end = start;
    bool escapes = false;
    for (; *end != '"'; end++)
        if (*end == '\\') {
            escapes = true;
            end++;
        }
    if (!escapes)
        return gen_string(gen, start, (uint32_t)(end - start));
    char *decoded = arena_push(gen->scratch, (size_t)(end - start));
    uint32_t length = 0;
    for (const char *at = start; at < end; at++)
        decoded[length++] = *at == '\\' ? unescape(*++at) : *at;
    return gen_string(gen, decoded, length);
}

LLVMValueRef gen_place(Gen *gen, SourcePos pos)
{
    uint32_t length;
    const char *text = place_print(&gen->places, gen->scratch, pos, &length);
    return gen_string(gen, text, length);
}

/* ---- constant objects -------------------------------------------------------------------------------------------- */

ConstantObject gen_object_begin(Gen *gen, uint32_t most_scalars)
{
    return (ConstantObject){arena_push(gen->scratch, (most_scalars * 2 + 1) * sizeof(LLVMValueRef)), 0, 0};
}

static void pad_to(Gen *gen, ConstantObject *object, uint32_t offset)
{
    if (object->offset < offset)
        object->members[object->n++] = LLVMConstNull(LLVMArrayType2(gen->i8, offset - object->offset));
    object->offset = offset;
}

void gen_object_add(Gen *gen, ConstantObject *object, uint32_t offset, LLVMValueRef scalar, Scalar kind)
{
    pad_to(gen, object, offset);
    object->members[object->n++] = scalar;
    object->offset += kind == SCALAR_BOOL ? 1 : 8;
}

/* Packed, because the paddings stand among the members. */
LLVMValueRef gen_object_end(Gen *gen, ConstantObject *object, uint32_t size)
{
    pad_to(gen, object, size);
    if (object->n == 1)
        return object->members[0];
    return LLVMConstStructInContext(gen->context, object->members, object->n, 1);
}

/* ---- default values ---------------------------------------------------------------------------------------------- */

static uint32_t none_of(Gen *gen, const Layout *layout)
{
    uint32_t n = type_n_constructors(gen->types, layout->type);
    for (uint32_t c = 0; c < n; c++)
        if (name_is(type_constructor(gen->types, layout->type, c)->name, NAME_None))
            return c;
    return 0;
}

/* What HashMap.get gives for an absent key: 0, 0.0, false, "", null, [], None. */
void gen_zero(Gen *gen, const Layout *layout, LLVMValueRef *scalars)
{
    if (layout->form == LAYOUT_VARIANT || layout->form == LAYOUT_BOXED_VARIANT || layout->form == LAYOUT_TAG) {
        gen_make_variant(gen, layout, none_of(gen, layout), NULL, scalars);
        return;
    }
    for (uint32_t i = 0; i < layout->n; i++)
        scalars[i] = LLVMConstNull(gen->scalar_types[layout->scalars[i].scalar]);
    TypeKind kind = type_kind(gen->types, layout->type);
    if (kind == TYPE_STRING)
        scalars[0] = gen_literal(gen, (SourcePos){0});
    if (kind == TYPE_LIST)
        gen_no_elements(gen, scalars);
}
