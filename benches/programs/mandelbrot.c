/* The Mandelbrot set: how many rounds every point of a picture takes to leave the circle, summed up. */
#include <inttypes.h>
#include <stdio.h>

static int64_t rounds(double cx, double cy)
{
    double x = 0.0, y = 0.0;
    int64_t i = 0;
    for (;; i++) {
        double xx = x * x, yy = y * y;
        if (i == 200 || xx + yy > 4.0) return i;
        y = 2.0 * x * y + cy;
        x = xx - yy + cx;
    }
}

static int64_t picture(int64_t size)
{
    int64_t sum = 0;
    for (int64_t py = 0; py != size; py++) {
        double cy = 2.0 * (double)py / (double)size - 1.0;
        for (int64_t px = 0; px != size; px++) sum += rounds(3.0 * (double)px / (double)size - 2.0, cy);
    }
    return sum;
}

int main(void)
{
    printf("%" PRId64 "\n", picture(800));
    return 0;
}
