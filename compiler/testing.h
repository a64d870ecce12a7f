/* The tests of a file, run so that none of them can end the run. */
#ifndef POLEC_TESTING_H
#define POLEC_TESTING_H

#include "codegen/code.h"
#include "options.h"

/*
 * Runs every test of the code; passed[i] is the i-th one's outcome.  Why a test stopped goes to standard error, what it
 * prints to standard output.  The list of the tests' functions stays in `arena`.
 * False: not all were run, because the code could not be loaded, or no process was to be had; `failure` (of `size`
 * bytes) says why.
 */
bool testing_run(Arena *arena, const Options *options, Code *code, bool *passed, char *failure, size_t size);

#endif
