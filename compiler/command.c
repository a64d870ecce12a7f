/*
 * Compiling the files of a command line.
 *
 * Threads take files in order, each with a pool of its own that all its files reuse.  What is told of a file (its
 * diagnostics, its text on standard output) must not depend on the number of threads, so a thread waits for its file's
 * turn before it tells anything; outputs are put in place in the same order.
 */
#define _GNU_SOURCE
#include "command.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/diagnostics_print.h"
#include "build_config.h"
#include "driver.h"
#include "exhausted.h"
#include "plan.h"

/* What is left of a file when its compilation is over. */
typedef struct {
    Status status;
    Output output, depfile;
} FileResult;

typedef struct {
    const Options *options;
    pthread_mutex_t mutex;
    pthread_cond_t turn_passed;
    size_t next;              /* file that the next free thread takes */
    size_t turn;              /* file whose turn it is to be told of */
    Status status;            /* of the first file that failed */
} Run;

typedef struct {
    Run *run;
    size_t index;             /* of the file being compiled */
} Worker;

/* ---- Turns ------------------------------------------------------------------------------------------------------- */

static bool take_file(Worker *worker)
{
    Run *run = worker->run;
    pthread_mutex_lock(&run->mutex);
    worker->index = run->next;
    bool any = run->next < run->options->n_files;
    run->next += any;
    pthread_mutex_unlock(&run->mutex);
    return any;
}

static void wait_for_turn(Worker *worker)
{
    Run *run = worker->run;
    pthread_mutex_lock(&run->mutex);
    while (run->turn != worker->index)
        pthread_cond_wait(&run->turn_passed, &run->mutex);
    pthread_mutex_unlock(&run->mutex);
}

static void pass_turn(Worker *worker, Status status)
{
    Run *run = worker->run;
    pthread_mutex_lock(&run->mutex);
    if (run->status == STATUS_DONE)
        run->status = status;
    run->turn++;
    pthread_cond_broadcast(&run->turn_passed);
    pthread_mutex_unlock(&run->mutex);
}

/* ---- One file ---------------------------------------------------------------------------------------------------- */

static bool wants_color(const Options *options)
{
    if (options->color != COLOR_AUTO)
        return options->color == COLOR_ALWAYS;
    const char *no_color = getenv("NO_COLOR"), *terminal = getenv("TERM");
    return (no_color == NULL || *no_color == '\0') && (terminal == NULL || strcmp(terminal, "dumb") != 0) &&
           isatty(STDERR_FILENO);
}

static void print_diagnostics(const Compilation *c)
{
    const Session *session = &c->session;
    bool color = (session->diagnostics.first != NULL || c->exhausted) && wants_color(c->options);
    for (const Diagnostic *d = session->diagnostics.first; d != NULL; d = d->next)
        if (!c->options->quiet || diagnostic_is_error(d->code))
            diagnostic_print(stderr, &session->text, d, color);
    if (c->exhausted)
        exhausted_print(stderr, session, c->options, c->path, color);
}

static void tell(Compilation *c)
{
    wait_for_turn(c->context);
    print_diagnostics(c);
}

static Status commit(FileResult *result)
{
    if (result->status != STATUS_DONE)
        return result->status;
    /* The depfile first: whoever finds the output may rely on its dependencies being known. */
    bool good = output_commit(&result->depfile) && output_commit(&result->output);
    if (!good) {
        output_discard(&result->output);
        output_discard(&result->depfile);
    }
    return good ? STATUS_DONE : STATUS_FILE;
}

static void compile_file(Worker *worker, Pool *pool)
{
    const Options *options = worker->run->options;
    const char *file = options->files[worker->index];
    FilePlan plan;
    FileResult result;
    result.output.way = result.depfile.way = OUTPUT_CLOSED;
    result.status = STATUS_USAGE;
    if (plan_file(&plan, options, file)) {
        Compilation c = {
            .options = options, .pool = pool, .path = file,
            .output_path = plan.output, .depfile_path = plan.depfile, .depfile_target = plan.depfile_target,
            .output = &result.output, .depfile = &result.depfile, .hold_output = options->jobs > 1,
            .tell = tell, .context = worker,
        };
        compile(&c);
        result.status = c.status;
    }
    wait_for_turn(worker);
    pass_turn(worker, commit(&result));
}

/* ---- All files --------------------------------------------------------------------------------------------------- */

static Pool *open_pool(void)
{
    return pool_open(&(PoolOptions){.mode = POOL_RECYCLE});
}

static void *work(void *context)
{
    Worker worker = {.run = context};
    Pool *pool = open_pool();
    if (pool == NULL)
        return NULL; /* the other threads do the work */
    while (take_file(&worker))
        compile_file(&worker, pool);
    pool_close(pool);
    return NULL;
}

/* Starts threads beside the first one; a system that refuses one only makes it slower. */
static unsigned start_threads(Run *run, pthread_t *threads)
{
    size_t wanted = run->options->jobs < run->options->n_files ? run->options->jobs : run->options->n_files;
    unsigned n = 0;
    while (n + 1 < wanted && pthread_create(&threads[n], NULL, work, run) == 0)
        n++;
    return n;
}

static Status compile_files(const Options *options, Pool *pool)
{
    Run run = {
        .options = options, .mutex = PTHREAD_MUTEX_INITIALIZER, .turn_passed = PTHREAD_COND_INITIALIZER,
    };
    pthread_t threads[MAX_JOBS];
    unsigned n_threads = start_threads(&run, threads);
    Worker worker = {.run = &run};
    while (take_file(&worker))
        compile_file(&worker, pool);
    for (unsigned i = 0; i < n_threads; i++)
        pthread_join(threads[i], NULL);
    return run.status;
}

/* ---- Commands ---------------------------------------------------------------------------------------------------- */

static int print_version(void)
{
    printf("polec %s\n", POLEC_VERSION);
    return output_flush_standard() ? STATUS_DONE : STATUS_FILE;
}

static int print_help(void)
{
    options_help(stdout);
    return output_flush_standard() ? STATUS_DONE : STATUS_FILE;
}

int command_run(const Options *options, ProcessMemory *memory, Pool *pool)
{
    if (options->command == COMMAND_HELP)
        return print_help();
    if (options->command == COMMAND_VERSION)
        return print_version();
    Status status = plan_check(options, memory);
    if (status != STATUS_DONE)
        return status;
    return compile_files(options, pool);
}
