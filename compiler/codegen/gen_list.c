/*
 * Lists: a pointer to the elements and a length word, length * 4 + kind (runtime.h).
 *
 * Reading is done in line: the length is a shift, an element a bounds check and loads.  A literal is one object with a
 * PoleListHeader in front of its elements, allocated and stored to, or a constant if all elements are.  What makes a new
 * list from an old one stands in gen_list_grow.c.
 */
#include "codegen/gen.h"

#include <string.h>

static const Layout *element_layout(Gen *gen, TypeId list)
{
    return layout_of(&gen->layouts, type_part(gen->types, list, 0));
}

void gen_define_list(Gen *gen, ValueId at, LLVMValueRef elements, LLVMValueRef length_word)
{
    LLVMValueRef list[] = {elements, length_word};
    gen_define(gen, at, list, 2);
}

static LLVMValueRef headed(Gen *gen, int64_t n)
{
    return gen_int(gen, n * LENGTH_ONE + LIST_HEADED);
}

void gen_no_elements(Gen *gen, LLVMValueRef *list)
{
    list[0] = LLVMConstNull(gen->scalar_types[SCALAR_PTR]);
    list[1] = gen_int(gen, LIST_SLICE);
}

/* ---- literals ---------------------------------------------------------------------------------------------------- */

static bool elements_are_constant(Gen *gen, const IrMany *instruction, const Layout *element)
{
    for (uint32_t i = 0; i < instruction->n; i++) {
        const LLVMValueRef *scalars = gen_scalars(gen, instruction->values[i]);
        for (uint32_t k = 0; k < element->n; k++)
            if (!LLVMIsConstant(scalars[k]))
                return false;
    }
    return true;
}

/* { longest, full, [n x element] }; there is no room behind the elements, so nobody ever writes to it. */
static LLVMValueRef constant_list(Gen *gen, const IrMany *instruction, const Layout *element)
{
    LLVMValueRef *elements = arena_push(gen->scratch, instruction->n * sizeof(LLVMValueRef));
    for (uint32_t i = 0; i < instruction->n; i++) {
        const LLVMValueRef *scalars = gen_scalars(gen, instruction->values[i]);
        ConstantObject object = gen_object_begin(gen, element->n);
        for (uint32_t k = 0; k < element->n; k++)
            gen_object_add(gen, &object, element->scalars[k].offset, scalars[k], element->scalars[k].scalar);
        elements[i] = gen_object_end(gen, &object, element->size);
    }
    LLVMValueRef word = headed(gen, instruction->n);
    LLVMValueRef members[] = {word, word, LLVMConstArray2(LLVMTypeOf(elements[0]), elements, instruction->n)};
    LLVMValueRef object = gen_new_constant(gen, LLVMConstStructInContext(gen->context, members, 3, 1), 8);
    LLVMValueRef header = gen_int(gen, LIST_HEADER_SIZE);
    return LLVMConstInBoundsGEP2(gen->i8, object, &header, 1);
}

/* Room for `n` elements behind a header that says they are all there is. */
static LLVMValueRef new_elements(Gen *gen, const Layout *element, uint32_t n)
{
    int64_t size = LIST_HEADER_SIZE + (int64_t)n * element->size;
    LLVMValueRef object = gen_allocate(gen, gen_int(gen, size), element->plain);
    gen_store_scalar(gen, object, LIST_HEADER_LONGEST, headed(gen, n));
    gen_store_scalar(gen, object, LIST_HEADER_FULL, headed(gen, n));
    return gen_offset(gen, object, LIST_HEADER_SIZE);
}

static LLVMValueRef fresh_list(Gen *gen, const IrMany *instruction, const Layout *element)
{
    LLVMValueRef elements = new_elements(gen, element, instruction->n);
    for (uint32_t i = 0; i < instruction->n; i++) {
        LLVMValueRef address = gen_element_address(gen, elements, gen_int(gen, i), element->size);
        gen_store_lasting(gen, address, 0, element, gen_scalars(gen, instruction->values[i]));
    }
    return elements;
}

void gen_list(Gen *gen, const IrMany *instruction, ValueId at)
{
    const Layout *element = element_layout(gen, (TypeId){instruction->head.type});
    uint32_t n = instruction->n;
    LLVMValueRef list[2];
    gen_no_elements(gen, list);
    if (n > 0 && element->n == 0)
        list[1] = gen_int(gen, (int64_t)n * LENGTH_ONE + LIST_SLICE);
    else if (n > 0) {
        bool constant = elements_are_constant(gen, instruction, element);
        list[0] = constant ? constant_list(gen, instruction, element) : fresh_list(gen, instruction, element);
        list[1] = headed(gen, n);
    }
    gen_define(gen, at, list, 2);
}

void gen_one_element(Gen *gen, const Layout *element, const LLVMValueRef *scalars, LLVMValueRef *list)
{
    list[0] = new_elements(gen, element, 1);
    list[1] = headed(gen, 1);
    gen_store_lasting(gen, list[0], 0, element, scalars);
}

/* ---- reading ----------------------------------------------------------------------------------------------------- */

LLVMValueRef gen_list_length(Gen *gen, const LLVMValueRef *list)
{
    return LLVMBuildLShr(gen->builder, list[1], gen_int(gen, LENGTH_SHIFT), "");
}

static void load_element(Gen *gen, const LLVMValueRef *list, LLVMValueRef index, const Layout *element, LLVMValueRef *result)
{
    if (element->n > 0)
        gen_load_lasting(gen, gen_element_address(gen, list[0], index, element->size), 0, element, result);
}

/* A pattern has made sure that the list is long enough. */
void gen_element(Gen *gen, const IrSelect *instruction, ValueId at)
{
    const Layout *element = element_layout(gen, gen_type_of(gen, instruction->value));
    LLVMValueRef result[MAX_SCALARS];
    load_element(gen, gen_scalars(gen, instruction->value), gen_int(gen, instruction->index), element, result);
    gen_define(gen, at, result, element->n);
}

/* The same elements seen from further on: nothing is copied, and the length word says that no header precedes them, while
   a footer is where it was. */
void gen_tail(Gen *gen, const IrSelect *instruction, ValueId at)
{
    const Layout *element = element_layout(gen, gen_type_of(gen, instruction->value));
    const LLVMValueRef *list = gen_scalars(gen, instruction->value);
    if (instruction->index == 0) {
        gen_define_list(gen, at, list[0], list[1]);
        return;
    }
    LLVMValueRef shorter = LLVMBuildSub(gen->builder, list[1], gen_int(gen, (int64_t)instruction->index * LENGTH_ONE), "");
    LLVMValueRef elements = list[0];
    if (element->size > 0)
        elements = gen_element_address(gen, list[0], gen_int(gen, instruction->index), element->size);
    gen_define_list(gen, at, elements, LLVMBuildOr(gen->builder, shorter, gen_int(gen, LIST_SLICE), ""));
}

static LLVMValueRef outside(Gen *gen, LLVMValueRef index, LLVMValueRef length)
{
    return LLVMBuildICmp(gen->builder, LLVMIntUGE, index, length, "");
}

/* The index to load with.  Where list and index are constants that do not fit, the load is never reached, but LLVM would
   still fold its address, and one that lies gigabytes away from the list fits no relocation. */
static LLVMValueRef loadable(Gen *gen, const LLVMValueRef *list, LLVMValueRef index)
{
    if (LLVMIsAConstantInt(index) == NULL || LLVMIsAConstantInt(list[1]) == NULL)
        return index;
    LLVMValueRef fails = outside(gen, index, gen_list_length(gen, list));
    bool never = LLVMIsAConstantInt(fails) != NULL && LLVMConstIntGetZExtValue(fails) != 0;
    return never ? gen_int(gen, 0) : index;
}

static void list_get(Gen *gen, const IrCall *instruction, const Layout *element, ValueId at)
{
    const LLVMValueRef *list = gen_scalars(gen, instruction->arguments[0]);
    LLVMValueRef index = gen_scalar(gen, instruction->arguments[1]), length = gen_list_length(gen, list);
    LLVMBasicBlockRef go_on = gen_fails_if(gen, outside(gen, index, length));
    LLVMValueRef arguments[] = {gen_place(gen, instruction->pos), index, length};
    gen_call_runtime(gen, RUNTIME_fail_index, arguments);
    gen_failed(gen, go_on);
    LLVMValueRef result[MAX_SCALARS];
    load_element(gen, list, loadable(gen, list, index), element, result);
    gen_define(gen, at, result, element->n);
}

static void list_get_or(Gen *gen, const IrCall *instruction, const Layout *element, ValueId at)
{
    const LLVMValueRef *list = gen_scalars(gen, instruction->arguments[0]);
    LLVMValueRef index = gen_scalar(gen, instruction->arguments[1]);
    LLVMValueRef result[MAX_SCALARS];
    GenChoice choice;
    gen_choice_begin(gen, &choice, LLVMBuildICmp(gen->builder, LLVMIntULT, index, gen_list_length(gen, list), ""));
    load_element(gen, list, loadable(gen, list, index), element, result);
    gen_choice_else(gen, &choice, result, element->n);
    gen_choice_end(gen, &choice, gen_scalars(gen, instruction->arguments[2]), element->n, result);
    gen_define(gen, at, result, element->n);
}

void gen_list_builtin(Gen *gen, const IrCall *instruction, ValueId at)
{
    TypeId result = {instruction->head.type};
    LLVMValueRef none[2];
    switch ((Builtin)instruction->callee) {
    case BUILTIN_LIST_GET: list_get(gen, instruction, layout_of(&gen->layouts, result), at); break;
    case BUILTIN_LIST_GET_OR: list_get_or(gen, instruction, layout_of(&gen->layouts, result), at); break;
    case BUILTIN_LIST_SET: gen_list_set(gen, instruction, element_layout(gen, result), at); break;
    case BUILTIN_LIST_PUSH: gen_list_push(gen, instruction, element_layout(gen, result), at); break;
    case BUILTIN_LIST_CONS: gen_list_cons(gen, instruction, element_layout(gen, result), at); break;
    case BUILTIN_LIST_CONCAT: gen_list_concat(gen, instruction, element_layout(gen, result), at); break;
    case BUILTIN_LIST_LENGTH:
        gen_define_one(gen, at, gen_list_length(gen, gen_scalars(gen, instruction->arguments[0])));
        break;
    default: /* BUILTIN_LIST_NEW */
        gen_no_elements(gen, none);
        gen_define(gen, at, none, 2);
        break;
    }
}
