/* Programs and tests in this process, through ORC's LLJIT. */
#ifndef POLEC_CODEGEN_JIT_H
#define POLEC_CODEGEN_JIT_H

#include "codegen/code.h"
#include "options.h"

/*
 * Loads the program and calls its main(); `status` is what main returned.  The code stays loaded, because the program's
 * exit handlers may lie in it: the caller is expected to exit soon.
 * False: a library or a symbol is missing; `failure` (of `size` bytes) says which.
 */
bool jit_run(const Options *options, Code *code, int *status, char *failure, size_t size);

/* Runs every test of the code, also after one that stopped with a run-time error; passed[i] is the i-th one's outcome. */
bool jit_test(const Options *options, Code *code, bool *passed, char *failure, size_t size);

#endif
