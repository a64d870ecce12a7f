/*
 * Bytes by kind of node: all nodes lie one behind the other in one array, so one loop sees each once.
 */
#include "parser/ast_account.h"

void ast_account(KindTable *table, const void *product)
{
    const Ast *ast = product;
    uint64_t counts[N_AST_KINDS] = {0}, words[N_AST_KINDS] = {0};
    for (NodeId node = {1}; node.i < ast->n_words; node = ast_next(ast, node)) {
        AstKind kind = ast_kind(ast, node);
        counts[kind]++;
        words[kind] += ast_size(ast, node);
    }
    for (int kind = 0; kind < N_AST_KINDS; kind++)
        kinds_add(table, ast_kind_name((AstKind)kind), counts[kind], words[kind] * sizeof *ast->words);
    kinds_add(table, "absent node", 1, sizeof *ast->words); /* word 0 */
    kinds_told(table, ast->words);
}
