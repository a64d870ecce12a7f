/*
 * What a re-check costs beside a check from scratch: one line of a large file is changed, in front, in the middle, at
 * the end, and changed back, many times.  The change is handed over as `polec watch` does it: the whole new text.
 *
 *     recheck FILE [ROUNDS]
 *
 * Prints Markdown.  Times are processor times, medians of all rounds; bytes are exact and the same in each.  Both checks run in this process and in turns,
 * so both find warm memory.  "from scratch" is what the compiler does for --check: it lexes, parses and builds, and
 * keeps nothing.
 */
#define _POSIX_C_SOURCE 200809L
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "driver.h"
#include "recheck.h"

enum { MOST_BYTES = 64 << 20, MOST_ROUNDS = 1000 };

static char original[MOST_BYTES], changed[MOST_BYTES];
static const char *path;

static int compare(const void *a, const void *b)
{
    uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;
    return x < y ? -1 : x > y;
}

static double median_us(uint64_t *times, unsigned n)
{
    qsort(times, n, sizeof *times, compare);
    return (double)times[n / 2] / 1000;
}

/* Processor time of this process, in nanoseconds: other work on the machine does not count. */
static uint64_t used_time(void)
{
    struct timespec now;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

static uint64_t check_from_scratch(Pool *pool, const Options *options, const char *text, size_t length)
{
    Output output = {.way = OUTPUT_CLOSED}, depfile = {.way = OUTPUT_CLOSED};
    Compilation c = {.options = options, .pool = pool, .path = path, .text = text, .text_length = length,
                     .output = &output, .depfile = &depfile};
    uint64_t start = used_time();
    compile(&c);
    return used_time() - start;
}

/* The first digit behind a space at or behind `at`: a number in some function's body. */
static size_t find_number(size_t at, size_t length)
{
    while (at + 1 < length && !(original[at] == ' ' && original[at + 1] >= '0' && original[at + 1] <= '9'))
        at++;
    return at + 1;
}

/* What is written at that place instead, of the kind that the row names. */
static const struct { const char *what, *text; } edits[] = {
    {"a digit", "7"}, {"a new line", "\n"}, {"a comment", "/* a note */ "}, {"an error", "( "},
};

static void measure(Pool *pool, Pool *other, const Options *options, size_t length, size_t at, unsigned edit,
                    const char *where, unsigned rounds)
{
    static uint64_t again[2 * MOST_ROUNDS], scratch[2 * MOST_ROUNDS];
    static Recheck r;
    size_t inserted = strlen(edits[edit].text);
    memcpy(changed, original, at);
    memcpy(changed + at, edits[edit].text, inserted);
    memcpy(changed + at + inserted, original + at, length - at);
    recheck_open(&r, options, pool, path);
    recheck(&r, original, length);
    uint64_t made = 0, used = 0;
    for (unsigned i = 0; i < 2 * rounds; i++) {
        const char *text = i % 2 == 0 ? changed : original;
        size_t n = i % 2 == 0 ? length + inserted : length;
        uint64_t start = used_time();
        recheck(&r, text, n);
        again[i] = used_time() - start;
        made = used = 0;
        for (unsigned j = 0; j < RECHECK_ARENAS; j++) {
            made += r.bytes[j].made;
            used += r.bytes[j].used;
        }
        scratch[i] = check_from_scratch(other, options, text, n);
    }
    recheck_close(&r);
    printf("| %-10s | %-9s | %11.1f | %15.1f | %12.1f | %10llu | %12llu |\n", edits[edit].what, where,
           median_us(again, 2 * rounds) / 1000, median_us(scratch, 2 * rounds) / 1000, median_us(scratch, 2 * rounds) / median_us(again, 2 * rounds),
           (unsigned long long)made, (unsigned long long)used);
}

int main(int argc, char **argv)
{
    unsigned rounds = argc > 2 ? (unsigned)atoi(argv[2]) : 51;
    FILE *file = argc > 1 ? fopen(argv[1], "rb") : NULL;
    if (file == NULL || rounds == 0 || rounds > MOST_ROUNDS) {
        fputs("usage: recheck FILE [ROUNDS]\n", stderr);
        return 2;
    }
    path = argv[1];
    size_t length = fread(original, 1, MOST_BYTES - 100, file);
    fclose(file);
    Options options = options_default();
    options.emit = EMIT_CHECK;
    options.guard = false;
    Pool *pool = pool_open(&(PoolOptions){.mode = POOL_RECYCLE}), *other = pool_open(&(PoolOptions){.mode = POOL_RECYCLE});
    const struct { const char *name; size_t at; } places[] = {
        {"beginning", find_number(length / 50, length)}, {"middle", find_number(length / 2, length)},
        {"end", find_number(length - length / 50, length)},
    };
    puts("| inserted   | where     | re-check ms | from scratch ms | times faster | bytes made | bytes in all |\n"
         "|------------|-----------|------------:|----------------:|-------------:|-----------:|-------------:|");
    for (unsigned i = 0; i < sizeof edits / sizeof *edits; i++)
        for (unsigned j = 0; j < 3; j++)
            measure(pool, other, &options, length, places[j].at, i, places[j].name, rounds);
    pool_close(pool);
    pool_close(other);
    return 0;
}
