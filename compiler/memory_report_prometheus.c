/*
 * The memory report as metrics, in Prometheus' text exposition format (version 0.0.4), for a collector that keeps the
 * figures of many builds.
 *
 * All samples of a metric stand together below its HELP and TYPE, as the format wants it, so the loop over the metrics
 * is the outer one.  `number` is the file's place on the command line: one file may be named twice there.
 */
#define _GNU_SOURCE
#include <string.h>
#include <sys/resource.h>

#include "base/source.h"
#include "memory_report.h"

static const char *const phase_names[] = {"lex", "parse", "ir", "codegen"};
static const char *const policy_names[] = {"phase", "whole", "malloc"};

/* ---- Labels ------------------------------------------------------------------------------------------------------ */

static void put_escaped(FILE *stream, const char *text)
{
    for (size_t length = strlen(text); length > 0;) {
        size_t valid = utf8_valid_prefix(text, length);
        for (size_t i = 0; i < valid; i++) {
            if (text[i] == '\n')
                fputs("\\n", stream);
            else if (text[i] == '"' || text[i] == '\\')
                fprintf(stream, "\\%c", text[i]);
            else
                fputc(text[i], stream);
        }
        text += valid;
        length -= valid;
        if (length > 0) {
            fputs("\xEF\xBF\xBD", stream); /* U+FFFD for a byte that is no UTF-8 */
            text++;
            length--;
        }
    }
}

static void put_label(FILE *stream, const char *label, const char *value)
{
    if (value == NULL)
        return;
    fprintf(stream, ",%s=\"", label);
    put_escaped(stream, value);
    fputc('"', stream);
}

typedef struct {
    const char *arena, *kind, *event; /* NULL: without this label */
} Labels;

static void put_sample(FILE *stream, const char *metric, const PolecMemoryReport *r, size_t number, Labels labels,
                       uint64_t value)
{
    fprintf(stream, "%s{number=\"%zu\"", metric, number + 1);
    put_label(stream, "file", r->file);
    put_label(stream, "policy", policy_names[r->policy]);
    put_label(stream, "arena", labels.arena);
    put_label(stream, "event", labels.event);
    put_label(stream, "kind", labels.kind);
    fprintf(stream, "} %llu\n", (unsigned long long)value);
}

static void put_heading(FILE *stream, const char *metric, const char *help)
{
    fprintf(stream, "# HELP %s %s\n# TYPE %s gauge\n", metric, help, metric);
}

/* ---- One value for each file ------------------------------------------------------------------------------------- */

#define FILE_METRIC(member) offsetof(PolecMemoryReport, member)
static const struct { const char *metric, *help; size_t offset; } file_metrics[] = {
    {"polec_source_bytes", "Size of the source.", FILE_METRIC(source_bytes)},
    {"polec_source_lines", "Lines of the source.", FILE_METRIC(source_lines)},
    {"polec_peak_live_bytes", "Most bytes alive at once in session, arenas and scratch.", FILE_METRIC(peak_live_bytes)},
    {"polec_allocations", "Allocations in session, arenas and scratch.", FILE_METRIC(total_allocations)},
    {"polec_llvm_heap_peak_bytes", "Most bytes at once on LLVM's own heap.", FILE_METRIC(llvm_heap_bytes_peak)},
    {"polec_llvm_heap_after_bytes", "Bytes left on LLVM's own heap.", FILE_METRIC(llvm_heap_bytes_after)},
    {"polec_llvm_heap_allocations", "Allocations on LLVM's own heap.", FILE_METRIC(llvm_allocations)},
};

static void put_file_metrics(FILE *stream, const PolecMemoryReport *const *reports, size_t n)
{
    for (size_t m = 0; m < sizeof file_metrics / sizeof *file_metrics; m++) {
        put_heading(stream, file_metrics[m].metric, file_metrics[m].help);
        for (size_t i = 0; i < n; i++) {
            const uint64_t *value = (const void *)((const char *)reports[i] + file_metrics[m].offset);
            put_sample(stream, file_metrics[m].metric, reports[i], i, (Labels){0}, *value);
        }
    }
}

/* ---- One value for each arena ------------------------------------------------------------------------------------ */

enum { NOT_OF_SESSION = -1 };
#define PHASE_METRIC(member) offsetof(PolecPhaseFigures, member)
#define SESSION_METRIC(member) (int)offsetof(PolecMemoryReport, member)
static const struct { const char *metric, *help; size_t offset; int of_session; } arena_metrics[] = {
    {"polec_arena_used_bytes", "Bytes in the arena when its phase ended; of the session: at the end.",
     PHASE_METRIC(used_bytes), SESSION_METRIC(session_used_bytes)},
    {"polec_arena_high_water_bytes", "Most bytes in the arena and its phase's scratch at once.",
     PHASE_METRIC(high_water_bytes), NOT_OF_SESSION},
    {"polec_arena_committed_bytes", "Bytes that the arena made usable.", PHASE_METRIC(committed_bytes), NOT_OF_SESSION},
    {"polec_arena_limit_bytes", "Limit on the arena, 0 if there is none.", PHASE_METRIC(limit_bytes), NOT_OF_SESSION},
    {"polec_arena_allocations", "Allocations in the arena and its phase's scratch.", PHASE_METRIC(allocations),
     SESSION_METRIC(session_allocations)},
    {"polec_phase_nanoseconds", "Time that the phase took.", PHASE_METRIC(nanoseconds), NOT_OF_SESSION},
};

static void put_arena_metric(FILE *stream, size_t m, const PolecMemoryReport *r, size_t number)
{
    const char *metric = arena_metrics[m].metric;
    if (arena_metrics[m].of_session != NOT_OF_SESSION) {
        const uint64_t *value = (const void *)((const char *)r + arena_metrics[m].of_session);
        put_sample(stream, metric, r, number, (Labels){.arena = "session"}, *value);
    }
    for (uint32_t phase = 0; phase < r->n_phases; phase++) {
        const uint64_t *value = (const void *)((const char *)&r->phases[phase] + arena_metrics[m].offset);
        put_sample(stream, metric, r, number, (Labels){.arena = phase_names[phase]}, *value);
    }
}

static void put_arena_metrics(FILE *stream, const PolecMemoryReport *const *reports, size_t n)
{
    for (size_t m = 0; m < sizeof arena_metrics / sizeof *arena_metrics; m++) {
        put_heading(stream, arena_metrics[m].metric, arena_metrics[m].help);
        for (size_t i = 0; i < n; i++)
            put_arena_metric(stream, m, reports[i], i);
    }
}

/* ---- Kinds and moments ------------------------------------------------------------------------------------------- */

/* Each kind once: two rows of a table may go by one name, and a sample may not stand there twice. */
static void put_kinds(FILE *stream, const char *metric, bool bytes, const PolecMemoryReport *r, size_t number,
                      const char *arena, const PolecKinds *table)
{
    for (uint32_t i = 0; i < table->n; i++) {
        const char *kind = table->kinds[i].kind;
        uint64_t sum = 0;
        bool told = false;
        for (uint32_t k = 0; k < table->n; k++) {
            bool same = strcmp(table->kinds[k].kind, kind) == 0;
            told = told || (same && k < i);
            sum += !same ? 0 : bytes ? table->kinds[k].bytes : table->kinds[k].count;
        }
        if (!told)
            put_sample(stream, metric, r, number, (Labels){.arena = arena, .kind = kind}, sum);
    }
}

static void put_kind_metric(FILE *stream, const char *metric, const char *help, bool bytes,
                            const PolecMemoryReport *const *reports, size_t n)
{
    put_heading(stream, metric, help);
    for (size_t i = 0; i < n; i++) {
        put_kinds(stream, metric, bytes, reports[i], i, "session", &reports[i]->session_by_kind);
        for (uint32_t phase = 0; phase < reports[i]->n_phases; phase++)
            put_kinds(stream, metric, bytes, reports[i], i, phase_names[phase], &reports[i]->phases[phase].by_kind);
    }
}

static void put_moment(FILE *stream, const PolecMemoryReport *r, size_t number, const PolecMoment *m)
{
    static const char metric[] = "polec_live_bytes";
    char event[32];
    snprintf(event, sizeof event, "%s %s", phase_names[m->phase], m->freed ? "freed" : "end");
    put_sample(stream, metric, r, number, (Labels){.arena = "session", .event = event}, m->session);
    for (int phase = 0; phase < POLEC_N_PHASES; phase++)
        put_sample(stream, metric, r, number, (Labels){.arena = phase_names[phase], .event = event}, m->phases[phase]);
    put_sample(stream, metric, r, number, (Labels){.arena = "llvm", .event = event}, m->llvm);
}

static void put_moments(FILE *stream, const PolecMemoryReport *const *reports, size_t n)
{
    put_heading(stream, "polec_live_bytes", "Bytes alive at the end of each phase and after each arena was freed.");
    for (size_t i = 0; i < n; i++)
        for (uint32_t k = 0; k < reports[i]->n_moments; k++)
            put_moment(stream, reports[i], i, &reports[i]->moments[k]);
}

void memory_report_prometheus(FILE *stream, const PolecMemoryReport *const *reports, size_t n, uint64_t system_calls)
{
    struct rusage usage;
    getrusage(RUSAGE_SELF, &usage);
    put_file_metrics(stream, reports, n);
    put_arena_metrics(stream, reports, n);
    put_kind_metric(stream, "polec_kind_bytes", "Bytes in the arena that things of a kind took.", true, reports, n);
    put_kind_metric(stream, "polec_kind_count", "Things of a kind in the arena.", false, reports, n);
    put_moments(stream, reports, n);
    put_heading(stream, "polec_process_peak_rss_bytes", "Most resident memory of the compiler's process.");
    fprintf(stream, "polec_process_peak_rss_bytes %llu\n", (unsigned long long)usage.ru_maxrss * 1024);
    put_heading(stream, "polec_process_arena_system_calls", "System calls for the memory of arenas.");
    fprintf(stream, "polec_process_arena_system_calls %llu\n", (unsigned long long)system_calls);
}
