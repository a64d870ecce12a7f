/*
 * The interner: a hash table from the text of a name to its number.
 *
 * Open addressing with linear probing in one array of 8-byte slots { hash, id }, at most half full, so that most
 * look-ups touch one cache line of the table.  A full 32-bit hash in the slot makes a comparison of texts that turns
 * out unequal very rare.  The hash is a sum of products, one for every eight bytes of the name; its upper bits depend on every
 * bit of the name, so they are the ones that choose the slot.  Looking up is in names_lookup.h, for the lexer to inline.
 *
 * The table grows in place: it is doubled, cleared and filled again from the list of entries.  Hashing all names a
 * second time is cheaper than it sounds, because their texts are visited in the order of the source, and it saves a
 * second table.
 *
 * Names that the compiler knows (names.def) are put in first, in one piece of text, and so get the numbers that the
 * enum in names.h gives them.
 */
#include "base/names_lookup.h"

#include <assert.h>
#include <string.h>

enum { FIRST_SLOTS = 512 };
static_assert(2 * NAME_FIRST_OF_PROGRAM <= FIRST_SLOTS, "the known names fill at most half of the first table");

/* ---- Growing ---- */

static void put_slot(const Names *names, uint32_t hash, uint32_t id)
{
    NameSlot *slots = (NameSlot *)(void *)names->slots->items;
    size_t n_slots = names->slots->count, at = (size_t)((uint64_t)hash * n_slots >> 32);
    while (slots[at].id != 0)
        at = (at + 1) & (n_slots - 1);
    slots[at] = (NameSlot){hash, id};
}

static void fill_table(Names *names)
{
    memset(names->slots->items, 0, names->slots->count * sizeof(NameSlot));
    for (uint32_t id = 1; id < names_count(names); id++) {
        NameId name = {id};
        put_slot(names, name_hash(name_text(names, name), name_length(names, name)), id);
    }
}

static void grow_table(Names *names)
{
    size_t more = names->slots->count == 0 ? FIRST_SLOTS : names->slots->count;
    array_push(names->slots, more);
    fill_table(names);
}

NameId names_add(Names *names, SourcePos start, uint32_t length, uint32_t hash)
{
    if (2 * ((size_t)names_count(names) + 1) > names->slots->count)
        grow_table(names);
    uint32_t id = names_count(names);
    *(NameEntry *)array_push(names->entries, 1) = (NameEntry){start, length};
    put_slot(names, hash, id);
    return (NameId){id};
}

/* ---- Shrinking ---- */

/* Backwards, so that every slot that was passed over on the way to a name is still taken when the name goes. */
static void take_out(Names *names, uint32_t id)
{
    NameSlot *slots = (NameSlot *)(void *)names->slots->items;
    NameId name = {id};
    uint32_t hash = name_hash(name_text(names, name), name_length(names, name));
    size_t n_slots = names->slots->count, at = (size_t)((uint64_t)hash * n_slots >> 32);
    while (slots[at].id != id)
        at = (at + 1) & (n_slots - 1);
    slots[at] = (NameSlot){0, 0};
}

void names_rewind(Names *names, uint32_t count)
{
    assert(count >= NAME_FIRST_OF_PROGRAM && count <= names_count(names));
    size_t n_slots = FIRST_SLOTS; /* as large as the table was when there were `count` names */
    while (n_slots < 2 * (size_t)count)
        n_slots *= 2;
    if (n_slots == names->slots->count)
        for (uint32_t id = names_count(names); id-- > count;)
            take_out(names, id);
    array_truncate(names->entries, count);
    if (n_slots == names->slots->count)
        return;
    array_truncate(names->slots, n_slots);
    fill_table(names);
}

/* ---- The interface ---- */

NameId names_intern(Names *names, SourcePos start, uint32_t length)
{
    const char *bytes = source_at(names->text, start);
    uint32_t hash = name_hash(bytes, length);
    uint32_t id = name_lookup(names, bytes, length, hash);
    return id == 0 ? names_add(names, start, length, hash) : (NameId){id};
}

NameId names_find(const Names *names, const char *bytes, uint32_t length)
{
    char padded[128];
    if (length > sizeof padded - SOURCE_PADDING) {
        /* Too long for the copy that the look-up needs; asked for so rarely that going through all is good enough. */
        for (NameId id = {1}; id.i < names_count(names); id.i++)
            if (name_length(names, id) == length && memcmp(name_text(names, id), bytes, length) == 0)
                return id;
        return (NameId){0};
    }
    memcpy(padded, bytes, length);
    memset(padded + length, 0, SOURCE_PADDING);
    return (NameId){name_lookup(names, padded, length, name_hash(padded, length))};
}

static const NameEntry *entry(const Names *names, NameId id)
{
    return (const NameEntry *)(const void *)names->entries->items + id.i;
}

const char *name_text(const Names *names, NameId id)
{
    return source_at(names->text, entry(names, id)->start);
}

uint32_t name_length(const Names *names, NameId id)
{
    return entry(names, id)->length;
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
    names->slots = arena_array(session_arena, "name slot", sizeof(NameSlot));
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
