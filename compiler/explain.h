/* What `polec explain` prints: a page for each diagnostic.  The pages are explain/CODE.md. */
#ifndef POLEC_EXPLAIN_H
#define POLEC_EXPLAIN_H

#include <stdbool.h>
#include <stdio.h>

/* Prints the page of a code, which may be written as in a message, error[E204], and in small letters.  False: there is
   no such code, and nothing was printed. */
bool explain_code(FILE *stream, const char *code, bool color);

/* Prints every code with what it means, one a line. */
void explain_list(FILE *stream);

#endif
