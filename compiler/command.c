/*
 * The command line at work: all files of one call, then the reports, then what `run` and `test` run.
 *
 * Outputs are put in place file by file.  With a report that goes to a file they wait for it, because a report that
 * cannot be written means that there is to be no output either.
 */
#define _GNU_SOURCE
#include "command.h"

#include <errno.h>
#include <stdarg.h>
#include <string.h>
#include <unistd.h>

#include "build_config.h"
#include "codegen/code.h"
#include "codegen/jit.h"
#include "complain.h"
#include "content_id.h"
#include "explain.h"
#include "faults.h"
#include "files.h"
#include "lsp/lsp.h"
#include "memory_report.h"
#include "page/page.h"
#include "plan.h"
#include "print_layout.h"
#include "testing.h"
#include "watch.h"

static Status failed(Status status, const char *format, ...) __attribute__((format(printf, 2, 3)));
static Status failed(Status status, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    vcomplain(NULL, format, arguments);
    va_end(arguments);
    return status;
}

static Status flush_standard(void)
{
    return output_flush_standard() ? STATUS_DONE
                                   : failed(STATUS_FILE, "cannot write standard output: %s", strerror(errno));
}

static Status complain_output(Run *run, const Output *output)
{
    char complaint[OUTPUT_COMPLAINT_SIZE];
    messages_error(&run->messages, "%s", output_complaint(output, complaint));
    return STATUS_FILE;
}

/* ---- Reports ----------------------------------------------------------------------------------------------------- */

/* A list of pointers to a member of every result that has figures; its memory is the process arena's only if there are
   several. */
static size_t list_reports(const Run *run, const PolecMemoryReport **reports, const TimeFigures **times)
{
    size_t n = 0;
    for (size_t i = 0; i < run->options->n_files; i++) {
        if (!run->results[i].has_figures)
            continue;
        reports[n] = &run->results[i].report;
        times[n++] = &run->results[i].times;
    }
    return n;
}

static void print_memory_report(const Run *run, FILE *stream, const PolecMemoryReport *const *reports, size_t n)
{
    uint64_t system_calls = run->system_calls + process_memory_system_calls(run->memory);
    switch (run->options->memory_report) {
    case REPORT_NONE: break;
    case REPORT_TEXT: memory_report_text(stream, reports, n, system_calls); break;
    case REPORT_JSON: memory_report_json(stream, reports, n, system_calls); break;
    case REPORT_HTML: page_write(stream, run); break;
    case REPORT_TRACE: memory_report_trace(stream, reports, n); break;
    case REPORT_PROMETHEUS: memory_report_prometheus(stream, reports, n, system_calls); break;
    }
}

static Status finish_report_file(Run *run, Output *file, const PolecMemoryReport *const *reports, size_t n)
{
    print_memory_report(run, file->stream, reports, n);
    if (output_finish(file))
        return STATUS_DONE;
    return complain_output(run, file);
}

static Status print_reports(Run *run, Output *file)
{
    const Options *options = run->options;
    const PolecMemoryReport *one_report, **reports = &one_report;
    const TimeFigures *one_time, **times = &one_time;
    Status status = STATUS_DONE;
    if (options->n_files > 1) {
        reports = arena_push(process_arena(run->memory), options->n_files * sizeof *reports);
        times = arena_push(process_arena(run->memory), options->n_files * sizeof *times);
    }
    size_t n = list_reports(run, reports, times);
    bool on_standard_error = options->memory_report != REPORT_NONE && file->way == OUTPUT_CLOSED;
    if (on_standard_error || options->time_report != REPORT_NONE)
        messages_close(&run->messages); /* a report follows on the same stream */
    if (file->way != OUTPUT_CLOSED)
        status = finish_report_file(run, file, reports, n);
    else if (on_standard_error)
        print_memory_report(run, stderr, reports, n);
    if (options->time_report == REPORT_TEXT)
        time_report_text(stderr, times, n);
    else if (options->time_report == REPORT_JSON)
        time_report_json(stderr, times, n);
    return status;
}

/* ---- compile ----------------------------------------------------------------------------------------------------- */

/* Outputs that waited for the report. */
static Status commit_files(Run *run, Output *report_file, bool report_is_good)
{
    Status first = STATUS_DONE;
    for (size_t i = 0; i < run->options->n_files; i++)
        report_is_good &= run->results[i].status != STATUS_USAGE; /* it would overwrite an import */
    for (size_t i = 0; i < run->options->n_files; i++) {
        FileResult *result = &run->results[i];
        Status status = result->status;
        if (status == STATUS_DONE && report_is_good)
            status = file_commit(run, result);
        else
            file_discard(result);
        first = first == STATUS_DONE ? status : first;
    }
    if (!report_is_good)
        output_discard(report_file);
    else if (!output_commit(report_file))
        return complain_output(run, report_file);
    return first;
}

static Status open_report_file(Run *run, Output *file)
{
    const Options *options = run->options;
    file->way = OUTPUT_CLOSED;
    if (options->memory_report_file == NULL || output_open(file, options->memory_report_file, false, true))
        return STATUS_DONE;
    return complain_output(run, file);
}

/* Compiles all files, prints the reports and puts the outputs in place. */
static Status compile_all(Run *run)
{
    Output report_file;
    Status status = open_report_file(run, &report_file);
    if (status != STATUS_DONE)
        return status;
    run->commit_later = report_file.way != OUTPUT_CLOSED;
    files_compile(run);
    status = run->results != NULL ? print_reports(run, &report_file) : STATUS_DONE;
    if (run->commit_later) {
        Status committed = commit_files(run, &report_file, status == STATUS_DONE);
        status = status == STATUS_DONE ? committed : status;
    }
    return run->status != STATUS_DONE ? run->status : status;
}

/* ---- run and test ------------------------------------------------------------------------------------------------ */

static int run_program(Run *run)
{
    char failure[512] = "";
    output_release_signals();
    faults_release();
    JitMain *program = jit_load_main(run->options, &run->results[0].code, failure, sizeof failure);
    if (program == NULL) {
        messages_error(&run->messages, "%s", failure);
        return STATUS_ERROR;
    }
    messages_close(&run->messages);
    return program() & 0xFF;
}

typedef struct {
    uint32_t next;             /* number of the next test in the plan */
    uint32_t n_passed, n_failed;
} Tally;

static void print_outcome(void *context, const CodeTest *test, bool passed)
{
    Tally *tally = context;
    printf("%sok %u - %s #%u\n", passed ? "" : "not ", tally->next++, test->name, test->number);
    tally->n_passed += passed;
    tally->n_failed += !passed;
}

/* Runs the tests of one file; false if they could not be run. */
static bool run_tests(Run *run, Code *code, Tally *tally)
{
    if (code->n_tests == 0) {
        code_dispose(code); /* nobody else takes the objects over */
        return true;
    }
    uint32_t behind = tally->next + code->n_tests;
    char failure[512] = "";
    bool complete = testing_run(process_arena(run->memory), run->options, code, print_outcome, tally, failure, sizeof failure);
    if (!complete)
        messages_error(&run->messages, "%s", failure);
    while (tally->next < behind) /* those that were not run */
        print_outcome(tally, &code->tests[code->n_tests - (behind - tally->next)], false);
    return complete;
}

static int run_all_tests(Run *run)
{
    Tally tally = {.next = 1};
    uint32_t n_tests = 0;
    bool complete = true;
    messages_close(&run->messages); /* the rest of standard error is the tests' */
    output_release_signals();
    faults_release();
    for (size_t i = 0; i < run->options->n_files; i++)
        n_tests += run->results[i].code.n_tests;
    printf("1..%u\n", n_tests);
    fflush(stdout); /* before anything that a test prints */
    for (size_t i = 0; i < run->options->n_files; i++)
        complete = run_tests(run, &run->results[i].code, &tally) && complete;
    fprintf(stderr, "%u passed, %u failed\n", tally.n_passed, tally.n_failed);
    Status status = flush_standard();
    if (status != STATUS_DONE)
        return status;
    return complete && tally.n_failed == 0 ? STATUS_DONE : STATUS_ERROR;
}

/* ---- All commands ------------------------------------------------------------------------------------------------ */

static int print_version(void)
{
    printf("polec %s, content %s, LLVM %s\n", POLEC_VERSION, POLEC_CONTENT_ID, POLEC_LLVM_VERSION);
    return flush_standard();
}

static int print_help(const Options *options)
{
    options_help(stdout, options->help);
    return flush_standard();
}

static int print_layouts(void)
{
    print_layout(stdout);
    return flush_standard();
}

static int print_explanation(const Options *options)
{
    const char *code = options->explain_code;
    if (code == NULL)
        explain_list(stdout);
    else if (!explain_code(stdout, code, options_want_color(options, STDOUT_FILENO)))
        return failed(STATUS_USAGE, "no message has the code '%s' (polec explain lists all codes)", code);
    return flush_standard();
}

static bool any_compiled(const Run *run)
{
    for (size_t i = 0; i < run->options->n_files; i++)
        if (run->results[i].status == STATUS_DONE)
            return true;
    return false;
}

static int compile_and_run(Run *run)
{
    Status status = compile_all(run);
    if (run->options->command == COMMAND_RUN && status == STATUS_DONE)
        return run_program(run);
    if (run->options->command != COMMAND_TEST || !any_compiled(run))
        return status;
    int tested = run_all_tests(run);
    return status != STATUS_DONE ? (int)status : tested;
}

int command_run(const Options *options, ProcessMemory *memory, Pool *pool)
{
    if (options->command == COMMAND_HELP)
        return print_help(options);
    if (options->command == COMMAND_VERSION)
        return print_version();
    if (options->command == COMMAND_PRINT_LAYOUT)
        return print_layouts();
    if (options->command == COMMAND_EXPLAIN)
        return print_explanation(options);
    if (options->command == COMMAND_WATCH)
        return watch_run(options, memory, pool);
    if (options->command == COMMAND_LSP)
        return lsp_run(options, memory);
    Status status = plan_check(options, memory);
    if (status != STATUS_DONE)
        return status;
    output_catch_signals();
    faults_catch();
    Run run;
    run_open(&run, options, memory, pool);
    int result = compile_and_run(&run);
    run_close(&run);
    return result;
}
