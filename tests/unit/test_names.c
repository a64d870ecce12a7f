/*
 * Names: equal texts get equal numbers, numbers are dense, and what the compiler knows has the numbers of the enum.
 */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <setjmp.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/names_lookup.h"
#include "base/scan.h"
#include "lexer/tokens.h"

typedef struct {
    Pool *pool;
    ArenaAccount account;
    Arena arena;
    SourceText text;
    Names names;
} Fixture;

static void unexpected(void *context, const ArenaExhausted *why)
{
    (void)context;
    (void)why;
    abort();
}

static void open_fixture(Fixture *f, PoolMode mode)
{
    f->pool = pool_open(&(PoolOptions){.mode = mode, .exhausted = unexpected});
    arena_account_open(&f->account, f->pool, "session", 0);
    arena_open(&f->arena, &f->account, "session");
    source_open(&f->text, &f->arena);
    names_open(&f->names, &f->text, &f->arena);
}

static void close_fixture(Fixture *f)
{
    arena_free(&f->arena);
    arena_account_close(&f->account);
    pool_close(f->pool);
}

/* Adds a text of its own for every name, so that nothing is equal by being in one place. */
static NameId intern(Fixture *f, const char *name)
{
    FileId file;
    assert_int_equal(source_add(&f->text, "text", name, strlen(name), &file), SOURCE_OK);
    return names_intern(&f->names, source_file(&f->text, file)->start, (uint32_t)strlen(name));
}

static bool has_text(const Fixture *f, NameId id, const char *text)
{
    return name_length(&f->names, id) == strlen(text) && memcmp(name_text(&f->names, id), text, strlen(text)) == 0;
}

static void test_known_names(void **state)
{
    (void)state;
    Fixture f;
    open_fixture(&f, POOL_RECYCLE);
    assert_int_equal(names_count(&f.names), NAME_FIRST_OF_PROGRAM);
#define NAME(identifier)                                                                                              \
    assert_true(has_text(&f, (NameId){NAME_##identifier}, #identifier));                                              \
    assert_int_equal(names_find(&f.names, #identifier, sizeof #identifier - 1).i, NAME_##identifier);
#include "base/names.def"
#undef NAME
    assert_int_equal(intern(&f, "main").i, NAME_main);
    assert_int_equal(name_length(&f.names, (NameId){NAME_NONE}), 0);
    close_fixture(&f);
}

/* The lexer takes the number of a keyword for its kind. */
static void test_keywords_in_order(void **state)
{
    (void)state;
    Fixture f;
    open_fixture(&f, POOL_RECYCLE);
    for (uint32_t kind = TOKEN_FUNC; kind <= TOKEN_LAZY; kind++)
        assert_true(has_text(&f, (NameId){NAME_func + kind - TOKEN_FUNC}, token_spelling((TokenKind)kind)));
    close_fixture(&f);
}

static void test_dense_and_stable(void **state)
{
    (void)state;
    static const PoolMode modes[] = {POOL_RECYCLE, POOL_GUARD, POOL_MALLOC};
    for (size_t mode = 0; mode < 3; mode++) {
        Fixture f;
        open_fixture(&f, modes[mode]);
        enum { N = 5000 }; /* the table grows several times */
        char name[64];
        for (int round = 0; round < 2; round++)
            for (uint32_t i = 0; i < N; i++) {
                snprintf(name, sizeof name, i % 3 == 0 ? "n%u" : "a_longer_name_%u_with_an_end", (unsigned)i);
                assert_int_equal(intern(&f, name).i, NAME_FIRST_OF_PROGRAM + i);
                assert_true(has_text(&f, (NameId){NAME_FIRST_OF_PROGRAM + i}, name));
            }
        assert_int_equal(names_count(&f.names), NAME_FIRST_OF_PROGRAM + N);
        close_fixture(&f);
    }
}

/* Every length up to more than two blocks, and a difference at every place. */
static void test_lengths_and_differences(void **state)
{
    (void)state;
    Fixture f;
    open_fixture(&f, POOL_MALLOC);
    char name[81];
    for (size_t length = 1; length <= 80; length++) {
        memset(name, 'x', length);
        name[length] = 0;
        uint32_t id = intern(&f, name).i;
        assert_int_equal(intern(&f, name).i, id);
        for (size_t at = 0; at < length; at++) {
            name[at] = 'y';
            uint32_t other = intern(&f, name).i;
            assert_int_not_equal(other, id);
            assert_int_equal(names_find(&f.names, name, (uint32_t)length).i, other);
            name[at] = 'x';
        }
    }
    close_fixture(&f);
}

/* Two names may have one hash, and even be of one length, and are two all the same. */
static void test_equal_hashes(void **state)
{
    (void)state;
    static const char *const pairs[][2] = {
        {"wmqseyj", "gbwyjr"},
        {"hvbhdb", "kgulnn"},
        {"wbwhqeaaaaaaaaaaaaaaaa", "nxdjfbaaaaaaaaaaaaaaaa"},
        {"xpvjypaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", "spiicwaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"},
    };
    Fixture f;
    open_fixture(&f, POOL_RECYCLE);
    for (size_t i = 0; i < sizeof pairs / sizeof *pairs; i++) {
        uint32_t ids[2], lengths[2], hashes[2];
        for (int k = 0; k < 2; k++) {
            char padded[64] = {0};
            lengths[k] = (uint32_t)strlen(pairs[i][k]);
            memcpy(padded, pairs[i][k], lengths[k]);
            hashes[k] = name_hash(padded, lengths[k]);
            ids[k] = intern(&f, pairs[i][k]).i;
        }
        assert_int_equal(hashes[0], hashes[1]); /* if the hash has changed: look for other pairs */
        assert_int_not_equal(ids[0], ids[1]);
        for (int k = 0; k < 2; k++)
            assert_int_equal(names_find(&f.names, pairs[i][k], lengths[k]).i, ids[k]);
    }
    close_fixture(&f);
}

static void test_find(void **state)
{
    (void)state;
    Fixture f;
    open_fixture(&f, POOL_RECYCLE);
    static char huge[100000];
    memset(huge, 'h', sizeof huge - 1);
    uint32_t count = names_count(&f.names);
    assert_int_equal(names_find(&f.names, "absent", 6).i, 0);
    assert_int_equal(names_find(&f.names, huge, sizeof huge - 1).i, 0);
    assert_int_equal(names_find(&f.names, "", 0).i, 0);
    assert_int_equal(names_count(&f.names), count);
    NameId id = intern(&f, huge);
    assert_int_equal(names_find(&f.names, huge, sizeof huge - 1).i, id.i);
    assert_int_equal(names_find(&f.names, huge, sizeof huge - 2).i, 0);
    huge[50000] = 'g';
    assert_int_equal(names_find(&f.names, huge, sizeof huge - 1).i, 0);
    close_fixture(&f);
}

/* The ends that are computed sixteen bytes at a time are those that a loop would find. */
static void test_ends(void **state)
{
    (void)state;
    unsigned char text[64 + SOURCE_PADDING];
    for (unsigned length = 0; length < 48; length++)
        for (unsigned c = 0; c < 256; c++) {
            memset(text, 0, sizeof text);
            memset(text, 'a', length);
            text[length] = (unsigned char)c;
            assert_ptr_equal(word_end(text), text + length + is_word_byte((unsigned char)c));
            memset(text, ' ', length);
            assert_ptr_equal(blank_end(text), text + length + is_blank_byte((unsigned char)c));
        }
    for (unsigned c = 0; c < 256; c++) {
        bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
        assert_int_equal(is_word_byte((unsigned char)c), letter || (c >= '0' && c <= '9') || c == '_');
        assert_int_equal(is_blank_byte((unsigned char)c), c == ' ' || c == '\t' || c == '\n' || c == '\r');
    }
}

/* As if the later names had never been: table, numbers and bytes, at every length of the list. */
static void test_rewind(void **state)
{
    (void)state;
    static size_t used[2001];
    Fixture f;
    open_fixture(&f, POOL_RECYCLE);
    FileId file;
    static char text[2000 * 8];
    for (unsigned i = 0; i < 2000; i++)
        snprintf(text + 8 * i, 8, "name%03x", i);
    assert_int_equal(source_add(&f.text, "text", text, sizeof text, &file), SOURCE_OK);
    uint32_t start = source_file(&f.text, file)->start.at;
    for (uint32_t i = 0; i < 2000; i++) {
        used[i] = arena_used(&f.arena);
        assert_int_equal(names_intern(&f.names, (SourcePos){start + 8 * i}, 7).i, NAME_FIRST_OF_PROGRAM + i);
    }
    for (uint32_t left = 2000; left > 0; left -= left % 7 + 1 < left ? left % 7 + 1 : left) {
        names_rewind(&f.names, NAME_FIRST_OF_PROGRAM + left - 1);
        assert_int_equal(arena_used(&f.arena), used[left - 1]);
        assert_int_equal(names_find(&f.names, text + 8 * (left - 1), 7).i, 0);
        if (left > 1)
            assert_int_equal(names_find(&f.names, text + 8 * (left - 2), 7).i, NAME_FIRST_OF_PROGRAM + left - 2);
        assert_int_equal(names_intern(&f.names, (SourcePos){start + 8 * (left - 1)}, 7).i, NAME_FIRST_OF_PROGRAM + left - 1);
        names_rewind(&f.names, NAME_FIRST_OF_PROGRAM + left - 1);
    }
    close_fixture(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_known_names),
        cmocka_unit_test(test_rewind),     cmocka_unit_test(test_keywords_in_order),
        cmocka_unit_test(test_dense_and_stable), cmocka_unit_test(test_lengths_and_differences),
        cmocka_unit_test(test_equal_hashes),
        cmocka_unit_test(test_find),            cmocka_unit_test(test_ends),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
