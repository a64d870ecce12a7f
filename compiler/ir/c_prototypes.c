/*
 * Looking up a C function's prototype: binary search over the names in bytewise order.  A dozen comparisons for each
 * extern that a program uses; a perfect hash would save some of them and cost a generator that nobody can read.
 */
#include "ir/c_prototypes.h"

#include <string.h>

#include "c_prototypes_table.h"

static int compare(const char *name, size_t length, const CPrototype *with)
{
    size_t common = length < with->name_length ? length : with->name_length;
    int order = memcmp(name, prototype_names + with->name, common);
    return order ? order : (length > with->name_length) - (length < with->name_length);
}

const CPrototype *c_prototype_find(const char *name, size_t length)
{
    size_t from = 0, to = sizeof prototypes / sizeof *prototypes;
    while (from < to) {
        size_t middle = (from + to) / 2;
        int order = compare(name, length, &prototypes[middle]);
        if (order == 0) return &prototypes[middle];
        if (order < 0)
            to = middle;
        else
            from = middle + 1;
    }
    return NULL;
}

CType c_prototype_param(const CPrototype *prototype, uint32_t index)
{
    return (CType)prototype_params[prototype->first_param + index];
}

int c_printf_format_parameter(const char *name, size_t length)
{
    const CPrototype *prototype = c_prototype_find(name, length);
    return prototype ? prototype->printf_format : -1;
}
