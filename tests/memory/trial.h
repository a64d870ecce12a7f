/*
 * Trial: one compilation in this process, and what came of it.
 *
 * A process for each of a hundred thousand compilations would take an hour; here each takes what it takes.  They share
 * one pool, as the files of one command line do, so whatever one of them spoils the next ones meet.
 */
#ifndef POLEC_TESTS_TRIAL_H
#define POLEC_TESTS_TRIAL_H

#include "driver.h"

typedef struct {
    Options options;
    const char *path;
    const char *text;      /* the program itself; NULL: it lies at `path` */
    const char *output;    /* NULL: the kind has none */
    const char *depfile;   /* NULL: none */
} Trial;

enum { TOLD_SIZE = 4096 };

typedef struct {
    Status status;
    bool exhausted;
    Phase phase;               /* that memory ran out in */
    ArenaExhausted why;
    unsigned n_errors;         /* of the program's */
    char told[TOLD_SIZE];      /* what is told of the end of the memory, as the command line prints it */
} Outcome;

/* The policies, and the guard beside them. */
typedef struct { const char *name; ArenaPolicy policy; bool guard; } TrialPolicy;
enum { N_TRIAL_POLICIES = 5 };
extern const TrialPolicy trial_policies[N_TRIAL_POLICIES];

/* What to make of a program. */
typedef struct { const char *name; EmitKind emit; unsigned optimization; Command command; } TrialKind;

/* "object.o" and "object.d" in the working directory, for the kinds that are written. */
Trial trial_of(const char *path, const TrialKind *kind, const TrialPolicy *policy);

/* `report` may be NULL.  What was written is put in place. */
void trial_run(const Trial *trial, Outcome *outcome, PolecMemoryReport *report);

/* Of the pool of all trials.  Between two of them no byte is alive in it. */
PoolStatistics trial_statistics(void);

/* How many files there are in the working directory; trial_clean() removes what trial_of() names. */
unsigned trial_count_files(void);
void trial_clean(void);

/* Prints a line of TAP; what is told beside a failure stands in `format`. */
void tap(bool good, const char *format, ...) __attribute__((format(printf, 2, 3)));
int tap_plan(void);          /* the plan, at the end; the exit status */

#endif
