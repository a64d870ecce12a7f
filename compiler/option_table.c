/*
 * The table of options.
 *
 * One entry describes an option: how it is spelled, whether a value belongs to it and where the value stands, what it
 * does, and what --help says.  So an option cannot exist without help, nor help without an option.  Entries without
 * help text are ways of saying "not in this version", so that nobody thinks an option was obeyed that was not.
 */
#include "option_table.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "complain.h"
#include "library_name.h"

/* ---- What is wrong ---- */

bool option_wrong(const Parse *parse, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    vcomplain(parse->spelling, format, arguments);
    va_end(arguments);
    return false;
}

/* ---- Values ---- */

static bool unknown_value(const Parse *parse, const Choice *choices, size_t n, const char *value)
{
    char known[128];
    int length = 0;
    for (size_t i = 0; i < n && length < (int)sizeof known; i++)
        if (choices[i].value != NOT_AVAILABLE)
            length += snprintf(known + length, sizeof known - (size_t)length, "%s%s", length == 0 ? "" : ", ", choices[i].name);
    return option_wrong(parse, "unknown value '%s' (known: %s)", value, known);
}

static bool choose(const Parse *parse, const Choice *choices, size_t n, const char *value, int *result)
{
    *result = NOT_AVAILABLE;
    for (size_t i = 0; i < n; i++) {
        if (strcmp(choices[i].name, value) != 0)
            continue;
        if (choices[i].value == NOT_AVAILABLE)
            return option_wrong(parse, "'%s' is not available in this version", value);
        *result = choices[i].value;
        return true;
    }
    return unknown_value(parse, choices, n, value);
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
        return option_wrong(parse, "'%s' is not a number from %llu to %llu", value, (unsigned long long)least,
                     (unsigned long long)most);
    return true;
}

static bool read_size(const Parse *parse, const char *value, size_t *result)
{
    uint64_t number;
    const char *suffix;
    unsigned shift = 0;
    if (!read_number(value, &number, &suffix))
        return option_wrong(parse, *value >= '0' && *value <= '9' ? "the size '%s' is too large" : "cannot read the size '%s'", value);
    if (*suffix != '\0') {
        shift = *suffix == 'K' ? 10 : *suffix == 'M' ? 20 : *suffix == 'G' ? 30 : 0;
        if (shift == 0 || suffix[1] != '\0')
            return option_wrong(parse, "cannot read the size '%s' (suffixes are K, M and G)", value);
    }
    if (number > (uint64_t)SIZE_MAX >> shift)
        return option_wrong(parse, "the size '%s' is too large", value);
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
        return option_wrong(parse, "the level is 0, 1, 2 or 3, not '%s'", value);
    parse->options->optimization = (unsigned)(value[0] - '0');
    return true;
}

static bool obey_debug(Parse *parse, const char *value)
{
    (void)value;
    parse->options->debug_information = true;
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
    if (!is_library_name(value, strlen(value)))
        return option_wrong(parse, "'%s' is not the name of a library: " LIBRARY_NAME_RULE, value);
    return add_to_list(parse, &parse->libraries, "library", value);
}

static bool obey_library_directory(Parse *parse, const char *value)
{
    return add_to_list(parse, &parse->library_directories, "library directory", value);
}

static bool obey_prefix_map(Parse *parse, const char *value)
{
    if (strchr(value, '=') == NULL)
        return option_wrong(parse, "'%s' is not of the form A=B", value);
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

bool option_choose_report(Parse *parse, const char *value, ReportFormat *format)
{
    static const Choice choices[] = {{"text", REPORT_TEXT}, {"json", REPORT_JSON}, {"html", REPORT_HTML},
                                     {"trace", REPORT_TRACE}, {"prometheus", REPORT_PROMETHEUS}};
    int chosen = REPORT_TEXT;
    if (value != NULL && !CHOOSE(parse, choices, value, &chosen))
        return false;
    *format = (ReportFormat)chosen;
    return true;
}

static bool obey_memory_report(Parse *parse, const char *value)
{
    return option_choose_report(parse, value, &parse->options->memory_report);
}

static bool obey_report_file(Parse *parse, const char *value)
{
    parse->options->memory_report_file = value;
    return true;
}

static bool obey_report_detail(Parse *parse, const char *value)
{
    static const Choice choices[] = {{"function", 1}, {"line", 2}, {"all", 3}};
    int chosen;
    if (!CHOOSE(parse, choices, value, &chosen))
        return false;
    parse->options->detail_by_function |= (chosen & 1) != 0;
    parse->options->detail_by_line |= (chosen & 2) != 0;
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
    const char *colon = strchr(value, ':');
    if (colon != NULL)
        return option_wrong(parse, "'%.*s' is no phase with an arena of its own: lex, parse, ir or codegen",
                            (int)(colon - value), value);
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

static bool obey_audit(Parse *parse, const char *value)
{
    (void)value;
    parse->options->audit_lifetimes = true;
    return true;
}

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
    static const Choice choices[] = {
        {"text", DIAGNOSTICS_TEXT}, {"json", DIAGNOSTICS_JSON}, {"sarif", DIAGNOSTICS_SARIF}};
    int form;
    if (!CHOOSE(parse, choices, value, &form))
        return false;
    parse->options->diagnostics = (DiagnosticsForm)form;
    return true;
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

static bool obey_print_layout(Parse *parse, const char *value)
{
    (void)value;
    parse->options->command = COMMAND_PRINT_LAYOUT;
    parse->finished = true;
    return true;
}

static bool obey_help(Parse *parse, const char *value)
{
    static const Choice choices[] = {{"all", HELP_ALL}, {"man", HELP_MAN}, {"bash", HELP_BASH}, {"zsh", HELP_ZSH}, {"fish", HELP_FISH}};
    int form = HELP_SHORT;
    if (value != NULL && !CHOOSE(parse, choices, value, &form))
        return false;
    parse->options->help = (HelpForm)form;
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

const Option option_table[] = {
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
    {"-g", FLAG, NULL, obey_debug, "debug information (DWARF); run-time errors tell who called whom"},
    {"-I", ATTACHED, "DIR", obey_import, "where imports are looked for, after the importing file's directory"},
    {"-l", ATTACHED, "LIB", obey_library, "link this library, beside those that @link names"},
    {"-L", ATTACHED, "DIR", obey_library_directory, "where libraries are looked for"},
    {"-j", ATTACHED, "N", obey_jobs, "use N threads: for several files, and for the machine code of\na long one"},
    {"--contracts=", JOINED, "on|off", obey_contracts, "check requires and ensures at run time (on)"},
    {"--overflow=", JOINED, "wrap|trap", obey_overflow, "what integer overflow does (wrap)"},
    {"-ffile-prefix-map=", JOINED, "A=B", obey_prefix_map, "show paths that start with A with B instead"},

    {NULL, FLAG, NULL, NULL, "The compiler's memory"},
    {"--memory-report", OPTIONAL, "FORM", obey_memory_report,
     "tell what every arena held, and when: text (default), json,\nhtml (a page with the whole compiler), trace (for Perfetto) or\nprometheus"},
    {"--memory-report-file=", JOINED, "PATH", obey_report_file, "where the report goes instead of standard error"},
    {"--memory-report-detail=", JOINED, "WHAT", obey_report_detail,
     "the report says what every function, line (or all: both) took"},
    {"--memory-limit=", JOINED, "SIZE", obey_memory_limit, "most bytes in all arenas together; suffixes K, M, G"},
    {"--memory-limit=", JOINED, "PHASE:SIZE", obey_memory_limit, "the same for one arena: lex, parse, ir or codegen"},
    {"--arena-policy=", JOINED, "POLICY", obey_policy,
     "phase: free an arena when it has been read (default);\nwhole: free all at the end; malloc: one malloc per "
     "allocation"},
    {"--guard", FLAG, NULL, obey_guard, "make freed arenas inaccessible and report a use after the end"},
    {"--audit-lifetimes", FLAG, NULL, obey_audit, "before an arena is freed, prove that nothing alive leads into it"},
    {"--fail-alloc=", JOINED, "N", obey_fail_allocation, "let the N-th allocation fail, as a test"},
    {"--print-layout", FLAG, NULL, obey_print_layout, "print size and fields of tokens, nodes and instructions"},
    {"--time-report", OPTIONAL, "text|json", obey_time_report, "tell the time each phase took (text)"},

    {NULL, FLAG, NULL, NULL, "Messages"},
    {"--color=", JOINED, "WHEN", obey_color, "auto (default), always or never"},
    {"--diagnostics=", JOINED, "text|json|sarif", obey_diagnostics, "the form of error messages"},
    {"--max-errors=", JOINED, "N", obey_max_errors, "stop after N errors in a file (20; 0: no limit)"},
    {"-v", FLAG, NULL, obey_verbose, "tell what is done"},
    {"-q", FLAG, NULL, obey_quiet, "no warnings"},
    {"--version", FLAG, NULL, obey_version, "print the version, and a number that stands for the sources and LLVM"},
    {"-h", FLAG, NULL, obey_help, "the same as --help"},
    {"--help", OPTIONAL, "FORM", obey_help,
     "print the commonest options; all: all of them; man, bash, zsh,\nfish: a manual page, or what that shell completes with"},
};
const size_t option_table_entries = sizeof option_table / sizeof *option_table;
