/*
 * The arena beside seven other allocators, on nodes of a tree: 16 to 48 bytes, 26 on average, in random order.
 *
 *   cold      a new process fills the allocator for the first time; page faults are the price
 *   warm      the second filling, after everything was freed: what a later phase of a compile pays
 *   rebuilt   freeing everything and filling again, both timed
 *   free_all  freeing everything, nanoseconds in all
 *   pipeline  four arenas of a tiny program (3,000 bytes each), each freed when the next one is full, in a new process
 *
 * Every sample is taken in a child process of its own, forked before any allocator was used, so that no sample finds
 * pages or free lists of the one before.  Read the medians.  Each node's first word is written, as a parser would.
 *
 * What the peers do: malloc links its nodes in order to free them one by one; pmr, obstack, LLVM and bumpalo give
 * their blocks back when freed (that is their free-all; `warm` uses their cheapest way to start again); the pools of
 * mimalloc and APR keep them for the next one.  bumpalo's loop is written in Rust, so that it is inlined too.
 */
#include <benchmark/benchmark.h>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <memory_resource>
#include <new>
#include <random>
#include <vector>

#include <obstack.h>
#include <sys/wait.h>
#include <unistd.h>

#include <llvm/Support/Allocator.h>

#if __has_include(<mimalloc.h>)
#include <mimalloc.h>
#define HAVE_MIMALLOC 1
#endif
#if __has_include(<apr-1.0/apr_pools.h>)
#include <apr-1.0/apr_general.h>
#include <apr-1.0/apr_pools.h>
#define HAVE_APR 1
#endif

extern "C" {
#include "base/arena.h"
}

namespace {

enum { MOST_NODES = 1000000 };

std::vector<uint32_t> node_sizes()
{
    static const uint32_t choices[] = {16, 16, 16, 24, 24, 24, 24, 32, 32, 48}; /* mean 25.6 */
    std::mt19937 random(1);
    std::vector<uint32_t> sizes(MOST_NODES);
    for (uint32_t &size : sizes)
        size = choices[random() % 10];
    return sizes;
}

const std::vector<uint32_t> sizes = node_sizes();

/* ---- The allocators.  start() prepares a process, start_beside() another arena in it.  open() and free_all() bracket a life; again() is the cheapest way from full to empty. ---- */

struct Ours {
    Pool *pool = nullptr;
    ArenaAccount account;
    Arena arena;

    static void fail(void *, const ArenaExhausted *) { abort(); }
    void start()
    {
        PoolOptions options = {};
        options.exhausted = fail;
        pool = pool_open(&options);
        arena_account_open(&account, pool, "phase", 0);
    }
    void start_beside(Ours &other)
    {
        pool = other.pool;
        arena_account_open(&account, pool, "phase", 0);
    }
    void open() { arena_open(&arena, &account, "nodes"); }
    void fill(size_t n)
    {
        for (size_t i = 0; i < n; i++)
            *static_cast<size_t *>(arena_push(&arena, sizes[i])) = i;
    }
    void free_all() { arena_free(&arena); }
    void again() { free_all(), open(); }
};

/* No allocator at all: what the loop and the writing of the nodes cost. */
struct Bare {
    char *bytes = nullptr;

    void start() { bytes = static_cast<char *>(::operator new(48 * MOST_NODES)); }
    void start_beside(Bare &other) { bytes = other.bytes; }
    void open() {}
    void fill(size_t n)
    {
        char *position = bytes;
        for (size_t i = 0; i < n; i++) {
            *reinterpret_cast<size_t *>(position) = i;
            position += sizes[i];
        }
    }
    void free_all() {}
    void again() {}
};

struct Malloc {
    void *newest = nullptr;

    void start() {}
    template <typename Same> void start_beside(Same &) {}
    void open() {}
    void fill(size_t n)
    {
        for (size_t i = 0; i < n; i++) {
            void **node = static_cast<void **>(malloc(sizes[i]));
            *node = newest;
            newest = node;
        }
    }
    void free_all()
    {
        while (newest != nullptr) {
            void *next = *static_cast<void **>(newest);
            free(newest);
            newest = next;
        }
    }
    void again() { free_all(); }
};

#define obstack_chunk_alloc malloc
#define obstack_chunk_free free

struct Obstack {
    struct obstack stack;
    void *first;

    void start() {}
    template <typename Same> void start_beside(Same &) {}
    void open()
    {
        obstack_init(&stack);
        obstack_alignment_mask(&stack) = 7;
        first = obstack_alloc(&stack, 8);
    }
    void fill(size_t n)
    {
        for (size_t i = 0; i < n; i++)
            *static_cast<size_t *>(obstack_alloc(&stack, sizes[i])) = i;
    }
    void free_all() { obstack_free(&stack, nullptr); }
    void again() { obstack_free(&stack, first); }
};

struct Monotonic {
    alignas(std::pmr::monotonic_buffer_resource) char place[sizeof(std::pmr::monotonic_buffer_resource)];
    std::pmr::monotonic_buffer_resource *resource;

    void start() {}
    template <typename Same> void start_beside(Same &) {}
    void open() { resource = new (place) std::pmr::monotonic_buffer_resource(64 * 1024); }
    void fill(size_t n)
    {
        for (size_t i = 0; i < n; i++)
            *static_cast<size_t *>(resource->allocate(sizes[i], 8)) = i;
    }
    void free_all() { resource->~monotonic_buffer_resource(); }
    void again() { resource->release(); }
};

struct LlvmBump {
    alignas(llvm::BumpPtrAllocator) char place[sizeof(llvm::BumpPtrAllocator)];
    llvm::BumpPtrAllocator *bump;

    void start() {}
    template <typename Same> void start_beside(Same &) {}
    void open() { bump = new (place) llvm::BumpPtrAllocator; }
    void fill(size_t n)
    {
        for (size_t i = 0; i < n; i++)
            *static_cast<size_t *>(bump->Allocate(sizes[i], 8)) = i;
    }
    void free_all() { bump->~BumpPtrAllocatorImpl(); }
    void again() { bump->Reset(); }
};

#if HAVE_MIMALLOC
struct MimallocHeap {
    mi_heap_t *heap;

    void start() {}
    template <typename Same> void start_beside(Same &) {}
    void open() { heap = mi_heap_new(); }
    void fill(size_t n)
    {
        for (size_t i = 0; i < n; i++)
            *static_cast<size_t *>(mi_heap_malloc_small(heap, sizes[i])) = i;
    }
    void free_all() { mi_heap_destroy(heap); }
    void again() { free_all(), open(); }
};
#endif

#if HAVE_APR
struct AprPool {
    apr_pool_t *pool;

    void start() { apr_initialize(); }
    void start_beside(AprPool &) {}
    void open() { apr_pool_create(&pool, nullptr); }
    void fill(size_t n)
    {
        for (size_t i = 0; i < n; i++)
            *static_cast<size_t *>(apr_palloc(pool, sizes[i])) = i;
    }
    void free_all() { apr_pool_destroy(pool); }
    void again() { apr_pool_clear(pool); }
};
#endif

#if HAVE_BUMPALO
extern "C" {
void *bumpalo_open(void);
void bumpalo_fill(void *bump, const uint32_t *sizes, size_t n);
void bumpalo_reset(void *bump);
void bumpalo_free(void *bump);
}

struct Bumpalo {
    void *bump;

    void start() {}
    template <typename Same> void start_beside(Same &) {}
    void open() { bump = bumpalo_open(); }
    void fill(size_t n) { bumpalo_fill(bump, sizes.data(), n); }
    void free_all() { bumpalo_free(bump); }
    void again() { bumpalo_reset(bump); }
};
#endif

/* ---- Sampling ---- */

using Clock = std::chrono::steady_clock;

template <typename Work> double seconds(Work work)
{
    Clock::time_point start = Clock::now();
    work();
    return std::chrono::duration<double>(Clock::now() - start).count();
}

/* Runs `sample` in a child process and returns the seconds that it measured. */
template <typename Sample> double in_new_process(Sample sample)
{
    int ends[2];
    if (pipe(ends) != 0)
        abort();
    pid_t child = fork();
    if (child == 0) {
        double result = sample();
        _exit(write(ends[1], &result, sizeof result) == sizeof result ? 0 : 1);
    }
    close(ends[1]); /* then a child that dies ends the reading */
    double result = 0;
    if (child < 0 || read(ends[0], &result, sizeof result) != sizeof result)
        abort();
    close(ends[0]);
    waitpid(child, nullptr, 0);
    return result;
}

/* The first touch of code, stack and the sizes themselves is no allocator's fault. */
void touch_sizes(size_t n)
{
    uint64_t sum = 0;
    for (size_t i = 0; i < n; i++)
        sum += sizes[i];
    benchmark::DoNotOptimize(sum);
    seconds([] {});
}

template <typename Allocator> double cold(size_t n)
{
    touch_sizes(n);
    Allocator allocator;
    return seconds([&] {
        allocator.start();
        allocator.open();
        allocator.fill(n);
    });
}

/* The median of several rounds in one process, after one round that is not counted. */
template <typename Round> double median_round(size_t n, Round round)
{
    size_t rounds = n >= 100000 ? 7 : 101;
    std::vector<double> times(rounds);
    round();
    for (double &time : times)
        time = round();
    std::nth_element(times.begin(), times.begin() + static_cast<std::ptrdiff_t>(rounds / 2), times.end());
    return times[rounds / 2];
}

template <typename Allocator> double warm(size_t n)
{
    Allocator allocator;
    allocator.start();
    allocator.open();
    allocator.fill(n);
    return median_round(n, [&] {
        allocator.again();
        return seconds([&] { allocator.fill(n); });
    });
}

template <typename Allocator> double rebuilt(size_t n)
{
    Allocator allocator;
    allocator.start();
    allocator.open();
    allocator.fill(n);
    return median_round(n, [&] {
        return seconds([&] {
            allocator.free_all();
            allocator.open();
            allocator.fill(n);
        });
    });
}

template <typename Allocator> double free_all(size_t n)
{
    Allocator allocator;
    allocator.start();
    return median_round(n, [&] {
        allocator.open();
        allocator.fill(n);
        return seconds([&] { allocator.free_all(); });
    });
}

template <typename Allocator> double pipeline(size_t n)
{
    touch_sizes(n);
    Allocator phases[4];
    return seconds([&] {
        phases[0].start();
        for (int phase = 0; phase < 4; phase++) {
            if (phase > 0)
                phases[phase].start_beside(phases[0]);
            phases[phase].open();
            phases[phase].fill(n);
            if (phase > 0)
                phases[phase - 1].free_all();
        }
        phases[3].free_all();
    });
}

void run(benchmark::State &state, double (*sample)(size_t n), bool per_node)
{
    size_t n = static_cast<size_t>(state.range(0));
    for (auto _ : state) {
        double time = in_new_process([&] { return sample(n); });
        state.SetIterationTime(time);
        /* Per node, or in all for free_all and pipeline. */
        state.counters["ns"] = time * 1e9 / (per_node ? static_cast<double>(n) : 1);
    }
}

template <typename Allocator> void add(const std::string &name)
{
    auto add_one = [&](const char *what, double (*sample)(size_t), bool per_node, std::vector<int64_t> counts) {
        auto *bench = benchmark::RegisterBenchmark((std::string(what) + "/" + name).c_str(), run, sample, per_node);
        for (int64_t n : counts)
            bench->Arg(n);
        bench->UseManualTime()->Iterations(1)->Repetitions(15)->ReportAggregatesOnly(true);
    };
    add_one("cold", cold<Allocator>, true, {1000, 10000, 100000, 1000000});
    add_one("warm", warm<Allocator>, true, {1000, 10000, 100000, 1000000});
    add_one("rebuilt", rebuilt<Allocator>, true, {1000, 10000, 100000, 1000000});
    add_one("free_all", free_all<Allocator>, false, {1000, 1000000});
    add_one("pipeline", pipeline<Allocator>, false, {117});
}

} // namespace

int main(int argc, char **argv)
{
    add<Ours>("polec");
    add<Bare>("bare_loop");
    add<Malloc>("malloc");
    add<Obstack>("obstack");
    add<Monotonic>("pmr_monotonic");
    add<LlvmBump>("llvm_bump");
#if HAVE_MIMALLOC
    add<MimallocHeap>("mimalloc_heap");
#endif
#if HAVE_APR
    add<AprPool>("apr_pool");
#endif
#if HAVE_BUMPALO
    add<Bumpalo>("bumpalo");
#endif
    benchmark::Initialize(&argc, argv);
    benchmark::RunSpecifiedBenchmarks();
    benchmark::Shutdown();
}
