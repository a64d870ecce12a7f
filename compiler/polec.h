/*
 * libpolec: the compiler for Pole IR as a library.
 *
 *     PolecOptions options = polec_options_default();
 *     options.emit = POLEC_EMIT_OBJECT;
 *     options.output = "hello.o";
 *     options.diagnostic = print_it;
 *     PolecStatus status = polec_compile_file(&options, "hello.pole-ir");
 *
 * A call does one compilation from beginning to end and leaves nothing behind: no memory, no global state of ours.
 * Several may run at once on several threads.  Paths are the system's, relative to the working directory.
 *
 * Ownership: what the options point at stays the caller's, and is only read, until the call returns.  Everything handed
 * to a callback lives until the callback returns.  Callbacks run on the calling thread before the call returns, and
 * have to return: no longjmp, no exception.  First come the diagnostics, sorted by place; then the memory report, once.
 *
 * Errors are statuses and diagnostics; standard error stays empty.  Up to typed IR (POLEC_EMIT_IR and all before it)
 * that holds for memory which the system refuses, too: POLEC_MEMORY_LIMIT.  Behind it LLVM works.  It has its memory
 * from the process's heap, outside of all limits, and when it gets none, or finds a fault of its own, it tells so on
 * standard error and ends the process (abort or exit), which nothing can prevent from within.  Who must survive that
 * compiles in a process of its own.  An output is even then complete or as it was before; a temporary file may be left
 * beside it.
 *
 * No signal handler is set.  Writing to a pipe that nobody reads raises SIGPIPE, too large a file SIGXFSZ: ignored,
 * they are POLEC_FILE_ERROR.  POLEC_EMIT_EXECUTABLE starts the linker `cc` from PATH and waits for it, which needs
 * SIGCHLD not to be ignored; what the linker has to say it says on standard error.  Executables are linked with
 * libpolert.a, which is looked for in the directory of the running program, then where polec was installed.
 *
 * Linking: pkg-config --libs polec, or the meson subproject `polec`.
 */
#ifndef POLEC_H
#define POLEC_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#if defined(__GNUC__)
#define POLEC_API __attribute__((visibility("default")))
#else
#define POLEC_API
#endif

typedef enum {
    POLEC_DONE = 0,
    POLEC_PROGRAM_ERROR = 1, /* the program has an error, told as a diagnostic; or linking failed */
    POLEC_WRONG_OPTIONS = 2, /* what makes no sense in the options, told as a diagnostic; nothing was compiled */
    POLEC_MEMORY_LIMIT = 3,  /* a limit was reached, or the system refused memory; told as a diagnostic */
    POLEC_FILE_ERROR = 4,    /* a file could not be read or written; told as a diagnostic */
    POLEC_INTERNAL_ERROR = 70,
} PolecStatus;

typedef enum {
    POLEC_EMIT_CHECK,        /* only look for errors (the default) */
    POLEC_EMIT_TOKENS, POLEC_EMIT_AST, POLEC_EMIT_IR, POLEC_EMIT_LLVM_IR, POLEC_EMIT_LLVM_BITCODE,
    POLEC_EMIT_ASSEMBLY, POLEC_EMIT_OBJECT, POLEC_EMIT_EXECUTABLE,
} PolecEmit;

/* Each phase has a memory arena of its own. */
typedef enum { POLEC_LEX, POLEC_PARSE, POLEC_IR, POLEC_CODEGEN, POLEC_N_PHASES } PolecPhase;

typedef enum {
    POLEC_POLICY_PHASE,      /* an arena is freed when the next phase has read it (the default) */
    POLEC_POLICY_WHOLE,      /* all are freed at the end */
    POLEC_POLICY_MALLOC,     /* every allocation is a malloc of its own */
} PolecPolicy;

/* ---- What is told ------------------------------------------------------------------------------------------------ */

/* A stretch of source: lines and columns count from 1, columns in code points; the end is behind the last character. */
typedef struct {
    const char *text;        /* what there is to say of it, or NULL */
    const char *file;        /* NULL if there is no place */
    uint32_t line, column;
    uint32_t end_line, end_column;
} PolecLabel;

typedef struct {
    bool is_error;           /* else a warning */
    const char *code;        /* "E204"; "" if it is about a file or an option and not about the program */
    const char *message;
    const char *file;        /* NULL if there is no place */
    uint32_t line, column;   /* from 1; columns count code points */
    uint32_t end_line, end_column;
    const char *hint;        /* a few words on that place, or NULL: "did you mean 'length'?" */
    const char *note;        /* or NULL */
    uint32_t n_labels;
    const PolecLabel *labels; /* further places */
    const char *suggestion;  /* what to write instead of `replaced`, or NULL */
    PolecLabel replaced;
} PolecDiagnostic;

/* So many things of one kind took so many bytes. */
typedef struct { const char *kind; uint64_t count, bytes; } PolecKind;
enum { POLEC_MAX_KINDS = 128 };
typedef struct { uint32_t n; PolecKind kinds[POLEC_MAX_KINDS]; } PolecKinds;

typedef struct {
    uint64_t used_bytes;        /* in the arena when the phase ended; the sum of `by_kind` */
    uint64_t high_water_bytes;  /* most in the arena and the phase's scratch at once */
    uint64_t committed_bytes, reserved_bytes, limit_bytes; /* a limit of 0 is none */
    uint64_t allocations;
    uint64_t began, nanoseconds; /* began: nanoseconds after the compilation did */
    PolecPhase freed_after;     /* the phase whose end freed the arena */
    PolecKinds by_kind;
} PolecPhaseFigures;

/* The bytes alive at one moment. */
typedef struct {
    PolecPhase phase;
    bool freed;                 /* the phase's arena has just been freed; else the phase has just ended */
    uint64_t nanoseconds;       /* since the compilation began */
    uint64_t session, phases[POLEC_N_PHASES], llvm;
} PolecMoment;

/* The bytes that were spent on one function, or on one line. */
typedef struct {
    const char *function;       /* its name; NULL for a line, and for what belongs to no function */
    const char *file;           /* NULL: what belongs to no function, or to no line */
    uint32_t line;              /* for a function: where its name stands; 0: none */
    uint64_t phases[POLEC_N_PHASES]; /* in the phases' arenas; all parts add up to `used_bytes` */
    uint64_t codegen_scratch;   /* taken from the scratch of code generation, given back or not */
} PolecMemoryPart;

typedef struct {
    const char *file;
    uint64_t source_bytes, source_lines;
    PolecPolicy policy;
    uint64_t began;             /* nanoseconds on the system's monotonic clock */
    uint32_t thread;            /* that compiled it, from 1; a library call is its own first thread */
    uint64_t peak_live_bytes;   /* session, arenas and scratch together */
    uint64_t total_allocations;
    uint64_t session_used_bytes, session_allocations;
    PolecKinds session_by_kind;
    uint32_t n_phases;          /* as many as the compilation got to */
    PolecPhaseFigures phases[POLEC_N_PHASES];
    uint64_t llvm_heap_bytes_peak, llvm_heap_bytes_after, llvm_allocations;
    uint32_t n_moments;
    PolecMoment moments[2 * POLEC_N_PHASES];
    uint64_t arena_system_calls; /* of this compilation's pool so far */
    uint32_t n_functions, n_lines; /* 0 unless they were asked for; in the order of the source; last what belongs to none */
    const PolecMemoryPart *functions, *lines;
    uint64_t audited_arenas;    /* with audit_lifetimes: before the deaths of so many arenas, scratch included, ... */
    uint64_t audited_words;     /* ... so many words of 4 bytes were searched, ... */
    uint64_t audit_nanoseconds; /* ... in this time */
    uint32_t audit_offenders;   /* references that outlived their arena; any is a fault of ours */
} PolecMemoryReport;

/* ---- Options ----------------------------------------------------------------------------------------------------- */

/* Start from polec_options_default(): fields may be added. */
typedef struct {
    PolecEmit emit;
    const char *output;         /* a path, or "-" for standard output (text kinds); not used by POLEC_EMIT_CHECK */
    const char *depfile;        /* or NULL */

    const char *const *import_directories;
    size_t n_import_directories;
    const char *const *libraries; /* as behind -l: no paths, no options */
    size_t n_libraries;
    const char *const *library_directories;
    size_t n_library_directories;
    const char *const *prefix_maps; /* "A=B": show paths that start with A with B instead */
    size_t n_prefix_maps;

    unsigned optimization;      /* 0 (the default) to 3 */
    bool no_contracts;          /* leave out the checks of requires and ensures */
    bool overflow_traps;        /* integer overflow stops the program; else it wraps around */

    uint64_t memory_limit;      /* bytes in all arenas together; 0: no limit */
    uint64_t phase_limits[POLEC_N_PHASES];
    PolecPolicy policy;
    bool guard;                 /* freed arenas become inaccessible */
    bool audit_lifetimes;       /* before an arena is freed, prove that nothing alive leads into it */
    uint64_t fail_allocation;   /* let this allocation fail, as a test; 0: none */

    uint32_t max_errors;        /* default 20; 0: no limit */

    void (*diagnostic)(void *context, const PolecDiagnostic *diagnostic);    /* or NULL */
    void (*memory_report)(void *context, const PolecMemoryReport *report);   /* or NULL: nothing is measured */
    bool memory_by_function, memory_by_line; /* the report has `functions`, `lines` */
    void *context;
} PolecOptions;

/* POLEC_EMIT_CHECK, no optimisation, no limits, 20 errors, and nothing told. */
POLEC_API PolecOptions polec_options_default(void);

POLEC_API PolecStatus polec_compile_file(const PolecOptions *options, const char *path);

/* The same from memory: `length` bytes of UTF-8, with or without a NUL behind them.  `name` is what messages call the
   text, and imports are looked for beside it, as if it were a path. */
POLEC_API PolecStatus polec_compile_text(const PolecOptions *options, const char *name, const char *text,
                                         size_t length);

/* "0.1.0"; lives for ever. */
POLEC_API const char *polec_version(void);

#ifdef __cplusplus
}
#endif

#endif
