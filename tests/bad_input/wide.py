"""
Programs with very many equal names, fields and other neighbours: checking takes time in proportion to their number.  Where
each of N is compared with all others, 100,000 take ten seconds and more; the limit of processor time is far below that, and
far above what is needed.

wide.py POLEC
"""
import os
import resource
import subprocess
import sys
import tempfile

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
from tap import finish, tell # noqa: E402

polec = os.path.abspath(sys.argv[1])
sanitized = os.environ.get('POLEC_SANITIZED') == 'true'    # twenty times slower: there only for what it finds
N = 5_000 if sanitized else 100_000
SECONDS = 60 if sanitized else 3


def each(text, n=N, between=''):
    return between.join(text.replace('#', str(i)) for i in range(n))


MODULES = each('module M# : func f() -> Int : # end\n')
FIELDS = each('a#: Int', between=', ')
# What the first error says, or nothing where there is none.
SHAPES = {
    'modules with a member of one name': (MODULES, ''),
    'calls of them': (MODULES + each('func g#() -> Int : M#.f()\n'), ''),
    'calls of a member by its own module': (each('module M# : func f() -> Int : # func g() -> Int : f() end\n'), ''),
    'calls of a function around modules': ('func h() -> Int : 1\n' + each('module M# : func f() -> Int : h() end\n'), ''),
    'modules in modules': (each('module M# : module N : func f() -> Int : # end func g() -> Int : N.f() end\n') +
                           each('func g#() -> Int : M#.N.f()\n'), ''),
    'modules of one name': (each('module M : func f() -> Int : 1 end\n'), "'M' is already defined at line 1"),
    'functions of one name': (each('func f() -> Int : f()\n'), "'f' is already defined at line 1"),
    'externs of one name': (each('extern puts: (String) -> Int;\n'), ''),
    'externs that differ': (each('extern puts: (String) -> Int;\nextern puts: (Ptr<Int>) -> Int;\n', N // 2),
                            "'puts' is already defined at line 1"),
    'a signature and values of its name': ('signature S : func f: () -> Int end\n' +
                                           each('module M# : S : func f() -> Int : 1 func S() -> Int : 1 end\n'), ''),
    'signatures of one name': (each('module M# : signature S : func f: () -> Int end end\n'), ''),
    'a constructor and functions of its name': ('type T = C | D\n' + each('module M# : func C() -> Int : 1 end\n'),
                                                "'C' is already defined at line 1"),
    'an anonymous record': ('func f(x: Int) -> Int : let r = {' + each('a# = x', between=', ') + '} in r.a1\n', ''),
    'fields of an anonymous record': ('func f(r: {' + FIELDS + '}) -> Int : 0' + each(' + r.a#') + '\n', ''),
    'Nats in an anonymous record': ('func f(r: {' + FIELDS.replace('Int', 'Nat') + '}) -> Int : 1\nfunc g(x: Int) -> Int : f({' +
                                    each('a# = x', between=', ') + '})\n', ''),
    'a declared record, built': ('type R = {' + FIELDS + '}\nfunc f(x: Int) -> R : {' +
                                 ', '.join(f'a{i} = x' for i in reversed(range(N))) + '}\n', ''),
    'a declared record, found': ('type R = {' + FIELDS + '}\nfunc f(x: Int) -> Int : let r = {' + each('a# = x', between=', ') +
                                 '} in r.a1\n', ''),
    'a declared record, taken apart': ('type R = {' + FIELDS + '}\nfunc f(r: R) -> Int : match r with | {' + each('a#', between=', ') +
                                       '} -> a1\n' + each('func g#(r: R) -> Int : r.a#\n'), ''),
    'literals of many records': (each('type R# = { a: Int, b#: Int }\nfunc f#(x: Int) -> Int : let r = {b# = x, a = x} in r.a\n'), ''),
    'unknown annotations': (each('@what#\n') + 'func f(x: Int) -> Int : x\n', ''),
    'comparison of a record of records': (each('type R# = { a: Int }\n') + 'type W = {' + each('a#: R#', between=', ') +
                                          '}\nfunc f(x: W) -> Bool : x == x\n', ''),
    'a variable bound to the next': ('func f(x: Int) -> Int : let a0 = [] in ' +
                                     ''.join(f'let a{i + 1} = list_push(a{i}, None) in ' for i in range(N)) + '1\n', ''),
    'calls that wait in lambdas': ('func i<T>(x: T) -> T : x\nfunc f(x: Int) -> Int : let l = [] in ' +
                                   each('let a# = \\y -> i(l) in ') + '1\n', ''),
    'literals of alike records': (each('type R# = { a: Int }\n') + 'func f(x: Int) -> Int : let r = {a = x} in r.a\n',
                                  'ambiguous record literal, could be R0 or R1'),
    'names in what could not be read': ('func 1 ' + each('x#', between=' ') + ' y\nfunc f() -> Int : 0' + each(' + y') + '\n',
                                        "expected the function's name"),
    'quotes without another half': ('func f() -> Int : 1\n' + each('\u2018 a ') + '\n', "unexpected character '\u2018'"),
}


# Types that share their parts have few of them and very many paths to each.
LINES = 70
SHARED = {
    'the same part twice': ('(A, A)', '(A, A)'),
    'one part in another': ('(A, (A, Int))', '(A, Int)'),
    'parts in two orders': ('((A, Int), (Int, A))', '((A, Int), (Int, A))'),
}
for name, (argument, first) in SHARED.items():
    SHAPES[f'aliases of aliases, {name}'] = (f'type T0<A> = {first}\n' + ''.join(
        f'type T{i}<A> = T{i - 1}<{argument}>\n' for i in range(1, LINES)) + f'func f(x: T{LINES - 1}<Int>) -> Int : 1\n', '')


def limit():
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))


with tempfile.TemporaryDirectory() as scratch:
    os.chdir(scratch)
    for name, (text, message) in SHAPES.items():
        with open('source.pole-ir', 'w') as source:
            source.write(text)
        ran = subprocess.run([polec, '--check', 'source.pole-ir'], capture_output=True, text=True, preexec_fn=limit)
        first = ran.stderr.split('\n', 1)[0]
        fine = ran.returncode == 0 and 'error' not in ran.stderr if message == '' else ran.returncode == 1 and message in first
        tell(fine, f'{N} parts: {name}', f'status {ran.returncode}, {first}')
finish()
