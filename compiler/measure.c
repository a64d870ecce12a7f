/*
 * Where the figures of the memory report come from.
 *
 * What an arena holds, and of which kinds, is looked at when its phase ends: the product is complete then and still
 * there.  The account's figures (high water, allocations, pages) are looked at as late as possible, right before the
 * arena is freed, since they only ever grow.
 *
 * A phase that memory ran out in has ended, too: its figures are those of the moment when it stopped.
 */
#define _GNU_SOURCE
#include "measure.h"

#include <string.h>
#include <time.h>

#include "codegen/heap_meter.h"
#include "memory_detail.h"
#include "page/recorder.h"

uint64_t measure_now(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

/* ---- Phases ------------------------------------------------------------------------------------------------------ */

void measure_start(Compilation *c)
{
    PolecMemoryReport *r = c->report;
    if (r == NULL)
        return;
    r->file = c->path;
    r->source_bytes = r->source_lines = 0;
    r->policy = (PolecPolicy)c->options->policy;
    r->began = measure_now();
    r->thread = 1;
    r->n_phases = r->n_moments = 0;
    r->audited_arenas = r->audited_words = r->audit_nanoseconds = r->audit_offenders = 0;
    r->n_functions = r->n_lines = 0;
    r->functions = r->lines = NULL;
    if (!c->options->detail_by_function && !c->options->detail_by_line)
        return;
    c->charges = charges_open(process_arena(&c->detail_memory));
    c->session.charges = &c->charges;
}

void measure_watch(Compilation *c, PoolOptions *options)
{
    if (c->recorder != NULL)
        recorder_begins(c->recorder, c, options);
}

void measure_phase_begins(Compilation *c, Phase phase)
{
    c->n_phases = (uint32_t)phase + 1;
    if (phase == PHASE_CODEGEN && c->report != NULL)
        heap_meter_start(); /* before, LLVM has nothing */
    if (phase == PHASE_CODEGEN && c->recorder != NULL)
        recorder_codegen_begins(c->recorder);
    c->begun_at = measure_now();
}

static void note_moment(Compilation *c, Phase phase, bool freed)
{
    PolecMoment *m = &c->report->moments[c->report->n_moments++];
    m->phase = (PolecPhase)phase;
    m->freed = freed;
    m->nanoseconds = measure_now() - c->report->began;
    m->session = arena_account_used(&c->session.account);
    for (Phase p = PHASE_LEX; p < N_PHASES; p++)
        m->phases[p] = arena_account_used(&c->phases[p].account);
    m->llvm = heap_meter_read().live;
}

void measure_phase_ends(Compilation *c, Phase phase, ProductAccount *account, const void *product)
{
    PolecMemoryReport *r = c->report;
    uint64_t begun_at = c->begun_at;
    c->nanoseconds[phase] = measure_now() - begun_at;
    c->begun_at = 0;
    if (r == NULL)
        return;
    Arena *arena = &c->phases[phase].arena;
    PolecPhaseFigures *figures = &r->phases[phase];
    r->n_phases = (uint32_t)phase + 1;
    figures->used_bytes = arena_used(arena);
    figures->began = begun_at - r->began;
    figures->nanoseconds = c->nanoseconds[phase];
    KindTable table = kinds_open(&figures->by_kind, arena);
    table.text = &c->session.text;
    table.charges = c->session.charges;
    if (account != NULL)
        account(&table, product);
    kinds_close(&table);
    note_moment(c, phase, false);
    if (c->recorder != NULL)
        recorder_phase_ends(c->recorder, phase, product);
}

void measure_before_free(Compilation *c, Phase phase)
{
    if (c->report == NULL)
        return;
    PolecPhaseFigures *figures = &c->report->phases[phase];
    ArenaAccount *account = &c->phases[phase].account;
    PoolStatistics pool = pool_statistics(c->pool);
    figures->high_water_bytes = arena_account_high_water(account);
    figures->allocations = arena_account_allocations(account);
    figures->committed_bytes = account->committed_peak;
    figures->limit_bytes = c->options->phase_limits[phase];
    /* All lanes lie in one reservation, which a small compilation never makes: it stays in .bss. */
    figures->reserved_bytes = pool.reserved > account->committed_peak ? pool.reserved : account->committed_peak;
}

void measure_after_free(Compilation *c, Phase phase)
{
    if (c->report == NULL)
        return;
    c->report->phases[phase].freed_after = (PolecPhase)c->session.phase;
    note_moment(c, phase, true);
}

/* ---- Source and session ------------------------------------------------------------------------------------------ */

static void describe_source(Compilation *c)
{
    const SourceText *text = &c->session.text;
    if (text->files == NULL || text->files->count == 0)
        return;
    const SourceFile *file = source_file(text, (FileId){0});
    const char *bytes = source_at(text, file->start);
    bool has_mark = file->start.at > 3 && memcmp(bytes - 3, "\xEF\xBB\xBF", 3) == 0;
    uint64_t lines = file->length > 0 && bytes[file->length - 1] != '\n';
    for (uint32_t i = 0; i < file->length; i++)
        lines += bytes[i] == '\n';
    c->report->file = file->path;
    c->report->source_bytes = file->length + (has_mark ? 3 : 0);
    c->report->source_lines = lines;
}

static void describe_session(Compilation *c)
{
    PolecMemoryReport *r = c->report;
    Session *s = &c->session;
    r->session_used_bytes = arena_account_used(&s->account);
    r->session_allocations = arena_account_allocations(&s->account);
    KindTable table = kinds_open(&r->session_by_kind, &s->arena);
    kinds_close(&table);
}

void measure_end(Compilation *c)
{
    PolecMemoryReport *r = c->report;
    if (r == NULL)
        return;
    describe_source(c);
    describe_session(c);
    if (c->session.charges != NULL)
        memory_detail(r, c->detail_arena, &c->session, &c->charges);
    process_memory_close(&c->detail_memory);
    PoolStatistics pool = pool_statistics(c->pool);
    HeapFigures heap = heap_meter_read();
    r->peak_live_bytes = pool.peak_live;
    r->total_allocations = pool.allocations;
    r->arena_system_calls = pool.system_calls;
    r->llvm_heap_bytes_peak = heap.peak;
    r->llvm_heap_bytes_after = heap.live;
    r->llvm_allocations = heap.allocations;
    heap_meter_stop();
    if (c->recorder != NULL)
        recorder_ends(c->recorder);
}
