/* What a line of a dump shows, told to whoever shows the dump beside others and links them. */
#ifndef POLEC_DUMP_LINE_H
#define POLEC_DUMP_LINE_H

#include <stdint.h>

typedef struct {
    uint32_t kind;  /* AstKind or IrOp; N_IR_OPS for lines that are no instruction */
    uint32_t pos;   /* SourcePos of the token that it comes from, 0: of none */
    uint32_t id;    /* where in its product it lies, from 1, in words; 0: nowhere */
    uint32_t level; /* of nesting */
} DumpLine;

#endif
