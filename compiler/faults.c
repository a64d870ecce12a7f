/*
 * Catching faults.
 *
 * Under --guard the pages of a retired arena are inaccessible, so a stale pointer faults at the very instruction that
 * uses it.  The pool knows whose memory it was, and the compilation which phase was at work, and on what.  That, and any
 * other fault, is told in a sentence; temporaries are removed; the process ends with status 70.
 *
 * Handlers that were there before (a sanitizer's) tell more than we can about faults that are not ours: they are put back
 * and the instruction is run again.
 *
 * What is told is read from memory that may be damaged, so the handler itself may fault.  It is entered again then, and goes
 * on with the next step of the way out.
 *
 * The handler runs on a stack of its own, so that the overflow of a thread's stack can be told, too.
 */
#define _GNU_SOURCE
#include "faults.h"

#include <signal.h>
#include <stdatomic.h>
#include <string.h>
#include <ucontext.h>
#include <unistd.h>

#include "driver.h"
#include "output.h"
#include "process.h"
#include "progress.h"

enum { MAX_WATCHED = 256 };

static const int fault_signals[] = {SIGSEGV, SIGBUS, SIGILL, SIGFPE, SIGABRT};
enum { N_FAULT_SIGNALS = sizeof fault_signals / sizeof *fault_signals };

static struct sigaction before[N_FAULT_SIGNALS];

/* A pool, and the compilation that has its memory from there at the moment. */
static struct {
    Pool *_Atomic pool;
    const Compilation *_Atomic working;
} watched[MAX_WATCHED];
static FaultStack main_stack;

typedef enum { STEP_NONE, STEP_FIND, STEP_TELL, STEP_REMOVE, STEP_PLACE } Step;

/* How far this thread has come on its way out, and what it has found. */
static _Thread_local struct {
    volatile sig_atomic_t begun; /* Step */
    const Compilation *compilation;
    PoolAddress address;
} ending;

/* Only what is allowed in a signal handler. */
static void say_bytes(const char *text, size_t length)
{
    ssize_t ignored = write(STDERR_FILENO, text, length);
    (void)ignored;
}

static void say(const char *text)
{
    say_bytes(text, strlen(text));
}

static void say_number(uint64_t number)
{
    char digits[24], *first = &digits[sizeof digits - 1];
    *first = '\0';
    do
        *--first = (char)('0' + number % 10);
    while ((number /= 10) != 0);
    say(first);
}

static const Compilation *find_owner(const void *address, PoolAddress *found)
{
    for (size_t i = 0; i < MAX_WATCHED; i++) {
        Pool *pool = atomic_load(&watched[i].pool);
        if (pool != NULL && pool_find_address(pool, address, found))
            return atomic_load(&watched[i].working);
    }
    found->arena = NULL;
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

/* What the processor was asked to do there, where it tells. */
static const char *access_of(const void *context)
{
#if defined(__x86_64__)
    enum { WRITE_ACCESS = 2 };
    const ucontext_t *registers = context;
    return registers->uc_mcontext.gregs[REG_ERR] & WRITE_ACCESS ? "wrote to" : "read";
#else
    (void)context;
    return "used";
#endif
}

/* "; the phase 'ir' read element 12 of its array 'ast'" */
static void say_use(const Compilation *c, const PoolAddress *address, const void *context)
{
    if (c == NULL)
        return;
    say(c->begun_at != 0 ? ": the phase '" : ": what follows the phase '");
    say(phase_name(c->session.phase));
    say("' ");
    say(access_of(context));
    say(address->kind != NULL ? " element " : " byte ");
    say_number(address->kind != NULL ? address->offset / address->element_size : address->offset);
    say(address->kind != NULL ? " of its array '" : " of what had been pushed");
    if (address->kind != NULL) {
        say(address->kind);
        say("'");
    }
}

static bool is_name_byte(char byte)
{
    return (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z') || (byte >= '0' && byte <= '9') || byte == '_';
}

/* The name behind the last `func` that begins a line above `pos`: for whoever looks for the place in the source. */
static void say_function(const SourceText *text, SourcePlace place)
{
    const char *first = source_at(text, place.file->start), *line = source_at(text, place.line_start);
    for (;;) {
        const char *word = line;
        while (*word == ' ' || *word == '\t')
            word++;
        if (strncmp(word, "func ", 5) == 0) {
            const char *name = word + 5, *end = name;
            while (is_name_byte(*end))
                end++;
            say(", function '");
            say_bytes(name, (size_t)(end - name));
            say("'");
            return;
        }
        if (line <= first)
            return;
        for (line--; line > first && line[-1] != '\n';)
            line--;
    }
}

/* Where the phase was in the source.  Said last: should the session be damaged, this may fault again. */
static void say_place(const Session *session)
{
    if (session->text.files == NULL || session->text.files->count == 0)
        return;
    bool has_begun = session->working_at.at != 0;
    SourcePos at = has_begun ? session->working_at : source_file(&session->text, (FileId){0})->start;
    SourcePlace place = source_place(&session->text, at);
    say("  it was at ");
    say(place.file->path);
    say(":");
    say_number(place.line);
    say(":");
    say_number(place.column);
    say_function(&session->text, place);
    say("\n");
}

/* True if nobody has tried this step. */
static bool begin(Step step)
{
    bool first = ending.begun < (sig_atomic_t)step;
    if (first)
        ending.begun = (sig_atomic_t)step;
    return first;
}

static void tell(int signal_number, const void *context)
{
    progress_erase_at_end();
    say("polec: internal error: ");
    if (ending.address.arena != NULL) {
        say("the arena '");
        say(ending.address.arena);
        say("' was used after its end");
        say_use(ending.compilation, &ending.address, context);
    } else {
        say(name_of(signal_number));
    }
    say("; this is a fault of polec, please report it\n");
}

/* A handler of somebody else's, for what is no use of a dead arena. */
static const struct sigaction *other_handler(int signal_number)
{
    for (int i = 0; i < N_FAULT_SIGNALS; i++)
        if (fault_signals[i] == signal_number && before[i].sa_handler != SIG_DFL && before[i].sa_handler != SIG_IGN)
            return ending.address.arena == NULL ? &before[i] : NULL;
    return NULL;
}

static void handle(int signal_number, siginfo_t *info, void *context)
{
    if (ending.begun == STEP_TELL || ending.begun == STEP_PLACE)
        say("...\n"); /* something faulted within a line */
    if (begin(STEP_FIND) && (signal_number == SIGSEGV || signal_number == SIGBUS))
        ending.compilation = find_owner(info->si_addr, &ending.address);
    const struct sigaction *other = other_handler(signal_number);
    if (other == NULL && begin(STEP_TELL))
        tell(signal_number, context);
    if (begin(STEP_REMOVE))
        output_remove_temporaries();
    if (other != NULL) {
        sigaction(signal_number, other, NULL);
        return;
    }
    if (begin(STEP_PLACE) && ending.compilation != NULL)
        say_place(&ending.compilation->session);
    _exit(STATUS_INTERNAL);
}

void faults_use_stack(FaultStack *stack)
{
    stack_t old;
    if (sigaltstack(NULL, &old) == 0 && (old.ss_flags & SS_DISABLE) != 0) /* a sanitizer has brought one, and frees what it finds */
        sigaltstack(&(stack_t){.ss_sp = stack->bytes, .ss_size = sizeof stack->bytes}, NULL);
}

void faults_catch(void)
{
    faults_use_stack(&main_stack);
    struct sigaction action = {.sa_sigaction = handle, .sa_flags = SA_SIGINFO | SA_ONSTACK | SA_NODEFER};
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
        if (atomic_compare_exchange_strong(&watched[i].pool, &none, pool))
            return;
    }
}

void faults_unwatch(Pool *pool)
{
    for (size_t i = 0; i < MAX_WATCHED; i++) {
        Pool *expected = pool;
        if (atomic_compare_exchange_strong(&watched[i].pool, &expected, NULL))
            return;
    }
}

void faults_working(Pool *pool, const Compilation *compilation)
{
    for (size_t i = 0; i < MAX_WATCHED; i++)
        if (atomic_load(&watched[i].pool) == pool)
            atomic_store(&watched[i].working, compilation);
}
