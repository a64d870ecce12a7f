/*
 * polec: options in, exit status out.  The rest is in command.c, and the compiler proper begins in driver.c.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <unistd.h>

#include "command.h"

/* A standard stream that is closed would be reopened by the first file that is opened, and what is printed would end up
   in that file.  So closed ones are occupied, in a way that makes reading from them or writing to them fail. */
static bool occupy_standard_streams(void)
{
    static const int modes[] = {O_WRONLY, O_RDONLY, O_RDWR};
    for (int descriptor = 0; descriptor < 3; descriptor++)
        if (fcntl(descriptor, F_GETFD) < 0 && open("/dev/null", modes[descriptor]) != descriptor)
            return false;
    return true;
}

int main(int argc, char **argv)
{
    if (!occupy_standard_streams())
        return STATUS_FILE;
    signal(SIGPIPE, SIG_IGN); /* a reader that went away is an error like any other, ... */
    signal(SIGXFSZ, SIG_IGN); /* and so is a file that may not grow */
    signal(SIGCHLD, SIG_DFL); /* if whoever started us has it ignored, there is no child to wait for */

    /* Opened first, because the first pool gets the memory that costs no system call. */
    Pool *pool = pool_open(&(PoolOptions){.mode = POOL_RECYCLE});
    if (pool == NULL) {
        fputs("polec: error: the system has no more memory\n", stderr);
        return STATUS_LIMIT;
    }
    ProcessMemory memory = {0};
    Options options;
    int status = options_parse(&options, &memory, argc > 0 ? argc - 1 : 0, argv + 1);
    if (status == STATUS_DONE)
        status = command_run(&options, &memory, pool);
    process_memory_close(&memory);
    pool_close(pool);
    return status;
}
