/*
 * Memory: where the values of a compiled program live, and how they are freed.
 *
 * The blocks come from libgc, the conservative mark-and-sweep collector by Boehm, Demers and Weiser.  Conservative
 * means that compiled code need not tell where its pointers are: stack, registers, the static data of the program and
 * of every shared library, and the collector's own blocks are searched for words that look like addresses.  So a value
 * may be handed to C and back freely.  What C stores in memory of its own malloc is not searched: that is the one way
 * to lose a value (pole_write_ptr in helpers.c narrows it).
 *
 * Small blocks are popped from free lists of our own, one for each size in steps of 16 bytes, which libgc fills a page
 * at a time.  Processor nanoseconds for a block of 16 bytes, with building, walking and dropping trees of 31 to 524,287
 * blocks, and the peak memory of the process (benches/runtime_memory 18, on a busy machine of 2 cores, 2026-11):
 *
 *   calloc and free                     36      20 MB
 *   calloc, never freed                 68    1032 MB
 *   a pointer bumped, never freed       22     516 MB   (most of it page faults)
 *   GC_malloc                           43      47 MB
 *   these free lists                    21      32 MB
 *
 * Reference counts were not tried: they would need code in every function that touches a value, and still a collector
 * for closures that refer to themselves.  The first allocation starts the collector and costs 0.2 ms; a program that
 * allocates nothing does not pay it.
 */
#include "runtime/internal.h"

_Thread_local FreeLists pole_free_lists;

void *pole_allocate(int64_t size)
{
    return pole_allocate_quickly(size, SCANNED);
}

void *pole_allocate_plain(int64_t size)
{
    return pole_allocate_quickly(size, PLAIN);
}
