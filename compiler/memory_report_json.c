/*
 * The memory report as JSON, for benches and tests.
 *
 *     { "version": 1, "files": [ { "file", "source_bytes", ..., "session": {}, "phases": [], "llvm": {},
 *       "timeline": [] } ], "process": {} }
 *
 * memory_report.schema.json describes it in full; a test holds the two together.
 *
 * One line for each phase, each moment and each list of kinds, so that two reports can be compared with diff.
 */
#define _GNU_SOURCE
#include <sys/resource.h>

#include "json.h"
#include "memory_report.h"

static const char *const phase_names[] = {"lex", "parse", "ir", "codegen"};
static const char *const policy_names[] = {"phase", "whole", "malloc"};

static unsigned long long wide(uint64_t number)
{
    return number;
}

static void write_kinds(FILE *stream, const PolecKinds *table, const char *indent)
{
    fprintf(stream, "\"by_kind\": [");
    for (uint32_t i = 0; i < table->n; i++) {
        const PolecKind *row = &table->kinds[i];
        fprintf(stream, "%s\n%s  { \"kind\": ", i == 0 ? "" : ",", indent);
        json_write_string(stream, row->kind);
        fprintf(stream, ", \"count\": %llu, \"bytes\": %llu }", wide(row->count), wide(row->bytes));
    }
    fprintf(stream, "%s%s]", table->n == 0 ? "" : "\n", table->n == 0 ? "" : indent);
}

static void write_phase(FILE *stream, const PolecPhaseFigures *p, const char *name)
{
    fprintf(stream, "        { \"name\": \"%s\", \"used_bytes\": %llu, \"high_water_bytes\": %llu, ", name,
            wide(p->used_bytes), wide(p->high_water_bytes));
    fprintf(stream, "\"committed_bytes\": %llu, \"reserved_bytes\": %llu, \"limit_bytes\": %llu,\n",
            wide(p->committed_bytes), wide(p->reserved_bytes), wide(p->limit_bytes));
    fprintf(stream, "          \"allocations\": %llu, \"freed_after\": \"%s\", \"nanoseconds\": %llu,\n          ",
            wide(p->allocations), phase_names[p->freed_after], wide(p->nanoseconds));
    write_kinds(stream, &p->by_kind, "          ");
    fprintf(stream, " }");
}

static void write_moment(FILE *stream, const PolecMoment *m)
{
    fprintf(stream, "        { \"event\": \"%s %s\", \"live\": { \"session\": %llu", phase_names[m->phase],
            m->freed ? "freed" : "end", wide(m->session));
    for (int phase = 0; phase < POLEC_N_PHASES; phase++)
        fprintf(stream, ", \"%s\": %llu", phase_names[phase], wide(m->phases[phase]));
    fprintf(stream, ", \"llvm\": %llu } }", wide(m->llvm));
}

void memory_report_json_file(FILE *stream, const PolecMemoryReport *r)
{
    fprintf(stream, "    { \"file\": ");
    json_write_string(stream, r->file);
    fprintf(stream, ", \"source_bytes\": %llu, \"source_lines\": %llu, \"policy\": \"%s\",\n", wide(r->source_bytes),
            wide(r->source_lines), policy_names[r->policy]);
    fprintf(stream, "      \"peak_live_bytes\": %llu, \"total_allocations\": %llu,\n", wide(r->peak_live_bytes),
            wide(r->total_allocations));
    fprintf(stream, "      \"session\": { \"used_bytes\": %llu, \"allocations\": %llu,\n        ",
            wide(r->session_used_bytes), wide(r->session_allocations));
    write_kinds(stream, &r->session_by_kind, "        ");
    fprintf(stream, " },\n      \"phases\": [");
    for (uint32_t i = 0; i < r->n_phases; i++) {
        fprintf(stream, "%s\n", i == 0 ? "" : ",");
        write_phase(stream, &r->phases[i], phase_names[i]);
    }
    fprintf(stream, " ],\n      \"llvm\": { \"heap_bytes_peak\": %llu, \"heap_bytes_after\": %llu, ",
            wide(r->llvm_heap_bytes_peak), wide(r->llvm_heap_bytes_after));
    fprintf(stream, "\"allocations\": %llu },\n", wide(r->llvm_allocations));
    if (r->audited_arenas > 0)
        fprintf(stream, "      \"audit\": { \"arenas\": %llu, \"words\": %llu, \"nanoseconds\": %llu, \"offenders\": %u },\n",
                wide(r->audited_arenas), wide(r->audited_words), wide(r->audit_nanoseconds), (unsigned)r->audit_offenders);
    fprintf(stream, "      \"timeline\": [");
    for (uint32_t i = 0; i < r->n_moments; i++) {
        fprintf(stream, "%s\n", i == 0 ? "" : ",");
        write_moment(stream, &r->moments[i]);
    }
    fprintf(stream, " ]");
    memory_detail_json(stream, r);
    fprintf(stream, " }");
}

void memory_report_json(FILE *stream, const PolecMemoryReport *const *reports, size_t n, uint64_t system_calls)
{
    struct rusage usage;
    getrusage(RUSAGE_SELF, &usage);
    fprintf(stream, "{ \"version\": 1,\n  \"files\": [\n");
    for (size_t i = 0; i < n; i++) {
        memory_report_json_file(stream, reports[i]);
        fprintf(stream, "%s\n", i + 1 < n ? "," : "");
    }
    fprintf(stream, "  ],\n  \"process\": { \"peak_rss_bytes\": %llu, \"arena_system_calls\": %llu } }\n",
            wide((uint64_t)usage.ru_maxrss * 1024), wide(system_calls));
}
