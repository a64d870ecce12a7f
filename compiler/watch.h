/* polec watch: check a file, and again whenever it or what it imports changes. */
#ifndef POLEC_WATCH_H
#define POLEC_WATCH_H

#include "options.h"

/* Returns the exit status when the user has had enough (SIGINT); other signals that end processes still do. */
int watch_run(const Options *options, ProcessMemory *memory, Pool *pool);

#endif
