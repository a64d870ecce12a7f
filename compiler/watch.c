/*
 * polec watch: read, check, show, wait, and again.
 *
 * The checking is recheck.c's: what lies in front of a change is kept from one check to the next.  Under a memory limit
 * nothing may be kept, because what is kept would count; then each check is an ordinary compilation from scratch, and a
 * limit that is reached is told like any error.
 *
 * Signals are let through only while the watch waits, so that no frame is left half drawn.
 */
#define _GNU_SOURCE
#include "watch.h"

#include <errno.h>
#include <limits.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/utf8.h"
#include "driver.h"
#include "faults.h"
#include "measure.h"
#include "watch_files.h"
#include "watch_view.h"

typedef struct {
    const Options *options;
    Pool *pool;
    const char *path;
    bool limited;           /* every check is from scratch */
    Recheck recheck;        /* unless limited */
    PolecMemoryReport report; /* this and the next two: if limited */
    RecheckBytes bytes[RECHECK_ARENAS];
    bool shown;
    uint64_t hash;
    WatchFiles files;
    WatchView view;
    WatchResult result;     /* the last one; its pointers hold until the next check */
    char failure[PATH_MAX + 128];

    Arena *arena;           /* the process's */
    ArenaMark before_text;
    SourceText text;        /* the file as it was read: `recheck` compares */
} Watch;

/* ---- Signals ----------------------------------------------------------------------------------------------------- */

static volatile sig_atomic_t ending, resized, stopping;

static void note_signal(int number)
{
    if (number == SIGWINCH)
        resized = 1;
    else if (number == SIGTSTP)
        stopping = 1;
    else
        ending = number;
}

/* Blocks them; `waiting` lets them through. */
static void hold_signals(sigset_t *waiting)
{
    static const int numbers[] = {SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGTSTP, SIGWINCH};
    struct sigaction action = {.sa_handler = note_signal};
    sigset_t held;
    sigemptyset(&held);
    sigemptyset(&action.sa_mask);
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++) {
        struct sigaction usual;
        sigaction(numbers[i], NULL, &usual);
        if (usual.sa_handler == SIG_IGN) /* nohup */
            continue;
        sigaction(numbers[i], &action, NULL);
        sigaddset(&held, numbers[i]);
    }
    sigprocmask(SIG_BLOCK, &held, waiting);
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++)
        sigdelset(waiting, numbers[i]);
}

/* ^C is how one leaves; of everything else one dies as usual. */
static int end_by(int number, const sigset_t *waiting)
{
    if (number == SIGINT)
        return STATUS_DONE;
    signal(number, SIG_DFL);
    raise(number);
    sigprocmask(SIG_SETMASK, waiting, NULL);
    return 128 + number;
}

/* ---- Checking ---------------------------------------------------------------------------------------------------- */

static bool show(Watch *w)
{
    if (watch_view_show(&w->view, &w->result))
        return true;
    if (errno == EPIPE) {
        w->files.unread = true;
        return true;
    }
    watch_view_restore();
    fprintf(stderr, "polec: error: cannot write standard output: %s\n", strerror(errno));
    return false;
}

/* A file that vanishes comes back, so this is told once and waited for. */
static bool read_text(Watch *w)
{
    FileId file;
    arena_rewind(w->arena, &w->before_text);
    SourceStatus status = source_load(&w->text, w->path, w->path, &file);
    if (status == SOURCE_OK)
        return true;
    snprintf(w->failure, sizeof w->failure, "cannot read '%.*s': %s", PATH_MAX, w->path,
             status == SOURCE_TOO_LARGE ? "the source is too large" : strerror(errno));
    return false;
}

static void describe_recheck(Watch *w)
{
    const Recheck *r = &w->recheck;
    WatchResult *result = &w->result;
    result->session = &r->session;
    result->diagnostics = &r->diagnostics;
    result->n_errors = r->diagnostics.n_errors;
    result->n_warnings = r->diagnostics.n_warnings;
    result->exhausted = r->exhausted;
    result->whole = r->whole;
    result->nanoseconds = r->nanoseconds;
    result->bytes = r->exhausted ? NULL : r->bytes;
    if (r->whole)
        result->scratch_nanoseconds = r->nanoseconds;
}

static bool recheck_and_show(Watch *w, bool had_failed)
{
    const SourceFile *file = source_file(&w->text, (FileId){0});
    SourcePos start = {1}; /* a byte order mark included */
    recheck(&w->recheck, source_at(&w->text, start), file->start.at + file->length - start.at);
    bool usable = !w->recheck.exhausted && !w->recheck.too_large;
    watch_files_add(&w->files, w->path, w->options, usable ? &w->recheck.session.text : NULL,
                    &w->recheck.session.names, &w->recheck.ast);
    if (w->recheck.unchanged && !had_failed)
        return true;
    w->result.number++;
    describe_recheck(w);
    return show(w);
}

/* What was told of the check before is still true. */
static bool is_told(Watch *w, const Compilation *c)
{
    const SourceText *text = &c->session.text;
    uint64_t hash = text->text == NULL ? 0 : source_hash(text);
    bool same = w->result.number > 0 && hash == w->hash && !resized;
    w->hash = hash;
    return same;
}

/* Called by the driver while the session is there; the check is shown before it goes. */
static void tell(Compilation *c)
{
    Watch *w = c->context;
    WatchResult *result = &w->result;
    for (uint32_t i = 0; i < RECHECK_PHASES; i++)
        w->bytes[i].used = w->bytes[i].made = i < w->report.n_phases ? w->report.phases[i].used_bytes : 0;
    w->bytes[RECHECK_SESSION].used = w->bytes[RECHECK_SESSION].made = w->report.session_used_bytes;
    watch_files_add(&w->files, w->path, w->options, c->exhausted ? NULL : &c->session.text, NULL, NULL);
    w->shown = true;
    bool failed = c->failure[0] != '\0';
    if (is_told(w, c) && failed == (result->failure != NULL))
        return;
    result->number++;
    result->session = &c->session;
    result->diagnostics = &c->session.diagnostics;
    result->n_errors = c->session.diagnostics.n_errors;
    result->n_warnings = c->session.diagnostics.n_warnings;
    result->exhausted = c->exhausted;
    result->failure = failed ? c->failure : NULL;
    result->whole = true;
    result->nanoseconds = c->total_nanoseconds;
    result->bytes = c->exhausted || failed ? NULL : w->bytes;
    w->shown = show(w);
}

static bool compile_and_show(Watch *w)
{
    Output output = {.way = OUTPUT_CLOSED}, depfile = {.way = OUTPUT_CLOSED};
    Compilation c = {.options = w->options, .pool = w->pool, .path = w->path, .output = &output, .depfile = &depfile,
                     .report = &w->report, .tell = tell, .context = w};
    compile(&c);
    w->result.session = NULL;
    if (w->result.failure != NULL) { /* LIFETIME: it lies in the compilation */
        snprintf(w->failure, sizeof w->failure, "%s", w->result.failure);
        w->result.failure = w->failure;
    }
    return w->shown;
}

static bool check(Watch *w)
{
    if (w->limited)
        return compile_and_show(w);
    bool had_failed = w->result.failure != NULL;
    w->result.failure = NULL;
    if (read_text(w))
        return recheck_and_show(w, had_failed);
    watch_files_add(&w->files, w->path, w->options, NULL, NULL, NULL);
    w->result.failure = w->failure;
    w->result.session = NULL;
    w->result.bytes = NULL;
    if (had_failed)
        return true;
    w->result.number++;
    return show(w);
}

/* ---- The loop ---------------------------------------------------------------------------------------------------- */

/* After a signal that does not end the watch. */
static bool show_again(Watch *w)
{
    if (stopping) {
        watch_view_restore();
        stopping = 0;
        raise(SIGSTOP);
        if (!watch_view_return(&w->view))
            return false;
    } else if (!resized) {
        return true;
    }
    resized = 1; /* something must be drawn */
    bool good = !w->view.on_screen || (w->limited && w->result.failure == NULL ? check(w) : show(w));
    resized = 0;
    return good;
}

/* False if standard output is gone. */
static bool watch_on(Watch *w, const sigset_t *waiting)
{
    bool good = check(w);
    while (good && !ending && !w->files.unread)
        good = watch_files_wait(&w->files, waiting) ? check(w) : show_again(w);
    return good;
}

static bool has_limit(const Options *options)
{
    bool limited = options->memory_limit != 0 || options->fail_allocation != 0;
    for (size_t i = 0; i < sizeof options->phase_limits / sizeof *options->phase_limits; i++)
        limited |= options->phase_limits[i] != 0;
    return limited;
}

static Status complain(const char *what)
{
    watch_view_restore();
    fprintf(stderr, "polec: error: %s: %s\n", what, strerror(errno));
    return STATUS_FILE;
}

static int watch_until_signal(Watch *w)
{
    sigset_t waiting;
    hold_signals(&waiting);
    if (!watch_view_open(&w->view, w->options, w->arena))
        return complain("cannot write standard output");
    atexit(watch_view_restore); /* memory that runs out ends the process */
    w->before_text = arena_mark(w->arena);
    bool good = watch_on(w, &waiting);
    watch_view_close(&w->view, &w->result);
    if (w->files.unread) /* `polec watch FILE | head`: who read has seen enough */
        return STATUS_DONE;
    return good ? end_by(ending, &waiting) : STATUS_FILE;
}

int watch_run(const Options *options, ProcessMemory *memory, Pool *pool)
{
    static Watch watch; /* large, and there is only one */
    Watch *w = &watch;
    *w = (Watch){.options = options, .pool = pool, .path = options->files[0], .arena = process_arena(memory)};
    w->limited = has_limit(options);
    w->result.path = w->path;
    source_open(&w->text, w->arena);
    if (access(w->path, R_OK) != 0) {
        fputs("polec: error: cannot read '", stderr);
        utf8_put(stderr, w->path);
        fprintf(stderr, "': %s\n", strerror(errno));
        return STATUS_FILE;
    }
    if (!watch_files_open(&w->files))
        return complain("cannot watch files");
    faults_catch();
    if (!w->limited)
        recheck_open(&w->recheck, options, pool, w->path);
    int status = watch_until_signal(w);
    if (!w->limited)
        recheck_close(&w->recheck);
    watch_files_close(&w->files);
    return status;
}
