/*
 * Bytes by kind of node: all nodes lie one behind the other in one array, so one loop sees each once.
 *
 * For the tables by function and by line the tree also says where functions begin and end: from the annotations in front of
 * `func` to the token before the next declaration, an `end` of the module excepted.
 */
#include "parser/ast_account.h"

#include <string.h>

#include "base/scan.h"

typedef struct {
    Charges *charges;
    const SourceText *text;
    const Ast *ast;
    ChargedFunction open;    /* start 0: none is */
    uint32_t annotations;    /* where the annotations begin that the next declaration has; 0: none */
} FunctionWalk;

/* The `end` that closes the module around a function stands behind it, but is none of its tokens. */
static uint32_t without_end_of_module(const FunctionWalk *walk, uint32_t end)
{
    for (;;) {
        SourcePos last = charges_token_before(walk->charges, (SourcePos){end});
        const char *text = source_at(walk->text, last);
        SourcePos before = charges_token_before(walk->charges, last);
        if (last.at <= walk->open.pos.at || memcmp(text, "end", 3) != 0 || is_word_byte((unsigned char)text[3])
            || *source_at(walk->text, before) == '.')
            return end;
        end = last.at;
    }
}

static void close_function(FunctionWalk *walk, uint32_t end)
{
    if (walk->open.start == 0)
        return;
    walk->open.end = without_end_of_module(walk, end);
    *(ChargedFunction *)array_push(walk->charges->functions, 1) = walk->open;
    walk->open.start = 0;
}

/* Recursion: as deep as modules nest, which the parser limits. */
static void note_functions(FunctionWalk *walk, const NodeId *items, uint32_t n)
{
    for (uint32_t i = 0; i < n; i++) {
        AstKind kind = ast_kind(walk->ast, items[i]);
        SourcePos pos = ast_pos(walk->ast, items[i]); /* of the name; the declaration begins one token earlier */
        uint32_t start = kind == AST_ERROR ? pos.at : charges_token_before(walk->charges, pos).at;
        close_function(walk, start);
        if (kind == AST_ANNOTATION) {
            walk->annotations = walk->annotations != 0 ? walk->annotations : start;
            continue;
        }
        if (kind == AST_FUNC)
            walk->open = (ChargedFunction){ast_func(walk->ast, items[i])->name, pos,
                                           walk->annotations != 0 ? walk->annotations : start, 0};
        walk->annotations = 0;
        if (kind == AST_MODULE)
            note_functions(walk, ast_module(walk->ast, items[i])->items, ast_module(walk->ast, items[i])->n);
    }
}

static void charge_nodes(KindTable *table, const Ast *ast)
{
    for (NodeId node = {1}; node.i < ast->n_words; node = ast_next(ast, node)) {
        /* A file begins where its first declaration may, but belongs to no function. */
        SourcePos pos = ast_pos(ast, node), function = ast_kind(ast, node) != AST_FILE ? pos : (SourcePos){0};
        charge(table->charges, CHARGED_PARSE, pos, function, ast_size(ast, node) * sizeof *ast->words);
    }
    FunctionWalk walk = {.charges = table->charges, .text = table->text, .ast = ast};
    for (uint32_t i = 0; i < ast->n_files; i++) {
        const AstItems *file = ast_items(ast, ast->files[i]);
        const SourceFile *source = source_file_of(table->text, file->head.pos);
        note_functions(&walk, file->items, file->n);
        close_function(&walk, source->start.at + source->length);
        walk.annotations = 0;
    }
}

void ast_account(KindTable *table, const void *product)
{
    const Ast *ast = product;
    uint64_t counts[N_AST_KINDS] = {0}, words[N_AST_KINDS] = {0};
    for (NodeId node = {1}; node.i < ast->n_words;) {
        AstKind kind = ast_kind(ast, node);
        uint32_t size = ast_size(ast, node);
        counts[kind]++;
        words[kind] += size;
        node.i += size;
    }
    for (int kind = 0; kind < N_AST_KINDS; kind++)
        kinds_add(table, ast_kind_name((AstKind)kind), counts[kind], words[kind] * sizeof *ast->words);
    kinds_add(table, "absent node", 1, sizeof *ast->words); /* word 0 */
    kinds_told(table, ast->words);
    if (table->charges != NULL)
        charge_nodes(table, ast);
}
