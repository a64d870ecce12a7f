/* Private to the builder: what one build leaves for the next one, of a changed text. */
#ifndef POLEC_IR_BUILD_PAST_H
#define POLEC_IR_BUILD_PAST_H

#include "ir/build.h"

/* How much of each table there was when some functions had been built and the next was about to be. */
typedef struct {
    GlobalId next;
    uint32_t n_words, n_functions, n_externs, n_c_types, n_types, n_instances, n_nat_fields, n_interned, type_work;
} BuildMark;

/* Lies in the arena that the build's tables lie in. */
struct BuildPast {
    Builder builder;           /* as it was at the end: its tables, and the arrays of the product */
    BuildMark declared;        /* when everything was declared and no function built */
    uint32_t reports;          /* that there were then */
    ArenaArray *marks;         /* BuildMark, ascending */
    ArenaArray *c_names;       /* char: see note_c_names */
    ArenaArray *interned;      /* SourceSpan: texts that functions have interned, the repeated ones, too */
};

/* In front of the function `next`: leaves a mark, if nothing has been reported of the functions so far. */
void note_function(Builder *b, GlobalId next);

/* Something is interned that the lexer has not seen as a name. */
NameId intern_text(Builder *b, SourceSpan text);

/* build.c */
void open_builder(Builder *b, Arena *arena, Arena *scratch, Session *session, const Ast *ast);
void declare_all(Builder *b);
Ir build_rest(Builder *b, GlobalId first);

/* instance.c: an instance that has been demanded in an earlier build. */
void take_over_instance(Builder *b, Instance instance);

#endif
