/*
 * Recorder: what the page of --memory-report=html shows of a compilation, written down while it runs.
 *
 * The page is not made from the compilation that was asked for.  When that is over, its file is compiled again, once for
 * each thing to be recorded, with a recorder: so the figures of the first compilation are those of every other report,
 * and without a page nothing of this costs anything.
 *
 *   RECORD_COLUMNS  every product as text, line by line, with the place in the source that each line comes from
 *   RECORD_MEMORY   how the arenas fill up and empty, and what lies in them
 *
 * Memory: the recorder's own, outside of the compilation, whose accounts stay what they are without a recorder.
 */
#ifndef POLEC_PAGE_RECORDER_H
#define POLEC_PAGE_RECORDER_H

#include "driver.h"
#include "ir/trail.h"
#include "page/maps.h"

typedef enum { RECORD_COLUMNS, RECORD_MEMORY } RecordWhat;

/* The bytes alive at one moment. */
typedef struct { uint64_t nanoseconds, session, phases[N_PHASES], llvm; } CurvePoint;

enum { MOST_POINTS = 600 };

/* All moments are too many: when the points have become too many, every second one goes, and fewer come from then on. */
typedef struct {
    CurvePoint points[MOST_POINTS];
    uint32_t n;
    uint64_t n_events, every;
    uint64_t llvm_noted;      /* LLVM's bytes at the last point that was made because of them */
} Curve;

typedef struct Recorder {
    RecordWhat what;
    FILE *data;               /* members of a JSON object go here, each behind a comma */
    bool tells_contents;      /* RECORD_MEMORY: the maps and the diagnostics, too, which are the same for every policy */
    const Compilation *compilation;
    ProcessMemory memory;
    IrTrail trail;
    Curve curve;
    Maps maps;
} Recorder;

/* The compilation is about to open its arenas. */
void recorder_begins(Recorder *recorder, Compilation *compilation, PoolOptions *options);
/* The meter of LLVM's heap has been started. */
void recorder_codegen_begins(Recorder *recorder);
/* The phase has ended; `product` is NULL if memory ran out in it, and for codegen. */
void recorder_phase_ends(Recorder *recorder, Phase phase, const void *product);
/* The phases are over, the session is still there. */
void recorder_ends(Recorder *recorder);
void recorder_close(Recorder *recorder);

#endif
