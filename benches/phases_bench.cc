/*
 * Each phase alone, on the same random programs (generate.py), and the interner beside other hash tables.
 *
 *     phases_bench [FILE...] [--benchmark_filter=...]
 *
 * The files that the build has made go from 2 KB to 1 MB; others, of 10 or 100 MB, can be given.  A phase needs what the
 * one before has made, so every iteration runs all up to it and counts that phase's processor time alone.  Memory is
 * warm, as it is from the second file on that a process compiles; of the other costs of a fresh process compare.py
 * tells.  BigO is the fit of time over bytes, RMS its error.
 *
 *   s/line, tokens/s      of the phase alone
 *   whole                 all four; over_LLVM: the time that is not LLVM's, beside LLVM's own for the same modules
 *   intern_new            every identifier of the program, in order, into an empty table
 *   intern_known          the same once more: all are there
 *
 * Tables map a text to a dense number.  The peers' keys are pointer and length into the program's text, or for StringMap
 * a copy of the text, which is how it is made.  GHashTable gets the hash that its own g_str_hash computes.
 */
#include <benchmark/benchmark.h>

#include <algorithm>
#include <cstdio>
#include <fstream>
#include <iterator>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include <time.h>

#include <llvm/ADT/DenseMap.h>
#include <llvm/ADT/StringMap.h>

#if __has_include(<glib.h>)
#include <glib.h>
#define HAVE_GLIB 1
#endif

extern "C" {
#include "phases.h"
}

namespace {

struct Program {
    std::string text;
    double lines;
};

std::vector<Program> programs;
const char *const names[PHASES] = {"lex", "parse", "build", "codegen"};

void phase(benchmark::State &state, unsigned index)
{
    const Program &program = programs[state.range(0)];
    PhasesRun run;
    for (auto _ : state) {
        if (!phases_run(program.text.data(), program.text.size(), index + 1, &run)) {
            state.SkipWithError("the program has errors");
            return;
        }
        state.SetIterationTime(run.nanoseconds[index] / 1e9);
    }
    using benchmark::Counter;
    state.SetBytesProcessed(state.iterations() * program.text.size());
    state.SetComplexityN(program.text.size());
    state.counters["tokens/s"] = Counter(run.tokens, Counter::kIsIterationInvariantRate);
    state.counters["s/line"] = Counter(program.lines, Counter::kIsIterationInvariantRate | Counter::kInvert);
}

// From text to object.  `over LLVM` is what remains when LLVM's own time for the modules that it is given is taken off,
// as a part of that time: what a perfect front-end would save.
void whole(benchmark::State &state)
{
    const Program &program = programs[state.range(0)];
    double all = 0, llvm = 0;
    for (auto _ : state) {
        PhasesRun run;
        if (!phases_run(program.text.data(), program.text.size(), PHASES, &run)) {
            state.SkipWithError("the program has errors");
            return;
        }
        double sum = 0;
        for (uint64_t part : run.nanoseconds)
            sum += part;
        all += sum;
        llvm += run.llvm_nanoseconds;
        state.SetIterationTime(sum / 1e9);
    }
    state.SetComplexityN(program.text.size());
    state.counters["over_LLVM"] = all / llvm - 1;
    state.counters["s/line"] = benchmark::Counter(program.lines, benchmark::Counter::kIsIterationInvariantRate | benchmark::Counter::kInvert);
}

// ---- the interner ----

uint64_t now()
{
    timespec time;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
    return time.tv_sec * uint64_t(1000000000) + time.tv_nsec;
}

struct Unordered {
    std::unordered_map<std::string_view, uint32_t> map;
    uint32_t intern(const Identifier &i) { return map.try_emplace({i.bytes, i.length}, map.size() + 1).first->second; }
    size_t size() { return map.size(); }
};

struct LlvmStringMap {
    llvm::StringMap<uint32_t> map;
    uint32_t intern(const Identifier &i) { return map.try_emplace({i.bytes, i.length}, map.size() + 1).first->second; }
    size_t size() { return map.size(); }
};

struct LlvmDenseMap {
    llvm::DenseMap<llvm::StringRef, uint32_t> map;
    uint32_t intern(const Identifier &i) { return map.try_emplace({i.bytes, i.length}, map.size() + 1).first->second; }
    size_t size() { return map.size(); }
};

#ifdef HAVE_GLIB
struct Glib {
    GHashTable *map = g_hash_table_new(hash, equal);
    ~Glib() { g_hash_table_destroy(map); }
    static guint hash(gconstpointer key)
    {
        auto *i = static_cast<const Identifier *>(key);
        guint32 h = 5381;
        for (uint32_t at = 0; at < i->length; at++)
            h = h * 33 + static_cast<signed char>(i->bytes[at]);
        return h;
    }
    static gboolean equal(gconstpointer a, gconstpointer b)
    {
        auto *x = static_cast<const Identifier *>(a), *y = static_cast<const Identifier *>(b);
        return x->length == y->length && memcmp(x->bytes, y->bytes, x->length) == 0;
    }
    uint32_t intern(const Identifier &i)
    {
        if (gpointer found = g_hash_table_lookup(map, &i))
            return GPOINTER_TO_UINT(found);
        uint32_t id = g_hash_table_size(map) + 1;
        g_hash_table_insert(map, const_cast<Identifier *>(&i), GUINT_TO_POINTER(id));
        return id;
    }
    size_t size() { return g_hash_table_size(map); }
};
#endif

template <class Table> uint64_t intern(const Identifier *list, size_t n, bool again, uint64_t *n_names)
{
    Table table;
    uint64_t start, sum = 0;
    for (int round = 0; round <= again; round++) {
        start = now();
        for (size_t i = 0; i < n; i++)
            sum += table.intern(list[i]);
    }
    uint64_t took = now() - start;
    benchmark::DoNotOptimize(sum);
    *n_names = table.size();
    return took;
}

uint64_t intern_ours(const Identifier *, size_t, bool again, uint64_t *n_names)
{
    uint64_t took, sum = phases_intern(again, n_names, &took);
    benchmark::DoNotOptimize(sum);
    return took;
}

using Intern = uint64_t (*)(const Identifier *, size_t, bool, uint64_t *);

void interner(benchmark::State &state, Intern of, bool again)
{
    const Program &program = programs[state.range(0)];
    size_t n;
    const Identifier *list = phases_open_text(program.text.data(), program.text.size(), &n);
    uint64_t n_names = 0;
    for (auto _ : state)
        state.SetIterationTime(of(list, n, again, &n_names) / 1e9);
    state.counters["names"] = n_names;
    state.counters["s/lookup"] = benchmark::Counter(n, benchmark::Counter::kIsIterationInvariantRate | benchmark::Counter::kInvert);
    phases_close_text();
}

void register_all()
{
    for (unsigned index = 0; index < PHASES; index++) {
        auto *made = benchmark::RegisterBenchmark(names[index], phase, index)->UseManualTime()->Unit(benchmark::kMicrosecond);
        for (size_t i = 0; i < programs.size(); i++)
            made->Arg(i);
        made->Complexity();
    }
    auto *made = benchmark::RegisterBenchmark("whole", whole)->UseManualTime()->Unit(benchmark::kMicrosecond);
    for (size_t i = 0; i < programs.size(); i++)
        made->Arg(i);
    made->Complexity();
    const std::pair<const char *, Intern> tables[] = {
        {"polec", intern_ours}, {"unordered_map", intern<Unordered>}, {"StringMap", intern<LlvmStringMap>},
        {"DenseMap", intern<LlvmDenseMap>},
#ifdef HAVE_GLIB
        {"GHashTable", intern<Glib>},
#endif
    };
    for (bool again : {false, true})
        for (auto [name, of] : tables)
            benchmark::RegisterBenchmark((std::string(again ? "intern_known/" : "intern_new/") + name).c_str(), interner, of, again)
                ->UseManualTime()->Unit(benchmark::kMicrosecond)->Arg(programs.size() - 1);
}

} // namespace

int main(int argc, char **argv)
{
    benchmark::Initialize(&argc, argv);
    for (int i = 1; i < argc; i++) {
        std::ifstream file(argv[i], std::ios::binary);
        std::string text((std::istreambuf_iterator<char>(file)), {});
        if (text.empty())
            return fprintf(stderr, "phases_bench: cannot read %s\n", argv[i]), 1;
        double lines = std::count(text.begin(), text.end(), '\n');
        programs.push_back({std::move(text), lines});
    }
    if (programs.empty())
        return fprintf(stderr, "usage: phases_bench FILE.pole-ir...\n"), 2;
    std::sort(programs.begin(), programs.end(), [](auto &a, auto &b) { return a.text.size() < b.text.size(); });
    register_all();
    benchmark::RunSpecifiedBenchmarks();
}
