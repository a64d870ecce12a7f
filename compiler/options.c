/*
 * Reading the command line.
 *
 * Arguments are read from left to right; the last one wins where an option is given twice.  What does not go together is
 * looked at when all are known.
 */
#include "options.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/edit_distance.h"
#include "option_table.h"
#include "plan.h"

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

/* The long option whose spelling is nearest to the word up to its `=`, if that is near enough to have been meant. */
static const Option *similar_option(const char *argument)
{
    const Option *found = NULL;
    uint32_t n = (uint32_t)strcspn(argument, "=");
    if (n > LONGEST_COMPARED || n < 4 || argument[1] != '-')
        return NULL;
    uint32_t best = edit_distance_too_far(n - 2);
    for (size_t i = 0; i < option_table_entries; i++) {
        const Option *option = &option_table[i];
        uint32_t m = option->spelling == NULL || option->help == NULL ? 0 : (uint32_t)strcspn(option->spelling, "=");
        if (m < 3 || m > LONGEST_COMPARED || option->spelling[1] != '-')
            continue;
        uint32_t far = edit_distance(argument, n, option->spelling, m, best);
        if (far < best) {
            best = far;
            found = option;
        }
    }
    return found;
}

/* `--emit KIND`, `--emit` and `--check=yes` are mistakes worth a better answer than "unknown". */
static bool unknown_option(Parse *parse, const char *argument)
{
    size_t length = strlen(argument), name = strcspn(argument, "=");
    parse->spelling = NULL;
    for (size_t i = 0; i < option_table_entries; i++) {
        const char *spelling = option_table[i].spelling;
        if (spelling == NULL || option_table[i].help == NULL)
            continue;
        if (option_table[i].form == JOINED && strncmp(spelling, argument, length) == 0 && strcmp(spelling + length, "=") == 0)
            return option_wrong(parse, "option '%s' needs a value: %s%s", argument, spelling, option_table[i].value);
        if (option_table[i].form == FLAG && strlen(spelling) == name && name < length && strncmp(spelling, argument, name) == 0)
            return option_wrong(parse, "option '%s' takes no value", spelling);
    }
    const Option *similar = similar_option(argument);
    if (similar != NULL)
        return option_wrong(parse, "unknown option '%s'; did you mean '%s%s'?", argument, similar->spelling,
                            similar->form == JOINED ? similar->value : "");
    return option_wrong(parse, "unknown option '%s' (polec --help lists the options)", argument);
}

static bool obey(Parse *parse, const Option *option, const char *value)
{
    parse->spelling = option->spelling;
    if (option->form == ATTACHED && value == NULL && parse->next < parse->arguments.n)
        value = parse->arguments.words[parse->next++];
    bool needs_value = option->form == JOINED || option->form == ATTACHED;
    if (needs_value && (value == NULL || *value == '\0'))
        return option_wrong(parse, "a value is missing: %s%s%s", option->spelling, option->form == ATTACHED ? " " : "",
                     option->value);
    return option->obey(parse, value);
}

static bool read_option(Parse *parse, const char *argument)
{
    const Option *found = NULL;
    const char *value = NULL;
    for (size_t i = 0; i < option_table_entries; i++) {
        const char *candidate;
        /* The longest spelling decides: -MF is not -M with a value. */
        if (matches(&option_table[i], argument, &candidate) &&
            (found == NULL || strlen(option_table[i].spelling) > strlen(found->spelling))) {
            found = &option_table[i];
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

/* A first word that names no file may be a command with a slip in it, or one that is an option here. */
static bool check_first_word(Parse *parse, const Choice *commands, size_t n_commands)
{
    static const char *const options[] = {"help", "version", "check"};
    const char *word = parse->arguments.words[0], *meant = NULL;
    for (size_t i = 0; i < sizeof options / sizeof *options; i++)
        if (strcmp(word, options[i]) == 0 && access(word, F_OK) != 0 && *plan_suffix_left_out(word) == '\0')
            return option_wrong(parse, "'%s' is no command and no file; did you mean '--%s'?", word, word);
    uint32_t n = (uint32_t)strnlen(word, LONGEST_COMPARED + 1);
    if (n > LONGEST_COMPARED || n < 2 || word[0] == '-')
        return true;
    uint32_t best = edit_distance_too_far(n);
    for (size_t i = 0; i < n_commands; i++) {
        uint32_t far = edit_distance(word, n, commands[i].name, (uint32_t)strlen(commands[i].name), best);
        if (far < best) {
            best = far;
            meant = commands[i].name;
        }
    }
    if (meant != NULL && access(word, F_OK) != 0 && *plan_suffix_left_out(word) == '\0')
        return option_wrong(parse, "'%s' is no command and no file; did you mean 'polec %s'?", word, meant);
    return true;
}

static bool read_command(Parse *parse)
{
    static const Choice commands[] = {{"run", COMMAND_RUN}, {"test", COMMAND_TEST}, {"watch", COMMAND_WATCH},
                                      {"lsp", COMMAND_LSP}, {"explain", COMMAND_EXPLAIN}};
    enum { N_COMMANDS = sizeof commands / sizeof *commands };
    if (parse->arguments.n == 0)
        return true;
    for (size_t i = 0; i < N_COMMANDS; i++) {
        if (strcmp(parse->arguments.words[0], commands[i].name) != 0)
            continue;
        if (commands[i].value == NOT_AVAILABLE)
            return option_wrong(parse, "command '%s': not available in this version", commands[i].name);
        parse->options->command = (Command)commands[i].value;
        parse->next = 1;
        return true;
    }
    return check_first_word(parse, commands, N_COMMANDS);
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
    bool good = option_choose_report(parse, format, &parse->options->memory_report);
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
        return option_wrong(parse, "polec %s writes no output: -o, --emit, -c, -S, --check, -MD and -MF do not go with it",
                            name);
    if (o->command == COMMAND_RUN && o->n_files != 1)
        return option_wrong(parse, "polec run takes one FILE, and the program's arguments behind --");
    parse->options->emit = EMIT_MEMORY;
    return true;
}

static bool fits_compile_command(Parse *parse)
{
    const Options *o = parse->options;
    if (o->emit == EMIT_EXECUTABLE && o->n_files > 1)
        return option_wrong(parse,
                            "an executable is made from one FILE, and imports bring the others (-c compiles several)");
    if (o->output != NULL && o->n_files > 1)
        return option_wrong(parse, "-o does not go with several files");
    if (o->depfile != NULL && o->n_files > 1)
        return option_wrong(parse, "-MF does not go with several files (-MD writes one beside each output)");
    if (o->output != NULL && o->emit == EMIT_CHECK)
        return option_wrong(parse, "--check writes nothing, so it does not go with -o");
    if (o->output != NULL && strcmp(o->output, "-") == 0 && !emit_is_text(o->emit))
        return option_wrong(parse, "this kind of output is binary and cannot go to standard output");
    return true;
}

static bool fits_watch_command(Parse *parse)
{
    const Options *o = parse->options;
    if (o->output != NULL || o->write_depfile || (o->emit != EMIT_EXECUTABLE && o->emit != EMIT_CHECK))
        return option_wrong(parse, "polec watch writes no output: -o, --emit, -c, -S, -MD and -MF do not go with it");
    if (o->memory_report != REPORT_NONE || o->time_report != REPORT_NONE)
        return option_wrong(parse, "polec watch tells of time and memory by itself: --memory-report and --time-report "
                                   "do not go with it");
    if (o->diagnostics == DIAGNOSTICS_SARIF)
        return option_wrong(parse, "a SARIF document is one for a whole run, so --diagnostics=sarif does not go with "
                                   "polec watch");
    if (o->n_files != 1 || strcmp(o->files[0], "-") == 0)
        return option_wrong(parse, "polec watch takes one FILE, which must not be standard input");
    parse->options->emit = EMIT_CHECK;
    return true;
}

static bool fits_lsp_command(Parse *parse)
{
    Options *o = parse->options;
    if (o->output != NULL || o->write_depfile || (o->emit != EMIT_EXECUTABLE && o->emit != EMIT_CHECK))
        return option_wrong(parse, "polec lsp writes no output: -o, --emit, -c, -S, -MD and -MF do not go with it");
    if (o->memory_report != REPORT_NONE || o->time_report != REPORT_NONE || o->diagnostics != DIAGNOSTICS_TEXT)
        return option_wrong(parse, "polec lsp speaks with an editor: --memory-report, --time-report and --diagnostics do "
                                   "not go with it");
    if (o->n_files != 0)
        return option_wrong(parse, "polec lsp takes no FILE: the editor sends the text of files");
    o->emit = EMIT_CHECK;
    return true;
}

static bool fits_explain_command(Parse *parse)
{
    Options *o = parse->options;
    if (o->output != NULL || o->write_depfile || o->emit != EMIT_EXECUTABLE)
        return option_wrong(parse, "polec explain compiles nothing: -o, --emit, -c, -S, --check, -MD and -MF do not go "
                                   "with it");
    if (o->n_files > 1)
        return option_wrong(parse, "polec explain takes one CODE, or none to list them all");
    o->explain_code = o->n_files == 1 ? o->files[0] : NULL;
    return true;
}

static bool fits_together(Parse *parse)
{
    const Options *o = parse->options;
    size_t n_standard_inputs = 0;
    parse->spelling = NULL;
    if (o->command == COMMAND_HELP || o->command == COMMAND_VERSION || o->command == COMMAND_PRINT_LAYOUT)
        return true;
    if (o->command == COMMAND_EXPLAIN)
        return fits_explain_command(parse);
    if (o->command == COMMAND_LSP)
        return fits_lsp_command(parse);
    if (o->n_files == 0)
        return option_wrong(parse, "no input file (polec --help tells more)");
    for (size_t i = 0; i < o->n_files; i++)
        n_standard_inputs += strcmp(o->files[i], "-") == 0;
    if (o->command == COMMAND_WATCH)
        return fits_watch_command(parse);
    if (n_standard_inputs > 1)
        return option_wrong(parse, "standard input can be read only once");
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
    bool may_report = options->command != COMMAND_WATCH && options->command != COMMAND_LSP;
    if (!report_chosen && may_report && !parse.finished && !read_environment(&parse))
        return STATUS_USAGE;
    bool wanted = options->memory_report_file != NULL || options->detail_by_function || options->detail_by_line;
    if (wanted && options->memory_report == REPORT_NONE)
        options->memory_report = REPORT_TEXT; /* who says where, or of what, wants one */
    take_list(parse.imports, &options->import_directories, &options->n_import_directories);
    take_list(parse.libraries, &options->libraries, &options->n_libraries);
    take_list(parse.library_directories, &options->library_directories, &options->n_library_directories);
    take_list(parse.prefix_maps, &options->prefix_maps, &options->n_prefix_maps);
    return fits_together(&parse) ? STATUS_DONE : STATUS_USAGE;
}

unsigned options_threads_for_files(const Options *options)
{
    return options->jobs < options->n_files ? options->jobs : (unsigned)options->n_files;
}

unsigned options_threads_for_units(const Options *options)
{
    unsigned for_files = options_threads_for_files(options);
    return for_files > 1 ? options->jobs / for_files : options->jobs;
}

bool options_want_color(const Options *options, int descriptor)
{
    if (options->color != COLOR_AUTO)
        return options->color == COLOR_ALWAYS;
    const char *no_color = getenv("NO_COLOR"), *terminal = getenv("TERM");
    return (no_color == NULL || *no_color == '\0') && (terminal == NULL || strcmp(terminal, "dumb") != 0) &&
           isatty(descriptor);
}

bool emit_is_text(EmitKind kind)
{
    return kind == EMIT_TOKENS || kind == EMIT_AST || kind == EMIT_IR || kind == EMIT_LLVM_IR || kind == EMIT_ASSEMBLY;
}

bool emit_needs_llvm(EmitKind kind)
{
    return kind > EMIT_CHECK;
}
