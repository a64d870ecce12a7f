/*
 * Functions, lines and variables for debuggers.
 *
 * The IR says where expressions begin and when names are bound (IR_LOCATION, IR_VARIABLE).  A variable opens a lexical
 * block inside that of the variable bound before it, which is how the language nests them: so a name that hides another
 * is found first.  A location says how many variables are in scope, and the blocks of the others are left.
 *
 * Until the first location nothing has a line: that is a function's prologue, behind which debuggers stop.
 */
#include "codegen/debug.h"

#include <string.h>

#include "build_config.h"

/* Deeper variables share the innermost block: LLVM's time grows with the square of the depth. */
enum {
    MAX_NESTED_BLOCKS = 100,
    MAX_PARAMETERS = UINT16_MAX, /* LLVM numbers them in 16 bits; the others are shown as local variables */
};

enum { FRAME_FUNCTION = 8, FRAME_PLACE = 16, FRAME_SIZE = 24 }; /* PoleFrame */

/* ---- files and places -------------------------------------------------------------------------------------------- */

/* Paths as they are shown in messages.  The directory they are relative to must not show in the output, so it is "the
   directory where the debugger runs". */
LLVMMetadataRef debug_file(Gen *gen, SourcePos pos)
{
    const SourceText *text = &gen->session->text;
    const SourceFile *first = source_file(text, (FileId){0}), *file = source_file_of(text, pos);
    if (file == NULL)
        file = first;
    LLVMMetadataRef *known = &gen->debug->files[file - first];
    if (*known == NULL)
        *known = LLVMDIBuilderCreateFile(gen->debug->builder, file->path, strlen(file->path), ".", 1);
    return *known;
}

uint32_t debug_line(Gen *gen, SourcePos pos)
{
    uint32_t line = 0, column;
    place_find(&gen->places, pos, &line, &column);
    return line;
}

static LLVMMetadataRef innermost_block(const Debug *debug)
{
    size_t n = debug->scopes->count;
    return n == 0 ? debug->function : ((const DebugScope *)(const void *)debug->scopes->items)[n - 1].block;
}

static void go_to(Gen *gen, SourcePos pos)
{
    Debug *debug = gen->debug;
    uint32_t line, column;
    if (!place_find(&gen->places, pos, &line, &column))
        return;
    debug->line = line;
    LLVMSetCurrentDebugLocation2(gen->builder, LLVMDIBuilderCreateDebugLocation(gen->context, line, column,
                                                                                innermost_block(debug), NULL));
}

/* ---- units ------------------------------------------------------------------------------------------------------- */

static void add_flag(Gen *gen, const char *name, unsigned value)
{
    LLVMAddModuleFlag(gen->module, LLVMModuleFlagBehaviorWarning, name, strlen(name),
                      LLVMValueAsMetadata(LLVMConstInt(gen->i32, value, 0)));
}

void debug_begin(Gen *gen)
{
    static const char producer[] = "polec " POLEC_VERSION;
    enum { DWARF_VERSION = 4 };
    Debug *debug = gen->debug = arena_new(gen->scratch, Debug);
    debug->types = arena_array(gen->scratch, "debug type", sizeof(DebugType));
    debug->stand_ins = arena_array(gen->scratch, "debug type in itself", sizeof(DebugStandIn));
    debug->scopes = arena_array(gen->scratch, "debug scope", sizeof(DebugScope));
    debug->captured = arena_array(gen->scratch, "debug capture", sizeof(uint32_t));
    debug->files = arena_push_zero(gen->scratch, gen->session->text.files->count * sizeof(LLVMMetadataRef));
    debug->builder = gen->heap->debug_builder = LLVMCreateDIBuilder(gen->module);
    add_flag(gen, "Debug Info Version", LLVMDebugMetadataVersion());
    add_flag(gen, "Dwarf Version", DWARF_VERSION);
    debug->unit = LLVMDIBuilderCreateCompileUnit(
        debug->builder, LLVMDWARFSourceLanguageC99, debug_file(gen, (SourcePos){0}), producer, sizeof producer - 1,
        gen->options->optimization > 0, "", 0, 0, "", 0, LLVMDWARFEmissionFull, 0, 0, 0, "", 0, "", 0);
    debug->expression = LLVMDIBuilderCreateExpression(debug->builder, NULL, 0);
}

void debug_end(Gen *gen)
{
    debug_settle_types(gen);
    LLVMDIBuilderFinalize(gen->debug->builder);
    LLVMDisposeDIBuilder(gen->debug->builder);
    gen->heap->debug_builder = NULL;
}

/* ---- stack slots -------------------------------------------------------------------------------------------------- */

static LLVMValueRef new_slot(Gen *gen, uint32_t size)
{
    LLVMValueRef first = LLVMGetFirstInstruction(gen->entry);
    if (first != NULL)
        LLVMPositionBuilderBefore(gen->entry_builder, first);
    else
        LLVMPositionBuilderAtEnd(gen->entry_builder, gen->entry);
    LLVMSetCurrentDebugLocation2(gen->entry_builder, NULL);
    LLVMTypeRef words = LLVMArrayType2(gen->scalar_types[SCALAR_I64], (size + 7) / 8);
    return LLVMBuildAlloca(gen->entry_builder, words, "");
}

/* ---- functions --------------------------------------------------------------------------------------------------- */

/* The result's type, then the parameters'. */
static LLVMMetadataRef function_type(Gen *gen, LLVMMetadataRef file)
{
    const IrBlock *block = gen_instruction_at(gen, (ValueId){0});
    uint32_t n = 0;
    LLVMMetadataRef *types = arena_push(gen->scratch, (block->n_params + 1) * sizeof *types);
    types[n++] = layout_of(&gen->layouts, gen->current->result)->n == 0 ? NULL : debug_type(gen, gen->current->result);
    for (uint32_t i = 0; i < block->n_params; i++) {
        ValueId parameter = {(uint32_t)(sizeof *block / sizeof(uint32_t)) + i};
        if (gen_layout_of(gen, parameter)->n > 0)
            types[n++] = debug_type(gen, gen_type_of(gen, parameter));
    }
    return LLVMDIBuilderCreateSubroutineType(gen->debug->builder, file, types, n, LLVMDIFlagZero);
}

/* A run-time error shows the chain of calls that led to it: each function keeps a frame for that. */
static void enter_frame(Gen *gen)
{
    static const char lambda_in[] = "lambda in ";
    const Names *names = &gen->session->names;
    bool lambda = gen->current->flags & IR_CLOSURE_BODY;
    uint32_t front = lambda ? sizeof lambda_in - 1 : 0, length = name_length(names, gen->current->name);
    char *name = arena_push(gen->scratch, front + length + 1);
    memcpy(name, lambda_in, front);
    memcpy(name + front, name_text(names, gen->current->name), length);
    LLVMPositionBuilderAtEnd(gen->builder, gen->entry);
    gen->debug->frame = new_slot(gen, FRAME_SIZE);
    gen_store_scalar(gen, gen->debug->frame, FRAME_FUNCTION, gen_string(gen, name, front + length));
    gen_call_runtime(gen, RUNTIME_enter, &gen->debug->frame);
}

static void note_call(Gen *gen, SourcePos pos)
{
    gen_store_scalar(gen, gen->debug->frame, FRAME_PLACE, gen_place(gen, pos));
}

void debug_function(Gen *gen)
{
    Debug *debug = gen->debug;
    const IrFunction *current = gen->current;
    const Names *names = &gen->session->names;
    LLVMMetadataRef file = debug_file(gen, current->pos);
    uint32_t line = debug_line(gen, current->pos);
    /* Without the symbol, which gdb would prefer to the name. */
    debug->function = LLVMDIBuilderCreateFunction(
        debug->builder, file, name_text(names, current->name), name_length(names, current->name), "", 0, file, line,
        function_type(gen, file), 1, 1, line, LLVMDIFlagPrototyped, gen->options->optimization > 0);
    LLVMSetSubprogram(gen->function, debug->function);
    LLVMSetCurrentDebugLocation2(gen->builder, NULL);
    enter_frame(gen);
    array_truncate(debug->scopes, 0);
    array_truncate(debug->captured, 0);
    debug->line = debug->n_parameters = 0;
    debug->closure_slot = NULL;
}

void debug_function_ends(Gen *gen)
{
    LLVMSetCurrentDebugLocation2(gen->builder, NULL); /* what comes next may belong to no function of the program's */
}

/* ---- variables --------------------------------------------------------------------------------------------------- */

static void declare(Gen *gen, LLVMValueRef slot, LLVMMetadataRef variable, LLVMMetadataRef expression, LLVMMetadataRef scope)
{
    Debug *debug = gen->debug;
    uint32_t line = debug->line != 0 ? debug->line : debug_line(gen, gen->current->pos);
    LLVMMetadataRef place = LLVMDIBuilderCreateDebugLocation(gen->context, line, 0, scope, NULL);
    LLVMDIBuilderInsertDeclareRecordAtEnd(debug->builder, slot, variable, expression, place, LLVMGetInsertBlock(gen->builder));
}

/* The value lies in the closure, whose address is kept in a slot: it is there from the function's beginning on. */
static void declare_captured(Gen *gen, const IrVariable *instruction, uint32_t index, LLVMMetadataRef type)
{
    enum { DW_OP_DEREF = 0x06, DW_OP_PLUS_UCONST = 0x23 };
    Debug *debug = gen->debug;
    for (size_t i = 0; i < debug->captured->count; i++)
        if (((const uint32_t *)(const void *)debug->captured->items)[i] == index)
            return;
    *(uint32_t *)array_push(debug->captured, 1) = index;
    if (debug->closure_slot == NULL) {
        debug->closure_slot = new_slot(gen, sizeof(void *));
        LLVMPositionBuilderBefore(gen->entry_builder, LLVMGetNextInstruction(debug->closure_slot));
        LLVMSetCurrentDebugLocation2(gen->entry_builder, NULL);
        LLVMBuildStore(gen->entry_builder, gen->closure, debug->closure_slot);
    }
    uint64_t operations[] = {DW_OP_DEREF, DW_OP_PLUS_UCONST, gen->capture_offsets[index]};
    const Names *names = &gen->session->names;
    LLVMMetadataRef variable = LLVMDIBuilderCreateAutoVariable(
        debug->builder, debug->function, name_text(names, instruction->name), name_length(names, instruction->name),
        debug_file(gen, gen->current->pos), debug_line(gen, gen->current->pos), type, 1, LLVMDIFlagZero, 0);
    declare(gen, debug->closure_slot, variable, LLVMDIBuilderCreateExpression(debug->builder, operations, 3), debug->function);
}

static void leave_scopes(Debug *debug, uint32_t n_in_scope)
{
    size_t n = debug->scopes->count;
    while (n > 0 && ((const DebugScope *)(const void *)debug->scopes->items)[n - 1].number >= n_in_scope)
        n--;
    array_truncate(debug->scopes, n);
}

/* Parameters are what is bound before the first location. */
static LLVMMetadataRef describe_local(Gen *gen, const IrVariable *instruction, LLVMMetadataRef type, LLVMMetadataRef *scope)
{
    Debug *debug = gen->debug;
    const Names *names = &gen->session->names;
    const char *name = name_text(names, instruction->name);
    uint32_t length = name_length(names, instruction->name);
    LLVMMetadataRef file = debug_file(gen, gen->current->pos);
    *scope = debug->function;
    if (debug->line == 0) {
        uint32_t line = debug_line(gen, gen->current->pos);
        if (debug->n_parameters == MAX_PARAMETERS)
            return LLVMDIBuilderCreateAutoVariable(debug->builder, *scope, name, length, file, line, type, 1, LLVMDIFlagZero, 0);
        return LLVMDIBuilderCreateParameterVariable(debug->builder, *scope, name, length, ++debug->n_parameters, file, line, type, 1,
                                                    LLVMDIFlagZero);
    }
    leave_scopes(debug, instruction->number);
    *scope = innermost_block(debug);
    if (debug->scopes->count < MAX_NESTED_BLOCKS)
        *scope = LLVMDIBuilderCreateLexicalBlock(debug->builder, *scope, file, debug->line, 0);
    *(DebugScope *)array_push(debug->scopes, 1) = (DebugScope){instruction->number, *scope};
    return LLVMDIBuilderCreateAutoVariable(debug->builder, *scope, name, length, file, debug->line, type, 1, LLVMDIFlagZero, 0);
}

static void variable(Gen *gen, const IrVariable *instruction)
{
    const Layout *layout = gen_layout_of(gen, instruction->value);
    if (layout->n == 0)
        return;
    LLVMMetadataRef type = debug_type(gen, gen_type_of(gen, instruction->value)), scope;
    const IrHead *value = gen_instruction_at(gen, instruction->value);
    if (value->op == IR_CAPTURE) {
        declare_captured(gen, instruction, ((const IrIndex *)(const void *)value)->index, type);
        return;
    }
    LLVMMetadataRef described = describe_local(gen, instruction, type, &scope);
    LLVMValueRef slot = new_slot(gen, layout->size);
    gen_store(gen, slot, 0, layout, gen_scalars(gen, instruction->value));
    declare(gen, slot, described, gen->debug->expression, scope);
}

/* ---- instructions ------------------------------------------------------------------------------------------------ */

void debug_instruction(Gen *gen, const IrHead *head)
{
    const void *instruction = head;
    SourcePos pos = ir_place(head);
    switch ((IrOp)head->op) {
    case IR_LOCATION:
        leave_scopes(gen->debug, ((const IrLocation *)instruction)->n_in_scope);
        go_to(gen, pos);
        break;
    case IR_VARIABLE:
        variable(gen, instruction);
        break;
    case IR_CALL: case IR_CALL_VALUE: case IR_CALL_EXTERN: case IR_FORCE:
        go_to(gen, pos);
        note_call(gen, pos);
        break;
    case IR_RETURN:
        gen_call_runtime(gen, RUNTIME_leave, &gen->debug->frame);
        break;
    case IR_NAT_CHECK: /* its place is that of a type */
        break;
    default:
        if (pos.at != 0)
            go_to(gen, pos);
        break;
    }
}
