"""
Valgrind finds no leak and no invalid access in a compilation, good or broken, whatever the arena policy.

leaks.py VALGRIND POLEC GOOD BROKEN
"""
import os
import subprocess
import sys
import tempfile

valgrind, polec, good, broken = sys.argv[1], *map(os.path.abspath, sys.argv[2:])
RUNS = [
    (['--check', good], 0),
    (['--check', '--arena-policy=malloc', good], 0),
    (['--check', '--arena-policy=malloc', '--fail-alloc=20', good], 3),
    (['--check', '--arena-policy=malloc', broken], 1),
    (['-c', '-o', 'output.o', '--arena-policy=malloc', good], 0),
    (['-c', '-o', 'output.o', '--memory-limit=codegen:1000', good], 3),
]
print(f'1..{len(RUNS)}')
with tempfile.TemporaryDirectory() as scratch:
    for n, (arguments, status) in enumerate(RUNS, 1):
        # Mismatched frees: a release folds `delete` and `delete[]`, which are the same code, to one function.
        ran = subprocess.run([valgrind, '-q', '--show-mismatched-frees=no', '--leak-check=full',
                              '--show-leak-kinds=definite,indirect,possible',
                              '--errors-for-leak-kinds=definite,indirect,possible', '--error-exitcode=99',
                              polec, *arguments], cwd=scratch, capture_output=True, text=True, errors='replace')
        clean = ran.returncode == status and '==' not in ran.stderr
        print('ok' if clean else 'not ok', n, '-', *[word for word in arguments if '/' not in word])
        if not clean:
            print(f'# status {ran.returncode}\n#', ran.stderr[:4000].replace('\n', '\n# '))
