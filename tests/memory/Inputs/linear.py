"""linear.py POLEC GENERATE DIRECTORY: compares a program of 500 functions with one of 4000, and a body of 10,000
operators with one of 80,000: memory exactly, and the processor time of the whole check."""
import os
import resource
import subprocess
import sys

from report import report

polec, generate, directory = sys.argv[1:]
os.makedirs(directory, exist_ok=True)
SMALL, LARGE = os.path.join(directory, 'small.pole-ir'), os.path.join(directory, 'large.pole-ir')


def functions(path, n):
    subprocess.run([sys.executable, generate, '--functions', str(n), '--seed', '7', '-o', path], check=True)


def one_body(path, n):
    with open(path, 'w') as source:
        source.write('func f(x: Int, y: Int) -> Int :\n  x' + '\n  + x * y' * (n // 2) + '\n')


def processor_seconds(path):
    """The least of some runs: other work on the machine only ever adds to it."""
    def once():
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        subprocess.run([polec, '--check', path], check=True)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return min(once() for _ in range(5))


def measured(path):
    run = report('--check', path)
    figures = {'peak': run['peak_live_bytes'], 'source': run['source_bytes'], 'time': processor_seconds(path)}
    for phase in run['phases']:
        figures[phase['name']] = phase['high_water_bytes']
    return figures


for make, small, large in ((functions, 500, 4000), (one_body, 10_000, 80_000)):
    make(SMALL, small)
    make(LARGE, large)
    before, after = measured(SMALL), measured(LARGE)
    growth = after['source'] / before['source']
    for name in before:
        # Tables double, so memory comes in steps.  Time is counted in ticks of milliseconds and depends on caches;
        # what is quadratic takes 64 times as long, not 8.
        allowed = growth * (4 if name == 'time' else 2)
        least = .02 if name == 'time' else 0
        assert after[name] <= allowed * max(before[name], least), (make.__name__, name, before[name], after[name], growth)
