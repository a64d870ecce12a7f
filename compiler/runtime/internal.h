/*
 * What the files of the run-time library share among themselves; compiled code knows nothing of it.
 */
#ifndef POLEC_RUNTIME_INTERNAL_H
#define POLEC_RUNTIME_INTERNAL_H

#include "runtime/runtime.h"

#include <stdatomic.h>

enum {
    GRANULE = 16,      /* libgc's unit: every block is aligned to it, and a multiple of it long */
    SMALL_LIMIT = 512, /* larger blocks are asked of libgc one by one */
    N_CLASSES = SMALL_LIMIT / GRANULE + 1,
    POLE_FAILURE_STATUS = 101,
};

/* What a block holds: no pointers, or words that are searched for pointers. */
typedef enum { PLAIN, SCANNED, N_KINDS } Kind;

/* Free blocks of a thread, linked through their first words; zeroed but for that if SCANNED.  Class: size in granules. */
typedef void *FreeLists[N_KINDS][N_CLASSES];
extern _Thread_local FreeLists pole_free_lists;

/* Takes the first block of a list that is not empty.  Another thread may start a collection between any two instructions:
   the block's link may be cleared only when the list no longer starts with it, or the rest of the list would be lost. */
static inline void *pole_take_listed(void **list)
{
    void **block = *list;
    *list = *block;
    atomic_signal_fence(memory_order_seq_cst); /* keeps the compiler from exchanging the two; costs no instruction */
    *block = NULL;
    return block;
}

/* A block of any size and kind.  Never NULL: stops the program instead. */
void *pole_allocate_slowly(int64_t size, Kind kind);

/* From the free lists if it can.  A block above SMALL_LIMIT, an empty list, size 0 and a negative size all take the slow way. */
static inline void *pole_allocate_quickly(int64_t size, Kind kind)
{
    uint64_t class = ((uint64_t)size + GRANULE - 1) / GRANULE;
    if (class < N_CLASSES) {
        void **list = &pole_free_lists[kind][class];
        if (*list) return pole_take_listed(list);
    }
    return pole_allocate_slowly(size, kind);
}

/* Stops the program; the place is not known where memory is asked for. */
_Noreturn void pole_out_of_memory(void);

/* Shows the calls that lead to here, if they are known.  Safe in a signal handler. */
void pole_print_frames(void);
void pole_forget_frames(void); /* they have been left by a jump */

/* Does `address` point into a block of the collector's? */
bool pole_is_collected(const void *address);

/* A block that is never freed and whose words keep alive what they point to. */
void *pole_allocate_root(int64_t size);

#endif
