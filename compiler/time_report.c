/*
 * The time report.  Wall-clock time: what is left of the total beside phases and output is reading the source, opening
 * and closing.
 */
#include "time_report.h"

#include "json.h"
#include "base/utf8.h"

enum { BAR_WIDTH = 40 };

static const char *const phase_names[] = {"lex", "parse", "ir", "codegen"};

static void put_row(FILE *stream, const char *name, uint64_t nanoseconds, uint64_t total)
{
    double share = total == 0 ? 0 : (double)nanoseconds / (double)total;
    fprintf(stream, "  %-10s%12.3f ms%7.1f %%  ", name, (double)nanoseconds / 1e6, 100 * share);
    for (int i = 0; i < (int)(share * BAR_WIDTH + 0.5); i++)
        fputc('#', stream);
    fputc('\n', stream);
}

void time_report_text(FILE *stream, const TimeFigures *const *figures, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        const TimeFigures *f = figures[i];
        uint64_t rest = f->total - f->output;
        fputs("time for ", stream);
        utf8_put(stream, f->file);
        fputc('\n', stream);
        for (uint32_t phase = 0; phase < f->n_phases; phase++) {
            put_row(stream, phase_names[phase], f->phases[phase], f->total);
            rest -= f->phases[phase];
        }
        put_row(stream, "output", f->output, f->total);
        put_row(stream, "the rest", rest, f->total);
        put_row(stream, "total", f->total, f->total);
    }
}

void time_report_json(FILE *stream, const TimeFigures *const *figures, size_t n)
{
    fprintf(stream, "{ \"version\": 1,\n  \"files\": [");
    for (size_t i = 0; i < n; i++) {
        const TimeFigures *f = figures[i];
        fprintf(stream, "%s\n    { \"file\": ", i == 0 ? "" : ",");
        json_write_string(stream, f->file);
        fprintf(stream, ", \"phases\": [");
        for (uint32_t phase = 0; phase < f->n_phases; phase++)
            fprintf(stream, "%s { \"name\": \"%s\", \"nanoseconds\": %llu }", phase == 0 ? "" : ",", phase_names[phase],
                    (unsigned long long)f->phases[phase]);
        fprintf(stream, " ],\n      \"output_nanoseconds\": %llu, \"total_nanoseconds\": %llu }",
                (unsigned long long)f->output, (unsigned long long)f->total);
    }
    fprintf(stream, " ] }\n");
}
