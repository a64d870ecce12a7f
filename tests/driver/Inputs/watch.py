"""polec watch as its users meet it: editors that write, rename and delete, a log that scripts read, a terminal.

watch.py POLEC DIRECTORY
"""
import fcntl
import json
import os
import pathlib
import pty
import re
import select
import shutil
import signal
import struct
import subprocess
import sys
import termios
import time

POLEC, WHERE = sys.argv[1], pathlib.Path(sys.argv[2])
GOOD = 'func main() -> Int : 0\n'
PATIENCE = 20  # seconds; only a failure takes so long


def usual_signals():
    """A test may run where ^C is ignored, and that is inherited."""
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGTSTP):
        signal.signal(number, signal.SIG_DFL)


class Watch:
    """A running watch, and what it has printed that nobody has looked at yet."""

    def __init__(self, *arguments, terminal=None):
        environment = dict(os.environ, TERM='xterm', NO_COLOR='')
        if terminal:
            self.end, other = pty.openpty()
            self.resize(*terminal)
            self.process = subprocess.Popen([POLEC, 'watch', *arguments], stdin=other, stdout=other, stderr=other,
                                            env=environment, start_new_session=True, preexec_fn=usual_signals)
            os.close(other)
        else:
            self.end, other = os.pipe()
            self.process = subprocess.Popen([POLEC, 'watch', *arguments], stdout=other, stderr=other, env=environment,
                                            preexec_fn=usual_signals)
            os.close(other)
        self.printed = ''
        self.all = ''

    def resize(self, rows, columns):
        fcntl.ioctl(self.end, termios.TIOCSWINSZ, struct.pack('HHHH', rows, columns, 0, 0))

    def read(self, seconds):
        if not select.select([self.end], [], [], seconds)[0]:
            return False
        try:
            some = os.read(self.end, 65536).decode(errors='replace')
        except OSError:
            some = ''  # a terminal whose other end is gone
        self.printed += some
        self.all += some
        return some != ''

    def until(self, pattern):
        """Waits for the pattern and returns what was printed up to its end."""
        deadline = time.monotonic() + PATIENCE
        while True:
            found = re.search(pattern, self.printed, re.DOTALL)
            if found:
                text, self.printed = self.printed[:found.end()], self.printed[found.end():]
                return text
            if time.monotonic() > deadline or (not self.read(1) and self.process.poll() is not None):
                fail(f'no {pattern!r} in {self.printed!r}')

    def quiet(self, seconds=0.3):
        """Nothing is printed for a while."""
        time.sleep(seconds)
        while self.read(0):
            pass
        check(self.printed == '', f'printed without need: {self.printed!r}')

    def stop(self, number=signal.SIGINT):
        self.process.send_signal(number)
        status = self.process.wait(PATIENCE)
        while self.read(0):
            pass
        os.close(self.end)
        return status


def fail(what):
    sys.exit(f'watch.py: {what}')


def check(truth, what):
    if not truth:
        fail(what)


def replace(path, text):
    """As many editors do: the new file is written beside the old one and renamed."""
    beside = path.with_suffix('.new')
    beside.write_text(text)
    beside.rename(path)


def log_of_edits():
    path = WHERE / 'a.pole-ir'
    path.write_text(GOOD)
    with_log = Watch(str(path))
    text = with_log.until(r'check 1: good; .* from scratch; \d+ of \d+ bytes made\n\n')
    check('\033' not in text, 'escape sequences in a log')
    path.write_text(GOOD + 'func f() -> Int : missing\n')
    text = with_log.until(r'check 2: 1 error, 0 warnings;.*?\n\n')
    check(f"{path}:2:19: error[E204]: undefined name 'missing'" in text, text)
    replace(path, GOOD + 'func f( -> Int : 1\nfunc g() -> Int : ""\n')
    text = with_log.until(r'check 3: 2 errors.*?\n\n')
    replace(path, GOOD)
    with_log.until(r'check 4: good.*?\n\n')
    path.touch()
    replace(path, GOOD)
    (WHERE / 'beside.txt').write_text('nothing to do with it')
    with_log.quiet()
    path.unlink()
    with_log.until(r'polec: error: cannot read .*\ncheck 5: cannot be read\n\n')
    path.write_text(GOOD)
    with_log.until(r'check 6: good.*?\n\n')
    check(with_log.stop() == 0, '^C is not the good end')


def imports():
    part, deep = WHERE / 'part.pole-ir', WHERE / 'deep'
    shutil.rmtree(deep, ignore_errors=True)
    part.unlink(missing_ok=True)
    path = WHERE / 'b.pole-ir'
    path.write_text('import part\nimport deep.er.inner\nfunc main() -> Int : part.one() + inner.two()\n')
    watch = Watch('-I', str(WHERE), str(path))
    watch.until(r'E108.*E108.*check 1: 2 errors')
    part.write_text('func one() -> Int : 1\n')
    watch.until(r'E108.*check 2: 1 error,')
    (deep / 'er').mkdir(parents=True)
    time.sleep(0.1)
    (deep / 'er' / 'inner.pole-ir').write_text('func two() -> Int : 2\n')
    watch.until(r'check 3: good')
    replace(part, 'func one() -> Bool : true\n')
    watch.until(r'E202.*check 4: 1 error,')
    replace(part, 'func one() -> Int : 3\n')
    watch.until(r'check 5: good')
    check(watch.stop() == 0, 'status')


def links():
    """Edited where it really is, watched where the link is."""
    real = WHERE / 'real'
    real.mkdir(exist_ok=True)
    target, link = real / 'c.pole-ir', WHERE / 'c.pole-ir'
    target.write_text(GOOD)
    link.unlink(missing_ok=True)
    link.symlink_to(target)
    watch = Watch(str(link))
    watch.until(r'check 1: good')
    replace(target, GOOD + '?')
    watch.until(r'E005.*check 2: 1 error')
    check(watch.stop() == 0, 'status')


def kept_from_check_to_check():
    path = WHERE / 'd.pole-ir'
    body = ''.join(f'func f{i}(a: Int, b: Int) -> Int : if a < b then a + {i} else f{i}(b - 1, a)\n' for i in range(500))
    path.write_text(body)
    watch = Watch(str(path))
    watch.until(r'check 1: good')
    path.write_text(body + 'func last() -> Int : 1\n')
    text = watch.until(r'check 2: good.*?\n\n')
    path.write_text(body + 'func last() -> Int : 22\n')
    text = watch.until(r'check 3: good.*?\n\n')
    made, used = map(int, re.search(r'(\d+) of (\d+) bytes made', text).groups())
    check(made * 5 < used, f'{made} of {used} bytes made for one digit at the end')
    check('(from scratch ' in text, text)
    check(watch.stop(signal.SIGTERM) == -signal.SIGTERM, 'SIGTERM')


def options():
    path = WHERE / 'e.pole-ir'
    path.write_text('func f() -> Int : a + b + c\n' * 2)
    watch = Watch('--max-errors=1', '--color=always', str(path))
    text = watch.until(r'check 1: 1 error, 0 warnings')
    check('\033[' in text, 'no colours')
    watch.stop()
    watch = Watch('--diagnostics=json', str(path))
    lines = [json.loads(line) for line in watch.until(r'"check":1[^\n]*\n').splitlines()]
    check(lines[0]['code'] == 'E204' and lines[-1]['check'] == 1 and lines[-1]['errors'] == len(lines) - 1, lines)
    watch.stop()
    watch = Watch('--memory-limit=parse:600', str(path))
    watch.until(r'E101|E204.*check 1: .*error')
    path.write_text('func f() -> Int : 1 + 2 + 3 + 4 + 5 + 6\n' * 20)
    watch.until(r'error\[E901\]: memory limit reached in phase .parse.*check 2: memory limit reached\n')
    path.write_text(GOOD)
    watch.until(r'check 3: good.*?\n\n')
    watch.quiet()
    check(watch.stop() == 0, 'status')
    for wrong in (['-'], [], [str(path), str(path)], ['-o', 'x', str(path)], ['--memory-report', str(path)],
                  ['--emit=ir', str(path)], ['--diagnostics=sarif', str(path)]):
        check(subprocess.run([POLEC, 'watch', *wrong], capture_output=True).returncode == 2, f'{wrong} is not refused')
    check(subprocess.run([POLEC, 'watch', str(WHERE / 'none.pole-ir')], capture_output=True).returncode == 4, 'no file')
    full = subprocess.run([POLEC, 'watch', str(path)], stdout=open('/dev/full', 'w'), stderr=subprocess.PIPE)
    check(full.returncode == 4 and b'standard output' in full.stderr, 'a full standard output')


def lines_of_frame(text, rows):
    """What stands on the screen after a frame: each line cleared behind its end, none wider than it is."""
    frame = text.split('\033[H')[-1].removesuffix('\033[J')
    lines = re.sub(r'\033\[[0-9;]*m', '', frame).replace('\r\r', '\r').split('\r\n')
    check(len(lines) <= rows, f'{len(lines)} lines on {rows}')
    check(all(line.endswith('\033[K') for line in lines), 'a line is not cleared')
    return [line.removesuffix('\033[K') for line in lines]


def terminal():
    path = WHERE / 'f.pole-ir'
    path.write_text(GOOD)
    watch = Watch(str(path), terminal=(24, 60))
    text = watch.until('\033\\[J')
    check(text.startswith('\033[?1049h'), 'not on a screen of its own')
    lines = lines_of_frame(text, 24)
    check(lines[0].startswith('good') and any(line.startswith('  session  ##') for line in lines), lines)
    path.write_text(GOOD + ''.join(f'func f{i}() -> Int : missing{i} + {"x" * 100}\n' for i in range(30)))
    lines = lines_of_frame(watch.until('\033\\[H.*\033\\[J'), 24)
    check(lines[0].startswith('20 errors') and any(re.match(r'\.\.\. and \d+ more lines', line) for line in lines), lines)
    check(all(len(line) <= 60 for line in lines), 'a line is too wide')
    watch.resize(10, 40)
    watch.process.send_signal(signal.SIGWINCH)  # it is not the terminal's session, so nobody else does
    lines = lines_of_frame(watch.until('\033\\[H.*\033\\[J'), 10)
    check(all(len(line) <= 40 for line in lines) and not any('session' in line for line in lines), lines)
    watch.process.send_signal(signal.SIGTSTP)
    watch.until('\033\\[\\?1049l')
    stat = pathlib.Path(f'/proc/{watch.process.pid}/stat')
    while stat.read_text().rsplit(') ', 1)[1][0] != 'T':    # SIGCONT before it has stopped would be lost
        time.sleep(0.01)
    watch.process.send_signal(signal.SIGCONT)
    watch.until('\033\\[\\?1049h.*\033\\[J')
    check(watch.stop() == 0, 'status')
    check(watch.all.rstrip().endswith(f'{path}: 20 errors, 0 warnings'), watch.all[-200:])
    check('\033[?25h\033[?1049l' in watch.all[-200:], 'the terminal is not as it was')


def unread():
    path = WHERE / 'g.pole-ir'
    path.write_text(GOOD)
    watch = Watch(str(path))
    watch.until(r'check 1: good.*?\n\n')
    os.close(watch.end)
    check(watch.process.wait(PATIENCE) == 0, 'status when nobody reads')


WHERE.mkdir(parents=True, exist_ok=True)
for part in (log_of_edits, imports, links, kept_from_check_to_check, options, terminal, unread):
    part()
