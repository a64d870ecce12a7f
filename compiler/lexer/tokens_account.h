/* What the tokens' bytes are, for the memory report. */
#ifndef POLEC_LEXER_TOKENS_ACCOUNT_H
#define POLEC_LEXER_TOKENS_ACCOUNT_H

#include "lexer/tokens.h"
#include "memory_report.h"

void tokens_account(KindTable *table, const void *product); /* of Tokens */

#endif
