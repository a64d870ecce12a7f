#!/usr/bin/env python3
"""Coverage of compiler/, folder by folder, from the counts in a build directory: report.py BUILD [--accept]

Fails when a folder has fallen below its least figures, and when a function is not covered that uncovered.txt, the list of
those with the reason for each, does not have.  --accept writes the list anew: what it had keeps its reason, what is new gets
none, and a function without a reason fails the next time.
"""
import json
import pathlib
import subprocess
import sys

tests = pathlib.Path(__file__).resolve().parent
root = tests.parent.parent
LIST = tests / 'uncovered.txt'
NO_REASON = 'no reason yet'

# Folder of compiler/: least per cent of lines and of branches.  In the strict ones a function is also listed for a branch
# that is never taken, elsewhere only for a line that is never run.
STRICT = ('base', 'lexer', 'parser')
LEAST = {'base': (99.9, 99.8), 'lexer': (99.8, 99.6), 'parser': (99.7, 99.3), '.': (95, 86), 'codegen': (98, 91.5), 'ir': (98, 92),
         'link': (92, 86), 'lsp': (97, 84), 'page': (97, 86), 'runtime': (98, 89)} # what is reached, less what signals and threads vary
LEAST_ELSEWHERE = (95, 85)
LEAST_TOGETHER = (97.5, 91)


def measured(build):
    """What gcovr says, for each file of compiler/.  Left out: branches of assert(), which are there to be never taken, and
    branches on lines without code (the compiler's own); tables that programs write; record_order, a program that only the
    build runs.  Of what re2c writes, the lines count that are written in lexer.re."""
    said = subprocess.run(
        ['gcovr', '--root', root, '--object-directory', build, '--filter', 'compiler/', '--exclude', '.*_table[.]h', '--exclude', '.*/record_order[.]c',
         '--exclude-branches-by-pattern', r'\s*assert\(.*', '--exclude-unreachable-branches', '--json', '-', build],
        cwd=root, stdout=subprocess.PIPE, check=True)
    return sorted(json.loads(said.stdout)['files'], key=lambda file: file['file'])


def folder_of(name):
    parts = pathlib.PurePath(name).parts
    return parts[1] if len(parts) > 2 else '.'


class Count:
    def __init__(self):
        self.lines = self.lines_run = self.branches = self.branches_taken = 0

    def add(self, line):
        self.lines += 1
        self.lines_run += line['count'] > 0
        taken = [branch['count'] > 0 for branch in line['branches']]
        self.branches += len(taken)
        self.branches_taken += sum(taken)

    def percents(self):
        return (100 * self.lines_run / max(self.lines, 1), 100 * self.branches_taken / max(self.branches, 1))

    def __str__(self):
        lines, branches = self.percents()
        return (f'{self.lines_run:6,} of {self.lines:6,} lines {lines:6.2f} %   '
                f'{self.branches_taken:6,} of {self.branches:6,} branches {branches:6.2f} %')


def functions_of(file):
    """Name and lines of each function of a file."""
    starts = sorted((function['lineno'], function['name']) for function in file['functions'])
    lines = [line for line in file['lines'] if not line.get('gcovr/noncode')]
    for i, (first, name) in enumerate(starts):
        end = starts[i + 1][0] if i + 1 < len(starts) else float('inf')
        yield name, [line for line in lines if first <= line['line_number'] < end]


def uncovered(files):
    """'folder/file.c function' -> the lines that are never run, or whose branches are not all taken."""
    found = {}
    for file in files:
        strict = folder_of(file['file']) in STRICT
        for name, lines in functions_of(file):
            missing = [f"{line['line_number']}{'' if line['count'] == 0 else 'b'}" for line in lines
                       if line['count'] == 0 or strict and any(branch['count'] == 0 for branch in line['branches'])]
            if missing:
                found[f"{file['file'].removeprefix('compiler/')} {name}"] = missing
    return found


def read_list():
    """function -> its reason.  A line that begins at the margin is a reason, for the indented functions below it."""
    reasons, reason = {}, None
    for line in LIST.read_text().splitlines() if LIST.exists() else ():
        if line.startswith('  '):
            reasons[line.strip()] = reason
        elif line and not line.startswith('#'):
            reason = line
    return reasons


def write_list(found, reasons):
    head = [line for line in LIST.read_text().splitlines() if line.startswith('#')] if LIST.exists() else []
    known = list(dict.fromkeys(reasons.values()))
    blocks = ['\n'.join(head)] if head else []
    for reason in known + [NO_REASON] * (NO_REASON not in known):
        functions = sorted(name for name in found if reasons.get(name, NO_REASON) == reason)
        if functions:
            blocks.append('\n'.join([reason, *('  ' + name for name in functions)]))
    LIST.write_text('\n\n'.join(blocks) + '\n')


def main():
    build = pathlib.Path(sys.argv[1]).resolve()
    files = measured(build)
    counts, together, complaints = {}, Count(), []
    for file in files:
        for line in file['lines']:
            if not line.get('gcovr/noncode'):
                counts.setdefault(folder_of(file['file']), Count()).add(line)
                together.add(line)
    for folder, count in sorted(counts.items()):
        print(f'{folder:10}{count}')
    print(f'{"together":10}{together}')
    for folder, count, least in [*((folder, count, LEAST.get(folder, LEAST_ELSEWHERE)) for folder, count in counts.items()),
                                 ('together', together, LEAST_TOGETHER)]:
        for what, percent, wanted in zip(('lines', 'branches'), count.percents(), least):
            if percent < wanted:
                complaints.append(f'{folder}: {percent:.2f} % of {what}, less than {wanted} %')

    found, reasons = uncovered(files), read_list()
    if '--accept' in sys.argv:
        write_list(found, reasons)
        reasons = read_list()
    for name, lines in found.items():
        if name not in reasons:
            complaints.append(f'newly uncovered: {name}, lines {" ".join(lines)}')
        elif reasons[name] in (NO_REASON, None):
            complaints.append(f'without a reason: {name}, lines {" ".join(lines)}')
    for name in reasons:
        if name not in found: # no fault: what a signal or a thread leads to is not the same in every run
            print(f'covered now, and may leave the list: {name}')
    for complaint in complaints:
        print(complaint)
    sys.exit(1 if complaints else 0)


main()
