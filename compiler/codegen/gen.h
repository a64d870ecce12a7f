/*
 * The code generator's state, shared by the files of this folder.
 *
 * Lifetimes, one inside the other:
 *
 *   program    what is known of all functions, and where the units' objects go: the codegen arena.  Made once, then only read
 *   thread     layouts, line tables, types, tables by function: the codegen arena, or, if several threads make units, an
 *              arena for each thread (gen_threads.c).  A unit finds there what it would have made itself, so that its object
 *              does not depend on the units that the thread made before
 *   unit       an LLVM context, its module and what has been declared in it; a scratch arena
 *   function   LLVM's value for every scalar of every IR value; blocks
 *
 * Tables of the unit that are indexed by a program-wide number are not cleared for every unit (that would be quadratic):
 * each entry carries the number of the unit that wrote it.
 */
#ifndef POLEC_CODEGEN_GEN_H
#define POLEC_CODEGEN_GEN_H

#include <llvm-c/Core.h>
#include <llvm-c/DebugInfo.h>
#include <llvm-c/TargetMachine.h>

#include "codegen/code.h"
#include "codegen/layout.h"
#include "codegen/place.h"
#include "ir/ir.h"
#include "session.h"

typedef enum {
#define RUNTIME(name, result, parameters, effect) RUNTIME_##name,
#include "codegen/runtime_calls.def"
#undef RUNTIME
    N_RUNTIME
} RuntimeFunction;

/* A function or constant of the current unit; stale unless `unit` is the current one's number. */
typedef struct { LLVMValueRef value; LLVMTypeRef type; uint32_t unit; } UnitEntry;

/* What C calls in place of a function, made for the function type that C expects. */
typedef struct { LLVMValueRef value; TypeId expected; uint32_t unit; } CAdapter;

/* A constant { i64 length, bytes, 0 } of the unit, found by its bytes. */
typedef struct { uint32_t hash, length; const char *bytes; LLVMValueRef value; } PooledString;

/* A constant PoleType whose parts have not been written yet. */
typedef struct { LLVMValueRef global; const Layout *layout; } PendingDescriptor;

/* What tells how many turns a loop has left (gen_turns.c): it ends when `counter ends bound` is true. */
typedef enum { TURNS_NOT_ASKED, TURNS_UNKNOWN, TURNS_COUNT_UP, TURNS_COUNT_DOWN, TURNS_WALK } TurnsKind;
typedef struct { TurnsKind kind; IrOp ends; ValueId counter, bound; } Turns;

/* A version of an accumulator that ends with a return; `next`: 1 + index of another, or 0. */
typedef struct { ValueId version; uint32_t next; } Release;
typedef struct { uint32_t word; /* of the return */ ValueId version; } AccumulatorReturn;

/* A static stack slot in the function's entry block. */
typedef struct { LLVMValueRef address; uint32_t size; bool taken; } StackSlot;

typedef struct { LLVMBasicBlockRef block; uint32_t word; /* of the IrBlock */ } BlockInfo;

/* Where a closure body's closures are made: its captures' types stand there. */
typedef struct { FunctionId maker; ValueId closure; } ClosureSite;

/* LLVM's objects that exist at the moment; what codegen_abandon() has to give back. */
typedef struct CodegenHeap {
    LLVMTargetMachineRef machine;
    LLVMDIBuilderRef debug_builder;
    LLVMContextRef context;
    LLVMModuleRef module;
    LLVMBuilderRef builder, entry_builder;
    struct LLVMOpaqueDIBuilder *trail_builder;
    Code code;
} CodegenHeap;

typedef struct Gen {
    /* program */
    const Options *options;
    const Ir *ir;
    bool keeps_trail;            /* every line of LLVM's text is to tell where it comes from (gen_trail.c) */
    uint32_t n_units;
    CodeBuffer *buffers;         /* by unit: where its object goes */
    const bool *name_is_taken;   /* by FunctionId: an earlier function has the same plain name */
    const ClosureSite *closure_sites; /* by FunctionId; NULL if the program has no closures */

    /* thread */
    Session *session;
    Types *types;
    Arena *arena;
    CodegenHeap *heap;
    Layouts layouts;
    Places places;
    UnitEntry *functions;        /* by FunctionId */
    CAdapter *c_adapters;        /* by FunctionId */
    UnitEntry *externs;          /* by ExternId */
    ArenaArray *descriptors;     /* UnitEntry, by TypeId */

    /* unit */
    uint32_t unit;               /* its number among those of the thread, from 1 */
    Arena *scratch;              /* the session's: of this unit */
    LLVMContextRef context;
    LLVMModuleRef module;
    LLVMBuilderRef builder;      /* where the code goes */
    LLVMBuilderRef entry_builder; /* start of the function's entry block, for stack slots */
    LLVMTypeRef scalar_types[N_SCALARS];
    LLVMTypeRef i8, i16, i32, float32, nothing, descriptor;
    LLVMMetadataRef trail_file;
    LLVMAttributeRef nounwind, noreturn, cold, noalias, nonnull, nocapture, willreturn, inlinehint;
    LLVMAttributeRef reads, allocates, copies; /* what memory a function touches */
    LLVMAttributeRef fresh, fresh_zeroed, of_size, family; /* of allocating functions, so that unused objects vanish */
    unsigned lasting_kind;       /* of the metadata that marks accesses to lasting memory */
    LLVMValueRef lasting;        /* its contents */
    UnitEntry runtime[N_RUNTIME];
    ArenaArray *tags;            /* LLVMValueRef: the constant { i64 tag } of boxed constructors without payload */
    ArenaArray *strings;         /* PooledString */
    uint32_t *string_slots;      /* open addressing: index + 1 into strings; 0: free */
    uint32_t n_string_slots;     /* a power of two */
    ArenaArray *pending;         /* PendingDescriptor */
    ArenaArray *arguments;       /* LLVMValueRef: arguments of the call being built */
    struct Debug *debug;         /* debug.h; NULL without -g */

    /* function */
    const IrFunction *current;
    FunctionId current_id;
    LLVMValueRef function;
    LLVMBasicBlockRef entry;
    LLVMValueRef result_address; /* where several result scalars go, or NULL */
    LLVMValueRef closure;        /* the running closure, or NULL */
    const uint32_t *capture_offsets; /* in the running closure; NULL until the first IR_CAPTURE */
    uint32_t *first_scalar;      /* by ValueId: index into `scalars` */
    ArenaArray *scalars;         /* LLVMValueRef */
    BlockInfo *blocks;           /* by BlockId */
    ArenaArray *slots;           /* StackSlot */
    uint32_t *accumulates;       /* by ValueId: 1 + index of the parameter of which this is a version, so that it has a third
                                    scalar, its room; or 0.  By the word of a return: 1 + index of what it releases.
                                    NULL: the function has no accumulators */
    uint32_t *pushes_a_turn;     /* by index of the parameter; 0: not always so many */
    Turns turns;                 /* of the loop that the function is */
    ArenaArray *releases;        /* Release; NULL: not opened in this unit */
    ArenaArray *versions;        /* ValueId */
    ArenaArray *returns;         /* AccumulatorReturn */

    /* for gen_charge.c */
    ArenaArray *places_of_words; /* SourcePos, of the function's instructions; NULL before the first function */
    size_t charged_used, charged_scratch; /* bytes in the two arenas that have been charged to somebody */
} Gen;

/* ---- reading the IR ---- */

static inline const void *gen_instruction_at(const Gen *gen, ValueId id)
{
    return gen->ir->words + gen->current->first_word + id.i;
}
static inline TypeId gen_type_of(const Gen *gen, ValueId id) { return (TypeId){ir_head(gen->ir, gen->current, id)->type}; }
static inline const Layout *gen_layout_of(Gen *gen, ValueId id) { return layout_of(&gen->layouts, gen_type_of(gen, id)); }

/* The scalars of a value; valid until the next definition. */
static inline LLVMValueRef *gen_scalars(const Gen *gen, ValueId id)
{
    return (LLVMValueRef *)(void *)gen->scalars->items + gen->first_scalar[id.i];
}
static inline LLVMValueRef gen_scalar(const Gen *gen, ValueId id) { return gen_scalars(gen, id)[0]; }

/* `at`: the instruction's ValueId. */
static inline void gen_define(Gen *gen, ValueId at, const LLVMValueRef *scalars, uint32_t n)
{
    gen->first_scalar[at.i] = (uint32_t)gen->scalars->count;
    LLVMValueRef *to = array_push(gen->scalars, n);
    for (uint32_t i = 0; i < n; i++)
        to[i] = scalars[i];
}
static inline void gen_define_one(Gen *gen, ValueId at, LLVMValueRef scalar) { gen_define(gen, at, &scalar, 1); }

static inline LLVMValueRef gen_int(const Gen *gen, int64_t value)
{
    return LLVMConstInt(gen->scalar_types[SCALAR_I64], (uint64_t)value, 1);
}
static inline LLVMValueRef gen_bool(const Gen *gen, bool value) { return LLVMConstInt(gen->scalar_types[SCALAR_BOOL], value, 0); }

/* ---- codegen.c ---- */
/* Makes the units `first`, `first` + `step` and so on, on this thread. */
void gen_units(Gen *gen, uint32_t first, uint32_t step);

/* ---- gen_threads.c ---- */
uint32_t gen_count_threads(const Gen *gen); /* that may make the program's units */
void gen_units_on_threads(Gen *gen, uint32_t most); /* all units, on that many threads; `gen` knows the program alone */

/* ---- gen_unit.c: modules and what is declared in them ---- */
void gen_unit_begin(Gen *gen);
void gen_unit_end(Gen *gen); /* disposes of LLVM's part and the scratch arena */
UnitEntry gen_function(Gen *gen, FunctionId id);
const char *gen_function_symbol(Gen *gen, Arena *arena, FunctionId id);
LLVMValueRef gen_call_runtime(Gen *gen, RuntimeFunction id, const LLVMValueRef *arguments);
void gen_attribute(LLVMValueRef function, LLVMAttributeRef added);
LLVMValueRef gen_new_constant(Gen *gen, LLVMValueRef initializer, unsigned alignment);

/* How results travel: in registers, or through a hidden first argument that points to memory for them.  A Bool travels as
   an i32: LLVM's fast instruction selection knows no i1 parameters. */
bool gen_result_in_memory(const Gen *gen, const Layout *result);
LLVMTypeRef gen_passed_type(const Gen *gen, uint8_t scalar);
LLVMValueRef gen_pass(Gen *gen, LLVMValueRef scalar);
LLVMValueRef gen_receive(Gen *gen, LLVMValueRef passed, uint8_t scalar);
void gen_return(Gen *gen, const Layout *result, const LLVMValueRef *scalars);
void gen_take_result(Gen *gen, const Layout *result, LLVMValueRef returned, LLVMValueRef slot, LLVMValueRef *scalars);
LLVMTypeRef gen_function_type(Gen *gen, const LLVMTypeRef *parameters, uint32_t n, const Layout *result);

/* ---- gen_function.c ---- */
void gen_function_body(Gen *gen, FunctionId id);
void gen_main(Gen *gen);
LLVMBasicBlockRef gen_block_behind_current(Gen *gen);
/* If `fails` is true control goes to a new block out of the way; gen_failed() ends it and comes back. */
LLVMBasicBlockRef gen_fails_if(Gen *gen, LLVMValueRef fails);
void gen_failed(Gen *gen, LLVMBasicBlockRef go_on);
void gen_fail_if(Gen *gen, LLVMValueRef fails, SourcePos pos, const char *message, uint32_t length);

/* Two ways that come together: begin() goes on in the first, else() in the second, end() where they meet; `result` are
   the scalars of the way that was taken. */
typedef struct { LLVMBasicBlockRef otherwise, join, then_end; LLVMValueRef then_scalars[MAX_SCALARS]; } GenChoice;
void gen_choice_begin(Gen *gen, GenChoice *choice, LLVMValueRef condition);
void gen_choice_else(Gen *gen, GenChoice *choice, const LLVMValueRef *then_scalars, uint32_t n);
void gen_choice_end(Gen *gen, GenChoice *choice, const LLVMValueRef *else_scalars, uint32_t n, LLVMValueRef *result);

/* ---- gen_charge.c: nothing happens in them unless session->charges is there ---- */
void gen_charge_start(Gen *gen);     /* what is allocated from here on is charged to ... */
void gen_charge_function(Gen *gen);  /* likewise, and a function begins */
void gen_charge(Gen *gen, uint32_t word); /* ... the instruction at this word of it */
void gen_charge_nobody(Gen *gen);    /* ... nobody */
/* ---- gen_trail.c ---- */
void gen_trail_unit_begins(Gen *gen);
void gen_trail_function(Gen *gen);
void gen_trail_instruction(Gen *gen, const IrHead *instruction, ValueId at);
void gen_trail_nowhere(Gen *gen); /* what comes now belongs to no function of the program's */
void gen_trail_unit_ends(Gen *gen);

/* ---- gen_memory.c ---- */
LLVMValueRef gen_offset(Gen *gen, LLVMValueRef base, uint32_t offset);
LLVMValueRef gen_element_address(Gen *gen, LLVMValueRef base, LLVMValueRef index, uint32_t size);
void gen_load(Gen *gen, LLVMValueRef base, uint32_t offset, const Layout *layout, LLVMValueRef *scalars);
void gen_store(Gen *gen, LLVMValueRef base, uint32_t offset, const Layout *layout, const LLVMValueRef *scalars);
LLVMValueRef gen_load_scalar(Gen *gen, LLVMValueRef base, uint32_t offset, Scalar scalar);
void gen_store_scalar(Gen *gen, LLVMValueRef base, uint32_t offset, LLVMValueRef value);
/* The same where memory is written once, before anybody reads it: values, which never change.  LLVM is told that what it has
   stored or loaded there it need not load again, whatever is called in between; so it knows the code of a closure that was
   made in the same function, and calls or inlines it. */
void gen_load_lasting(Gen *gen, LLVMValueRef base, uint32_t offset, const Layout *layout, LLVMValueRef *scalars);
void gen_store_lasting(Gen *gen, LLVMValueRef base, uint32_t offset, const Layout *layout, const LLVMValueRef *scalars);
LLVMValueRef gen_load_lasting_scalar(Gen *gen, LLVMValueRef base, uint32_t offset, Scalar scalar);
void gen_store_lasting_scalar(Gen *gen, LLVMValueRef base, uint32_t offset, LLVMValueRef value);
LLVMValueRef gen_stack_slot(Gen *gen, uint32_t size); /* until the next instruction of the IR */
LLVMValueRef gen_spill(Gen *gen, const Layout *layout, const LLVMValueRef *scalars);
void gen_release_slots(Gen *gen);
LLVMValueRef gen_allocate(Gen *gen, LLVMValueRef size, bool plain);

/* ---- gen_constant.c ---- */
LLVMValueRef gen_literal(Gen *gen, SourcePos quote);
LLVMValueRef gen_string(Gen *gen, const char *bytes, uint32_t length); /* the bytes must live as long as the unit */
LLVMValueRef gen_place(Gen *gen, SourcePos pos);
void gen_zero(Gen *gen, const Layout *layout, LLVMValueRef *scalars);
/* Collects scalars at ascending offsets to one constant object. */
typedef struct { LLVMValueRef *members; uint32_t n; uint32_t offset; } ConstantObject;
ConstantObject gen_object_begin(Gen *gen, uint32_t most_scalars);
void gen_object_add(Gen *gen, ConstantObject *object, uint32_t offset, LLVMValueRef scalar, Scalar kind);
LLVMValueRef gen_object_end(Gen *gen, ConstantObject *object, uint32_t size);

/* ---- gen_equal.c ---- */
void gen_equality(Gen *gen, const IrBinary *instruction, ValueId at);
void gen_finish_descriptors(Gen *gen);

/* ---- gen_arithmetic.c ---- */
void gen_arithmetic(Gen *gen, const IrBinary *instruction, ValueId at);
void gen_negate(Gen *gen, const IrUnary *instruction, ValueId at);
LLVMValueRef gen_not(Gen *gen, LLVMValueRef truth);
void gen_order(Gen *gen, const IrBinary *instruction, ValueId at);
void gen_nat_check(Gen *gen, const IrUnary *instruction, ValueId at);
void gen_check(Gen *gen, const IrCheck *instruction);

/* ---- gen_data.c ---- */
void gen_record(Gen *gen, const IrMany *instruction, ValueId at);
void gen_field(Gen *gen, const IrSelect *instruction, ValueId at);
void gen_variant(Gen *gen, const IrVariant *instruction, ValueId at);
LLVMValueRef gen_tag(Gen *gen, const Layout *layout, const LLVMValueRef *scalars);
void gen_make_variant(Gen *gen, const Layout *layout, uint32_t constructor, const LLVMValueRef *payload, LLVMValueRef *scalars);
void gen_payload_of(Gen *gen, const Layout *layout, const LLVMValueRef *scalars, uint32_t constructor, uint32_t index,
                    LLVMValueRef *result);
void gen_payload(Gen *gen, const IrPayload *instruction, ValueId at);

/* ---- gen_list.c ---- */
/* runtime.h's PoleListKind, PoleListHeader and PoleListFooter */
enum { LIST_HEADED = 0, LIST_SLICE = 1, LIST_FOOTED = 3, LIST_KIND_BITS = 3, LENGTH_SHIFT = 2, LENGTH_ONE = 1 << LENGTH_SHIFT };
enum { LIST_HEADER_LONGEST = 0, LIST_HEADER_FULL = 8, LIST_HEADER_SIZE = 16, LIST_FOOTER_FIRST = 0, LIST_FOOTER_START = 8 };
void gen_define_list(Gen *gen, ValueId at, LLVMValueRef elements, LLVMValueRef length_word);
void gen_no_elements(Gen *gen, LLVMValueRef *list); /* [] */
void gen_list(Gen *gen, const IrMany *instruction, ValueId at);
LLVMValueRef gen_list_length(Gen *gen, const LLVMValueRef *list);
void gen_element(Gen *gen, const IrSelect *instruction, ValueId at);
void gen_tail(Gen *gen, const IrSelect *instruction, ValueId at);
void gen_list_builtin(Gen *gen, const IrCall *instruction, ValueId at);
void gen_one_element(Gen *gen, const Layout *element, const LLVMValueRef *scalars, LLVMValueRef *list);

/* ---- gen_list_grow.c; `element`: of the list ---- */
void gen_list_set(Gen *gen, const IrCall *instruction, const Layout *element, ValueId at);
void gen_list_push(Gen *gen, const IrCall *instruction, const Layout *element, ValueId at);
void gen_list_cons(Gen *gen, const IrCall *instruction, const Layout *element, ValueId at);
void gen_list_concat(Gen *gen, const IrCall *instruction, const Layout *element, ValueId at);

LLVMValueRef gen_header_word(Gen *gen, LLVMValueRef elements, int64_t offset);

/* ---- gen_accumulate.c ---- */
enum { LIST_ROOM = 2 }; /* the scalar that accumulators have and other lists have not */
void gen_find_accumulators(Gen *gen);
static inline bool gen_accumulates(const Gen *gen, ValueId list) { return gen->accumulates != NULL && gen->accumulates[list.i] != 0; }
LLVMValueRef gen_claim_room(Gen *gen, const LLVMValueRef *list); /* the room */
LLVMValueRef gen_call_reserve(Gen *gen, ValueId version, const LLVMValueRef *list, const Layout *element);
void gen_release_accumulators(Gen *gen, ValueId at);             /* at: the return */

/* ---- gen_turns.c ---- */
LLVMValueRef gen_turns_left(Gen *gen); /* NULL: unknown */

/* ---- gen_call.c ---- */
void gen_call(Gen *gen, const IrCall *instruction, ValueId at);
void gen_call_value(Gen *gen, const IrCall *instruction, ValueId at);
void gen_closure(Gen *gen, const IrCall *instruction, ValueId at);
void gen_stage_is(Gen *gen, const IrSelect *instruction, ValueId at);
void gen_first_stage(Gen *gen, const IrSelect *instruction, ValueId at);
void gen_capture(Gen *gen, const IrIndex *instruction, ValueId at);
void gen_lazy(Gen *gen, const IrIndex *instruction, ValueId at);
void gen_force(Gen *gen, const IrUnary *instruction, ValueId at);

/* ---- gen_extern.c ---- */
void gen_call_extern(Gen *gen, const IrCall *instruction, ValueId at);
void gen_c_function(Gen *gen, const IrIndex *instruction, ValueId at);
void gen_c_symbol(Gen *gen, const IrIndex *instruction, ValueId at);

/* ---- gen_builtin.c ---- */
void gen_call_builtin(Gen *gen, const IrCall *instruction, ValueId at);

#endif
