/* The phases one by one, as run_phases() of driver.c calls them, but with a clock between them. */
#define _POSIX_C_SOURCE 200809L
#include "phases.h"

#include <llvm-c/TargetMachine.h>
#include <string.h>
#include <time.h>

#include "codegen/codegen.h"
#include "ir/builder.h"
#include "lexer/lexer.h"
#include "parser/parser.h"
#include "session.h"

static const char *const names[PHASES] = {"lex", "parse", "ir", "codegen"};

typedef struct {
    Options options;
    Pool *pool;
    Session session;
    ArenaAccount accounts[PHASES];
    Arena arenas[PHASES];
} Bench;

static uint64_t now(void)
{
    struct timespec time;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
    return (uint64_t)time.tv_sec * 1000000000u + (uint64_t)time.tv_nsec;
}

/* The linker leads codegen's one call of LLVM's code generator here (-Wl,--wrap). */
static uint64_t llvm_nanoseconds;
LLVMBool __real_LLVMTargetMachineEmitToMemoryBuffer(LLVMTargetMachineRef, LLVMModuleRef, LLVMCodeGenFileType, char **,
                                                    LLVMMemoryBufferRef *);
LLVMBool __wrap_LLVMTargetMachineEmitToMemoryBuffer(LLVMTargetMachineRef, LLVMModuleRef, LLVMCodeGenFileType, char **,
                                                    LLVMMemoryBufferRef *);

LLVMBool __wrap_LLVMTargetMachineEmitToMemoryBuffer(LLVMTargetMachineRef machine, LLVMModuleRef module,
                                                    LLVMCodeGenFileType kind, char **message, LLVMMemoryBufferRef *buffer)
{
    uint64_t start = now();
    LLVMBool failed = __real_LLVMTargetMachineEmitToMemoryBuffer(machine, module, kind, message, buffer);
    llvm_nanoseconds += now() - start;
    return failed;
}

static bool bench_open(Bench *b, const char *text, size_t length, FileId *file)
{
    b->options = options_default();
    b->options.emit = EMIT_OBJECT;
    if (b->pool == NULL)
        b->pool = pool_open(&(PoolOptions){.mode = POOL_RECYCLE});
    pool_configure(b->pool, &(PoolOptions){.mode = POOL_RECYCLE, .exhausted = session_exhausted, .context = &b->session});
    memset(&b->session, 0, sizeof b->session);
    for (unsigned i = 0; i < PHASES; i++) {
        arena_account_open(&b->accounts[i], b->pool, names[i], 0);
        arena_open(&b->arenas[i], &b->accounts[i], names[i]);
    }
    session_open(&b->session, b->pool, &b->options);
    return source_add(&b->session.text, "bench.pole-ir", text, length, file) == SOURCE_OK;
}

static void bench_close(Bench *b)
{
    arena_free(&b->session.scratch);
    for (unsigned i = 0; i < PHASES; i++) {
        arena_free(&b->arenas[i]);
        arena_account_close(&b->accounts[i]);
    }
    session_close(&b->session);
}

static void run(Bench *b, FileId file, unsigned n, PhasesRun *result)
{
    uint64_t start = now();
    Tokens tokens = lex(&b->arenas[0], &b->session, file);
    result->nanoseconds[0] = now() - start;
    result->tokens = tokens.count;
    if (n < 2)
        return;
    start = now();
    Ast ast = parse(&b->arenas[1], &b->session, &tokens);
    result->nanoseconds[1] = now() - start;
    arena_free(&b->arenas[0]);
    if (n < 3)
        return;
    start = now();
    Ir ir = build_ir(&b->arenas[2], &b->session, &ast);
    result->nanoseconds[2] = now() - start;
    arena_free(&b->arenas[1]);
    if (n < 4 || b->session.diagnostics.n_errors != 0)
        return;
    pool_trim(b->pool);
    llvm_nanoseconds = 0;
    start = now();
    Code code = codegen(&b->arenas[3], &b->session, &ir);
    result->nanoseconds[3] = now() - start;
    result->llvm_nanoseconds = llvm_nanoseconds;
    code_dispose(&code);
}

int phases_run(const char *text, size_t length, unsigned n, PhasesRun *result)
{
    static Bench bench;
    FileId file;
    memset(result, 0, sizeof *result);
    bool good = bench_open(&bench, text, length, &file) && setjmp(bench.session.on_fatal) == 0;
    if (good) {
        run(&bench, file, n, result);
        good = bench.session.diagnostics.n_errors == 0;
    }
    bench_close(&bench);
    return good;
}

/* ---- the interner ---- */

static Bench opened;
static struct { Arena arena; ArenaAccount account; ArenaArray *list; } identifiers;

const Identifier *phases_open_text(const char *text, size_t length, size_t *n)
{
    FileId file;
    if (!bench_open(&opened, text, length, &file))
        return NULL;
    arena_account_open(&identifiers.account, opened.pool, "identifiers", 0);
    arena_open(&identifiers.arena, &identifiers.account, "identifiers");
    identifiers.list = arena_array(&identifiers.arena, "identifier", sizeof(Identifier));
    Tokens tokens = lex(&opened.arenas[0], &opened.session, file);
    for (TokenCursor at = token_cursor(&tokens, &opened.session.text); at.kind != TOKEN_END; token_cursor_advance(&at))
        if (at.kind == TOKEN_IDENTIFIER)
            *(Identifier *)array_push(identifiers.list, 1) = (Identifier){
                source_at(&opened.session.text, at.pos), name_length(&opened.session.names, token_cursor_name(&at))};
    *n = identifiers.list->count;
    return (const Identifier *)(const void *)identifiers.list->items;
}

void phases_close_text(void)
{
    arena_free(&identifiers.arena);
    arena_account_close(&identifiers.account);
    bench_close(&opened);
}

uint64_t phases_intern(int again, uint64_t *n_names, uint64_t *nanoseconds)
{
    ArenaAccount account;
    Arena arena;
    Names table;
    SourceText *text = &opened.session.text;
    arena_account_open(&account, opened.pool, "names", 0);
    arena_open(&arena, &account, "names");
    names_open(&table, text, &arena);
    const char *start = text->text->items;
    const Identifier *list = (const Identifier *)(const void *)identifiers.list->items;
    uint64_t sum = 0;
    for (int round = 0; round <= again; round++) {
        uint64_t began = now();
        for (size_t i = 0; i < identifiers.list->count; i++)
            sum += names_intern(&table, (SourcePos){(uint32_t)(list[i].bytes - start)}, list[i].length).i;
        *nanoseconds = now() - began;
    }
    *n_names = names_count(&table) - NAME_FIRST_OF_PROGRAM;
    arena_free(&arena);
    arena_account_close(&account);
    return sum;
}
