/*
 * The driver: one compilation from source to output.  driver.c opens with the picture of all lifetimes.
 */
#ifndef POLEC_DRIVER_H
#define POLEC_DRIVER_H

#include "output.h"
#include "process.h"
#include "session.h"

/* A phase's result arena, and the account that it shares with the phase's scratch. */
typedef struct {
    ArenaAccount account;
    Arena arena;
} PhaseArena;

typedef struct Compilation Compilation;
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
    void (*tell)(Compilation *);  /* called once, when the phases are over and the session is still there */
    void *context;                /* for `tell` */

    /* ---- What came of it ---- */
    Status status;

    /* ---- While it runs ---- */
    Session session;
    PhaseArena phases[N_PHASES];
    bool exhausted;               /* memory ran out: session.exhausted says why */
};

/* Compiles one file.  May be called on several threads at once, with different pools. */
void compile(Compilation *compilation);

/* "lex", "parse", "ir", "codegen" */
const char *phase_name(Phase phase);

#endif
