/*
 * Patterns with their names resolved and their types known; they live on Builder.patterns while a match is built.
 * Included by pattern.c, coverage.c and build_match.c.
 */
#ifndef POLEC_IR_PATTERN_H
#define POLEC_IR_PATTERN_H

#include "ir/build.h"

typedef enum {
    PATTERN_ANY,          /* `_` or a variable */
    PATTERN_FIELDS,       /* record, anonymous record or tuple: a child for each field of the type */
    PATTERN_CONSTRUCTOR,  /* key: which one; children: its payload */
    PATTERN_BOOL,         /* key: 0 or 1 */
    PATTERN_LIST,         /* exactly the children; [] has none */
    PATTERN_CONS,         /* head and tail */
    PATTERN_INT,          /* key: the value */
    PATTERN_FLOAT,        /* key: the bits, those of 0.0 for -0.0 */
    PATTERN_STRING,       /* key: the NameId of its text, as written */
} PatternKind;

typedef struct {
    uint8_t kind;
    NameId name;          /* of a variable; 0 for `_` */
    SourcePos pos;
    TypeId type;
    uint64_t key;
    uint32_t first_child, n_children; /* children lie next to each other */
} Pattern;

static inline Pattern *pattern_at(const Builder *b, uint32_t index) { return ITEM(&b->patterns, Pattern, index); }

/* Resolves the pattern against the type of what is matched; false after a report. */
bool resolve_pattern(Builder *b, NodeId node, TypeId type, uint32_t slot);
uint32_t new_patterns(Builder *b, uint32_t n);
/* Is a lone name a variable, or could its author have meant it as one, as no constructor is called so? */
bool pattern_means_variable(Builder *b, NodeId node);

/*
 * Do the arms' patterns (slots first_arm, first_arm + 1, ...) cover every value of the type?  Marks arms that some value
 * reaches in `reached` (index into b->stack, one word an arm).  If not all is covered, writes one missing pattern.
 */
typedef struct {
    bool covered;
    bool too_complex;
    char missing[200];
} CoverageResult;
void check_coverage(Builder *b, uint32_t first_arm, uint32_t n_arms, TypeId type, size_t reached, CoverageResult *result);

#endif
