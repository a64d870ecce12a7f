/* Faults of ours: told, and exit status 70, instead of a death without a word. */
#ifndef POLEC_FAULTS_H
#define POLEC_FAULTS_H

#include "base/arena.h"

/* Catches what should never happen.  Only for the command line: a library leaves its user's signals alone. */
void faults_catch(void);

/* Where a thread's faults are told: its own stack may be what has run out.  faults_catch brings the first thread's; others
   have one at the bottom of their stack, in the frame of the function they begin with. */
typedef struct { char bytes[64 * 1024]; } FaultStack;
void faults_use_stack(FaultStack *stack);

/* The memory of this pool is known to the report of a fault: which arena did the address belong to? */
void faults_watch(Pool *pool);
void faults_unwatch(Pool *pool);

/* This compilation has its memory from the pool, which is watched, from here on; NULL: none has. */
typedef struct Compilation Compilation;
void faults_working(Pool *pool, const Compilation *compilation);

/* Puts the handlers back, for a program that runs in this process. */
void faults_release(void);

#endif
