/*
 * Mutations of a program that keep most of it legal: tokens, brackets with what is between them and whole declarations
 * are what is exchanged, copied and left out, and what is put in comes from the grammar (grammar.c).
 */
#include "fuzz.h"

#include <string.h>

enum { MOST_TOKENS = 1 << 14, MOST_PIECE = 1 << 12 };

typedef enum { PIECE_SPACE, PIECE_WORD, PIECE_NUMBER, PIECE_STRING, PIECE_SYMBOL } PieceKind;
typedef struct { uint32_t at, length; PieceKind kind; } Piece;

typedef struct {
    uint8_t *bytes;
    size_t length, most;
    uint64_t *random;
    uint32_t n;          /* tokens; none is white space */
    Piece pieces[MOST_TOKENS];
} Program;

/* ---- Tokens, roughly --------------------------------------------------------------------------------------------- */

static bool is_letter(uint8_t c) { return (uint8_t)((c | 32) - 'a') < 26 || c == '_'; }
static bool is_digit(uint8_t c) { return (uint8_t)(c - '0') < 10; }
static bool is_space(uint8_t c) { return c == ' ' || c == '\n' || c == '\t' || c == '\r'; }

static size_t piece_length(const uint8_t *bytes, size_t left, PieceKind *kind)
{
    static const char *const pairs[] = {"->", "=>", "==", "!=", "<=", ">=", "&&", "||", "..."};
    size_t n = 1;
    if (is_letter(bytes[0])) {
        *kind = PIECE_WORD;
        while (n < left && (is_letter(bytes[n]) || is_digit(bytes[n])))
            n++;
    } else if (is_digit(bytes[0])) {
        *kind = PIECE_NUMBER;
        while (n < left && is_digit(bytes[n]))
            n++;
    } else if (bytes[0] == '"') {
        *kind = PIECE_STRING;
        while (n < left && bytes[n] != '"' && bytes[n] != '\n')
            n += bytes[n] == '\\' && n + 1 < left ? 2 : 1;
        n += n < left && bytes[n] == '"';
    } else if (is_space(bytes[0])) {
        *kind = PIECE_SPACE;
        while (n < left && is_space(bytes[n]))
            n++;
    } else {
        *kind = PIECE_SYMBOL;
        for (size_t i = 0; i < sizeof pairs / sizeof *pairs; i++)
            if (strlen(pairs[i]) <= left && memcmp(bytes, pairs[i], strlen(pairs[i])) == 0)
                n = strlen(pairs[i]);
    }
    return n < left ? n : left;
}

static void cut_up(Program *p)
{
    p->n = 0;
    for (size_t at = 0; at < p->length && p->n < MOST_TOKENS;) {
        PieceKind kind;
        size_t n = piece_length(p->bytes + at, p->length - at, &kind);
        if (kind != PIECE_SPACE)
            p->pieces[p->n++] = (Piece){(uint32_t)at, (uint32_t)n, kind};
        at += n;
    }
}

static bool is_text(const Program *p, uint32_t i, const char *text)
{
    return p->pieces[i].length == strlen(text) && memcmp(p->bytes + p->pieces[i].at, text, strlen(text)) == 0;
}

/* A random token of a kind, found from a random one on; p->n if there is none. */
static uint32_t some(Program *p, PieceKind kind)
{
    uint32_t start = random_below(p->random, p->n);
    for (uint32_t i = 0; i < p->n; i++)
        if (p->pieces[(start + i) % p->n].kind == kind)
            return (start + i) % p->n;
    return p->n;
}

/* ---- Changing the text ------------------------------------------------------------------------------------------- */

/* `with` may lie in the text.  False: there is no room. */
static bool replace(Program *p, size_t at, size_t n, const void *with, size_t more)
{
    uint8_t copy[MOST_PIECE];
    if (more > sizeof copy)
        more = sizeof copy;
    if (p->length - n + more > p->most)
        return false;
    memcpy(copy, with, more);
    memmove(p->bytes + at + more, p->bytes + at + n, p->length - at - n);
    memcpy(p->bytes + at, copy, more);
    p->length = p->length - n + more;
    return true;
}

static void replace_piece(Program *p, uint32_t i, const void *with, size_t more)
{
    if (i < p->n)
        replace(p, p->pieces[i].at, p->pieces[i].length, with, more);
}

static void put_grammar(Program *p, size_t at, size_t n, char kind)
{
    char text[MOST_PIECE / 4];
    replace(p, at, n, text, grammar_piece(text, sizeof text, kind, p->random));
}

/* ---- Ranges ------------------------------------------------------------------------------------------------------ */

typedef struct { size_t at, length; } Range;

static Range some_tokens(Program *p, uint32_t most)
{
    uint32_t first = random_below(p->random, p->n), last = first + random_below(p->random, most);
    const Piece *end = &p->pieces[last < p->n ? last : p->n - 1];
    return (Range){p->pieces[first].at, end->at + end->length - p->pieces[first].at};
}

/* An opening bracket up to its closing one. */
static Range some_brackets(Program *p)
{
    uint32_t start = random_below(p->random, p->n);
    while (start < p->n && strchr("([{", p->bytes[p->pieces[start].at]) == NULL)
        start++;
    int depth = 0;
    for (uint32_t i = start; i < p->n; i++) {
        uint8_t c = p->bytes[p->pieces[i].at];
        depth += (c == '(' || c == '[' || c == '{') - (c == ')' || c == ']' || c == '}');
        if (depth <= 0)
            return (Range){p->pieces[start].at, p->pieces[i].at + p->pieces[i].length - p->pieces[start].at};
    }
    return some_tokens(p, 4);
}

static bool begins_declaration(const Program *p, uint32_t i)
{
    return is_text(p, i, "func") || is_text(p, i, "type") || is_text(p, i, "extern") || is_text(p, i, "@") ||
           is_text(p, i, "module");
}

static Range some_declaration(Program *p)
{
    uint32_t first = random_below(p->random, p->n);
    while (first > 0 && !begins_declaration(p, first))
        first--;
    uint32_t last = first + 1;
    while (last < p->n && !begins_declaration(p, last))
        last++;
    size_t end = last < p->n ? p->pieces[last].at : p->length;
    return (Range){p->pieces[first].at, end - p->pieces[first].at};
}

static Range some_range(Program *p)
{
    switch (random_below(p->random, 3)) {
    case 0: return some_tokens(p, 8);
    case 1: return some_brackets(p);
    default: return some_declaration(p);
    }
}

/* ---- Mutations --------------------------------------------------------------------------------------------------- */

static void another_word(Program *p)
{
    static const char *const words[] = {
        "x", "y", "Int", "Bool", "Nat", "String", "List", "Option", "Some", "None", "_", "result", "main", "if", "then", "else",
        "let", "in", "match", "with", "func", "type", "end", "lazy", "forall", "requires", "ensures", "true", "not", "print",
        "length", "map", "fold", "Unit", "Float64", "HashMap", "Ptr", "signature", "effect", "T", "push", "concat", "to_float",
    };
    uint32_t to = some(p, PIECE_WORD), from = some(p, PIECE_WORD);
    if (to == p->n)
        return;
    const char *word = words[random_below(p->random, sizeof words / sizeof *words)];
    if (random_below(p->random, 4) == 0)
        replace_piece(p, to, word, strlen(word));
    else
        replace_piece(p, to, p->bytes + p->pieces[from].at, p->pieces[from].length);
}

static void another_symbol(Program *p)
{
    static const char *const symbols[] = {"+", "-", "*", "/", "%", "<", ">", "=", "==", "!=", "<=", ">=", "&&", "||", "=>", "->", "(", ")",
                                          "[", "]", "{", "}", ",", ".", ":", ";", "|", "@", "\\", "...", "->IO", "->State<Int>"};
    const char *symbol = symbols[random_below(p->random, sizeof symbols / sizeof *symbols)];
    replace_piece(p, some(p, PIECE_SYMBOL), symbol, strlen(symbol));
}

/* A token becomes the innermost of many brackets, or the first of many operands. */
static void repeat(Program *p)
{
    static const char *const fronts[] = {"(", "[", "{a = ", "-", "not ", "\\x -> ", "if b then 1 else ", "let x = 1 in ", "f(", "1 + ", "List<"};
    static const char *const backs[] = {")", "]", "}", "", "", "", "", "", ")", "", ">"};
    uint32_t i = random_below(p->random, p->n), n = 1 + random_below(p->random, random_below(p->random, 4) == 0 ? 300 : 5);
    uint32_t which = random_below(p->random, sizeof fronts / sizeof *fronts);
    size_t at = p->pieces[i].at, end = at + p->pieces[i].length;
    for (; n > 0; n--) {
        if (!replace(p, end, 0, backs[which], strlen(backs[which])) || !replace(p, at, 0, fronts[which], strlen(fronts[which])))
            return;
        end += strlen(fronts[which]);
    }
}

static void copy_range(Program *p)
{
    Range from = some_range(p);
    size_t to = random_below(p->random, 2) == 0 ? some_declaration(p).at : some_tokens(p, 1).at;
    replace(p, to, 0, p->bytes + from.at, from.length);
}

static void exchange_range(Program *p)
{
    bool brackets = random_below(p->random, 2) == 0;
    Range to = brackets ? some_brackets(p) : some_tokens(p, 4), from = brackets ? some_brackets(p) : some_tokens(p, 4);
    replace(p, to.at, to.length, p->bytes + from.at, from.length);
}

static void put_piece(Program *p)
{
    static const char kinds[] = "iiiibsflorvgpt";
    char kind = kinds[random_below(p->random, sizeof kinds - 1)];
    Range range = random_below(p->random, 2) == 0 ? some_tokens(p, 1) : some_brackets(p);
    put_grammar(p, range.at, range.length, kind);
}

static void mutate(Program *p)
{
    Range range;
    cut_up(p);
    if (p->n == 0 || random_below(p->random, 200) == 0) {
        p->length = grammar_program((char *)p->bytes, p->most < 4096 ? p->most : 4096, p->random);
        return;
    }
    switch (random_below(p->random, 14)) {
    case 0: case 1: another_word(p); break;
    case 2: another_symbol(p); break;
    case 3: put_grammar(p, p->pieces[some(p, PIECE_NUMBER) % p->n].at, 0, '%'); break;
    case 4: case 5: put_piece(p); break;
    case 6: case 7: put_grammar(p, some_declaration(p).at, 0, 'D'); break;
    case 8: repeat(p); break;
    case 9: copy_range(p); break;
    case 10: exchange_range(p); break;
    case 11: range = some_range(p); replace(p, range.at, range.length, "", 0); break;
    case 12: range = some_tokens(p, 1); replace(p, range.at, range.length, "", 0); break;
    default: p->bytes[random_below(p->random, (uint32_t)p->length)] = (uint8_t)(" \n\t\r\"/*\\aZ_9\xC3\xA9")[random_below(p->random, 14)]; break;
    }
}

size_t mutate_program(uint8_t *bytes, size_t length, size_t most, uint64_t *random)
{
    static Program program;
    program.bytes = bytes;
    program.length = length;
    program.most = most;
    program.random = random;
    for (uint32_t n = 1 + random_below(random, 3); n > 0; n--)
        mutate(&program);
    return program.length;
}

size_t splice_programs(const uint8_t *a, size_t a_length, const uint8_t *b, size_t b_length, uint8_t *out, size_t most,
                       uint64_t *random)
{
    static Program to, from;
    memcpy(out, a, a_length < most ? a_length : most);
    to.bytes = out;
    to.length = a_length < most ? a_length : most;
    to.most = most;
    from.bytes = (uint8_t *)(uintptr_t)b; /* only read */
    from.length = b_length;
    to.random = from.random = random;
    cut_up(&to);
    cut_up(&from);
    if (to.n == 0 || from.n == 0)
        return to.length;
    for (uint32_t n = 1 + random_below(random, 3); n > 0; n--) {
        Range piece = some_range(&from);
        bool brackets = from.bytes[piece.at] == '(' && random_below(random, 2) == 0;
        Range place = brackets ? some_brackets(&to) : some_declaration(&to);
        replace(&to, place.at, brackets ? place.length : 0, from.bytes + piece.at, piece.length);
        cut_up(&to);
        if (to.n == 0)
            break;
    }
    return to.length;
}
