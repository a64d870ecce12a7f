/*
 * The tables of bytes by function and by line, as text and as JSON.  People see the largest rows; JSON has them all, in the
 * order of the source.
 */
#include <stdio.h>
#include <string.h>

#include "json.h"
#include "memory_report.h"

enum { ROWS_SHOWN = 20, LABEL_WIDTH = 30 };

static uint64_t total_of(const PolecMemoryPart *part)
{
    uint64_t total = part->codegen_scratch;
    for (int phase = 0; phase < POLEC_N_PHASES; phase++)
        total += part->phases[phase];
    return total;
}

/* ---- Text -------------------------------------------------------------------------------------------------------- */

static void put_part(FILE *stream, const char *label, const PolecMemoryPart *part)
{
    fprintf(stream, "  %-*s", LABEL_WIDTH, label);
    for (int phase = 0; phase < POLEC_N_PHASES; phase++)
        report_put_cell(stream, part->phases[phase]);
    report_put_cell(stream, part->codegen_scratch);
    report_put_cell(stream, total_of(part));
    fputc('\n', stream);
}

/* "area:7", or "shapes.pole-ir:7" without its directories. */
static void put_row(FILE *stream, const PolecMemoryPart *part)
{
    char label[LABEL_WIDTH + 1];
    const char *slash = strrchr(part->file, '/');
    const char *name = part->function != NULL ? part->function : slash != NULL ? slash + 1 : part->file;
    int length = (int)strlen(name), room = LABEL_WIDTH - 12;
    snprintf(label, sizeof label, "%.*s%s:%u", length > room ? room - 3 : length, name, length > room ? "..." : "",
             (unsigned)part->line);
    put_part(stream, label, part);
}

/* The row with the most bytes among those that come after `before`: fewer bytes, or as many and further down. */
static const PolecMemoryPart *next_largest(const PolecMemoryPart *parts, uint32_t n, const PolecMemoryPart *before)
{
    const PolecMemoryPart *best = NULL;
    for (const PolecMemoryPart *part = parts; part < parts + n; part++) {
        bool comes_after = before == NULL || total_of(part) < total_of(before)
            || (total_of(part) == total_of(before) && part > before);
        if (comes_after && (best == NULL || total_of(part) > total_of(best)))
            best = part;
    }
    return best;
}

static void add_part(PolecMemoryPart *sum, const PolecMemoryPart *part)
{
    for (int phase = 0; phase < POLEC_N_PHASES; phase++)
        sum->phases[phase] += part->phases[phase];
    sum->codegen_scratch += part->codegen_scratch;
}

static void put_table(FILE *stream, const char *title, const char *nobody, const PolecMemoryPart *parts, uint32_t n)
{
    PolecMemoryPart shown = {0}, all = {0};
    const PolecMemoryPart *row = NULL;
    if (n == 0)
        return;
    fprintf(stream, "\n  %-*s%12s%12s%12s%12s%12s%12s\n", LABEL_WIDTH, title, "lex", "parse", "ir", "codegen", "scratch",
            "total");
    for (int i = 0; i < ROWS_SHOWN && (row = next_largest(parts, n - 1, row)) != NULL; i++) {
        put_row(stream, row);
        add_part(&shown, row);
    }
    for (uint32_t i = 0; i < n; i++)
        add_part(&all, &parts[i]);
    if (n - 1 > ROWS_SHOWN) {
        PolecMemoryPart rest = all;
        char label[LABEL_WIDTH + 1];
        snprintf(label, sizeof label, "%u more", (unsigned)(n - 1 - ROWS_SHOWN));
        for (int phase = 0; phase < POLEC_N_PHASES; phase++)
            rest.phases[phase] -= shown.phases[phase] + parts[n - 1].phases[phase];
        rest.codegen_scratch -= shown.codegen_scratch + parts[n - 1].codegen_scratch;
        put_part(stream, label, &rest);
    }
    put_part(stream, nobody, &parts[n - 1]);
    put_part(stream, "all", &all);
}

void memory_detail_text(FILE *stream, const PolecMemoryReport *report)
{
    put_table(stream, "bytes by function", "in no function", report->functions, report->n_functions);
    put_table(stream, "bytes by line", "on no line", report->lines, report->n_lines);
}

/* ---- JSON -------------------------------------------------------------------------------------------------------- */

static void write_place(FILE *stream, const PolecMemoryPart *part)
{
    fprintf(stream, "\"file\": ");
    if (part->file != NULL)
        json_write_string(stream, part->file);
    else
        fprintf(stream, "null");
    fprintf(stream, ", \"line\": %u", (unsigned)part->line);
}

static void write_table(FILE *stream, const char *name, bool functions, const PolecMemoryPart *parts, uint32_t n)
{
    static const char *const columns[] = {"lex", "parse", "ir", "codegen"};
    if (n == 0)
        return;
    fprintf(stream, ",\n      \"%s\": [", name);
    for (uint32_t i = 0; i < n; i++) {
        fprintf(stream, "%s\n        { ", i == 0 ? "" : ",");
        if (functions) {
            fprintf(stream, "\"function\": ");
            if (parts[i].function != NULL)
                json_write_string(stream, parts[i].function);
            else
                fprintf(stream, "null");
            fprintf(stream, ", ");
        }
        write_place(stream, &parts[i]);
        for (int phase = 0; phase < POLEC_N_PHASES; phase++)
            fprintf(stream, ", \"%s\": %llu", columns[phase], (unsigned long long)parts[i].phases[phase]);
        fprintf(stream, ", \"codegen_scratch\": %llu }", (unsigned long long)parts[i].codegen_scratch);
    }
    fprintf(stream, " ]");
}

void memory_detail_json(FILE *stream, const PolecMemoryReport *report)
{
    write_table(stream, "functions", true, report->functions, report->n_functions);
    write_table(stream, "lines", false, report->lines, report->n_lines);
}
