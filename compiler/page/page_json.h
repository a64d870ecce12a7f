/*
 * JSON that stands in a <script> of an HTML page.  In JSON `<` occurs nowhere but in strings, so a stream that writes
 * every `<` as \u003c makes `</script>` impossible, whatever is written through it.
 */
#ifndef POLEC_PAGE_JSON_H
#define POLEC_PAGE_JSON_H

#include <stddef.h>
#include <stdio.h>

/* Both end with fclose(), which leaves `to` open.  Until then nobody else may write to `to`.  NULL: the system has no
   memory for a stream. */
FILE *page_json_open_data(FILE *to); /* JSON */

/* Text, as the inside of a JSON string; see page_json_text.  `text` must live as long as the stream. */
typedef struct {
    FILE *to;
    char cut[4];     /* the front of a character that was cut in two between two writes */
    size_t n_cut;
} PageText;
FILE *page_json_open_text(PageText *text, FILE *to);

/* The inside of a JSON string that has as many bytes as the text: a byte that is not UTF-8 becomes a question mark. */
void page_json_text(FILE *data, const char *text, size_t length);

#endif
