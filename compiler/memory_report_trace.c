/*
 * The memory report in the Trace Event Format, which Perfetto (ui.perfetto.dev) and chrome://tracing draw.
 *
 * A file is a span on the track of the thread that compiled it, with its phases as spans inside.  Each arena, and LLVM's
 * heap, is a counter: 0 when its phase begins, what it held when the phase ended, 0 again where it was freed, so that
 * the curves fall at the very moment of the driver's retire().  Counters belong to a process in this format, so each
 * thread has counters of its own, told apart by `id`.
 *
 * Times are microseconds from the beginning of the first file.
 */
#include <inttypes.h>

#include "json.h"
#include "memory_report.h"

static const char *const phase_names[] = {"lex", "parse", "ir", "codegen"};
static const char *const policy_names[] = {"phase", "whole", "malloc"};

typedef struct {
    FILE *stream;
    uint64_t zero; /* nanoseconds on the clock: where the trace begins */
    bool any;
} Trace;

static void begin_event(Trace *trace)
{
    fputs(trace->any ? ",\n    " : "\n    ", trace->stream);
    trace->any = true;
}

static double microseconds(const Trace *trace, const PolecMemoryReport *r, uint64_t nanoseconds)
{
    return (double)(r->began - trace->zero + nanoseconds) / 1e3;
}

/* ---- Spans ------------------------------------------------------------------------------------------------------- */

static void put_span(Trace *trace, const PolecMemoryReport *r, const char *name, uint64_t began, uint64_t duration)
{
    begin_event(trace);
    fputs("{ \"ph\": \"X\", \"name\": ", trace->stream);
    json_write_string(trace->stream, name);
    fprintf(trace->stream, ", \"cat\": \"polec\", \"pid\": 1, \"tid\": %" PRIu32 ", \"ts\": %.3f, \"dur\": %.3f", r->thread,
            microseconds(trace, r, began), (double)duration / 1e3);
}

static void put_phase(Trace *trace, const PolecMemoryReport *r, uint32_t phase)
{
    const PolecPhaseFigures *p = &r->phases[phase];
    put_span(trace, r, phase_names[phase], p->began, p->nanoseconds);
    fprintf(trace->stream, ", \"args\": { \"used_bytes\": %" PRIu64 ", \"high_water_bytes\": %" PRIu64
            ", \"allocations\": %" PRIu64 ", \"freed_after\": \"%s\" } }", p->used_bytes, p->high_water_bytes,
            p->allocations, phase_names[p->freed_after]);
}

static uint64_t last_moment(const PolecMemoryReport *r)
{
    return r->n_moments == 0 ? 0 : r->moments[r->n_moments - 1].nanoseconds;
}

static void put_spans(Trace *trace, const PolecMemoryReport *r)
{
    put_span(trace, r, r->file, 0, last_moment(r));
    fprintf(trace->stream, ", \"args\": { \"source_bytes\": %" PRIu64 ", \"source_lines\": %" PRIu64
            ", \"policy\": \"%s\", \"peak_live_bytes\": %" PRIu64 " } }", r->source_bytes, r->source_lines,
            policy_names[r->policy], r->peak_live_bytes);
    for (uint32_t phase = 0; phase < r->n_phases; phase++)
        put_phase(trace, r, phase);
}

/* ---- Counters ---------------------------------------------------------------------------------------------------- */

static void put_counter(Trace *trace, const PolecMemoryReport *r, const char *name, uint64_t at, uint64_t bytes)
{
    begin_event(trace);
    fprintf(trace->stream, "{ \"ph\": \"C\", \"name\": \"%s\", \"pid\": 1, \"tid\": %" PRIu32 ", \"id\": \"thread %" PRIu32
            "\", \"ts\": %.3f, \"args\": { \"bytes\": %" PRIu64 " } }", name, r->thread, r->thread,
            microseconds(trace, r, at), bytes);
}

/* Viewers hold a value until the next one, so a value is needed only where it changes. */
static void put_counters(Trace *trace, const PolecMemoryReport *r)
{
    static const char *const names[] = {"lex arena", "parse arena", "ir arena", "codegen arena"};
    PolecMoment before = {0};
    for (uint32_t i = 0; i < r->n_moments; i++) {
        const PolecMoment *m = &r->moments[i];
        for (int phase = 0; phase < POLEC_N_PHASES; phase++) {
            if (!m->freed && phase == (int)m->phase)
                put_counter(trace, r, names[phase], r->phases[phase].began, 0);
            if (m->phases[phase] != before.phases[phase])
                put_counter(trace, r, names[phase], m->nanoseconds, m->phases[phase]);
        }
        if (i == 0 || m->session != before.session)
            put_counter(trace, r, "session arena", m->nanoseconds, m->session);
        if (i == 0 || m->llvm != before.llvm)
            put_counter(trace, r, "LLVM's heap", m->nanoseconds, m->llvm);
        before = *m;
    }
    put_counter(trace, r, "session arena", last_moment(r), 0);
    put_counter(trace, r, "LLVM's heap", last_moment(r), r->llvm_heap_bytes_after);
}

static void put_freed(Trace *trace, const PolecMemoryReport *r)
{
    for (uint32_t i = 0; i < r->n_moments; i++) {
        const PolecMoment *m = &r->moments[i];
        if (!m->freed)
            continue;
        begin_event(trace);
        fprintf(trace->stream, "{ \"ph\": \"i\", \"s\": \"t\", \"name\": \"%s freed\", \"cat\": \"polec\", \"pid\": 1, "
                "\"tid\": %" PRIu32 ", \"ts\": %.3f }", phase_names[m->phase], r->thread,
                microseconds(trace, r, m->nanoseconds));
    }
}

/* ---- The whole --------------------------------------------------------------------------------------------------- */

static void put_names(Trace *trace, const PolecMemoryReport *const *reports, size_t n)
{
    uint32_t n_threads = 1;
    for (size_t i = 0; i < n; i++)
        n_threads = reports[i]->thread > n_threads ? reports[i]->thread : n_threads;
    begin_event(trace);
    fputs("{ \"ph\": \"M\", \"name\": \"process_name\", \"pid\": 1, \"tid\": 1, \"args\": { \"name\": \"polec\" } }",
          trace->stream);
    for (uint32_t thread = 1; thread <= n_threads; thread++) {
        begin_event(trace);
        fprintf(trace->stream, "{ \"ph\": \"M\", \"name\": \"thread_name\", \"pid\": 1, \"tid\": %" PRIu32
                ", \"args\": { \"name\": \"thread %" PRIu32 "\" } }", thread, thread);
    }
}

void memory_report_trace(FILE *stream, const PolecMemoryReport *const *reports, size_t n)
{
    Trace trace = {.stream = stream, .zero = UINT64_MAX};
    for (size_t i = 0; i < n; i++)
        trace.zero = reports[i]->began < trace.zero ? reports[i]->began : trace.zero;
    fputs("{ \"displayTimeUnit\": \"ns\", \"traceEvents\": [", stream);
    put_names(&trace, reports, n);
    for (size_t i = 0; i < n; i++) {
        put_spans(&trace, reports[i]);
        put_freed(&trace, reports[i]);
        put_counters(&trace, reports[i]);
    }
    fputs(" ] }\n", stream);
}
