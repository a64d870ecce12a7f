/*
 * Types for debuggers: how a value of each type lies in memory, told in terms of C.
 *
 *   Int, Nat, Bool, Float64     base types of these names
 *   String                      char *, with a 0 behind the bytes
 *   List<T>                     struct { T *elements; kind : 2; length : 62; }
 *   record                      struct of its fields; of a tuple they are called _0, _1 ...
 *   variant without payloads    enum
 *   variant                     struct { enum tag; struct { _0, _1 ... } Constructor; ... }, the structs overlapping
 *   boxed record or variant     a pointer to such a struct
 *   others                      pointers
 *
 * A type may contain itself (in a list, in a box).  Where it is met inside itself something stands in for it that is
 * replaced when the unit ends.  What lies too deep inside of a type is shown by its name alone: declared types nest without
 * a limit, and LLVM descends into what is described as deep as it goes.
 */
#include <stdio.h>
#include <string.h>

#include "codegen/debug.h"

enum { BITS = 8, WORD_BITS = 64, TYPE_NAME_SIZE = 256, MOST_LEVELS = 100, DW_TAG_STRUCTURE = 0x13 };

typedef struct { char text[TYPE_NAME_SIZE]; size_t length; } TypeName;

static TypeName name_of(const Gen *gen, TypeId type)
{
    TypeName name;
    size_t length = type_print(gen->types, type, name.text, sizeof name.text);
    name.length = length < sizeof name.text ? length : sizeof name.text - 1;
    return name;
}

/* Where the type was declared, for records and variants. */
static SourcePos place_of(const Gen *gen, TypeId type)
{
    TypeKind kind = type_kind(gen->types, type);
    return kind == TYPE_RECORD || kind == TYPE_VARIANT ? type_decl(gen->types, type)->pos : (SourcePos){0};
}

/* ---- members and structs ----------------------------------------------------------------------------------------- */

/* The struct that is being put together: its members lie in the scratch arena. */
typedef struct { LLVMMetadataRef *members; uint32_t n; LLVMMetadataRef file; uint32_t line; } Struct;

static Struct struct_begin(Gen *gen, SourcePos pos, uint32_t most_members)
{
    return (Struct){arena_push(gen->scratch, most_members * sizeof(LLVMMetadataRef) + 1), 0, debug_file(gen, pos),
                    debug_line(gen, pos)};
}

static void add_member(Gen *gen, Struct *s, const char *name, size_t length, LLVMMetadataRef type, uint32_t size, uint32_t offset)
{
    s->members[s->n++] = LLVMDIBuilderCreateMemberType(gen->debug->builder, gen->debug->unit, name, length, s->file, s->line,
                                                       (uint64_t)size * BITS, 0, (uint64_t)offset * BITS, LLVMDIFlagZero, type);
}

static LLVMMetadataRef struct_end(Gen *gen, const Struct *s, const char *name, size_t length, uint32_t size)
{
    return LLVMDIBuilderCreateStructType(gen->debug->builder, gen->debug->unit, name, length, s->file, s->line,
                                         (uint64_t)size * BITS, 0, LLVMDIFlagZero, NULL, s->members, s->n, 0, NULL, "", 0);
}

static LLVMMetadataRef pointer_to(Gen *gen, LLVMMetadataRef type, const char *name, size_t length)
{
    return LLVMDIBuilderCreatePointerType(gen->debug->builder, type, WORD_BITS, 0, 0, name, length);
}

static LLVMMetadataRef base_type(Gen *gen, const char *name, uint64_t bits, LLVMDWARFTypeEncoding encoding)
{
    return LLVMDIBuilderCreateBasicType(gen->debug->builder, name, strlen(name), bits, encoding, LLVMDIFlagZero);
}

/* A pointer that shows the name of the type but nothing of what it points to. */
static LLVMMetadataRef opaque(Gen *gen, TypeId type)
{
    TypeName name = name_of(gen, type);
    return LLVMDIBuilderCreateTypedef(gen->debug->builder, pointer_to(gen, NULL, "", 0), name.text, name.length,
                                      debug_file(gen, (SourcePos){0}), 0, gen->debug->unit, 0);
}

/* ---- lists, records ---------------------------------------------------------------------------------------------- */

/* DW_ATE_... of the DWARF standard, section 7.8 */
enum { ENCODING_BOOLEAN = 2, ENCODING_FLOAT = 4, ENCODING_SIGNED = 5, ENCODING_SIGNED_CHAR = 6, ENCODING_UNSIGNED = 7 };

static LLVMMetadataRef list_type(Gen *gen, TypeId type)
{
    Debug *debug = gen->debug;
    TypeName name = name_of(gen, type);
    TypeId element = type_part(gen->types, type, 0);
    LLVMMetadataRef pointee = layout_of(&gen->layouts, element)->n == 0 ? NULL : debug_type(gen, element);
    LLVMMetadataRef word = base_type(gen, "unsigned long", WORD_BITS, ENCODING_UNSIGNED);
    Struct s = struct_begin(gen, (SourcePos){0}, 3);
    add_member(gen, &s, "elements", 8, pointer_to(gen, pointee, "", 0), 8, 0);
    s.members[s.n++] = LLVMDIBuilderCreateBitFieldMemberType(debug->builder, debug->unit, "kind", 4, s.file, 0, LENGTH_SHIFT,
                                                             WORD_BITS, WORD_BITS, LLVMDIFlagZero, word);
    s.members[s.n++] =
        LLVMDIBuilderCreateBitFieldMemberType(debug->builder, debug->unit, "length", 6, s.file, 0, WORD_BITS - LENGTH_SHIFT,
                                              WORD_BITS + LENGTH_SHIFT, WORD_BITS, LLVMDIFlagZero, word);
    return struct_end(gen, &s, name.text, name.length, 16);
}

/* Without a label it is called by its number. */
static void add_field(Gen *gen, Struct *s, NameId label, uint32_t index, const LayoutField *field)
{
    char number[16];
    if (field->layout->n == 0)
        return;
    LLVMMetadataRef described = debug_type(gen, field->layout->type);
    if (label.i != 0)
        add_member(gen, s, name_text(&gen->session->names, label), name_length(&gen->session->names, label), described,
                   field->layout->size, field->offset);
    else
        add_member(gen, s, number, (size_t)snprintf(number, sizeof number, "_%u", index), described, field->layout->size,
                   field->offset);
}

static LLVMMetadataRef record_type(Gen *gen, const Layout *layout)
{
    const LayoutConstructor *body = layout_record(layout);
    TypeName name = name_of(gen, layout->type);
    Struct s = struct_begin(gen, place_of(gen, layout->type), body->n_fields);
    for (uint32_t i = 0; i < body->n_fields; i++)
        add_field(gen, &s, type_field_name(gen->types, layout->type, i), i, &body->fields[i]);
    LLVMMetadataRef described = struct_end(gen, &s, name.text, name.length, body->size);
    return layout->form == LAYOUT_BOXED_RECORD ? pointer_to(gen, described, "", 0) : described;
}

/* ---- variants ---------------------------------------------------------------------------------------------------- */

static LLVMMetadataRef tag_type(Gen *gen, TypeId type)
{
    Debug *debug = gen->debug;
    const Names *names = &gen->session->names;
    SourcePos pos = place_of(gen, type);
    TypeName name = name_of(gen, type);
    uint32_t n = type_n_constructors(gen->types, type);
    LLVMMetadataRef *constructors = arena_push(gen->scratch, n * sizeof *constructors + 1);
    for (uint32_t i = 0; i < n; i++) {
        NameId constructor = type_constructor(gen->types, type, i)->name;
        constructors[i] = LLVMDIBuilderCreateEnumerator(debug->builder, name_text(names, constructor),
                                                        name_length(names, constructor), i, 0);
    }
    return LLVMDIBuilderCreateEnumerationType(debug->builder, debug->unit, name.text, name.length, debug_file(gen, pos),
                                              debug_line(gen, pos), WORD_BITS, 0, constructors, n,
                                              base_type(gen, "Int", WORD_BITS, ENCODING_SIGNED));
}

static uint32_t count_parts(const LayoutConstructor *constructor)
{
    uint32_t n = 0;
    for (uint32_t i = 0; i < constructor->n_fields; i++)
        n += constructor->fields[i].layout->n_parts > 0 ? constructor->fields[i].layout->n_parts : 1;
    return n;
}

/* What a part of a payload is called: _INDEX, or _INDEX_PART if the payload is a record that was taken to pieces. */
static void add_parts(Gen *gen, Struct *s, const Layout *variant, const LayoutConstructor *constructor, uint32_t index)
{
    const LayoutField *field = &constructor->fields[index];
    char name[32];
    for (uint32_t k = 0; k < field->layout->n_parts; k++) {
        const LayoutPart *part = &field->layout->parts[k];
        int length = field->layout->n_parts == 1 ? snprintf(name, sizeof name, "_%u", index)
                                                 : snprintf(name, sizeof name, "_%u_%u", index, k);
        uint32_t offset = variant->scalars[constructor->slots[field->first + part->first]].offset;
        add_member(gen, s, name, (size_t)length, debug_type(gen, part->layout->type), part->layout->size, offset);
    }
}

static void add_payload(Gen *gen, Struct *s, const Layout *variant, uint32_t index, uint32_t size)
{
    const TypeConstructor *declared = type_constructor(gen->types, variant->type, index);
    const LayoutConstructor *constructor = layout_constructor(&gen->layouts, variant, index);
    const Names *names = &gen->session->names;
    Struct payload = struct_begin(gen, declared->pos, count_parts(constructor));
    for (uint32_t i = 0; i < constructor->n_fields; i++) {
        if (variant->form == LAYOUT_BOXED_VARIANT)
            add_field(gen, &payload, (NameId){0}, i, &constructor->fields[i]);
        else
            add_parts(gen, &payload, variant, constructor, i);
    }
    const char *name = name_text(names, declared->name);
    uint32_t length = name_length(names, declared->name);
    if (payload.n > 0)
        add_member(gen, s, name, length, struct_end(gen, &payload, name, length, size), size, 0);
}

static LLVMMetadataRef variant_type(Gen *gen, const Layout *layout)
{
    bool boxed = layout->form == LAYOUT_BOXED_VARIANT;
    TypeName name = name_of(gen, layout->type);
    uint32_t n = type_n_constructors(gen->types, layout->type), size = layout->size;
    for (uint32_t i = 0; i < n && boxed; i++) {
        uint32_t needed = layout_constructor(&gen->layouts, layout, i)->size;
        size = needed > size ? needed : size;
    }
    Struct s = struct_begin(gen, place_of(gen, layout->type), n + 1);
    add_member(gen, &s, "tag", 3, tag_type(gen, layout->type), 8, 0);
    for (uint32_t i = 0; i < n; i++)
        add_payload(gen, &s, layout, i, size);
    LLVMMetadataRef described = struct_end(gen, &s, name.text, name.length, size);
    return boxed ? pointer_to(gen, described, "", 0) : described;
}

/* ---- any type ---------------------------------------------------------------------------------------------------- */

static LLVMMetadataRef describe(Gen *gen, TypeId type)
{
    const Layout *layout = layout_of(&gen->layouts, type);
    switch ((LayoutForm)layout->form) {
    case LAYOUT_RECORD:
    case LAYOUT_BOXED_RECORD: return record_type(gen, layout);
    case LAYOUT_TAG: return tag_type(gen, type);
    case LAYOUT_VARIANT:
    case LAYOUT_BOXED_VARIANT: return variant_type(gen, layout);
    case LAYOUT_LEAF: break;
    }
    switch (type_kind(gen->types, type)) {
    case TYPE_NAT: return base_type(gen, "Nat", WORD_BITS, ENCODING_SIGNED);
    case TYPE_BOOL: return base_type(gen, "Bool", BITS, ENCODING_BOOLEAN);
    case TYPE_FLOAT:
    case TYPE_C_FLOAT: return base_type(gen, "Float64", WORD_BITS, ENCODING_FLOAT);
    case TYPE_STRING: return pointer_to(gen, base_type(gen, "char", BITS, ENCODING_SIGNED_CHAR), "", 0);
    case TYPE_LIST: return list_type(gen, type);
    case TYPE_PTR:
    case TYPE_HASHMAP:
    case TYPE_LAZY:
    case TYPE_FUNCTION: return opaque(gen, type);
    default: return base_type(gen, "Int", WORD_BITS, ENCODING_SIGNED);
    }
}

static DebugType *entry_of(Gen *gen, TypeId type)
{
    ArenaArray *types = gen->debug->types;
    if (type.i >= types->count) {
        size_t more = type.i + 1 - types->count;
        memset(array_push(types, more), 0, more * sizeof(DebugType));
    }
    return (DebugType *)(void *)types->items + type.i;
}

static LLVMMetadataRef stand_in(Gen *gen, TypeId type)
{
    LLVMMetadataRef made = LLVMDIBuilderCreateReplaceableCompositeType(
        gen->debug->builder, DW_TAG_STRUCTURE, "", 0, gen->debug->unit, debug_file(gen, (SourcePos){0}), 0, 0, 0, 0,
        LLVMDIFlagFwdDecl, "", 0);
    *(DebugStandIn *)array_push(gen->debug->stand_ins, 1) = (DebugStandIn){made, type};
    return made;
}

LLVMMetadataRef debug_type(Gen *gen, TypeId type)
{
    DebugType known = *entry_of(gen, type);
    if (known.type != NULL)
        return known.type;
    if (known.in_progress)
        return stand_in(gen, type);
    if (gen->debug->type_levels == MOST_LEVELS)
        return opaque(gen, type); /* not for good: somebody else may ask from higher up */
    entry_of(gen, type)->in_progress = true;
    gen->debug->type_levels++;
    LLVMMetadataRef described = describe(gen, type);
    gen->debug->type_levels--;
    *entry_of(gen, type) = (DebugType){described, false};
    return described;
}

void debug_settle_types(Gen *gen)
{
    const DebugStandIn *stand_ins = (const void *)gen->debug->stand_ins->items;
    for (size_t i = 0; i < gen->debug->stand_ins->count; i++)
        LLVMMetadataReplaceAllUsesWith(stand_ins[i].stand_in, debug_type(gen, stand_ins[i].type));
}
