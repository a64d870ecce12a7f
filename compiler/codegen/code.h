/*
 * Code: what LLVM made of the program.
 *
 *   made by    codegen(), codegen/codegen.h
 *   read by    link_executable(), jit_run(), testing_run() and the driver, which writes text kinds out
 *   memory     this struct and its lists: the `codegen` arena; the buffer's contents: LLVM's own heap, which no arena
 *              can hold, or the arena if the objects of several units have been joined
 *   dies       when the output stands (driver.c); code_dispose() gives LLVM's part back
 *
 * After codegen() nothing refers to the IR.
 */
#ifndef POLEC_CODEGEN_CODE_H
#define POLEC_CODEGEN_CODE_H

#include "base/arena.h"

typedef struct { const char *bytes; size_t size; void *llvm_buffer; /* NULL: in the arena */ } CodeBuffer;

typedef struct {
    const char *symbol;     /* a function `bool (void)` */
    const char *name;       /* of the tested function */
    uint32_t number;
} CodeTest;

typedef struct {
    CodeBuffer *buffers;    /* one: an object, text or bitcode; in memory (run, test) one object a unit */
    uint32_t n_buffers;
    const char **libraries; /* from @link */
    uint32_t n_libraries;
    CodeTest *tests;
    uint32_t n_tests;
    bool has_main;
} Code;

void code_dispose(Code *code); /* leaves it empty */
void code_buffer_dispose(CodeBuffer *buffer); /* one of them; nothing is left to dispose of then */

#endif
