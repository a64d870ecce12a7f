/* The second phase: tokens to tree. */
#ifndef POLEC_PARSER_PARSER_H
#define POLEC_PARSER_PARSER_H

#include <stdio.h>

#include "lexer/tokens.h"
#include "parser/ast.h"
#include "session.h"

/* Nesting beyond this depth is error E014: every walk over the tree may recurse this deep, and no deeper.  Chains
   (operators, `;`, let, else-if, calls, field accesses) do not count: all walks handle them by loops. */
enum { MAX_NESTING = 1000 };

/*
 * Builds the tree.  Always returns a well-formed one: each broken declaration is reported once (E010 to E014) and
 * stands in it as AST_ERROR, or, where its head was readable, as a declaration whose body is AST_ERROR.
 * Results go to `arena`; names of labels that are keywords to the session.
 */
Ast parse(Arena *arena, Session *session, const Tokens *tokens);

void ast_dump(FILE *stream, Session *session, const Ast *ast);

#endif
