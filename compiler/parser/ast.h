/*
 * Ast: the program as written, names not yet resolved.
 *
 *   made by    parse(), parser/parser.h
 *   read by    build_ir(), ast_dump()
 *   memory     everything below lives in the `parse` arena
 *   dies       when build_ir() has returned (driver.c)
 *
 * After parse() the tree needs no token.  Positions are byte offsets into the source, names are NameIds; both outlive
 * the tree.
 *
 * All nodes lie one behind the other in one array of 32-bit words, each as large as its kind needs: an integer literal
 * takes 8 bytes, a name 12, a binary operator 16.  A NodeId is the index of a node's first word.  Children are made
 * before their parents, so a child's id is always smaller than its parent's, and a loop over the array (ast_next)
 * visits every node once without recursion.  Read a node through its struct: `ast_let(ast, id)->value`.
 */
#ifndef POLEC_PARSER_AST_H
#define POLEC_PARSER_AST_H

#include "base/names.h"

typedef struct { uint32_t i; } NodeId; /* 0 is "absent" */

typedef enum {
#define NODE(kind, type, name) AST_##kind,
#include "parser/ast.def"
#undef NODE
    N_AST_KINDS
} AstKind;

enum { AST_LAZY = 1, AST_STRAY_IN = 1, AST_NEGATIVE = 1, AST_OPEN = 1, AST_ELLIPSIS = 1, AST_NO_BODY = 2 };

typedef enum {
    AST_ADD, AST_SUBTRACT, AST_MULTIPLY, AST_DIVIDE, AST_REMAINDER,
    AST_EQUAL, AST_NOT_EQUAL, AST_LESS, AST_LESS_EQUAL, AST_GREATER, AST_GREATER_EQUAL,
    AST_AND, AST_OR, AST_IMPLIES,
    AST_NEGATE, AST_NOT,
} AstOperator;

/* Every node starts with this. */
typedef struct {
    uint8_t kind;   /* AstKind */
    uint8_t flags;  /* an AstOperator or the AST_ bits that ast.def names for the kind */
    uint16_t spare;
    SourcePos pos;  /* the token that names the node: a name itself, an operator, `(` of a call, the keyword of an if */
} AstHead;

/* The commonest nodes with a list keep its length in the head, where they have no use for flags. */
enum { AST_COUNT_BITS = 24, AST_MAX_COUNT = (1 << AST_COUNT_BITS) - 1 };
#define AST_COUNTED_HEAD union { AstHead head; struct { uint32_t head_kind : 8, n : AST_COUNT_BITS; }; }

typedef struct { AstHead head; } AstLeaf;
typedef struct { AstHead head; NameId name; } AstName;
typedef struct { AstHead head; uint32_t n; NodeId items[]; } AstItems;

/* A field of a record literal (value: expression), type (type) or pattern (pattern, or 0 for `{x}` meaning x = x). */
typedef struct { NameId name; SourcePos pos; NodeId value; } AstFieldInit;
typedef struct { AstHead head; uint32_t n; AstFieldInit fields[]; } AstFields;

/* ---- Declarations ---- */

/* A module's or file's items stand in the order of the source, annotations before what they are attached to.
   AST_FILE: pos is the file's first byte. */
typedef struct { AstHead head; NameId name; NodeId signature; /* AST_TYPE_NAME or 0 */ uint32_t n; NodeId items[]; } AstModule;
typedef struct { AstHead head; NameId name; uint32_t n_type_parameters; uint32_t n; NodeId items[]; } AstSignature;
    /* items: first n_type_parameters AST_NAME, then n members: AST_PARAM (func NAME: type; head.flags 0) or
       AST_ALIAS without a type (type NAME<...>) */
typedef struct { AstHead head; NameId alias; /* or 0 */ uint32_t n; NodeId path[]; /* AST_NAME */ } AstImport;

typedef struct { NameId label; /* or 0 */ SourcePos pos; NodeId value; } AstArgument;
typedef struct { AstHead head; NameId name; uint32_t n; AstArgument arguments[]; } AstAnnotation; /* pos: the name */
    /* a broken one has one argument, AST_ERROR without a label */

/* Type parameters, parameters and contracts follow each other in `parts`. head.flags: AST_NO_BODY. pos: the name.
   If the body or a contract is broken, body is AST_ERROR; if the signature is, result is AST_ERROR, too, and nothing
   but the name is known.  Likewise a broken extern has the result, a broken type (an AST_ALIAS) the type AST_ERROR. */
typedef struct {
    AstHead head;
    NameId name;
    NodeId result;              /* type */
    NodeId body;                /* or 0 */
    uint32_t n_type_parameters; /* AST_NAME */
    uint32_t n_params;          /* AST_PARAM */
    uint32_t n_contracts;       /* AST_REQUIRES, AST_ENSURES */
    NodeId parts[];
} AstFunc;
typedef struct { AstHead head; NameId name; /* 0 for `_` */ NodeId type; /* of a lambda's: maybe 0 */ } AstParam;
typedef struct { AstHead head; NodeId condition; } AstContract;

typedef struct { AstHead head; NameId name; NodeId result; uint32_t n; NodeId params[]; /* types */ } AstExtern;
    /* flags: AST_ELLIPSIS for a final `...` */

/* parts: type parameters (AST_NAME), then for AST_ALIAS one type (none in a signature), for AST_VARIANT constructors. */
typedef struct { AstHead head; NameId name; uint32_t n_type_parameters; uint32_t n; NodeId parts[]; } AstTypeDecl;
typedef struct { AstHead head; NameId name; uint32_t n; NodeId types[]; } AstConstructor;

/* ---- Expressions ---- */

typedef struct { AST_COUNTED_HEAD; NodeId callee; NodeId arguments[]; } AstCall;           /* pos: start of the callee */
typedef struct { AstHead head; NodeId object; NameId name; } AstField;                     /* pos: the field's name */
typedef struct { AstHead head; NodeId left, right; } AstBinary;
typedef struct { AstHead head; NodeId operand; } AstUnary;
typedef struct { AstHead head; NodeId condition, then_branch, else_branch; } AstIf;
typedef struct { NodeId pattern, body; } AstArm;
typedef struct { AstHead head; NodeId scrutinee; uint32_t n; AstArm arms[]; } AstMatch;
typedef struct { AstHead head; NodeId body; uint32_t n; NodeId params[]; /* AST_PARAM */ } AstLambda;
typedef struct { AstHead head; NodeId pattern; NodeId type; /* or 0 */ NodeId value, body; } AstLet;
typedef struct { AstHead head; NodeId first, rest; } AstSequence;                          /* pos: the `;` or `in` */
typedef struct { AstHead head; NodeId expression, type; } AstAscription;

/* ---- Types and patterns ---- */

typedef struct { AST_COUNTED_HEAD; NameId name; NodeId arguments[]; } AstTypeName;
typedef struct { AstHead head; NodeId parameter, result; } AstArrow; /* parameter AST_TYPE_TUPLE: several parameters,
    or one that is a tuple, written ((A, B)) -> C: an AST_TYPE_TUPLE of one element */
typedef struct { AstHead head; NodeId type; uint32_t n; NodeId variables[]; /* AST_NAME */ } AstForall;
typedef struct { AST_COUNTED_HEAD; NameId name; NodeId arguments[]; } AstConstructorPattern;

/* ---- The product ---- */

typedef struct {
    const uint32_t *words;  /* word 0 is unused so that NodeId 0 can mean "absent" */
    uint32_t n_words;
    const NodeId *files;    /* AST_FILE, the compiled file first */
    uint32_t n_files;
} Ast;

static inline const AstHead *ast_head(const Ast *ast, NodeId id) { return (const AstHead *)(const void *)(ast->words + id.i); }
static inline AstKind ast_kind(const Ast *ast, NodeId id) { return (AstKind)ast_head(ast, id)->kind; }
static inline SourcePos ast_pos(const Ast *ast, NodeId id) { return ast_head(ast, id)->pos; }

#define AST_ACCESSOR(function, Type) \
    static inline const Type *function(const Ast *ast, NodeId id) { return (const Type *)(const void *)(ast->words + id.i); }
AST_ACCESSOR(ast_name, AstName)
AST_ACCESSOR(ast_items, AstItems)
AST_ACCESSOR(ast_fields, AstFields)
AST_ACCESSOR(ast_module, AstModule)
AST_ACCESSOR(ast_signature, AstSignature)
AST_ACCESSOR(ast_import, AstImport)
AST_ACCESSOR(ast_annotation, AstAnnotation)
AST_ACCESSOR(ast_func, AstFunc)
AST_ACCESSOR(ast_param, AstParam)
AST_ACCESSOR(ast_contract, AstContract)
AST_ACCESSOR(ast_extern, AstExtern)
AST_ACCESSOR(ast_type_decl, AstTypeDecl)
AST_ACCESSOR(ast_constructor, AstConstructor)
AST_ACCESSOR(ast_call, AstCall)
AST_ACCESSOR(ast_field, AstField)
AST_ACCESSOR(ast_binary, AstBinary)
AST_ACCESSOR(ast_unary, AstUnary)
AST_ACCESSOR(ast_if, AstIf)
AST_ACCESSOR(ast_match, AstMatch)
AST_ACCESSOR(ast_lambda, AstLambda)
AST_ACCESSOR(ast_let, AstLet)
AST_ACCESSOR(ast_sequence, AstSequence)
AST_ACCESSOR(ast_ascription, AstAscription)
AST_ACCESSOR(ast_type_name, AstTypeName)
AST_ACCESSOR(ast_arrow, AstArrow)
AST_ACCESSOR(ast_forall, AstForall)
AST_ACCESSOR(ast_constructor_pattern, AstConstructorPattern)
#undef AST_ACCESSOR

/* Where the text of the expression, type or pattern begins: walks down the left edge, without recursion.  (Brackets are
   no nodes, so of `(a + b).c` it finds `a`; of a negative number pattern it finds the digits.) */
SourcePos ast_start(const Ast *ast, NodeId id);

/* Words taken by the node, and the node after it in the array; the first node is NodeId{1}. */
uint32_t ast_size(const Ast *ast, NodeId id);
static inline NodeId ast_next(const Ast *ast, NodeId id) { return (NodeId){id.i + ast_size(ast, id)}; }

const char *ast_kind_name(AstKind kind);
const char *ast_operator_spelling(AstOperator op);

#endif
