/*
 * The memory report for people: first what lived when, in rows of the driver's picture, then each arena, then what it
 * was that lay in them.
 *
 * Three quantities stand side by side and are never added up: our arenas (exact), LLVM's heap (measured, no arena can
 * hold it), and the resident pages of the process (for context).
 */
#define _GNU_SOURCE
#include <string.h>
#include <sys/resource.h>

#include "memory_report.h"
#include "base/utf8.h"

enum { BAR_WIDTH = 24, KINDS_SHOWN = 6, NUMBER_SIZE = 32 };

static const char *const phase_names[] = {"lex", "parse", "ir", "codegen"};
static const char *const policy_names[] = {"phase", "whole", "malloc"};

/* 1234567 as 1,234,567. */
static const char *grouped(char buffer[NUMBER_SIZE], uint64_t number)
{
    char *at = &buffer[NUMBER_SIZE - 1];
    *at = '\0';
    for (int digits = 0; number != 0 || digits == 0; digits++) {
        if (digits > 0 && digits % 3 == 0)
            *--at = ',';
        *--at = (char)('0' + number % 10);
        number /= 10;
    }
    return at;
}

static void put_number(FILE *stream, int width, uint64_t number)
{
    char buffer[NUMBER_SIZE];
    fprintf(stream, "%*s", width, grouped(buffer, number));
}

/* Zero is left out: in a table of lifetimes the gaps are the message. */
void report_put_cell(FILE *stream, uint64_t number)
{
    if (number == 0)
        fprintf(stream, "%12s", "");
    else
        put_number(stream, 12, number);
}

static uint64_t bar_width(uint64_t number, uint64_t most)
{
    return most == 0 ? 0 : (number * BAR_WIDTH + most - 1) / most;
}

static void put_bar(FILE *stream, uint64_t number, uint64_t most)
{
    for (uint64_t i = bar_width(number, most); i > 0; i--)
        fputc('#', stream);
}

/* ---- What lived when --------------------------------------------------------------------------------------------- */

static uint64_t total(const PolecMoment *m)
{
    uint64_t sum = m->session;
    for (int phase = 0; phase < POLEC_N_PHASES; phase++)
        sum += m->phases[phase];
    return sum;
}

/* A bar of all that is alive, each arena's part in its own initial. */
static void put_live_bar(FILE *stream, const PolecMoment *m, uint64_t most)
{
    uint64_t below = m->session, drawn = bar_width(below, most);
    for (uint64_t i = 0; i < drawn; i++)
        fputc('s', stream);
    for (int phase = 0; phase < POLEC_N_PHASES; phase++) {
        below += m->phases[phase];
        for (uint64_t width = m->phases[phase] == 0 ? drawn : bar_width(below, most); drawn < width; drawn++)
            fputc(phase_names[phase][0], stream);
    }
}

static void put_moments(FILE *stream, const PolecMemoryReport *r)
{
    fprintf(stream, "  %-15s%12s%12s%12s%12s%12s%12s%12s\n", "bytes alive", "session", "lex", "parse", "ir", "codegen",
            "LLVM", "our arenas");
    for (uint32_t i = 0; i < r->n_moments; i++) {
        const PolecMoment *m = &r->moments[i];
        char event[32];
        snprintf(event, sizeof event, "%s%s %s", m->freed ? "  " : "", phase_names[m->phase], m->freed ? "freed" : "end");
        fprintf(stream, "  %-15s", event);
        report_put_cell(stream, m->session);
        for (int phase = 0; phase < POLEC_N_PHASES; phase++)
            report_put_cell(stream, m->phases[phase]);
        report_put_cell(stream, m->llvm);
        report_put_cell(stream, total(m));
        fprintf(stream, "  ");
        put_live_bar(stream, m, r->peak_live_bytes);
        fputc('\n', stream);
    }
}

/* ---- Each arena -------------------------------------------------------------------------------------------------- */

static void put_phase(FILE *stream, const PolecPhaseFigures *p, const char *name, uint64_t most)
{
    fprintf(stream, "  %-14s", name);
    put_number(stream, 12, p->used_bytes);
    put_number(stream, 12, p->high_water_bytes - p->used_bytes); /* what the phase needed beyond its result */
    put_number(stream, 12, p->high_water_bytes);
    put_number(stream, 12, p->committed_bytes);
    put_number(stream, 12, p->allocations);
    fprintf(stream, "%12s%9.3f ms  ", phase_names[p->freed_after], (double)p->nanoseconds / 1e6);
    put_bar(stream, p->high_water_bytes, most);
    fputc('\n', stream);
}

static void put_phases(FILE *stream, const PolecMemoryReport *r)
{
    uint64_t most = r->session_used_bytes;
    for (uint32_t i = 0; i < r->n_phases; i++)
        most = r->phases[i].high_water_bytes > most ? r->phases[i].high_water_bytes : most;
    fprintf(stream, "\n  %-14s%12s%12s%12s%12s%12s%12s%12s\n", "arena", "used", "scratch", "high water", "committed", "allocations",
            "freed after", "time");
    for (uint32_t i = 0; i < r->n_phases; i++)
        put_phase(stream, &r->phases[i], phase_names[i], most);
    fprintf(stream, "  %-14s", "session");
    put_number(stream, 12, r->session_used_bytes);
    fprintf(stream, "%36s", "");
    put_number(stream, 12, r->session_allocations);
    fprintf(stream, "%12s%12s  ", "the end", "");
    put_bar(stream, r->session_used_bytes, most);
    fputc('\n', stream);
}

/* ---- What lay in it ---------------------------------------------------------------------------------------------- */

/* The row with the most bytes among those not shown yet. */
static uint32_t largest_row(const PolecKinds *table, const bool shown[POLEC_MAX_KINDS])
{
    uint32_t largest = table->n;
    for (uint32_t i = 0; i < table->n; i++)
        if (!shown[i] && (largest == table->n || table->kinds[i].bytes > table->kinds[largest].bytes))
            largest = i;
    return largest;
}

static void put_kinds(FILE *stream, const char *name, const PolecKinds *table)
{
    bool shown[POLEC_MAX_KINDS] = {false};
    uint64_t rest = 0;
    for (int i = 0; i < KINDS_SHOWN && (uint32_t)i < table->n; i++) {
        char buffer[NUMBER_SIZE];
        uint32_t largest = largest_row(table, shown);
        const PolecKind *row = &table->kinds[largest];
        shown[largest] = true;
        fprintf(stream, "  %-14s", i == 0 ? name : "");
        put_number(stream, 12, row->bytes);
        fprintf(stream, "  %s x %s\n", row->kind, grouped(buffer, row->count));
    }
    for (uint32_t i = 0; i < table->n; i++)
        rest += shown[i] ? 0 : table->kinds[i].bytes;
    if (rest > 0) {
        fprintf(stream, "  %-14s", "");
        put_number(stream, 12, rest);
        fprintf(stream, "  in %u more kinds\n", (unsigned)(table->n - KINDS_SHOWN));
    }
}

static void put_file(FILE *stream, const PolecMemoryReport *r)
{
    char a[NUMBER_SIZE], b[NUMBER_SIZE];
    fputs("memory of ", stream);
    utf8_put(stream, r->file);
    fprintf(stream, ": %s bytes, %s lines, policy %s\n\n", grouped(a, r->source_bytes), grouped(b, r->source_lines),
            policy_names[r->policy]);
    put_moments(stream, r);
    put_phases(stream, r);
    fprintf(stream, "\n  %-14s%12s  the largest kinds\n", "what it was", "bytes");
    put_kinds(stream, "session", &r->session_by_kind);
    for (uint32_t i = 0; i < r->n_phases; i++)
        put_kinds(stream, phase_names[i], &r->phases[i].by_kind);
    memory_detail_text(stream, r);
    fprintf(stream, "\n  our arenas    %s bytes at most, in %s allocations\n", grouped(a, r->peak_live_bytes),
            grouped(b, r->total_allocations));
    fprintf(stream, "  LLVM's heap   %s bytes at most, ", grouped(a, r->llvm_heap_bytes_peak));
    fprintf(stream, "%s left, %s allocations\n", grouped(a, r->llvm_heap_bytes_after),
            grouped(b, r->llvm_allocations));
    if (r->audited_arenas > 0)
        fprintf(stream, "  the audit     %s words searched before %s arenas died, in %.3f ms: %u offenders\n",
                grouped(a, r->audited_words), grouped(b, r->audited_arenas), (double)r->audit_nanoseconds / 1e6,
                (unsigned)r->audit_offenders);
    fputc('\n', stream);
}

void memory_report_text(FILE *stream, const PolecMemoryReport *const *reports, size_t n, uint64_t system_calls)
{
    struct rusage usage;
    char a[NUMBER_SIZE], b[NUMBER_SIZE];
    getrusage(RUSAGE_SELF, &usage);
    for (size_t i = 0; i < n; i++)
        put_file(stream, reports[i]);
    fprintf(stream, "the process: %s bytes resident at most, %s system calls for arenas\n",
            grouped(a, (uint64_t)usage.ru_maxrss * 1024), grouped(b, system_calls));
}
