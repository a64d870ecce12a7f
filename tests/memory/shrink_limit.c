/*
 * Limits are exact: shrink_limit [--every-byte|--stride] PROGRAM...                            in an empty directory
 *
 * For every program, kind of output and policy: with a limit on all arenas, or on the arena of one phase, the smallest
 * limit that suffices is what the report says that they held at most (peak_live_bytes, high_water_bytes), to the byte.
 * Below it every limit is reached: byte by byte for small programs that are only checked (but not with --stride), and with
 * --every-byte; else the last bytes (LAST_STRETCH, or FEW with --stride), and a prime stride below them.  What is told then is
 * true (used <= limit < used + requested), names the phase, and is the same text under each policy.
 */
#include <stdlib.h>
#include <string.h>

#include "trial.h"

static const TrialKind kinds[] = {
    {"check", EMIT_CHECK, 0, COMMAND_COMPILE},
    {"object", EMIT_OBJECT, 0, COMMAND_COMPILE},
    {"object -O2", EMIT_OBJECT, 2, COMMAND_COMPILE},
    {"test", EMIT_MEMORY, 0, COMMAND_TEST},
};
enum {
    N_KINDS = sizeof kinds / sizeof *kinds,
    LAST_STRETCH = 24, FEW = 3, /* bytes below the smallest limit that suffices */
    SMALL = 10000,       /* up to here checking tries every byte */
    PRIME = 1009, PRIME_CODEGEN = 2003,
};

static bool every_byte, stride_only;
static uint64_t n_reached, n_sufficed;

/* 0 to 3: the limit of a phase; 4: of all arenas together. */
enum { ALL_ARENAS = N_PHASES };

static void set_limit(Trial *trial, int what, size_t bytes)
{
    if (what == ALL_ARENAS)
        trial->options.memory_limit = bytes;
    else
        trial->options.phase_limits[what] = bytes;
}

/* NULL, or what is wrong with the way in which the limit was reached. */
static const char *find_fault(const Outcome *outcome, int what, size_t limit)
{
    const ArenaExhausted *why = &outcome->why;
    char text[256];
    if (outcome->status != STATUS_LIMIT || !outcome->exhausted)
        return "the limit was not reached";
    if (why->injected || why->limit != limit)
        return "another limit was reached";
    if (why->used > limit || limit - why->used >= why->requested)
        return "there was room";
    if (what != ALL_ARENAS && outcome->phase != (Phase)what)
        return "another phase is named";
    snprintf(text, sizeof text, "error[E901]: memory limit reached in phase '%s': used %zu bytes, limit %zu, requested %zu\n",
             phase_name(outcome->phase), why->used, limit, why->requested);
    if (strstr(outcome->told, text) == NULL || strstr(outcome->told, "--memory-limit=") == NULL)
        return "the message is not the right one";
    if (trial_statistics().live != 0)
        return "an arena is still alive";
    return trial_count_files() != 0 ? "a file was left" : NULL;
}

/* A hash of what was told at each limit, under the policies before this one. */
typedef struct { uint64_t *hashes; size_t n; } Told;

static uint64_t hash(const char *text)
{
    uint64_t hash = 14695981039346656037u; /* FNV-1a */
    for (; *text != '\0'; text++)
        hash = (hash ^ (unsigned char)*text) * 1099511628211u;
    return hash | 1;
}

/* Remembers what is told at this limit, or compares it with what was told before. */
static bool tells_the_same(Told *told, size_t limit, const char *text)
{
    if (limit >= told->n) {
        size_t n = limit + 1 + told->n;
        told->hashes = realloc(told->hashes, n * sizeof *told->hashes);
        memset(told->hashes + told->n, 0, (n - told->n) * sizeof *told->hashes);
        told->n = n;
    }
    uint64_t now = hash(text), before = told->hashes[limit];
    told->hashes[limit] = now;
    return before == 0 || before == now;
}

static bool try_limit(Trial *trial, int what, size_t limit, size_t most, Status usual, Told *told)
{
    Outcome outcome;
    set_limit(trial, what, limit);
    trial_run(trial, &outcome, NULL);
    const char *fault;
    if (limit >= most) {
        fault = outcome.status == usual ? NULL : "the limit should suffice";
        trial_clean();
        n_sufficed++;
    } else {
        fault = find_fault(&outcome, what, limit);
        if (fault == NULL && told != NULL && !tells_the_same(told, limit, outcome.told))
            fault = "another text under another policy";
        n_reached++;
    }
    set_limit(trial, what, 0);
    if (fault == NULL)
        return true;
    tap(false, "%s: limit %zu of %s (most: %zu): %s", trial->path, limit, what < N_PHASES ? phase_name((Phase)what) : "all",
        most, fault);
    printf("# emit %d, policy %d, guard %d, status %d, told: %s\n", trial->options.emit, trial->options.policy,
           trial->options.guard, outcome.status, outcome.told);
    return false;
}

/* Compiling under the guard takes memory that is never given back. */
static size_t stride(const Trial *trial, size_t most)
{
    bool cheap = trial->options.emit == EMIT_CHECK && !trial->options.guard;
    if (every_byte || (cheap && most <= SMALL && !stride_only))
        return 1;
    if (trial->options.guard)
        return most / 4 + 1;
    return cheap ? PRIME : PRIME_CODEGEN;
}

static void shrink(Trial *trial, int what, size_t most, Status usual, Told *told)
{
    if (!try_limit(trial, what, most + 1, most, usual, NULL) || !try_limit(trial, what, most, most, usual, NULL))
        return;
    size_t step = stride(trial, most);
    size_t stretch = every_byte ? LAST_STRETCH : trial->options.guard ? 2 : stride_only ? FEW : LAST_STRETCH;
    for (size_t less = 1; less < most; less += less < stretch ? 1 : step)
        if (!try_limit(trial, what, most - less, most, usual, told))
            return;
}

static void shrink_program(const char *path, const TrialKind *kind)
{
    static PolecMemoryReport report;
    Told told[ALL_ARENAS + 1] = {0};
    for (size_t p = 0; p < N_TRIAL_POLICIES; p++) {
        if (trial_policies[p].guard && trial_policies[p].policy != POLICY_PHASE)
            continue;
        Trial trial = trial_of(path, kind, &trial_policies[p]);
        Outcome outcome;
        trial_run(&trial, &outcome, &report);
        trial_clean();
        /* Arenas that live longer are more bytes alive together: their sum is told in other words. */
        Told *of_all = trial.options.policy == POLICY_WHOLE ? NULL : &told[ALL_ARENAS];
        for (int phase = 0; phase < (int)report.n_phases; phase++)
            shrink(&trial, phase, report.phases[phase].high_water_bytes, outcome.status, &told[phase]);
        shrink(&trial, ALL_ARENAS, report.peak_live_bytes, outcome.status, of_all);
    }
    for (int i = 0; i <= ALL_ARENAS; i++)
        free(told[i].hashes);
}

int main(int argc, char **argv)
{
    every_byte = argc > 1 && strcmp(argv[1], "--every-byte") == 0;
    stride_only = argc > 1 && strcmp(argv[1], "--stride") == 0;
    if (trial_count_files() != 0) {
        fputs("shrink_limit: not in an empty directory\n", stderr);
        return 2;
    }
    for (size_t k = 0; k < N_KINDS; k++) {
        uint64_t before = n_reached;
        for (int i = 1 + (every_byte || stride_only); i < argc; i++)
            shrink_program(argv[i], &kinds[k]);
        tap(n_reached > before, "%s: %llu limits reached", kinds[k].name, (unsigned long long)(n_reached - before));
    }
    printf("# %llu limits reached, %llu sufficed\n", (unsigned long long)n_reached, (unsigned long long)n_sufficed);
    return tap_plan();
}
