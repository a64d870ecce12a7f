/*
 * Instructions that can fail at run time carry their place; the others need none, and four bytes each would be a third of
 * the IR.  Where a place is wanted after all it follows from the order: what an instruction reads stands before it, so an
 * instruction without a place gets that of the next one in its block that has one.  At the end of a block, and where a
 * block begins, it is the last one before.
 */
#include "ir/ir_places.h"

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
        /* A NAT_CHECK's place is in another declaration, maybe. */
        SourcePos own = head->op != IR_NAT_CHECK ? ir_place(head) : (SourcePos){0};
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
