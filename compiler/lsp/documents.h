/*
 * Documents: the texts that the client has open, and what the compiler says of them.
 *
 * A document holds its text and no more.  What a check makes of it (tokens, tree, IR, and the marks from which the next
 * check goes on) is large and soon made anew, so it is there only for the few documents that were asked about last: a
 * checker goes from one to another.  So memory is bounded by the texts that are open and by MAX_CHECKERS times the largest.
 */
#ifndef POLEC_LSP_DOCUMENTS_H
#define POLEC_LSP_DOCUMENTS_H

#include <jansson.h>

#include "lsp/positions.h"
#include "recheck.h"

enum { MAX_CHECKERS = 4, MAX_DOCUMENTS = 1000 };

typedef struct Document Document;

/* A recheck with memory of its own. */
typedef struct {
    Pool *pool;           /* NULL: not in use */
    Document *document;   /* NULL: of none */
    Recheck recheck;
    uint64_t used_at;     /* the larger, the later */
} Checker;

struct Document {
    Document *next;
    Arena arena;          /* this document's: text, uri and path; freed when it is closed */
    ArenaArray *text;     /* char */
    ArenaArray *imports;  /* uint64_t: of each file that the last check has read, the hash of its path */
    const char *uri;      /* as the client writes it */
    const char *path;     /* of a URI that names no file, the URI itself */
    bool has_version;
    json_int_t version;
    bool changed;         /* since it was checked */
    bool to_publish;      /* its diagnostics, if they differ from what the client knows */
    bool published;       /* the client knows what was checked last */
    Checker *checker;     /* NULL: it has gone to another */
};

typedef struct {
    const Options *options;
    ArenaAccount *account;
    Arena arena;          /* Documents that have been used once: a closed one is used again */
    Document *open, *closed;
    uint32_t n_open;
    Checker checkers[MAX_CHECKERS];
    uint64_t clock;       /* of Checker.used_at */
} Documents;

void documents_open(Documents *d, const Options *options, ArenaAccount *account);
void documents_close(Documents *d);

Document *document_find(const Documents *d, const char *uri); /* NULL: none that is open */
Document *document_of_path(const Documents *d, const char *path);

/* The document, opened or with a new text; NULL if too many are open. */
Document *document_open(Documents *d, const char *uri, const char *text, size_t length);
void document_close(Documents *d, Document *document);

/* Replaces the bytes from `start` to `end`. */
void document_replace(Document *document, size_t start, size_t end, const char *text, size_t length);

/* The document has changed, or its file: those that import it are to be checked again. */
void document_affects(const Documents *d, const Document *document);

/* Checks the text unless that has been done; with_uses: so that the result has uses.  It is good until another document is
   checked. */
const Recheck *document_check(Documents *d, Document *document, bool with_uses);

/* A place in the document, in the text of its check, as a byte of its own text, which may begin with a byte order mark;
   and the other way round. */
size_t document_offset(const SourceText *text, SourcePos pos);
SourcePos document_pos(const SourceText *text, size_t offset);

#endif
