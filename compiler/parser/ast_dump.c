/*
 * --emit=ast: the tree as text.
 *
 * One node a line, parents before their children, children in the order of the source, two spaces for each level:
 *
 *     file
 *       func area
 *         param s
 *           type name Shape
 *         result: type name Nat
 *         body: match
 *           name s
 *           case: pattern name Dot
 *           then: int 0
 *
 * A word and a colon in front tell the role of a child where its place does not; `.x:` is the field x of a record, `x=`
 * an argument's label.  Names and literals are shown as they stand in the source.  Neither positions nor sizes are
 * shown, so that a change of layout changes no dump.
 *
 * The indentation stops growing after 32 levels, or a chain of a million operators would print a million spaces in
 * front of its last operand; from there on the indentation is followed by the level in brackets.
 *
 * The nodes that are still to be printed wait on a stack, so the shape of the tree costs no recursion.
 */
#include <string.h>

#include "dump_line.h"
#include "parser/parser.h"

enum { DEEPEST_INDENT = 32 };

typedef struct {
    NodeId node;        /* 0: only the label is printed */
    uint32_t level;
    NameId label;       /* of a field or argument, or 0 */
    const char *role;   /* printed in front, or NULL; "." and "=" tell how to print the label */
} Line;

typedef struct {
    FILE *stream;
    const Session *session;
    const Ast *ast;
    ArenaArray *lines;      /* Line, the next one last */
    ArenaArray *children;   /* Line: of the node being printed, in order */
    uint32_t level;         /* of the children */
    ArenaArray *told;       /* DumpLine: what each line shows; or NULL */
} Dump;

/* ---- Children ---- */

static void child(Dump *dump, const char *role, NodeId node)
{
    if (node.i == 0)
        return;
    Line *line = array_push(dump->children, 1);
    *line = (Line){.node = node, .level = dump->level, .role = role};
}

static void children(Dump *dump, const char *role, const NodeId *nodes, uint32_t n)
{
    for (uint32_t i = 0; i < n; i++)
        child(dump, role, nodes[i]);
}

static void labelled_child(Dump *dump, const char *role, NameId label, NodeId node)
{
    Line *line = array_push(dump->children, 1);
    *line = (Line){node, dump->level, label, label.i == 0 ? NULL : role};
}

static void children_of_func(Dump *dump, const AstFunc *func)
{
    const NodeId *params = func->parts + func->n_type_parameters;
    children(dump, "type parameter: ", func->parts, func->n_type_parameters);
    children(dump, NULL, params, func->n_params);
    child(dump, "result: ", func->result);
    children(dump, NULL, params + func->n_params, func->n_contracts);
    child(dump, "body: ", func->body);
}

static void children_of_type(Dump *dump, const AstTypeDecl *type)
{
    children(dump, "type parameter: ", type->parts, type->n_type_parameters);
    children(dump, NULL, type->parts + type->n_type_parameters, type->n);
}

static void children_of_fields(Dump *dump, const AstFields *record)
{
    for (uint32_t i = 0; i < record->n; i++)
        labelled_child(dump, ".", record->fields[i].name, record->fields[i].value);
}

static void children_of_match(Dump *dump, const AstMatch *match)
{
    child(dump, NULL, match->scrutinee);
    for (uint32_t i = 0; i < match->n; i++) {
        child(dump, "case: ", match->arms[i].pattern);
        child(dump, "then: ", match->arms[i].body);
    }
}

static void children_of_let(Dump *dump, const AstLet *let)
{
    child(dump, NULL, let->pattern);
    child(dump, "type: ", let->type);
    child(dump, "value: ", let->value);
    child(dump, "in: ", let->body);
}

static void children_of_declaration(Dump *dump, NodeId id)
{
    const Ast *ast = dump->ast;
    switch ((int)ast_kind(ast, id)) {
    case AST_FILE:
        children(dump, NULL, ast_items(ast, id)->items, ast_items(ast, id)->n);
        break;
    case AST_MODULE:
        child(dump, "signature: ", ast_module(ast, id)->signature);
        children(dump, NULL, ast_module(ast, id)->items, ast_module(ast, id)->n);
        break;
    case AST_SIGNATURE: {
        const AstSignature *signature = ast_signature(ast, id);
        children(dump, "type parameter: ", signature->items, signature->n_type_parameters);
        children(dump, NULL, signature->items + signature->n_type_parameters, signature->n);
        break;
    }
    case AST_IMPORT:
        children(dump, NULL, ast_import(ast, id)->path, ast_import(ast, id)->n);
        break;
    case AST_ANNOTATION: {
        const AstAnnotation *annotation = ast_annotation(ast, id);
        for (uint32_t i = 0; i < annotation->n; i++)
            labelled_child(dump, "=", annotation->arguments[i].label, annotation->arguments[i].value);
        break;
    }
    case AST_FUNC:
        children_of_func(dump, ast_func(ast, id));
        break;
    case AST_PARAM:
        child(dump, NULL, ast_param(ast, id)->type);
        break;
    case AST_REQUIRES:
    case AST_ENSURES:
        child(dump, NULL, ast_contract(ast, id)->condition);
        break;
    case AST_EXTERN:
        children(dump, NULL, ast_extern(ast, id)->params, ast_extern(ast, id)->n);
        child(dump, "result: ", ast_extern(ast, id)->result);
        break;
    case AST_ALIAS:
    case AST_VARIANT:
        children_of_type(dump, ast_type_decl(ast, id));
        break;
    case AST_CONSTRUCTOR:
        children(dump, NULL, ast_constructor(ast, id)->types, ast_constructor(ast, id)->n);
        break;
    }
}

static void children_of_expression(Dump *dump, NodeId id)
{
    const Ast *ast = dump->ast;
    switch ((int)ast_kind(ast, id)) {
    case AST_LIST:
    case AST_TUPLE:
        children(dump, NULL, ast_items(ast, id)->items, ast_items(ast, id)->n);
        break;
    case AST_RECORD:
        children_of_fields(dump, ast_fields(ast, id));
        break;
    case AST_CALL:
        child(dump, NULL, ast_call(ast, id)->callee);
        children(dump, "argument: ", ast_call(ast, id)->arguments, ast_call(ast, id)->n);
        break;
    case AST_FIELD:
        child(dump, NULL, ast_field(ast, id)->object);
        break;
    case AST_BINARY:
        child(dump, NULL, ast_binary(ast, id)->left);
        child(dump, NULL, ast_binary(ast, id)->right);
        break;
    case AST_UNARY:
        child(dump, NULL, ast_unary(ast, id)->operand);
        break;
    case AST_IF:
        child(dump, NULL, ast_if(ast, id)->condition);
        child(dump, "then: ", ast_if(ast, id)->then_branch);
        child(dump, "else: ", ast_if(ast, id)->else_branch);
        break;
    case AST_MATCH:
        children_of_match(dump, ast_match(ast, id));
        break;
    case AST_LAMBDA:
        children(dump, NULL, ast_lambda(ast, id)->params, ast_lambda(ast, id)->n);
        child(dump, "body: ", ast_lambda(ast, id)->body);
        break;
    case AST_LET:
        children_of_let(dump, ast_let(ast, id));
        break;
    case AST_SEQUENCE:
        child(dump, NULL, ast_sequence(ast, id)->first);
        child(dump, NULL, ast_sequence(ast, id)->rest);
        break;
    case AST_ASCRIPTION:
        child(dump, NULL, ast_ascription(ast, id)->expression);
        child(dump, NULL, ast_ascription(ast, id)->type);
        break;
    }
}

static void children_of_type_or_pattern(Dump *dump, NodeId id)
{
    const Ast *ast = dump->ast;
    switch ((int)ast_kind(ast, id)) {
    case AST_TYPE_NAME:
        children(dump, NULL, ast_type_name(ast, id)->arguments, ast_type_name(ast, id)->n);
        break;
    case AST_TYPE_TUPLE:
    case AST_PATTERN_TUPLE:
    case AST_PATTERN_LIST:
        children(dump, NULL, ast_items(ast, id)->items, ast_items(ast, id)->n);
        break;
    case AST_TYPE_RECORD:
    case AST_PATTERN_RECORD:
        children_of_fields(dump, ast_fields(ast, id));
        break;
    case AST_TYPE_ARROW:
        child(dump, NULL, ast_arrow(ast, id)->parameter);
        child(dump, NULL, ast_arrow(ast, id)->result);
        break;
    case AST_TYPE_FORALL:
        children(dump, NULL, ast_forall(ast, id)->variables, ast_forall(ast, id)->n);
        child(dump, NULL, ast_forall(ast, id)->type);
        break;
    case AST_PATTERN_CONSTRUCTOR:
        children(dump, NULL, ast_constructor_pattern(ast, id)->arguments, ast_constructor_pattern(ast, id)->n);
        break;
    }
}

static void children_of(Dump *dump, NodeId id)
{
    AstKind kind = ast_kind(dump->ast, id);
    if (kind < AST_NAME)
        children_of_declaration(dump, id);
    else if (kind < AST_TYPE_NAME)
        children_of_expression(dump, id);
    else
        children_of_type_or_pattern(dump, id);
}

/* ---- The text behind a node's kind ---- */

static void print_name(Dump *dump, NameId name)
{
    if (name.i == 0)
        fputs(" _", dump->stream);
    else
        fprintf(dump->stream, " %.*s", NAME_ARGS(&dump->session->names, name));
}

static void print_literal(Dump *dump, const AstHead *head, const char *sign)
{
    SourceSpan span = span_of_token(&dump->session->text, head->pos);
    fprintf(dump->stream, " %s", sign);
    fwrite(source_at(&dump->session->text, span.start), 1, span.end.at - span.start.at, dump->stream);
}

static void print_details(Dump *dump, NodeId id)
{
    const Ast *ast = dump->ast;
    const AstHead *head = ast_head(ast, id);
    switch ((int)head->kind) {
    case AST_NAME:
    case AST_PATTERN_NAME:
    case AST_MODULE:
    case AST_SIGNATURE:
    case AST_ANNOTATION:
    case AST_PARAM:
    case AST_ALIAS:
    case AST_VARIANT:
    case AST_CONSTRUCTOR:
    case AST_TYPE_NAME:
    case AST_PATTERN_CONSTRUCTOR:
        print_name(dump, ast_name(ast, id)->name); /* in all of these the name follows the head */
        break;
    case AST_FUNC:
        print_name(dump, ast_func(ast, id)->name);
        if (head->flags & AST_NO_BODY)
            fputs(" (no body)", dump->stream);
        break;
    case AST_EXTERN:
        print_name(dump, ast_extern(ast, id)->name);
        if (head->flags & AST_ELLIPSIS)
            fputs(" (...)", dump->stream);
        break;
    case AST_IMPORT:
        if (ast_import(ast, id)->alias.i != 0) {
            fputs(" as", dump->stream);
            print_name(dump, ast_import(ast, id)->alias);
        }
        break;
    case AST_FIELD:
        print_name(dump, ast_field(ast, id)->name);
        break;
    case AST_BINARY:
    case AST_UNARY:
        fprintf(dump->stream, " %s", ast_operator_spelling((AstOperator)head->flags));
        break;
    case AST_INT:
    case AST_FLOAT:
    case AST_STRING:
    case AST_PATTERN_INT:
    case AST_PATTERN_FLOAT:
    case AST_PATTERN_STRING:
        print_literal(dump, head, head->flags & AST_NEGATIVE ? "-" : "");
        break;
    case AST_LET:
        if (head->flags & AST_LAZY)
            fputs(" lazy", dump->stream);
        break;
    case AST_SEQUENCE:
        if (head->flags & AST_STRAY_IN)
            fputs(" (stray in)", dump->stream);
        break;
    case AST_PATTERN_RECORD:
        if (head->flags & AST_OPEN)
            fputs(" (...)", dump->stream);
        break;
    }
}

/* ---- Lines ---- */

static void print_indent(Dump *dump, uint32_t level)
{
    int shown = level < DEEPEST_INDENT ? (int)level : DEEPEST_INDENT;
    fprintf(dump->stream, "%*s", 2 * shown, "");
    if (level > DEEPEST_INDENT)
        fprintf(dump->stream, "[%u] ", level);
}

/* Who is told of the lines gets them without indentation. */
static void tell_line(Dump *dump, const Line *line)
{
    DumpLine *told = array_push(dump->told, 1);
    bool is_node = line->node.i != 0;
    *told = (DumpLine){
        .kind = is_node ? ast_kind(dump->ast, line->node) : 0,
        .pos = is_node ? ast_pos(dump->ast, line->node).at : 0,
        .id = line->node.i,
        .level = line->level,
    };
}

static void print_line(Dump *dump, const Line *line)
{
    FILE *stream = dump->stream;
    if (dump->told == NULL)
        print_indent(dump, line->level);
    else
        tell_line(dump, line);
    if (line->label.i != 0 && *line->role == '.')
        fprintf(stream, ".%.*s%s", NAME_ARGS(&dump->session->names, line->label), line->node.i == 0 ? "" : ": ");
    else if (line->label.i != 0)
        fprintf(stream, "%.*s= ", NAME_ARGS(&dump->session->names, line->label));
    else if (line->role != NULL)
        fputs(line->role, stream);
    if (line->node.i != 0) {
        fputs(ast_kind_name(ast_kind(dump->ast, line->node)), stream);
        print_details(dump, line->node);
    }
    fputc('\n', stream);
}

/* Puts the children of the last printed line on the stack, the first on top. */
static void push_children(Dump *dump)
{
    const Line *lines = (const Line *)(const void *)dump->children->items;
    for (size_t i = dump->children->count; i > 0; i--)
        *(Line *)array_push(dump->lines, 1) = lines[i - 1];
    array_truncate(dump->children, 0);
}

static void dump_tree(Dump *dump, NodeId root)
{
    *(Line *)array_push(dump->lines, 1) = (Line){.node = root};
    while (dump->lines->count > 0) {
        Line line = ((const Line *)(const void *)dump->lines->items)[dump->lines->count - 1];
        array_truncate(dump->lines, dump->lines->count - 1);
        print_line(dump, &line);
        if (line.node.i == 0)
            continue;
        dump->level = line.level + 1;
        children_of(dump, line.node);
        push_children(dump);
    }
}

void ast_dump_lines(FILE *stream, const Session *session, const Ast *ast, Arena *scratch, ArenaArray *told)
{
    Dump dump = {
        .stream = stream,
        .session = session,
        .ast = ast,
        .lines = arena_array(scratch, "line", sizeof(Line)),
        .children = arena_array(scratch, "line", sizeof(Line)),
        .told = told,
    };
    for (uint32_t i = 0; i < ast->n_files; i++)
        dump_tree(&dump, ast->files[i]);
}

void ast_dump(FILE *stream, Session *session, const Ast *ast)
{
    Arena *scratch = &session->scratch;
    arena_open(scratch, &session->account, "dump scratch");
    ast_dump_lines(stream, session, ast, scratch, NULL);
    arena_free(scratch);
}
