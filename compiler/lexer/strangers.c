/*
 * Characters of other languages and of word processors.
 */
#include "lexer/strangers.h"

#include <string.h>

#include "base/scan.h"

enum { LONGEST_QUOTED = 400 }; /* bytes; a line of many quotes without another half is not to be searched for each of them */

bool is_strange(unsigned char c)
{
    return c >= 0x7F || (c < 0x20 && strchr("\t\r\n", c) == NULL) || c == '#' || c == '$' || c == '\'' || c == '?' ||
           c == '^' || c == '`' || c == '~';
}

/* ---- Advice ---- */

typedef struct {
    const char *character, *text, *replacement;
} Stranger;

static const char straight_quotes[] = "a string stands in straight double quotes";

static const Stranger strangers[] = {
    {"!", "negation is written 'not'", "not "},
    {"&", "'&&' and 'and' are the same; there are no operators on bits", NULL},
    {"?", "a choice is written 'if a then b else c'", NULL},
    {"#", "a comment is written // or /* ... */", "//"},
    {"^", "there is no operator '^'", NULL},
    {"~", "there are no operators on bits", NULL},
    {"$", "write f(x)", NULL},
    {"'", "a string stands in double quotes; a character is its number, as in C", NULL},
    {"`", "a string stands in double quotes", NULL},
    {"\u2018", straight_quotes, NULL},
    {"\u2019", straight_quotes, NULL},
    {"\u201C", straight_quotes, "\""},
    {"\u201D", straight_quotes, "\""},
    {"\u201E", straight_quotes, "\""},
    {"\u00D7", "times is written '*'", "*"},
    {"\u00F7", "'/' divides", "/"},
    {"\u2212", "minus is written '-'", "-"},
    {"\u2013", "minus is written '-'", "-"},
    {"\u2264", "write '<='", "<="},
    {"\u2265", "write '>='", ">="},
    {"\u2260", "write '!='", "!="},
    {"\u2192", "write '->'", "->"},
    {"\u21D2", "write '=>'", "=>"},
    {"\u03BB", "a function value is written \\x -> ...", "\\"},
    {"\u00A0", "a space that is none of ASCII's", " "},
};

/* Is the character a part of what somebody takes for a name? */
static bool is_in_name(const unsigned char *text, const unsigned char *at, size_t length)
{
    if (*at == '!' || *at == '^' || *at == '&' || *at < 0x20)
        return false;
    return (at > text && is_word_byte(at[-1])) || (length > 1 && is_word_byte(at[length]));
}

StrangerAdvice advice_on_stranger(const unsigned char *text, const unsigned char *at, size_t length)
{
    bool in_name = is_in_name(text, at, length);
    bool means_name = in_name && strchr("'`?#$~", *at) != NULL;
    for (size_t i = 0; i < sizeof strangers / sizeof *strangers && !means_name; i++) {
        const Stranger *stranger = &strangers[i];
        if (strlen(stranger->character) == length && memcmp(stranger->character, at, length) == 0)
            return (StrangerAdvice){stranger->text, stranger->replacement};
    }
    return (StrangerAdvice){in_name ? "names consist of the letters a-z, digits and '_'" : NULL, NULL};
}

/* ---- Quotes ---- */

const unsigned char *closing_quote(const unsigned char *at, const unsigned char *end, const unsigned char **looked)
{
    static const char *const pairs[][2] = {{"'", "'"}, {"`", "`"}, {"\u2018", "\u2019"}, {"\u201C", "\u201D"},
                                           {"\u201E", "\u201C"}};
    for (size_t i = 0; i < sizeof pairs / sizeof *pairs; i++) {
        size_t opening = strlen(pairs[i][0]), closing = strlen(pairs[i][1]);
        if ((size_t)(end - at) < opening || memcmp(at, pairs[i][0], opening) != 0)
            continue;
        const unsigned char *to = at + opening, *farthest = end - to > LONGEST_QUOTED ? to + LONGEST_QUOTED : end;
        for (; to + closing <= farthest && !is_line_end(*to); to++)
            if (memcmp(to, pairs[i][1], closing) == 0)
                return to;
        *looked = to;
    }
    return NULL;
}
