/*
 * Threads take files in order, each with a pool of its own that all its files reuse.  What is told of a file (its
 * diagnostics, its text on standard output) must not depend on the number of threads, so a thread waits for its file's
 * turn before it tells anything, and outputs are put in place in the same order.
 */
#define _GNU_SOURCE
#include "files.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "base/utf8.h"
#include "exhausted.h"
#include "faults.h"
#include "plan.h"

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
    size_t next = run->turn + 1, all = run->options->n_files; /* nobody else changes it now */
    if (next < all)
        progress_show(&run->progress, next + 1, all, run->options->files[next]);
    else
        progress_erase(&run->progress);
    pthread_mutex_lock(&run->mutex);
    if (run->status == STATUS_DONE)
        run->status = status;
    run->turn++;
    pthread_cond_broadcast(&run->turn_passed);
    pthread_mutex_unlock(&run->mutex);
}

/* ---- Telling ----------------------------------------------------------------------------------------------------- */

static bool has_messages(const Compilation *c)
{
    const Diagnostics *diagnostics = &c->session.diagnostics;
    return diagnostics->first != NULL || c->exhausted || c->failure[0] != '\0';
}

static void print_diagnostics(Messages *messages, const Compilation *c)
{
    const Session *session = &c->session;
    for (const Diagnostic *d = session->diagnostics.first; d != NULL; d = d->next)
        if (!c->options->quiet || diagnostic_is_error(d->code))
            messages_diagnostic(messages, session, d, c->path);
    if (c->exhausted) {
        ExhaustedDiagnostic exhausted;
        exhausted_describe(&exhausted, session, c->options);
        messages_diagnostic(messages, session, &exhausted.diagnostic, c->path);
    }
    if (c->failure[0] != '\0')
        messages_error(messages, "%s", c->failure);
}

/* LIFETIME: the name that messages show may lie in the session, which is about to die. */
static const char *keep_name(Worker *worker, const Compilation *c)
{
    const SourceText *text = &c->session.text;
    if (text->files == NULL || text->files->count == 0)
        return c->path;
    const char *shown = source_file(text, (FileId){0})->path;
    return strcmp(shown, c->path) == 0 ? c->path : arena_copy(process_arena(&worker->kept), shown, strlen(shown) + 1);
}

/* A page is made by compiling again, and standard input can be read only once. */
static void keep_text(Worker *worker, FileResult *result, const Compilation *c)
{
    const SourceText *text = &c->session.text;
    if (c->options->memory_report != REPORT_HTML || strcmp(c->path, "-") != 0 || text->files == NULL || text->files->count == 0)
        return;
    const SourceFile *file = source_file(text, (FileId){0});
    result->text_length = file->length;
    result->text = arena_copy(process_arena(&worker->kept), source_at(text, file->start), file->length);
}

static void keep_figures(Worker *worker, FileResult *result, const Compilation *c)
{
    const char *name = keep_name(worker, c);
    result->has_figures = true;
    result->report.thread = worker->number;
    keep_text(worker, result, c);
    result->report.file = result->times.file = name;
    result->times.n_phases = c->n_phases;
    memcpy(result->times.phases, c->nanoseconds, sizeof c->nanoseconds);
    result->times.output = c->output_nanoseconds;
    result->times.total = c->total_nanoseconds;
}

static void tell_paths(const Compilation *c)
{
    fputs("polec: ", stderr);
    utf8_put(stderr, c->path);
    if (c->output_path != NULL) {
        fputs(" -> ", stderr);
        utf8_put(stderr, c->output_path);
    }
    fputc('\n', stderr);
}

/* Called by the driver while the session is alive. */
static void tell(Compilation *c)
{
    Worker *worker = c->context;
    wait_for_turn(worker);
    if (c->options->verbose && c->options->diagnostics == DIAGNOSTICS_TEXT)
        tell_paths(c);
    if (has_messages(c))
        progress_erase(&worker->run->progress);
    print_diagnostics(&worker->run->messages, c);
    if (c->options->diagnostics == DIAGNOSTICS_TEXT)
        audit_print(stderr, c, c->options->verbose);
    if (worker->run->results != NULL)
        keep_figures(worker, &worker->run->results[worker->index], c);
}

/* ---- One file ---------------------------------------------------------------------------------------------------- */

Status file_commit(Run *run, FileResult *result)
{
    /* The depfile first: whoever finds the output may rely on its dependencies being known. */
    const Output *failed = &result->depfile;
    if (output_commit(&result->depfile)) {
        failed = &result->output;
        if (output_commit(&result->output))
            return STATUS_DONE;
    }
    char complaint[OUTPUT_COMPLAINT_SIZE];
    progress_erase(&run->progress);
    messages_error(&run->messages, "%s", output_complaint(failed, complaint));
    file_discard(result);
    return STATUS_FILE;
}

void file_discard(FileResult *result)
{
    output_discard(&result->output);
    output_discard(&result->depfile);
}

static void compile_planned(Worker *worker, FileResult *result, const FilePlan *plan)
{
    const Run *run = worker->run;
    const Options *options = run->options;
    Compilation c = {
        .options = options, .pool = worker->pool, .path = options->files[worker->index],
        .output_path = plan->output, .depfile_path = plan->depfile, .depfile_target = plan->depfile_target,
        .output = &result->output, .depfile = &result->depfile,
        .hold_output = run->hold_output || run->commit_later || options->audit_lifetimes,
        .report = options->memory_report != REPORT_NONE ? &result->report : NULL,
        .tell = tell, .context = worker,
    };
    if (options->detail_by_function || options->detail_by_line)
        c.detail_arena = process_arena(&worker->kept);
    if (options->emit == EMIT_MEMORY)
        c.code_arena = process_arena(&worker->kept);
    faults_working(worker->pool, &c);
    compile(&c);
    faults_working(worker->pool, NULL);
    result->status = c.status;
    result->code = c.code;
}

static void compile_file(Worker *worker)
{
    Run *run = worker->run;
    FileResult *result = run->results != NULL ? &run->results[worker->index] : &worker->result;
    FilePlan plan;
    result->status = STATUS_USAGE;
    result->output.way = result->depfile.way = OUTPUT_CLOSED;
    result->has_figures = false;
    result->text = "";
    result->text_length = 0;
    result->code = (Code){0};
    if (plan_file(&plan, run->options, run->options->files[worker->index]))
        compile_planned(worker, result, &plan);
    wait_for_turn(worker);
    Status status = result->status;
    if (status == STATUS_DONE && !run->commit_later)
        status = file_commit(run, result);
    pass_turn(worker, status);
}

/* ---- All files --------------------------------------------------------------------------------------------------- */

static void work(Worker *worker)
{
    faults_watch(worker->pool);
    while (take_file(worker))
        compile_file(worker);
    faults_unwatch(worker->pool);
    pthread_mutex_lock(&worker->run->mutex);
    worker->run->system_calls += pool_statistics(worker->pool).system_calls;
    pthread_mutex_unlock(&worker->run->mutex);
}

static void *start_worker(void *context)
{
    Worker *worker = context;
    FaultStack fault_stack;
    faults_use_stack(&fault_stack);
    worker->pool = pool_open(&(PoolOptions){.mode = POOL_RECYCLE});
    if (worker->pool == NULL)
        return NULL; /* the other threads do the work */
    work(worker);
    pool_close(worker->pool);
    return NULL;
}

void run_open(Run *run, const Options *options, ProcessMemory *memory, Pool *pool)
{
    memset(run, 0, offsetof(Run, first));
    run->options = options;
    run->memory = memory;
    messages_open(&run->messages, options, stderr);
    run->first.run = run;
    run->first.pool = pool;
    run->first.number = 1;
    run->first.kept.pool = NULL;
    run->others = NULL;
    run->n_others = 0;
    pthread_mutex_init(&run->mutex, NULL);
    pthread_cond_init(&run->turn_passed, NULL);
    bool keep = options->memory_report != REPORT_NONE || options->time_report != REPORT_NONE ||
                options->emit == EMIT_MEMORY;
    if (keep && options->n_files == 1)
        run->results = &run->first.result;
    else if (keep)
        run->results = arena_push(process_arena(memory), options->n_files * sizeof(FileResult));
}

/* Starts threads beside this one; a system that refuses one only makes it slower. */
static void start_threads(Run *run)
{
    unsigned n = options_threads_for_files(run->options);
    if (n < 2)
        return;
    run->others = arena_push_zero(process_arena(run->memory), (n - 1) * sizeof(Worker));
    run->n_others = n - 1;
    run->hold_output = true;
    for (unsigned i = 0; i < run->n_others; i++) {
        run->others[i].run = run;
        run->others[i].number = i + 2;
    }
    for (unsigned i = 0; i < run->n_others; i++) {
        if (pthread_create(&run->others[i].thread, NULL, start_worker, &run->others[i]) != 0) {
            run->n_others = i;
            return;
        }
    }
}

void files_compile(Run *run)
{
    progress_open(&run->progress, run->options);
    start_threads(run);
    work(&run->first);
    for (unsigned i = 0; i < run->n_others; i++)
        pthread_join(run->others[i].thread, NULL);
}

void run_close(Run *run)
{
    messages_close(&run->messages);
    process_memory_close(&run->first.kept);
    for (unsigned i = 0; i < run->n_others; i++)
        process_memory_close(&run->others[i].kept);
    pthread_cond_destroy(&run->turn_passed);
    pthread_mutex_destroy(&run->mutex);
}
