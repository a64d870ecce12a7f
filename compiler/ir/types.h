/*
 * Types: every distinct type is stored once, so two types are equal when their ids are.
 *
 * Memory: the session arena, because types travel from the IR builder to the code generator, and reports name them.
 * A type is a kind and a few operands (other types, or names); composite types are found by hashing.
 *
 * Declared records and variants are a TYPE_RECORD or TYPE_VARIANT with the number of their declaration and their type
 * arguments; the declaration lists fields and constructors in terms of TYPE_PARAMETER 0, 1 ..., for which the arguments
 * are substituted (type_substitute) whenever a field's type is wanted.  Option and Result are ordinary declarations,
 * made when the table is opened.
 */
#ifndef POLEC_IR_TYPES_H
#define POLEC_IR_TYPES_H

#include "base/names.h"
#include "base/work_stack.h"
#include "session.h"

typedef struct { uint32_t i; } TypeId; /* 0 is "no type" */
typedef struct { uint32_t i; } DeclId; /* a declared record or variant; index into Types.declarations */

typedef enum {
    TYPE_NONE,
    TYPE_ERROR,       /* of an expression that has been reported; agrees with every type */
    TYPE_INT, TYPE_NAT, TYPE_FLOAT, TYPE_BOOL, TYPE_STRING, TYPE_UNIT,
    /* only in extern signatures */
    TYPE_C_INT, TYPE_C_UINT, TYPE_C_SHORT, TYPE_C_CHAR, TYPE_C_FLOAT,
    TYPE_LIST,        /* element */
    TYPE_PTR,         /* pointee, documentation only */
    TYPE_HASHMAP,     /* key, value */
    TYPE_LAZY,        /* value: the cell behind `let x = lazy e`; the program cannot name it */
    TYPE_TUPLE,       /* two or more elements */
    TYPE_FUNCTION,    /* parameters, then the result; without parameters: the result alone */
    TYPE_ANONYMOUS,   /* name, type, name, type ... in ascending order of the names' ids */
    TYPE_RECORD,      /* DeclId, type arguments */
    TYPE_VARIANT,     /* DeclId, type arguments */
    TYPE_PARAMETER,   /* its number: a type parameter, opaque */
    TYPE_VARIABLE,    /* its number: not known yet; only inside the builder, never in a finished function */
} TypeKind;

enum { TYPE_HAS_VARIABLE = 1, TYPE_HAS_PARAMETER = 2 };

typedef struct {
    uint8_t kind;            /* TypeKind */
    uint8_t flags;           /* TYPE_HAS_...: some operand, at any depth, is one */
    uint16_t depth;          /* 1 for a basic type, one more than its deepest part for a composite one */
    uint32_t first_operand;  /* into Types.operands */
    uint32_t n_operands;
} Type;

typedef struct { NameId name; SourcePos pos; TypeId type; } TypeField;
/* A payload's pos is that of its type in the declaration: a failing Nat check names it. */
typedef struct { TypeId type; SourcePos pos; } TypePayload;
typedef struct { NameId name; SourcePos pos; DeclId decl; uint32_t index; uint32_t first_payload, n_payload; } TypeConstructor;
typedef struct {
    NameId name;
    SourcePos pos;
    uint8_t kind;             /* TYPE_RECORD or TYPE_VARIANT */
    uint32_t n_parameters;
    uint32_t first, n;        /* into Types.fields or Types.constructors */
} TypeDecl;

typedef struct Types {
    const Names *names;
    ArenaArray *types;        /* Type, indexed by TypeId */
    ArenaArray *operands;     /* uint32_t */
    ArenaArray *slots;        /* hash table: { hash, TypeId } */
    ArenaArray *declarations; /* TypeDecl, indexed by DeclId */
    ArenaArray *fields;       /* TypeField */
    ArenaArray *constructors; /* TypeConstructor */
    ArenaArray *payloads;     /* TypePayload */
    WorkStack work;           /* uint32_t: for making types; empty between calls */
    DeclId option, result;
    const NameId *parameter_names; /* how TYPE_PARAMETER 0, 1 ... are called just now, for messages; or NULL */
    uint32_t n_parameter_names;
} Types;

/* The basic types have the same id in every session. */
#define TYPE_ID(kind) ((TypeId){kind})

/* Appends the types of `from`, of which this table is the front, up to number `n`; and makes the stack for making types as
   large as it had been there. */
void types_take_over(Types *types, const Types *from, uint32_t n, size_t work);

Types *types_open(Arena *session_arena, const Names *names);

/* A table that goes on from here on its own, for a thread that makes types; it shares the declarations, to which nothing
   may be added any more. */
Types *types_copy(Arena *arena, const Types *types);

TypeId type_list(Types *types, TypeId element);
TypeId type_ptr(Types *types, TypeId pointee);
TypeId type_hashmap(Types *types, TypeId key, TypeId value);
TypeId type_lazy(Types *types, TypeId value);
TypeId type_option(Types *types, TypeId element);
/* Operands as TypeKind lists them; they are copied before anything else happens. */
TypeId type_make(Types *types, TypeKind kind, const uint32_t *operands, uint32_t n);
TypeId type_make_at(Types *types, TypeKind kind, uint32_t first, uint32_t n); /* operands: types->work from `first` */

static inline const Type *type_get(const Types *types, TypeId id) { return (const Type *)(const void *)types->types->items + id.i; }
static inline TypeKind type_kind(const Types *types, TypeId id) { return (TypeKind)type_get(types, id)->kind; }
static inline bool type_equal(TypeId a, TypeId b) { return a.i == b.i; }
static inline uint32_t type_operand(const Types *types, TypeId id, uint32_t index)
{
    return ((const uint32_t *)(const void *)types->operands->items)[type_get(types, id)->first_operand + index];
}
static inline TypeId type_part(const Types *types, TypeId id, uint32_t index) { return (TypeId){type_operand(types, id, index)}; }

/* A declared type with the arguments of `id`, a TYPE_RECORD or TYPE_VARIANT, put in; most have no place for any. */
TypeId type_put_arguments(Types *types, TypeId id, TypeId declared);
static inline TypeId type_with_arguments(Types *types, TypeId id, TypeId declared)
{
    return type_get(types, declared)->flags & TYPE_HAS_PARAMETER ? type_put_arguments(types, id, declared) : declared;
}

static inline const TypeDecl *type_decl(const Types *types, TypeId id) /* of a TYPE_RECORD or TYPE_VARIANT */
{
    return (const TypeDecl *)(const void *)types->declarations->items + type_operand(types, id, 0);
}
static inline const TypeField *type_declared_field(const Types *types, TypeId id, uint32_t index) /* of a TYPE_RECORD */
{
    return (const TypeField *)(const void *)types->fields->items + type_decl(types, id)->first + index;
}

/* Records, anonymous records and tuples alike: number of fields, and a field's type with type arguments put in. */
uint32_t type_n_fields(const Types *types, TypeId id);
TypeId type_field(Types *types, TypeId id, uint32_t index);
NameId type_field_name(const Types *types, TypeId id, uint32_t index); /* 0 for tuples */

/* Variants: constructors and their payload types with type arguments put in. */
static inline uint32_t type_n_constructors(const Types *types, TypeId id) { return type_decl(types, id)->n; }
static inline const TypeConstructor *type_constructor(const Types *types, TypeId id, uint32_t index)
{
    return (const TypeConstructor *)(const void *)types->constructors->items + type_decl(types, id)->first + index;
}
static inline const TypePayload *type_declared_payload(const Types *types, const TypeConstructor *constructor, uint32_t index)
{
    return (const TypePayload *)(const void *)types->payloads->items + constructor->first_payload + index;
}
static inline TypeId type_payload(Types *types, TypeId id, uint32_t constructor, uint32_t index)
{
    const TypeConstructor *made_by = type_constructor(types, id, constructor);
    return type_with_arguments(types, id, type_declared_payload(types, made_by, index)->type);
}

/* Functions. */
static inline uint32_t type_n_params(const Types *types, TypeId id) { return type_get(types, id)->n_operands - 1; }
static inline TypeId type_param(const Types *types, TypeId id, uint32_t index) { return type_part(types, id, index); }
static inline TypeId type_result(const Types *types, TypeId id) { return type_part(types, id, type_n_params(types, id)); }

/* TYPE_PARAMETER k becomes arguments[k]; `arguments` must not lie in types->work (for that, the _at form: from `first`). */
TypeId type_substitute(Types *types, TypeId id, const TypeId *arguments, uint32_t n);
TypeId type_substitute_at(Types *types, TypeId id, uint32_t first, uint32_t n);

/* Declaring: fields, constructors and payloads are added in order, one declaration after the other. */
DeclId type_declare(Types *types, NameId name, SourcePos pos, TypeKind kind, uint32_t n_parameters);
void type_declare_field(Types *types, DeclId decl, NameId name, SourcePos pos, TypeId type);
void type_declare_constructor(Types *types, DeclId decl, NameId name, SourcePos pos);
void type_declare_payload(Types *types, TypeId type, SourcePos pos); /* of the constructor declared last */

/* Writes the type as a program would ("List<Int>", "(Int, Bool) -> Unit"); returns the length it would take, like
   snprintf.  Deep types are cut with "...". */
size_t type_print(const Types *types, TypeId id, char *buffer, size_t size);

#endif
