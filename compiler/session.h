/*
 * Session: what outlives the phases of one compilation.
 *
 * The text, the names, the types and the diagnostics live in the session arena, the fifth arena, which dies last.
 * Everything that travels from phase to phase (SourcePos, NameId, TypeId) is a number that only the session can
 * interpret; that is why a phase's arena can die as soon as the next phase has read it.
 */
#ifndef POLEC_SESSION_H
#define POLEC_SESSION_H

#include <setjmp.h>

#include "base/diagnostics.h"
#include "base/names.h"
#include "base/source.h"
#include "options.h"

typedef enum { PHASE_LEX, PHASE_PARSE, PHASE_IR, PHASE_CODEGEN, N_PHASES } Phase;

struct Types;
struct Charges;

/* Knows the text of a file that is open in an editor, which may differ from what is saved; false: read the file. */
typedef bool UnsavedText(void *context, const char *path, const char **bytes, size_t *length);

typedef struct Session {
    const Options *options;
    Pool *pool;
    ArenaAccount account;       /* "session" */
    Arena arena;
    SourceText text;
    Names names;
    struct Types *types;        /* ir/types.h; interned types and declared records and variants */
    Diagnostics diagnostics;

    Phase phase;                /* the one that is running */
    Arena scratch;              /* of that phase: opened and freed by it, in its account.  It lies here and not on the
                                   phase's stack so that the driver can free it after a jump to on_fatal */
    SourcePos working_at;       /* where in the source: every phase keeps it current for the message of E901 */
    struct Charges *charges;    /* charges.h; NULL unless the memory report is to have details */
    struct IrTrail *ir_trail;   /* ir/trail.h: where each word of the IR comes from; NULL: nobody wants to know */
    struct IrUses *ir_uses;     /* ir/uses.h: what every name means; NULL: nobody wants to know */
    UnsavedText *unsaved;       /* asked about every imported file; NULL: what is saved counts */
    void *unsaved_context;
    struct CodegenHeap *codegen_heap; /* LLVM's objects while codegen() runs; see codegen_abandon() */
    jmp_buf on_fatal;           /* the way out when memory is exhausted; set by the driver alone */
    ArenaExhausted exhausted;   /* why, once it has happened */
} Session;

/* Opens the session arena and what lies in it.  The pool's `exhausted` handler must already lead to on_fatal. */
void session_open(Session *session, Pool *pool, const Options *options);
/* The same, with the table of types in another arena of the session's account: it may be replaced, and the rest stay
   (recheck.c).  The types are then the caller's to open and free. */
void session_open_without_types(Session *session, Pool *pool, const Options *options);
void session_close(Session *session);

/* Rewinds the session arena to a mark made while the first file was lexed.  Not the text: it has changed since, maybe
   more than once, and source_change() says what becomes of it. */
void session_rewind(Session *session, const ArenaMark *mark);

/* What messages call the file at `path`: -ffile-prefix-map applied, the longest prefix that fits; of equals the last. */
const char *session_shown_path(Session *session, const char *path);

/* The handler for PoolOptions.exhausted; `context` is the Session.  Does not return. */
void session_exhausted(void *context, const ArenaExhausted *why);

#endif
