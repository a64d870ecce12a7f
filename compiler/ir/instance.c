/*
 * Generic functions by monomorphisation: one copy of the function for each list of type arguments (as in C++ and Rust).
 *
 * A call demands an instance; the instance gets its number in the product at once and its body later, from a work list,
 * because building it may demand further ones.  A function that calls itself with ever larger types would go on for ever:
 * such types get ever deeper, so a depth that no program has is E107.  Two such calls in one function make more instances
 * than there is time for before they get so deep, so their number has a limit, too.  Calls from outside of generic functions
 * are as many as the program is long, and raise it.
 */
#include "ir/build_past.h"

static uint32_t hash_instance(GlobalId global, TypeId arguments)
{
    uint64_t hash = ((uint64_t)global.i << 32 | arguments.i) * 0x9E3779B97F4A7C15u;
    return (uint32_t)(hash >> 32);
}

static void insert_slot(Builder *b, uint32_t index)
{
    const Instance *instance = ITEM(b->instances, Instance, index);
    uint32_t mask = (uint32_t)b->instance_slots->count - 1;
    uint32_t at = hash_instance(instance->global, instance->arguments) & mask;
    while (*ITEM(b->instance_slots, uint32_t, at) != 0)
        at = (at + 1) & mask;
    *ITEM(b->instance_slots, uint32_t, at) = index + 1;
}

static void grow_slots(Builder *b)
{
    size_t n = b->instance_slots->count == 0 ? 64 : b->instance_slots->count;
    array_push(b->instance_slots, n);
    for (size_t i = 0; i < b->instance_slots->count; i++)
        *ITEM(b->instance_slots, uint32_t, i) = 0;
    for (uint32_t i = 0; i < b->instances->count; i++)
        insert_slot(b, i);
}

static void add_instance(Builder *b, Instance instance)
{
    if ((b->instances->count + 1) * 2 > b->instance_slots->count)
        grow_slots(b);
    *(Instance *)array_push(b->instances, 1) = instance;
    insert_slot(b, (uint32_t)b->instances->count - 1);
}

static bool find_instance(const Builder *b, GlobalId global, TypeId arguments, FunctionId *function)
{
    if (b->instance_slots->count == 0)
        return false;
    uint32_t mask = (uint32_t)b->instance_slots->count - 1;
    for (uint32_t at = hash_instance(global, arguments) & mask;; at = (at + 1) & mask) {
        uint32_t slot = *ITEM(b->instance_slots, uint32_t, at);
        if (slot == 0)
            return false;
        const Instance *instance = ITEM(b->instances, Instance, slot - 1);
        if (instance->global.i == global.i && type_equal(instance->arguments, arguments)) {
            *function = instance->function;
            return true;
        }
    }
}

void take_over_instance(Builder *b, Instance instance)
{
    global_at(b, instance.global)->n_instances++;
    add_instance(b, instance);
}

FunctionId demand_instance(Builder *b, GlobalId global, const TypeId *arguments, uint32_t n, SourcePos pos)
{
    FunctionId function = {0};
    for (uint32_t i = 0; i < n; i++)
        if (b->opaque || arguments[i].i == TYPE_ERROR)
            return function;
    TypeId key = n == 1 ? arguments[0] : type_make(b->types, TYPE_TUPLE, &arguments[0].i, n);
    if (find_instance(b, global, key, &function))
        return function;
    if (global_at(b, global)->endless)
        return function; /* reported */
    bool many = ++global_at(b, global)->n_instances > MAX_INSTANCES + b->n_first_instances && b->instance != NO_INDEX;
    if (type_get(b->types, key)->depth > MAX_INSTANCE_TYPE_DEPTH || many) {
        global_at(b, global)->endless = true;
        report(b, E107, global_at(b, global)->pos, "'%.*s' needs infinitely many instances",
               NAME_ARGS(b->names, global_at(b, global)->name));
        return function;
    }
    function.i = (uint32_t)b->functions->count;
    *(IrFunction *)array_push(b->functions, 1) = (IrFunction){.name = global_at(b, global)->name,
                                                              .pos = global_at(b, global)->pos, .instance = key};
    add_instance(b, (Instance){global, key, function, pos});
    return function;
}

static void build_instance(Builder *b, uint32_t index)
{
    Instance instance = *ITEM(b->instances, Instance, index);
    Global global = *global_at(b, instance.global);
    uint32_t n = global.n_type_parameters;
    NameId *names = arena_push(b->scratch, n * sizeof *names);
    TypeId *types = arena_push(b->scratch, n * sizeof *types);
    for (uint32_t i = 0; i < n; i++) {
        names[i] = *ITEM(b->type_parameters, NameId, global.first_type_parameter + i);
        types[i] = n == 1 ? instance.arguments : type_part(b->types, instance.arguments, i);
    }
    b->type_parameter_names = names;
    b->type_parameter_types = types;
    b->n_type_parameters = n;
    b->instance = index;
    b->quiet = true;
    build_declared(b, instance.global, instance.function);
    b->quiet = false;
    b->instance = NO_INDEX;
    b->n_type_parameters = 0;
}

/* Also after errors elsewhere: what is wrong with an instance alone would else be seen only when they are mended. */
void build_instances(Builder *b)
{
    b->n_first_instances = (uint32_t)b->instances->count;
    for (uint32_t i = 0; i < b->instances->count; i++)
        build_instance(b, i);
}
