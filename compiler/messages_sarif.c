/*
 * Diagnostics as SARIF 2.1.0 (an OASIS standard: Static Analysis Results Interchange Format): one document with one run.
 *
 * The document is written as the messages come: what stands in front of the results, the results, what stands behind.
 * It says nothing that differs between two runs of the same command: no times, no directories.
 */
#include <string.h>

#include "base/diagnostics.h"
#include "build_config.h"
#include "json.h"
#include "messages.h"

enum { MAX_TEXT = 3 * 1024 + 16 }; /* message, hint and note: each at most 1 KiB */

/* ---- Parts ------------------------------------------------------------------------------------------------------- */

static void write_text(FILE *stream, const char *text)
{
    fputs("{ \"text\": ", stream);
    json_write_string(stream, text);
    fputs(" }", stream);
}

static void write_region(FILE *stream, const PolecLabel *place)
{
    fprintf(stream, "{ \"startLine\": %u, \"startColumn\": %u, \"endLine\": %u, \"endColumn\": %u }", place->line,
            place->column, place->end_line, place->end_column);
}

/* In messages, braces are placeholders unless they are doubled (section 3.11.5 of the standard). */
static void write_message(FILE *stream, const char *text)
{
    char doubled[2 * MAX_TEXT];
    size_t n = 0;
    for (; *text != '\0' && n < sizeof doubled - 2; text++) {
        doubled[n++] = *text;
        if (*text == '{' || *text == '}')
            doubled[n++] = *text;
    }
    doubled[n] = '\0';
    write_text(stream, doubled);
}

/* A location object, the text of a label in it. */
static void write_location(FILE *stream, const PolecLabel *place)
{
    fputs("{ \"physicalLocation\": { \"artifactLocation\": { \"uri\": ", stream);
    json_write_uri(stream, place->file);
    fputs(" }, \"region\": ", stream);
    write_region(stream, place);
    fputs(" }", stream);
    if (place->text != NULL) {
        fputs(", \"message\": ", stream);
        write_message(stream, place->text);
    }
    fputs(" }", stream);
}

static void write_fix(FILE *stream, const PolecDiagnostic *told)
{
    fputs(",\n          \"fixes\": [{ \"artifactChanges\": [{ \"artifactLocation\": { \"uri\": ", stream);
    json_write_uri(stream, told->replaced.file);
    fputs(" }, \"replacements\": [{ \"deletedRegion\": ", stream);
    write_region(stream, &told->replaced);
    fputs(", \"insertedContent\": ", stream);
    write_text(stream, told->suggestion);
    fputs(" }] }] }]", stream);
}

static void write_labels(FILE *stream, const PolecDiagnostic *told)
{
    fputs(",\n          \"relatedLocations\": [", stream);
    for (uint32_t i = 0; i < told->n_labels; i++) {
        fputs(i == 0 ? "" : ", ", stream);
        write_location(stream, &told->labels[i]);
    }
    fputs("]", stream);
}

/* The standard has one message for a result, so what the text form shows behind the caret and below follows in it. */
static void write_whole_message(FILE *stream, const PolecDiagnostic *told)
{
    char text[MAX_TEXT];
    snprintf(text, sizeof text, "%s%s%s%s%s", told->message, told->hint != NULL ? "\n" : "",
             told->hint != NULL ? told->hint : "", told->note != NULL ? "\n" : "", told->note != NULL ? told->note : "");
    write_message(stream, text);
}

/* ---- The document ------------------------------------------------------------------------------------------------ */

static const struct { const char *code, *text; } rules[] = {
#define DIAGNOSTIC(code, text) {#code, text},
#include "base/diagnostics.def"
#undef DIAGNOSTIC
};

void sarif_begin(FILE *stream)
{
    fputs("{ \"version\": \"2.1.0\",\n  \"runs\": [{\n      \"tool\": { \"driver\": { \"name\": \"polec\", \"version\": ",
          stream);
    json_write_string(stream, POLEC_VERSION);
    fputs(", \"rules\": [", stream);
    for (size_t i = 0; i < sizeof rules / sizeof *rules; i++) {
        fprintf(stream, "%s\n          { \"id\": \"%s\", \"shortDescription\": ", i == 0 ? "" : ",", rules[i].code);
        write_text(stream, rules[i].text);
        fprintf(stream, ", \"defaultConfiguration\": { \"level\": \"%s\" } }", rules[i].code[0] == 'E' ? "error" : "warning");
    }
    fputs("\n      ] } },\n      \"columnKind\": \"unicodeCodePoints\",\n      \"results\": [", stream);
}

void sarif_result(FILE *stream, const PolecDiagnostic *told, bool first)
{
    fputs(first ? "\n        { " : ",\n        { ", stream);
    if (told->code[0] != '\0')
        fprintf(stream, "\"ruleId\": \"%s\", ", told->code);
    fprintf(stream, "\"level\": \"%s\", \"message\": ", told->is_error ? "error" : "warning");
    write_whole_message(stream, told);
    if (told->file != NULL) {
        fputs(",\n          \"locations\": [", stream);
        write_location(stream, &(PolecLabel){NULL, told->file, told->line, told->column, told->end_line, told->end_column});
        fputs("]", stream);
    }
    if (told->n_labels > 0)
        write_labels(stream, told);
    if (told->suggestion != NULL)
        write_fix(stream, told);
    fputs(" }", stream);
}

void sarif_end(FILE *stream)
{
    fputs("\n      ] }] }\n", stream);
}
