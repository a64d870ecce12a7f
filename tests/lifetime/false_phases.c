/* A program with phases of the same names that do call the heap: the witness has to see it. */
#include <stdlib.h>
#include <string.h>

void *lex(void);
void *parse(void);
void *build_ir(void);
void *codegen(void);

static void *volatile kept; /* so that no phase is left by a jump */

__attribute__((noinline)) void *lex(void) { return NULL; }
__attribute__((noinline)) void *parse(void) { kept = malloc(100); kept = realloc(kept, 200); return kept; }
__attribute__((noinline)) void *build_ir(void) { kept = strdup("hidden"); return kept; } /* libc's call on our behalf */
__attribute__((noinline)) void *codegen(void) { kept = calloc(3, 7); return kept; }

int main(void)
{
    free(lex());
    free(parse());
    free(build_ir());
    free(codegen());
    return 0;
}
