/*
 * The IR as text, for --emit=ir.  The format is stable:
 *
 *   extern puts(string) -> i32          a C function that is called; its C types
 *   func fact(Int) -> Int {             one per function, in the order of the IR; flags behind the result
 *   block 0(%0: Int):                   parameters are values, too
 *     %1 = int 1 : Int                  NAME OPERANDS : TYPE
 *     %2 = le %0, %1 : Bool
 *     branch %2, 1, 2                   instructions without a value have no "%N ="
 *   }
 *
 * Values are numbered densely per function, blocks by their ids.  Functions go by their names; instances of generic ones
 * by name<types>, lambdas by the name of their function, '$' and their number.  Fields, constructors and captures go by
 * number, constructors and fields with names by name.  No addresses, no sizes.
 *
 * The numbers of a function's values are kept in an arena of the dump's own.
 */
#include <inttypes.h>
#include <string.h>

#include "dump_line.h"
#include "ir/builder.h"
#include "ir/trail.h"

typedef struct {
    FILE *stream;
    const Session *session;
    const Ir *ir;
    const IrFunction *function;
    uint32_t *numbers;     /* by ValueId */
    ArenaArray *told;      /* DumpLine: what each line shows; or NULL */
} Dump;

/* ---- names ------------------------------------------------------------------------------------------------------- */

static void print_type(const Dump *dump, TypeId type)
{
    char buffer[1024];
    type_print(dump->session->types, type, buffer, sizeof buffer);
    fputs(buffer, dump->stream);
}

static void print_name(const Dump *dump, NameId name)
{
    fprintf(dump->stream, "%.*s", NAME_ARGS(&dump->session->names, name));
}

static void print_function_name(const Dump *dump, FunctionId id)
{
    const IrFunction *function = &dump->ir->functions[id.i];
    print_name(dump, function->name);
    if (function->instance.i != 0) {
        fputc('<', dump->stream);
        print_type(dump, function->instance);
        fputc('>', dump->stream);
    }
    if (function->flags & (IR_CLOSURE_BODY | IR_TEST))
        fprintf(dump->stream, "$%" PRIu32, id.i);
}

static void print_value(const Dump *dump, ValueId value)
{
    fprintf(dump->stream, "%%%" PRIu32, dump->numbers[value.i]);
}

static void print_values(const Dump *dump, const ValueId *values, uint32_t n)
{
    for (uint32_t i = 0; i < n; i++) {
        if (i > 0)
            fputs(", ", dump->stream);
        print_value(dump, values[i]);
    }
}

static void print_arguments(const Dump *dump, const ValueId *values, uint32_t n)
{
    fputc('(', dump->stream);
    print_values(dump, values, n);
    fputc(')', dump->stream);
}

static TypeId type_of(const Dump *dump, ValueId value)
{
    return (TypeId){ir_head(dump->ir, dump->function, value)->type};
}

static void print_constructor(const Dump *dump, TypeId variant, uint32_t index)
{
    print_name(dump, type_constructor(dump->session->types, variant, index)->name);
}

/* The literal as it stands in the source. */
static void print_literal(const Dump *dump, SourcePos quote)
{
    if (quote.at == 0) {
        fputs("\"\"", dump->stream);
        return;
    }
    const char *start = source_at(&dump->session->text, quote), *end = start + 1;
    while (*end != '"')
        end += *end == '\\' ? 2 : 1;
    fwrite(start, 1, (size_t)(end + 1 - start), dump->stream);
}

/* ---- operands ---------------------------------------------------------------------------------------------------- */

static uint64_t wide(const IrWide *instruction)
{
    return (uint64_t)instruction->high << 32 | instruction->low;
}

static void print_float(const Dump *dump, const IrWide *instruction)
{
    uint64_t bits = wide(instruction);
    double value;
    memcpy(&value, &bits, sizeof value);
    fprintf(dump->stream, "%.17g", value);
}

static void print_field(const Dump *dump, const IrSelect *instruction)
{
    print_value(dump, instruction->value);
    fputs(", ", dump->stream);
    NameId name = type_field_name(dump->session->types, type_of(dump, instruction->value), instruction->index);
    if (name.i != 0)
        print_name(dump, name);
    else
        fprintf(dump->stream, "%" PRIu32, instruction->index);
}

static void print_payload(const Dump *dump, const IrPayload *instruction)
{
    print_value(dump, instruction->value);
    fputs(", ", dump->stream);
    print_constructor(dump, type_of(dump, instruction->value), instruction->constructor);
    fprintf(dump->stream, ", %" PRIu32, instruction->index);
}

static void print_tag(const Dump *dump, const IrSelect *instruction)
{
    print_value(dump, instruction->value);
    fputs(", ", dump->stream);
    print_constructor(dump, type_of(dump, instruction->value), instruction->index);
}

static void print_call(const Dump *dump, const IrCall *instruction)
{
    switch (instruction->head.op) {
    case IR_CALL_VALUE: print_value(dump, (ValueId){instruction->callee}); break;
    case IR_CALL_EXTERN: print_name(dump, dump->ir->externs[instruction->callee].c_name); break;
    case IR_CALL_BUILTIN: fputs(builtin_name((Builtin)instruction->callee), dump->stream); break;
    default: print_function_name(dump, (FunctionId){instruction->callee}); break;
    }
    print_arguments(dump, instruction->arguments, instruction->n);
}

static void print_check(const Dump *dump, const IrCheck *instruction)
{
    print_value(dump, instruction->condition);
    fputs(instruction->what == CHECK_REQUIRES ? ", requires " : ", ensures ", dump->stream);
    print_name(dump, instruction->function);
}

static void print_location(const Dump *dump, const IrLocation *instruction)
{
    SourcePlace place = source_place(&dump->session->text, instruction->pos);
    fprintf(dump->stream, "%" PRIu32 ":%" PRIu32, place.line, place.column);
}

static void print_block(const Dump *dump, const IrBlock *instruction)
{
    uint32_t first = (uint32_t)((const uint32_t *)(const void *)instruction - (dump->ir->words + dump->function->first_word)) +
                     (uint32_t)(sizeof *instruction / sizeof(uint32_t));
    fprintf(dump->stream, "block %" PRIu32 "(", instruction->block.i);
    for (uint32_t i = 0; i < instruction->n_params; i++) {
        fprintf(dump->stream, i > 0 ? ", %%%" PRIu32 ": " : "%%%" PRIu32 ": ", dump->numbers[first + i]);
        print_type(dump, type_of(dump, (ValueId){first + i}));
    }
    fputs("):", dump->stream);
}

/* What stands behind the operation's name. */
static void print_operands(const Dump *dump, const IrHead *head)
{
    const void *at = head;
    const IrIndex *index = at;
    const IrBinary *binary = at;
    const IrJump *jump = at;
    const IrBranch *branch = at;
    FILE *stream = dump->stream;
    switch ((IrOp)head->op) {
    case IR_CAPTURE: fprintf(stream, "%" PRIu32, index->index); break;
    case IR_INT32: fprintf(stream, "%" PRId32, (int32_t)index->index); break;
    case IR_INT64: fprintf(stream, "%" PRId64, (int64_t)wide(at)); break;
    case IR_FLOAT: print_float(dump, at); break;
    case IR_BOOL: fputs(index->index ? "true" : "false", stream); break;
    case IR_STRING: print_literal(dump, (SourcePos){index->index}); break;
    case IR_ADD: case IR_SUBTRACT: case IR_MULTIPLY: case IR_DIVIDE: case IR_REMAINDER: case IR_EQUAL: case IR_NOT_EQUAL:
    case IR_LESS: case IR_LESS_EQUAL: case IR_GREATER: case IR_GREATER_EQUAL:
        print_values(dump, &binary->left, 1);
        fputs(", ", stream);
        print_values(dump, &binary->right, 1);
        break;
    case IR_NEGATE: case IR_NOT: case IR_NAT_CHECK: case IR_FORCE: print_value(dump, ((const IrUnary *)at)->operand); break;
    case IR_CHECK: print_check(dump, at); break;
    case IR_RECORD: case IR_LIST: print_values(dump, ((const IrMany *)at)->values, ((const IrMany *)at)->n); break;
    case IR_FIELD: print_field(dump, at); break;
    case IR_VARIANT:
        print_constructor(dump, (TypeId){head->type}, ((const IrVariant *)at)->constructor);
        if (((const IrVariant *)at)->n > 0)
            print_arguments(dump, ((const IrVariant *)at)->values, ((const IrVariant *)at)->n);
        break;
    case IR_TAG_IS: print_tag(dump, at); break;
    case IR_PAYLOAD: print_payload(dump, at); break;
    case IR_LIST_LENGTH: print_value(dump, ((const IrSelect *)at)->value); break;
    case IR_ELEMENT: case IR_TAIL: case IR_STAGE_IS: case IR_FIRST_STAGE:
        print_value(dump, ((const IrSelect *)at)->value);
        fprintf(stream, ", %" PRIu32, ((const IrSelect *)at)->index);
        break;
    case IR_CALL: case IR_CALL_VALUE: case IR_CALL_EXTERN: case IR_CALL_BUILTIN: case IR_CLOSURE: print_call(dump, at); break;
    case IR_C_FUNCTION: print_function_name(dump, (FunctionId){index->index}); break;
    case IR_C_SYMBOL: print_name(dump, dump->ir->externs[index->index].c_name); break;
    case IR_LAZY: print_value(dump, (ValueId){index->index}); break;
    case IR_JUMP:
        fprintf(stream, "%" PRIu32, jump->target.i);
        print_arguments(dump, jump->arguments, jump->n);
        break;
    case IR_BRANCH:
        print_value(dump, branch->condition);
        fprintf(stream, ", %" PRIu32 ", %" PRIu32, branch->then_block.i, branch->else_block.i);
        break;
    case IR_RETURN: print_value(dump, ((const IrReturn *)at)->value); break;
    case IR_LOCATION: print_location(dump, at); break;
    case IR_VARIABLE:
        print_name(dump, ((const IrVariable *)at)->name);
        fputs(" = ", stream);
        print_value(dump, ((const IrVariable *)at)->value);
        break;
    case IR_BLOCK: case IR_PARAM: case IR_UNIT: case IR_NULL: case IR_UNREACHABLE: case N_IR_OPS: break;
    }
}

static bool has_operands(IrOp op)
{
    return op != IR_UNIT && op != IR_NULL && op != IR_UNREACHABLE;
}

static void print_instruction(const Dump *dump, const IrHead *head, ValueId at)
{
    if (head->op == IR_PARAM)
        return; /* printed with its block */
    if (head->op == IR_BLOCK) {
        print_block(dump, (const void *)head);
    } else {
        fputs("  ", dump->stream);
        if (ir_has_value((IrOp)head->op)) {
            print_value(dump, at);
            fputs(" = ", dump->stream);
        }
        fputs(ir_op_name((IrOp)head->op), dump->stream);
        if (has_operands((IrOp)head->op))
            fputc(' ', dump->stream);
        print_operands(dump, head);
        if (ir_has_value((IrOp)head->op)) {
            fputs(" : ", dump->stream);
            print_type(dump, (TypeId){head->type});
        }
    }
    fputc('\n', dump->stream);
}

/* The id is that of the instruction's first word in the whole product, plus 1. */
static void tell_instruction(const Dump *dump, const IrHead *head, ValueId at)
{
    if (dump->told == NULL || head->op == IR_PARAM)
        return;
    uint32_t word = dump->function->first_word + at.i, first = word;
    const IrHead *placed = head;
    while (placed->op == IR_BLOCK || placed->op == IR_PARAM) { /* a block comes from where its first instruction does */
        first += ir_size(placed);
        placed = (const IrHead *)(const void *)(dump->ir->words + first);
    }
    DumpLine *told = array_push(dump->told, 1);
    *told = (DumpLine){head->op, trail_place(dump->session->ir_trail, placed, first).at, word + 1, 1};
}

static void tell_other(const Dump *dump, uint32_t kind, SourcePos pos)
{
    if (dump->told != NULL)
        *(DumpLine *)array_push(dump->told, 1) = (DumpLine){kind, pos.at, 0, 0};
}

/* ---- functions --------------------------------------------------------------------------------------------------- */

static void number_values(Dump *dump)
{
    uint32_t n = 0;
    for (uint32_t word = 0; word < dump->function->n_words;) {
        const IrHead *head = ir_head(dump->ir, dump->function, (ValueId){word});
        if (ir_has_value((IrOp)head->op))
            dump->numbers[word] = n++;
        word += ir_size(head);
    }
}

static void print_signature(const Dump *dump, FunctionId id)
{
    static const struct { uint32_t flag; const char *name; } flags[] = {
        {IR_CLOSURE_BODY, "closure"}, {IR_MAIN, "main"}, {IR_TAIL_LOOP, "loop"}, {IR_TEST, "test"}};
    const IrBlock *entry = (const void *)ir_head(dump->ir, dump->function, (ValueId){0});
    fputs("func ", dump->stream);
    print_function_name(dump, id);
    fputc('(', dump->stream);
    for (uint32_t i = 0; i < entry->n_params; i++) {
        if (i > 0)
            fputs(", ", dump->stream);
        print_type(dump, type_of(dump, (ValueId){(uint32_t)(sizeof *entry / sizeof(uint32_t)) + i}));
    }
    fputs(") -> ", dump->stream);
    print_type(dump, dump->function->result);
    for (size_t i = 0; i < sizeof flags / sizeof *flags; i++)
        if (dump->function->flags & flags[i].flag)
            fprintf(dump->stream, " %s", flags[i].name);
    if (dump->function->flags >> IR_STAGE_SHIFT > 0)
        fprintf(dump->stream, " stage %" PRIu32, dump->function->flags >> IR_STAGE_SHIFT);
    fputs(" {\n", dump->stream);
}

static void print_function(Dump *dump, FunctionId id)
{
    dump->function = &dump->ir->functions[id.i];
    number_values(dump);
    print_signature(dump, id);
    tell_other(dump, N_IR_OPS, dump->function->pos);
    for (uint32_t word = 0; word < dump->function->n_words;) {
        const IrHead *head = ir_head(dump->ir, dump->function, (ValueId){word});
        print_instruction(dump, head, (ValueId){word});
        tell_instruction(dump, head, (ValueId){word});
        word += ir_size(head);
    }
    fputs("}\n", dump->stream);
    tell_other(dump, N_IR_OPS, dump->function->pos);
}

static void print_extern(const Dump *dump, const IrExtern *callee)
{
    static const char *const c_types[] = {"void", "bool", "i8",  "u8",  "i16", "u16",     "i32",
                                          "u32",  "i64",  "u64", "f32", "f64", "pointer", "string"};
    fputs("extern ", dump->stream);
    print_name(dump, callee->c_name);
    fputc('(', dump->stream);
    for (uint32_t i = 0; i < callee->n_params; i++)
        fprintf(dump->stream, i > 0 ? ", %s" : "%s", c_types[dump->ir->c_types[callee->first_param + i]]);
    if (callee->variadic)
        fputs(callee->n_params > 0 ? ", ..." : "...", dump->stream);
    fprintf(dump->stream, ") -> %s\n", c_types[callee->result]);
}

void ir_dump_lines(FILE *stream, const Session *session, const Ir *ir, Arena *scratch, ArenaArray *told)
{
    uint32_t most_words = 0;
    for (uint32_t i = 0; i < ir->n_functions; i++)
        most_words = ir->functions[i].n_words > most_words ? ir->functions[i].n_words : most_words;
    Dump dump = {stream, session, ir, NULL, arena_push(scratch, most_words * sizeof(uint32_t) + 1), told};
    for (uint32_t i = 0; i < ir->n_externs; i++) {
        print_extern(&dump, &ir->externs[i]);
        tell_other(&dump, N_IR_OPS, (SourcePos){0});
    }
    for (uint32_t i = 0; i < ir->n_functions; i++)
        if (ir->functions[i].n_words > 0)
            print_function(&dump, (FunctionId){i});
}

void ir_dump(FILE *stream, Session *session, const Ir *ir)
{
    Arena *scratch = &session->scratch;
    arena_open(scratch, &session->account, "dump scratch");
    ir_dump_lines(stream, session, ir, scratch, NULL);
    arena_free(scratch);
}
