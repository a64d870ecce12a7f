/*
 * A message points into the arena of the phase that made it, and is printed at the end, when that arena is gone.
 * The right way: what outlives the phase is copied to the session's arena.
 */
#include "mistake.h"

static const char *message_of(Arena *phase, Arena *session, bool right)
{
    char *text = arena_push(phase, 40);
    snprintf(text, 40, "undefined name '%s'", "lenght");
    return right ? arena_copy(session, text, strlen(text) + 1) : text;
}

int main(int argc, char **argv)
{
    Memory memory;
    Arena session, ir;
    memory_open(&memory, POOL_GUARD);
    arena_open(&session, &memory.account, "session");
    arena_open(&ir, &memory.account, "ir");
    const char *message = message_of(&ir, &session, is_right(argc, argv));
    arena_free(&ir);
    printf("%c\n", message[0]);
    arena_free(&session);
    memory_close(&memory);
    return 0;
}
