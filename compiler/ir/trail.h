/*
 * Trail: where in the source each word of the IR comes from.
 *
 * Half of the instructions know their place, because messages at run time name it; the trail is for the other half.  It
 * is kept only while the page of --memory-report=html is made.  Its memory is the page's, outside of the compilation
 * that it describes, whose accounts stay exact.
 *
 * It follows the builder's words by their index: noted when they are emitted, and moved when a lambda's words are.
 * What is rewound or truncated is simply overwritten later.
 */
#ifndef POLEC_IR_TRAIL_H
#define POLEC_IR_TRAIL_H

#include "ir/ir.h"

typedef struct IrTrail {
    ArenaArray *words;    /* SourcePos, by index into Builder.words, later Ir.words */
    ArenaArray *finished; /* the same for Builder.finished_words */
} IrTrail;

void trail_open(IrTrail *trail, Arena *arena);

/* The `n` words that end before index `end` come from `pos`. */
void trail_note(IrTrail *trail, uint32_t end, uint32_t n, SourcePos pos);

/* Words move to the finished ones, and from there behind the other words.  Without a trail nothing happens. */
void trail_set_aside(IrTrail *trail, uint32_t from, uint32_t to, uint32_t n);
void trail_bring_back(IrTrail *trail, uint32_t from, uint32_t to, uint32_t n);

/* Where the instruction at index `word` of the product comes from: its own place, or the trail's; maybe nowhere. */
SourcePos trail_place(const IrTrail *trail, const IrHead *instruction, uint32_t word);

#endif
