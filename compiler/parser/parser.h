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

/* ---- Going on from a mark (recheck.c) ---------------------------------------------------------------------------- */

/* A place in front of an item of the first file, outside of any module, and what there was when the parser came to it. */
typedef struct {
    ArenaMark ast, reports;
    DiagnosticsMark diagnostics;
    TokenCursor cursor;       /* its table of tokens is not to be used */
    uint32_t n_items;         /* of the file so far */
} ParseMark;

typedef struct {
    ArenaArray *marks;        /* ParseMark, ascending */
    ArenaArray *items;        /* uint32_t: the NodeIds of the first file's items */
    uint32_t distance;        /* tokens between two marks, at least */
} ParseMarks;

/* parse(), leaving marks.  If there are marks already, it goes on from the last of them: the arena and the one that
   session->diagnostics lies in must have been rewound to it (parse_rewind). */
Ast parse_marked(Arena *arena, Session *session, const Tokens *tokens, ParseMarks *marks);

/* Drops the marks that depend on more than the first `n_tokens` tokens, and rewinds the arena and the diagnostics to
   the last one left.  False if none is. */
bool parse_rewind(Arena *arena, Diagnostics *diagnostics, ParseMarks *marks, uint32_t n_tokens);

void ast_dump(FILE *stream, Session *session, const Ast *ast);

/* The same without indentation; `told` gets a DumpLine (dump_line.h) for each line.  Working memory: `scratch`. */
void ast_dump_lines(FILE *stream, const Session *session, const Ast *ast, Arena *scratch, ArenaArray *told);

#endif
