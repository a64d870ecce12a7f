/*
 * The recorder: called by measure.c at the ends of the phases, and by the pool at every allocation.
 */
#include "page/recorder.h"

#include "measure.h"
#include "codegen/heap_meter.h"
#include "page/columns.h"

/* ---- The curve --------------------------------------------------------------------------------------------------- */

static void thin_out(Curve *curve)
{
    curve->n = 0;
    for (uint32_t i = 0; i < MOST_POINTS; i += 2)
        curve->points[curve->n++] = curve->points[i];
    curve->every *= 2;
}

static void add_point(Curve *curve, const Compilation *c)
{
    if (curve->n == MOST_POINTS)
        thin_out(curve);
    CurvePoint *point = &curve->points[curve->n++];
    point->nanoseconds = measure_now() - c->report->began;
    point->session = arena_account_used(&c->session.account);
    for (int phase = 0; phase < N_PHASES; phase++)
        point->phases[phase] = arena_account_used(&c->phases[phase].account);
    point->llvm = heap_meter_read().live;
}

static void note_event(Curve *curve, const Compilation *c)
{
    if (curve->n_events++ % curve->every == 0)
        add_point(curve, c);
}

/* LLVM works long without asking an arena for anything, so its own rises are events, too; small ones are not. */
static void llvm_rises(void *context, uint64_t live)
{
    Recorder *recorder = context;
    Curve *curve = &recorder->curve;
    if (live < curve->llvm_noted + curve->llvm_noted / 8)
        return;
    curve->llvm_noted = live;
    add_point(curve, recorder->compilation);
}

static void write_point(FILE *data, const CurvePoint *point, bool first)
{
    fprintf(data, "%s[%llu,%llu", first ? "" : ",", (unsigned long long)point->nanoseconds,
            (unsigned long long)point->session);
    for (int phase = 0; phase < N_PHASES; phase++)
        fprintf(data, ",%llu", (unsigned long long)point->phases[phase]);
    fprintf(data, ",%llu]", (unsigned long long)point->llvm);
}

/* The points, the moments with their times, and when the phases began. */
static void write_curve(Recorder *recorder)
{
    const PolecMemoryReport *r = recorder->compilation->report;
    FILE *data = recorder->data;
    fputs(", \"points\": [", data);
    for (uint32_t i = 0; i < recorder->curve.n; i++)
        write_point(data, &recorder->curve.points[i], i == 0);
    fputs("], \"moments\": [", data);
    for (uint32_t i = 0; i < r->n_moments; i++) {
        const PolecMoment *m = &r->moments[i];
        CurvePoint point = {.nanoseconds = m->nanoseconds, .session = m->session, .llvm = m->llvm};
        for (int phase = 0; phase < N_PHASES; phase++)
            point.phases[phase] = m->phases[phase];
        fprintf(data, "%s{\"phase\": %d, \"freed\": %s, \"at\": ", i == 0 ? "" : ",", (int)m->phase, m->freed ? "true" : "false");
        write_point(data, &point, true);
        fputc('}', data);
    }
    fputs("], \"began\": [", data);
    for (uint32_t i = 0; i < r->n_phases; i++)
        fprintf(data, "%s%llu", i == 0 ? "" : ",", (unsigned long long)r->phases[i].began);
    fputs("]\n", data);
}

/* ---- What is told ------------------------------------------------------------------------------------------------ */

static void watch(void *context, const Arena *arena, const ArenaArray *array, size_t bytes)
{
    Recorder *recorder = context;
    note_event(&recorder->curve, recorder->compilation);
    if (recorder->tells_contents)
        maps_note(&recorder->maps, recorder->compilation, arena, array, bytes);
}

void recorder_begins(Recorder *recorder, Compilation *compilation, PoolOptions *options)
{
    recorder->compilation = compilation;
    recorder->curve.every = 1;
    if (recorder->what == RECORD_COLUMNS) {
        trail_open(&recorder->trail, process_arena(&recorder->memory));
        compilation->session.ir_trail = &recorder->trail;
        return;
    }
    if (recorder->tells_contents)
        maps_open(&recorder->maps, process_arena(&recorder->memory));
    options->watch = watch;
    options->watch_context = recorder;
}

void recorder_codegen_begins(Recorder *recorder)
{
    if (recorder->what == RECORD_COLUMNS)
        return;
    heap_meter.risen = llvm_rises;
    heap_meter.context = recorder;
}

static void phase_ends_with_columns(Recorder *recorder, Phase phase, const void *product)
{
    const Session *session = &recorder->compilation->session;
    ProcessMemory working = {0};
    Columns columns = {recorder->data, session, process_arena(&working)};
    switch (phase) {
    case PHASE_LEX:
        columns_sources(&columns);
        if (product != NULL)
            columns_tokens(&columns, product);
        break;
    case PHASE_PARSE:
        if (product != NULL)
            columns_ast(&columns, product);
        break;
    case PHASE_IR:
        if (product != NULL)
            columns_ir(&columns, product);
        break;
    case PHASE_CODEGEN:
        columns_llvm(&columns, &recorder->compilation->code);
        break;
    case N_PHASES:
        break;
    }
    process_memory_close(&working);
}

void recorder_phase_ends(Recorder *recorder, Phase phase, const void *product)
{
    if (recorder->what == RECORD_COLUMNS)
        phase_ends_with_columns(recorder, phase, product);
    else if (recorder->tells_contents)
        maps_write(&recorder->maps, recorder->data, recorder->compilation, (int)phase, product);
}

void recorder_ends(Recorder *recorder)
{
    if (recorder->what == RECORD_COLUMNS)
        return;
    if (recorder->tells_contents) {
        maps_write(&recorder->maps, recorder->data, recorder->compilation, MAPS_SESSION, NULL);
        columns_diagnostics(recorder->data, recorder->compilation);
    }
    write_curve(recorder);
}

void recorder_close(Recorder *recorder)
{
    process_memory_close(&recorder->memory);
}
