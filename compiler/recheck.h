/*
 * Checking a text again after it has changed, from the first changed declaration on.
 *
 *     Recheck r;
 *     recheck_open(&r, options, pool, "a.pole-ir");
 *     recheck(&r, text, length);        the whole text
 *     ... r.diagnostics, r.tokens, r.ast, r.ir ...
 *     recheck(&r, text, length);        of the new text only what has changed; the results are those of the whole
 *     recheck_close(&r);
 *
 * For whoever sees one text change many times: `polec watch`, a language server.  The driver has no part in this: it
 * compiles once, and frees each arena as early as it can.  Here the arenas stay, with marks in them, and that is the
 * price: recheck.c tells what it is.
 */
#ifndef POLEC_RECHECK_H
#define POLEC_RECHECK_H

#include "ir/builder.h"
#include "ir/uses.h"
#include "lexer/lexer.h"
#include "parser/parser.h"

enum { RECHECK_PHASES = PHASE_IR + 1, RECHECK_SESSION = RECHECK_PHASES, RECHECK_ARENAS = RECHECK_SESSION + 1 };

/* Bytes of one arena; of the session's account: text, names, types, diagnostics. */
typedef struct {
    uint64_t used;  /* by the result, as if all had been made from scratch: the memory report's used_bytes */
    uint64_t made;  /* in this check; the rest was there */
} RecheckBytes;

/* What the IR builder works with.  There are two: the new one is made while the old one is still looked at. */
typedef struct {
    Arena ir, types, scratch;
    struct Types *table;
    BuildPast *past;            /* in `scratch`; NULL if nothing can be taken over from it */
} BuildMemory;

typedef struct {
    /* ---- The results, until the next check ---- */
    Session session;            /* its `diagnostics` are not the result's */
    Diagnostics diagnostics;    /* sorted, cut at max_errors */
    Tokens tokens;
    Ast ast;
    Ir ir;
    bool exhausted;             /* memory ran out (session.exhausted): there is no other result */
    bool too_large;             /* the text was: there is only E008 in `diagnostics` */
    bool unchanged;             /* text and imports are those of the check before, and so are the results */
    bool whole;                 /* nothing could be kept */
    uint64_t nanoseconds;       /* that the check took */
    RecheckBytes bytes[RECHECK_ARENAS]; /* indexed by Phase, and RECHECK_SESSION */

    IrUses uses;                /* if has_uses: what every name means */
    bool has_uses;

    /* ---- Set before a check ---- */
    UnsavedText *unsaved;       /* session.h; as recheck_open() leaves it, NULL */
    void *unsaved_context;
    bool record_uses;           /* `uses` is wanted.  Then all functions are built, even of a text that is known */

    /* ---- Private ---- */
    const Options *options;
    Pool *pool;
    const char *path;
    bool begun;                 /* arenas are open */
    bool had_result;            /* the check before went well */
    bool sound;                 /* what is in them is whole, and can be gone on from */
    FileId file;
    uint64_t hash;              /* of the text with its imports */
    uint32_t least_distance;    /* tokens between two marks, at least; tests have it smaller */
    ArenaAccount accounts[RECHECK_PHASES], own_account;
    Arena lex, parse;           /* results */
    Arena parse_reports;        /* in the session's account */
    Arena own, told;            /* marks; the diagnostics in the order in which they are told */
    Diagnostics lexed, parsed;  /* what these phases have reported */
    ArenaArray *lex_marks;
    ParseMarks parse_marks;
    uint32_t n_stable_tokens;   /* what is as it was before the change */
    BuildStable stable;
    SourcePos changed;
    BuildMemory builds[2];
    Arena uses_arena;
    uint32_t build;             /* the one that holds the result */
} Recheck;

/* Nothing may be open in the pool, which is used until recheck_close().  `path` (not copied) is what the text is called,
   and imports are looked for beside it.  Limits of the options do not hold; only the system can refuse memory. */
void recheck_open(Recheck *r, const Options *options, Pool *pool, const char *path);

/* Checks a text; nothing of it is needed afterwards. */
void recheck(Recheck *r, const char *bytes, size_t length);
void recheck_close(Recheck *r);

#endif
