/*
 * What the files of the language server share.
 *
 *   server.c       the life of the server: batches of messages, who answers them
 *   transport.c    messages in and out
 *   documents.c    open texts, and what is known of them
 *   positions.c    lines and characters;  uri.c: paths
 *   publish.c      diagnostics and quick fixes
 *   names.c        what is asked of a name: hover, definition, references
 *   symbols.c      the outline of a document;  token_list.c: from where to where a declaration reaches
 */
#ifndef POLEC_LSP_SERVER_H
#define POLEC_LSP_SERVER_H

#include "lsp/documents.h"
#include "lsp/transport.h"

/* JSON-RPC and the protocol */
typedef enum {
    ERROR_PARSE = -32700, ERROR_INVALID_REQUEST = -32600, ERROR_METHOD_NOT_FOUND = -32601, ERROR_INVALID_PARAMS = -32602,
    ERROR_NOT_INITIALIZED = -32002, ERROR_CANCELLED = -32800,
} ErrorCode;

typedef enum { SERVER_NEW, SERVER_RUNNING, SERVER_SHUT_DOWN } ServerState;

typedef struct {
    Options options;          /* of every check */
    Transport transport;
    Documents documents;
    ServerState state;
    bool exiting;
    int64_t parent;           /* process that started the server; 0: unknown */

    /* what the client can do */
    PositionUnits units;
    bool related_information; /* in diagnostics */
    bool literal_actions;     /* code actions that are no commands */
    bool document_changes;    /* edits that name a version */
    bool markdown_hover;
    bool nested_symbols;
    bool watches_files;       /* and can be asked to */
} Server;

/* A response: begin, write the result, end.  `id` is the request's. */
FILE *response_begin(Server *s, const json_t *id);
void response_end(Server *s);
void respond_error(Server *s, const json_t *id, ErrorCode code, const char *message);

/* A notification: begin, write the parameters, response_end(). */
FILE *notification_begin(Server *s, const char *method);

/* ---- publish.c ---- */
void write_uri_of(const Server *s, FILE *out, const SourceText *text, SourcePos pos); /* of the file; with quotes */
void publish(Server *s, Document *document);             /* if it has anything new */
void publish_nothing(Server *s, const Document *document); /* it is going to be closed */
void answer_code_action(Server *s, Document *document, const json_t *id, const json_t *params);

/* ---- names.c, symbols.c ---- */
void answer_hover(Server *s, Document *document, const json_t *id, const json_t *params);
void answer_definition(Server *s, Document *document, const json_t *id, const json_t *params);
void answer_references(Server *s, Document *document, const json_t *id, const json_t *params);
void answer_highlight(Server *s, Document *document, const json_t *id, const json_t *params);
void answer_symbols(Server *s, Document *document, const json_t *id, const json_t *params);

#endif
