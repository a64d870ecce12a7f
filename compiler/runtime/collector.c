/*
 * The collector: how libgc is started and set, which threads it knows, and what it must not free.
 *
 * Every thread that allocates must be known to libgc, so that it is stopped and its stack searched during a collection.
 * The thread that allocates first starts libgc; any other (a callback that a C library calls from a thread of its own)
 * is registered at its first allocation and leaves by the destructor of a thread-specific key.  One thread at a time
 * owns free lists (memory.c); the others take their blocks from libgc one by one.
 *
 * In `polec run` the library lives in the compiler's process, whose static data is then searched as well.  That is one
 * megabyte, a fraction of a millisecond for every collection, and it cannot be left out safely: libgc's own table of
 * threads is part of it.  The compiler's arenas, but for their first kilobytes, are not static data and not searched.
 *
 * Nothing here calls malloc, nor does libgc, nor what libgc calls of glibc, as it is set up here.
 */
#define _GNU_SOURCE
#define GC_THREADS
#define GC_NO_THREAD_REDIRECTS

#include "runtime/internal.h"

#include <gc/gc.h>
#include <gc/gc_inline.h>
#include <gc/gc_mark.h>
#include <pthread.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

enum { FIRST_HEAP = 4 << 20 }; /* address space to begin with; its pages are touched only when used */

static _Thread_local bool thread_is_known;  /* to libgc, and so its stack is searched */
static _Thread_local bool thread_owns_lists;
static FreeLists *_Atomic owned_lists;      /* the lists of the thread that uses them */
static pthread_once_t started = PTHREAD_ONCE_INIT;
static atomic_bool is_running;              /* the collector, since some thread's first allocation */
static pthread_key_t thread_end;            /* its destructor takes leave of a thread */
static GC_push_other_roots_proc push_stacks; /* libgc's own callback behind ours */
static int kinds[N_KINDS];                  /* libgc's numbers for ours */

/* ---- starting ---- */

void pole_out_of_memory(void)
{
    pole_fail(NULL, "out of memory");
}

static void *GC_CALLBACK out_of_memory(size_t size)
{
    (void)size;
    pole_out_of_memory();
}

/* Blocks on our free lists are in nobody's hands, yet must not be collected.  Called with all threads stopped. */
static void GC_CALLBACK keep_free_lists(void)
{
    FreeLists *lists = atomic_load(&owned_lists);
    if (lists)
        for (int kind = 0; kind < N_KINDS; kind++)
            for (int class = 1; class < N_CLASSES; class++)
                for (void **block = (*lists)[kind][class]; block; block = *block) GC_set_mark_bit(block);
    push_stacks();
}

static void take_leave(void *unused)
{
    (void)unused;
    if (thread_owns_lists) atomic_store(&owned_lists, NULL); /* what is left on the lists will be collected */
    thread_owns_lists = false;
    memset(pole_free_lists, 0, sizeof pole_free_lists);
    thread_is_known = false;
    GC_unregister_my_thread();
}

extern void *__libc_stack_end; /* of the main thread; the dynamic loader knows it */

/* The settings:
   one marker: marking threads would be made by pthread_create, which uses malloc;
   interior pointers: strings, list elements and slices are addressed behind the start of their blocks;
   a first heap of some megabytes: fewer collections in short programs;
   free space divisor 2 instead of 3: benches/runtime_memory 20 takes a fifth less time and half as much memory again;
   kinds of our own: libgc enlarges a block of its own kinds by a byte, for addresses just behind it, and does not
   search its last word.  Exact sizes make a block of two words cost 16 bytes instead of 32. */
static void start_collector(void)
{
    struct GC_stack_base base = {__libc_stack_end};
    if (getpid() != (pid_t)syscall(SYS_gettid)) GC_get_stack_base(&base); /* libgc takes this thread for the main one */
    GC_set_stackbottom(NULL, &base); /* to find it out, libgc would use a function of glibc's that calls malloc */
    GC_set_markers_count(1);
    GC_set_all_interior_pointers(1);
    GC_set_handle_fork(1);
    GC_set_free_space_divisor(2);
    GC_set_oom_fn(out_of_memory);
    GC_set_warn_proc(GC_ignore_warn_proc);
    GC_init();
    GC_allow_register_threads();
    push_stacks = GC_get_push_other_roots();
    GC_set_push_other_roots(keep_free_lists);
    GC_expand_hp(FIRST_HEAP);
    for (Kind kind = 0; kind < N_KINDS; kind++) {
        int scanned = kind == SCANNED;
        kinds[kind] = (int)GC_new_kind(GC_new_free_list(), GC_DS_LENGTH, scanned, scanned);
    }
    pthread_key_create(&thread_end, take_leave);
    thread_is_known = true;
    atomic_store(&is_running, true);
}

static void meet_thread(void)
{
    pthread_once(&started, start_collector);
    if (!thread_is_known) {
        struct GC_stack_base base;
        GC_get_stack_base(&base);
        GC_register_my_thread(&base);
        thread_is_known = true;
    }
    pthread_setspecific(thread_end, &thread_end); /* any value but NULL */
    FreeLists *nobody = NULL;
    thread_owns_lists = atomic_compare_exchange_strong(&owned_lists, &nobody, &pole_free_lists);
}

/* ---- allocating ---- */

static void *allocate_from_libgc(size_t size, Kind kind)
{
    void *block = GC_malloc_kind(size, kinds[kind]);
    if (!block) pole_out_of_memory();
    return block;
}

/* Fills the free list of the block's size, one page of libgc's at a time.  libgc writes the list to its place itself, in
   its own critical section: a collection that another thread starts must never find the list held by its head alone. */
static void *refill(size_t class, Kind kind)
{
    void **list = &pole_free_lists[kind][class];
    GC_generic_malloc_many(class * GRANULE, kinds[kind], list);
    if (!*list) pole_out_of_memory();
    return pole_take_listed(list);
}

void *pole_allocate_slowly(int64_t size, Kind kind)
{
    if (size < 0) pole_out_of_memory();
    if (!thread_is_known) meet_thread();
    if (size > SMALL_LIMIT || !thread_owns_lists) return allocate_from_libgc((size_t)size, kind);
    size_t class = ((size_t)size + GRANULE - 1) / GRANULE;
    return refill(class ? class : 1, kind);
}

/* ---- for helpers ---- */

bool pole_is_collected(const void *address)
{
    return atomic_load(&is_running) && GC_base((void *)(uintptr_t)address) != NULL;
}

void *pole_allocate_root(int64_t size)
{
    if (!thread_is_known) meet_thread();
    void *block = GC_malloc_uncollectable((size_t)size);
    if (!block) pole_out_of_memory();
    return block;
}
