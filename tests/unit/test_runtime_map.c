/*
 * Maps, against arrays indexed by the key; and pole_equal, on values as deep as they get.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/runtime.h"

enum { MILLION = 1000000 };

static PoleString make_string(const char *text)
{
    return pole_string_from_c(text);
}

static int64_t find_int(const PoleMap *map, int64_t key)
{
    const void *value = pole_map_find(map, key, NULL);
    int64_t found = -1;
    if (value) memcpy(&found, value, sizeof found);
    return found;
}

static int64_t find_string(const PoleMap *map, const char *key)
{
    const void *value = pole_map_find(map, 0, make_string(key));
    int64_t found = -1;
    if (value) memcpy(&found, value, sizeof found);
    return found;
}

/* ---- maps ---- */

/* Every key is ordinary, 0 and negative ones included; keys that differ by powers of two must not crowd. */
static void a_million_integer_keys(void **state)
{
    (void)state;
    static const int64_t steps[] = {1, -1, 8, 4096, (int64_t)1 << 32, -((int64_t)1 << 44), 0x123456789ABCDEF};
    for (size_t s = 0; s < sizeof steps / sizeof *steps; s++) {
        PoleMap *map = pole_map_new(0, POLE_MAP_INT_KEYS, sizeof(int64_t));
        for (int64_t i = 0; i < MILLION; i++) {
            int64_t key = (int64_t)((uint64_t)i * (uint64_t)steps[s]);
            pole_map_put(map, key, NULL, &i);
        }
        /* 2^44 times a million goes round the 64 bits: later keys replace earlier ones */
        int64_t distinct = steps[s] == -((int64_t)1 << 44) ? (int64_t)1 << 20 : MILLION;
        assert_int_equal(pole_map_size(map), distinct < MILLION ? distinct : MILLION);
        for (int64_t i = MILLION - 1000; i < MILLION; i++)
            assert_int_equal(find_int(map, (int64_t)((uint64_t)i * (uint64_t)steps[s])), i);
        assert_int_equal(find_int(map, 3), steps[s] == 1 ? 3 : -1);
    }
}

static void a_million_string_keys(void **state)
{
    (void)state;
    PoleMap *map = pole_map_new(MILLION, POLE_MAP_STRING_KEYS, sizeof(int64_t));
    char key[32];
    for (int64_t i = 0; i < MILLION; i++) {
        snprintf(key, sizeof key, "key-%lld", (long long)i);
        pole_map_put(map, 0, make_string(key), &i);
    }
    assert_int_equal(pole_map_size(map), MILLION);
    for (int64_t i = 0; i < MILLION; i++) {
        snprintf(key, sizeof key, "key-%lld", (long long)i);
        assert_int_equal(find_string(map, key), i);
    }
    assert_int_equal(find_string(map, "key-"), -1);
}

/* Strings are told apart by all their bytes, by their length, and past a 0 byte. */
static void string_keys_of_every_length(void **state)
{
    (void)state;
    PoleMap *map = pole_map_new(0, POLE_MAP_STRING_KEYS, sizeof(int64_t));
    struct { int64_t length; char bytes[48]; } keys[41][2];
    memset(keys, 0, sizeof keys);
    for (int64_t n = 0; n <= 40; n++) {
        for (int64_t last = 0; last < 2; last++) {
            keys[n][last].length = n;
            if (n > 0) keys[n][last].bytes[n - 1] = (char)last; /* all 0 but the last byte */
            int64_t value = n * 2 + last;
            pole_map_put(map, 0, keys[n][last].bytes, &value);
        }
    }
    assert_int_equal(pole_map_size(map), 81); /* the two keys of length 0 are one */
    for (int64_t n = 1; n <= 40; n++)
        for (int64_t last = 0; last < 2; last++)
            assert_int_equal(*(const int64_t *)pole_map_find(map, 0, keys[n][last].bytes), n * 2 + last);
}

static void putting_again_replaces(void **state)
{
    (void)state;
    PoleMap *map = pole_map_new(4, POLE_MAP_INT_KEYS, sizeof(int64_t));
    for (int64_t round = 0; round < 3; round++)
        for (int64_t key = -10; key <= 10; key++) {
            int64_t value = key * 100 + round;
            pole_map_put(map, key, NULL, &value);
        }
    assert_int_equal(pole_map_size(map), 21);
    for (int64_t key = -10; key <= 10; key++) assert_int_equal(find_int(map, key), key * 100 + 2);
}

static void values_of_every_size(void **state)
{
    (void)state;
    static const int64_t sizes[] = {0, 1, 3, 8, 16, 40};
    for (size_t s = 0; s < sizeof sizes / sizeof *sizes; s++) {
        PoleMap *map = pole_map_new(0, POLE_MAP_INT_KEYS, sizes[s]);
        uint8_t value[40];
        for (int64_t key = 0; key < 1000; key++) {
            memset(value, (int)(key % 251), sizeof value);
            pole_map_put(map, key, NULL, value);
        }
        assert_int_equal(pole_map_size(map), 1000);
        for (int64_t key = 0; key < 1000; key++) {
            const uint8_t *found = pole_map_find(map, key, NULL);
            assert_non_null(found);
            for (int64_t i = 0; i < sizes[s]; i++) assert_int_equal(found[i], key % 251);
        }
        assert_null(pole_map_find(map, 1000, NULL));
    }
}

static void a_wild_hint_costs_nothing(void **state)
{
    (void)state;
    PoleMap *map = pole_map_new(INT64_MAX, POLE_MAP_STRING_KEYS, 64);
    assert_int_equal(pole_map_size(map), 0);
    assert_null(pole_map_find(map, 0, make_string("absent")));
}

/* The value given may lie in the map itself, which may grow under it. */
static void a_value_of_the_map_itself(void **state)
{
    (void)state;
    PoleMap *map = pole_map_new(0, POLE_MAP_INT_KEYS, sizeof(int64_t));
    int64_t value = 77;
    pole_map_put(map, 1, NULL, &value);
    for (int64_t key = 2; key < 5000; key++) pole_map_put(map, key, NULL, pole_map_find(map, key - 1, NULL));
    assert_int_equal(find_int(map, 4999), 77);
}

/* ---- pole_equal ---- */

static const PoleType int_type = {POLE_TYPE_INT, 8, 0, NULL}, float_type = {POLE_TYPE_FLOAT, 8, 0, NULL};
static const PoleType string_type = {POLE_TYPE_STRING, 8, 0, NULL}, unit_type = {POLE_TYPE_UNIT, 0, 0, NULL};
static const PoleType bool_type = {POLE_TYPE_BOOL, 1, 0, NULL};

/* type Tree = Leaf | Node(Tree, Int, Tree), boxed: tag, left, number, right */
extern const PoleType tree_type;
static const PoleTypePart node_fields[] = {{&tree_type, 8}, {&int_type, 16}, {&tree_type, 24}};
static const PoleType leaf_type = {POLE_TYPE_RECORD, 0, 0, NULL}, node_type = {POLE_TYPE_RECORD, 32, 3, node_fields};
static const PoleTypePart tree_constructors[] = {{&leaf_type, 0}, {&node_type, 0}};
static const PoleType tree_body = {POLE_TYPE_VARIANT, 32, 2, tree_constructors};
static const PoleTypePart tree_box[] = {{&tree_body, 0}};
const PoleType tree_type = {POLE_TYPE_BOXED, 8, 1, tree_box};

typedef struct Tree { int64_t tag; const struct Tree *left; int64_t number; const struct Tree *right; } Tree;
static const Tree leaf = {0, NULL, 0, NULL};

static const Tree *node(const Tree *left, int64_t number, const Tree *right)
{
    Tree *made = pole_allocate(sizeof *made);
    *made = (Tree){1, left, number, right};
    return made;
}

/* A million nodes in one line, to the right or to the left, that differ at the far end or nowhere. */
static const Tree *line(bool to_the_left, int64_t last)
{
    const Tree *tree = node(&leaf, last, &leaf);
    for (int64_t i = 0; i < MILLION; i++) tree = to_the_left ? node(tree, i, &leaf) : node(&leaf, i, tree);
    return tree;
}

static void deep_values(void **state)
{
    (void)state;
    for (int to_the_left = 0; to_the_left < 2; to_the_left++) {
        const Tree *a = line(to_the_left, 1), *b = line(to_the_left, 1), *c = line(to_the_left, 2);
        assert_true(pole_equal(&tree_type, &a, &b));
        assert_false(pole_equal(&tree_type, &a, &c));
        assert_false(pole_equal(&tree_type, &a, &a->left));
    }
}

static bool equal_lists(const PoleType *element, const void *a, int64_t n_a, const void *b, int64_t n_b)
{
    PoleTypePart part = {element, 0};
    PoleType type = {POLE_TYPE_LIST, sizeof(PoleList), 1, &part};
    PoleList x, y = {(char *)(uintptr_t)b, n_b << POLE_LENGTH_SHIFT | POLE_LIST_SLICE};
    pole_list_new(&x, a, n_a, element->size, 0);
    return pole_equal(&type, &x, &y);
}

static void lists_of_every_element(void **state)
{
    (void)state;
    int64_t ints[] = {1, 2, 3}, other_ints[] = {1, 2, 4};
    assert_true(equal_lists(&int_type, ints, 3, ints, 3));
    assert_false(equal_lists(&int_type, ints, 3, other_ints, 3));
    assert_false(equal_lists(&int_type, ints, 3, ints, 2));
    assert_true(equal_lists(&int_type, NULL, 0, NULL, 0));
    uint8_t bools[] = {1, 0, 1}, other_bools[] = {1, 1, 1};
    assert_true(equal_lists(&bool_type, bools, 3, bools, 3));
    assert_false(equal_lists(&bool_type, bools, 3, other_bools, 3));
    assert_true(equal_lists(&unit_type, NULL, 3, NULL, 3));
    assert_false(equal_lists(&unit_type, NULL, 3, NULL, 4));
    PoleString strings[] = {make_string("one"), make_string("two")}, other_strings[] = {make_string("one"), make_string("tw0")};
    PoleString same_strings[] = {make_string("one"), make_string("two")};
    assert_true(equal_lists(&string_type, strings, 2, same_strings, 2));
    assert_false(equal_lists(&string_type, strings, 2, other_strings, 2));
}

/* nan differs from itself wherever it stands, and the two zeros are equal though their bits are not. */
static void floats(void **state)
{
    (void)state;
    double zero[] = {0.0, 1.5}, minus_zero[] = {-0.0, 1.5}, with_nan[] = {0.0, 0.0};
    with_nan[1] = strtod("nan", NULL);
    assert_true(pole_equal(&float_type, &zero[0], &minus_zero[0]));
    assert_false(pole_equal(&float_type, &with_nan[1], &with_nan[1]));
    assert_true(equal_lists(&float_type, zero, 2, minus_zero, 2));
    assert_false(equal_lists(&float_type, with_nan, 2, with_nan, 2));
}

/* A list of lists of records that differ in the last field of the last one. */
static void nested(void **state)
{
    (void)state;
    struct { int64_t number; PoleString name; uint8_t flag; } rows[3] = {{1, make_string("x"), 0}, {2, make_string("y"), 1}};
    static const PoleTypePart fields[] = {{&int_type, 0}, {&string_type, 8}, {&bool_type, 16}};
    static const PoleType record = {POLE_TYPE_RECORD, sizeof rows[0], 3, fields};
    static const PoleTypePart element = {&record, 0};
    static const PoleType list = {POLE_TYPE_LIST, sizeof(PoleList), 1, &element};
    PoleList inner[2], other[2];
    for (int i = 0; i < 2; i++) pole_list_new(&inner[i], rows, 2, sizeof rows[0], 0);
    pole_list_new(&other[0], rows, 2, sizeof rows[0], 0);
    rows[1].flag = 0;
    pole_list_new(&other[1], rows, 2, sizeof rows[0], 0);
    assert_true(equal_lists(&list, inner, 2, inner, 2));
    assert_false(equal_lists(&list, inner, 2, other, 2));
    assert_true(equal_lists(&list, inner, 1, other, 1));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_million_integer_keys),
        cmocka_unit_test(a_million_string_keys),
        cmocka_unit_test(string_keys_of_every_length),
        cmocka_unit_test(putting_again_replaces),
        cmocka_unit_test(values_of_every_size),
        cmocka_unit_test(a_wild_hint_costs_nothing),
        cmocka_unit_test(a_value_of_the_map_itself),
        cmocka_unit_test(deep_values),
        cmocka_unit_test(lists_of_every_element),
        cmocka_unit_test(floats),
        cmocka_unit_test(nested),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
