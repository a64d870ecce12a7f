/*
 * Naming outputs, and refusing those that would destroy something.
 *
 * Every input and output claims its place.  A place is known by device and inode, so that ./a.o, a.o and a link to it
 * are the same; what does not exist yet is known by its directory's and its name.  Claims stand in a hash table, so
 * that ten thousand files cost no more each than ten.  Devices can be written to by many and are not claimed.
 */
#define _GNU_SOURCE
#include "plan.h"

#include <errno.h>
#include <limits.h>
#include <string.h>
#include <unistd.h>

#include "complain.h"
#include "output.h"

/* ---- Names ------------------------------------------------------------------------------------------------------- */

static const char *default_extension(const Options *options)
{
    switch (options->emit) {
    case EMIT_LLVM_BITCODE: return ".bc";
    case EMIT_OBJECT: return ".o";
    case EMIT_ASSEMBLY: return ".s";
    case EMIT_TOKENS: case EMIT_AST: case EMIT_IR: case EMIT_CHECK: case EMIT_LLVM_IR: case EMIT_EXECUTABLE:
    case EMIT_MEMORY: break;
    }
    return "";
}

/* The file's name without directory and extension. */
static const char *base_name(const char *file, size_t *length)
{
    if (strcmp(file, "-") == 0)
        file = "stdin";
    const char *slash = strrchr(file, '/');
    const char *name = slash == NULL ? file : slash + 1;
    const char *dot = strrchr(name, '.');
    *length = dot == NULL || dot == name ? strlen(name) : (size_t)(dot - name);
    if (*length > NAME_MAX)
        *length = NAME_MAX; /* there is no such file: let reading it say so */
    return name;
}

static bool join(char buffer[PATH_MAX], const char *front, size_t length, const char *extension)
{
    int written = snprintf(buffer, PATH_MAX, "%.*s%s", (int)length, front, extension);
    if (written >= 0 && written < PATH_MAX)
        return true;
    complain("the path of an output is too long: '%.*s%s'", (int)length, front, extension);
    return false;
}

/* The output's path with .d for its extension. */
static bool name_depfile(char buffer[PATH_MAX], const char *target)
{
    const char *slash = strrchr(target, '/');
    const char *dot = strrchr(target, '.');
    bool has_extension = dot != NULL && (slash == NULL || dot > slash + 1) && dot != target;
    return join(buffer, target, has_extension ? (size_t)(dot - target) : strlen(target), ".d");
}

static bool plan_depfile(FilePlan *plan, const Options *options)
{
    if (!options->write_depfile)
        return true;
    bool output_is_file = plan->output != NULL && strcmp(plan->output, "-") != 0;
    plan->depfile_target = options->output != NULL || output_is_file ? plan->output : plan->output_buffer;
    plan->depfile = options->depfile;
    if (plan->depfile != NULL)
        return true;
    plan->depfile = plan->depfile_buffer;
    return name_depfile(plan->depfile_buffer, output_is_file ? plan->output : plan->output_buffer);
}

bool plan_file(FilePlan *plan, const Options *options, const char *file)
{
    size_t length;
    const char *name = base_name(file, &length);
    plan->output = plan->depfile = plan->depfile_target = NULL;
    if (!join(plan->output_buffer, name, length, default_extension(options)))
        return false;
    bool to_standard = emit_is_text(options->emit) && !options->assembly_file;
    if (options->output != NULL)
        plan->output = options->output;
    else if (options->emit != EMIT_CHECK && options->emit != EMIT_MEMORY)
        plan->output = to_standard ? "-" : plan->output_buffer;
    return plan_depfile(plan, options);
}

/* ---- Claims ------------------------------------------------------------------------------------------------------ */

typedef struct {
    uint64_t device, inode;
    const char *name;            /* of what does not exist yet, in that directory; else "".  NULL: a free slot */
    bool is_input;
} Claim;

typedef struct {
    Claim *slots;
    size_t n_slots;              /* a power of two, at least twice the number of claims */
    ProcessMemory *memory;       /* where names are kept ... */
    char *few_names;             /* ... of several files; of one file here */
} Claims;

enum { FEW_CLAIMS = 8 };         /* slots that suffice for one file: input, output, depfile and report */

static bool same_place(const Claim *a, const Claim *b)
{
    return a->device == b->device && a->inode == b->inode && strcmp(a->name, b->name) == 0;
}

static size_t hash_claim(const Claim *claim)
{
    uint64_t hash = claim->inode * 31 + claim->device;
    for (const char *c = claim->name; *c != '\0'; c++)
        hash = (hash ^ (unsigned char)*c) * 0x9E3779B97F4A7C15u;
    return (size_t)((hash * 0x9E3779B97F4A7C15u) >> 32);
}

static bool conflict(const char *path, bool with_input)
{
    if (with_input)
        complain("the output '%s' is also an input; -o names another", path);
    else
        complain("two outputs would go to '%s'", path);
    return false;
}

static const char *keep_name(Claims *claims, const char *name)
{
    size_t size = strlen(name) + 1;
    if (claims->few_names == NULL)
        return size == 1 ? "" : arena_copy(process_arena(claims->memory), name, size);
    char *kept = memcpy(claims->few_names, name, size);
    claims->few_names += size;
    return kept;
}

/* `polec hlep`: what is wrong is not that the output would go there.  The compilation tells that it cannot be read. */
static bool is_missing_input(const Claim *claim, const char *path)
{
    return claim->is_input && access(path, F_OK) != 0;
}

/* One input may be named twice; everything else conflicts. */
static bool claim(Claims *claims, const char *path, bool is_input)
{
    char name[NAME_MAX + 1];
    Claim wanted = {.name = name, .is_input = is_input};
    if (!output_place_identity(path, &wanted.device, &wanted.inode, name))
        return true;
    size_t at = hash_claim(&wanted) & (claims->n_slots - 1);
    for (; claims->slots[at].name != NULL; at = (at + 1) & (claims->n_slots - 1)) {
        if (same_place(&claims->slots[at], &wanted))
            return (is_input && claims->slots[at].is_input) || is_missing_input(&claims->slots[at], path) ||
                   conflict(path, claims->slots[at].is_input);
    }
    wanted.name = keep_name(claims, name);
    claims->slots[at] = wanted;
    return true;
}

static bool is_standard(const char *path)
{
    return path != NULL && strcmp(path, "-") == 0;
}

static bool claim_inputs(Claims *claims, const Options *options)
{
    bool good = true;
    for (size_t i = 0; i < options->n_files && good; i++)
        good = is_standard(options->files[i]) || claim(claims, options->files[i], true);
    return good;
}

static bool claim_output(Claims *claims, const char *path)
{
    return path == NULL || is_standard(path) || claim(claims, path, false);
}

static bool claim_outputs(Claims *claims, const Options *options)
{
    bool good = claim_output(claims, options->memory_report_file);
    for (size_t i = 0; i < options->n_files && good; i++) {
        FilePlan plan;
        good = plan_file(&plan, options, options->files[i]) && claim_output(claims, plan.output) &&
               claim_output(claims, plan.depfile);
        int n_standard = is_standard(plan.output) + is_standard(plan.depfile) + is_standard(options->memory_report_file);
        if (good && n_standard > 1) {
            fputs("polec: error: two outputs would go to standard output\n", stderr);
            return false;
        }
    }
    return good;
}

const char *plan_suffix_left_out(const char *path)
{
    static const char suffix[] = ".pole-ir";
    char whole[PATH_MAX];
    size_t length = strlen(path);
    if (errno != ENOENT || length + sizeof suffix > sizeof whole)
        return "";
    memcpy(whole, path, length);
    memcpy(whole + length, suffix, sizeof suffix);
    bool there = access(whole, F_OK) == 0;
    errno = ENOENT;
    return there ? "; is '.pole-ir' missing at its end?" : "";
}

Status plan_check(const Options *options, ProcessMemory *memory)
{
    Claim few[FEW_CLAIMS];
    char few_names[FEW_CLAIMS * (NAME_MAX + 1)];
    Claims claims = {few, FEW_CLAIMS, memory, few_names};
    if (options->n_files > 1) {
        claims.few_names = NULL;
        while (claims.n_slots < 2 * (3 * options->n_files + 1))
            claims.n_slots *= 2;
        claims.slots = arena_push(process_arena(memory), claims.n_slots * sizeof(Claim));
    }
    for (size_t i = 0; i < claims.n_slots; i++)
        claims.slots[i].name = NULL;
    return claim_inputs(&claims, options) && claim_outputs(&claims, options) ? STATUS_DONE : STATUS_USAGE;
}
