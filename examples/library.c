/*
 * libpolec in a C program: compiles a text from memory, and prints what there is to say of it and what it took.
 *
 *     cc $(pkg-config --cflags polec) library.c $(pkg-config --static --libs polec) -o library
 */
#include <inttypes.h>
#include <polec.h>
#include <stdio.h>
#include <string.h>

static const char *const phases[] = {"lex", "parse", "ir", "codegen"};

/* What is handed to a callback lives until it returns. */
static void show_diagnostic(void *context, const PolecDiagnostic *d)
{
    ++*(int *)context;
    printf("%s:%u:%u: %s %s: %s\n", d->file, d->line, d->column, d->is_error ? "error" : "warning", d->code, d->message);
    if (d->suggestion != NULL)
        printf("  write '%s'\n", d->suggestion);
}

static void show_memory(void *context, const PolecMemoryReport *report)
{
    (void)context;
    for (uint32_t i = 0; i < report->n_phases; i++)
        printf("  %-8s %6" PRIu64 " bytes, freed after %s\n", phases[i], report->phases[i].used_bytes,
               phases[report->phases[i].freed_after]);
    printf("  at most %" PRIu64 " bytes\n", report->peak_live_bytes);
}

int main(void)
{
    const char *texts[] = {"func main() -> Int : 1 + 2\n", "func main() -> Int : lenght(\"abc\")\n"};
    int n_told = 0;
    PolecOptions options = polec_options_default();
    options.diagnostic = show_diagnostic;
    options.memory_report = show_memory;
    options.context = &n_told;
    for (int i = 0; i < 2; i++)
        printf("text %d: status %d\n", i, polec_compile_text(&options, "a text", texts[i], strlen(texts[i])));
    return n_told == 1 ? 0 : 1;
}
