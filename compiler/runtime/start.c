/*
 * What executables do before main().  Not part of polec and libpolec, which must leave signals alone until a program
 * runs in them (codegen/jit.c); so it stands in libpolert.a only, and codegen/link.c asks for it by name.
 */
#include "runtime/runtime.h"

void pole_start(void);
__attribute__((constructor)) void pole_start(void)
{
    pole_catch_overflow();
}
