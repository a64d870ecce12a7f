/*
 * A pointer to an element is kept while the array grows.  Arrays seldom move (base/arena.h), so this works nearly
 * always, and under the guard, too.  Under POOL_MALLOC (--arena-policy=malloc) every step is a realloc, and
 * AddressSanitizer and valgrind see it.
 * The right way: keep the index.
 */
#include "mistake.h"

int main(int argc, char **argv)
{
    Memory memory;
    Arena arena;
    memory_open(&memory, POOL_MALLOC);
    arena_open(&arena, &memory.account, "parse");
    ArenaArray *nodes = arena_array(&arena, "node", sizeof(int));
    int *first = array_push(nodes, 1);
    *first = 7;
    for (int i = 0; i < 100000; i++)
        *(int *)array_push(nodes, 1) = i;
    printf("%d\n", is_right(argc, argv) ? ((int *)(void *)nodes->items)[0] : *first);
    arena_free(&arena);
    memory_close(&memory);
    return 0;
}
