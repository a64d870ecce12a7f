/*
 * Layout: how a value of some type is spread over scalars, and how it lies in memory.
 *
 * LLVM sees only four classes of scalars: i64, i1, double, ptr.
 *
 *   Int, Nat            one i64
 *   Bool                one i1 (a byte in memory)
 *   Float64             one double
 *   Unit                nothing
 *   String, Ptr, HashMap, function, lazy cell    one ptr
 *   List                ptr, i64 (the length word of runtime.h)
 *   record, tuple       the fields' scalars one after the other; *boxed* (one ptr to an immutable object) if they would
 *                       be more than MAX_SCALARS
 *   variant             without any payload: one i64, the tag.  Otherwise the tag and a set of *slots* that all
 *                       constructors share; boxed if it contains itself by value or would take more than
 *                       MAX_VARIANT_SCALARS
 *
 * A *part* is a leaf of that tree: one scalar, a list, or a variant; records and tuples dissolve into their parts.
 * Slots hold whole parts, so that a list in a payload lies in memory as a list does anywhere, and descriptors
 * (PoleType in runtime.h) can name each part by its offset.  Slots a constructor does not use are zero.
 *
 * In memory scalars lie in their order, each aligned to its size.  A boxed variant is { i64 tag, payload fields }, a boxed
 * record its fields, like a C struct.
 *
 * A layout does not depend on which types were asked for before: on the ways through types by value that begin at the
 * first component not yet known, the same cycles come to light in whatever order they are found.
 *
 * Memory: the codegen arena; one Layout a type, computed when it is first asked for.
 */
#ifndef POLEC_CODEGEN_LAYOUT_H
#define POLEC_CODEGEN_LAYOUT_H

#include "ir/types.h"

enum {
    MAX_SCALARS = 40,         /* a record in a loop costs moves, a boxed one an allocation each time round: n-body took 2.3
                                 times as long with a limit of 16 (2026-11, benches/programs.py) */
    MAX_VARIANT_SCALARS = 16, /* most slots of a variant lie idle */
};

typedef enum { SCALAR_I64, SCALAR_BOOL, SCALAR_DOUBLE, SCALAR_PTR, N_SCALARS } Scalar;

typedef enum {
    LAYOUT_LEAF,          /* basic types, lists, pointers */
    LAYOUT_RECORD, LAYOUT_BOXED_RECORD,
    LAYOUT_TAG,           /* variant without payloads */
    LAYOUT_VARIANT, LAYOUT_BOXED_VARIANT,
} LayoutForm;

/* What `==` has to do. */
typedef enum {
    COMPARE_SCALARS,      /* all scalars are equal, and that is all there is to it */
    COMPARE_PARTS,        /* part by part; some are strings */
    COMPARE_DEEP,         /* lists or payloads have to be walked: the run-time library does it */
} LayoutCompare;

typedef struct Layout Layout;

typedef struct { uint32_t offset; uint8_t scalar; } LayoutScalar;
typedef struct { const Layout *layout; uint32_t offset; uint32_t first; /* scalar */ } LayoutPart;
typedef struct { const Layout *layout; uint32_t offset; uint32_t first; /* scalar, counted through all fields */ } LayoutField;

typedef struct {
    uint32_t n_fields;
    const LayoutField *fields;
    const uint8_t *slots;   /* LAYOUT_VARIANT: which of the variant's scalars holds the payload's k-th scalar */
    uint32_t size;          /* LAYOUT_BOXED_VARIANT: of the object, tag included */
    bool plain;             /* LAYOUT_BOXED_VARIANT: the object holds no pointers */
} LayoutConstructor;

struct Layout {
    TypeId type;
    uint8_t form;           /* LayoutForm */
    uint8_t compare;        /* LayoutCompare */
    uint8_t n;              /* scalars */
    uint8_t n_parts;
    bool plain;             /* a value in memory holds no pointers */
    uint32_t size, alignment;
    const LayoutScalar *scalars;
    const LayoutPart *parts;
    LayoutConstructor *constructors; /* variants with payloads, through layout_constructor(); of a boxed record: one,
                                        its contents; of a record: one, its fields */
};

typedef struct {
    Types *types;
    Arena *arena;
    ArenaArray *by_type;    /* const Layout *, indexed by TypeId */
    ArenaArray *stack;      /* types whose components are being laid out */
} Layouts;

void layouts_open(Layouts *layouts, Types *types, Arena *arena);
const Layout *layout_compute(Layouts *layouts, TypeId type);

static inline const Layout *layout_of(Layouts *layouts, TypeId type)
{
    const Layout *const *known = (const void *)layouts->by_type->items;
    if (type.i < layouts->by_type->count && known[type.i] != NULL)
        return known[type.i];
    return layout_compute(layouts, type);
}

/* Where the payload of a variant's constructor lies. */
const LayoutConstructor *layout_constructor(Layouts *layouts, const Layout *variant, uint32_t index);

/* Fields of a record or tuple, boxed or not. */
static inline const LayoutConstructor *layout_record(const Layout *record) { return record->constructors; }

#endif
