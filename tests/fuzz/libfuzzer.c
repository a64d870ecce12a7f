/* One target for libFuzzer: FUZZ_TARGET is its place in the table. */
#include <string.h>

#include "fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length);
int LLVMFuzzerInitialize(int *argc, char ***argv);
size_t LLVMFuzzerCustomMutator(uint8_t *bytes, size_t length, size_t most, unsigned seed);
size_t LLVMFuzzerCustomCrossOver(const uint8_t *a, size_t a_length, const uint8_t *b, size_t b_length, uint8_t *out,
                                 size_t most, unsigned seed);
size_t LLVMFuzzerMutate(uint8_t *bytes, size_t length, size_t most);

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
    (void)argc;
    (void)argv;
    fuzz_imports_from(FUZZ_EXAMPLES);
    fuzz_imports_from(FUZZ_IMPORTS);
    return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
    fuzz_targets[FUZZ_TARGET].run(bytes, length);
    return 0;
}

static uint64_t random_of(unsigned seed)
{
    return (seed + 1) * 0x9E3779B97F4A7C15u | 1;
}

/* One time in five bytes are changed without a thought for the language. */
size_t LLVMFuzzerCustomMutator(uint8_t *bytes, size_t length, size_t most, unsigned seed)
{
    return seed % 5 == 0 ? LLVMFuzzerMutate(bytes, length, most) : mutate_program(bytes, length, most, &(uint64_t){random_of(seed)});
}

size_t LLVMFuzzerCustomCrossOver(const uint8_t *a, size_t a_length, const uint8_t *b, size_t b_length, uint8_t *out,
                                 size_t most, unsigned seed)
{
    return splice_programs(a, a_length, b, b_length, out, most, &(uint64_t){random_of(seed)});
}
