/*
 * What the files of the IR builder share; included by ir/ alone.
 *
 *   build.c               entry: the order of things
 *   declare_types.c       types and constructors of the program
 *   declare_values.c      functions, externs, modules, imports;  declare_signatures.c: their types
 *   resolve_type.c        type expressions to TypeIds
 *   scope.c               names to what they mean;  index.c: the same for long lists
 *   unify.c               type variables, unification, decisions put off to the end of a function
 *   emit.c                instructions, blocks, constants folded on the way
 *   build_function.c      a function: parameters, contracts, body, result
 *   build_expression.c    expressions;  build_operator.c, build_record.c, build_call.c, build_match.c: the larger kinds
 *   callable.c            what can be called, and calling it;  closure.c: lambdas and functions as values
 *   instance.c            generic functions: one copy for each list of type arguments
 *   pattern.c             patterns, resolved;  coverage.c: does a match cover everything?
 *   build_test.c          @test and @test_case
 *   uses.c                what every name means, for whoever asks
 *   similar.c, habits.c   what may have been meant by what means nothing
 *   build_again.c         after a change of the text: functions taken over from the build before
 *
 * One walk over a function resolves its names, infers its types and emits its instructions.  Types that are not known
 * yet are variables; where one is still in an instruction when the walk is over, it is replaced then (finish_function).
 *
 * Instructions go straight to the result array.  A lambda inside a function is emitted behind what there is of the
 * function so far, then moved to `finished`, so the array works as a stack.  A generic function is walked once with
 * opaque type parameters, only to check it (the instructions are dropped), and once for each instance.
 */
#ifndef POLEC_IR_BUILD_H
#define POLEC_IR_BUILD_H

#include "base/work_stack.h"
#include "ir/builder.h"
#include "ir/index.h"
#include "ir/printf_format.h"
#include "ir/uses.h"

enum {
    MAX_TYPE_DEPTH = 200,      /* types nested deeper are refused: every walk over a type may recurse this deep */
    MAX_INSTANCE_TYPE_DEPTH = 60, /* type arguments nested deeper: E107 */
    MAX_INSTANCES = 10000,     /* so many more of one function than are wanted outside of generic functions: E107, too */
};
#define NO_INDEX UINT32_MAX

/* ---- The program's names ---------------------------------------------------------------------------------------- */

typedef struct { uint32_t i; } ScopeId;   /* a file or a module; its values live in it */
typedef struct { uint32_t i; } GlobalId;  /* 0 is "none" */
#define ANY_SCOPE ((ScopeId){UINT32_MAX})

typedef struct {
    NameId name;              /* of a module; 0 for a file */
    ScopeId parent;           /* of a module: the file or module around it; of a file: itself */
    FileId file;
    NodeId node;              /* AST_FILE or AST_MODULE */
} Scope;

typedef enum {
    GLOBAL_FUNCTION, GLOBAL_EXTERN,
    GLOBAL_CONSTRUCTOR,       /* visible in the whole program, like its type */
    GLOBAL_SCOPE,             /* a module or an import: only used in front of a dot */
    GLOBAL_SIGNATURE,
} GlobalKind;

/* A declared value of the program, or something else that shares the name space of values. */
typedef struct {
    NameId name;
    ScopeId scope;
    GlobalId next;            /* the one of the same name that was declared before, in another scope or of another kind */
    uint8_t kind;             /* GlobalKind */
    bool broken;              /* its signature has been reported: uses say nothing more */
    bool has_body;
    SourcePos pos;
    NodeId node;              /* AST_FUNC, AST_EXTERN, AST_SIGNATURE */
    uint32_t first_param, n_params; /* into Builder.params */
    TypeId result;
    SourcePos result_pos;
    uint32_t first_type_parameter, n_type_parameters; /* into Builder.type_parameters */
    FunctionId function;      /* of a function that is not generic */
    FunctionId wrapper;       /* the closure body that calls it, once one was needed; see has_wrapper */
    bool has_wrapper;
    bool endless;             /* it needs infinitely many instances, which has been reported */
    uint32_t n_instances;
    /* externs */
    NameId c_name;
    bool variadic;
    ExternId extern_id;       /* once used; see has_extern_id */
    bool has_extern_id;
    /* constructors and scopes */
    DeclId decl;
    uint32_t constructor;
    ScopeId target;
} Global;

typedef struct { NameId name; SourcePos pos; TypeId type; } Param; /* pos: the parameter's name */

typedef enum { NAMED_ALIAS, NAMED_DECLARATION } NamedTypeKind;
typedef enum { ALIAS_NEW, ALIAS_ON_PATH, ALIAS_DONE } AliasState;

/* A declared type.  Types are visible in the whole program, whatever scope declares them. */
typedef struct {
    NameId name;
    uint8_t kind;             /* NamedTypeKind */
    uint8_t state;            /* AliasState */
    uint32_t n_parameters;
    NodeId node;
    DeclId decl;
    TypeId aliased;           /* with TYPE_PARAMETERs */
} NamedType;

/* ---- A function being built ---------------------------------------------------------------------------------------- */

typedef struct {
    NameId name;
    uint32_t shadowed;        /* the local that this one hides; NO_INDEX if none */
    ValueId value;
    TypeId type;              /* Nat if the value is known not to be negative */
    uint32_t level;           /* of the function that it belongs to */
    bool lazy;                /* value is a TYPE_LAZY cell; type is that of its content */
} Local;

/* One for the function being built and one for each lambda around the current place. */
typedef struct FunctionState {
    struct FunctionState *outer;
    uint32_t level;
    uint32_t start;           /* of its words in Builder.words */
    uint32_t n_blocks;
    uint32_t first_capture;   /* into Builder.captures; the innermost function's are the last ones */
    uint32_t flags;           /* IR_... */
    uint32_t n_params;
    uint32_t errors_before;   /* that had been reported when the function was begun */
    uint32_t n_pending_before; /* of Builder.pending_instances, then */
    GlobalId global;          /* of the function as declared, for self tail calls; 0 for lambdas */
    NameId name;
    SourcePos pos;
    TypeId result;
    bool has_block;           /* a block is open: instructions may be emitted */
    BlockId block;
} FunctionState;

typedef struct { ValueId id; TypeId type; } Value;

/* What is to become of an expression's value. */
typedef struct {
    TypeId expected;          /* handed down; 0 if nothing is known.  A hint: the caller still coerces */
    bool tail;                /* the value is the function's result: return it (and self calls become jumps) */
    bool drop;                /* the value is not wanted: branches need not agree */
} Want;

/* A function whose words have been finished before its outermost function was. */
typedef struct { FunctionId function; uint32_t first_word, n_words; } FinishedFunction;

/* ---- Type variables -------------------------------------------------------------------------------------------------- */

typedef enum {
    VARIABLE_ANY,             /* becomes Unit if it stays unknown */
    VARIABLE_KEY,             /* of a HashMap: becomes Int */
} VariableKind;

typedef struct {
    TypeId bound;             /* 0: not known yet */
    uint8_t kind;             /* VariableKind */
    bool no_function;         /* the arity of a value was fixed relying on this not becoming a function type */
    SourcePos pos;
} Variable;

/* Checks that had to wait until the types are known, at the latest at the end of the function. */
typedef enum { PENDING_ARITHMETIC, PENDING_REMAINDER, PENDING_ORDER, PENDING_EQUAL, PENDING_KEY, PENDING_DEFAULT } PendingKind;
typedef struct { PendingKind kind; TypeId type; SourcePos pos; } PendingCheck;

/* A call of a generic function whose type arguments were not known yet when it was emitted. */
typedef struct {
    bool in_finished;         /* where the word is: in Builder.finished_words or Builder.words */
    uint32_t word;            /* index of the callee in that array */
    GlobalId global;
    uint32_t first_argument;  /* into Builder.pending_arguments; as many as the function has type parameters */
    SourcePos pos;
} PendingInstance;

typedef struct {
    GlobalId global;
    TypeId arguments;         /* a TYPE_TUPLE, or the single type */
    FunctionId function;
    SourcePos demanded_at;
} Instance;

/* What is known of a type with variables, so that a type whose parts share parts is walked once and not for each path. */
typedef struct { uint32_t zonked_at; TypeId zonked; uint32_t searched_at; } TypeMemo;

/* Where a field of an anonymous record type was first declared a Nat. */
typedef struct { TypeId type; uint32_t index; SourcePos pos; } NatField;

/* An annotation @test or @test_case, and what it tests. */
typedef struct {
    NodeId annotation;
    GlobalId function;        /* of @test_case */
    ScopeId scope;
} UnitTest;

/* The literal printf format that was read last. */
enum { FORMAT_CLASSES = 256 };
typedef struct {
    NodeId format;
    uint32_t n;               /* arguments that it asks for; what it asks for behind the first FORMAT_CLASSES is not known */
    FormatClass classes[FORMAT_CLASSES];
} FormatRead;

/* ---- The builder ------------------------------------------------------------------------------------------------------ */

typedef struct Builder {
    Session *session;
    Diagnostics *diagnostics;
    Types *types;
    const Names *names;
    const Ast *ast;
    Arena *arena;             /* the result's */
    Arena *scratch;           /* the session's, which the driver frees if memory runs out */

    /* the product */
    ArenaArray *words, *functions, *externs, *c_types, *libraries, *tests;

    /* the program's names: scratch */
    ArenaArray *scopes;           /* Scope */
    ArenaArray *globals;          /* Global; element 0 is unused */
    ArenaArray *params;           /* Param */
    ArenaArray *type_parameters;  /* NameId */
    ArenaArray *named_types;      /* NamedType; element 0 is unused */
    ArenaArray *by_name;          /* NameMeaning, indexed by NameId */
    bool *may_be_declared;        /* indexed by NameId, n_may_be_declared of them; NULL if nothing is broken */
    uint32_t n_may_be_declared;
    Index far_globals;            /* of chains longer than LONG_LIST, what lies behind: see find_declared */
    Index fields;                 /* of records with more fields than LONG_LIST: see find_field */
    Index records;                /* declared records by their sets of fields: see first_record */
    uint32_t *next_record;        /* indexed by DeclId: the next one with such a set; NULL until the first is wanted */

    /* the function being built: scratch */
    WorkStack locals;             /* Local */
    WorkStack captures;           /* uint32_t, indices of locals */
    WorkStack stack;              /* uint32_t: work lists of every kind */
    ArenaArray *finished;         /* FinishedFunction */
    ArenaArray *finished_words;   /* uint32_t */
    ArenaArray *variables;        /* Variable */
    ArenaArray *pending_checks, *pending_instances, *pending_arguments;
    ArenaArray *instances;        /* Instance, in the order of demand: also the work list */
    ArenaArray *instance_slots;   /* uint32_t: hash table of indices + 1 */
    ArenaArray *not_units;        /* NodeId: arguments of this function that proved to be no Unit (build_call.c) */
    WorkStack patterns;           /* Pattern, see pattern.h */
    ArenaArray *test_counts;      /* uint32_t, indexed by GlobalId: tests seen of that function */
    uint32_t n_functions_before_test;
    ArenaArray *unit_tests;       /* UnitTest, in the order of the source */
    ArenaArray *marks;            /* uint32_t, indexed by NameId: see name_seen */
    uint32_t mark;
    ArenaArray *type_memos;       /* TypeMemo, indexed by TypeId: see zonk */
    uint32_t bindings;            /* how many variables have been bound: what zonk knows is good until the next one */
    uint32_t searches;            /* how often occurs has been asked, and types have been compared */
    ArenaArray *nat_fields;       /* NatField: Nats among the fields of anonymous record types */
    Index nat_field_index;        /* of the first n_nat_fields_indexed of them */
    uint32_t n_nat_fields_indexed;
    ArenaArray *marks_of_types;   /* uint8_t, indexed by TypeId; only while types are declared */

    FunctionState *function;
    ScopeId scope;                /* of the declaration being built */
    /* the meaning of type parameter names in the declaration being built */
    const NameId *type_parameter_names;
    const TypeId *type_parameter_types;
    uint32_t n_type_parameters;
    uint32_t instance;            /* index into instances of the one being built, or NO_INDEX */
    uint32_t n_first_instances;   /* those that were wanted outside of generic functions, once all are known */
    bool type_too_deep;           /* reported in this function, of whose types no more is said: lists in lists lead to many */
    bool rank_2, rank_2_reported; /* the function's parameters contain a forall; E106 once is enough */
    bool opaque;                  /* checking a generic body: its instructions will be dropped */
    uint32_t type_nesting;        /* of the type expression being resolved */
    FormatRead format;
    BuildPast *past;              /* what is noted for a later build; NULL: nothing */
    bool quiet;                   /* in an instance: everything but E107, E210, E250, E251 has been reported before */
} Builder;

/* What a name means outside of functions and inside; one array access finds all of it. */
typedef struct {
    uint32_t local;               /* innermost binding, or NO_INDEX */
    GlobalId global;              /* first of the chain */
    uint32_t named_type;          /* index into named_types, 0 if none */
} NameMeaning;

#define ITEM(array, type, index) (&((type *)(void *)(array)->items)[index])

static inline Global *global_at(const Builder *b, GlobalId id) { return ITEM(b->globals, Global, id.i); }
static inline Local *local_at(const Builder *b, uint32_t index) { return ITEM(&b->locals, Local, index); }
static inline const Param *param_at(const Builder *b, const Global *global, uint32_t index)
{
    return ITEM(b->params, Param, global->first_param + index);
}

/* ---- build.c: reporting ---- */
Diagnostic *report(Builder *b, DiagnosticCode code, SourcePos pos, const char *format, ...)
    __attribute__((format(printf, 4, 5)));
/* Labels another place in a report, unless that is NULL. */
void label_place(Builder *b, Diagnostic *diagnostic, SourcePos pos, const char *text);
void report_defined(Builder *b, NameId name, SourcePos pos, SourcePos earlier); /* E101 */
/* Buffers for a few types in one message. */
typedef struct { char text[160]; } TypeText;
const char *type_text(const Builder *b, TypeId type, TypeText *buffer);

/* ---- declare_types.c, declare_values.c ---- */
void declare_scopes(Builder *b);
void declare_types(Builder *b);
void declare_values(Builder *b);
void resolve_signatures(Builder *b);
void enter_type_parameters(Builder *b, const Global *global); /* opaque ones: TYPE_PARAMETER 0, 1 ... */
void leave_type_parameters(Builder *b);
GlobalId add_global(Builder *b, const Global *global);
GlobalId add_unnamed_global(Builder *b, const Global *global); /* its name keeps the meaning it has */
/* Finds names that occur twice in one list: begin_names, then name_seen for each. */
void begin_names(Builder *b);
bool name_seen(Builder *b, NameId name);
/* Reports (E104 or E223) every field with the name of an earlier one; true if there is one. */
bool report_fields_twice(Builder *b, DiagnosticCode code, const AstFieldInit *fields, uint32_t n);

void check_type_parameters(Builder *b, const NodeId *names, uint32_t n); /* no name twice */

/* ---- resolve_type.c ---- */
typedef enum { TYPE_IN_PROGRAM, TYPE_IN_EXTERN } TypeContext;
TypeId resolve_type(Builder *b, NodeId node, TypeContext context); /* TYPE_ERROR after a report */
/* The meaning of type parameter names, saved while a declaration inside another one is looked at. */
typedef struct { const NameId *names; const TypeId *types; uint32_t n; } TypeParameters;
TypeParameters enter_declaration(Builder *b, const AstTypeDecl *decl);
void leave_declaration(Builder *b, TypeParameters outer);
bool is_type_name(Builder *b, NameId name);
void resolve_alias(Builder *b, uint32_t index);
void collect_type_parameters(Builder *b, NodeId node, size_t first); /* implicit ones and forall's, once each */

/* ---- scope.c ---- */
void extend_meanings(Builder *b, NameId name);
static inline NameMeaning *meaning_of(Builder *b, NameId name)
{
    if (name.i >= b->by_name->count)
        extend_meanings(b, name);
    return ITEM(b->by_name, NameMeaning, name.i);
}
uint32_t bind_local(Builder *b, NameId name, ValueId value, TypeId type);
void unbind_locals(Builder *b, size_t count);  /* drops the locals from index `count` on */
GlobalId find_global(Builder *b, ScopeId scope, NameId name);        /* in it and around it */
GlobalId find_member(Builder *b, ScopeId scope, NameId name);        /* in it alone */
/* What was declared last as a constructor, scope or signature, in this scope or ANY_SCOPE: constructors always are, and
   scopes never.  GLOBAL_FUNCTION: a function or an extern, of one scope. */
GlobalId find_declared(Builder *b, ScopeId scope, NameId name, GlobalKind kind);
Value read_local(Builder *b, uint32_t index, SourcePos pos);
Value read_name(Builder *b, uint32_t index, SourcePos pos);          /* where the program names it */

/* ---- uses.c: what names mean is written down, if the session wants it; `at` is the name ---- */
void note_use(Builder *b, UseKind kind, NameId name, SourcePos at, SourcePos definition, TypeId type);
void note_global(Builder *b, GlobalId id, SourcePos at); /* a function, extern or scope; else nothing happens */
void note_declarations(Builder *b);
void settle_uses(Builder *b); /* before the numbers of type variables begin anew */

/* Those below are called at every name, and hardly ever does anybody want to know. */
void write_binding(Builder *b, uint32_t local, SourcePos at);
static inline void note_binding(Builder *b, uint32_t local, SourcePos at) /* a local has been bound; 0: the program does not name it */
{
    if (b->session->ir_uses != NULL)
        write_binding(b, local, at);
}
void write_local(Builder *b, uint32_t local, SourcePos at);
static inline void note_local(Builder *b, uint32_t local, SourcePos at)
{
    if (b->session->ir_uses != NULL)
        write_local(b, local, at);
}
void write_constructor(Builder *b, TypeId variant, uint32_t index, SourcePos at);
static inline void note_constructor(Builder *b, TypeId variant, uint32_t index, SourcePos at)
{
    if (b->session->ir_uses != NULL)
        write_constructor(b, variant, index, at);
}
void write_field(Builder *b, TypeId record, uint32_t index, SourcePos at);
static inline void note_field(Builder *b, TypeId record, uint32_t index, SourcePos at)
{
    if (b->session->ir_uses != NULL)
        write_field(b, record, index, at);
}

/* ---- similar.c ---- */
typedef enum { SOUGHT_VALUE, SOUGHT_CONSTRUCTOR, SOUGHT_TYPE, SOUGHT_ANNOTATION, SOUGHT_FIELD, SOUGHT_MEMBER } SoughtKind;

/* What would have a meaning where a name has none. */
typedef struct {
    SoughtKind kind;
    TypeId type;                   /* SOUGHT_FIELD: of what */
    NameId module;                 /* SOUGHT_MEMBER: of a module of the language ... */
    ScopeId scope;                 /* ... or of the program */
} Sought;

void suggest_similar(Builder *b, Diagnostic *diagnostic, NameId name, SourcePos pos, Sought sought);
void report_undefined(Builder *b, NameId name, SourcePos pos);
/* An item that could not be read, and has been reported, may have declared anything that occurs in its text.  Going
   through these texts is done once, before anything is declared. */
void note_broken_items(Builder *b);
bool may_be_declared(const Builder *b, NameId name);

/* ---- habits.c: what people mean who know another language; a Diagnostic may be NULL in calls ---- */
void label_new_line(Builder *b, Diagnostic *diagnostic, const AstCall *call); /* a forgotten ';' before an argument */
void advise_call(Builder *b, Diagnostic *diagnostic, TypeId type, const AstCall *call); /* of what is no function */
bool advise_name(Builder *b, Diagnostic *diagnostic, NameId name, SourcePos pos); /* false: nothing is known */

/* ---- unify.c ---- */
TypeId new_variable(Builder *b, VariableKind kind, SourcePos pos);
TypeId resolved_variable(Builder *b, TypeId type);
/* Follows bound variables at the top.  Asked for at every step, and hardly ever of a variable. */
static inline TypeId resolved(Builder *b, TypeId type)
{
    return type_kind(b->types, type) == TYPE_VARIABLE ? resolved_variable(b, type) : type;
}
TypeId zonk(Builder *b, TypeId type);             /* and everywhere inside */
bool type_seen(Builder *b, TypeId type);          /* since b->searches was increased */
bool unify(Builder *b, TypeId a, TypeId c);       /* false: they differ; some variables may be bound all the same */
TypeId make_type(Builder *b, TypeKind kind, const uint32_t *operands, uint32_t n, SourcePos pos);
void forbid_function(Builder *b, TypeId type);
void pend(Builder *b, PendingKind kind, TypeId type, SourcePos pos);
/* What remains of a function's type when `n` arguments have been given. */
TypeId after_arguments(Builder *b, TypeId function, uint32_t n);
void settle_pending(Builder *b);
bool is_number(TypeKind kind);

/* ---- emit.c ---- */
void *emit(Builder *b, IrOp op, TypeId type, size_t bytes, ValueId *id);
Value emit_unit(Builder *b);
/* For debuggers: nothing without -g. */
void emit_location(Builder *b, NodeId node);
void emit_variable(Builder *b, uint32_t local, ValueId value);
static inline void name_value(Builder *b, uint32_t local, ValueId value)
{
    if (b->session->options->debug_information)
        emit_variable(b, local, value);
}
Value emit_error(Builder *b);
Value emit_int(Builder *b, int64_t number, TypeId type);
Value emit_float(Builder *b, double number);
Value emit_bool(Builder *b, bool truth);
Value emit_string(Builder *b, SourcePos literal);
Value emit_binary(Builder *b, IrOp op, TypeId type, SourcePos pos, Value left, Value right); /* folds constants */
Value emit_unary(Builder *b, IrOp op, TypeId type, SourcePos pos, Value operand);
Value emit_select(Builder *b, IrOp op, TypeId type, Value from, uint32_t index);
Value emit_payload(Builder *b, TypeId type, Value from, uint32_t constructor, uint32_t index);
Value emit_many(Builder *b, IrOp op, TypeId type, const ValueId *values, uint32_t n);
Value emit_variant(Builder *b, TypeId type, uint32_t constructor, const ValueId *values, uint32_t n);
Value emit_call(Builder *b, IrOp op, TypeId type, SourcePos pos, uint32_t callee, const ValueId *arguments, uint32_t n);
BlockId new_block(Builder *b);
void start_block(Builder *b, BlockId block);
Value start_block_with(Builder *b, BlockId block, TypeId param);
void emit_jump(Builder *b, BlockId target, const ValueId *arguments, uint32_t n);
void emit_branch(Builder *b, Value condition, BlockId then_block, BlockId else_block);
void emit_return(Builder *b, Value value);
bool constant_bool(const Builder *b, Value value, bool *result);
bool constant_int(const Builder *b, Value value, int64_t *result);
const IrHead *instruction_at(const Builder *b, ValueId id);

/* Drops what was emitted since; for code that can never run and for bodies that are only checked. */
typedef struct {
    uint32_t words, finished, finished_words, n_blocks;
    bool has_block;
    BlockId block;
} EmitMark;
EmitMark emit_mark(const Builder *b);
void emit_rewind(Builder *b, EmitMark mark);

/* ---- build_function.c ---- */
void build_functions(Builder *b, GlobalId first); /* the first one that has not been built */
void begin_function(Builder *b, FunctionState *state, NameId name, SourcePos pos, TypeId result, uint32_t flags);
Value add_param(Builder *b, TypeId type);       /* only directly behind begin_function */
void end_nested_function(Builder *b, FunctionId id);
void finish_function(Builder *b, FunctionId id); /* of the outermost one: settles everything that was put off */
void abandon_function(Builder *b);
void build_declared(Builder *b, GlobalId id, FunctionId function);

/* ---- build_expression.c ---- */
Value build(Builder *b, NodeId node, Want want);
Value build_value(Builder *b, NodeId node, TypeId expected);               /* not a tail */
static inline void push_id(Builder *b, uint32_t id) { *(uint32_t *)stack_push(&b->stack, 1) = id; } /* onto b->stack */

/* The branches of an if or a match come together in a block whose parameter is the value. */
typedef struct { Want want; BlockId block; TypeId type; bool used; } Join;
Join join_open(Builder *b, Want want);
Want join_want(Builder *b, const Join *join);
void join_add(Builder *b, Join *join, Value value, NodeId node);    /* the current block ends with a jump to the join */
void join_dead(Builder *b, Join *join, NodeId node);                /* a branch that is never taken: only checked */
Value join_close(Builder *b, Join *join);
Value build_coerced(Builder *b, NodeId node, TypeId target, SourcePos nat_pos);
void deliver(Builder *b, Value value, NodeId node);                        /* a tail's value: coerce and return */
Value coerce(Builder *b, Value value, TypeId target, SourcePos nat_pos, SourcePos value_pos);
/* The same of what `node` gave: where it starts is looked for only if there is something to convert or to complain of. */
static inline Value coerce_node(Builder *b, Value value, TypeId target, SourcePos nat_pos, NodeId node)
{
    if (type_equal(value.type, target) && type_kind(b->types, target) != TYPE_VARIABLE)
        return value;
    return coerce(b, value, target, nat_pos, ast_start(b->ast, node));
}
bool is_zero_literal(Builder *b, NodeId node);
void check_type(Builder *b, TypeId expected, TypeId found, SourcePos pos); /* E201 unless they unify */
Value build_argument(Builder *b, NodeId node, TypeId target, SourcePos nat_pos); /* where a literal 0 may be a Ptr */
int64_t int_literal(const Builder *b, SourcePos pos);
double float_literal(const Builder *b, SourcePos pos);

/* ---- build_operator.c ---- */
Value build_binary(Builder *b, NodeId node, Want want);
Value build_unary(Builder *b, NodeId node);
void build_condition(Builder *b, NodeId node, BlockId if_true, BlockId if_false);
void check_comparable(Builder *b, TypeId type, SourcePos pos);
bool type_is_comparable(Builder *b, TypeId type);
Value emit_equal(Builder *b, Value left, Value right, SourcePos pos);

/* ---- build_record.c ---- */
Value build_record(Builder *b, NodeId node, TypeId expected);
bool type_is_broken(const Builder *b, TypeId type); /* a declaration that was reported and emptied: say nothing of its uses */
uint32_t find_field(Builder *b, TypeId type, NameId name); /* NO_INDEX if there is none */
Value build_field(Builder *b, Value object, NameId name, SourcePos pos);
void report_no_field(Builder *b, TypeId type, NameId name, SourcePos pos);

/* ---- callable.c ---- */
typedef enum { CALL_GLOBAL, CALL_CONSTRUCTOR, CALL_LIBRARY, CALL_COMPUTED } CallableKind;

/* Something that can be called.  Its parameter types lie on b->stack from `first_type` on, and behind them the type
   arguments of a generic function; whoever asked for the callable truncates the stack when done. */
typedef struct {
    CallableKind kind;
    SourcePos pos;                 /* where it is named */
    NameId name;                   /* for messages; 0 if it has none */
    GlobalId global;               /* CALL_GLOBAL */
    Builtin builtin;               /* CALL_LIBRARY */
    Value value;                   /* CALL_COMPUTED: a function value */
    TypeId variant;                /* CALL_CONSTRUCTOR */
    uint32_t constructor;
    uint32_t first_type, n_params, n_type_arguments;
    TypeId result;
} Callable;

/* False if the name means nothing that can be called.  n_arguments picks between built-ins of one name; NO_INDEX: any. */
bool callable_of_name(Builder *b, NameId name, SourcePos pos, uint32_t n_arguments, Callable *callable);
bool callable_of_member(Builder *b, NameId module, NameId member, SourcePos pos, uint32_t n_arguments, Callable *callable);
void callable_of_global(Builder *b, GlobalId id, SourcePos pos, Callable *callable);
void callable_of_constructor(Builder *b, TypeId variant, uint32_t index, SourcePos pos, Callable *callable);
bool callable_of_value(Builder *b, Value value, SourcePos pos, Callable *callable);
static inline TypeId callable_param(const Builder *b, const Callable *callable, uint32_t index)
{
    return *ITEM(&b->stack, TypeId, callable->first_type + index);
}
TypeId type_inside(const Builder *b, TypeId type); /* Int for CInt and the like, which exist only at the border to C */
SourcePos callable_nat_pos(const Builder *b, const Callable *callable, uint32_t index);
static inline bool callable_is_extern(const Builder *b, const Callable *callable)
{
    return callable->kind == CALL_GLOBAL && global_at(b, callable->global)->kind == GLOBAL_EXTERN;
}
TypeId fresh_variant(Builder *b, DeclId decl, SourcePos pos); /* with fresh type arguments */
/* Exactly n_params arguments, already converted; more only for a variadic extern
   (they lie on b->stack from `first` on). */
Value emit_callable(Builder *b, const Callable *callable, size_t first, uint32_t n);
bool find_builtin(NameId module, NameId name, uint32_t n_arguments, Builtin *builtin);

void write_callable(Builder *b, const Callable *callable, SourcePos at); /* uses.c */
static inline void note_callable(Builder *b, const Callable *callable, SourcePos at)
{
    if (b->session->ir_uses != NULL)
        write_callable(b, callable, at);
}

/* ---- extern.c ---- */
ExternId use_extern(Builder *b, GlobalId id);
/* The address of a function or extern for C, which expects the function type `type`; E121 if `id` is none. */
Value function_for_c(Builder *b, GlobalId id, TypeId type, SourcePos pos);
/* A call's arguments lie on b->stack, the last `given` of them behind a literal printf format; what it asks for beyond them
   is pushed. */
void complete_printf(Builder *b, NodeId format, uint32_t given);
/* W121, unless the format asks for an argument of that type in that place; `index` counts what stands behind it. */
void check_printf_argument(Builder *b, NodeId format, uint32_t index, TypeId type, SourcePos pos);
int printf_format_param(const Builder *b, const Callable *callable); /* -1: not a printf */

/* ---- build_call.c ---- */
Value build_postfix(Builder *b, NodeId node, Want want);  /* calls and field accesses */

/* ---- closure.c ---- */
Value build_lambda(Builder *b, NodeId node, TypeId expected);
Value build_thunk(Builder *b, NodeId node, TypeId expected, SourcePos nat_pos);  /* () -> T for `lazy` */
Value capture_local(Builder *b, uint32_t local);
/* Ends a closure's body and makes the closure in the function around it. */
Value close_over(Builder *b, TypeId type, SourcePos pos);

/* ---- partial.c ---- */
/* With fewer arguments than parameters, none included: a function value that takes the rest. */
Value partial_application(Builder *b, Callable *callable, size_t supplied, uint32_t n);
/* A function in a record of its own, as a first stage returns it. */
Value in_record(Builder *b, Value function);
/* The function of the given type whose first n parameters are those of `stage`, which returns the rest in a record. */
Value close_in_stages(Builder *b, Value stage, uint32_t n, TypeId type, SourcePos pos);

/* ---- instance.c ---- */
FunctionId demand_instance(Builder *b, GlobalId global, const TypeId *arguments, uint32_t n, SourcePos pos);
void build_instances(Builder *b);

/* ---- pattern.c, coverage.c, build_match.c: see pattern.h ---- */
Value build_match(Builder *b, NodeId node, Want want);
void bind_irrefutable(Builder *b, NodeId node, Value value);

/* ---- build_test.c ---- */
void build_tests(Builder *b);

#endif
