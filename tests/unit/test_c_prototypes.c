/*
 * The table of C prototypes and the reader of printf formats.  Whether the table is true is for tests/prototypes to say.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "ir/c_prototypes.h"
#include "ir/printf_format.h"

static const CPrototype *find(const char *name)
{
    return c_prototype_find(name, strlen(name));
}

/* types: the parameters' */
static void assert_prototype(const char *name, CType result, bool variadic, int n, const CType *types)
{
    const CPrototype *prototype = find(name);
    assert_non_null(prototype);
    assert_int_equal(prototype->name_length, strlen(name));
    assert_int_equal(prototype->result, result);
    assert_int_equal(prototype->variadic, variadic);
    assert_int_equal(prototype->n_params, n);
    for (int i = 0; i < n; i++) assert_int_equal(c_prototype_param(prototype, (uint32_t)i), types[i]);
}

static void known_functions(void **state)
{
    (void)state;
    assert_prototype("printf", C_I32, true, 1, (const CType[]){C_POINTER});
    assert_prototype("malloc", C_POINTER, false, 1, (const CType[]){C_U64});
    assert_prototype("free", C_VOID, false, 1, (const CType[]){C_POINTER});
    assert_prototype("toupper", C_I32, false, 1, (const CType[]){C_I32});
    assert_prototype("htons", C_U16, false, 1, (const CType[]){C_U16});
    assert_prototype("inet_addr", C_U32, false, 1, (const CType[]){C_POINTER});
    assert_prototype("recv", C_I64, false, 4, (const CType[]){C_I32, C_POINTER, C_U64, C_I32});
    assert_prototype("bind", C_I32, false, 3, (const CType[]){C_I32, C_POINTER, C_U32});
    assert_prototype("sqrtf", C_F32, false, 1, (const CType[]){C_F32});
    assert_prototype("pow", C_F64, false, 2, (const CType[]){C_F64, C_F64});
    assert_prototype("getpid", C_I32, false, 0, NULL);
    assert_prototype("time", C_I64, false, 1, (const CType[]){C_POINTER});
    assert_prototype("SDL_SetRenderDrawColor", C_I32, false, 5, (const CType[]){C_POINTER, C_U8, C_U8, C_U8, C_U8});
    assert_prototype("SDL_Delay", C_VOID, false, 1, (const CType[]){C_U32});
    assert_prototype("pole_write_i16_at", C_VOID, false, 3, (const CType[]){C_POINTER, C_I32, C_I16});
}

static void unknown_functions(void **state)
{
    (void)state;
    static const char *const names[] = {"", "prin", "printff", "PRINTF", "a", "zzz", "~"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) assert_null(find(names[i]));
    assert_non_null(c_prototype_find("printfoo", 6)); /* the name ends where its length says */
    assert_null(c_prototype_find("printf", 7));       /* the 0 behind a name is not part of it */
}

static void format_parameters(void **state)
{
    (void)state;
    assert_int_equal(c_printf_format_parameter("printf", 6), 0);
    assert_int_equal(c_printf_format_parameter("fprintf", 7), 1);
    assert_int_equal(c_printf_format_parameter("snprintf", 8), 2);
    assert_int_equal(c_printf_format_parameter("SDL_Log", 7), 0);
    assert_int_equal(c_printf_format_parameter("mvwprintw", 9), 3);
    assert_int_equal(c_printf_format_parameter("puts", 4), -1);
    assert_int_equal(c_printf_format_parameter("scanf", 5), -1);
    assert_int_equal(c_printf_format_parameter("no such function", 16), -1);
}

/* expected: a letter for each argument; a is an address, p a pointer, - what nobody asks for */
static void assert_format(const char *text, const char *expected)
{
    static const char letter_of[] = {
        [FORMAT_INTEGER] = 'i', [FORMAT_DOUBLE] = 'd', [FORMAT_STRING] = 's', [FORMAT_ADDRESS] = 'a', [FORMAT_POINTER] = 'p',
        [FORMAT_UNUSED] = '-',
    };
    FormatClass classes[16];
    char letters[17] = {0};
    uint32_t n = printf_format_read(text, strlen(text), classes, 16);
    assert_int_equal(n, strlen(expected));
    for (uint32_t i = 0; i < n; i++) letters[i] = letter_of[classes[i]];
    assert_string_equal(letters, expected);
}

static void formats(void **state)
{
    (void)state;
    assert_format("", "");
    assert_format("no conversion", "");
    assert_format("%d %ld %lld %5.2f %s %c %p %x %% %*d", "iiidsiaiii");
    assert_format("%i%o%u%X%hhd%hd%zu%jd%td%qd", "iiiiiiiiii");
    assert_format("%-+ #05d|%'d|%.3s|%-10s|%+.2e|%g|%A", "iissddd");
    assert_format("%*.*f", "iid");
    assert_format("%.*s", "is");
    assert_format("100%", "");
    assert_format("100%\\n%d", "i");
    assert_format("100% of %d", "ii"); /* "% o" is a conversion */
    assert_format("%y %d", "i");
    assert_format("%%%d%%", "i");
    assert_format("%5%%d", "i");
    assert_format("%m", "");
    assert_format("%ls %S %n", "ppp");
    assert_format("\\\\%d\\\"%s", "is");
    assert_format("%d\\0%s", "i"); /* C's format ends at \0 */
    assert_format("%", "");
    assert_format("%l", "");
    assert_format("%2$s %1$d", "is");
    assert_format("%1$d %1$x", "i");
    assert_format("%3$s", "--s");
    assert_format("%2$*1$d", "ii");
    assert_format("%99999999999999999999$d", "");
    assert_format("%99999999999999999999d", "i");
    assert_format("\xC3\xA4 %d", "i");
}

static void more_arguments_than_room(void **state)
{
    (void)state;
    FormatClass one = FORMAT_POINTER;
    assert_int_equal(printf_format_read("%s%s%d", 6, &one, 1), 3);
    assert_int_equal(one, FORMAT_STRING);
    assert_int_equal(printf_format_read("%s%s%d", 6, NULL, 0), 3);
    assert_int_equal(printf_format_read("%s%s%d", 4, &one, 1), 2); /* the text ends where its length says */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(known_functions),
        cmocka_unit_test(unknown_functions),
        cmocka_unit_test(format_parameters),
        cmocka_unit_test(formats),
        cmocka_unit_test(more_arguments_than_room),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
