/*
 * What the files of the run-time library share among themselves; compiled code knows nothing of it.
 */
#ifndef POLEC_RUNTIME_INTERNAL_H
#define POLEC_RUNTIME_INTERNAL_H

#include "runtime/runtime.h"

/* Stops the program; the place is not known where memory is asked for. */
_Noreturn void pole_out_of_memory(void);

/* Blocks that can be told from all others: the buffers of pole_list_cons.  pole_front_block() gives the start of the
   one that `address` points into, or NULL if it points anywhere else. */
void *pole_allocate_front(int64_t size, bool plain);
void *pole_front_block(const void *address);

/* Does `address` point into a block of the collector's? */
bool pole_is_collected(const void *address);

/* A block that is never freed and whose words keep alive what they point to. */
void *pole_allocate_root(int64_t size);

#endif
