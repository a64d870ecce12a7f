"""linear.py POLEC GENERATE DIRECTORY: compares a program of 500 functions with one of 4000, and a body of 10,000
operators with one of 80,000."""
import os
import subprocess
import sys

from report import report

generate, directory = sys.argv[2:]
os.makedirs(directory, exist_ok=True)
SMALL, LARGE = os.path.join(directory, 'small.pole-ir'), os.path.join(directory, 'large.pole-ir')


def functions(path, n):
    subprocess.run([sys.executable, generate, '--functions', str(n), '--seed', '7', '-o', path], check=True)


def one_body(path, n):
    with open(path, 'w') as source:
        source.write('func f(x: Int, y: Int) -> Int :\n  x' + '\n  + x * y' * (n // 2) + '\n')


def measured(path):
    runs = [report('--check', path) for _ in range(3)]
    figures = {'peak': runs[0]['peak_live_bytes'], 'source': runs[0]['source_bytes']}
    for i, phase in enumerate(runs[0]['phases']):
        figures[phase['name']] = phase['high_water_bytes']
        figures[phase['name'] + ' time'] = min(run['phases'][i]['nanoseconds'] for run in runs)
    return figures


for make, small, large in ((functions, 500, 4000), (one_body, 10_000, 80_000)):
    make(SMALL, small)
    make(LARGE, large)
    before, after = measured(SMALL), measured(LARGE)
    growth = after['source'] / before['source']
    for name in before:
        # Tables double, so memory comes in steps; time is measured on a machine that does other things as well.
        allowed = growth * (4 if name.endswith('time') else 2)
        assert after[name] <= allowed * before[name], (make.__name__, name, before[name], after[name], growth)
