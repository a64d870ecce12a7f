"""Adds up the tests in meson's logs: count.py TESTLOG.json...  Prints `N passed, N failed`; fails if any failed."""
import json
import re
import sys

passed = failed = 0
for path in sys.argv[1:]:
    with open(path) as log:
        for run in map(json.loads, log):
            output = run.get('stdout', '')
            good = len(re.findall(r'^ok\b(?!.*# SKIP)', output, re.MULTILINE))
            bad = len(re.findall(r'^not ok\b', output, re.MULTILINE))
            if run['result'] in ('FAIL', 'ERROR', 'TIMEOUT', 'INTERRUPT', 'UNEXPECTEDPASS'):
                bad = max(bad, 1)       # it died before it could say so
            elif run['result'] == 'OK':
                good = max(good, 1)     # a test that speaks no TAP
            passed += good
            failed += bad
print(f'{passed} passed, {failed} failed')
sys.exit(failed > 0 or passed == 0)
