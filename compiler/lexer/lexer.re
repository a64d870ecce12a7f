/*
 * The lexer: a table of rules, from which re2c makes one state machine, in one loop.
 *
 * A turn of the loop passes over blanks and comments, reads one token by the rules, and appends it to the streams of
 * tokens.h.  The NUL behind the text stops every rule, so nothing else looks for the end.  Words are interned at once,
 * while their text is in the cache; literals are only delimited here and are read where they are used.
 *
 * Reading ten bytes is cheap; predicting wrongly where a word ends, or whether it is a keyword, costs as much as twenty
 * instructions more.  So the end of a word is computed (scan.h), and keywords are names with known numbers: one
 * look-up tells identifiers and keywords apart, without a branch for each.
 *
 * Rules cover well-formed text.  What is broken (an open string or comment, a strange character) matches a short rule
 * at the bottom of the table and leaves the loop for a function of its own, which reports it and says where to go on.
 *
 * The loop works on local variables, because a store to a stream of bytes could alias anything that lies in memory.  It
 * hands them back before anything that could need memory: counts are exact whenever a limit is looked at.
 */
#include "lexer/lexer.h"

#include <assert.h>
#include <string.h>

#include "base/names_lookup.h"
#include "base/scan.h"
#include "base/utf8.h"
#include "lexer/imports.h"
#include "lexer/strangers.h"

typedef const unsigned char *Bytes;

typedef struct {
    Session *session;
    ArenaArray *kinds, *gaps, *names, *long_gaps;
    Bytes text;              /* the whole source text; fixed while one file is read */
    Bytes end;               /* of the file; there stands a NUL */
    Bytes previous;          /* start of the token before */
    Bytes start, cursor;     /* of the present token, and where to go on */
    TokenKind kind;
    uint32_t n_errors;       /* reported in this file */
    bool not_text;           /* E006 or E007 was reported: strange characters are no surprise */
    Bytes looked;            /* up to here the text has been looked at for the other quote of a pair, or NULL */
    size_t stop;             /* number of tokens at which the loop makes a pause, for a mark */
} Lexer;

/* ---- Errors ---- */

static SourcePos pos_of(const Lexer *lexer, Bytes at)
{
    return (SourcePos){(uint32_t)(at - lexer->text)};
}

/* Whether an error at `at` is to be reported.  Of one file's lexical errors, found in the order of the text, none
   behind the max_errors-th can be among those printed, so a file of nothing but errors needs no memory for them. */
static bool may_report(Lexer *lexer, Bytes at)
{
    uint32_t most = lexer->session->options->max_errors;
    if (most != 0 && lexer->n_errors >= most)
        return false;
    lexer->n_errors++;
    lexer->session->working_at = pos_of(lexer, at);
    return true;
}

static void report(Lexer *lexer, DiagnosticCode code, Bytes start, Bytes end, const char *message)
{
    if (may_report(lexer, start))
        diagnose(&lexer->session->diagnostics, code, (SourceSpan){pos_of(lexer, start), pos_of(lexer, end)}, "%s",
                 message);
}

/* A byte order mark of UTF-16, or a NUL as every second byte of the first four, which no UTF-8 has. */
static bool looks_like_utf16(Bytes start, size_t length)
{
    if (length < 4 || length % 2 != 0)
        return false;
    bool mark = (start[0] == 0xFF && start[1] == 0xFE) || (start[0] == 0xFE && start[1] == 0xFF);
    bool big = start[0] == 0 && start[2] == 0, little = start[1] == 0 && start[3] == 0;
    return mark || big != little;
}

/* Faults that are of the file rather than of a place in it, told once. */
static void check_encoding(Lexer *lexer, Bytes start)
{
    size_t length = (size_t)(lexer->end - start);
    if (looks_like_utf16(start, length)) {
        lexer->not_text = true;
        report(lexer, E006, start, start + 1, "the file is UTF-16; save it as UTF-8");
        lexer->cursor = lexer->end; /* nothing more can be said of it */
        return;
    }
    size_t valid = utf8_valid_prefix((const char *)start, length);
    if (valid < length) {
        lexer->not_text = true;
        report(lexer, E006, start + valid, start + valid + 1, "the file is not valid UTF-8 here");
    }
    Bytes nul = memchr(start, 0, length);
    if (nul != NULL) {
        lexer->not_text = true;
        report(lexer, E007, nul, nul + 1, "a NUL byte in the source");
    }
}

/* ---- What the rules do not cover; each function returns where to go on ---- */

/* A line comment that goes on behind a NUL byte. */
static Bytes rest_of_line(const Lexer *lexer, Bytes at)
{
    while (at < lexer->end && !is_line_end(*at))
        at++;
    return at;
}

/* A block comment that has no end, or contains a NUL byte.  NULL if it has no end. */
static Bytes rest_of_comment(const Lexer *lexer, Bytes at)
{
    for (; at < lexer->end; at++)
        if (at[0] == '*' && at[1] == '/')
            return at + 2;
    return NULL;
}

static void check_escapes(Lexer *lexer, Bytes at, Bytes end)
{
    for (; at < end; at++) {
        if (*at != '\\')
            continue;
        Bytes escape = at++;
        if (*at != 0 && strchr("ntr\\\"0", *at) != NULL)
            continue;
        Utf8Character character = utf8_read((const char *)at, (size_t)(end - at));
        char shown[UTF8_SHOWN_SIZE];
        utf8_show(character, (const char *)at, shown);
        if (may_report(lexer, escape))
            diagnose(&lexer->session->diagnostics, E003,
                     (SourceSpan){pos_of(lexer, escape), pos_of(lexer, at + character.length)},
                     "unknown escape '\\%s'", shown);
    }
}

/* A string that is not closed, or contains an unknown escape or a NUL byte.  With its escapes wrong it is a string all
   the same. */
static Bytes broken_string(Lexer *lexer, Bytes start, TokenKind *kind)
{
    Bytes at = start + 1;
    for (; at < lexer->end && !is_line_end(*at); at++) {
        if (*at == '"') {
            check_escapes(lexer, start + 1, at);
            *kind = TOKEN_STRING;
            return at + 1;
        }
        if (*at == '\\' && at + 1 < lexer->end && !is_line_end(at[1]))
            at++;
    }
    report(lexer, E002, start, at, "string is not closed");
    *kind = TOKEN_ERROR;
    return at;
}

static void advise(Lexer *lexer, Diagnostic *diagnostic, Bytes start, size_t length)
{
    Diagnostics *diagnostics = &lexer->session->diagnostics;
    StrangerAdvice advice = advice_on_stranger(lexer->text, start, length);
    if (advice.text != NULL)
        diagnostic_caret_text(diagnostics, diagnostic, "%s", advice.text);
    if (advice.replacement != NULL)
        diagnostic_suggest(diagnostics, diagnostic, (SourceSpan){pos_of(lexer, start), pos_of(lexer, start + length)}, "%s",
                           advice.replacement);
}

/* One error for a run of strange characters, and for what stands in strange quotes; a lone `!` or `&` is a run of one. */
static Bytes strange_characters(Lexer *lexer, Bytes start)
{
    Utf8Character character = utf8_read((const char *)start, (size_t)(lexer->end - start));
    char shown[UTF8_SHOWN_SIZE];
    utf8_show(character, (const char *)start, shown);
    Bytes at = start + character.length;
    if (!lexer->not_text && may_report(lexer, start)) {
        Diagnostic *diagnostic = diagnose(&lexer->session->diagnostics, E005,
                                          (SourceSpan){pos_of(lexer, start), pos_of(lexer, at)}, "unexpected character '%s'", shown);
        advise(lexer, diagnostic, start, character.length);
    }
    Bytes quote = closing_quote(start, lexer->end, &lexer->looked);
    if (quote != NULL)
        at = quote;
    while (at < lexer->end && is_strange(*at))
        at++;
    return at;
}

/* ---- The loop ---- */

static size_t smaller(size_t a, size_t b)
{
    return a < b ? a : b;
}

static size_t room_for_tokens(const Lexer *lexer)
{
    return smaller(smaller(lexer->kinds->capacity, lexer->gaps->capacity), lexer->stop);
}

/* ORDER KEYWORDS */
static_assert(NAME_lazy - NAME_func == TOKEN_LAZY - TOKEN_FUNC, "names.def lists the keywords as tokens.def does");

/* Keywords are names, too, with numbers of their own: no rule has to tell them apart. */
static inline TokenKind kind_of_word(uint32_t id)
{
    uint32_t keyword = id - NAME_func;
    return keyword <= NAME_lazy - NAME_func ? (TokenKind)(TOKEN_FUNC + keyword) : TOKEN_IDENTIFIER;
}

static_assert(TOKEN_END == 0 && TOKEN_ERROR == 1, "a kind up to TOKEN_ERROR needs a look of its own");

/*
 * Most tokens need no rule: their first byte tells what they are, provided that the byte behind it is none of those that
 * make a longer operator, a comment or an error of the two (so whoever adds an operator adds its second byte to `joins`).
 * Which bracket, operator or word comes next is then a matter of two loads, where the rules' jump by the first byte would
 * often be predicted wrongly: lexing takes a sixth less time.
 */
static const uint8_t first_byte[256] = {
    ['('] = TOKEN_LEFT_PAREN, [')'] = TOKEN_RIGHT_PAREN, ['['] = TOKEN_LEFT_BRACKET, [']'] = TOKEN_RIGHT_BRACKET,
    ['{'] = TOKEN_LEFT_BRACE, ['}'] = TOKEN_RIGHT_BRACE, [','] = TOKEN_COMMA,        ['.'] = TOKEN_DOT,
    [':'] = TOKEN_COLON,      [';'] = TOKEN_SEMICOLON,   ['|'] = TOKEN_BAR,          ['@'] = TOKEN_AT,
    ['+'] = TOKEN_PLUS,       ['-'] = TOKEN_MINUS,       ['*'] = TOKEN_STAR,         ['/'] = TOKEN_SLASH,
    ['%'] = TOKEN_PERCENT,    ['<'] = TOKEN_LESS,        ['>'] = TOKEN_GREATER,      ['='] = TOKEN_EQUAL,
    ['\\'] = TOKEN_BACKSLASH,
#define LETTER(upper, lower) [upper] = TOKEN_IDENTIFIER, [lower] = TOKEN_IDENTIFIER
    LETTER('A', 'a'), LETTER('B', 'b'), LETTER('C', 'c'), LETTER('D', 'd'), LETTER('E', 'e'), LETTER('F', 'f'),
    LETTER('G', 'g'), LETTER('H', 'h'), LETTER('I', 'i'), LETTER('J', 'j'), LETTER('K', 'k'), LETTER('L', 'l'),
    LETTER('M', 'm'), LETTER('N', 'n'), LETTER('O', 'o'), LETTER('P', 'p'), LETTER('Q', 'q'), LETTER('R', 'r'),
    LETTER('S', 's'), LETTER('T', 't'), LETTER('U', 'u'), LETTER('V', 'v'), LETTER('W', 'w'), LETTER('X', 'x'),
    LETTER('Y', 'y'), LETTER('Z', 'z'),
#undef LETTER
};
static const uint8_t joins[256] = {['='] = 1, ['>'] = 1, ['|'] = 1, ['.'] = 1, ['/'] = 1, ['*'] = 1};

/*
 * Reads and appends tokens from lexer->cursor on, until one comes that needs more than the loop has: more room, a long
 * gap, or a look at what is broken.  That one is left in lexer->start, cursor and kind.
 */
static void scan(Lexer *lexer)
{
    Session *const session = lexer->session;
    ArenaArray *const kinds = lexer->kinds, *const gaps = lexer->gaps, *const names = lexer->names;
    uint8_t *const kind_items = (uint8_t *)kinds->items, *const gap_items = (uint8_t *)gaps->items;
    NameId *const name_items = (NameId *)(void *)names->items;
    size_t n_tokens = kinds->count, n_names = names->count;
    size_t token_room = room_for_tokens(lexer), name_room = names->capacity;
    Bytes cursor = lexer->cursor, previous = lexer->previous, start, marker;
    TokenKind kind;

    for (;;) {
        for (;;) {
            cursor += *cursor == ' ';  /* one space is the usual thing; more than that is a branch predicted well */
            if (is_blank_byte(*cursor))
                cursor = blank_end(cursor);
            start = cursor;
            kind = (TokenKind)first_byte[*cursor];
            if (kind != TOKEN_END && !joins[cursor[1]]) {
                cursor++;
                if (kind == TOKEN_IDENTIFIER)
                    cursor = word_end(cursor);
                break;
            }
            /*!re2c
            re2c:api:style = free-form;
            re2c:define:YYCTYPE = "unsigned char";
            re2c:define:YYCURSOR = cursor;
            re2c:define:YYMARKER = marker;
            re2c:yyfill:enable = 0;

            digit = [0-9];
            word = [A-Za-z0-9_];

            "//" [^\x00\r\n]*
                        { if (*cursor == 0) cursor = rest_of_line(lexer, cursor); continue; }
            "/*" ([^\x00*] | "*"+ [^\x00*/])* "*"+ "/"
                        { continue; }

            "_"         { cursor = word_end(cursor);
                          kind = cursor == start + 1 ? TOKEN_WILD : TOKEN_IDENTIFIER; break; }
            [A-Za-z]    { cursor = word_end(cursor); kind = TOKEN_IDENTIFIER; break; }

            digit+      { kind = TOKEN_INT; break; }
            digit+ "." digit+ ([eE] [+-]? digit+)? { kind = TOKEN_FLOAT; break; }
            ["] ([^\x00\r\n\\"] | "\\" [ntr\\"0])* ["] { kind = TOKEN_STRING; break; }

            "=>" | "==>" { kind = TOKEN_IMPLIES; break; }
            "->"        { kind = TOKEN_ARROW; break; }
            "->IO"      { kind = TOKEN_ARROW_IO; break; }
            "->State"   { kind = TOKEN_ARROW_STATE; break; }
            "->Error"   { kind = TOKEN_ARROW_ERROR; break; }
            "->" ("IO" | "State" | "Error") word { kind = TOKEN_ARROW; cursor = start + 2; break; }
            "=="        { kind = TOKEN_EQUAL_EQUAL; break; }
            "!="        { kind = TOKEN_NOT_EQUAL; break; }
            "<="        { kind = TOKEN_LESS_EQUAL; break; }
            ">="        { kind = TOKEN_GREATER_EQUAL; break; }
            "&&"        { kind = TOKEN_AND_AND; break; }
            "||"        { kind = TOKEN_OR_OR; break; }
            "..."       { kind = TOKEN_ELLIPSIS; break; }
            "+"         { kind = TOKEN_PLUS; break; }
            "-"         { kind = TOKEN_MINUS; break; }
            "*"         { kind = TOKEN_STAR; break; }
            "/"         { kind = TOKEN_SLASH; break; }
            "%"         { kind = TOKEN_PERCENT; break; }
            "<"         { kind = TOKEN_LESS; break; }
            ">"         { kind = TOKEN_GREATER; break; }
            "="         { kind = TOKEN_EQUAL; break; }
            "("         { kind = TOKEN_LEFT_PAREN; break; }
            ")"         { kind = TOKEN_RIGHT_PAREN; break; }
            "["         { kind = TOKEN_LEFT_BRACKET; break; }
            "]"         { kind = TOKEN_RIGHT_BRACKET; break; }
            "{"         { kind = TOKEN_LEFT_BRACE; break; }
            "}"         { kind = TOKEN_RIGHT_BRACE; break; }
            ","         { kind = TOKEN_COMMA; break; }
            "."         { kind = TOKEN_DOT; break; }
            ":"         { kind = TOKEN_COLON; break; }
            ";"         { kind = TOKEN_SEMICOLON; break; }
            "|"         { kind = TOKEN_BAR; break; }
            "@"         { kind = TOKEN_AT; break; }
            "\\"        { kind = TOKEN_BACKSLASH; break; }

            "\x00"      { kind = TOKEN_END; break; }
            "/*" | ["] | [^] { kind = TOKEN_ERROR; break; }
            */
        }

        size_t gap = (size_t)(start - previous);
        if (gap >= TOKEN_LONG_GAP || n_tokens >= token_room || kind <= TOKEN_ERROR)
            break;
        if (kind == TOKEN_IDENTIFIER) {
            if (n_names >= name_room)
                break;
            const char *bytes = (const char *)start;
            uint32_t length = (uint32_t)(cursor - start), hash = name_hash(bytes, length);
            uint32_t id = name_lookup(&session->names, bytes, length, hash);
            if (id == 0) {
                kinds->count = gaps->count = n_tokens;
                names->count = n_names;
                session->working_at = pos_of(lexer, start);
                id = names_add(&session->names, session->working_at, length, hash).i;
                /* A new name may have cost the streams their room, if there is a memory limit. */
                token_room = room_for_tokens(lexer);
                name_room = names->capacity;
            }
            kind = kind_of_word(id);
            name_items[n_names] = (NameId){id};
            n_names += kind == TOKEN_IDENTIFIER;
        }
        kind_items[n_tokens] = (uint8_t)kind;
        gap_items[n_tokens++] = (uint8_t)gap;
        previous = start;
    }

    kinds->count = gaps->count = n_tokens;
    names->count = n_names;
    lexer->previous = previous;
    lexer->start = start;
    lexer->cursor = cursor;
    lexer->kind = kind;
}

/* ---- Around the loop ---- */

/* Looks at what no rule covers.  False if it was a comment after all and there is no token to append. */
static bool read_broken(Lexer *lexer)
{
    Bytes start = lexer->start;
    lexer->kind = TOKEN_ERROR;
    if (*start == '/') { /* and a star */
        Bytes end = rest_of_comment(lexer, start + 2);
        if (end == NULL)
            report(lexer, E001, start, start + 2, "comment is not closed");
        lexer->cursor = end == NULL ? lexer->end : end;
        return end == NULL;
    }
    if (*start == '"')
        lexer->cursor = broken_string(lexer, start, &lexer->kind);
    else
        lexer->cursor = strange_characters(lexer, start);
    return true;
}

/* Appends the present token, whatever it is and however far behind the last one. */
static void append_token(Lexer *lexer)
{
    SourcePos pos = lexer->session->working_at = pos_of(lexer, lexer->start);
    size_t gap = (size_t)(lexer->start - lexer->previous);
    lexer->previous = lexer->start;
    if (gap >= TOKEN_LONG_GAP) {
        *(uint32_t *)array_push(lexer->long_gaps, 1) = (uint32_t)gap;
        gap = TOKEN_LONG_GAP;
    }
    if (lexer->kind == TOKEN_IDENTIFIER) {
        NameId name = names_intern(&lexer->session->names, pos, (uint32_t)(lexer->cursor - lexer->start));
        lexer->kind = kind_of_word(name.i);
        if (lexer->kind == TOKEN_IDENTIFIER)
            *(NameId *)array_push(lexer->names, 1) = name;
    }
    *(uint8_t *)array_push(lexer->kinds, 1) = (uint8_t)lexer->kind;
    *(uint8_t *)array_push(lexer->gaps, 1) = (uint8_t)gap;
}

static void begin_file(Lexer *lexer, const SourceFile *file)
{
    lexer->text = (Bytes)lexer->session->text.text->items;
    lexer->cursor = lexer->previous = lexer->text + file->start.at;
    lexer->end = lexer->cursor + file->length;
    lexer->n_errors = 0;
    lexer->not_text = false;
    lexer->looked = NULL;
    lexer->stop = SIZE_MAX;
}

/* Leaves a mark if the last one lies far enough behind, and no token in front depends on text behind it.  A text that is
   broken as a whole gets none: what is reported of its encoding does not stand in the order of the text. */
static void note_mark(Lexer *lexer, Arena *arena, ArenaArray *marks, uint32_t distance)
{
    size_t n_tokens = lexer->kinds->count;
    if (n_tokens < lexer->stop || lexer->not_text || lexer->cursor < lexer->looked)
        return;
    *(LexMark *)array_push(marks, 1) = (LexMark){
        .tokens = arena_mark(arena),
        .session = arena_mark(&lexer->session->arena),
        .reports = diagnostics_mark(&lexer->session->diagnostics),
        .n_tokens = (uint32_t)n_tokens,
        .n_names = names_count(&lexer->session->names),
        .n_errors = lexer->n_errors,
        .previous = pos_of(lexer, lexer->previous),
        .cursor = pos_of(lexer, lexer->cursor),
    };
    lexer->stop = n_tokens + distance;
}

/* From the cursor to the end of the file.  `marks` may be NULL. */
static void lex_rest(Lexer *lexer, Arena *arena, ArenaArray *marks, uint32_t distance)
{
    check_encoding(lexer, lexer->cursor);
    bool at_end = false;
    while (!at_end) {
        if (marks != NULL)
            note_mark(lexer, arena, marks, distance);
        scan(lexer);
        at_end = lexer->kind == TOKEN_END && lexer->start == lexer->end;
        if (lexer->kind > TOKEN_ERROR || at_end || read_broken(lexer))
            append_token(lexer);
    }
}

/* ORDER ARRAYS: they are the first four of the arena, and those of the imports follow. */
static Lexer open_lexer(Arena *arena, Session *session)
{
    return (Lexer){
        .session = session,
        .kinds = arena_array(arena, "token kind", sizeof(uint8_t)),
        .gaps = arena_array(arena, "token gap", sizeof(uint8_t)),
        .names = arena_array(arena, "token name", sizeof(NameId)),
        .long_gaps = arena_array(arena, "token long gap", sizeof(uint32_t)),
    };
}

/* ORDER ARRAYS */
static Lexer reopen_lexer(Arena *arena, Session *session)
{
    return (Lexer){.session = session, .kinds = &arena->arrays[0], .gaps = &arena->arrays[1],
                   .names = &arena->arrays[2], .long_gaps = &arena->arrays[3]};
}

/* Lexes the first file from the cursor on, then all that the files import. */
static Tokens lex_all(Lexer *lexer, Imports *imports, Arena *arena, ArenaArray *marks, uint32_t distance)
{
    /* The list of files grows while it is worked through: whatever a file imports is appended, once. */
    Session *session = lexer->session;
    Tokens tokens = {0};
    uint32_t n_names = 0, n_long_gaps = 0;
    for (uint32_t i = 0; i < imports->files->count; i++) {
        TokenFile *current = (TokenFile *)imports->files->items + i;
        if (i > 0) {
            current->first = (TokenId){(uint32_t)lexer->kinds->count};
            n_names = (uint32_t)lexer->names->count;
            n_long_gaps = (uint32_t)lexer->long_gaps->count;
            begin_file(lexer, source_file(&session->text, current->file));
        }
        lex_rest(lexer, arena, i == 0 ? marks : NULL, distance);

        tokens = (Tokens){
            .kinds = (const uint8_t *)lexer->kinds->items,
            .gaps = (const uint8_t *)lexer->gaps->items,
            .names = (const NameId *)(const void *)lexer->names->items,
            .long_gaps = (const uint32_t *)(const void *)lexer->long_gaps->items,
            .count = (uint32_t)lexer->kinds->count,
            .n_names = (uint32_t)lexer->names->count,
            .n_long_gaps = (uint32_t)lexer->long_gaps->count,
            .files = (const TokenFile *)(const void *)imports->files->items,
            .n_files = (uint32_t)imports->files->count,
        };
        imports_follow(imports, &tokens, i, n_names, n_long_gaps);
    }
    tokens.files = (const TokenFile *)(const void *)imports->files->items;
    tokens.n_files = (uint32_t)imports->files->count;
    return tokens;
}

Tokens lex(Arena *arena, Session *session, FileId file)
{
    return lex_marked(arena, session, file, NULL, 0);
}

/* ---- Going on from a mark ---- */

/* How far behind a token's end the rules may look before they know that it ends there: `->State` followed by no letter,
   the exponent of a float.  Of a text that changed no nearer than this, the tokens in front are what they were. */
enum { LOOK_AHEAD = 16 };

static Lexer lexer_from_mark(Arena *arena, Session *session, FileId file, const LexMark *mark)
{
    Lexer lexer = reopen_lexer(arena, session);
    begin_file(&lexer, source_file(&session->text, file));
    lexer.previous = lexer.text + mark->previous.at;
    lexer.cursor = lexer.text + mark->cursor.at;
    lexer.n_errors = mark->n_errors;
    return lexer;
}

Tokens lex_marked(Arena *arena, Session *session, FileId file, ArenaArray *marks, uint32_t distance)
{
    session->phase = PHASE_LEX;
    if (marks != NULL && marks->count > 0) {
        const LexMark *last = (const LexMark *)(const void *)marks->items + (marks->count - 1);
        Lexer lexer = lexer_from_mark(arena, session, file, last);
        lexer.stop = last->n_tokens + distance;
        Imports imports = imports_reopen(arena, session);
        return lex_all(&lexer, &imports, arena, marks, distance);
    }
    Lexer lexer = open_lexer(arena, session);
    Imports imports = imports_open(arena, session, file);
    begin_file(&lexer, source_file(&session->text, file));
    if (marks != NULL)
        lexer.stop = distance;
    return lex_all(&lexer, &imports, arena, marks, distance);
}

bool lex_rewind(Arena *arena, Session *session, ArenaArray *marks, SourcePos changed)
{
    const LexMark *items = (const LexMark *)(const void *)marks->items;
    size_t n = marks->count;
    while (n > 0 && items[n - 1].cursor.at + LOOK_AHEAD > changed.at)
        n--;
    array_truncate(marks, n);
    if (n == 0)
        return false;
    const LexMark *last = &items[n - 1];
    names_rewind(&session->names, last->n_names);
    session_rewind(session, &last->session);
    diagnostics_rewind(&session->diagnostics, &last->reports);
    arena_rewind(arena, &last->tokens);
    return true;
}
