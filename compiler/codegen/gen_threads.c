/*
 * The units of one program, made on several threads (-j).
 *
 *                   tables of     pool, types, layouts,     units'
 *                   the program   scratch of each thread    objects
 *   codegen()            #
 *   thread 1             |                 #                   #
 *   thread 2             |                 #                   #
 *   join                 |                                     #
 *
 * What threads share they only read, so that none waits for another; what they write, down to LLVM's context and machine,
 * is their own.  Types are among that: the layout of a generic type asks for the types of its fields, which are made then.
 *
 * Unit u is made by thread u modulo N, whatever the threads' speed: so every thread allocates the same in every run, and
 * what the memory report says is reproducible.  A thread that is late costs something; units are small and many.
 *
 * A thread's pool is closed before the objects are joined.  LIFETIME: all that is left of the thread are the objects, which
 * lie on LLVM's heap, and its figures, which are added to the account of code generation.
 *
 * Memory that runs out ends the thread it happens in, by a jump to where that began; the others finish.  Then the first of
 * those that failed is told of, as if it had happened here.
 */
#include "codegen/gen.h"

#include <pthread.h>
#include <sys/resource.h>

#include "codegen/codegen.h"
#include "codegen/heap_meter.h"
#include "faults.h"

/* LIFETIME: lies in the codegen arena, with what its thread has opened until close_thread(). */
typedef struct {
    const Gen *program;
    uint32_t number, n;          /* of this thread, from 0; of all */
    Session session;             /* a copy, through which names and texts are read.  Scratch, types, the place of work and the
                                    way out when memory is exhausted are the thread's own */
    Pool *pool;
    ArenaAccount account;
    Arena arena;
    bool metered, failed, started;
    HeapMeter heap;
    pthread_t thread;
} UnitThread;

/* A limit holds for all arenas together at every moment, and whoever watches, audits, guards or charges wants to see all of
   them: that needs one pool. */
static bool needs_one_pool(const Gen *gen)
{
    const PoolOptions *pool = pool_configuration(gen->session->pool);
    return pool->limit != 0 || gen->arena->account->limit != 0 || pool->watch != NULL || pool->dying != NULL ||
           gen->options->guard || gen->options->memory_report == REPORT_HTML || gen->session->charges != NULL;
}

/* Each thread's pool, stack and heap of LLVM's takes addresses for more than it will use: under ulimit -v they would all be
   gone before the work begins. */
static bool addresses_are_scarce(void)
{
    struct rlimit addresses;
    return getrlimit(RLIMIT_AS, &addresses) == 0 && addresses.rlim_cur != RLIM_INFINITY;
}

uint32_t gen_count_threads(const Gen *gen)
{
    uint32_t wanted = options_threads_for_units(gen->options), n = wanted < gen->n_units ? wanted : gen->n_units;
    return n < 2 || needs_one_pool(gen) || addresses_are_scarce() ? 1 : n;
}

/* ---- one thread -------------------------------------------------------------------------------------------------- */

static bool open_thread(UnitThread *t, const Gen *gen)
{
    PoolOptions options = *pool_configuration(gen->session->pool);
    uint64_t allocations = pool_statistics(gen->session->pool).allocations;
    t->program = gen;
    t->metered = heap_meter.running;
    t->session = *gen->session;
    t->session.arena.account = NULL; /* nothing may be allocated there */
    t->session.codegen_heap = NULL;
    options.exhausted = session_exhausted;
    options.context = &t->session;
    /* Which allocation is the N-th must not depend on the threads' timing: each counts on from here. */
    options.fail_allocation -= options.fail_allocation > allocations ? allocations : options.fail_allocation;
    t->pool = t->session.pool = pool_open(&options);
    if (t->pool == NULL)
        return false;
    arena_account_open(&t->account, t->pool, gen->arena->account->name, 0);
    arena_open(&t->arena, &t->account, gen->arena->name);
    return true;
}

static void make_share(UnitThread *t)
{
    arena_kind(&t->arena, "generator");
    Gen *gen = arena_copy(&t->arena, t->program, sizeof *gen);
    gen->session = &t->session;
    gen->arena = &t->arena;
    gen->heap = t->session.codegen_heap = arena_new(&t->arena, CodegenHeap);
    gen->types = types_copy(&t->arena, t->program->types);
    gen_units(gen, t->number, t->n);
}

static void *run_thread(void *context)
{
    UnitThread *t = context;
    HeapMeter before = heap_meter_help_begins(t->metered);
    if (setjmp(t->session.on_fatal) == 0)
        make_share(t);
    else
        t->failed = true;
    codegen_abandon(&t->session);
    arena_free(&t->session.scratch);
    arena_free(&t->arena);
    t->heap = heap_meter_help_ends(&before);
    return NULL;
}

static void *start_thread(void *context)
{
    FaultStack fault_stack;
    faults_use_stack(&fault_stack);
    return run_thread(context);
}

static void close_thread(UnitThread *t, ArenaAccount *account)
{
    arena_account_add(account, &t->account);
    arena_account_close(&t->account);
    pool_close(t->pool);
    if (t->metered)
        heap_meter_add(&t->heap);
}

/* ---- all of them ------------------------------------------------------------------------------------------------- */

/* A thread that the system refuses is run here, as if it had been another one. */
static void run_all(UnitThread *threads, uint32_t n)
{
    for (uint32_t i = 1; i < n; i++)
        threads[i].started = pthread_create(&threads[i].thread, NULL, start_thread, &threads[i]) == 0;
    run_thread(&threads[0]);
    for (uint32_t i = 1; i < n; i++) {
        if (threads[i].started)
            pthread_join(threads[i].thread, NULL);
        else
            run_thread(&threads[i]);
    }
}

void gen_units_on_threads(Gen *gen, uint32_t most)
{
    arena_kind(gen->arena, "thread");
    UnitThread *threads = arena_push_zero(gen->arena, most * sizeof(UnitThread));
    uint32_t n = 0;
    while (n < most && open_thread(&threads[n], gen))
        n++;
    for (uint32_t i = 0; i < n; i++) {
        threads[i].number = i;
        threads[i].n = n;
    }
    if (n == 0)
        gen_units(gen, 0, 1); /* the system refuses memory for the first pool */
    else
        run_all(threads, n);
    const UnitThread *failed = NULL;
    for (uint32_t i = n; i-- > 0;) {
        close_thread(&threads[i], gen->arena->account);
        if (threads[i].failed)
            failed = &threads[i];
    }
    if (failed == NULL)
        return;
    gen->session->working_at = failed->session.working_at;
    session_exhausted(gen->session, &failed->session.exhausted);
}
