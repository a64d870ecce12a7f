/*
 * All text of a compilation in one array, so that a position is one 32-bit number.
 *
 * A file is read straight to the end of the array: no buffer in between, no copy.  Sixteen NUL bytes follow it; the
 * first stops the lexer, the others let hashing and comparing read whole words.
 *
 * Lines and columns are wanted rarely, but then often many at a time (every run-time check of a program names its
 * place), and both a file of a million lines and one of a single long line must not make that quadratic.  So the place
 * of every 1024th byte is remembered, twelve bytes each, and a question scans at most 1024 bytes from the last such
 * checkpoint.  Room for them is set aside while loading; they are filled in, from the front, when somebody asks, so
 * that a compilation without questions never reads the text a second time, and asking never allocates.  A table of
 * all line starts was rejected: it is ten times larger and does not help with long lines.
 */
#define _POSIX_C_SOURCE 200809L /* open, read, fstat */

#include "base/source.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { CHECKPOINT_DISTANCE = 1024 };

/* State in front of one byte of a file. */
typedef struct {
    uint32_t line, column;  /* from 1 */
    uint32_t line_start;    /* position in the text */
} Checkpoint;

void source_open(SourceText *text, Arena *session_arena)
{
    text->arena = session_arena;
    text->text = arena_array(session_arena, "source text", sizeof(char));
    text->files = arena_array(session_arena, "source file", sizeof(SourceFile));
    text->checkpoints = arena_array(session_arena, "line checkpoint", sizeof(Checkpoint));
    text->imports = arena_array(session_arena, "import", sizeof(SourceImport));
    *(char *)array_push(text->text, 1) = 0;
}

/* ---- Loading ---- */

/* True if `n` more bytes can be counted in 32 bits. */
static bool fits(const SourceText *text, uint64_t n)
{
    return text->text->count + n + SOURCE_PADDING <= UINT32_MAX;
}

static const char *copy_path(SourceText *text, const char *path)
{
    arena_kind(text->arena, "path");
    return arena_copy(text->arena, path, strlen(path) + 1);
}

/* Makes a file of the bytes from `start` to the end of the array. */
static FileId finish_file(SourceText *text, size_t start, const char *opened_path, const char *shown_path)
{
    size_t length = text->text->count - start;
    memset(array_push(text->text, SOURCE_PADDING), 0, SOURCE_PADDING);
    if (length >= 3 && memcmp(text->text->items + start, "\xEF\xBB\xBF", 3) == 0) {
        start += 3;
        length -= 3;
    }

    SourceFile file = {.start = {(uint32_t)start}, .length = (uint32_t)length};
    file.path = copy_path(text, shown_path);
    file.opened_path = strcmp(opened_path, shown_path) == 0 ? file.path : copy_path(text, opened_path);
    file.first_checkpoint = (uint32_t)text->checkpoints->count;
    array_push(text->checkpoints, length / CHECKPOINT_DISTANCE);

    FileId id = {(uint32_t)text->files->count};
    *(SourceFile *)array_push(text->files, 1) = file;
    return id;
}

/* Reads up to `expected` bytes straight into the array. */
static bool read_expected(SourceText *text, int descriptor, size_t expected)
{
    size_t start = text->text->count, have = 0;
    array_push(text->text, expected);
    while (have < expected) {
        ssize_t n = read(descriptor, text->text->items + start + have, expected - have);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return false;
        if (n == 0)
            break;
        have += (size_t)n;
    }
    array_truncate(text->text, start + have);
    return true;
}

/* Reads what is left, or what comes from a pipe.  By way of a buffer, so that the array never asks for room that the
   text then does not need: the smallest sufficient memory limit would depend on it. */
static SourceStatus read_rest(SourceText *text, int descriptor)
{
    char buffer[16384];
    for (;;) {
        ssize_t n = read(descriptor, buffer, sizeof buffer);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return SOURCE_UNREADABLE;
        if (n == 0)
            return SOURCE_OK;
        if (!fits(text, (uint64_t)n))
            return SOURCE_TOO_LARGE;
        memcpy(array_push(text->text, (size_t)n), buffer, (size_t)n);
    }
}

static SourceStatus read_descriptor(SourceText *text, int descriptor)
{
    struct stat about;
    if (fstat(descriptor, &about) != 0)
        return SOURCE_UNREADABLE;
    if (S_ISDIR(about.st_mode)) {
        errno = EISDIR;
        return SOURCE_UNREADABLE;
    }
    if (S_ISREG(about.st_mode) && about.st_size > 0) {
        if (!fits(text, (uint64_t)about.st_size))
            return SOURCE_TOO_LARGE;
        if (!read_expected(text, descriptor, (size_t)about.st_size))
            return SOURCE_UNREADABLE;
    }
    return read_rest(text, descriptor);
}

SourceStatus source_load(SourceText *text, const char *path, const char *shown_path, FileId *file)
{
    bool standard_input = strcmp(path, "-") == 0;
    int descriptor = standard_input ? STDIN_FILENO : open(path, O_RDONLY | O_CLOEXEC);
    if (descriptor < 0)
        return SOURCE_UNREADABLE;

    size_t start = text->text->count;
    SourceStatus status = read_descriptor(text, descriptor);
    int reason = errno;
    if (!standard_input)
        close(descriptor);
    errno = reason;
    if (status != SOURCE_OK) {
        array_truncate(text->text, start);
        return status;
    }
    *file = finish_file(text, start, standard_input ? shown_path : path, shown_path);
    return SOURCE_OK;
}

SourceStatus source_add_opened(SourceText *text, const char *opened_path, const char *shown_path, const char *bytes,
                               size_t length, FileId *file)
{
    if (!fits(text, length))
        return SOURCE_TOO_LARGE;
    size_t start = text->text->count;
    if (length > 0)
        memcpy(array_push(text->text, length), bytes, length);
    *file = finish_file(text, start, opened_path, shown_path);
    return SOURCE_OK;
}

SourceStatus source_add(SourceText *text, const char *shown_path, const char *bytes, size_t length, FileId *file)
{
    return source_add_opened(text, shown_path, shown_path, bytes, length, file);
}

/* Checkpoint n tells of byte 1024 n, and whether a CR there ends a line depends on the byte behind it. */
static uint32_t checkpoints_before(uint32_t offset)
{
    return offset == 0 ? 0 : (offset - 1) / CHECKPOINT_DISTANCE;
}

SourceStatus source_change(SourceText *text, FileId id, uint32_t offset, const char *bytes, size_t length)
{
    SourceFile *file = (SourceFile *)text->files->items + id.i;
    assert(id.i + 1 == text->files->count && offset <= file->length);
    array_truncate(text->text, file->start.at + offset);
    if (!fits(text, length))
        return SOURCE_TOO_LARGE;
    if (length > 0)
        memcpy(array_push(text->text, length), bytes, length);
    memset(array_push(text->text, SOURCE_PADDING), 0, SOURCE_PADDING);

    file->length = offset + (uint32_t)length;
    if (file->known_checkpoints > checkpoints_before(offset))
        file->known_checkpoints = checkpoints_before(offset);
    uint32_t n_checkpoints = file->length / CHECKPOINT_DISTANCE;
    array_truncate(text->checkpoints, file->first_checkpoint + file->known_checkpoints);
    array_push(text->checkpoints, n_checkpoints - file->known_checkpoints);
    return SOURCE_OK;
}

SourcePos source_add_words(SourceText *text, const char *bytes, size_t length)
{
    SourcePos start = {(uint32_t)text->text->count};
    memcpy(array_push(text->text, length), bytes, length);
    memset(array_push(text->text, SOURCE_PADDING), 0, SOURCE_PADDING);
    return start;
}

/* ---- Looking up ---- */

const SourceFile *source_file(const SourceText *text, FileId id)
{
    return (const SourceFile *)text->files->items + id.i;
}

/* The last file that starts at or before `pos`, or NULL. */
static SourceFile *file_of(const SourceText *text, SourcePos pos)
{
    SourceFile *files = (SourceFile *)text->files->items;
    size_t low = 0, high = text->files->count; /* the answer is in front of `high` and not in front of `low` */
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (files[middle].start.at <= pos.at)
            low = middle + 1;
        else
            high = middle;
    }
    return low == 0 ? NULL : &files[low - 1];
}

const SourceFile *source_file_of(const SourceText *text, SourcePos pos)
{
    return pos.at == 0 ? NULL : file_of(text, pos);
}

/* Advances `point` over the bytes from position `from` up to `to`.  A CR in front of a LF does not end the line, the LF
   does; the byte behind a file is NUL, so looking one ahead is safe. */
static void scan_places(const SourceText *text, Checkpoint *point, uint32_t from, uint32_t to)
{
    const char *bytes = text->text->items;
    for (uint32_t at = from; at < to; at++) {
        char c = bytes[at];
        if (c == '\n' || (c == '\r' && bytes[at + 1] != '\n')) {
            point->line++;
            point->column = 1;
            point->line_start = at + 1;
        } else if (((unsigned char)c & 0xC0) != 0x80) {
            point->column++; /* not a continuation byte, so it begins a code point */
        }
    }
}

/* The state in front of the file's block number `block`, of which checkpoints 1, 2 ... are stored. */
static Checkpoint checkpoint(const SourceText *text, SourceFile *file, uint32_t block)
{
    Checkpoint *stored = (Checkpoint *)text->checkpoints->items + file->first_checkpoint;
    Checkpoint point = {.line = 1, .column = 1, .line_start = file->start.at};
    uint32_t known = file->known_checkpoints < block ? file->known_checkpoints : block;
    if (known > 0)
        point = stored[known - 1];
    for (; known < block; known++) {
        uint32_t from = file->start.at + known * CHECKPOINT_DISTANCE;
        scan_places(text, &point, from, from + CHECKPOINT_DISTANCE);
        stored[known] = point;
        file->known_checkpoints = known + 1;
    }
    return point;
}

/* Where the line ends that contains `pos`.  Blocks at whose end the line number is still the same are passed over.
   `pos` may lie between the two bytes of a CRLF. */
static uint32_t line_end(const SourceText *text, SourceFile *file, uint32_t pos, uint32_t line)
{
    uint32_t end = file->start.at + file->length;
    uint32_t block = (pos - file->start.at) / CHECKPOINT_DISTANCE;
    while (block < file->length / CHECKPOINT_DISTANCE && checkpoint(text, file, block + 1).line == line) {
        block++;
        pos = file->start.at + block * CHECKPOINT_DISTANCE;
    }
    const char *bytes = text->text->items;
    while (pos < end && bytes[pos] != '\n' && bytes[pos] != '\r')
        pos++;
    return bytes[pos] == '\n' && bytes[pos - 1] == '\r' ? pos - 1 : pos;
}

SourcePlace source_place(const SourceText *text, SourcePos pos)
{
    SourceFile *file = pos.at == 0 ? NULL : file_of(text, pos);
    if (file == NULL)
        return (SourcePlace){.file = NULL};
    uint32_t offset = pos.at - file->start.at;
    if (offset > file->length)
        offset = file->length;

    uint32_t block = offset / CHECKPOINT_DISTANCE;
    Checkpoint point = checkpoint(text, file, block);
    scan_places(text, &point, file->start.at + block * CHECKPOINT_DISTANCE, file->start.at + offset);

    uint32_t end = line_end(text, file, file->start.at + offset, point.line);
    assert(end >= point.line_start);
    return (SourcePlace){
        .file = file, .line = point.line, .column = point.column,
        .line_start = {point.line_start}, .line_length = end - point.line_start,
    };
}

uint64_t source_hash(const SourceText *text)
{
    const char *bytes = text->text->items;
    size_t n = text->text->count, at = 0;
    uint64_t hashes[2] = {n, ~n}, words[2];
    for (; n - at >= sizeof words; at += sizeof words) { /* two that do not wait for each other */
        memcpy(words, bytes + at, sizeof words);
        for (int i = 0; i < 2; i++) {
            hashes[i] = (hashes[i] ^ words[i]) * 0x9E3779B97F4A7C15u;
            hashes[i] ^= hashes[i] >> 29;
        }
    }
    memset(words, 0, sizeof words);
    memcpy(words, bytes + at, n - at);
    return ((hashes[0] ^ words[0]) * 0xD6E8FEB86659FD93u) ^ ((hashes[1] ^ words[1]) * 0xC2B2AE3D27D4EB4Fu);
}

/* ---- Imports ---- */

void source_add_import(SourceText *text, SourcePos path, FileId file)
{
    *(SourceImport *)array_push(text->imports, 1) = (SourceImport){path, file};
}

bool source_import(const SourceText *text, SourcePos path, FileId *file)
{
    const SourceImport *imports = (const SourceImport *)text->imports->items;
    size_t low = 0, high = text->imports->count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (imports[middle].path.at < path.at)
            low = middle + 1;
        else
            high = middle;
    }
    if (low == text->imports->count || imports[low].path.at != path.at)
        return false;
    *file = imports[low].file;
    return true;
}
