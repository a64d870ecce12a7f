/*
 * The library on eight threads at once: every thread compiles the same programs, each beginning with another, in every
 * way there is, and has to be told what one thread alone was told, and to get the same bytes.
 *
 * threads DIRECTORY ROUNDS FILE...
 * threads race               does what ThreadSanitizer has to notice
 */
#define _POSIX_C_SOURCE 200809L
#include <fcntl.h>
#include <inttypes.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "polec.h"

enum { N_THREADS = 8, MOST_FILES = 64, MOST_BYTES = 1 << 20 };

typedef struct { const char *name; char *text; size_t length; } Program;

/* Ways to compile, all that polec.h has. */
typedef struct {
    const char *name;
    PolecEmit emit;
    PolecPolicy policy;
    unsigned optimization;
    uint64_t memory_limit, parse_limit, fail_allocation;
    bool audit, guard, detail;
} Way;

static const Way ways[] = {
    {.name = "check", .emit = POLEC_EMIT_CHECK, .detail = true},
    {.name = "check, malloc", .emit = POLEC_EMIT_CHECK, .policy = POLEC_POLICY_MALLOC},
#ifndef __SANITIZE_THREAD__ /* ThreadSanitizer has few addresses for programs, and the guard uses none twice */
    {.name = "check, guard", .emit = POLEC_EMIT_CHECK, .guard = true},
#endif
    {.name = "check, audit", .emit = POLEC_EMIT_CHECK, .audit = true},
    {.name = "check, limit", .emit = POLEC_EMIT_CHECK, .memory_limit = 20000},
    {.name = "check, limit of a phase", .emit = POLEC_EMIT_CHECK, .parse_limit = 3000},
    {.name = "object, failing", .emit = POLEC_EMIT_OBJECT, .fail_allocation = 30},
    {.name = "tokens", .emit = POLEC_EMIT_TOKENS},
    {.name = "tree", .emit = POLEC_EMIT_AST},
    {.name = "IR", .emit = POLEC_EMIT_IR, .policy = POLEC_POLICY_WHOLE},
    {.name = "LLVM's IR", .emit = POLEC_EMIT_LLVM_IR},
    {.name = "object", .emit = POLEC_EMIT_OBJECT},
    {.name = "object, optimised", .emit = POLEC_EMIT_OBJECT, .optimization = 1},
};
enum { N_WAYS = sizeof ways / sizeof *ways };

static Program programs[MOST_FILES];
static size_t n_programs;
static const char *directory;

/* A hash over all that one compilation told and wrote (FNV-1a). */
static void note(uint64_t *told, const void *bytes, size_t length)
{
    for (const unsigned char *at = bytes, *end = at + length; at < end; at++)
        *told = (*told ^ *at) * UINT64_C(0x100000001b3);
}

static void note_number(uint64_t *told, uint64_t number)
{
    note(told, &number, sizeof number);
}

static void hear(void *context, const PolecDiagnostic *d)
{
    note(context, d->code, strlen(d->code));
    note(context, d->message, strlen(d->message));
    note_number(context, d->line);
    note_number(context, d->column);
}

/* What is exact of a report: polec.h. */
static void hear_report(void *context, const PolecMemoryReport *report)
{
    note_number(context, report->peak_live_bytes);
    note_number(context, report->total_allocations);
    note_number(context, report->audit_offenders);
}

static void note_output(uint64_t *told, const char *path)
{
    char bytes[4096];
    int descriptor = open(path, O_RDONLY | O_CLOEXEC);
    for (ssize_t n; descriptor >= 0 && (n = read(descriptor, bytes, sizeof bytes)) > 0;)
        note(told, bytes, (size_t)n);
    if (descriptor >= 0)
        close(descriptor);
}

static uint64_t compile(const Program *program, const Way *way, unsigned thread)
{
    uint64_t told = UINT64_C(0xcbf29ce484222325);
    char output[4096];
    snprintf(output, sizeof output, "%s/output%u", directory, thread);
    unlink(output);
    PolecOptions options = polec_options_default();
    options.emit = way->emit;
    options.output = output;
    options.policy = way->policy;
    options.optimization = way->optimization;
    options.memory_limit = way->memory_limit;
    options.phase_limits[POLEC_PARSE] = way->parse_limit;
    options.fail_allocation = way->fail_allocation;
    options.audit_lifetimes = way->audit;
    options.guard = way->guard;
    options.memory_by_function = options.memory_by_line = way->detail;
    options.diagnostic = hear;
    options.memory_report = hear_report;
    options.context = &told;
    note_number(&told, polec_compile_text(&options, program->name, program->text, program->length));
    note_output(&told, output);
    unlink(output);
    return told;
}

/* ---- threads ----------------------------------------------------------------------------------------------------- */

static uint64_t alone[MOST_FILES][N_WAYS];

typedef struct { unsigned number; size_t rounds, n_compiled, n_wrong; const char *wrong_program, *wrong_way; } Worker;

static void *work(void *context)
{
    Worker *worker = context;
    for (size_t i = 0; i < worker->rounds * n_programs * N_WAYS; i++) {
        /* Two threads of three begin somewhere else; the others do the same at the same time. */
        size_t at = i + worker->number % 3 * 17, program = at / N_WAYS % n_programs, way = at % N_WAYS;
        worker->n_compiled++;
        if (compile(&programs[program], &ways[way], worker->number) != alone[program][way]) {
            worker->n_wrong++;
            worker->wrong_program = programs[program].name;
            worker->wrong_way = ways[way].name;
        }
    }
    return NULL;
}

static void read_program(const char *path)
{
    static char bytes[MOST_BYTES];
    FILE *file = fopen(path, "r");
    size_t length = file != NULL ? fread(bytes, 1, sizeof bytes, file) : 0;
    if (file == NULL || length == 0 || n_programs == MOST_FILES) {
        fprintf(stderr, "threads: cannot take %s\n", path);
        exit(2);
    }
    fclose(file);
    char *text = malloc(length + 1);
    memcpy(text, bytes, length);
    programs[n_programs++] = (Program){path, text, length};
}

static unsigned counter;

static void *race(void *context)
{
    for (int i = 0; i < 1000; i++)
        counter++;
    return context;
}

static int race_on_purpose(void)
{
    pthread_t other;
    if (pthread_create(&other, NULL, race, NULL) != 0)
        return 2;
    race(NULL);
    pthread_join(other, NULL);
    printf("%u\n", counter);
    return 0;
}

int main(int argc, char **argv)
{
    if (argc == 2 && strcmp(argv[1], "race") == 0)
        return race_on_purpose();
    if (argc < 4)
        return 2;
    directory = argv[1];
    for (int i = 3; i < argc; i++)
        read_program(argv[i]);
    for (size_t program = 0; program < n_programs; program++)
        for (size_t way = 0; way < N_WAYS; way++)
            alone[program][way] = compile(&programs[program], &ways[way], 0);
    pthread_t threads[N_THREADS];
    Worker workers[N_THREADS];
    size_t n_wrong = 0, n_compiled = 0;
    for (unsigned i = 0; i < N_THREADS; i++) {
        workers[i] = (Worker){.number = i + 1, .rounds = (size_t)strtoul(argv[2], NULL, 10)};
        if (pthread_create(&threads[i], NULL, work, &workers[i]) != 0)
            return 2;
    }
    for (unsigned i = 0; i < N_THREADS; i++) {
        pthread_join(threads[i], NULL);
        n_compiled += workers[i].n_compiled;
        n_wrong += workers[i].n_wrong;
        if (workers[i].n_wrong > 0)
            printf("thread %u: %s, %s: not what one thread gets\n", i + 1, workers[i].wrong_program, workers[i].wrong_way);
    }
    printf("%zu compilations, %zu wrong\n", n_compiled, n_wrong);
    for (size_t i = 0; i < n_programs; i++)
        free(programs[i].text);
    return n_wrong > 0;
}
