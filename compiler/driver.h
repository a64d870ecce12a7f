/*
 * The driver: one compilation from source to output.  driver.c opens with the picture of all lifetimes.
 */
#ifndef POLEC_DRIVER_H
#define POLEC_DRIVER_H

#include "audit.h"
#include "charges.h"
#include "codegen/code.h"
#include "output.h"
#include "polec.h"
#include "process.h"
#include "session.h"

/* A phase's result arena, and the account that it shares with the phase's scratch. */
typedef struct {
    ArenaAccount account;
    Arena arena;
} PhaseArena;

struct Compilation {
    /* ---- What to do: filled in by the caller, who keeps it alive ---- */
    const Options *options;
    Pool *pool;                   /* no arena may be open in it */
    const char *path;             /* FILE as given; "-" is standard input */
    const char *text;             /* the source, if it is not to be read from `path`; or NULL */
    size_t text_length;
    const char *output_path;      /* "-" is standard output; NULL if the kind has none */
    const char *depfile_path;     /* NULL: none */
    const char *depfile_target;
    bool hold_output;             /* nothing may reach standard output before output_commit */
    Output *output, *depfile;     /* closed.  If all went well they are left finished, for the caller to commit */
    Arena *code_arena;            /* run and test: where the lists of `code` go, of some other pool */
    PolecMemoryReport *report;    /* to be filled in; NULL: nothing is measured but time */
    Arena *detail_arena;          /* where the report's details go, of some other pool; may be NULL if none are wanted */
    struct Recorder *recorder;    /* page/recorder.h: watches for the page; NULL everywhere else.  Needs `report` */
    void (*tell)(Compilation *);  /* called once, when the phases are over and the session is still there */
    void *context;                /* for `tell` */

    /* ---- What came of it ---- */
    Status status;
    bool exhausted;               /* memory ran out: session.exhausted says why */
    char failure[512];            /* what else went wrong, if it is no matter of the program's; or "" */
    uint32_t n_phases;            /* that were begun */
    Code code;                    /* run and test: the program, which outlives its compilation; else empty */
    uint64_t nanoseconds[N_PHASES], output_nanoseconds, total_nanoseconds;

    /* ---- While it runs ---- */
    Session session;
    PhaseArena phases[N_PHASES];
    ProcessMemory detail_memory;  /* for `charges` */
    Charges charges;
    uint64_t begun_at;            /* when the running phase did, in nanoseconds */
    Audit *audit;                 /* --audit-lifetimes; else NULL */
};

/* Compiles one file.  May be called on several threads at once, with different pools. */
void compile(Compilation *compilation);

/* "lex", "parse", "ir", "codegen" */
const char *phase_name(Phase phase);

#endif
