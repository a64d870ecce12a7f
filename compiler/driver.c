/*
 * One compilation, top to bottom.  A bar is an arena: it starts in the row that fills it and ends in the row after its
 * last reader.  At any moment at most two phase arenas hold data.
 *
 *               text, names, types   lex   parse   ir   codegen
 *   load                #
 *   lex                 #             #
 *   parse               #             #      #
 *   build_ir            #                    #      #
 *   codegen             #                           #      #
 *   write               #                                  #
 *                  '- session -'
 *
 * run_phases() is this picture.  retire() is the one place where an arena of a phase ends, and it is called in this
 * file alone: no phase frees a result, its own or another's.  Dumps are written after the parent of what they show has
 * been retired, so every dump proves that the product stands on its own.
 *
 * A phase always returns a well-formed product, whatever is wrong with the program, so errors need no second path:
 * they are counted before LLVM is called, and before something is written.
 *
 * Memory that runs out is the one non-local exit.  With malloc a longjmp would leak; with arenas there is nothing to
 * unwind.
 */
#include "driver.h"

#include <errno.h>
#include <string.h>

#include "codegen/codegen.h"
#include "deliver.h"
#include "ir/builder.h"
#include "ir/ir_account.h"
#include "lexer/lexer.h"
#include "lexer/tokens_account.h"
#include "measure.h"
#include "parser/ast_account.h"
#include "parser/parser.h"
#include "plan.h"

/* ---- Lifetimes --------------------------------------------------------------------------------------------------- */

const char *phase_name(Phase phase)
{
    static const char *const names[] = {"lex", "parse", "ir", "codegen"};
    return names[phase];
}

/* Guard and audit need memory of which they know whose it is, so they win over POLICY_MALLOC; the debug build's own wish
   for a guard does not, since malloc is what its sanitizer knows best.  (A fuzzer compiles more often in one process than
   there are addresses to be used up.) */
static PoolMode pool_mode(const Options *options)
{
#if defined(NDEBUG) || defined(FUZZING_BUILD_MODE_UNSAFE_FOR_PRODUCTION)
    bool guard_unasked = false;
#else
    bool guard_unasked = true;
#endif
    if (options->guard || options->audit_lifetimes)
        return POOL_GUARD;
    if (options->policy == POLICY_MALLOC)
        return POOL_MALLOC;
    return guard_unasked ? POOL_GUARD : POOL_RECYCLE;
}

static void lifetimes_open(Compilation *c)
{
    const Options *options = c->options;
    PoolOptions pool_options = {
        .mode = pool_mode(options),
        .limit = options->memory_limit,
        .fail_allocation = options->fail_allocation,
        .exhausted = session_exhausted,
        .context = &c->session,
        .dying = c->audit != NULL ? audit_dying : NULL,
        .dying_context = c,
    };
    measure_watch(c, &pool_options);
    pool_configure(c->pool, &pool_options);
    for (Phase phase = PHASE_LEX; phase < N_PHASES; phase++) {
        PhaseArena *p = &c->phases[phase];
        arena_account_open(&p->account, c->pool, phase_name(phase), options->phase_limits[phase]);
        arena_open(&p->arena, &p->account, phase_name(phase));
    }
}

/* The phase begins: from here on its name stands in what is told of memory.  Returns where its result goes. */
static Arena *begin(Compilation *c, Phase phase)
{
    c->session.phase = phase;
    c->session.working_at = (SourcePos){0}; /* not where the phase before it stopped */
    measure_phase_begins(c, phase);
    return &c->phases[phase].arena;
}

/* The phase's product stands; the caller keeps its root where it is until the phase is retired. */
static void end(Compilation *c, Phase phase, ProductAccount *account, const void *product)
{
    measure_phase_ends(c, phase, account, product);
    audit_product(c, phase, product);
}

static void free_phase(Compilation *c, Phase phase)
{
    if (c->phases[phase].arena.account == NULL || (uint32_t)phase >= c->n_phases)
        return; /* freed already, or never begun */
    measure_before_free(c, phase);
    arena_free(&c->phases[phase].arena);
    measure_after_free(c, phase);
}

/* The phase's result has been read for the last time.  LIFETIME: whatever pointed into it is dead from here on. */
static void retire(Compilation *c, Phase phase)
{
    audit_retire(c, phase);
    if (c->options->policy != POLICY_WHOLE)
        free_phase(c, phase);
}

/* Frees what is still open: after an early end, and under --arena-policy=whole. */
static void lifetimes_close(Compilation *c)
{
    audit_end(c);
    arena_free(&c->session.scratch);
    if (c->begun_at != 0) /* memory ran out in the middle of it */
        measure_phase_ends(c, c->session.phase, NULL, NULL);
    for (Phase phase = PHASE_LEX; phase < N_PHASES; phase++) {
        free_phase(c, phase);
        arena_free(&c->phases[phase].arena);
        arena_account_close(&c->phases[phase].account);
    }
}

/* ---- Source ------------------------------------------------------------------------------------------------------ */

static bool load_source(Compilation *c, FileId *file)
{
    Session *s = &c->session;
    bool standard_input = c->text == NULL && strcmp(c->path, "-") == 0;
    const char *shown = standard_input ? "<stdin>" : session_shown_path(s, c->path);
    SourceStatus status = c->text != NULL ? source_add(&s->text, shown, c->text, c->text_length, file)
                                          : source_load(&s->text, c->path, shown, file);
    if (status == SOURCE_OK)
        s->working_at = source_file(&s->text, *file)->start;
    else if (status == SOURCE_TOO_LARGE)
        diagnose(&s->diagnostics, E008, (SourceSpan){{0}, {0}}, "the source is too large: the limit is 4 GiB");
    else {
        const char *hint = c->text == NULL ? plan_suffix_left_out(c->path) : "";
        compilation_fail(c, STATUS_FILE, "cannot read '%.300s%s': %s%s", shown, strlen(shown) > 300 ? "..." : "", strerror(errno), hint);
    }
    return status == SOURCE_OK;
}

/* A fault of the builder's is told here, where it was made, and not by what LLVM thinks of it. */
static void verify(Compilation *c, const Ir *ir)
{
#if !defined(NDEBUG)
    ProcessMemory memory = {0};
    if (compilation_is_good(c) && !ir_verify(stderr, &c->session, ir, process_arena(&memory)))
        compilation_fail(c, STATUS_INTERNAL, "internal error: the IR is malformed");
    process_memory_close(&memory);
#else
    (void)c;
    (void)ir;
#endif
}

/* ---- The phases -------------------------------------------------------------------------------------------------- */

static void run_phases(Compilation *c)
{
    Session *s = &c->session;
    EmitKind emit = c->options->emit;
    FILE *out;

    FileId file;
    session_open(s, c->pool, c->options);
    if (!load_source(c, &file))
        return;

    Tokens tokens = lex(begin(c, PHASE_LEX), s, file);
    end(c, PHASE_LEX, tokens_account, &tokens);
    if (emit == EMIT_TOKENS) {
        if ((out = deliver_open(c)) != NULL)
            tokens_dump(out, s, &tokens);
        retire(c, PHASE_LEX);
        return;
    }

    Ast ast = parse(begin(c, PHASE_PARSE), s, &tokens);
    end(c, PHASE_PARSE, ast_account, &ast);
    retire(c, PHASE_LEX);
    if (emit == EMIT_AST) {
        if ((out = deliver_open(c)) != NULL)
            ast_dump(out, s, &ast);
        retire(c, PHASE_PARSE);
        return;
    }

    Ir ir = build_ir(begin(c, PHASE_IR), s, &ast);
    end(c, PHASE_IR, ir_account, &ir);
    retire(c, PHASE_PARSE);
    verify(c, &ir);
    if (emit == EMIT_IR && (out = deliver_open(c)) != NULL)
        ir_dump(out, s, &ir);
    if (!emit_needs_llvm(emit) || !compilation_is_good(c)) {
        retire(c, PHASE_IR);
        return;
    }

    pool_trim(c->pool); /* what lies idle goes back to the system: LLVM needs memory of its own */
    c->code = codegen(begin(c, PHASE_CODEGEN), s, &ir);
    end(c, PHASE_CODEGEN, NULL, NULL);
    retire(c, PHASE_IR);
    deliver_code(c);
    retire(c, PHASE_CODEGEN);
}

/* setjmp stands alone: C leaves the changed locals of its function indeterminate after a jump.  The place to jump to
   must be known before the session is opened, since that allocates. */
static void run_guarded(Compilation *c)
{
    if (setjmp(c->session.on_fatal) == 0) {
        run_phases(c);
        return;
    }
    c->exhausted = true;
    codegen_abandon(&c->session); /* LLVM's part is all that a jump leaves behind */
    code_dispose(&c->code);
}

static void settle_status(Compilation *c)
{
    Diagnostics *diagnostics = &c->session.diagnostics;
    if (diagnostics->arena != NULL)
        diagnostics_sort(diagnostics, c->options->max_errors);
    if (c->exhausted)
        c->status = STATUS_LIMIT;
    else if (c->status == STATUS_DONE && diagnostics->n_errors > 0)
        c->status = STATUS_ERROR;
}

void compile(Compilation *c)
{
    uint64_t start = measure_now();
    c->status = STATUS_DONE;
    c->exhausted = false;
    c->failure[0] = '\0';
    c->n_phases = 0;
    c->begun_at = c->output_nanoseconds = 0;
    c->code = (Code){0};
    c->detail_memory.pool = NULL;
    memset(&c->session, 0, sizeof c->session);
    Audit audit;
    c->audit = NULL;
    if (c->options->audit_lifetimes)
        audit_open(c->audit = &audit);
    measure_start(c);
    lifetimes_open(c);
    run_guarded(c);
    lifetimes_close(c);
    settle_status(c);
    audit_judge(c);
    deliver_finish(c);
    measure_end(c);
    c->total_nanoseconds = measure_now() - start;
    if (c->tell != NULL)
        c->tell(c);
    session_close(&c->session);
    c->audit = NULL;
}
