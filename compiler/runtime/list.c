/*
 * Lists: immutable sequences that share their buffers.
 *
 * A list is an address and a length; several lists may use one buffer.  Two schemes make growing cheap without being seen:
 *
 *   at the end    The header before the elements counts how many places of the buffer are taken by its longest list.
 *                 A push onto that very list takes the next place; a push onto a shorter one, whose next place is
 *                 taken, copies.  A list never looks behind its own length, so the sharing shows nowhere.
 *   in front      pole_list_cons makes buffers that are filled from their end towards their start, and the start of
 *                 the block says which place was taken last.  Consing onto the list that begins there takes the place
 *                 before it.  Such lists are slices (nothing may be assumed about the bytes before a slice), so the
 *                 collector is asked whether a slice points into a buffer of this kind.
 *
 * Both copy into twice the room when there is none, so n elements cost O(n) in all.  Lists of Unit have no elements
 * to store: a length is all there is.
 */
#include "runtime/internal.h"

#include <string.h>

enum { SLICE = 1, LEAST_CAPACITY = 4, QUICK_GROWTH = 64 };

/* Stands at the start of a block that pole_list_cons made. */
typedef struct { char *first_taken; int64_t unused; } FrontHeader;

static inline int64_t list_length(int64_t length_word)
{
    return length_word >> 1;
}

/* Size of a buffer.  One byte more than needed: code that walks along a list may, at the end, hold nothing but the
   address behind the last element, and that must not be the next block's. */
static int64_t buffer_size(int64_t header_size, int64_t capacity, int64_t element_size)
{
    if (capacity > (INT64_MAX - header_size - 1) / element_size) pole_out_of_memory();
    return header_size + capacity * element_size + 1;
}

/* A new buffer with `n` places taken; the caller writes the elements. */
static char *buffer_new(int64_t n, int64_t capacity, int64_t element_size, int64_t plain)
{
    int64_t size = buffer_size(sizeof(PoleListHeader), capacity, element_size);
    PoleListHeader *header = plain ? pole_allocate_plain(size) : pole_allocate(size);
    header->used = n;
    header->capacity = capacity;
    return (char *)(header + 1);
}

/* Room for `n` elements and for as many again. */
static int64_t grown_capacity(int64_t n)
{
    if (n < LEAST_CAPACITY / 2) return LEAST_CAPACITY;
    if (n < QUICK_GROWTH) return n * 4; /* a list that has grown once will grow again: fewer moves while they are cheap */
    return n > INT64_MAX / 2 ? INT64_MAX : n * 2;
}

static void copy(char *to, const char *from, int64_t n, int64_t element_size)
{
    if (n > 0) memcpy(to, from, (size_t)(n * element_size)); /* the address of an empty list may be null */
}

/* `n` elements of no size. */
static PoleList list_of_units(int64_t n)
{
    return (PoleList){NULL, n * 2 + SLICE};
}

void pole_list_new(PoleList *result, const void *elements, int64_t n, int64_t element_size, int64_t plain)
{
    if (n == 0 || element_size == 0) {
        *result = list_of_units(n);
        return;
    }
    char *buffer = buffer_new(n, n, element_size, plain);
    copy(buffer, elements, n, element_size);
    *result = (PoleList){buffer, n * 2};
}

static inline PoleListHeader *list_header(const char *elements)
{
    return (PoleListHeader *)(uintptr_t)elements - 1;
}

/* May a push take the place behind the list's last element? */
static inline bool can_grow_in_place(const char *elements, int64_t length_word)
{
    int64_t n = list_length(length_word);
    if ((length_word & SLICE) || n == 0) return false;
    return list_header(elements)->used == n && n < list_header(elements)->capacity;
}

void pole_list_push(PoleList *result, const char *elements, int64_t length_word, const void *element,
                    int64_t element_size, int64_t plain)
{
    int64_t n = list_length(length_word);
    if (element_size == 0) {
        *result = list_of_units(n + 1);
        return;
    }
    char *buffer = (char *)(uintptr_t)elements;
    if (!can_grow_in_place(elements, length_word)) {
        buffer = buffer_new(n, grown_capacity(n), element_size, plain);
        copy(buffer, elements, n, element_size);
    }
    memcpy(buffer + n * element_size, element, (size_t)element_size);
    list_header(buffer)->used = n + 1;
    *result = (PoleList){buffer, (n + 1) * 2};
}

void pole_list_set(PoleList *result, const char *elements, int64_t length_word, int64_t index, const void *element,
                   int64_t element_size, int64_t plain, const char *place)
{
    int64_t n = list_length(length_word);
    if (index < 0 || index >= n) pole_fail_index(place, index, n);
    pole_list_new(result, elements, n, element_size, plain);
    if (element_size != 0) memcpy(result->elements + index * element_size, element, (size_t)element_size);
}

/* A new buffer whose last `n` places are a copy of the list; the caller takes the place before them. */
static FrontHeader *front_new(const char *elements, int64_t n, int64_t element_size, int64_t plain)
{
    int64_t capacity = grown_capacity(n);
    int64_t size = buffer_size(sizeof(FrontHeader), capacity, element_size);
    FrontHeader *header = pole_allocate_slowly(size, plain ? FRONT_PLAIN : FRONT_SCANNED);
    header->first_taken = (char *)(header + 1) + (capacity - n) * element_size;
    copy(header->first_taken, elements, n, element_size);
    return header;
}

void pole_list_cons(PoleList *result, const void *element, const char *elements, int64_t length_word,
                    int64_t element_size, int64_t plain)
{
    int64_t n = list_length(length_word);
    if (element_size == 0) {
        *result = list_of_units(n + 1);
        return;
    }
    FrontHeader *header = (length_word & SLICE) && n > 0 ? pole_front_block(elements) : NULL;
    if (!header || header->first_taken != elements || elements - element_size < (char *)(header + 1))
        header = front_new(elements, n, element_size, plain);
    header->first_taken -= element_size;
    memcpy(header->first_taken, element, (size_t)element_size);
    *result = (PoleList){header->first_taken, (n + 1) * 2 + SLICE};
}

void pole_list_concat(PoleList *result, const char *lists, int64_t length_word, int64_t element_size, int64_t plain)
{
    const PoleList *list = (const PoleList *)(const void *)lists, *end = list + list_length(length_word);
    int64_t n = 0;
    for (const PoleList *each = list; each < end; each++) {
        if (list_length(each->length_word) > INT64_MAX / 2 - n) pole_out_of_memory();
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
    *result = (PoleList){buffer, n * 2};
}
