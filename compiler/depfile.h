/* Depfiles: what an output was made from, in the language of make. */
#ifndef POLEC_DEPFILE_H
#define POLEC_DEPFILE_H

#include <stdio.h>

#include "base/source.h"

/* `target`: source and imports. */
void depfile_write(FILE *stream, const char *target, const SourceText *text);

/* The path of the source file that writing to `output` would destroy, or NULL. */
const char *depfile_overwritten(const SourceText *text, const char *output);

#endif
