#!/usr/bin/env python3
"""
accounts.py POLEC [--accept]: the exact accounts of every example, and of two larger programs that benches/generate.py
makes, compared with accounts.txt to the byte.

A line of accounts.txt is one arena of one example: bytes used when the phase ended, high-water mark of arena and scratch,
allocations; or what all arenas held at most together.  The figures are the same in every build, on every machine and under every policy, so one file serves all of
them; the kinds of what lay in the arenas are compared between the policies.  --accept writes the file anew: for changes
that were intended, and that the commit explains.
"""
import json
import os
import pathlib
import subprocess
import sys
import tempfile

polec, accept = os.path.abspath(sys.argv[1]), '--accept' in sys.argv[2:]
here = pathlib.Path(__file__).resolve().parent
examples = here.parent.parent / 'examples'
EXPECTED = here / 'accounts.txt'
GENERATED = ['300-long.pole-ir', '300-short.pole-ir']    # functions, and their shape


def run(*arguments, directory):
    """The reports of all programs.  Their paths are part of what is counted, so they are the same everywhere."""
    names = sorted('examples/' + path.name for path in examples.glob('*.pole-ir')) + GENERATED
    called = subprocess.run([polec, '-c', '-q', '--memory-report=json', *arguments, *names], cwd=directory,
                            capture_output=True, text=True)
    text = called.stderr
    return {os.path.basename(file['file']).removesuffix('.pole-ir'): file
            for file in json.loads(text[text.index('{ "version"'):])['files']}


def lines(name, file):
    session = file['session']
    yield f"{name:24} session {session['used_bytes']:9} {'-':>9} {session['allocations']:6}"
    for phase in file['phases']:
        yield (f"{name:24} {phase['name']:7} {phase['used_bytes']:9} {phase['high_water_bytes']:9} "
               f"{phase['allocations']:6}")
    yield f"{name:24} {'all':7} {'-':>9} {file['peak_live_bytes']:9} {file['total_allocations']:6}"


def kinds(file):
    return [file['session']['by_kind'], *(phase['by_kind'] for phase in file['phases'])]


with tempfile.TemporaryDirectory() as directory:
    os.symlink(examples, os.path.join(directory, 'examples'))
    for name in GENERATED:
        functions, shape = name.removesuffix('.pole-ir').split('-')
        subprocess.run([sys.executable, here.parent.parent / 'benches/generate.py', '--functions', functions, '--shape', shape,
                        '--seed', '1', '-o', os.path.join(directory, name)], check=True)
    seen = {policy: run(*options, directory=directory) for policy, options in {
        'phase': [], 'whole': ['--arena-policy=whole'], 'malloc': ['--arena-policy=malloc'], 'guard': ['--guard']}.items()}

figures = {name: list(lines(name, file)) for name, file in seen['phase'].items()}
if accept:
    EXPECTED.write_text(f"{'# example':24} {'arena':7} {'used':>9} {'high':>9} {'allocs':>6}\n"
                        + ''.join(line + '\n' for name in figures for line in figures[name]))

expected = {name: [] for name in figures}
for line in EXPECTED.read_text().splitlines():
    if not line.startswith('#'):
        expected.setdefault(line.split()[0], []).append(line)

print(f'1..{len(expected)}')
failed = False
for n, name in enumerate(expected, 1):
    differences = [f'{sign} {line}' for sign, these, others in (('-', expected[name], figures.get(name, [])),
                                                                 ('+', figures.get(name, []), expected[name]))
                   for line in these if line not in others]
    for policy, files in seen.items():
        # Freed late, all arenas together hold more, each for itself the same.
        last = -1 if policy == 'whole' else None
        if name in files and list(lines(name, files[name]))[:last] != figures[name][:last]:
            differences.append(f'other figures under --arena-policy={policy}')
        if name in files and kinds(files[name]) != kinds(seen['phase'][name]):
            differences.append(f'other kinds under --arena-policy={policy}')
    print('not ok' if differences else 'ok', n, '-', name)
    for difference in differences:
        print('#', difference)
    failed = failed or bool(differences)
if failed:
    print('# If this is what you wanted: tests/memory/accounts.py build/polec --accept')
