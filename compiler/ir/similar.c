/*
 * Did you mean ...?  Of all names of the program and the language that would have a meaning in a place, the nearest to one
 * that has none, if it is near enough to be what was meant.  Or was the name known a moment ago?
 */
#include <string.h>

#include "base/edit_distance.h"
#include "base/scan.h"
#include "ir/build.h"

enum {
    LONGEST_NOTED = 100, /* what is longer is no word that somebody wrote, and names_find would take its time */
    MOST_SUGGESTIONS = 100, /* looking through all names costs time: not for reports that nobody will read */
};

static bool is_annotation(NameId name)
{
    static const uint16_t known[] = {NAME_link, NAME_header, NAME_variadic, NAME_test, NAME_test_case, NAME_inline, NAME_pure,
                                     NAME_tailrec, NAME_source, NAME_generated_from, NAME_reasoning};
    for (size_t i = 0; i < sizeof known / sizeof *known; i++)
        if (known[i] == name.i)
            return true;
    return false;
}

static bool is_value(Builder *b, NameId name)
{
    const NameMeaning *meaning = meaning_of(b, name);
    if (meaning->local != NO_INDEX)
        return true;
    if (meaning->global.i != 0)
        return find_global(b, b->scope, name).i != 0;
    Builtin builtin;
    return name.i < NAME_FIRST_OF_PROGRAM && find_builtin((NameId){0}, name, NO_INDEX, &builtin);
}

static bool is_sought(Builder *b, NameId name, const Sought *sought)
{
    GlobalId global = meaning_of(b, name)->global;
    Builtin builtin;
    switch (sought->kind) {
    case SOUGHT_VALUE: return is_value(b, name);
    case SOUGHT_CONSTRUCTOR: return global.i != 0 && global_at(b, global)->kind == GLOBAL_CONSTRUCTOR;
    case SOUGHT_TYPE: return is_type_name(b, name);
    case SOUGHT_FIELD: return find_field(b, sought->type, name) != NO_INDEX;
    case SOUGHT_ANNOTATION: return is_annotation(name);
    case SOUGHT_MEMBER: break;
    }
    return (sought->scope.i != 0 && find_member(b, sought->scope, name).i != 0) ||
           find_builtin(sought->module, name, NO_INDEX, &builtin);
}

/* 0 if there is none. */
static NameId similar_name(Builder *b, NameId name, const Sought *sought)
{
    const char *text = name_text(b->names, name);
    uint32_t n = name_length(b->names, name);
    NameId found = {0};
    if (n > LONGEST_COMPARED || n < 2)
        return found;
    uint32_t best = edit_distance_too_far(n);
    uint32_t count = names_count(b->names);
    for (uint32_t i = 1; i < count; i++) {
        NameId other = {i};
        uint32_t m = name_length(b->names, other);
        if (i == name.i || m > LONGEST_COMPARED || m + best <= n || n + best <= m || !is_sought(b, other, sought))
            continue;
        uint32_t far = edit_distance(text, n, name_text(b->names, other), m, best);
        if (far < best) {
            best = far;
            found = other;
        }
    }
    return found;
}

void suggest_similar(Builder *b, Diagnostic *diagnostic, NameId name, SourcePos pos, Sought sought)
{
    if (diagnostic == NULL || b->diagnostics->n_errors + b->diagnostics->n_warnings > MOST_SUGGESTIONS)
        return;
    NameId similar = similar_name(b, name, &sought);
    if (similar.i == 0)
        return;
    diagnostic_caret_text(b->diagnostics, diagnostic, "did you mean '%.*s'?", NAME_ARGS(b->names, similar));
    diagnostic_suggest(b->diagnostics, diagnostic, span_of_token(&b->session->text, pos), "%.*s", NAME_ARGS(b->names, similar));
}

/* The last `let` before `pos` in the same function that binds the name, which is out of scope at `pos`; or 0. */
static NodeId let_out_of_scope(const Builder *b, NameId name, SourcePos pos)
{
    NodeId found = {0};
    uint32_t function_at = 0;
    for (NodeId node = {1}; node.i < b->ast->n_words; node = ast_next(b->ast, node)) {
        AstKind kind = ast_kind(b->ast, node);
        if ((kind != AST_LET && kind != AST_FUNC) || ast_pos(b->ast, node).at >= pos.at)
            continue;
        if (kind == AST_FUNC && ast_pos(b->ast, node).at > function_at)
            function_at = ast_pos(b->ast, node).at;
        if (kind != AST_LET || ast_kind(b->ast, ast_let(b->ast, node)->pattern) != AST_PATTERN_NAME)
            continue;
        bool later = found.i == 0 || ast_pos(b->ast, node).at > ast_pos(b->ast, found).at;
        if (later && ast_name(b->ast, ast_let(b->ast, node)->pattern)->name.i == name.i)
            found = node;
    }
    return found.i != 0 && ast_pos(b->ast, found).at > function_at ? found : (NodeId){0};
}

/* ---- Names in what could not be read ---- */

static void note_words(Builder *b, SourcePos from, SourcePos to)
{
    const char *at = source_at(&b->session->text, from), *end = at + (to.at - from.at);
    while (at < end) {
        size_t length = 0;
        while (is_word_byte((unsigned char)at[length]))
            length++;
        if (at[0] == '/' && at[1] == '/')
            length = strcspn(at, "\r\n");
        else if (length > 0 && length <= LONGEST_NOTED)
            b->may_be_declared[names_find(b->names, at, (uint32_t)length).i] = true;
        at += length > 0 ? length : 1;
    }
}

/* An item of which not even the name was read, or a type, which would have had constructors. */
static bool is_broken_item(const Builder *b, NodeId item)
{
    if (ast_kind(b->ast, item) != AST_ALIAS)
        return ast_kind(b->ast, item) == AST_ERROR;
    const AstTypeDecl *type = ast_type_decl(b->ast, item);
    return type->n > 0 && ast_kind(b->ast, type->parts[type->n_type_parameters]) == AST_ERROR;
}

/* The items of a file or a module, which ends at `end`. */
static void note_items(Builder *b, const NodeId *items, uint32_t n, SourcePos end)
{
    for (; n-- > 0; end = ast_pos(b->ast, items[n])) {
        if (is_broken_item(b, items[n]))
            note_words(b, ast_pos(b->ast, items[n]), end);
        if (ast_kind(b->ast, items[n]) == AST_MODULE)
            note_items(b, ast_module(b->ast, items[n])->items, ast_module(b->ast, items[n])->n, end);
    }
}

void note_broken_items(Builder *b)
{
    if (b->diagnostics->n_errors == 0)
        return;
    uint32_t n_names = names_count(b->names);
    b->may_be_declared = memset(arena_push(b->scratch, n_names), 0, n_names);
    b->n_may_be_declared = n_names;
    for (uint32_t f = 0; f < b->ast->n_files; f++) {
        const AstItems *file = ast_items(b->ast, b->ast->files[f]);
        const SourceFile *source = source_file_of(&b->session->text, ast_pos(b->ast, b->ast->files[f]));
        note_items(b, file->items, file->n, (SourcePos){source->start.at + source->length});
    }
    b->may_be_declared[0] = false; /* words that are no names */
}

bool may_be_declared(const Builder *b, NameId name)
{
    return name.i < b->n_may_be_declared && b->may_be_declared[name.i];
}

void report_undefined(Builder *b, NameId name, SourcePos pos)
{
    if (may_be_declared(b, name))
        return;
    Diagnostic *diagnostic = report(b, E204, pos, "undefined name '%.*s'", NAME_ARGS(b->names, name));
    if (diagnostic == NULL || b->diagnostics->n_errors > MOST_SUGGESTIONS)
        return;
    NodeId let = let_out_of_scope(b, name, pos);
    if (let.i == 0) {
        if (advise_name(b, diagnostic, name, pos))
            return;
        suggest_similar(b, diagnostic, name, pos, (Sought){.kind = SOUGHT_VALUE});
        return;
    }
    SourceSpan bound = span_of_token(&b->session->text, ast_pos(b->ast, ast_let(b->ast, let)->pattern));
    if (ast_start(b->ast, ast_let(b->ast, let)->body).at > pos.at)
        diagnostic_label(b->diagnostics, diagnostic, bound, "not known in its own value; only a func can call itself");
    else
        diagnostic_label(b->diagnostics, diagnostic, bound, "its scope ends with the branch, ( ) or clause that it stands in");
}
