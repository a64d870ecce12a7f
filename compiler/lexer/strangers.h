/*
 * Characters that no token begins with, and what somebody who knows another language means by them.  Included by lexer.re
 * only.  All texts are constants.
 */
#ifndef POLEC_LEXER_STRANGERS_H
#define POLEC_LEXER_STRANGERS_H

#include <stdbool.h>
#include <stddef.h>

/* True for bytes that no token and no blank begins with; `!` and `&`, which a second one would make a token, are none. */
bool is_strange(unsigned char c);

/* NULL where there is nothing to say, or nothing to write instead. */
typedef struct { const char *text, *replacement; } StrangerAdvice;

/* Of the character of `length` bytes at `at`, in a text that begins at `text` and ends with a NUL. */
StrangerAdvice advice_on_stranger(const unsigned char *text, const unsigned char *at, size_t length);

/* The other half of the pair of quotes that opens at `at`, in the same line and not far away, or NULL; then `*looked` is
   how far the text has been looked at, if at all. */
const unsigned char *closing_quote(const unsigned char *at, const unsigned char *end, const unsigned char **looked);

#endif
