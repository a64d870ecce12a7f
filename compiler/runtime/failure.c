/*
 * Failures: a contract, an index, a division or an allocation that cannot go on.
 *
 * The program ends by exit(), not _Exit() or abort(): atexit handlers of C libraries must run, or a program that
 * stops would leave the terminal in the state that ncurses put it in.  Standard output is flushed first, so that the
 * message stands behind everything the program printed.  A failure inside a callback that C called, or inside an
 * atexit handler, ends the same way: exit() may be called from any depth, and glibc lets an exit() within exit() run
 * the handlers that remain.  `polec test` sets the hook instead, leaves by longjmp and goes on with the next test
 * (testing.c).
 */
#include "runtime/internal.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

void (*pole_failure_hook)(void);

void pole_fail(const char *place, const char *message)
{
    fflush(stdout);
    /* stderr is not buffered: one call is one write, which other processes' output cannot divide */
    fprintf(stderr, "%s%sruntime error: %s\n", place ? place : "", place ? ": " : "", message);
    pole_print_frames();
    pole_forget_frames();
    if (pole_failure_hook) pole_failure_hook();
    exit(POLE_FAILURE_STATUS);
}

void pole_fail_index(const char *place, int64_t index, int64_t length)
{
    char message[96];
    snprintf(message, sizeof message, "list index %" PRId64 " out of range (length %" PRId64 ")", index, length);
    pole_fail(place, message);
}

void pole_fail_negative(const char *place, int64_t value)
{
    char message[64];
    snprintf(message, sizeof message, "negative value %" PRId64 " for Nat", value);
    pole_fail(place, message);
}
