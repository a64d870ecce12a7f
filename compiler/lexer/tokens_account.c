/*
 * Bytes by kind of token: two for every token, four more for an identifier's name, four more for a distance that does
 * not fit into a byte.
 */
#include "lexer/tokens_account.h"

static void charge_tokens(KindTable *table, const Tokens *tokens)
{
    TokenCursor cursor = token_cursor(tokens, table->text);
    for (uint32_t i = 0; i < tokens->n_files; i++) {
        if (i > 0)
            token_cursor_next_file(&cursor, i, table->text);
        for (;;) {
            size_t bytes = sizeof *tokens->kinds + sizeof *tokens->gaps;
            if (cursor.kind == TOKEN_IDENTIFIER)
                bytes += sizeof *tokens->names;
            if (tokens->gaps[cursor.index.i] == TOKEN_LONG_GAP)
                bytes += sizeof *tokens->long_gaps;
            charge(table->charges, CHARGED_LEX, cursor.pos, cursor.pos, bytes);
            if (cursor.kind == TOKEN_END)
                break;
            token_cursor_advance(&cursor);
        }
    }
}

void tokens_account(KindTable *table, const void *product)
{
    const Tokens *tokens = product;
    uint32_t counts[N_TOKEN_KINDS] = {0};
    for (uint32_t i = 0; i < tokens->count; i++)
        counts[tokens->kinds[i]]++;
    for (int kind = 0; kind < N_TOKEN_KINDS; kind++) {
        uint64_t n = counts[kind];
        uint64_t names = kind == TOKEN_IDENTIFIER ? n * sizeof *tokens->names : 0;
        kinds_add(table, token_spelling((TokenKind)kind), n, n * (sizeof *tokens->kinds + sizeof *tokens->gaps) + names);
    }
    kinds_add(table, "long distance", tokens->n_long_gaps, tokens->n_long_gaps * sizeof *tokens->long_gaps);
    kinds_told(table, tokens->kinds);
    kinds_told(table, tokens->gaps);
    kinds_told(table, tokens->names);
    kinds_told(table, tokens->long_gaps);
    if (table->charges != NULL)
        charge_tokens(table, tokens);
}
