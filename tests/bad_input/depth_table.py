#!/usr/bin/env python3
"""
How long, how wide and how deep may a program be?  Every shape of program in every walk of the compiler, ten times larger
each time up to a million parts, on a stack of a megabyte: user time, peak of resident memory, and what came of it.

depth_table.py POLEC [--only TEXT] [--most N] [--seconds N] [--walk WALK]...

Not part of the tests: it takes an hour or more.  depth_table.md is what it printed last (2026-11-24, --seconds 20; check, ast,
ir and object); deep.py is the part of it that every change has to pass.  A walk of a shape ends where it takes longer than
--seconds or 6 GiB; nothing may crash.  Where the largest size that ended costs more than 15 times a tenth of it, the last
column says so; growth beyond what --seconds allows is not seen.
"""
import argparse
import itertools
import os
import resource
import signal
import subprocess
import sys
import tempfile
import time

MEMORY = 6 << 30
STACK = 1 << 20
WALKS = {'check': ['--check'], 'tokens': ['--emit=tokens'], 'ast': ['--emit=ast'], 'ir': ['--emit=ir'],
         'object': ['-c'], 'object -O1': ['-c', '-O1'], 'llvm-ir': ['--emit=llvm-ir']}


def repeat(text):
    return lambda n: itertools.repeat(text, n)


def numbered(text):
    return lambda n: (text.replace('#', str(i)) for i in range(n))


def shape(*parts, result='Int', before=''):
    """A function whose body is the parts; those that are functions give as many pieces as there are to be."""
    return (before + f'func f(x: Int) -> {result} :\n', *parts, '\n')


def nested(opener, middle, closer, **rest):
    return shape(repeat(opener), middle, repeat(closer), **rest)


G = 'func g(x: Int) -> Int : x\n'
SHAPES = {
    'one function': shape('x'),
    # ---- nesting: one error behind 1000 levels
    'nested parentheses': nested('(', '1', ')'), 'nested lists': nested('[', '1', ']'),
    'nested records': nested('{a = ', '1', '}'), 'nested calls': nested('g(', '1', ')', before=G),
    'nested lambdas': nested('\\y -> ', '1', ''), 'nested values of let': nested('let y = ', '1', ' in y'),
    'nested conditions': nested('if ', 'true', ' then 1 else 2'), 'nested matches': nested('match 1 with | y -> ', '1', ''),
    'nested branches': nested('if true then ', '1', ' else 2'), 'nested ascriptions': nested('(', '1', ': Int)'),
    'nested list types': ('func f(x: ', repeat('List<'), 'Int', repeat('>'), ') -> Int : 1\n'),
    'nested tuple types': ('func f(x: ', repeat('(Int, '), 'Int', repeat(')'), ') -> Int : 1\n'),
    'nested record types': ('func f(x: ', repeat('{a: '), 'Int', repeat('}'), ') -> Int : 1\n'),
    'arrows': ('func f(x: ', repeat('Int -> '), 'Int) -> Int : 1\n'),
    'nested constructor patterns': shape('match x with | ', repeat('Some('), 'y', repeat(')'), ' -> 1'),
    'nested tuple patterns': shape('match x with | ', repeat('(y, '), 'y', repeat(')'), ' -> 1'),
    'nested list patterns': shape('match x with | ', repeat('['), 'y', repeat(']'), ' -> 1'),
    'nested modules': (repeat('module M :\n'), repeat('end '), '\n'),
    # ---- chains
    **{f'chain of {op}': shape('x', repeat(f' {op} 3')) for op in ('+', '-', '*', '/', '%')},
    **{f'chain of {op}': shape('true', repeat(f' {op} x == 1'), result='Bool') for op in ('&&', 'and', '||', 'or', '==>')},
    'chain of minus': shape(repeat('- '), 'x'), 'chain of not': shape(repeat('not '), 'true', result='Bool'),
    'chain of calls in +': shape('x', repeat('\n+ g(x)'), before=G),
    'else if': shape(numbered('if x == # then # else\n'), '0'),
    'else if of one value': shape(repeat('if x == 0 then 1 else\n'), '2'),
    'statements': shape(repeat('u(x);\n'), 'x', before='func u(x: Int) -> Unit : ()\n'),
    'lets, one name': shape(repeat('let y = x in\n'), 'x'), 'lets, many names': shape(numbered('let y# = x + # in\n'), 'x'),
    'field access': shape('let r = g(0) in r', repeat('.n'), '; 0', before='type R = A(Int)\ntype N = { n: Int }\nfunc g(x: Int) -> N : {n = x}\n'),
    'applications': shape('g', repeat('(x)'), before=G), 'juxtaposed arguments': shape('g', repeat(' x'), before=G),
    'arms of numbers': shape('match x with\n', numbered('| # -> # + 1\n'), '| _ -> 0'),
    'arms of one number': shape('match x with\n', repeat('| 7 -> 1\n'), '| _ -> 0'),
    'arms of strings': ('func f(x: String) -> Int : match x with\n', numbered('| "#" -> #\n'), '| _ -> 0\n'),
    'arms of constructors': ('type V = A', numbered(' | C#(Int)'), '\nfunc f(v: V) -> Int : match v with | A -> 0',
                             numbered('\n| C#(y) -> y'), '\n'),
    # ---- breadth
    'elements of a list': shape('[', repeat('x,\n'), ']', result='List<Int>'),
    'members of a tuple': ('func f(x: Int) -> Int : let t = (', repeat('x, '), 'x) in x\n'),
    'fields of a record': ('type R = { ', numbered('a#: Int, '), 'z: Int }\nfunc f(r: R) -> Int : r.z\n'),
    'fields of a record literal': shape('let r = { ', numbered('a# = x, '), 'z = x } in r.z'),
    'parameters': ('func f(', numbered('a#: Int, '), 'z: Int) -> Int : z\n'),
    'type parameters': ('func f<', numbered('A#, '), 'Z>(x: Int) -> Int : x\n'),
    'elements of a list pattern': ('func f(x: List<Int>) -> Int : match x with | [', repeat('_, '), '_] -> 1 | _ -> 0\n'),
    'constructors': ('type V = A', numbered(' | C#'), '\nfunc f(x: Int) -> V : A\n'),
    'contracts': ('func f(x: Int) -> Int ', repeat('requires x > 0 '), ': x\n'),
    'functions': (numbered('func f#(x: Int) -> Int : x + #\n'),),
    'functions of one name': (repeat('func f(x: Int) -> Int : x\n'),),
    'functions that call the next': ('func f(x: Int) -> Int : x\n', numbered('func f#(x: Int) -> Int : f(x) + #\n')),
    'externs': (numbered('extern e#: (Int) -> Int;\n'),), 'types': (numbered('type R# = { a#: Int }\n'),),
    'aliases of aliases': ('type R0 = Int\n', lambda n: (f'type R{i + 1} = R{i}\n' for i in range(n))),
    'modules': (numbered('module M# : func f() -> Int : 1 end\n'),),
    'modules of one name': (repeat('module M : func f() -> Int : 1 end\n'),),
    'modules of one name, many members': (numbered('module M : func f#() -> Int : 1 end\n'),),
    'test cases': (numbered('@test_case(x=#, expected=#)\n'), 'func f(x: Int) -> Int : x\n'),
    'unknown annotations': (repeat('@what\n'), 'func f(x: Int) -> Int : x\n'),
    'instances': ('type B<T> = { b: T }\nfunc g<T>(x: T) -> B<T> : {b = x}\n', numbered('type R# = { a#: Int }\n'),
                  numbered('func f#(x: R#) -> B<R#> : g(x)\n')),
    'lambdas side by side': shape(numbered('let f# = \\y -> y + x + # in\n'), 'x'),
    # ---- long texts
    'one name': ('func ', repeat('a'), '() -> Int : ', repeat('a'), '()\n'),
    'one string': ('func f() -> String : "', repeat('a'), '"\n'), 'one comment': ('/*', repeat('a'), '*/'),
    'a line of 100 bytes a part': shape('x', repeat(' + x' + ' ' * 96)),
    'errors': (numbered('func f#(x: Int) -> Int : y#\n'),), 'characters that are none': (repeat('$'),),
}


def write(path, parts, n):
    with open(path, 'w') as file:
        for part in parts:
            if callable(part):
                file.writelines(part(n))
            else:
                file.write(part)
        if not any('func main' in part for part in parts if isinstance(part, str)):
            file.write('func main() -> Int : 0\n')


def resident(pid):
    try:
        with open(f'/proc/{pid}/statm') as file:
            return int(file.read().split()[1]) * resource.getpagesize()
    except (OSError, IndexError):
        return 0


def run(command, seconds):
    """Result, seconds of user time, peak of resident bytes; the result is None where a limit of ours ended it."""
    def small():
        resource.setrlimit(resource.RLIMIT_STACK, (STACK, STACK))
        resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds + 5))

    with open('told', 'wb') as told:
        child = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=told, preexec_fn=small)
        peak = 0
        while True:
            pid, status, usage = os.wait4(child.pid, os.WNOHANG)
            if pid != 0:
                break
            peak = max(peak, resident(child.pid))
            if peak > MEMORY:
                child.kill()
            time.sleep(0.01)
        child.returncode = os.waitstatus_to_exitcode(status)
    peak = max(peak, usage.ru_maxrss * 1024)
    if peak > MEMORY:
        return None, usage.ru_utime, peak
    if child.returncode in (-signal.SIGXCPU, -signal.SIGKILL):
        return None, usage.ru_utime, peak
    with open('told', errors='replace') as told:
        lines = [line for line in told.read(100_000).splitlines() if 'error' in line]
    if child.returncode == 0:
        return 'works', usage.ru_utime, peak
    if child.returncode < 0 or child.returncode > 4 or not lines:
        return f'CRASH {child.returncode}', usage.ru_utime, peak
    return lines[0].split('error', 1)[1].split(': ', 1)[0].strip('[]') + ': ' + lines[0].split(': ', 2)[-1][:70], usage.ru_utime, peak


def measure(options, parts, walks):
    """The rows of one shape: for every walk, what the largest program did that came to an end."""
    rows, last, going = {}, {}, list(walks)
    n = 1000
    while n <= options.most:
        write('source.pole-ir', parts, n)
        for walk in list(going):
            output = [] if walk == 'check' else ['-o', '/dev/null']
            result, seconds, peak = run([options.polec, *WALKS[walk], *output, 'source.pole-ir'], options.seconds)
            if result is None:
                limit = 'more than 6 GiB' if peak > MEMORY else f'more than {options.seconds} s'
                rows.setdefault(walk, ['', '', '', '', ''])[4] += f'{n:,} parts: {limit}'
                going.remove(walk)
                continue
            ratio = seconds / last[walk] if last.get(walk, 0) > 0.3 else 0
            rows[walk] = [f'{n:,}', f'{seconds:.2f}', f'{peak / 1e6:.0f}', result,
                          f'{ratio:.0f} times the time for 10 times the program; ' if ratio > 15 else '']
            last[walk] = seconds
            if not result.startswith('works') and walk == 'check':
                # The one error, which is the same in every walk behind.
                going = [walk for walk in going if walk in ('check', 'tokens', 'ast')]
        n *= 10
    return rows


parser = argparse.ArgumentParser()
parser.add_argument('polec')
parser.add_argument('--only', default='')
parser.add_argument('--most', type=int, default=1_000_000)
parser.add_argument('--seconds', type=int, default=60)
parser.add_argument('--walk', action='append', choices=WALKS)
options = parser.parse_args()
options.polec = os.path.abspath(options.polec)

print('| shape | walk | parts | user s | peak MB | result | remarks |\n| --- | --- | ---: | ---: | ---: | --- | --- |')
crashed = False
with tempfile.TemporaryDirectory() as scratch:
    os.chdir(scratch)
    for name, parts in SHAPES.items():
        if options.only not in name:
            continue
        for walk, row in measure(options, parts, options.walk or list(WALKS)).items():
            crashed |= row[3].startswith('CRASH')
            print('|', ' | '.join([name, walk, *row]).replace(' || ', ' &#124;&#124; '), '|', flush=True)
sys.exit(crashed)
