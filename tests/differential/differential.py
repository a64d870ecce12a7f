#!/usr/bin/env python3
"""Random programs do what the language reference says, at -O0 to -O3 and in `polec run`.

  differential.py POLEC [--count N] [--seed S] [-j N] [--seconds T] [--save FOLDER] [--show SEED]

Each seed is one program (generate.py), run by an evaluator of its own (evaluate.py), which predicts standard output,
standard error and exit status, and what `polec test` says.  A program that differs is shrunk and saved with what was
predicted.  Speaks TAP.
"""
import argparse
import concurrent.futures
import os
import random
import re
import subprocess
import sys
import tempfile
import time
import traceback

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
sys.setrecursionlimit(200000)

from evaluate import Evaluator, Stop, TooLong, equal
from generate import Generator
from printer import to_source
from shrink import shrink
from tree import *

MODES = [[]] * 7 + [['--overflow=trap']] * 2 + [['--contracts=off']]
NAME = 'p.pole-ir'
BATCH = 10      # programs in one TAP line


class Difference:
    def __init__(self, where, what, want, got):
        self.where, self.what, self.want, self.got = where, what, want, got

    def kind(self):
        return self.where, self.what

    def text(self):
        return f'{self.where}: {self.what} differs\n--- wanted\n{self.want}\n--- got\n{self.got}\n'


def mode_of(seed):
    return MODES[random.Random(seed).randrange(len(MODES))]


def predict(program, mode):
    """Standard output, the error line or None, exit status.  The program has been printed."""
    evaluator = Evaluator({d.name: d for d in program.types if isinstance(d, AliasDecl)}, '--overflow=trap' in mode,
                          '--contracts=off' not in mode, limit=1000000)
    try:
        status = evaluator.evaluate(program.main.body, {}) & 255
        error = None
    except Stop as stop:
        status = 101
        error = f'{getattr(stop.owner, stop.attribute)}: runtime error: {stop.message}'
    return bytes(evaluator.out), error, status


def predict_tests(program, mode):
    """The TAP lines and the run-time errors of `polec test`.  The program has been printed."""
    lines, errors, counts = [f'1..{len(program.tests)}'], [], {}
    for i, test in enumerate(sorted(program.tests, key=lambda t: [int(n) for n in t.pos.split(':')[1:]]), 1):
        evaluator = Evaluator({d.name: d for d in program.types if isinstance(d, AliasDecl)}, '--overflow=trap' in mode,
                              '--contracts=off' not in mode, limit=1000000)
        name = test.function.name if test.function else 'test'
        count = counts[id(test.function)] = counts.get(id(test.function), 0) + 1
        try:
            if test.function:
                value = evaluator.evaluate(Call(Global(test.function), [test.inputs]), {})
                good = test.expected is None or equal(value, evaluator.evaluate(test.expected, {}))
            else:
                good = evaluator.evaluate(test.expected, {})
        except Stop as stop:
            good = False
            errors.append(f'{getattr(stop.owner, stop.attribute)}: runtime error: {stop.message}')
        lines.append(f'{"ok" if good else "not ok"} {i} - {name} #{count}')
    return lines, errors


def test_difference(where, program, mode, got):
    """What `polec test` printed, without what the tests themselves did."""
    lines, errors = predict_tests(program, mode)
    status, out, err = got
    got_lines = [m[0] for m in re.finditer(r'(1\.\.\d+|(not )?ok \d+ - \w+ #\d+)$', out.decode(errors='replace'), re.M)]
    if got_lines != lines:
        return Difference(where, 'tests', '\n'.join(lines), f'{out.decode(errors="replace")}\n{err[-3000:]}')
    if [line for line in err.splitlines() if ' runtime error: ' in line] != errors:
        return Difference(where, 'errors of tests', '\n'.join(errors), err[-3000:])
    wanted = 1 if any(line.startswith('not') for line in lines) else 0
    return None if status == wanted else Difference(where, 'status of tests', wanted, f'{status}\n{err[-3000:]}')


def run(words, folder, seconds=60):
    try:
        done = subprocess.run(words, cwd=folder, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=seconds)
        return done.returncode, done.stdout, done.stderr.decode(errors='replace')
    except subprocess.TimeoutExpired:
        return 'time out', b'', ''


def compare(where, want, got):
    out, error, status = want
    got_status, got_out, got_err = got
    lines = [line for line in got_err.splitlines() if 'warning[' not in line] if 'run' in where else got_err.splitlines()
    if 'run' in where:      # the compiler's warnings stand in front
        lines = [line for line in lines if ' runtime error: ' in line]
    wanted = [error] if error else []
    if got_status != status:
        return Difference(where, f'status ({got_status if got_status in (1, 70) else "other"})', status, f'{got_status}\n{got_err[-3000:]}')
    if got_out != out:
        at = next((i for i, (a, b) in enumerate(zip(got_out, out)) if a != b), min(len(out), len(got_out)))
        return Difference(where, 'stdout', out[max(0, at - 60):at + 60], got_out[max(0, at - 60):at + 60])
    if lines != wanted:
        return Difference(where, 'stderr', '\n'.join(wanted), got_err[-2000:])
    return None


def places(program, links):
    """Where a program is tried.  Linking takes most of the time: `links` says that one program in so many is linked."""
    sometimes = program.seed % 4 == 0
    linked = ['-O0', '-O2'] + (['-O1', '-O3'] if sometimes else []) if program.seed % links == 0 else []
    in_memory = ['run -O0'] + (['run -O2'] if sometimes or not linked else [])
    return [*linked, *in_memory, 'test']


def differs(polec, program, mode, folder, only=None, links=1):
    """The first Difference, or None."""
    write_down(program, folder)
    want = predict(program, mode)
    for where in [only] if only else places(program, links):
        if only and run([polec, '-q', '--check', NAME], folder)[0] != 0 and where.startswith('run'):
            continue
        if where == 'test':
            difference = program.tests and test_difference(where, program, mode, run([polec, 'test', *mode, NAME], folder))
            if difference:
                return difference
            continue
        if where.startswith('run'):
            got = run([polec, *where.split(), '-q', *mode, NAME], folder)
        else:
            got = run([polec, '-q', where, *mode, '-o', 'p', NAME], folder)
            if got[0] != 0:
                code = next((word for line in got[2].splitlines() if 'error[' in line for word in line.split() if 'error[' in word), '')
                return Difference(where, f'compilation ({got[0]}) {code}', 'no error', got[2][-3000:])
            got = run([os.path.join(folder, 'p')], folder)
        difference = compare(where, want, got)
        if difference:
            return difference
    return None


def write_down(program, folder):
    for path, text in to_source(program).items():
        with open(os.path.join(folder, path), 'w', newline='', encoding='utf-8') as file:
            file.write(text)


def try_seed(polec, seed, save, shrink_seconds, links):
    """None, or a text about what differs."""
    mode = mode_of(seed)
    with tempfile.TemporaryDirectory(prefix='polec-diff-') as folder:
        try:
            program = Generator(seed, '--overflow=trap' in mode, '--contracts=off' not in mode).program()
            difference = differs(polec, program, mode, folder, links=links)
        except Exception:
            return f'seed {seed}: trouble of the generator or evaluator\n' + traceback.format_exc()[-3000:]
        if not difference:
            return None

        def same_kind(candidate):
            try:
                found = differs(polec, candidate, mode, folder, difference.where)
                return found is not None and found.kind() == difference.kind()
            except (KeyError, AssertionError, AttributeError, TypeError, IndexError, ValueError, TooLong, RecursionError):
                return False
        small = shrink(program, same_kind, shrink_seconds)
        difference = differs(polec, small, mode, folder, difference.where) or difference
        text = f'seed {seed} {" ".join(mode)} {difference.text()}'
        if save:
            path = os.path.join(save, f'seed-{seed}')
            os.makedirs(path, exist_ok=True)
            write_down(small, path)
            with open(os.path.join(path, 'difference.txt'), 'w') as file:
                file.write(text)
            text += f'saved in {path}'
        return text


def main():
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument('polec')
    options.add_argument('--count', type=int, default=200, help='programs')
    options.add_argument('--seed', type=int, default=1, help='of the first one')
    options.add_argument('-j', type=int, default=1, help='processes')
    options.add_argument('--seconds', type=float, help='begin no program after that time')
    options.add_argument('--links', type=int, default=1, help='link one program in so many, run the others in memory only')
    options.add_argument('--shrink-seconds', type=float, default=60)
    options.add_argument('--save', default='differences', help='folder for programs that differ')
    options.add_argument('--show', type=int, help='print the program of that seed, and what it is to do')
    given = options.parse_args()
    polec = os.path.abspath(given.polec)
    if given.show is not None:
        mode = mode_of(given.show)
        program = Generator(given.show, '--overflow=trap' in mode, '--contracts=off' not in mode).program()
        for path, text in to_source(program).items():
            print(f'// {path}\n{text}')
        print('//', *mode, *predict(program, mode))
        print('//', *predict_tests(program, mode))
        return 0

    start = time.time()
    seeds = iter(range(given.seed, given.seed + given.count))
    failed = done = tests = 0
    batch = []

    def report():
        nonlocal tests
        tests += 1
        bad = [text for _, text in batch if text]
        print('not ok' if bad else 'ok', tests, '-', f'seeds {min(s for s, _ in batch)} to {max(s for s, _ in batch)}')
        for text in bad:
            print('\n'.join('# ' + line for line in text.splitlines()))
        sys.stdout.flush()
        batch.clear()

    with concurrent.futures.ProcessPoolExecutor(given.j) as pool:
        running = {}
        while True:
            while len(running) < given.j and not (given.seconds and time.time() - start > given.seconds):
                seed = next(seeds, None)
                if seed is None:
                    break
                running[pool.submit(try_seed, polec, seed, given.save, given.shrink_seconds, given.links)] = seed
            if not running:
                break
            for future in concurrent.futures.wait(running, return_when=concurrent.futures.FIRST_COMPLETED).done:
                text = future.result()
                batch.append((running.pop(future), text))
                done += 1
                failed += text is not None
            if len(batch) >= BATCH or any(text for _, text in batch):
                report()
    if batch:
        report()
    print(f'1..{tests}')
    print(f'# {done} programs, {failed} differ, {time.time() - start:.0f} s')
    return 1 if failed else 0


if __name__ == '__main__':
    sys.exit(main())
