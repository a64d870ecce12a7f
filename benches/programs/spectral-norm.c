/* The spectral norm of an endless matrix, by the power method.  Every product makes a new array, of the known size. */
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

typedef struct { double *data; int64_t length; } List;

static double a(int64_t i, int64_t j) { return 1.0 / (double)((i + j) * (i + j + 1) / 2 + i + 1); }
static double a_transposed(int64_t i, int64_t j) { return a(j, i); }

static List new_list(int64_t length) { return (List){malloc(length * sizeof(double)), length}; }

static double row(double (*cell)(int64_t, int64_t), List v, int64_t i)
{
    double sum = 0.0;
    for (int64_t j = 0; j < v.length; j++) sum += cell(i, j) * v.data[j];
    return sum;
}

static List multiply(double (*cell)(int64_t, int64_t), List v)
{
    List done = new_list(v.length);
    for (int64_t i = 0; i < v.length; i++) done.data[i] = row(cell, v, i);
    return done;
}

static List step(List v)
{
    List half = multiply(a, v);
    List whole = multiply(a_transposed, half);
    free(half.data);
    return whole;
}

static double dot(List u, List v)
{
    double sum = 0.0;
    for (int64_t i = 0; i < u.length; i++) sum += u.data[i] * v.data[i];
    return sum;
}

static List ones(int64_t n)
{
    List done = new_list(n);
    for (int64_t i = 0; i < n; i++) done.data[i] = 1.0;
    return done;
}

/* So many steps from a vector of ones, then the ratio of the last two. */
static double norm(List u, int64_t steps)
{
    for (;; steps--) {
        List v = step(u);
        if (steps == 1) return sqrt(dot(u, v) / dot(u, u));
        free(u.data);
        u = v;
    }
}

int main(void)
{
    printf("%.9f\n", norm(ones(2000), 10));
    return 0;
}
