/* Programs and tests in this process, through ORC's LLJIT. */
#ifndef POLEC_CODEGEN_JIT_H
#define POLEC_CODEGEN_JIT_H

#include "codegen/code.h"
#include "options.h"

/*
 * Loads the program and returns its main().  The code stays loaded, because the program's exit handlers may lie in it:
 * the caller is expected to exit soon after the call.
 * NULL: a library or a symbol is missing; `failure` (of `size` bytes) says which.
 */
typedef int JitMain(void);
JitMain *jit_load_main(const Options *options, Code *code, char *failure, size_t size);

/* A test: did it pass? */
typedef bool JitTest(void);

/* Loads the program; functions[i] is its i-th test, here and in child processes, until it is unloaded.  One program at a
   time.  False: as above, and nothing stays loaded. */
bool jit_load_tests(const Options *options, Code *code, JitTest **functions, char *failure, size_t size);
void jit_unload_tests(void);

#endif
