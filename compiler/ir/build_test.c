/*
 * @test and @test_case: each becomes a function that takes nothing and says whether the test passed.
 *
 * They are resolved and typed in every compilation, so that a test that does not fit its function is found at once, but
 * only `polec test` keeps them, and only those of the compiled file itself.
 *
 * The inputs of a @test_case: `input=`, a tuple if the function takes several; or each by the parameter's name; or
 * without labels, in order.  The expected value: `expected=`, or the one argument without a label that is left over.
 */
#include "ir/build.h"

static bool is_kept(const Builder *b)
{
    return b->session->options->command == COMMAND_TEST && ITEM(b->scopes, Scope, b->scope.i)->file.i == 0;
}

static uint32_t next_number(Builder *b, GlobalId function)
{
    while (function.i >= b->test_counts->count)
        *(uint32_t *)array_push(b->test_counts, 1) = 0;
    return ++*ITEM(b->test_counts, uint32_t, function.i);
}

/* A test that is not kept is only checked, like a generic body: nothing of it reaches the product. */
static void begin_test(Builder *b)
{
    b->opaque = !is_kept(b);
    b->n_functions_before_test = (uint32_t)b->functions->count;
}

static void end_test(Builder *b, const UnitTest *test, NameId name)
{
    if (!is_kept(b) || b->diagnostics->n_errors > 0) {
        abandon_function(b);
        if (b->opaque)
            array_truncate(b->functions, b->n_functions_before_test);
        b->opaque = false;
        return;
    }
    FunctionId function = {(uint32_t)b->functions->count};
    *(IrFunction *)array_push(b->functions, 1) = (IrFunction){0};
    finish_function(b, function);
    *(IrTest *)array_push(b->tests, 1) = (IrTest){function, name, next_number(b, test->function), ast_pos(b->ast, test->annotation)};
}

static void build_plain_test(Builder *b, const UnitTest *test)
{
    const AstAnnotation *annotation = ast_annotation(b->ast, test->annotation);
    FunctionState state;
    begin_test(b);
    begin_function(b, &state, (NameId){NAME_test}, annotation->head.pos, TYPE_ID(TYPE_BOOL), IR_TEST);
    if (annotation->n != 1)
        report(b, E140, annotation->head.pos, "@test needs one condition, given %u", annotation->n);
    for (uint32_t i = 0; i < annotation->n; i++) {
        Value value = build_coerced(b, annotation->arguments[i].value, TYPE_ID(TYPE_BOOL), (SourcePos){0});
        if (i == 0)
            emit_return(b, value);
    }
    end_test(b, test, (NameId){NAME_test});
}

/* ---- @test_case ---------------------------------------------------------------------------------------------------------- */

/* What the annotation gives: the expected value's node (or 0) and the inputs' nodes, by parameter, on the stack. */
typedef struct { NodeId expected, input; size_t inputs; uint32_t n_named, n_plain; bool broken; } CaseArguments;

/* No parameter, or one that is Unit: the input is absent, or (). */
static bool takes_nothing(Builder *b, const Global *global)
{
    return global->n_params == 0 || (global->n_params == 1 && param_at(b, global, 0)->type.i == TYPE_UNIT);
}

/* The parameter of that name, or n_params. */
static uint32_t find_param(Builder *b, const Global *global, NameId name)
{
    uint32_t i = 0;
    while (i < global->n_params && param_at(b, global, i)->name.i != name.i) i++;
    return i;
}

/*
 * `input` and `expected` may be names of parameters, too.  They are meant so where another label names a parameter, where
 * nothing else gives an input, and where the two are all the parameters and `input` is no tuple for both.
 */
static bool is_by_name(Builder *b, const Global *global, const AstAnnotation *annotation)
{
    bool labels_only = true, has_input = false, has_tuple = false;
    for (uint32_t i = 0; i < annotation->n; i++) {
        const AstArgument *argument = &annotation->arguments[i];
        if (argument->label.i == 0) {
            labels_only = false;
        } else if (name_is(argument->label, NAME_input)) {
            has_input = true;
            has_tuple |= ast_kind(b->ast, argument->value) == AST_TUPLE;
        } else if (!name_is(argument->label, NAME_expected) && find_param(b, global, argument->label) < global->n_params) {
            return true;
        }
    }
    if (!has_input)
        return labels_only;
    return !has_tuple && global->n_params == 2 && find_param(b, global, (NameId){NAME_input}) < 2 &&
           find_param(b, global, (NameId){NAME_expected}) < 2;
}

static void set_once(Builder *b, const AstArgument *argument, NodeId *place, CaseArguments *arguments)
{
    if (place->i != 0) {
        label_place(b, report(b, E140, argument->pos, "@test_case gives '%.*s' twice", NAME_ARGS(b->names, argument->label)),
                 ast_pos(b->ast, *place), "first given here");
        arguments->broken = true;
    }
    *place = argument->value;
}

static void read_label(Builder *b, const Global *global, const AstArgument *argument, bool by_name, CaseArguments *arguments)
{
    bool is_input = name_is(argument->label, NAME_input), is_expected = name_is(argument->label, NAME_expected);
    uint32_t index = find_param(b, global, argument->label);
    bool is_given = index < global->n_params && ITEM(&b->stack, NodeId, arguments->inputs + index)->i != 0;
    if (index < global->n_params && (by_name || !(is_input || is_expected)) && !(is_given && (is_input || is_expected))) {
        set_once(b, argument, ITEM(&b->stack, NodeId, arguments->inputs + index), arguments);
        arguments->n_named++;
    } else if (is_input) {
        set_once(b, argument, &arguments->input, arguments);
    } else if (is_expected) {
        set_once(b, argument, &arguments->expected, arguments);
    } else {
        report(b, E204, argument->pos, "'%.*s' has no parameter '%.*s'", NAME_ARGS(b->names, global->name),
               NAME_ARGS(b->names, argument->label));
        arguments->broken = true;
    }
}

/* Whether the last of the arguments without labels is the expected value: it stands behind all inputs. */
static bool ends_with_expected(Builder *b, const Global *global, NodeId first, bool tuple, const CaseArguments *arguments)
{
    if (arguments->expected.i != 0)
        return false;
    bool all_given = arguments->input.i != 0 || arguments->n_named == global->n_params ||
                     (takes_nothing(b, global) && ast_kind(b->ast, first) != AST_UNIT);
    return arguments->n_plain == (all_given ? 1 : tuple ? 2 : global->n_params + 1);
}

/* Arguments without labels: the inputs in order, or a tuple of them; then the expected value if it is still missing. */
static void read_plain(Builder *b, const Global *global, const AstAnnotation *annotation, CaseArguments *arguments)
{
    uint32_t n_inputs = arguments->n_plain, index = 0;
    if (n_inputs == 0)
        return;
    NodeId first = {0};
    for (uint32_t i = 0; i < annotation->n && first.i == 0; i++)
        if (annotation->arguments[i].label.i == 0)
            first = annotation->arguments[i].value;
    bool tuple = global->n_params > 1 && ast_kind(b->ast, first) == AST_TUPLE;
    n_inputs -= ends_with_expected(b, global, first, tuple, arguments);
    for (uint32_t i = 0; i < annotation->n; i++) {
        if (annotation->arguments[i].label.i != 0)
            continue;
        NodeId value = annotation->arguments[i].value;
        if (index >= n_inputs)
            arguments->expected = value;
        else if (tuple && n_inputs == 1 && arguments->input.i == 0)
            arguments->input = value;
        else {
            if (index < global->n_params)
                *ITEM(&b->stack, NodeId, arguments->inputs + index) = value;
            arguments->n_named++;
        }
        index++;
    }
}

static void report_inputs(Builder *b, const Global *global, SourcePos pos, uint32_t given)
{
    report(b, E140, pos, "@test_case gives %u input%s for %u parameter%s", given, given == 1 ? "" : "s", global->n_params,
           global->n_params == 1 ? "" : "s");
}

/* input=(a, b): the tuple's items are the arguments; any other expression has to have the tuple's type. */
static bool spread_input(Builder *b, const Global *global, Callable *callable, CaseArguments *arguments)
{
    NodeId input = arguments->input;
    uint32_t n = global->n_params;
    if (arguments->n_named > 0) {
        report_inputs(b, global, callable->pos, arguments->n_named + 1);
        return false;
    }
    if (n == 1) {
        *ITEM(&b->stack, NodeId, arguments->inputs) = input;
        arguments->n_named = 1;
        return true;
    }
    if (ast_kind(b->ast, input) == AST_TUPLE || n == 0) {
        uint32_t given = ast_kind(b->ast, input) == AST_TUPLE ? ast_items(b->ast, input)->n : ast_kind(b->ast, input) != AST_UNIT;
        for (uint32_t i = 0; i < n && i < given; i++)
            *ITEM(&b->stack, NodeId, arguments->inputs + i) = ast_items(b->ast, input)->items[i];
        arguments->n_named = given;
        return true;
    }
    Value value = build_value(b, input, (TypeId){0});
    TypeId type = zonk(b, value.type);
    if (type.i == TYPE_ERROR)
        return false;
    if (type_kind(b->types, type) != TYPE_TUPLE || type_n_fields(b->types, type) != n) {
        report_inputs(b, global, ast_start(b->ast, input), 1);
        return false;
    }
    for (uint32_t i = 0; i < n; i++) {
        Value part = emit_select(b, IR_FIELD, type_part(b->types, type, i), value, i);
        part = coerce(b, part, callable_param(b, callable, i), param_at(b, global, i)->pos, ast_start(b->ast, input));
        push_id(b, part.id.i);
    }
    return true;
}

/* The arguments' values are pushed behind the callable's types; false after a report. */
static bool push_inputs(Builder *b, const AstAnnotation *annotation, const Global *global, Callable *callable, CaseArguments *arguments)
{
    size_t values = b->stack.count;
    if (arguments->input.i != 0 && !spread_input(b, global, callable, arguments))
        return false;
    if (b->stack.count > values)
        return true;
    if (arguments->n_named == 0 && global->n_params == 1 && takes_nothing(b, global)) {
        push_id(b, emit_unit(b).id.i);
        return true;
    }
    if (arguments->n_named != global->n_params) {
        report_inputs(b, global, annotation->head.pos, arguments->n_named);
        return false;
    }
    for (uint32_t i = 0; i < global->n_params; i++) {
        NodeId node = *ITEM(&b->stack, NodeId, arguments->inputs + i);
        if (node.i == 0) { /* one was given twice */
            report_inputs(b, global, annotation->head.pos, arguments->n_named - 1);
            return false;
        }
        push_id(b, build_argument(b, node, callable_param(b, callable, i), param_at(b, global, i)->pos).id.i);
    }
    return true;
}

static Value call_and_compare(Builder *b, const AstAnnotation *annotation, const Global *global, GlobalId id, CaseArguments *arguments)
{
    Callable callable;
    callable_of_global(b, id, annotation->head.pos, &callable);
    size_t first = b->stack.count;
    if (!push_inputs(b, annotation, global, &callable, arguments))
        return emit_error(b);
    Value result = emit_callable(b, &callable, first, global->n_params);
    if (arguments->expected.i == 0)
        return emit_bool(b, true);
    Value expected = build_argument(b, arguments->expected, result.type, annotation->head.pos);
    return emit_equal(b, result, expected, annotation->head.pos);
}

static void build_case(Builder *b, const UnitTest *test)
{
    const AstAnnotation *annotation = ast_annotation(b->ast, test->annotation);
    Global global = *global_at(b, test->function);
    if (global.broken)
        return;
    size_t mark = b->stack.count;
    CaseArguments arguments = {.inputs = mark};
    for (uint32_t i = 0; i < global.n_params; i++)
        push_id(b, 0);
    FunctionState state;
    begin_test(b);
    begin_function(b, &state, global.name, annotation->head.pos, TYPE_ID(TYPE_BOOL), IR_TEST);
    bool by_name = is_by_name(b, &global, annotation);
    for (uint32_t i = 0; i < annotation->n; i++)
        if (annotation->arguments[i].label.i != 0)
            read_label(b, &global, &annotation->arguments[i], by_name, &arguments);
        else
            arguments.n_plain++;
    read_plain(b, &global, annotation, &arguments);
    if (!arguments.broken)
        emit_return(b, call_and_compare(b, annotation, &global, test->function, &arguments));
    stack_truncate(&b->stack, mark);
    end_test(b, test, global.name);
}

/* In the order of the source: modules were declared after the file around them.  Shell sort: in place. */
static void sort_tests(Builder *b)
{
    uint32_t n = (uint32_t)b->unit_tests->count;
    for (uint32_t gap = n / 2; gap > 0; gap /= 2)
        for (uint32_t i = gap; i < n; i++)
            for (uint32_t j = i; j >= gap; j -= gap) {
                UnitTest *left = ITEM(b->unit_tests, UnitTest, j - gap), *right = ITEM(b->unit_tests, UnitTest, j);
                if (ast_pos(b->ast, left->annotation).at <= ast_pos(b->ast, right->annotation).at)
                    break;
                UnitTest swap = *left;
                *left = *right;
                *right = swap;
            }
}

void build_tests(Builder *b)
{
    sort_tests(b);
    for (uint32_t i = 0; i < b->unit_tests->count; i++) {
        UnitTest test = *ITEM(b->unit_tests, UnitTest, i);
        const AstAnnotation *annotation = ast_annotation(b->ast, test.annotation);
        b->scope = test.scope;
        b->session->working_at = annotation->head.pos;
        if (name_is(annotation->name, NAME_test))
            build_plain_test(b, &test);
        else if (test.function.i == 0)
            report(b, E140, annotation->head.pos, "@test_case belongs to no function");
        else
            build_case(b, &test);
    }
}
