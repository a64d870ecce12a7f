/* The tokens of a checked document by their number: for whoever has to look at both sides of one. */
#ifndef POLEC_LSP_TOKEN_LIST_H
#define POLEC_LSP_TOKEN_LIST_H

#include "recheck.h"

typedef struct {
    const SourceText *text;
    const SourcePos *places;  /* of each; ascending */
    const uint8_t *kinds;     /* TokenKind; the last one is TOKEN_END */
    uint32_t n;
} TokenList;

/* The tokens of one file; `arena` takes 4 bytes for each. */
TokenList token_list(Arena *arena, const Recheck *r, const SourceFile *file);

/* The last token that begins at or before `pos`, if any; else the first. */
uint32_t token_list_find(const TokenList *list, SourcePos pos);

/* From the token on to the end of another. */
SourceSpan token_list_span(const TokenList *list, uint32_t first, uint32_t last);

/*
 * The text of the declaration whose name is token `name`: what tells its type.  Of a function and a module what stands in
 * front of the colon, its contracts included; of a constructor and a field no more than itself; else all of it.
 */
SourceSpan token_list_declaration(const TokenList *list, uint32_t name);

#endif
