/*
 * Two ways to show a check.
 *
 * The screen is the terminal's second one, so that what stood there comes back at the end.  A frame is composed in
 * memory, each line cut to the terminal's width and cleared behind its end, and written at once: nothing flickers and
 * nothing scrolls.  The errors get what the figures leave of the height.
 */
#define _GNU_SOURCE
#include "watch_view.h"

#include <errno.h>
#include <inttypes.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "json.h"
#include "messages.h"
#include "output.h"

#define CLEAR_LINE "\033[K"
static const char enter_screen[] = "\033[?1049h\033[?25l", leave_screen[] = "\033[?25h\033[?1049l";
static const char go_home[] = "\033[H", clear_below[] = "\033[J";

static volatile sig_atomic_t screen_is_entered;

void watch_view_restore(void)
{
    if (screen_is_entered && write(STDOUT_FILENO, leave_screen, sizeof leave_screen - 1) > 0)
        screen_is_entered = 0;
}

/* ---- A frame ----------------------------------------------------------------------------------------------------- */

static void put_bytes(WatchView *v, const char *bytes, size_t n)
{
    memcpy(array_push(v->frame, n), bytes, n);
}

static void end_line(WatchView *v)
{
    if (v->row < v->last_row)
        put_bytes(v, v->row + 1 < v->rows ? CLEAR_LINE "\r\n" : CLEAR_LINE, v->row + 1 < v->rows ? 5 : 3);
    else
        v->hidden++;
    v->row++;
    v->column = 0;
}

/* Escape sequences take no column, nor do the later bytes of a character. */
static void put_character(WatchView *v, char c)
{
    bool in_escape = v->escape != ESCAPE_NONE || c == '\033';
    bool continues = ((unsigned char)c & 0xC0) == 0x80;
    if (c == '\033')
        v->escape = ESCAPE_BEGUN;
    else if (v->escape == ESCAPE_BEGUN)
        v->escape = ESCAPE_INSIDE;
    else if (v->escape == ESCAPE_INSIDE && c >= '@')
        v->escape = ESCAPE_NONE;
    if (!in_escape && !continues)
        v->column++;
    if (v->row < v->last_row && (in_escape || v->column <= v->columns))
        put_bytes(v, &c, 1);
}

static ssize_t write_frame(void *cookie, const char *bytes, size_t n)
{
    WatchView *v = cookie;
    for (size_t i = 0; i < n; i++) {
        if (bytes[i] == '\n')
            end_line(v);
        else
            put_character(v, bytes[i]);
    }
    return (ssize_t)n;
}

/* ---- Words and figures ------------------------------------------------------------------------------------------- */

enum { VERDICT_SIZE = 80, BAR_WIDTH = 30, FOOTER_ROWS = 8, LEAST_ROWS_FOR_FOOTER = 14 };

static const char *verdict(const WatchResult *result, char text[VERDICT_SIZE])
{
    if (result->failure != NULL)
        return "cannot be read";
    if (result->exhausted)
        return "memory limit reached";
    uint32_t errors = result->n_errors, warnings = result->n_warnings;
    snprintf(text, VERDICT_SIZE, "%u error%s, %u warning%s", errors, errors == 1 ? "" : "s", warnings,
             warnings == 1 ? "" : "s");
    return errors + warnings == 0 ? "good" : text;
}

static bool is_good(const WatchResult *result)
{
    return result->failure == NULL && !result->exhausted && result->n_errors == 0;
}

static RecheckBytes sum_of(const WatchResult *result)
{
    RecheckBytes sum = {0, 0};
    for (uint32_t i = 0; result->bytes != NULL && i < RECHECK_ARENAS; i++) {
        sum.used += result->bytes[i].used;
        sum.made += result->bytes[i].made;
    }
    return sum;
}

/* On the screen always as text. */
static void print_problems(FILE *stream, const WatchView *v, const WatchResult *result)
{
    Options options = *v->options;
    options.color = v->color ? COLOR_ALWAYS : COLOR_NEVER;
    if (v->on_screen)
        options.diagnostics = DIAGNOSTICS_TEXT;
    Messages messages;
    messages_open(&messages, &options, stream);
    if (result->failure != NULL)
        messages_error(&messages, "%s", result->failure);
    const Diagnostic *first = result->session == NULL || result->failure != NULL ? NULL : result->diagnostics->first;
    for (const Diagnostic *d = first; d != NULL; d = d->next)
        if (!options.quiet || diagnostic_is_error(d->code))
            messages_diagnostic(&messages, result->session, d, result->path);
    if (result->session != NULL && result->exhausted) {
        ExhaustedDiagnostic exhausted;
        exhausted_describe(&exhausted, result->session, &options);
        messages_diagnostic(&messages, result->session, &exhausted.diagnostic, result->path);
    }
    messages_close(&messages);
}

/* "0.123 ms, from scratch 2.345 ms" */
static void print_time(FILE *stream, const WatchResult *result)
{
    fprintf(stream, "%.3f ms", (double)result->nanoseconds / 1e6);
    if (result->whole)
        fputs(" from scratch", stream);
    else
        fprintf(stream, " (from scratch %.3f ms)", (double)result->scratch_nanoseconds / 1e6);
}

/* ---- The log ----------------------------------------------------------------------------------------------------- */

/* One object a line, as the messages are; the summary comes last. */
static bool show_as_json(const WatchView *v, const WatchResult *result)
{
    RecheckBytes sum = sum_of(result);
    bool complete = result->failure == NULL && !result->exhausted;
    print_problems(stdout, v, result);
    printf("{\"check\":%u,\"file\":", result->number);
    json_write_string(stdout, result->path);
    printf(",\"complete\":%s", complete ? "true" : "false");
    if (complete)
        printf(",\"errors\":%u,\"warnings\":%u,\"from_scratch\":%s,\"nanoseconds\":%" PRIu64
               ",\"scratch_nanoseconds\":%" PRIu64 ",\"made_bytes\":%" PRIu64 ",\"used_bytes\":%" PRIu64,
               result->n_errors, result->n_warnings, result->whole ? "true" : "false", result->nanoseconds,
               result->scratch_nanoseconds, sum.made, sum.used);
    fputs("}\n", stdout);
    return output_flush_standard();
}

static bool show_in_log(const WatchView *v, const WatchResult *result)
{
    if (v->options->diagnostics == DIAGNOSTICS_JSON)
        return show_as_json(v, result);
    char text[VERDICT_SIZE];
    printf("check %u: %s\n", result->number, result->path);
    print_problems(stdout, v, result);
    printf("check %u: %s", result->number, verdict(result, text));
    if (result->failure == NULL && !result->exhausted) {
        RecheckBytes sum = sum_of(result);
        fputs("; ", stdout);
        print_time(stdout, result);
        printf("; %" PRIu64 " of %" PRIu64 " bytes made", sum.made, sum.used);
    }
    fputs("\n\n", stdout);
    return output_flush_standard();
}

/* ---- The screen -------------------------------------------------------------------------------------------------- */

static void measure_terminal(WatchView *v)
{
    struct winsize size;
    bool known = ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_row > 0 && size.ws_col > 0;
    v->rows = known ? size.ws_row : 24;
    v->columns = known ? size.ws_col : 80;
}

/* Kept bytes as '=', those made anew as '#'; the longest bar is that of the fullest arena. */
static void print_bar(FILE *stream, const char *name, RecheckBytes bytes, uint64_t most)
{
    uint64_t width = most == 0 ? 0 : (bytes.used * BAR_WIDTH + most - 1) / most;
    uint64_t made = bytes.used == 0 ? 0 : (bytes.made * width + bytes.used - 1) / bytes.used;
    fprintf(stream, "  %-9s", name);
    for (uint64_t i = 0; i < BAR_WIDTH; i++)
        fputc(i + made < width ? '=' : i < width ? '#' : ' ', stream);
    fprintf(stream, " %12" PRIu64 " bytes, %" PRIu64 " made\n", bytes.used, bytes.made);
}

static void print_footer(FILE *stream, const WatchResult *result)
{
    static const char *const names[RECHECK_ARENAS] = {"lex", "parse", "ir", "session"};
    RecheckBytes sum = sum_of(result);
    uint64_t most = 0;
    for (uint32_t i = 0; i < RECHECK_ARENAS; i++)
        most = result->bytes[i].used > most ? result->bytes[i].used : most;
    fprintf(stream, "\ncheck %u: ", result->number);
    print_time(stream, result);
    fprintf(stream, "; %" PRIu64 " of %" PRIu64 " bytes made\n\n", sum.made, sum.used);
    print_bar(stream, names[RECHECK_SESSION], result->bytes[RECHECK_SESSION], most);
    for (uint32_t i = 0; i < RECHECK_PHASES; i++)
        print_bar(stream, names[i], result->bytes[i], most);
    fputs("  = kept  # made anew;  ^C ends", stream);
}

static void print_header(WatchView *v, const WatchResult *result)
{
    char text[VERDICT_SIZE];
    const char *on = !v->color ? "" : is_good(result) ? "\033[1;32m" : "\033[1;31m";
    fprintf(v->stream, "%s%s%s  %s\n\n", on, verdict(result, text), v->color ? "\033[0m" : "", result->path);
}

/* The middle of the screen; what does not fit is counted, and told in its last line. */
static void print_middle(WatchView *v, const WatchResult *result, unsigned rows)
{
    unsigned first = v->row, most = v->rows;
    v->last_row = first + rows;
    v->hidden = 0;
    size_t before = v->frame->count;
    print_problems(v->stream, v, result);
    fflush(v->stream);
    if (v->hidden > 0) { /* once more, with a line less */
        unsigned hidden = v->hidden + 1;
        array_truncate(v->frame, before);
        v->row = first;
        v->column = 0;
        v->last_row = first + rows - 1;
        print_problems(v->stream, v, result);
        fflush(v->stream);
        v->row = v->last_row;
        v->last_row = most;
        fprintf(v->stream, "%s... and %u more lines\n", v->color ? "\033[0m" : "", hidden);
        fflush(v->stream);
    }
    v->last_row = most;
    while (v->row < first + rows)
        end_line(v);
}

static bool show_on_screen(WatchView *v, const WatchResult *result)
{
    measure_terminal(v);
    array_truncate(v->frame, 0);
    v->row = v->column = v->hidden = 0;
    v->last_row = v->rows;
    v->escape = ESCAPE_NONE;
    put_bytes(v, go_home, sizeof go_home - 1);
    print_header(v, result);
    fflush(v->stream);
    bool footer = result->bytes != NULL && v->rows >= LEAST_ROWS_FOR_FOOTER;
    if (v->rows > 2)
        print_middle(v, result, v->rows - 2 - (footer ? FOOTER_ROWS : 0));
    if (footer)
        print_footer(v->stream, result);
    fflush(v->stream);
    put_bytes(v, CLEAR_LINE, 3);
    put_bytes(v, clear_below, sizeof clear_below - 1);
    return output_write_all(STDOUT_FILENO, v->frame->items, v->frame->count);
}

/* ---- The interface ----------------------------------------------------------------------------------------------- */

bool watch_view_open(WatchView *v, const Options *options, Arena *arena)
{
    const char *terminal = getenv("TERM");
    memset(v, 0, sizeof *v);
    v->options = options;
    v->color = options_want_color(options, STDOUT_FILENO);
    v->on_screen = isatty(STDOUT_FILENO) && terminal != NULL && strcmp(terminal, "dumb") != 0;
    if (!v->on_screen)
        return true;
    v->frame = arena_array(arena, "frame", sizeof(char));
    v->stream = fopencookie(v, "w", (cookie_io_functions_t){.write = write_frame});
    return v->stream != NULL && watch_view_return(v);
}

bool watch_view_return(WatchView *v)
{
    if (!v->on_screen || screen_is_entered)
        return true;
    screen_is_entered = 1;
    return output_write_all(STDOUT_FILENO, enter_screen, sizeof enter_screen - 1);
}

bool watch_view_show(WatchView *v, const WatchResult *result)
{
    return v->on_screen ? show_on_screen(v, result) : show_in_log(v, result);
}

/* What was known last stays behind on the ordinary screen, in one line. */
void watch_view_close(WatchView *v, const WatchResult *last)
{
    if (!v->on_screen)
        return;
    watch_view_restore();
    char text[VERDICT_SIZE];
    if (last->number > 0)
        printf("%s: %s\n", last->path, verdict(last, text));
    fclose(v->stream);
}
