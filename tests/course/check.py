"""
The exercises of compiler/README.md can be solved: every solution beside this file is a patch that is applied to a copy of
the compiler; what it changes, and what includes that, is compiled again and linked before libpolec; and the new polec
does what the exercise asks for.

check.py PROJECT LIBPOLEC LLVM_INCLUDES RE2C -- CC... -- LINK_ARGUMENTS...
"""
import concurrent.futures
import json
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).parents[1]))
from tap import finish, tell # noqa: E402

first, second = [i for i, word in enumerate(sys.argv) if word == '--'][:2]
project, library, llvm_includes, re2c = (os.path.abspath(path) for path in sys.argv[1:first])
cc, link_arguments = sys.argv[first + 1:second], sys.argv[second + 1:]
project = pathlib.Path(project)
here = pathlib.Path(__file__).parent
for name in ('POLEC_MEMORY_REPORT', 'POLEC_MEMORY_REPORT_FILE'):
    os.environ.pop(name, None)


def call(*command, **more):
    return subprocess.run([str(word) for word in command], capture_output=True, text=True, errors='replace', **more)


INCLUDE = re.compile(r'^\s*#\s*include\s+"([^"]+)"', re.M)


def touched_by(tree, changed):
    """The .c files that are in the set of changed files, or include one of them."""
    texts = {str(path.relative_to(tree)): path.read_text() for path in tree.rglob('*') if path.suffix in ('.c', '.h', '.def', '.re')}
    included = {name: set(INCLUDE.findall(text)) for name, text in texts.items()}
    reached = set(changed)
    while True:
        more = {name for name, names in included.items() if names & reached} - reached
        if not more:
            return sorted(name for name in reached if name.endswith(('.c', '.re')))
        reached |= more


def build(scratch, patch):
    """polec with the patch.  Every source is compiled as it is in the release, but quickly."""
    shutil.copytree(project / 'compiler', scratch / 'compiler', ignore=shutil.ignore_patterns('explain', '*.md'))
    applied = call('patch', '-p0', '--no-backup-if-mismatch', '-d', scratch, '-i', patch)
    if not tell(applied.returncode == 0, f'{patch.stem}: the patch applies', applied.stdout + applied.stderr):
        return None
    tree, built = scratch / 'compiler', pathlib.Path(library).parent
    changed = [line.split()[1].removeprefix('compiler/') for line in patch.read_text().splitlines() if line.startswith('+++ ')]
    flags = ['-std=c11', '-D_POSIX_C_SOURCE=200809L', '-DNDEBUG', '-O0', '-w', '-Werror=switch', '-fno-pie', '-fvisibility=hidden',
             f'-I{tree}', f'-I{built}', f'-I{built}/compiler', f'-isystem{llvm_includes}']

    def compiled(unit):
        source, made = tree / unit, scratch / (unit.replace('/', '_') + '.o')
        if unit.endswith('.re'):
            lexer = scratch / 'lexer.c'
            ran = call(re2c, '-W', '-Werror', '-o', lexer, source)
            if ran.returncode != 0:
                return ran, None
            source = lexer
        return call(*cc, *flags, '-c', source, '-o', made), made

    units = [unit for unit in touched_by(tree, changed) if unit not in ('main.c', 'runtime/start.c', 'link/heap_wrap.c', 'link/record_order.c')]
    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        results = list(pool.map(compiled, ['main.c', *units]))
    wrong = [ran.stderr for ran, _ in results if ran.returncode != 0]
    if wrong:
        return tell(False, f'{patch.stem}: it compiles', wrong[0])
    polec = scratch / 'polec'
    linked = call(*cc, '-no-pie', '-o', polec, *[made for _, made in results], library, *link_arguments)
    if linked.returncode != 0:
        return tell(False, f'{patch.stem}: it links', linked.stderr)
    tell(True, f'{patch.stem}: it builds, by compiling {len(results)} files')
    return polec


def report(polec, source, *options):
    """A report's phases by name, and the peak of live bytes."""
    ran = call(polec, '--check', '--memory-report=json', *options, source)
    try:
        file = json.loads(ran.stderr)['files'][0]
        return {phase['name']: phase for phase in file['phases']}, file['peak_live_bytes']
    except (ValueError, KeyError, IndexError) as error:
        return {}, f'{error!r}: {ran}'


JSON, FACTORIAL, LAMBDAS = (project / 'examples' / f'{name}.pole-ir' for name in ('58-json', '01-factorial', '19-lambdas'))


# ---- What each exercise asks for; `plain` is polec as it is -----------------------------------------------------------

def death(plain, polec, scratch):
    before, peak_before = report(plain, JSON)
    after, peak_after = report(polec, JSON)
    tell(before['lex']['freed_after'] == 'parse' and after['lex']['freed_after'] == 'ir', 'the tokens die after the IR', after)
    tell(peak_after == peak_before + before['lex']['used_bytes'], 'and the peak is higher by the tokens',
         (peak_before, peak_after, before['lex']['used_bytes']))
    ran = call(polec, '--audit-lifetimes', '--guard', '-c', '-o', scratch / 'o', JSON)
    tell(ran.returncode == 0 and ran.stderr == '', 'which is a waste, but no fault', ran)


def token(plain, polec, scratch):
    source = scratch / 'token.pole-ir'
    source.write_text('a <> b < > c\n')
    dump = call(polec, '--emit=tokens', '-o', '-', source).stdout
    tell('LESS_GREATER <>' in dump and dump.count('LESS_GREATER') == 1 and 'LESS <' in dump,
         'the dump has the new token', dump)
    tell(call(plain, '--emit=tokens', '-o', '-', source).stdout.count('<>') == 0, 'which was none before')
    used = call(polec, '--memory-report', '--check', source).stderr
    tell(re.search(r'2  <> x 1\b', used), 'the memory report counts it: two bytes', used)


def node(plain, polec, scratch):
    before, after = report(plain, LAMBDAS)[0], report(polec, LAMBDAS)[0]
    lambdas = [next(kind for kind in phases['parse']['by_kind'] if kind['kind'] == 'lambda') for phases in (before, after)]
    tell(lambdas[0]['count'] == lambdas[1]['count'] and lambdas[0]['bytes'] - lambdas[1]['bytes'] == 4 * lambdas[0]['count'] > 0,
         'every lambda is smaller by four bytes', lambdas)
    tell(before['parse']['used_bytes'] - after['parse']['used_bytes'] == lambdas[0]['bytes'] - lambdas[1]['bytes'], 'and so is the arena')
    dumps = [call(which, '--emit=ast', '-o', '-', LAMBDAS).stdout for which in (plain, polec)]
    tell(dumps[0] == dumps[1] != '', 'the tree says what it said')
    ran = call(polec, 'run', LAMBDAS)
    tell(ran.stdout == (project / 'examples/expected/19-lambdas.out').read_text(), 'and the program prints what it printed', ran)
    layout = call(polec, '--print-layout').stdout
    tell(re.search(r'AstLambda +12 +12', layout), 'the table of layouts agrees', layout)


def operator(plain, polec, scratch):
    source = scratch / 'join.pole-ir'
    source.write_text('func twice(s: String) -> String : s <> s\nfunc main() -> Int : print("a" <> twice("bc") <> ""); 0\n')
    ran = call(polec, 'run', source)
    tell(ran.returncode == 0 and ran.stdout == 'abcbc\n', 'strings are joined', ran)
    dump = call(polec, '--emit=ir', '-o', '-', source).stdout
    tell(' join ' in dump, 'the IR shows the instruction', dump)
    source.write_text('func main() -> Int : "a" <> 1; 0\n')
    wrong = call(polec, '--check', source)
    tell(wrong.returncode == 1 and "error[E202]: operands of '<>' are String and Int" in wrong.stderr, 'wrong types are told', wrong)
    source.write_text('func f(a: String) -> String : a <> "x"\nfunc main() -> Int : print(f("")); 0\n')
    for policy in ('phase', 'malloc'):
        ran = call(polec, 'run', '--audit-lifetimes', f'--arena-policy={policy}', source)
        tell(ran.returncode == 0 and ran.stdout == 'x\n' and ran.stderr == '', f'the audit is content, {policy}', ran)


def scratch(plain, polec, directory):
    (before, peak_before), (after, peak_after) = report(plain, JSON), report(polec, JSON)
    temporary = before['parse']['high_water_bytes'] - before['parse']['used_bytes']
    tell(temporary > 0 and after['parse']['used_bytes'] == before['parse']['high_water_bytes'] == after['parse']['high_water_bytes'],
         'the stacks count as the result, and nothing as scratch', (before['parse'], after['parse']))
    tell(peak_after == peak_before + temporary, 'so the peak, which is in the next phase, is higher', (peak_before, peak_after))


def neutral(plain, polec, scratch):
    source = scratch / 'neutral.pole-ir'
    source.write_text('func f(n: Int) -> Int : (n + 0) * 1 - 0\nfunc g(x: Float64) -> Float64 : x + 0.0\nfunc main() -> Int : f(7)\n')
    dumps = [call(which, '--emit=ir', '-o', '-', source).stdout for which in (plain, polec)]
    counts = [[dump.count(f' {op} ') for op in ('add', 'mul', 'sub')] for dump in dumps]
    tell(counts == [[2, 1, 1], [1, 0, 0]], 'three instructions are gone, and the one on Float64 is not', dumps)
    tell(dumps[0].count(' = int ') == dumps[1].count(' = int '), 'their constants are still there', dumps)
    ran = call(polec, 'run', '--audit-lifetimes', source)
    tell(ran.returncode == 7 and ran.stderr == '', 'the program does what it did', ran)


def context(plain, polec, scratch):
    large = scratch / 'large.pole-ir'
    call(sys.executable, project / 'benches/generate.py', '--functions', '1000', '-o', large)
    resident, objects = [], []
    for which in (plain, polec):
        ran = call(which, '-c', '-o', scratch / 'o', '--memory-report', large)
        resident.append(int(re.search(r'([\d,]+) bytes resident', ran.stderr)[1].replace(',', '')))
        objects.append((scratch / 'o').read_bytes())
    tell(resident[1] > 1.2 * resident[0], 'ten contexts together take more memory than one after the other', resident)
    tell(objects[0] == objects[1], 'the object is the same')


def marks(plain, polec, scratch):
    source, made = scratch / 'watched.pole-ir', []
    for which in (plain, polec):
        call(sys.executable, project / 'benches/generate.py', '--functions', '100', '-o', source)
        watch = subprocess.Popen([which, 'watch', source], stdout=subprocess.PIPE, text=True)
        figures = re.compile(r'(\d+) of (\d+) bytes made')
        first = next((found for found in map(figures.search, watch.stdout) if found), None)
        with source.open('a') as file:
            file.write('// seen\n')
        second = next((found for found in map(figures.search, watch.stdout) if found), None)
        watch.stdout.close()
        watch.wait()
        tell(first and second and first[1] == first[2], 'all is made in the first check, and then a part', (first, second))
        made.append(int(second[1]) if second else 0)
    tell(made[1] > 3 * made[0] > 0, 'with few marks more is made anew', made)


def lifetime(plain, polec, scratch):
    output = scratch / 'output'
    tell(call(polec, '-c', '-o', output, FACTORIAL).returncode == 0, 'without an audit nobody sees it')
    output.unlink(missing_ok=True)
    ran = call(polec, '--audit-lifetimes', '-c', '-o', output, FACTORIAL)
    tell(ran.returncode == 70 and not output.exists(), 'the audit stops the compiler, and nothing is written', ran)
    told = ran.stderr
    tell("a pointer into the arena 'lex' outlives it" in told and "in the arena 'session'" in told, 'it names target and holder', told)


def policy(plain, polec, scratch):
    tell(report(polec, FACTORIAL) and report(polec, FACTORIAL)[1] > report(plain, FACTORIAL)[1],
         'a small program keeps its arenas', (report(plain, FACTORIAL)[1], report(polec, FACTORIAL)[1]))
    large = scratch / 'large.pole-ir'
    call(sys.executable, project / 'benches/generate.py', '--functions', '100', '-o', large)
    tell(report(polec, large)[1] == report(plain, large)[1], 'a large one frees them early', report(polec, large)[1])
    both = [call(which, 'run', FACTORIAL).stdout for which in (plain, polec)]
    tell(both[0] == both[1] != '', 'the output is the same')


with tempfile.TemporaryDirectory() as directory:
    plain = pathlib.Path(library).parent / 'polec'
    for exercise in (death, scratch, token, node, operator, neutral, context, lifetime, policy, marks):
        scratch = pathlib.Path(directory) / exercise.__name__
        scratch.mkdir()
        patch = here / f'{exercise.__name__}.patch'
        polec = build(scratch, patch)
        if polec:
            exercise(plain, polec, scratch)

# Every solution belongs to an exercise of the course, and every exercise has one.
text = (project / 'compiler/README.md').read_text()
named = set(re.findall(r'tests/course/(\w+)\.patch', text))
tell(named == {path.stem for path in here.glob('*.patch')}, 'compiler/README.md names every solution', named)
finish()
