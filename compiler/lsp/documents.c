#include "lsp/documents.h"

#include <limits.h>
#include <string.h>

#include "lsp/uri.h"

void documents_open(Documents *d, const Options *options, ArenaAccount *account)
{
    *d = (Documents){.options = options, .account = account};
    arena_open(&d->arena, account, "documents");
}

/* ---- Checkers ---------------------------------------------------------------------------------------------------- */

static void end_checker(Checker *checker)
{
    if (checker == NULL)
        return;
    recheck_close(&checker->recheck);
    pool_trim(checker->pool);
    checker->document->checker = NULL;
    checker->document = NULL;
}

static bool open_pool(Checker *checker)
{
    if (checker->pool == NULL)
        checker->pool = pool_open(&(PoolOptions){.mode = POOL_RECYCLE});
    return checker->pool != NULL;
}

/* One that is free, or the one that has not been used for the longest time. */
static Checker *choose_checker(Documents *d)
{
    Checker *chosen = &d->checkers[0];
    for (size_t i = 0; i < MAX_CHECKERS; i++) {
        Checker *checker = &d->checkers[i];
        if (checker->document == NULL && open_pool(checker))
            return checker;
        if (checker->used_at < chosen->used_at)
            chosen = checker;
    }
    return chosen;
}

/* What is open counts, saved or not.  Files are known by their path: one that is reached by a link is read as it is saved. */
static bool unsaved_text(void *context, const char *path, const char **bytes, size_t *length)
{
    const Document *document = document_of_path(context, path);
    if (document == NULL)
        return false;
    *length = document->text->count;
    *bytes = *length > 0 ? document->text->items : "";
    return true;
}

static Checker *checker_of(Documents *d, Document *document)
{
    if (document->checker != NULL)
        return document->checker;
    Checker *checker = choose_checker(d);
    if (checker->document != NULL)
        end_checker(checker);
    checker->document = document;
    document->checker = checker;
    document->changed = true;
    recheck_open(&checker->recheck, d->options, checker->pool, document->path);
    checker->recheck.unsaved = unsaved_text;
    checker->recheck.unsaved_context = d;
    return checker;
}

/* FNV-1a */
static uint64_t hash_of_path(const char *path)
{
    uint64_t hash = 0xCBF29CE484222325u;
    for (; *path != '\0'; path++)
        hash = (hash ^ (unsigned char)*path) * 0x100000001B3u;
    return hash;
}

static void note_imports(Document *document, const Recheck *r)
{
    const SourceText *text = &r->session.text;
    array_truncate(document->imports, 0);
    for (uint32_t i = 1; !r->exhausted && !r->too_large && i < text->files->count; i++)
        *(uint64_t *)array_push(document->imports, 1) = hash_of_path(source_file(text, (FileId){i})->opened_path);
}

void document_affects(const Documents *d, const Document *document)
{
    uint64_t hash = hash_of_path(document->path);
    for (Document *other = d->open; other != NULL; other = other->next) {
        const uint64_t *imports = (const uint64_t *)(const void *)other->imports->items;
        for (size_t i = 0; i < other->imports->count; i++)
            if (imports[i] == hash)
                other->changed = other->to_publish = true;
    }
}

const Recheck *document_check(Documents *d, Document *document, bool with_uses)
{
    Checker *checker = checker_of(d, document);
    checker->used_at = ++d->clock;
    if (document->changed || (with_uses && !checker->recheck.has_uses)) {
        checker->recheck.record_uses = with_uses;
        size_t length = document->text->count;
        recheck(&checker->recheck, length > 0 ? document->text->items : "", length);
        note_imports(document, &checker->recheck);
        document->published &= checker->recheck.unchanged;
        document->changed = false;
    }
    return &checker->recheck;
}

/* ---- Documents --------------------------------------------------------------------------------------------------- */

Document *document_find(const Documents *d, const char *uri)
{
    for (Document *document = d->open; document != NULL; document = document->next)
        if (uri != NULL && strcmp(document->uri, uri) == 0)
            return document;
    return NULL;
}

Document *document_of_path(const Documents *d, const char *path)
{
    for (Document *document = d->open; document != NULL; document = document->next)
        if (strcmp(document->path, path) == 0)
            return document;
    return NULL;
}

static Document *new_document(Documents *d)
{
    Document *document = d->closed;
    if (document != NULL)
        d->closed = document->next;
    else
        document = arena_push(&d->arena, sizeof *document);
    memset(document, 0, sizeof *document);
    document->next = d->open;
    d->open = document;
    d->n_open++;
    return document;
}

static Document *open_new(Documents *d, const char *uri)
{
    char path[PATH_MAX];
    if (d->n_open == MAX_DOCUMENTS)
        return NULL;
    Document *document = new_document(d);
    arena_open(&document->arena, d->account, "document");
    document->text = arena_array(&document->arena, "text", sizeof(char));
    document->imports = arena_array(&document->arena, "import", sizeof(uint64_t));
    document->uri = arena_copy(&document->arena, uri, strlen(uri) + 1);
    document->path = document->uri;
    if (uri_to_path(uri, path, sizeof path))
        document->path = arena_copy(&document->arena, path, strlen(path) + 1);
    return document;
}

Document *document_open(Documents *d, const char *uri, const char *text, size_t length)
{
    Document *document = document_find(d, uri);
    if (document == NULL)
        document = open_new(d, uri);
    if (document != NULL)
        document_replace(document, 0, document->text->count, text, length);
    return document;
}

void document_close(Documents *d, Document *document)
{
    Document **link = &d->open;
    while (*link != document)
        link = &(*link)->next;
    *link = document->next;
    end_checker(document->checker);
    arena_free(&document->arena);
    document->next = d->closed;
    d->closed = document;
    d->n_open--;
}

void document_replace(Document *document, size_t start, size_t end, const char *text, size_t length)
{
    ArenaArray *array = document->text;
    size_t before = array->count, rest = before - end;
    document->changed = document->to_publish = true;
    if (end < start || (end == start && length == 0))
        return;
    if (length > end - start)
        array_push(array, length - (end - start));
    memmove(array->items + start + length, array->items + end, rest);
    memcpy(array->items + start, text, length);
    array_truncate(array, start + length + rest);
}

/* In front of a text lie names or padding, which are no byte order mark. */
static uint32_t text_start(const SourceText *text)
{
    SourcePos start = source_file(text, (FileId){0})->start;
    return start.at > 3 && memcmp(source_at(text, start) - 3, "\xEF\xBB\xBF", 3) == 0 ? start.at - 3 : start.at;
}

size_t document_offset(const SourceText *text, SourcePos pos)
{
    return pos.at - text_start(text);
}

SourcePos document_pos(const SourceText *text, size_t offset)
{
    return (SourcePos){text_start(text) + (uint32_t)offset};
}

void documents_close(Documents *d)
{
    while (d->open != NULL)
        document_close(d, d->open);
    for (size_t i = 0; i < MAX_CHECKERS; i++)
        if (d->checkers[i].pool != NULL)
            pool_close(d->checkers[i].pool);
    arena_free(&d->arena);
}
