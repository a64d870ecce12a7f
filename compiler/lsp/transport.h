/*
 * Transport: messages of JSON-RPC over a stream, each behind a header that tells its length in bytes:
 *
 *     Content-Length: 46\r\n\r\n{"jsonrpc": "2.0", "id": 1, "method": "shutdown"}
 *
 * Messages come in batches: whatever is there when the server looks.  So the server sees a `$/cancelRequest` before it
 * has begun with the request, and ten changes of a text lead to one check.
 *
 * Nothing that a client sends stops the stream: what is no header is passed over until a header comes, what is no JSON
 * is handed on as such, and what is larger than MAX_MESSAGE is read and forgotten.
 */
#ifndef POLEC_LSP_TRANSPORT_H
#define POLEC_LSP_TRANSPORT_H

#include <jansson.h>
#include <stdio.h>
#include <sys/types.h>

#include "process.h"

enum { MAX_MESSAGE = 1 << 28 }; /* bytes */

typedef enum {
    INCOMING_JSON,
    INCOMING_NO_JSON,     /* a body that cannot be read */
    INCOMING_TOO_LARGE,
    INCOMING_NO_LENGTH,   /* headers without a Content-Length */
} IncomingKind;

typedef struct {
    IncomingKind kind;
    bool cancelled;       /* the server's note */
    json_t *json;         /* of INCOMING_JSON: an object or an array */
} Incoming;

typedef struct {
    int from, to;         /* descriptors */
    ArenaAccount *account;
    Arena input_arena, output_arena;
    ArenaArray *input;    /* char: read and not consumed yet, from `consumed` on */
    size_t consumed;
    bool in_headers;      /* lines of headers have been read, the empty one has not */
    bool has_length;
    size_t length;        /* of the body that is awaited */
    size_t to_skip;       /* bytes of a body that is too large */
    bool in_long_line;    /* the front of a line has been thrown away */
    bool ended;           /* the client has closed the stream */
    bool broken;          /* an answer could not be written: errno said why */
    Arena batch_arena;    /* the batch with all its JSON */
    ArenaArray *batch;    /* Incoming */
    ArenaArray *output;   /* char: the message being written */
    FILE *stream;         /* leads there */
} Transport;

/* Memory comes from the account, until transport_close().  False: no stream could be made. */
bool transport_open(Transport *t, ArenaAccount *account, int from, int to);
void transport_close(Transport *t);

/* Waits for messages; they are in `batch` until the next call.  An empty one: the stream has ended, or after a few seconds
   nothing has come. */
void transport_receive(Transport *t);

/* Write the message to the stream that begin returns; end sends it. */
FILE *transport_begin(Transport *t);
void transport_end(Transport *t);

#endif
