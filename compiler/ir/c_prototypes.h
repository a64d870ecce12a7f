/*
 * The true prototypes of well-known C functions (the language reference, 7.2), as a constant table.
 *
 * prelude/ has the declarations, make_prototypes.py turns them into c_prototypes_table.h at build time.  The table holds
 * offsets instead of pointers, so it needs no relocation, no start-up and no memory but its own read-only pages.
 *
 * Pointers of every kind are C_POINTER here.  Whether a program sees a String (C_STRING) or a Ptr behind it is for the
 * program's own declaration to say.
 */
#ifndef POLEC_IR_C_PROTOTYPES_H
#define POLEC_IR_C_PROTOTYPES_H

#include "ir/ir.h"

typedef struct {
    uint32_t name;         /* offset into the names, which stand end to end */
    uint16_t first_param;  /* offset into the parameters: C types, shared by functions with the same ones */
    uint8_t name_length;
    uint8_t n_params;
    uint8_t result;        /* CType */
    bool variadic;
    int8_t printf_format;  /* the parameter that is a printf format, counted from 0; -1: none */
} CPrototype;

/* NULL: not in the table. */
const CPrototype *c_prototype_find(const char *name, size_t length);

/* CType of a parameter. */
CType c_prototype_param(const CPrototype *prototype, uint32_t index);

/* Which parameter of the function is a printf format; -1: it is not of the printf family, or not known. */
int c_printf_format_parameter(const char *name, size_t length);

#endif
