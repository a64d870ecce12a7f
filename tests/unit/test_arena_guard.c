/*
 * POOL_GUARD: a pointer into a dead arena stops at the guilty line, however much later, and the arena's name is told.
 *
 * Each case runs in a child process that must die of SIGSEGV; its handler asks the pool whose address it was, which
 * also shows that pool_find_address() works where a compiler's own handler will call it.
 */
#define _GNU_SOURCE
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/arena.h"

enum { TOLD_THE_NAME = 42, OTHER_NAME = 43, SURVIVED = 44 };
static Pool *faulting_pool;

static void tell_whose(int signal_number, siginfo_t *info, void *context)
{
    (void)signal_number;
    (void)context;
    PoolAddress address;
    bool known = pool_find_address(faulting_pool, info->si_addr, &address);
    _exit(known && address.dead && strcmp(address.arena, "tokens") == 0 ? TOLD_THE_NAME : OTHER_NAME);
}

/* Runs `touch` in a child on memory of a dead arena and returns how the child ended. */
static int touch_dead_memory(char *(*touch)(Arena *arena), bool far_later)
{
    pid_t child = fork();
    if (child == 0) {
        struct sigaction action = {.sa_sigaction = tell_whose, .sa_flags = SA_SIGINFO};
        sigaction(SIGSEGV, &action, NULL);
        faulting_pool = pool_open(&(PoolOptions){.mode = POOL_GUARD});
        ArenaAccount account;
        arena_account_open(&account, faulting_pool, "lex", 0);
        Arena arena, next;
        arena_open(&arena, &account, "tokens");
        volatile char *stale = touch(&arena);
        *stale = 1;
        arena_free(&arena);
        for (int i = 0; i < (far_later ? 3000 : 1); i++) {
            arena_open(&next, &account, "ast");
            memset(arena_push(&next, 4000), 1, 4000);
            arena_free(&next);
        }
        (void)*stale; /* ends here */
        _exit(SURVIVED);
    }
    int status;
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFEXITED(status));
    return WEXITSTATUS(status);
}

static char *in_bump_memory(Arena *arena) { return arena_push(arena, 40); }
static char *in_huge_pages(Arena *arena) { return (char *)arena_push(arena, 5000000) + 4999999; }
static char *in_array(Arena *arena) { return array_push(arena_array(arena, "kind", 1), 1); }
static char *in_moved_array(Arena *arena)
{
    array_push(arena_array(arena, "kind", 1), 10);
    return array_push(&arena->arrays[0], 200000);
}

static void stale_pointers_stop_under_guard(void **state)
{
    (void)state;
    assert_int_equal(touch_dead_memory(in_bump_memory, false), TOLD_THE_NAME);
    assert_int_equal(touch_dead_memory(in_bump_memory, true), TOLD_THE_NAME);
    assert_int_equal(touch_dead_memory(in_huge_pages, false), TOLD_THE_NAME);
    assert_int_equal(touch_dead_memory(in_array, false), TOLD_THE_NAME);
    assert_int_equal(touch_dead_memory(in_moved_array, true), TOLD_THE_NAME);
}

/* An audit tells pointers from numbers by the lower half of an address: above two thousand millions, or nearly.  A lane must
   not leave that half however many arenas have died in it. */
static void addresses_stay_unlike_numbers(void **state)
{
    (void)state;
    enum { BYTES = 8 << 20, DEATHS = 400 }; /* 3 GiB */
    Pool *pool = pool_open(&(PoolOptions){.mode = POOL_GUARD});
    ArenaAccount account;
    arena_account_open(&account, pool, "test", 0);
    for (int i = 0; i < DEATHS; i++) {
        Arena arena;
        arena_open(&arena, &account, "test");
        uintptr_t address = (uintptr_t)array_push(arena_array(&arena, "bytes", 1), BYTES);
        assert_true((address & UINT32_MAX) >= 0x7FF80000);
        arena_free(&arena);
    }
    arena_account_close(&account);
    pool_close(pool);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(stale_pointers_stop_under_guard),
        cmocka_unit_test(addresses_stay_unlike_numbers),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
