/*
 * A thousand files in one process cost the memory of one: many_files PROGRAM...                  in an empty directory
 *
 * The programs are compiled over and over in one pool, some of them into a limit and some with an allocation that fails.
 * What the pool holds when each has been compiled once, the largest among them, is what it holds after a thousand: the
 * same addresses, no more pages, and not a byte alive.  And what is reported of the last file is what was reported of it alone.
 */
#include <stdlib.h>
#include <string.h>

#include "trial.h"

static const TrialKind kinds[] = {
    {"check", EMIT_CHECK, 0, COMMAND_COMPILE}, {"object", EMIT_OBJECT, 0, COMMAND_COMPILE},
};
enum { N_KINDS = sizeof kinds / sizeof *kinds, N_FILES = 1000 };

/* Some files end early. */
static void compile_next(unsigned n, const char *path, const TrialKind *kind, const TrialPolicy *policy)
{
    Trial trial = trial_of(path, kind, policy);
    Outcome outcome;
    if (n % 7 == 3)
        trial.options.phase_limits[n % 3] = 600;
    if (n % 11 == 5)
        trial.options.fail_allocation = 1 + n % 40;
    trial_run(&trial, &outcome, NULL);
    trial_clean();
}

static bool same_figures(const PolecMemoryReport *a, const PolecMemoryReport *b)
{
    bool same = a->peak_live_bytes == b->peak_live_bytes && a->total_allocations == b->total_allocations &&
                a->n_phases == b->n_phases;
    for (unsigned phase = 0; same && phase < a->n_phases; phase++)
        same = a->phases[phase].used_bytes == b->phases[phase].used_bytes &&
               a->phases[phase].high_water_bytes == b->phases[phase].high_water_bytes &&
               a->phases[phase].allocations == b->phases[phase].allocations;
    return same;
}

static void try_many(char **paths, unsigned n_paths, const TrialKind *kind, const TrialPolicy *policy)
{
    static PolecMemoryReport alone, last;
    Outcome outcome;
    Trial first = trial_of(paths[0], kind, policy);
    trial_run(&first, &outcome, &alone);
    for (unsigned n = 0; n < n_paths; n++) { /* every program once, so the largest, too */
        Trial trial = trial_of(paths[n], kind, policy);
        trial_run(&trial, &outcome, NULL);
    }
    PoolStatistics before = trial_statistics();
    for (unsigned n = 0; n < N_FILES; n++)
        compile_next(n, paths[n * 7 % n_paths], kind, policy);
    PoolStatistics after = trial_statistics();
    trial_run(&first, &outcome, &last);
    trial_clean();
    tap(after.live == 0 && after.committed <= before.committed && after.reserved == before.reserved,
        "%s, %s: %u files: %zu bytes alive, %zu committed (before %zu), %zu reserved (before %zu), %llu system calls",
        kind->name, policy->name, N_FILES, after.live, after.committed, before.committed, after.reserved,
        before.reserved, (unsigned long long)(after.system_calls - before.system_calls));
    tap(same_figures(&alone, &last), "%s, %s: the figures of the first file are those of the last", kind->name, policy->name);
}

int main(int argc, char **argv)
{
    if (argc < 2 || trial_count_files() != 0)
        return 2;
    for (size_t k = 0; k < N_KINDS; k++)
        for (size_t p = 0; p < N_TRIAL_POLICIES; p++)
            if (!trial_policies[p].guard) /* it gives addresses up for good, and so grows */
                try_many(argv + 1, (unsigned)argc - 1, &kinds[k], &trial_policies[p]);
    return tap_plan();
}
