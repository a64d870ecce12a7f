/*
 * Tokens: the source cut into words.
 *
 *   made by    lex(), lexer/lexer.h
 *   read by    parse(), tokens_dump()
 *   memory     everything below lives in the `lex` arena
 *   dies       when parse() has returned (driver.c)
 *
 * A token takes about 4 bytes: one for its kind, one for its distance from the token before, and four more only if it
 * is an identifier.  The price is that positions are found by walking forwards, which is the only way a parser walks.
 * Literals stay text until they are used.
 */
#ifndef POLEC_LEXER_TOKENS_H
#define POLEC_LEXER_TOKENS_H

#include "base/names.h"

typedef enum {
#define TOKEN(kind, spelling, class) TOKEN_##kind,
#include "lexer/tokens.def"
#undef TOKEN
    N_TOKEN_KINDS
} TokenKind;

typedef struct { uint32_t i; } TokenId; /* index into Tokens.kinds and gaps */

enum { TOKEN_LONG_GAP = 255 }; /* in `gaps`: the distance stands in `long_gaps` */

/* The tokens of one file.  A compilation has several when the first one imports others. */
typedef struct {
    FileId file;
    TokenId first;             /* the file's first token */
} TokenFile;

typedef struct {
    const uint8_t *kinds;      /* TokenKind; each file ends with TOKEN_END */
    const uint8_t *gaps;       /* bytes from the start of the token before (a file's first token: from its start) */
    const NameId *names;       /* one for each TOKEN_IDENTIFIER, in order */
    const uint32_t *long_gaps; /* one for each TOKEN_LONG_GAP, in order */
    uint32_t count, n_names, n_long_gaps;
    const TokenFile *files;    /* the compiled file first, then its imports in the order of their discovery */
    uint32_t n_files;
} Tokens;

/* Walks the tokens of one file.  `kind` and `pos` describe the current token. */
typedef struct {
    Tokens tokens;             /* a copy of the table, one indirection nearer */
    TokenId index;
    uint32_t next_name;        /* of the current token if it is an identifier, else of the next that is one */
    uint32_t next_long_gap;
    SourcePos pos;
    TokenKind kind;
} TokenCursor;

/* Starts at the first token of tokens->files[0]; token_cursor_next_file goes on to the following file's first token
   and must be called at TOKEN_END. */
TokenCursor token_cursor(const Tokens *tokens, const SourceText *text);
void token_cursor_next_file(TokenCursor *cursor, uint32_t file_index, const SourceText *text);

/* The name of the current token, which must be an identifier. */
static inline NameId token_cursor_name(const TokenCursor *cursor)
{
    return cursor->tokens.names[cursor->next_name];
}

static inline void token_cursor_load(TokenCursor *cursor)
{
    uint32_t gap = cursor->tokens.gaps[cursor->index.i];
    if (gap == TOKEN_LONG_GAP)
        gap = cursor->tokens.long_gaps[cursor->next_long_gap++];
    cursor->pos.at += gap;
    cursor->kind = (TokenKind)cursor->tokens.kinds[cursor->index.i];
}

/* Must not be called at TOKEN_END. */
static inline void token_cursor_advance(TokenCursor *cursor)
{
    cursor->next_name += cursor->kind == TOKEN_IDENTIFIER;
    cursor->index.i++;
    token_cursor_load(cursor);
}

/* The kind of the token after the current one; must not be called at TOKEN_END. */
static inline TokenKind token_cursor_peek(const TokenCursor *cursor)
{
    return (TokenKind)cursor->tokens.kinds[cursor->index.i + 1];
}

const char *token_spelling(TokenKind kind);          /* "func", "->", "identifier" */
bool token_is_label(TokenKind kind);                 /* an identifier or a declaration keyword */

#endif
