/*
 * A system that refuses memory: an mmap() in place of the C library's, for one test program.  Not under AddressSanitizer,
 * which has its own.
 */
#ifndef POLEC_TESTS_FAKE_MMAP_H
#define POLEC_TESTS_FAKE_MMAP_H

#include <errno.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

static struct {
    uint64_t asked;        /* so many times */
    uint64_t refused;      /* the first request that is refused; 0: none */
    bool for_good;         /* and all behind it */
    size_t most_addresses; /* bytes of one region, or of one piece of memory, that are granted; 0: any number */
    size_t most_memory;
} the_system;

static inline bool is_refused(size_t bytes, int protection)
{
    uint64_t n = ++the_system.asked, first = the_system.refused;
    size_t most = protection == PROT_NONE ? the_system.most_addresses : the_system.most_memory;
    if (most != 0 && bytes > most)
        return true;
    return first != 0 && (the_system.for_good ? n >= first : n == first);
}

void *mmap(void *where, size_t bytes, int protection, int flags, int file, off_t offset)
{
    if (is_refused(bytes, protection)) {
        errno = ENOMEM;
        return MAP_FAILED;
    }
    long got = syscall(SYS_mmap, where, bytes, protection, flags, file, offset);
    return got == -1 ? MAP_FAILED : (void *)got; /* NOLINT(performance-no-int-to-ptr) */
}

#endif
