/*
 * What may help at a syntax error: advice.def has it all.
 *
 * A parser knows what it wanted and what it found.  What was meant shows in the neighbours: `<` in front of `>`, or a
 * word that begins a loop in another language.  So the table is asked for the place and three tokens, and then the
 * tokens are walked backwards, as far as the error can have begun, for such a word.  Only the reports of errors pay.
 */
#include "parser/advice.h"

#include <stdio.h>

enum {
    MOST_ADVICE = 100,  /* errors that nobody will read need none */
    FARTHEST_WORD = 40, /* tokens in front of the error */
    TOKEN_ANY = N_TOKEN_KINDS,
};

/* ---- Backwards ---- */

typedef struct {
    uint32_t index, long_gap;
    SourcePos pos;
} Back;

/* To the token before; false at the first one of the file. */
static bool step_back(const Parser *parser, Back *back)
{
    const Tokens *tokens = &parser->cursor.tokens;
    if (back->index == 0 || tokens->kinds[back->index - 1] == TOKEN_END)
        return false;
    uint32_t gap = tokens->gaps[back->index];
    if (gap == TOKEN_LONG_GAP)
        gap = tokens->long_gaps[--back->long_gap];
    back->pos.at -= gap;
    back->index--;
    return true;
}

static Back back_from_here(const Parser *parser)
{
    return (Back){parser->cursor.index.i, parser->cursor.next_long_gap, here(parser)};
}

/* ---- Words of other languages ---- */

typedef enum { WORD_DECLARATION, WORD_CONTRACT, WORD_TYPE, WORD_STATEMENT, WORD_EXPRESSION } WordPlace;

typedef struct {
    const char *word;
    WordPlace where;
    const char *text, *replacement;
} Word;

#define ADVICE(place, before, found, next, text, fix, replacement)
#define WORD(word, where, text, replacement) {word, WORD_##where, text, replacement},
static const Word words[] = {
#include "parser/advice.def"
};
#undef WORD
#undef ADVICE

static bool may_stand(WordPlace where, Place place)
{
    switch (where) {
    case WORD_DECLARATION: return place == PLACE_ITEM;
    case WORD_CONTRACT: return place == PLACE_BODY;
    case WORD_TYPE: return place == PLACE_PARAMS_CLOSER;
    case WORD_STATEMENT: return place == PLACE_BODY_END;
    case WORD_EXPRESSION: break;
    }
    return place == PLACE_BODY_END || place >= PLACE_EXPRESSION;
}

static const Word *find_word(const Parser *parser, SourcePos pos, Place place)
{
    const SourceText *text = &parser->session->text;
    SourceSpan span = span_of_token(text, pos);
    uint32_t length = span.end.at - span.start.at;
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (may_stand(words[i].where, place) && strlen(words[i].word) == length
            && memcmp(words[i].word, source_at(text, pos), length) == 0)
            return &words[i];
    return NULL;
}

/* What stands in front of these has been read without an error. */
static bool begins_anew(TokenKind kind)
{
    switch ((int)kind) {
    case TOKEN_SEMICOLON: case TOKEN_COLON: case TOKEN_EQUAL: case TOKEN_ARROW: case TOKEN_THEN: case TOKEN_ELSE:
    case TOKEN_WITH: case TOKEN_FUNC:
        return true;
    default:
        return false;
    }
}

/* The nearest word from the error on backwards. */
static const Word *word_in_front(const Parser *parser, Place place, SourcePos *found_at)
{
    const uint8_t *kinds = parser->cursor.tokens.kinds;
    Back back = back_from_here(parser);
    for (int i = 0; i < FARTHEST_WORD; i++) {
        TokenKind kind = (TokenKind)kinds[back.index];
        if (i > 0 && (begins_anew(kind) || place == PLACE_ITEM))
            return NULL;
        const Word *word = kind == TOKEN_IDENTIFIER ? find_word(parser, back.pos, place) : NULL;
        if (word != NULL) {
            *found_at = back.pos;
            return word;
        }
        if (!step_back(parser, &back))
            return NULL;
    }
    return NULL;
}

/* ---- The table ---- */

typedef enum { FIX_NO, FIX_FOUND, FIX_BEHIND, FIX_LAST, FIX_PAIR, FIX_BOTH } Fix;

typedef struct {
    uint8_t place, before, found, next, fix;
    const char *text, *replacement;
} Line;

#define ADVICE(place, before, found, next, text, fix, replacement) \
    {PLACE_##place, TOKEN_##before, TOKEN_##found, TOKEN_##next, FIX_##fix, text, replacement},
static const Line lines[] = {
#include "parser/advice.def"
};
#undef ADVICE

static bool fits(uint8_t wanted, TokenKind kind)
{
    return wanted == TOKEN_ANY || wanted == kind;
}

static const Line *find_line(const Parser *parser, Place place, TokenKind before)
{
    TokenKind found = parser->cursor.kind, next = peek(parser);
    for (size_t i = 0; i < sizeof lines / sizeof *lines; i++)
        if ((lines[i].place == PLACE_ANY || lines[i].place == place) && fits(lines[i].before, before)
            && fits(lines[i].found, found) && fits(lines[i].next, next))
            return &lines[i];
    return NULL;
}

static void set_fix(Advice *advice, const Parser *parser, const Line *line, SourceSpan last)
{
    const SourceText *text = &parser->session->text;
    SourceSpan found = span_of_token(text, here(parser));
    advice->same = line->fix == FIX_BEHIND ? last : found;
    advice->replacement = line->replacement;
    switch ((Fix)line->fix) {
    case FIX_NO: advice->replacement = NULL; break;
    case FIX_FOUND: advice->span = found; break;
    case FIX_BEHIND: advice->span = (SourceSpan){last.end, last.end}; break;
    case FIX_LAST: advice->span = last; break;
    case FIX_PAIR: advice->span = (SourceSpan){last.start, found.end}; break;
    case FIX_BOTH:
        advice->span = (SourceSpan){found.start, {found.end.at + 1}};
        if (strchr(" \t\r\n/", *source_at(text, found.end)) != NULL) /* what is meant to be one token is two, far apart */
            advice->replacement = NULL;
        break;
    }
}

/* ---- A forgotten `in` ---- */

static bool is_line_start(const SourceText *text, SourcePos from, SourcePos to)
{
    size_t length = to.at - from.at;
    const char *blank = source_at(text, from);
    return memchr(blank, '\n', length) != NULL || memchr(blank, '\r', length) != NULL;
}

/* `let x = 5` and a new line: what follows was taken for arguments of the 5.  If there is but one line that begins with
   what may be an argument, the `in` is missing in front of it. */
static void advise_in(Advice *advice, const Parser *parser)
{
    const SourceText *text = &parser->session->text;
    Back back = back_from_here(parser);
    SourceSpan place = {{0}, {0}};
    SourcePos later = {0};
    uint32_t n_lines = 0;
    for (int i = 0; i < FARTHEST_WORD; i++) {
        SourcePos pos = back.pos;
        TokenKind kind = (TokenKind)parser->cursor.tokens.kinds[back.index];
        if (kind == TOKEN_LET || !step_back(parser, &back))
            break;
        SourceSpan behind = span_of_token(text, back.pos);
        behind.start = behind.end;
        bool argument = kind == TOKEN_IDENTIFIER || kind == TOKEN_INT || kind == TOKEN_STRING || kind == TOKEN_LEFT_PAREN
            || kind == TOKEN_IF || kind == TOKEN_MATCH;
        if (argument && is_line_start(text, behind.end, pos)) {
            n_lines++;
            place = behind;
            later = pos;
        }
    }
    if (n_lines != 1)
        return;
    advice->word = later;
    advice->about_word = "an 'in' is missing before this line";
    advice->span = place;
    advice->replacement = " in";
}

/* ---- Entry ---- */

Advice find_advice(const Parser *parser, Place place)
{
    Advice advice = {0};
    if (parser->session->diagnostics.n_errors > MOST_ADVICE)
        return advice;
    Back back = back_from_here(parser);
    SourceSpan last = {here(parser), here(parser)};
    TokenKind before = TOKEN_END;
    if (step_back(parser, &back)) {
        last = span_of_token(&parser->session->text, back.pos);
        before = (TokenKind)parser->cursor.tokens.kinds[back.index];
    }
    SourcePos at_word;
    const Word *word = word_in_front(parser, place, &at_word);
    if (word != NULL) {
        SourceSpan span = span_of_token(&parser->session->text, at_word);
        bool here_it_is = at_word.at == here(parser).at;
        advice.text = here_it_is ? word->text : NULL;
        if (!here_it_is)
            advice.word = at_word;
        advice.about_word = word->text;
        advice.span = span;
        advice.replacement = word->replacement;
        return advice;
    }
    if (place == PLACE_IN)
        advise_in(&advice, parser);
    const Line *line = advice.word.at == 0 ? find_line(parser, place, before) : NULL;
    if (line != NULL) {
        advice.text = line->text;
        set_fix(&advice, parser, line, last);
    }
    return advice;
}

void give_advice(Parser *parser, Diagnostic *diagnostic, const Advice *advice)
{
    Diagnostics *diagnostics = &parser->session->diagnostics;
    if (diagnostic == NULL)
        return;
    if (advice->text != NULL)
        diagnostic_caret_text(diagnostics, diagnostic, "%s", advice->text);
    if (advice->word.at != 0)
        diagnostic_label(diagnostics, diagnostic, span_of_token(diagnostics->text, advice->word), "%s", advice->about_word);
    if (advice->replacement == NULL)
        return;
    const char *same = strchr(advice->replacement, '%');
    if (same == NULL)
        diagnostic_suggest(diagnostics, diagnostic, advice->span, "%s", advice->replacement);
    else
        diagnostic_suggest(diagnostics, diagnostic, advice->span, "%.*s%.*s%s", (int)(same - advice->replacement),
                           advice->replacement, (int)(advice->same.end.at - advice->same.start.at),
                           source_at(diagnostics->text, advice->same.start), same + 1);
}
