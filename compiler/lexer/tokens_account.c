/*
 * Bytes by kind of token: two for every token, four more for an identifier's name, four more for a distance that does
 * not fit into a byte.
 */
#include "lexer/tokens_account.h"

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
}
