/*
 * Where each line of LLVM's text comes from, for the page of --memory-report=html.
 *
 * LLVM carries debug locations along with its instructions, through its optimisation passes as well; here the "line" of a
 * location is a SourcePos.  The module is only printed, never made into code, and what is printed of the locations is
 * taken out again (page/columns.c).
 */
#include "codegen/gen.h"

#include <llvm-c/DebugInfo.h>

#include "ir/trail.h"

void gen_trail_unit_begins(Gen *gen)
{
    LLVMDIBuilderRef builder = gen->heap->trail_builder = LLVMCreateDIBuilder(gen->module);
    gen->trail_file = LLVMDIBuilderCreateFile(builder, "page", 4, "", 0);
    LLVMDIBuilderCreateCompileUnit(builder, LLVMDWARFSourceLanguageC, gen->trail_file, "polec", 5, 0, "", 0, 0, "", 0,
                                   LLVMDWARFEmissionLineTablesOnly, 0, 0, 0, "", 0, "", 0);
    LLVMMetadataRef version = LLVMValueAsMetadata(LLVMConstInt(gen->i32, LLVMDebugMetadataVersion(), 0));
    LLVMAddModuleFlag(gen->module, LLVMModuleFlagBehaviorWarning, "Debug Info Version", 18, version);
}

static void set_place(Gen *gen, SourcePos pos)
{
    LLVMMetadataRef scope = LLVMGetSubprogram(gen->function);
    LLVMMetadataRef place = LLVMDIBuilderCreateDebugLocation(gen->context, pos.at, 0, scope, NULL);
    LLVMSetCurrentDebugLocation2(gen->builder, place);
    LLVMSetCurrentDebugLocation2(gen->entry_builder, place);
}

void gen_trail_function(Gen *gen)
{
    LLVMDIBuilderRef builder = gen->heap->trail_builder;
    LLVMMetadataRef type = LLVMDIBuilderCreateSubroutineType(builder, gen->trail_file, NULL, 0, LLVMDIFlagZero);
    unsigned pos = gen->current->pos.at;
    LLVMMetadataRef program = LLVMDIBuilderCreateFunction(builder, gen->trail_file, "", 0, "", 0, gen->trail_file, pos, type,
                                                          1, 1, pos, LLVMDIFlagZero, 0);
    LLVMSetSubprogram(gen->function, program);
    set_place(gen, gen->current->pos);
}

void gen_trail_instruction(Gen *gen, const IrHead *instruction, ValueId at)
{
    SourcePos pos = trail_place(gen->session->ir_trail, instruction, gen->current->first_word + at.i);
    set_place(gen, pos.at != 0 ? pos : gen->current->pos);
}

void gen_trail_nowhere(Gen *gen)
{
    if (gen->keeps_trail)
        LLVMSetCurrentDebugLocation2(gen->builder, NULL);
}

void gen_trail_unit_ends(Gen *gen)
{
    LLVMDIBuilderFinalize(gen->heap->trail_builder);
    LLVMDisposeDIBuilder(gen->heap->trail_builder);
    gen->heap->trail_builder = NULL;
}
