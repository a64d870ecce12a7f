/*
 * Response files, as gcc reads them: white space separates words; a word, or a part of it, may stand in single or
 * double quotes; a backslash takes the next byte as it is, in quotes and out of them.
 *
 * Files that are being read form a chain on the stack, at most ten long, so a file that names itself, directly or by
 * way of others, is found by looking along the chain.  Files are compared by device and inode: one file has many
 * paths.
 */
#include "arguments.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "complain.h"

enum { MAX_RESPONSE_NESTING = 10, READ_BYTES = 64 * 1024 };

typedef struct OpenResponse OpenResponse;
struct OpenResponse {
    const OpenResponse *outer; /* the file that names this one, or NULL */
    struct stat identity;
    unsigned depth;
};

typedef struct {
    Arena *arena;
    ArenaArray *words;    /* const char * */
    ArenaArray *text;     /* char: the file being read, before it is copied at its exact size */
    bool options_ended;   /* a `--` was seen: what follows is taken as it is */
} Expansion;

static Status expand_file(Expansion *e, const char *path, const OpenResponse *outer);

static Status add_word(Expansion *e, const char *word, const OpenResponse *outer)
{
    if (!e->options_ended && word[0] == '@' && word[1] != '\0')
        return expand_file(e, word + 1, outer);
    if (strcmp(word, "--") == 0)
        e->options_ended = true;
    *(const char **)array_push(e->words, 1) = word;
    return STATUS_DONE;
}

static bool is_space(char c)
{
    return c == ' ' || (c >= '\t' && c <= '\r');
}

/* Cuts the next word out of `*text`, in place: a word is never longer than its spelling.  NULL: no more. */
static char *next_word(char **text)
{
    char *in = *text, quote = 0;
    while (is_space(*in))
        in++;
    if (*in == '\0')
        return NULL;
    char *word = in, *out = in;
    for (; *in != '\0' && (quote != 0 || !is_space(*in)); in++) {
        if (*in == '\\' && in[1] != '\0')
            *out++ = *++in;
        else if (quote != 0 ? *in == quote : *in == '"' || *in == '\'')
            quote = quote != 0 ? 0 : *in;
        else
            *out++ = *in;
    }
    *text = *in == '\0' ? in : in + 1;
    *out = '\0';
    return word;
}

/* The whole file, NUL-terminated; NULL if it cannot be read (errno says why). */
static char *read_text(Expansion *e, int descriptor)
{
    array_truncate(e->text, 0);
    for (;;) {
        array_reserve(e->text, READ_BYTES);
        ssize_t n = read(descriptor, e->text->items + e->text->count, READ_BYTES);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return NULL;
        if (n == 0)
            break;
        e->text->count += (size_t)n;
    }
    *(char *)array_push(e->text, 1) = '\0';
    return arena_copy(e->arena, e->text->items, e->text->count);
}

static Status refuse_nesting(const OpenResponse *file, const char *path)
{
    for (const OpenResponse *o = file->outer; o != NULL; o = o->outer) {
        if (o->identity.st_dev == file->identity.st_dev && o->identity.st_ino == file->identity.st_ino) {
            complain("response file '%s' contains itself", path);
            return STATUS_USAGE;
        }
    }
    if (file->depth > MAX_RESPONSE_NESTING) {
        complain("response files are nested more than %d deep at '%s'", MAX_RESPONSE_NESTING,
                path);
        return STATUS_USAGE;
    }
    return STATUS_DONE;
}

static Status expand_file(Expansion *e, const char *path, const OpenResponse *outer)
{
    OpenResponse file = {.outer = outer, .depth = outer == NULL ? 1 : outer->depth + 1};
    int descriptor = open(path, O_RDONLY | O_CLOEXEC);
    if (descriptor < 0 || fstat(descriptor, &file.identity) != 0) {
        complain("cannot read response file '%s': %s", path, strerror(errno));
        return STATUS_FILE;
    }
    Status status = refuse_nesting(&file, path);
    char *text = NULL;
    if (status == STATUS_DONE && (text = read_text(e, descriptor)) == NULL) {
        complain("cannot read response file '%s': %s", path, strerror(errno));
        status = STATUS_FILE;
    }
    close(descriptor);
    char *word;
    while (status == STATUS_DONE && (word = next_word(&text)) != NULL)
        status = add_word(e, word, &file);
    return status;
}

static bool names_response_file(int n_arguments, char **arguments)
{
    for (int i = 0; i < n_arguments && strcmp(arguments[i], "--") != 0; i++)
        if (arguments[i][0] == '@' && arguments[i][1] != '\0')
            return true;
    return false;
}

Status arguments_expand(Arguments *result, ProcessMemory *memory, int n_arguments, char **arguments)
{
    *result = (Arguments){(const char **)arguments, (size_t)n_arguments};
    if (!names_response_file(n_arguments, arguments))
        return STATUS_DONE;
    Expansion e = {.arena = process_arena(memory)};
    e.words = arena_array(e.arena, "argument", sizeof(const char *));
    e.text = arena_array(e.arena, "response file", 1);
    Status status = STATUS_DONE;
    for (int i = 0; i < n_arguments && status == STATUS_DONE; i++)
        status = add_word(&e, arguments[i], NULL);
    *result = (Arguments){(const char **)(void *)e.words->items, e.words->count};
    return status;
}
