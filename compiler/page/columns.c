/*
 * The columns of the page.  What is shown is what --emit prints, so what one learns on the page holds at the terminal.
 */
#include "page/columns.h"

#include <string.h>

#include "driver.h"
#include "dump_line.h"
#include "exhausted.h"
#include "ir/builder.h"
#include "json.h"
#include "page/page_json.h"
#include "parser/parser.h"

/* ---- Lists of numbers -------------------------------------------------------------------------------------------- */

typedef struct { FILE *data; uint32_t previous; bool any; } List;

static List list_begin(FILE *data, const char *name)
{
    fprintf(data, ", \"%s\": [", name);
    return (List){data, 0, false};
}

static void list_add(List *list, uint32_t number)
{
    fprintf(list->data, list->any ? ",%u" : "%u", (unsigned)number);
    list->any = true;
}

/* As the difference to the one before. */
static void list_step(List *list, uint32_t number)
{
    fprintf(list->data, list->any ? ",%lld" : "%lld", (long long)number - (long long)list->previous);
    list->any = true;
    list->previous = number;
}

static void list_end(const List *list)
{
    fputs("]", list->data);
}

static void write_lines(FILE *data, const ArenaArray *told)
{
    const DumpLine *lines = (const DumpLine *)(const void *)told->items;
    List list = list_begin(data, "kind");
    for (size_t i = 0; i < told->count; i++)
        list_add(&list, lines[i].kind);
    list_end(&list);
    list = list_begin(data, "pos");
    for (size_t i = 0; i < told->count; i++)
        list_step(&list, lines[i].pos);
    list_end(&list);
    list = list_begin(data, "id");
    for (size_t i = 0; i < told->count; i++)
        list_step(&list, lines[i].id);
    list_end(&list);
    list = list_begin(data, "level");
    for (size_t i = 0; i < told->count; i++)
        list_add(&list, lines[i].level);
    list_end(&list);
}

static void write_names(FILE *data, const char *name, int n, const char *(*name_of)(int))
{
    fprintf(data, ", \"%s\": [", name);
    for (int i = 0; i < n; i++) {
        fputs(i == 0 ? "" : ",", data);
        json_write_string(data, name_of(i));
    }
    fputs("]", data);
}

static const char *name_of_token(int kind) { return token_spelling((TokenKind)kind); }
static const char *name_of_node(int kind) { return ast_kind_name((AstKind)kind); }
static const char *name_of_instruction(int op) { return ir_op_name((IrOp)op); }

/* ---- Source and tokens ------------------------------------------------------------------------------------------- */

void columns_sources(Columns *columns)
{
    const SourceText *text = &columns->session->text;
    fputs(", \"sources\": [", columns->data);
    for (uint32_t i = 0; i < text->files->count; i++) {
        const SourceFile *file = source_file(text, (FileId){i});
        fprintf(columns->data, "%s\n  {\"start\": %u, \"path\": ", i == 0 ? "" : ",", (unsigned)file->start.at);
        json_write_string(columns->data, file->path);
        fputs(", \"text\": \"", columns->data);
        page_json_text(columns->data, source_at(text, file->start), file->length);
        fputs("\"}", columns->data);
    }
    fputs("]\n", columns->data);
}

typedef enum { TOKEN_GETS_KIND, TOKEN_GETS_POS, TOKEN_GETS_LENGTH } TokenNumber;

static void write_tokens(Columns *columns, const Tokens *tokens, const char *name, TokenNumber what)
{
    const SourceText *text = &columns->session->text;
    List list = list_begin(columns->data, name);
    TokenCursor cursor = token_cursor(tokens, text);
    for (uint32_t i = 0; i < tokens->n_files; i++) {
        if (i > 0)
            token_cursor_next_file(&cursor, i, text);
        for (; ; token_cursor_advance(&cursor)) {
            bool end = cursor.kind == TOKEN_END;
            if (what == TOKEN_GETS_KIND)
                list_add(&list, cursor.kind);
            else if (what == TOKEN_GETS_POS)
                list_step(&list, cursor.pos.at);
            else
                list_add(&list, end ? 0 : span_of_token(text, cursor.pos).end.at - cursor.pos.at);
            if (end)
                break;
        }
    }
    list_end(&list);
}

void columns_tokens(Columns *columns, const Tokens *tokens)
{
    static const char *const classes[] = {
#define TOKEN(kind, spelling, class) #class,
#include "lexer/tokens.def"
#undef TOKEN
    };
    fprintf(columns->data, ", \"tokens\": {\"count\": %u", (unsigned)tokens->count);
    write_names(columns->data, "names", N_TOKEN_KINDS, name_of_token);
    fputs(", \"classes\": [", columns->data);
    for (int i = 0; i < N_TOKEN_KINDS; i++)
        fprintf(columns->data, "%s\"%s\"", i == 0 ? "" : ",", classes[i]);
    fputs("]", columns->data);
    write_tokens(columns, tokens, "kind", TOKEN_GETS_KIND);
    write_tokens(columns, tokens, "pos", TOKEN_GETS_POS);
    write_tokens(columns, tokens, "length", TOKEN_GETS_LENGTH);
    fputs("}\n", columns->data);
}

/* ---- AST and IR -------------------------------------------------------------------------------------------------- */

void columns_ast(Columns *columns, const Ast *ast)
{
    ArenaArray *told = arena_array(columns->scratch, "line", sizeof(DumpLine));
    fprintf(columns->data, ", \"ast\": {\"words\": %u, \"text\": \"", (unsigned)ast->n_words);
    PageText page_text;
    FILE *text = page_json_open_text(&page_text, columns->data);
    if (text != NULL) {
        ast_dump_lines(text, columns->session, ast, columns->scratch, told);
        fclose(text);
    }
    fputc('"', columns->data);
    write_names(columns->data, "names", N_AST_KINDS, name_of_node);
    write_lines(columns->data, told);
    fputs("}\n", columns->data);
}

void columns_ir(Columns *columns, const Ir *ir)
{
    ArenaArray *told = arena_array(columns->scratch, "line", sizeof(DumpLine));
    fprintf(columns->data, ", \"ir\": {\"words\": %u, \"text\": \"", (unsigned)ir->n_words);
    PageText page_text;
    FILE *text = page_json_open_text(&page_text, columns->data);
    if (text != NULL) {
        ir_dump_lines(text, columns->session, ir, columns->scratch, told);
        fclose(text);
    }
    fputc('"', columns->data);
    write_names(columns->data, "names", N_IR_OPS, name_of_instruction);
    write_lines(columns->data, told);
    fputs("}\n", columns->data);
}

/* ---- LLVM -------------------------------------------------------------------------------------------------------- */

static const char dbg[] = "!dbg !";

static uint32_t read_number(const char *at)
{
    uint32_t number = 0;
    for (; *at >= '0' && *at <= '9'; at++)
        number = number * 10 + (uint32_t)(*at - '0');
    return number;
}

static const char *find(const char *start, const char *end, const char *what)
{
    size_t length = strlen(what);
    for (; start + length <= end; start++)
        if (memcmp(start, what, length) == 0)
            return start;
    return NULL;
}

static const char *line_end(const char *at, const char *end)
{
    const char *found = memchr(at, '\n', (size_t)(end - at));
    return found == NULL ? end : found;
}

/* The places that the metadata `!12 = !DILocation(line: 345, ...` name, by number.  It stands at the text's end. */
static const uint32_t *read_places(Columns *columns, const char *at, const char *end, uint32_t *n)
{
    ArenaArray *places = arena_array(columns->scratch, "place", sizeof(uint32_t));
    for (const char *stop; at < end; at = stop + 1) {
        stop = line_end(at, end);
        const char *line = *at == '!' ? find(at, stop, "line: ") : NULL;
        if (line == NULL)
            continue;
        uint32_t number = read_number(at + 1);
        while (places->count <= number)
            *(uint32_t *)array_push(places, 1) = 0;
        ((uint32_t *)(void *)places->items)[number] = read_number(line + 6);
    }
    *n = (uint32_t)places->count;
    return (const uint32_t *)(const void *)places->items;
}

static bool is_part_of_trail(const char *at, const char *stop)
{
    return *at == '!' || find(at, stop, "; Debug Info") == at;
}

static void write_llvm_line(FILE *data, const char *at, const char *stop, const char *mark)
{
    if (mark == NULL) {
        page_json_text(data, at, (size_t)(stop - at));
        return;
    }
    const char *rest = mark + strlen(dbg);
    while (rest < stop && *rest >= '0' && *rest <= '9')
        rest++;
    mark -= mark > at && mark[-1] == ' ';
    mark -= mark > at && mark[-1] == ',';
    page_json_text(data, at, (size_t)(mark - at));
    page_json_text(data, rest, (size_t)(stop - rest));
}

typedef struct {
    FILE *data;
    const uint32_t *places; /* by the number of a location */
    uint32_t n_places;
    ArenaArray *told;       /* uint32_t: the place of each line written */
    uint32_t current;       /* the function's place holds for its labels and its end */
    uint32_t n_blank;       /* blank lines in front of the trail go with it */
} LlvmText;

static void end_line(LlvmText *text, uint32_t pos)
{
    fputs("\\n", text->data);
    *(uint32_t *)array_push(text->told, 1) = pos;
}

static void add_llvm_line(LlvmText *text, const char *at, const char *stop)
{
    bool in_code = *at == ' ' || *at == 'd'; /* an instruction, or define: elsewhere it may be in a string */
    const char *mark = in_code ? find(at, stop, dbg) : NULL;
    uint32_t number = mark == NULL ? 0 : read_number(mark + strlen(dbg));
    uint32_t pos = mark != NULL && number < text->n_places ? text->places[number] : 0;
    for (; text->n_blank > 0; text->n_blank--)
        end_line(text, text->current);
    if (*at == 'd')
        text->current = pos;
    write_llvm_line(text->data, at, stop, mark);
    end_line(text, pos != 0 || *at == ' ' ? pos : text->current);
    if (*at == '}')
        text->current = 0;
}

void columns_llvm(Columns *columns, const Code *code)
{
    if (code->n_buffers == 0)
        return;
    const char *at = code->buffers[0].bytes, *end = at + code->buffers[0].size, *stop;
    LlvmText text = {.data = columns->data, .told = arena_array(columns->scratch, "place", sizeof(uint32_t))};
    text.places = read_places(columns, at, end, &text.n_places);
    fputs(", \"llvm\": {\"text\": \"", columns->data);
    for (; at < end; at = stop + 1) {
        stop = line_end(at, end);
        if (at == stop)
            text.n_blank++;
        else if (!is_part_of_trail(at, stop))
            add_llvm_line(&text, at, stop);
    }
    fputc('"', columns->data);
    List list = list_begin(columns->data, "pos");
    for (size_t i = 0; i < text.told->count; i++)
        list_step(&list, ((const uint32_t *)(const void *)text.told->items)[i]);
    list_end(&list);
    fputs("}\n", columns->data);
}

/* ---- Diagnostics ------------------------------------------------------------------------------------------------- */

static void write_diagnostic(FILE *data, const SourceText *text, const Diagnostic *d, bool first)
{
    fprintf(data, "%s\n  {\"error\": %s, \"code\": \"%s\", \"pos\": %u", first ? "" : ",",
            diagnostic_is_error(d->code) ? "true" : "false", diagnostic_code_name(d->code), (unsigned)d->span.start.at);
    if (d->span.start.at != 0) {
        SourcePlace place = source_place(text, d->span.start);
        fprintf(data, ", \"line\": %u, \"column\": %u", (unsigned)place.line, (unsigned)place.column);
    }
    fputs(", \"message\": ", data);
    json_write_string(data, d->message);
    fputs("}", data);
}

void columns_diagnostics(FILE *data, const Compilation *c)
{
    const Session *session = &c->session;
    bool first = true;
    fputs(", \"diagnostics\": [", data);
    for (const Diagnostic *d = session->diagnostics.first; d != NULL; d = d->next, first = false)
        write_diagnostic(data, &session->text, d, first);
    if (c->exhausted) {
        ExhaustedDiagnostic exhausted;
        exhausted_describe(&exhausted, session, c->options);
        write_diagnostic(data, &session->text, &exhausted.diagnostic, first);
    }
    fputs("], \"failure\": ", data);
    json_write_string(data, c->failure);
    fputc('\n', data);
}
