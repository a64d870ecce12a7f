/* From charges to the tables of the memory report: bytes by function and by line. */
#ifndef POLEC_MEMORY_DETAIL_H
#define POLEC_MEMORY_DETAIL_H

#include "charges.h"
#include "memory_report.h"
#include "session.h"

/* Fills in the report's `functions` and `lines`, as far as they are wanted.  They and their texts go to `arena`. */
void memory_detail(PolecMemoryReport *report, Arena *arena, const Session *session, const Charges *charges);

#endif
