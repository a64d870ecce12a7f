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

/* So many NUL bytes follow every text: whoever reads eight or sixteen bytes at a time may read past its end. */
enum { SOURCE_PADDING = 16 };

typedef struct {
    const char *path;        /* as given on the command line, after -ffile-prefix-map; shown in messages */
    const char *opened_path; /* what was opened: imports are looked for beside it; of a text from memory: `path` */
    SourcePos start;         /* first byte, behind a byte order mark */
    uint32_t length;         /* bytes, without the final NUL */
    uint32_t first_checkpoint, known_checkpoints; /* into SourceText.checkpoints; how many are filled in */
} SourceFile;

/* What `import` at a place of the text led to: found by source_import. */
typedef struct {
    SourcePos path;         /* first identifier behind `import` */
    FileId file;
} SourceImport;

typedef struct {
    ArenaArray *text;       /* char; byte 0 is unused so that position 0 can mean "nowhere" */
    ArenaArray *files;      /* SourceFile, in the order of loading; ascending by start */
    ArenaArray *checkpoints; /* line and column at every 1024th byte of a file, filled in when first asked for */
    ArenaArray *imports;    /* SourceImport, ascending by path */
    Arena *arena;           /* the session's: paths are copied there */
} SourceText;

typedef enum { SOURCE_OK, SOURCE_UNREADABLE, SOURCE_TOO_LARGE } SourceStatus;

void source_open(SourceText *text, Arena *session_arena);

/* Reads a whole file ("-": standard input) to the end of the array.  `shown_path` is what messages call it.  On
   SOURCE_UNREADABLE errno says why (EISDIR for a directory).  All files together must stay below 4 GiB. */
SourceStatus source_load(SourceText *text, const char *path, const char *shown_path, FileId *file);

/* The same from memory (the library's way in). */
SourceStatus source_add(SourceText *text, const char *shown_path, const char *bytes, size_t length, FileId *file);

/* The same for a file of which somebody else knows the bytes: imports are looked for beside `opened_path`. */
SourceStatus source_add_opened(SourceText *text, const char *opened_path, const char *shown_path, const char *bytes,
                               size_t length, FileId *file);

/* From byte `offset` of the file on (behind a byte order mark), which must be the last one that is known, it now
   reads `bytes`; text behind it is gone.  What is known of lines in front of the change stays known. */
SourceStatus source_change(SourceText *text, FileId id, uint32_t offset, const char *bytes, size_t length);

/* Text that belongs to no file and is followed by other text: the names that the compiler knows. */
SourcePos source_add_words(SourceText *text, const char *bytes, size_t length);

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

/* Of the whole text: differs, as good as certainly, between two texts. */
uint64_t source_hash(const SourceText *text);

/* Remembers, and tells, which file the import whose path starts at `path` means.  To be added in ascending order;
   false if that import led to no file. */
void source_add_import(SourceText *text, SourcePos path, FileId file);
bool source_import(const SourceText *text, SourcePos path, FileId *file);

/* Offset of the first byte that is not part of well-formed UTF-8 (no surrogates, no overlong forms), or `length`. */
size_t utf8_valid_prefix(const char *text, size_t length);

#endif
