/*
 * The fourth phase: functions of the IR, about a hundred at a time, become LLVM modules, and those become buffers.
 *
 * One module is made where the whole program has to be seen at once: for text and bitcode, which are one file, and with
 * optimisation, which inlines.  Otherwise a program with many functions is cut into units (gen_unit.c), and their objects
 * are joined (join.c).
 */
#include "codegen/codegen.h"

#include <llvm-c/DebugInfo.h>
#include <string.h>

#include "charges.h"
#include "codegen/debug.h"
#include "codegen/emit.h"
#include "codegen/gen.h"
#include "codegen/join.h"
#include "link/llvm_start.h"

/* Functions in one unit.  3000 functions of 38 instructions, 2026-11: from 25 to 200 the time is the same (a unit costs 2.3
   million instructions beyond its functions, as much as one or two of these: +1.2 % at 50, -0.7 % at 200), the peak of
   resident memory grows by 2 MB from 100 to 200 and by 62 MB to a single unit; constants are pooled for a unit, so small
   units make larger objects (+0.3 % at 25). */
enum { UNIT_FUNCTIONS = 100 };

/* A program that is not much larger than one unit stays in one, and its functions internal. */
enum { SPLIT_FUNCTIONS = 200 };

/* ---- tables over the whole program ------------------------------------------------------------------------------- */

static bool has_plain_name(const IrFunction *function)
{
    return function->n_words > 0 && function->instance.i == 0 && !(function->flags & (IR_CLOSURE_BODY | IR_TEST));
}

/* Functions of different modules may have the same name; all but the first get a number behind theirs. */
static const bool *find_taken_names(Gen *gen)
{
    arena_kind(gen->arena, "names in use");
    bool *taken = arena_push_zero(gen->arena, gen->ir->n_functions + 1);
    bool *seen = arena_push_zero(gen->arena, names_count(&gen->session->names) + 1);
    for (uint32_t i = 0; i < gen->ir->n_functions; i++) {
        const IrFunction *function = &gen->ir->functions[i];
        if (!has_plain_name(function))
            continue;
        taken[i] = seen[function->name.i];
        seen[function->name.i] = true;
    }
    return taken;
}

static void note_closures(const Ir *ir, FunctionId maker, ClosureSite *sites)
{
    const IrFunction *function = &ir->functions[maker.i];
    for (uint32_t word = 0; word < function->n_words;) {
        const IrHead *head = ir_head(ir, function, (ValueId){word});
        if (head->op == IR_CLOSURE)
            sites[((const IrCall *)(const void *)head)->callee] = (ClosureSite){maker, {word}};
        word += ir_size(head);
    }
}

/* A closure body says which capture it wants, but not what the others are; the place where it is made does. */
static const ClosureSite *find_closures(Gen *gen)
{
    bool any = false;
    for (uint32_t i = 0; i < gen->ir->n_functions; i++)
        any = any || gen->ir->functions[i].flags & IR_CLOSURE_BODY;
    if (!any)
        return NULL;
    arena_kind(gen->arena, "closure table");
    ClosureSite *sites = arena_push_zero(gen->arena, gen->ir->n_functions * sizeof(ClosureSite));
    for (uint32_t i = 0; i < gen->ir->n_functions; i++)
        note_closures(gen->ir, (FunctionId){i}, sites);
    return sites;
}

static uint32_t count_units(const Options *options, const Ir *ir)
{
    bool one_file = options->emit == EMIT_LLVM_IR || options->emit == EMIT_LLVM_BITCODE || options->emit == EMIT_ASSEMBLY;
    if (one_file || options->optimization > 0 || ir->n_functions < SPLIT_FUNCTIONS)
        return 1;
    return (ir->n_functions + UNIT_FUNCTIONS - 1) / UNIT_FUNCTIONS;
}

/* ---- tables of a thread ------------------------------------------------------------------------------------------ */

static void open_tables(Gen *gen)
{
    const Ir *ir = gen->ir;
    Arena *arena = gen->arena;
    layouts_open(&gen->layouts, gen->types, arena);
    places_open(&gen->places, &gen->session->text, arena);
    arena_kind(arena, "function table");
    gen->functions = arena_push_zero(arena, ir->n_functions * sizeof(UnitEntry) + 1);
    gen->c_adapters = arena_push_zero(arena, ir->n_functions * sizeof(CAdapter) + 1);
    arena_kind(arena, "extern table");
    gen->externs = arena_push_zero(arena, ir->n_externs * sizeof(UnitEntry) + 1);
    gen->descriptors = arena_array(arena, "descriptor table", sizeof(UnitEntry));
    uint32_t most_words = 0, most_blocks = 0;
    for (uint32_t i = 0; i < ir->n_functions; i++) {
        most_words = ir->functions[i].n_words > most_words ? ir->functions[i].n_words : most_words;
        most_blocks = ir->functions[i].n_blocks > most_blocks ? ir->functions[i].n_blocks : most_blocks;
    }
    arena_kind(arena, "value table");
    gen->first_scalar = arena_push(arena, most_words * sizeof(uint32_t) + 1);
    arena_kind(arena, "block table");
    gen->blocks = arena_push(arena, most_blocks * sizeof(BlockInfo) + 1);
}

/* ---- units ------------------------------------------------------------------------------------------------------- */

static void make_unit(Gen *gen, uint32_t index)
{
    uint32_t n = gen->ir->n_functions;
    uint32_t start = (uint32_t)((uint64_t)n * index / gen->n_units);
    uint32_t end = (uint32_t)((uint64_t)n * (index + 1) / gen->n_units);
    gen_unit_begin(gen);
    gen_charge_start(gen);
    if (gen->keeps_trail)
        gen_trail_unit_begins(gen);
    for (uint32_t i = start; i < end; i++)
        if (gen->ir->functions[i].n_words > 0)
            gen_function_body(gen, (FunctionId){i});
    if (gen->ir->has_main && gen->ir->main.i >= start && gen->ir->main.i < end)
        gen_main(gen);
    gen_finish_descriptors(gen);
    gen_charge_nobody(gen);
    if (gen->keeps_trail)
        gen_trail_unit_ends(gen);
    if (gen->debug != NULL)
        debug_end(gen);
    gen->buffers[index] = emit_module(gen->options, gen->heap->machine, gen->module);
    gen_unit_end(gen);
}

void gen_units(Gen *gen, uint32_t first, uint32_t step)
{
    open_tables(gen);
    gen->heap->machine = emit_target_machine(gen->options);
    for (uint32_t i = first; i < gen->n_units; i += step)
        make_unit(gen, i);
    LLVMDisposeTargetMachine(gen->heap->machine);
    gen->heap->machine = NULL;
}

/* One object for the whole program.  LIFETIME: the units' objects, on LLVM's heap, die as they are copied. */
static void join_units(Gen *gen)
{
    Code *code = &gen->heap->code;
    Arena *scratch = &gen->session->scratch;
    arena_open(scratch, gen->arena->account, "codegen scratch");
    CodeBuffer joined = join_objects(gen->arena, scratch, code->buffers, code->n_buffers);
    if (gen->session->charges != NULL)
        charge(gen->session->charges, CHARGED_SCRATCH, (SourcePos){0}, (SourcePos){0}, arena_used(scratch));
    arena_free(scratch);
    /* ORC wants one object as well: it maps each where the kernel likes, and a call must reach from one to the other. */
    code->buffers[0] = gen->options->emit == EMIT_MEMORY ? emit_copy(&joined) : joined;
    code->n_buffers = 1;
}

/* ---- the product ------------------------------------------------------------------------------------------------- */

static const char *copy_name(Gen *gen, NameId name)
{
    const Names *names = &gen->session->names;
    uint32_t length = name_length(names, name);
    char *copy = arena_push_zero(gen->arena, length + 1);
    memcpy(copy, name_text(names, name), length);
    return copy;
}

static void describe_product(Gen *gen, Code *code)
{
    const Ir *ir = gen->ir;
    arena_kind(gen->arena, "product");
    code->buffers = gen->buffers = arena_push_zero(gen->arena, gen->n_units * sizeof(CodeBuffer));
    code->n_buffers = gen->n_units;
    code->libraries = arena_push(gen->arena, ir->n_libraries * sizeof(const char *) + 1);
    for (uint32_t i = 0; i < ir->n_libraries; i++)
        code->libraries[i] = copy_name(gen, ir->libraries[i]);
    code->n_libraries = ir->n_libraries;
    code->tests = arena_push(gen->arena, ir->n_tests * sizeof(CodeTest) + 1);
    for (uint32_t i = 0; i < ir->n_tests; i++)
        code->tests[i] = (CodeTest){gen_function_symbol(gen, gen->arena, ir->tests[i].function),
                                    copy_name(gen, ir->tests[i].name), ir->tests[i].number};
    code->n_tests = ir->n_tests;
    code->has_main = ir->has_main;
}

Code codegen(Arena *arena, Session *session, const Ir *ir)
{
    arena_kind(arena, "generator");
    Gen *gen = arena_new(arena, Gen);
    gen->session = session;
    gen->options = session->options;
    gen->ir = ir;
    gen->types = session->types;
    gen->arena = arena;
    gen->heap = session->codegen_heap = arena_new(arena, CodegenHeap);
    gen->keeps_trail = session->ir_trail != NULL && gen->options->emit == EMIT_LLVM_IR;
    gen->n_units = count_units(gen->options, ir);
    gen->name_is_taken = find_taken_names(gen);
    gen->closure_sites = find_closures(gen);
    describe_product(gen, &gen->heap->code);
    llvm_start();
    uint32_t n_threads = gen_count_threads(gen);
    if (n_threads > 1)
        gen_units_on_threads(gen, n_threads);
    else
        gen_units(gen, 0, 1);
    if (gen->n_units > 1)
        join_units(gen);
    session->codegen_heap = NULL;
    Code code = gen->heap->code;
    /* LIFETIME: the generator and its tables lie beside the product; from here on they do not lead into the IR. */
    *gen = (Gen){0};
    return code;
}

void codegen_abandon(Session *session)
{
    CodegenHeap *heap = session->codegen_heap;
    session->codegen_heap = NULL;
    if (heap == NULL)
        return;
    if (heap->trail_builder != NULL)
        LLVMDisposeDIBuilder(heap->trail_builder);
    if (heap->debug_builder != NULL)
        LLVMDisposeDIBuilder(heap->debug_builder);
    if (heap->entry_builder != NULL)
        LLVMDisposeBuilder(heap->entry_builder);
    if (heap->builder != NULL)
        LLVMDisposeBuilder(heap->builder);
    if (heap->module != NULL)
        LLVMDisposeModule(heap->module);
    if (heap->context != NULL)
        LLVMContextDispose(heap->context);
    if (heap->machine != NULL)
        LLVMDisposeTargetMachine(heap->machine);
    code_dispose(&heap->code);
}
