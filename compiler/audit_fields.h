/* Private to the audit: what the structs of living products consist of, and whose handles their fields are. */
#ifndef POLEC_AUDIT_FIELDS_H
#define POLEC_AUDIT_FIELDS_H

#include "codegen/code.h"
#include "session.h"

typedef struct {
    const char *name;
    const char *type;   /* "NodeId"; "number", "pointer" */
    uint8_t owner;      /* the Phase whose product alone can interpret it; N_PHASES: none, it outlives them all */
    uint16_t offset;    /* bytes from the start of the struct */
    uint16_t stride;    /* bytes of an element of the list at the end; 0: it is no list */
} AuditField;

typedef void AuditHandle(void *context, const Arena *arena, const ArenaArray *array, const char *object,
                         const AuditField *field, uint32_t value);

/* Calls `found` for every handle of the dying phase in the objects of the arena.  Returns how many 32-bit words it had to
   look at for that: none where no struct has a field of such a type. */
uint64_t audit_handles(const Session *session, const Arena *arena, Phase dying, AuditHandle *found, void *context);

/* The same for the lists of a finished program, wherever they lie. */
void audit_code_handles(const Code *code, const Arena *arena, Phase dying, AuditHandle *found, void *context);

/* True if one of the two words from `at` on, in the array "ir word", is a number that the program gave: it may have any
   value. */
bool audit_is_literal(const Arena *arena, const ArenaArray *words, const char *at);

#endif
