/*
 * Writing outputs, and the list of temporaries that a signal has to remove.
 *
 * The list is guarded by a spin lock.  Whoever holds it has all signals blocked whose handlers take it (those below, and
 * SIGABRT, which faults.c handles and which others may send), so no list is walked that is half changed.  Faults cannot be
 * blocked, and may happen in a handler, too; so a thread that has the lock already does not wait for itself.  Whoever ends
 * the process keeps the lock for ever: no thread can begin another temporary while the process is dying.
 *
 * A temporary is made while the lock is held, and struck off after it was renamed, so it is never there unlisted; the
 * price is that the handler may try to remove a file that is not there, which does no harm.
 *
 * The temporary has a name of its own (.polec-PID-N.tmp) rather than one made from the output's: that would fail for the
 * longest names a directory can hold.
 */
#define _GNU_SOURCE
#include "output.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "progress.h"

enum { MAX_LINKS = 40 };

static const int fatal_signals[] = {SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGXCPU};
enum { N_FATAL_SIGNALS = sizeof fatal_signals / sizeof *fatal_signals };

static _Thread_local char this_thread; /* its address tells threads apart */

static struct {
    char *_Atomic owner; /* of the lock; NULL: nobody */
    Temporary *first;
    unsigned n_made;
} temporaries;

/* ---- The list of temporaries ------------------------------------------------------------------------------------- */

static void take_lock(void)
{
    char *owner = NULL;
    while (!atomic_compare_exchange_weak_explicit(&temporaries.owner, &owner, &this_thread, memory_order_acquire,
                                                  memory_order_relaxed) && owner != &this_thread) {
        owner = NULL;
        sched_yield(); /* a system call and nothing more, so that handlers may */
    }
}

static void block_signals(sigset_t *old_mask)
{
    sigset_t mask;
    sigemptyset(&mask);
    sigaddset(&mask, SIGABRT);
    for (int i = 0; i < N_FATAL_SIGNALS; i++)
        sigaddset(&mask, fatal_signals[i]);
    pthread_sigmask(SIG_BLOCK, &mask, old_mask);
}

static void lock_list(sigset_t *old_mask)
{
    block_signals(old_mask);
    take_lock();
}

static void unlock_list(const sigset_t *old_mask)
{
    atomic_store_explicit(&temporaries.owner, NULL, memory_order_release);
    pthread_sigmask(SIG_SETMASK, old_mask, NULL);
}

static bool catches_signals; /* no library, in whose process others may start programs, too */
static atomic_int writer;    /* leader of the process group that writes an output; 0: none */

void output_writer_starts(sigset_t *usual_mask)
{
    if (catches_signals)
        prctl(PR_SET_CHILD_SUBREAPER, 1); /* what the writer starts becomes ours when it dies: see output_remove_temporaries */
    block_signals(usual_mask);
}

void output_writer_started(pid_t leader, const sigset_t *usual_mask)
{
    atomic_store(&writer, catches_signals ? leader : 0);
    pthread_sigmask(SIG_SETMASK, usual_mask, NULL);
}

void output_writer_ended(void)
{
    atomic_store(&writer, 0);
}

void output_remove_temporaries(void)
{
    int leader = atomic_load(&writer);
    if (leader > 0) {
        kill(-leader, SIGKILL);
        /* All of the group, not the leader alone: a linker below cc may be in the middle of making the file. */
        while (waitpid(-leader, NULL, 0) > 0)
            continue;
    }
    take_lock();
    for (const Temporary *t; (t = temporaries.first) != NULL;) {
        temporaries.first = t->next; /* first, so that whoever has to begin again after a fault does not meet it again */
        unlink(t->path);
    }
}

static void die_of_signal(int signal_number)
{
    progress_erase_at_end();
    output_remove_temporaries();
    signal(signal_number, SIG_DFL);
    raise(signal_number); /* takes effect when this handler returns: the caller sees a death by signal */
}

void output_catch_signals(void)
{
    struct sigaction action = {.sa_handler = die_of_signal}, old;
    sigemptyset(&action.sa_mask); /* and not all signals: faults are to be told there, too */
    for (int i = 0; i < N_FATAL_SIGNALS; i++)
        sigaddset(&action.sa_mask, fatal_signals[i]);
    catches_signals = true;
    for (int i = 0; i < N_FATAL_SIGNALS; i++)
        if (sigaction(fatal_signals[i], NULL, &old) == 0 && old.sa_handler == SIG_DFL) /* nohup's SIG_IGN stays */
            sigaction(fatal_signals[i], &action, NULL);
}

void output_release_signals(void)
{
    struct sigaction old;
    for (int i = 0; i < N_FATAL_SIGNALS; i++)
        if (sigaction(fatal_signals[i], NULL, &old) == 0 && old.sa_handler == die_of_signal)
            signal(fatal_signals[i], SIG_DFL);
    signal(SIGPIPE, SIG_DFL);
    signal(SIGXFSZ, SIG_DFL);
}

/* The three that follow need the lock. */

/* A new name in the directory of `place`; false if that would be too long. */
static bool name_temporary(Temporary *temporary, const char *place)
{
    const char *slash = strrchr(place, '/');
    int directory = slash == NULL ? 0 : (int)(slash + 1 - place);
    int length = snprintf(temporary->path, sizeof temporary->path, "%.*s.polec-%ld-%u.tmp", directory, place,
                          (long)getpid(), temporaries.n_made++);
    return length > 0 && (size_t)length < sizeof temporary->path;
}

static void enter(Temporary *temporary)
{
    temporary->previous = NULL;
    temporary->next = temporaries.first;
    if (temporary->next != NULL)
        temporary->next->previous = temporary;
    temporaries.first = temporary;
    temporary->listed = true;
}

static void leave(Temporary *temporary)
{
    if (temporary->previous != NULL)
        temporary->previous->next = temporary->next;
    else
        temporaries.first = temporary->next;
    if (temporary->next != NULL)
        temporary->next->previous = temporary->previous;
    temporary->listed = false;
}

/* Makes a temporary in the directory of `place`; the descriptor, or -1. */
static int list_temporary(Temporary *temporary, const char *place, mode_t mode)
{
    sigset_t old_mask;
    lock_list(&old_mask);
    int descriptor = -1, reason = ENAMETOOLONG;
    if (name_temporary(temporary, place)) {
        enter(temporary);
        descriptor = open(temporary->path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode);
        reason = errno;
        if (descriptor < 0)
            leave(temporary);
    }
    unlock_list(&old_mask);
    errno = reason;
    return descriptor;
}

static void strike_off(Temporary *temporary)
{
    if (!temporary->listed)
        return;
    sigset_t old_mask;
    lock_list(&old_mask);
    leave(temporary);
    unlock_list(&old_mask);
}

/* ---- Paths ------------------------------------------------------------------------------------------------------- */

/* Follows symbolic links at the end of `path`, also one that leads nowhere yet.  False: errno says why. */
static bool follow_links(const char *path, char place[PATH_MAX])
{
    char target[PATH_MAX], joined[PATH_MAX];
    if (strlen(path) >= PATH_MAX) {
        errno = ENAMETOOLONG;
        return false;
    }
    strcpy(place, path);
    struct stat about;
    if (stat(path, &about) == 0 && !S_ISREG(about.st_mode))
        return true; /* opened under this name: what /dev/stdout leads to may be a pipe without a path */
    for (int i = 0; i < MAX_LINKS; i++) {
        ssize_t n = readlink(place, target, sizeof target - 1);
        if (n < 0)
            return errno == EINVAL || errno == ENOENT; /* no link, or nothing there */
        target[n] = '\0';
        const char *slash = strrchr(place, '/');
        int directory = target[0] == '/' || slash == NULL ? 0 : (int)(slash + 1 - place);
        int length = snprintf(joined, sizeof joined, "%.*s%s", directory, place, target);
        if (length < 0 || (size_t)length >= sizeof joined) {
            errno = ENAMETOOLONG;
            return false;
        }
        strcpy(place, joined);
    }
    errno = ELOOP;
    return false;
}

bool output_place_identity(const char *path, uint64_t *device, uint64_t *inode, char *name)
{
    struct stat about;
    char place[PATH_MAX];
    name[0] = '\0';
    if (stat(path, &about) != 0) {
        if (!follow_links(path, place))
            return false;
        char *slash = strrchr(place, '/');
        const char *last = slash == NULL ? place : slash + 1;
        if (strlen(last) > NAME_MAX)
            return false;
        strcpy(name, last);
        if (slash != NULL)
            slash[1] = '\0';
        if (stat(slash == NULL ? "." : place, &about) != 0)
            return false;
    } else if (!S_ISREG(about.st_mode)) {
        return false;
    }
    *device = about.st_dev;
    *inode = about.st_ino;
    return true;
}

/* ---- Opening ----------------------------------------------------------------------------------------------------- */

/* Makes the temporary, under a name that nobody else has taken; the descriptor, or -1. */
static int make_temporary(Output *output, const char *place, mode_t mode)
{
    int descriptor = -1;
    errno = EEXIST;
    for (int attempt = 0; attempt < 100 && descriptor < 0 && errno == EEXIST; attempt++)
        descriptor = list_temporary(&output->temporary, place, mode);
    return descriptor;
}

/* Opens the file, device or pipe at output->place; the descriptor, or -1. */
static int open_place(Output *output, bool executable)
{
    struct stat about;
    if (stat(output->place, &about) == 0 && !S_ISREG(about.st_mode)) {
        output->way = OUTPUT_DEVICE;
        return open(output->place, O_WRONLY | O_CLOEXEC); /* a directory refuses */
    }
    /* Renaming would replace a file that its owner has protected; whoever protected it did not mean that. */
    if (access(output->place, W_OK) != 0 && errno != ENOENT)
        return -1;
    return make_temporary(output, output->place, executable ? 0755 : 0666);
}

static bool open_standard(Output *output, bool held)
{
    output->way = held ? OUTPUT_HELD : OUTPUT_STANDARD;
    output->stream = held ? tmpfile() : stdout;
    return output->stream != NULL;
}

bool output_open(Output *output, const char *path, bool executable, bool held)
{
    output->path = path;
    output->way = OUTPUT_REPLACE;
    output->stream = NULL;
    output->temporary.listed = false;
    if (strcmp(path, "-") == 0)
        return open_standard(output, held);
    int descriptor = follow_links(path, output->place) ? open_place(output, executable) : -1;
    if (descriptor >= 0)
        output->stream = fdopen(descriptor, "w");
    if (output->stream != NULL)
        return true;
    int reason = errno;
    if (descriptor >= 0)
        close(descriptor);
    output_discard(output);
    errno = reason;
    return false;
}

const char *output_hand_over(Output *output)
{
    if (output->way == OUTPUT_DEVICE) {
        /* A linker would replace the device: let it write a file of its own, which output_commit copies. */
        int descriptor = make_temporary(output, "/tmp/", 0700);
        if (descriptor < 0)
            return NULL;
        close(descriptor);
    } else {
        fclose(output->stream);
        output->stream = NULL;
    }
    return output->temporary.path;
}

/* ---- Finishing --------------------------------------------------------------------------------------------------- */

/* False if anything written to the stream, now or before, did not arrive. */
static bool flush_stream(FILE *stream)
{
    errno = 0;
    if (fflush(stream) == 0 && !ferror(stream))
        return true;
    if (errno == 0)
        errno = EIO; /* it happened earlier, and the reason is gone */
    return false;
}

bool output_write_all(int descriptor, const char *bytes, size_t n)
{
    while (n > 0) {
        ssize_t written = write(descriptor, bytes, n);
        if (written < 0 && errno == EINTR)
            continue;
        if (written < 0)
            return false;
        bytes += written;
        n -= (size_t)written;
    }
    return true;
}

bool output_flush_standard(void)
{
    return flush_stream(stdout);
}

static bool copy_stream(FILE *to, FILE *from)
{
    char buffer[16384];
    for (size_t n; (n = fread(buffer, 1, sizeof buffer, from)) > 0;)
        if (fwrite(buffer, 1, n, to) != n)
            return false;
    return !ferror(from);
}

/* What another program wrote for a device goes there now. */
static bool copy_temporary(Output *output)
{
    FILE *file = fopen(output->temporary.path, "re");
    bool good = file != NULL && copy_stream(output->stream, file);
    if (file != NULL)
        fclose(file);
    unlink(output->temporary.path);
    strike_off(&output->temporary);
    return good;
}

/* Buffers forget why they could not be emptied.  To hear it again, one more byte is written to a file that will be
   thrown away. */
static void ask_reason_again(const Output *output)
{
    if (output->way == OUTPUT_REPLACE && errno == EIO && write(fileno(output->stream), "", 1) == 1)
        errno = EIO;
}

bool output_finish(Output *output)
{
    if (output->way == OUTPUT_CLOSED || output->stream == NULL)
        return true;
    if (output->way == OUTPUT_STANDARD)
        return output_flush_standard();
    bool good = !output->temporary.listed || output->way != OUTPUT_DEVICE || copy_temporary(output);
    good = good && flush_stream(output->stream);
    if (output->way == OUTPUT_HELD)
        return good;
    if (!good)
        ask_reason_again(output);
    int reason = errno;
    bool closed = fclose(output->stream) == 0;
    output->stream = NULL;
    if (!good)
        errno = reason;
    return good && closed;
}

static bool put_in_place(Output *output)
{
    if (output->way == OUTPUT_HELD) {
        bool good = fseek(output->stream, 0, SEEK_SET) == 0 && copy_stream(stdout, output->stream) && output_flush_standard();
        fclose(output->stream);
        return good;
    }
    if (output->way != OUTPUT_REPLACE)
        return true;
    bool good = rename(output->temporary.path, output->place) == 0;
    int reason = errno;
    if (!good)
        unlink(output->temporary.path);
    strike_off(&output->temporary);
    errno = reason;
    return good;
}

bool output_commit(Output *output)
{
    bool good = put_in_place(output);
    output->stream = NULL;
    output->way = OUTPUT_CLOSED;
    return good;
}

void output_discard(Output *output)
{
    if (output->way == OUTPUT_CLOSED)
        return; /* and nothing else in it need ever have been set */
    if (output->stream != NULL && output->way != OUTPUT_STANDARD)
        fclose(output->stream);
    if (output->temporary.listed) {
        unlink(output->temporary.path);
        strike_off(&output->temporary);
    }
    output->stream = NULL;
    output->way = OUTPUT_CLOSED;
}

const char *output_complaint(const Output *output, char buffer[OUTPUT_COMPLAINT_SIZE])
{
    const char *reason = strerror(errno);
    if (strcmp(output->path, "-") == 0)
        snprintf(buffer, OUTPUT_COMPLAINT_SIZE, "cannot write standard output: %s", reason);
    else
        snprintf(buffer, OUTPUT_COMPLAINT_SIZE, "cannot write '%s': %s", output->path, reason);
    return buffer;
}
