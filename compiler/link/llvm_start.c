/*
 * Costs of LLVM that a compile need not pay.
 *
 * Constructors.  LLVM has about 370 global constructors in C++, nearly all for its command-line options.  Linked the
 * usual way they run before main(): 0.8 ms and 2.7 MB that a program without code generation has no use for.
 * llvm_constructors.ld therefore moves their addresses out of the table that libc runs at start-up, and llvm_start()
 * runs them when code generation begins: those of the optimiser's passes, two fifths of them, only if it is to optimise.
 *
 * Destructors.  Each constructor asks libc to run a destructor at exit.  What they would give back goes with the process,
 * so libc does not hear of them (--wrap again).
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
#include <sched.h>
#include <stdbool.h>
#include <stddef.h>
#include <unistd.h>

typedef void Constructor(int, char **, char **);

/* Two tables, one behind the other; see llvm_constructors.ld. */
extern Constructor *llvm_pass_constructors[] __attribute__((weak));
extern Constructor *llvm_constructors[] __attribute__((weak));
extern Constructor *llvm_constructors_end[] __attribute__((weak));

/* llvm::cl::Option::addArgument(), as --wrap spells it */
void __wrap__ZN4llvm2cl6Option11addArgumentEv(void *option);
void __wrap__ZN4llvm2cl6Option11addArgumentEv(void *option)
{
    (void)option;
}

static _Thread_local bool constructing;

int __real___cxa_atexit(void (*function)(void *), void *argument, void *image) __attribute__((weak));
int __wrap___cxa_atexit(void (*function)(void *), void *argument, void *image);
int __wrap___cxa_atexit(void (*function)(void *), void *argument, void *image)
{
    return constructing ? 0 : __real___cxa_atexit(function, argument, image);
}

/* libc's asks the kernel to wake whoever waits, though nobody does; LLVM registers its passes with some two hundred. */
int __wrap_pthread_once(pthread_once_t *control, void (*routine)(void));
int __wrap_pthread_once(pthread_once_t *control, void (*routine)(void))
{
    enum { RUNNING = 1, DONE = 2 };
    int state = PTHREAD_ONCE_INIT;
    if (__atomic_load_n(control, __ATOMIC_ACQUIRE) == DONE)
        return 0;
    if (__atomic_compare_exchange_n(control, &state, RUNNING, false, __ATOMIC_ACQUIRE, __ATOMIC_ACQUIRE)) {
        routine();
        __atomic_store_n(control, DONE, __ATOMIC_RELEASE);
    }
    while (__atomic_load_n(control, __ATOMIC_ACQUIRE) != DONE)
        sched_yield();
    return 0;
}

static void run(Constructor **from, Constructor **end)
{
    static char *no_arguments[] = { NULL };
    constructing = true;
    for (Constructor **c = from; c < end; c++)
        (*c)(0, no_arguments, no_arguments);
    constructing = false;
}

static void run_constructors(void)
{
    run(llvm_constructors, llvm_constructors_end);
}

static void run_pass_constructors(void)
{
    run(llvm_pass_constructors, llvm_constructors);
}

void llvm_start(void)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    pthread_once(&once, run_constructors);
}

void llvm_start_passes(void)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    pthread_once(&once, run_pass_constructors);
}
