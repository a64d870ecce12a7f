/*
 * A helper rewinds the arena that its result lies in.  Pages go in and out of reach as a whole, so the guard does not see
 * this while the arena lives: the next push gets the bytes.  AddressSanitizer and valgrind do, for the arena tells them.
 * The right way: marks are for scratch.
 */
#include "mistake.h"

static char *join(Arena *result, Arena *scratch, const char *a, const char *b, bool right)
{
    Arena *work = right ? scratch : result;
    ArenaMark mark = arena_mark(work);
    size_t length = strlen(a) + strlen(b);
    char *draft = arena_push(work, length + 1), *joined = arena_push(result, length + 1);
    snprintf(draft, length + 1, "%s%s", a, b);
    memcpy(joined, draft, length + 1);
    arena_rewind(work, &mark);
    return joined;
}

int main(int argc, char **argv)
{
    Memory memory;
    Arena result, scratch;
    memory_open(&memory, POOL_RECYCLE);
    arena_open(&result, &memory.account, "result");
    arena_open(&scratch, &memory.account, "scratch");
    char *joined = join(&result, &scratch, "arena", "_push", is_right(argc, argv));
    printf("%c\n", joined[0]);
    arena_free(&scratch);
    arena_free(&result);
    memory_close(&memory);
    return 0;
}
