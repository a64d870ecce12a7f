/* Executables, by the system's C compiler as linker. */
#ifndef POLEC_CODEGEN_LINK_H
#define POLEC_CODEGEN_LINK_H

#include "codegen/code.h"
#include "options.h"

/*
 * Links the program's object with the run-time library, what @link and -l name, and libc, into `output`.  Lists of
 * arguments go to `arena`.  False: something is missing or the linker failed; `failure` (of `size` bytes) says what.
 */
bool link_executable(Arena *arena, const Options *options, const Code *code, const char *output, char *failure, size_t size);

#endif
