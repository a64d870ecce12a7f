#include "lsp/token_list.h"

TokenList token_list(Arena *arena, const Recheck *r, const SourceFile *file)
{
    const SourceText *text = &r->session.text;
    TokenCursor cursor = token_cursor(&r->tokens, text);
    for (uint32_t i = 0; source_file(text, r->tokens.files[i].file) != file;) {
        while (cursor.kind != TOKEN_END)
            token_cursor_advance(&cursor);
        token_cursor_next_file(&cursor, ++i, text);
    }
    uint32_t first = cursor.index.i, n = 1;
    for (TokenCursor end = cursor; end.kind != TOKEN_END; token_cursor_advance(&end))
        n++;
    SourcePos *places = arena_push(arena, n * sizeof *places);
    for (uint32_t i = 0; i < n; i++) {
        places[i] = cursor.pos;
        if (cursor.kind != TOKEN_END)
            token_cursor_advance(&cursor);
    }
    return (TokenList){text, places, r->tokens.kinds + first, n};
}

uint32_t token_list_find(const TokenList *list, SourcePos pos)
{
    uint32_t low = 0, high = list->n; /* the one behind the answer is in low + 1 .. high */
    while (low + 1 < high) {
        uint32_t middle = low + (high - low) / 2;
        if (list->places[middle].at <= pos.at)
            low = middle;
        else
            high = middle;
    }
    return low;
}

SourceSpan token_list_span(const TokenList *list, uint32_t first, uint32_t last)
{
    if (last < first)
        last = first;
    SourcePos end = list->kinds[last] == TOKEN_END ? list->places[last] : span_of_token(list->text, list->places[last]).end;
    return (SourceSpan){list->places[first], end};
}

static bool begins_item(TokenKind kind)
{
    return kind == TOKEN_FUNC || kind == TOKEN_AT || kind == TOKEN_END || kind == TOKEN_SEMICOLON ||
           (kind >= TOKEN_TYPE && kind <= TOKEN_END_KEYWORD);
}

/* `<` opens a bracket in types only: in contracts it compares. */
static int depth_of(TokenKind kind, bool in_types)
{
    switch (kind) {
    case TOKEN_LEFT_PAREN: case TOKEN_LEFT_BRACKET: case TOKEN_LEFT_BRACE:
        return 1;
    case TOKEN_RIGHT_PAREN: case TOKEN_RIGHT_BRACKET: case TOKEN_RIGHT_BRACE:
        return -1;
    case TOKEN_LESS:
        return in_types;
    case TOKEN_GREATER:
        return -(int)in_types;
    default:
        return 0;
    }
}

SourceSpan token_list_declaration(const TokenList *list, uint32_t name)
{
    TokenKind keyword = name > 0 ? (TokenKind)list->kinds[name - 1] : TOKEN_END;
    bool to_colon = keyword == TOKEN_FUNC || keyword == TOKEN_MODULE || keyword == TOKEN_SIGNATURE;
    bool whole = keyword == TOKEN_TYPE || keyword == TOKEN_EXTERN;
    int depth = 0;
    uint32_t last = name;
    for (uint32_t i = name + 1; i < list->n; i++) {
        TokenKind kind = (TokenKind)list->kinds[i];
        bool part_ends = !whole && !to_colon && (kind == TOKEN_COMMA || kind == TOKEN_BAR);
        if (kind == TOKEN_END || (depth == 0 && (begins_item(kind) || part_ends || (to_colon && kind == TOKEN_COLON))))
            break;
        depth += depth_of(kind, !to_colon);
        if (depth < 0)
            break;
        last = i;
    }
    return token_list_span(list, to_colon || whole ? name - 1 : name, last);
}
