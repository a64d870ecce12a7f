/*
 * Arithmetic that can fail, and the helpers with which programs read and write C memory.
 *
 * The helpers take any address, aligned or not, so they copy bytes.
 *
 * A program may keep a string or a map in C memory, written there by pole_write_ptr, and hold it nowhere else.  The
 * collector does not search C memory, so the value would be lost.  Therefore a pointer to a collected block is also
 * noted in a map from the address written to, which the collector does search; writing something else to the address
 * ends that.  What C itself copies about cannot be followed.
 */
#include "runtime/internal.h"

#include <pthread.h>
#include <string.h>

/* ---- arithmetic ---- */

int64_t pole_float_to_int(double value, const char *place)
{
    if (!(value >= (double)INT64_MIN && value < -(double)INT64_MIN)) pole_fail(place, "float_to_int out of range"); /* also when nan */
    return (int64_t)value;
}

int64_t pole_divide(int64_t a, int64_t b, const char *place)
{
    if (b == 0) pole_fail(place, "division by zero");
    if (b == -1 && a == INT64_MIN) pole_fail(place, "integer overflow in '/'");
    return a / b;
}

int64_t pole_remainder(int64_t a, int64_t b, const char *place)
{
    if (b == 0) pole_fail(place, "division by zero");
    return b == -1 ? 0 : a % b; /* INT64_MIN % -1 would trap */
}

/* ---- C memory ---- */

int32_t pole_read_i32_at(void *p, int off)
{
    int32_t value;
    memcpy(&value, (char *)p + off, sizeof value);
    return value;
}

int64_t pole_read_i64_at(void *p, int off)
{
    int64_t value;
    memcpy(&value, (char *)p + off, sizeof value);
    return value;
}

void *pole_read_ptr_at(void *p, int off)
{
    void *value;
    memcpy(&value, (char *)p + off, sizeof value);
    return value;
}

void pole_write_i32_at(void *p, int off, int32_t v)
{
    memcpy((char *)p + off, &v, sizeof v);
}

void pole_write_i16_at(void *p, int off, int16_t v)
{
    memcpy((char *)p + off, &v, sizeof v);
}

int32_t pole_read_i32(void *p)
{
    return pole_read_i32_at(p, 0);
}

int64_t pole_read_i64(void *p)
{
    return pole_read_i64_at(p, 0);
}

void *pole_read_ptr(void *p)
{
    return pole_read_ptr_at(p, 0);
}

void pole_write_i32(void *p, int32_t v)
{
    pole_write_i32_at(p, 0, v);
}

void pole_write_i64(void *p, int64_t v)
{
    memcpy(p, &v, sizeof v);
}

static pthread_mutex_t notes_lock = PTHREAD_MUTEX_INITIALIZER;
static PoleMap **notes; /* address written to -> pointer to a collected block; itself in a root */

static void note(void *address, void *value)
{
    bool collected = pole_is_collected(value);
    pthread_mutex_lock(&notes_lock);
    if (collected && !notes) {
        notes = pole_allocate_root(sizeof *notes);
        *notes = pole_map_new(0, POLE_MAP_INT_KEYS, sizeof value);
    }
    void *kept = collected ? value : NULL;
    int64_t key = (int64_t)(intptr_t)address;
    if (collected || (notes && pole_map_find(*notes, key, NULL))) pole_map_put(*notes, key, NULL, &kept);
    pthread_mutex_unlock(&notes_lock);
}

void pole_write_ptr(void *p, void *v)
{
    memcpy(p, &v, sizeof v);
    note(p, v);
}

char *pole_ptr_to_string(void *p)
{
    return (char *)(uintptr_t)pole_string_from_c(p);
}
