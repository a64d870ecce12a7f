/*
 * Diagnostics as JSON, one object a line, so that a reader needs no more than the next line end.  Every object has all
 * keys.  Lines and columns count from 1, columns in code points; the end is the place behind the last character.
 */
#include "json.h"
#include "messages.h"

static void write_place(FILE *stream, const PolecLabel *place)
{
    fputs("\"file\": ", stream);
    if (place->file == NULL) {
        fputs("null, \"line\": null, \"column\": null, \"end_line\": null, \"end_column\": null", stream);
        return;
    }
    json_write_string(stream, place->file);
    fprintf(stream, ", \"line\": %u, \"column\": %u, \"end_line\": %u, \"end_column\": %u", place->line, place->column,
            place->end_line, place->end_column);
}

static void write_labels(FILE *stream, const PolecDiagnostic *told)
{
    for (uint32_t i = 0; i < told->n_labels; i++) {
        fputs(i == 0 ? "{ " : ", { ", stream);
        write_place(stream, &told->labels[i]);
        fputs(", \"text\": ", stream);
        json_write_string(stream, told->labels[i].text);
        fputs(" }", stream);
    }
}

/* What the text form shows behind the caret, and what it shows below. */
static void write_notes(FILE *stream, const PolecDiagnostic *told)
{
    if (told->hint != NULL)
        json_write_string(stream, told->hint);
    if (told->note != NULL) {
        fputs(told->hint != NULL ? ", " : "", stream);
        json_write_string(stream, told->note);
    }
}

void message_json(FILE *stream, const PolecDiagnostic *told)
{
    PolecLabel place = {NULL, told->file, told->line, told->column, told->end_line, told->end_column};
    fputs("{ \"code\": ", stream);
    json_write_string(stream, told->code);
    fprintf(stream, ", \"severity\": \"%s\", \"message\": ", told->is_error ? "error" : "warning");
    json_write_string(stream, told->message);
    fputs(", ", stream);
    write_place(stream, &place);
    fputs(", \"labels\": [", stream);
    write_labels(stream, told);
    fputs("], \"notes\": [", stream);
    write_notes(stream, told);
    fputs("], \"suggestions\": [", stream);
    if (told->suggestion != NULL) {
        fputs("{ ", stream);
        write_place(stream, &told->replaced);
        fputs(", \"replacement\": ", stream);
        json_write_string(stream, told->suggestion);
        fputs(" }", stream);
    }
    fputs("] }\n", stream);
}
