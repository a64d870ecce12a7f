/* Response files: @FILE on the command line stands for the words of FILE. */
#ifndef POLEC_ARGUMENTS_H
#define POLEC_ARGUMENTS_H

#include "process.h"

typedef struct {
    const char **words;
    size_t n;
} Arguments;

/* Replaces every @FILE before a `--` by the words of FILE, in which further @FILEs may stand.  Without any, the result
   is `arguments` itself.  Tells on standard error what is wrong. */
Status arguments_expand(Arguments *result, ProcessMemory *memory, int n_arguments, char **arguments);

#endif
