/*
 * SourceText: the text of every file of one compilation, one after the other in one contiguous array.
 *
 * A SourcePos is a byte offset into that array, so four bytes say which file, line and column.  Names and literals are
 * not copied either: they are read from here.  Each file is followed by a NUL byte, which is what stops the lexer.
 *
 * Memory: the session arena.  Lines and columns are computed only when somebody asks.
 */
#ifndef POLEC_BASE_SOURCE_H
#define POLEC_BASE_SOURCE_H

#include "base/arena.h"

typedef struct { uint32_t at; } SourcePos;             /* byte offset into SourceText; 0 is "nowhere" */
typedef struct { SourcePos start, end; } SourceSpan;   /* bytes start.at up to, not including, end.at */
typedef struct { uint32_t i; } FileId;

typedef struct {
    const char *path;       /* as given on the command line, after -ffile-prefix-map; shown in messages */
    SourcePos start;        /* first byte, behind a byte order mark */
    uint32_t length;        /* bytes, without the final NUL */
} SourceFile;

typedef struct {
    ArenaArray *text;       /* char; byte 0 is unused so that position 0 can mean "nowhere" */
    ArenaArray *files;      /* SourceFile, in the order of loading; ascending by start */
    Arena *arena;           /* the session's: paths are copied there */
} SourceText;

typedef enum { SOURCE_OK, SOURCE_UNREADABLE, SOURCE_TOO_LARGE } SourceStatus;

void source_open(SourceText *text, Arena *session_arena);

/* Reads a whole file ("-": standard input) to the end of the array.  `shown_path` is what messages call it.  On
   SOURCE_UNREADABLE errno says why (EISDIR for a directory).  All files together must stay below 4 GiB. */
SourceStatus source_load(SourceText *text, const char *path, const char *shown_path, FileId *file);

/* The same from memory (the library's way in). */
SourceStatus source_add(SourceText *text, const char *shown_path, const char *bytes, size_t length, FileId *file);

static inline const char *source_at(const SourceText *text, SourcePos pos) { return text->text->items + pos.at; }
const SourceFile *source_file(const SourceText *text, FileId id);
const SourceFile *source_file_of(const SourceText *text, SourcePos pos); /* NULL for position 0 */

typedef struct {
    const SourceFile *file;
    uint32_t line;          /* from 1 */
    uint32_t column;        /* from 1, in code points */
    SourcePos line_start;
    uint32_t line_length;   /* bytes, without the line end (LF, CRLF or CR) */
} SourcePlace;
SourcePlace source_place(const SourceText *text, SourcePos pos);

/* Offset of the first byte that is not part of well-formed UTF-8 (no surrogates, no overlong forms), or `length`. */
size_t utf8_valid_prefix(const char *bytes, size_t length);

#endif
