/*
 * E901 and E902.
 *
 * This diagnostic is about memory, so it must do without: it is not collected with the others in the session arena but
 * made here, on the stack, when it is told.  It may have come before the source was there, even before the session was:
 * then it is told of the file's first character.
 */
#include "exhausted.h"

#include <stdio.h>

static const char *const phase_names[] = {"lex", "parse", "ir", "codegen"};

static bool has_source(const Session *session)
{
    return session->text.files != NULL && session->text.files->count > 0;
}

/* Where the phase was; at least the source's start. */
static SourcePos place_of_work(const Session *session)
{
    if (!has_source(session))
        return (SourcePos){0};
    return session->working_at.at != 0 ? session->working_at : source_file(&session->text, (FileId){0})->start;
}

static void describe_hint(ExhaustedDiagnostic *result, const ArenaExhausted *why, const char *phase,
                          const Options *options)
{
    if (why->injected)
        snprintf(result->note, sizeof result->note, "allocation %llu was made to fail by --fail-alloc",
                 (unsigned long long)options->fail_allocation);
    else if (why->account == NULL)
        snprintf(result->note, sizeof result->note,
                 "the limit holds for all arenas together; --memory-limit=SIZE sets it");
    else
        snprintf(result->note, sizeof result->note, "--memory-limit=%s:SIZE sets the limit of this phase", phase);
}

void exhausted_describe(ExhaustedDiagnostic *result, const Session *session, const Options *options)
{
    const ArenaExhausted *why = &session->exhausted;
    const char *phase = phase_names[session->phase];
    SourcePos place = place_of_work(session);
    bool refused = !why->injected && why->limit == 0;
    result->diagnostic = (Diagnostic){
        .code = refused ? E902 : E901,
        .span = place.at == 0 ? (SourceSpan){place, place} : span_of_token(&session->text, place),
        .message = result->message,
    };
    if (refused) {
        snprintf(result->message, sizeof result->message,
                 "the system has no more memory in phase '%s': used %zu bytes, requested %zu", phase, why->used,
                 why->requested);
        return;
    }
    snprintf(result->message, sizeof result->message,
             "memory limit reached in phase '%s': used %zu bytes, limit %zu, requested %zu", phase, why->used,
             why->limit, why->requested);
    describe_hint(result, why, phase, options);
    result->diagnostic.note = result->note;
}
