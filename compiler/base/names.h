/*
 * Names: every distinct identifier gets a small number, once, while lexing; afterwards equality is ==.
 *
 * The numbers are dense (0, 1, 2 ...), so later phases keep what they know of a name in plain arrays indexed by NameId
 * and never hash again.  The text of a name is where it first stood in the source: nothing is copied.
 * Open addressing, slots of 8 bytes, at most half full; the hash is one multiplication per 8 bytes.
 *
 * Memory: the session arena.  The names in names.def are known beforehand; NAME_print and the like are constants.
 */
#ifndef POLEC_BASE_NAMES_H
#define POLEC_BASE_NAMES_H

#include <string.h>

#include "base/source.h"

typedef struct { uint32_t i; } NameId; /* 0 is "no name" */

/* The ids of the names that the compiler itself knows. */
enum {
    NAME_NONE,
#define NAME(identifier) NAME_##identifier,
#include "base/names.def"
#undef NAME
    NAME_FIRST_OF_PROGRAM
};

typedef struct {
    const SourceText *text;
    ArenaArray *slots;      /* { uint32_t hash, id } */
    ArenaArray *entries;    /* { SourcePos start; uint32_t length }, indexed by NameId */
} Names;

void names_open(Names *names, SourceText *text, Arena *session_arena); /* puts the names of names.def in */

/* The id of the `length` bytes at `start`, which must lie in the source text (they are not copied). */
NameId names_intern(Names *names, SourcePos start, uint32_t length);

/* Forgets the names from number `count` on, as if they had never been interned.  Their texts must still be in place. */
void names_rewind(Names *names, uint32_t count);

/* The id of a name that has been interned before, or 0. */
NameId names_find(const Names *names, const char *bytes, uint32_t length);

static inline uint32_t names_count(const Names *names) { return (uint32_t)names->entries->count; }
const char *name_text(const Names *names, NameId id);   /* not NUL-terminated */
uint32_t name_length(const Names *names, NameId id);
static inline bool name_is(NameId a, uint32_t b) { return a.i == b; }
static inline bool name_is_spelt(const Names *names, NameId id, const char *text)
{
    size_t length = name_length(names, id);
    return strlen(text) == length && memcmp(name_text(names, id), text, length) == 0;
}

/* For printf("%.*s"). */
#define NAME_ARGS(names, id) (int)name_length((names), (id)), name_text((names), (id))

#endif
