/*
 * The failure sweep: every allocation of every program fails once, under every policy.
 *
 *     fail_each [--all|--sparse] [--kind=KIND] [--policy=POLICY] PROGRAM...        in an empty directory
 *
 * Whichever allocation it is, the compilation ends with status 3 and one message, E901, at a place in the source; no
 * file is there, whole, half or temporary; the arenas are empty, and LLVM's heap holds what it held before.  A last
 * compilation, in which one more than there are allocations would fail, succeeds.
 *
 * A failure in code generation costs as much as code generation, and the guard gives memory up for good.  So without
 * --all every allocation fails under --check, and for an object under the first policy; elsewhere every STRIDE-th one,
 * beginning with another one each time.  --sparse leaves four fifths of those for an object out: for a build in which all of
 * it is dear.
 */
#define _GNU_SOURCE
#include <malloc.h>
#include <stdlib.h>
#include <string.h>

#include "trial.h"

static const TrialKind kinds[] = {
    {"check", EMIT_CHECK, 0, COMMAND_COMPILE},     {"object", EMIT_OBJECT, 0, COMMAND_COMPILE},
    {"object -O2", EMIT_OBJECT, 2, COMMAND_COMPILE}, {"llvm-ir", EMIT_LLVM_IR, 0, COMMAND_COMPILE},
    {"executable", EMIT_EXECUTABLE, 0, COMMAND_COMPILE}, {"run", EMIT_MEMORY, 0, COMMAND_RUN},
    {"test", EMIT_MEMORY, 0, COMMAND_TEST},
};
enum { N_KINDS = sizeof kinds / sizeof *kinds, STRIDE = 19, GUARD_STRIDE = 61, SPARSE_STRIDE = 5, MOST_ROUNDS = 8 };

static bool every_one, sparse;

typedef struct {
    const char *path;
    uint64_t n_allocations[N_KINDS]; /* 0: not counted yet */
    Status status[N_KINDS];          /* when nothing fails */
} Program;

/* What was swept, for the summary. */
static uint64_t n_failures, n_successes, n_failures_of[N_PHASES];

/* Which allocations fail: the first, and the distance to the next. */
typedef struct { uint64_t first, stride; } Choice;

static bool is_thorough(const TrialKind *kind, const TrialPolicy *policy)
{
    bool leading = policy == &trial_policies[0] && kind->emit == EMIT_OBJECT && kind->optimization == 0;
    return every_one || leading || (kind->emit == EMIT_CHECK && !policy->guard);
}

static Choice choose(const TrialKind *kind, const TrialPolicy *policy)
{
    if (is_thorough(kind, policy))
        return (Choice){1, sparse && kind->emit == EMIT_OBJECT ? SPARSE_STRIDE : 1};
    uint64_t combination = (uint64_t)(kind - kinds) + N_KINDS * (uint64_t)(policy - trial_policies);
    uint64_t stride = policy->guard ? GUARD_STRIDE : STRIDE;
    return (Choice){1 + combination % stride, stride};
}

static size_t heap_bytes(void)
{
    struct mallinfo2 info = mallinfo2();
    return info.uordblks + info.hblkhd;
}

static unsigned count(const char *text, const char *part)
{
    unsigned n = 0;
    for (const char *at = text; (at = strstr(at, part)) != NULL; at++)
        n++;
    return n;
}

/* "FILE:LINE:COLUMN: error"; the file may be an import. */
static bool starts_with_place(const char *told)
{
    unsigned line, column;
    char what[8];
    const char *behind = strstr(told, ".pole-ir:");
    return behind != NULL && sscanf(behind, ".pole-ir:%u:%u: %5[a-z]", &line, &column, what) == 3 && line > 0 &&
           column > 0 && strcmp(what, "error") == 0 && strcspn(told, "\n") > (size_t)(behind - told);
}

/* NULL, or what is wrong with the end of a compilation in which allocation `n` failed. */
static const char *find_fault(const Outcome *outcome, uint64_t n)
{
    char note[128];
    snprintf(note, sizeof note, "allocation %llu was made to fail by --fail-alloc\n", (unsigned long long)n);
    if (outcome->status != STATUS_LIMIT || !outcome->exhausted)
        return "the status is not 3";
    if (!outcome->why.injected)
        return "the failure was another one";
    if (!starts_with_place(outcome->told))
        return "no place is told";
    if (count(outcome->told, "error[E901]: memory limit reached in phase '") != 1 || strstr(outcome->told, note) == NULL)
        return "the message is not the right one";
    if (trial_statistics().live != 0)
        return "an arena is still alive";
    return trial_count_files() != 0 ? "a file was left" : NULL;
}

static bool sweep(Trial *trial, Choice choice, uint64_t n_allocations)
{
    Outcome outcome;
    for (uint64_t n = choice.first; n <= n_allocations; n += choice.stride) {
        trial->options.fail_allocation = n;
        trial_run(trial, &outcome, NULL);
        const char *fault = find_fault(&outcome, n);
        n_failures++;
        n_failures_of[outcome.phase]++;
        if (fault != NULL) {
            tap(false, "%s: allocation %llu: %s", trial->path, (unsigned long long)n, fault);
            printf("# status %d, told: %s\n", outcome.status, outcome.told);
            return false;
        }
    }
    return true;
}

/* The linker is no part of the sweep, and slow. */
static Trial without_linker(const Trial *trial)
{
    Trial result = *trial;
    if (result.options.emit == EMIT_EXECUTABLE)
        result.options.emit = EMIT_OBJECT;
    return result;
}

/* Compiles without a failure: the number of allocations, or 0 and a complaint.  The policy makes no difference. */
static uint64_t count_allocations(const Trial *trial, Status *usual)
{
    static PolecMemoryReport report;
    Trial good = without_linker(trial);
    Outcome outcome;
    trial_run(&good, &outcome, &report);
    trial_clean();
    *usual = outcome.status;
    if (outcome.status == STATUS_DONE || outcome.status == STATUS_ERROR)
        return report.total_allocations;
    tap(false, "%s: status %d without a failure", trial->path, outcome.status);
    return 0;
}

/* One more than there are would fail: nothing does. */
static void try_one_more(const Trial *trial, uint64_t n_allocations, Status usual)
{
    Trial good = without_linker(trial);
    Outcome outcome;
    good.options.fail_allocation = n_allocations + 1;
    trial_run(&good, &outcome, NULL);
    trial_clean();
    n_successes++;
    if (outcome.status != usual)
        tap(false, "%s: status %d after the last allocation", trial->path, outcome.status);
}

static void sweep_program(Program *program, size_t k, const TrialPolicy *policy)
{
    Trial trial = trial_of(program->path, &kinds[k], policy);
    if (program->n_allocations[k] == 0)
        program->n_allocations[k] = count_allocations(&trial, &program->status[k]);
    /* The first sweep may leave what libraries set up once and keep; a leak leaves as much again. */
    size_t before = heap_bytes(), after = before;
    for (int round = 0; round < MOST_ROUNDS && (round == 0 || after > before); round++) {
        before = after;
        if (!sweep(&trial, choose(&kinds[k], policy), program->n_allocations[k]))
            return;
        after = heap_bytes();
    }
    if (after > before)
        tap(false, "%s: %s, %s: heap %zu bytes, before %zu", program->path, kinds[k].name, policy->name, after, before);
    if (is_thorough(&kinds[k], policy))
        try_one_more(&trial, program->n_allocations[k], program->status[k]);
}

static bool chosen(int argc, char **argv, const char *option, const char *name)
{
    bool any = false;
    for (int i = 1; i < argc; i++) {
        if (strncmp(argv[i], option, strlen(option)) != 0)
            continue;
        any = true;
        if (strcmp(argv[i] + strlen(option), name) == 0)
            return true;
    }
    return !any;
}

static bool covered(int argc, char **argv, const TrialKind *kind, const TrialPolicy *policy)
{
    if (policy->guard && policy->policy == POLICY_WHOLE && !every_one)
        return false;
    return chosen(argc, argv, "--kind=", kind->name) && chosen(argc, argv, "--policy=", policy->name);
}

int main(int argc, char **argv)
{
    Program *programs = calloc((size_t)argc, sizeof *programs);
    size_t n_programs = 0;
    for (int i = 1; i < argc; i++) {
        if (argv[i][0] != '-')
            programs[n_programs++].path = argv[i];
        every_one = every_one || strcmp(argv[i], "--all") == 0;
        sparse = sparse || strcmp(argv[i], "--sparse") == 0;
    }
    if (trial_count_files() != 0) {
        fputs("fail_each: not in an empty directory\n", stderr);
        return 2;
    }
    for (size_t p = 0; p < N_TRIAL_POLICIES; p++)
        for (size_t k = 0; k < N_KINDS; k++) {
            if (!covered(argc, argv, &kinds[k], &trial_policies[p]))
                continue;
            uint64_t before = n_failures;
            for (size_t i = 0; i < n_programs; i++)
                sweep_program(&programs[i], k, &trial_policies[p]);
            tap(n_failures > before, "%s, %s: %llu allocations failed", kinds[k].name, trial_policies[p].name,
                (unsigned long long)(n_failures - before));
        }
    free(programs);
    printf("# %llu allocations failed", (unsigned long long)n_failures);
    for (Phase phase = PHASE_LEX; phase < N_PHASES; phase++)
        printf(", %s %llu", phase_name(phase), (unsigned long long)n_failures_of[phase]);
    printf("; %llu compilations beside them did not\n", (unsigned long long)n_successes);
    return tap_plan();
}
