/*
 * Does a match cover every value, and which arms can never be reached?
 *
 * The patterns of all arms form a matrix, a row for each arm and one column to begin with (L. Maranget, "Warnings for
 * pattern matching", Journal of Functional Programming 17(3), 2007).  Look at the first row.  If it accepts everything,
 * its arm is reached and no later row is.  Otherwise take its first column that tests something, and split the rows by
 * what they want there: each constructor gets the rows that want it and those that do not care, with the constructor's
 * payload as new columns.  A matrix without rows is a value that no arm accepts.  One walk answers both questions.
 *
 * Rows are gathered by sorting what they want, so a match of a million literals takes n log n.  The general problem is
 * exponential; the walk counts its steps and gives up when it is clear that nobody wrote this by hand.
 *
 * A matrix on Builder.stack: its columns (each the slot of a *witness* pattern, which says what is known of the value
 * there), then its rows, each the number of its arm and the slots of its patterns.
 */
#include <stdio.h>
#include <string.h>

#include "ir/pattern.h"

enum { MAX_STEPS = 50 * 1000 * 1000, MAX_SPLITS = 1000 };

typedef struct {
    Builder *b;
    size_t reached;         /* on the stack: a word for each arm */
    uint32_t root;          /* witness of the whole value */
    uint64_t steps;
    uint32_t splits;        /* how deep the recursion is */
    CoverageResult *result;
} Coverage;

typedef struct { size_t base; uint32_t n_rows, n_columns; } Matrix;

static uint32_t *column(const Coverage *c, const Matrix *m, uint32_t i) { return ITEM(&c->b->stack, uint32_t, m->base + i); }
static uint32_t *row(const Coverage *c, const Matrix *m, uint32_t r)
{
    return ITEM(&c->b->stack, uint32_t, m->base + m->n_columns + (size_t)r * (m->n_columns + 1));
}

/* ---- The missing pattern, as text --------------------------------------------------------------------------------------- */

typedef struct { Builder *b; char *text; size_t size, length; } Writer;

static void write_text(Writer *w, const char *text, size_t n)
{
    for (size_t i = 0; i < n; i++, w->length++)
        if (w->length + 1 < w->size)
            w->text[w->length] = text[i];
}

static void write_witness(Writer *w, uint32_t slot, int depth);

static void write_children(Writer *w, const Pattern *pattern, int depth)
{
    for (uint32_t i = 0; i < pattern->n_children; i++) {
        if (i > 0)
            write_text(w, ", ", 2);
        write_witness(w, pattern->first_child + i, depth + 1);
    }
}

static void write_fields(Writer *w, const Pattern *pattern, int depth)
{
    if (type_kind(w->b->types, pattern->type) == TYPE_TUPLE) {
        write_text(w, "(", 1);
        write_children(w, pattern, depth);
        write_text(w, ")", 1);
        return;
    }
    write_text(w, "{", 1);
    for (uint32_t i = 0; i < pattern->n_children; i++) {
        NameId name = type_field_name(w->b->types, pattern->type, i);
        write_text(w, i > 0 ? ", " : " ", i > 0 ? 2 : 1);
        write_text(w, name_text(w->b->names, name), name_length(w->b->names, name));
        write_text(w, ": ", 2);
        write_witness(w, pattern->first_child + i, depth + 1);
    }
    write_text(w, " }", 2);
}

static void write_witness(Writer *w, uint32_t slot, int depth)
{
    Pattern pattern = *pattern_at(w->b, slot);
    if (depth > 8 || w->length > w->size) {
        write_text(w, "_", 1);
        return;
    }
    switch (pattern.kind) {
    case PATTERN_FIELDS:
        write_fields(w, &pattern, depth);
        break;
    case PATTERN_CONSTRUCTOR: {
        NameId name = type_constructor(w->b->types, pattern.type, (uint32_t)pattern.key)->name;
        write_text(w, name_text(w->b->names, name), name_length(w->b->names, name));
        if (pattern.n_children == 0)
            break;
        write_text(w, "(", 1);
        write_children(w, &pattern, depth);
        write_text(w, ")", 1);
        break;
    }
    case PATTERN_BOOL:
        write_text(w, pattern.key ? "true" : "false", pattern.key ? 4 : 5);
        break;
    case PATTERN_LIST:
        write_text(w, "[]", 2);
        break;
    case PATTERN_CONS:
        write_text(w, "Cons(", 5);
        write_children(w, &pattern, depth);
        write_text(w, ")", 1);
        break;
    default:
        write_text(w, "_", 1);
        break;
    }
}

static void found_missing(Coverage *c)
{
    if (!c->result->covered)
        return;
    c->result->covered = false;
    Writer w = {c->b, c->result->missing, sizeof c->result->missing, 0};
    write_witness(&w, c->root, 0);
    c->result->missing[w.length < w.size ? w.length : w.size - 1] = '\0';
}

/* ---- What a pattern wants ------------------------------------------------------------------------------------------------- */

/* Alternatives of a column are numbered: constructors, Bool's values, [] as 0 and Cons as 1, literals by their keys. */
static uint64_t wanted(const Pattern *pattern)
{
    if (pattern->kind == PATTERN_LIST)
        return pattern->n_children > 0;
    return pattern->kind == PATTERN_CONS ? 1 : pattern->key;
}

/* How many alternatives the type has; 0 for literals, of which there are always more. */
static uint32_t count_alternatives(const Coverage *c, const Pattern *pattern)
{
    switch (pattern->kind) {
    case PATTERN_CONSTRUCTOR:
        return type_n_constructors(c->b->types, pattern->type);
    case PATTERN_BOOL: case PATTERN_LIST: case PATTERN_CONS:
        return 2;
    case PATTERN_FIELDS:
        return 1;
    default:
        return 0;
    }
}

/* Makes the witness say that the value there is `alternative` (like `model`), with fresh witnesses for the parts. */
static uint32_t specialise_witness(Coverage *c, uint32_t slot, const Pattern *model, uint64_t alternative)
{
    Builder *b = c->b;
    uint32_t n = 0;
    PatternKind kind = (PatternKind)model->kind;
    if (kind == PATTERN_LIST || kind == PATTERN_CONS) {
        kind = alternative == 1 ? PATTERN_CONS : PATTERN_LIST;
        n = alternative == 1 ? 2 : 0;
    } else if (kind == PATTERN_CONSTRUCTOR) {
        n = type_constructor(b->types, model->type, (uint32_t)alternative)->n_payload;
    } else if (kind == PATTERN_FIELDS) {
        n = type_n_fields(b->types, model->type);
    }
    uint32_t first = new_patterns(b, n);
    Pattern *witness = pattern_at(b, slot);
    *witness = (Pattern){.kind = (uint8_t)kind, .type = model->type, .key = alternative, .first_child = first, .n_children = n};
    if (kind == PATTERN_INT || kind == PATTERN_FLOAT || kind == PATTERN_STRING)
        witness->kind = PATTERN_ANY;
    return n;
}

/* The parts of `slot` under an alternative with n parts, pushed on the stack: its children, or anything. */
static void push_parts(Coverage *c, uint32_t slot, uint32_t n, uint32_t any)
{
    Builder *b = c->b;
    Pattern pattern = *pattern_at(b, slot);
    if (pattern.kind == PATTERN_ANY) {
        for (uint32_t i = 0; i < n; i++)
            push_id(b, any);
    } else if (pattern.kind == PATTERN_LIST && n == 2) { /* [p, q, r] is Cons(p, [q, r]) */
        uint32_t rest = new_patterns(b, 1);
        *pattern_at(b, rest) = pattern;
        pattern_at(b, rest)->first_child++;
        pattern_at(b, rest)->n_children--;
        push_id(b, pattern.first_child);
        push_id(b, rest);
    } else {
        for (uint32_t i = 0; i < n; i++)
            push_id(b, pattern.first_child + i);
    }
}

/* ---- Splitting ---------------------------------------------------------------------------------------------------------------- */

static void cover(Coverage *c, Matrix m);

/* Rows of one alternative: `rows` on the stack holds n row numbers in order. */
static void cover_alternative(Coverage *c, const Matrix *m, uint32_t at, const Pattern *model, uint64_t alternative,
                              bool is_default, size_t rows, uint32_t n)
{
    Builder *b = c->b;
    size_t stack_mark = b->stack.count, pattern_mark = b->patterns.count;
    uint32_t slot = *column(c, m, at);
    Pattern before = *pattern_at(b, slot);
    uint32_t any = new_patterns(b, 1);
    uint32_t n_parts = is_default && count_alternatives(c, model) == 0 ? 0 : specialise_witness(c, slot, model, alternative);
    uint32_t first_part = pattern_at(b, slot)->first_child;
    Matrix sub = {b->stack.count, n, m->n_columns - 1 + n_parts};
    for (uint32_t i = 0; i < m->n_columns; i++)
        if (i != at)
            push_id(b, *column(c, m, i));
        else
            for (uint32_t j = 0; j < n_parts; j++)
                push_id(b, first_part + j);
    for (uint32_t r = 0; r < n; r++) {
        uint32_t number = *ITEM(&b->stack, uint32_t, rows + r);
        push_id(b, row(c, m, number)[0]);
        for (uint32_t i = 0; i < m->n_columns; i++)
            if (i != at)
                push_id(b, row(c, m, number)[1 + i]);
            else
                push_parts(c, row(c, m, number)[1 + i], n_parts, any);
    }
    c->steps += (uint64_t)(n + 1) * (sub.n_columns + 1);
    c->splits++;
    cover(c, sub);
    c->splits--;
    stack_truncate(&b->stack, stack_mark);
    *pattern_at(b, slot) = before;
    stack_truncate(&b->patterns, pattern_mark);
}

typedef struct { uint64_t key; uint32_t row; uint32_t spare; } Wanted;

/* Merge sort by key, rows in order within a key; in place of qsort, which may allocate. */
static Wanted *sort_wanted(Wanted *items, Wanted *other, uint32_t n)
{
    for (uint32_t width = 1; width < n; width *= 2) {
        for (uint32_t start = 0; start < n; start += 2 * width) {
            uint32_t middle = start + width < n ? start + width : n, end = start + 2 * width < n ? start + 2 * width : n;
            for (uint32_t i = start, j = middle, k = start; k < end; k++)
                other[k] = i < middle && (j >= end || items[i].key <= items[j].key) ? items[i++] : items[j++];
        }
        Wanted *swap = items;
        items = other;
        other = swap;
    }
    return items;
}

/* Pushes, in the order of the rows, those of the group [from, to) and those that accept anything. */
static uint32_t push_rows(Builder *b, size_t group, uint32_t from, uint32_t to, size_t anys, uint32_t n_anys)
{
    uint32_t n = 0, next_any = 0;
    for (uint32_t i = from; i <= to; i++) {
        uint32_t limit = i < to ? ((Wanted *)(void *)ITEM(&b->stack, uint32_t, group))[i].row : UINT32_MAX;
        while (next_any < n_anys && *ITEM(&b->stack, uint32_t, anys + next_any) < limit) {
            push_id(b, *ITEM(&b->stack, uint32_t, anys + next_any++));
            n++;
        }
        if (i < to) {
            push_id(b, limit);
            n++;
        }
    }
    return n;
}

static void cover_group(Coverage *c, const Matrix *m, uint32_t at, const Pattern *model, uint64_t alternative, bool is_default,
                        size_t group, uint32_t from, uint32_t to, size_t anys, uint32_t n_anys)
{
    size_t rows = c->b->stack.count;
    uint32_t n = push_rows(c->b, group, from, to, anys, n_anys);
    cover_alternative(c, m, at, model, alternative, is_default, rows, n);
    stack_truncate(&c->b->stack, rows);
}

static void split(Coverage *c, const Matrix *m, uint32_t at)
{
    Builder *b = c->b;
    size_t mark = b->stack.count;
    Pattern model = *pattern_at(b, row(c, m, 0)[1 + at]);
    uint32_t n_anys = 0, n_wanted = 0;
    size_t anys = b->stack.count;
    for (uint32_t r = 0; r < m->n_rows; r++)
        if (pattern_at(b, row(c, m, r)[1 + at])->kind == PATTERN_ANY) {
            push_id(b, r);
            n_anys++;
        }
    if (b->stack.count % 2 != 0)
        push_id(b, 0); /* Wanted is aligned to 8 bytes */
    size_t group = b->stack.count;
    n_wanted = m->n_rows - n_anys;
    stack_push(&b->stack, 8 * (size_t)n_wanted);
    Wanted *items = (Wanted *)(void *)ITEM(&b->stack, uint32_t, group);
    for (uint32_t r = 0, i = 0; r < m->n_rows; r++) {
        const Pattern *pattern = pattern_at(b, row(c, m, r)[1 + at]);
        if (pattern->kind != PATTERN_ANY)
            items[i++] = (Wanted){wanted(pattern), r, 0};
    }
    if (sort_wanted(items, items + n_wanted, n_wanted) != items)
        memcpy(items, items + n_wanted, n_wanted * sizeof *items);

    uint32_t n_alternatives = count_alternatives(c, &model), n_distinct = 0;
    uint64_t first_missing = 0;
    for (uint32_t from = 0, to; from < n_wanted; from = to) {
        items = (Wanted *)(void *)ITEM(&b->stack, uint32_t, group);
        uint64_t key = items[from].key;
        for (to = from; to < n_wanted && items[to].key == key; to++)
            continue;
        n_distinct++;
        first_missing += key == first_missing;
        cover_group(c, m, at, &model, key, false, group, from, to, anys, n_anys);
    }
    if (n_alternatives == 0 || n_distinct < n_alternatives)
        cover_group(c, m, at, &model, first_missing, true, group, 0, 0, anys, n_anys);
    stack_truncate(&b->stack, mark);
}

static void cover(Coverage *c, Matrix m)
{
    if (m.n_rows == 0) {
        found_missing(c);
        return;
    }
    if (c->steps > MAX_STEPS || c->splits > MAX_SPLITS) {
        c->result->too_complex = true;
        return;
    }
    for (uint32_t i = 0; i < m.n_columns; i++)
        if (pattern_at(c->b, row(c, &m, 0)[1 + i])->kind != PATTERN_ANY) {
            split(c, &m, i);
            return;
        }
    *ITEM(&c->b->stack, uint32_t, c->reached + row(c, &m, 0)[0]) = 1;
}

void check_coverage(Builder *b, uint32_t first_arm, uint32_t n_arms, TypeId type, size_t reached, CoverageResult *result)
{
    *result = (CoverageResult){.covered = true};
    size_t stack_mark = b->stack.count, pattern_mark = b->patterns.count;
    Coverage c = {.b = b, .reached = reached, .root = new_patterns(b, 1), .result = result};
    pattern_at(b, c.root)->type = type;
    Matrix m = {b->stack.count, n_arms, 1};
    push_id(b, c.root);
    for (uint32_t i = 0; i < n_arms; i++) {
        push_id(b, i);
        push_id(b, first_arm + i);
    }
    cover(&c, m);
    stack_truncate(&b->stack, stack_mark);
    stack_truncate(&b->patterns, pattern_mark);
}
