/*
 * --emit=tokens: one token a line,
 *
 *     LINE:COLUMN KIND TEXT
 *
 * KIND as in tokens.def, TEXT as it stands in the source, control characters escaped; END has none.  If there are
 * imported files, each file's tokens follow a line `file PATH`.
 */
#include "lexer/lexer.h"

#include <string.h>

#include "base/utf8.h"

static const char *const kind_names[] = {
#define TOKEN(kind, spelling, class) #kind,
#include "lexer/tokens.def"
#undef TOKEN
};

static void print_escaped(FILE *stream, const char *bytes, size_t length)
{
    char shown[UTF8_SHOWN_SIZE];
    while (length > 0) {
        Utf8Character character = utf8_read(bytes, length);
        utf8_show(character, bytes, shown);
        fputs(shown, stream);
        bytes += character.length;
        length -= character.length;
    }
}

static void print_token(FILE *stream, const SourceText *text, const TokenCursor *cursor)
{
    SourcePlace place = source_place(text, cursor->pos);
    fprintf(stream, "%u:%u %s", (unsigned)place.line, (unsigned)place.column, kind_names[cursor->kind]);
    if (cursor->kind != TOKEN_END) {
        SourceSpan span = span_of_token(text, cursor->pos);
        fputc(' ', stream);
        print_escaped(stream, source_at(text, span.start), span.end.at - span.start.at);
    }
    fputc('\n', stream);
}

void tokens_dump(FILE *stream, const Session *session, const Tokens *tokens)
{
    TokenCursor cursor = token_cursor(tokens, &session->text);
    for (uint32_t i = 0; i < tokens->n_files; i++) {
        if (i > 0)
            token_cursor_next_file(&cursor, i, &session->text);
        if (tokens->n_files > 1) {
            const char *path = source_file(&session->text, tokens->files[i].file)->path;
            fputs("file ", stream);
            print_escaped(stream, path, strlen(path));
            fputc('\n', stream);
        }
        for (; cursor.kind != TOKEN_END; token_cursor_advance(&cursor))
            print_token(stream, &session->text, &cursor);
        print_token(stream, &session->text, &cursor);
    }
}
