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

#include "lexer/lexer.h"
#include "parser/parser.h"

/* ---- Lifetimes --------------------------------------------------------------------------------------------------- */

const char *phase_name(Phase phase)
{
    static const char *const names[] = {"lex", "parse", "ir", "codegen"};
    return names[phase];
}

static PoolMode pool_mode(const Options *options)
{
    if (options->policy == POLICY_MALLOC)
        return POOL_MALLOC;
    return options->guard ? POOL_GUARD : POOL_RECYCLE;
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
    };
    pool_configure(c->pool, &pool_options);
    for (Phase phase = PHASE_LEX; phase < N_PHASES; phase++) {
        PhaseArena *p = &c->phases[phase];
        arena_account_open(&p->account, c->pool, phase_name(phase), options->phase_limits[phase]);
        arena_open(&p->arena, &p->account, phase_name(phase));
    }
}

static void free_phase(Compilation *c, Phase phase)
{
    arena_free(&c->phases[phase].arena);
}

/* The phase's result has been read for the last time.  LIFETIME: whatever pointed into it is dead from here on. */
static void retire(Compilation *c, Phase phase)
{
    if (c->options->policy != POLICY_WHOLE)
        free_phase(c, phase);
}

/* Frees what is still open: after an early end, and under --arena-policy=whole. */
static void lifetimes_close(Compilation *c)
{
    arena_free(&c->session.scratch);
    for (Phase phase = PHASE_LEX; phase < N_PHASES; phase++) {
        free_phase(c, phase);
        arena_account_close(&c->phases[phase].account);
    }
}

/* ---- Source and output ------------------------------------------------------------------------------------------- */

static bool load_source(Compilation *c, FileId *file)
{
    Session *s = &c->session;
    bool standard_input = strcmp(c->path, "-") == 0;
    const char *shown = standard_input ? "<stdin>" : session_shown_path(s, c->path);
    SourceStatus status = c->text != NULL ? source_add(&s->text, shown, c->text, c->text_length, file)
                                          : source_load(&s->text, c->path, shown, file);
    if (status == SOURCE_OK) {
        s->working_at = source_file(&s->text, *file)->start;
        return true;
    }
    if (status == SOURCE_TOO_LARGE) {
        diagnose(&s->diagnostics, E008, (SourceSpan){{0}, {0}}, "the source is too large: the limit is 4 GiB");
        return false;
    }
    fprintf(stderr, "polec: error: cannot read '%s': %s\n", shown, strerror(errno));
    c->status = STATUS_FILE;
    return false;
}

static bool has_errors(const Compilation *c)
{
    return c->session.diagnostics.n_errors > 0;
}

/* Opens the output if the program deserves one. */
static FILE *open_output(Compilation *c)
{
    if (has_errors(c))
        return NULL;
    if (output_open(c->output, c->output_path, c->options->emit == EMIT_EXECUTABLE, c->hold_output))
        return c->output->stream;
    c->status = STATUS_FILE;
    return NULL;
}

static void finish_output(Compilation *c)
{
    if (c->status == STATUS_DONE && !output_finish(c->output))
        c->status = STATUS_FILE;
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

    s->phase = PHASE_LEX;
    Tokens tokens = lex(&c->phases[PHASE_LEX].arena, s, file);
    if (emit == EMIT_TOKENS) {
        if ((out = open_output(c)) != NULL)
            tokens_dump(out, s, &tokens);
        retire(c, PHASE_LEX);
        return;
    }

    s->phase = PHASE_PARSE;
    Ast ast = parse(&c->phases[PHASE_PARSE].arena, s, &tokens);
    retire(c, PHASE_LEX);
    if (emit == EMIT_AST) {
        if ((out = open_output(c)) != NULL)
            ast_dump(out, s, &ast);
        retire(c, PHASE_PARSE);
        return;
    }

    fputs("polec: error: nothing beyond --emit=ast is available in this version\n", stderr);
    c->status = STATUS_USAGE;
}

/* setjmp stands alone: C leaves the changed locals of its function indeterminate after a jump.  The place to jump to
   must be known before the session is opened, since that allocates. */
static void run_guarded(Compilation *c)
{
    if (setjmp(c->session.on_fatal) == 0)
        run_phases(c);
    else
        c->exhausted = true;
}

static void settle_status(Compilation *c)
{
    Diagnostics *diagnostics = &c->session.diagnostics;
    if (diagnostics->arena != NULL)
        diagnostics_sort(diagnostics, c->options->max_errors);
    if (c->exhausted)
        c->status = STATUS_LIMIT;
    else if (c->status == STATUS_DONE && has_errors(c))
        c->status = STATUS_ERROR;
    if (c->status == STATUS_DONE)
        finish_output(c);
    if (c->status != STATUS_DONE) {
        output_discard(c->output);
        output_discard(c->depfile);
    }
}

void compile(Compilation *c)
{
    c->status = STATUS_DONE;
    c->exhausted = false;
    memset(&c->session, 0, sizeof c->session);
    lifetimes_open(c);
    run_guarded(c);
    lifetimes_close(c);
    settle_status(c);
    if (c->tell != NULL)
        c->tell(c);
    session_close(&c->session);
}
