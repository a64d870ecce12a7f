/*
 * Lists: immutable sequences that share their buffers.
 *
 * A list is an address and a length; several lists may use one buffer.  Two schemes make growing cheap without being seen:
 *
 *   at the end    The header before the elements knows how long the longest list in the buffer is.
 *                 A push onto that very list takes the next place; a push onto a shorter one, whose next place is
 *                 taken, copies.  A list never looks behind its own length, so the sharing shows nowhere.
 *   in front      Consing makes buffers that are filled from their end towards their start; the footer behind the last
 *                 element says which place was taken last.  Consing onto the list that begins there takes the place
 *                 before it.  All lists in such a buffer end where the buffer ends, so each of them, a tail as well,
 *                 knows where the footer is.
 *
 * Taking a place that is free is a few instructions, and optimised code has them in line (codegen/gen_list_grow.c).  It
 * comes here when there is none: both kinds of buffers are copied into twice the room, so n elements cost O(n) in all.
 * Lists of Unit have no elements to store: a length is all there is.
 */
#include "runtime/internal.h"

#include <string.h>

/* The first room of a list that grows from nothing: a block of 96 bytes, or LEAST_CAPACITY elements if those are larger.
   A list that has grown once will grow again: fewer moves while they are cheap. */
enum { LEAST_CAPACITY = 4, FIRST_BLOCK = 96, QUICK_GROWTH = 64 };

static inline int64_t list_length(int64_t length_word)
{
    return length_word >> POLE_LENGTH_SHIFT;
}

/* The length word of a list with a header. */
static inline int64_t headed(int64_t n)
{
    return n << POLE_LENGTH_SHIFT | POLE_LIST_HEADED;
}

/* Bytes for `capacity` elements with a header or footer.  At least one more than needed: code that walks along a list may,
   at the end, hold nothing but the address behind the last element, and that must not be the next block's. */
static int64_t buffer_size(int64_t capacity, int64_t element_size)
{
    bool tiny = ((uint64_t)capacity | (uint64_t)element_size) >> 31 == 0; /* saves a division */
    if (!tiny && capacity > (INT64_MAX - (int64_t)sizeof(PoleListHeader) - GRANULE) / element_size) pole_out_of_memory();
    return capacity * element_size + (int64_t)sizeof(PoleListHeader) + 1;
}

static void *buffer_allocate(int64_t size, int64_t plain)
{
    return pole_allocate_quickly(size, plain ? PLAIN : SCANNED);
}

/* A new buffer with `n` places taken; the caller writes the elements. */
static char *buffer_new(int64_t n, int64_t capacity, int64_t element_size, int64_t plain)
{
    PoleListHeader *header = buffer_allocate(buffer_size(capacity, element_size), plain);
    *header = (PoleListHeader){headed(n), headed(capacity)};
    return (char *)(header + 1);
}

/* Room for `n` elements and for as many again; small blocks are filled to their last byte but one. */
static int64_t grown_capacity(int64_t n, int64_t element_size)
{
    int64_t fixed = (int64_t)sizeof(PoleListHeader) + 1;
    if (n == 0 && element_size == 8) return (FIRST_BLOCK - fixed) / 8;
    if (n > INT64_MAX / 2) return INT64_MAX;
    if (n >= QUICK_GROWTH) return n * 2;
    int64_t wanted = n < LEAST_CAPACITY / 2 ? LEAST_CAPACITY : n * 4;
    int64_t block = (wanted * element_size + fixed + GRANULE - 1) / GRANULE * GRANULE;
    if (block < FIRST_BLOCK) block = FIRST_BLOCK;
    if (block > SMALL_LIMIT) return wanted;
    return element_size == 8 ? (block - fixed) / 8 : (block - fixed) / element_size; /* a shift instead of a division */
}

static void copy(char *to, const char *from, int64_t n, int64_t element_size)
{
    if (n > 0) memcpy(to, from, (size_t)(n * element_size)); /* the address of an empty list may be null */
}

/* `n` elements of no size. */
static PoleList list_of_units(int64_t n)
{
    return (PoleList){NULL, n << POLE_LENGTH_SHIFT | POLE_LIST_SLICE};
}

void pole_list_new(PoleList *result, const void *elements, int64_t n, int64_t element_size, int64_t plain)
{
    if (n == 0 || element_size == 0) {
        *result = list_of_units(n);
        return;
    }
    char *buffer = buffer_new(n, n, element_size, plain);
    copy(buffer, elements, n, element_size);
    *result = (PoleList){buffer, headed(n)};
}

static inline PoleListHeader *header_of(const char *elements)
{
    return (PoleListHeader *)(uintptr_t)elements - 1;
}

static inline bool is_kind(int64_t length_word, PoleListKind kind)
{
    return (length_word & ((1 << POLE_LENGTH_SHIFT) - 1)) == kind;
}

char *pole_list_grow(const char *elements, int64_t length_word, int64_t element_size, int64_t plain)
{
    int64_t n = list_length(length_word);
    char *buffer = buffer_new(n + 1, grown_capacity(n, element_size), element_size, plain);
    copy(buffer, elements, n, element_size);
    return buffer;
}

char *pole_list_reserve(const char *elements, int64_t length_word, int64_t element_size, int64_t plain, int64_t capacity)
{
    int64_t n = list_length(length_word), grown = grown_capacity(n, element_size);
    if (capacity < grown) capacity = grown;
    char *buffer = buffer_new(capacity, capacity, element_size, plain);
    copy(buffer, elements, n, element_size);
    return buffer;
}

char *pole_list_push(const char *elements, int64_t length_word, const void *element, int64_t element_size, int64_t plain)
{
    int64_t n = list_length(length_word);
    char *buffer = (char *)(uintptr_t)elements;
    if (!is_kind(length_word, POLE_LIST_HEADED) || header_of(elements)->longest != length_word ||
        header_of(elements)->full == length_word)
        buffer = pole_list_grow(elements, length_word, element_size, plain);
    memcpy(buffer + n * element_size, element, (size_t)element_size);
    header_of(buffer)->longest = headed(n + 1);
    return buffer;
}

void pole_list_set(PoleList *result, const char *elements, int64_t length_word, int64_t index, const void *element,
                   int64_t element_size, int64_t plain, const char *place)
{
    int64_t n = list_length(length_word);
    if (index < 0 || index >= n) pole_fail_index(place, index, n);
    pole_list_new(result, elements, n, element_size, plain);
    if (element_size != 0) memcpy(result->elements + index * element_size, element, (size_t)element_size);
}

char *pole_list_grow_front(const char *elements, int64_t length_word, int64_t element_size, int64_t plain)
{
    int64_t n = list_length(length_word), capacity = grown_capacity(n, element_size);
    int64_t size = buffer_size(capacity, element_size);
    int64_t before = (size - 1 - (int64_t)sizeof(PoleListFooter) + 7) / 8 * 8; /* up to 7 bytes idle: the footer is aligned */
    char *block = buffer_allocate(before + (int64_t)sizeof(PoleListFooter), plain);
    PoleListFooter *footer = (PoleListFooter *)(void *)(block + before);
    copy((char *)footer - n * element_size, elements, n, element_size);
    footer->first = (char *)footer - (n + 1) * element_size;
    footer->start = (char *)footer - capacity * element_size;
    return footer->first;
}

char *pole_list_cons(const void *element, const char *elements, int64_t length_word, int64_t element_size, int64_t plain)
{
    int64_t bytes = list_length(length_word) * element_size;
    const PoleListFooter *footer = (const void *)(elements + bytes);
    char *place = (char *)(uintptr_t)elements - element_size;
    if (!is_kind(length_word, POLE_LIST_FOOTED) || footer->first != elements || footer->start == elements)
        place = pole_list_grow_front(elements, length_word, element_size, plain);
    memcpy(place, element, (size_t)element_size);
    ((PoleListFooter *)(void *)(place + element_size + bytes))->first = place;
    return place;
}

void pole_list_concat(PoleList *result, const char *lists, int64_t length_word, int64_t element_size, int64_t plain)
{
    const PoleList *list = (const PoleList *)(const void *)lists, *end = list + list_length(length_word);
    int64_t n = 0;
    for (const PoleList *each = list; each < end; each++) {
        if (list_length(each->length_word) > (INT64_MAX >> POLE_LENGTH_SHIFT) - n) pole_out_of_memory();
        n += list_length(each->length_word);
    }
    if (n == 0 || element_size == 0) {
        *result = list_of_units(n);
        return;
    }
    char *buffer = buffer_new(n, n, element_size, plain), *to = buffer;
    for (; list < end; list++) {
        copy(to, list->elements, list_length(list->length_word), element_size);
        to += list_length(list->length_word) * element_size;
    }
    *result = (PoleList){buffer, headed(n)};
}
