/*
 * Long lists: numbers are made, filtered, mapped, sorted by merging and summed up, again and again.
 * A list is an array that grows by doubling; the rest of a list is a part of it.
 */
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>

typedef struct { int64_t *data, length; } List; /* the capacity is the power of two above the length */

static List push(List list, int64_t x)
{
    if ((list.length & (list.length - 1)) == 0)
        list.data = realloc(list.data, (list.length ? 2 * list.length : 1) * sizeof x);
    list.data[list.length++] = x;
    return list;
}

static List rest(List list) { return (List){list.data + 1, list.length - 1}; }

static List numbers(int64_t n, int64_t seed)
{
    List done = {NULL, 0};
    for (; n != 0; n--, seed = (seed * 1103515245 + 12345) % 2147483648) done = push(done, seed / 8);
    return done;
}

static List map(List xs, int64_t (*f)(int64_t, int64_t), int64_t with)
{
    List done = {NULL, 0};
    for (; xs.length; xs = rest(xs)) done = push(done, f(xs.data[0], with));
    return done;
}

static List filter(List xs, bool (*keep)(int64_t))
{
    List done = {NULL, 0};
    for (; xs.length; xs = rest(xs))
        if (keep(xs.data[0])) done = push(done, xs.data[0]);
    return done;
}

static int64_t fold(List xs, int64_t (*f)(int64_t, int64_t), int64_t sum)
{
    for (; xs.length; xs = rest(xs)) sum = f(sum, xs.data[0]);
    return sum;
}

static List append(List xs, List done)
{
    for (; xs.length; xs = rest(xs)) done = push(done, xs.data[0]);
    return done;
}

static List merge(List xs, List ys)
{
    List done = {NULL, 0};
    for (;;) {
        if (!xs.length) return append(ys, done);
        if (!ys.length) return append(xs, done);
        if (ys.data[0] < xs.data[0]) {
            done = push(done, ys.data[0]);
            ys = rest(ys);
        } else {
            done = push(done, xs.data[0]);
            xs = rest(xs);
        }
    }
}

/* The first n elements; xs keeps the others. */
static List split(List *xs, int64_t n)
{
    List left = {NULL, 0};
    for (; xs->length && n > 0; n--, *xs = rest(*xs)) left = push(left, xs->data[0]);
    return left;
}

static List sort(List xs) /* the result is new, or xs itself */
{
    if (xs.length <= 1) return xs;
    List right = xs;
    List left = split(&right, xs.length / 2);
    List left_sorted = sort(left), right_sorted = sort(right);
    List sorted = merge(left_sorted, right_sorted);
    if (left_sorted.data != left.data) free(left_sorted.data);
    if (right_sorted.data != right.data) free(right_sorted.data);
    free(left.data);
    return sorted;
}

static bool no_multiple_of_3(int64_t x) { return x % 3 != 0; }
static int64_t small(int64_t x, int64_t i) { return x % 1000000 + i; }
static int64_t mix(int64_t sum, int64_t x) { return sum * 31 % 1000003 + x; }

int main(void)
{
    int64_t sum = 0;
    for (int64_t i = 30; i != 0; i--) {
        List all = numbers(100000, i);
        List some = filter(all, no_multiple_of_3);
        List more = map(some, small, i);
        List sorted = sort(more);
        sum = (fold(sorted, mix, 0) + sum) % 1000000007;
        free(all.data);
        free(some.data);
        free(more.data);
        free(sorted.data);
    }
    printf("%" PRId64 "\n", sum);
    return 0;
}
