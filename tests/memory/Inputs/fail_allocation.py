"""fail_allocation.py POLEC FILE...: fails each allocation in turn, under every policy."""
import os
import sys

from report import call, report

for source in sys.argv[2:]:
    for policy in ('phase', 'whole', 'malloc'):
        for run in (['--check'], ['-c', '-o', 'out']):
            allocations = report(*run, f'--arena-policy={policy}', source)['total_allocations']
            if run[0] == '-c':
                os.remove('out')
            # Code generation is slow: of its allocations every one is failed under one policy only.
            step = 1 if run[0] == '--check' or policy == 'phase' else 7
            for n in range(1, allocations + 1, step):
                called = call(*run, f'--arena-policy={policy}', f'--fail-alloc={n}', source)
                assert called.returncode == 3, (source, policy, run, n, called.returncode, called.stderr)
                assert b'error[E901]: memory limit reached in phase' in called.stderr, called.stderr
                assert b'Sanitizer' not in called.stderr, called.stderr
                assert os.listdir() == [], os.listdir()
            # One more than there are: nothing fails.
            assert call(*run, f'--arena-policy={policy}', f'--fail-alloc={allocations + 1}', source).returncode == 0
            if run[0] == '-c':
                os.remove('out')
