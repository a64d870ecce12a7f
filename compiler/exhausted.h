/* Telling that memory ran out, as the diagnostic that it is: E901 or E902. */
#ifndef POLEC_EXHAUSTED_H
#define POLEC_EXHAUSTED_H

#include <stdio.h>

#include "session.h"

/* The diagnostic, with room for its own text: the arenas have none left. */
typedef struct {
    Diagnostic diagnostic;
    char message[256], note[256];
} ExhaustedDiagnostic;

void exhausted_describe(ExhaustedDiagnostic *result, const Session *session, const Options *options);

/* Prints a diagnostic that may have come before the source was loaded: then it is told of `path`. */
void diagnostic_print_for(FILE *stream, const Session *session, const Diagnostic *diagnostic, const char *path,
                          bool color);

/* Describes and prints. */
void exhausted_print(FILE *stream, const Session *session, const Options *options, const char *path, bool color);

#endif
