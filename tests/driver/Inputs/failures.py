"""
Everything that a file system and an impatient user can do to an output: afterwards it is complete or as it was before,
no temporary is left, and the message and the status say what happened.

failures.py POLEC, in an empty directory
"""
import os
import pathlib
import random
import resource
import shutil
import signal
import subprocess
import sys
import time

polec = os.path.abspath(sys.argv[1])
here = pathlib.Path.cwd()
SOURCE = 'func square(x: Int) -> Int : x * x\n' + ''.join(f'func f{i}(x: Int) -> Int : square(x) + {i}\n' for i in range(60)) + \
    'func main() -> Int : 0\n'
KINDS = {
    'object': ['-c'], 'assembly': ['-S'], 'tokens': ['--emit=tokens'], 'ir': ['--emit=ir'], 'bitcode': ['--emit=llvm-bc'],
    'optimized object': ['-c', '-O2', '-g'], 'executable': [],
}
random.seed(7)

# A build that measures coverage: whoever is killed, or out of space, must not leave half of the counts behind.
UNCOUNTED = dict(os.environ, GCOV_PREFIX='/dev/null')


def call(*arguments, program=polec, **more):
    return subprocess.run([program, *arguments], stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=120, **more)


def files():
    return {path.name: path.read_bytes() for path in here.iterdir() if path.is_file()}


def expect(good, *seen):
    assert good, seen


def limited(n):
    return lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (n, n))


def disk_full():
    """A file may only grow to so many bytes; the system's way of a full disk that needs no mount."""
    for what, kind in KINDS.items():
        call(*kind, '-o', 'whole', 'a.pole-ir')
        size = os.path.getsize('whole')
        os.remove('whole')
        for old in (None, b'precious'):
            if old:
                pathlib.Path('out').write_bytes(old)
            before = files()
            for n in {0, 1, size // 2, size - 1}:
                ran = call(*kind, '-o', 'out', 'a.pole-ir', preexec_fn=limited(n), env=UNCOUNTED)
                expect(ran.returncode in ((1, 4) if kind == [] else (4,)) and ran.stderr, what, n, size, ran)
                expect(b"cannot write 'out': File too large" in ran.stderr or kind == [], what, n, ran)
                expect(files() == before, what, n, set(files()) - set(before))
        os.remove('out')
    for report in ('text', 'json', 'html', 'trace', 'prometheus'):
        before = files()
        ran = call('-c', '-MD', f'--memory-report={report}', '--memory-report-file=report', '-o', 'out', 'a.pole-ir',
                   preexec_fn=limited(700), env=UNCOUNTED)
        expect(ran.returncode == 4 and files() == before, report, ran, set(files()) - set(before))


def directories():
    """Nobody may write into this directory; root may, so it becomes somebody else."""
    somebody = {'user': 65534} if os.geteuid() == 0 else {}
    os.mkdir('locked')
    pathlib.Path('locked/out').write_text('precious')
    os.chmod('locked', 0o555)
    os.chmod('.', 0o755)
    shutil.copy('a.pole-ir', '/tmp/.polec-test-source.pole-ir')
    try:
        for what, kind in KINDS.items():
            for path in ('locked/out', 'locked/new'):
                ran = call(*kind, '-o', path, 'a.pole-ir', **somebody)
                expect(ran.returncode == 4 and f"cannot write '{path}': Permission denied".encode() in ran.stderr, what, ran)
        expect(os.listdir('locked') == ['out'] and pathlib.Path('locked/out').read_text() == 'precious')
    except PermissionError:
        pass    # the file system does not let somebody else get here
    finally:
        os.remove('/tmp/.polec-test-source.pole-ir')
        os.chmod('locked', 0o755)
        shutil.rmtree('locked')


def read_only_output():
    """A file that may not be written to is not written to: a new one takes its place, as the directory allows."""
    pathlib.Path('out').write_text('old')
    os.chmod('out', 0o444)
    os.link('out', 'other')
    expect(call('-c', '-o', 'out', 'a.pole-ir').returncode == 0)
    expect(pathlib.Path('other').read_text() == 'old' and pathlib.Path('out').read_bytes()[:4] == b'\x7fELF')
    os.remove('out')
    os.remove('other')


def missing_parts():
    os.mkdir('alone')
    shutil.copy(polec, 'alone/polec')
    os.chmod('alone/polec', 0o755)
    before = files()
    ran = call('-o', 'out', 'a.pole-ir', program='./alone/polec')
    expect(ran.returncode == 1 and b'the run-time library is missing' in ran.stderr and files() == before, ran)
    expect(call('run', 'a.pole-ir', program='./alone/polec').returncode == 0)
    shutil.rmtree('alone')
    for script in ('exit 1', 'kill -9 $$', 'while [ "$1" != -o ]; do shift; done; echo half >"$2"; exit 3'):
        os.mkdir('bin')
        pathlib.Path('bin/cc').write_text(f'#!/bin/sh\n{script}\n')
        os.chmod('bin/cc', 0o755)
        ran = call('-o', 'out', 'a.pole-ir', env=dict(os.environ, PATH=f'{here}/bin:{os.environ["PATH"]}'))
        expect(ran.returncode == 1 and b"the linker 'cc' failed" in ran.stderr and files() == before, script, ran)
        shutil.rmtree('bin')


def interrupted(number, rounds):
    """At a random moment.  Whoever is killed cannot clean up, but there is never half an output at its place."""
    def usual():    # whoever runs the tests may ignore signals
        if number != signal.SIGKILL:
            signal.signal(number, signal.SIG_DFL)

    kinds = list(KINDS.values())
    wholes = []
    for kind in kinds:
        started = time.monotonic()
        call(*kind, '-o', 'out', 'a.pole-ir')
        wholes.append((kind, pathlib.Path('out').read_bytes(), time.monotonic() - started))
    for i in range(rounds):
        kind, whole, seconds = wholes[i % len(wholes)]
        old = b'precious' if i % 2 else whole[:100]
        pathlib.Path('out').write_bytes(old)
        process = subprocess.Popen([polec, *kind, '-o', 'out', 'a.pole-ir'], stderr=subprocess.DEVNULL,
                                   preexec_fn=usual, env=UNCOUNTED if number == signal.SIGKILL else None)
        time.sleep(random.random() * seconds)
        process.send_signal(number)
        status = process.wait()
        now = pathlib.Path('out').read_bytes()
        expect(now in (old, whole) and status in (0, -number), kind, status, len(now))
        expect(status == -number or now == whole, kind, status)
        left = [name for name in os.listdir() if name.startswith('.polec-')]
        expect(number == signal.SIGKILL or not left, kind, left)
        for name in left:
            os.remove(name)
    os.remove('out')


pathlib.Path('a.pole-ir').write_text(SOURCE)
disk_full()
directories()
read_only_output()
missing_parts()
interrupted(signal.SIGINT, 40)
interrupted(signal.SIGKILL, 40)
print('ok')
