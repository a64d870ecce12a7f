/*
 * Columns: the products of the phases as lines of text, each with where in the source it comes from, as members of a JSON
 * object.  A place is a SourcePos; lists of places and ids hold differences, which are short.
 */
#ifndef POLEC_PAGE_COLUMNS_H
#define POLEC_PAGE_COLUMNS_H

#include <stdio.h>

#include "codegen/code.h"
#include "ir/ir.h"
#include "lexer/tokens.h"
#include "parser/ast.h"
#include "session.h"

struct Compilation;

typedef struct {
    FILE *data;
    const Session *session;
    Arena *scratch; /* of no compilation */
} Columns;

void columns_sources(Columns *columns);
void columns_tokens(Columns *columns, const Tokens *tokens);
void columns_ast(Columns *columns, const Ast *ast);
void columns_ir(Columns *columns, const Ir *ir);
/* The text of LLVM's module, whose debug locations are places (codegen/gen_trail.c). */
void columns_llvm(Columns *columns, const Code *code);

void columns_diagnostics(FILE *data, const struct Compilation *compilation);

#endif
