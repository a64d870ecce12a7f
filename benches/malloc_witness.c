/*
 * malloc_witness: who calls malloc, and in which phase?  Seen from outside, so that nobody has to believe the compiler.
 *
 *     LD_PRELOAD=build/tests/lifetime/libmalloc_witness.so [MALLOC_WITNESS=FILE] polec -c hello.pole-ir
 *
 * The compiler knows nothing of its witness: there are no probes in it and no marks around its phases.  Each call of
 * malloc and its kin walks up its stack, and belongs to the phase whose function stands there: lex, parse, build_ir or
 * codegen, as the program's symbol table knows them.  A stripped program, or one that lost these functions to inlining,
 * is refused and not reported as free of mallocs.
 *
 * A call is LLVM's if a function of LLVM's stands between it and the phase: one in C++, or of its interface for C.  All
 * others are the compiler's own, libc's on its behalf included; they are named.  The report is written when the process
 * ends, to FILE or standard error.  Functions of the same code were folded to one by the linker, so a name of LLVM's may
 * be that of another function.
 *
 * Walking the stack takes microseconds: this is for counting, not for timing.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <elf.h>
#include <fcntl.h>
#include <link.h>
#include <malloc.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>
#include <unwind.h>

/* ---- The program's symbols --------------------------------------------------------------------------------------- */

typedef struct {
    const ElfW(Sym) *symbols;
    size_t n;
    const char *names;
    uintptr_t base;        /* where the program was loaded, minus where it was linked to */
    const ElfW(Sym) **functions;
    size_t n_functions;
} SymbolTable;

static SymbolTable table;

/* The first object of the list is the program. */
static int note_base(struct dl_phdr_info *info, size_t size, void *context)
{
    (void)size;
    *(uintptr_t *)context = info->dlpi_addr;
    return 1;
}

static const char *map_program(void)
{
    struct stat status;
    int descriptor = open("/proc/self/exe", O_RDONLY | O_CLOEXEC);
    if (descriptor < 0 || fstat(descriptor, &status) != 0)
        return NULL;
    const char *file = mmap(NULL, (size_t)status.st_size, PROT_READ, MAP_PRIVATE, descriptor, 0);
    close(descriptor);
    return file == MAP_FAILED ? NULL : file;
}

static void read_symbols(void)
{
    const char *file = map_program();
    if (file == NULL)
        return;
    const ElfW(Ehdr) *header = (const void *)file;
    const ElfW(Shdr) *sections = (const void *)(file + header->e_shoff);
    for (int i = 0; i < header->e_shnum; i++) {
        if (sections[i].sh_type != SHT_SYMTAB)
            continue;
        table.symbols = (const void *)(file + sections[i].sh_offset);
        table.n = sections[i].sh_size / sizeof *table.symbols;
        table.names = file + sections[sections[i].sh_link].sh_offset;
    }
    dl_iterate_phdr(note_base, &table.base);
}

static bool is_function(const ElfW(Sym) *symbol)
{
    return ELF64_ST_TYPE(symbol->st_info) == STT_FUNC && symbol->st_size > 0;
}

static int by_address(const void *a, const void *b)
{
    const ElfW(Sym) *left = *(const ElfW(Sym) *const *)a, *right = *(const ElfW(Sym) *const *)b;
    return left->st_value < right->st_value ? -1 : left->st_value > right->st_value;
}

/* The program's functions, by address. */
static void sort_functions(void)
{
    table.functions = mmap(NULL, (table.n + 1) * sizeof *table.functions, PROT_READ | PROT_WRITE,
                           MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    for (size_t i = 0; i < table.n; i++)
        if (is_function(&table.symbols[i]))
            table.functions[table.n_functions++] = &table.symbols[i];
    qsort(table.functions, table.n_functions, sizeof *table.functions, by_address);
}

/* NULL: the address lies in a library. */
static const ElfW(Sym) *find_symbol(uintptr_t address)
{
    size_t low = 0, high = table.n_functions;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (table.functions[middle]->st_value <= address - table.base)
            low = middle + 1;
        else
            high = middle;
    }
    const ElfW(Sym) *found = low > 0 ? table.functions[low - 1] : NULL;
    return found != NULL && address - table.base - found->st_value < found->st_size ? found : NULL;
}

/* ---- Phases ------------------------------------------------------------------------------------------------------ */

enum { LEX, PARSE, IR, CODEGEN, ELSEWHERE, N_PLACES };

typedef struct { const char *name, *function; } Place;
static const Place places[N_PLACES] = {
    {"lex", "lex"}, {"parse", "parse"}, {"ir", "build_ir"}, {"codegen", "codegen"}, {"elsewhere", NULL},
};

/* The phase whose function this is, or a part of it that the compiler moved away (lex.cold). */
static int place_of(const char *name)
{
    int place = 0;
    for (; place < ELSEWHERE; place++) {
        size_t length = strlen(places[place].function);
        if (strncmp(name, places[place].function, length) == 0 && (name[length] == '\0' || name[length] == '.'))
            break;
    }
    return place;
}

static bool find_phases(void)
{
    unsigned found = 0;
    for (size_t i = 0; i < table.n_functions; i++)
        found |= 1u << place_of(table.names + table.functions[i]->st_name);
    return (found | 1u << ELSEWHERE) == (1u << N_PLACES) - 1;
}

/* ---- Counting ---------------------------------------------------------------------------------------------------- */

typedef struct { uint64_t calls, bytes, frees; } Count;

/* Who called, in which phase: a hash table by the caller's symbol. */
typedef struct { const ElfW(Sym) *symbol; int place; bool own; Count count; } Caller;
enum { N_CALLERS = 1 << 14 };

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static Count counts[N_PLACES], own[N_PLACES]; /* own: those that did not come through LLVM */
static Caller callers[N_CALLERS];
static bool running;
static _Thread_local bool looking; /* the unwinder may allocate itself */

/* Allocators and what leads to them; the one above them is who wanted memory. */
static bool is_allocator(const char *name)
{
    static const char *const names[] = {"__wrap_", "_Znwm", "_Znam", "_ZnwmSt", "_ZnamSt", "_ZdlPv", "_ZdaPv",
                                        "_ZN4llvm15allocate_buffer", "_ZN4llvm17deallocate_buffer", "_ZN4llvm11safe_malloc"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (strncmp(name, names[i], strlen(names[i])) == 0)
            return true;
    return false;
}

/* What C++ calls when the program starts is none of the phases', so C++ means LLVM. */
static bool is_llvm(const char *name)
{
    return strncmp(name, "_Z", 2) == 0 || strncmp(name, "_GLOBAL_", 8) == 0 || strncmp(name, "LLVM", 4) == 0;
}

typedef struct {
    int place;
    bool through_llvm;
    const ElfW(Sym) *caller; /* the first that is no allocator; NULL: in a library */
    bool found;
} Walk;

static void look_at_function(Walk *walk, const ElfW(Sym) *symbol)
{
    const char *name = table.names + symbol->st_name;
    if (is_allocator(name))
        return;
    walk->through_llvm = walk->through_llvm || is_llvm(name);
    if (!walk->found)
        walk->caller = symbol;
    walk->found = true;
}

static _Unwind_Reason_Code look(struct _Unwind_Context *context, void *state)
{
    Walk *walk = state;
    uintptr_t address = _Unwind_GetIP(context) - 1; /* within the call and not behind it */
    const ElfW(Sym) *symbol = find_symbol(address);
    if (symbol != NULL)
        look_at_function(walk, symbol);
    walk->place = symbol == NULL ? ELSEWHERE : place_of(table.names + symbol->st_name);
    if (walk->place != ELSEWHERE)
        return _URC_END_OF_STACK;
    return _URC_NO_REASON;
}

static Caller *caller_slot(const ElfW(Sym) *symbol, int place)
{
    size_t at = ((uintptr_t)symbol / sizeof *symbol * 31 + (size_t)place) % N_CALLERS;
    for (size_t i = 0; i < N_CALLERS; i++, at = (at + 1) % N_CALLERS) {
        if (callers[at].count.calls == 0 && callers[at].symbol == NULL)
            callers[at] = (Caller){symbol, place, false, {0, 0, 0}};
        if (callers[at].symbol == symbol && callers[at].place == place)
            return &callers[at];
    }
    return &callers[at];
}

static void note(size_t bytes, bool is_free)
{
    if (!running || looking)
        return;
    looking = true;
    Walk walk = {ELSEWHERE, false, NULL, false};
    _Unwind_Backtrace(look, &walk);
    pthread_mutex_lock(&mutex);
    Caller *caller = caller_slot(walk.caller, walk.place);
    caller->own = caller->own || !walk.through_llvm;
    Count *to[] = {&counts[walk.place], &caller->count, walk.through_llvm ? NULL : &own[walk.place]};
    for (int i = 0; i < 3 && to[i] != NULL; i++) {
        to[i]->calls += !is_free;
        to[i]->frees += is_free;
        to[i]->bytes += bytes;
    }
    pthread_mutex_unlock(&mutex);
    looking = false;
}

/* ---- The report -------------------------------------------------------------------------------------------------- */

static int by_bytes(const void *a, const void *b)
{
    uint64_t left = ((const Caller *)a)->count.bytes, right = ((const Caller *)b)->count.bytes;
    return left < right ? 1 : left > right ? -1 : 0;
}

static void print_row(FILE *stream, const char *name, const Count *all, const Count *ours)
{
    fprintf(stream, "%-10s %10llu %12llu %10llu %12llu %12llu\n", name, (unsigned long long)all->calls,
            (unsigned long long)all->bytes, (unsigned long long)all->frees, (unsigned long long)ours->calls,
            (unsigned long long)ours->bytes);
}

static void report(FILE *stream)
{
    enum { MOST = 12 }; /* of LLVM's callers */
    fprintf(stream, "%-10s %10s %12s %10s %12s %12s\n", "phase", "calls", "bytes", "frees", "our calls", "our bytes");
    for (int p = 0; p < N_PLACES; p++)
        print_row(stream, places[p].name, &counts[p], &own[p]);
    fputs("\n     calls        bytes  who\n", stream);
    qsort(callers, N_CALLERS, sizeof *callers, by_bytes);
    for (int i = 0, n_llvm = 0; i < N_CALLERS && callers[i].count.calls > 0; i++)
        if (callers[i].own || n_llvm++ < MOST)
            fprintf(stream, "%10llu %12llu  %s%s: %s\n", (unsigned long long)callers[i].count.calls,
                    (unsigned long long)callers[i].count.bytes, callers[i].own ? "ours, " : "", places[callers[i].place].name,
                    callers[i].symbol != NULL ? table.names + callers[i].symbol->st_name : "(a library)");
}

__attribute__((constructor)) static void begin(void)
{
    read_symbols();
    sort_functions();
    running = find_phases();
    unsetenv("LD_PRELOAD"); /* a linker that is started is another program */
}

__attribute__((destructor)) static void end(void)
{
    bool complete = running;
    running = false;
    const char *path = getenv("MALLOC_WITNESS");
    FILE *stream = path != NULL ? fopen(path, "w") : stderr;
    if (stream == NULL)
        return;
    if (complete)
        report(stream);
    else
        fputs("malloc_witness: error: this program has no functions lex, parse, build_ir and codegen\n", stream);
    fflush(stream);
}

/* ---- malloc and its kin ------------------------------------------------------------------------------------------ */

void *__libc_malloc(size_t size);
void *__libc_calloc(size_t n, size_t size);
void *__libc_realloc(void *block, size_t size);
void *__libc_memalign(size_t alignment, size_t size);
void __libc_free(void *block);

#pragma GCC visibility push(default)
void *malloc(size_t size) { note(size, false); return __libc_malloc(size); }
void *calloc(size_t n, size_t size) { note(n * size, false); return __libc_calloc(n, size); }
void *realloc(void *block, size_t size) { note(size, false); return __libc_realloc(block, size); }
void *aligned_alloc(size_t alignment, size_t size) { note(size, false); return __libc_memalign(alignment, size); }
void *memalign(size_t alignment, size_t size) { note(size, false); return __libc_memalign(alignment, size); }

int posix_memalign(void **block, size_t alignment, size_t size)
{
    note(size, false);
    void *result = __libc_memalign(alignment, size);
    if (result == NULL)
        return 12; /* ENOMEM */
    *block = result;
    return 0;
}

void free(void *block)
{
    if (block != NULL)
        note(0, true);
    __libc_free(block);
}
#pragma GCC visibility pop
