/* Private to the command line: the table of options, between option_table.c that obeys and options.c that reads. */
#ifndef POLEC_OPTION_TABLE_H
#define POLEC_OPTION_TABLE_H

#include "arguments.h"
#include "options.h"

typedef struct {
    Options *options;
    ProcessMemory *memory;
    Arguments arguments;
    size_t next;            /* index of the argument behind the current one */
    const char *spelling;   /* of the option being obeyed, for messages */
    ArenaArray *imports, *libraries, *library_directories, *prefix_maps; /* NULL until one is given */
    bool finished;          /* --help or --version: nothing else counts */
} Parse;

typedef enum {
    FLAG,     /* stands alone */
    JOINED,   /* the value follows at once: -O2, --emit=ast (the spelling ends in `=`) */
    ATTACHED, /* at once, or as the next argument: -oPATH, -o PATH */
    OPTIONAL, /* alone, or with =VALUE */
} Form;

typedef struct {
    const char *spelling;
    Form form;
    const char *value;      /* what --help calls the value */
    bool (*obey)(Parse *, const char *value); /* false: wrong, and told */
    const char *help;       /* NULL: not listed.  A line of it starts behind each newline */
} Option;

/* An entry without a spelling is a heading of --help. */
extern const Option option_table[];
extern const size_t option_table_entries;

/* Something that is known by a name. */
typedef struct {
    const char *name;
    int value;              /* NOT_AVAILABLE: known, but not in this version */
} Choice;
enum { NOT_AVAILABLE = -1 };

/* Tells what is wrong; always false. */
bool option_wrong(const Parse *parse, const char *format, ...) __attribute__((format(printf, 2, 3)));

bool option_choose_report(Parse *parse, const char *value, ReportFormat *format);

#endif
