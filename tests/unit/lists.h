/*
 * Whole lists from what the run-time library returns, as compiled code makes them (codegen/gen_list.c, gen_list_grow.c).
 */
#ifndef POLEC_TESTS_LISTS_H
#define POLEC_TESTS_LISTS_H

#include "runtime/runtime.h"

static const PoleList empty = {NULL, POLE_LIST_SLICE};

static inline PoleList units(PoleList list)
{
    return (PoleList){list.elements, ((list.length_word >> POLE_LENGTH_SHIFT) + 1) << POLE_LENGTH_SHIFT | POLE_LIST_SLICE};
}

static inline PoleList pushed(PoleList list, const void *element, int64_t size, int64_t plain)
{
    int64_t n = list.length_word >> POLE_LENGTH_SHIFT;
    if (size == 0) return units(list);
    char *elements = pole_list_push(list.elements, list.length_word, element, size, plain);
    return (PoleList){elements, (n + 1) << POLE_LENGTH_SHIFT | POLE_LIST_HEADED};
}

static inline PoleList consed(const void *element, PoleList list, int64_t size, int64_t plain)
{
    int64_t n = list.length_word >> POLE_LENGTH_SHIFT;
    if (size == 0) return units(list);
    char *elements = pole_list_cons(element, list.elements, list.length_word, size, plain);
    return (PoleList){elements, (n + 1) << POLE_LENGTH_SHIFT | POLE_LIST_FOOTED};
}

static inline PoleList tail(PoleList list, int64_t left_out, int64_t size)
{
    char *elements = list.elements ? list.elements + left_out * size : NULL;
    return (PoleList){elements, (list.length_word - (left_out << POLE_LENGTH_SHIFT)) | POLE_LIST_SLICE};
}

#endif
