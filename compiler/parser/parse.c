/*
 * The parser's entry, its error messages and its recovery.
 *
 * The technique is recursive descent with precedence climbing: one function for each production of the grammar, which
 * stands above it word for word.  Tables made by a generator would be a little shorter, but could not say "put it in
 * parentheses".  Everything that makes a program long (items, lists, chains) is read by a loop; only what makes it
 * deep (brackets, branches, arms, lambdas) recurses, and that is counted.
 *
 * An error ends its declaration.  Guessing what was meant and reading on inside the declaration would find a few errors
 * more in the first run, and would invent a few; a reader forgives the first sort of omission, not the second.
 */
#include "parser/parse.h"

#include <assert.h>
#include <stdio.h>

#include "parser/advice.h"

enum { LONGEST_QUOTE = 40 }; /* bytes of a token that a message repeats */

/* ---- Recovery ---- */

static bool is_word(TokenKind kind)
{
    return kind >= TOKEN_IDENTIFIER && kind < TOKEN_IMPLIES;
}

/* The first tokens of items. */
static bool starts_item(TokenKind kind)
{
    switch ((int)kind) {
    case TOKEN_AT:
    case TOKEN_FUNC:
    case TOKEN_TYPE:
    case TOKEN_EXTERN:
    case TOKEN_MODULE:
    case TOKEN_SIGNATURE:
    case TOKEN_IMPORT:
        return true;
    default:
        return false;
    }
}

/* Declaration keywords are labels, too: `{type: Int}`, `x.type`, `@import`, `f(end: Int)`, the pattern `{end, as}`. */
static bool is_label_here(TokenKind before, TokenKind after)
{
    switch ((int)before) {
    case TOKEN_DOT:
    case TOKEN_AT:
        return true;
    case TOKEN_LEFT_PAREN:
    case TOKEN_LEFT_BRACE:
    case TOKEN_COMMA:
        return after == TOKEN_COLON || after == TOKEN_EQUAL || after == TOKEN_COMMA || after == TOKEN_RIGHT_BRACE;
    default:
        return false;
    }
}

/* Does what follows a declaration keyword look like the rest of a declaration?  A name does.  A keyword or literal in
   the place of the name is a mistake to be told, unless the error was found here, as in `1 + type + 1`. */
static bool may_follow_keyword(TokenKind after, bool reported)
{
    if (after == TOKEN_IDENTIFIER)
        return true;
    if (reported || starts_item(after))
        return false;
    return is_word(after) || after == TOKEN_EQUAL || after == TOKEN_COLON;
}

static TokenKind kind_before(const Parser *parser)
{
    uint32_t index = parser->cursor.index.i;
    return index == 0 ? TOKEN_END : (TokenKind)parser->cursor.tokens.kinds[index - 1];
}

/* Does a declaration start at the current token?  `reported`: the error was found at this very token. */
static bool starts_declaration(const Parser *parser, bool reported)
{
    TokenKind before = kind_before(parser), after = peek(parser);
    switch ((int)parser->cursor.kind) {
    case TOKEN_FUNC:
        return !reported || after != TOKEN_LEFT_PAREN; /* func (x) ...: an attempt at a lambda */
    case TOKEN_AT:
        return !reported || token_is_label(after);
    case TOKEN_TYPE:
    case TOKEN_EXTERN:
    case TOKEN_MODULE:
    case TOKEN_SIGNATURE:
    case TOKEN_IMPORT:
        return may_follow_keyword(after, reported) && !is_label_here(before, after);
    case TOKEN_END_KEYWORD:
        return (parser->modules.height > 0 || parser->in_signature) && !is_label_here(before, after);
    default:
        return false;
    }
}

/* Moves to where the next declaration starts, and lets all callers believe that the file ends here.  The reported token
   is not looked at again unless a declaration clearly starts with it: every token is skipped at most once. */
static void start_recovery(Parser *parser)
{
    bool reported = true;
    while (!at(parser, TOKEN_END) && !starts_declaration(parser, reported)) {
        advance(parser);
        reported = false;
    }
    parser->recovering = true;
    parser->cursor.kind = TOKEN_END;
}

void skip_declaration(Parser *parser)
{
    start_recovery(parser);
}

void resume(Parser *parser)
{
    parser->recovering = false;
    parser->cursor.kind = (TokenKind)parser->cursor.tokens.kinds[parser->cursor.index.i];
}

bool at_item_boundary(const Parser *parser)
{
    return starts_item(parser->cursor.kind) || at(parser, TOKEN_END) || at(parser, TOKEN_END_KEYWORD);
}

/* ---- Messages ---- */

static SourceSpan span_here(const Parser *parser)
{
    SourcePos pos = here(parser);
    if (at(parser, TOKEN_END))
        return (SourceSpan){pos, pos};
    return span_of_token(&parser->session->text, pos);
}

/* The current token as messages quote it. */
static void quote_token(const Parser *parser, char *quoted, size_t size)
{
    if (at(parser, TOKEN_END)) {
        snprintf(quoted, size, "end of file");
        return;
    }
    SourceSpan span = span_here(parser);
    const char *text = source_at(&parser->session->text, span.start);
    int length = (int)(span.end.at - span.start.at < LONGEST_QUOTE ? span.end.at - span.start.at : LONGEST_QUOTE);
    bool cut = span.end.at - span.start.at > LONGEST_QUOTE;
    while (cut && ((unsigned char)text[length] & 0xC0) == 0x80)
        length--; /* not in the middle of a code point */
    snprintf(quoted, size, "'%.*s%s'", length, text, cut ? "..." : "");
}

Diagnostic *syntax_error(Parser *parser, DiagnosticCode code, const char *message)
{
    Diagnostic *diagnostic = NULL;
    if (parser->recovering)
        return NULL;
    note_place(parser);
    if (!at(parser, TOKEN_ERROR))
        diagnostic = diagnose(&parser->session->diagnostics, code, span_here(parser), "%s", message);
    start_recovery(parser);
    return diagnostic;
}

void tell(Parser *parser, DiagnosticCode code, SourcePos pos, const char *message)
{
    note_place(parser);
    diagnose(&parser->session->diagnostics, code, span_of_token(&parser->session->text, pos), "%s", message);
}

void hint(Parser *parser, Diagnostic *diagnostic, const char *text)
{
    if (diagnostic != NULL && text != NULL)
        diagnostic_caret_text(&parser->session->diagnostics, diagnostic, "%s", text);
}

void point_at(Parser *parser, Diagnostic *diagnostic, SourcePos pos, const char *text)
{
    if (diagnostic == NULL)
        return;
    SourceSpan span = span_of_token(&parser->session->text, pos);
    diagnostic_label(&parser->session->diagnostics, diagnostic, span, "%s", text);
}

/* A keyword in the place of a name, and not the beginning of the next declaration. */
static bool is_misplaced_keyword(const Parser *parser)
{
    TokenKind kind = parser->cursor.kind;
    return kind >= TOKEN_FUNC && kind < TOKEN_IMPLIES && !starts_declaration(parser, true);
}

static const char *hint_for_keyword(const Parser *parser, DiagnosticCode code, Place place)
{
    if (code == E010)
        return token_is_label(parser->cursor.kind) && !starts_declaration(parser, true)
            ? "a keyword; it can be a label, but not a value" : NULL;
    return (place == PLACE_PATTERN || place == PLACE_BINDER) && is_misplaced_keyword(parser)
        ? "a keyword cannot be used as a name here" : NULL;
}

Diagnostic *expected(Parser *parser, DiagnosticCode code, const char *what, Place place)
{
    if (parser->recovering)
        return NULL;
    char found[LONGEST_QUOTE + 16], message[2 * LONGEST_QUOTE + 64];
    quote_token(parser, found, sizeof found);
    snprintf(message, sizeof message, "expected %s, found %s", what, found);
    Advice advice = find_advice(parser, place);
    const char *keyword = hint_for_keyword(parser, code, place);
    Diagnostic *diagnostic = syntax_error(parser, code, message);
    give_advice(parser, diagnostic, &advice);
    if (advice.text == NULL)
        hint(parser, diagnostic, keyword);
    return diagnostic;
}

static Diagnostic *expected_spelling(Parser *parser, TokenKind kind, Place place)
{
    char what[24];
    snprintf(what, sizeof what, "'%s'", token_spelling(kind));
    return expected(parser, E011, what, place);
}

void expected_token(Parser *parser, TokenKind kind, Place place)
{
    expected_spelling(parser, kind, place);
}

void expected_closer(Parser *parser, TokenKind closer, SourcePos opener, Place place)
{
    char text[32];
    snprintf(text, sizeof text, "to close this '%c'", *source_at(&parser->session->text, opener));
    point_at(parser, expected_spelling(parser, closer, place), opener, text);
}

NameId expect_name(Parser *parser, const char *what, Place place)
{
    if (at(parser, TOKEN_IDENTIFIER)) {
        NameId name = token_cursor_name(&parser->cursor);
        advance(parser);
        return name;
    }
    bool keyword = is_misplaced_keyword(parser);
    Diagnostic *diagnostic = expected(parser, E011, what, place);
    if (keyword)
        hint(parser, diagnostic, "a keyword cannot be used as a name here");
    return (NameId){0};
}

NameId expect_label(Parser *parser, const char *what, Place place)
{
    TokenKind kind = parser->cursor.kind;
    if (kind == TOKEN_IDENTIFIER || !token_is_label(kind))
        return expect_name(parser, what, place);
    advance(parser);
    return (NameId){NAME_func + (uint32_t)(kind - TOKEN_FUNC)}; /* ORDER KEYWORDS */
}

void warn_if_reserved(Parser *parser, NameId name, SourcePos pos)
{
    if (name.i < NAME_effect || name.i > NAME_try)
        return;
    char message[64];
    snprintf(message, sizeof message, "'%.*s' is reserved for later use", NAME_ARGS(&parser->session->names, name));
    tell(parser, W003, pos, message);
}

void nested_too_deeply(Parser *parser)
{
    Diagnostic *diagnostic = syntax_error(parser, E014, "nested too deeply");
    if (diagnostic != NULL)
        diagnostic_note(&parser->session->diagnostics, diagnostic, "at most %d levels are supported", MAX_NESTING);
}

/* ---- Nodes ---- */

uint32_t count_items(Parser *parser, size_t base, DiagnosticCode code, SourcePos pos, const char *what)
{
    if (parser->items.height - base > AST_MAX_COUNT) {
        char message[64];
        snprintf(message, sizeof message, "more than %d %s are not supported", AST_MAX_COUNT, what);
        tell(parser, code, pos, message);
        parser->items.height = base + AST_MAX_COUNT;
    }
    return (uint32_t)(parser->items.height - base);
}

NodeId new_items(Parser *parser, AstKind kind, SourcePos pos, size_t base)
{
    size_t n = parser->items.height - base;
    AstItems *node = new_node(parser, kind, 0, pos, sizeof *node + n * sizeof node->items[0]);
    node->n = (uint32_t)n;
    pop_items_into(parser, base, node->items);
    return id_of(parser, node);
}

NodeId new_tuple(Parser *parser, AstKind kind, SourcePos pos, size_t base)
{
    if (parser->items.height - base > 1)
        return new_items(parser, kind, pos, base);
    NodeId only = {items_from(parser, base)[0]};
    parser->items.height = base;
    return only;
}

static_assert(sizeof(AstFieldInit) == 3 * sizeof(uint32_t) && sizeof(AstArgument) == sizeof(AstFieldInit),
              "push_field() pushes three words");

NodeId new_fields(Parser *parser, AstKind kind, unsigned flags, SourcePos pos, size_t base)
{
    size_t n = (parser->items.height - base) / 3;
    AstFields *node = new_node(parser, kind, flags, pos, sizeof *node + n * sizeof node->fields[0]);
    node->n = (uint32_t)n;
    pop_items_into(parser, base, node->fields);
    return id_of(parser, node);
}

static NodeId fold_link(Parser *parser, const Link *link, NodeId last)
{
    switch ((AstKind)link->kind) {
    case AST_LET: {
        AstLet *node = new_node(parser, AST_LET, link->flags, link->pos, sizeof *node);
        node->pattern = link->first;
        node->type = link->type;
        node->value = link->second;
        node->body = last;
        return id_of(parser, node);
    }
    case AST_SEQUENCE: {
        AstSequence *node = new_node(parser, AST_SEQUENCE, link->flags, link->pos, sizeof *node);
        node->first = link->first;
        node->rest = last;
        return id_of(parser, node);
    }
    case AST_IF: {
        AstIf *node = new_node(parser, AST_IF, 0, link->pos, sizeof *node);
        node->condition = link->first;
        node->then_branch = link->second;
        node->else_branch = last;
        return id_of(parser, node);
    }
    default: {
        assert(link->kind == AST_TYPE_ARROW);
        AstArrow *node = new_node(parser, AST_TYPE_ARROW, 0, link->pos, sizeof *node);
        node->parameter = link->first;
        node->result = last;
        return id_of(parser, node);
    }
    }
}

NodeId fold_links(Parser *parser, size_t base, NodeId last)
{
    /* A copy: the array may move when a node is made. */
    while (parser->links.height > base) {
        Link link = ((const Link *)(const void *)parser->links.array->items)[--parser->links.height];
        last = fold_link(parser, &link, last);
    }
    return last;
}

/* ---- Entry ---- */

static Stack new_stack(Arena *scratch, const char *kind, size_t element_size)
{
    return (Stack){arena_array(scratch, kind, element_size), 0};
}

static Parser open_parser(Arena *arena, Session *session)
{
    Arena *scratch = &session->scratch;
    arena_open(scratch, arena->account, "parse scratch");
    return (Parser){
        .session = session,
        .arena = arena,
        .items = new_stack(scratch, "list item", sizeof(uint32_t)),
        .links = new_stack(scratch, "chain link", sizeof(Link)),
        .operators = new_stack(scratch, "operator", sizeof(PendingOperator)),
        .modules = new_stack(scratch, "open module", sizeof(OpenModule)),
    };
}

/* The files from the cursor on; the first one's items in front of it lie on the stack. */
static Ast parse_files(Parser *parser, const Tokens *tokens)
{
    Session *session = parser->session;
    for (uint32_t i = 0; i < tokens->n_files; i++) {
        if (i > 0)
            token_cursor_next_file(&parser->cursor, i, &session->text);
        NodeId file = parse_file(parser, tokens->files[i].file, i);
        push_item(parser, file); /* the files' ids stay at the bottom of the stack */
        parser->marks = NULL;
    }
    arena_kind(parser->arena, "list of files");
    NodeId *files = arena_push(parser->arena, tokens->n_files * sizeof *files);
    pop_items_into(parser, 0, files);
    arena_free(&session->scratch);
    return (Ast){(const uint32_t *)(const void *)parser->nodes->items, (uint32_t)parser->nodes->count, files,
                 tokens->n_files};
}

static Ast parse_anew(Arena *arena, Session *session, const Tokens *tokens, ParseMarks *marks)
{
    Parser parser = open_parser(arena, session);
    parser.marks = marks;
    parser.nodes = arena_array(arena, "ast", sizeof(uint32_t));
    *(uint32_t *)array_push(parser.nodes, 1) = 0; /* so that NodeId 0 can mean "absent" */
    parser.cursor = token_cursor(tokens, &session->text);
    return parse_files(&parser, tokens);
}

Ast parse(Arena *arena, Session *session, const Tokens *tokens)
{
    return parse_anew(arena, session, tokens, NULL);
}

/* ---- Marks ---- */

static const ParseMark *last_mark(const ParseMarks *marks)
{
    return (const ParseMark *)(const void *)marks->marks->items + (marks->marks->count - 1);
}

/* Behind the first item only: a mark in front of everything would say nothing. */
void note_mark(Parser *parser, size_t base)
{
    ParseMarks *marks = parser->marks;
    uint32_t from = marks->marks->count == 0 ? 0 : last_mark(marks)->cursor.index.i;
    if (parser->cursor.index.i < from + marks->distance || parser->items.height == base)
        return;
    *(ParseMark *)array_push(marks->marks, 1) = (ParseMark){
        .ast = arena_mark(parser->arena),
        .reports = arena_mark(parser->session->diagnostics.arena),
        .diagnostics = diagnostics_mark(&parser->session->diagnostics),
        .cursor = parser->cursor,
        .n_items = (uint32_t)(parser->items.height - base),
    };
}

/* How many tokens of the next item the parser may have looked at before the mark: the first, which ended the item
   before, and the one behind it, which told whether the first is a keyword or a label. */
enum { TOKENS_AHEAD = 2 };

bool parse_rewind(Arena *arena, Diagnostics *diagnostics, ParseMarks *marks, uint32_t n_tokens)
{
    const ParseMark *items = (const ParseMark *)(const void *)marks->marks->items;
    size_t n = marks->marks->count;
    while (n > 0 && items[n - 1].cursor.index.i + TOKENS_AHEAD > n_tokens)
        n--;
    array_truncate(marks->marks, n);
    if (n == 0)
        return false;
    arena_rewind(arena, &items[n - 1].ast);
    arena_rewind(diagnostics->arena, &items[n - 1].reports);
    diagnostics_rewind(diagnostics, &items[n - 1].diagnostics);
    array_truncate(marks->items, items[n - 1].n_items);
    return true;
}

static Ast parse_on(Arena *arena, Session *session, const Tokens *tokens, ParseMarks *marks)
{
    const ParseMark *last = last_mark(marks);
    Parser parser = open_parser(arena, session);
    parser.marks = marks;
    parser.nodes = &arena->arrays[0];
    parser.cursor = last->cursor;
    parser.cursor.tokens = *tokens;
    for (uint32_t i = 0; i < last->n_items; i++)
        push_item(&parser, ((const NodeId *)(const void *)marks->items->items)[i]);
    return parse_files(&parser, tokens);
}

Ast parse_marked(Arena *arena, Session *session, const Tokens *tokens, ParseMarks *marks)
{
    Ast ast = marks->marks->count > 0 ? parse_on(arena, session, tokens, marks)
                                      : parse_anew(arena, session, tokens, marks);
    const AstItems *file = ast_items(&ast, ast.files[0]);
    uint32_t known = (uint32_t)marks->items->count;
    memcpy(array_push(marks->items, file->n - known), file->items + known, (file->n - known) * sizeof(uint32_t));
    return ast;
}
