/* Printing diagnostics as text; diagnostics_print.c shows the form.  Nothing here allocates, so a memory limit can be
   reported too. */
#ifndef POLEC_BASE_DIAGNOSTICS_PRINT_H
#define POLEC_BASE_DIAGNOSTICS_PRINT_H

#include <stdio.h>

#include "base/diagnostics.h"

/* All of them, in the order of the list (diagnostics_sort). */
void diagnostics_print(FILE *stream, const Diagnostics *diagnostics, bool color);

/* One.  Without a position it is told of the first file of the text, or of polec if there is none. */
void diagnostic_print(FILE *stream, const SourceText *text, const Diagnostic *diagnostic, bool color);

#endif
