/*
 * --print-layout, from the tables that describe the structs of the products field by field.
 *
 * A table that is printed could lie.  So the C compiler checks each line of it first: the fields fill their struct without
 * a gap, so none is missing; a list has the elements that the table says; and nothing costs more than its budget.  Whoever
 * adds a field has to list it, and to answer for what it costs.
 */
#include "print_layout.h"

#include <assert.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "ir/ir.h"
#include "lexer/tokens.h"
#include "parser/ast.h"

/* ---- Checks ------------------------------------------------------------------------------------------------------ */

#define STRUCT(type, budget)                                                         \
    static_assert(sizeof(type) <= (budget), #type " is larger than its budget");     \
    static_assert(sizeof(type) == 0
#define FIELD(type, field) + sizeof(((type *)0)->field)
#define BITS(type, field, at, bits) + (bits) / 8
#define WITHIN(type, field, at, bits)
#define LIST(type, field, element, budget) \
    + (sizeof(element) <= (budget) && sizeof(((type *)0)->field[0]) == sizeof(element) ? 0 : 1000)
#define END(type) , #type ": the table leaves something out, or is wrong about the elements of the list");
#include "ir/ir_layout.def"
#include "parser/ast_layout.def"
#undef STRUCT
#undef FIELD
#undef BITS
#undef WITHIN
#undef LIST
#undef END

#define PART(array, budget, which) \
    static_assert(sizeof *((Tokens *)0)->array <= (budget), "a token's part in `" #array "` is larger than its budget");
#include "lexer/tokens_layout.def"
#undef PART

/* ---- Tables ------------------------------------------------------------------------------------------------------ */

typedef enum { ROW_STRUCT, ROW_FIELD, ROW_BITS, ROW_LIST } RowKind;

typedef struct {
    RowKind kind;
    const char *name;
    size_t offset;    /* bytes; ROW_BITS: bits */
    size_t size;      /* likewise; ROW_LIST: of one element */
    size_t budget;    /* ROW_STRUCT, ROW_LIST */
} Row;

#define STRUCT(type, budget) {ROW_STRUCT, #type, 0, sizeof(type), budget},
#define FIELD(type, field) {ROW_FIELD, #field, offsetof(type, field), sizeof(((type *)0)->field), 0},
#define BITS(type, field, at, bits) {ROW_BITS, #field, at, bits, 0},
#define WITHIN BITS
#define LIST(type, field, element, budget) {ROW_LIST, #field, offsetof(type, field), sizeof(element), budget},
#define END(type)
static const Row ast_rows[] = {
#include "parser/ast_layout.def"
};
static const Row ir_rows[] = {
#include "ir/ir_layout.def"
};

static const struct { const char *name; size_t size, budget; const char *which; } token_parts[] = {
#define PART(array, budget, which) {#array, sizeof *((Tokens *)0)->array, budget, which},
#include "lexer/tokens_layout.def"
};

/* Which struct a kind of node or instruction has. */
typedef struct { const char *kind, *type; } Use;

static const Use ast_uses[] = {
#define NODE(kind, type, name) {name, #type},
#include "parser/ast.def"
};
static const Use ir_uses[] = {
#define INSTRUCTION(op, type, name, has_value) {name, #type},
#include "ir/ir.def"
};

/* ---- Printing ---------------------------------------------------------------------------------------------------- */

static void print_tokens(FILE *stream)
{
    fprintf(stream, "tokens, in arrays side by side\n\n  %-21s %5s  %6s\n", "array", "bytes", "budget");
    for (size_t i = 0; i < sizeof token_parts / sizeof *token_parts; i++)
        fprintf(stream, "  %-21s %5zu  %6zu  %s\n", token_parts[i].name, token_parts[i].size, token_parts[i].budget,
                token_parts[i].which);
    size_t every = sizeof *((Tokens *)0)->kinds + sizeof *((Tokens *)0)->gaps;
    fprintf(stream, "\n  an identifier takes %zu bytes, every other token %zu\n", every + sizeof *((Tokens *)0)->names, every);
}

static void print_uses(FILE *stream, const char *type, const Use *uses, size_t n)
{
    const char *separator = "  ", *before = NULL;
    for (size_t i = 0; i < n; i++) {
        if (strcmp(uses[i].type, type) != 0 || (before != NULL && strcmp(uses[i].kind, before) == 0))
            continue;
        fprintf(stream, "%s%s", separator, uses[i].kind);
        separator = ", ";
        before = uses[i].kind;
    }
}

static void print_rows(FILE *stream, const char *title, const Row *rows, size_t n, const Use *uses, size_t n_uses)
{
    fprintf(stream, "\n%s\n\n  %-21s %5s  %6s\n", title, "struct", "bytes", "budget");
    for (size_t i = 0; i < n; i++) {
        const Row *row = &rows[i];
        switch (row->kind) {
        case ROW_STRUCT:
            fprintf(stream, "  %-21s %5zu  %6zu", row->name, row->size, row->budget);
            print_uses(stream, row->name, uses, n_uses);
            fputc('\n', stream);
            break;
        case ROW_FIELD:
            fprintf(stream, "    %-19s %5zu          at %zu\n", row->name, row->size, row->offset);
            break;
        case ROW_BITS:
            fprintf(stream, "    %-19s %5s          %zu bits from bit %zu\n", row->name, "", row->size, row->offset);
            break;
        case ROW_LIST:
            fprintf(stream, "    %-19s %5zu  %6zu  each, from %zu on\n", row->name, row->size, row->budget, row->offset);
            break;
        }
    }
}

#define LENGTH(array) (sizeof(array) / sizeof *(array))

void print_layout(FILE *stream)
{
    print_tokens(stream);
    print_rows(stream, "nodes of the AST", ast_rows, LENGTH(ast_rows), ast_uses, LENGTH(ast_uses));
    print_rows(stream, "instructions and tables of the IR", ir_rows, LENGTH(ir_rows), ir_uses, LENGTH(ir_uses));
}
