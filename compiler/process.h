/*
 * What belongs to the whole process and not to one compilation: the exit status, and the little memory that a long
 * command line needs.
 */
#ifndef POLEC_PROCESS_H
#define POLEC_PROCESS_H

#include "base/arena.h"

/* The exit status, by its meaning.  Ascending gravity is not implied: the first failing file decides. */
typedef enum {
    STATUS_DONE = 0,
    STATUS_ERROR = 1,     /* the program has an error, told as a diagnostic; or the linker failed */
    STATUS_USAGE = 2,     /* wrong usage */
    STATUS_LIMIT = 3,     /* a memory limit was reached */
    STATUS_FILE = 4,      /* a file could not be read or written */
    STATUS_INTERNAL = 70, /* a fault of ours */
} Status;

/*
 * Memory beside that of a compilation: lists of arguments, the results of many files, the linker's command line.  It has
 * a pool of its own, because the pool of a compilation must be empty between two files and its accounts are exact, and
 * it is opened when it is first used: compiling one file needs none of it, and then makes no system call for it.
 */
typedef struct {
    Pool *pool; /* NULL until it is used */
    ArenaAccount account;
    Arena arena;
} ProcessMemory;

Arena *process_arena(ProcessMemory *memory);
void process_memory_close(ProcessMemory *memory);
uint64_t process_memory_system_calls(const ProcessMemory *memory);

#endif
