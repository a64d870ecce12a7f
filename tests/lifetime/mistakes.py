"""
Five classic mistakes with lifetimes, each a small program that must be stopped where it happens; the right way beside
each must not.  Three are stopped by the guard, which names the arena.  Two need a checker that knows objects:
AddressSanitizer in a sanitized build, else valgrind, if there is one.

mistakes.py SANITIZED VALGRIND PROGRAM...       (VALGRIND is empty if there is none)
"""
import pathlib
import subprocess
import sys

sys.path.insert(0, str(pathlib.Path(__file__).parents[1]))
from tap import finish, tell # noqa: E402

ARENA = {'keep_a_token': 'lex', 'result_in_scratch': 'scratch', 'string_in_retired_arena': 'ir'}
FAULT, WATCHED = 70, 99

sanitized, valgrind, programs = sys.argv[1] == 'true', sys.argv[2], sys.argv[3:]
checker = [] if sanitized else [valgrind, '-q', f'--error-exitcode={WATCHED}']


def call(*command):
    return subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, errors='replace')


for program in programs:
    name = pathlib.Path(program).name
    right = call(program, 'right')
    tell(right.returncode == 0 and right.stderr == '', f'{name}: the right way works', right)
    if name in ARENA:
        wrong = call(program)
        report = f"the arena '{ARENA[name]}' was used after its end"
        tell(wrong.returncode == FAULT and report in wrong.stderr, f'{name}: the guard names the arena', wrong)
    elif sanitized or valgrind:
        wrong = call(*checker, program)
        seen = 'AddressSanitizer: ' in wrong.stderr if sanitized else wrong.returncode == WATCHED
        tell(seen and 'Invalid write' not in wrong.stderr, f'{name}: the checker stops it', wrong)
    else:
        tell(True, f'{name}: neither AddressSanitizer nor valgrind # SKIP')
finish()
