/*
 * What can be asked of any node: its size, where its text begins, what it is called.
 *
 * A node's size is not stored: its kind tells the fixed part, and the counts in it tell the rest.  One switch in one
 * place keeps that knowledge; a kind that is added to ast.def without a line here is a compiler warning.
 */
#include "parser/ast.h"

static size_t ast_bytes(const Ast *ast, NodeId id)
{
    switch (ast_kind(ast, id)) {
    case AST_ERROR:
    case AST_INT:
    case AST_FLOAT:
    case AST_STRING:
    case AST_TRUE:
    case AST_FALSE:
    case AST_UNIT:
    case AST_TYPE_UNIT:
    case AST_PATTERN_WILD:
    case AST_PATTERN_INT:
    case AST_PATTERN_FLOAT:
    case AST_PATTERN_STRING:
    case AST_PATTERN_TRUE:
    case AST_PATTERN_FALSE:
    case AST_PATTERN_UNIT:
        return sizeof(AstLeaf);
    case AST_NAME:
    case AST_PATTERN_NAME:
        return sizeof(AstName);
    case AST_FILE:
    case AST_LIST:
    case AST_TUPLE:
    case AST_TYPE_TUPLE:
    case AST_PATTERN_TUPLE:
    case AST_PATTERN_LIST:
        return sizeof(AstItems) + ast_items(ast, id)->n * sizeof(NodeId);
    case AST_RECORD:
    case AST_TYPE_RECORD:
    case AST_PATTERN_RECORD:
        return sizeof(AstFields) + ast_fields(ast, id)->n * sizeof(AstFieldInit);
    case AST_MODULE:
        return sizeof(AstModule) + ast_module(ast, id)->n * sizeof(NodeId);
    case AST_SIGNATURE: {
        const AstSignature *signature = ast_signature(ast, id);
        return sizeof *signature + ((size_t)signature->n_type_parameters + signature->n) * sizeof(NodeId);
    }
    case AST_IMPORT:
        return sizeof(AstImport) + ast_import(ast, id)->n * sizeof(NodeId);
    case AST_ANNOTATION:
        return sizeof(AstAnnotation) + ast_annotation(ast, id)->n * sizeof(AstArgument);
    case AST_FUNC: {
        const AstFunc *func = ast_func(ast, id);
        return sizeof *func + ((size_t)func->n_type_parameters + func->n_params + func->n_contracts) * sizeof(NodeId);
    }
    case AST_PARAM:
        return sizeof(AstParam);
    case AST_REQUIRES:
    case AST_ENSURES:
        return sizeof(AstContract);
    case AST_EXTERN:
        return sizeof(AstExtern) + ast_extern(ast, id)->n * sizeof(NodeId);
    case AST_ALIAS:
    case AST_VARIANT: {
        const AstTypeDecl *type = ast_type_decl(ast, id);
        return sizeof *type + ((size_t)type->n_type_parameters + type->n) * sizeof(NodeId);
    }
    case AST_CONSTRUCTOR:
        return sizeof(AstConstructor) + ast_constructor(ast, id)->n * sizeof(NodeId);
    case AST_CALL:
        return sizeof(AstCall) + ast_call(ast, id)->n * sizeof(NodeId);
    case AST_FIELD:
        return sizeof(AstField);
    case AST_BINARY:
        return sizeof(AstBinary);
    case AST_UNARY:
        return sizeof(AstUnary);
    case AST_IF:
        return sizeof(AstIf);
    case AST_MATCH:
        return sizeof(AstMatch) + ast_match(ast, id)->n * sizeof(AstArm);
    case AST_LAMBDA:
        return sizeof(AstLambda) + ast_lambda(ast, id)->n * sizeof(NodeId);
    case AST_LET:
        return sizeof(AstLet);
    case AST_SEQUENCE:
        return sizeof(AstSequence);
    case AST_ASCRIPTION:
        return sizeof(AstAscription);
    case AST_TYPE_NAME:
        return sizeof(AstTypeName) + ast_type_name(ast, id)->n * sizeof(NodeId);
    case AST_TYPE_ARROW:
        return sizeof(AstArrow);
    case AST_TYPE_FORALL:
        return sizeof(AstForall) + ast_forall(ast, id)->n * sizeof(NodeId);
    case AST_PATTERN_CONSTRUCTOR:
        return sizeof(AstConstructorPattern) + ast_constructor_pattern(ast, id)->n * sizeof(NodeId);
    case N_AST_KINDS:
        break;
    }
    return 0;
}

uint32_t ast_size(const Ast *ast, NodeId id)
{
    return (uint32_t)(ast_bytes(ast, id) / sizeof(uint32_t));
}

SourcePos ast_start(const Ast *ast, NodeId id)
{
    for (;;) {
        /* The expressions whose first token belongs to a child; all others start with the token at their position. */
        AstKind kind = ast_kind(ast, id);
        if (kind == AST_BINARY)
            id = ast_binary(ast, id)->left;
        else if (kind == AST_SEQUENCE)
            id = ast_sequence(ast, id)->first;
        else if (kind == AST_FIELD)
            id = ast_field(ast, id)->object;
        else
            return ast_pos(ast, id);
    }
}

const char *ast_kind_name(AstKind kind)
{
    static const char *const names[N_AST_KINDS] = {
#define NODE(kind, type, name) [AST_##kind] = name,
#include "parser/ast.def"
#undef NODE
    };
    return names[kind];
}

const char *ast_operator_spelling(AstOperator op)
{
    static const char *const spellings[] = {
        [AST_ADD] = "+",         [AST_SUBTRACT] = "-",    [AST_MULTIPLY] = "*", [AST_DIVIDE] = "/",
        [AST_REMAINDER] = "%",   [AST_EQUAL] = "==",      [AST_NOT_EQUAL] = "!=", [AST_LESS] = "<",
        [AST_LESS_EQUAL] = "<=", [AST_GREATER] = ">",     [AST_GREATER_EQUAL] = ">=", [AST_AND] = "&&",
        [AST_OR] = "||",         [AST_IMPLIES] = "=>",    [AST_NEGATE] = "-",   [AST_NOT] = "not",
    };
    return spellings[op];
}
