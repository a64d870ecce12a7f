/*
 * Accumulators: lists that a loop of self tail calls does nothing with but push, read, hand on to its next turn, and return.
 *
 *   func squares(n: Int, done: List<Int>) -> List<Int> :
 *     if n == 0 then done else squares(n - 1, List.push(done, n * n))
 *
 * A push asks the list's header whether this list is its buffer's longest and whether there is room.  Nobody but the loop
 * pushes an accumulator while the loop runs, so here it is asked once, before the first turn; if so the loop *claims*
 * the buffer: the header is told that all its room is taken, so that no other list with that header gets any.  From then on
 * the accumulator has a third scalar beside address and length word, its *room*: the length word that it will have when
 * the buffer is full, or its own length word if it has claimed nothing.  A push compares the two.  A return *releases*:
 * the header is told the true length, so that the list's next owner may push.  Where a push finds no room, the new buffer
 * is claimed at once, and large enough for all turns that are left if their number is plain (gen_turns.c).  A loop that is
 * left by a failure never releases; then later pushes copy, as they do at a branch.
 *
 * That nobody else pushes is found by one walk over the function for each parameter that is a list.  At every place there
 * is one *version* of the accumulator, the newest, and only that one may be pushed, handed on and returned.  Blocks stand in
 * topological order (ir_verify.c), so the versions that meet in a block are known when it begins.  Any other use, a call
 * above all, may push behind our back: then the parameter is a list like any other.
 */
#include "codegen/gen.h"

/* A version that arrives in a block: the id of its value, or which parameter of the block it is. */
static const uint32_t AS_PARAMETER = 1u << 31, DIFFERENT_VERSIONS = UINT32_MAX;
static const uint32_t UNEVEN = UINT32_MAX; /* some ways push more often than others */

typedef struct {
    uint32_t version; /* 0: not reached yet */
    uint32_t pushes;  /* of this turn */
} Arrival;

typedef struct {
    Gen *gen;
    uint32_t *marks;      /* by ValueId: 1 + parameter of which it is a version, or 0; becomes gen->accumulates */
    Arrival *arriving;    /* by BlockId */
    uint32_t parameter;   /* the one that is being followed: its index; its versions and returns are in gen's lists */
    uint32_t current;     /* the version, as a word */
    uint32_t pushes;      /* to reach here from block 0 */
    Arrival turn;         /* all that jump to block 0, as if they met */
    bool pushed;
} Follower;

/* ---- uses -------------------------------------------------------------------------------------------------------- */

static void add_version(Follower *f, uint32_t word)
{
    f->marks[word] = f->parameter + 1;
    *(ValueId *)array_push(f->gen->versions, 1) = (ValueId){word};
}

static bool is_version(const Follower *f, ValueId value)
{
    return f->marks[value.i] == f->parameter + 1;
}

static bool no_version_among(const Follower *f, const ValueId *values, uint32_t n)
{
    for (uint32_t i = 0; i < n; i++)
        if (is_version(f, values[i]))
            return false;
    return true;
}

static void arrive(const Follower *f, Arrival *at, uint32_t version)
{
    bool first = at->version == 0;
    at->version = first || at->version == version ? version : DIFFERENT_VERSIONS;
    at->pushes = first || at->pushes == f->pushes ? f->pushes : UNEVEN;
}

static bool follow_next_turn(Follower *f, const IrJump *jump)
{
    if (jump->arguments[f->parameter].i != f->current)
        return false;
    arrive(f, &f->turn, AS_PARAMETER | f->parameter);
    return no_version_among(f, jump->arguments, f->parameter)
           && no_version_among(f, jump->arguments + f->parameter + 1, jump->n - f->parameter - 1);
}

/* Handed on as an argument, the version becomes the block's parameter; otherwise it stays what it is. */
static bool follow_jump(Follower *f, const IrJump *jump)
{
    if (jump->target.i == 0)
        return follow_next_turn(f, jump);
    uint32_t version = f->current;
    for (uint32_t i = 0; i < jump->n; i++) {
        if (!is_version(f, jump->arguments[i]))
            continue;
        if (jump->arguments[i].i != f->current || version != f->current)
            return false;
        version = AS_PARAMETER | i;
    }
    arrive(f, &f->arriving[jump->target.i], version);
    return true;
}

static bool follow_builtin(Follower *f, const IrCall *call, uint32_t word)
{
    switch ((Builtin)call->callee) {
    case BUILTIN_LIST_PUSH:
        if (!no_version_among(f, call->arguments + 1, 1))
            return false;
        if (!is_version(f, call->arguments[0]))
            return true;
        if (call->arguments[0].i != f->current)
            return false;
        add_version(f, word);
        f->current = word;
        f->pushes += f->pushes != UNEVEN;
        f->pushed = true;
        return true;
    case BUILTIN_LIST_LENGTH:
    case BUILTIN_LIST_GET:
    case BUILTIN_LIST_GET_OR: return no_version_among(f, call->arguments + 1, call->n - 1);
    default: return no_version_among(f, call->arguments, call->n);
    }
}

static bool follow_return(Follower *f, const IrReturn *returned, uint32_t word)
{
    if (f->current == DIFFERENT_VERSIONS || (is_version(f, returned->value) && returned->value.i != f->current))
        return false;
    *(AccumulatorReturn *)array_push(f->gen->returns, 1) = (AccumulatorReturn){word, {f->current}};
    return true;
}

static void begin_block(Follower *f, const IrBlock *block, uint32_t word)
{
    f->pushes = f->arriving[block->block.i].pushes;
    f->current = f->arriving[block->block.i].version;
    if (f->current == DIFFERENT_VERSIONS || !(f->current & AS_PARAMETER))
        return;
    f->current = word + (uint32_t)(sizeof(IrBlock) / sizeof(uint32_t)) + (f->current & ~AS_PARAMETER);
    add_version(f, f->current);
}

/* False: something is done with a version that no accumulator bears. */
static bool follow_instruction(Follower *f, const IrHead *head, uint32_t word)
{
    const void *at = head;
    switch ((IrOp)head->op) {
    case IR_BLOCK: begin_block(f, at, word); return true;
    case IR_JUMP: return follow_jump(f, at);
    case IR_BRANCH:
        arrive(f, &f->arriving[((const IrBranch *)at)->then_block.i], f->current);
        arrive(f, &f->arriving[((const IrBranch *)at)->else_block.i], f->current);
        return true;
    case IR_RETURN: return follow_return(f, at, word);
    case IR_CALL_BUILTIN: return follow_builtin(f, at, word);
    case IR_CALL: case IR_CALL_VALUE: case IR_CALL_EXTERN: case IR_CLOSURE:
        return no_version_among(f, ((const IrCall *)at)->arguments, ((const IrCall *)at)->n);
    case IR_RECORD: case IR_LIST: return no_version_among(f, ((const IrMany *)at)->values, ((const IrMany *)at)->n);
    case IR_VARIANT: return no_version_among(f, ((const IrVariant *)at)->values, ((const IrVariant *)at)->n);
    case IR_TAIL: return no_version_among(f, &((const IrSelect *)at)->value, 1);
    default: return true; /* reads at most: comparisons, elements, the length */
    }
}

/* ---- finding ----------------------------------------------------------------------------------------------------- */

static bool follow(Follower *f, uint32_t index)
{
    const IrFunction *function = f->gen->current;
    for (uint32_t i = 0; i < function->n_blocks; i++)
        f->arriving[i] = (Arrival){0};
    array_truncate(f->gen->versions, 0);
    array_truncate(f->gen->returns, 0);
    f->parameter = index;
    f->pushed = false;
    f->turn = (Arrival){0};
    f->arriving[0].version = AS_PARAMETER | index;
    for (uint32_t word = 0; word < function->n_words;) {
        const IrHead *head = gen_instruction_at(f->gen, (ValueId){word});
        if (!follow_instruction(f, head, word))
            return false;
        word += ir_size(head);
    }
    return f->pushed;
}

/* What a return releases: a chain through `releases`, from the mark of the return. */
static void keep_returns(Follower *f)
{
    Gen *gen = f->gen;
    for (size_t i = 0; i < gen->returns->count; i++) {
        const AccumulatorReturn *returned = (const AccumulatorReturn *)(const void *)gen->returns->items + i;
        *(Release *)array_push(gen->releases, 1) = (Release){returned->version, f->marks[returned->word]};
        f->marks[returned->word] = (uint32_t)gen->releases->count;
    }
}

static void follow_parameter(Follower *f, uint32_t index)
{
    ValueId parameter = {(uint32_t)(sizeof(IrBlock) / sizeof(uint32_t)) + index};
    TypeId type = gen_type_of(f->gen, parameter);
    if (type_kind(f->gen->types, type) != TYPE_LIST
        || layout_of(&f->gen->layouts, type_part(f->gen->types, type, 0))->n == 0)
        return;
    if (follow(f, index)) {
        keep_returns(f);
        f->gen->pushes_a_turn[index] = f->turn.pushes == UNEVEN ? 0 : f->turn.pushes;
        return;
    }
    const ArenaArray *versions = f->gen->versions;
    for (size_t i = 0; i < versions->count; i++)
        f->marks[((const ValueId *)(const void *)versions->items)[i].i] = 0;
}

static bool pushes(const Gen *gen)
{
    for (uint32_t word = 0; word < gen->current->n_words;) {
        const IrHead *head = gen_instruction_at(gen, (ValueId){word});
        if (head->op == IR_CALL_BUILTIN && ((const IrCall *)(const void *)head)->callee == BUILTIN_LIST_PUSH)
            return true;
        word += ir_size(head);
    }
    return false;
}

/* Once in a unit: an arena has only so many arrays. */
static void open_lists(Gen *gen)
{
    if (gen->releases != NULL)
        return;
    gen->versions = arena_array(gen->scratch, "version of an accumulator", sizeof(ValueId));
    gen->returns = arena_array(gen->scratch, "return of an accumulator", sizeof(AccumulatorReturn));
    gen->releases = arena_array(gen->scratch, "accumulator to release", sizeof(Release));
}

void gen_find_accumulators(Gen *gen)
{
    gen->accumulates = NULL;
    if (gen->options->optimization == 0 || !(gen->current->flags & IR_TAIL_LOOP) || !pushes(gen))
        return;
    Follower f = {
        .gen = gen,
        .marks = arena_push_zero(gen->scratch, gen->current->n_words * sizeof(uint32_t)),
        .arriving = arena_push(gen->scratch, gen->current->n_blocks * sizeof(Arrival)),
    };
    open_lists(gen);
    array_truncate(gen->releases, 0);
    const IrBlock *block = gen_instruction_at(gen, (ValueId){0});
    gen->pushes_a_turn = arena_push_zero(gen->scratch, block->n_params * sizeof(uint32_t));
    for (uint32_t i = 0; i < block->n_params; i++)
        follow_parameter(&f, i);
    gen->accumulates = f.marks;
    gen->turns.kind = TURNS_NOT_ASKED;
}

/* ---- claim and release ------------------------------------------------------------------------------------------- */

LLVMValueRef gen_claim_room(Gen *gen, const LLVMValueRef *list)
{
    LLVMBasicBlockRef start = LLVMGetInsertBlock(gen->builder);
    LLVMBasicBlockRef join = gen_block_behind_current(gen), take = gen_block_behind_current(gen);
    LLVMBasicBlockRef look = gen_block_behind_current(gen);
    LLVMValueRef kind = LLVMBuildAnd(gen->builder, list[1], gen_int(gen, LIST_KIND_BITS), "");
    LLVMBuildCondBr(gen->builder, LLVMBuildICmp(gen->builder, LLVMIntEQ, kind, gen_int(gen, LIST_HEADED), ""), look, join);

    LLVMPositionBuilderAtEnd(gen->builder, look);
    LLVMValueRef longest_at = gen_header_word(gen, list[0], LIST_HEADER_LONGEST);
    LLVMValueRef longest = gen_load_scalar(gen, longest_at, 0, SCALAR_I64);
    LLVMValueRef full = gen_load_scalar(gen, gen_header_word(gen, list[0], LIST_HEADER_FULL), 0, SCALAR_I64);
    LLVMValueRef newest = LLVMBuildICmp(gen->builder, LLVMIntEQ, longest, list[1], "");
    LLVMValueRef fits = LLVMBuildICmp(gen->builder, LLVMIntNE, full, list[1], "");
    LLVMBuildCondBr(gen->builder, LLVMBuildAnd(gen->builder, newest, fits, ""), take, join);

    LLVMPositionBuilderAtEnd(gen->builder, take);
    gen_store_scalar(gen, longest_at, 0, full);
    LLVMBuildBr(gen->builder, join);

    LLVMPositionBuilderAtEnd(gen->builder, join);
    LLVMValueRef rooms[] = {list[1], list[1], full}, room = LLVMBuildPhi(gen->builder, gen->scalar_types[SCALAR_I64], "");
    LLVMBasicBlockRef from[] = {start, look, take};
    LLVMAddIncoming(room, rooms, from, 3);
    return room;
}

/* A new buffer in place of the list's, claimed, and with room for what is still to be pushed, as far as that is known. */
LLVMValueRef gen_call_reserve(Gen *gen, ValueId version, const LLVMValueRef *list, const Layout *element)
{
    LLVMValueRef capacity = gen_int(gen, 0), turns = NULL;
    uint32_t pushes = gen->pushes_a_turn[gen->accumulates[version.i] - 1];
    if (pushes > 0)
        turns = gen_turns_left(gen);
    if (turns != NULL) {
        LLVMValueRef more = LLVMBuildMul(gen->builder, turns, gen_int(gen, pushes), "");
        capacity = LLVMBuildAdd(gen->builder, gen_list_length(gen, list), more, "");
    }
    LLVMValueRef arguments[] = {list[0], list[1], gen_int(gen, element->size), gen_int(gen, element->plain), capacity};
    return gen_call_runtime(gen, RUNTIME_list_reserve, arguments);
}

/* What claimed nothing, or has filled its room, has nothing to tell. */
static void release_room(Gen *gen, const LLVMValueRef *list)
{
    LLVMBasicBlockRef go_on = gen_block_behind_current(gen), tell = gen_block_behind_current(gen);
    LLVMBuildCondBr(gen->builder, LLVMBuildICmp(gen->builder, LLVMIntEQ, list[1], list[LIST_ROOM], ""), go_on, tell);
    LLVMPositionBuilderAtEnd(gen->builder, tell);
    gen_store_scalar(gen, gen_header_word(gen, list[0], LIST_HEADER_LONGEST), 0, list[1]);
    LLVMBuildBr(gen->builder, go_on);
    LLVMPositionBuilderAtEnd(gen->builder, go_on);
}

void gen_release_accumulators(Gen *gen, ValueId at)
{
    if (gen->accumulates == NULL)
        return;
    const Release *releases = (const Release *)(const void *)gen->releases->items;
    for (uint32_t next = gen->accumulates[at.i]; next != 0; next = releases[next - 1].next)
        release_room(gen, gen_scalars(gen, releases[next - 1].version));
}
