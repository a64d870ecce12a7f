/*
 * Following imports.
 *
 * The lexer alone decides which files belong to a compilation, so that from here on all text is known: after a file
 * has been cut into tokens, `import` is looked for among them (most files have none, and one memchr over the kinds
 * says so), and the files meant are loaded and wait for their turn.  A file is known by its device and inode, not by
 * its path: however often and by whatever way it is imported, it is read once, and cycles end by themselves.
 *
 * `import` is also a legal label.  A declaration is recognised by what stands around it: no `.` or `@` before it, an
 * identifier behind it.  The parser reports whatever else is wrong with it.
 */
#define _POSIX_C_SOURCE 200809L /* stat */

#include "lexer/imports.h"

#include <errno.h>
#include <limits.h>
#include <string.h>
#include <sys/stat.h>

typedef struct { uint64_t device, inode; } FileIdentity;

/* One import declaration. */
typedef struct {
    SourceSpan span;      /* of a.b.c */
    char path[PATH_MAX];  /* a/b/c */
    size_t length;        /* of that; PATH_MAX or more if it is too long to be a path */
} Import;

enum { FIRST_SLOTS = 16 };

Imports imports_open(Arena *arena, Session *session, FileId first_file)
{
    Imports imports = {
        .session = session,
        .files = arena_array(arena, "token file", sizeof(TokenFile)),
        .identities = arena_array(arena, "import identity", sizeof(FileIdentity)),
        .slots = arena_array(arena, "import slot", sizeof(uint32_t)),
    };
    *(TokenFile *)array_push(imports.files, 1) = (TokenFile){.file = first_file};
    return imports;
}

/* ORDER ARRAYS: behind the four of the lexer. */
Imports imports_reopen(Arena *arena, Session *session)
{
    return (Imports){.session = session, .files = &arena->arrays[4], .identities = &arena->arrays[5],
                     .slots = &arena->arrays[6]};
}

/* ---- Files by identity ---- */

/* False, and errno says why, if there is no such file. */
static bool identify(const char *path, FileIdentity *identity)
{
    struct stat about;
    if (stat(path, &about) != 0)
        return false;
    *identity = (FileIdentity){(uint64_t)about.st_dev, (uint64_t)about.st_ino};
    return true;
}

/* The slot of the file, or the free one where it belongs. */
static uint32_t *find_slot(const Imports *imports, FileIdentity wanted)
{
    const FileIdentity *known = (const FileIdentity *)(const void *)imports->identities->items;
    uint32_t *slots = (uint32_t *)(void *)imports->slots->items;
    size_t mask = imports->slots->count - 1;
    size_t at = (wanted.inode * 31 + wanted.device) & mask; /* inodes are numbered nearly in order */
    while (slots[at] != 0 && memcmp(&known[slots[at] - 1], &wanted, sizeof wanted) != 0)
        at = (at + 1) & mask;
    return &slots[at];
}

static void grow_slots(Imports *imports)
{
    array_push(imports->slots, imports->slots->count == 0 ? FIRST_SLOTS : imports->slots->count);
    memset(imports->slots->items, 0, imports->slots->count * sizeof(uint32_t));
    const FileIdentity *known = (const FileIdentity *)(const void *)imports->identities->items;
    for (uint32_t i = 0; i < imports->identities->count; i++)
        *find_slot(imports, known[i]) = i + 1;
}

/* Tells as what the file that was added last is to be known. */
static void add_identity(Imports *imports, FileIdentity identity)
{
    if (2 * (imports->identities->count + 1) > imports->slots->count)
        grow_slots(imports);
    *(FileIdentity *)array_push(imports->identities, 1) = identity;
    *find_slot(imports, identity) = (uint32_t)imports->identities->count;
}

static void add_first_identity(Imports *imports)
{
    const TokenFile *first = (const TokenFile *)(const void *)imports->files->items;
    FileIdentity identity = {0, 0}; /* a text from memory or standard input is no file that could be imported */
    identify(source_file(&imports->session->text, first->file)->opened_path, &identity);
    add_identity(imports, identity);
}

/* ---- Finding the file ---- */

/* Joins DIRECTORY/PATH.pole-ir; false if that is too long to be a path. */
static bool join_path(char joined[PATH_MAX], const char *directory, size_t directory_length, const Import *import)
{
    static const char extension[] = ".pole-ir";
    if (directory_length + 1 + import->length + sizeof extension > PATH_MAX)
        return false;
    char *end = joined;
    memcpy(end, directory, directory_length);
    end += directory_length;
    if (directory_length > 0 && end[-1] != '/')
        *end++ = '/';
    memcpy(end, import->path, import->length);
    memcpy(end + import->length, extension, sizeof extension);
    return true;
}

static SourceStatus load_text(Session *session, const char *path, FileId *file)
{
    const char *shown = session_shown_path(session, path), *bytes;
    size_t length;
    if (session->unsaved != NULL && session->unsaved(session->unsaved_context, path, &bytes, &length))
        return source_add_opened(&session->text, path, shown, bytes, length, file);
    return source_load(&session->text, path, shown, file);
}

/* Loads a file that is not known yet.  On failure errno says why; EFBIG: there is too much text. */
static bool load(Imports *imports, const char *path, FileIdentity identity, FileId *file)
{
    Session *session = imports->session;
    SourceStatus status = load_text(session, path, file);
    if (status == SOURCE_TOO_LARGE)
        errno = EFBIG;
    if (status != SOURCE_OK)
        return false;
    *(TokenFile *)array_push(imports->files, 1) = (TokenFile){.file = *file};
    add_identity(imports, identity);
    return true;
}

/* Looks for the file in one directory.  On failure errno says why. */
static bool try_directory(Imports *imports, const char *directory, size_t length, const Import *import, FileId *file)
{
    char path[PATH_MAX];
    FileIdentity identity;
    if (!join_path(path, directory, length, import)) {
        errno = ENAMETOOLONG;
        return false;
    }
    if (!identify(path, &identity))
        return false;
    uint32_t known = *find_slot(imports, identity);
    if (known == 0)
        return load(imports, path, identity, file);
    *file = ((const TokenFile *)(const void *)imports->files->items)[known - 1].file;
    return true;
}

static bool is_absent(int reason)
{
    return reason == ENOENT || reason == ENOTDIR || reason == ENAMETOOLONG;
}

/* Beside the importing file, then in each -I directory.  On failure errno says why. */
static bool find_file(Imports *imports, const char *importing_path, const Import *import, FileId *file)
{
    const Options *options = imports->session->options;
    const char *slash = strrchr(importing_path, '/');
    size_t length = slash == NULL ? 0 : (size_t)(slash + 1 - importing_path);
    bool found = try_directory(imports, importing_path, length, import, file);
    for (size_t i = 0; i < options->n_import_directories && !found && is_absent(errno); i++) {
        const char *directory = options->import_directories[i];
        found = try_directory(imports, directory, strlen(directory), import, file);
    }
    return found;
}

static void report_failure(Session *session, const Import *import, int reason)
{
    if (reason == EFBIG) {
        diagnose(&session->diagnostics, E008, import->span, "the source is too large: all files together exceed 4 GiB");
        return;
    }
    char shown[200];
    size_t length = import->length < sizeof shown ? import->length : sizeof shown;
    for (size_t i = 0; i < length; i++)
        shown[i] = import->path[i] == '/' ? '.' : import->path[i];
    Diagnostic *diagnostic =
        diagnose(&session->diagnostics, E108, import->span, "cannot find the file of import '%.*s%s'", (int)length,
                 shown, length < import->length ? "..." : "");
    if (!is_absent(reason))
        diagnostic_note(&session->diagnostics, diagnostic, "it cannot be read: %s", strerror(reason));
}

/* ---- Finding the declarations ---- */

/* Of what is too long the front is kept, for the message. */
static void append(Import *import, const char *bytes, size_t length)
{
    if (import->length < PATH_MAX) {
        size_t room = PATH_MAX - import->length;
        memcpy(import->path + import->length, bytes, length < room ? length : room);
    }
    import->length += length;
}

static void add_part(Import *import, const Names *names, const TokenCursor *cursor)
{
    NameId name = token_cursor_name(cursor);
    size_t length = name_length(names, name);
    if (import->length > 0)
        append(import, "/", 1);
    append(import, name_text(names, name), length);
    import->span.end.at = cursor->pos.at + (uint32_t)length;
}

/* Reads IDENT { "." IDENT } from the cursor on. */
static void read_import(Import *import, const Names *names, TokenCursor *cursor)
{
    import->length = 0;
    import->span.start = cursor->pos;
    add_part(import, names, cursor);
    while (token_cursor_peek(cursor) == TOKEN_DOT) {
        token_cursor_advance(cursor);
        if (token_cursor_peek(cursor) != TOKEN_IDENTIFIER)
            return;
        token_cursor_advance(cursor);
        add_part(import, names, cursor);
    }
}

static void follow(Imports *imports, const char *importing_path, const Import *import)
{
    Session *session = imports->session;
    session->working_at = import->span.start;
    if (imports->identities->count == 0)
        add_first_identity(imports);
    FileId file;
    if (find_file(imports, importing_path, import, &file))
        source_add_import(&session->text, import->span.start, file);
    else
        report_failure(session, import, errno);
}

void imports_follow(Imports *imports, const Tokens *tokens, uint32_t file_index, uint32_t first_name,
                    uint32_t first_long_gap)
{
    TokenId first = tokens->files[file_index].first;
    if (memchr(tokens->kinds + first.i, TOKEN_IMPORT, tokens->count - first.i) == NULL)
        return;

    const SourceFile *file = source_file(&imports->session->text, tokens->files[file_index].file);
    const char *importing_path = file->opened_path;
    TokenCursor cursor = {.tokens = *tokens, .index = first, .next_name = first_name, .next_long_gap = first_long_gap,
                          .pos = file->start};
    token_cursor_load(&cursor);
    TokenKind before = TOKEN_END;
    while (cursor.kind != TOKEN_END) {
        bool is_import = cursor.kind == TOKEN_IMPORT && before != TOKEN_DOT && before != TOKEN_AT &&
                         token_cursor_peek(&cursor) == TOKEN_IDENTIFIER;
        before = cursor.kind;
        token_cursor_advance(&cursor);
        if (is_import) {
            Import import;
            read_import(&import, &imports->session->names, &cursor);
            follow(imports, importing_path, &import);
        }
    }
}
