/*
 * The run-time library's allocation beside the alternatives: binary trees of blocks of two words are built, walked and
 * dropped, most of them at once, one living through it all.  That is what functional programs do with memory.
 *
 * Each allocator runs in a process of its own, because peak memory belongs to the process.  Time is processor time, the
 * median of several rounds, building and walking included.  Usage: runtime_memory [DEPTH]
 */
#define _GNU_SOURCE
#include <gc/gc.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "runtime/runtime.h"

enum { N_ROUNDS = 5, CHUNK = 64 << 20 };

typedef struct Tree { struct Tree *left, *right; } Tree;

/* ---- the allocators ---- */

static void *by_calloc(size_t size) { return calloc(1, size); }
static void *by_libgc(size_t size) { return GC_malloc(size); }
static void *by_runtime(size_t size) { return pole_allocate((int64_t)size); }

static void *by_bumping(size_t size)
{
    static char *at, *end;
    if ((size_t)(end - at) < size) {
        at = mmap(NULL, CHUNK, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
        if (at == MAP_FAILED) exit(1);
        end = at + CHUNK;
    }
    at += size;
    return at - size;
}

static void forget(void *block) { (void)block; }

typedef struct {
    const char *name;
    void *(*allocate)(size_t);
    void (*release)(void *);
} Allocator;

static const Allocator allocators[] = {
    {"calloc and free", by_calloc, free},
    {"calloc, never freed", by_calloc, forget},
    {"a pointer bumped, never freed", by_bumping, forget},
    {"GC_malloc", by_libgc, forget},
    {"pole_allocate", by_runtime, forget},
};

/* ---- the work ---- */

static Tree *build(const Allocator *with, int depth)
{
    Tree *tree = with->allocate(sizeof *tree);
    if (depth > 0) {
        tree->left = build(with, depth - 1);
        tree->right = build(with, depth - 1);
    }
    return tree;
}

static int64_t count(const Tree *tree)
{
    return tree->left ? 1 + count(tree->left) + count(tree->right) : 1;
}

static void drop(const Allocator *with, Tree *tree)
{
    if (with->release == forget) return;
    if (tree->left) {
        drop(with, tree->left);
        drop(with, tree->right);
    }
    with->release(tree);
}

static int64_t work(const Allocator *with, int depth)
{
    Tree *lasting = build(with, depth);
    int64_t counted = 0;
    for (int each = 4; each <= depth; each += 4) {
        for (int i = 0; i < 1 << (depth - each + 4); i++) {
            Tree *tree = build(with, each);
            counted += count(tree);
            drop(with, tree);
        }
    }
    return counted + count(lasting);
}

static int by_value(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static double processor_seconds(const struct rusage *usage)
{
    return (double)(usage->ru_utime.tv_sec + usage->ru_stime.tv_sec) +
           (double)(usage->ru_utime.tv_usec + usage->ru_stime.tv_usec) * 1e-6;
}

int main(int argc, char **argv)
{
    int depth = argc > 1 ? atoi(argv[1]) : 18;
    double blocks = 2 << depth;
    for (int each = 4; each <= depth; each += 4) blocks += (double)(1 << (depth - each + 4)) * ((2 << each) - 1);
    puts("| allocator                      | ns a block | peak MB |\n|--------------------------------|-----------:|--------:|");
    for (size_t i = 0; i < sizeof allocators / sizeof *allocators; i++) {
        double seconds[N_ROUNDS];
        struct rusage usage;
        for (int round = 0; round < N_ROUNDS; round++) {
            pid_t child = fork();
            if (child == 0) _exit(work(&allocators[i], depth) == 0);
            int status;
            wait4(child, &status, 0, &usage);
            seconds[round] = processor_seconds(&usage);
        }
        qsort(seconds, N_ROUNDS, sizeof *seconds, by_value);
        printf("| %-30s | %10.1f | %7ld |\n", allocators[i].name, seconds[N_ROUNDS / 2] * 1e9 / blocks,
               usage.ru_maxrss / 1024);
    }
    return 0;
}
