/*
 * Lists share buffers, and nobody may see it: every list is compared with a copy of what it should hold, long after
 * other lists have grown out of it.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "lists.h"

enum { N_LISTS = 48, LONGEST = 300, LARGEST_ELEMENT = 24 };

typedef struct {
    PoleList list;
    int64_t n;
    uint8_t expected[LONGEST * LARGEST_ELEMENT];
} Model;

static Model models[N_LISTS], made; /* static, so that the collector finds the lists */
static uint64_t random_state = 88172645463325252u;

static uint64_t random_below(uint64_t limit)
{
    random_state ^= random_state << 13;
    random_state ^= random_state >> 7;
    random_state ^= random_state << 17;
    return random_state % limit;
}

static void check(const Model *model, int64_t size)
{
    assert_int_equal(model->list.length_word >> POLE_LENGTH_SHIFT, model->n);
    if (model->n * size > 0) assert_memory_equal(model->list.elements, model->expected, (size_t)(model->n * size));
}

static void random_element(uint8_t *element)
{
    for (int i = 0; i < LARGEST_ELEMENT; i++) element[i] = (uint8_t)random_below(256);
}

static void do_push(const Model *from, const uint8_t *element, int64_t size, int64_t plain)
{
    made.list = pushed(from->list, element, size, plain);
    made.n = from->n + 1;
    memcpy(made.expected, from->expected, (size_t)(from->n * size));
    memcpy(made.expected + from->n * size, element, (size_t)size);
}

static void do_cons(const Model *from, const uint8_t *element, int64_t size, int64_t plain)
{
    made.list = consed(element, from->list, size, plain);
    made.n = from->n + 1;
    memcpy(made.expected, element, (size_t)size);
    memcpy(made.expected + size, from->expected, (size_t)(from->n * size));
}

static void do_set(const Model *from, const uint8_t *element, int64_t size, int64_t plain)
{
    int64_t index = (int64_t)random_below((uint64_t)from->n);
    pole_list_set(&made.list, from->list.elements, from->list.length_word, index, element, size, plain, "here");
    made.n = from->n;
    memcpy(made.expected, from->expected, (size_t)(from->n * size));
    memcpy(made.expected + index * size, element, (size_t)size);
}

static void do_tail(const Model *from, int64_t size)
{
    int64_t left_out = 1 + (int64_t)random_below((uint64_t)from->n);
    made.n = from->n - left_out;
    made.list = tail(from->list, left_out, size);
    memcpy(made.expected, from->expected + left_out * size, (size_t)(made.n * size));
}

static void do_concat(const Model *a, const Model *b, int64_t size, int64_t plain)
{
    PoleList both[2] = {a->list, b->list};
    pole_list_concat(&made.list, (const char *)both, 2 << POLE_LENGTH_SHIFT | POLE_LIST_SLICE, size, plain);
    made.n = a->n + b->n;
    memcpy(made.expected, a->expected, (size_t)(a->n * size));
    memcpy(made.expected + a->n * size, b->expected, (size_t)(b->n * size));
}

static void do_new(int64_t size, int64_t plain)
{
    made.n = (int64_t)random_below(6);
    for (int64_t i = 0; i < made.n * size; i++) made.expected[i] = (uint8_t)random_below(256);
    pole_list_new(&made.list, made.expected, made.n, size, plain);
}

static void one_operation(int64_t size, int64_t plain)
{
    const Model *from = &models[random_below(N_LISTS)], *other = &models[random_below(N_LISTS)];
    uint8_t element[LARGEST_ELEMENT];
    random_element(element);
    uint64_t operation = random_below(12);
    if (operation < 4 && from->n < LONGEST)
        do_push(from, element, size, plain);
    else if (operation < 8 && from->n < LONGEST)
        do_cons(from, element, size, plain);
    else if (operation == 8 && from->n > 0)
        do_set(from, element, size, plain);
    else if (operation == 9 && from->n > 0)
        do_tail(from, size);
    else if (operation == 10 && from->n + other->n <= LONGEST)
        do_concat(from, other, size, plain);
    else
        do_new(size, plain);
    check(&made, size);
    models[random_below(N_LISTS)] = made;
}

static void sharing_shows_nowhere(void **state)
{
    (void)state;
    static const int64_t sizes[] = {0, 1, 2, 8, 16, 24};
    for (size_t s = 0; s < sizeof sizes / sizeof *sizes; s++) {
        for (int64_t plain = 0; plain < 2; plain++) {
            for (int m = 0; m < N_LISTS; m++) models[m] = (Model){.list = empty};
            for (int i = 0; i < 20000; i++) {
                one_operation(sizes[s], plain);
                if (i % 16 == 0)
                    for (int m = 0; m < N_LISTS; m++) check(&models[m], sizes[s]);
            }
        }
    }
}

static double seconds(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec * 1e-9;
}

enum { MANY = 2000000 }; /* copying the list for each would take an hour */

static void pushing_is_linear(void **state)
{
    (void)state;
    PoleList list = empty;
    double start = seconds();
    for (int64_t i = 0; i < MANY; i++) list = pushed(list, &i, 8, 1);
    assert_true(seconds() - start < 20);
    for (int64_t i = 0; i < MANY; i++) assert_true(((int64_t *)(void *)list.elements)[i] == i);
}

static void consing_is_linear(void **state)
{
    (void)state;
    PoleList list = empty;
    double start = seconds();
    for (int64_t i = 0; i < MANY; i++) list = consed(&i, list, 8, 1);
    assert_true(seconds() - start < 20);
    for (int64_t i = 0; i < MANY; i++) assert_true(((int64_t *)(void *)list.elements)[i] == MANY - 1 - i);
}

/* Two lists grown from one: the second must not overwrite the first's element. */
static void two_pushes_onto_one_list(void **state)
{
    (void)state;
    int64_t one = 1, two = 2, three = 3;
    PoleList base = pushed(empty, &one, 8, 1);
    PoleList first = pushed(base, &two, 8, 1);
    PoleList second = pushed(base, &three, 8, 1);
    assert_ptr_equal(base.elements, first.elements); /* in place */
    assert_ptr_not_equal(base.elements, second.elements);
    assert_int_equal(((int64_t *)(void *)first.elements)[1], 2);
    assert_int_equal(((int64_t *)(void *)second.elements)[1], 3);
    assert_int_equal(base.length_word >> POLE_LENGTH_SHIFT, 1);
}

/* The same in front; and a tail of a list grows in front only while nothing stands there. */
static void two_conses_onto_one_list(void **state)
{
    (void)state;
    int64_t one = 1, two = 2, three = 3;
    PoleList base = consed(&one, empty, 8, 1);
    PoleList first = consed(&two, base, 8, 1);
    PoleList second = consed(&three, base, 8, 1);
    PoleList third = consed(&three, tail(first, 1, 8), 8, 1);
    assert_ptr_equal(base.elements, first.elements + 8); /* in place */
    assert_ptr_not_equal(base.elements, second.elements + 8);
    assert_ptr_not_equal(base.elements, third.elements + 8);
    assert_int_equal(((int64_t *)(void *)first.elements)[0], 2);
    assert_int_equal(((int64_t *)(void *)second.elements)[0], 3);
    assert_int_equal(((int64_t *)(void *)third.elements)[0], 3);
}

/* A list whose bytes before the elements look like a header and whose bytes behind them like a footer, but which is a slice. */
static void slices_are_never_extended_in_place(void **state)
{
    (void)state;
    int64_t buffer[] = {0, 1, 100, 7, 0, 0}, ten = 10;
    buffer[4] = (int64_t)(intptr_t)(buffer + 3);
    PoleList slice = {(char *)(buffer + 3), 1 << POLE_LENGTH_SHIFT | POLE_LIST_SLICE};
    PoleList more = pushed(slice, &ten, 8, 1);
    assert_int_equal(((int64_t *)(void *)more.elements)[0], 7);
    assert_int_equal(((int64_t *)(void *)more.elements)[1], 10);
    more = consed(&ten, slice, 8, 1);
    assert_int_equal(((int64_t *)(void *)more.elements)[0], 10);
    assert_int_equal(((int64_t *)(void *)more.elements)[1], 7);
    assert_int_equal(buffer[2], 100);
    assert_ptr_equal(buffer[4], buffer + 3);
}

/* A list that grows from nothing fills its first block before it moves. */
static void short_lists_move_once(void **state)
{
    (void)state;
    for (int64_t size = 1; size <= 24; size++) {
        uint8_t element[24] = {0};
        PoleList list = pushed(empty, element, size, 1);
        int64_t room = ((PoleListHeader *)(void *)list.elements - 1)->full >> POLE_LENGTH_SHIFT;
        assert_true(room >= 3 && 16 + room * size < 128);
        char *first = list.elements;
        while (list.length_word >> POLE_LENGTH_SHIFT < room) list = pushed(list, element, size, 1);
        assert_ptr_equal(list.elements, first);
        list = pushed(list, element, size, 1);
        assert_ptr_not_equal(list.elements, first);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sharing_shows_nowhere),
        cmocka_unit_test(pushing_is_linear),
        cmocka_unit_test(consing_is_linear),
        cmocka_unit_test(two_pushes_onto_one_list),
        cmocka_unit_test(two_conses_onto_one_list),
        cmocka_unit_test(slices_are_never_extended_in_place),
        cmocka_unit_test(short_lists_move_once),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
