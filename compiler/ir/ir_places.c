/*
 * Instructions that can fail at run time carry their place; the others need none, and four bytes each would be a third of
 * the IR.  Where a place is wanted after all it follows from the order: what an instruction reads stands before it, so an
 * instruction without a place gets that of the next one in its block that has one.  At the end of a block, and where a
 * block begins, it is the last one before.
 */
#include "ir/ir_places.h"

#include <stddef.h>

/* Which word of an instruction is its place; 0: none. */
enum {
    PLACE_IrPlain = 0, PLACE_IrIndex = 0, PLACE_IrWide = 0, PLACE_IrSelect = 0, PLACE_IrPayload = 0, PLACE_IrMany = 0,
    PLACE_IrVariant = 0, PLACE_IrBlock = 0, PLACE_IrJump = 0, PLACE_IrBranch = 0, PLACE_IrReturn = 0,
    PLACE_IrBinary = offsetof(IrBinary, pos) / 4,
    PLACE_IrUnary = offsetof(IrUnary, pos) / 4,
    PLACE_IrCall = offsetof(IrCall, pos) / 4,
    PLACE_IrCheck = offsetof(IrCheck, pos) / 4,
};

static SourcePos own_place(const IrHead *head)
{
    static const uint8_t words[N_IR_OPS] = {
#define INSTRUCTION(op, type, name, has_value) [IR_##op] = PLACE_##type,
#include "ir/ir.def"
#undef INSTRUCTION
    };
    uint32_t word = words[head->op];
    if (head->op == IR_STRING)
        word = offsetof(IrIndex, index) / 4;
    /* A NAT_CHECK names the type that demands it, which may stand in another declaration. */
    if (word == 0 || head->op == IR_NAT_CHECK)
        return (SourcePos){0};
    return (SourcePos){((const uint32_t *)(const void *)head)[word]};
}

static void fill(SourcePos *places, uint32_t from, uint32_t to, SourcePos place)
{
    for (uint32_t i = from; i < to; i++)
        places[i] = place;
}

void ir_places(const Ir *ir, const IrFunction *function, SourcePos *places)
{
    SourcePos last = function->pos;
    uint32_t waiting = 0; /* from here on no place has been found yet */
    for (uint32_t word = 0; word < function->n_words;) {
        const IrHead *head = ir_head(ir, function, (ValueId){word});
        SourcePos own = own_place(head);
        bool begins_block = head->op == IR_BLOCK || head->op == IR_PARAM;
        word += ir_size(head);
        if (!begins_block && own.at == 0)
            continue;
        if (own.at != 0)
            last = own;
        fill(places, waiting, word, last);
        waiting = word;
    }
    fill(places, waiting, function->n_words, last);
}
