/*
 * Catching faults.
 *
 * Under --guard the pages of a retired arena are inaccessible, so a stale pointer faults at the very instruction that
 * uses it, and the pool knows whose memory it was.  That, and any other fault, is told in a sentence; temporaries are
 * removed; the process ends with status 70.
 *
 * Handlers that were there before (a sanitizer's) tell more than we can about faults that are not ours: they are put back
 * and the instruction is run again.
 *
 * The handler runs on a stack of its own, so that the overflow of the main thread's stack can be told, too.
 */
#define _GNU_SOURCE
#include "faults.h"

#include <signal.h>
#include <stdatomic.h>
#include <string.h>
#include <unistd.h>

#include "output.h"
#include "process.h"

enum { MAX_WATCHED = 256, SIGNAL_STACK_BYTES = 64 * 1024 };

static const int fault_signals[] = {SIGSEGV, SIGBUS, SIGILL, SIGFPE, SIGABRT};
enum { N_FAULT_SIGNALS = sizeof fault_signals / sizeof *fault_signals };

static struct sigaction before[N_FAULT_SIGNALS];
static Pool *_Atomic watched[MAX_WATCHED];
static char signal_stack[SIGNAL_STACK_BYTES];

/* Only what is allowed in a signal handler. */
static void say(const char *text)
{
    ssize_t ignored = write(STDERR_FILENO, text, strlen(text));
    (void)ignored;
}

static const char *owner_of(const void *address)
{
    for (size_t i = 0; i < MAX_WATCHED; i++) {
        Pool *pool = atomic_load(&watched[i]);
        const char *owner = pool == NULL ? NULL : pool_describe_address(pool, address);
        if (owner != NULL)
            return owner;
    }
    return NULL;
}

static const char *name_of(int signal_number)
{
    switch (signal_number) {
    case SIGSEGV: return "invalid memory access";
    case SIGBUS: return "bus error";
    case SIGILL: return "illegal instruction";
    case SIGFPE: return "arithmetic exception";
    default: return "aborted";
    }
}

static _Noreturn void end_with_fault(const char *owner, int signal_number)
{
    say("polec: internal error: ");
    if (owner != NULL) {
        say("the arena '");
        say(owner);
        say("' was used after its end");
    } else {
        say(name_of(signal_number));
    }
    say("; this is a fault of polec, please report it\n");
    output_remove_temporaries();
    _exit(STATUS_INTERNAL);
}

static void handle(int signal_number, siginfo_t *info, void *context)
{
    (void)context;
    bool has_address = signal_number == SIGSEGV || signal_number == SIGBUS;
    const char *owner = has_address ? owner_of(info->si_addr) : NULL;
    for (int i = 0; i < N_FAULT_SIGNALS; i++) {
        bool other_handler = before[i].sa_handler != SIG_DFL && before[i].sa_handler != SIG_IGN;
        if (fault_signals[i] == signal_number && other_handler && owner == NULL) {
            sigaction(signal_number, &before[i], NULL);
            return;
        }
    }
    end_with_fault(owner, signal_number);
}

void faults_catch(void)
{
    stack_t stack = {.ss_sp = signal_stack, .ss_size = sizeof signal_stack};
    sigaltstack(&stack, NULL);
    struct sigaction action = {.sa_sigaction = handle, .sa_flags = SA_SIGINFO | SA_ONSTACK};
    sigemptyset(&action.sa_mask);
    for (int i = 0; i < N_FAULT_SIGNALS; i++)
        sigaction(fault_signals[i], &action, &before[i]);
}

void faults_release(void)
{
    for (int i = 0; i < N_FAULT_SIGNALS; i++)
        sigaction(fault_signals[i], &before[i], NULL);
}

void faults_watch(Pool *pool)
{
    for (size_t i = 0; i < MAX_WATCHED; i++) {
        Pool *none = NULL;
        if (atomic_compare_exchange_strong(&watched[i], &none, pool))
            return;
    }
}

void faults_unwatch(Pool *pool)
{
    for (size_t i = 0; i < MAX_WATCHED; i++) {
        Pool *expected = pool;
        if (atomic_compare_exchange_strong(&watched[i], &expected, NULL))
            return;
    }
}
