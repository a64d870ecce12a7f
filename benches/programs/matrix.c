/* The product of two square matrices, which are arrays of rows; the second is transposed first. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

static double **new_matrix(int64_t n)
{
    double **m = malloc(n * sizeof *m);
    for (int64_t i = 0; i < n; i++) m[i] = malloc(n * sizeof **m);
    return m;
}

static void drop(double **m, int64_t n)
{
    for (int64_t i = 0; i < n; i++) free(m[i]);
    free(m);
}

static double **matrix(int64_t n, int64_t seed)
{
    double **m = new_matrix(n);
    for (int64_t i = 0; i < n; i++)
        for (int64_t j = 0; j < n; j++) m[i][j] = (double)((i * 17 + j * seed) % 101 - 50);
    return m;
}

static double **transpose(double **m, int64_t n)
{
    double **t = new_matrix(n);
    for (int64_t j = 0; j < n; j++)
        for (int64_t i = 0; i < n; i++) t[j][i] = m[i][j];
    return t;
}

static double dot(const double *a, const double *b, int64_t n)
{
    double sum = 0.0;
    for (int64_t k = 0; k < n; k++) sum += a[k] * b[k];
    return sum;
}

static double **product(double **a, double **columns, int64_t n)
{
    double **c = new_matrix(n);
    for (int64_t i = 0; i < n; i++)
        for (int64_t j = 0; j < n; j++) c[i][j] = dot(a[i], columns[j], n);
    return c;
}

int main(void)
{
    int64_t n = 500;
    double **a = matrix(n, 31), **b = matrix(n, 57), **t = transpose(b, n), **c = product(a, t, n), sum = 0.0;
    for (int64_t i = 0; i < n; i++) sum += c[i][i];
    printf("%.1f\n", sum);
    drop(a, n);
    drop(b, n);
    drop(t, n);
    drop(c, n);
    return 0;
}
