/*
 * Runs one command and prints what it cost: wall, user and system time in nanoseconds, peak resident bytes, exit status.
 *
 *   measure COMMAND [ARGUMENT...]        the command's standard output is thrown away
 *
 * A program of its own, because Linux counts the memory of the process that starts a command as the command's: started
 * from Python, nothing would ever seem to need less than the ten megabytes of the interpreter.  Children that the command
 * waited for (an assembler, say) are included: their times are added up, of their memory the largest counts.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <spawn.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>

static long long now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec * 1000000000LL + t.tv_nsec;
}

static long long nanoseconds(struct timeval t) { return (t.tv_sec * 1000000LL + t.tv_usec) * 1000; }

int main(int argc, char **argv)
{
    extern char **environ;
    if (argc < 2) return fprintf(stderr, "usage: measure COMMAND [ARGUMENT...]\n"), 2;

    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_addopen(&actions, 1, "/dev/null", O_WRONLY, 0);

    pid_t child;
    int status;
    struct rusage used;
    long long start = now();
    int failed = posix_spawnp(&child, argv[1], &actions, NULL, argv + 1, environ);
    if (failed) return fprintf(stderr, "measure: %s: %s\n", argv[1], strerror(failed)), 2;
    if (wait4(child, &status, 0, &used) != child) return perror("measure"), 2;
    long long wall = now() - start;

    printf("%lld %lld %lld %lld %d\n", wall, nanoseconds(used.ru_utime), nanoseconds(used.ru_stime),
           used.ru_maxrss * 1024LL, WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status));
    return 0;
}
