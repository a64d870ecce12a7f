/* What -l and @link may name. */
#ifndef POLEC_LIBRARY_NAME_H
#define POLEC_LIBRARY_NAME_H

#include <stdbool.h>
#include <stddef.h>

/* How messages put the rule. */
#define LIBRARY_NAME_RULE "without '/', '\\' and spaces, and '-' is not its first character"

/* The name ends up behind "-l" in the linker's arguments and between "lib" and ".so" in a path for dlopen: neither an
   option, a path nor a second argument may come of it. */
static inline bool is_library_name(const char *name, size_t length)
{
    for (size_t i = 0; i < length; i++)
        if (name[i] == '/' || name[i] == '\\' || (unsigned char)name[i] <= ' ' || name[i] == '\x7f')
            return false;
    return length > 0 && name[0] != '-';
}

#endif
