#!/usr/bin/env python3
"""
How long, how wide and how deep may a program be?  Every shape of program (shapes.py) in every walk of the compiler, ten
times larger each time, on a stack of a megabyte: user time, peak of resident memory, and what came of it.

depth_table.py POLEC [--only TEXT] [--most N] [--seconds N] [--walk WALK]...

Not part of the tests: all of it takes hours; deep.py is the part that every change has to pass, depth_table.md has figures.
A walk of a shape ends where it takes longer than --seconds or 6 GiB, or would if it grew by ten; nothing may crash.  Where
a size costs more than 15 times a tenth of it, it is set in bold.
"""
import argparse
import json
import os
import resource
import signal
import subprocess
import sys
import tempfile
import time

from shapes import FOLDERS, SHAPES, write

MEMORY = 6 << 30
STACK = 1 << 20
NOTHING = ['-o', os.devnull]
REPORT = f'--memory-report-file={os.devnull}'
WALKS = {
    'check': ['--check'], 'tokens': ['--emit=tokens', *NOTHING], 'ast': ['--emit=ast', *NOTHING],
    'ir': ['--emit=ir', *NOTHING], 'object': ['-c', *NOTHING], 'llvm-ir': ['--emit=llvm-ir', *NOTHING],
    'object -g': ['-c', '-g', *NOTHING], 'object -O1': ['-c', '-O1', *NOTHING], 'object -O2': ['-c', '-O2', *NOTHING],
    'object -O3 -g': ['-c', '-O3', '-g', *NOTHING],
    'run': ['run'], 'test': ['test'], 'lsp': ['lsp'],
    'page': ['--check', '--memory-report=html', '--memory-report-detail=all', REPORT],
    'json with details': ['-c', '--memory-report=json', '--memory-report-detail=all', REPORT, *NOTHING],
    'audit': ['--check', '--audit-lifetimes'], 'malloc': ['--check', '--arena-policy=malloc'],
    'sarif': ['--check', '--diagnostics=sarif', '--max-errors=0'],
}
AFTER_ERRORS = ('check', 'tokens', 'ast', 'lsp', 'page', 'audit', 'malloc', 'sarif')


def message(method, params, number=None):
    content = {'jsonrpc': '2.0', 'method': method, 'params': params}
    if number is not None:
        content['id'] = number
    body = json.dumps(content).encode()
    return b'Content-Length: %d\r\n\r\n' % len(body) + body


def write_session():
    """An editor opens the program, asks what an editor asks, changes its last line and asks again."""
    with open('source.pole-ir') as file:
        text = file.read()
    document = {'uri': 'file://' + os.path.abspath('source.pole-ir')}
    last = text.count('\n') - 1
    place = {'textDocument': document, 'position': {'line': last, 'character': 6}}
    end = {'line': last, 'character': 21}
    with open('session', 'wb') as file:
        file.write(message('initialize', {'processId': None, 'rootUri': None, 'capabilities': {}}, 0) + message('initialized', {}))
        file.write(message('textDocument/didOpen', {'textDocument': {**document, 'languageId': 'pole', 'version': 1, 'text': text}}))
        for turn in range(2):
            for i, method in enumerate(('documentSymbol', 'hover', 'definition', 'semanticTokens/full')):
                file.write(message('textDocument/' + method, place, 10 * turn + i + 1))
            file.write(message('textDocument/didChange', {'textDocument': {**document, 'version': turn + 2},
                                                          'contentChanges': [{'range': {'start': end, 'end': end}, 'text': '1 + '}]}))
        file.write(message('shutdown', None, 99) + message('exit', None))


def resident(pid):
    try:
        with open(f'/proc/{pid}/statm') as file:
            return int(file.read().split()[1]) * resource.getpagesize()
    except (OSError, IndexError):
        return 0


def outcome(status):
    """What is to be told of a run that ended by itself."""
    with open('told', errors='replace') as told:
        lines = [line for line in told.read(100_000).splitlines() if 'error' in line]
    if status == 0:
        return 'works'
    if status < 0 or status > 4 or not lines:
        return f'CRASH {status}'
    return lines[0].split('error', 1)[1].split(': ', 1)[0].strip('[]') + ': ' + lines[0].split(': ', 2)[-1][:60]


def run(command, seconds, given=os.devnull):
    """Result, seconds of user time, peak of resident bytes; the result is None where a limit of ours ended it."""
    def small():
        resource.setrlimit(resource.RLIMIT_STACK, (STACK, STACK))
        resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds + 5))

    with open('told', 'wb') as told, open(given, 'rb') as read:
        child = subprocess.Popen(command, stdin=read, stdout=subprocess.DEVNULL, stderr=told, preexec_fn=small)
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
    ended = peak > MEMORY or child.returncode in (-signal.SIGXCPU, -signal.SIGKILL)
    return None if ended else outcome(child.returncode), usage.ru_utime, peak


class Row:
    """One shape in one walk."""
    def __init__(self):
        self.cells, self.result, self.seconds, self.peak, self.going = [], '', 0, 0, True

    def add(self, n, limit, result, seconds, peak):
        if result is None:
            self.cells.append('> 6 GiB' if peak > MEMORY else f'> {limit} s')
            self.going = False
            return
        cell = f'{seconds:.2f} s {peak / 1e6:.0f} MB'
        self.cells.append(f'**{cell}**' if self.seconds > 0.3 and seconds > 15 * self.seconds else cell)
        if self.result not in ('', result):
            result = f'{self.result}; {n:,}: {result}'
        self.result, self.seconds, self.peak = result, seconds, peak
        self.going = 10 * seconds <= 1.5 * limit and 10 * peak <= 2 * MEMORY


def arguments(walk, names):
    return [options.polec, *WALKS[walk], *([] if walk == 'lsp' else names)]


def measure(make, walks):
    """The rows of one shape; make(n) writes the program and returns its names."""
    rows = {walk: Row() for walk in walks}
    n = options.least
    while n <= options.most:
        names = make(n)
        if 'lsp' in walks:
            write_session()
        broken = 'check' in walks and rows['check'].result not in ('', 'works')
        for walk, row in rows.items():
            if not row.going or (broken and walk not in AFTER_ERRORS):
                row.cells.append('')
                continue
            row.add(n, options.seconds, *run(arguments(walk, names), options.seconds, 'session' if walk == 'lsp' else os.devnull))
            broken |= walk == 'check' and row.result != 'works'
        n *= 10
    return rows


def one_file(parts):
    def make(n):
        write('source.pole-ir', parts, n)
        return ['source.pole-ir']
    return make


parser = argparse.ArgumentParser()
parser.add_argument('polec')
parser.add_argument('--only', default='')
parser.add_argument('--least', type=int, default=10_000)
parser.add_argument('--most', type=int, default=1_000_000)
parser.add_argument('--seconds', type=int, default=20)
parser.add_argument('--walk', action='append', choices=WALKS)
options = parser.parse_args()
options.polec = os.path.abspath(options.polec)

walks = options.walk or list(WALKS)
sizes = []
while options.least * 10 ** len(sizes) <= options.most:
    sizes.append(f'{options.least * 10 ** len(sizes):,}')
print('| shape | walk |', ' | '.join(sizes), '| |\n| --- | --- |' + ' ---: |' * len(sizes) + ' --- |')
crashed = False
for name, make in {**{name: one_file(parts) for name, parts in SHAPES.items()}, **FOLDERS}.items():
    if options.only not in name:
        continue
    few = [walk for walk in walks if name not in FOLDERS or walk in ('check', 'object', 'lsp')]
    with tempfile.TemporaryDirectory() as scratch:
        os.chdir(scratch)
        rows = measure(make, few)
        os.chdir('/')
    for walk, row in rows.items():
        if any(row.cells):
            result = '' if row.result == 'works' else row.result
            print('|', ' | '.join([name, walk, *row.cells, result]).replace(' || ', ' &#124;&#124; '), '|', flush=True)
        crashed |= 'CRASH' in row.result
sys.exit(crashed)
