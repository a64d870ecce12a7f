/*
 * Opening and closing what outlives the phases, and the way out when memory is exhausted.
 *
 * Opening interns the names that the compiler knows and allocates nothing else, so a session costs microseconds; one is
 * opened for every file on the command line.
 */
#include "session.h"

#include <string.h>

#include "ir/types.h"

void session_open(Session *session, Pool *pool, const Options *options)
{
    session_open_without_types(session, pool, options);
    session->types = types_open(&session->arena, &session->names);
}

void session_open_without_types(Session *session, Pool *pool, const Options *options)
{
    session->options = options;
    session->pool = pool;
    session->phase = PHASE_LEX;
    session->scratch.account = NULL; /* not open */
    session->working_at = (SourcePos){0};
    arena_account_open(&session->account, pool, "session", 0); /* limited only as a part of the whole */
    arena_open(&session->arena, &session->account, "session");
    source_open(&session->text, &session->arena);
    diagnostics_open(&session->diagnostics, &session->arena, &session->text);
    names_open(&session->names, &session->text, &session->arena);
}

void session_close(Session *session)
{
    arena_free(&session->arena);
    arena_account_close(&session->account);
}

void session_rewind(Session *session, const ArenaMark *mark)
{
    ArenaMark all_but_text = *mark;
    all_but_text.counts[session->text.text - session->arena.arrays] = SIZE_MAX;
    all_but_text.counts[session->text.checkpoints - session->arena.arrays] = SIZE_MAX;
    arena_rewind(&session->arena, &all_but_text);
}

void session_exhausted(void *context, const ArenaExhausted *why)
{
    Session *session = context;
    session->exhausted = *why;
    longjmp(session->on_fatal, 1);
}

/* True if the map "A=B" replaces the front of `path`; then `*length` is the length of A, and `*replacement` is B. */
static bool map_applies(const char *map, const char *path, size_t *length, const char **replacement)
{
    const char *equals = strrchr(map, '='); /* the last one: A may contain one, as in gcc */
    if (equals == NULL)
        return false;
    *length = (size_t)(equals - map);
    *replacement = equals + 1;
    return strncmp(path, map, *length) == 0;
}

const char *session_shown_path(Session *session, const char *path)
{
    const Options *options = session->options;
    const char *replacement = NULL;
    size_t replaced = 0;
    for (size_t i = 0; i < options->n_prefix_maps; i++) {
        const char *candidate;
        size_t length;
        if (map_applies(options->prefix_maps[i], path, &length, &candidate) &&
            (replacement == NULL || length >= replaced)) {
            replaced = length;
            replacement = candidate;
        }
    }
    if (replacement == NULL)
        return path;

    size_t front = strlen(replacement), back = strlen(path + replaced) + 1;
    arena_kind(&session->arena, "path");
    char *shown = arena_push(&session->arena, front + back);
    memcpy(shown, replacement, front);
    memcpy(shown + front, path + replaced, back);
    return shown;
}
