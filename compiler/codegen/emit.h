/* From modules to bytes; private to this folder. */
#ifndef POLEC_CODEGEN_EMIT_H
#define POLEC_CODEGEN_EMIT_H

#include <llvm-c/TargetMachine.h>

#include "codegen/code.h"
#include "options.h"

LLVMTargetMachineRef emit_target_machine(const Options *options);
CodeBuffer emit_module(const Options *options, LLVMTargetMachineRef machine, LLVMModuleRef module);

/* The same bytes on LLVM's heap, where they can outlive the codegen arena. */
CodeBuffer emit_copy(const CodeBuffer *buffer);

#endif
