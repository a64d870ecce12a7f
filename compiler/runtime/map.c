/*
 * Maps: open addressing with linear probing, keys and values side by side, so that most look-ups touch one cache line.
 *
 * An entry whose first word is 0 is free.  That word is the key of an integer map, and the address of the key of a
 * string map, which is never null; the integer key 0 is kept apart, in a place of its own.  So a fresh, zeroed table is
 * an empty map without further work.  String entries also hold the key's hash: a look-up compares bytes only when
 * the hashes agree, and growing never looks at the keys.
 *
 * Nothing is ever removed (the language has no operation for it), so there are no deletion marks.  The table doubles
 * when it is `FULL_PARTS` eighths full.  The old table is left to the collector: the address of a value that
 * pole_map_find() gave may still be in use.  Hashes have no seed: the same program does the same every time.
 */
#include "runtime/internal.h"

#include <string.h>

enum {
    LEAST_SLOTS = 8,
    MOST_HINTED_SLOTS = 1 << 16, /* the capacity is only a hint: a wild one must not cost the memory */
    FULL_PARTS = 5,              /* of 8 */
};

/* Random bits, which C memory will not begin with by chance. */
#define MARK_OF_INTS UINT64_C(0x9D3C71E5A64F08B2)
#define MARK_OF_OTHERS UINT64_C(0x6A90E2B71CF5D843)

struct PoleMap {
    uint64_t mark;       /* tells a map that is reached through a Ptr from anything else */
    char *entries;
    int64_t stride;      /* bytes from entry to entry */
    uint64_t shift;      /* 64 - log2(slots): a hash's uppermost bits choose the slot */
    int64_t n_entries;   /* in the table; the key 0 is not */
    int64_t n_before_growth;
    int64_t value_size;
    int64_t value_offset; /* of the value in its entry */
    char *zero_value;    /* value of the integer key 0, or NULL if it is absent */
};

typedef struct { int64_t key; } IntEntry;                   /* the value follows */
typedef struct { PoleString key; uint64_t hash; } StringEntry; /* the value follows */

static inline uint64_t mix(uint64_t x)
{
    x ^= x >> 32;
    return x * 0x9E3779B97F4A7C15u; /* 2^64 divided by the golden ratio: neighbours are spread over the whole range */
}

static uint64_t hash_string(PoleString text)
{
    int64_t length;
    memcpy(&length, text - sizeof length, sizeof length);
    uint64_t hash = (uint64_t)length, word;
    for (; length >= 8; length -= 8, text += 8) {
        memcpy(&word, text, 8);
        hash = mix(hash ^ word);
    }
    word = 0;
    memcpy(&word, text, (size_t)length);
    return mix(mix(hash ^ word));
}

static inline bool has_string_keys(const PoleMap *map)
{
    return map->value_offset == sizeof(StringEntry);
}

static inline int64_t n_slots(const PoleMap *map)
{
    return (int64_t)1 << (64 - map->shift);
}

static void make_table(PoleMap *map, int64_t slots)
{
    if (slots > INT64_MAX / map->stride) pole_out_of_memory();
    map->entries = pole_allocate(slots * map->stride);
    map->shift = 64;
    for (int64_t rest = slots; rest > 1; rest /= 2) map->shift--;
    map->n_before_growth = slots / 8 * FULL_PARTS;
}

PoleMap *pole_map_new(int64_t capacity_hint, int64_t kind, int64_t value_size)
{
    PoleMap *map = pole_allocate(sizeof *map);
    map->value_size = value_size;
    map->mark = kind == POLE_MAP_OF_INTS ? MARK_OF_INTS : MARK_OF_OTHERS;
    map->value_offset = kind == POLE_MAP_STRING_KEYS ? sizeof(StringEntry) : sizeof(IntEntry);
    if (value_size > INT64_MAX / 2) pole_out_of_memory();
    map->stride = map->value_offset + (value_size + 7) / 8 * 8;
    int64_t slots = LEAST_SLOTS;
    while (slots < MOST_HINTED_SLOTS && slots / 8 * FULL_PARTS < capacity_hint) slots *= 2;
    make_table(map, slots);
    return map;
}

PoleMap *pole_map_from_pointer(void *pointer, int64_t any_kind, const char *place)
{
    uint64_t mark;
    if (!pointer) pole_fail(place, "null pointer used as a HashMap");
    memcpy(&mark, pointer, sizeof mark);
    if (mark != MARK_OF_INTS && !(any_kind && mark == MARK_OF_OTHERS))
        pole_fail(place, "pointer to something other than a HashMap<Int, Int>");
    return pointer;
}

/* ---- finding: the entry with the key, or the free entry where it belongs ---- */

static inline IntEntry *find_int(const PoleMap *map, int64_t key)
{
    uint64_t slot = mix((uint64_t)key) >> map->shift, last = (uint64_t)n_slots(map) - 1;
    for (;;) {
        IntEntry *entry = (IntEntry *)(void *)(map->entries + (int64_t)slot * map->stride);
        if (entry->key == key || entry->key == 0) return entry;
        slot = (slot + 1) & last;
    }
}

static inline StringEntry *find_string(const PoleMap *map, PoleString key, uint64_t hash)
{
    uint64_t slot = hash >> map->shift, last = (uint64_t)n_slots(map) - 1;
    for (;;) {
        StringEntry *entry = (StringEntry *)(void *)(map->entries + (int64_t)slot * map->stride);
        if (!entry->key || (entry->hash == hash && pole_string_equal(entry->key, key))) return entry;
        slot = (slot + 1) & last;
    }
}

const void *pole_map_find(const PoleMap *map, int64_t int_key, PoleString string_key)
{
    if (has_string_keys(map)) {
        StringEntry *entry = find_string(map, string_key, hash_string(string_key));
        return entry->key ? entry + 1 : NULL;
    }
    if (int_key == 0) return map->zero_value;
    IntEntry *entry = find_int(map, int_key);
    return entry->key ? entry + 1 : NULL;
}

/* ---- inserting ---- */

/* In the new table every key is looked up once more, but none is compared: they are distinct, so the first free slot is
   the right one. */
static void grow(PoleMap *map)
{
    const char *from = map->entries, *end = from + n_slots(map) * map->stride;
    if (n_slots(map) > INT64_MAX / 2) pole_out_of_memory();
    make_table(map, n_slots(map) * 2);
    uint64_t last = (uint64_t)n_slots(map) - 1;
    for (; from < end; from += map->stride) {
        IntEntry old;
        memcpy(&old, from, sizeof old);
        if (old.key == 0) continue;
        uint64_t hash = has_string_keys(map) ? ((const StringEntry *)(const void *)from)->hash : mix((uint64_t)old.key);
        uint64_t slot = hash >> map->shift;
        int64_t taken;
        while (memcpy(&taken, map->entries + (int64_t)slot * map->stride, sizeof taken), taken) slot = (slot + 1) & last;
        memcpy(map->entries + (int64_t)slot * map->stride, from, (size_t)map->stride);
    }
}

/* The value of an entry that find_...() gave; a free one becomes the key's. */
static void *take_int(PoleMap *map, int64_t key)
{
    IntEntry *entry = find_int(map, key);
    if (entry->key == 0) {
        if (map->n_entries == map->n_before_growth) {
            grow(map);
            entry = find_int(map, key);
        }
        map->n_entries++;
        entry->key = key;
    }
    return entry + 1;
}

static void *take_string(PoleMap *map, PoleString key)
{
    uint64_t hash = hash_string(key);
    StringEntry *entry = find_string(map, key, hash);
    if (!entry->key) {
        if (map->n_entries == map->n_before_growth) {
            grow(map);
            entry = find_string(map, key, hash);
        }
        map->n_entries++;
        *entry = (StringEntry){key, hash};
    }
    return entry + 1;
}

void pole_map_put(PoleMap *map, int64_t int_key, PoleString string_key, const void *value)
{
    void *place;
    if (has_string_keys(map)) {
        place = take_string(map, string_key);
    } else if (int_key != 0) {
        place = take_int(map, int_key);
    } else {
        if (!map->zero_value) map->zero_value = pole_allocate(map->value_size);
        place = map->zero_value;
    }
    if (map->value_size > 0) memmove(place, value, (size_t)map->value_size); /* `value` may be the old one's address */
}

int64_t pole_map_size(const PoleMap *map)
{
    return map->n_entries + (map->zero_value != NULL);
}
