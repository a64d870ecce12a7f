/*
 * The hot half of the interner: looking a name up, inlined into the lexer's loop.  Names are taken sixteen bytes at a
 * time, and most are shorter: one masked load, two multiplications that do not wait for each other and one comparison,
 * without a branch on the length.  The texts must lie in padded memory (SOURCE_PADDING).
 */
#ifndef POLEC_BASE_NAMES_LOOKUP_H
#define POLEC_BASE_NAMES_LOOKUP_H

#include <string.h>

#include "base/names.h"

typedef struct { uint32_t hash, id; } NameSlot;                  /* id 0: free */
typedef struct { SourcePos start; uint32_t length; } NameEntry;

/* Sixteen bytes of a name, or fewer and zeros behind. */
typedef struct { uint64_t low, high; } NameWords;

static inline NameWords name_load(const char *bytes)
{
    NameWords words;
    memcpy(&words, bytes, sizeof words);
    return words;
}

/* The first `length` bytes of 16; the rest becomes zero. */
static inline NameWords name_keep(NameWords words, uint32_t length)
{
    static const char masks[32] = {-1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1};
    NameWords mask = name_load(masks + 16 - length);
    return (NameWords){words.low & mask.low, words.high & mask.high};
}

/* Odd numbers with no pattern: the upper bits of the sums of products depend on every bit of the name. */
static inline uint64_t name_mix(uint64_t hash, NameWords words)
{
    return hash + words.low * 0x9E3779B97F4A7C15u + words.high * 0xC2B2AE3D27D4EB4Fu;
}

static inline uint32_t name_hash(const char *bytes, uint32_t length)
{
    uint64_t hash = 0;
    for (; length > 16; length -= 16, bytes += 16) {
        hash = name_mix(hash, name_load(bytes)) * 0xD6E8FEB86659FD93u;
        hash ^= hash >> 32;
    }
    return (uint32_t)(name_mix(hash, name_keep(name_load(bytes), length)) >> 32);
}

static inline bool name_equal(const char *a, const char *b, uint32_t length)
{
    for (; length > 16; length -= 16, a += 16, b += 16) {
        NameWords x = name_load(a), y = name_load(b);
        if (((x.low ^ y.low) | (x.high ^ y.high)) != 0)
            return false;
    }
    NameWords x = name_load(a), y = name_load(b);
    NameWords difference = name_keep((NameWords){x.low ^ y.low, x.high ^ y.high}, length);
    return (difference.low | difference.high) == 0;
}

/* The id of the name, or 0. */
static inline uint32_t name_lookup(const Names *names, const char *bytes, uint32_t length, uint32_t hash)
{
    const NameSlot *slots = (const NameSlot *)(const void *)names->slots->items;
    const NameEntry *entries = (const NameEntry *)(const void *)names->entries->items;
    const char *text = names->text->text->items;
    size_t n_slots = names->slots->count;
    for (size_t at = (size_t)((uint64_t)hash * n_slots >> 32);; at = (at + 1) & (n_slots - 1)) {
        NameSlot slot = slots[at];
        if (slot.id == 0)
            return 0;
        if (slot.hash == hash && entries[slot.id].length == length &&
            name_equal(text + entries[slot.id].start.at, bytes, length))
            return slot.id;
    }
}

/* Adds a name that has been looked up in vain. */
NameId names_add(Names *names, SourcePos start, uint32_t length, uint32_t hash);

#endif
