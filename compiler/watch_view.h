/*
 * What `polec watch` shows: on a terminal one calm screen, drawn in place; elsewhere a log that scripts can read, one
 * block a check, without escape sequences unless colours are asked for.
 */
#ifndef POLEC_WATCH_VIEW_H
#define POLEC_WATCH_VIEW_H

#include "exhausted.h"
#include "recheck.h"

/* What came of a check. */
typedef struct {
    uint32_t number;               /* of the check, from 1 */
    const char *path;
    const Session *session;        /* NULL if there is no more to tell than `failure` */
    const Diagnostics *diagnostics;
    uint32_t n_errors, n_warnings; /* also when the diagnostics are gone */
    bool exhausted;                /* session->exhausted says why */
    const char *failure;           /* "cannot read ...", or NULL */
    bool whole;                    /* it was from scratch */
    uint64_t nanoseconds;
    uint64_t scratch_nanoseconds;  /* of the last check from scratch */
    const RecheckBytes *bytes;     /* RECHECK_ARENAS of them, or NULL */
} WatchResult;

typedef struct {
    const Options *options;
    bool on_screen;
    bool color;
    ArenaArray *frame;             /* char: what is being drawn, so that it is written in one piece */
    FILE *stream;                  /* into `frame`, line by line as they fit */
    unsigned rows, columns;        /* of the terminal */
    unsigned row, column, last_row;/* where the next character goes; lines from last_row on are only counted */
    unsigned hidden;               /* lines that were counted */
    enum { ESCAPE_NONE, ESCAPE_BEGUN, ESCAPE_INSIDE } escape;
} WatchView;

/* False: errno says why.  The arena must outlive the view. */
bool watch_view_open(WatchView *v, const Options *options, Arena *arena);
void watch_view_close(WatchView *v, const WatchResult *last);

/* False if standard output does not take it. */
bool watch_view_show(WatchView *v, const WatchResult *result);

/* While the process is stopped the terminal is somebody else's. */
bool watch_view_return(WatchView *v);

/* Puts the terminal back as it was; safe in a signal handler. */
void watch_view_restore(void);

#endif
