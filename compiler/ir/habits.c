/*
 * What people mean who know another language, where the program can be read but makes no sense: a number written as in C,
 * an index in brackets, a forgotten ';', a C function that nobody declared.
 */
#include <ctype.h>
#include <stdio.h>

#include "ir/build.h"
#include "ir/c_prototypes.h"

/* ---- Calls ---- */

static const char *text_at(const Builder *b, SourcePos pos)
{
    return source_at(&b->session->text, pos);
}

/* Does an argument that begins at `pos` stand in a line of its own without a list of arguments around it? */
static bool begins_line(const Builder *b, SourcePos pos)
{
    const char *first = text_at(b, source_file_of(&b->session->text, pos)->start), *at = text_at(b, pos);
    bool new_line = false;
    while (at > first) {
        char c = *--at;
        if (c == '\n' || c == '\r')
            new_line = true;
        else if (c == '(')
            new_line = false;
        else if (c != ' ' && c != '\t')
            return new_line && c != ',';
    }
    return false;
}

void label_new_line(Builder *b, Diagnostic *diagnostic, const AstCall *call)
{
    for (uint32_t i = 0; diagnostic != NULL && i < call->n; i++) {
        SourcePos pos = ast_start(b->ast, call->arguments[i]);
        if (begins_line(b, pos)) {
            label_place(b, diagnostic, pos, "a ';' is missing before this line");
            return;
        }
    }
}

/* 0xff, 1e9 and 1_000 are a number and a name. */
static const char *about_number(const char *end, bool zero)
{
    if (*end == '_')
        return "digits stand together, without '_'";
    if ((*end == 'e' || *end == 'E') && isdigit((unsigned char)end[1]))
        return "a Float64 has a dot, also with an exponent: 1.0e9";
    if (zero && isalpha((unsigned char)*end))
        return "whole numbers are decimal";
    return isalpha((unsigned char)*end) ? "a number ends here, and a name begins" : NULL;
}

static const char *about_operator(const Builder *b, NodeId argument)
{
    static const char *const words[][2] = {
        {"mod", "the remainder is written '%'"}, {"rem", "the remainder is written '%'"}, {"div", "'/' divides"},
        {"xor", "there are no operators on bits"}, {"shl", "there are no shifts; multiply"},
        {"shr", "there are no shifts; divide"}, {"is", "'==' compares"},
    };
    if (ast_kind(b->ast, argument) != AST_NAME)
        return NULL;
    NameId name = ast_name(b->ast, argument)->name;
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (name_is_spelt(b->names, name, words[i][0]))
            return words[i][1];
    return NULL;
}

void advise_call(Builder *b, Diagnostic *diagnostic, TypeId type, const AstCall *call)
{
    if (diagnostic == NULL || call->n == 0)
        return;
    SourceSpan span = span_of_token(&b->session->text, ast_pos(b->ast, call->callee));
    bool number = ast_kind(b->ast, call->callee) == AST_INT && ast_pos(b->ast, call->arguments[0]).at == span.end.at;
    const char *text = number ? about_number(text_at(b, span.end), *text_at(b, span.start) == '0')
                              : about_operator(b, call->arguments[0]);
    bool brackets = call->n == 1 && ast_kind(b->ast, call->arguments[0]) == AST_LIST;
    if (text == NULL && brackets && type_kind(b->types, type) == TYPE_LIST)
        text = "an element is List.get(list, index)";
    if (text != NULL)
        diagnostic_caret_text(b->diagnostics, diagnostic, "%s", text);
    else
        label_new_line(b, diagnostic, call);
}

/* ---- Names ---- */

static const char *spelt_c_type(CType type)
{
    switch (type) {
    case C_VOID: return "Unit";
    case C_BOOL: return "Bool";
    case C_I8: return "CChar";
    case C_I16: return "CShort";
    case C_I32: return "CInt";
    case C_U32: return "CUInt";
    case C_I64: return "Int";
    case C_U64: return "Nat";
    case C_F32: return "CFloat";
    case C_F64: return "Float64";
    case C_POINTER: return "Ptr<Unit>";
    default: return NULL;
    }
}

/* "extern NAME: (...) -> ..." as the C library has it; false if the language has no word for one of the types. */
static bool spell_extern(const Builder *b, NameId name, const CPrototype *known, char *buffer, size_t size)
{
    const char *result = spelt_c_type((CType)known->result);
    int n = snprintf(buffer, size, "extern %.*s: (", NAME_ARGS(b->names, name));
    for (uint32_t i = 0; i < known->n_params; i++) {
        const char *type = (int)i == known->printf_format ? "String" : spelt_c_type(c_prototype_param(known, i));
        if (type == NULL || n < 0 || (size_t)n >= size)
            return false;
        n += snprintf(buffer + n, size - (size_t)n, "%s%s", i > 0 ? ", " : "", type);
    }
    if (result == NULL || n < 0 || (size_t)n >= size)
        return false;
    n += snprintf(buffer + n, size - (size_t)n, "%s) -> %s", known->variadic ? ", ..." : "", result);
    return (size_t)n < size;
}

static bool advise_extern(Builder *b, Diagnostic *diagnostic, NameId name, SourcePos pos)
{
    const char *behind = text_at(b, pos) + name_length(b->names, name);
    const CPrototype *known = *behind == '(' ? c_prototype_find(name_text(b->names, name), name_length(b->names, name)) : NULL;
    char line[200];
    if (known == NULL || !spell_extern(b, name, known, line, sizeof line))
        return false;
    diagnostic_caret_text(b->diagnostics, diagnostic, "a function of C; declare it first");
    diagnostic_note(b->diagnostics, diagnostic, "%s", line);
    return true;
}

bool advise_name(Builder *b, Diagnostic *diagnostic, NameId name, SourcePos pos)
{
    static const struct { const char *name, *text, *replacement; } habits[] = {
        {"True", "did you mean 'true'?", "true"},
        {"False", "did you mean 'false'?", "false"},
        {"TRUE", "did you mean 'true'?", "true"},
        {"FALSE", "did you mean 'false'?", "false"},
        {"null", "there is no null; None of an Option is nothing, 0 a Ptr to nothing", NULL},
        {"NULL", "there is no null; None of an Option is nothing, 0 a Ptr to nothing", NULL},
        {"nil", "there is no nil; None of an Option is nothing, [] a list without elements", NULL},
        {"len", "List.length and String.length tell how long something is", NULL},
    };
    for (size_t i = 0; i < sizeof habits / sizeof *habits; i++) {
        if (!name_is_spelt(b->names, name, habits[i].name))
            continue;
        diagnostic_caret_text(b->diagnostics, diagnostic, "%s", habits[i].text);
        if (habits[i].replacement != NULL)
            diagnostic_suggest(b->diagnostics, diagnostic, span_of_token(&b->session->text, pos), "%s", habits[i].replacement);
        return true;
    }
    if (is_type_name(b, name)) {
        diagnostic_caret_text(b->diagnostics, diagnostic, "this is a type, which is no value");
        return true;
    }
    return advise_extern(b, diagnostic, name, pos);
}
