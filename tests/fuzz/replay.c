/*
 * Runs every target on every file, once more on what mutate.c makes of it, and on programs from the grammar:
 *
 *     replay [--only=TARGET] [--imports=FOLDER]... [--as-written] [--seed=N] [--random=N] FILE...
 *     replay --write=FOLDER [--as-written] [--seed=N] --random=N      only writes the programs, as FOLDER/N.pole-ir
 *
 * --as-written: as the grammar writes them, so that nine in ten are legal; else mutate.c changes them.
 *
 * No libFuzzer is needed, so every build does this.  A crash tells which file it was: its name is printed first.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fuzz.h"

enum { MOST = 1 << 16, MOST_WRITTEN = 4096, MANY = 1000 };

static const char *only, *folder;
static bool as_written;
static unsigned long n_runs;

static void run_all(const uint8_t *bytes, size_t length)
{
    /* At its exact size, so that the sanitizers see a step beyond the end. */
    uint8_t *exact = malloc(length + (length == 0));
    memcpy(exact, bytes, length);
    for (int i = 0; i < N_FUZZ_TARGETS; i++) {
        if (only != NULL && strcmp(only, fuzz_targets[i].name) != 0)
            continue;
        fuzz_targets[i].run(exact, length);
        n_runs++;
    }
    free(exact);
}

static bool replay(const char *path)
{
    static uint8_t bytes[MOST];
    FILE *stream = fopen(path, "rb");
    if (stream == NULL) {
        perror(path);
        return false;
    }
    size_t length = fread(bytes, 1, sizeof bytes, stream);
    fclose(stream);
    fprintf(stderr, "# %s\n", path);
    run_all(bytes, length);
    return true;
}

static void write_program(unsigned long number, const uint8_t *bytes, size_t length)
{
    char path[4096];
    snprintf(path, sizeof path, "%s/%lu.pole-ir", folder, number);
    FILE *stream = fopen(path, "wb");
    if (stream == NULL || fwrite(bytes, 1, length, stream) != length || fclose(stream) != 0) {
        perror(path);
        exit(1);
    }
    n_runs++;
}

static void run_random(unsigned long seed, unsigned long n)
{
    static uint8_t bytes[MOST];
    for (unsigned long i = 0; i < n; i++) {
        uint64_t random = (seed + i + 1) * 0x9E3779B97F4A7C15u | 1;
        size_t length = grammar_program((char *)bytes, MOST_WRITTEN, &random);
        for (uint32_t m = as_written ? 0 : random_below(&random, 4); m > 0; m--)
            length = mutate_program(bytes, length, MOST / 4, &random);
        if (folder == NULL && (n < MANY || i % MANY == 0)) /* with --seed, what crashed is found again */
            fprintf(stderr, "# random program %lu\n", seed + i);
        if (folder != NULL)
            write_program(seed + i, bytes, length);
        else
            run_all(bytes, length);
    }
}

int main(int argc, char **argv)
{
    unsigned long seed = 0, n_random = 0;
    int i = 1;
    for (; i < argc && strncmp(argv[i], "--", 2) == 0; i++) {
        if (strncmp(argv[i], "--imports=", 10) == 0)
            fuzz_imports_from(argv[i] + 10);
        else if (strncmp(argv[i], "--only=", 7) == 0)
            only = argv[i] + 7;
        else if (strncmp(argv[i], "--seed=", 7) == 0)
            seed = strtoul(argv[i] + 7, NULL, 10);
        else if (strncmp(argv[i], "--random=", 9) == 0)
            n_random = strtoul(argv[i] + 9, NULL, 10);
        else if (strcmp(argv[i], "--as-written") == 0)
            as_written = true;
        else if (strncmp(argv[i], "--write=", 8) == 0)
            folder = argv[i] + 8;
    }
    if (i >= argc && n_random == 0) {
        fputs("usage: replay [--only=TARGET] [--imports=FOLDER]... [--write=FOLDER] [--as-written] [--seed=N] [--random=N] FILE...\n", stderr);
        return 2;
    }
    for (; i < argc; i++)
        if (!replay(argv[i]))
            return 1;
    run_random(seed, n_random);
    printf("ok 1 - %lu runs\n1..1\n", n_runs);
    return n_runs > 0 ? 0 : 1;
}
