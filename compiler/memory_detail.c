/*
 * Adding charges up: by line through a table of where lines start, by function through the functions' ranges, both by
 * binary search.  The last row is what nobody is charged with; it is computed as what is left of the bytes that the
 * arena held, so that a column adds up to exactly that.
 */
#include "memory_detail.h"

#include <string.h>

typedef struct {
    const Session *session;
    const Charges *charges;
    Arena *arena;
} Detail;

typedef struct { uint64_t bytes[N_CHARGED]; } Sums;

/* ---- Lines ------------------------------------------------------------------------------------------------------- */

/* Where the lines of all files start, ascending. */
static ArenaArray *find_lines(const Detail *d)
{
    const SourceText *text = &d->session->text;
    ArenaArray *starts = arena_array(d->charges->arena, "line start", sizeof(uint32_t));
    for (uint32_t i = 0; i < text->files->count; i++) {
        const SourceFile *file = source_file(text, (FileId){i});
        const char *bytes = source_at(text, file->start);
        *(uint32_t *)array_push(starts, 1) = file->start.at;
        for (uint32_t at = 0; at < file->length; at++)
            if (bytes[at] == '\n' || (bytes[at] == '\r' && bytes[at + 1] != '\n'))
                *(uint32_t *)array_push(starts, 1) = file->start.at + at + 1;
    }
    return starts;
}

/* Index, from 1, of the last of the ascending numbers that is not above `at`; 0: all are. */
static size_t rank_of(const ArenaArray *starts, uint32_t at)
{
    const uint32_t *numbers = (const uint32_t *)(const void *)starts->items;
    size_t low = 0, high = starts->count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (numbers[middle] <= at)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

/* ---- Functions --------------------------------------------------------------------------------------------------- */

static const ChargedFunction *function_at(const Detail *d, size_t index)
{
    return (const ChargedFunction *)(const void *)d->charges->functions->items + index;
}

static ArenaArray *find_functions(const Detail *d)
{
    ArenaArray *starts = arena_array(d->charges->arena, "function start", sizeof(uint32_t));
    for (size_t i = 0; i < d->charges->functions->count; i++)
        *(uint32_t *)array_push(starts, 1) = function_at(d, i)->start;
    return starts;
}

/* ---- Adding up --------------------------------------------------------------------------------------------------- */

/* sums[0] is nobody's; the others stand in the order of `starts`. */
static Sums *add_up(const Detail *d, const PolecMemoryReport *report, const ArenaArray *starts, bool functions)
{
    Sums *sums = arena_push_zero(d->charges->arena, (starts->count + 1) * sizeof *sums);
    for (int what = 0; what < N_CHARGED; what++) {
        const ArenaArray *list = d->charges->charges[what];
        const Charge *charges = (const Charge *)(const void *)list->items;
        uint64_t somebodys = 0;
        for (size_t i = 0; i < list->count; i++) {
            uint32_t at = functions ? charges[i].function.at : charges[i].line.at;
            size_t rank = rank_of(starts, at);
            if (functions && rank > 0 && at >= function_at(d, rank - 1)->end)
                rank = 0;
            sums[rank].bytes[what] += charges[i].bytes;
            somebodys += rank > 0 ? charges[i].bytes : 0;
        }
        if (what < POLEC_N_PHASES)
            sums[0].bytes[what] = (uint32_t)what < report->n_phases ? report->phases[what].used_bytes - somebodys : 0;
    }
    return sums;
}

static bool is_nothing(const Sums *sums)
{
    static const Sums nothing;
    return memcmp(sums, &nothing, sizeof nothing) == 0;
}

/* ---- Rows -------------------------------------------------------------------------------------------------------- */

/* `last_path` is where the path of the row before was copied to: rows of one file share it. */
static void set_place(const Detail *d, PolecMemoryPart *part, SourcePos pos, const char **last_path)
{
    SourcePlace place = source_place(&d->session->text, pos);
    const char *path = place.file->path;
    if (*last_path == NULL || strcmp(*last_path, path) != 0)
        *last_path = arena_copy(d->arena, path, strlen(path) + 1);
    part->file = *last_path;
    part->line = place.line;
}

static void set_name(const Detail *d, PolecMemoryPart *part, NameId id)
{
    const Names *names = &d->session->names;
    char *name = arena_push_zero(d->arena, name_length(names, id) + 1);
    memcpy(name, name_text(names, id), name_length(names, id));
    part->function = name;
}

static const PolecMemoryPart *make_rows(const Detail *d, const ArenaArray *starts, const Sums *sums, bool functions,
                                        uint32_t *n)
{
    const uint32_t *numbers = (const uint32_t *)(const void *)starts->items;
    PolecMemoryPart *parts = arena_push_zero(d->arena, (starts->count + 1) * sizeof *parts);
    const char *path = NULL;
    *n = 0;
    for (size_t i = 1; i <= starts->count + 1; i++) {
        const Sums *row = &sums[i <= starts->count ? i : 0]; /* nobody's comes last, even if it is nothing */
        if (row != sums && is_nothing(row))
            continue;
        PolecMemoryPart *part = &parts[(*n)++];
        memcpy(part->phases, row->bytes, sizeof part->phases);
        part->codegen_scratch = row->bytes[CHARGED_SCRATCH];
        if (row == sums)
            continue;
        set_place(d, part, functions ? function_at(d, i - 1)->pos : (SourcePos){numbers[i - 1]}, &path);
        if (functions)
            set_name(d, part, function_at(d, i - 1)->name);
    }
    return parts;
}

void memory_detail(PolecMemoryReport *report, Arena *arena, const Session *session, const Charges *charges)
{
    Detail d = {session, charges, arena};
    if (session->text.files == NULL)
        return;
    if (session->options->detail_by_function) {
        ArenaArray *starts = find_functions(&d);
        report->functions = make_rows(&d, starts, add_up(&d, report, starts, true), true, &report->n_functions);
    }
    if (session->options->detail_by_line) {
        ArenaArray *starts = find_lines(&d);
        report->lines = make_rows(&d, starts, add_up(&d, report, starts, false), false, &report->n_lines);
    }
}
