/*
 * libpolec: the driver behind a plain struct of options and a few callbacks.
 *
 * The command line and the library are two users of compile() that differ in one thing: what they do with what is
 * told.  Every call has a pool of its own, so any number of them may run side by side.
 */
#include "polec.h"

#include <string.h>

#include "build_config.h"
#include "driver.h"
#include "exhausted.h"
#include "library_name.h"
#include "messages.h"

PolecOptions polec_options_default(void)
{
    return (PolecOptions){.emit = POLEC_EMIT_CHECK, .max_errors = 20};
}

const char *polec_version(void)
{
    return POLEC_VERSION;
}

/* ---- Options ----------------------------------------------------------------------------------------------------- */

static EmitKind emit_kind(PolecEmit emit)
{
    static const EmitKind kinds[] = {
        [POLEC_EMIT_CHECK] = EMIT_CHECK, [POLEC_EMIT_TOKENS] = EMIT_TOKENS, [POLEC_EMIT_AST] = EMIT_AST,
        [POLEC_EMIT_IR] = EMIT_IR, [POLEC_EMIT_LLVM_IR] = EMIT_LLVM_IR, [POLEC_EMIT_LLVM_BITCODE] = EMIT_LLVM_BITCODE,
        [POLEC_EMIT_ASSEMBLY] = EMIT_ASSEMBLY, [POLEC_EMIT_OBJECT] = EMIT_OBJECT,
        [POLEC_EMIT_EXECUTABLE] = EMIT_EXECUTABLE,
    };
    return kinds[emit];
}

static Options translate(const PolecOptions *from)
{
    Options to = options_default();
    to.emit = emit_kind(from->emit);
    to.import_directories = (const char **)from->import_directories;
    to.n_import_directories = from->n_import_directories;
    to.libraries = (const char **)from->libraries;
    to.n_libraries = from->n_libraries;
    to.library_directories = (const char **)from->library_directories;
    to.n_library_directories = from->n_library_directories;
    to.prefix_maps = (const char **)from->prefix_maps;
    to.n_prefix_maps = from->n_prefix_maps;
    to.optimization = from->optimization;
    to.contracts = !from->no_contracts;
    to.overflow_traps = from->overflow_traps;
    to.memory_limit = (size_t)from->memory_limit;
    for (int phase = 0; phase < POLEC_N_PHASES; phase++)
        to.phase_limits[phase] = (size_t)from->phase_limits[phase];
    to.policy = (ArenaPolicy)from->policy;
    to.guard = from->guard;
    to.audit_lifetimes = from->audit_lifetimes;
    to.fail_allocation = from->fail_allocation;
    to.max_errors = from->max_errors;
    to.detail_by_function = from->memory_report != NULL && from->memory_by_function;
    to.detail_by_line = from->memory_report != NULL && from->memory_by_line;
    return to;
}

/* What the struct asks for that makes no sense; NULL if it does. */
static const char *find_mistake(const PolecOptions *options)
{
    if (options->emit > POLEC_EMIT_EXECUTABLE || options->policy > POLEC_POLICY_MALLOC || options->optimization > 3)
        return "an option is out of range";
    for (size_t i = 0; i < options->n_libraries; i++)
        if (!is_library_name(options->libraries[i], strlen(options->libraries[i])))
            return "what a library is called is " LIBRARY_NAME_RULE;
    if (options->emit == POLEC_EMIT_CHECK)
        return NULL;
    if (options->output == NULL)
        return "there is no output path";
    if (strcmp(options->output, "-") == 0 && !emit_is_text(emit_kind(options->emit)))
        return "this kind of output is binary and cannot go to standard output";
    return NULL;
}

/* ---- What is told ------------------------------------------------------------------------------------------------ */

static void tell_message(const PolecOptions *options, const char *message)
{
    PolecDiagnostic told = {.is_error = true, .code = "", .message = message};
    if (options->diagnostic != NULL)
        options->diagnostic(options->context, &told);
}

static void tell_diagnostic(const PolecOptions *options, const SourceText *text, const char *path, const Diagnostic *d)
{
    DescribedDiagnostic described;
    diagnostic_describe(&described, text, d, path);
    options->diagnostic(options->context, &described.told);
}

static void tell(Compilation *c)
{
    const PolecOptions *options = c->context;
    const Session *session = &c->session;
    if (options->diagnostic != NULL) {
        for (const Diagnostic *d = session->diagnostics.first; d != NULL; d = d->next)
            tell_diagnostic(options, &session->text, c->path, d);
        if (c->exhausted) {
            ExhaustedDiagnostic exhausted;
            exhausted_describe(&exhausted, session, c->options);
            tell_diagnostic(options, &session->text, c->path, &exhausted.diagnostic);
        }
    }
    if (c->failure[0] != '\0')
        tell_message(options, c->failure);
    if (c->report != NULL)
        options->memory_report(options->context, c->report);
}

/* ---- Compiling --------------------------------------------------------------------------------------------------- */

static Status commit(const PolecOptions *options, Output *output, Output *depfile)
{
    char complaint[OUTPUT_COMPLAINT_SIZE];
    const Output *failed = depfile;
    if (output_commit(depfile)) {
        failed = output;
        if (output_commit(output))
            return STATUS_DONE;
    }
    tell_message(options, output_complaint(failed, complaint));
    output_discard(output);
    output_discard(depfile);
    return STATUS_FILE;
}

static PolecStatus compile_source(const PolecOptions *from, const char *path, const char *text, size_t length)
{
    const char *mistake = find_mistake(from);
    Pool *pool = mistake != NULL ? NULL : pool_open(&(PoolOptions){.mode = POOL_RECYCLE});
    if (pool == NULL) {
        tell_message(from, mistake != NULL ? mistake : "the system has no more memory");
        return mistake != NULL ? POLEC_WRONG_OPTIONS : POLEC_MEMORY_LIMIT;
    }
    Options options = translate(from);
    Output output = {.way = OUTPUT_CLOSED}, depfile = {.way = OUTPUT_CLOSED};
    PolecMemoryReport report;
    Compilation c = {
        .options = &options, .pool = pool, .path = path, .text = text, .text_length = length,
        .output_path = from->emit == POLEC_EMIT_CHECK ? NULL : from->output,
        .depfile_path = from->depfile, .depfile_target = from->output != NULL ? from->output : path,
        .output = &output, .depfile = &depfile, .hold_output = options.audit_lifetimes,
        .tell = tell, .context = (void *)from,
    };
    if (from->memory_report != NULL)
        c.report = &report;
    ProcessMemory details = {0};
    if (options.detail_by_function || options.detail_by_line)
        c.detail_arena = process_arena(&details);
    compile(&c);
    process_memory_close(&details);
    pool_close(pool);
    return (PolecStatus)(c.status == STATUS_DONE ? commit(from, &output, &depfile) : c.status);
}

PolecStatus polec_compile_file(const PolecOptions *options, const char *path)
{
    return compile_source(options, path, NULL, 0);
}

PolecStatus polec_compile_text(const PolecOptions *options, const char *name, const char *text, size_t length)
{
    return compile_source(options, name, text, length);
}
