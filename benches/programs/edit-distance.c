/* How many changes make one text from another: a table, of which only the last row is kept. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

static int64_t *text(int64_t n, int64_t seed)
{
    int64_t *done = malloc(n * sizeof *done);
    for (int64_t i = 0; i < n; i++, seed = (seed * 1103515245 + 12345) % 2147483648) done[i] = seed / 65536 % 4;
    return done;
}

static int64_t least(int64_t a, int64_t b) { return a < b ? a : b; }

static int64_t *row(int64_t x, const int64_t *b, int64_t n, const int64_t *above, int64_t left)
{
    int64_t *done = malloc((n + 1) * sizeof *done);
    done[0] = left;
    for (int64_t j = 0; j < n; j++) {
        int64_t change = above[j] + (x == b[j] ? 0 : 1);
        left = least(change, least(left, above[j + 1]) + 1);
        done[j + 1] = left;
    }
    return done;
}

int main(void)
{
    int64_t n_a = 5000, n_b = 4000;
    int64_t *a = text(n_a, 1), *b = text(n_b, 2), *above = malloc((n_b + 1) * sizeof *above);
    for (int64_t j = 0; j <= n_b; j++) above[j] = j;
    for (int64_t i = 0; i < n_a; i++) {
        int64_t *next = row(a[i], b, n_b, above, i + 1);
        free(above);
        above = next;
    }
    printf("%" PRId64 "\n", above[n_b]);
    free(a);
    free(b);
    free(above);
    return 0;
}
