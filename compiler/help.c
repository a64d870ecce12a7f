/*
 * What --help says, in one of its forms: a screen, everything, a manual page, and what bash, zsh and fish complete with.
 *
 * All of it is made from the table of options and the table of commands below, so none can lag behind; the build calls
 * polec for the files that are installed.
 */
#include <string.h>

#include "option_table.h"

static const struct { const char *name, *arguments, *help; } commands[] = {
    {"", "[options] FILE...", "compile; an executable unless an option says otherwise"},
    {"run", "[options] FILE [-- ARG...]", "compile in memory and run"},
    {"test", "[options] FILE...", "run the tests of the files"},
    {"watch", "[options] FILE", "check again when a file changes"},
    {"lsp", "[options]", "language server for editors"},
    {"explain", "[CODE]", "what a message means, as E204"},
};
enum { N_COMMANDS = sizeof commands / sizeof *commands };

/* Beside the table of options: what the screen of --help says of the commonest, and the words that an option takes where
   its value does not spell them out (a test tries them all). */
static const struct { const char *spelling, *brief, *choices; } extras[] = {
    {"-o", "where the output goes", NULL},
    {"--emit=", "tokens, ast, ir, llvm-ir, llvm-bc, asm, obj, exe", "tokens|ast|ir|llvm-ir|llvm-bc|asm|obj|exe"},
    {"-c", "an object, to be linked later", NULL},
    {"--check", "only look for errors", NULL},
    {"-O", "optimise: 0 (the default) to 3", "0|1|2|3"},
    {"-g", "debug information", NULL},
    {"-I", "where imports are looked for", NULL},
    {"--memory-report", "what every arena held, and when", "text|json|html|trace|prometheus"},
    {"--memory-report-detail=", NULL, "function|line|all"},
    {"--memory-limit=", "most bytes in all arenas together: 10M", NULL},
    {"--arena-policy=", NULL, "phase|whole|malloc"},
    {"--color=", NULL, "auto|always|never"},
    {"--version", "the version, and what it was made from", NULL},
    {"--help", "this; --help=all: all options, and the exit status", "all|man|bash|zsh|fish"},
};
enum { N_EXTRAS = sizeof extras / sizeof *extras };

static const char files[] =
    "FILE is a .pole-ir source, or - for standard input; @FILE reads more arguments from a file.\n"
    "Options may stand before or after files; -- ends them.\n";
static const char statuses[] =
    "0 done, 1 the program has an error, 2 wrong usage, 3 a memory limit was reached,\n"
    "4 a file could not be read or written, 70 a fault of polec.  polec run exits with main's status,\n"
    "or 101 where the program failed.\n";

/* ---- To be read on a terminal ------------------------------------------------------------------------------------ */

static void print_commands(FILE *stream)
{
    fputs("polec compiles programs written in Pole IR.\n\n", stream);
    for (int i = 0; i < N_COMMANDS; i++) {
        int width = fprintf(stream, "  polec %s%s%s", commands[i].name, commands[i].name[0] != '\0' ? " " : "",
                            commands[i].arguments);
        fprintf(stream, "%*s%s\n", width < 40 ? 40 - width : 2, "", i == 0 ? "compile" : commands[i].help);
    }
    fputc('\n', stream);
}

static int print_spelling(FILE *stream, const Option *option)
{
    if (option->value == NULL)
        return fprintf(stream, "%s", option->spelling);
    return fprintf(stream, option->form == OPTIONAL ? "%s[=%s]" : option->form == ATTACHED ? "%s %s" : "%s%s",
                   option->spelling, option->value);
}

static void print_option(FILE *stream, const Option *option, const char *help, int column)
{
    fputs("  ", stream);
    int width = print_spelling(stream, option) + 2;
    if (width >= column)
        width = fprintf(stream, "\n") - 1;
    fprintf(stream, "%*s", column - width, "");
    for (const char *c = help; *c != '\0'; c++) {
        fputc(*c, stream);
        if (*c == '\n')
            fprintf(stream, "%*s", column, "");
    }
    fputc('\n', stream);
}

/* Is the entry the first of its spelling that is listed?  (A spelling may have two, for two kinds of value.) */
static bool is_listed(size_t i)
{
    if (option_table[i].spelling == NULL || option_table[i].help == NULL)
        return false;
    for (size_t k = 0; k < i; k++)
        if (option_table[k].spelling != NULL && option_table[k].help != NULL &&
            strcmp(option_table[k].spelling, option_table[i].spelling) == 0)
            return false;
    return true;
}

static void print_short(FILE *stream)
{
    print_commands(stream);
    for (size_t i = 0; i < option_table_entries; i++)
        for (int k = 0; k < N_EXTRAS; k++)
            if (is_listed(i) && extras[k].brief != NULL && strcmp(extras[k].spelling, option_table[i].spelling) == 0)
                print_option(stream, &option_table[i], extras[k].brief, 26);
    fputs("\nFILE is a .pole-ir source, or - for standard input.\n", stream);
}

static void print_all(FILE *stream)
{
    print_commands(stream);
    fputs(files, stream);
    for (size_t i = 0; i < option_table_entries; i++) {
        if (option_table[i].spelling == NULL)
            fprintf(stream, "\n%s:\n", option_table[i].help);
        else if (option_table[i].help != NULL)
            print_option(stream, &option_table[i], option_table[i].help, 30);
    }
    fprintf(stream, "\nExit status: %s", statuses);
}

/* ---- A manual page ----------------------------------------------------------------------------------------------- */

/* A line of text for troff: hyphens and backslashes are themselves, and no line begins with a request. */
static void print_troff(FILE *stream, const char *text)
{
    if (*text == '.' || *text == '\'')
        fputs("\\&", stream);
    for (; *text != '\0'; text++) {
        if (*text == '\\')
            fputs("\\e", stream);
        else if (*text == '-')
            fputs("\\-", stream);
        else
            fputc(*text, stream);
    }
}

static void print_manual(FILE *stream)
{
    fputs(".TH POLEC 1 \"\" \"polec\" \"User Commands\"\n.SH NAME\npolec \\- compiler for programs in Pole IR\n.SH SYNOPSIS\n", stream);
    for (int i = 0; i < N_COMMANDS; i++) {
        fprintf(stream, "%s.B polec %s\n", i > 0 ? ".br\n" : "", commands[i].name);
        print_troff(stream, commands[i].arguments);
        fputc('\n', stream);
    }
    fputs(".SH DESCRIPTION\n", stream);
    print_troff(stream, files);
    for (int i = 0; i < N_COMMANDS; i++) {
        fprintf(stream, ".TP\n.B polec %s\n", commands[i].name);
        print_troff(stream, commands[i].help);
        fputs(".\n", stream);
    }
    fputs(".SH OPTIONS\n", stream);
    for (size_t i = 0; i < option_table_entries; i++) {
        const Option *option = &option_table[i];
        if (option->help == NULL)
            continue;
        if (option->spelling == NULL) {
            fprintf(stream, ".SS %s\n", option->help);
            continue;
        }
        fputs(".TP\n.B ", stream);
        print_troff(stream, option->spelling);
        if (option->value != NULL) {
            fputs(option->form == OPTIONAL ? "\\fR[=\\fI" : option->form == ATTACHED ? " \\fI" : "\\fI", stream);
            print_troff(stream, option->value);
            fputs(option->form == OPTIONAL ? "\\fR]" : "\\fR", stream);
        }
        fputc('\n', stream);
        print_troff(stream, option->help);
        fputc('\n', stream);
    }
    fputs(".SH EXIT STATUS\n", stream);
    print_troff(stream, statuses);
    fputs(".SH EXAMPLES\n.TP\n.B polec run hello.pole\\-ir\ncompiles in memory and runs.\n"
          ".TP\n.B polec \\-O2 \\-MD \\-o hello hello.pole\\-ir\n"
          "makes an executable, and hello.d, which make and ninja read.\n"
          ".SH SEE ALSO\nThe header polec.h, for programs that compile.\n", stream);
}

/* ---- Completion -------------------------------------------------------------------------------------------------- */

static const char *choices_of(const Option *option)
{
    for (int k = 0; k < N_EXTRAS; k++)
        if (extras[k].choices != NULL && strcmp(extras[k].spelling, option->spelling) == 0)
            return extras[k].choices;
    return option->value != NULL && strchr(option->value, '|') != NULL ? option->value : NULL;
}

/* Every word that can be an option by itself, or the beginning of one that goes on with a value. */
static void print_words(FILE *stream, const Option *option)
{
    const char *choices = choices_of(option);
    const char *equals = option->form == OPTIONAL ? "=" : "";
    if (option->form == OPTIONAL || choices == NULL)
        fprintf(stream, " %s", option->spelling);
    if (option->form == ATTACHED)
        return;
    while (choices != NULL && *choices != '\0') {
        size_t n = strcspn(choices, "|");
        fprintf(stream, " %s%s%.*s", option->spelling, equals, (int)n, choices);
        choices += n + (choices[n] == '|');
    }
}

static void print_bash(FILE *stream)
{
    fputs("# Completion for polec; made by polec --help=bash.\n"
          "_polec() {\n"
          "    local word=${COMP_LINE:0:COMP_POINT} words=\"", stream);
    for (size_t i = 0; i < option_table_entries; i++)
        if (is_listed(i))
            print_words(stream, &option_table[i]);
    fputs("\"\n    word=${word##* }\n"
          "    if [[ $word == -* ]]; then\n"
          "        COMPREPLY=($(compgen -W \"$words\" -- \"$word\"))\n"
          "        [[ ${COMPREPLY[0]} == *= ]] && compopt -o nospace\n"
          "        # = ends a word for readline: only what stands behind it is replaced\n"
          "        [[ $word == *=* && $COMP_WORDBREAKS == *=* ]] && COMPREPLY=(\"${COMPREPLY[@]#\"${word%%=*}=\"}\")\n"
          "    else\n"
          "        COMPREPLY=($(compgen -f -X '!*.pole-ir' -- \"$word\") $(compgen -d -- \"$word\"))\n"
          "        ((COMP_CWORD == 1)) && COMPREPLY+=($(compgen -W \"", stream);
    for (int i = 1; i < N_COMMANDS; i++)
        fprintf(stream, "%s%s", i > 1 ? " " : "", commands[i].name);
    fputs("\" -- \"$word\"))\n    fi\n    return 0\n}\ncomplete -o filenames -F _polec polec\n", stream);
}

/* Help as one line, without what would end a description in the shells' own notation. */
static void print_description(FILE *stream, const char *help)
{
    for (; *help != '\0'; help++)
        fputc(*help == '\n' ? ' ' : *help == '\'' ? '`' : *help == '[' ? '(' : *help == ']' ? ')' : *help, stream);
}

/* The words that an option takes, with spaces between them. */
static void print_choices(FILE *stream, const char *choices)
{
    for (; *choices != '\0'; choices++)
        fputc(*choices == '|' ? ' ' : *choices, stream);
}

static void print_zsh(FILE *stream)
{
    fputs("#compdef polec\n# Made by polec --help=zsh.\n_arguments -S \\\n", stream);
    for (size_t i = 0; i < option_table_entries; i++) {
        const Option *option = &option_table[i];
        if (!is_listed(i))
            continue;
        const char *choices = choices_of(option);
        const char *suffix = option->form == FLAG ? "" : option->form == ATTACHED ? "+" : option->form == OPTIONAL ? "=-" : "-";
        fprintf(stream, "  '*%s%s[", option->spelling, suffix);
        print_description(stream, option->help);
        fputs("]", stream);
        if (option->value != NULL) {
            fprintf(stream, "%s:", option->form == OPTIONAL ? ":" : "");
            for (const char *c = option->value; *c != '\0'; c++)
                fprintf(stream, *c == ':' ? "\\:" : "%c", *c);
            fputc(':', stream);
            if (choices != NULL) {
                fputc('(', stream);
                print_choices(stream, choices);
                fputc(')', stream);
            } else if (strcmp(option->value, "DIR") == 0) {
                fputs("_directories", stream);
            } else if (strcmp(option->value, "PATH") == 0) {
                fputs("_files", stream);
            }
        }
        fprintf(stream, "' \\\n");
    }
    fputs("  '1: :{_alternative \"commands:command:(", stream);
    for (int i = 1; i < N_COMMANDS; i++)
        fprintf(stream, "%s%s", i > 1 ? " " : "", commands[i].name);
    fputs(")\" \"files:source:_files -g \\\"*.pole-ir\\\"\"}' \\\n  '*:source:_files -g \"*.pole-ir\"'\n", stream);
}

static void print_fish(FILE *stream)
{
    fputs("# Completion for polec; made by polec --help=fish.\n", stream);
    for (int i = 1; i < N_COMMANDS; i++)
        fprintf(stream, "complete -c polec -n __fish_use_subcommand -a %s -d '%s'\n", commands[i].name, commands[i].help);
    fputs("complete -c polec -k -a '(__fish_complete_suffix .pole-ir)'\n", stream);
    for (size_t i = 0; i < option_table_entries; i++) {
        const Option *option = &option_table[i];
        if (!is_listed(i))
            continue;
        const char *name = option->spelling + 1, *choices = choices_of(option);
        bool is_long = *name == '-';
        name += is_long;
        bool is_old = !is_long && strlen(name) > 1; /* -MD: a word behind one hyphen */
        size_t n = strcspn(name, "=");
        fprintf(stream, "complete -c polec -%c %.*s", is_long ? 'l' : is_old ? 'o' : 's', (int)n, name);
        if (option->form == JOINED || option->form == ATTACHED)
            fputs(" -r", stream);
        if (choices != NULL) {
            fputs(" -f -a '", stream);
            print_choices(stream, choices);
            fputc('\'', stream);
        }
        fputs(" -d '", stream);
        print_description(stream, option->help);
        fputs("'\n", stream);
    }
}

void options_help(FILE *stream, HelpForm form)
{
    switch (form) {
    case HELP_SHORT: print_short(stream); break;
    case HELP_ALL: print_all(stream); break;
    case HELP_MAN: print_manual(stream); break;
    case HELP_BASH: print_bash(stream); break;
    case HELP_ZSH: print_zsh(stream); break;
    case HELP_FISH: print_fish(stream); break;
    }
}
