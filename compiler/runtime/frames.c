/*
 * Who called whom: the chain of calls that a failure shows in a program built with -g.
 *
 * Every function of such a program keeps a PoleFrame on its stack, linked to its caller's, and notes in it where it is
 * calling just now.  So a trace needs neither an unwinder nor a reader of debug information; it works in an executable, in
 * a program run in memory and below callbacks from C alike.  A self tail call stays in its frame.
 *
 * Printing allocates nothing and uses nothing but write(): a stack overflow is told by a signal handler.
 */
#include "runtime/internal.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { MAX_SHOWN = 40 };

static _Thread_local PoleFrame *innermost;

void pole_enter(PoleFrame *frame)
{
    frame->caller = innermost;
    innermost = frame;
}

void pole_leave(PoleFrame *frame)
{
    innermost = frame->caller;
}

typedef struct { char text[1024]; size_t length; } Line;

static void add(Line *line, const char *text)
{
    size_t n = strlen(text), room = sizeof line->text - 1 - line->length;
    if (n > room) n = room;
    memcpy(line->text + line->length, text, n);
    line->length += n;
}

static void add_number(Line *line, uint64_t number)
{
    char digits[24], *at = digits + sizeof digits - 1;
    *at = '\0';
    do *--at = (char)('0' + number % 10); while ((number /= 10) != 0);
    add(line, at);
}

static void end_line(Line *line)
{
    line->text[line->length++] = '\n';
    ssize_t ignored = write(STDERR_FILENO, line->text, line->length);
    (void)ignored;
    line->length = 0;
}

void pole_print_frames(void)
{
    Line line = {.length = 0};
    uint64_t n = 0;
    for (const PoleFrame *frame = innermost; frame != NULL; frame = frame->caller) {
        if (n++ >= MAX_SHOWN) continue;
        add(&line, n == 1 ? "  in " : "  called from ");
        add(&line, frame->function);
        if (n > 1) add(&line, " at ");
        if (n > 1) add(&line, frame->place);
        end_line(&line);
    }
    if (n <= MAX_SHOWN) return;
    add(&line, "  and ");
    add_number(&line, n - MAX_SHOWN);
    add(&line, n == MAX_SHOWN + 1 ? " more call" : " more calls");
    end_line(&line);
}

void pole_forget_frames(void)
{
    innermost = NULL;
}
