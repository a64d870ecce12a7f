/*
 * From products to files.
 *
 * Side outputs come before the output itself, because without them there is to be none.  Nothing of what is opened here
 * can be seen by others before the caller commits it, devices and standard output excepted; those are opened last.
 */
#include "deliver.h"

#include <errno.h>
#include <stdarg.h>
#include <string.h>

#include "codegen/link.h"
#include "depfile.h"
#include "measure.h"

void compilation_fail(Compilation *c, Status status, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(c->failure, sizeof c->failure, format, arguments);
    va_end(arguments);
    c->status = status;
}

static void fail_output(Compilation *c, const Output *output)
{
    char complaint[OUTPUT_COMPLAINT_SIZE];
    compilation_fail(c, STATUS_FILE, "%s", output_complaint(output, complaint));
}

bool compilation_is_good(const Compilation *c)
{
    return c->status == STATUS_DONE && c->session.diagnostics.n_errors == 0;
}

static bool write_depfile(Compilation *c)
{
    if (c->depfile_path == NULL)
        return true;
    bool good = output_open(c->depfile, c->depfile_path, false, c->hold_output);
    if (good) {
        depfile_write(c->depfile->stream, c->depfile_target, &c->session.text);
        good = output_finish(c->depfile);
    }
    if (!good)
        fail_output(c, c->depfile);
    return good;
}

/* An import may turn out to lie where the output would go. */
static bool spares_imports(Compilation *c)
{
    const char *const outputs[] = {c->output_path, c->depfile_path, c->options->memory_report_file};
    for (size_t i = 0; i < sizeof outputs / sizeof *outputs; i++) {
        if (depfile_overwritten(&c->session.text, outputs[i]) == NULL)
            continue;
        compilation_fail(c, STATUS_USAGE, "the output '%s' is also an input, by way of an import", outputs[i]);
        return false;
    }
    return true;
}

/* Opens the output if the program deserves one; side outputs come first, since without them there is to be none. */
FILE *deliver_open(Compilation *c)
{
    if (!compilation_is_good(c) || !spares_imports(c) || !write_depfile(c))
        return NULL;
    if (output_open(c->output, c->output_path, c->options->emit == EMIT_EXECUTABLE, c->hold_output))
        return c->output->stream;
    fail_output(c, c->output);
    return NULL;
}

/* The linker's arguments depend on where polec is installed and on the name of a temporary, and so are kept out of the
   exact accounts of the compilation. */
static void link_program(Compilation *c)
{
    ProcessMemory memory = {0};
    const char *path = output_hand_over(c->output);
    if (path == NULL)
        fail_output(c, c->output);
    else if (!link_executable(process_arena(&memory), c->options, &c->code, path, c->failure, sizeof c->failure))
        c->status = STATUS_ERROR;
    process_memory_close(&memory);
}

static void write_code(Compilation *c)
{
    FILE *out = deliver_open(c);
    if (out == NULL)
        return;
    if (c->options->emit == EMIT_EXECUTABLE) {
        if (c->recorder == NULL)
            link_program(c);
        return;
    }
    for (uint32_t i = 0; i < c->code.n_buffers; i++)
        fwrite(c->code.buffers[i].bytes, 1, c->code.buffers[i].size, out);
}

static const char *copy_text(Arena *arena, const char *text)
{
    return arena_copy(arena, text, strlen(text) + 1);
}

/* LIFETIME: a program that is run in memory outlives its compilation.  What LLVM made stays where it is, in LLVM's heap;
   the lists around it move out of the arena that is about to die. */
static void keep_code(Compilation *c)
{
    Arena *arena = c->code_arena;
    Code *code = &c->code;
    code->buffers = arena_copy(arena, code->buffers, code->n_buffers * sizeof *code->buffers);
    code->libraries = arena_copy(arena, code->libraries, code->n_libraries * sizeof *code->libraries);
    for (uint32_t i = 0; i < code->n_libraries; i++)
        code->libraries[i] = copy_text(arena, code->libraries[i]);
    code->tests = arena_copy(arena, code->tests, code->n_tests * sizeof *code->tests);
    for (uint32_t i = 0; i < code->n_tests; i++) {
        code->tests[i].symbol = copy_text(arena, code->tests[i].symbol);
        code->tests[i].name = copy_text(arena, code->tests[i].name);
    }
}

void deliver_code(Compilation *c)
{
    uint64_t begin = measure_now();
    bool stays = c->options->emit == EMIT_MEMORY && spares_imports(c);
    if (stays)
        keep_code(c);
    else if (c->options->emit != EMIT_MEMORY)
        write_code(c);
    if (!stays)
        code_dispose(&c->code);
    c->output_nanoseconds = measure_now() - begin;
}

void deliver_finish(Compilation *c)
{
    if (spares_imports(c) && c->options->emit == EMIT_CHECK && compilation_is_good(c)) /* a failing program reports, too */
        write_depfile(c);
    if (compilation_is_good(c) && !output_finish(c->output))
        fail_output(c, c->output);
    if (c->status != STATUS_DONE) {
        output_discard(c->output);
        output_discard(c->depfile);
    }
}
