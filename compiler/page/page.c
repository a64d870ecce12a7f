/*
 * The page: a frame of HTML, CSS and JavaScript that the build has put together (make_page.py), and in it the data, as
 * JSON in a script element.
 *
 *     { "version", "polec", "files": [ { "report": as in the JSON form, "sources", "tokens", "ast", "ir", "llvm",
 *       "map lex" ..., "diagnostics", "failure", "policies": [ { "report", "points", "moments", "began" } ] } ] }
 */
#include "page/page.h"

#include <string.h>

#include "build_config.h"
#include "memory_report.h"
#include "page/page_json.h"
#include "page/recorder.h"
#include "page_text.h"

typedef struct {
    const Run *run;
    size_t index;     /* of the file */
    FILE *data;
    Options options;  /* as given, but for what is recorded just now */
} Page;

/* One more compilation of the file, which writes nothing but what the recorder does. */
static void record(Page *page, Recorder *recorder, PolecMemoryReport *report)
{
    const FileResult *result = &page->run->results[page->index];
    const char *path = page->options.files[page->index];
    bool standard_input = strcmp(path, "-") == 0;
    Output output = {.way = OUTPUT_CLOSED}, depfile = {.way = OUTPUT_CLOSED};
    Compilation c = {
        .options = &page->options, .pool = page->run->first.pool, .path = standard_input ? "<stdin>" : path,
        .text = standard_input ? result->text : NULL, .text_length = result->text_length,
        .output_path = "/dev/null", .output = &output, .depfile = &depfile,
        .report = report, .recorder = recorder,
    };
    if (page->options.emit == EMIT_MEMORY)
        c.code_arena = process_arena(&recorder->memory);
    compile(&c);
    report->file = result->report.file; /* LIFETIME: the name in the session has just died with it */
    code_dispose(&c.code);
    output_discard(&output);
}

static void write_columns(Page *page)
{
    PolecMemoryReport report;
    Recorder recorder = {.what = RECORD_COLUMNS, .data = page->data};
    EmitKind emit = page->options.emit;
    if (emit_needs_llvm(emit))
        page->options.emit = EMIT_LLVM_IR;
    record(page, &recorder, &report);
    page->options.emit = emit;
    recorder_close(&recorder);
}

/* Maps and diagnostics come with the first policy; its own figures follow. */
static void write_policies(Page *page)
{
    static const ArenaPolicy policies[] = {POLICY_PHASE, POLICY_WHOLE, POLICY_MALLOC};
    for (size_t i = 0; i < sizeof policies / sizeof *policies; i++) {
        PolecMemoryReport report;
        Recorder recorder = {.what = RECORD_MEMORY, .data = page->data, .tells_contents = i == 0};
        if (i > 0)
            fprintf(page->data, ", \"policy %zu\": {\"of\": %d", i, (int)policies[i]);
        page->options.policy = policies[i];
        record(page, &recorder, &report);
        fputs(", \"report\":\n", page->data);
        memory_report_json_file(page->data, &report);
        if (i > 0)
            fputs("}", page->data);
        recorder_close(&recorder);
    }
}

static void write_file(Page *page)
{
    const FileResult *result = &page->run->results[page->index];
    fprintf(page->data, "{\"status\": %d, \"compiled\":\n", (int)result->status);
    memory_report_json_file(page->data, &result->report);
    page->options = *page->run->options;
    page->options.write_depfile = false;
    page->options.detail_by_function = page->options.detail_by_line = false; /* in "compiled", if they were asked for */
    write_columns(page);
    write_policies(page);
    fputs("}\n", page->data);
}

void page_write(FILE *stream, const Run *run)
{
    fwrite(page_before_data, 1, sizeof page_before_data, stream);
    Page page = {.run = run, .data = page_json_open_data(stream)};
    if (page.data != NULL) {
        fputs("{\"version\": 1, \"polec\": \"" POLEC_VERSION "\", \"files\": [\n", page.data);
        bool any = false;
        for (page.index = 0; page.index < run->options->n_files; page.index++) {
            if (!run->results[page.index].has_figures)
                continue;
            fputs(any ? "," : "", page.data);
            any = true;
            write_file(&page);
        }
        fputs("]}\n", page.data);
        fclose(page.data);
    }
    fwrite(page_after_data, 1, sizeof page_after_data, stream);
}
