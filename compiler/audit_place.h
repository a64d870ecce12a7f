/* Private to the audit: what lies at an address, as its report calls it. */
#ifndef POLEC_AUDIT_PLACE_H
#define POLEC_AUDIT_PLACE_H

#include "audit.h"
#include "ir/ir.h"
#include "parser/ast.h"

/* `array` is the one that holds `address`, or NULL if it was pushed; `offset` counts bytes from its first element, or
   from where the pushes began. */
AuditPlace audit_place(const Session *session, const Arena *arena, const ArenaArray *array, const char *address,
                       size_t offset);

/* The same for any address in memory that the arena holds. */
AuditPlace audit_target(const Session *session, const Arena *arena, const char *address);

/* The AST and the IR as they lie in their arenas, for walking; their roots may not be there yet.  Empty if the arena has
   none. */
Ast audit_ast(const ArenaArray *words);
Ir audit_ir(const Arena *arena);

/* The instruction that word `word` of the IR belongs to; false if to none. */
bool audit_instruction(const Ir *ir, uint32_t word, const IrFunction **function, ValueId *id);

#endif
