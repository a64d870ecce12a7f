/*
 * The interner: a hash table from the text of a name to its number.
 *
 * Open addressing with linear probing in one array of 8-byte slots { hash, id }, at most half full, so that most
 * look-ups touch one cache line of the table.  A full 32-bit hash in the slot makes a comparison of texts that turns
 * out unequal very rare.  The hash takes eight bytes at a time, one multiplication each; its upper bits depend on every
 * bit of the name, so they are the ones that choose the slot.
 *
 * The table grows in place: it is doubled, cleared and filled again from the list of entries.  Hashing all names a
 * second time is cheaper than it sounds, because their texts are visited in the order of the source, and it saves a
 * second table.
 *
 * Names that the compiler knows (names.def) are put in first, in one piece of text, and so get the numbers that the enum
 * in names.h gives them.
 */
#include "base/names.h"

#include <assert.h>
#include <string.h>

typedef struct { uint32_t hash, id; } Slot;                      /* id 0: free */
typedef struct { SourcePos start; uint32_t length; } NameEntry;

enum { FIRST_SLOTS = 256 };
static_assert(2 * NAME_FIRST_OF_PROGRAM <= FIRST_SLOTS, "the known names fill at most half of the first table");

/* ---- Hashing ---- */

static const uint64_t MULTIPLIER = 0x9E3779B97F4A7C15u; /* 2^64 divided by the golden ratio */

static inline uint64_t mix(uint64_t hash, uint64_t word)
{
    hash = (hash ^ word) * MULTIPLIER;
    return hash ^ hash >> 32;
}

/* Reads up to seven bytes behind the name: the source text is padded for that. */
static inline uint32_t hash_in_text(const char *bytes, uint32_t length)
{
    uint64_t hash = length, word;
    for (; length > 8; length -= 8, bytes += 8) {
        memcpy(&word, bytes, 8);
        hash = mix(hash, word);
    }
    if (length == 0)
        return (uint32_t)(hash * MULTIPLIER >> 32);
    memcpy(&word, bytes, 8);
    word &= ~(uint64_t)0 >> (64 - 8 * length);
    return (uint32_t)((hash ^ word) * MULTIPLIER >> 32);
}

/* The same hash for bytes that have no padding behind them. */
static uint32_t hash_anywhere(const char *bytes, uint32_t length)
{
    uint64_t hash = length, word;
    for (; length > 8; length -= 8, bytes += 8) {
        memcpy(&word, bytes, 8);
        hash = mix(hash, word);
    }
    word = 0;
    memcpy(&word, bytes, length);
    return (uint32_t)((hash ^ word) * MULTIPLIER >> 32);
}

static inline Slot *slots_of(const Names *names)
{
    return (Slot *)(void *)names->slots->items;
}

static inline NameEntry *entries_of(const Names *names)
{
    return (NameEntry *)(void *)names->entries->items;
}

static inline size_t first_slot(const Names *names, uint32_t hash)
{
    return (size_t)((uint64_t)hash * names->slots->count >> 32);
}

/* ---- Growing ---- */

static void put_slot(const Names *names, uint32_t hash, uint32_t id)
{
    Slot *slots = slots_of(names);
    size_t mask = names->slots->count - 1, at = first_slot(names, hash);
    while (slots[at].id != 0)
        at = (at + 1) & mask;
    slots[at] = (Slot){hash, id};
}

static void grow_table(Names *names)
{
    size_t more = names->slots->count == 0 ? FIRST_SLOTS : names->slots->count;
    array_push(names->slots, more);
    memset(names->slots->items, 0, names->slots->count * sizeof(Slot));
    for (uint32_t id = 1; id < names_count(names); id++) {
        NameId name = {id};
        put_slot(names, hash_in_text(name_text(names, name), name_length(names, name)), id);
    }
}

static NameId add(Names *names, SourcePos start, uint32_t length, uint32_t hash)
{
    if (2 * ((size_t)names_count(names) + 1) > names->slots->count)
        grow_table(names);
    uint32_t id = names_count(names);
    *(NameEntry *)array_push(names->entries, 1) = (NameEntry){start, length};
    put_slot(names, hash, id);
    return (NameId){id};
}

/* ---- The interface ---- */

/* The id of the name, or 0. */
static inline uint32_t find(const Names *names, const char *bytes, uint32_t length, uint32_t hash)
{
    const Slot *slots = slots_of(names);
    const NameEntry *entries = entries_of(names);
    const char *text = names->text->text->items;
    size_t mask = names->slots->count - 1;
    for (size_t at = first_slot(names, hash); slots[at].id != 0; at = (at + 1) & mask) {
        if (slots[at].hash != hash)
            continue;
        const NameEntry *entry = &entries[slots[at].id];
        if (entry->length == length && memcmp(text + entry->start.at, bytes, length) == 0)
            return slots[at].id;
    }
    return 0;
}

NameId names_intern(Names *names, SourcePos start, uint32_t length)
{
    const char *bytes = source_at(names->text, start);
    uint32_t hash = hash_in_text(bytes, length);
    uint32_t id = find(names, bytes, length, hash);
    return id != 0 ? (NameId){id} : add(names, start, length, hash);
}

NameId names_find(const Names *names, const char *bytes, uint32_t length)
{
    return (NameId){find(names, bytes, length, hash_anywhere(bytes, length))};
}

const char *name_text(const Names *names, NameId id)
{
    return source_at(names->text, entries_of(names)[id.i].start);
}

uint32_t name_length(const Names *names, NameId id)
{
    return entries_of(names)[id.i].length;
}

void names_open(Names *names, SourceText *text, Arena *session_arena)
{
    static const char words[] =
#define NAME(identifier) #identifier
#include "base/names.def"
#undef NAME
        ;
    static const uint8_t lengths[] = {
#define NAME(identifier) sizeof #identifier - 1,
#include "base/names.def"
#undef NAME
    };

    names->text = text;
    names->slots = arena_array(session_arena, "name slot", sizeof(Slot));
    names->entries = arena_array(session_arena, "name", sizeof(NameEntry));
    *(NameEntry *)array_push(names->entries, 1) = (NameEntry){{0}, 0}; /* NAME_NONE */
    grow_table(names);

    SourcePos at = source_add_words(text, words, sizeof words - 1);
    for (size_t i = 0; i < sizeof lengths; i++) {
        NameId name = names_intern(names, at, lengths[i]);
        assert(name.i == i + 1);
        (void)name;
        at.at += lengths[i];
    }
}
