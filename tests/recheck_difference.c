#define _POSIX_C_SOURCE 200809L
#include "recheck_difference.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/diagnostics_print.h"
#include "ir/types.h"

static bool same_bytes(const void *a, size_t n, const void *b, size_t m)
{
    return n == m && (n == 0 || memcmp(a, b, n) == 0);
}

static bool same_array(const ArenaArray *a, const ArenaArray *b)
{
    return same_bytes(a->items, a->count * a->element_size, b->items, b->count * b->element_size);
}

static const char *tokens_difference(const Tokens *a, const Tokens *b)
{
    if (!same_bytes(a->kinds, a->count, b->kinds, b->count) || !same_bytes(a->gaps, a->count, b->gaps, b->count) ||
        !same_bytes(a->names, a->n_names * sizeof(NameId), b->names, b->n_names * sizeof(NameId)) ||
        !same_bytes(a->long_gaps, a->n_long_gaps * 4, b->long_gaps, b->n_long_gaps * 4))
        return "tokens";
    return NULL;
}

static const char *session_difference(const Session *a, const Session *b)
{
    if (!same_array(a->text.text, b->text.text))
        return "text";
    if (!same_array(a->names.entries, b->names.entries) || !same_array(a->names.slots, b->names.slots))
        return "names";
    if (!same_array(a->types->types, b->types->types) || !same_array(a->types->operands, b->types->operands) ||
        !same_array(a->types->fields, b->types->fields) || !same_array(a->types->payloads, b->types->payloads))
        return "types";
    return NULL;
}

static const char *ir_difference(const Ir *a, const Ir *b)
{
    if (!same_bytes(a->words, a->n_words * 4, b->words, b->n_words * 4))
        return "instructions";
    if (!same_bytes(a->functions, a->n_functions * sizeof(IrFunction), b->functions, b->n_functions * sizeof(IrFunction)))
        return "functions";
    if (!same_bytes(a->externs, a->n_externs * sizeof(IrExtern), b->externs, b->n_externs * sizeof(IrExtern)) ||
        !same_bytes(a->libraries, a->n_libraries * 4, b->libraries, b->n_libraries * 4))
        return "externs";
    if (!same_bytes(a->tests, a->n_tests * sizeof(IrTest), b->tests, b->n_tests * sizeof(IrTest)))
        return "tests";
    if (a->has_main != b->has_main || (a->has_main && a->main.i != b->main.i))
        return "main";
    return NULL;
}

bool recheck_same_diagnostics(const Diagnostics *a, const Diagnostics *b)
{
    const Diagnostics *both[2] = {a, b};
    char *texts[2];
    size_t lengths[2];
    for (int i = 0; i < 2; i++) {
        FILE *stream = open_memstream(&texts[i], &lengths[i]);
        diagnostics_print(stream, both[i], false);
        fclose(stream);
    }
    bool same = strcmp(texts[0], texts[1]) == 0;
    if (!same)
        fprintf(stderr, "re-checked:\n%s\nfrom scratch:\n%s\n", texts[0], texts[1]);
    free(texts[0]);
    free(texts[1]);
    return same;
}

const char *recheck_difference(const Recheck *a, const Recheck *b)
{
    if (!recheck_same_diagnostics(&a->diagnostics, &b->diagnostics))
        return "diagnostics";
    const char *difference = tokens_difference(&a->tokens, &b->tokens);
    if (difference == NULL)
        difference = session_difference(&a->session, &b->session);
    if (difference == NULL && (!same_bytes(a->ast.words, a->ast.n_words * 4, b->ast.words, b->ast.n_words * 4) ||
                               !same_bytes(a->ast.files, a->ast.n_files * 4, b->ast.files, b->ast.n_files * 4)))
        difference = "tree";
    if (difference == NULL)
        difference = ir_difference(&a->ir, &b->ir);
    const ArenaArray *c_types = &a->builds[a->build].ir.arrays[3], *other_c_types = &b->builds[b->build].ir.arrays[3];
    if (difference == NULL && !same_bytes(a->ir.c_types, c_types->count, b->ir.c_types, other_c_types->count))
        difference = "C types";
    for (uint32_t i = 0; difference == NULL && i < RECHECK_ARENAS; i++)
        if (a->bytes[i].used != b->bytes[i].used)
            difference = "bytes in use";
    return difference;
}
