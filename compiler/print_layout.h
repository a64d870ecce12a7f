/* --print-layout: what tokens, nodes and instructions consist of. */
#ifndef POLEC_PRINT_LAYOUT_H
#define POLEC_PRINT_LAYOUT_H

#include <stdio.h>

void print_layout(FILE *stream);

#endif
