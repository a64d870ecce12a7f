/* The command line at work: everything between the options and the exit status. */
#ifndef POLEC_COMMAND_H
#define POLEC_COMMAND_H

#include "options.h"

/* Does what the options ask for and returns the exit status.  `pool` serves the compilations of the first thread. */
int command_run(const Options *options, ProcessMemory *memory, Pool *pool);

#endif
