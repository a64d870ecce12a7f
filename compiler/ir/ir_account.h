/* What the IR's bytes are, for the memory report. */
#ifndef POLEC_IR_IR_ACCOUNT_H
#define POLEC_IR_IR_ACCOUNT_H

#include "ir/ir.h"
#include "memory_report.h"

void ir_account(KindTable *table, const void *product); /* of Ir */

#endif
