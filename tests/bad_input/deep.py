"""
Long and deep programs.  Tens of thousands of links of a chain compile, in every walk: check, every dump, object, run.
100,000 levels of nesting are one error.  Every run has a stack so small (20 bytes a link, under the sanitizers 80) that a
recursion on the program's shape does not go unseen.

deep.py POLEC
"""
import os
import resource
import subprocess
import sys
import tempfile

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
from tap import finish, tell # noqa: E402

polec = os.path.abspath(sys.argv[1])
sanitized = os.environ.get('POLEC_SANITIZED') == 'true'
LEVELS = 100_000
N = LEVELS if sanitized else 50_000
STACK = (8 << 20) if sanitized else (1 << 20)    # bytes; frames are larger under the sanitizers


def small_stack():
    resource.setrlimit(resource.RLIMIT_STACK, (STACK, STACK))


def call(*arguments):
    return subprocess.run([polec, *arguments], stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=600,
                          preexec_fn=small_stack)


def function(body, result='Int', before=''):
    return f'{before}func f(x: Int) -> {result} :\n  {body}\n'


LONG = {
    'sum': function('x' + '\n+ x' * N),
    'sum of calls': function('x' + '\n+ g(x)' * (N // 10), before='func g(x: Int) -> Int : x\n'),
    'mixed operators': function('x' + '\n- 1 + 2 * x' * (N // 2)),
    'minus signs': function('-\n' * N + ' x'),
    'not': function('not ' * N + 'true', 'Bool'),
    'and': function('x == 1' + ' && x == 1' * (N // 10), 'Bool'),
    'or': function('x == 2' + ' || x == 1' * (N // 10), 'Bool'),
    'implies': function('x == 1 => ' * (N // 10) + 'true', 'Bool'),
    'else if': function('if x == 0 then 1 else\n' * (N // 10) + '2'),
    'let': function('let y = x in\n' * N + 'y'),
    'sequence': function('g(x);\n' * (N // 10) + 'x', before='func g(x: Int) -> Unit : ()\n'),
    'calls of calls': function('g(x)' + '(x)' * 500, 'Int',
                               'func g' + '(' + ', '.join(f'a{i}: Int' for i in range(501)) + ') -> Int : a0\n'),
    'list': function('[' + 'x,\n' * N + ']', 'List<Int>'),
    'string': function('"' + 'a' * N * 10 + '"', 'String'),
    'name': function('x' * N * 10, before='').replace('x: Int', 'x' * N * 10 + ': Int'),
    'arms': function('match x with' + ''.join(f'\n  | {i} -> {i + 1}' for i in range(2000)) + '\n  | _ -> 0'),
    'fields': 'type R = { ' + ', '.join(f'a{i}: Int' for i in range(1000)) + ' }\nfunc f(r: R) -> Int : r.a999\n',
    'constructors': 'type V = ' + ' | '.join(f'C{i}' for i in range(2000)) + '\nfunc f(x: Int) -> V : C1999\n',
    'functions': ''.join(f'func f{i}(x: Int) -> Int : x + {i}\n' for i in range(5000)),
    'comments': '/* a */ // b\n' * N,
    'records of records': 'type R0 = { r: Int }\n' + ''.join(f'type R{i} = {{ r{i}: R{i - 1} }}\n' for i in range(1, 5000)) +
                          'func f(a: R4999, b: R4999) -> Bool : a == b\n',
    'variants of variants': 'type R0 = A0(Int)\n' + ''.join(f'type R{i} = A{i}(R{i - 1}) | B{i}\n' for i in range(1, 5000)) +
                            'func f(a: R4999, b: R4999) -> Bool : a == b\n',
    'variants of lists': 'type R0 = A0(Int)\n' + ''.join(f'type R{i} = A{i}(List<R{i - 1}>) | B{i}\n' for i in range(1, 5000)) +
                         'func f(a: R4999, b: R4999) -> Bool : a == b\n',
    'aliases': 'type R0 = Int\n' + ''.join(f'type R{i} = R{i - 1}\n' for i in range(1, N)),
    'aliases, the last first': ''.join(f'type R{i} = R{i + 1}\n' for i in range(N)) + f'type R{N} = Int\nfunc f(x: R0) -> R1 : x\n',
    'stages': 'func g(x: Int) -> Int : x\n' + function(''.join(f'\\a{i} -> (g(x); ' for i in range(100)) + 'a99' + ')' * 100 + '; x', before=''),
    'parameters of a function value': 'func f(g: (' + 'Int, ' * 500 + 'Int) -> Int) -> Int -> Int : g(' + '1, ' * 499 + '1)\n',
    'functions that call the next': 'func f0(x: Int) -> Int : x\n' +
                                    ''.join(f'func f{i}(x: Int) -> Int : f{i - 1}(x)\n' for i in range(1, 5000)),
    'lambdas that capture': function('let f0 = \\y -> y + 0 in\n' +
                                     ''.join(f'let f{i} = \\y -> f{i - 1}(y) in\n' for i in range(1, 1000)) + 'f999(x)'),
    'tuples that double': function('let y0 = (x, x) in\n' + ''.join(f'let y{i} = (y{i - 1}, y{i - 1}) in\n' for i in range(1, 60)) + 'x'),
    **{f'chain of {op}': function('x' + f' {op} 3' * N) for op in ('-', '*', '/', '%')},
    **{f'chain of {op}': function('true' + f' {op} x == 1' * (N // 10), 'Bool') for op in ('and', 'or', '||', '==>')},
    'arms of strings': 'func f(x: String) -> Int : match x with' + ''.join(f' | "{i}" -> {i}' for i in range(2000)) + ' | _ -> 0\n',
    'arms of constructors': 'type V = ' + ' | '.join(f'C{i}(Int)' for i in range(2000)) + '\nfunc f(v: V) -> Int : match v with' +
                            ''.join(f' | C{i}(y) -> y' for i in range(2000)) + '\n',
    'parameters': 'func f(' + ', '.join(f'a{i}: Int' for i in range(5000)) + ') -> Int : a0\n',
    'type parameters': 'func f<' + ', '.join(f'A{i}' for i in range(N)) + '>(x: Int) -> Int : 1\n',
    'a record': 'type R = {' + ', '.join(f'a{i}: Int' for i in range(2000)) + '}\nfunc f(x: Int) -> R : {' +
                ', '.join(f'a{i} = x' for i in range(2000)) + '}\n',
    'a tuple': function('(' + 'x, ' * 2000 + 'x)', '(' + 'Int, ' * 2000 + 'Int)'),
    'contracts': 'func f(x: Int) -> Int ' + 'requires x > 0 ' * 2000 + ': x\n',
    'externs': ''.join(f'extern e{i}: (Int) -> Int;\n' for i in range(N // 10)),
    'lazy values': function('let a = lazy x in ' * 1000 + 'x'),
    'arrows': 'func f(x: ' + 'Int -> ' * 900 + 'Int) -> Int : 1\n',
    'elements of a list pattern': 'func f(x: List<Int>) -> Int : match x with | [' + '_, ' * 900 + '_] -> 1 | _ -> 0\n',
    'instances': 'func g<T>(x: T) -> Int : 1\nfunc h<T>(x: T) -> Int : g(x)\n' +
                 ''.join(f'type R{i} = {{ a{i}: Int }}\nfunc f{i}(x: R{i}) -> Int : h(x)\n' for i in range(12000)),
    'modules': 'module M :\n' * 1000 + 'end ' * 1000 + '\n',
}
DEEP = {
    'parentheses': ('(', '1', ')'), 'lists': ('[', '1', ']'), 'records': ('{a = ', '1', '}'), 'calls': ('f(', '1', ')'),
    'lambdas': ('\\y -> ', '1', ''), 'values of let': ('let y = ', '1', ' in y'), 'conditions': ('if ', 'true', ' then 1 else 2'),
    'branches': ('if true then ', '1', ' else 2'), 'matches': ('match 1 with | y -> ', '1', ''),
    'ascriptions': ('(', '1', ': Int)'),
}
DEEP_TYPES = {'lists': ('List<', 'Int', '>'), 'tuples': ('(Int, ', 'Int', ')'), 'records': ('{a: ', 'Int', '}'),
              'functions': ('(', 'Int', ') -> Int')}
DEEP_PATTERNS = {'constructors': ('Some(', 'y', ')'), 'tuples': ('(y, ', 'y', ')'), 'lists': ('[', 'y', ']')}
WALKS = [['--check'], ['--emit=tokens'], ['--emit=ast'], ['--emit=ir'], ['--emit=llvm-ir'], ['--emit=llvm-bc'], ['-S'],
         ['-c'], ['run'], ['--check', '--arena-policy=malloc'], ['--check', '--guard'], ['--check', '--audit-lifetimes'],
         ['--check', '--memory-report=html', f'--memory-report-file={os.devnull}'],
         ['-c', '-g', '--memory-report=json', '--memory-report-detail=all', f'--memory-report-file={os.devnull}']]
if sanitized:    # slow; and what a walk does wrong shows in the other build, too
    WALKS = [['--check'], ['--emit=ast'], ['--emit=ir'], ['-c']]

with tempfile.TemporaryDirectory() as scratch:
    os.chdir(scratch)

    def write(text):
        with open('source.pole-ir', 'w') as source:
            source.write(text)

    for name, text in LONG.items():
        write(text + 'func main() -> Int : 0\n')
        failed = []
        for walk in WALKS:
            output = [] if walk[0] in ('run', '--check') else ['-o', os.devnull]
            ran = call(*walk, *output, 'source.pole-ir')
            if ran.returncode != 0 or ran.stderr != b'':
                failed.append((walk, ran.returncode, ran.stderr[:500]))
        tell(not failed, 'long: ' + name, failed)

    def too_deep(name, text):
        for levels in (1200, LEVELS):
            write(text(levels) + '\nfunc main() -> Int : 0\n')
            seen = set()
            for walk in (['--check'], ['--emit=ast'], ['--emit=ir'], ['-c', '-o', 'output'], ['run']):
                ran = call(*walk, 'source.pole-ir')
                seen.add((ran.returncode, ran.stderr.count(b'error['), b'error[E014]: nested too deeply' in ran.stderr))
            tell(seen == {(1, 1, True)} and not os.path.exists('output'), f'{levels} levels of {name}', seen)

    # What is too much for the check of coverage is told, too, and needs no deep stack.
    write('func f(x: List<Int>) -> Int : match x with | [' + '_, ' * N + '_] -> 1 | _ -> 0\nfunc main() -> Int : 0\n')
    ran = call('--check', 'source.pole-ir')
    tell(ran.returncode == 1 and b'error[E014]: the patterns of this match are too complex' in ran.stderr, 'a list pattern that is too long', ran)

    # Lists in lists make a type that is too deep again and again: said once in each function.
    write(function('[' * 900 + '1' + ']' * 900) + function('{a = ' * 900 + '1' + '}' * 900).replace('f(', 'g('))
    ran = call('--check', 'source.pole-ir')
    tell(ran.returncode == 1 and ran.stderr.count(b'error[') == ran.stderr.count(b'error[E014]: this type is nested') == 2,
         'values whose types are too deep', ran)

    # The type of an arm's pattern, fine when the arms were looked at, becomes too deep in the body of the arm before.
    write('func f(c: Bool) -> Int :\n  let g = \\a -> match a with\n    | (true, Some(y)) -> (let z = if c then y else ' +
          '[' * 199 + '1' + ']' * 199 + ' in 1)\n    | (_, Some(w)) -> (let z = w in 2)\n    | (_, None) -> 3\n  in 0\n'
          'func main() -> Int : f(true)\n')
    ran = call('--check', 'source.pole-ir')
    tell(ran.returncode == 1 and ran.stderr.count(b'error[') == ran.stderr.count(b'error[E014]: this type is nested') == 1,
         'a pattern whose type becomes too deep', ran)

    def repeated(parts, levels):
        opener, middle, closer = parts
        return opener * levels + middle + closer * levels

    for name, parts in DEEP.items():
        too_deep(name, lambda levels: 'func f(x: Int) -> Int : ' + repeated(parts, levels))
    for name, parts in DEEP_TYPES.items():
        too_deep(f'types: {name}', lambda levels: f'func f(x: {repeated(parts, levels)}) -> Int : 1')
    for name, parts in DEEP_PATTERNS.items():
        too_deep(f'patterns: {name}', lambda levels: f'func f(x: Int) -> Int : match x with | {repeated(parts, levels)} -> 1')
finish()
