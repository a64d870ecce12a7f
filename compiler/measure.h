/* Taking the figures of a compilation while it runs: time always, memory if a report was asked for. */
#ifndef POLEC_MEASURE_H
#define POLEC_MEASURE_H

#include "driver.h"
#include "memory_report.h"

/* Adds a row for each kind of thing that a product holds. */
typedef void ProductAccount(KindTable *table, const void *product);

uint64_t measure_now(void); /* nanoseconds, from some fixed point */

void measure_start(Compilation *compilation);
/* Who records the compilation wants to see its allocations. */
void measure_watch(Compilation *compilation, PoolOptions *options);
void measure_phase_begins(Compilation *compilation, Phase phase);
/* The phase has ended; its product, if there is one, is walked. */
void measure_phase_ends(Compilation *compilation, Phase phase, ProductAccount *account, const void *product);
/* Right before and right after a phase's arena is freed. */
void measure_before_free(Compilation *compilation, Phase phase);
void measure_after_free(Compilation *compilation, Phase phase);
/* The phases are over, the session is still there. */
void measure_end(Compilation *compilation);

#endif
