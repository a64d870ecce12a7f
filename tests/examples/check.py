#!/usr/bin/env python3
"""Every program of examples/ does what its files in examples/expected/ say.  Speaks TAP.

  check.py POLEC EXAMPLES [NAME...]            compare, of the programs whose names contain NAME
  check.py --update POLEC EXAMPLES [NAME...]   write the expectations from what happens now; read them before a commit

NAME.pole-ir is run at -O0 and at -O2 by `polec run`, in an empty folder.  Beside NAME.out, the standard output,
there may be
  NAME.status   the exit status where it is not 0
  NAME.err      the run-time error on standard error; a program without one has to keep silent
  NAME.tap      what `polec test` prints; it exits with 1 if a line begins with "not ok"
  NAME.trap     NAME.err under --overflow=trap, with status 101
A server is started before its client: SERVERS.
"""
import os
import subprocess
import sys
import tempfile

SERVERS = {'echo-client': 'echo-server'}    # client: server; the port is told through ECHO_PORT
LIBRARIES = {'sdl': 'sdl2'}                 # part of a name: the pkg-config module without which it is skipped
TIMEOUT = 300

update = sys.argv[1:2] == ['--update']
arguments = sys.argv[2:] if update else sys.argv[1:]
polec, examples, wanted = os.path.abspath(arguments[0]), os.path.abspath(arguments[1]), arguments[2:]
expected = os.path.join(examples, 'expected')
runtime_folder = tempfile.TemporaryDirectory()     # SDL's libraries want one that nobody else can read
environment = dict(os.environ, SDL_VIDEODRIVER='dummy', SDL_AUDIODRIVER='dummy', XDG_RUNTIME_DIR=runtime_folder.name, LC_ALL='C')


def read(name, kind):
    """The expectation, or None where there is none."""
    try:
        with open(os.path.join(expected, name + '.' + kind), 'rb') as file:
            return file.read()
    except FileNotFoundError:
        return None


def write(name, kind, content):
    path = os.path.join(expected, name + '.' + kind)
    if content:
        with open(path, 'wb') as file:
            file.write(content)
    elif os.path.exists(path):
        os.remove(path)


def source(name):
    return os.path.join(examples, name + '.pole-ir')


def without_folder(text):
    return text.replace(examples.encode() + b'/', b'')


def polec_at_work(words, name, folder, extra={}):
    done = subprocess.run([polec, *words, source(name)], cwd=folder, env={**environment, **extra}, stdin=subprocess.DEVNULL,
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=TIMEOUT)
    return done.returncode, done.stdout, without_folder(done.stderr)


def with_server(words, name, folder):
    """The client's output and then the server's, which names the port that the system has given it."""
    server_name = next(n for n in names if n.endswith(SERVERS[name[3:]]))
    server = subprocess.Popen([polec, *words, source(server_name)], cwd=folder, env={**environment, 'ECHO_PORT': '0'},
                              stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    try:
        first = server.stdout.readline()
        port = first.split()[-1].decode() if first.strip() else '0'
        status, out, err = polec_at_work(words, name, folder, {'ECHO_PORT': port})
        rest, complaints = server.communicate(timeout=20)
    finally:
        if server.poll() is None:
            server.kill()
            server.communicate()
    return status or server.returncode, out + first.replace(port.encode(), b'PORT') + rest, err + without_folder(complaints)


def differences(what, want, got):
    """Lines of complaint about one file, none if all is well."""
    if want == got:
        return []
    want, got = want.decode(errors='replace').splitlines(), got.decode(errors='replace').splitlines()
    for i in range(max(len(want), len(got)) + 1):
        pair = [x[i] if i < len(x) else '(nothing)' for x in (want, got)]
        if pair[0] != pair[1]:
            return [f'{what}, line {i + 1}: expected {pair[0]!r}', f'{what}, line {i + 1}: found    {pair[1]!r}']
    return [f'{what}: a line end is missing or too many']


def compare(name, kind_out, kind_err, want_status, result):
    status, out, err = result
    if update:
        write(name, kind_out, out)
        write(name, kind_err, err)
        if kind_out == 'out' and kind_err == 'err':
            write(name, 'status', b'%d\n' % status if status else b'')
        return []
    complaints = [] if status == want_status else [f'status: expected {want_status}, found {status}']
    if kind_out:
        complaints += differences('output', read(name, kind_out) or b'', out)
    return complaints + differences('standard error', read(name, kind_err) or b'', err)


def run(name, level):
    with tempfile.TemporaryDirectory() as folder:
        run_it = with_server if name[3:] in SERVERS else polec_at_work
        result = run_it(['run', level], name, folder)
        left = os.listdir(folder)
    complaints = compare(name, 'out', 'err', int(read(name, 'status') or 0), result)
    return complaints + [f'left behind: {file}' for file in left]


def trap(name, level):
    with tempfile.TemporaryDirectory() as folder:
        status, out, err = polec_at_work(['run', level, '--overflow=trap'], name, folder)
    if update:
        write(name, 'trap', err)
        return []
    complaints = [] if status == 101 else [f'status: expected 101, found {status}']
    return complaints + differences('standard error', read(name, 'trap'), err)


def unit_tests(name, level):
    with tempfile.TemporaryDirectory() as folder:
        status, out, err = polec_at_work(['test', level], name, folder)
    want = out if update else read(name, 'tap')
    if update:
        write(name, 'tap', out)
    lines = want.splitlines()
    failed = sum(line.startswith(b'not ok') for line in lines)
    summary = b'%d passed, %d failed' % (sum(line.startswith(b'ok') for line in lines), failed)
    complaints = [] if status == (failed > 0) else [f'status: expected {int(failed > 0)}, found {status}']
    if summary not in err.splitlines():
        complaints.append(f'standard error does not say {summary.decode()!r}')
    return complaints + differences('test output', want, out)


def tour():
    """Every program has its two lines on top and its place in the README."""
    complaints = []
    with open(os.path.join(examples, 'README.md'), encoding='utf-8') as file:
        readme = file.read()
    for name in names:
        with open(source(name), encoding='utf-8') as file:
            idea, look = file.readline(), file.readline()
        if not idea.startswith(('// ', '/* ')):
            complaints.append(f'{name}: the first line is no comment')
        if 'polec ' not in look:
            complaints.append(f'{name}: the second line names no command of polec')
        if f'({name}.pole-ir)' not in readme:
            complaints.append(f'{name} is not in README.md')
    return complaints


def missing_library(name):
    for part, module in LIBRARIES.items():
        if part in name and subprocess.run(['pkg-config', '--exists', module]).returncode:
            return module
    return None


def has_tests(name):
    if not update:
        return read(name, 'tap') is not None
    with open(source(name), encoding='utf-8') as file:
        return any(line.lstrip().startswith('@test') for line in file)


names = sorted(file[:-len('.pole-ir')] for file in os.listdir(examples) if file.endswith('.pole-ir'))
chosen = [name for name in names if not wanted or any(word in name for word in wanted)]
cases = []
for name in chosen:
    if name[3:] not in SERVERS.values():
        cases.append((name, run, 'run'))
    if read(name, 'trap') is not None or update and 'overflow' in name:
        cases.append((name, trap, 'run --overflow=trap'))
    if has_tests(name):
        cases.append((name, unit_tests, 'test'))


def report(number, title, complaints):
    print(('not ' if complaints else '') + f'ok {number} - {title}', flush=True)
    for complaint in complaints:
        print('# ' + complaint)
    return bool(complaints)


print(f'1..{2 * len(cases) + 1}')
number = 1
failures = report(number, 'tour', tour())
for name, check, title in cases:
    for level in ('-O0', '-O2'):
        number += 1
        title_here = f'{title} {level} {name}'
        module = missing_library(name)
        if module:
            print(f'ok {number} - {title_here} # SKIP no {module}')
            continue
        try:
            complaints = check(name, level)
        except subprocess.TimeoutExpired:
            complaints = [f'no end after {TIMEOUT} seconds']
        failures += report(number, title_here, complaints)
sys.exit(failures > 0)
