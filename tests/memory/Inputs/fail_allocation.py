"""fail_allocation.py POLEC FILE...: allocations that fail, as the command line tells it, in an empty directory."""
import os
import sys

from report import call, report

RUNS = [['-c', '-o', 'out'], ['-o', 'out'], ['run'], ['test'], ['--emit=llvm-ir', '-o', 'out'], ['-c', '-MD', '-o', 'out']]

for source in sys.argv[2:]:
    allocations = report('-c', '-o', os.devnull, source)['total_allocations']
    for i, run in enumerate(RUNS):
        policy = ('phase', 'whole', 'malloc')[i % 3]
        for n in range(1 + i, allocations + 1, 7):
            called = call(*run, f'--arena-policy={policy}', f'--fail-alloc={n}', source)
            assert called.returncode == 3, (source, policy, run, n, called.returncode, called.stderr)
            assert called.stdout == b'', (run, n, called.stdout)
            assert called.stderr.count(b'error[') == 1, called.stderr
            assert b'error[E901]: memory limit reached in phase' in called.stderr, called.stderr
            assert b'Sanitizer' not in called.stderr, called.stderr
            assert os.listdir() == [], os.listdir()
    # One more than there are: nothing fails.
    assert call('-c', '-o', 'out', f'--fail-alloc={allocations + 1}', source).returncode == 0
    os.remove('out')
