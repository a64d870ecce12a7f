/*
 * Running code where it was made.
 *
 * The units' objects go to ORC as they are.  A symbol is looked for among ours first (the run-time library's functions, at the
 * addresses they have in this process), then in this process and in the libraries that the program names, which are
 * opened like any program's.
 *
 * One function of C's is ours too: existing programs rely on malloc giving zeroed memory for small blocks, as it does
 * in a fresh process.  This process is not fresh, since LLVM has used its heap, so the program gets calloc instead.  It is looked up
 * by name, because the memory is the program's and not the compiler's.
 */
#define _GNU_SOURCE
#include "codegen/jit.h"

#include <dirent.h>
#include <dlfcn.h>
#include <fcntl.h>
#include <limits.h>
#include <llvm-c/LLJIT.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "codegen/emit.h"
#include "runtime/runtime.h"

typedef struct { char *text; size_t size; } Failure;

typedef struct {
    LLVMOrcLLJITRef lljit;
    LLVMOrcExecutionSessionRef session;
    LLVMOrcJITDylibRef library;  /* the program, and what it finds */
} Jit;

/* The first error of a row counts: the others are its consequences. */
static bool failed(LLVMErrorRef error, const Failure *failure)
{
    if (error == NULL)
        return false;
    char *message = LLVMGetErrorMessage(error);
    if (failure->text[0] == 0)
        snprintf(failure->text, failure->size, "%s", message);
    LLVMDisposeErrorMessage(message);
    return true;
}

/* ---- what the program finds -------------------------------------------------------------------------------------- */

static void *zeroed_malloc(size_t size)
{
    static void *(*allocate)(size_t, size_t);
    if (allocate == NULL)
        *(void **)&allocate = dlsym(RTLD_DEFAULT, "calloc");
    return allocate(1, size);
}

#define ADDRESS(function) (LLVMOrcExecutorAddress)(uintptr_t)(function)

typedef struct { const char *name; LLVMOrcExecutorAddress address; } OwnSymbol;

static bool define_own_symbols(const Jit *jit, const Failure *failure)
{
    const OwnSymbol own[] = {
#define SYMBOL(name) {#name, ADDRESS(name)},
#include "runtime/symbols.def"
#undef SYMBOL
        {"malloc", ADDRESS(zeroed_malloc)},
        {"atexit", ADDRESS(atexit)}, /* every program has its own copy, which dlsym does not see */
    };
    enum { N = sizeof own / sizeof *own };
    LLVMOrcCSymbolMapPair pairs[N];
    for (size_t i = 0; i < N; i++) {
        pairs[i].Name = LLVMOrcExecutionSessionIntern(jit->session, own[i].name);
        pairs[i].Sym.Address = own[i].address;
        pairs[i].Sym.Flags = (LLVMJITSymbolFlags){LLVMJITSymbolGenericFlagsExported | LLVMJITSymbolGenericFlagsCallable, 0};
    }
    return !failed(LLVMOrcJITDylibDefine(jit->library, LLVMOrcAbsoluteSymbols(pairs, N)), failure);
}

/* ---- libraries --------------------------------------------------------------------------------------------------- */

static void *open_library(const char *directory, const char *file)
{
    char path[PATH_MAX];
    int length = snprintf(path, sizeof path, "%s%s%s", directory, *directory == 0 ? "" : "/", file);
    return length > 0 && length < PATH_MAX ? dlopen(path, RTLD_NOW | RTLD_GLOBAL) : NULL;
}

/* libNAME.so.2, or libNAME-2.0.so.0: what a system has that can run programs but not link them. */
static bool is_version_of(const char *file, const char *name)
{
    size_t length = strlen(name);
    if (strncmp(file, "lib", 3) != 0 || strncmp(file + 3, name, length) != 0)
        return false;
    const char *rest = file + 3 + length;
    if (rest[0] == '-' && rest[1] >= '0' && rest[1] <= '9')
        rest += strspn(rest, "-.0123456789") - 1; /* the dot of ".so" is one of them */
    return strncmp(rest, ".so.", 4) == 0;
}

/* The library's version in the directory whose name comes last; the order of a directory means nothing.  Read without
   opendir, which takes memory from the heap. */
static void *open_version(const char *directory, const char *name)
{
    char best[NAME_MAX + 1] = "";
    _Alignas(struct dirent64) char entries[4096];
    int descriptor = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (descriptor < 0)
        return NULL;
    for (ssize_t n; (n = getdents64(descriptor, entries, sizeof entries)) > 0;)
        for (ssize_t at = 0; at < n;) {
            const struct dirent64 *entry = (const void *)(entries + at);
            if (is_version_of(entry->d_name, name) && strcmp(entry->d_name, best) > 0)
                strcpy(best, entry->d_name);
            at += entry->d_reclen;
        }
    close(descriptor);
    return best[0] != 0 ? open_library(directory, best) : NULL;
}

static bool load_library(const Options *options, const char *name, const Failure *failure)
{
    static const char *const usual[] = {"/usr/local/lib", "/usr/lib/x86_64-linux-gnu", "/lib/x86_64-linux-gnu",
                                        "/usr/lib64", "/usr/lib"};
    enum { N_USUAL = sizeof usual / sizeof *usual };
    char file[NAME_MAX + 1];
    bool whole = name[0] == ':'; /* as linkers have it: the name of a file, to be looked for in the same places */
    int length = whole ? snprintf(file, sizeof file, "%s", name + 1) : snprintf(file, sizeof file, "lib%s.so", name);
    void *library = NULL;
    for (size_t i = 0; library == NULL && length <= NAME_MAX && i < options->n_library_directories; i++) {
        library = open_library(options->library_directories[i], file);
        if (library == NULL)
            library = open_version(options->library_directories[i], name);
    }
    if (library == NULL && length <= NAME_MAX)
        library = open_library("", file);
    for (size_t i = 0; library == NULL && i < N_USUAL; i++)
        library = open_version(usual[i], name);
    if (library == NULL)
        snprintf(failure->text, failure->size, "cannot open the library '%s'", name);
    return library != NULL;
}

static bool load_libraries(const Options *options, const Code *code, const Failure *failure)
{
    for (size_t i = 0; i < options->n_libraries; i++)
        if (!load_library(options, options->libraries[i], failure))
            return false;
    for (uint32_t i = 0; i < code->n_libraries; i++)
        if (!load_library(options, code->libraries[i], failure))
            return false;
    return true;
}

/* ---- loading ----------------------------------------------------------------------------------------------------- */

/* What goes wrong while objects are linked; the lookup that asked for them only says that it failed. */
static void report(void *context, LLVMErrorRef error)
{
    failed(error, context);
}

/* LLJIT's own library comes with an atexit that never runs anything for users of its C interface, so the program gets a
   bare one. */
static bool fill_library(Jit *jit, Code *code, const Failure *failure)
{
    jit->library = LLVMOrcExecutionSessionCreateBareJITDylib(jit->session, "program");
    LLVMOrcDefinitionGeneratorRef process;
    if (!define_own_symbols(jit, failure) ||
        failed(LLVMOrcCreateDynamicLibrarySearchGeneratorForProcess(&process, 0, NULL, NULL), failure))
        return false;
    LLVMOrcJITDylibAddGenerator(jit->library, process);
    for (uint32_t i = 0; i < code->n_buffers; i++) {
        LLVMMemoryBufferRef object = code->buffers[i].llvm_buffer; /* ORC takes it over */
        code->buffers[i] = (CodeBuffer){NULL, 0, NULL};
        if (failed(LLVMOrcLLJITAddObjectFile(jit->lljit, jit->library, object), failure))
            return false;
    }
    return true;
}

static bool load(Jit *jit, const Options *options, Code *code, Failure *failure)
{
    failure->text[0] = 0;
    if (!load_libraries(options, code, failure))
        return false;
    LLVMOrcLLJITBuilderRef builder = LLVMOrcCreateLLJITBuilder();
    LLVMOrcLLJITBuilderSetJITTargetMachineBuilder(
        builder, LLVMOrcJITTargetMachineBuilderCreateFromTargetMachine(emit_target_machine(options)));
    if (failed(LLVMOrcCreateLLJIT(&jit->lljit, builder), failure))
        return false;
    jit->session = LLVMOrcLLJITGetExecutionSession(jit->lljit);
    LLVMOrcExecutionSessionSetErrorReporter(jit->session, report, failure);
    return fill_library(jit, code, failure);
}

/* What a lookup brings. */
typedef struct { LLVMOrcExecutorAddress address; const Failure *failure; } Found;

static void take_result(LLVMErrorRef error, LLVMOrcCSymbolMapPairs result, size_t n, void *context)
{
    Found *found = context;
    if (!failed(error, found->failure) && n == 1)
        found->address = result[0].Sym.Address;
}

/* The address of a function; 0 if it or something that it needs is missing.  ORC works in this thread alone, so the
   result is there when the lookup returns. */
static LLVMOrcExecutorAddress find(const Jit *jit, const char *symbol, const Failure *failure)
{
    LLVMOrcCJITDylibSearchOrderElement where[] = {{jit->library, LLVMOrcJITDylibLookupFlagsMatchAllSymbols}};
    LLVMOrcCLookupSetElement what[] = {
        {LLVMOrcExecutionSessionIntern(jit->session, symbol), LLVMOrcSymbolLookupFlagsRequiredSymbol}};
    Found found = {0, failure};
    LLVMOrcExecutionSessionLookup(jit->session, LLVMOrcLookupKindStatic, where, 1, what, 1, take_result, &found);
    return found.address;
}

/* ---- running ----------------------------------------------------------------------------------------------------- */

/* The program that is loaded, and where ORC tells errors as long as it is. */
static Jit loaded;
static Failure to_tell;

JitMain *jit_load_main(const Options *options, Code *code, char *failure, size_t size)
{
    to_tell = (Failure){failure, size};
    LLVMOrcExecutorAddress address = load(&loaded, options, code, &to_tell) ? find(&loaded, "main", &to_tell) : 0;
    if (address != 0)
        pole_catch_overflow();
    return (JitMain *)(uintptr_t)address;
}

/* ---- tests ------------------------------------------------------------------------------------------------------- */

bool jit_load_tests(const Options *options, Code *code, JitTest **functions, char *failure, size_t size)
{
    to_tell = (Failure){failure, size};
    bool found = load(&loaded, options, code, &to_tell);
    for (uint32_t i = 0; i < code->n_tests && found; i++) {
        LLVMOrcExecutorAddress address = find(&loaded, code->tests[i].symbol, &to_tell);
        functions[i] = (JitTest *)(uintptr_t)address;
        found = address != 0;
    }
    if (!found)
        jit_unload_tests();
    return found;
}

void jit_unload_tests(void)
{
    if (loaded.lljit != NULL)
        failed(LLVMOrcDisposeLLJIT(loaded.lljit), &to_tell);
    loaded = (Jit){NULL, NULL, NULL};
}
