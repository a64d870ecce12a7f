#!/usr/bin/env python3
"""
instructions.py POLEC LIBPOLEC.A COMPILER [--accept]: what polec executes for fixed inputs, in instructions as callgrind
counts them, compared with instructions.txt; one per cent more or less fails.

A line of instructions.txt is one part of one command's work: a folder of compiler/, or LLVM.  LIBPOLEC.A tells which
functions are a folder's own.  What is in shared objects is left out: C's library and the dynamic loader choose among
several versions of memcpy and others by what the processor can do, and take different paths on other machines.  The rest
does the same on every machine that has the same compiler (its version stands in the file; with another one the test is
skipped) and the same LLVM: valgrind places everything at the same addresses, which LLVM hashes, and the commands run in an
empty environment.

--accept writes the file anew: for changes that were intended, and that the commit explains.
"""
import collections
import concurrent.futures
import os
import pathlib
import re
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parent.parent
EXPECTED = HERE / 'instructions.txt'
TOLERANCE = 0.01
SMALL = 50_000     # parts below this are shown, and not judged: a folder's share of a small input is start-up

COMMANDS = {       # name: (source, arguments); g300: 300 functions of benches/generate.py
    'check-300-functions': ('g300', ['--check']),
    'object-O0-60-functions': ('g60', ['-c', '-o', 'out.o']),
    'check-lists': ('18-list-patterns', ['--check']),
    'check-generics': ('22-generics', ['--check']),
    'check-closures': ('20-closures', ['--check']),
    'check-contracts': ('26-contracts', ['--check']),
    'object-O0-factorial': ('01-factorial', ['-c', '-o', 'out.o']),
    'object-O0-trees': ('23-trees', ['-c', '-o', 'out.o']),
    'object-O0-strings': ('24-strings', ['-c', '-o', 'out.o']),
    'object-O2-trees': ('23-trees', ['-O2', '-c', '-o', 'out.o']),
}


def folders(archive):
    """{function: folder of compiler/ it is from}.  A handful of static functions have the same name in two folders."""
    of = {}
    symbols = subprocess.run(['nm', '-A', archive], capture_output=True, text=True, check=True).stdout
    for member, function in re.findall(r':([^:]*\.o):\S+ [tT] (\S+)$', symbols, re.M):
        path = member.split('compiler_')[1].split('_')
        folder = path[0] if path[0] in ('base', 'parser', 'ir', 'codegen', 'runtime', 'page') else 'driver'
        if member.endswith('compiler_lexer.c.o') or path[0] == 'lexer':
            folder = 'lexer'
        of[function] = folder if of.get(function, folder) == folder else 'driver'
    return of


def own_costs(profile):
    """[(object, function, instructions in it, without those of functions it calls)]"""
    names, costs = {'ob': {}, 'fn': {}}, collections.Counter()
    object_, function, skip = '', '', False

    def name(kind, text):
        number, _, rest = text.partition(')')
        return names[kind].setdefault(number, rest.strip())

    for line in profile.splitlines():
        if line.startswith(('ob=', 'cob=')):
            found = name('ob', line.split('=', 1)[1])
            object_ = found if line[0] == 'o' else object_
        elif line.startswith(('fn=', 'cfn=')):
            found = name('fn', line.split('=', 1)[1])
            function = found if line[0] == 'f' else function
        elif line.startswith('calls='):
            skip = True            # the next line is what the called function took
        elif line[:1].isdigit() or line[:1] in '+-*':
            if not skip:
                costs[object_, function] += sum(map(int, line.split()[1:2]))   # a zero is not written
            skip = False
    return costs


def measure(polec, of, source, arguments, directory):
    profile = directory / f'{source}{arguments[0]}.out'
    run = subprocess.run(['valgrind', '--tool=callgrind', f'--callgrind-out-file={profile}', polec, *arguments[:-1],
                          *(arguments[-1:] if arguments[-1] != 'out.o' else [f'{source}{arguments[0]}.o']), f'{source}.pole-ir'],
                         cwd=directory, capture_output=True, text=True, env={'PATH': os.environ['PATH']})
    if run.returncode != 0:
        sys.exit(f'Bail out! {" ".join(map(str, run.args))}: {run.stderr}')
    parts = collections.Counter()
    for (object_, function), cost in own_costs(profile.read_text()).items():
        if '.so' not in object_:
            parts[of.get(re.split(r"[.']", function)[0], 'LLVM')] += cost
    if '--check' in arguments:
        parts['driver'] += parts.pop('LLVM', 0)   # main.c, and C's start
    return parts


def measure_all(polec, archive):
    of = folders(archive)
    with tempfile.TemporaryDirectory() as directory:
        directory = pathlib.Path(directory)
        for source, _ in COMMANDS.values():
            to = directory / f'{source}.pole-ir'
            if source[0] == 'g':
                subprocess.run([sys.executable, ROOT / 'benches' / 'generate.py', '--functions', source[1:], '--seed', '1',
                                '-o', to], check=True)
            else:
                to.write_bytes((ROOT / 'examples' / f'{source}.pole-ir').read_bytes())
        with concurrent.futures.ThreadPoolExecutor(2) as pool:
            jobs = {name: pool.submit(measure, polec, of, *command, directory) for name, command in COMMANDS.items()}
            return {name: job.result() for name, job in jobs.items()}


def read_expected():
    compiler, expected = '', {}
    for line in EXPECTED.read_text().splitlines() if EXPECTED.exists() else []:
        if line.startswith('# compiler: '):
            compiler = line.removeprefix('# compiler: ')
        elif not line.startswith('#'):
            name, part, count = line.split()
            expected.setdefault(name, {})[part] = int(count)
    return compiler, expected


def differences(expected, found):
    for part in sorted(expected.keys() | found.keys()):
        old, new = expected.get(part, 0), found.get(part, 0)
        if max(old, new) >= SMALL and abs(new - old) > TOLERANCE * old:
            yield f'{part}: {old:,} instructions, now {new:,} ({100 * (new - old) / max(old, 1):+.1f} %)'


def main():
    polec, archive, compiler = os.path.abspath(sys.argv[1]), sys.argv[2], sys.argv[3]
    accepted_compiler, expected = read_expected()
    if '--accept' not in sys.argv and compiler != accepted_compiler:
        print(f'1..0 # SKIP the counts are those of {accepted_compiler}, and this is {compiler}')
        return
    found = measure_all(polec, archive)
    if '--accept' in sys.argv:
        EXPECTED.write_text(f'# compiler: {compiler}\n' + ''.join(f'{name:24} {part:8} {count:12}\n'
                            for name, parts in found.items() for part, count in sorted(parts.items())))
        expected = found
    print(f'1..{len(found)}')
    for n, (name, parts) in enumerate(found.items(), 1):
        wrong = list(differences(expected.get(name, {}), parts))
        print('not ok' if wrong else 'ok', n, '-', name)
        for line in wrong:
            print('#', line)
        if wrong:
            print('# If this is what you wanted: ninja -C build accept-instructions')


main()
