/*
 * Compiling the files of one call, on one or several threads.
 */
#ifndef POLEC_FILES_H
#define POLEC_FILES_H

#include <pthread.h>

#include "driver.h"
#include "progress.h"
#include "messages.h"
#include "time_report.h"

/* What is left of a file when its compilation is over. */
typedef struct {
    Status status;
    Output output, depfile;    /* to be put in place */
    bool has_figures;          /* the following two are filled in */
    PolecMemoryReport report;  /* if one was asked for */
    const char *text;          /* what standard input said, if a page is to be made of it */
    size_t text_length;
    TimeFigures times;
    Code code;                 /* run and test */
} FileResult;

typedef struct Run Run;

/* A thread that compiles. */
typedef struct {
    Run *run;
    Pool *pool;
    size_t index;              /* of the file in hand */
    uint32_t number;           /* of the thread, from 1 */
    ProcessMemory kept;        /* what is kept of all files: programs that are run in memory, reports' details */
    FileResult result;         /* of the file in hand, where results need not be kept */
    pthread_t thread;
} Worker;

struct Run {
    const Options *options;
    ProcessMemory *memory;
    Messages messages;         /* used by the thread whose turn it is */
    bool commit_later;         /* outputs are left to the caller */
    bool hold_output;          /* several threads: what goes to standard output has to wait for its turn */
    FileResult *results;       /* one for each file; NULL if nobody wants to know */
    Status status;             /* of the first file that failed */
    uint64_t system_calls;     /* for memory, by the pools of all threads */

    pthread_mutex_t mutex;     /* guards what follows, and `status` and `system_calls` */
    pthread_cond_t turn_passed;
    size_t next;               /* file that the next free thread takes */
    size_t turn;               /* file whose turn it is to be told of */
    Progress progress;         /* used by the thread whose turn it is */
    Worker first;              /* this thread */
    Worker *others;
    unsigned n_others;
};

/* `pool` serves this thread. */
void run_open(Run *run, const Options *options, ProcessMemory *memory, Pool *pool);
void run_close(Run *run);

/* Compiles them all; diagnostics and outputs come in the order of the command line. */
void files_compile(Run *run);

/* Puts the outputs of one file in place. */
Status file_commit(Run *run, FileResult *result);
void file_discard(FileResult *result);

#endif
