/* The first phase: text to tokens. */
#ifndef POLEC_LEXER_LEXER_H
#define POLEC_LEXER_LEXER_H

#include <stdio.h>

#include "lexer/tokens.h"
#include "session.h"

/*
 * Cuts `file` and all that it imports, directly or not, into tokens.  Always returns a well-formed product: what cannot
 * be read is reported (E001 to E008) and stands in it as TOKEN_ERROR; only a string with an unknown escape stays a
 * string.  An import that cannot be found is E108; source_import tells which file one led to.
 * Results go to `arena`; names, and the text of imported files, to the session.
 */
Tokens lex(Arena *arena, Session *session, FileId file);

void tokens_dump(FILE *stream, const Session *session, const Tokens *tokens);

#endif
