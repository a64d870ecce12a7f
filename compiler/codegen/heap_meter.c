/*
 * The meter of LLVM's heap.  One for each thread; where several threads make the units of one program, their figures are
 * added up when they end.
 */
#define _GNU_SOURCE
#include "codegen/heap_meter.h"

#include <malloc.h>

_Thread_local HeapMeter heap_meter;

static uint64_t bytes_by_library(void)
{
#if defined(__GLIBC__) && __GLIBC_PREREQ(2, 33)
    struct mallinfo2 info = mallinfo2();
    return info.uordblks + info.hblkhd;
#else
    return 0;
#endif
}

void heap_meter_start(void)
{
    heap_meter = (HeapMeter){.running = true, .before = bytes_by_library()};
}

void heap_meter_stop(void)
{
    heap_meter.running = false;
}

/* What was allocated before the start and freed after it makes `live` negative; nobody is helped by that. */
HeapFigures heap_meter_read(void)
{
    HeapMeter *meter = &heap_meter;
    if (!meter->running)
        return (HeapFigures){0, 0, 0};
    if (!meter->wrapped) {
        uint64_t now = bytes_by_library();
        meter->live = now > meter->before ? (int64_t)(now - meter->before) : 0;
        if (meter->live > meter->peak)
            meter->peak = meter->live;
    }
    return (HeapFigures){meter->live > 0 ? (uint64_t)meter->live : 0, (uint64_t)meter->peak, meter->allocations};
}

HeapMeter heap_meter_help_begins(bool running)
{
    HeapMeter before = heap_meter;
    heap_meter = (HeapMeter){.running = running};
    return before;
}

HeapMeter heap_meter_help_ends(const HeapMeter *before)
{
    HeapMeter helper = heap_meter;
    heap_meter = *before;
    return helper;
}

/* What a helper has left is freed by the other thread: so `live` goes over as well. */
void heap_meter_add(const HeapMeter *helper)
{
    heap_meter.wrapped |= helper->wrapped;
    heap_meter.live += helper->live;
    heap_meter.peak += helper->peak;
    heap_meter.allocations += helper->allocations;
}
