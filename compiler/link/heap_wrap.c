/*
 * malloc and the like, as the linker leads all calls in polec to them (--wrap): for the meter of LLVM's heap.
 *
 * The size of a block is what the C library really set aside for it, so that freeing needs no table of sizes.  Linked
 * into the executable only: a library has no business with its users' malloc.
 */
#include <malloc.h>
#include <stddef.h>

#include "codegen/heap_meter.h"

void *__real_malloc(size_t size);
void *__real_calloc(size_t n, size_t size);
void *__real_realloc(void *block, size_t size);
void __real_free(void *block);
void *__real_aligned_alloc(size_t alignment, size_t size);
int __real_posix_memalign(void **block, size_t alignment, size_t size);

void *__wrap_malloc(size_t size);
void *__wrap_calloc(size_t n, size_t size);
void *__wrap_realloc(void *block, size_t size);
void __wrap_free(void *block);
void *__wrap_aligned_alloc(size_t alignment, size_t size);
int __wrap_posix_memalign(void **block, size_t alignment, size_t size);

static void *note_allocation(void *block)
{
    HeapMeter *meter = &heap_meter;
    if (!meter->running || block == NULL)
        return block;
    meter->wrapped = true;
    meter->allocations++;
    meter->live += (int64_t)malloc_usable_size(block);
    if (meter->live > meter->peak) {
        meter->peak = meter->live;
        if (meter->risen != NULL)
            meter->risen(meter->context, (uint64_t)meter->peak);
    }
    return block;
}

static void note_release(void *block)
{
    if (heap_meter.running && block != NULL)
        heap_meter.live -= (int64_t)malloc_usable_size(block);
}

void *__wrap_malloc(size_t size)
{
    return note_allocation(__real_malloc(size));
}

void *__wrap_calloc(size_t n, size_t size)
{
    return note_allocation(__real_calloc(n, size));
}

void *__wrap_realloc(void *block, size_t size)
{
    size_t before = heap_meter.running && block != NULL ? malloc_usable_size(block) : 0;
    void *result = __real_realloc(block, size);
    if (result != NULL)
        heap_meter.live -= (int64_t)before; /* otherwise the old block is still there */
    return note_allocation(result);
}

void __wrap_free(void *block)
{
    note_release(block);
    __real_free(block);
}

void *__wrap_aligned_alloc(size_t alignment, size_t size)
{
    return note_allocation(__real_aligned_alloc(alignment, size));
}

int __wrap_posix_memalign(void **block, size_t alignment, size_t size)
{
    int result = __real_posix_memalign(block, alignment, size);
    if (result == 0)
        note_allocation(*block);
    return result;
}
