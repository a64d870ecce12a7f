/*
 * Messages in and out.
 *
 * JSON is read by jansson, whose memory is a batch's arena: what it frees stays there until the batch has been dealt
 * with, and then all of it goes at once.  Its hooks for that know of no context, hence the one static variable.
 */
#define _GNU_SOURCE
#include "lsp/transport.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <unistd.h>

#include "output.h"

enum {
    READ_BYTES = 64 * 1024,
    MAX_LINE = 4096,             /* of a header */
    MAX_BATCH = 64 * 1024 * 1024, /* bytes, about */
    LARGE_BATCH = 1024 * 1024,   /* bytes: after it memory goes back to the system */
    WAIT_MILLISECONDS = 5000,
};

/* ---- Memory ------------------------------------------------------------------------------------------------------ */

static Arena *json_arena;

static void *take(size_t size)
{
    return arena_push(json_arena, size);
}

static void leave(void *memory)
{
    (void)memory; /* it goes with the batch */
}

static void open_batch(Transport *t)
{
    arena_open(&t->batch_arena, t->account, "messages");
    t->batch = arena_array(&t->batch_arena, "message", sizeof(Incoming));
    json_arena = &t->batch_arena;
}

static ssize_t write_output(void *cookie, const char *bytes, size_t size)
{
    Transport *t = cookie;
    memcpy(array_push(t->output, size), bytes, size);
    return (ssize_t)size;
}

bool transport_open(Transport *t, ArenaAccount *account, int from, int to)
{
    *t = (Transport){.from = from, .to = to, .account = account};
    arena_open(&t->input_arena, account, "input");
    arena_open(&t->output_arena, account, "output");
    t->input = arena_array(&t->input_arena, "input", sizeof(char));
    t->output = arena_array(&t->output_arena, "output", sizeof(char));
    open_batch(t);
    json_set_alloc_funcs(take, leave);
    t->stream = fopencookie(t, "w", (cookie_io_functions_t){.write = write_output});
    return t->stream != NULL;
}

void transport_close(Transport *t)
{
    if (t->stream != NULL)
        fclose(t->stream);
    arena_free(&t->batch_arena);
    arena_free(&t->input_arena);
    arena_free(&t->output_arena);
}

/* ---- In ---------------------------------------------------------------------------------------------------------- */

static void put(Transport *t, IncomingKind kind, json_t *json)
{
    *(Incoming *)array_push(t->batch, 1) = (Incoming){.kind = kind, .json = json};
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* Of a number that is too large the result is MAX_MESSAGE + 1 or more. */
static bool read_length(const char *text, const char *end, size_t *length)
{
    while (text < end && (*text == ' ' || *text == '\t'))
        text++;
    if (text == end || !is_digit(*text))
        return false;
    *length = 0;
    for (; text < end && is_digit(*text); text++)
        if (*length < SIZE_MAX / 10 - 1)
            *length = *length * 10 + (size_t)(*text - '0');
    while (text < end && (*text == ' ' || *text == '\t'))
        text++;
    return text == end;
}

/* The name of the header is looked for anywhere in the line: behind a body that was longer than its header said, the
   next header does not begin a line. */
static void read_header(Transport *t, const char *line, const char *end)
{
    static const char name[] = "Content-Length:";
    size_t n = sizeof name - 1, length;
    for (; (size_t)(end - line) >= n; line++) {
        if (strncasecmp(line, name, n) != 0)
            continue;
        if (read_length(line + n, end, &length)) {
            t->has_length = true;
            t->length = length;
        }
        return;
    }
}

static void end_headers(Transport *t)
{
    if (!t->has_length && t->in_headers)
        put(t, INCOMING_NO_LENGTH, NULL);
    if (t->has_length && t->length > MAX_MESSAGE) {
        put(t, INCOMING_TOO_LARGE, NULL);
        t->to_skip = t->length;
        t->has_length = false;
    }
    t->in_headers = false;
}

/* Takes one line of headers; false if there is no whole one.  A body follows if `has_length` and not `in_headers`. */
static bool take_line(Transport *t, const char *bytes, size_t available)
{
    const char *newline = memchr(bytes, '\n', available);
    if (newline == NULL) {
        if (available <= MAX_LINE)
            return false;
        t->in_long_line = t->in_headers = true;
        t->consumed += available - strlen("Content-Length: 1234567890"); /* it may be beginning here */
        return false;
    }
    const char *end = newline > bytes && newline[-1] == '\r' ? newline - 1 : newline;
    t->consumed += (size_t)(newline + 1 - bytes);
    if (end == bytes && !t->in_long_line) {
        end_headers(t);
        return true;
    }
    t->in_headers = true;
    t->in_long_line = false;
    read_header(t, bytes, end);
    return true;
}

static void take_body(Transport *t, const char *bytes)
{
    json_error_t ignored;
    json_t *json = json_loadb(bytes, t->length, JSON_ALLOW_NUL, &ignored);
    put(t, json != NULL ? INCOMING_JSON : INCOMING_NO_JSON, json);
    t->consumed += t->length;
    t->has_length = false;
}

/* Takes what is there as far as it goes; false if more is needed. */
static bool take_next(Transport *t)
{
    const char *bytes = t->input->items + t->consumed;
    size_t available = t->input->count - t->consumed;
    if (t->to_skip > 0) {
        size_t skipped = t->to_skip < available ? t->to_skip : available;
        t->consumed += skipped;
        t->to_skip -= skipped;
        return t->to_skip == 0;
    }
    if (!t->has_length || t->in_headers)
        return take_line(t, bytes, available);
    if (available < t->length)
        return false;
    take_body(t, bytes);
    return true;
}

static void take_all(Transport *t)
{
    while (take_next(t))
        continue;
    size_t left = t->input->count - t->consumed;
    memmove(t->input->items, t->input->items + t->consumed, left);
    array_truncate(t->input, left);
    t->consumed = 0;
}

static bool is_readable(const Transport *t, int milliseconds)
{
    struct pollfd wanted = {.fd = t->from, .events = POLLIN};
    return poll(&wanted, 1, milliseconds) > 0;
}

/* False at the end. */
static bool read_some(Transport *t)
{
    size_t before = t->input->count;
    char *room = array_push(t->input, READ_BYTES);
    ssize_t n = read(t->from, room, READ_BYTES);
    array_truncate(t->input, before + (n > 0 ? (size_t)n : 0));
    if (n < 0 && (errno == EINTR || errno == EAGAIN))
        return true;
    t->ended = n <= 0;
    return !t->ended;
}

void transport_receive(Transport *t)
{
    bool was_large = arena_used(&t->batch_arena) > LARGE_BATCH;
    arena_free(&t->batch_arena);
    if (was_large)
        pool_trim(t->account->pool);
    open_batch(t);
    bool come = is_readable(t, WAIT_MILLISECONDS);
    size_t size = 0;
    while (come && size < MAX_BATCH && read_some(t)) {
        size_t before = t->input->count;
        take_all(t);
        size += before - t->input->count;
        come = is_readable(t, t->batch->count > 0 ? 0 : WAIT_MILLISECONDS);
    }
}

/* ---- Out --------------------------------------------------------------------------------------------------------- */

FILE *transport_begin(Transport *t)
{
    array_truncate(t->output, 0);
    return t->stream;
}

void transport_end(Transport *t)
{
    char header[64];
    fflush(t->stream);
    int n = snprintf(header, sizeof header, "Content-Length: %zu\r\n\r\n", t->output->count);
    if (!t->broken)
        t->broken = !output_write_all(t->to, header, (size_t)n) ||
                    !output_write_all(t->to, t->output->items, t->output->count);
}
