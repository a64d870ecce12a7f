"""Runs lit and translates what it prints to TAP, so that meson knows of each test: lit_tap.py LIT ARGUMENTS..."""
import os
import re
import subprocess
import sys

GOOD = {'PASS', 'FLAKYPASS', 'XFAIL', 'UNSUPPORTED'}
BAD = {'FAIL', 'XPASS', 'TIMEOUT', 'UNRESOLVED'}

lit = subprocess.Popen([sys.executable, *sys.argv[1:]], stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                       text=True, errors='replace')
n_tests = 0
for line in lit.stdout:
    result = re.match(r'([A-Z]+): \w+ :: (.*) \(\d+ of \d+\)', line)
    if result and result[1] in GOOD | BAD:
        n_tests += 1
        skipped = ' # SKIP' if result[1] == 'UNSUPPORTED' else ''
        print('ok' if result[1] in GOOD else 'not ok', n_tests, '-', result[2] + skipped)
    else:
        print('#', line.rstrip())
print(f'1..{n_tests}')

# A failed test is told above; any other trouble of lit's must not pass for a success.
trouble = lit.wait()
filtered_away = n_tests == 0 and 'LIT_FILTER' in os.environ
sys.exit(0 if filtered_away or (n_tests > 0 and trouble in (0, 1)) else 1)
