"""
What the README files say is so: every file that they name exists, every option of polec's is one, commands work and
print what is shown, the language of the first screen is what polec prints, and every test folder is in the table.

check.py PROJECT POLEC
"""
import json
import os
import pathlib
import re
import shlex
import signal
import subprocess
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).parents[1]))
from tap import finish, tell # noqa: E402

project, polec = pathlib.Path(sys.argv[1]).resolve(), os.path.abspath(sys.argv[2])
FILES = ['README.md', 'compiler/README.md', 'tests/README.md']
MADE = ('build', 'share/', '/', '~', '-', '$')    # not in the source tree
SUFFIXES = r'\.(?:c|h|re|def|py|sh|md|ld|cc|rs|test|build|pole-ir|yml|txt|in)'


def blocks(text, kind):
    """The lines of all code blocks of a kind."""
    found, inside = [], None
    for line in text.splitlines():
        if line.startswith('```'):
            inside = line[3:] if inside is None else None
        elif inside == kind:
            found.append(line)
    return found


def exists(name, beside):
    name = name.rstrip('/')
    roots = [beside, project, project / 'compiler', project / 'tests']
    return any((root / name).exists() or ('*' in name and any(root.glob(name))) for root in roots)


def named_files(text):
    """Links, and words in code quotes that look like paths."""
    for target in re.findall(r'\]\(([^)#]+)\)', text):
        if '://' not in target:
            yield target
    for code in re.findall(r'`([^`\n]+)`', text):
        for word in code.split():
            word = word.strip('(),;:"\'')
            looks = re.fullmatch(rf'[\w./*-]+{SUFFIXES}', word) or re.fullmatch(r'\.?[\w.-]+/(?:[\w.*-]+/)*[\w.*-]*', word)
            if looks and not word.startswith(MADE) and not re.search(r'[A-Z]{3,}\.', word) and word not in INVENTED:
                yield word


INVENTED = {'hello.pole-ir', 'big.pole-ir', 'Inputs/'}

for name in FILES:
    path = project / name
    text = path.read_text()
    missing = sorted({file for file in named_files(text) if not exists(file, path.parent)})
    tell(not missing, f'{name}: the files it names exist', missing)
    help_text = subprocess.run([polec, '--help=all'], capture_output=True, text=True).stdout
    known = set(re.findall(r'(?<![\w-])--?[A-Za-z][\w-]*', help_text))
    used = {option.split('=')[0] for code in re.findall(r'`([^`\n]+)`', text) + blocks(text, 'sh')
            if re.match(r'(?:\S*/)?polec |--', code) for option in re.findall(r'(?<!\S)--[a-z][\w-]*', code.split('#')[0].split(' -- ')[0])}
    strange = sorted(option for option in used if option not in known)
    tell(not strange, f'{name}: the options it names exist', strange)

# ---- The commands of the first screen ----

text = (project / 'README.md').read_text()
first, everything = [line for line in blocks(text, 'sh') if line.startswith('sh ')][:2]
tell(everything == 'sh tests/all.sh', 'the second command', everything)
run = shlex.split(first.split('&&')[-1])
tell(run[0] == 'build/polec', 'the first command ends with a run', first)
ran = subprocess.run([polec, *run[1:]], cwd=project, capture_output=True, text=True)
shown = blocks(text, '')
expected = (project / 'examples/expected/01-factorial.out').read_text()
tell(ran.returncode == 0 and ran.stdout == expected, 'it prints the result', ran)
tell(all(line in shown for line in expected.splitlines()), 'the result is shown', expected)


def columns(lines):
    """The figures of a report's arenas that are the same everywhere: used and high water."""
    return {line.split()[0]: line.split()[1:4:2] for line in lines
            if re.match(r'  (lex|parse|ir|codegen) +[\d,]+ +[\d,]+ +[\d,]+ +\d+', line)}


shown_figures, figures = columns(shown), columns(ran.stderr.splitlines())


def alike(a, b):
    """Within a fifth: small changes need no new README."""
    a, b = int(a.replace(',', '')), int(b.replace(',', ''))
    return abs(a - b) * 5 <= b


tell(list(shown_figures) == list(figures) != [] and
     all(alike(a, b) for phase in figures for a, b in zip(shown_figures[phase], figures[phase])),
     'the memory report is shown about as it is', (shown_figures, figures))

# ---- Pictures ----

sys.path.insert(0, str(project / 'compiler/pictures'))
sys.dont_write_bytecode = True
import make # noqa: E402

made_from = (project / 'compiler/pictures/made-from.txt').read_text().strip()
tell(made_from == make.page_version(), 'the picture of the page is of this page (compiler/pictures/make.py makes a new one)')
pictures = [(project / name).parent / target for name in ('README.md', 'compiler/README.md')
            for target in re.findall(r'!\[[^\]]*\]\(([^)]+)\)', (project / name).read_text())]
sizes = {path.name: path.stat().st_size for path in pictures}
tell(len(sizes) >= 5 and all(0 < size < 300_000 for size in sizes.values()), 'the pictures are there, and small', sizes)
if os.environ.get('POLEC_SANITIZED') != 'true':
    for name, fresh in make.course.drawn(polec).items():
        old = (project / 'compiler/pictures' / name).read_text()
        tell(name in sizes and not make.course.differences(old, fresh),
             f'{name} is what a run draws (compiler/pictures/make.py POLEC course draws it anew)', make.course.differences(old, fresh)[:5])
tell(any(re.search(r'^  parse end .*  s+l?p+$', line) for line in shown), 'bars are made of initials', shown)

# ---- The commands that use polec ----

n_commands = 0


def run_to_its_end(command, where):
    """A watch has no end of its own: it is interrupted when it has said something.  A server is told to go."""
    usual = lambda: signal.signal(signal.SIGINT, signal.SIG_DFL)
    bodies = ['{"id": 1, "method": "initialize"}', '{"id": 2, "method": "shutdown"}', '{"method": "exit"}'] if command[1] == 'lsp' else []
    process = subprocess.Popen(command, cwd=where, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                               preexec_fn=usual)
    first = process.stdout.readline() if command[1] == 'watch' else ''
    if first:
        process.send_signal(signal.SIGINT)
    rest, _ = process.communicate(''.join(f'Content-Length: {len(body)}\r\n\r\n{body}' for body in bodies), timeout=60)
    return process.returncode, first + rest


with tempfile.TemporaryDirectory() as scratch:
    source = pathlib.Path(scratch) / 'hello.pole-ir'
    source.write_text('func main() -> Int : 0\n@test(1 == 1)\n')
    for line in blocks(text, 'sh'):
        command = shlex.split(line, comments=True)
        if command and command[0] == 'polec':
            n_commands += 1
            status, printed = run_to_its_end([polec, *command[1:]], scratch)
            tell(status == 0, line.split('#')[0].strip(), printed)

# ---- Commands with what they print: they run beside links to the sources, so that nothing is written into those ----

environment = {**os.environ, 'PATH': f"{os.path.dirname(polec)}:{os.environ['PATH']}", 'NO_COLOR': '1'}
for name in ('POLEC_MEMORY_REPORT', 'POLEC_MEMORY_REPORT_FILE'):
    environment.pop(name, None)


def shell(command, scratch):
    global n_commands
    n_commands += 1
    return subprocess.run(['bash', '-c', command], cwd=scratch, env=environment, stdin=subprocess.DEVNULL, capture_output=True,
                          text=True, errors='replace', timeout=100)


def workplace(directory):
    scratch = pathlib.Path(directory)
    for name in ('benches', 'compiler', 'examples', 'tests'):
        (scratch / name).symlink_to(project / name)
    (scratch / 'build').symlink_to(os.path.dirname(polec))
    (scratch / 'hello.pole-ir').write_text('func main() -> Int : 0\n@test(1 == 1)\n')
    return scratch


def sessions(text):
    """The commands of console blocks, with what they are said to print."""
    found = []
    for line in blocks(text, 'console'):
        if line.startswith('$ '):
            found.append((line[2:], []))
        else:
            found[-1][1].append(line)
    return found


def about_the_same(shown, printed):
    """Words are the same, numbers about; bars and columns may be of another length."""
    if len(shown) != len(printed):
        return False
    for a, b in zip(shown, printed):
        a, b = ([word for word in line.split() if not re.fullmatch(r'[#slpic]{3,}', word)] for line in (a, b))
        if len(a) != len(b):
            return False
        for x, y in zip(a, b):
            numbers = all(re.fullmatch(r'\d[\d,]*', word) for word in (x, y))
            if not (alike(x, y) if numbers else x == y):
                return False
    return True


with tempfile.TemporaryDirectory() as directory:
    scratch = workplace(directory)
    # Memory and stack of a sanitized build are others than those shown.
    for name in FILES if os.environ.get('POLEC_SANITIZED') != 'true' else []:
        for command, shown in sessions((project / name).read_text()):
            ran = shell(command, scratch)
            tell(about_the_same(shown, ran.stdout.splitlines()) and ran.stderr.strip() in shown or
                 about_the_same(shown, (ran.stdout + ran.stderr).splitlines()), f'{name}: {command}', ran)

# ---- The tour through the examples: what its tables say to look at, and its first commands ----

FAILS = {'27-broken-promise': 101, '29-overflow': 101, '30-run-time-errors': 101, '32-failing-tests': 1, '60-bank': 101}
have_sdl = subprocess.run(['sh', '-c', 'ldconfig -p | grep -q libSDL2'], env={**os.environ, 'PATH': os.environ['PATH'] + ':/sbin'}).returncode == 0
# Server and client belong together: tests/examples/check.py starts both.
tour = (project / 'examples/README.md').read_text()
with tempfile.TemporaryDirectory() as directory:
    scratch = workplace(directory)
    wrong, done = [], set()
    code = [line.split('  #')[0].strip() for line in blocks(tour, 'sh')] + re.findall(r'`((?:SDL_VIDEODRIVER=dummy )?polec [^`]+)`', tour)
    for command in code:
        program = re.search(r'examples/([\w-]+)\.pole-ir', command)
        if command in done or '-echo-' in command or ('SDL_' in command and not have_sdl):
            continue
        done.add(command)
        ran = shell(command, scratch)
        ends = {0, FAILS.get(program[1], 0)} if program else {0}
        if ran.returncode not in ends or 'polec: error' in ran.stderr or ran.stderr.count(': error['):
            wrong.append((command, ran.returncode, ran.stderr[:300]))
    tell(not wrong and len(done) > 60, f'examples/README.md: its {len(done)} commands work', wrong)

# ---- Every other command of every README ----
# What takes minutes, changes the tree or wants packages is not run here; but programs, targets, tests and options exist.

RUN_ELSEWHERE = {   # README, a sign of the command: the test that runs it
    ('benches/README.md', r'hello\.pole-ir|heap\.zst|massif\.out|callgrind\.out'): 'tests/lifetime/recipes.py',
    ('examples/build/README.md', ''): 'tests/build_tools/check.py',
    ('README.md', r'^sh \.ci/packages build && .* run '): 'this test, above',
}
TOOLS = {'cp', 'ninja', 'meson', 'sh', 'python3', 'polec', 'valgrind'}
build_root = pathlib.Path(polec).parent
tests_known = {test['name'] for option in ('--tests', '--benchmarks')
               for test in json.loads(subprocess.run(['meson', 'introspect', option, str(build_root)], capture_output=True, text=True).stdout)}
targets_known = subprocess.run(['ninja', '-C', str(build_root), '-t', 'targets', 'all'], capture_output=True, text=True).stdout
options_known = set(re.findall(r"^option\('(\w+)'", (project / 'meson_options.txt').read_text(), re.M)) | {
    'buildtype', 'b_sanitize', 'b_lundef', 'werror', 'default_library', 'prefix'}


def faults_of_script(path, words):
    """A program of this tree is there, and knows the options."""
    if not (project / path).is_file():
        return [] if path.startswith('build/') and f'{path[6:]}:' in targets_known else [f'{path} is not there']
    text = (project / path).read_text(errors='replace')
    return [f'{path} knows no {word}' for word in words if word.startswith('--') and word.split('=')[0] not in text]


def faults(words):
    """What is wrong with one command, before it is run."""
    while words and re.match(r'[A-Z_]+=', words[0]):
        words = words[1:]
    program, rest = words[0], words[1:]
    if program in ('sh', 'python3') and rest:
        return faults_of_script(rest[0], rest[1:])
    if '/' in program:
        source = project / program
        if source.is_file() and not os.access(source, os.X_OK):
            return [f'{program} is not executable']
        return faults_of_script(program, rest)
    if program not in TOOLS:
        return [f'no rule for {program}']
    if program == 'meson' and rest[0] == 'setup':
        return [f'no option {word}' for word in rest if word.startswith('-D') and word[2:].split('=')[0] not in options_known]
    if program == 'meson' and rest[0] == 'test':
        names = [word for i, word in enumerate(rest[1:], 1) if not word.startswith('-') and rest[i - 1] != '-C']
        return [f'no test {name}' for name in names if name not in tests_known]
    if program == 'ninja' and os.environ.get('POLEC_SANITIZED') != 'true':   # some targets only a release has
        names = [word for i, word in enumerate(rest) if not word.startswith('-') and (i == 0 or rest[i - 1] != '-C')]
        return [f'no target {name}' for name in names if not re.search(rf'^{re.escape(name)}: ', targets_known, re.M)]
    return []


n_all, n_run = 0, n_commands + len(done)
for path in sorted(project.rglob('README.md')):
    name = str(path.relative_to(project))
    if any(part.startswith(('build', '.')) and part != 'build_tools' for part in path.relative_to(project).parts[:1]):
        continue
    text = path.read_text()
    wrong, checked = [], 0
    for line in blocks(text, 'sh'):
        line = line.split('  #')[0].strip()
        ran_above = line in done or (name == 'README.md' and line.startswith('polec '))
        elsewhere = any(name == readme and re.search(sign, line) for readme, sign in RUN_ELSEWHERE)
        n_run += elsewhere
        if not line or ran_above or elsewhere:
            continue
        checked += 1
        wrong += [fault for part in line.split(' && ') for fault in faults(shlex.split(part))]
    n_all += checked
    tell(not wrong, f'{name}: what the other {checked} commands name exists', wrong)
tell(all((project / test).exists() or test.startswith('this') for test in RUN_ELSEWHERE.values()), 'the tests that run the others exist')

# ---- Folders and programs ----

table = (project / 'tests/README.md').read_text()
build = (project / 'tests/meson.build').read_text()
folders = sorted(path.name for path in (project / 'tests').iterdir() if re.search(rf"\b{path.name}\b", build) and path.is_dir())
unlisted = [folder for folder in folders if f'`{folder}/`' not in table]
tell(not unlisted, 'tests/README.md lists every folder', unlisted)
print(f'# of {n_run + n_all} commands in all README files, {n_run} are run by tests, and {n_all} are looked at')
finish()
