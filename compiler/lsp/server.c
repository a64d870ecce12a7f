/*
 * The life of the server: it waits, deals with the messages that have come, one after the other, then checks what has
 * changed, and waits again.  One thread, and nothing is under way between two messages.
 */
#include "lsp/server.h"

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

#include "build_config.h"
#include "faults.h"
#include "json.h"
#include "lsp/lsp.h"

/* ---- Answering --------------------------------------------------------------------------------------------------- */

static void write_id(FILE *out, const json_t *id)
{
    if (json_is_string(id))
        json_write_string(out, json_string_value(id));
    else if (json_is_integer(id))
        fprintf(out, "%lld", (long long)json_integer_value(id));
    else if (json_is_real(id))
        fprintf(out, "%.17g", json_real_value(id));
    else
        fputs("null", out);
}

static FILE *begin_response(Server *s, const json_t *id)
{
    FILE *out = transport_begin(&s->transport);
    fputs("{\"jsonrpc\": \"2.0\", \"id\": ", out);
    write_id(out, id);
    return out;
}

FILE *response_begin(Server *s, const json_t *id)
{
    FILE *out = begin_response(s, id);
    fputs(", \"result\": ", out);
    return out;
}

void response_end(Server *s)
{
    fputc('}', s->transport.stream);
    transport_end(&s->transport);
}

void respond_error(Server *s, const json_t *id, ErrorCode code, const char *message)
{
    FILE *out = begin_response(s, id);
    fprintf(out, ", \"error\": {\"code\": %d, \"message\": ", code);
    json_write_string(out, message);
    fputc('}', out);
    response_end(s);
}

FILE *notification_begin(Server *s, const char *method)
{
    FILE *out = transport_begin(&s->transport);
    fprintf(out, "{\"jsonrpc\": \"2.0\", \"method\": \"%s\", \"params\": ", method);
    return out;
}

static void respond_null(Server *s, const json_t *id)
{
    fputs("null", response_begin(s, id));
    response_end(s);
}

/* For people: the client shows it. */
static void show_message(Server *s, const char *message)
{
    FILE *out = notification_begin(s, "window/showMessage");
    fputs("{\"type\": 1, \"message\": ", out);
    json_write_string(out, message);
    fputc('}', out);
    response_end(s);
}

/* ---- Life -------------------------------------------------------------------------------------------------------- */

static const json_t *at_path(const json_t *object, const char *path)
{
    while (*path != '\0' && object != NULL) {
        size_t n = strcspn(path, ".");
        object = json_object_getn(object, path, n);
        path += n + (path[n] == '.');
    }
    return object;
}

static bool contains(const json_t *array, const char *text)
{
    for (size_t i = 0; i < json_array_size(array); i++) {
        const char *item = json_string_value(json_array_get(array, i));
        if (item != NULL && strcmp(item, text) == 0)
            return true;
    }
    return false;
}

static void read_capabilities(Server *s, const json_t *client)
{
    const json_t *text = json_object_get(client, "textDocument");
    bool utf_8 = contains(at_path(client, "general.positionEncodings"), "utf-8");
    s->units = utf_8 ? UNITS_UTF_8 : UNITS_UTF_16;
    s->related_information = json_is_true(at_path(text, "publishDiagnostics.relatedInformation"));
    s->literal_actions = at_path(text, "codeAction.codeActionLiteralSupport") != NULL;
    s->document_changes = json_is_true(at_path(client, "workspace.workspaceEdit.documentChanges"));
    s->markdown_hover = contains(at_path(text, "hover.contentFormat"), "markdown");
    s->nested_symbols = json_is_true(at_path(text, "documentSymbol.hierarchicalDocumentSymbolSupport"));
    s->watches_files = json_is_true(at_path(client, "workspace.didChangeWatchedFiles.dynamicRegistration"));
}

static void initialize(Server *s, const json_t *id, const json_t *params)
{
    const json_t *parent = json_object_get(params, "processId");
    if (s->state != SERVER_NEW) {
        respond_error(s, id, ERROR_INVALID_REQUEST, "the server has been initialized before");
        return;
    }
    s->state = SERVER_RUNNING;
    s->parent = json_integer_value(parent);
    read_capabilities(s, json_object_get(params, "capabilities"));
    FILE *out = response_begin(s, id);
    fprintf(out,
            "{\"capabilities\": {\"positionEncoding\": \"%s\", "
            "\"textDocumentSync\": {\"openClose\": true, \"change\": 2, \"save\": {\"includeText\": false}}, "
            "\"hoverProvider\": true, \"definitionProvider\": true, \"referencesProvider\": true, "
            "\"documentHighlightProvider\": true, \"documentSymbolProvider\": true, \"codeActionProvider\": %s}, "
            "\"serverInfo\": {\"name\": \"polec\", \"version\": \"%s\"}}",
            s->units == UNITS_UTF_8 ? "utf-8" : "utf-16",
            s->literal_actions ? "{\"codeActionKinds\": [\"quickfix\"]}" : "false", POLEC_VERSION);
    response_end(s);
}

static void shutdown_server(Server *s, const json_t *id, const json_t *params)
{
    (void)params;
    s->state = SERVER_SHUT_DOWN;
    respond_null(s, id);
}

static void exit_server(Server *s, const json_t *params)
{
    (void)params;
    s->exiting = true;
}

static bool parent_is_gone(const Server *s)
{
    return s->parent > 0 && s->parent <= INT32_MAX && kill((pid_t)s->parent, 0) != 0 && errno == ESRCH;
}

/* What is said once, when the client is ready to be asked. */
static void initialized(Server *s, const json_t *params)
{
    (void)params;
    if (!s->watches_files)
        return;
    fputs("{\"jsonrpc\": \"2.0\", \"id\": \"watch\", \"method\": \"client/registerCapability\", \"params\": "
          "{\"registrations\": [{\"id\": \"watch\", \"method\": \"workspace/didChangeWatchedFiles\", "
          "\"registerOptions\": {\"watchers\": [{\"globPattern\": \"**/*.pole-ir\"}]}}]}",
          transport_begin(&s->transport));
    response_end(s);
}

/* ---- Texts ------------------------------------------------------------------------------------------------------- */

static Document *document_named(Server *s, const json_t *params)
{
    return document_find(&s->documents, json_string_value(at_path(params, "textDocument.uri")));
}

/* A document may have been imported by any other. */
static void publish_all_later(Server *s)
{
    for (Document *document = s->documents.open; document != NULL; document = document->next)
        document->changed = document->to_publish = true;
}

static void note_version(Document *document, const json_t *params)
{
    const json_t *version = at_path(params, "textDocument.version");
    document->has_version = json_is_integer(version);
    document->version = json_integer_value(version);
}

static void did_open(Server *s, const json_t *params)
{
    const char *uri = json_string_value(at_path(params, "textDocument.uri"));
    const json_t *text = at_path(params, "textDocument.text");
    if (uri == NULL || !json_is_string(text))
        return;
    Document *document = document_open(&s->documents, uri, json_string_value(text), json_string_length(text));
    if (document == NULL) {
        show_message(s, "polec: too many open files; this one is not checked");
        return;
    }
    note_version(document, params);
    document_affects(&s->documents, document);
}

/* A change without a range is the whole text. */
static void change_text(Server *s, Document *document, const json_t *change)
{
    const json_t *range = json_object_get(change, "range"), *text = json_object_get(change, "text");
    const ArenaArray *old = document->text;
    size_t start = 0, end = old->count;
    if (!json_is_string(text))
        return;
    if (json_is_object(range) &&
        (!position_read(json_object_get(range, "start"), s->units, old->items, old->count, &start) ||
         !position_read(json_object_get(range, "end"), s->units, old->items, old->count, &end)))
        return;
    document_replace(document, start, end, json_string_value(text), json_string_length(text));
}

static void did_change(Server *s, const json_t *params)
{
    Document *document = document_named(s, params);
    const json_t *changes = json_object_get(params, "contentChanges");
    if (document == NULL)
        return;
    note_version(document, params);
    for (size_t i = 0; i < json_array_size(changes); i++)
        change_text(s, document, json_array_get(changes, i));
    document_affects(&s->documents, document);
}

static void did_close(Server *s, const json_t *params)
{
    Document *document = document_named(s, params);
    if (document == NULL)
        return;
    publish_nothing(s, document);
    document_affects(&s->documents, document);
    document_close(&s->documents, document);
}

static void files_changed(Server *s, const json_t *params)
{
    (void)params;
    publish_all_later(s);
}

/* ---- Who answers ------------------------------------------------------------------------------------------------- */

typedef struct {
    const char *method;
    void (*answer)(Server *s, const json_t *id, const json_t *params);
} Request;

typedef struct {
    const char *method;
    void (*answer)(Server *s, Document *document, const json_t *id, const json_t *params);
} DocumentRequest;

typedef struct {
    const char *method;
    void (*obey)(Server *s, const json_t *params);
} Notification;

static const Request requests[] = {{"initialize", initialize}, {"shutdown", shutdown_server}};

static const DocumentRequest document_requests[] = {
    {"textDocument/codeAction", answer_code_action},
    {"textDocument/definition", answer_definition},
    {"textDocument/documentHighlight", answer_highlight},
    {"textDocument/documentSymbol", answer_symbols},
    {"textDocument/hover", answer_hover},
    {"textDocument/references", answer_references},
};

static const Notification notifications[] = {
    {"exit", exit_server},
    {"initialized", initialized},
    {"textDocument/didOpen", did_open},
    {"textDocument/didChange", did_change},
    {"textDocument/didSave", files_changed},
    {"textDocument/didClose", did_close},
    {"workspace/didChangeWatchedFiles", files_changed},
};
#define N_OF(table) (sizeof(table) / sizeof *(table))

static void obey(Server *s, const char *method, const json_t *params)
{
    bool heard = s->state == SERVER_RUNNING || strcmp(method, "exit") == 0;
    for (size_t i = 0; i < N_OF(notifications) && heard; i++)
        if (strcmp(method, notifications[i].method) == 0)
            notifications[i].obey(s, params);
}

static void answer_of_document(Server *s, const DocumentRequest *request, const json_t *id, const json_t *params)
{
    Document *document = document_named(s, params);
    if (document != NULL)
        request->answer(s, document, id, params);
    else
        respond_error(s, id, ERROR_INVALID_PARAMS, "no such document is open");
}

static void find_answer(Server *s, const char *method, const json_t *id, const json_t *params)
{
    for (size_t i = 0; i < N_OF(requests); i++)
        if (strcmp(method, requests[i].method) == 0) {
            requests[i].answer(s, id, params);
            return;
        }
    for (size_t i = 0; i < N_OF(document_requests); i++)
        if (strcmp(method, document_requests[i].method) == 0) {
            answer_of_document(s, &document_requests[i], id, params);
            return;
        }
    char message[200];
    snprintf(message, sizeof message, "there is no method '%.150s'", method);
    respond_error(s, id, ERROR_METHOD_NOT_FOUND, message);
}

static void answer(Server *s, const Incoming *incoming, const char *method, const json_t *id)
{
    const json_t *params = json_object_get(incoming->json, "params");
    if (s->state == SERVER_NEW && strcmp(method, "initialize") != 0)
        respond_error(s, id, ERROR_NOT_INITIALIZED, "the server has not been initialized");
    else if (s->state == SERVER_SHUT_DOWN)
        respond_error(s, id, ERROR_INVALID_REQUEST, "the server has been shut down");
    else if (incoming->cancelled)
        respond_error(s, id, ERROR_CANCELLED, "the request was cancelled");
    else
        find_answer(s, method, id, params);
}

/* ---- Messages ---------------------------------------------------------------------------------------------------- */

static bool is_id(const json_t *json)
{
    return json_is_number(json) || json_is_string(json) || json_is_null(json);
}

static void deal_with_json(Server *s, const Incoming *incoming)
{
    const json_t *json = incoming->json, *id = json_object_get(json, "id");
    const char *method = json_string_value(json_object_get(json, "method"));
    bool is_response = id != NULL && (json_object_get(json, "result") != NULL || json_object_get(json, "error") != NULL);
    if (id != NULL && !is_id(id))
        respond_error(s, NULL, ERROR_INVALID_REQUEST, "an id is a number or a text");
    else if (method != NULL && id != NULL)
        answer(s, incoming, method, id);
    else if (method != NULL)
        obey(s, method, json_object_get(json, "params"));
    else if (!is_response) /* nothing hangs on what the client answers */
        respond_error(s, id, ERROR_INVALID_REQUEST, "this is no request");
}

static void deal_with(Server *s, const Incoming *incoming)
{
    switch (incoming->kind) {
    case INCOMING_JSON: deal_with_json(s, incoming); break;
    case INCOMING_NO_JSON: respond_error(s, NULL, ERROR_PARSE, "the message is no JSON"); break;
    case INCOMING_TOO_LARGE: respond_error(s, NULL, ERROR_INVALID_REQUEST, "the message is too large"); break;
    case INCOMING_NO_LENGTH: respond_error(s, NULL, ERROR_PARSE, "the message has no Content-Length"); break;
    }
}

static void note_cancellations(const Transport *t)
{
    Incoming *batch = (Incoming *)(void *)t->batch->items;
    for (size_t i = 0; i < t->batch->count; i++) {
        const char *method = json_string_value(json_object_get(batch[i].json, "method"));
        if (method == NULL || strcmp(method, "$/cancelRequest") != 0)
            continue;
        const json_t *id = at_path(batch[i].json, "params.id");
        for (size_t j = 0; j < i; j++)
            batch[j].cancelled |= id != NULL && json_equal(json_object_get(batch[j].json, "id"), id);
    }
}

static void deal_with_batch(Server *s)
{
    const Transport *t = &s->transport;
    note_cancellations(t);
    for (size_t i = 0; i < t->batch->count && !s->exiting; i++)
        deal_with(s, (const Incoming *)(void *)t->batch->items + i);
    for (Document *document = s->documents.open; document != NULL && !s->exiting; document = document->next)
        publish(s, document);
}

static int serve(Server *s)
{
    while (!s->exiting && !s->transport.broken && !s->transport.ended && !parent_is_gone(s)) {
        transport_receive(&s->transport);
        deal_with_batch(s);
    }
    if (s->transport.broken) {
        fprintf(stderr, "polec: error: cannot write standard output: %s\n", strerror(errno));
        return STATUS_FILE;
    }
    return s->state == SERVER_SHUT_DOWN ? 0 : 1;
}

int lsp_run(const Options *options, ProcessMemory *memory)
{
    static Server server; /* large, and there is only one */
    Server *s = &server;
    *s = (Server){.options = *options};
    process_arena(memory); /* opens it */
    if (!transport_open(&s->transport, &memory->account, STDIN_FILENO, STDOUT_FILENO)) {
        fputs("polec: error: the system has no more memory\n", stderr);
        return STATUS_LIMIT;
    }
    if (isatty(STDIN_FILENO))
        fputs("polec lsp: waiting for messages from an editor (polec --help tells of the other commands)\n", stderr);
    faults_catch();
    documents_open(&s->documents, &s->options, &memory->account);
    int status = serve(s);
    documents_close(&s->documents);
    transport_close(&s->transport);
    return status;
}
