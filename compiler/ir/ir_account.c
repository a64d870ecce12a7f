/*
 * Bytes by operation: a function is a run of words, instruction after instruction.
 */
#include "ir/ir_account.h"

typedef struct {
    uint64_t counts[N_IR_OPS], words[N_IR_OPS];
} Operations;

static void count_function(Operations *operations, const Ir *ir, const IrFunction *function)
{
    for (ValueId at = {0}; at.i < function->n_words;) {
        const IrHead *instruction = ir_head(ir, function, at);
        uint32_t words = ir_size(instruction);
        operations->counts[instruction->op]++;
        operations->words[instruction->op] += words;
        at.i += words;
    }
}

void ir_account(KindTable *table, const void *product)
{
    const Ir *ir = product;
    Operations operations = {{0}, {0}};
    for (uint32_t i = 0; i < ir->n_functions; i++)
        count_function(&operations, ir, &ir->functions[i]);
    for (int op = 0; op < N_IR_OPS; op++)
        kinds_add(table, ir_op_name((IrOp)op), operations.counts[op], operations.words[op] * sizeof *ir->words);
    kinds_told(table, ir->words);
}
