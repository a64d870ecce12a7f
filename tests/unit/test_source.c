/*
 * Source text: loading from everywhere, places in every kind of line, UTF-8 to the last byte.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/source.h"
#include "base/utf8.h"

typedef struct {
    Pool *pool;
    ArenaAccount account;
    Arena arena;
    SourceText text;
} Fixture;

static void unexpected(void *context, const ArenaExhausted *why)
{
    (void)context;
    (void)why;
    abort();
}

static int open_fixture(void **state)
{
    static Fixture fixture;
    fixture.pool = pool_open(&(PoolOptions){.mode = POOL_MALLOC, .exhausted = unexpected});
    arena_account_open(&fixture.account, fixture.pool, "session", 0);
    arena_open(&fixture.arena, &fixture.account, "session");
    source_open(&fixture.text, &fixture.arena);
    *state = &fixture;
    return 0;
}

static int close_fixture(void **state)
{
    Fixture *f = *state;
    arena_free(&f->arena);
    arena_account_close(&f->account);
    pool_close(f->pool);
    return 0;
}

static const SourceFile *add(Fixture *f, const char *bytes, size_t length)
{
    FileId file;
    assert_int_equal(source_add(&f->text, "a.pole-ir", bytes, length, &file), SOURCE_OK);
    return source_file(&f->text, file);
}

/* ---- Places ---- */

/* What source_place has to say, found the slow and obvious way. */
static SourcePlace expected_place(const char *bytes, uint32_t length, uint32_t offset)
{
    SourcePlace place = {.line = 1, .column = 1};
    uint32_t start = 0;
    for (uint32_t i = 0; i < offset; i++) {
        bool crlf = bytes[i] == '\r' && i + 1 < length && bytes[i + 1] == '\n';
        if (bytes[i] == '\n' || (bytes[i] == '\r' && !crlf)) {
            place.line++;
            place.column = 1;
            start = i + 1;
        } else if (((unsigned char)bytes[i] & 0xC0) != 0x80) {
            place.column++;
        }
    }
    uint32_t end = start;
    while (end < length && bytes[end] != '\n' && bytes[end] != '\r')
        end++;
    place.line_start.at = start;
    place.line_length = end - start;
    return place;
}

static void check_place(Fixture *f, const SourceFile *file, const char *bytes, uint32_t offset)
{
    SourcePlace place = source_place(&f->text, (SourcePos){file->start.at + offset});
    SourcePlace expected = expected_place(bytes, file->length, offset);
    assert_ptr_equal(place.file, file);
    assert_int_equal(place.line, expected.line);
    assert_int_equal(place.column, expected.column);
    assert_int_equal(place.line_start.at, file->start.at + expected.line_start.at);
    assert_int_equal(place.line_length, expected.line_length);
}

static void test_places(void **state)
{
    static const char *const pieces[] = {"a", "\n", "\r\n", "\r", "\xC3\xBC", "\xF0\x9F\x8E\x89", " word ", "\t", "\n\n"};
    Fixture *f = *state;
    static char bytes[3][5000];
    const SourceFile *files[3];
    uint32_t random = 1;
    for (int k = 0; k < 3; k++) {
        uint32_t length = 0;
        while (length < sizeof bytes[k] - 8) {
            random = random * 1103515245 + 12345;
            const char *piece = pieces[(random >> 16) % (k == 2 ? 1 : 9)]; /* the third is one long line */
            memcpy(bytes[k] + length, piece, strlen(piece));
            length += (uint32_t)strlen(piece);
        }
        FileId file;
        source_add(&f->text, "a", bytes[k], length, &file);
    }
    for (uint32_t k = 0; k < 3; k++) {
        files[k] = source_file(&f->text, (FileId){k});
        assert_true(files[k]->length > 4 * 1024);
        check_place(f, files[k], bytes[k], files[k]->length); /* from the end on: nothing is known yet */
        for (uint32_t offset = 0; offset <= files[k]->length; offset += 1 + offset % 3)
            check_place(f, files[k], bytes[k], offset);
        for (uint32_t offset = files[k]->length; offset > 7; offset -= 7)
            check_place(f, files[k], bytes[k], offset);
    }
}

static void test_no_place(void **state)
{
    Fixture *f = *state;
    assert_null(source_place(&f->text, (SourcePos){0}).file);
    assert_null(source_file_of(&f->text, (SourcePos){0}));
    SourcePos words = source_add_words(&f->text, "words", 5);
    assert_null(source_place(&f->text, words).file);
    const SourceFile *empty = add(f, "", 0);
    SourcePlace place = source_place(&f->text, empty->start);
    assert_ptr_equal(place.file, empty);
    assert_int_equal(place.line, 1);
    assert_int_equal(place.column, 1);
    assert_int_equal(place.line_length, 0);
    const SourceFile *file = add(f, "ab\ncd", 5);
    place = source_place(&f->text, (SourcePos){file->start.at + 9}); /* in the padding: as at the end */
    assert_int_equal(place.line, 2);
    assert_int_equal(place.column, 3);
}

static void test_files(void **state)
{
    Fixture *f = *state;
    add(f, "one", 3);
    add(f, "\xEF\xBB\xBFtwo", 6);
    add(f, "", 0);
    add(f, "four", 4);
    const SourceFile *one = source_file(&f->text, (FileId){0}), *two = source_file(&f->text, (FileId){1});
    const SourceFile *four = source_file(&f->text, (FileId){3});
    assert_int_equal(two->length, 3); /* the byte order mark does not count */
    assert_memory_equal(source_at(&f->text, two->start), "two", 4);
    assert_memory_equal(source_at(&f->text, four->start), "four", 5);
    assert_ptr_equal(source_file_of(&f->text, (SourcePos){one->start.at + 3}), one);
    assert_ptr_equal(source_file_of(&f->text, (SourcePos){two->start.at}), two);
    assert_ptr_equal(source_file_of(&f->text, (SourcePos){four->start.at + 4}), four);
}

/* ---- Loading ---- */

static struct {
    const ssize_t *results; /* what the next calls return, -errno for a failure; NULL: the system reads */
} reading;

/* In place of the C library's. */
ssize_t read(int descriptor, void *bytes, size_t size)
{
    if (reading.results == NULL)
        return syscall(SYS_read, descriptor, bytes, size);
    ssize_t result = *reading.results++;
    if (result < 0) {
        errno = (int)-result;
        return -1;
    }
    assert_true((size_t)result <= size);
    memset(bytes, 'r', (size_t)result);
    return result;
}

static void check_read(Fixture *f, const char *path, const ssize_t *results, SourceStatus status, uint32_t length)
{
    FileId file;
    size_t before = f->text.text->count;
    reading.results = results;
    assert_int_equal(source_load(&f->text, path, path, &file), status);
    reading.results = NULL;
    if (status != SOURCE_OK) {
        assert_int_equal(errno, EIO);
        assert_int_equal(f->text.text->count, before);
        return;
    }
    assert_int_equal(source_file(&f->text, file)->length, length);
    assert_int_equal(f->text.text->count, before + length + SOURCE_PADDING);
    assert_int_equal(*source_at(&f->text, source_file(&f->text, file)->start), 'r');
}

/* A read may be interrupted, bring less than was asked for, or fail in the middle; a file may grow and shrink meanwhile. */
static void test_reading(void **state)
{
    Fixture *f = *state;
    char path[] = "/tmp/polec-test-XXXXXX";
    int descriptor = mkstemp(path);
    assert_int_equal(ftruncate(descriptor, 1000), 0);
    check_read(f, path, (const ssize_t[]){-EINTR, 400, -EINTR, 600, -EINTR, 0}, SOURCE_OK, 1000);
    check_read(f, path, (const ssize_t[]){400, 0, 0}, SOURCE_OK, 400);
    check_read(f, path, (const ssize_t[]){1000, 16384, 7, 0}, SOURCE_OK, 17391);
    check_read(f, path, (const ssize_t[]){400, -EIO}, SOURCE_UNREADABLE, 0);
    check_read(f, path, (const ssize_t[]){1000, 5, -EIO}, SOURCE_UNREADABLE, 0);
    assert_int_equal(ftruncate(descriptor, 0), 0);
    check_read(f, path, (const ssize_t[]){3, 0}, SOURCE_OK, 3);
    close(descriptor);
    unlink(path);
}

static void test_standard_input(void **state)
{
    Fixture *f = *state;
    FileId file;
    int before = dup(STDIN_FILENO), ends[2];
    assert_int_equal(pipe(ends), 0);
    assert_int_equal(write(ends[1], "piped", 5), 5);
    close(ends[1]);
    dup2(ends[0], STDIN_FILENO);
    close(ends[0]);
    assert_int_equal(source_load(&f->text, "-", "<stdin>", &file), SOURCE_OK);
    assert_string_equal(source_file(&f->text, file)->opened_path, "<stdin>");
    assert_string_equal(source_at(&f->text, source_file(&f->text, file)->start), "piped");
    close(STDIN_FILENO);
    assert_int_equal(source_load(&f->text, "-", "<stdin>", &file), SOURCE_UNREADABLE);
    assert_int_equal(errno, EBADF);
    dup2(before, STDIN_FILENO);
    close(before);
}

/* All text together is counted in 32 bits; what would not fit is refused before it is looked at. */
static void test_too_large(void **state)
{
    Fixture *f = *state;
    FileId file;
    add(f, "text", 4);
    assert_int_equal(source_add(&f->text, "a", "", (size_t)1 << 32, &file), SOURCE_TOO_LARGE);
    assert_int_equal(source_change(&f->text, (FileId){0}, 2, "", (size_t)1 << 32), SOURCE_TOO_LARGE);
    size_t count = f->text.text->count;
    f->text.text->count = UINT32_MAX - 100; /* as if so much had been read */
    reading.results = (const ssize_t[]){1000};
    assert_int_equal(source_load(&f->text, "/dev/null", "a", &file), SOURCE_TOO_LARGE);
    reading.results = NULL;
    f->text.text->count = count;
    assert_int_equal(f->text.files->count, 1);
}

static void test_loading(void **state)
{
    Fixture *f = *state;
    char path[] = "/tmp/polec-test-XXXXXX";
    int descriptor = mkstemp(path);
    static char bytes[100000];
    memset(bytes, 'x', sizeof bytes);
    assert_int_equal(write(descriptor, bytes, sizeof bytes), sizeof bytes);
    close(descriptor);
    FileId file;
    assert_int_equal(source_load(&f->text, path, "shown", &file), SOURCE_OK);
    const SourceFile *loaded = source_file(&f->text, file);
    assert_string_equal(loaded->path, "shown");
    assert_string_equal(loaded->opened_path, path);
    assert_int_equal(loaded->length, sizeof bytes);
    assert_memory_equal(source_at(&f->text, loaded->start), bytes, sizeof bytes);
    assert_int_equal(source_at(&f->text, loaded->start)[sizeof bytes], 0);

    /* Five gigabytes are refused before anything is read. */
    assert_int_equal(truncate(path, (off_t)5 << 30), 0);
    size_t before = f->text.text->count;
    assert_int_equal(source_load(&f->text, path, path, &file), SOURCE_TOO_LARGE);
    assert_int_equal(f->text.text->count, before);
    unlink(path);

    assert_int_equal(source_load(&f->text, path, path, &file), SOURCE_UNREADABLE);
    assert_int_equal(errno, ENOENT);
    assert_int_equal(source_load(&f->text, "/tmp", "/tmp", &file), SOURCE_UNREADABLE);
    assert_int_equal(errno, EISDIR);
    assert_int_equal(source_load(&f->text, "/dev/null", "/dev/null", &file), SOURCE_OK);
    assert_int_equal(source_file(&f->text, file)->length, 0);
    assert_int_equal(f->text.files->count, 2);
}

static void test_imports(void **state)
{
    Fixture *f = *state;
    FileId file;
    assert_false(source_import(&f->text, (SourcePos){5}, &file));
    for (uint32_t i = 0; i < 100; i++)
        source_add_import(&f->text, (SourcePos){10 * i + 10}, (FileId){i});
    for (uint32_t i = 0; i < 100; i++) {
        assert_true(source_import(&f->text, (SourcePos){10 * i + 10}, &file));
        assert_int_equal(file.i, i);
        assert_false(source_import(&f->text, (SourcePos){10 * i + 11}, &file));
    }
}

/* ---- UTF-8 ---- */

static void encode(uint32_t c, unsigned length, unsigned char out[4])
{
    static const unsigned char lead[] = {0, 0, 0xC0, 0xE0, 0xF0};
    for (unsigned i = length; i-- > 1; c >>= 6)
        out[i] = 0x80 | (c & 0x3F);
    out[0] = (unsigned char)(length == 1 ? c : lead[length] | c);
}

/* Every code point in every length that can hold it: exactly the shortest form of exactly the legal ones is valid. */
static void test_utf8_code_points(void **state)
{
    (void)state;
    static const uint32_t first[] = {0, 0, 0x80, 0x800, 0x10000, 0x200000};
    for (unsigned length = 1; length <= 4; length++)
        for (uint32_t c = 0; c < (length == 1 ? 0x80 : first[length + 1]); c++) {
            unsigned char bytes[4];
            encode(c, length, bytes);
            bool legal = c >= first[length] && c <= 0x10FFFF && (c < 0xD800 || c > 0xDFFF);
            if ((utf8_valid_prefix((const char *)bytes, length) == length) != legal)
                fail_msg("U+%X in %u bytes", (unsigned)c, length);
            Utf8Character character = utf8_read((const char *)bytes, length);
            if (legal && (character.code_point != c || character.length != length))
                fail_msg("U+%X is read as U+%X", (unsigned)c, (unsigned)character.code_point);
            if (!legal && character.code_point != UTF8_INVALID)
                fail_msg("an illegal U+%X is read as U+%X", (unsigned)c, (unsigned)character.code_point);
        }
}

static void test_utf8_prefix(void **state)
{
    (void)state;
    char bytes[200];
    for (size_t at = 0; at < 150; at++) { /* behind every amount of ASCII */
        memset(bytes, 'a', sizeof bytes);
        assert_int_equal(utf8_valid_prefix(bytes, sizeof bytes), sizeof bytes);
        bytes[at] = '\x80';
        assert_int_equal(utf8_valid_prefix(bytes, sizeof bytes), at);
        memcpy(bytes + at, "\xF0\x9F\x8E\x89", 4);
        assert_int_equal(utf8_valid_prefix(bytes, sizeof bytes), sizeof bytes);
        for (size_t cut = 1; cut < 4; cut++)
            assert_int_equal(utf8_valid_prefix(bytes, at + cut), at);
        bytes[at + 4] = '\xFF';
        assert_int_equal(utf8_valid_prefix(bytes, sizeof bytes), at + 4);
    }
    assert_int_equal(utf8_valid_prefix("", 0), 0);
}

static void check_shown(const char *bytes, const char *expected, uint32_t columns)
{
    char shown[UTF8_SHOWN_SIZE];
    assert_int_equal(utf8_show(utf8_read(bytes, strlen(bytes) + (*bytes == 0)), bytes, shown), columns);
    assert_string_equal(shown, expected);
}

static void test_utf8_shown(void **state)
{
    (void)state;
    check_shown("a", "a", 1);
    check_shown("\xC3\xBC", "\xC3\xBC", 1);
    check_shown("\xF0\x9F\x8E\x89", "\xF0\x9F\x8E\x89", 1);
    check_shown("\n", "\\n", 2);
    check_shown("\t", "\\t", 2);
    check_shown("\r", "\\r", 2);
    check_shown("n", "n", 1);
    check_shown("", "\\x00", 4);
    check_shown("\x1b", "\\x1b", 4);
    check_shown("\x7F", "\\x7f", 4);
    check_shown("\xFF", "\\xff", 4);
    check_shown("\xC2\x9B", "\\u009b", 6);     /* a control sequence introducer in one character */
    check_shown("\xE2\x80\xAE", "\\u202e", 6); /* right-to-left override */
    check_shown("\xE2\x80\x8E", "\\u200e", 6); /* left-to-right mark */
    check_shown("\xE2\x80\x90", "\xE2\x80\x90", 1); /* a hyphen between two kinds of marks */
    check_shown("\xE2\x81\xA6", "\\u2066", 6); /* an isolate of a direction */
    check_shown("\xE2\x81\xAA", "\xE2\x81\xAA", 1);
    check_shown("\xD8\x9C", "\\u061c", 6);     /* Arabic letter mark */
    check_shown("\xEF\xBB\xBF", "\\ufeff", 6); /* byte order mark */
    check_shown("\xE2\x82(", "\\xe2", 4);      /* a character that breaks off */
}

/* ---- Changing ---- */

/* After every change the text, its places and the bytes in use are those of a text that has never been another. */
static void test_change(void **state)
{
    Fixture *f = *state;
    static char bytes[6000];
    for (size_t i = 0; i < sizeof bytes; i++)
        bytes[i] = "ab\n\xC3\xA9 \r\ncd\r"[i % 11];
    FileId file;
    assert_int_equal(source_add(&f->text, "a.pole-ir", bytes, sizeof bytes, &file), SOURCE_OK);
    size_t used = arena_used(&f->arena);
    uint32_t start = source_file(&f->text, file)->start.at;
    static const uint32_t offsets[] = {5999, 4096, 4097, 1024, 1023, 3000, 2048, 1, 0, 6000};
    for (size_t i = 0; i < sizeof offsets / sizeof *offsets; i++) {
        uint32_t offset = offsets[i];
        source_place(&f->text, (SourcePos){start + 6000}); /* every checkpoint is known */
        assert_int_equal(source_change(&f->text, file, offset, "\nx", 2), SOURCE_OK);
        assert_int_equal(source_file(&f->text, file)->length, offset + 2);
        SourcePlace place = source_place(&f->text, (SourcePos){start + offset + 1});
        char shorter[6002];
        memcpy(shorter, bytes, offset);
        memcpy(shorter + offset, "\nx", 2);
        SourcePlace expected = expected_place(shorter, offset + 2, offset + 1);
        assert_int_equal(place.line, expected.line);
        assert_int_equal(place.column, expected.column);
        assert_int_equal(source_change(&f->text, file, offset, bytes + offset, sizeof bytes - offset), SOURCE_OK);
        assert_int_equal(arena_used(&f->arena), used);
        assert_memory_equal(source_at(&f->text, (SourcePos){start}), bytes, sizeof bytes);
        assert_int_equal(source_at(&f->text, (SourcePos){start})[sizeof bytes], 0);
    }
}

static void test_hash(void **state)
{
    Fixture *f = *state;
    const SourceFile *file = add(f, "func f() -> Int : 1234567", 25);
    uint64_t hash = source_hash(&f->text);
    for (uint32_t i = 0; i < file->length; i++) {
        char changed[25];
        memcpy(changed, "func f() -> Int : 1234567", 25);
        changed[i] ^= 1;
        assert_int_equal(source_change(&f->text, (FileId){0}, 0, changed, 25), SOURCE_OK);
        assert_true(source_hash(&f->text) != hash);
    }
    assert_int_equal(source_change(&f->text, (FileId){0}, 0, "func f() -> Int : 1234567", 25), SOURCE_OK);
    assert_true(source_hash(&f->text) == hash);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_places, open_fixture, close_fixture),
        cmocka_unit_test_setup_teardown(test_no_place, open_fixture, close_fixture),
        cmocka_unit_test_setup_teardown(test_files, open_fixture, close_fixture),
        cmocka_unit_test_setup_teardown(test_loading, open_fixture, close_fixture),
        cmocka_unit_test_setup_teardown(test_reading, open_fixture, close_fixture),
        cmocka_unit_test_setup_teardown(test_standard_input, open_fixture, close_fixture),
        cmocka_unit_test_setup_teardown(test_too_large, open_fixture, close_fixture),
        cmocka_unit_test_setup_teardown(test_imports, open_fixture, close_fixture),
        cmocka_unit_test_setup_teardown(test_change, open_fixture, close_fixture),
        cmocka_unit_test_setup_teardown(test_hash, open_fixture, close_fixture),
        cmocka_unit_test(test_utf8_code_points),
        cmocka_unit_test(test_utf8_prefix),
        cmocka_unit_test(test_utf8_shown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
