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

/* The way in line and the way through the run-time library, which meet again. */
typedef struct { LLVMBasicBlockRef fast, slow, join; } Ways;

/* To a new block if the list is of the kind that may have room, else to `slow`, which stands at the function's end. */
static Ways choose_kind(Gen *gen, LLVMValueRef length_word, int64_t kind)
{
    Ways ways;
    ways.join = gen_block_behind_current(gen);
    ways.fast = gen_block_behind_current(gen);
    ways.slow = LLVMAppendBasicBlockInContext(gen->context, gen->function, "");
    LLVMBasicBlockRef look = gen_block_behind_current(gen);
    LLVMValueRef bits = LLVMBuildAnd(gen->builder, length_word, gen_int(gen, LIST_KIND_BITS), "");
    LLVMValueRef is_kind = LLVMBuildICmp(gen->builder, LLVMIntEQ, bits, gen_int(gen, kind), "");
    LLVMBuildCondBr(gen->builder, is_kind, look, ways.slow);
    LLVMPositionBuilderAtEnd(gen->builder, look);
    return ways;
}

/* From the new block to `fast` if the list is its buffer's longest and the buffer has room, else to `slow`. */
static void choose_way(Gen *gen, const Ways *ways, LLVMValueRef newest, LLVMValueRef fits)
{
    LLVMBuildCondBr(gen->builder, LLVMBuildAnd(gen->builder, newest, fits, ""), ways->fast, ways->slow);
}

static LLVMValueRef call_grow(Gen *gen, RuntimeFunction grow, const LLVMValueRef *list, const Layout *element)
{
    LLVMValueRef arguments[] = {list[0], list[1], gen_int(gen, element->size), gen_int(gen, element->plain)};
    return gen_call_runtime(gen, grow, arguments);
}

static LLVMValueRef either(Gen *gen, const Ways *ways, LLVMValueRef fast, LLVMValueRef slow)
{
    LLVMValueRef values[] = {fast, slow}, phi = LLVMBuildPhi(gen->builder, LLVMTypeOf(fast), "");
    LLVMBasicBlockRef blocks[] = {ways->fast, ways->slow};
    LLVMAddIncoming(phi, values, blocks, 2);
    return phi;
}

/* The address behind the last element of a list whose kind is 0, so that mostly no shift is needed. */
static LLVMValueRef behind_headed(Gen *gen, LLVMValueRef base, LLVMValueRef length_word, uint32_t size)
{
    if (size % LENGTH_ONE != 0)
        return gen_element_address(gen, base, LLVMBuildLShr(gen->builder, length_word, gen_int(gen, LENGTH_SHIFT), ""), size);
    LLVMValueRef bytes = LLVMBuildMul(gen->builder, length_word, gen_int(gen, size / LENGTH_ONE), "");
    return LLVMBuildInBoundsGEP2(gen->builder, gen->i8, base, &bytes, 1, "");
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

LLVMValueRef gen_header_word(Gen *gen, LLVMValueRef elements, int64_t offset)
{
    LLVMValueRef back = gen_int(gen, offset - LIST_HEADER_SIZE);
    return LLVMBuildInBoundsGEP2(gen->builder, gen->i8, elements, &back, 1, "");
}

/* Which way: the header knows. */
static Ways ask_header(Gen *gen, const LLVMValueRef *list)
{
    Ways ways = choose_kind(gen, list[1], LIST_HEADED);
    LLVMValueRef longest = gen_load_scalar(gen, gen_header_word(gen, list[0], LIST_HEADER_LONGEST), 0, SCALAR_I64);
    LLVMValueRef full = gen_load_scalar(gen, gen_header_word(gen, list[0], LIST_HEADER_FULL), 0, SCALAR_I64);
    choose_way(gen, &ways, LLVMBuildICmp(gen->builder, LLVMIntEQ, longest, list[1], ""),
               LLVMBuildICmp(gen->builder, LLVMIntNE, full, list[1], ""));
    return ways;
}

/* Which way: an accumulator knows. */
static Ways ask_room(Gen *gen, const LLVMValueRef *list)
{
    Ways ways;
    ways.join = gen_block_behind_current(gen);
    ways.fast = gen_block_behind_current(gen);
    ways.slow = LLVMAppendBasicBlockInContext(gen->context, gen->function, "");
    LLVMValueRef full = LLVMBuildICmp(gen->builder, LLVMIntEQ, list[1], list[LIST_ROOM], "");
    LLVMBuildCondBr(gen->builder, full, ways.slow, ways.fast);
    return ways;
}

static void push_in_line(Gen *gen, const IrCall *instruction, const Layout *element, ValueId at)
{
    const LLVMValueRef *list = gen_scalars(gen, instruction->arguments[0]);
    bool accumulates = gen_accumulates(gen, at);
    Ways ways = accumulates ? ask_room(gen, list) : ask_header(gen, list);

    LLVMPositionBuilderAtEnd(gen->builder, ways.fast);
    LLVMValueRef fast_place = behind_headed(gen, list[0], list[1], element->size);
    LLVMValueRef fast_longer = LLVMBuildNUWAdd(gen->builder, list[1], gen_int(gen, LENGTH_ONE), "");
    LLVMBuildBr(gen->builder, ways.join);

    LLVMPositionBuilderAtEnd(gen->builder, ways.slow);
    LLVMValueRef grown = accumulates ? gen_call_reserve(gen, at, list, element)
                                     : call_grow(gen, RUNTIME_list_grow, list, element);
    LLVMValueRef slow_place = gen_element_address(gen, grown, gen_list_length(gen, list), element->size);
    LLVMValueRef slow_longer = one_longer(gen, list[1], LIST_HEADED);
    LLVMValueRef slow_room = NULL;
    if (accumulates)
        slow_room = gen_load_scalar(gen, gen_header_word(gen, grown, LIST_HEADER_FULL), 0, SCALAR_I64);
    LLVMBuildBr(gen->builder, ways.join);

    LLVMPositionBuilderAtEnd(gen->builder, ways.join);
    LLVMValueRef elements = either(gen, &ways, list[0], grown);
    LLVMValueRef place = either(gen, &ways, fast_place, slow_place);
    LLVMValueRef longer = either(gen, &ways, fast_longer, slow_longer);
    LLVMValueRef room = accumulates ? either(gen, &ways, list[LIST_ROOM], slow_room) : NULL;
    gen_store_lasting(gen, place, 0, element, gen_scalars(gen, instruction->arguments[1]));
    if (!accumulates)
        gen_store_scalar(gen, gen_header_word(gen, elements, LIST_HEADER_LONGEST), 0, longer);
    LLVMValueRef result[] = {elements, longer, room};
    gen_define(gen, at, result, accumulates ? 3 : 2);
}

void gen_list_push(Gen *gen, const IrCall *instruction, const Layout *element, ValueId at)
{
    if (element->n > 0 && gen->options->optimization > 0) {
        push_in_line(gen, instruction, element, at);
        return;
    }
    int64_t kind = element->n == 0 ? LIST_SLICE : LIST_HEADED;
    LLVMValueRef longer = one_longer(gen, gen_scalars(gen, instruction->arguments[0])[1], kind), elements;
    if (element->n == 0)
        elements = LLVMConstNull(gen->scalar_types[SCALAR_PTR]);
    else 
        elements = call_push(gen, instruction, element);
    gen_define_list(gen, at, elements, longer);
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
    choose_way(gen, &ways, newest, fits);
    LLVMPositionBuilderAtEnd(gen->builder, ways.fast);
    LLVMValueRef before = gen_element_address(gen, list[0], gen_int(gen, -1), element->size);
    LLVMBuildBr(gen->builder, ways.join);
    LLVMPositionBuilderAtEnd(gen->builder, ways.slow);
    LLVMValueRef grown = call_grow(gen, RUNTIME_list_grow_front, list, element);
    LLVMBuildBr(gen->builder, ways.join);
    LLVMPositionBuilderAtEnd(gen->builder, ways.join);
    LLVMValueRef place = either(gen, &ways, before, grown);
    gen_store_lasting(gen, place, 0, element, gen_scalars(gen, instruction->arguments[0]));
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
