/*
 * Stack overflow: recursion without end stops a program with a message, like any other failure.
 *
 * Compiled code makes no checks.  The stack ends at memory that nobody may touch, so the first access behind its edge is
 * a SIGSEGV, and the handler runs on a stack of its own.  It tells an overflow from any other fault by the address:
 * memory at or just below the stack pointer is always there, unless the stack could not grow.  That is all that must be
 * known, so limits of any size will do, and a stack that met another mapping before its limit.
 *
 * Everything else is none of our business.  The handler takes itself away and lets the instruction fault again: default
 * action, core dump at the right place.  A handler that was there first stays, and one that the program installs later
 * replaces this one.  Other threads have no second stack, so their overflow ends the program as if nothing were here.
 *
 * Costs two system calls at the start of a program.  Rejected: comparing the stack pointer at every function's
 * entry, which every call would pay for; and leaving by exit() like other failures, because the overflow may have
 * interrupted malloc or the collector, whose locks an atexit handler would wait for without end.
 */
#define _GNU_SOURCE
#include "runtime/internal.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <ucontext.h>
#include <unistd.h>

enum {
    HANDLER_STACK = 32 * 1024, /* the kernel stores up to 11 KB of registers there */
    BELOW = 4096,              /* a push, or the red zone: the bytes below the stack pointer that a function may use */
    LARGEST_FRAME = 1 << 20,   /* a new frame lies above the stack pointer and may be touched anywhere first */
};

void (*pole_overflow_hook)(void);

static char handler_stack[HANDLER_STACK];

/* SEGV_MAPERR: nothing is mapped at the address, as behind the edge of the stack.  A jump into the stack, which is
   mapped but not executable, has another code. */
static bool is_overflow(const siginfo_t *fault, const ucontext_t *context)
{
    uintptr_t address = (uintptr_t)fault->si_addr;
    uintptr_t stack_pointer = (uintptr_t)context->uc_mcontext.gregs[REG_RSP];
    return fault->si_code == SEGV_MAPERR && address + BELOW >= stack_pointer &&
           address < stack_pointer + LARGEST_FRAME;
}

/* Standard output may be flushed unless another thread is using it.  If this thread was about to: a stack overflows
   where it is deeper than ever before, so at the beginning of a call, and not while a stream's pointers are moved.
   Should the flush fault all the same, the system ends the program by that SIGSEGV. */
static _Noreturn void end_program(void)
{
    static const char message[] = "runtime error: stack overflow\n";
    if (ftrylockfile(stdout) == 0) fflush(stdout);
    ssize_t ignored = write(STDERR_FILENO, message, sizeof message - 1);
    (void)ignored;
    pole_print_frames();
    if (pole_overflow_hook) pole_overflow_hook();
    _exit(POLE_FAILURE_STATUS);
}

static void handle(int signal_number, siginfo_t *fault, void *context)
{
    if (is_overflow(fault, context)) end_program();
    signal(signal_number, SIG_DFL);
    if (fault->si_code <= 0) raise(signal_number); /* sent by a process: the instruction will not fault again */
}

void pole_catch_overflow(void)
{
    stack_t stack = {.ss_sp = handler_stack, .ss_size = sizeof handler_stack};
    struct sigaction action = {.sa_sigaction = handle, .sa_flags = SA_SIGINFO | SA_ONSTACK}, before;
    sigaltstack(&stack, NULL);
    if (sigaction(SIGSEGV, &action, &before) == 0 && before.sa_handler != SIG_DFL)
        sigaction(SIGSEGV, &before, NULL); /* a library's, or the program is started with SIGSEGV ignored */
}
