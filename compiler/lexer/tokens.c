/*
 * Reading the token streams.
 *
 * The streams of all files follow each other, so going on to the next file is only a new starting position: names and
 * long gaps are taken in order, whichever file they belong to.
 */
#include "lexer/tokens.h"

enum { CLASS_SYMBOL, CLASS_KEYWORD, CLASS_DECLARATION, CLASS_TEXT, CLASS_MARK };

static const struct { const char *spelling; uint8_t class; } token_table[] = {
#define TOKEN(kind, spelling, class) {spelling, CLASS_##class},
#include "lexer/tokens.def"
#undef TOKEN
};

const char *token_spelling(TokenKind kind)
{
    return token_table[kind].spelling;
}

bool token_is_label(TokenKind kind)
{
    return kind == TOKEN_IDENTIFIER || token_table[kind].class == CLASS_DECLARATION;
}

TokenCursor token_cursor(const Tokens *tokens, const SourceText *text)
{
    TokenCursor cursor = {.tokens = *tokens, .index = {0}};
    token_cursor_next_file(&cursor, 0, text);
    return cursor;
}

void token_cursor_next_file(TokenCursor *cursor, uint32_t file_index, const SourceText *text)
{
    const TokenFile *file = &cursor->tokens.files[file_index];
    cursor->index = file->first;
    cursor->pos = source_file(text, file->file)->start;
    token_cursor_load(cursor);
}
