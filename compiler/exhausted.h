/* Telling that memory ran out, as the diagnostic that it is: E901 or E902. */
#ifndef POLEC_EXHAUSTED_H
#define POLEC_EXHAUSTED_H

#include "session.h"

/* The diagnostic, with room for its own text: the arenas have none left. */
typedef struct {
    Diagnostic diagnostic;
    char message[256], note[256];
} ExhaustedDiagnostic;

void exhausted_describe(ExhaustedDiagnostic *result, const Session *session, const Options *options);

#endif
