/* What the tree's bytes are, for the memory report. */
#ifndef POLEC_PARSER_AST_ACCOUNT_H
#define POLEC_PARSER_AST_ACCOUNT_H

#include "memory_report.h"
#include "parser/ast.h"

void ast_account(KindTable *table, const void *product); /* of Ast */

#endif
