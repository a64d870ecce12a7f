/*
 * Ends of the process that are no returns from main: by signals and by faults, one within the other, on several threads.
 * Each happens in a child process, and has to be told, to remove every temporary, and to be over at once.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "driver.h"
#include "faults.h"
#include "output.h"

enum { PATIENCE = 20 }; /* seconds */

static const char internal_error[] = "polec: internal error: ";
static void *volatile nowhere = (void *)16;

static const int fatal_signals[] = {SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGXCPU};

static Output older, newer; /* what the child has in the making */

/* What a child has left behind. */
typedef struct { int status; char told[4096]; bool left_older, left_newer; } End;

static void *fault(void *unused)
{
    (void)unused;
    *(volatile char *)nowhere = 1;
    return NULL;
}

static _Noreturn void be_child(void (*meet_end)(void), int told)
{
    static const int faults[] = {SIGSEGV, SIGBUS, SIGILL, SIGFPE, SIGABRT};
    setrlimit(RLIMIT_CORE, &(struct rlimit){0, 0});
    for (size_t i = 0; i < sizeof faults / sizeof *faults; i++)
        signal(faults[i], SIG_DFL); /* cmocka's handlers, and a sanitizer's */
    for (size_t i = 0; i < sizeof fatal_signals / sizeof *fatal_signals; i++)
        signal(fatal_signals[i], SIG_DFL); /* a shell ignores some in the background, and so would polec */
    dup2(told, STDERR_FILENO);
    alarm(PATIENCE);
    output_catch_signals();
    faults_catch();
    if (output_open(&older, "older", false, false) && output_open(&newer, "newer", false, false))
        meet_end();
    _exit(99);
}

/* Paths of the temporaries, as the child has made them. */
static bool is_left(pid_t child, unsigned number)
{
    char path[64];
    snprintf(path, sizeof path, ".polec-%ld-%u.tmp", (long)child, number);
    return unlink(path) == 0;
}

static End end_of(void (*meet_end)(void))
{
    End end = {0};
    int ends[2];
    assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
    pid_t child = fork();
    if (child == 0)
        be_child(meet_end, ends[1]);
    assert_true(child > 0);
    close(ends[1]);
    size_t length = 0;
    for (ssize_t n; (n = read(ends[0], end.told + length, sizeof end.told - 1 - length)) > 0;)
        length += (size_t)n;
    close(ends[0]);
    assert_int_equal(waitpid(child, &end.status, 0), child);
    end.left_older = is_left(child, 0);
    end.left_newer = is_left(child, 1);
    return end;
}

static void check_removed(const End *end)
{
    assert_false(end->left_older);
    assert_false(end->left_newer);
}

/* Told once, and exit status 70. */
static void check_fault(const End *end)
{
    const char *said = strstr(end->told, internal_error);
    assert_non_null(said);
    assert_null(strstr(said + 1, internal_error));
    assert_true(WIFEXITED(end->status));
    assert_int_equal(WEXITSTATUS(end->status), STATUS_INTERNAL);
}

static void check_signal(const End *end, int number)
{
    assert_true(WIFSIGNALED(end->status));
    assert_int_equal(WTERMSIG(end->status), number);
    assert_string_equal(end->told, "");
    check_removed(end);
}

/* ---- Signals ----------------------------------------------------------------------------------------------------- */

static int number_to_raise;

static void raise_number(void)
{
    raise(number_to_raise);
}

static void a_signal_ends(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof fatal_signals / sizeof *fatal_signals; i++) {
        number_to_raise = fatal_signals[i];
        End end = end_of(raise_number);
        check_signal(&end, fatal_signals[i]);
    }
}

static void raise_two(void)
{
    sigset_t both, usual;
    sigemptyset(&both);
    sigaddset(&both, SIGINT);
    sigaddset(&both, SIGTERM);
    pthread_sigmask(SIG_BLOCK, &both, &usual);
    kill(getpid(), SIGTERM);
    kill(getpid(), SIGINT);
    pthread_sigmask(SIG_SETMASK, &usual, NULL);
}

static void of_two_signals_one_ends(void **state)
{
    (void)state;
    End end = end_of(raise_two);
    check_signal(&end, WTERMSIG(end.status) == SIGINT ? SIGINT : SIGTERM);
}

/* As process.c does it when memory is gone. */
static void raise_on_the_way_out(void)
{
    output_remove_temporaries();
    raise(SIGINT);
}

static void a_signal_on_the_way_out(void **state)
{
    (void)state;
    End end = end_of(raise_on_the_way_out);
    check_signal(&end, SIGINT);
}

static void *open_and_close(void *path)
{
    static _Thread_local Output output;
    while (output_open(&output, path, false, false))
        output_discard(&output);
    return NULL;
}

static void raise_among_threads(void)
{
    static char paths[4][2] = {"a", "b", "c", "d"};
    pthread_t thread;
    for (size_t i = 0; i < 4; i++)
        if (pthread_create(&thread, NULL, open_and_close, paths[i]) != 0)
            return;
    usleep(2000);
    kill(getpid(), SIGTERM);
    pause();
}

static void no_thread_leaves_anything(void **state)
{
    (void)state;
    for (int i = 0; i < 10; i++) {
        End end = end_of(raise_among_threads);
        check_signal(&end, SIGTERM);
        assert_int_equal(system("! ls -A | grep -q ."), 0);
    }
}

/* ---- Faults ------------------------------------------------------------------------------------------------------ */

static void just_fault(void)
{
    fault(NULL);
}

static void a_fault_ends(void **state)
{
    (void)state;
    End end = end_of(just_fault);
    check_fault(&end);
    check_removed(&end);
    number_to_raise = SIGABRT;
    end = end_of(raise_number);
    check_fault(&end);
    check_removed(&end);
}

static void fault_on_thread(void)
{
    pthread_t threads[2];
    pthread_create(&threads[0], NULL, fault, NULL);
    pthread_create(&threads[1], NULL, fault, NULL);
    pthread_join(threads[0], NULL);
}

static void faults_of_two_threads(void **state)
{
    (void)state;
    End end = end_of(fault_on_thread);
    assert_non_null(strstr(end.told, internal_error));
    assert_int_equal(WEXITSTATUS(end.status), STATUS_INTERNAL);
    check_removed(&end);
}

/* ---- Faults on the way out --------------------------------------------------------------------------------------- */

/* The handler of the signal removes the newer one and then follows the pointer. */
static void raise_with_damaged_list(void)
{
    newer.temporary.next = nowhere;
    raise(SIGINT);
}

static void fault_with_damaged_list(void)
{
    newer.temporary.next = nowhere;
    fault(NULL);
}

/* Struck off while the list is locked. */
static void fault_in_list(void)
{
    older.temporary.previous = nowhere;
    output_discard(&older);
}

static void a_damaged_list(void **state)
{
    (void)state;
    End end = end_of(raise_with_damaged_list);
    check_fault(&end);
    assert_false(end.left_newer);
    end = end_of(fault_with_damaged_list);
    check_fault(&end);
    assert_false(end.left_newer);
    end = end_of(fault_in_list);
    check_fault(&end);
    check_removed(&end);
}

static void fault_with_damaged_pool(void)
{
    faults_watch(nowhere);
    fault(NULL);
}

static Compilation compilation;

/* The arena is told of; the source that the compilation was at cannot be. */
static void use_dead_arena(void)
{
    Pool *pool = pool_open(&(PoolOptions){.mode = POOL_GUARD});
    ArenaAccount account;
    Arena arena;
    arena_account_open(&account, pool, "memory", 0);
    arena_open(&arena, &account, "dead");
    volatile char *memory = arena_push(&arena, 100);
    arena_free(&arena);
    faults_watch(pool);
    faults_working(pool, &compilation);
    *memory = 1;
}

static void damaged_memory(void **state)
{
    (void)state;
    End end = end_of(fault_with_damaged_pool);
    check_fault(&end);
    check_removed(&end);
    compilation.session.text.files = nowhere;
    end = end_of(use_dead_arena);
    check_fault(&end);
    check_removed(&end);
    assert_non_null(strstr(end.told, "the arena 'dead' was used after its end"));
}

/* ---- Overflow ---------------------------------------------------------------------------------------------------- */

static int descend(volatile char *above)
{
    volatile char frame[4096];
    frame[0] = above[0];
    return nowhere != NULL ? descend(frame) + frame[0] : 0;
}

static void *overflow(void *unused)
{
    FaultStack stack;
    faults_use_stack(&stack);
    (void)unused;
    descend(stack.bytes);
    return NULL;
}

static void overflow_on_thread(void)
{
    pthread_t thread;
    pthread_create(&thread, NULL, overflow, NULL);
    pthread_join(thread, NULL);
}

static void the_stack_of_a_thread(void **state)
{
    (void)state;
    End end = end_of(overflow_on_thread);
    check_fault(&end);
    check_removed(&end);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_signal_ends),
        cmocka_unit_test(of_two_signals_one_ends),
        cmocka_unit_test(a_signal_on_the_way_out),
        cmocka_unit_test(no_thread_leaves_anything),
        cmocka_unit_test(a_fault_ends),
        cmocka_unit_test(faults_of_two_threads),
        cmocka_unit_test(a_damaged_list),
        cmocka_unit_test(damaged_memory),
        cmocka_unit_test(the_stack_of_a_thread),
    };
    char directory[] = "/tmp/polec-ends-XXXXXX";
    if (mkdtemp(directory) == NULL || chdir(directory) != 0)
        return 2;
    int failed = cmocka_run_group_tests_name("ends of the process", tests, NULL, NULL);
    rmdir(directory);
    return failed;
}
