/*
 * The progress line.
 *
 * Short runs never see it.  It stays within the terminal's width, since of a line that wraps only the last part could be
 * erased: of a long path the end is shown.
 */
#define _GNU_SOURCE
#include "progress.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "measure.h"

enum {
    PATIENCE = 300 * 1000 * 1000, /* nanoseconds before the first line */
    INTERVAL = 100 * 1000 * 1000, /* and between two */
    LONGEST = 256,                /* columns */
    USUAL_COLUMNS = 80,
};

static atomic_bool stands; /* the line of the process's run; for the signal handler */
static const char erasure[] = "\r\x1b[K";

static bool is_terminal(int descriptor)
{
    const char *terminal = getenv("TERM");
    return terminal != NULL && *terminal != 0 && strcmp(terminal, "dumb") != 0 && isatty(descriptor);
}

void progress_open(Progress *progress, const Options *options)
{
    bool prints_text = emit_is_text(options->emit) && !options->assembly_file;
    progress->shown = false;
    progress->wanted = options->n_files > 1 && !options->quiet && !options->verbose &&
                       options->diagnostics == DIAGNOSTICS_TEXT && is_terminal(STDERR_FILENO) &&
                       !(prints_text && is_terminal(STDOUT_FILENO));
    progress->next_at = progress->wanted ? measure_now() + PATIENCE : 0;
}

static size_t terminal_columns(void)
{
    struct winsize size;
    size_t columns = ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0 ? size.ws_col : USUAL_COLUMNS;
    return columns < LONGEST ? columns : LONGEST;
}

static bool continues_character(char byte)
{
    return ((unsigned char)byte & 0xC0) == 0x80;
}

/* The end of the path that fits, as whole characters.  Wide ones count as one, so a path full of them may wrap. */
static const char *fitting_end(const char *path, size_t columns)
{
    const char *at = path + strlen(path);
    for (size_t n = 0; at > path && n < columns; n++)
        do at--; while (at > path && continues_character(*at));
    return at;
}

static void put_visible(const char *text)
{
    for (; *text != '\0'; text++)
        fputc((unsigned char)*text < ' ' || *text == 0x7F ? '?' : *text, stderr);
}

void progress_show(Progress *progress, size_t n, size_t all, const char *file)
{
    if (!progress->wanted || measure_now() < progress->next_at)
        return;
    char front[64];
    size_t taken = (size_t)snprintf(front, sizeof front, "[%zu/%zu] ", n, all) + 1; /* the cursor needs a column, too */
    size_t columns = terminal_columns();
    if (columns <= taken)
        return;
    atomic_store(&stands, true); /* before it does: a signal may come at once */
    fprintf(stderr, "\r%s", front);
    put_visible(fitting_end(file, columns - taken));
    fputs("\x1b[K", stderr); /* what was longer before */
    fflush(stderr);
    progress->shown = true;
    progress->next_at = measure_now() + INTERVAL;
}

void progress_erase(Progress *progress)
{
    if (!progress->shown)
        return;
    fputs(erasure, stderr);
    fflush(stderr);
    progress->shown = false;
    atomic_store(&stands, false);
}

void progress_erase_at_end(void)
{
    if (!atomic_load(&stands))
        return;
    ssize_t ignored = write(STDERR_FILENO, erasure, sizeof erasure - 1);
    (void)ignored;
}
