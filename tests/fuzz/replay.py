"""
What fuzzing has found, and what it started from, once more; and some random programs.

replay.py REPLAY TREE
"""
import os
import pathlib
import subprocess
import sys

replay, tree = os.path.abspath(sys.argv[1]), pathlib.Path(sys.argv[2])
sanitized = os.environ.get('POLEC_SANITIZED') == 'true'
found = sorted((tree / 'tests/fuzz/found').iterdir())
seeds = sorted(tree.glob('examples/*.pole-ir')) + sorted(tree.glob('tests/errors/*.pole-ir'))
if sanitized:    # dear; the examples are compiled by other tests, too
    seeds = seeds[::8]
ran = subprocess.run([replay, '--random=' + ('80' if sanitized else '500'), f'--imports={tree}/examples', f'--imports={tree}/tests/fuzz/imports', *found, *seeds],
                     stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=600)
told = ran.stderr.decode(errors='replace').splitlines()
print('ok' if ran.returncode == 0 else 'not ok', '1 -', len(found), 'finds,', len(seeds), 'seeds, and random programs:',
      ran.stdout.decode().splitlines()[:1], 'status', ran.returncode)
if ran.returncode != 0:
    for line in told[-60:]:
        print('#', line)
print('1..1')
