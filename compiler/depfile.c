/*
 * Depfiles as gcc writes them, which is what make and ninja read: a space or tab in a path is escaped by a backslash,
 * backslashes in front of it are doubled, `#` is escaped, and `$` is doubled.
 */
#define _GNU_SOURCE
#include "depfile.h"

#include <limits.h>
#include <string.h>

#include "output.h"

static void write_path(FILE *stream, const char *path)
{
    size_t backslashes = 0; /* right before the present character */
    for (const char *c = path; *c != '\0'; c++) {
        if (*c == ' ' || *c == '\t') {
            for (size_t i = 0; i < backslashes; i++)
                fputc('\\', stream);
            fputc('\\', stream);
        } else if (*c == '#') {
            fputc('\\', stream);
        } else if (*c == '$') {
            fputc('$', stream);
        }
        fputc(*c, stream);
        backslashes = *c == '\\' ? backslashes + 1 : 0;
    }
}

/* Standard input, and a text from memory, are nothing that make could look at. */
static const char *path_on_disk(const SourceText *text, uint32_t index)
{
    const char *path = source_file(text, (FileId){index})->opened_path;
    return strcmp(path, "<stdin>") == 0 ? NULL : path;
}

void depfile_write(FILE *stream, const char *target, const SourceText *text)
{
    write_path(stream, target);
    fputc(':', stream);
    for (uint32_t i = 0; i < text->files->count; i++) {
        const char *path = path_on_disk(text, i);
        if (path == NULL)
            continue;
        fputs(" \\\n  ", stream);
        write_path(stream, path);
    }
    fputc('\n', stream);
}

const char *depfile_overwritten(const SourceText *text, const char *output)
{
    uint64_t device, inode, device_of_file, inode_of_file;
    char name[NAME_MAX + 1], name_of_file[NAME_MAX + 1];
    if (text->files->count < 2 || output == NULL || strcmp(output, "-") == 0 ||
        !output_place_identity(output, &device, &inode, name) || name[0] != '\0')
        return NULL;
    for (uint32_t i = 0; i < text->files->count; i++) {
        const char *path = path_on_disk(text, i);
        if (path != NULL && output_place_identity(path, &device_of_file, &inode_of_file, name_of_file) &&
            device == device_of_file && inode == inode_of_file)
            return path;
    }
    return NULL;
}
