/*
 * The targets.  How a program is compiled (the policy, -g, an audit) hangs on a hash of its bytes, so that one input
 * always does the same.
 *
 *   lexer, parser   to the dump of tokens, of the tree
 *   frontend        to the IR; the diagnostics in one of the forms
 *   compile         to an object file
 *   reports         and every report on it, the page too
 *   recheck         the text and edited copies of it, re-checked: everything must be as from scratch
 *   imports         the same with files that import each other, of which any may be edited
 *
 * Diagnostics and reports that are to be JSON must be JSON, and what is written for people must have no control characters.
 */
#define _GNU_SOURCE
#include "fuzz.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <jansson.h>
#include <sys/stat.h>
#include <unistd.h>

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
static const char *imports[4];
static size_t n_imports;

void fuzz_imports_from(const char *directory)
{
    if (n_imports < sizeof imports / sizeof *imports)
        imports[n_imports++] = directory;
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
    options.import_directories = imports;
    options.n_import_directories = n_imports;
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

/* ---- What is written --------------------------------------------------------------------------------------------- */

typedef struct {
    char *text;
    size_t length;
    FILE *stream;
} Written;

static FILE *writing(Written *w)
{
    w->stream = open_memstream(&w->text, &w->length);
    if (w->stream == NULL)
        abort();
    return w->stream;
}

static void must_be_json(const char *what, const char *text, size_t length)
{
    json_error_t error;
    json_t *value = json_loadb(text, length, JSON_REJECT_DUPLICATES | JSON_ALLOW_NUL, &error);
    if (value == NULL) {
        fprintf(stderr, "fuzz: %s is no JSON: %s at byte %d of\n%.*s\n", what, error.text, error.position, (int)length, text);
        abort();
    }
    json_decref(value);
}

static void must_be_lines_of_json(const char *what, const char *text, size_t length)
{
    while (length > 0) {
        const char *end = memchr(text, '\n', length);
        if (end == NULL) {
            fprintf(stderr, "fuzz: %s ends within a line\n", what);
            abort();
        }
        must_be_json(what, text, (size_t)(end - text));
        length -= (size_t)(end - text) + 1;
        text = end + 1;
    }
}

static void must_be_readable(const char *what, const char *text, size_t length)
{
    for (size_t i = 0; i < length; i++)
        if (((unsigned char)text[i] < ' ' && text[i] != '\n') || text[i] == 0x7F) {
            fprintf(stderr, "fuzz: %s has a control character at byte %zu of\n%.*s\n", what, i, (int)length, text);
            abort();
        }
}

static void wrote_json(const char *what, Written *w)
{
    fclose(w->stream);
    must_be_json(what, w->text, w->length);
    free(w->text);
}

static void wrote_text(const char *what, Written *w)
{
    fclose(w->stream);
    must_be_readable(what, w->text, w->length);
    free(w->text);
}

static void tell_in(Compilation *c, DiagnosticsForm form)
{
    Written written;
    Messages messages;
    Options options = *c->options;
    options.diagnostics = form;
    messages_open(&messages, &options, writing(&written));
    for (const Diagnostic *d = c->session.diagnostics.first; d != NULL; d = d->next)
        messages_diagnostic(&messages, &c->session, d, c->path);
    messages_close(&messages);
    fclose(written.stream);
    if (form == DIAGNOSTICS_TEXT)
        must_be_readable("a message", written.text, written.length);
    else if (form == DIAGNOSTICS_JSON)
        must_be_lines_of_json("a diagnostic", written.text, written.length);
    else
        must_be_json("the SARIF document", written.text, written.length);
    free(written.text);
}

/* ---- Compiling --------------------------------------------------------------------------------------------------- */

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
    Written written;
    memory_report_text(writing(&written), &report, 1, 0);
    wrote_text("the report", &written);
    memory_report_json(writing(&written), &report, 1, 0);
    wrote_json("the report", &written);
    memory_report_prometheus(writing(&written), &report, 1, 0);
    wrote_text("the report for Prometheus", &written);
    memory_report_trace(writing(&written), &report, 1);
    wrote_json("the trace", &written);
    memory_detail_text(writing(&written), report);
    wrote_text("the details", &written);
}

/* Between the tags of the first script there must be JSON, without anything that a browser could take for a tag. */
static void must_be_page(const char *page, size_t length)
{
    static const char open[] = "type=\"application/json\">", close[] = "</script>";
    const char *data = memmem(page, length, open, strlen(open));
    const char *end = data == NULL ? NULL : memmem(data, length - (size_t)(data - page), close, strlen(close));
    if (end == NULL) {
        fputs("fuzz: the page has no data\n", stderr);
        abort();
    }
    data += strlen(open);
    must_be_json("the page's data", data, (size_t)(end - data));
    if (memchr(data, '<', (size_t)(end - data)) != NULL) {
        fputs("fuzz: the page's data has a < in it\n", stderr);
        abort();
    }
}

static void write_page(const Options *options, const FileResult *result)
{
    ProcessMemory memory = {0};
    Run run;
    run_open(&run, options, &memory, pool);
    run.results = (FileResult *)(uintptr_t)result; /* only read */
    Written written;
    page_write(writing(&written), &run);
    fclose(written.stream);
    must_be_page(written.text, written.length);
    free(written.text);
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

/* ---- Imports ----------------------------------------------------------------------------------------------------- */

enum { N_FILES = 3 };

static char imported_folder[] = "/tmp/polec-fuzz-XXXXXX";

static void path_of_file(char path[64], int i)
{
    snprintf(path, 64, "%s/lib/i%d.pole-ir", imported_folder, i);
}

static void remove_imported(void)
{
    char path[64];
    for (int i = 0; i < N_FILES; i++) {
        path_of_file(path, i);
        unlink(path);
    }
    snprintf(path, sizeof path, "%s/lib", imported_folder);
    rmdir(path);
    rmdir(imported_folder);
}

static void write_file(int i, const uint8_t *bytes, size_t length)
{
    char path[64];
    path_of_file(path, i);
    FILE *stream = fopen(path, "wb");
    if (stream == NULL || fwrite(bytes, 1, length, stream) != length || fclose(stream) != 0)
        abort();
}

static void prepare_imports(void)
{
    char path[64];
    prepare();
    if (mkdtemp(imported_folder) == NULL)
        abort();
    snprintf(path, sizeof path, "%s/lib", imported_folder);
    if (mkdir(path, 0700) != 0)
        abort();
    atexit(remove_imported);
    fuzz_imports_from(imported_folder);
}

/* Text 0 imports the others, which import each other, and each is made to call what the next one has. */
static size_t program_of_several(uint8_t *text, int which, const uint8_t *bytes, size_t length, uint64_t *random)
{
    int next = (which + 1) % N_FILES;
    size_t head = (size_t)snprintf((char *)text, MOST_EDITED, "import lib.i%d as N\nimport lib.i%d\nfunc n%d(x: Int) -> Int : %s\n", next,
                                   (which + 2) % N_FILES, which, random_below(random, 2) == 0 ? "x" : "N.m(x)");
    if (random_below(random, 8) == 0)
        head = 0;
    if (which != 0 && random_below(random, 2) == 0)
        return head + (size_t)snprintf((char *)text + head, MOST_EDITED - head, "func m(x: Int) -> Int : x + %u\ntype Q%d<T> = Q%d(T) | P%d\n",
                                       random_below(random, 3), which, which, which);
    memcpy(text + head, bytes, length);
    return head + length;
}

static void run_imports(const uint8_t *bytes, size_t length)
{
    static uint8_t texts[N_FILES + 1][MOST_EDITED];
    static Recheck r;
    static bool prepared;
    size_t lengths[N_FILES + 1];
    if (!prepared)
        prepare_imports();
    prepared = true;
    if (length > MOST_EDITED / 2)
        return;
    uint64_t random = hash(bytes, length) | 1;
    Options options = options_for(EMIT_CHECK, random);
    options.audit_lifetimes = false;
    for (int i = N_FILES; i >= 0; i--) { /* the last one is not in a file: it is what is checked */
        lengths[i] = program_of_several(texts[i], i % N_FILES, bytes, length, &random);
        if (i < N_FILES)
            write_file(i, texts[i], lengths[i]);
    }
    compile_to(random % 8 == 0 ? EMIT_OBJECT : EMIT_CHECK, texts[N_FILES], lengths[N_FILES]);
    recheck_open(&r, &options, pool, "fuzz.pole-ir");
    r.least_distance = 1 + (uint32_t)(random % 16);
    recheck(&r, (const char *)texts[N_FILES], lengths[N_FILES]);
    for (int i = 0; i < N_EDITS; i++) {
        int edited = (int)random_below(&random, N_FILES + 1);
        lengths[edited] = mutate_program(texts[edited], lengths[edited], MOST_EDITED, &random);
        if (edited < N_FILES)
            write_file(edited, texts[edited], lengths[edited]);
        recheck(&r, (const char *)texts[N_FILES], lengths[N_FILES]);
        must_be_as_from_scratch(&r, &options, texts[N_FILES], lengths[N_FILES]);
    }
    recheck_close(&r);
}

const FuzzTarget fuzz_targets[N_FUZZ_TARGETS] = {
    {"lexer", run_lexer},     {"parser", run_parser},   {"frontend", run_frontend},
    {"compile", run_compile}, {"reports", run_reports}, {"recheck", run_recheck},
    {"imports", run_imports},
};
