/*
 * What lies at an address: the kind of object, and where it came from in the user's program.
 *
 * Arrays say of what kind their elements are.  Nodes and instructions say more, for they are found in their array by
 * walking it from the start, which nobody does but for a report.
 */
#include "audit_place.h"

#include <string.h>

#include "ir/types.h"
#include "lexer/tokens.h"

static const ArenaArray *find_array(const Arena *arena, const char *kind)
{
    for (uint32_t i = 0; i < arena->n_arrays; i++)
        if (strcmp(arena->arrays[i].kind, kind) == 0)
            return &arena->arrays[i];
    return NULL;
}

Ast audit_ast(const ArenaArray *words)
{
    return (Ast){.words = (const uint32_t *)(const void *)words->items, .n_words = (uint32_t)words->count};
}

Ir audit_ir(const Arena *arena)
{
    const ArenaArray *words = find_array(arena, "ir word"), *functions = find_array(arena, "ir function");
    if (words == NULL || functions == NULL)
        return (Ir){0};
    return (Ir){
        .words = (const uint32_t *)(const void *)words->items, .n_words = (uint32_t)words->count,
        .functions = (const IrFunction *)(const void *)functions->items, .n_functions = (uint32_t)functions->count,
    };
}

bool audit_instruction(const Ir *ir, uint32_t word, const IrFunction **function, ValueId *id)
{
    for (uint32_t i = 0; i < ir->n_functions; i++) {
        const IrFunction *f = *function = &ir->functions[i];
        if (word - f->first_word >= f->n_words)
            continue;
        for (*id = (ValueId){0}; f->first_word + id->i + ir_size(ir_head(ir, f, *id)) <= word;)
            id->i += ir_size(ir_head(ir, f, *id));
        return true;
    }
    return false;
}

/* ---- Nodes and instructions ---- */

/* Children come before their parents, so the function around a node is the next one, unless another item comes first. */
static NameId function_around(const Ast *ast, NodeId node)
{
    for (; node.i < ast->n_words; node = ast_next(ast, node)) {
        AstKind kind = ast_kind(ast, node);
        if (kind == AST_FUNC)
            return ast_func(ast, node)->name;
        if (kind == AST_FILE || kind == AST_MODULE || kind == AST_SIGNATURE || kind == AST_IMPORT || kind == AST_EXTERN ||
            kind == AST_ALIAS || kind == AST_VARIANT)
            break;
    }
    return (NameId){0};
}

static void describe_node(AuditPlace *place, const ArenaArray *words, uint32_t word)
{
    Ast ast = audit_ast(words);
    NodeId node = {1};
    if (word == 0)
        return; /* no node, the word that makes NodeId 0 mean "absent" */
    while (node.i + ast_size(&ast, node) <= word)
        node = ast_next(&ast, node);
    place->function = function_around(&ast, node);
    place->pos = ast_pos(&ast, node);
    snprintf(place->object, sizeof place->object, "word %u of the AST node '%s' (NodeId %u)", word - node.i,
             ast_kind_name(ast_kind(&ast, node)), node.i);
}

/* Where the source has it, for the instructions that know; the function's place for the others. */
static SourcePos instruction_pos(const IrFunction *function, const IrHead *head)
{
#define HAS_POS(type) _Generic((type *)0, IrBinary *: true, IrUnary *: true, IrCall *: true, IrCheck *: true, default: false)
    static const bool has_pos[N_IR_OPS] = {
#define INSTRUCTION(op, type, name, has_value) [IR_##op] = HAS_POS(type),
#include "ir/ir.def"
#undef INSTRUCTION
    };
    _Static_assert(offsetof(IrBinary, pos) == 4 && offsetof(IrUnary, pos) == 4 && offsetof(IrCall, pos) == 4 &&
                   offsetof(IrCheck, pos) == 4, "the position is the second word of all that have one");
    return has_pos[head->op] ? ((const IrUnary *)(const void *)head)->pos : function->pos;
}

static bool describe_instruction(AuditPlace *place, const Arena *arena, uint32_t word)
{
    Ir ir = audit_ir(arena);
    const IrFunction *function;
    ValueId id;
    if (!audit_instruction(&ir, word, &function, &id))
        return false;
    const IrHead *head = ir_head(&ir, function, id);
    place->function = function->name;
    bool hits_pos = word - function->first_word - id.i <= 1;
    place->pos = hits_pos ? function->pos : instruction_pos(function, head);
    snprintf(place->object, sizeof place->object, "word %u of the IR instruction '%s' (ValueId %u)",
             word - function->first_word - id.i, ir_op_name((IrOp)head->op), id.i);
    return true;
}

/* ---- Elements of arrays ---- */

static void describe_element(AuditPlace *place, const Session *session, const ArenaArray *array, const char *element,
                             size_t index)
{
    const char *kind = array->kind;
    size_t room = sizeof place->object;
    if (strcmp(kind, "ir function") == 0) {
        place->function = ((const IrFunction *)(const void *)element)->name;
        place->pos = ((const IrFunction *)(const void *)element)->pos;
    }
    if (strcmp(kind, "token kind") == 0)
        snprintf(place->object, room, "token %zu, '%s'", index, token_spelling((TokenKind) * (const uint8_t *)element));
    else if (strcmp(kind, "name") == 0)
        snprintf(place->object, room, "name %zu, '%.*s'", index, NAME_ARGS(&session->names, ((NameId){(uint32_t)index})));
    else
        snprintf(place->object, room, "element %zu of the array '%s'", index, kind);
}

/* ---- Pushed objects ---- */

static bool within(const char *address, const void *object, size_t bytes)
{
    return (uintptr_t)address - (uintptr_t)object < bytes;
}

static bool describe_diagnostic(AuditPlace *place, const Session *session, const char *address)
{
    for (const Diagnostic *d = session->diagnostics.first; d != NULL; d = d->next) {
        const char *part = within(address, d, sizeof *d) ? "" : NULL;
        for (const DiagnosticLabel *label = d->labels; label != NULL && part == NULL; label = label->next)
            part = within(address, label, sizeof *label) ? "label of the " : NULL;
        if (part == NULL)
            continue;
        place->pos = d->span.start;
        snprintf(place->object, sizeof place->object, "%sdiagnostic %s", part, diagnostic_code_name(d->code));
        return true;
    }
    return false;
}

static void describe_push(AuditPlace *place, const Session *session, const Arena *arena, const char *address)
{
    if (arena == &session->arena && describe_diagnostic(place, session, address))
        return;
    bool is_types = within(address, session->types, sizeof *session->types);
    snprintf(place->object, sizeof place->object, is_types ? "the table of types" : "an object that was pushed");
}

/* ---- Any address ---- */

AuditPlace audit_place(const Session *session, const Arena *arena, const ArenaArray *array, const char *address,
                       size_t offset)
{
    AuditPlace place = {.arena = arena->name, .offset = offset};
    if (array == NULL) {
        describe_push(&place, session, arena, address);
        return place;
    }
    size_t index = offset / array->element_size;
    describe_element(&place, session, array, array->items + index * array->element_size, index);
    if (strcmp(array->kind, "ast") == 0)
        describe_node(&place, array, (uint32_t)index);
    else if (strcmp(array->kind, "ir word") == 0)
        describe_instruction(&place, arena, (uint32_t)index);
    return place;
}

AuditPlace audit_target(const Session *session, const Arena *arena, const char *address)
{
    for (uint32_t i = 0; i < arena->n_arrays; i++) {
        const ArenaArray *array = &arena->arrays[i];
        size_t offset = (size_t)((uintptr_t)address - (uintptr_t)array->items);
        if (offset < array->count * array->element_size)
            return audit_place(session, arena, array, address, offset);
    }
    AuditPlace place = {.arena = arena->name, .offset = (size_t)((uintptr_t)address - (uintptr_t)arena->segment_start)};
    snprintf(place.object, sizeof place.object, "an object that was pushed");
    return place;
}
