/* Calls and nothing else: the functions of Ackermann, Takeuchi and Fibonacci. */
#include <inttypes.h>
#include <stdio.h>

static int64_t ackermann(int64_t m, int64_t n)
{
    if (m == 0) return n + 1;
    if (n == 0) return ackermann(m - 1, 1);
    return ackermann(m - 1, ackermann(m, n - 1));
}

static int64_t tak(int64_t x, int64_t y, int64_t z)
{
    if (y >= x) return z;
    return tak(tak(x - 1, y, z), tak(y - 1, z, x), tak(z - 1, x, y));
}

static int64_t fib(int64_t n) { return n < 2 ? n : fib(n - 1) + fib(n - 2); }

int main(void)
{
    printf("%" PRId64 " %" PRId64 " %" PRId64 "\n", ackermann(3, 10), tak(24, 16, 8), fib(38));
    return 0;
}
