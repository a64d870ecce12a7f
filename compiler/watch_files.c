/*
 * Watching directories with inotify.
 *
 * Every event in a watched directory leads to a check, whatever file it is about: a check that finds nothing changed
 * costs a fraction of a millisecond and says nothing, and so no rule about names can be wrong.  Only reading does not
 * count, or each check would cause the next.
 */
#define _GNU_SOURCE
#include "watch_files.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <string.h>
#include <sys/inotify.h>
#include <time.h>
#include <unistd.h>

enum {
    QUIET_MILLISECONDS = 20,   /* so long nothing must happen ... */
    MOST_QUIETS = 15,          /* ... but waiting for that has an end */
    RETRY_MILLISECONDS = 500,  /* how often a directory that is missing is looked for */
    CHANGES = IN_CLOSE_WRITE | IN_MODIFY | IN_ATTRIB | IN_CREATE | IN_DELETE | IN_MOVED_FROM | IN_MOVED_TO |
              IN_DELETE_SELF | IN_MOVE_SELF,
};

bool watch_files_open(WatchFiles *w)
{
    w->inotify = inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
    w->complete = true;
    w->unread = false;
    return w->inotify >= 0;
}

void watch_files_close(WatchFiles *w)
{
    if (w->inotify >= 0)
        close(w->inotify);
}

/* ---- What to watch ----------------------------------------------------------------------------------------------- */

static void add_directory(WatchFiles *w, const char *path, size_t length)
{
    char directory[PATH_MAX];
    if (length >= sizeof directory)
        return;
    memcpy(directory, path, length);
    directory[length] = '\0';
    if (inotify_add_watch(w->inotify, length == 0 ? "." : directory, CHANGES) < 0)
        w->complete = false;
}

static void add_directory_of(WatchFiles *w, const char *path)
{
    const char *slash = strrchr(path, '/');
    add_directory(w, path, slash == NULL ? 0 : (size_t)(slash + 1 - path));
}

/* Where the path leads to when links are followed; false if nowhere. */
static bool follow_links(const char *path, char real[PATH_MAX])
{
    char descriptor_path[64];
    int descriptor = open(path, O_PATH | O_CLOEXEC);
    if (descriptor < 0)
        return false;
    snprintf(descriptor_path, sizeof descriptor_path, "/proc/self/fd/%d", descriptor);
    ssize_t n = readlink(descriptor_path, real, PATH_MAX - 1);
    close(descriptor);
    if (n < 0)
        return false;
    real[n] = '\0';
    return true;
}

static void add_file(WatchFiles *w, const char *path)
{
    char real[PATH_MAX];
    add_directory_of(w, path);
    if (follow_links(path, real))
        add_directory_of(w, real);
}

/* An import a.b.c would be found in DIRECTORY/a/b: watches what there is of it. */
static void add_import_in(WatchFiles *w, const char *directory, size_t length, const Names *names, const Ast *ast,
                          const AstImport *import)
{
    char path[PATH_MAX];
    bool complete = w->complete;
    if (length + 2 > sizeof path)
        return;
    memcpy(path, directory, length);
    if (length > 0 && path[length - 1] != '/')
        path[length++] = '/';
    add_directory(w, path, length);
    for (uint32_t i = 0; i + 1 < import->n; i++) {
        NameId part = ast_name(ast, import->path[i])->name;
        if (length + name_length(names, part) + 2 > sizeof path)
            break;
        memcpy(path + length, name_text(names, part), name_length(names, part));
        length += name_length(names, part);
        path[length++] = '/';
        add_directory(w, path, length);
    }
    w->complete = complete; /* a parent tells when it appears */
}

static void add_imports_of(WatchFiles *w, const char *opened_path, const Options *options, const Names *names,
                           const Ast *ast, NodeId file)
{
    const AstItems *items = ast_items(ast, file);
    const char *slash = strrchr(opened_path, '/');
    for (uint32_t i = 0; i < items->n; i++) {
        if (ast_kind(ast, items->items[i]) != AST_IMPORT)
            continue;
        const AstImport *import = ast_import(ast, items->items[i]);
        add_import_in(w, opened_path, slash == NULL ? 0 : (size_t)(slash + 1 - opened_path), names, ast, import);
        for (size_t j = 0; j < options->n_import_directories; j++) {
            const char *directory = options->import_directories[j];
            add_import_in(w, directory, strlen(directory), names, ast, import);
        }
    }
}

void watch_files_add(WatchFiles *w, const char *path, const Options *options, const SourceText *text,
                     const Names *names, const Ast *ast)
{
    w->complete = true;
    add_file(w, path);
    if (text == NULL)
        return;
    for (uint32_t i = 1; i < text->files->count; i++)
        add_file(w, source_file(text, (FileId){i})->opened_path);
    for (uint32_t i = 0; ast != NULL && i < ast->n_files; i++)
        add_imports_of(w, source_file(text, (FileId){i})->opened_path, options, names, ast, ast->files[i]);
}

/* ---- Waiting ----------------------------------------------------------------------------------------------------- */

static bool read_away(const WatchFiles *w)
{
    char buffer[4096];
    bool any = false;
    while (read(w->inotify, buffer, sizeof buffer) > 0)
        any = true;
    return any;
}

/* A pipe without a reader is an error that poll tells without being asked.  Who waits only to write would never know. */
static int wait_for_event(WatchFiles *w, long milliseconds, const sigset_t *mask)
{
    struct pollfd descriptors[] = {{.fd = w->inotify, .events = POLLIN}, {.fd = STDOUT_FILENO}};
    struct timespec limit = {milliseconds / 1000, milliseconds % 1000 * 1000000};
    int n = ppoll(descriptors, 2, milliseconds < 0 ? NULL : &limit, mask);
    w->unread = n > 0 && (descriptors[1].revents & POLLERR) != 0;
    return w->unread ? -1 : n;
}

bool watch_files_wait(WatchFiles *w, const sigset_t *mask)
{
    int n = wait_for_event(w, w->complete ? -1 : RETRY_MILLISECONDS, mask);
    if (n < 0)
        return false;
    for (int i = 0; i < MOST_QUIETS && read_away(w); i++)
        if (wait_for_event(w, QUIET_MILLISECONDS, mask) < 0)
            return false;
    return true;
}
