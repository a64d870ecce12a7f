/* Twelve queens on a board: those that stand are a list, the next one goes in front; every way of standing is counted. */
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>

typedef struct List { int64_t row; const struct List *rest; } List;

static bool safe(int64_t row, const List *placed)
{
    for (int64_t distance = 1; placed; placed = placed->rest, distance++)
        if (placed->row == row || placed->row == row + distance || placed->row == row - distance) return false;
    return true;
}

static int64_t solve(int64_t n, int64_t column, const List *placed)
{
    if (column == 0) return 1;
    int64_t found = 0;
    for (int64_t row = 0; row < n; row++) {
        if (!safe(row, placed)) continue;
        List *more = malloc(sizeof *more);
        *more = (List){row, placed};
        found += solve(n, column - 1, more);
        free(more);
    }
    return found;
}

int main(void)
{
    printf("%" PRId64 "\n", solve(12, 12, NULL));
    return 0;
}
