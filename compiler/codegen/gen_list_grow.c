/*
 * New lists from old ones.
 *
 * Pushing and consing take a free place of the list's buffer if the list is the buffer's longest (runtime.h tells how
 * that is known): a few instructions in line.  The run-time library is called, out of the way, where there is no place
 * to take; it makes a buffer with one, so that both ways go on alike.  Set and concat always make a new buffer, and are
 * the run-time library's work.
 *
 * Without optimisation the run-time library does it all: in line, programs that do little else ran in 0.8 of the time,
 * but took 1.9 times as long to compile, to 2.2 times the code (2026-11).
 */
#include "codegen/gen.h"

/* The way in line and the way through the run-time library, which end in the same block. */
typedef struct { LLVMBasicBlockRef slow, look, join; } Ways;

/* To `look` if the list is of the kind that may have room, else to `slow`, which stands at the function's end. */
static Ways choose_kind(Gen *gen, LLVMValueRef length_word, int64_t kind)
{
    Ways ways;
    ways.join = gen_block_behind_current(gen);
    ways.look = gen_block_behind_current(gen);
    ways.slow = LLVMAppendBasicBlockInContext(gen->context, gen->function, "");
    LLVMValueRef bits = LLVMBuildAnd(gen->builder, length_word, gen_int(gen, LIST_KIND_BITS), "");
    LLVMValueRef is_kind = LLVMBuildICmp(gen->builder, LLVMIntEQ, bits, gen_int(gen, kind), "");
    LLVMBuildCondBr(gen->builder, is_kind, ways.look, ways.slow);
    LLVMPositionBuilderAtEnd(gen->builder, ways.look);
    return ways;
}

/* Ends `look` and `slow`; goes on where they meet, with the address that the one has found or the other returns. */
static LLVMValueRef take_place(Gen *gen, const Ways *ways, LLVMValueRef has_room, LLVMValueRef found, RuntimeFunction grow,
                               const LLVMValueRef *list, const Layout *element)
{
    LLVMBuildCondBr(gen->builder, has_room, ways->join, ways->slow);
    LLVMPositionBuilderAtEnd(gen->builder, ways->slow);
    LLVMValueRef arguments[] = {list[0], list[1], gen_int(gen, element->size), gen_int(gen, element->plain)};
    LLVMValueRef grown = gen_call_runtime(gen, grow, arguments);
    LLVMBuildBr(gen->builder, ways->join);
    LLVMPositionBuilderAtEnd(gen->builder, ways->join);
    LLVMValueRef addresses[] = {found, grown};
    LLVMBasicBlockRef blocks[] = {ways->look, ways->slow};
    LLVMValueRef address = LLVMBuildPhi(gen->builder, gen->scalar_types[SCALAR_PTR], "");
    LLVMAddIncoming(address, addresses, blocks, 2);
    return address;
}

/* The length word of a list with one element more, of the kind `kind` whatever the list's was. */
static LLVMValueRef one_longer(Gen *gen, LLVMValueRef length_word, int64_t kind)
{
    LLVMValueRef last_kind = LLVMBuildOr(gen->builder, length_word, gen_int(gen, LIST_KIND_BITS), "");
    return LLVMBuildAdd(gen->builder, last_kind, gen_int(gen, LENGTH_ONE - LIST_KIND_BITS + kind), "");
}

/* ---- at the end -------------------------------------------------------------------------------------------------- */

/* The run-time library takes elements by their address. */
static LLVMValueRef call_push(Gen *gen, const IrCall *instruction, const Layout *element)
{
    const LLVMValueRef *list = gen_scalars(gen, instruction->arguments[0]);
    LLVMValueRef item = gen_spill(gen, element, gen_scalars(gen, instruction->arguments[1]));
    LLVMValueRef arguments[] = {list[0], list[1], item, gen_int(gen, element->size), gen_int(gen, element->plain)};
    return gen_call_runtime(gen, RUNTIME_list_push, arguments);
}

static LLVMValueRef header_word(Gen *gen, LLVMValueRef elements, int64_t offset)
{
    LLVMValueRef back = gen_int(gen, offset - LIST_HEADER_SIZE);
    return LLVMBuildInBoundsGEP2(gen->builder, gen->i8, elements, &back, 1, "");
}

static LLVMValueRef push_in_line(Gen *gen, const IrCall *instruction, const Layout *element)
{
    const LLVMValueRef *list = gen_scalars(gen, instruction->arguments[0]);
    LLVMValueRef length = gen_list_length(gen, list);
    Ways ways = choose_kind(gen, list[1], LIST_HEADED);
    LLVMValueRef used = gen_load_scalar(gen, header_word(gen, list[0], LIST_HEADER_USED), 0, SCALAR_I64);
    LLVMValueRef capacity = gen_load_scalar(gen, header_word(gen, list[0], LIST_HEADER_CAPACITY), 0, SCALAR_I64);
    LLVMValueRef newest = LLVMBuildICmp(gen->builder, LLVMIntEQ, used, length, "");
    LLVMValueRef fits = LLVMBuildICmp(gen->builder, LLVMIntULT, length, capacity, "");
    LLVMValueRef has_room = LLVMBuildAnd(gen->builder, newest, fits, "");
    LLVMValueRef elements = take_place(gen, &ways, has_room, list[0], RUNTIME_list_grow, list, element);
    LLVMValueRef place = gen_element_address(gen, elements, length, element->size);
    gen_store(gen, place, 0, element, gen_scalars(gen, instruction->arguments[1]));
    /* Behind the element, so that where pushes follow each other LLVM sees the next one's `used` in this store. */
    LLVMValueRef longer = LLVMBuildAdd(gen->builder, length, gen_int(gen, 1), "");
    gen_store_scalar(gen, header_word(gen, elements, LIST_HEADER_USED), 0, longer);
    return elements;
}

void gen_list_push(Gen *gen, const IrCall *instruction, const Layout *element, ValueId at)
{
    LLVMValueRef elements;
    if (element->n == 0)
        elements = LLVMConstNull(gen->scalar_types[SCALAR_PTR]);
    else if (gen->options->optimization == 0)
        elements = call_push(gen, instruction, element);
    else
        elements = push_in_line(gen, instruction, element);
    LLVMValueRef length_word = gen_scalars(gen, instruction->arguments[0])[1];
    gen_define_list(gen, at, elements, one_longer(gen, length_word, element->n == 0 ? LIST_SLICE : LIST_HEADED));
}

/* ---- in front ---------------------------------------------------------------------------------------------------- */

static LLVMValueRef call_cons(Gen *gen, const IrCall *instruction, const Layout *element)
{
    const LLVMValueRef *list = gen_scalars(gen, instruction->arguments[1]);
    LLVMValueRef item = gen_spill(gen, element, gen_scalars(gen, instruction->arguments[0]));
    LLVMValueRef arguments[] = {item, list[0], list[1], gen_int(gen, element->size), gen_int(gen, element->plain)};
    return gen_call_runtime(gen, RUNTIME_list_cons, arguments);
}

static LLVMValueRef cons_in_line(Gen *gen, const IrCall *instruction, const Layout *element)
{
    const LLVMValueRef *list = gen_scalars(gen, instruction->arguments[1]);
    LLVMValueRef length = gen_list_length(gen, list);
    Ways ways = choose_kind(gen, list[1], LIST_FOOTED);
    LLVMValueRef footer = gen_element_address(gen, list[0], length, element->size);
    LLVMValueRef first = gen_load_scalar(gen, footer, LIST_FOOTER_FIRST, SCALAR_PTR);
    LLVMValueRef start = gen_load_scalar(gen, footer, LIST_FOOTER_START, SCALAR_PTR);
    LLVMValueRef newest = LLVMBuildICmp(gen->builder, LLVMIntEQ, first, list[0], "");
    LLVMValueRef fits = LLVMBuildICmp(gen->builder, LLVMIntNE, start, list[0], "");
    LLVMValueRef has_room = LLVMBuildAnd(gen->builder, newest, fits, "");
    LLVMValueRef before = gen_element_address(gen, list[0], gen_int(gen, -1), element->size);
    LLVMValueRef place = take_place(gen, &ways, has_room, before, RUNTIME_list_grow_front, list, element);
    gen_store(gen, place, 0, element, gen_scalars(gen, instruction->arguments[0]));
    LLVMValueRef longer = LLVMBuildAdd(gen->builder, length, gen_int(gen, 1), "");
    gen_store_scalar(gen, gen_element_address(gen, place, longer, element->size), LIST_FOOTER_FIRST, place);
    return place;
}

void gen_list_cons(Gen *gen, const IrCall *instruction, const Layout *element, ValueId at)
{
    LLVMValueRef elements;
    if (element->n == 0)
        elements = LLVMConstNull(gen->scalar_types[SCALAR_PTR]);
    else if (gen->options->optimization == 0)
        elements = call_cons(gen, instruction, element);
    else
        elements = cons_in_line(gen, instruction, element);
    LLVMValueRef length_word = gen_scalars(gen, instruction->arguments[1])[1];
    gen_define_list(gen, at, elements, one_longer(gen, length_word, element->n == 0 ? LIST_SLICE : LIST_FOOTED));
}

/* ---- altogether new ---------------------------------------------------------------------------------------------- */

static void define_loaded_list(Gen *gen, LLVMValueRef slot, ValueId at)
{
    gen_define_list(gen, at, gen_load_scalar(gen, slot, 0, SCALAR_PTR), gen_load_scalar(gen, slot, 8, SCALAR_I64));
}

void gen_list_set(Gen *gen, const IrCall *instruction, const Layout *element, ValueId at)
{
    const LLVMValueRef *list = gen_scalars(gen, instruction->arguments[0]);
    LLVMValueRef result = gen_stack_slot(gen, 16);
    LLVMValueRef item = gen_spill(gen, element, gen_scalars(gen, instruction->arguments[2]));
    LLVMValueRef arguments[] = {result, list[0], list[1], gen_scalar(gen, instruction->arguments[1]), item,
                                gen_int(gen, element->size), gen_int(gen, element->plain),
                                gen_place(gen, instruction->pos)};
    gen_call_runtime(gen, RUNTIME_list_set, arguments);
    define_loaded_list(gen, result, at);
}

void gen_list_concat(Gen *gen, const IrCall *instruction, const Layout *element, ValueId at)
{
    const LLVMValueRef *lists = gen_scalars(gen, instruction->arguments[0]);
    LLVMValueRef result = gen_stack_slot(gen, 16);
    LLVMValueRef arguments[] = {result, lists[0], lists[1], gen_int(gen, element->size), gen_int(gen, element->plain)};
    gen_call_runtime(gen, RUNTIME_list_concat, arguments);
    define_loaded_list(gen, result, at);
}
