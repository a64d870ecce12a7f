/*
 * libpolec as a C program uses it: from memory and file, told through callbacks, several at once.
 */
#define _POSIX_C_SOURCE 200809L
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "polec.h"

static const char good[] = "func twice(n: Int) -> Int : n + n\nfunc main() -> Int : twice(21)\n";
static const char bad[] = "func main() -> Int :\n  1 + missing\n";

/* What the callbacks were told. */
typedef struct {
    unsigned n_diagnostics, n_reports;
    char code[8], file[64], message[256];
    uint32_t line, column, end_column;
    PolecMemoryReport report;
} Told;

static void hear(void *context, const PolecDiagnostic *diagnostic)
{
    Told *told = context;
    told->n_diagnostics++;
    snprintf(told->code, sizeof told->code, "%s", diagnostic->code);
    snprintf(told->file, sizeof told->file, "%s", diagnostic->file != NULL ? diagnostic->file : "");
    snprintf(told->message, sizeof told->message, "%s", diagnostic->message);
    told->line = diagnostic->line;
    told->column = diagnostic->column;
    told->end_column = diagnostic->end_column;
}

static void keep_report(void *context, const PolecMemoryReport *report)
{
    Told *told = context;
    told->n_reports++;
    told->report = *report;
}

static PolecOptions options_for(Told *told)
{
    memset(told, 0, sizeof *told);
    PolecOptions options = polec_options_default();
    options.diagnostic = hear;
    options.context = told;
    return options;
}

static PolecStatus compile(const PolecOptions *options, const char *text)
{
    return polec_compile_text(options, "memory.pole-ir", text, strlen(text));
}

static void test_check(void **state)
{
    (void)state;
    Told told;
    PolecOptions options = options_for(&told);
    assert_int_equal(compile(&options, good), POLEC_DONE);
    assert_int_equal(told.n_diagnostics, 0);
    assert_true(strlen(polec_version()) > 0);
}

static void test_diagnostic(void **state)
{
    (void)state;
    Told told;
    PolecOptions options = options_for(&told);
    assert_int_equal(compile(&options, bad), POLEC_PROGRAM_ERROR);
    assert_int_equal(told.n_diagnostics, 1);
    assert_string_equal(told.code, "E204");
    assert_string_equal(told.file, "memory.pole-ir");
    assert_int_equal(told.line, 2);
    assert_int_equal(told.column, 7);
    assert_int_equal(told.end_column, 14);
}

static void test_files(void **state)
{
    (void)state;
    Told told;
    PolecOptions options = options_for(&told);
    char directory[] = "/tmp/test-library-XXXXXX", source[64], object[64];
    assert_non_null(mkdtemp(directory));
    snprintf(source, sizeof source, "%s/a.pole-ir", directory);
    snprintf(object, sizeof object, "%s/a.o", directory);
    FILE *file = fopen(source, "w");
    assert_non_null(file);
    fputs(good, file);
    fclose(file);

    options.emit = POLEC_EMIT_OBJECT;
    options.output = object;
    assert_int_equal(polec_compile_file(&options, source), POLEC_DONE);
    assert_int_equal(access(object, R_OK), 0);
    unlink(object);
    assert_int_equal(compile(&options, bad), POLEC_PROGRAM_ERROR);
    assert_int_not_equal(access(object, R_OK), 0);
    unlink(source);

    options = options_for(&told);
    assert_int_equal(polec_compile_file(&options, source), POLEC_FILE_ERROR);
    assert_string_equal(told.code, "");
    assert_non_null(strstr(told.message, "No such file or directory"));

    options.emit = POLEC_EMIT_AST;
    options.output = "/tmp/no/such/directory/x";
    assert_int_equal(compile(&options, good), POLEC_FILE_ERROR);
    assert_int_equal(rmdir(directory), 0);
}

static void test_wrong_options(void **state)
{
    (void)state;
    Told told;
    PolecOptions options = options_for(&told);
    options.emit = POLEC_EMIT_OBJECT;
    assert_int_equal(compile(&options, good), POLEC_WRONG_OPTIONS);
    options.output = "-";
    assert_int_equal(compile(&options, good), POLEC_WRONG_OPTIONS);
    options = options_for(&told);
    options.optimization = 4;
    assert_int_equal(compile(&options, good), POLEC_WRONG_OPTIONS);
    assert_int_equal(told.n_diagnostics, 1);
    const char *const names[] = {"m", "-m", "../m", "", "m\n"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        options = options_for(&told);
        options.libraries = &names[i];
        options.n_libraries = 1;
        assert_int_equal(compile(&options, good), i == 0 ? POLEC_DONE : POLEC_WRONG_OPTIONS);
    }
}

static void test_limit(void **state)
{
    (void)state;
    Told told;
    PolecOptions options = options_for(&told);
    options.phase_limits[POLEC_PARSE] = 100;
    assert_int_equal(compile(&options, good), POLEC_MEMORY_LIMIT);
    assert_string_equal(told.code, "E901");
    options.phase_limits[POLEC_PARSE] = 0;
    options.memory_limit = 10; /* not even the source is loaded */
    assert_int_equal(compile(&options, good), POLEC_MEMORY_LIMIT);
    assert_string_equal(told.code, "E901");
    assert_string_equal(told.file, "memory.pole-ir");
}

static void test_report(void **state)
{
    (void)state;
    static Told told, again;
    PolecOptions options = options_for(&told);
    options.memory_report = keep_report;
    assert_int_equal(compile(&options, good), POLEC_DONE);
    assert_int_equal(told.n_reports, 1);
    assert_int_equal(told.report.n_phases, POLEC_IR + 1);
    assert_int_equal(told.report.n_moments, 6);
    assert_int_equal(told.report.source_lines, 2);
    options = options_for(&again);
    options.memory_report = keep_report;
    options.policy = POLEC_POLICY_MALLOC;
    assert_int_equal(compile(&options, good), POLEC_DONE);
    assert_int_equal(told.report.n_functions, 0);
    assert_int_equal(told.report.peak_live_bytes, again.report.peak_live_bytes);
    assert_int_equal(told.report.total_allocations, again.report.total_allocations);
}

/* A column of the rows is what the phase's arena held. */
static void keep_sums(void *context, const PolecMemoryReport *report)
{
    Told *told = context;
    told->n_reports++;
    told->report = *report;
    for (int phase = 0; phase <= POLEC_IR; phase++) {
        uint64_t by_function = 0, by_line = 0;
        for (uint32_t i = 0; i < report->n_functions; i++)
            by_function += report->functions[i].phases[phase];
        for (uint32_t i = 0; i < report->n_lines; i++)
            by_line += report->lines[i].phases[phase];
        assert_int_equal(by_function, report->phases[phase].used_bytes);
        assert_int_equal(by_line, report->phases[phase].used_bytes);
    }
    assert_non_null(report->functions[0].function);
    assert_null(report->functions[report->n_functions - 1].function);
}

static void test_report_details(void **state)
{
    (void)state;
    static Told told;
    PolecOptions options = options_for(&told);
    options.memory_by_function = options.memory_by_line = true;
    assert_int_equal(compile(&options, good), POLEC_DONE); /* without a report there are no details either */
    options.memory_report = keep_sums;
    assert_int_equal(compile(&options, good), POLEC_DONE);
    assert_int_equal(told.n_reports, 1);
    assert_true(told.report.n_functions >= 2 && told.report.n_lines >= 2);
}

/* ---- Several at once ---- */

enum { N_THREADS = 8, N_ROUNDS = 20 };

static void *compile_often(void *context)
{
    Told *told = context;
    PolecOptions options = options_for(told);
    for (int i = 0; i < N_ROUNDS; i++)
        if (compile(&options, i % 2 == 0 ? good : bad) != (i % 2 == 0 ? POLEC_DONE : POLEC_PROGRAM_ERROR))
            return NULL;
    return told;
}

static void test_threads(void **state)
{
    (void)state;
    static Told told[N_THREADS];
    pthread_t threads[N_THREADS];
    for (int i = 0; i < N_THREADS; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, compile_often, &told[i]), 0);
    for (int i = 0; i < N_THREADS; i++) {
        void *result;
        pthread_join(threads[i], &result);
        assert_non_null(result);
        assert_int_equal(told[i].n_diagnostics, N_ROUNDS / 2);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_check), cmocka_unit_test(test_diagnostic), cmocka_unit_test(test_files),
        cmocka_unit_test(test_wrong_options), cmocka_unit_test(test_limit), cmocka_unit_test(test_report),
        cmocka_unit_test(test_report_details),
        cmocka_unit_test(test_report_details),
        cmocka_unit_test(test_threads),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
