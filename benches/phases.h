/* What phases_bench.cc measures: the compiler's inside, as a C++ program can call it. */
#ifndef POLEC_BENCHES_PHASES_H
#define POLEC_BENCHES_PHASES_H

#include <stddef.h>
#include <stdint.h>

enum { PHASES = 4 }; /* lex, parse, build, codegen */

typedef struct {
    uint64_t nanoseconds[PHASES]; /* processor time of this thread */
    uint64_t llvm_nanoseconds;    /* of codegen's: what LLVM takes to make objects of the modules that it is given */
    uint64_t tokens;
} PhasesRun;

/* Takes a text through the first `n` phases, each arena freed as the driver frees it; 0 if the text has errors.  The pool
   is the same in every call, so memory is warm but for the first. */
int phases_run(const char *text, size_t length, unsigned n, PhasesRun *run);

typedef struct { const char *bytes; uint32_t length; } Identifier; /* sixteen readable bytes behind it */

/* The identifiers of a text in their order.  The text stays until phases_close_text(). */
const Identifier *phases_open_text(const char *text, size_t length, size_t *n);
void phases_close_text(void);

/* Interns them in a new table; the sum of their numbers, and how many names there are.  If `again`, once more: then all
   are known.  Nanoseconds are those of the last time. */
uint64_t phases_intern(int again, uint64_t *n_names, uint64_t *nanoseconds);

#endif
