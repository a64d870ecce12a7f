/*
 * A line on the terminal that tells how far a run of many files is, "[12/1000] hello.pole-ir", for whoever waits longer
 * than a moment.  It goes to standard error, is overwritten by the next one and erased before anything else is told.
 *
 * One thread at a time may use it: the one whose turn it is (files.c).
 */
#ifndef POLEC_PROGRESS_H
#define POLEC_PROGRESS_H

#include "options.h"

typedef struct {
    bool wanted;        /* somebody looks at the terminal, and nothing else is being printed there */
    bool shown;         /* the line stands there now */
    uint64_t next_at;   /* not before, in nanoseconds */
} Progress;

void progress_open(Progress *progress, const Options *options);

/* The `n`-th of all files, counted from 1, is in hand. */
void progress_show(Progress *progress, size_t n, size_t all, const char *file);

void progress_erase(Progress *progress);

/* For a signal handler that ends the process: whatever line stands there is erased. */
void progress_erase_at_end(void);

#endif
