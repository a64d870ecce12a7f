/*
 * The audit of lifetimes.
 *
 * Invariant 3 says that nothing outlives its arena.  The include graph proves it for types (a product's header cannot
 * name an earlier product's types); this proves it for a run, of what really lies in memory.
 *
 * When?  Before a phase's arena dies, in retire(), and before any scratch arena does: the pool asks (PoolOptions.dying).
 * Under --arena-policy=whole a product is audited when it is retired all the same: the policy is about memory, the
 * promise is not.  When the phases are over, after an error or when memory ran out, what they left behind dies together;
 * nobody reads it any more, and only the session and the driver's structs are alive.
 *
 * What is alive?  The session arena with its arrays; the arenas of phases that are not retired, half-built ones
 * included; scratch; the Session, the Compilation and its report; the roots of living products, which the driver holds;
 * the process arena, if a program to be run goes there.
 *
 * Pointers.  Every word of that, at every position divisible by 4, is taken for an address, whatever its type: also a
 * pointer that was copied into words is found.  Could a number be mistaken for one?  An audited compilation has its
 * memory from guarded lanes, never from .bss or malloc, so addresses are not used twice, and memory that nobody has
 * written to is zero.  An address is above 2^44, and its lower half is above 2^31 (arena_lane.c): two 32-bit numbers, one
 * behind the other, look like one only if the first is above two thousand millions, which positions, ids and counts
 * never are.  Numbers that may have any value are told apart by what they are: hash values and literals (is_number).
 * Texts do not look like one, either: the upper 16 bits are zero, so it would be the end of a text, and in the first eight
 * megabytes of a lane the two bytes in the middle never stand like that in UTF-8.  (A process that has audited hundreds of
 * compilations is further on in its lanes; there a text would have to end in '~' or DEL behind two bytes that happen to fit.)
 *
 * Pointers into arenas that died before are found as well: so a product's root, which is seen only after the scratch of
 * its phase has gone, is checked against that scratch, too.
 *
 * Handles.  An id is a small number, and no search can tell a NodeId from a count.  But all ids are structs with one
 * member, so their types say what they are: tables describe the structs of all products, field by field, checked by the
 * compiler for being complete, and C's _Generic finds out the type of each (audit_fields.c).  A field of a living product
 * whose type belongs to the dying phase is an offender wherever it is not 0.  (A number that was taken out of its struct
 * is a number.)
 */
#include "audit.h"

#include <string.h>

#include "audit_fields.h"
#include "audit_place.h"
#include "deliver.h"
#include "ir/ir.h"
#include "lexer/tokens.h"
#include "measure.h"
#include "parser/ast.h"

void audit_open(Audit *audit)
{
    memset(audit, 0, offsetof(Audit, findings));
    audit->arenas = audit->words = audit->nanoseconds = 0;
}

void audit_product(Compilation *c, Phase phase, const void *product)
{
    if (c->audit != NULL)
        c->audit->products[phase] = product;
}

/* ---- Findings ---------------------------------------------------------------------------------------------------- */

/* What lives on is searched again when the next arena dies. */
static bool is_known(const Audit *audit, const void *held_at, uintptr_t value)
{
    for (uint32_t i = 0; i < audit->n_findings && i < AUDIT_MOST_TOLD; i++)
        if (audit->findings[i].held_at == held_at && audit->findings[i].value == value)
            return true;
    return false;
}

static AuditFinding *add_finding(Audit *audit, AuditFinding finding)
{
    static _Thread_local AuditFinding one_too_many;
    bool fits = audit->n_findings < AUDIT_MOST_TOLD;
    AuditFinding *added = fits ? &audit->findings[audit->n_findings] : &one_too_many;
    audit->n_findings++;
    *added = finding;
    return added;
}

/* ---- Pointers ---------------------------------------------------------------------------------------------------- */

/* One search for what leads into `dying`. */
typedef struct {
    Compilation *c;
    const Arena *dying;
    PoolRange range;            /* a word outside of it is no address of ours */
    const Arena *holder;        /* that is being searched; NULL: a struct outside of all arenas ... */
    const char *root;           /* ... and its name */
} Search;

/* Numbers of 64 bits that may look like anything: a pair of hash value and index, and the value of a literal. */
static bool is_number(const Search *search, const ArenaArray *array, const char *at)
{
    if (array == NULL)
        return false;
    if (array->element_size == 8 && (strcmp(array->kind, "name slot") == 0 || strcmp(array->kind, "type hash") == 0))
        return true;
    return strcmp(array->kind, "ir word") == 0 && audit_is_literal(search->holder, array, at);
}

static bool is_phase_of(const Compilation *c, const Arena *arena, Phase *phase)
{
    for (*phase = PHASE_LEX; *phase < N_PHASES; ++*phase)
        if (arena == &c->phases[*phase].arena)
            return true;
    return false;
}

/* Under --arena-policy=whole an arena may be there although its phase has been retired. */
static bool is_retired(const Compilation *c, const Arena *arena)
{
    Phase phase;
    return is_phase_of(c, arena, &phase) && c->audit->seen[phase];
}

static const Arena *arena_of(const Compilation *c, const char *address)
{
    for (const ArenaAccount *account = pool_accounts(c->pool); account != NULL; account = account->next)
        for (const Arena *arena = account->arenas; arena != NULL; arena = arena->next_in_account)
            if (arena_contains(arena, address))
                return arena;
    return NULL;
}

static AuditPlace place_of_dead(const PoolAddress *dead)
{
    AuditPlace place = {.arena = dead->arena, .offset = dead->offset};
    if (dead->kind != NULL)
        snprintf(place.object, sizeof place.object, "element %zu of the array '%s'", dead->offset / dead->element_size,
                 dead->kind);
    else
        snprintf(place.object, sizeof place.object, "an object that was pushed");
    return place;
}

/* A word that is within the pool's addresses. */
static void examine(Search *search, const ArenaArray *array, const char *start, const char *at, uintptr_t word)
{
    const char *address = (const char *)word; /* never followed */
    const Compilation *c = search->c;
    const Arena *target = arena_of(c, address);
    PoolAddress dead = {0};
    if (target != NULL ? target != search->dying && !is_retired(c, target) : !pool_find_address(c->pool, address, &dead))
        return;
    if (is_number(search, array, at) || is_known(c->audit, at, word))
        return;
    AuditFinding *finding = add_finding(c->audit, (AuditFinding){.held_at = at, .value = word,
                                                                 .died_before = target != search->dying});
    if (search->holder != NULL)
        finding->holder = audit_place(&c->session, search->holder, array, at, (size_t)(at - start));
    else
        finding->holder = (AuditPlace){.arena = search->root, .offset = (size_t)(at - start)};
    finding->target = target != NULL ? audit_target(&c->session, target, address) : place_of_dead(&dead);
}

static void search_stretch(void *context, const ArenaArray *array, const char *start, size_t bytes)
{
    Search *search = context;
    PoolRange range = search->range;
    for (size_t at = 0; at + sizeof(uintptr_t) <= bytes; at += sizeof(uint32_t)) {
        uintptr_t word;
        memcpy(&word, start + at, sizeof word);
        if (word - range.start < range.bytes)
            examine(search, array, start, start + at, word);
    }
    search->c->audit->words += bytes / sizeof(uint32_t);
}

static void search_root(Search *search, const char *name, const void *start, size_t bytes)
{
    if (start == NULL)
        return;
    search->holder = NULL;
    search->root = name;
    search_stretch(search, NULL, start, bytes);
}

static void search_arena(Search *search, const Arena *arena)
{
    search->holder = arena;
    arena_visit(arena, search_stretch, search);
}

/* ---- What is alive ----------------------------------------------------------------------------------------------- */

static bool lives(const Search *search, const Arena *arena)
{
    const Compilation *c = search->c;
    if (arena == &c->session.arena)
        return true;
    return arena != search->dying && !c->audit->ending && !is_retired(c, arena);
}

/* The jump buffer and the control blocks of arenas are left out: they refer to nothing but what they own. */
static void search_roots(Search *search)
{
    const Compilation *c = search->c;
    const Session *s = &c->session;
    search_root(search, "the Session", &s->text, offsetof(Session, phase) - offsetof(Session, text));
    search_root(search, "the Session's heap of LLVM's", &s->codegen_heap, sizeof s->codegen_heap);
    search_root(search, "the Compilation", c, offsetof(Compilation, code));
    search_root(search, "the root of the code", &c->code, sizeof c->code);
    search_root(search, "the memory report", c->report, sizeof *c->report);
    search_root(search, "the root of the tokens", c->audit->products[PHASE_LEX], sizeof(Tokens));
    search_root(search, "the root of the AST", c->audit->products[PHASE_PARSE], sizeof(Ast));
    search_root(search, "the root of the IR", c->audit->products[PHASE_IR], sizeof(Ir));
}

static void search_all(Search *search)
{
    Compilation *c = search->c;
    for (const ArenaAccount *account = pool_accounts(c->pool); account != NULL; account = account->next)
        for (const Arena *arena = account->arenas; arena != NULL; arena = arena->next_in_account)
            if (lives(search, arena))
                search_arena(search, arena);
    search_roots(search);
    if (c->code_arena != NULL)
        search_arena(search, c->code_arena);
}

/* ---- Handles ----------------------------------------------------------------------------------------------------- */

typedef struct {
    Compilation *c;
    Phase dying;
} HandleSearch;

static void report_handle(void *context, const Arena *arena, const ArenaArray *array, const char *object,
                          const AuditField *field, uint32_t value)
{
    HandleSearch *search = context;
    const Compilation *c = search->c;
    if (is_known(c->audit, object + field->offset, value))
        return;
    AuditFinding *finding = add_finding(c->audit, (AuditFinding){.held_at = object + field->offset, .value = value,
                                                                 .handle = field->type});
    size_t offset = array != NULL ? (size_t)(object - array->items) : 0;
    finding->holder = audit_place(&c->session, arena, array, object, offset);
    finding->target = (AuditPlace){.arena = phase_name(search->dying)};
    snprintf(finding->target.object, sizeof finding->target.object, "field '%s'", field->name);
}

static void search_handles(Compilation *c, Phase dying)
{
    HandleSearch search = {c, dying};
    const Arena *alive[N_PHASES + 1] = {&c->session.arena};
    size_t n = 1;
    for (Phase phase = PHASE_LEX; phase < N_PHASES && !c->audit->ending; phase++)
        if (phase != dying && !c->audit->seen[phase])
            alive[n++] = &c->phases[phase].arena;
    for (size_t i = 0; i < n; i++)
        c->audit->words += audit_handles(&c->session, alive[i], dying, report_handle, &search);
    if (!c->audit->ending)
        audit_code_handles(&c->code, &c->phases[PHASE_CODEGEN].arena, dying, report_handle, &search);
}

/* ---- Moments ----------------------------------------------------------------------------------------------------- */

static void audit_arena(Compilation *c, const Arena *dying)
{
    uint64_t begin = measure_now();
    Search search = {.c = c, .dying = dying, .range = pool_range(c->pool)};
    search_all(&search);
    Phase phase;
    if (is_phase_of(c, dying, &phase))
        search_handles(c, phase);
    c->audit->arenas++;
    c->audit->nanoseconds += measure_now() - begin;
}

void audit_retire(Compilation *c, Phase phase)
{
    Audit *audit = c->audit;
    if (audit == NULL || audit->seen[phase])
        return;
    audit->seen[phase] = true;
    audit->products[phase] = NULL;
    audit_arena(c, &c->phases[phase].arena);
}

void audit_dying(void *compilation, const Arena *arena)
{
    Compilation *c = compilation;
    Phase phase;
    if (is_phase_of(c, arena, &phase))
        audit_retire(c, phase);
    else if (arena != &c->session.arena)
        audit_arena(c, arena);
}

void audit_end(Compilation *c)
{
    if (c->audit == NULL)
        return;
    c->audit->ending = true;
    memset(c->audit->products, 0, sizeof c->audit->products);
}

void audit_judge(Compilation *c)
{
    const Audit *audit = c->audit;
    if (audit == NULL)
        return;
    if (c->report != NULL) {
        c->report->audited_arenas = audit->arenas;
        c->report->audited_words = audit->words;
        c->report->audit_nanoseconds = audit->nanoseconds;
        c->report->audit_offenders = audit->n_findings;
    }
    if (audit->n_findings > 0)
        compilation_fail(c, STATUS_INTERNAL, "internal error: %u reference%s arena; this is a fault of polec, please "
                         "report it", audit->n_findings, audit->n_findings == 1 ? " outlives its" : "s outlive their");
}

/* ---- Telling ----------------------------------------------------------------------------------------------------- */

static void print_place(FILE *stream, const Session *session, const char *what, const AuditPlace *place)
{
    fprintf(stream, "  %s %s%s%s%s%s, at byte %zu", what, place->object, place->object[0] != '\0' ? " in " : "",
            strncmp(place->arena, "the ", 4) == 0 ? "" : "the arena '", place->arena,
            strncmp(place->arena, "the ", 4) == 0 ? "" : "'", place->offset);
    if (place->function.i != 0)
        fprintf(stream, ", function '%.*s'", NAME_ARGS(&session->names, place->function));
    SourcePlace at = source_place(&session->text, place->pos);
    if (at.file != NULL)
        fprintf(stream, ", %s:%u:%u", at.file->path, at.line, at.column);
    fputc('\n', stream);
}

static void print_finding(FILE *stream, const Session *session, const AuditFinding *f)
{
    if (f->handle != NULL) {
        fprintf(stream, "polec: lifetime audit: a handle into the arena '%s' outlives it\n", f->target.arena);
        print_place(stream, session, "held by", &f->holder);
        fprintf(stream, "  handle  %u, a %s, in its %s\n", (unsigned)f->value, f->handle, f->target.object);
        return;
    }
    fprintf(stream, "polec: lifetime audit: a pointer into the arena '%s' outlives it%s\n", f->target.arena,
            f->died_before ? ", which died before" : "");
    print_place(stream, session, "held by", &f->holder);
    fprintf(stream, "  pointer %#llx\n", (unsigned long long)f->value);
    print_place(stream, session, "target ", &f->target);
}

void audit_print(FILE *stream, const Compilation *c, bool summary)
{
    const Audit *audit = c->audit;
    if (audit == NULL)
        return;
    for (uint32_t i = 0; i < audit->n_findings && i < AUDIT_MOST_TOLD; i++)
        print_finding(stream, &c->session, &audit->findings[i]);
    if (audit->n_findings > AUDIT_MOST_TOLD)
        fprintf(stream, "polec: lifetime audit: and %u more\n", audit->n_findings - AUDIT_MOST_TOLD);
    if (summary)
        fprintf(stream, "polec: lifetime audit: %llu arenas died, %llu words searched in %.3f ms, %u offenders\n",
                (unsigned long long)audit->arenas, (unsigned long long)audit->words, (double)audit->nanoseconds / 1e6,
                audit->n_findings);
}
