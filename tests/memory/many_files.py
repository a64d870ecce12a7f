"""
A thousand files in one process cost the memory of one:  many_files.py MANY_FILES POLEC MEASURE SOURCE_ROOT

First the exact statistics of the pool (many_files.c); then the resident memory of polec itself, with errors and limits
in between, on one thread and on several: what a process with the largest file alone needs, for each thread.
"""
import os
import pathlib
import random
import subprocess
import sys
import tempfile

many_files, polec, measure = (os.path.abspath(name) for name in sys.argv[1:4])
root = pathlib.Path(sys.argv[4])
SLACK = 1_000_000    # bytes: lists of a thousand files
random.seed(4)
os.environ.pop('POLEC_MEMORY_REPORT', None)


def resident(*arguments, status=0):
    ran = subprocess.run([measure, polec, *arguments], capture_output=True, text=True, check=True)
    figures = [int(word) for word in ran.stdout.split()]
    assert figures[4] == status, (arguments, ran)
    return figures[3]


with tempfile.TemporaryDirectory() as scratch:
    os.chdir(scratch)
    files = [f'p{i:04}.pole-ir' for i in range(1000)]
    for i, name in enumerate([*files, 'large.pole-ir']):
        n = 1200 if name == 'large.pole-ir' else random.randint(1, 20)
        functions = [f'func f{i}_{k}(n: Int) -> Int : if n > {k} then n * f{i}_{k}(n - {random.randint(1, 9)}) else {k}\n' for k in range(n)]
        if i % 50 == 49:
            functions.append('func broken() -> Int : (\n')
        pathlib.Path(name).write_text(''.join(functions))

    pathlib.Path('empty').mkdir()
    examples = sorted(root.glob('examples/*.pole-ir'))
    programs = [*examples, root / 'tests/errors/several.pole-ir', pathlib.Path('large.pole-ir').resolve()]
    figures = subprocess.run([many_files, *programs], cwd='empty', capture_output=True, text=True)
    plan = figures.stdout.rindex('1..')
    print(figures.stdout[:plan], end='')
    n = int(figures.stdout[plan + 3:])
    if figures.stderr:
        print('#', figures.stderr[:2000])

    for work in (['--check'], ['--check', '--arena-policy=malloc'], ['--check', '--memory-limit=parse:3K'], ['-c', '-q']):
        for jobs in (1, 4):
            few = files if work[0] == '--check' else files[:150]
            limited = 'limit' in work[-1]
            alone = resident(*work, 'large.pole-ir', status=3 if limited else 0)
            all_of_them = resident(*work, f'-j{jobs}', 'large.pole-ir', *few, status=3 if limited else 1)
            n += 1
            good = all_of_them <= jobs * (alone + SLACK)
            print('ok' if good else 'not ok', n, '-', ' '.join(work), f'-j{jobs}: {len(few) + 1} files: {all_of_them:,} bytes resident,',
                  f'the largest alone {alone:,}')
            for output in pathlib.Path().glob('*.o'):
                output.unlink()
    print(f'1..{n}')
    os.chdir('/')
sys.exit(figures.returncode)
