/*
 * From a module to bytes: the target machine, the optimisation pipelines, and the kinds of output.
 *
 * At -O0 no pass runs but those that make code, and instructions are selected by FastISel.  With optimisation LLVM's own
 * pipelines run as clang's do.  The machine is described without looking at the host, so that output depends on the
 * input alone.
 */
#include "codegen/emit.h"

#include <llvm-c/Analysis.h>
#include <llvm-c/BitWriter.h>
#include <llvm-c/Core.h>
#include <llvm-c/Target.h>
#include <llvm-c/Transforms/PassBuilder.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "link/llvm_start.h"
#include "output.h"
#include "process.h"

static const char triple[] = "x86_64-pc-linux-gnu";

/* A fault of ours, or of LLVM's: no diagnostic of the program's can tell it. */
static _Noreturn void internal_error(const char *message)
{
    fprintf(stderr, "polec: internal error: %s\n", message);
    output_remove_temporaries(); /* of other files, which may be waiting for their turn */
    exit(STATUS_INTERNAL);
}

/* ---- the target machine ------------------------------------------------------------------------------------------ */

/* LLVM's registry of targets is global. */
static void initialize_target(void)
{
    LLVMInitializeX86TargetInfo();
    LLVMInitializeX86Target();
    LLVMInitializeX86TargetMC();
    LLVMInitializeX86AsmPrinter();
}

LLVMTargetMachineRef emit_target_machine(const Options *options)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    pthread_once(&once, initialize_target);
    static const LLVMCodeGenOptLevel levels[] = {LLVMCodeGenLevelNone, LLVMCodeGenLevelLess, LLVMCodeGenLevelDefault,
                                                 LLVMCodeGenLevelAggressive};
    LLVMTargetRef target;
    char *message = NULL;
    if (LLVMGetTargetFromTriple(triple, &target, &message))
        internal_error(message);
    return LLVMCreateTargetMachine(target, triple, "x86-64", "", levels[options->optimization & 3], LLVMRelocPIC,
                                   LLVMCodeModelDefault);
}

/* ---- passes ------------------------------------------------------------------------------------------------------ */

/* LLVM's own pipeline, and before it what leaves the loops of self tail calls as clang's loops come out of its front-end:
   without phis for parameters that stay the same, and with what depends on these alone, the length of a list above all,
   computed before the loop.  Only so does LLVM see that an index that runs up to the length needs no check. */
static void optimize(LLVMModuleRef module, LLVMTargetMachineRef machine, unsigned level)
{
    char pipeline[64];
    llvm_start_passes();
    snprintf(pipeline, sizeof pipeline, "function(instsimplify,loop-mssa(licm)),default<O%u>", level);
    LLVMPassBuilderOptionsRef options = LLVMCreatePassBuilderOptions();
    LLVMErrorRef error = LLVMRunPasses(module, pipeline, machine, options);
    LLVMDisposePassBuilderOptions(options);
    if (error != NULL)
        internal_error(LLVMGetErrorMessage(error));
}

static void verify(LLVMModuleRef module)
{
#ifndef NDEBUG
    char *message = NULL;
    if (LLVMVerifyModule(module, LLVMReturnStatusAction, &message))
        internal_error(message);
    LLVMDisposeMessage(message);
#else
    (void)module;
#endif
}

/* ---- buffers ----------------------------------------------------------------------------------------------------- */

static CodeBuffer buffer_of(LLVMMemoryBufferRef buffer)
{
    return (CodeBuffer){LLVMGetBufferStart(buffer), LLVMGetBufferSize(buffer), buffer};
}

static LLVMMemoryBufferRef print_module(LLVMModuleRef module)
{
    char *text = LLVMPrintModuleToString(module);
    LLVMMemoryBufferRef buffer = LLVMCreateMemoryBufferWithMemoryRangeCopy(text, strlen(text), "");
    LLVMDisposeMessage(text);
    return buffer;
}

static LLVMMemoryBufferRef generate(LLVMModuleRef module, LLVMTargetMachineRef machine, LLVMCodeGenFileType kind)
{
    LLVMMemoryBufferRef buffer = NULL;
    char *message = NULL;
    if (LLVMTargetMachineEmitToMemoryBuffer(machine, module, kind, &message, &buffer))
        internal_error(message);
    return buffer;
}

CodeBuffer emit_module(const Options *options, LLVMTargetMachineRef machine, LLVMModuleRef module)
{
    verify(module);
    if (options->optimization > 0)
        optimize(module, machine, options->optimization);
    if (options->emit == EMIT_LLVM_IR)
        return buffer_of(print_module(module));
    if (options->emit == EMIT_LLVM_BITCODE)
        return buffer_of(LLVMWriteBitcodeToMemoryBuffer(module));
    return buffer_of(generate(module, machine, options->emit == EMIT_ASSEMBLY ? LLVMAssemblyFile : LLVMObjectFile));
}

void code_buffer_dispose(CodeBuffer *buffer)
{
    if (buffer->llvm_buffer != NULL)
        LLVMDisposeMemoryBuffer(buffer->llvm_buffer);
    *buffer = (CodeBuffer){NULL, 0, NULL};
}

CodeBuffer emit_copy(const CodeBuffer *buffer)
{
    LLVMMemoryBufferRef copy = LLVMCreateMemoryBufferWithMemoryRangeCopy(buffer->bytes, buffer->size, "program");
    return (CodeBuffer){LLVMGetBufferStart(copy), LLVMGetBufferSize(copy), copy};
}

void code_dispose(Code *code)
{
    for (uint32_t i = 0; i < code->n_buffers; i++)
        code_buffer_dispose(&code->buffers[i]);
    *code = (Code){0}; /* LIFETIME: its lists lie in an arena that dies soon */
}
