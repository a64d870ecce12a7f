/* From products to files: what a compilation writes, and what it says when it cannot. */
#ifndef POLEC_DELIVER_H
#define POLEC_DELIVER_H

#include "driver.h"

/* Notes what went wrong, if it is no matter of the program's. */
void compilation_fail(Compilation *compilation, Status status, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* No error so far, in the program or elsewhere. */
bool compilation_is_good(const Compilation *compilation);

/* Opens the output if the program deserves one; NULL if it does not, or if it cannot be had. */
FILE *deliver_open(Compilation *compilation);

/* Writes the code out: as it is, linked, or, for run and test, to where it outlives its compilation. */
void deliver_code(Compilation *compilation);

/* What is still to be written when the phases are over.  If something failed, nothing is left. */
void deliver_finish(Compilation *compilation);

#endif
