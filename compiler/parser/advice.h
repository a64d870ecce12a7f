/* What may help at a syntax error.  Included by parse*.c and advice.c only. */
#ifndef POLEC_PARSER_ADVICE_H
#define POLEC_PARSER_ADVICE_H

#include "parser/parse.h"

/* Found before the parser moves on, told when the error has been reported.  The texts are constants. */
typedef struct {
    const char *text;          /* behind the caret run, or NULL */
    SourcePos word;            /* a word of another language, or 0 */
    const char *about_word;
    SourceSpan span;           /* what to replace ... */
    const char *replacement;   /* ... by what, or NULL; % stands for the text at `same` */
    SourceSpan same;
} Advice;

/* For an error at the current token, where `place` was to be read. */
Advice find_advice(const Parser *parser, Place place);

/* Does nothing if `diagnostic` is NULL. */
void give_advice(Parser *parser, Diagnostic *diagnostic, const Advice *advice);

#endif
