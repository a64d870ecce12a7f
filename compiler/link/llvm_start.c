/*
 * Two costs of LLVM that a compile need not pay.
 *
 * Constructors.  LLVM has about 370 global constructors in C++, nearly all for its command-line options.  Linked the
 * usual way they run before main(): 0.8 ms and 2.7 MB that a program without code generation has no use for.
 * llvm_constructors.ld therefore moves their addresses out of the table that libc runs at start-up, and llvm_start()
 * runs them when code generation begins.
 *
 * The option table.  Each of those options enters itself into a hash table of names.  Nobody here parses LLVM's
 * options (they keep their defaults), so the linker leads the calls to an empty function (--wrap).  That was a fifth
 * of the instructions of a small compile.
 *
 * Linked without the script (against the shared LLVM, or by a program that uses libpolec), the constructors run before
 * main() as ever, the table here is empty, and llvm_start() does nothing.
 */
#include "link/llvm_start.h"

#include <pthread.h>
#include <stddef.h>
#include <unistd.h>

typedef void Constructor(int, char **, char **);

extern Constructor *llvm_constructors[] __attribute__((weak));
extern Constructor *llvm_constructors_end[] __attribute__((weak));

/* llvm::cl::Option::addArgument(), as --wrap spells it */
void __wrap__ZN4llvm2cl6Option11addArgumentEv(void *option);
void __wrap__ZN4llvm2cl6Option11addArgumentEv(void *option)
{
    (void)option;
}

static void run_constructors(void)
{
    static char *no_arguments[] = { NULL };
    for (Constructor **c = llvm_constructors; c < llvm_constructors_end; c++)
        (*c)(0, no_arguments, no_arguments);
}

void llvm_start(void)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    pthread_once(&once, run_constructors);
}
