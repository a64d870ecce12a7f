/*
 * Running code where it was made.
 *
 * The object goes to ORC as it is.  A symbol is looked for among ours first (the run-time library's functions, at the
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
#include <limits.h>
#include <llvm-c/Core.h>
#include <llvm-c/LLJIT.h>
#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "codegen/emit.h"
#include "runtime/runtime.h"

typedef struct { char *text; size_t size; } Failure;

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

static void define_own_symbols(LLVMOrcLLJITRef jit, LLVMOrcJITDylibRef library)
{
    const OwnSymbol own[] = {
#define SYMBOL(name) {#name, ADDRESS(name)},
#include "runtime/symbols.def"
#undef SYMBOL
        {"malloc", ADDRESS(zeroed_malloc)},
        {"atexit", ADDRESS(atexit)}, /* in glibc a program has its own copy, which dlsym does not see */
    };
    enum { N = sizeof own / sizeof *own };
    LLVMOrcCSymbolMapPair pairs[N];
    for (size_t i = 0; i < N; i++) {
        pairs[i].Name = LLVMOrcLLJITMangleAndIntern(jit, own[i].name);
        pairs[i].Sym.Address = own[i].address;
        pairs[i].Sym.Flags = (LLVMJITSymbolFlags){LLVMJITSymbolGenericFlagsExported | LLVMJITSymbolGenericFlagsCallable, 0};
    }
    LLVMErrorRef error = LLVMOrcJITDylibDefine(library, LLVMOrcAbsoluteSymbols(pairs, N));
    if (error != NULL)
        LLVMConsumeError(error);
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

/* The library's version in the directory whose name comes last; the order of a directory means nothing. */
static void *open_version(const char *directory, const char *name)
{
    char best[NAME_MAX + 1] = "";
    DIR *listing = opendir(directory);
    if (listing == NULL)
        return NULL;
    for (const struct dirent *entry; (entry = readdir(listing)) != NULL;)
        if (is_version_of(entry->d_name, name) && strcmp(entry->d_name, best) > 0)
            strcpy(best, entry->d_name);
    closedir(listing);
    return best[0] != 0 ? open_library(directory, best) : NULL;
}

static bool load_library(const Options *options, const char *name, const Failure *failure)
{
    static const char *const usual[] = {"/usr/local/lib", "/usr/lib/x86_64-linux-gnu", "/lib/x86_64-linux-gnu",
                                        "/usr/lib64", "/usr/lib"};
    enum { N_USUAL = sizeof usual / sizeof *usual };
    char file[NAME_MAX + 1];
    int length = snprintf(file, sizeof file, "lib%s.so", name);
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

/* What goes wrong while objects are linked; the lookup that asked for them only says that it failed. */
static void report(void *context, LLVMErrorRef error)
{
    failed(error, context);
}

static LLVMOrcLLJITRef make_jit(const Options *options, Failure *failure)
{
    LLVMOrcLLJITBuilderRef builder = LLVMOrcCreateLLJITBuilder();
    LLVMOrcLLJITBuilderSetJITTargetMachineBuilder(
        builder, LLVMOrcJITTargetMachineBuilderCreateFromTargetMachine(emit_target_machine(options)));
    LLVMOrcLLJITRef jit = NULL;
    if (failed(LLVMOrcCreateLLJIT(&jit, builder), failure))
        return NULL;
    LLVMOrcExecutionSessionSetErrorReporter(LLVMOrcLLJITGetExecutionSession(jit), report, failure);
    return jit;
}

/* ORC takes LLVM's buffers over; what lies in the arena it only reads. */
static LLVMMemoryBufferRef hand_over(CodeBuffer *buffer)
{
    LLVMMemoryBufferRef object = buffer->llvm_buffer;
    if (object == NULL)
        object = LLVMCreateMemoryBufferWithMemoryRange(buffer->bytes, buffer->size, "program", 0);
    *buffer = (CodeBuffer){NULL, 0, NULL};
    return object;
}

static bool add_objects(LLVMOrcLLJITRef jit, Code *code, const Failure *failure)
{
    LLVMOrcJITDylibRef library = LLVMOrcLLJITGetMainJITDylib(jit);
    define_own_symbols(jit, library);
    for (uint32_t i = 0; i < code->n_buffers; i++)
        if (failed(LLVMOrcLLJITAddObjectFile(jit, library, hand_over(&code->buffers[i])), failure))
            return false;
    return true;
}

static LLVMOrcLLJITRef load(const Options *options, Code *code, Failure *failure)
{
    failure->text[0] = 0;
    if (!load_libraries(options, code, failure))
        return NULL;
    LLVMOrcLLJITRef jit = make_jit(options, failure);
    if (jit == NULL || add_objects(jit, code, failure))
        return jit;
    LLVMConsumeError(LLVMOrcDisposeLLJIT(jit));
    return NULL;
}

/* The address of a function; 0 if it or something that it needs is missing. */
static LLVMOrcExecutorAddress find(LLVMOrcLLJITRef jit, const char *symbol, const Failure *failure)
{
    LLVMOrcExecutorAddress address = 0;
    return failed(LLVMOrcLLJITLookup(jit, &address, symbol), failure) ? 0 : address;
}

/* ---- running ----------------------------------------------------------------------------------------------------- */

bool jit_run(const Options *options, Code *code, int *status, char *failure, size_t size)
{
    static Failure to_tell; /* both until the process ends */
    static LLVMOrcLLJITRef jit;
    to_tell = (Failure){failure, size};
    jit = load(options, code, &to_tell);
    LLVMOrcExecutorAddress address = jit == NULL ? 0 : find(jit, "main", &to_tell);
    if (address == 0)
        return false;
    int (*program)(void) = (int (*)(void))(uintptr_t)address;
    *status = program();
    return true;
}

/* ---- tests ------------------------------------------------------------------------------------------------------- */

static jmp_buf after_failure;

static void go_on_after_failure(void)
{
    longjmp(after_failure, 1);
}

static bool run_test(bool (*test)(void))
{
    if (setjmp(after_failure) != 0)
        return false;
    return test();
}

bool jit_test(const Options *options, Code *code, bool *passed, char *failure, size_t size)
{
    Failure to_tell = {failure, size};
    LLVMOrcLLJITRef jit = load(options, code, &to_tell);
    if (jit == NULL)
        return false;
    bool found = true;
    pole_failure_hook = go_on_after_failure;
    for (uint32_t i = 0; i < code->n_tests && found; i++) {
        LLVMOrcExecutorAddress address = find(jit, code->tests[i].symbol, &to_tell);
        found = address != 0;
        passed[i] = found && run_test((bool (*)(void))(uintptr_t)address);
    }
    pole_failure_hook = NULL;
    failed(LLVMOrcDisposeLLJIT(jit), &to_tell);
    return found;
}
