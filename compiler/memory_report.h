/*
 * Memory report: what every arena held, of what kinds, and when it was freed.
 *
 * The driver takes the figures while the arenas are alive; what is printed afterwards needs none of them.  Used bytes,
 * high water, allocations, kinds and moments are exact: the same input gives the same figures on every machine.
 */
#ifndef POLEC_MEMORY_REPORT_H
#define POLEC_MEMORY_REPORT_H

#include <stdio.h>

#include "charges.h"
#include "options.h"
#include "polec.h"

/* Explains what an arena's bytes are.  A product that is alive is walked and adds a row for each kind of thing in it;
   arrays that no row tells of then get one each, under their own name, and so do the kinds of what was pushed; what is
   left is "other". */
typedef struct {
    PolecKinds *kinds;
    Arena *arena;
    uint64_t explained;                /* bytes in the rows so far */
    const void *told[ARENA_MAX_ARRAYS]; /* items of the arrays that the rows tell of */
    uint32_t n_told;
    const SourceText *text;            /* where positions in the product lead to */
    Charges *charges;                  /* to be filled in as well; NULL: nobody wants to know */
} KindTable;

KindTable kinds_open(PolecKinds *kinds, Arena *arena);
void kinds_add(KindTable *table, const char *kind, uint64_t count, uint64_t bytes);
void kinds_told(KindTable *table, const void *items); /* the array with these items needs no row */
void kinds_close(KindTable *table);

/* The reports of all files, as one document.  `system_calls`: for memory, by all pools of the process. */
void memory_report_text(FILE *stream, const PolecMemoryReport *const *reports, size_t n, uint64_t system_calls);
void memory_report_json(FILE *stream, const PolecMemoryReport *const *reports, size_t n, uint64_t system_calls);
void memory_report_json_file(FILE *stream, const PolecMemoryReport *report); /* one member of "files" */
void memory_report_prometheus(FILE *stream, const PolecMemoryReport *const *reports, size_t n, uint64_t system_calls);
/* Tables of one file's report, if it has any: bytes by function, by line. */
void memory_detail_text(FILE *stream, const PolecMemoryReport *report);
void memory_detail_json(FILE *stream, const PolecMemoryReport *report);
void report_put_cell(FILE *stream, uint64_t number); /* 12 columns: 1,234,567; nothing for 0 */
void memory_report_trace(FILE *stream, const PolecMemoryReport *const *reports, size_t n);

#endif
