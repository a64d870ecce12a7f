/*
 * The long explanations of diagnostics.
 *
 * explain/make_pages.py puts the pages, one behind the other, into one constant array, beside a table of where each
 * begins: numbers and no pointers, so that nothing has to be prepared or relocated when polec starts, and the memory
 * is not even touched unless somebody asks.  The first line of a page is its heading, and the list of all codes
 * consists of these lines.
 */
#include "explain.h"

#include <stdint.h>
#include <string.h>

enum { CODE_LENGTH = 4 };

typedef struct {
    char code[CODE_LENGTH + 1];
    uint32_t start; /* in pages_text; the next entry's is the end */
} Page;

#include "explain_pages.h"

enum { N_PAGES = sizeof pages / sizeof *pages - 1 };

/* ---- Finding ----------------------------------------------------------------------------------------------------- */

static char upper(char c)
{
    return c >= 'a' && c <= 'z' ? (char)(c - 'a' + 'A') : c;
}

/* The code itself in what was asked for: the word, or what stands in its brackets.  False: too short or too long. */
static bool read_code(const char *asked, char code[CODE_LENGTH + 1])
{
    const char *bracket = strchr(asked, '[');
    const char *start = bracket != NULL ? bracket + 1 : asked;
    size_t length = bracket != NULL ? strcspn(start, "]") : strlen(start);
    if (length != CODE_LENGTH)
        return false;
    for (size_t i = 0; i < CODE_LENGTH; i++)
        code[i] = upper(start[i]);
    code[CODE_LENGTH] = '\0';
    return true;
}

/* NULL: there is none. */
static const Page *find_page(const char *code)
{
    size_t low = 0, high = N_PAGES;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        int order = strcmp(code, pages[middle].code);
        if (order == 0)
            return &pages[middle];
        if (order < 0)
            high = middle;
        else
            low = middle + 1;
    }
    return NULL;
}

/* ---- Printing ---------------------------------------------------------------------------------------------------- */

static const char *page_text(const Page *page)
{
    return (const char *)pages_text + page->start;
}

/* Behind the newline; every page ends in one. */
static const char *end_of_line(const char *line)
{
    while (*line != '\n')
        line++;
    return line + 1;
}

/* "" for most lines. */
static const char *color_of_line(const Page *page, const char *line)
{
    if (line == page_text(page))
        return "\x1b[1m";
    if (strncmp(line, "Wrong:\n", 7) == 0)
        return "\x1b[1;31m";
    if (strncmp(line, "Right:\n", 7) == 0)
        return "\x1b[1;32m";
    return "";
}

static void print_colored(FILE *stream, const Page *page)
{
    const char *end = page_text(page + 1);
    for (const char *line = page_text(page), *next; line < end; line = next) {
        const char *color = color_of_line(page, line);
        next = end_of_line(line);
        if (*color == '\0')
            fwrite(line, 1, (size_t)(next - line), stream);
        else
            fprintf(stream, "%s%.*s\x1b[m\n", color, (int)(next - 1 - line), line);
    }
}

bool explain_code(FILE *stream, const char *code, bool color)
{
    char wanted[CODE_LENGTH + 1];
    const Page *page = read_code(code, wanted) ? find_page(wanted) : NULL;
    if (page == NULL)
        return false;
    if (color)
        print_colored(stream, page);
    else
        fwrite(page_text(page), 1, page[1].start - page->start, stream);
    return true;
}

void explain_list(FILE *stream)
{
    for (size_t i = 0; i < N_PAGES; i++)
        fwrite(page_text(&pages[i]), 1, (size_t)(end_of_line(page_text(&pages[i])) - page_text(&pages[i])), stream);
}
