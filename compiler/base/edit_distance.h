/* How far apart are two words?  For "did you mean". */
#ifndef POLEC_EDIT_DISTANCE_H
#define POLEC_EDIT_DISTANCE_H

#include <stdint.h>

enum { LONGEST_COMPARED = 40 }; /* bytes: neither word may be longer */

/* Bytes to insert, delete, replace or swap with their neighbour until `a`, of n bytes, is `c`, of m; `limit` + 1 as soon as
   it is known to be more than `limit`. */
uint32_t edit_distance(const char *a, uint32_t n, const char *c, uint32_t m, uint32_t limit);

/* What is so far from a word of n bytes, or farther, was not meant. */
static inline uint32_t edit_distance_too_far(uint32_t n)
{
    return n <= 3 ? 2 : n / 3 + 1;
}

#endif
