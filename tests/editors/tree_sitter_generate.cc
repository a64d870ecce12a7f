/* Behind tree-sitter's compiler, as a program: a grammar as JSON on standard input, the parser in C on standard output. */
#include <cstdio>
#include <iostream>
#include <iterator>
#include <string>

#include "tree_sitter/compiler.h"

int main()
{
    std::string grammar{std::istreambuf_iterator<char>(std::cin), std::istreambuf_iterator<char>()};
    TSCompileResult result = ts_compile_grammar(grammar.c_str(), nullptr);
    if (result.error_type != TSCompileErrorTypeNone) {
        std::fprintf(stderr, "%s\n", result.error_message);
        return 1;
    }
    std::fputs(result.code, stdout);
}
