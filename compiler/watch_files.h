/*
 * Which changes in the file system are worth a look.
 *
 * Directories are watched and not files, because editors write a new file beside the old one and rename it; then the
 * old one, which a watch would be tied to, is gone.  A file that is reached through a symbolic link is watched in both
 * places.
 */
#ifndef POLEC_WATCH_FILES_H
#define POLEC_WATCH_FILES_H

#include <signal.h>

#include "base/source.h"
#include "options.h"
#include "parser/ast.h"

typedef struct {
    int inotify;
    bool complete;  /* every directory that should be watched is; else one is missing now, and is waited for */
    bool unread;    /* nobody reads standard output any more */
} WatchFiles;

/* False: errno says why. */
bool watch_files_open(WatchFiles *w);
void watch_files_close(WatchFiles *w);

/* Watches the directories of the file, of all files of the text, and those where the imports of the tree would be found
   (`ast` may be NULL).  Watching one twice is harmless. */
void watch_files_add(WatchFiles *w, const char *path, const Options *options, const SourceText *text,
                     const Names *names, const Ast *ast);

/* Waits until something has changed and then for a moment of peace, since a file is rarely changed by one step.  False
   if a signal came first, which `mask` lets through while it waits, or if `unread` has become true. */
bool watch_files_wait(WatchFiles *w, const sigset_t *mask);

#endif
