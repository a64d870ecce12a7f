"""Every way to make polec, or a program of its making, say a name that holds control characters.  escapes.py POLEC"""
import pathlib
import subprocess
import sys

polec = sys.argv[1]
EVIL = 'x\x1b[31m\x1b]0;title\x07\n\x9b\u202ey'
SHOWN = r'x\x1b[31m\x1b]0;title\x07\n\u009b\u202ey'
TEXT = set(range(0x20, 0x7f)) | {0x0a}
DATA = TEXT | set(range(0x80, 0x100))    # UTF-8


def says(*arguments, status, times=1, program=polec, allowed=frozenset(TEXT)):
    ran = subprocess.run([program, *arguments], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=120)
    said = ran.stdout + ran.stderr
    assert ran.returncode == status, (arguments, ran)
    assert set(said) <= allowed, (arguments, said)
    assert said.decode().count(SHOWN) >= times, (arguments, said)


good, wrong, stops = (f'{kind}{EVIL}.pole-ir' for kind in ('good', 'wrong', 'stops'))
pathlib.Path(good).write_text('func main() -> Int : 0\n')
pathlib.Path(wrong).write_text(f'// {EVIL}\nfunc main() -> Int : "{EVIL}".f\n'.replace('\n\x9b', ''))
pathlib.Path(stops).write_text('func id(n: Int) -> Int : n\nfunc main() -> Int : 1 / id(0)\n@test(1 / id(0) == 1)\n')

says(f'--no{EVIL}', status=2)
says(f'--emit={EVIL}', good, status=2)
says(f'--memory-limit={EVIL}', good, status=2)
says(f'--memory-limit=parse:{EVIL}', good, status=2)
says('-l', EVIL, good, status=2)
says('explain', EVIL, status=2)
says(f'no{EVIL}', status=4)
says('--check', f'no{EVIL}', status=4)
says('watch', f'no{EVIL}', status=4)
says(f'@no{EVIL}', status=4)
says('-c', '-o', good, good, status=2)
says('-c', '-o', EVIL, '-MF', EVIL, good, status=2)
says('-c', '-o', f'no/{EVIL}', good, status=4)
says('-c', '-o', 'x.o', '-MF', f'no/{EVIL}', good, status=4)
says('--check', f'--memory-report-file=no/{EVIL}', good, status=4)
pathlib.Path(f'response{EVIL}').write_text(f"'@response{EVIL}'")
says(f'@response{EVIL}', status=2)
says('--check', wrong, status=1)
says('--check', '-v', good, status=0)
says('-c', '-v', '-o', EVIL, good, status=0, times=2)
says('--check', '--memory-report', good, status=0)
says('--check', '--time-report', good, status=0)
for kind in ('json', 'trace'):
    says('--check', f'--memory-report={kind}', good, status=0, times=0, allowed=DATA)
says('run', stops, status=101)
says('test', stops, status=1)
assert subprocess.run([polec, '-o', 'program', stops]).returncode == 0
says(program='./program', status=101)
