/*
 * A node of the tree keeps a pointer to its token.  The tokens die when the tree stands.
 * The right way: copy what the next phase needs.  In polec a node has a SourcePos and a NameId, both numbers.
 */
#include "mistake.h"

typedef struct { int kind; unsigned pos; } Token;
typedef struct { const Token *token; unsigned pos; } Node;

int main(int argc, char **argv)
{
    Memory memory;
    Arena lex, parse;
    memory_open(&memory, POOL_GUARD);
    arena_open(&lex, &memory.account, "lex");
    Token *token = arena_new(&lex, Token);
    token->pos = 7;

    arena_open(&parse, &memory.account, "parse");
    Node *node = arena_new(&parse, Node);
    node->token = token;
    node->pos = token->pos;
    arena_free(&lex);

    printf("at %u\n", is_right(argc, argv) ? node->pos : node->token->pos);
    arena_free(&parse);
    memory_close(&memory);
    return 0;
}
