/*
 * The command line.
 *
 * One table describes every option: how it is spelled, whether a value belongs to it and where the value stands, what
 * it does, and what --help says.  So an option cannot exist without help, nor help without an option.  Entries without
 * help text are ways of saying "not in this version", so that nobody thinks an option was obeyed that was not.
 *
 * Arguments are read from left to right; the last one wins where an option is given twice.
 */
#define _GNU_SOURCE
#include "options.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "arguments.h"

typedef struct {
    Options *options;
    ProcessMemory *memory;
    Arguments arguments;
    size_t next;            /* index of the argument behind the current one */
    const char *spelling;   /* of the option being obeyed, for messages */
    ArenaArray *imports, *libraries, *library_directories, *prefix_maps; /* NULL until one is given */
    bool finished;          /* --help or --version: nothing else counts */
} Parse;

typedef enum {
    FLAG,     /* stands alone */
    JOINED,   /* the value follows at once: -O2, --emit=ast (the spelling ends in `=`) */
    ATTACHED, /* at once, or as the next argument: -oPATH, -o PATH */
    OPTIONAL, /* alone, or with =VALUE */
} Form;

typedef struct {
    const char *spelling;
    Form form;
    const char *value;      /* what --help calls the value */
    bool (*obey)(Parse *, const char *value); /* false: wrong, and told */
    const char *help;       /* NULL: not listed.  A line of it starts behind each newline */
} Option;

/* ---- What is wrong ---- */

static bool wrong(const Parse *parse, const char *format, ...) __attribute__((format(printf, 2, 3)));
static bool wrong(const Parse *parse, const char *format, ...)
{
    va_list arguments;
    fputs("polec: error: ", stderr);
    if (parse->spelling != NULL)
        fprintf(stderr, "option '%s': ", parse->spelling);
    va_start(arguments, format);
    vfprintf(stderr, format, arguments);
    va_end(arguments);
    fputs("\n", stderr);
    return false;
}

static bool not_available(Parse *parse, const char *value)
{
    (void)value;
    return wrong(parse, "not available in this version");
}

/* ---- Values ---- */

typedef struct {
    const char *name;
    int value;              /* NOT_AVAILABLE: known, but not in this version */
} Choice;
enum { NOT_AVAILABLE = -1 };

static bool choose(const Parse *parse, const Choice *choices, size_t n, const char *value, int *result)
{
    *result = NOT_AVAILABLE;
    for (size_t i = 0; i < n; i++) {
        if (strcmp(choices[i].name, value) != 0)
            continue;
        if (choices[i].value == NOT_AVAILABLE)
            return wrong(parse, "'%s' is not available in this version", value);
        *result = choices[i].value;
        return true;
    }
    return wrong(parse, "unknown value '%s'", value);
}
#define CHOOSE(parse, choices, value, result) \
    choose((parse), (choices), sizeof(choices) / sizeof *(choices), (value), (result))

/* Decimal digits and nothing else.  `*rest` is what follows them.  False: none, or too many. */
static bool read_number(const char *text, uint64_t *result, const char **rest)
{
    uint64_t number = 0;
    const char *at = text;
    for (; *at >= '0' && *at <= '9'; at++) {
        uint64_t digit = (uint64_t)(*at - '0');
        if (number > (UINT64_MAX - digit) / 10)
            return false;
        number = number * 10 + digit;
    }
    *result = number;
    *rest = at;
    return at != text;
}

static bool read_whole_number(const Parse *parse, const char *value, uint64_t least, uint64_t most, uint64_t *result)
{
    const char *rest;
    if (!read_number(value, result, &rest) || *rest != '\0' || *result < least || *result > most)
        return wrong(parse, "'%s' is not a number from %llu to %llu", value, (unsigned long long)least,
                     (unsigned long long)most);
    return true;
}

static bool read_size(const Parse *parse, const char *value, size_t *result)
{
    uint64_t number;
    const char *suffix;
    unsigned shift = 0;
    if (!read_number(value, &number, &suffix))
        return wrong(parse, "cannot read the size '%s'", value);
    if (*suffix != '\0') {
        shift = *suffix == 'K' ? 10 : *suffix == 'M' ? 20 : *suffix == 'G' ? 30 : 0;
        if (shift == 0 || suffix[1] != '\0')
            return wrong(parse, "cannot read the size '%s' (suffixes are K, M and G)", value);
    }
    if (number > (uint64_t)SIZE_MAX >> shift)
        return wrong(parse, "the size '%s' is too large", value);
    *result = (size_t)number << shift;
    return true;
}

static bool add_to_list(Parse *parse, ArenaArray **list, const char *kind, const char *value)
{
    if (*list == NULL)
        *list = arena_array(process_arena(parse->memory), kind, sizeof(const char *));
    *(const char **)array_push(*list, 1) = value;
    return true;
}

/* ---- What to make ---- */

static const Choice emit_kinds[] = {
    {"tokens", EMIT_TOKENS}, {"ast", EMIT_AST}, {"ir", EMIT_IR}, {"llvm-ir", EMIT_LLVM_IR},
    {"llvm-bc", EMIT_LLVM_BITCODE}, {"asm", EMIT_ASSEMBLY}, {"obj", EMIT_OBJECT}, {"exe", EMIT_EXECUTABLE},
};

static bool obey_emit(Parse *parse, const char *value)
{
    int kind;
    if (!CHOOSE(parse, emit_kinds, value, &kind))
        return false;
    parse->options->emit = (EmitKind)kind;
    parse->options->assembly_file = false;
    return true;
}

static bool obey_output(Parse *parse, const char *value) { parse->options->output = value; return true; }
static bool obey_object(Parse *parse, const char *value) { (void)value; return obey_emit(parse, "obj"); }
static bool obey_check(Parse *parse, const char *value) { (void)value; parse->options->emit = EMIT_CHECK; return true; }

static bool obey_assembly(Parse *parse, const char *value)
{
    (void)value;
    obey_emit(parse, "asm");
    parse->options->assembly_file = true;
    return true;
}

static bool obey_depfile(Parse *parse, const char *value)
{
    parse->options->write_depfile = true;
    if (value != NULL)
        parse->options->depfile = value;
    return true;
}

/* ---- How to compile ---- */

static bool obey_optimization(Parse *parse, const char *value)
{
    if (value[0] < '0' || value[0] > '3' || value[1] != '\0')
        return wrong(parse, "the level is 0, 1, 2 or 3, not '%s'", value);
    parse->options->optimization = (unsigned)(value[0] - '0');
    return true;
}

static bool obey_contracts(Parse *parse, const char *value)
{
    static const Choice choices[] = {{"on", 1}, {"off", 0}};
    int on;
    if (!CHOOSE(parse, choices, value, &on))
        return false;
    parse->options->contracts = on != 0;
    return true;
}

static bool obey_overflow(Parse *parse, const char *value)
{
    static const Choice choices[] = {{"wrap", 0}, {"trap", 1}};
    int traps;
    if (!CHOOSE(parse, choices, value, &traps))
        return false;
    parse->options->overflow_traps = traps != 0;
    return true;
}

static bool obey_import(Parse *parse, const char *value)
{
    return add_to_list(parse, &parse->imports, "import directory", value);
}

static bool obey_library(Parse *parse, const char *value)
{
    return add_to_list(parse, &parse->libraries, "library", value);
}

static bool obey_library_directory(Parse *parse, const char *value)
{
    return add_to_list(parse, &parse->library_directories, "library directory", value);
}

static bool obey_prefix_map(Parse *parse, const char *value)
{
    if (strchr(value, '=') == NULL)
        return wrong(parse, "'%s' is not of the form A=B", value);
    return add_to_list(parse, &parse->prefix_maps, "prefix map", value);
}

static bool obey_jobs(Parse *parse, const char *value)
{
    uint64_t jobs;
    if (!read_whole_number(parse, value, 1, MAX_JOBS, &jobs))
        return false;
    parse->options->jobs = (unsigned)jobs;
    return true;
}

/* ---- Memory ---- */

static bool choose_report(Parse *parse, const char *value, ReportFormat *format)
{
    static const Choice choices[] = {{"text", REPORT_TEXT}, {"json", REPORT_JSON}, {"html", NOT_AVAILABLE},
                                     {"trace", NOT_AVAILABLE}, {"prometheus", NOT_AVAILABLE}};
    int chosen = REPORT_TEXT;
    if (value != NULL && !CHOOSE(parse, choices, value, &chosen))
        return false;
    *format = (ReportFormat)chosen;
    return true;
}

static bool obey_memory_report(Parse *parse, const char *value)
{
    return choose_report(parse, value, &parse->options->memory_report);
}

static bool obey_report_file(Parse *parse, const char *value)
{
    parse->options->memory_report_file = value;
    return true;
}

static bool obey_memory_limit(Parse *parse, const char *value)
{
    static const char *const phases[] = {"lex:", "parse:", "ir:", "codegen:"};
    for (size_t i = 0; i < sizeof phases / sizeof *phases; i++) {
        size_t length = strlen(phases[i]);
        if (strncmp(value, phases[i], length) == 0)
            return read_size(parse, value + length, &parse->options->phase_limits[i]);
    }
    return read_size(parse, value, &parse->options->memory_limit);
}

static bool obey_policy(Parse *parse, const char *value)
{
    static const Choice choices[] = {{"phase", POLICY_PHASE}, {"whole", POLICY_WHOLE}, {"malloc", POLICY_MALLOC}};
    int policy;
    if (!CHOOSE(parse, choices, value, &policy))
        return false;
    parse->options->policy = (ArenaPolicy)policy;
    return true;
}

static bool obey_guard(Parse *parse, const char *value) { (void)value; parse->options->guard = true; return true; }

static bool obey_fail_allocation(Parse *parse, const char *value)
{
    return read_whole_number(parse, value, 1, UINT64_MAX, &parse->options->fail_allocation);
}

static bool obey_time_report(Parse *parse, const char *value)
{
    static const Choice choices[] = {{"text", REPORT_TEXT}, {"json", REPORT_JSON}};
    int chosen = REPORT_TEXT;
    if (value != NULL && !CHOOSE(parse, choices, value, &chosen))
        return false;
    parse->options->time_report = (ReportFormat)chosen;
    return true;
}

/* ---- Messages ---- */

static bool obey_color(Parse *parse, const char *value)
{
    static const Choice choices[] = {{"auto", COLOR_AUTO}, {"always", COLOR_ALWAYS}, {"never", COLOR_NEVER}};
    int color;
    if (!CHOOSE(parse, choices, value, &color))
        return false;
    parse->options->color = (ColorMode)color;
    return true;
}

static bool obey_diagnostics(Parse *parse, const char *value)
{
    static const Choice choices[] = {{"text", 0}, {"json", NOT_AVAILABLE}, {"sarif", NOT_AVAILABLE}};
    int form;
    return CHOOSE(parse, choices, value, &form);
}

static bool obey_max_errors(Parse *parse, const char *value)
{
    uint64_t n;
    if (!read_whole_number(parse, value, 0, UINT32_MAX, &n))
        return false;
    parse->options->max_errors = (uint32_t)n;
    return true;
}

static bool obey_verbose(Parse *parse, const char *value) { (void)value; parse->options->verbose = true; return true; }
static bool obey_quiet(Parse *parse, const char *value) { (void)value; parse->options->quiet = true; return true; }

static bool obey_help(Parse *parse, const char *value)
{
    (void)value;
    parse->options->command = COMMAND_HELP;
    parse->finished = true;
    return true;
}

static bool obey_version(Parse *parse, const char *value)
{
    (void)value;
    parse->options->command = COMMAND_VERSION;
    parse->finished = true;
    return true;
}

/* ---- The table ---- */

/* An entry without a spelling is a heading of --help. */
static const Option table[] = {
    {NULL, FLAG, NULL, NULL, "What to make"},
    {"-o", ATTACHED, "PATH", obey_output, "where the output goes (-: standard output, for text kinds)"},
    {"--emit=", JOINED, "KIND", obey_emit,
     "stop there and write it: tokens, ast, ir, llvm-ir, llvm-bc, asm,\nobj or exe"},
    {"-c", FLAG, NULL, obey_object, "the same as --emit=obj"},
    {"-S", FLAG, NULL, obey_assembly, "the same as --emit=asm, into a file"},
    {"--check", FLAG, NULL, obey_check, "only look for errors; nothing is written"},
    {"-MD", FLAG, NULL, obey_depfile, "write what the output depends on, for make"},
    {"-MF", ATTACHED, "PATH", obey_depfile, "where -MD writes to"},

    {NULL, FLAG, NULL, NULL, "How to compile"},
    {"-O", JOINED, "N", obey_optimization, "optimisation, 0 (the default) to 3"},
    {"-g", FLAG, NULL, not_available, NULL},
    {"-I", ATTACHED, "DIR", obey_import, "where imports are looked for, after the importing file's directory"},
    {"-l", ATTACHED, "LIB", obey_library, "link this library, beside those that @link names"},
    {"-L", ATTACHED, "DIR", obey_library_directory, "where libraries are looked for"},
    {"-j", ATTACHED, "N", obey_jobs, "compile several files on N threads"},
    {"--contracts=", JOINED, "on|off", obey_contracts, "check requires and ensures at run time (on)"},
    {"--overflow=", JOINED, "wrap|trap", obey_overflow, "what integer overflow does (wrap)"},
    {"-ffile-prefix-map=", JOINED, "A=B", obey_prefix_map, "show paths that start with A with B instead"},

    {NULL, FLAG, NULL, NULL, "The compiler's memory"},
    {"--memory-report", OPTIONAL, "text|json", obey_memory_report, "tell what every arena held, and when (text)"},
    {"--memory-report-file=", JOINED, "PATH", obey_report_file, "where the report goes instead of standard error"},
    {"--memory-limit=", JOINED, "SIZE", obey_memory_limit, "most bytes in all arenas together; suffixes K, M, G"},
    {"--memory-limit=", JOINED, "PHASE:SIZE", obey_memory_limit, "the same for one arena: lex, parse, ir or codegen"},
    {"--arena-policy=", JOINED, "POLICY", obey_policy,
     "phase: free an arena when it has been read (default);\nwhole: free all at the end; malloc: one malloc per "
     "allocation"},
    {"--guard", FLAG, NULL, obey_guard, "make freed arenas inaccessible and report a use after the end"},
    {"--fail-alloc=", JOINED, "N", obey_fail_allocation, "let the N-th allocation fail, as a test"},
    {"--audit-lifetimes", FLAG, NULL, not_available, NULL},
    {"--print-layout", FLAG, NULL, not_available, NULL},
    {"--time-report", OPTIONAL, "text|json", obey_time_report, "tell the time each phase took (text)"},

    {NULL, FLAG, NULL, NULL, "Messages"},
    {"--color=", JOINED, "WHEN", obey_color, "auto (default), always or never"},
    {"--diagnostics=", JOINED, "text", obey_diagnostics, "the form of error messages"},
    {"--max-errors=", JOINED, "N", obey_max_errors, "stop after N errors in a file (20; 0: no limit)"},
    {"-v", FLAG, NULL, obey_verbose, "tell what is done"},
    {"-q", FLAG, NULL, obey_quiet, "no warnings"},
    {"--version", FLAG, NULL, obey_version, "print the version"},
    {"--help", FLAG, NULL, obey_help, "print this"},
};
enum { TABLE_ENTRIES = sizeof table / sizeof *table };

/* ---- --help ---- */

enum { HELP_COLUMN = 30 };

static void print_help_line(FILE *stream, const Option *option)
{
    const char *separator = option->form == ATTACHED ? " " : option->form == OPTIONAL ? "[=" : "";
    int width = 0;
    if (option->value == NULL)
        width = fprintf(stream, "  %s", option->spelling);
    else
        width = fprintf(stream, "  %s%s%s%s", option->spelling, separator, option->value,
                        option->form == OPTIONAL ? "]" : "");
    if (width >= HELP_COLUMN)
        width = fprintf(stream, "\n") - 1;
    fprintf(stream, "%*s", HELP_COLUMN - width, "");
    for (const char *c = option->help; *c != '\0'; c++) {
        fputc(*c, stream);
        if (*c == '\n')
            fprintf(stream, "%*s", HELP_COLUMN, "");
    }
    fputc('\n', stream);
}

void options_help(FILE *stream)
{
    fputs("polec compiles programs written in Pole IR.\n\n"
          "  polec [options] FILE...                  compile; an executable unless an option says otherwise\n"
          "  polec run [options] FILE [-- ARG...]     compile in memory and run\n"
          "  polec test [options] FILE...             run the tests of the files\n\n"
          "FILE is a .pole-ir source, or - for standard input; @FILE reads more arguments from a file.\n"
          "Options may stand before or after files; -- ends them.\n", stream);
    for (size_t i = 0; i < TABLE_ENTRIES; i++) {
        if (table[i].spelling == NULL)
            fprintf(stream, "\n%s:\n", table[i].help);
        else if (table[i].help != NULL)
            print_help_line(stream, &table[i]);
    }
    fputs("\nExit status: 0 done, 1 the program has an error, 2 wrong usage, 3 a memory limit was reached,\n"
          "4 a file could not be read or written, 70 a fault of polec.  polec run exits with main's status,\n"
          "or 101 where the program failed.\n", stream);
}

/* ---- Reading the arguments ---- */

/* True if `argument` is this option; `*value` is then what was written directly behind it, or NULL. */
static bool matches(const Option *option, const char *argument, const char **value)
{
    size_t length = option->spelling == NULL ? 0 : strlen(option->spelling);
    if (length == 0 || strncmp(argument, option->spelling, length) != 0)
        return false;
    const char *rest = argument + length;
    *value = *rest == '\0' ? NULL : rest;
    if (*rest == '\0' || option->form == JOINED || option->form == ATTACHED)
        return true;
    if (option->form == OPTIONAL && *rest == '=') {
        *value = rest + 1;
        return true;
    }
    return false;
}

/* `--emit KIND` and `--emit` are mistakes worth a better answer than "unknown". */
static bool unknown_option(Parse *parse, const char *argument)
{
    size_t length = strlen(argument);
    parse->spelling = NULL;
    for (size_t i = 0; i < TABLE_ENTRIES; i++) {
        const char *spelling = table[i].spelling;
        if (spelling != NULL && table[i].form == JOINED && strncmp(spelling, argument, length) == 0 &&
            strcmp(spelling + length, "=") == 0)
            return wrong(parse, "option '%s' needs a value: %s%s", argument, spelling, table[i].value);
    }
    return wrong(parse, "unknown option '%s' (polec --help lists the options)", argument);
}

static bool obey(Parse *parse, const Option *option, const char *value)
{
    parse->spelling = option->spelling;
    if (option->form == ATTACHED && value == NULL && parse->next < parse->arguments.n)
        value = parse->arguments.words[parse->next++];
    bool needs_value = option->form == JOINED || option->form == ATTACHED;
    if (needs_value && (value == NULL || *value == '\0'))
        return wrong(parse, "a value is missing: %s%s%s", option->spelling, option->form == ATTACHED ? " " : "",
                     option->value);
    return option->obey(parse, value);
}

static bool read_option(Parse *parse, const char *argument)
{
    const Option *found = NULL;
    const char *value = NULL;
    for (size_t i = 0; i < TABLE_ENTRIES; i++) {
        const char *candidate;
        /* The longest spelling decides: -MF is not -M with a value. */
        if (matches(&table[i], argument, &candidate) &&
            (found == NULL || strlen(table[i].spelling) > strlen(found->spelling))) {
            found = &table[i];
            value = candidate;
        }
    }
    return found != NULL ? obey(parse, found, value) : unknown_option(parse, argument);
}

/* LIFETIME: files are gathered at the front of the words they stand among, which are never fewer, so the list needs
   no memory; `words` lives as long as the process. */
static void add_file(Parse *parse, const char *file)
{
    parse->options->files[parse->options->n_files++] = file;
}

/* Behind `--`: what the program gets, or more files. */
static void read_rest(Parse *parse)
{
    const char **rest = parse->arguments.words + parse->next;
    size_t n = parse->arguments.n - parse->next;
    if (parse->options->command == COMMAND_RUN) {
        parse->options->program_arguments = rest;
        parse->options->n_program_arguments = n;
        return;
    }
    for (size_t i = 0; i < n; i++)
        add_file(parse, rest[i]);
}

static bool read_command(Parse *parse)
{
    static const Choice commands[] = {{"run", COMMAND_RUN}, {"test", COMMAND_TEST}, {"watch", NOT_AVAILABLE},
                                      {"lsp", NOT_AVAILABLE}, {"explain", NOT_AVAILABLE}};
    if (parse->arguments.n == 0)
        return true;
    for (size_t i = 0; i < sizeof commands / sizeof *commands; i++) {
        if (strcmp(parse->arguments.words[0], commands[i].name) != 0)
            continue;
        if (commands[i].value == NOT_AVAILABLE)
            return wrong(parse, "command '%s': not available in this version", commands[i].name);
        parse->options->command = (Command)commands[i].value;
        parse->next = 1;
    }
    return true;
}

static bool read_arguments(Parse *parse)
{
    if (!read_command(parse))
        return false;
    while (parse->next < parse->arguments.n && !parse->finished) {
        const char *argument = parse->arguments.words[parse->next++];
        if (strcmp(argument, "--") == 0) {
            read_rest(parse);
            return true;
        }
        if (argument[0] != '-' || argument[1] == '\0')
            add_file(parse, argument);
        else if (!read_option(parse, argument))
            return false;
    }
    return true;
}

static bool read_environment(Parse *parse)
{
    const char *format = getenv("POLEC_MEMORY_REPORT");
    if (format == NULL || *format == '\0')
        return true;
    parse->spelling = "POLEC_MEMORY_REPORT";
    bool good = choose_report(parse, format, &parse->options->memory_report);
    parse->spelling = NULL;
    return good;
}

static void take_list(const ArenaArray *list, const char ***items, size_t *n)
{
    if (list == NULL)
        return;
    *items = (const char **)(void *)list->items;
    *n = list->count;
}

/* ---- What does not go together ---- */

static bool fits_in_memory_command(Parse *parse)
{
    const Options *o = parse->options;
    const char *name = o->command == COMMAND_RUN ? "run" : "test";
    if (o->output != NULL || o->write_depfile || o->emit != EMIT_EXECUTABLE)
        return wrong(parse, "polec %s writes no output: -o, --emit, -c, -S, --check, -MD and -MF do not go with it", name);
    if (o->command == COMMAND_RUN && o->n_files != 1)
        return wrong(parse, "polec run takes one FILE, and the program's arguments behind --");
    parse->options->emit = EMIT_MEMORY;
    return true;
}

static bool fits_compile_command(Parse *parse)
{
    const Options *o = parse->options;
    if (o->emit == EMIT_EXECUTABLE && o->n_files > 1)
        return wrong(parse, "an executable is made from one FILE, and imports bring the others (-c compiles several)");
    if (o->output != NULL && o->n_files > 1)
        return wrong(parse, "-o does not go with several files");
    if (o->depfile != NULL && o->n_files > 1)
        return wrong(parse, "-MF does not go with several files (-MD writes one beside each output)");
    if (o->output != NULL && o->emit == EMIT_CHECK)
        return wrong(parse, "--check writes nothing, so it does not go with -o");
    if (o->output != NULL && strcmp(o->output, "-") == 0 && !emit_is_text(o->emit))
        return wrong(parse, "this kind of output is binary and cannot go to standard output");
    return true;
}

static bool fits_together(Parse *parse)
{
    const Options *o = parse->options;
    size_t n_standard_inputs = 0;
    parse->spelling = NULL;
    if (o->command == COMMAND_HELP || o->command == COMMAND_VERSION)
        return true;
    if (o->n_files == 0)
        return wrong(parse, "no input file (polec --help tells more)");
    for (size_t i = 0; i < o->n_files; i++)
        n_standard_inputs += strcmp(o->files[i], "-") == 0;
    if (n_standard_inputs > 1)
        return wrong(parse, "standard input can be read only once");
    if (o->command == COMMAND_COMPILE)
        return fits_compile_command(parse);
    return fits_in_memory_command(parse);
}

/* ---- The whole ---- */

Options options_default(void)
{
    return (Options){
        .command = COMMAND_COMPILE,
        .emit = EMIT_EXECUTABLE,
        .contracts = true,
        .jobs = 1,
        .max_errors = 20,
#if !defined(NDEBUG)
        .guard = true,
#endif
    };
}

Status options_parse(Options *options, ProcessMemory *memory, int n_arguments, char **arguments)
{
    Parse parse = {.options = options, .memory = memory};
    *options = options_default();
    Status status = arguments_expand(&parse.arguments, memory, n_arguments, arguments);
    if (status != STATUS_DONE)
        return status;
    options->files = parse.arguments.words;
    if (!read_arguments(&parse))
        return STATUS_USAGE;
    bool report_chosen = options->memory_report != REPORT_NONE;
    if (!report_chosen && !parse.finished && !read_environment(&parse))
        return STATUS_USAGE;
    if (options->memory_report_file != NULL && options->memory_report == REPORT_NONE)
        options->memory_report = REPORT_TEXT; /* who says where wants one */
    take_list(parse.imports, &options->import_directories, &options->n_import_directories);
    take_list(parse.libraries, &options->libraries, &options->n_libraries);
    take_list(parse.library_directories, &options->library_directories, &options->n_library_directories);
    take_list(parse.prefix_maps, &options->prefix_maps, &options->n_prefix_maps);
    return fits_together(&parse) ? STATUS_DONE : STATUS_USAGE;
}

bool emit_is_text(EmitKind kind)
{
    return kind == EMIT_TOKENS || kind == EMIT_AST || kind == EMIT_IR || kind == EMIT_LLVM_IR || kind == EMIT_ASSEMBLY;
}

bool emit_needs_llvm(EmitKind kind)
{
    return kind > EMIT_CHECK;
}
