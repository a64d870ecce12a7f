/*
 * Handles by type.
 *
 * The tables of --print-layout list the fields of AST and IR, audit_fields.def those of the rest; the compiler checks that
 * they are complete.  Who owns a type is said once, in TYPES.  A field of a type that is not listed does not compile:
 * whoever adds a kind of id has to say which phase alone can interpret it.  (The ids that are private to a phase's scratch
 * are not listed, so no product can have a field of theirs.)
 */
#include "audit_fields.h"

#include <string.h>

#include "audit_place.h"
#include "ir/ir.h"
#include "lexer/tokens.h"
#include "parser/ast.h"

#define TYPES(T) \
    T(uint8_t, "number", N_PHASES) T(uint16_t, "number", N_PHASES) T(uint32_t, "number", N_PHASES) \
    T(size_t, "number", N_PHASES) T(bool, "number", N_PHASES) T(SourceSpan, "SourceSpan", N_PHASES) \
    T(SourcePos, "SourcePos", N_PHASES) T(FileId, "FileId", N_PHASES) T(NameId, "NameId", N_PHASES) \
    T(TypeId, "TypeId", N_PHASES) T(DeclId, "DeclId", N_PHASES) \
    T(AstHead, "AstHead", N_PHASES) T(IrHead, "IrHead", N_PHASES) T(AstFieldInit, "AstFieldInit", N_PHASES) \
    T(AstArgument, "AstArgument", N_PHASES) T(AstArm, "AstArm", N_PHASES) \
    T(const char *, "pointer", N_PHASES) T(void *, "pointer", N_PHASES) \
    T(Diagnostic *, "pointer", N_PHASES) T(DiagnosticLabel *, "pointer", N_PHASES) \
    T(TokenId, "TokenId", PHASE_LEX) \
    T(NodeId, "NodeId", PHASE_PARSE) \
    T(ValueId, "ValueId", PHASE_IR) T(BlockId, "BlockId", PHASE_IR) T(FunctionId, "FunctionId", PHASE_IR) \
    T(ExternId, "ExternId", PHASE_IR)

#define NAME_CASE(type, name, owner) , type: name
#define OWNER_CASE(type, name, owner) , type: owner
#define MEMBER(type, member) (((type *)0)->member)
#define TYPE_NAME(type, member) _Generic(MEMBER(type, member) TYPES(NAME_CASE))
#define OWNER(type, member) _Generic(MEMBER(type, member) TYPES(OWNER_CASE))

/* ---- Complete? (print_layout.c asks the same of AST and IR) ---- */

#define STRUCT(type, budget) _Static_assert(sizeof(type) == 0
#define FIELD(type, member) + sizeof MEMBER(type, member)
#define PADDING(bytes) + bytes
#define END(type) , #type " has fields that audit_fields.def does not know");
#include "audit_fields.def"
#undef STRUCT
#undef FIELD
#undef PADDING
#undef END

/* ---- The tables ---- */

typedef struct {
    const AuditField *fields;
    size_t n, size;
} AuditStruct;

#define STRUCT(type, budget) static const AuditField type##_fields[] = {
#define FIELD(type, member) {#member, TYPE_NAME(type, member), OWNER(type, member), offsetof(type, member), 0},
#define BITS(type, field, at, bits) /* of a head: which kind of object it is, and counts */
#define WITHIN(type, field, at, bits)
#define PADDING(bytes)
#define LIST(type, member, element, budget) \
    {#member, TYPE_NAME(type, member[0]), OWNER(type, member[0]), offsetof(type, member), sizeof(element)},
#define END(type) {NULL, NULL, N_PHASES, sizeof(type), 0}};
#include "audit_fields.def"
#include "ir/ir_layout.def"
#include "parser/ast_layout.def"
#undef STRUCT
#undef FIELD
#undef BITS
#undef WITHIN
#undef PADDING
#undef LIST
#undef END

#define DESCRIPTION(type) {type##_fields, sizeof type##_fields / sizeof *type##_fields - 1, sizeof(type)}

static const AuditStruct ast_structs[N_AST_KINDS] = {
#define NODE(kind, type, name) [AST_##kind] = DESCRIPTION(type),
#include "parser/ast.def"
#undef NODE
};

static const AuditStruct ir_structs[N_IR_OPS] = {
#define INSTRUCTION(op, type, name, has_value) [IR_##op] = DESCRIPTION(type),
#include "ir/ir.def"
#undef INSTRUCTION
};

/* Elements of lists that are structs themselves. */
static const AuditStruct elements[] = {DESCRIPTION(AstFieldInit), DESCRIPTION(AstArgument), DESCRIPTION(AstArm)};
static const char *const element_names[] = {"AstFieldInit", "AstArgument", "AstArm"};
enum { N_ELEMENTS = sizeof elements / sizeof *elements };

static const struct { const char *kind; AuditStruct element; } arrays[] = {
    {"ir function", DESCRIPTION(IrFunction)}, {"ir extern", DESCRIPTION(IrExtern)}, {"ir test", DESCRIPTION(IrTest)},
    {"source file", DESCRIPTION(SourceFile)}, {"import", DESCRIPTION(SourceImport)},
    {"type", DESCRIPTION(Type)}, {"type declaration", DESCRIPTION(TypeDecl)}, {"field", DESCRIPTION(TypeField)},
    {"constructor", DESCRIPTION(TypeConstructor)}, {"payload", DESCRIPTION(TypePayload)},
};
static const AuditStruct diagnostic_struct = DESCRIPTION(Diagnostic), label_struct = DESCRIPTION(DiagnosticLabel);
static const AuditStruct buffer_struct = DESCRIPTION(CodeBuffer), test_struct = DESCRIPTION(CodeTest);

/* ---- Searching ---- */

typedef struct {
    const Arena *arena;
    Phase dying;
    AuditHandle *found;
    void *context;
    uint64_t words;
} Search;

static bool belongs_to(const AuditField *field, Phase phase)
{
    return field->owner == phase;
}

static bool has_handles(const AuditStruct *described, size_t n, Phase dying)
{
    for (size_t i = 0; i < n; i++)
        for (size_t field = 0; field < described[i].n; field++)
            if (belongs_to(&described[i].fields[field], dying))
                return true;
    return false;
}

static const AuditStruct *element_of(const AuditField *list)
{
    for (size_t i = 0; i < N_ELEMENTS; i++)
        if (strcmp(list->type, element_names[i]) == 0)
            return &elements[i];
    return NULL;
}

static void search_value(Search *search, const ArenaArray *array, const AuditField *field, const char *object)
{
    uint32_t value;
    memcpy(&value, object + field->offset, sizeof value);
    if (value != 0)
        search->found(search->context, search->arena, array, object, field, value);
}

static void search_object(Search *search, const ArenaArray *array, const AuditStruct *described, const char *object,
                          size_t bytes);

/* The list at the end of an object of `bytes` bytes. */
static void search_list(Search *search, const ArenaArray *array, const AuditField *list, const char *object, size_t bytes)
{
    const AuditStruct *element = element_of(list);
    for (size_t at = 0; list->offset + at + list->stride <= bytes; at += list->stride) {
        if (element != NULL)
            search_object(search, array, element, object + list->offset + at, list->stride);
        else if (belongs_to(list, search->dying))
            search_value(search, array, list, object + at);
    }
}

static void search_object(Search *search, const ArenaArray *array, const AuditStruct *described, const char *object,
                          size_t bytes)
{
    for (size_t i = 0; i < described->n; i++) {
        const AuditField *field = &described->fields[i];
        if (field->stride != 0)
            search_list(search, array, field, object, bytes);
        else if (belongs_to(field, search->dying))
            search_value(search, array, field, object);
    }
    search->words += bytes / sizeof(uint32_t);
}

static void search_ast(Search *search, const ArenaArray *array)
{
    Ast ast = audit_ast(array);
    for (NodeId node = {1}; node.i < ast.n_words; node = ast_next(&ast, node))
        search_object(search, array, &ast_structs[ast_kind(&ast, node)], (const char *)ast_head(&ast, node),
                      ast_size(&ast, node) * sizeof(uint32_t));
}

static void search_ir(Search *search, const ArenaArray *array)
{
    Ir ir = audit_ir(search->arena);
    for (uint32_t i = 0; i < ir.n_functions; i++)
        for (ValueId at = {0}; at.i < ir.functions[i].n_words; at.i += ir_size(ir_head(&ir, &ir.functions[i], at))) {
            const IrHead *head = ir_head(&ir, &ir.functions[i], at);
            search_object(search, array, &ir_structs[head->op], (const char *)head, ir_size(head) * sizeof(uint32_t));
        }
}

static void search_elements(Search *search, const ArenaArray *array, const AuditStruct *element)
{
    for (size_t i = 0; i < array->count; i++)
        search_object(search, array, element, array->items + i * array->element_size, element->size);
}

static void search_array(Search *search, const ArenaArray *array)
{
    bool in_ast = has_handles(ast_structs, N_AST_KINDS, search->dying) || has_handles(elements, N_ELEMENTS, search->dying);
    if (strcmp(array->kind, "ast") == 0 && in_ast)
        search_ast(search, array);
    else if (strcmp(array->kind, "ir word") == 0 && has_handles(ir_structs, N_IR_OPS, search->dying))
        search_ir(search, array);
    for (size_t i = 0; i < sizeof arrays / sizeof *arrays; i++)
        if (strcmp(array->kind, arrays[i].kind) == 0 && array->element_size == arrays[i].element.size &&
            has_handles(&arrays[i].element, 1, search->dying))
            search_elements(search, array, &arrays[i].element);
}

static void search_diagnostics(Search *search, const Diagnostics *diagnostics)
{
    for (const Diagnostic *d = diagnostics->first; d != NULL; d = d->next) {
        search_object(search, NULL, &diagnostic_struct, (const char *)d, sizeof *d);
        for (const DiagnosticLabel *label = d->labels; label != NULL; label = label->next)
            search_object(search, NULL, &label_struct, (const char *)label, sizeof *label);
    }
}

uint64_t audit_handles(const Session *session, const Arena *arena, Phase dying, AuditHandle *found, void *context)
{
    Search search = {arena, dying, found, context, 0};
    for (uint32_t i = 0; i < arena->n_arrays; i++)
        search_array(&search, &arena->arrays[i]);
    if (arena == &session->arena &&
        (has_handles(&diagnostic_struct, 1, dying) || has_handles(&label_struct, 1, dying)))
        search_diagnostics(&search, &session->diagnostics);
    return search.words;
}

void audit_code_handles(const Code *code, const Arena *arena, Phase dying, AuditHandle *found, void *context)
{
    Search search = {arena, dying, found, context, 0};
    for (uint32_t i = 0; i < code->n_buffers; i++)
        search_object(&search, NULL, &buffer_struct, (const char *)&code->buffers[i], sizeof code->buffers[i]);
    for (uint32_t i = 0; i < code->n_tests; i++)
        search_object(&search, NULL, &test_struct, (const char *)&code->tests[i], sizeof code->tests[i]);
}

/* ---- Literals ---- */

bool audit_is_literal(const Arena *arena, const ArenaArray *words, const char *at)
{
    Ir ir = audit_ir(arena);
    uint32_t first = (uint32_t)((size_t)(at - words->items) / sizeof(uint32_t));
    for (uint32_t word = first; word <= first + 1; word++) {
        const IrFunction *function;
        ValueId id;
        if (!audit_instruction(&ir, word, &function, &id))
            continue;
        IrOp op = (IrOp)ir_head(&ir, function, id)->op;
        if ((op == IR_INT32 || op == IR_INT64 || op == IR_FLOAT) && function->first_word + id.i < word)
            return true;
    }
    return false;
}
