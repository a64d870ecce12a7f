/*
 * Executables.
 *
 * Which start files, libraries and directories a program needs is the system's own business, so its C compiler is the
 * linker.  It is started directly, without a shell, with its arguments as a vector.  The object is handed over
 * in memory (memfd_create): the linker opens /dev/fd/N, and no temporary file is left behind, whatever happens.
 */
#define _GNU_SOURCE
#include "codegen/link.h"

#include <errno.h>
#include <limits.h>
#include <signal.h>
#include <spawn.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "build_config.h"
#include "output.h"

typedef struct { char *text; size_t size; } Failure;

/* Always false. */
static bool fail(const Failure *failure, const char *format, ...) __attribute__((format(printf, 2, 3)));
static bool fail(const Failure *failure, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(failure->text, failure->size, format, arguments);
    va_end(arguments);
    return false;
}

/* ---- arguments --------------------------------------------------------------------------------------------------- */

typedef struct { Arena *arena; char **items; size_t n; } Arguments;

static void add(Arguments *arguments, const char *front, const char *back)
{
    size_t front_length = strlen(front), back_length = strlen(back);
    char *joined = arena_push(arguments->arena, front_length + back_length + 1);
    memcpy(joined, front, front_length);
    memcpy(joined + front_length, back, back_length + 1);
    arguments->items[arguments->n++] = joined;
}

static Arguments linker_arguments(Arena *arena, const Options *options, const Code *code, const char *output,
                                  const char *object, const char *runtime)
{
    size_t most = 16 + options->n_library_directories + options->n_libraries + code->n_libraries;
    Arguments arguments = {arena, arena_push(arena, most * sizeof(char *)), 0};
    add(&arguments, "cc", "");
    add(&arguments, "-pie", ""); /* hardened, whatever the system's default: code at random addresses, ... */
    add(&arguments, "-Wl,-z,relro,-z,now", ""); /* tables that are read-only once the program runs, ... */
    add(&arguments, "-Wl,-z,noexecstack", "");  /* data that is never run */
    add(&arguments, "-o", "");
    add(&arguments, output[0] == '@' ? "./" : "", output); /* no file of arguments, which some compilers would see */
    add(&arguments, object, "");
    for (size_t i = 0; i < options->n_library_directories; i++)
        add(&arguments, "-L", options->library_directories[i]);
    for (size_t i = 0; i < options->n_libraries; i++)
        add(&arguments, "-l", options->libraries[i]);
    for (uint32_t i = 0; i < code->n_libraries; i++)
        add(&arguments, "-l", code->libraries[i]);
    add(&arguments, "-Wl,-u,pole_start", ""); /* a constructor, which no symbol of the program's asks for */
    add(&arguments, runtime, "");
    add(&arguments, "-lm", "");
    add(&arguments, "-lpthread", "");
    add(&arguments, "-ldl", "");
    arguments.items[arguments.n] = NULL;
    return arguments;
}

/* ---- the run-time library ---------------------------------------------------------------------------------------- */

/* `directory` and `name` joined, if such a file can be read. */
static bool exists_in(const char *directory, const char *name, char path[PATH_MAX])
{
    int length = snprintf(path, PATH_MAX, "%s%s", directory, name);
    return length > 0 && length < PATH_MAX && access(path, R_OK) == 0;
}

/* Beside the executable in the build tree; from there in an installed tree, wherever it was moved to; or where it was
   installed. */
static bool find_runtime(char path[PATH_MAX], const Failure *failure)
{
    char executable[PATH_MAX];
    ssize_t length = readlink("/proc/self/exe", executable, sizeof executable - 1);
    executable[length > 0 ? length : 0] = 0;
    char *slash = strrchr(executable, '/');
    if (slash != NULL)
        slash[1] = 0;
    if (exists_in(executable, "libpolert.a", path) || exists_in(executable, POLEC_RUNTIME_FROM_EXECUTABLE, path) ||
        exists_in("", POLEC_RUNTIME_INSTALLED, path))
        return true;
    return fail(failure, "the run-time library is missing: neither %slibpolert.a nor %s can be read", executable,
                POLEC_RUNTIME_INSTALLED);
}

/* ---- the object -------------------------------------------------------------------------------------------------- */

/* A nameless file with the object in it; -1 if the system has no room. */
static int object_in_memory(const CodeBuffer *object, const Failure *failure)
{
    int descriptor = memfd_create("object", MFD_CLOEXEC);
    if (descriptor >= 0 && output_write_all(descriptor, object->bytes, object->size))
        return descriptor;
    fail(failure, "no room for the object file: %s", strerror(errno));
    if (descriptor >= 0)
        close(descriptor);
    return -1;
}

/* ---- the linker -------------------------------------------------------------------------------------------------- */

/* The linker and what it starts are a process group, so that a signal to polec can end them together; and a linker
   expects that SIGPIPE and SIGXFSZ are not ignored. */
static void set_attributes(posix_spawnattr_t *attributes, const sigset_t *usual_mask)
{
    sigset_t usual;
    sigemptyset(&usual);
    sigaddset(&usual, SIGPIPE);
    sigaddset(&usual, SIGXFSZ);
    posix_spawnattr_init(attributes);
    posix_spawnattr_setpgroup(attributes, 0);
    posix_spawnattr_setsigdefault(attributes, &usual);
    posix_spawnattr_setsigmask(attributes, usual_mask);
    posix_spawnattr_setflags(attributes, POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK);
}

/* Runs the program of `arguments`, which inherits `object`; false if it could not be started or failed. */
static bool run(const Arguments *arguments, int object, const Failure *failure)
{
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_adddup2(&actions, object, object); /* the same number: only the close-on-exec flag goes */
    posix_spawnattr_t attributes;
    sigset_t usual_mask;
    pid_t child;
    output_writer_starts(&usual_mask);
    set_attributes(&attributes, &usual_mask);
    int error = posix_spawnp(&child, arguments->items[0], &actions, &attributes, arguments->items, environ);
    output_writer_started(error == 0 ? child : 0, &usual_mask);
    posix_spawnattr_destroy(&attributes);
    posix_spawn_file_actions_destroy(&actions);
    if (error != 0)
        return fail(failure, "cannot start the linker '%s': %s%s", arguments->items[0], strerror(error),
                    error == ENOENT ? " (Debian: gcc; polec run and polec -c do without)" : "");
    int status;
    pid_t waited;
    while ((waited = waitpid(child, &status, 0)) < 0 && errno == EINTR) {}
    output_writer_ended();
    if (waited < 0)
        return fail(failure, "lost the linker '%s': %s", arguments->items[0], strerror(errno));
    if (WIFEXITED(status) && WEXITSTATUS(status) == 0)
        return true;
    return fail(failure, "the linker '%s' failed", arguments->items[0]);
}

bool link_executable(Arena *arena, const Options *options, const Code *code, const char *output, char *failure, size_t size)
{
    char runtime[PATH_MAX], path[32];
    const Failure to_tell = {failure, size};
    if (!find_runtime(runtime, &to_tell))
        return false;
    int object = object_in_memory(&code->buffers[0], &to_tell);
    if (object < 0)
        return false;
    snprintf(path, sizeof path, "/dev/fd/%d", object);
    Arguments arguments = linker_arguments(arena, options, code, output, path, runtime);
    bool linked = run(&arguments, object, &to_tell);
    close(object);
    return linked;
}
