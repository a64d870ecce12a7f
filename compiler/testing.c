/*
 * Tests in child processes.
 *
 * The code is loaded here, once.  Then one child runs test after test and notes each outcome in memory that both
 * processes share.  A run-time error comes back to the child by a longjmp.  Whatever ends the child instead (a signal,
 * exit(), an overflow of the stack) has ended the first test without an outcome: that one failed, and a new child goes
 * on behind it.  A child costs half a millisecond, and tests that behave need one for the whole file.
 *
 * Shared memory rather than a pipe: noting an outcome is a store, no test can close it, and a process that a test leaves
 * behind cannot keep us waiting for the end of it.  For the same reasons what tests print goes to a file in memory, from
 * where each one's part is copied before its outcome is told.  So a plan's line never begins behind text without end.
 */
#define _GNU_SOURCE
#include "testing.h"

#include <ctype.h>
#include <errno.h>
#include <setjmp.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "codegen/jit.h"
#include "process.h"
#include "runtime/runtime.h"

typedef struct {
    bool passed;
    off_t printed; /* bytes that this test and those before it have printed */
} Outcome;

/* Written by the child, read when it has ended. */
typedef struct {
    uint32_t n_done;   /* tests with an outcome */
    bool overflowed;   /* the child has ended because the stack of a test did not suffice */
    Outcome tests[];
} Outcomes;

typedef struct {
    const Code *code;
    JitTest **functions;
    Outcomes *outcomes;
    int output;          /* the file that holds what tests print */
    uint32_t n_told;
    TestingTell *tell;
    void *context;       /* for tell */
} Testing;

/* ---- the child --------------------------------------------------------------------------------------------------- */

static jmp_buf after_failure;
static Outcomes *outcomes_of_child; /* for the hook, which takes no argument */

static void go_on_after_failure(void)
{
    longjmp(after_failure, 1);
}

/* The overflow may have interrupted anything, so a new child is the safe way to go on. */
static void end_after_overflow(void)
{
    outcomes_of_child->overflowed = true;
    _exit(STATUS_ERROR);
}

static bool passes(JitTest *test)
{
    if (setjmp(after_failure) != 0)
        return false;
    return test();
}

/* Ends without exit handlers: those of the compiler belong to the parent, and they take longer than most tests. */
static _Noreturn void run_child(const Testing *testing)
{
    Outcomes *outcomes = testing->outcomes;
    pid_t runner = getpid();
    outcomes_of_child = outcomes;
    dup2(testing->output, STDOUT_FILENO);
    pole_failure_hook = go_on_after_failure;
    pole_overflow_hook = end_after_overflow;
    pole_catch_overflow();
    while (outcomes->n_done < testing->code->n_tests) {
        bool passed = passes(testing->functions[outcomes->n_done]);
        fflush(stdout); /* the next test may end the process */
        if (getpid() != runner)
            break; /* a process that the test forked has come back from it, too */
        outcomes->tests[outcomes->n_done++] = (Outcome){passed, lseek(testing->output, 0, SEEK_CUR)};
    }
    fflush(NULL);
    _exit(STATUS_DONE);
}

/* ---- the parent -------------------------------------------------------------------------------------------------- */

/* Starts a child and waits until it has ended; false: errno says why there is none. */
static bool run_in_child(const Testing *testing, int *status)
{
    pid_t parent = getpid();
    fflush(NULL); /* or the child would print it again */
    pid_t child = fork();
    if (child == 0) {
        prctl(PR_SET_PDEATHSIG, SIGKILL); /* a test without end must not outlive polec */
        if (getppid() != parent)
            _exit(STATUS_ERROR);
        run_child(testing);
    }
    pid_t waited = child;
    while (child > 0 && (waited = waitpid(child, status, 0)) < 0 && errno == EINTR) {}
    return waited > 0;
}

/* "half #2: ended by signal 11 (segmentation fault)" */
static void tell_signal(const CodeTest *test, int number)
{
    const char *name = sigdescr_np(number);
    if (name == NULL)
        name = "unknown";
    bool is_word = islower((unsigned char)name[1]); /* the "CPU" of "CPU time limit exceeded" is none */
    fprintf(stderr, "%s #%u: ended by signal %d (%c%s)\n", test->name, test->number, number,
            is_word ? tolower((unsigned char)name[0]) : name[0], name + 1);
}

static void tell_end(const CodeTest *test, int status, bool overflowed)
{
    if (WIFSIGNALED(status))
        tell_signal(test, WTERMSIG(status));
    else if (overflowed)
        fprintf(stderr, "%s #%u: ended by a stack overflow\n", test->name, test->number);
    else
        fprintf(stderr, "%s #%u: called exit(%d)\n", test->name, test->number, WEXITSTATUS(status));
}

/* Copies a part of what tests have printed to standard output, and ends its last line. */
static void print_part(int output, off_t from, off_t to)
{
    char part[4096], last = '\n';
    while (from < to) {
        size_t wanted = to - from < (off_t)sizeof part ? (size_t)(to - from) : sizeof part;
        ssize_t n = pread(output, part, wanted, from);
        if (n <= 0)
            break;
        fwrite(part, 1, (size_t)n, stdout);
        last = part[n - 1];
        from += n;
    }
    if (last != '\n')
        putchar('\n');
}

static void tell_outcomes(Testing *testing)
{
    const Outcomes *outcomes = testing->outcomes;
    for (; testing->n_told < outcomes->n_done; testing->n_told++) {
        const Outcome *outcome = &outcomes->tests[testing->n_told];
        off_t from = testing->n_told > 0 ? outcome[-1].printed : 0;
        print_part(testing->output, from, outcome->printed);
        testing->tell(testing->context, &testing->code->tests[testing->n_told], outcome->passed);
    }
}

static bool run_all(Testing *testing)
{
    Outcomes *outcomes = testing->outcomes;
    int status;
    while (outcomes->n_done < testing->code->n_tests) {
        if (!run_in_child(testing, &status))
            return false;
        if (outcomes->n_done < testing->code->n_tests) {
            tell_end(&testing->code->tests[outcomes->n_done], status, outcomes->overflowed);
            outcomes->overflowed = false;
            outcomes->tests[outcomes->n_done++] = (Outcome){false, lseek(testing->output, 0, SEEK_CUR)};
        }
        tell_outcomes(testing);
    }
    return true;
}

static bool run_loaded(Testing *testing)
{
    size_t size = sizeof(Outcomes) + testing->code->n_tests * sizeof(Outcome);
    testing->outcomes = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (testing->outcomes == MAP_FAILED)
        return false;
    testing->output = memfd_create("what tests print", MFD_CLOEXEC);
    bool done = testing->output >= 0 && run_all(testing);
    if (testing->output >= 0)
        close(testing->output);
    int reason = errno;
    munmap(testing->outcomes, size);
    errno = reason;
    return done;
}

bool testing_run(Arena *arena, const Options *options, Code *code, TestingTell *tell, void *context, char *failure, size_t size)
{
    Testing testing = {.code = code, .tell = tell, .context = context};
    testing.functions = arena_push(arena, code->n_tests * sizeof(JitTest *));
    if (!jit_load_tests(options, code, testing.functions, failure, size))
        return false;
    bool done = run_loaded(&testing);
    if (!done)
        snprintf(failure, size, "cannot run tests in a process of their own: %s", strerror(errno));
    jit_unload_tests();
    return done;
}
