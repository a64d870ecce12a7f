/*
 * How a process ends in a build that measures coverage (-Db_coverage=true; ../README.md).
 *
 * gcov writes its counts at exit().  A process that leaves by _exit(), abort() or a signal that it sends to itself would
 * take them along, and just the code for crashes and interrupts would seem to be untested.  The build names the three
 * functions anew (-D_exit=coverage__exit ...), so that all of our code calls these here, which write first.
 */
#undef _exit
#undef abort
#undef raise
#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

void __gcov_dump(void);  /* libgcov: writes the counts, once */
void __gcov_reset(void); /* libgcov: from zero, and may be written again */

_Noreturn void coverage__exit(int status);
_Noreturn void coverage_abort(void);
int coverage_raise(int signal_number);

/* A signal must not leave half of the counts behind.  Runs before libgcov's own destructors, which have a priority. */
__attribute__((destructor)) static void hold_signals(void)
{
    sigset_t all;
    sigfillset(&all);
    sigprocmask(SIG_BLOCK, &all, NULL);
}

/* What has been written must not be written again at exit(): it would be added twice. */
static void write_counts(void)
{
    sigset_t before;
    sigprocmask(SIG_BLOCK, NULL, &before);
    hold_signals();
    __gcov_dump();
    __gcov_reset();
    sigprocmask(SIG_SETMASK, &before, NULL);
}

_Noreturn void coverage__exit(int status)
{
    write_counts();
    _exit(status);
}

_Noreturn void coverage_abort(void)
{
    write_counts();
    abort();
}

/* Not in the handler of that very signal, where it is blocked: it may have interrupted malloc(), which gcov calls. */
int coverage_raise(int signal_number)
{
    sigset_t blocked;
    sigprocmask(SIG_BLOCK, NULL, &blocked);
    if (!sigismember(&blocked, signal_number))
        write_counts();
    return raise(signal_number);
}
