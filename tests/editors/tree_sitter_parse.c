/*
 * Parses files with the generated parser.  For each: its name, "error" or "fine", and the tree as an S-expression.
 * The parser's tables and tree-sitter's run-time library are compiled together with this file.
 */
#include <stdio.h>
#include <stdlib.h>

#include "tree_sitter/runtime.h"

const TSLanguage *tree_sitter_pole_ir(void);

static char *read_file(const char *path, long *size)
{
    FILE *file = fopen(path, "rb");
    if (file == NULL || fseek(file, 0, SEEK_END) != 0)
        exit(4);
    *size = ftell(file);
    rewind(file);
    char *text = malloc((size_t)*size + 1);
    if (text == NULL || fread(text, 1, (size_t)*size, file) != (size_t)*size)
        exit(4);
    fclose(file);
    return text;
}

int main(int n, char **arguments)
{
    TSParser *parser = ts_parser_new();
    if (!ts_parser_set_language(parser, tree_sitter_pole_ir()))
        return 1;
    for (int i = 1; i < n; i++) {
        long size;
        char *text = read_file(arguments[i], &size);
        TSTree *tree = ts_parser_parse_string(parser, NULL, text, (uint32_t)size);
        TSNode root = ts_tree_root_node(tree);
        char *shown = ts_node_string(root);
        printf("%s %s %s\n", arguments[i], ts_node_has_error(root) ? "error" : "fine", shown);
        free(shown);
        ts_tree_delete(tree);
        free(text);
    }
    ts_parser_delete(parser);
    return 0;
}
