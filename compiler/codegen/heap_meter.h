/*
 * Measuring LLVM's heap, which no arena can hold.
 *
 * Where polec is linked with its own versions of malloc and the like (link/heap_wrap.c), every allocation of the thread
 * is counted while the meter runs, and nothing but a test of one flag happens while it does not.  Elsewhere (the shared
 * LLVM, programs that use libpolec) the C library is asked at each reading: what the whole process holds beyond what
 * it held at the start, and no peaks between two readings.
 */
#ifndef POLEC_CODEGEN_HEAP_METER_H
#define POLEC_CODEGEN_HEAP_METER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct {
    uint64_t live, peak;    /* bytes, since heap_meter_start */
    uint64_t allocations;   /* 0 where they cannot be counted */
} HeapFigures;

void heap_meter_start(void);
void heap_meter_stop(void);
HeapFigures heap_meter_read(void); /* all 0 while it does not run */

/* For heap_wrap.c, and for threads that help a compilation. */
typedef struct {
    bool running;
    bool wrapped;           /* some allocation was seen: the wrappers are linked in */
    int64_t live, peak;
    uint64_t allocations;
    void (*risen)(void *context, uint64_t live); /* told of each new peak; NULL: nobody is.  Must not allocate */
    void *context;
    uint64_t before;        /* what the process held at the start, by the C library's count */
} HeapMeter;
extern _Thread_local HeapMeter heap_meter;

/* A thread that helps begins on a meter of its own; what it had before comes back when it ends.  Then the figures of what it
   did can be added to the meter of the thread that it helped.  Both may have had their most at the same moment. */
HeapMeter heap_meter_help_begins(bool running);
HeapMeter heap_meter_help_ends(const HeapMeter *before);
void heap_meter_add(const HeapMeter *helper);

#endif
