"""
arithmetic_table.py POLEC: operators and conversions on tables of edges, beside what Python says.

Every expression stands in the program four times: with both operands known to the compiler, with one of them, and with
none; it is compiled at every level, and run in memory; and what comes out is the same.  Run-time errors, too: a program
takes the number of the case from its environment.
"""
import itertools
import math
import os
import struct
import subprocess
import sys

polec = sys.argv[1]
TOP = 2 ** 63
INTS = [-TOP, 1 - TOP, -TOP // 2 - 1, -TOP // 2, -2 ** 31, -3, -1, 0, 1, 2, 2 ** 32, 3037000500, TOP // 2, TOP - 1]
SMALL = range(-4, 4)
TINY, LARGEST = 5e-324, sys.float_info.max
FLOATS = [0.0, -0.0, 1.0, 0.1, -2.5, TINY, -TINY, 2.2250738585072014e-308, 2.225073858507201e-308, LARGEST, 1e-300, 2.0 ** 53, 2.0 ** 63, -2.0 ** 63,
          float(TOP - 1024), -2.0 ** 63 - 2048, math.inf, -math.inf, math.nan]
COMPARISONS = {'<': lambda a, b: a < b, '<=': lambda a, b: a <= b, '>': lambda a, b: a > b, '>=': lambda a, b: a >= b,
               '==': lambda a, b: a == b, '!=': lambda a, b: a != b}


class Stop(Exception):
    pass


# ---- what is right ----

def wrap(n, trap, op):
    if trap and not -TOP <= n < TOP:
        raise Stop(f"integer overflow in '{op}'")
    return (n + TOP) % (2 * TOP) - TOP


def quotient(a, b):
    if b == 0:
        raise Stop('division by zero')
    return abs(a) // abs(b) * (1 if (a < 0) == (b < 0) else -1)


def integer(op, a, b, trap):
    if op in COMPARISONS:
        return int(COMPARISONS[op](a, b))
    if op == '/':
        return wrap(quotient(a, b), True, op)
    if op == '%':
        return a - quotient(a, b) * b
    return wrap({'+': a + b, '-': a - b, '*': a * b}[op], trap, op)


def floating(op, a, b):
    if op in COMPARISONS:
        return float(COMPARISONS[op](a, b))
    if op == '/' and b == 0:
        return math.nan if a == 0 or math.isnan(a) else math.copysign(math.inf, a) * math.copysign(1, b)
    return {'+': lambda: a + b, '-': lambda: a - b, '*': lambda: a * b, '/': lambda: a / b}[op]()


# ---- programs ----

def spelled(x):
    """A literal; 0.0 / 0.0 and the like for what has none."""
    if isinstance(x, int):
        return f'({x})' if x < 0 else str(x)
    if not math.isfinite(x):
        return '(0.0 / 0.0)' if math.isnan(x) else '(1.0 / 0.0)' if x > 0 else '(-1.0 / 0.0)'
    text = repr(abs(x))
    if '.' not in text:
        text = text.replace('e', '.0e') if 'e' in text else text + '.0'
    return f'(-{text})' if math.copysign(1, x) < 0 else text


def bits(x):
    return struct.pack('<d', math.nan if math.isnan(x) else x).hex() if isinstance(x, float) else str(x)


class Program:
    """Functions that print a list of values each, and what they are."""

    def __init__(self, kind):
        self.kind, self.functions, self.wanted = kind, [], []

    def show(self, parameters, arguments, expressions, wanted):
        name = f'f{len(self.functions)}'
        self.functions.append((f'func {name}({", ".join(f"{p}: {self.kind}" for p in parameters)}) -> List<{self.kind}> : [{", ".join(expressions)}]',
                               f'show({name}({", ".join(arguments)}))'))
        self.wanted += wanted

    def text(self):
        one = {'Int': 'printf("%ld\\n", h)', 'Float64': 'show_float(h)'}[self.kind]
        calls = [call for _, call in self.functions]
        parts = [calls[i:i + 40] for i in range(0, len(calls), 40)]
        return '\n'.join([
            'extern printf: (String, ...) -> Int', 'extern malloc: (Int) -> Ptr<Unit>',
            'func show_float(x: Float64) -> Int : printf("%a %.17g\\n", x, x)',
            f'func show(l: List<{self.kind}>) -> Unit : match l with Cons(h, t) -> ({one}; show(t)) | [] -> ()',
            *[function for function, _ in self.functions],
            *[f'func part{i}() -> Unit : {"; ".join(part)}' for i, part in enumerate(parts)],
            'func main() -> Int : ' + ''.join(f'part{i}(); ' for i in range(len(parts))) + '0', ''])


def value(kind, op, x):
    return f'(if {x} then 1{".0" if kind == "Float64" else ""} else 0{".0" if kind == "Float64" else ""})' if op in COMPARISONS else x


def table(kind, pairs, ops, result):
    """Each pair with each operator, in four forms; those that stop are left out."""
    program = Program(kind)
    good = {}
    for a, b in pairs:
        for op in ops:
            try:
                good[a, op, b, str(a) + str(b)] = result(op, a, b)
            except Stop:
                pass
    by_left, by_right, by_pair = {}, {}, {}
    for (a, op, b, _), r in good.items():
        by_left.setdefault(spelled(a), []).append((op, b, r))
        by_right.setdefault(spelled(b), []).append((op, a, r))
        by_pair.setdefault((spelled(a), spelled(b)), []).append((op, r))
    for a, rows in by_left.items():
        program.show('x', [a], [value(kind, op, f'x {op} {spelled(b)}') for op, b, _ in rows], [r for *_, r in rows])
        program.show('', [], [value(kind, op, f'{a} {op} {spelled(b)}') for op, b, _ in rows], [r for *_, r in rows])
    for b, rows in by_right.items():
        program.show('x', [b], [value(kind, op, f'{spelled(a)} {op} x') for op, a, _ in rows], [r for *_, r in rows])
    shapes = {}     # of the operators that a pair goes with: one function with both unknown for each
    for pair, rows in by_pair.items():
        shapes.setdefault(tuple(op for op, _ in rows), []).append((pair, [r for _, r in rows]))
    for ops_here, rows in shapes.items():
        name = f'g{len(program.functions)}'
        program.functions.append((f'func {name}(x: {kind}, y: {kind}) -> Unit : show([{", ".join(value(kind, op, f"x {op} y") for op in ops_here)}])',
                                  '; '.join(f'{name}({a}, {b})' for (a, b), _ in rows)))
        for _, results in rows:
            program.wanted += results
    return program


def unary_and_conversions():
    ints, floats = Program('Int'), Program('Float64')
    for n in INTS:
        for argument, parameter in ((spelled(n), 'x'), ('0', spelled(n))):
            ints.show('x', [argument], [f'-{parameter}', f'float_to_int(int_to_float({parameter} / 1024))'],
                      [wrap(-n, False, '-'), int(float(quotient(n, 1024)))])
    for x in FLOATS:
        for argument, parameter in ((spelled(x), 'x'), ('0.0', spelled(x))):
            floats.show('x', [argument], [f'-{parameter}'], [-x])
            if -2.0 ** 63 <= x < 2.0 ** 63:
                floats.show('x', [argument], [f'int_to_float(float_to_int({parameter}))'], [float(int(x))])
    for n in INTS:
        floats.show('', [], [f'int_to_float({spelled(n)})'], [float(n)])
        floats.show('', [], [f'int_to_float(list_get([{spelled(n)}], 0))'], [float(n)])
    return ints, floats


# ---- running ----

def run(*command, **more):
    return subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=300, **more)


def each_way(name, *options, levels='02', in_memory='13'):
    """Ways to run the program: [what, command]."""
    for level in levels:
        made = run(polec, '-q', f'-O{level}', *options, f'{name}.pole-ir', '-o', f'{name}{level}')
        assert made.returncode == 0, (name, made.stderr[:2000])
        yield f'-O{level}', [f'./{name}{level}']
    for level in in_memory:
        yield f'run -O{level}', [polec, 'run', '-q', f'-O{level}', *options, f'{name}.pole-ir']


def parsed(program, out):
    if program.kind == 'Int':
        return out.decode().split()
    values = []
    for line in out.decode().splitlines():
        exact, decimal = line.split()
        assert '-nan' not in line, line
        assert math.isnan(float(decimal)) if exact == 'nan' else float.fromhex(exact) == float(decimal), line
        values.append(bits(math.nan if exact == 'nan' else float.fromhex(exact)))
    return values


def check(name, program, *options):
    open(f'{name}.pole-ir', 'w').write(program.text())
    wanted = [bits(x) for x in program.wanted]
    for how, command in each_way(name, *options):
        ran = run(*command)
        got = parsed(program, ran.stdout)
        assert ran.returncode == 0 and len(got) == len(wanted), (name, how, ran.returncode, len(got), len(wanted), ran.stderr)
        wrong = [(i, g, w) for i, (g, w) in enumerate(zip(got, wanted)) if g != w]
        assert not wrong, (name, how, wrong[:5])
    print(name, len(wanted), 'values')


def check_stops(name, trap):
    """Every pair that stops the program, with its message; operands known or not."""
    cases = []
    for (a, b), op in itertools.product(itertools.product(INTS, INTS), '+-*/%'):
        try:
            integer(op, a, b, trap)
        except Stop as stop:
            cases.append((f'{spelled(a)} {op} {spelled(b)}', f'id({spelled(a)}) {op} id({spelled(b)})', str(stop)))
    if trap:
        cases.append((f'-({-TOP})', f'-id({-TOP})', "integer overflow in '-'"))
        cases = cases[::9] + cases[-1:]
    else:
        for x in FLOATS:
            if not -2.0 ** 63 <= x < 2.0 ** 63:
                cases.append((f'float_to_int({spelled(x)})', f'float_to_int(float({spelled(x)}))', 'float_to_int out of range'))
        for n in INTS:
            if n < 0:
                cases.append((f'nat({n})', f'nat(id({n}))', f'negative value {n} for Nat'))
    arms = [text for known, unknown, _ in cases for text in (known, unknown)]
    open(f'{name}.pole-ir', 'w').write(
        'extern getenv: (String) -> Ptr<Unit>\nextern atoi: (Ptr<Unit>) -> Int\n'
        'func id(n: Int) -> Int : n\nfunc float(x: Float64) -> Float64 : x\nfunc nat(n: Nat) -> Int : n\n'
        + ''.join(f'func c{i}() -> Int : {text}\n' for i, text in enumerate(arms))
        + 'func main() -> Int : match atoi(getenv("CASE")) with ' + ' '.join(f'| {i} -> c{i}()' for i in range(len(arms))) + ' | _ -> 0\n')
    for how, command in each_way(name, *(['--overflow=trap'] if trap else []), in_memory=''):
        for i, text in enumerate(arms):
            ran = run(*command, env=dict(os.environ, CASE=str(i)))
            message = ran.stderr.decode().rstrip('\n').partition(': runtime error: ')
            assert ran.returncode == 101 and message[2] == cases[i // 2][2], (name, how, text, ran, cases[i // 2][2])
    print(name, len(arms), 'stops')


def pairs_of(values):
    return list(itertools.product(values, values))


OPS = ['+', '-', '*', '/', '%', *COMPARISONS]
check('wrapping', table('Int', pairs_of(INTS), OPS, lambda op, a, b: integer(op, a, b, False)))
check('small', table('Int', pairs_of(SMALL), OPS, lambda op, a, b: integer(op, a, b, False)))
check('trapping', table('Int', pairs_of(INTS[::2] + [TOP - 1]), OPS, lambda op, a, b: integer(op, a, b, True)), '--overflow=trap')
check('floats', table('Float64', pairs_of(FLOATS), ['+', '-', '*', '/', *COMPARISONS], floating))
ints, floats = unary_and_conversions()
check('ints_alone', ints)
check('floats_alone', floats)
check_stops('stops', False)
check_stops('overflows', True)
