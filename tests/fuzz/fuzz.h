/*
 * Fuzz targets: each takes any bytes for a program and does something with them.  What goes wrong ends the process: a
 * sanitizer's report, an assertion, or abort().
 *
 * Built twice: with clang's libFuzzer, which makes up the bytes (one executable for each target, -Dfuzz=true), and with
 * replay.c, which takes them from files, in every build.
 */
#ifndef POLEC_TESTS_FUZZ_H
#define POLEC_TESTS_FUZZ_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct {
    const char *name;
    void (*run)(const uint8_t *bytes, size_t length);
} FuzzTarget;

enum { N_FUZZ_TARGETS = 7 };
extern const FuzzTarget fuzz_targets[N_FUZZ_TARGETS];

/* Imports are looked for here, too. */
void fuzz_imports_from(const char *directory);

/* Writes a random program that is mostly legal, of `most` bytes at most; returns its length. */
size_t grammar_program(char *out, size_t most, uint64_t *random);
/* A piece of one: `kind` is a letter of the grammar in grammar.c. */
size_t grammar_piece(char *out, size_t most, char kind, uint64_t *random);

/* xorshift64*; never 0. */
static inline uint32_t random_below(uint64_t *random, uint32_t n)
{
    *random ^= *random >> 12, *random ^= *random << 25, *random ^= *random >> 27;
    return (uint32_t)((*random * 2685821657736338717u >> 33) % n);
}

/* Changes the program in `bytes` token by token; returns its new length, `most` at most. */
size_t mutate_program(uint8_t *bytes, size_t length, size_t most, uint64_t *random);
/* A program with pieces of both. */
size_t splice_programs(const uint8_t *a, size_t a_length, const uint8_t *b, size_t b_length, uint8_t *out, size_t most,
                       uint64_t *random);

#endif
