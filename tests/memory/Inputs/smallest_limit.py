"""smallest_limit.py POLEC FILE: shrinks limits around the figures of the report."""
import os
import sys

from report import call, exact, report

source = sys.argv[2]
RUNS = [['--emit=tokens', '-o', os.devnull], ['--emit=ast', '-o', os.devnull], ['--check'], ['-c', '-o', os.devnull],
        ['--check', '--arena-policy=whole'], ['--check', '--arena-policy=malloc']]

for run in RUNS:
    file = report(*run, source)
    limits = {phase['name'] + ':': phase['high_water_bytes'] for phase in file['phases']}
    limits[''] = file['peak_live_bytes']
    for name, most in limits.items():
        for bytes_less in (0, 1, 2, 7, 8, 9):
            called = call(*run, f'--memory-limit={name}{most - bytes_less}', source)
            expected = 3 if bytes_less > 0 else 0
            assert called.returncode == expected, (run, name, most, bytes_less, called.returncode, called.stderr)
        assert call(*run, f'--memory-limit={name}{most + 1}', source).returncode == 0
        # The limit itself changes no figure.
        limited = report(*run, f'--memory-limit={name}{most}', source)
        assert limited['peak_live_bytes'] == file['peak_live_bytes']
        assert [p['high_water_bytes'] for p in limited['phases']] == [p['high_water_bytes'] for p in file['phases']]
        assert exact(limited)['timeline'] == exact(file)['timeline']
