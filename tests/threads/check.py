"""
Several compilations in one process, and several threads in one compilation.

check.py THREADS POLEC SOURCE_ROOT SANITIZER

In a build with -Db_sanitize=thread every race is a failure; tests/all.sh makes one of only what is needed here.  LLVM is not
instrumented, yet nothing had to be suppressed: what it shares it shares through calls of pthread, malloc and free.
"""
import filecmp
import os
import pathlib
import re
import subprocess
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).parents[1]))
from tap import finish, tell

threads, polec, root = os.path.abspath(sys.argv[1]), os.path.abspath(sys.argv[2]), pathlib.Path(sys.argv[3])
PROGRAMS = [root / 'examples' / name for name in ('01-factorial.pole-ir', '58-json.pole-ir')] + [
    root / 'tests/errors' / name for name in ('several.pole-ir', 'e230_not_covered.pole-ir', 'w121_format.pole-ir', 'e107_infinite_instances.pole-ir')]
environment = {**os.environ, 'TSAN_OPTIONS': 'exitcode=66'}


def run(*command):
    return subprocess.run(command, capture_output=True, text=True, env=environment, timeout=500)


def races(text):
    return re.findall('WARNING: ThreadSanitizer.*|SUMMARY: .*|FATAL.*', text)


with tempfile.TemporaryDirectory() as scratch:
    os.chdir(scratch)
    if sys.argv[4] == 'thread':
        tell(races(run(threads, 'race').stderr), 'a race is noticed')
    ran = run(threads, scratch, '1', *map(str, PROGRAMS))
    tell(ran.returncode in (0, 66) and ran.stdout.endswith(' 0 wrong\n'), 'eight threads are told what one is told', ran.stdout, ran.stderr[:2000])
    tell(not races(ran.stderr), 'eight threads do not race', ran.stderr)

    # 500 functions that call each other, in units of a hundred.
    with open('many.pole-ir', 'w') as source:
        source.write('func f0(x: Int) -> Int : x\n')
        for i in range(1, 500):
            source.write(f'func f{i}(x: Int) -> Int : if x > {i} then f{i - 1}(x - 1) + {i} else f{i // 2}(x)\n')
        source.write('func main() -> Int : println("done"); f499(1000) % 7\n')
    outputs = {}
    for jobs in ('1', '4'):
        outputs[jobs] = f'many{jobs}.o'
        ran = run(polec, '-c', '-j', jobs, '-o', outputs[jobs], 'many.pole-ir')
        tell(ran.returncode == 0 and not races(ran.stderr), f'units on {jobs} threads', ran.stderr)
    tell(filecmp.cmp(*outputs.values(), shallow=False), 'the same object on four threads as on one')

    # Several files, each a compilation of its own.
    ran = run(polec, '--check', '-j', '8', '-I', str(root / 'examples'), *map(str, PROGRAMS[:2]), 'many.pole-ir')
    tell(ran.returncode == 0 and not races(ran.stderr), 'files on eight threads', ran.returncode, ran.stderr)
finish()
