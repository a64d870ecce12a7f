"""
policies.py POLEC TESTS: whichever --arena-policy is chosen, what comes out is the same to the byte: every kind of output of
every example, what is told of every wrong program in errors/, and the exact figures of the reports.
"""
import json
import os
import pathlib
import subprocess
import sys
import tempfile

polec, tests = os.path.abspath(sys.argv[1]), pathlib.Path(sys.argv[2]).resolve()
EXAMPLES = sorted((tests.parent / 'examples').glob('*.pole-ir'))
ERRORS = sorted((tests / 'errors').glob('*.pole-ir'))
POLICIES = {'phase': [], 'whole': ['--arena-policy=whole'], 'malloc': ['--arena-policy=malloc']}
VARYING = {'committed_bytes', 'reserved_bytes', 'nanoseconds', 'limit_bytes'}    # of a phase; everything else is exact
LIFETIMES = {'freed_after'}                                                       # other under "whole"

CASES = [(f'--emit={kind}', [f'--emit={kind}'], EXAMPLES)
         for kind in ('tokens', 'ast', 'ir', 'llvm-ir', 'llvm-bc', 'asm', 'obj')]
CASES += [('-O2 -c', ['-O2', '-c'], EXAMPLES), ('messages', ['--check'], ERRORS),
          ('an executable', ['-o', 'program'], EXAMPLES[:1])]


def outcome(arguments, files):
    """Status, standard output, messages, and every file that was written; the figures apart."""
    with tempfile.TemporaryDirectory() as directory:
        report = os.path.join(directory, 'report')
        called = subprocess.run([polec, *arguments, '--memory-report=json', '--memory-report-file=' + report, *files],
                                cwd=directory, capture_output=True)
        figures = json.load(open(report))['files']
        os.remove(report)
        written = {path.name: path.read_bytes() for path in pathlib.Path(directory).iterdir()}
    return (called.returncode, called.stdout, called.stderr, written), figures


def exact(figures, dropped):
    return [(file['file'], file['session'], [{key: value for key, value in phase.items() if key not in dropped}
                                             for phase in file['phases']], file['total_allocations']) for file in figures]


print(f'1..{len(CASES) * (len(POLICIES) - 1)}')
for name, arguments, files in CASES:
    expected, figures = outcome(arguments, files)
    assert expected[1] or expected[2] or expected[3], name      # something came out
    for policy, options in list(POLICIES.items())[1:]:
        seen, also = outcome([*arguments, *options], files)
        dropped = VARYING | (LIFETIMES if policy == 'whole' else set())
        same, alike = seen == expected, exact(also, dropped) == exact(figures, dropped)
        print('ok' if same and alike else 'not ok', '-', name, policy)
        if not same:
            print('# other output:', [what for what, a, b in zip(('status', 'stdout', 'stderr', 'files'), seen, expected) if a != b])
        if not alike:
            print('# other figures:', [a[0] for a, b in zip(exact(also, dropped), exact(figures, dropped)) if a != b])
