/*
 * Bytes by operation: a function is a run of words, instruction after instruction.
 */
#include "ir/ir_account.h"

#include "ir/ir_places.h"

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

static void charge_functions(Charges *charges, const Ir *ir)
{
    ArenaArray *buffer = arena_array(charges->arena, "place", sizeof(SourcePos));
    for (uint32_t i = 0; i < ir->n_functions; i++) {
        const IrFunction *function = &ir->functions[i];
        array_truncate(buffer, 0);
        SourcePos *places = array_push(buffer, function->n_words);
        ir_places(ir, function, places);
        charge(charges, CHARGED_IR, function->pos, function->pos, sizeof *function);
        for (uint32_t at = 0; at < function->n_words;) {
            uint32_t words = ir_size(ir_head(ir, function, (ValueId){at}));
            charge(charges, CHARGED_IR, places[at], function->pos, words * sizeof *ir->words);
            at += words;
        }
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
    if (table->charges != NULL)
        charge_functions(table->charges, ir);
}
