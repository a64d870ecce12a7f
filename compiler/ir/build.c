/*
 * The IR builder's entry: the order in which a program is understood.
 *
 * Scopes, types, values, signatures: after that every name that can be used is known, and functions are built one after
 * the other, each in one walk (build_function.c).  Generic functions are checked where they stand and built as they are
 * demanded.  All tables but the product live in the phase's scratch arena and are gone when build_ir returns.
 */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "ir/build_past.h"
#include "ir/pattern.h"

/* ---- Reporting ----------------------------------------------------------------------------------------------------- */

/* An instance of a generic function is walked again for each list of type arguments: only what depends on them is new. */
static bool said_before(const Builder *b, DiagnosticCode code)
{
    bool depends = code == E107 || code == E210 || code == E250 || code == E251 || b->diagnostics->n_errors == 0;
    return b->quiet && !(depends && diagnostic_is_error(code));
}

Diagnostic *report(Builder *b, DiagnosticCode code, SourcePos pos, const char *format, ...)
{
    if (said_before(b, code))
        return NULL;
    char message[512];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(message, sizeof message, format, arguments);
    va_end(arguments);
    Diagnostic *diagnostic = diagnose(b->diagnostics, code, span_of_token(&b->session->text, pos), "%s", message);
    if (b->quiet && b->instance != NO_INDEX) {
        SourcePos demanded = ITEM(b->instances, Instance, b->instance)->demanded_at;
        diagnostic_label(b->diagnostics, diagnostic, span_of_token(&b->session->text, demanded), "in the instance wanted here");
    }
    return diagnostic;
}

void label_place(Builder *b, Diagnostic *diagnostic, SourcePos pos, const char *text)
{
    if (diagnostic != NULL)
        diagnostic_label(b->diagnostics, diagnostic, span_of_token(&b->session->text, pos), "%s", text);
}

void report_defined(Builder *b, NameId name, SourcePos pos, SourcePos earlier)
{
    Diagnostic *diagnostic = report(b, E101, pos, "'%.*s' is already defined at line %u", NAME_ARGS(b->names, name),
                                    source_place(&b->session->text, earlier).line);
    label_place(b, diagnostic, earlier, "first defined here");
}

const char *type_text(const Builder *b, TypeId type, TypeText *buffer)
{
    /* Types with variables are shown as far as they are known. */
    size_t length = type_print(b->types, zonk((Builder *)(uintptr_t)b, type), buffer->text, sizeof buffer->text);
    if (length >= sizeof buffer->text)
        memcpy(buffer->text + sizeof buffer->text - 4, "...", 4);
    return buffer->text;
}

/* ---- Opening and closing ------------------------------------------------------------------------------------------- */

static void open_product(Builder *b, Arena *arena)
{
    b->words = arena_array(arena, "ir word", sizeof(uint32_t));
    b->functions = arena_array(arena, "ir function", sizeof(IrFunction));
    b->externs = arena_array(arena, "ir extern", sizeof(IrExtern));
    b->c_types = arena_array(arena, "ir c type", sizeof(uint8_t));
    b->libraries = arena_array(arena, "ir library", sizeof(NameId));
    b->tests = arena_array(arena, "ir test", sizeof(IrTest));
}

static void open_tables(Builder *b, Arena *scratch)
{
    b->scopes = arena_array(scratch, "scope", sizeof(Scope));
    b->globals = arena_array(scratch, "global", sizeof(Global));
    b->params = arena_array(scratch, "parameter", sizeof(Param));
    b->type_parameters = arena_array(scratch, "type parameter", sizeof(NameId));
    b->named_types = arena_array(scratch, "named type", sizeof(NamedType));
    b->by_name = arena_array(scratch, "name meaning", sizeof(NameMeaning));
    b->locals = work_stack(scratch, "local", sizeof(Local));
    b->captures = work_stack(scratch, "capture", sizeof(uint32_t));
    b->stack = work_stack(scratch, "work stack", sizeof(uint32_t));
    b->finished = arena_array(scratch, "finished function", sizeof(FinishedFunction));
    b->finished_words = arena_array(scratch, "finished word", sizeof(uint32_t));
    b->variables = arena_array(scratch, "type variable", sizeof(Variable));
    b->pending_checks = arena_array(scratch, "pending check", sizeof(PendingCheck));
    b->pending_instances = arena_array(scratch, "pending instance", sizeof(PendingInstance));
    b->pending_arguments = arena_array(scratch, "pending argument", sizeof(TypeId));
    b->not_units = arena_array(scratch, "argument that is no unit", sizeof(NodeId));
    b->instances = arena_array(scratch, "instance", sizeof(Instance));
    b->instance_slots = arena_array(scratch, "instance slot", sizeof(uint32_t));
    b->patterns = work_stack(scratch, "pattern", sizeof(Pattern));
    b->unit_tests = arena_array(scratch, "unit test", sizeof(UnitTest));
    b->test_counts = arena_array(scratch, "test count", sizeof(uint32_t));
    b->marks = arena_array(scratch, "name mark", sizeof(uint32_t));
    b->type_memos = arena_array(scratch, "type memo", sizeof(TypeMemo));
    b->nat_fields = arena_array(scratch, "nat field", sizeof(NatField));
    b->marks_of_types = arena_array(scratch, "type mark", sizeof(uint8_t));
    *(Global *)array_push(b->globals, 1) = (Global){0};
    *(NamedType *)array_push(b->named_types, 1) = (NamedType){0};
}

static bool is_main_in_other_case(const Builder *b, NameId name)
{
    const char *text = name_text(b->names, name);
    return name_length(b->names, name) == 4 && strncasecmp(text, "main", 4) == 0;
}

/* Unless it is there, in what could not be read or in a module that was not ended, and that has been told. */
static void report_no_main(Builder *b)
{
    GlobalId other = {0};
    for (uint32_t i = 1; i < b->globals->count; i++)
        if (global_at(b, (GlobalId){i})->kind == GLOBAL_FUNCTION && is_main_in_other_case(b, global_at(b, (GlobalId){i})->name))
            other.i = i;
    bool in_module = other.i != 0 && name_is(global_at(b, other)->name, NAME_main) && global_at(b, other)->scope.i != 0;
    if (may_be_declared(b, (NameId){NAME_main}) || (in_module && b->diagnostics->n_errors > 0))
        return;
    Diagnostic *diagnostic = report(b, E131, ast_pos(b->ast, b->ast->files[0]), "no function 'main' (use polec test or -c)");
    if (other.i != 0)
        label_place(b, diagnostic, global_at(b, other)->pos,
                    in_module ? "this one belongs to its module" : "the name is spelt 'main'");
}

static void find_main(Builder *b, Ir *ir)
{
    GlobalId id = find_member(b, (ScopeId){0}, (NameId){NAME_main});
    const Global *global = global_at(b, id);
    if (id.i != 0 && global->kind == GLOBAL_FUNCTION && global->has_body) {
        if (global->n_type_parameters > 0)
            return; /* E130 has been told; there is no such function, only instances */
        ir->has_main = true;
        ir->main = global->function;
        ITEM(b->functions, IrFunction, ir->main.i)->flags |= IR_MAIN;
        return;
    }
    EmitKind emit = b->session->options->emit;
    if (emit == EMIT_EXECUTABLE || (emit == EMIT_MEMORY && b->session->options->command == COMMAND_RUN))
        report_no_main(b);
}

static Ir product(Builder *b)
{
    Ir ir = {
        .words = (const uint32_t *)(const void *)b->words->items,
        .n_words = (uint32_t)b->words->count,
        .functions = (const IrFunction *)(const void *)b->functions->items,
        .n_functions = (uint32_t)b->functions->count,
        .externs = (const IrExtern *)(const void *)b->externs->items,
        .n_externs = (uint32_t)b->externs->count,
        .c_types = (const uint8_t *)b->c_types->items,
        .libraries = (const NameId *)(const void *)b->libraries->items,
        .n_libraries = (uint32_t)b->libraries->count,
        .tests = (const IrTest *)(const void *)b->tests->items,
        .n_tests = (uint32_t)b->tests->count,
    };
    find_main(b, &ir);
    return ir;
}

void open_builder(Builder *b, Arena *arena, Arena *scratch, Session *session, const Ast *ast)
{
    *b = (Builder){
        .session = session,
        .diagnostics = &session->diagnostics,
        .types = session->types,
        .names = &session->names,
        .ast = ast,
        .arena = arena,
        .scratch = scratch,
        .instance = NO_INDEX,
        .bindings = 1, /* a fresh TypeMemo says 0 */
        .searches = 1,
    };
    open_product(b, arena);
    open_tables(b, scratch);
    note_broken_items(b);
}

void declare_all(Builder *b)
{
    declare_scopes(b);
    declare_types(b);
    declare_values(b);
    resolve_signatures(b);
}

Ir build_rest(Builder *b, GlobalId first)
{
    note_declarations(b);
    build_functions(b, first);
    build_tests(b);
    build_instances(b);
    Ir ir = product(b);
    b->types->parameter_names = NULL;
    return ir;
}

Ir build_ir(Arena *arena, Session *session, const Ast *ast)
{
    Builder builder;
    arena_open(&session->scratch, arena->account, "ir scratch");
    open_builder(&builder, arena, &session->scratch, session, ast);
    declare_all(&builder);
    Ir ir = build_rest(&builder, (GlobalId){1});
    arena_free(&session->scratch);
    return ir;
}
