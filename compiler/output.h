/*
 * Output files that are complete or absent.
 *
 * An output is written to a temporary beside its place and renamed when everything that belongs to it stands, so that
 * nobody ever sees half of one, whatever fails or is interrupted.  What is no regular file (a device, a pipe) cannot
 * be replaced and is written to directly.
 *
 *     output_open ... write ... output_finish      nothing can be seen yet (except in a device or on standard output)
 *     output_commit                                now it is there
 *     output_discard                               at any time before: as if it had never been opened
 *
 * Nothing is told here: where a function returns false, errno says why.
 */
#ifndef POLEC_OUTPUT_H
#define POLEC_OUTPUT_H

#include <limits.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/types.h>

/* A file to be removed when the process is interrupted.  It must stay where it is while it is listed. */
typedef struct Temporary {
    struct Temporary *next, *previous;
    bool listed;
    char path[PATH_MAX];
} Temporary;

typedef enum {
    OUTPUT_CLOSED,   /* not opened, or done with */
    OUTPUT_STANDARD, /* standard output */
    OUTPUT_HELD,     /* standard output, but not before output_commit: kept in a nameless temporary */
    OUTPUT_REPLACE,  /* a regular file: written beside it and renamed */
    OUTPUT_DEVICE,   /* anything else: written to */
} OutputWay;

typedef struct {
    OutputWay way;
    const char *path;     /* as given; "-" is standard output */
    FILE *stream;         /* to be written to; NULL once finished */
    char place[PATH_MAX]; /* `path` with symbolic links followed: a link stays a link to the new file */
    Temporary temporary;
} Output;

/* `executable`: the file may be run.  `held`: nothing reaches standard output before output_commit. */
bool output_open(Output *output, const char *path, bool executable, bool held);

/* The path at which another program (the linker) is to write the output: a temporary.  NULL: errno says why. */
const char *output_hand_over(Output *output);

bool output_finish(Output *output); /* closes the stream; false if not everything could be written */
bool output_commit(Output *output); /* discards what it could not put in place */
void output_discard(Output *output);

/* What a message says of a function that returned false: the output and the reason (errno). */
enum { OUTPUT_COMPLAINT_SIZE = 512 };
const char *output_complaint(const Output *output, char buffer[OUTPUT_COMPLAINT_SIZE]);

/* Writes all n bytes to a descriptor, however few of them the system takes at a time. */
bool output_write_all(int descriptor, const char *bytes, size_t n);

/* Flushes standard output; false if what was printed did not arrive. */
bool output_flush_standard(void);

/* What a path leads to, so that two paths to one file can be known: device and inode of a file that exists, with an
   empty name; of one that does not, its directory's and its name there (NAME_MAX + 1 bytes).  False: the path leads to
   a device or nowhere, and cannot collide. */
bool output_place_identity(const char *path, uint64_t *device, uint64_t *inode, char *name);

/* From here on SIGINT, SIGTERM, SIGHUP, SIGQUIT and SIGXCPU remove every temporary before they end the process.  For the
   command line: a library leaves its user's signals alone. */
void output_catch_signals(void);

/* Another program writes an output for us, at the head of a process group: a signal ends it too, so that it does not
   write what has just been removed.  The signals wait while it is being started, because a signal in between would know
   nothing of it; it is to start with `usual_mask`. */
void output_writer_starts(sigset_t *usual_mask);
void output_writer_started(pid_t leader, const sigset_t *usual_mask); /* 0: it could not be started */
void output_writer_ended(void);

/* Ends the writer and removes every temporary, for whoever is about to end the process: no temporary can be made
   afterwards.  Safe in a signal handler, also in one for a fault that happened here. */
void output_remove_temporaries(void);

/* Puts their handlers back, and those of SIGPIPE and SIGXFSZ, for a program that runs in this process. */
void output_release_signals(void);

#endif
