"""
progress.py POLEC: the progress line, on a pseudo terminal, in an empty directory.

A small model of the terminal keeps what would be on the screen, so the test sees what a person sees: while many files
are compiled, a line that grows; in the end nothing but the messages, each at the beginning of a line.
"""
import fcntl
import os
import pty
import re
import signal
import struct
import subprocess
import sys
import termios
import time

polec = sys.argv[1]
PROGRAM = ''.join(f'func f{i}(n: Int) -> Int : if n > {i} then n * f{i}(n - 1) else {i}\n' for i in range(90))
LINE = re.compile(rb'\r\[(\d+)/(\d+)\] ([^\r\n\x1b]*)\x1b\[K')
DIRECTORY = 'deep/' * 12 + 'ünïcödé'

def write(i):
    name = f'{DIRECTORY}/p{i:04}.pole-ir'
    with open(name, 'w') as file:
        file.write(PROGRAM + ('func g() -> Int : missing\n' if i % 40 == 30 else ''))
    return name


# As many files as keep this machine busy for a second, on three threads: the line comes after 0.3.
os.makedirs(DIRECTORY)
files = [write(i) for i in range(30)]
start = time.time()
subprocess.run([polec, '-O2', '-c', '-j3', *files], check=True)
N = min(3000, max(120, int(0.9 / (time.time() - start) * len(files))))
files += [write(i) for i in range(len(files), N)]


def on_terminal(*arguments, columns=80, term='xterm', stdout=subprocess.DEVNULL, interrupt=False, **environment):
    master, terminal = pty.openpty()
    fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack('HHHH', 24, columns, 0, 0))
    usual = lambda: signal.signal(signal.SIGINT, signal.SIG_DFL) # whoever runs the tests may ignore it
    process = subprocess.Popen([polec, *arguments], preexec_fn=usual, stderr=terminal,
                               stdout=terminal if stdout is None else stdout,
                               stdin=subprocess.DEVNULL, env={**os.environ, 'TERM': term, 'NO_COLOR': '1', **environment})
    os.close(terminal)
    told = b''
    try:
        while piece := os.read(master, 65536):
            told += piece
            if interrupt and LINE.search(told):
                process.send_signal(signal.SIGINT)
                interrupt = False
    except OSError:    # Linux: the other side was closed
        pass
    os.close(master)
    return process.wait(), told


def screen(told):
    """The lines that stand there in the end; a line must fit."""
    lines, column = [''], 0
    for piece in re.findall(r'\x1b\[K|\r|\n|[^\x1b\r\n]+', told.decode()):
        if piece == '\r':
            column = 0
        elif piece == '\n':
            lines.append('')
        elif piece == '\x1b[K':
            lines[-1] = lines[-1][:column]
        else:
            lines[-1] = lines[-1][:column] + piece + lines[-1][column + len(piece):]
            column += len(piece)
    return lines


def plain(*arguments):
    ran = subprocess.run([polec, *arguments], capture_output=True, text=True)
    return ran.returncode, ran.stderr.split('\n')


for jobs in ('-j1', '-j3'):
    work = ['-O2', '-c', jobs, *files]
    status, told = on_terminal(*work)
    shown = LINE.findall(told)
    assert status == 1 and len(shown) >= (2 if jobs == '-j1' else 1), (status, told)
    counts = [int(n) for n, _, _ in shown]
    assert counts == sorted(set(counts)) and 1 < counts[0] and counts[-1] <= N, counts
    assert all(int(of) == N for _, of, _ in shown)
    assert all(path.decode() == files[n - 1][-len(path.decode()):] for n, (_, _, path) in zip(counts, shown)), shown
    assert all(len(f'[{n.decode()}/{N}] {path.decode()}') == 79 for n, _, path in shown), shown
    # In the end the screen is that of a run without the line.
    assert (status, screen(told)) == plain(*work), (told, plain(*work))

# A narrow terminal gets what fits, one that is too narrow nothing.
_, told = on_terminal('-O2', '-c', *files, columns=20)
assert LINE.findall(told) and all(len(f'[{n.decode()}/{N}] {path.decode()}') <= 19 for n, _, path in LINE.findall(told)), told
assert not LINE.findall(on_terminal('-O2', '-c', *files, columns=5)[1])

# Nobody wants it: quiet, verbose, a dumb terminal, messages for programs, text that is printed on the same terminal.
few = files[:30]
for arguments, other in ((['-q'], {}), (['-v'], {}), ([], {'term': 'dumb'}), ([], {'term': ''}), (['--diagnostics=json'], {})):
    assert not LINE.findall(on_terminal('-O2', '-c', *arguments, *files, **other)[1]), (arguments, other)
assert b'/30] ' not in on_terminal('-O2', '--emit=llvm-ir', *few, stdout=None)[1]
assert b'\x1b' not in on_terminal('--check', *few[:2])[1]    # too short to be worth it

# Interrupted, it leaves nothing behind.
status, told = on_terminal('-O2', '-c', *files, interrupt=True)
assert status == -signal.SIGINT and LINE.search(told) and screen(told)[-1] == '', (status, told)
