/*
 * The values that a program declares: functions, externs, modules, imports, and the annotations in front of them.
 *
 * Entering names comes first, signatures second, bodies last, so everything may be used before its declaration.  A
 * function that is not generic gets its place in the product here; instances of generic ones follow when demanded.
 *
 * Annotations stand in front of what they belong to.  Those that are followed by no declaration are trailing: a
 * @test_case then belongs to the last function with a body, any other one to nothing.
 */
#include <string.h>

#include "ir/build.h"
#include "library_name.h"

static const NodeId *items_of(const Builder *b, NodeId scope, uint32_t *n)
{
    if (ast_kind(b->ast, scope) == AST_MODULE) {
        *n = ast_module(b->ast, scope)->n;
        return ast_module(b->ast, scope)->items;
    }
    *n = ast_items(b->ast, scope)->n;
    return ast_items(b->ast, scope)->items;
}

/* ---- Files, modules, imports --------------------------------------------------------------------------------------- */

static ScopeId add_scope(Builder *b, Scope scope)
{
    *(Scope *)array_push(b->scopes, 1) = scope;
    return (ScopeId){(uint32_t)b->scopes->count - 1};
}

static void enter_module(Builder *b, ScopeId around, NodeId node)
{
    const AstModule *module = ast_module(b->ast, node);
    GlobalId earlier = find_declared(b, around, module->name, GLOBAL_SCOPE);
    if (earlier.i != 0)
        report_defined(b, module->name, module->head.pos, global_at(b, earlier)->pos);
    FileId file = ITEM(b->scopes, Scope, around.i)->file;
    ScopeId scope = add_scope(b, (Scope){module->name, around, file, node});
    add_global(b, &(Global){.name = module->name, .scope = around, .kind = GLOBAL_SCOPE, .pos = module->head.pos,
                            .node = node, .target = scope});
}

static void enter_signature(Builder *b, ScopeId scope, NodeId node)
{
    NameId name = ast_signature(b->ast, node)->name;
    SourcePos pos = ast_pos(b->ast, node);
    GlobalId earlier = find_declared(b, scope, name, GLOBAL_SIGNATURE);
    if (earlier.i != 0)
        report_defined(b, name, pos, global_at(b, earlier)->pos);
    add_global(b, &(Global){.name = name, .scope = scope, .kind = GLOBAL_SIGNATURE, .pos = pos, .node = node});
}

/* The lexer has loaded the file and left a note which one it was; after E108 there is
   none, and what the import would have brought is not reported. */
static void enter_import(Builder *b, ScopeId scope, NodeId node)
{
    const AstImport *import = ast_import(b->ast, node);
    NameId name = import->alias.i != 0 ? import->alias : ast_name(b->ast, import->path[import->n - 1])->name;
    Global global = {.name = name, .scope = scope, .kind = GLOBAL_SCOPE, .pos = import->head.pos, .node = node, .broken = true};
    FileId file;
    GlobalId earlier = find_declared(b, scope, name, GLOBAL_SCOPE);
    if (source_import(&b->session->text, ast_pos(b->ast, import->path[0]), &file))
        for (uint32_t i = 0; i < b->ast->n_files && global.broken; i++)
            if (ITEM(b->scopes, Scope, i)->file.i == file.i) {
                global.target = (ScopeId){i};
                global.broken = false;
            }
    if (earlier.i != 0 && !global.broken && !global_at(b, earlier)->broken && global_at(b, earlier)->target.i != global.target.i)
        report_defined(b, name, global.pos, global_at(b, earlier)->pos);
    add_global(b, &global);
}

void declare_scopes(Builder *b)
{
    for (uint32_t i = 0; i < b->ast->n_files; i++) {
        const SourceFile *file = source_file_of(&b->session->text, ast_pos(b->ast, b->ast->files[i]));
        const SourceFile *first = source_file(&b->session->text, (FileId){0});
        add_scope(b, (Scope){.parent = {i}, .file = {(uint32_t)(file - first)}, .node = b->ast->files[i]});
    }
    /* Modules found on the way stand behind the scopes that are being looked at: the array is the work list. */
    for (uint32_t i = 0; i < b->scopes->count; i++) {
        uint32_t n;
        const NodeId *items = items_of(b, ITEM(b->scopes, Scope, i)->node, &n);
        for (uint32_t j = 0; j < n; j++) {
            AstKind kind = ast_kind(b->ast, items[j]);
            if (kind == AST_MODULE)
                enter_module(b, (ScopeId){i}, items[j]);
            else if (kind == AST_IMPORT)
                enter_import(b, (ScopeId){i}, items[j]);
            else if (kind == AST_SIGNATURE)
                enter_signature(b, (ScopeId){i}, items[j]);
        }
    }
}

/* ---- Annotations --------------------------------------------------------------------------------------------------- */

/* The name inside a string literal, interned; false if the literal is empty. */
static bool name_in_string(Builder *b, NodeId string, NameId *name)
{
    SourcePos pos = ast_pos(b->ast, string);
    SourceSpan span = span_of_token(&b->session->text, pos);
    if (span.end.at < pos.at + 3)
        return false;
    *name = names_intern(&b->session->names, (SourcePos){pos.at + 1}, span.end.at - pos.at - 2);
    return true;
}

static bool one_string(Builder *b, const AstAnnotation *annotation, NameId *name)
{
    if (annotation->n == 1 && ast_kind(b->ast, annotation->arguments[0].value) == AST_STRING
        && (annotation->arguments[0].label.i == 0 || name_is(annotation->arguments[0].label, NAME_name))
        && name_in_string(b, annotation->arguments[0].value, name))
        return true;
    report(b, E112, annotation->head.pos, "@%.*s needs one string", NAME_ARGS(b->names, annotation->name));
    return false;
}

static void add_library(Builder *b, const AstAnnotation *annotation, NameId library)
{
    if (!is_library_name(name_text(b->names, library), name_length(b->names, library))) {
        report(b, E112, ast_pos(b->ast, annotation->arguments[0].value),
               "@link needs the name of a library, as behind -l: " LIBRARY_NAME_RULE);
        return;
    }
    for (uint32_t i = 0; i < b->libraries->count; i++)
        if (ITEM(b->libraries, NameId, i)->i == library.i)
            return;
    *(NameId *)array_push(b->libraries, 1) = library;
}

/* What the annotations in front of a function say about it. */
typedef struct { bool is_extern, variadic; NameId c_name; } FunctionNotes;

static void read_annotation(Builder *b, const AstAnnotation *annotation, FunctionNotes *notes)
{
    NameId text;
    Diagnostic *diagnostic;
    if (name_is_spelt(b->names, annotation->name, "extern")) {
        notes->is_extern = true;
        if (annotation->n > 0 && one_string(b, annotation, &text))
            notes->c_name = text;
        return;
    }
    switch (annotation->name.i) {
    case NAME_link:
        if (one_string(b, annotation, &text))
            add_library(b, annotation, text);
        break;
    case NAME_header:
        one_string(b, annotation, &text);
        break;
    case NAME_variadic:
        notes->variadic = true;
        break;
    case NAME_test: case NAME_test_case: case NAME_inline: case NAME_pure: case NAME_tailrec: case NAME_source:
    case NAME_generated_from: case NAME_reasoning:
        break;
    default:
        diagnostic = report(b, W110, annotation->head.pos, "unknown annotation '@%.*s'", NAME_ARGS(b->names, annotation->name));
        suggest_similar(b, diagnostic, annotation->name, annotation->head.pos, (Sought){.kind = SOUGHT_ANNOTATION});
        break;
    }
}

static void add_unit_test(Builder *b, NodeId annotation, GlobalId function)
{
    *(UnitTest *)array_push(b->unit_tests, 1) = (UnitTest){annotation, function, b->scope};
}

/* ---- Functions and externs ----------------------------------------------------------------------------------------- */

/* A second value of one name and scope is looked at for what is wrong in it, but the name means the first one. */
static GlobalId enter_value(Builder *b, const Global *global)
{
    if (meaning_of(b, global->name)->global.i == 0)
        return add_global(b, global);
    GlobalId earlier = find_declared(b, ANY_SCOPE, global->name, GLOBAL_CONSTRUCTOR);
    if (earlier.i == 0)
        earlier = find_member(b, b->scope, global->name);
    if (earlier.i == 0)
        return add_global(b, global);
    /* A repeated extern is compared when its signature is known. */
    if (global_at(b, earlier)->kind != GLOBAL_EXTERN || global->kind != GLOBAL_EXTERN)
        report_defined(b, global->name, global->pos, global_at(b, earlier)->pos);
    return add_unnamed_global(b, global);
}

static GlobalId enter_function(Builder *b, NodeId node, const FunctionNotes *notes)
{
    const AstFunc *func = ast_func(b->ast, node);
    bool has_body = !(func->head.flags & AST_NO_BODY);
    Global global = {.name = func->name, .scope = b->scope, .pos = func->head.pos, .node = node, .has_body = has_body,
                     .kind = notes->is_extern ? GLOBAL_EXTERN : GLOBAL_FUNCTION, .variadic = notes->variadic,
                     .c_name = notes->c_name.i != 0 ? notes->c_name : func->name};
    bool unreadable = has_body && ast_kind(b->ast, func->body) == AST_ERROR;
    if (notes->is_extern && has_body && !unreadable)
        report(b, E111, func->head.pos, "extern function '%.*s' must not have a body", NAME_ARGS(b->names, func->name));
    if (!notes->is_extern && !has_body)
        report(b, E110, func->head.pos, "function '%.*s' has no body and no @extern", NAME_ARGS(b->names, func->name));
    return enter_value(b, &global);
}

/* Annotations wait in [first_waiting, i) for the declaration that follows them. */
static void declare_values_in(Builder *b, uint32_t n, const NodeId *items)
{
    GlobalId last_with_body = {0};
    uint32_t first_waiting = 0;
    FunctionNotes notes = {0};
    for (uint32_t i = 0; i <= n; i++) {
        AstKind kind = i < n ? ast_kind(b->ast, items[i]) : AST_ERROR;
        if (i < n)
            b->session->working_at = ast_pos(b->ast, items[i]);
        if (i < n && kind == AST_ANNOTATION) {
            read_annotation(b, ast_annotation(b->ast, items[i]), &notes);
            continue;
        }
        GlobalId function = {0};
        if (kind == AST_FUNC) {
            function = enter_function(b, items[i], &notes);
            if (global_at(b, function)->has_body)
                last_with_body = function;
        } else if (kind == AST_EXTERN) {
            const AstExtern *declared = ast_extern(b->ast, items[i]);
            function = enter_value(b, &(Global){.name = declared->name, .scope = b->scope, .kind = GLOBAL_EXTERN,
                .pos = declared->head.pos, .node = items[i], .c_name = notes.c_name.i != 0 ? notes.c_name : declared->name,
                .variadic = notes.variadic || declared->head.flags & AST_ELLIPSIS});
        }
        for (uint32_t j = first_waiting; j < i; j++) {
            NameId name = ast_annotation(b->ast, items[j])->name;
            if (name_is(name, NAME_test))
                add_unit_test(b, items[j], (GlobalId){0});
            else if (name_is(name, NAME_test_case))
                add_unit_test(b, items[j], i == n ? last_with_body : function);
        }
        first_waiting = i + 1;
        notes = (FunctionNotes){0};
    }
}

void declare_values(Builder *b)
{
    for (uint32_t i = 0; i < b->scopes->count; i++) {
        uint32_t n;
        const NodeId *items = items_of(b, ITEM(b->scopes, Scope, i)->node, &n);
        b->scope = (ScopeId){i};
        declare_values_in(b, n, items);
    }
}
