/* Time report: how long each phase took. */
#ifndef POLEC_TIME_REPORT_H
#define POLEC_TIME_REPORT_H

#include <stdint.h>
#include <stdio.h>

#include "session.h"

typedef struct {
    const char *file;
    uint32_t n_phases;                      /* as many as the compilation got to */
    uint64_t phases[N_PHASES], output, total; /* nanoseconds; output: writing, and linking */
} TimeFigures;

void time_report_text(FILE *stream, const TimeFigures *const *figures, size_t n);
void time_report_json(FILE *stream, const TimeFigures *const *figures, size_t n);

#endif
