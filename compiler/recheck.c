/*
 * Re-checking.
 *
 * Each phase can go on from a mark: a position in its result arena, in what it has added to the session, and in its
 * input.  A mark holds as long as the input in front of it is what it was, so a change of the text is handed down from
 * phase to phase as a number:
 *
 *     text     bytes in front of the change      lex takes up the last mark in front of it
 *     tokens   n_stable_tokens                   parse takes up the last mark that depends on no further token
 *     tree     stable.n_words                    build takes over the functions that lie in front
 *
 * Rewinding is exact because everything is numbered by its place: behind the mark, names get the numbers, nodes the ids
 * and arenas the bytes that they would have got from scratch.
 *
 * The session needs care.  From scratch, the phases add to its one arena in turn, so rewinding the lexer's additions
 * would take away the parser's.  Here each phase adds to an arena of its own in the session's account: text and names,
 * the parser's reports, types with the builder's reports.  So the account's sum is the same as ever.
 *
 * Declarations are visible everywhere, so scopes, types and signatures are made anew each time, in fresh memory; how the
 * builder then decides whether functions may be taken over is told in ir/build_again.c.  Imports are read and lexed
 * anew as well, since only looking tells whether they have changed.
 *
 * The price is memory: nothing is retired, marks are kept (about 600 bytes for every few KiB of source), and while the
 * new IR is made the old one is still there.
 */
#include "recheck.h"

#include <string.h>

#include "base/utf8.h"
#include "ir/types.h"
#include "measure.h"

enum {
    TOKENS_BETWEEN_MARKS = 512,  /* at least; about 2 KiB of source */
    MOST_MARKS = 512,            /* of one file; a large one has them farther apart */
};

/* ---- Opening and closing ----------------------------------------------------------------------------------------- */

static void open_build(Recheck *r, BuildMemory *build)
{
    arena_open(&build->ir, &r->accounts[PHASE_IR], "ir");
    arena_open(&build->types, &r->session.account, "types");
    arena_open(&build->scratch, &r->accounts[PHASE_IR], "ir scratch");
    build->table = types_open(&build->types, &r->session.names);
    build->past = NULL;
}

static void free_build(BuildMemory *build)
{
    arena_free(&build->ir);
    arena_free(&build->types);
    arena_free(&build->scratch);
    build->past = NULL;
}

static void open_arenas(Recheck *r)
{
    static const char *const names[RECHECK_PHASES] = {"lex", "parse", "ir"};
    for (uint32_t phase = 0; phase < RECHECK_PHASES; phase++)
        arena_account_open(&r->accounts[phase], r->pool, names[phase], 0);
    arena_account_open(&r->own_account, r->pool, "recheck", 0);
    arena_open(&r->lex, &r->accounts[PHASE_LEX], "lex");
    arena_open(&r->own, &r->own_account, "recheck");
    arena_open(&r->told, &r->own_account, "told");
    r->lex_marks = arena_array(&r->own, "lex mark", sizeof(LexMark));
    r->parse_marks.marks = arena_array(&r->own, "parse mark", sizeof(ParseMark));
    r->parse_marks.items = arena_array(&r->own, "item", sizeof(uint32_t));
}

/* Whatever is open, also after a jump. */
static void free_arenas(Recheck *r)
{
    arena_free(&r->session.scratch);
    free_build(&r->builds[0]);
    free_build(&r->builds[1]);
    arena_free(&r->uses_arena);
    r->has_uses = false;
    arena_free(&r->lex);
    arena_free(&r->parse);
    arena_free(&r->parse_reports);
    arena_free(&r->own);
    arena_free(&r->told);
    for (uint32_t phase = 0; phase < RECHECK_PHASES; phase++)
        arena_account_close(&r->accounts[phase]);
    arena_account_close(&r->own_account);
    session_close(&r->session);
    r->begun = false;
}

void recheck_open(Recheck *r, const Options *options, Pool *pool, const char *path)
{
    memset(r, 0, sizeof *r);
    r->options = options;
    r->pool = pool;
    r->path = path;
    r->least_distance = TOKENS_BETWEEN_MARKS;
    PoolOptions pool_options = {.mode = options->policy == POLICY_MALLOC ? POOL_MALLOC : POOL_RECYCLE,
                                .exhausted = session_exhausted, .context = &r->session};
    pool_configure(pool, &pool_options);
}

void recheck_close(Recheck *r)
{
    if (r->begun)
        free_arenas(r);
}

/* ---- The text ---------------------------------------------------------------------------------------------------- */

static bool has_byte_order_mark(const char *bytes, size_t length)
{
    return length >= 3 && memcmp(bytes, "\xEF\xBB\xBF", 3) == 0;
}

static size_t common_prefix(const char *a, const char *b, size_t length)
{
    size_t n = 0;
    while (n + sizeof(uint64_t) <= length && memcmp(a + n, b + n, sizeof(uint64_t)) == 0)
        n += sizeof(uint64_t);
    while (n < length && a[n] == b[n])
        n++;
    return n;
}

/* What is reported of a broken encoding is not in the order of the text, so such a text is checked as a whole. */
static bool is_clean(const char *bytes, size_t length)
{
    return utf8_valid_prefix(bytes, length) == length && memchr(bytes, 0, length) == NULL;
}

static bool tell_too_large(Recheck *r)
{
    r->too_large = true;
    diagnose(&r->session.diagnostics, E008, (SourceSpan){{0}, {0}}, "the source is too large: the limit is 4 GiB");
    r->lexed = r->session.diagnostics;
    return false;
}

/* Everything anew. */
static bool begin(Recheck *r, const char *bytes, size_t length)
{
    if (r->begun)
        free_arenas(r);
    r->begun = true;
    r->whole = true;
    session_open_without_types(&r->session, r->pool, r->options);
    r->session.unsaved = r->unsaved;
    r->session.unsaved_context = r->unsaved_context;
    open_arenas(r);
    memset(r->bytes, 0, sizeof r->bytes);
    uint32_t distance = (uint32_t)(length / 4 / MOST_MARKS); /* a token is about 4 bytes */
    r->parse_marks.distance = distance > r->least_distance ? distance : r->least_distance;
    r->n_stable_tokens = 0;
    r->stable = (BuildStable){0};
    const char *shown = session_shown_path(&r->session, r->path);
    if (source_add_opened(&r->session.text, r->path, shown, bytes, length, &r->file) != SOURCE_OK)
        return tell_too_large(r);
    r->session.working_at = source_file(&r->session.text, r->file)->start;
    return true;
}

/* Keeps what lies in front of the change; false if that is nothing. */
static bool keep_front(Recheck *r, const char *bytes, size_t length)
{
    const SourceFile *file = source_file(&r->session.text, r->file);
    const char *old = source_at(&r->session.text, file->start);
    uint32_t mark_length = has_byte_order_mark(bytes, length) ? 3 : 0;
    bool had_mark = has_byte_order_mark(old - 3, 3); /* in front of a text lie names or padding */
    if (had_mark != (mark_length != 0) || !is_clean(bytes, length))
        return false;
    bytes += mark_length;
    length -= mark_length;
    size_t prefix = common_prefix(old, bytes, length < file->length ? length : file->length);
    r->changed = (SourcePos){file->start.at + (uint32_t)prefix};

    r->session.diagnostics = r->lexed;
    if (!lex_rewind(&r->lex, &r->session, r->lex_marks, r->changed))
        return false;
    const LexMark *last = (const LexMark *)(const void *)r->lex_marks->items + (r->lex_marks->count - 1);
    r->n_stable_tokens = last->n_tokens;
    r->stable.n_names = last->n_names;
    size_t dropped = r->session.text.text->count - r->changed.at;
    r->bytes[RECHECK_SESSION].made -= arena_used(&r->session.arena) - dropped;
    r->bytes[PHASE_LEX].made -= arena_used(&r->lex);
    r->whole = false;
    if (source_change(&r->session.text, r->file, (uint32_t)prefix, bytes + prefix, length - prefix) != SOURCE_OK)
        return false;
    r->session.working_at = r->changed;
    return true;
}

/* ---- The phases -------------------------------------------------------------------------------------------------- */

static void run_lex(Recheck *r)
{
    r->tokens = lex_marked(&r->lex, &r->session, r->file, r->lex_marks, r->parse_marks.distance);
    r->lexed = r->session.diagnostics;
}

static void run_parse(Recheck *r)
{
    r->session.phase = PHASE_PARSE;
    if (!r->whole && parse_rewind(&r->parse, &r->parsed, &r->parse_marks, r->n_stable_tokens)) {
        r->bytes[PHASE_PARSE].made -= arena_used(&r->parse);
        r->bytes[RECHECK_SESSION].made -= arena_used(&r->parse_reports);
        const ParseMark *last =
            (const ParseMark *)(const void *)r->parse_marks.marks->items + (r->parse_marks.marks->count - 1);
        r->stable.n_words = (uint32_t)r->parse.arrays[0].count;
        r->stable.end = last->cursor.pos;
    } else {
        arena_free(&r->parse);
        arena_free(&r->parse_reports);
        arena_open(&r->parse, &r->accounts[PHASE_PARSE], "parse");
        arena_open(&r->parse_reports, &r->session.account, "parse reports");
        diagnostics_open(&r->parsed, &r->parse_reports, &r->session.text);
        array_truncate(r->parse_marks.marks, 0);
        array_truncate(r->parse_marks.items, 0);
        r->stable.n_words = 0;
    }
    r->session.diagnostics = r->parsed;
    r->ast = parse_marked(&r->parse, &r->session, &r->tokens, &r->parse_marks);
    r->parsed = r->session.diagnostics;
}

/* Uses are those of one build: nothing is known of functions that are taken over. */
static void open_uses(Recheck *r)
{
    arena_free(&r->uses_arena);
    r->has_uses = r->record_uses;
    r->session.ir_uses = NULL;
    if (!r->record_uses)
        return;
    arena_open(&r->uses_arena, &r->own_account, "uses");
    uses_open(&r->uses, &r->uses_arena);
    r->session.ir_uses = &r->uses;
}

static void run_build(Recheck *r, Diagnostics *built)
{
    BuildMemory *old = &r->builds[r->build], *new = &r->builds[1 - r->build];
    r->session.phase = PHASE_IR;
    open_build(r, new);
    r->session.types = new->table;
    diagnostics_open(&r->session.diagnostics, &new->types, &r->session.text);
    r->session.diagnostics.n_errors = r->lexed.n_errors + r->parsed.n_errors; /* with errors no function is kept */
    open_uses(r);
    bool takes_over = r->stable.n_words > 0 && !r->record_uses;
    BuildAgain result = build_ir_again(&new->ir, &new->scratch, &r->session, &r->ast, takes_over ? old->past : NULL,
                                       r->stable);
    r->ir = result.ir;
    new->past = result.past;
    r->bytes[PHASE_IR].made -= result.kept;
    r->bytes[RECHECK_SESSION].made -= result.kept_types;
    *built = r->session.diagnostics;
    free_build(old);
    r->build = 1 - r->build;
}

/* ---- The results ------------------------------------------------------------------------------------------------- */

static void gather_diagnostics(Recheck *r, const Diagnostics *built)
{
    arena_free(&r->told);
    arena_open(&r->told, &r->own_account, "told");
    diagnostics_open(&r->diagnostics, &r->told, &r->session.text);
    diagnostics_append(&r->diagnostics, &r->lexed);
    if (!r->too_large) {
        diagnostics_append(&r->diagnostics, &r->parsed);
        diagnostics_append(&r->diagnostics, built);
    }
    diagnostics_sort(&r->diagnostics, r->options->max_errors);
}

/* `made` holds what was kept, below zero. */
static void count_bytes(Recheck *r)
{
    r->bytes[RECHECK_SESSION].used = arena_account_used(&r->session.account);
    r->bytes[PHASE_LEX].used = arena_used(&r->lex);
    r->bytes[PHASE_PARSE].used = arena_used(&r->parse);
    r->bytes[PHASE_IR].used = arena_used(&r->builds[r->build].ir);
    for (uint32_t i = 0; i < RECHECK_ARENAS; i++)
        r->bytes[i].made += r->bytes[i].used;
}

/* Only whether anything is to be told hangs on this.  Where an import leads can change though no text does: to a file that
   is read anyhow, or no longer there. */
static void note_change(Recheck *r)
{
    const SourceText *text = &r->session.text;
    const SourceImport *imports = (const SourceImport *)(const void *)text->imports->items;
    uint64_t hash = source_hash(text);
    for (size_t i = 0; i < text->imports->count; i++)
        hash = (hash ^ imports[i].path.at ^ (uint64_t)imports[i].file.i << 32) * 0x9E3779B97F4A7C15u;
    r->unchanged = r->had_result && hash == r->hash;
    r->hash = hash;
}

static void check_text(Recheck *r, const char *bytes, size_t length)
{
    Diagnostics built = {0};
    r->had_result = r->sound;
    bool kept = r->sound && keep_front(r, bytes, length);
    r->sound = false; /* until it is over */
    if (kept || begin(r, bytes, length)) {
        run_lex(r);
        run_parse(r);
        run_build(r, &built);
        note_change(r);
        r->sound = true;
    }
    gather_diagnostics(r, &built);
    count_bytes(r);
}

/* setjmp stands alone, as in driver.c.  After a jump nothing is kept, so the next check begins anew. */
void recheck(Recheck *r, const char *bytes, size_t length)
{
    uint64_t start = measure_now();
    memset(r->bytes, 0, sizeof r->bytes);
    r->exhausted = r->too_large = r->whole = r->unchanged = false;
    if (setjmp(r->session.on_fatal) == 0) {
        check_text(r, bytes, length);
    } else {
        r->exhausted = true;
        return;
    }
    r->nanoseconds = measure_now() - start;
}
