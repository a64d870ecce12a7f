/* The distance of words, row by row: only the last three rows of the table are ever read. */
#include "base/edit_distance.h"

/* Edit distance (Levenshtein 1966) with adjacent swaps counted as one edit, given up above `limit`. */
uint32_t edit_distance(const char *a, uint32_t n, const char *c, uint32_t m, uint32_t limit)
{
    uint32_t rows[3][LONGEST_COMPARED + 1];
    for (uint32_t j = 0; j <= m; j++)
        rows[0][j] = j;
    for (uint32_t i = 1; i <= n; i++) {
        uint32_t *row = rows[i % 3], *before = rows[(i + 2) % 3], *before_that = rows[(i + 1) % 3];
        uint32_t best = row[0] = i;
        for (uint32_t j = 1; j <= m; j++) {
            uint32_t cost = before[j - 1] + (a[i - 1] != c[j - 1]);
            if (before[j] + 1 < cost)
                cost = before[j] + 1;
            if (row[j - 1] + 1 < cost)
                cost = row[j - 1] + 1;
            if (i > 1 && j > 1 && a[i - 1] == c[j - 2] && a[i - 2] == c[j - 1] && before_that[j - 2] + 1 < cost)
                cost = before_that[j - 2] + 1;
            row[j] = cost;
            if (cost < best)
                best = cost;
        }
        if (best > limit)
            return limit + 1;
    }
    return rows[n % 3][m];
}
