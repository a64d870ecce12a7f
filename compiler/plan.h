/* The plan of a command line: where the outputs of every file go, and that none of them gets in another's way. */
#ifndef POLEC_PLAN_H
#define POLEC_PLAN_H

#include <limits.h>

#include "options.h"

/* The outputs of one file.  The pointers lead into the buffers here, or to what the options say. */
typedef struct {
    const char *output;         /* "-": standard output; NULL: none */
    const char *depfile;        /* NULL: none */
    const char *depfile_target;
    char output_buffer[PATH_MAX], depfile_buffer[PATH_MAX];
} FilePlan;

/* False, and told: a path would be too long. */
bool plan_file(FilePlan *plan, const Options *options, const char *file);

/* Wrong usage: two outputs in one place, or an output where an input is. */
Status plan_check(const Options *options, ProcessMemory *memory);

/* What to say, behind the reason, of a file that cannot be read: something where only `.pole-ir` was left out (`polec run
   hello`), else nothing.  Looks at errno, and leaves it. */
const char *plan_suffix_left_out(const char *path);

#endif
