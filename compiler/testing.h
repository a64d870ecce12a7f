/* The tests of a file, run so that none of them can end the run. */
#ifndef POLEC_TESTING_H
#define POLEC_TESTING_H

#include "codegen/code.h"
#include "options.h"

/* Called for each test, in order, when it has ended. */
typedef void TestingTell(void *context, const CodeTest *test, bool passed);

/*
 * Runs every test of the code and tells the outcomes to `tell`.  Why a test stopped goes to standard error; what it prints
 * to standard output, before its outcome is told.  The list of the tests' functions stays in `arena`.
 * False: not all were run, because the code could not be loaded, or no process was to be had; `failure` (of `size`
 * bytes) says why.
 */
bool testing_run(Arena *arena, const Options *options, Code *code, TestingTell *tell, void *context, char *failure, size_t size);

#endif
