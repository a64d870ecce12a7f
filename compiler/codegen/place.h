/* Lines and columns for run-time messages.  A table per file, made when the first place in it is asked for. */
#ifndef POLEC_CODEGEN_PLACE_H
#define POLEC_CODEGEN_PLACE_H

#include "base/source.h"

typedef struct {
    uint32_t *line_starts;    /* offsets in the file, ascending */
    uint32_t n_lines;
    uint32_t *continuations;  /* UTF-8 continuation bytes before each 256th byte of the file, and in all of it */
    const char *shown_path;   /* as diagnostics show it: a running program must not pass on what steers a terminal, either */
    uint32_t shown_length;
} FilePlaces;

typedef struct {
    const SourceText *text;
    Arena *arena;
    FilePlaces *files;        /* by FileId */
} Places;

void places_open(Places *places, const SourceText *text, Arena *arena);

/* Both count from 1; false: the position is in no file. */
bool place_find(Places *places, SourcePos pos, uint32_t *line, uint32_t *column);

/* "FILE:LINE:COLUMN", in `arena`; the result's length goes to `length`. */
const char *place_print(Places *places, Arena *arena, SourcePos pos, uint32_t *length);

#endif
