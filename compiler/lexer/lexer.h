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

/* ---- Going on from a mark (recheck.c) ---------------------------------------------------------------------------- */

/* A place between two tokens of the first file, and what there was when lexing had come to it. */
typedef struct {
    ArenaMark tokens, session;
    DiagnosticsMark reports;
    uint32_t n_tokens, n_names;   /* names: those of the session */
    uint32_t n_errors;            /* of this file's text */
    SourcePos previous, cursor;   /* start of the last token, and where the next one is looked for */
} LexMark;

/*
 * lex(), leaving a mark in `marks` (LexMark, ascending) every `distance` tokens of the first file.  If there are marks
 * already, it goes on from the last of them: arena and session must have been rewound to it (lex_rewind), and the text
 * in front of it must be what it was.
 */
Tokens lex_marked(Arena *arena, Session *session, FileId file, ArenaArray *marks, uint32_t distance);

/* Drops the marks that a change of the text at `changed` spoils, and rewinds arena and session to the last one left.
   False if none is.  To be called while the old text is still in place. */
bool lex_rewind(Arena *arena, Session *session, ArenaArray *marks, SourcePos changed);

void tokens_dump(FILE *stream, const Session *session, const Tokens *tokens);

#endif
