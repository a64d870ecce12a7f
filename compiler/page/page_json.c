/* Streams that escape what is written to them: glibc's cookie streams. */
#define _GNU_SOURCE
#include "page/page_json.h"

#include <stdio.h>
#include <sys/types.h>

#include "base/source.h"

static ssize_t write_data(void *cookie, const char *bytes, size_t size)
{
    FILE *to = cookie;
    size_t start = 0;
    for (size_t i = 0; i < size; i++) {
        if (bytes[i] != '<')
            continue;
        fwrite(bytes + start, 1, i - start, to);
        fputs("\\u003c", to);
        start = i + 1;
    }
    fwrite(bytes + start, 1, size - start, to);
    return (ssize_t)size;
}

static void write_valid(FILE *to, const char *bytes, size_t size)
{
    size_t start = 0;
    for (size_t i = 0; i < size; i++) {
        unsigned char c = (unsigned char)bytes[i];
        if (c >= 0x20 && c != '"' && c != '\\' && c != 0x7F)
            continue;
        fwrite(bytes + start, 1, i - start, to);
        if (c == '\n')
            fputs("\\n", to);
        else if (c == '"' || c == '\\')
            fprintf(to, "\\%c", c);
        else
            fprintf(to, "\\u%04x", c);
        start = i + 1;
    }
    fwrite(bytes + start, 1, size - start, to);
}

void page_json_text(FILE *data, const char *text, size_t length)
{
    while (length > 0) {
        size_t valid = utf8_valid_prefix(text, length);
        write_valid(data, text, valid);
        text += valid;
        length -= valid;
        if (length > 0) {
            fputc('?', data);
            text++;
            length--;
        }
    }
}

/* Bytes at the end that may be the front of a character whose rest is yet to come. */
static size_t cut_bytes(const char *bytes, size_t size)
{
    for (size_t n = 1; n <= 3 && n <= size; n++) {
        unsigned char c = (unsigned char)bytes[size - n];
        if (c >= 0xC0)
            return n < (c >= 0xF0 ? 4u : c >= 0xE0 ? 3u : 2u) ? n : 0;
        if (c < 0x80)
            break;
    }
    return 0;
}

static ssize_t write_text(void *cookie, const char *bytes, size_t size)
{
    PageText *text = cookie;
    size_t at = 0;
    /* Byte by byte until what was cut is a character, or cannot become one. */
    while (text->n_cut > 0 && at < size) {
        text->cut[text->n_cut++] = bytes[at++];
        if (text->n_cut < sizeof text->cut && cut_bytes(text->cut, text->n_cut) == text->n_cut)
            continue;
        page_json_text(text->to, text->cut, text->n_cut);
        text->n_cut = 0;
    }
    size_t cut = text->n_cut > 0 ? 0 : cut_bytes(bytes + at, size - at);
    page_json_text(text->to, bytes + at, size - at - cut);
    for (size_t i = 0; i < cut; i++)
        text->cut[text->n_cut++] = bytes[size - cut + i];
    return (ssize_t)size;
}

static int close_text(void *cookie)
{
    PageText *text = cookie;
    page_json_text(text->to, text->cut, text->n_cut);
    return 0;
}

FILE *page_json_open_data(FILE *to)
{
    return fopencookie(to, "w", (cookie_io_functions_t){.write = write_data});
}

FILE *page_json_open_text(PageText *text, FILE *to)
{
    *text = (PageText){.to = to};
    return fopencookie(text, "w", (cookie_io_functions_t){.write = write_text, .close = close_text});
}
