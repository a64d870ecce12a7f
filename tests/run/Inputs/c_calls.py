"""
c_calls.py POLEC [SIGNATURES [SEED]]: calls between Pole and C with signatures made by chance, beside what went in.

C functions that another compiler made print what they are called with and give an edge of their result type back; Pole
does the same when C calls it.  A signature has up to 14 parameters, so that either kind of register runs out, in a
fixed, a variadic or a callback's function.  What both sides print is known beforehand.
"""
import math
import random
import shutil
import struct
import subprocess
import sys

polec = sys.argv[1]
COUNT = int(sys.argv[2]) if len(sys.argv) > 2 else 60
chance = random.Random(int(sys.argv[3]) if len(sys.argv) > 3 else 1)

INTS = [0, 1, -1, 127, 128, -128, -129, 255, 256, 32767, 32768, -32768, -32769, 65535, 2 ** 31 - 1, 2 ** 31, -2 ** 31, -2 ** 31 - 1,
        2 ** 32 - 1, 2 ** 32, 2 ** 63 - 1, -2 ** 63, -2 ** 63 + 1, 0x0123456789abcdef]
FLOATS = [0.0, -0.0, 1.5, -0.1, 5e-324, 1e-45, 1e-40, 16777217.0, 3.4028234663852886e38, 3.5e38, sys.float_info.max, math.inf, -math.inf, math.nan]
STRINGS = ['', 'a', 'Grüße, 世界', 'x' * 300]
MEMORY = 16     # what a Ptr is: null, or this many bytes of C's


class Kind:
    """A type of an extern signature: its names, how both languages print it, how many bits C keeps."""

    def __init__(self, c, value, width=64, signed=True):
        self.c, self.value, self.width, self.signed = c, value, width, signed


KINDS = {
    'Int': Kind('int64_t', 'Int'), 'Nat': Kind('uint64_t', 'Nat'), 'Bool': Kind('_Bool', 'Bool'),
    'CInt': Kind('int', 'Int', 32), 'CUInt': Kind('unsigned', 'Int', 32, False), 'CShort': Kind('short', 'Int', 16),
    'CChar': Kind('char', 'Int', 8), 'Float64': Kind('double', 'Float64'), 'CFloat': Kind('float', 'Float64', 32),
    'String': Kind('const char *', 'String'), 'Ptr<Unit>': Kind('void *', 'Ptr<Unit>'), 'Unit': Kind('void', 'Unit'),
}
SHOW = {'Int': 'show_int', 'Nat': 'show_int', 'Bool': 'show_bool', 'Float64': 'show_float', 'String': 'show_string', 'Ptr<Unit>': 'show_pointer',
        'Unit': 'show_unit'}
VARIADIC = {'Int': 'int64_t', 'Nat': 'uint64_t', 'Bool': 'int', 'Float64': 'double', 'String': 'const char *', 'Ptr<Unit>': 'void *'}


# ---- values ----

def any_value(kind):
    value = KINDS[kind].value
    return {'Int': lambda: chance.choice(INTS), 'Nat': lambda: chance.choice([n for n in INTS if n >= 0]), 'Bool': lambda: chance.random() < 0.5,
            'Float64': lambda: chance.choice(FLOATS), 'String': lambda: chance.choice(STRINGS),
            'Ptr<Unit>': lambda: chance.choice([None, *range(MEMORY)]), 'Unit': lambda: ()}[value]()


def crossed(kind, value):
    """The value on the other side."""
    k = KINDS[kind]
    if k.value == 'Float64' and k.width == 32:
        try:
            return struct.unpack('f', struct.pack('f', value))[0]
        except OverflowError:
            return math.copysign(math.inf, value)
    if k.value != 'Int':
        return value
    rest = value % 2 ** k.width
    return rest - 2 ** k.width if k.signed and rest >= 2 ** (k.width - 1) else rest


def shown(value):
    if isinstance(value, float):
        return 'nan' if math.isnan(value) else struct.pack('>d', value).hex()
    return {None: 'null', (): 'unit', True: 'true', False: 'false'}[value] if value is None or value == () or isinstance(value, bool) else str(value)


def in_pole(kind, value):
    """An expression: known to the compiler, or asked for in C."""
    value_type = KINDS[kind].value
    if value_type == 'Unit':
        return '()'
    if value_type == 'Ptr<Unit>':
        return '0' if value is None and chance.random() < 0.5 else f'abi_pointer({-1 if value is None else value})'
    if value_type == 'Float64':
        text = ('(0.0 / 0.0)' if math.isnan(value) else '(1.0 / 0.0)' if value > 0 else '(-1.0 / 0.0)') if not math.isfinite(value) else decimal(value)
    elif value_type == 'String':
        return f'"{value}"' if chance.random() < 0.5 else f'abi_string("{value}")'
    elif value_type == 'Bool':
        return shown(value) if chance.random() < 0.5 else f'(abi_int({int(value)}) == 1)'
    else:
        text = f'({value})'
    return text if chance.random() < 0.5 else f'{"abi_float" if value_type == "Float64" else "abi_int"}({text})'


def decimal(value):
    text = repr(value)
    return f'({text if "." in text else text.replace("e", ".0e") if "e" in text else text + ".0"})'


def in_c(kind, value):
    value_type = KINDS[kind].value
    if value_type == 'Float64':
        return 'NAN' if math.isnan(value) else f'{"-" if value < 0 else ""}INFINITY' if math.isinf(value) else float.hex(value)
    if value_type == 'String':
        return f'"{value}"'
    if value_type == 'Ptr<Unit>':
        return '0' if value is None else f'(memory + {value})'
    if value_type == 'Bool':
        return shown(value)
    return f'(int64_t){value % 2 ** 64}u'


# ---- programs ----

FRAME_C = '''
#include <math.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#pragma GCC diagnostic ignored "-Woverflow"
static char memory[%d];
void show_int(int64_t n) { printf(" %%lld", (long long)n); }
static void show_natural(uint64_t n) { printf(" %%llu", (unsigned long long)n); }
void show_bool(_Bool b) { printf(b ? " true" : " false"); }
void show_string(const char *s) { printf(" %%s", s); }
void show_unit(void) { printf(" unit"); }
void show_pointer(void *p) { if (p) printf(" %%d", (int)((char *)p - memory)); else printf(" null"); }
void show_float(double x) {
  uint64_t bits;
  memcpy(&bits, &x, 8);
  if (isnan(x)) printf(" nan"); else printf(" %%016llx", (unsigned long long)bits);
}
void next_line(void) { puts(""); }
int64_t abi_int(int64_t n) { return n; }
double abi_float(double x) { return x; }
const char *abi_string(const char *s) { return s; }
void *abi_pointer(int64_t n) { return n < 0 ? 0 : memory + n; }
''' % MEMORY
FRAME_POLE = '''
@link("c_calls") extern show_int: (Int) -> Unit
extern show_bool: (Bool) -> Unit
extern show_string: (String) -> Unit
extern show_float: (Float64) -> Unit
extern show_pointer: (Ptr<Unit>) -> Unit
extern show_unit: () -> Unit
extern next_line: () -> Unit
extern abi_int: (Int) -> Int
extern abi_float: (Float64) -> Float64
extern abi_string: (String) -> String
extern abi_pointer: (Int) -> Ptr<Unit>
'''
c_text, pole_text, calls, wanted = [FRAME_C], [FRAME_POLE], [], []


def kinds():
    """Parameters: of all kinds, or mostly of one, so that its registers run out."""
    length = chance.randint(0, 14)
    mostly = chance.choice([[], ['Float64', 'CFloat'] * 10, ['CShort', 'CChar', 'Bool'] * 8, ['Int', 'Nat', 'Ptr<Unit>', 'String'] * 6])
    return [chance.choice([*KINDS, *mostly]) for _ in range(length)]


def c_list(parameters):
    return ', '.join(f'{KINDS[k].c} a{i}' for i, k in enumerate(parameters) if k != 'Unit') or 'void'


def c_shows(parameters):
    return ' '.join(f'{"show_natural" if k == "Nat" else SHOW[KINDS[k].value]}(a{i});' for i, k in enumerate(parameters) if k != 'Unit')


def line(values):
    wanted.append(''.join(' ' + shown(v) for v in values))


def call(name, parameters, result, extra=()):
    """Pole calls C."""
    values = [any_value(k) for k in parameters]
    more = [any_value(k) for k in extra]
    back = any_value(result)
    null = result == 'String' and back == '' and chance.random() < 0.5
    takes = ''.join(f' {VARIADIC[k]} e{i} = va_arg(list, {VARIADIC[k]}); {"show_natural" if k == "Nat" else SHOW[k]}(e{i});' for i, k in enumerate(extra))
    c_text.append(f'{KINDS[result].c} {name}({c_list(parameters)}{", ..." if extra else ""}) {{ {c_shows(parameters)}'
                  + (f' va_list list; va_start(list, a{max(i for i, k in enumerate(parameters) if k != "Unit")});{takes} va_end(list);' if extra else '')
                  + f' puts(""); return{"" if result == "Unit" else " 0" if null else " " + in_c(result, back)}; }}')
    declared = ', '.join([*parameters, *(['...'] if extra else [])])
    pole_text.append(f'extern {name}: ({declared}) -> {result}')
    arguments = ', '.join(in_pole(k, v) for k, v in zip([*parameters, *extra], values + more))
    calls.append(f'{SHOW[KINDS[result].value]}({name}({arguments})); next_line()')
    line([crossed(k, v) for k, v in zip(parameters, values) if k != 'Unit'] + more)
    line([crossed(result, back)])


def called_back(name, parameters, result, before, after):
    """C calls Pole, from a function that has parameters before and behind the one that it calls."""
    values = [any_value(k) for k in parameters]
    back = any_value(result)
    outer = [*before, *after]
    given = [any_value(k) for k in outer]
    arguments = ', '.join(in_c(k, v) for k, v in zip(parameters, values) if k != 'Unit')
    one = f'{KINDS[result].c} (*f)({", ".join(KINDS[k].c for k in parameters if k != "Unit") or "void"})'
    names = [f'{KINDS[k].c} a{i}' for i, k in enumerate(outer)]
    names.insert(len(before), one)
    c_text.append(f'void {name}({", ".join(n for n in names if not n.startswith("void a"))}) {{ {c_shows(outer)} puts("");'
                  + (f' f({arguments}); show_unit();' if result == 'Unit'
                     else f' {KINDS[result].c} r = f({arguments}); {"show_natural" if result == "Nat" else SHOW[KINDS[result].value]}(r);')
                  + ' puts(""); }')
    called = f'({", ".join(parameters)}) -> {result}'
    pole_text.append(f'extern {name}: ({", ".join([*before, called, *after])}) -> Unit')
    pole_text.append(f'func {name}_back({", ".join(f"a{i}: {KINDS[k].value}" for i, k in enumerate(parameters))}) -> {KINDS[result].value} : '
                     + ''.join(f'{SHOW[KINDS[k].value]}(a{i}); ' for i, k in enumerate(parameters)) + f'next_line(); {in_pole(result, back)}')
    pole_arguments = [in_pole(k, v) for k, v in zip(outer, given)]
    pole_arguments.insert(len(before), f'{name}_back')
    calls.append(f'{name}({", ".join(pole_arguments)})')
    line([crossed(k, v) for k, v in zip(outer, given) if k != 'Unit'])
    line([crossed(k, v) for k, v in zip(parameters, values)])
    line([crossed(result, back)])


for number in range(COUNT):
    result = chance.choice([*KINDS])
    if number % 3 == 0:
        call(f'abi_f{number}', kinds(), result)
    elif number % 3 == 1:
        call(f'abi_v{number}', [*kinds()[:5], chance.choice(['CInt', 'Int', 'Float64', 'String', 'Ptr<Unit>'])], result,
             [chance.choice([*VARIADIC]) for _ in range(chance.randint(1, 14))])
    else:
        called_back(f'abi_c{number}', kinds(), result, kinds()[:5], kinds()[:5])
parts = [calls[i:i + 20] for i in range(0, len(calls), 20)]
pole_text += [f'func part{i}() -> Unit : {"; ".join(part)}' for i, part in enumerate(parts)]
pole_text.append(f'func main() -> Int : {"; ".join(f"part{i}()" for i in range(len(parts)))}; 0\n')
open('c_calls.c', 'w').write('\n'.join(c_text) + '\n')
open('c_calls.pole-ir', 'w').write('\n'.join(pole_text))


# ---- running ----

def run(*command):
    ran = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=300)
    assert ran.returncode == 0, (command, ran.returncode, ran.stderr[:3000])
    return ran.stdout.decode()


# A callee may count on what its caller promises, or not: compilers differ in it, and levels of one.
for compiler, level in [('cc', '-O0'), ('cc', '-O2'), *((clang, '-O2') for clang in ('clang', 'clang-19') if shutil.which(clang))]:
    run(compiler, level, '-fno-builtin', '-w', '-shared', '-fPIC', 'c_calls.c', '-o', 'libc_calls.so')
    for how in (['-O0'], ['-O2'], ['run'], ['run', '-O3']):
        command = [polec, *how, '-q', '-L', '.', 'c_calls.pole-ir']
        if how[0] == 'run':
            out = run(*command)
        else:
            run(*command, '-o', 'c_calls')
            out = run('env', 'LD_LIBRARY_PATH=.', './c_calls')
        got = out.split('\n')[:-1]
        wrong = [(i + 1, g, w) for i, (g, w) in enumerate(zip(got, wanted)) if g != w]
        assert not wrong and len(got) == len(wanted), (compiler, level, how, wrong[:3], len(got), len(wanted))
print(COUNT, 'signatures', len(wanted), 'lines')
