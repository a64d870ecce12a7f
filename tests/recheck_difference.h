/* What a re-checked text must have in common with one that is checked from scratch: everything. */
#ifndef POLEC_TESTS_RECHECK_DIFFERENCE_H
#define POLEC_TESTS_RECHECK_DIFFERENCE_H

#include "recheck.h"

/* The first product that differs, by name; NULL if none does. */
const char *recheck_difference(const Recheck *a, const Recheck *b);

/* Whether they are the same when they are printed; else both are printed on standard error. */
bool recheck_same_diagnostics(const Diagnostics *a, const Diagnostics *b);

#endif
