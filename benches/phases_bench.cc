/*
 * Each phase alone, on the same random programs (generate.py), and the interner beside other hash tables.
 *
 *     phases_bench [FILE...] [--benchmark_filter=...]
 *
 * micro.py gives it programs of 1 KB to 100 MB.  A phase needs what the one before has made, so
 * every iteration runs all up to it and counts that phase's processor time alone.  Memory is warm, as it is from the
 * second file on that a process compiles; of the other costs of a fresh process compare.py tells.  The number behind a
 * name is the program's bytes; BigO is the fit of time over bytes, RMS its error.  What LLVM takes part in stops at
 * 16 MB, where one iteration takes seconds; so does the interner.
 *
 *   bytes_per_second, tokens/s, s/line      of the phase alone
 *   whole                 all four; over_LLVM: the time that is not LLVM's, beside LLVM's own for the same modules
 *   intern_new            every identifier of the program, in order, into an empty table
 *   intern_known          the same once more: all are there
 *
 * Tables map a text to a dense number.  The peers' keys are pointer and length into the program's text, or for StringMap
 * a copy of the text, which is how it is made.  GHashTable and khash get the hashes that their own functions for strings
 * compute; stb_ds knows but strings that end in a NUL, so every lookup begins with a copy.
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

#if __has_include(<htslib/khash.h>)
#include <htslib/khash.h>
#define HAVE_KHASH 1
#endif
#if __has_include(<stb/stb_ds.h>)
#define STB_DS_IMPLEMENTATION
#include <stb/stb_ds.h>
#define HAVE_STB_DS 1
#endif

extern "C" {
#include "phases.h"
}

namespace {

struct Program {
    std::string text;
    double lines;
};

constexpr size_t MOST_FOR_LLVM = 16 << 20;

std::vector<Program> programs; // by size

const Program &program_of(const benchmark::State &state)
{
    return *std::find_if(programs.begin(), programs.end(), [&](auto &p) { return p.text.size() == size_t(state.range(0)); });
}
const char *const names[PHASES] = {"lex", "parse", "build", "codegen"};

void phase(benchmark::State &state, unsigned index)
{
    const Program &program = program_of(state);
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
    const Program &program = program_of(state);
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

#ifdef HAVE_KHASH
inline khint_t khash_of(const Identifier &i)
{
    khint_t h = 0;
    for (uint32_t at = 0; at < i.length; at++)
        h = (h << 5) - h + khint_t(i.bytes[at]);
    return h;
}
inline bool khash_equal(const Identifier &x, const Identifier &y)
{
    return x.length == y.length && memcmp(x.bytes, y.bytes, x.length) == 0;
}
KHASH_INIT(names, Identifier, uint32_t, 1, khash_of, khash_equal)

struct Khash {
    khash_t(names) *map = kh_init(names);
    ~Khash() { kh_destroy(names, map); }
    uint32_t intern(const Identifier &i)
    {
        int is_new;
        khint_t at = kh_put(names, map, i, &is_new);
        if (is_new)
            kh_value(map, at) = kh_size(map);
        return kh_value(map, at);
    }
    size_t size() { return kh_size(map); }
};
#endif

#ifdef HAVE_STB_DS
struct StbDs {
    struct Entry { char *key; uint32_t value; } *map = nullptr;
    StbDs() { sh_new_arena(map); }
    ~StbDs() { shfree(map); }
    uint32_t intern(const Identifier &i)
    {
        char key[256];
        size_t length = std::min<size_t>(i.length, sizeof key - 1);
        memcpy(key, i.bytes, length);
        key[length] = 0;
        ptrdiff_t at = shgeti(map, key);
        if (at >= 0)
            return map[at].value;
        uint32_t id = uint32_t(shlen(map)) + 1;
        shput(map, key, id);
        return id;
    }
    size_t size() { return shlen(map); }
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
    const Program &program = program_of(state);
    size_t n;
    const Identifier *list = phases_open_text(program.text.data(), program.text.size(), &n);
    uint64_t n_names = 0;
    for (auto _ : state)
        state.SetIterationTime(of(list, n, again, &n_names) / 1e9);
    state.counters["names"] = n_names;
    state.counters["s/lookup"] = benchmark::Counter(n, benchmark::Counter::kIsIterationInvariantRate | benchmark::Counter::kInvert);
    phases_close_text();
}

size_t largest_for_llvm()
{
    size_t largest = programs.front().text.size();
    for (const Program &program : programs)
        if (program.text.size() <= MOST_FOR_LLVM)
            largest = program.text.size();
    return largest;
}

void for_programs(benchmark::internal::Benchmark *bench, size_t most)
{
    bench->UseManualTime()->Unit(benchmark::kMicrosecond);
    for (const Program &program : programs)
        if (program.text.size() <= most)
            bench->Arg(program.text.size());
    bench->Complexity();
}

void register_all()
{
    for (unsigned index = 0; index < PHASES; index++)
        for_programs(benchmark::RegisterBenchmark(names[index], phase, index), index < 3 ? SIZE_MAX : MOST_FOR_LLVM);
    for_programs(benchmark::RegisterBenchmark("whole", whole), MOST_FOR_LLVM);
    const std::pair<const char *, Intern> tables[] = {
        {"polec", intern_ours}, {"unordered_map", intern<Unordered>}, {"StringMap", intern<LlvmStringMap>},
        {"DenseMap", intern<LlvmDenseMap>},
#ifdef HAVE_GLIB
        {"GHashTable", intern<Glib>},
#endif
#ifdef HAVE_KHASH
        {"khash", intern<Khash>},
#endif
#ifdef HAVE_STB_DS
        {"stb_ds", intern<StbDs>},
#endif
    };
    for (bool again : {false, true})
        for (auto [name, of] : tables)
            benchmark::RegisterBenchmark((std::string(again ? "intern_known/" : "intern_new/") + name).c_str(), interner, of, again)
                ->UseManualTime()->Unit(benchmark::kMicrosecond)->Arg(largest_for_llvm());
}

} // namespace

int main(int argc, char **argv)
{
    static char default_time[] = "--benchmark_min_time=0.25";
    std::vector<char *> arguments(argv, argv + argc);
    arguments.insert(arguments.begin() + 1, default_time); // a later one wins
    argc = int(arguments.size());
    benchmark::Initialize(&argc, arguments.data());
    for (int i = 1; i < argc; i++) {
        std::ifstream file(arguments[i], std::ios::binary);
        std::string text((std::istreambuf_iterator<char>(file)), {});
        if (text.empty())
            return fprintf(stderr, "phases_bench: cannot read %s\n", arguments[i]), 1;
        double lines = std::count(text.begin(), text.end(), '\n');
        programs.push_back({std::move(text), lines});
    }
    if (programs.empty())
        return fprintf(stderr, "usage: phases_bench FILE.pole-ir...\n"), 2;
    std::sort(programs.begin(), programs.end(), [](auto &a, auto &b) { return a.text.size() < b.text.size(); });
    register_all();
    benchmark::RunSpecifiedBenchmarks();
}
