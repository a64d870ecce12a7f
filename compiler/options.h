/*
 * Options: everything that the command line can ask for, as a plain struct with defaults.  Only options.c knows how a
 * flag is spelled.
 */
#ifndef POLEC_OPTIONS_H
#define POLEC_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "process.h"

typedef enum { HELP_SHORT, HELP_ALL, HELP_MAN, HELP_BASH, HELP_ZSH, HELP_FISH } HelpForm;
typedef enum { COMMAND_COMPILE, COMMAND_RUN, COMMAND_TEST, COMMAND_WATCH, COMMAND_LSP, COMMAND_EXPLAIN,
               COMMAND_HELP, COMMAND_VERSION, COMMAND_PRINT_LAYOUT } Command;

/* What to stop at, and write.  In the order in which the phases make them. */
typedef enum {
    EMIT_TOKENS, EMIT_AST, EMIT_IR, EMIT_CHECK, /* EMIT_CHECK: nothing is written; LLVM is not touched */
    EMIT_LLVM_IR, EMIT_LLVM_BITCODE, EMIT_ASSEMBLY, EMIT_OBJECT, EMIT_EXECUTABLE,
    EMIT_MEMORY, /* run and test: the code stays in memory */
} EmitKind;

typedef enum { POLICY_PHASE, POLICY_WHOLE, POLICY_MALLOC } ArenaPolicy;
typedef enum { REPORT_NONE, REPORT_TEXT, REPORT_JSON, REPORT_HTML, REPORT_TRACE, REPORT_PROMETHEUS } ReportFormat;
typedef enum { DIAGNOSTICS_TEXT, DIAGNOSTICS_JSON, DIAGNOSTICS_SARIF } DiagnosticsForm;
typedef enum { COLOR_AUTO, COLOR_ALWAYS, COLOR_NEVER } ColorMode;

enum { MAX_JOBS = 256 };

typedef struct {
    Command command;
    HelpForm help;               /* COMMAND_HELP: which */
    EmitKind emit;
    bool assembly_file;         /* -S: the assembly goes to a file unless -o says otherwise */
    const char **files;         /* as on the command line */
    size_t n_files;
    const char *output;         /* -o, or NULL */
    const char *explain_code;   /* NULL: list all */
    const char **program_arguments; /* behind "--", for run */
    size_t n_program_arguments;

    const char **import_directories;
    size_t n_import_directories;
    const char **libraries;     /* -l */
    size_t n_libraries;
    const char **library_directories;
    size_t n_library_directories;
    const char **prefix_maps;   /* "A=B" */
    size_t n_prefix_maps;

    unsigned optimization;      /* 0 to 3 */
    bool debug_information;
    bool contracts;             /* default true */
    bool overflow_traps;        /* default false: wrap */
    unsigned jobs;

    ReportFormat memory_report;
    const char *memory_report_file;
    bool detail_by_function, detail_by_line;
    ReportFormat time_report;
    size_t memory_limit;        /* bytes; 0: none */
    size_t phase_limits[4];     /* indexed by Phase */
    ArenaPolicy policy;
    bool guard;                 /* asked for; a debug build guards anyway */
    bool audit_lifetimes;
    uint64_t fail_allocation;

    DiagnosticsForm diagnostics;
    ColorMode color;
    uint32_t max_errors;        /* default 20; 0: no limit */
    bool write_depfile;
    const char *depfile;
    bool verbose, quiet;        /* quiet: no warnings */
} Options;

/* What a compilation does when nothing was asked for. */
Options options_default(void);

/*
 * Reads the arguments behind the program's name, and the environment (POLEC_MEMORY_REPORT), over the defaults.
 * Lists are gathered in `memory`, except for the files of a plain command line, which are gathered at the front of
 * `arguments` itself: so an everyday call needs no memory.
 * What is wrong is told on standard error; the status says whether to go on.
 */
Status options_parse(Options *options, ProcessMemory *memory, int n_arguments, char **arguments);

/* -j N is shared out: first to files, and what is left over to the units of each file. */
unsigned options_threads_for_files(const Options *options);
unsigned options_threads_for_units(const Options *options);

/* help.c: what --help says, in one of its forms; made from the table of options. */
void options_help(FILE *stream, HelpForm form);

/* Whether what is printed to this descriptor is to be coloured. */
bool options_want_color(const Options *options, int descriptor);

/* True for the kinds that are text and go to standard output unless a place is given. */
bool emit_is_text(EmitKind kind);
bool emit_needs_llvm(EmitKind kind);

#endif
