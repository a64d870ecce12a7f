/*
 * match, and patterns in let.
 *
 * First all patterns are resolved, then their coverage is checked, then the arms are emitted in order: each tests what
 * its pattern wants and branches to the next arm if it is not there.  As the arms cover everything, the last one that
 * can be reached tests nothing.  Chains of compare and branch are what LLVM digests fastest without optimisation, and
 * with it they become a switch.
 */
#include "ir/pattern.h"

/* Where to go when a test fails; made when the first test needs it. */
typedef struct { bool certain; bool used; BlockId block; } OnFailure;

static void test(Builder *b, Value condition, OnFailure *otherwise)
{
    if (otherwise->certain)
        return;
    if (!otherwise->used)
        otherwise->block = new_block(b);
    otherwise->used = true;
    BlockId next = new_block(b);
    emit_branch(b, condition, next, otherwise->block);
    start_block(b, next);
}

static void match_pattern(Builder *b, uint32_t slot, Value value, OnFailure *otherwise);

static void match_fields(Builder *b, const Pattern *pattern, TypeId type, Value value, OnFailure *otherwise)
{
    for (uint32_t i = 0; i < pattern->n_children; i++) {
        const Pattern *child = pattern_at(b, pattern->first_child + i);
        if (child->kind == PATTERN_ANY && child->name.i == 0)
            continue;
        Value field = emit_select(b, IR_FIELD, type_field(b->types, type, i), value, i);
        match_pattern(b, pattern->first_child + i, field, otherwise);
    }
}

static void match_constructor(Builder *b, const Pattern *pattern, TypeId type, Value value, OnFailure *otherwise)
{
    uint32_t constructor = (uint32_t)pattern->key;
    if (type_n_constructors(b->types, type) > 1 && !otherwise->certain)
        test(b, emit_select(b, IR_TAG_IS, TYPE_ID(TYPE_BOOL), value, constructor), otherwise);
    for (uint32_t i = 0; i < pattern->n_children; i++) {
        const Pattern *child = pattern_at(b, pattern->first_child + i);
        if (child->kind == PATTERN_ANY && child->name.i == 0)
            continue;
        Value payload = emit_payload(b, type_payload(b->types, type, constructor, i), value, constructor, i);
        match_pattern(b, pattern->first_child + i, payload, otherwise);
    }
}

static void match_list(Builder *b, const Pattern *pattern, TypeId type, Value value, OnFailure *otherwise)
{
    TypeId element = resolved(b, type_part(b->types, type, 0));
    bool is_cons = pattern->kind == PATTERN_CONS;
    if (!otherwise->certain) {
        Value length = emit_select(b, IR_LIST_LENGTH, TYPE_ID(TYPE_INT), value, 0);
        Value wanted = emit_int(b, is_cons ? 0 : pattern->n_children, TYPE_ID(TYPE_INT));
        test(b, emit_binary(b, is_cons ? IR_NOT_EQUAL : IR_EQUAL, TYPE_ID(TYPE_BOOL), pattern->pos, length, wanted), otherwise);
    }
    for (uint32_t i = 0; i < pattern->n_children; i++) {
        const Pattern *child = pattern_at(b, pattern->first_child + i);
        if (child->kind == PATTERN_ANY && child->name.i == 0)
            continue;
        bool is_tail = is_cons && i == 1;
        Value part = is_tail ? emit_select(b, IR_TAIL, type, value, 1) : emit_select(b, IR_ELEMENT, element, value, i);
        match_pattern(b, pattern->first_child + i, part, otherwise);
    }
}

static void match_literal(Builder *b, const Pattern *pattern, Value value, OnFailure *otherwise)
{
    if (otherwise->certain)
        return;
    Value literal;
    double number;
    switch (pattern->kind) {
    case PATTERN_BOOL:
        test(b, pattern->key ? value : emit_unary(b, IR_NOT, TYPE_ID(TYPE_BOOL), pattern->pos, value), otherwise);
        return;
    case PATTERN_INT:
        literal = emit_int(b, (int64_t)pattern->key, TYPE_ID(TYPE_INT));
        break;
    case PATTERN_FLOAT:
        __builtin_memcpy(&number, &pattern->key, sizeof number);
        literal = emit_float(b, number);
        break;
    default:
        literal = emit_string(b, pattern->pos);
        break;
    }
    test(b, emit_binary(b, IR_EQUAL, TYPE_ID(TYPE_BOOL), pattern->pos, value, literal), otherwise);
}

static void match_parts_of_error(Builder *b, const Pattern *pattern, OnFailure *otherwise)
{
    for (uint32_t i = 0; i < pattern->n_children; i++)
        match_pattern(b, pattern->first_child + i, emit_error(b), otherwise);
}

/* The type was fine when the patterns were resolved; the body of an arm before may have made it too deep, and that is told. */
static void match_composite(Builder *b, const Pattern *pattern, Value value, OnFailure *otherwise)
{
    TypeId type = zonk(b, pattern->type);
    if (type.i == TYPE_ERROR)
        match_parts_of_error(b, pattern, otherwise);
    else if (pattern->kind == PATTERN_FIELDS)
        match_fields(b, pattern, type, value, otherwise);
    else if (pattern->kind == PATTERN_CONSTRUCTOR)
        match_constructor(b, pattern, type, value, otherwise);
    else
        match_list(b, pattern, type, value, otherwise);
}

/* Emits the tests of the pattern and binds its variables. */
static void match_pattern(Builder *b, uint32_t slot, Value value, OnFailure *otherwise)
{
    Pattern pattern = *pattern_at(b, slot);
    b->session->working_at = pattern.pos;
    switch (pattern.kind) {
    case PATTERN_ANY:
        if (pattern.name.i != 0)
            note_binding(b, bind_local(b, pattern.name, value.id, value.type), pattern.pos);
        break;
    case PATTERN_FIELDS:
    case PATTERN_CONSTRUCTOR:
    case PATTERN_LIST:
    case PATTERN_CONS:
        match_composite(b, &pattern, value, otherwise);
        break;
    default:
        match_literal(b, &pattern, value, otherwise);
        break;
    }
}

/* ---- match ------------------------------------------------------------------------------------------------------------ */

static void bind_error(Builder *b, NameId name)
{
    bind_local(b, name, emit_error(b).id, TYPE_ID(TYPE_ERROR));
}

/* Binds the names of a pattern that has been reported, so that nothing is said of them where they are used. */
static void bind_broken(Builder *b, NodeId node)
{
    switch (ast_kind(b->ast, node)) {
    case AST_PATTERN_NAME:
        if (pattern_means_variable(b, node))
            bind_error(b, ast_name(b->ast, node)->name);
        break;
    case AST_PATTERN_CONSTRUCTOR: {
        const AstConstructorPattern *pattern = ast_constructor_pattern(b->ast, node);
        for (uint32_t i = 0; i < pattern->n; i++)
            bind_broken(b, pattern->arguments[i]);
        break;
    }
    case AST_PATTERN_TUPLE:
    case AST_PATTERN_LIST: {
        const AstItems *pattern = ast_items(b->ast, node);
        for (uint32_t i = 0; i < pattern->n; i++)
            bind_broken(b, pattern->items[i]);
        break;
    }
    case AST_PATTERN_RECORD: {
        const AstFields *pattern = ast_fields(b->ast, node);
        for (uint32_t i = 0; i < pattern->n; i++)
            if (pattern->fields[i].value.i == 0)
                bind_error(b, pattern->fields[i].name);
            else
                bind_broken(b, pattern->fields[i].value);
        break;
    }
    default:
        break;
    }
}

/* `first` is the slot of the first arm's pattern. */
static void report_coverage(Builder *b, const AstMatch *match, uint32_t first, const CoverageResult *coverage, size_t reached)
{
    uint32_t takes_all = 0;
    while (takes_all < match->n && pattern_at(b, first + takes_all)->kind != PATTERN_ANY)
        takes_all++;
    if (coverage->too_complex)
        report(b, E014, match->head.pos, "the patterns of this match are too complex to check");
    else if (!coverage->covered)
        report(b, E230, match->head.pos, "match does not cover %s", coverage->missing);
    for (uint32_t i = 0; i < match->n && !coverage->too_complex; i++)
        if (*ITEM(&b->stack, uint32_t, reached + i) == 0) {
            Diagnostic *diagnostic = report(b, W230, ast_pos(b->ast, match->arms[i].pattern), "this arm is never reached");
            if (takes_all < i)
                label_place(b, diagnostic, ast_pos(b->ast, match->arms[takes_all].pattern), "this one takes everything");
        }
}

/* Resolves all patterns and checks them; returns the index of the last arm that is reached, or NO_INDEX after errors. */
static uint32_t check_arms(Builder *b, const AstMatch *match, TypeId type, uint32_t first)
{
    bool fine = true;
    for (uint32_t i = 0; i < match->n; i++) {
        begin_names(b);
        fine &= resolve_pattern(b, match->arms[i].pattern, type, first + i);
    }
    if (!fine || resolved(b, type).i == TYPE_ERROR || type_is_broken(b, resolved(b, type)))
        return NO_INDEX;
    size_t reached = b->stack.count;
    for (uint32_t i = 0; i < match->n; i++)
        push_id(b, 0);
    CoverageResult coverage;
    check_coverage(b, first, match->n, zonk(b, type), reached, &coverage);
    report_coverage(b, match, first, &coverage, reached);
    uint32_t last = NO_INDEX;
    for (uint32_t i = 0; i < match->n && coverage.covered && !coverage.too_complex; i++)
        if (*ITEM(&b->stack, uint32_t, reached + i) != 0)
            last = i;
    stack_truncate(&b->stack, reached);
    return last;
}

static void build_arm(Builder *b, AstArm arm, uint32_t slot, Value scrutinee, bool broken, Join *join, OnFailure *otherwise)
{
    size_t locals = b->locals.count;
    if (broken)
        bind_broken(b, arm.pattern);
    else
        match_pattern(b, slot, scrutinee, otherwise);
    Value value = build(b, arm.body, join_want(b, join));
    join_add(b, join, value, arm.body);
    unbind_locals(b, locals);
}

Value build_match(Builder *b, NodeId node, Want want)
{
    const AstMatch *match = ast_match(b->ast, node);
    Value scrutinee = build_value(b, match->scrutinee, (TypeId){0});
    size_t patterns = b->patterns.count;
    uint32_t first = new_patterns(b, match->n);
    uint32_t last = check_arms(b, match, scrutinee.type, first);
    Join join = join_open(b, want);
    bool broken = last == NO_INDEX; /* then all of this is walked for the errors in it alone */
    for (uint32_t i = 0; i < match->n; i++) {
        bool dead = !broken && i > last;
        OnFailure otherwise = {.certain = broken || i >= last};
        EmitMark mark = emit_mark(b);
        if (dead)
            start_block(b, new_block(b));
        build_arm(b, match->arms[i], first + i, scrutinee, broken, &join, &otherwise);
        if (dead)
            emit_rewind(b, mark);
        else if (otherwise.used)
            start_block(b, otherwise.block);
    }
    stack_truncate(&b->patterns, patterns);
    return join_close(b, &join);
}

/* ---- let --------------------------------------------------------------------------------------------------------------- */

void bind_irrefutable(Builder *b, NodeId node, Value value)
{
    size_t patterns = b->patterns.count, mark = b->stack.count;
    uint32_t slot = new_patterns(b, 1);
    begin_names(b);
    bool fine = resolve_pattern(b, node, value.type, slot) && resolved(b, value.type).i != TYPE_ERROR;
    if (fine) {
        CoverageResult coverage;
        push_id(b, 0);
        check_coverage(b, slot, 1, zonk(b, value.type), mark, &coverage);
        fine = coverage.covered && !coverage.too_complex;
        Diagnostic *diagnostic = NULL;
        if (!fine)
            diagnostic = report(b, E231, ast_pos(b->ast, node), "pattern in let can fail");
        if (diagnostic != NULL && !coverage.covered && coverage.missing[0] != '_')
            diagnostic_note(b->diagnostics, diagnostic, "it does not match %s; use match", coverage.missing);
        else if (diagnostic != NULL)
            diagnostic_note(b->diagnostics, diagnostic, "use match");
    }
    OnFailure never = {.certain = true};
    if (fine)
        match_pattern(b, slot, value, &never);
    else
        bind_broken(b, node);
    stack_truncate(&b->patterns, patterns);
    stack_truncate(&b->stack, mark);
}
