/* polec lsp: a language server (Language Server Protocol 3.17) on standard input and output. */
#ifndef POLEC_LSP_LSP_H
#define POLEC_LSP_LSP_H

#include "options.h"

/* Serves until the client says `exit` or goes away.  Returns the exit status: 0 after a proper `shutdown`, else 1; 4 if
   an answer cannot be written. */
int lsp_run(const Options *options, ProcessMemory *memory);

#endif
