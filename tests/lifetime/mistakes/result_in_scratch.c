/*
 * A phase puts its result into its scratch arena, which it frees before it returns.
 * The right way: the result goes to the arena that the caller has given; scratch is for what dies with the phase.
 */
#include "mistake.h"

static int *phase(Arena *result, ArenaAccount *account, bool right)
{
    Arena scratch;
    arena_open(&scratch, account, "scratch");
    int *numbers = arena_push(right ? result : &scratch, 10 * sizeof *numbers);
    for (int i = 0; i < 10; i++)
        numbers[i] = i * i;
    arena_free(&scratch);
    return numbers;
}

int main(int argc, char **argv)
{
    Memory memory;
    Arena result;
    memory_open(&memory, POOL_GUARD);
    arena_open(&result, &memory.account, "result");
    int *numbers = phase(&result, &memory.account, is_right(argc, argv));
    printf("%d\n", numbers[9]);
    arena_free(&result);
    memory_close(&memory);
    return 0;
}
