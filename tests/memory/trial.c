#define _GNU_SOURCE
#include "trial.h"

#include <dirent.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "codegen/code.h"
#include "exhausted.h"
#include "messages.h"

const TrialPolicy trial_policies[N_TRIAL_POLICIES] = {
    {"phase", POLICY_PHASE, false}, {"whole", POLICY_WHOLE, false},      {"malloc", POLICY_MALLOC, false},
    {"guard", POLICY_PHASE, true},  {"guard, whole", POLICY_WHOLE, true},
};

Trial trial_of(const char *path, const TrialKind *kind, const TrialPolicy *policy)
{
    Trial trial = {.options = options_default(), .path = path};
    trial.options.command = kind->command;
    trial.options.emit = kind->emit;
    trial.options.optimization = kind->optimization;
    trial.options.policy = policy->policy;
    trial.options.guard = policy->guard;
    trial.options.color = COLOR_NEVER;
    if (kind->emit != EMIT_CHECK && kind->emit != EMIT_MEMORY) {
        trial.output = "object.o";
        trial.depfile = "object.d";
    }
    return trial;
}

/* ---- Compiling --------------------------------------------------------------------------------------------------- */

static Pool *pool;
static ProcessMemory kept; /* the lists of a program that would be run */

/* Called by the driver while the session is alive. */
static void tell(Compilation *c)
{
    Outcome *outcome = c->context;
    outcome->n_errors = c->session.diagnostics.n_errors;
    if (!c->exhausted)
        return;
    outcome->phase = c->session.phase;
    outcome->why = c->session.exhausted;
    ExhaustedDiagnostic exhausted;
    exhausted_describe(&exhausted, &c->session, c->options);
    FILE *stream = fmemopen(outcome->told, sizeof outcome->told, "w");
    Messages messages;
    messages_open(&messages, c->options, stream);
    messages_diagnostic(&messages, &c->session, &exhausted.diagnostic, c->path);
    messages_close(&messages);
    fclose(stream);
}

static void put_in_place(Compilation *c)
{
    if (c->status != STATUS_DONE)
        return; /* the driver has discarded everything */
    if (!output_commit(c->depfile) || !output_commit(c->output))
        c->status = STATUS_FILE;
}

void trial_run(const Trial *trial, Outcome *outcome, PolecMemoryReport *report)
{
    if (pool == NULL)
        pool = pool_open(&(PoolOptions){.mode = POOL_RECYCLE});
    static Output output, depfile;
    output.way = depfile.way = OUTPUT_CLOSED;
    Compilation c = {
        .options = &trial->options, .pool = pool, .path = trial->path, .text = trial->text,
        .text_length = trial->text != NULL ? strlen(trial->text) : 0, .output_path = trial->output,
        .depfile_path = trial->depfile, .depfile_target = trial->output, .output = &output, .depfile = &depfile,
        .code_arena = trial->options.emit == EMIT_MEMORY ? process_arena(&kept) : NULL, .report = report,
        .tell = tell, .context = outcome,
    };
    outcome->told[0] = '\0';
    compile(&c);
    put_in_place(&c);
    code_dispose(&c.code);
    process_memory_close(&kept);
    outcome->status = c.status;
    outcome->exhausted = c.exhausted;
}

PoolStatistics trial_statistics(void)
{
    return pool_statistics(pool);
}

/* ---- Files ------------------------------------------------------------------------------------------------------- */

unsigned trial_count_files(void)
{
    unsigned n = 0;
    DIR *directory = opendir(".");
    while (directory != NULL && readdir(directory) != NULL)
        n++;
    closedir(directory);
    return n - 2;
}

void trial_clean(void)
{
    unlink("object.o");
    unlink("object.d");
}

/* ---- TAP --------------------------------------------------------------------------------------------------------- */

static unsigned n_told, n_failed;

void tap(bool good, const char *format, ...)
{
    va_list arguments;
    n_told++;
    n_failed += !good;
    printf("%sok %u - ", good ? "" : "not ", n_told);
    va_start(arguments, format);
    vprintf(format, arguments);
    va_end(arguments);
    printf("\n");
    fflush(stdout);
}

int tap_plan(void)
{
    if (pool != NULL)
        pool_close(pool);
    printf("1..%u\n", n_told);
    return n_failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
