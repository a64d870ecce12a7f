/*
 * The targets.  How a program is compiled (the policy, -g, an audit) hangs on a hash of its bytes, so that one input
 * always does the same.
 *
 *   lexer, parser   to the dump of tokens, of the tree
 *   frontend        to the IR; the diagnostics in one of the forms
 *   compile         to an object file
 *   reports         and every report on it, the page too
 *   recheck         the text and edited copies of it, re-checked: everything must be as from scratch
 */
#define _GNU_SOURCE
#include "fuzz.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../recheck_difference.h"
#include "audit.h"
#include "driver.h"
#include "exhausted.h"
#include "files.h"
#include "memory_report.h"
#include "messages.h"
#include "page/page.h"

static Pool *pool;
static FILE *nowhere;
static const char *imports = "";

void fuzz_imports_from(const char *directory)
{
    imports = directory;
}

static void prepare(void)
{
    if (pool != NULL)
        return;
    pool = pool_open(&(PoolOptions){.mode = POOL_RECYCLE});
    nowhere = fopen("/dev/null", "w");
    if (pool == NULL || nowhere == NULL)
        abort();
}

static uint64_t hash(const uint8_t *bytes, size_t length)
{
    uint64_t hash = 14695981039346656037u; /* FNV-1a */
    for (size_t i = 0; i < length; i++)
        hash = (hash ^ bytes[i]) * 1099511628211u;
    return hash ^ hash >> 32;
}

static Options options_for(EmitKind emit, uint64_t hash)
{
    Options options = options_default();
    options.emit = emit;
    options.import_directories = &imports;
    options.n_import_directories = 1;
    options.color = COLOR_NEVER;
    options.policy = hash % 8 == 0 ? POLICY_MALLOC : hash % 8 == 1 ? POLICY_WHOLE : POLICY_PHASE;
    options.overflow_traps = hash % 2 == 0;
    options.contracts = hash % 5 != 0;
    options.debug_information = hash / 8 % 4 == 0;
    options.optimization = hash / 32 % 16 == 0 ? 2 : 0;
    options.audit_lifetimes = hash / 512 % 64 == 0;
    options.max_errors = hash % 3 == 0 ? 0 : 20;
    return options;
}

static void tell_in(Compilation *c, DiagnosticsForm form)
{
    Messages messages;
    Options options = *c->options;
    options.diagnostics = form;
    messages_open(&messages, &options, nowhere);
    for (const Diagnostic *d = c->session.diagnostics.first; d != NULL; d = d->next)
        messages_diagnostic(&messages, &c->session, d, c->path);
    messages_close(&messages);
}

/* Nothing can run out of memory here, and no fault of ours is a legal outcome. */
static void tell(Compilation *c)
{
    tell_in(c, (DiagnosticsForm)(hash((const uint8_t *)c->text, c->text_length) / 65536 % 3));
    if (c->status == STATUS_DONE || (c->status == STATUS_ERROR && c->session.diagnostics.n_errors > 0))
        return;
    fprintf(stderr, "fuzz: status %d: %s\n", c->status, c->failure);
    audit_print(stderr, c, false);
    abort();
}

static Compilation compilation_of(const Options *options, const uint8_t *bytes, size_t length, Output outputs[2])
{
    outputs[0].way = outputs[1].way = OUTPUT_CLOSED;
    return (Compilation){
        .options = options, .pool = pool, .path = "fuzz.pole-ir", .text = (const char *)bytes, .text_length = length,
        .output_path = options->emit == EMIT_CHECK ? NULL : "/dev/null", .output = &outputs[0], .depfile = &outputs[1],
        .tell = tell,
    };
}

static void compile_to(EmitKind emit, const uint8_t *bytes, size_t length)
{
    static Output outputs[2];
    prepare();
    Options options = options_for(emit, hash(bytes, length));
    Compilation c = compilation_of(&options, bytes, length, outputs);
    compile(&c);
    if (c.status == STATUS_DONE && emit != EMIT_CHECK)
        output_commit(&outputs[0]);
    code_dispose(&c.code);
}

static void run_lexer(const uint8_t *bytes, size_t length)
{
    compile_to(EMIT_TOKENS, bytes, length);
}

static void run_parser(const uint8_t *bytes, size_t length)
{
    compile_to(EMIT_AST, bytes, length);
}

static void run_frontend(const uint8_t *bytes, size_t length)
{
    compile_to(hash(bytes, length) / 4096 % 4 == 0 ? EMIT_IR : EMIT_CHECK, bytes, length);
}

static void run_compile(const uint8_t *bytes, size_t length)
{
    compile_to(EMIT_OBJECT, bytes, length);
}

/* ---- Reports ----------------------------------------------------------------------------------------------------- */

static void write_reports(const PolecMemoryReport *report)
{
    memory_report_text(nowhere, &report, 1, 0);
    memory_report_json(nowhere, &report, 1, 0);
    memory_report_prometheus(nowhere, &report, 1, 0);
    memory_report_trace(nowhere, &report, 1);
    memory_detail_text(nowhere, report);
    memory_detail_json(nowhere, report);
}

static void write_page(const Options *options, const FileResult *result)
{
    ProcessMemory memory = {0};
    Run run;
    run_open(&run, options, &memory, pool);
    run.results = (FileResult *)(uintptr_t)result; /* only read */
    page_write(nowhere, &run);
    run.results = NULL;
    run_close(&run);
    process_memory_close(&memory);
}

static void run_reports(const uint8_t *bytes, size_t length)
{
    static Output outputs[2];
    static FileResult result;
    static const char *standard_input = "-"; /* whose text the page is given */
    prepare();
    uint64_t h = hash(bytes, length);
    Options options = options_for(h % 4 == 0 ? EMIT_OBJECT : EMIT_CHECK, h);
    options.files = &standard_input;
    options.n_files = 1;
    options.detail_by_function = options.detail_by_line = true;
    ProcessMemory details = {0};
    Compilation c = compilation_of(&options, bytes, length, outputs);
    c.path = standard_input;
    c.report = &result.report;
    c.detail_arena = process_arena(&details);
    compile(&c);
    if (c.status == STATUS_DONE && options.emit == EMIT_OBJECT)
        output_commit(&outputs[0]);
    code_dispose(&c.code);
    result.report.file = "<stdin>"; /* LIFETIME: the name in the session has died with it */
    write_reports(&result.report);
    result.has_figures = true;
    result.status = c.status;
    result.text = (const char *)bytes;
    result.text_length = length;
    options.memory_report = REPORT_HTML;
    write_page(&options, &result);
    process_memory_close(&details);
}

/* ---- Re-checking ------------------------------------------------------------------------------------------------- */

enum { MOST_EDITED = 1 << 16, N_EDITS = 4 };

static void must_be_as_from_scratch(const Recheck *r, const Options *options, const uint8_t *bytes, size_t length)
{
    static Pool *other;
    static Recheck scratch;
    if (other == NULL)
        other = pool_open(&(PoolOptions){.mode = POOL_RECYCLE});
    recheck_open(&scratch, options, other, "fuzz.pole-ir");
    recheck(&scratch, (const char *)bytes, length);
    const char *difference = recheck_difference(r, &scratch);
    if (difference != NULL) {
        fprintf(stderr, "fuzz: re-checked, and not as from scratch: %s\n", difference);
        abort();
    }
    recheck_close(&scratch);
}

static void run_recheck(const uint8_t *bytes, size_t length)
{
    static uint8_t text[MOST_EDITED];
    static Recheck r;
    prepare();
    if (length > MOST_EDITED)
        return;
    uint64_t random = hash(bytes, length) | 1;
    Options options = options_for(EMIT_CHECK, random);
    options.audit_lifetimes = false;
    memcpy(text, bytes, length);
    recheck_open(&r, &options, pool, "fuzz.pole-ir");
    r.least_distance = 1 + (uint32_t)(random % 16);
    recheck(&r, (const char *)text, length);
    for (int i = 0; i < N_EDITS; i++) {
        length = mutate_program(text, length, MOST_EDITED, &random);
        recheck(&r, (const char *)text, length);
        must_be_as_from_scratch(&r, &options, text, length);
    }
    recheck_close(&r);
}

const FuzzTarget fuzz_targets[N_FUZZ_TARGETS] = {
    {"lexer", run_lexer},     {"parser", run_parser},   {"frontend", run_frontend},
    {"compile", run_compile}, {"reports", run_reports}, {"recheck", run_recheck},
};
