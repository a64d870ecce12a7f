"""
What the page of --memory-report=html says is so: its figures are those of the JSON form under each policy, to the byte;
its columns are what --emit prints; every token, node, instruction and line of LLVM's has its place in the source; the
maps cover their arenas; and making the page changes nothing else.

data.py POLEC EXAMPLES
"""
import html.parser
import json
import os
import pathlib
import re
import subprocess
import sys
import tempfile

polec, examples = os.path.abspath(sys.argv[1]), pathlib.Path(sys.argv[2]).resolve()
inputs = pathlib.Path(__file__).resolve().parent / 'Inputs'
PHASES, POLICIES = ['lex', 'parse', 'ir', 'codegen'], ['phase', 'whole', 'malloc']
n_told = 0


def tell(name, check, *arguments, **options):
    global n_told
    n_told += 1
    try:
        check(*arguments, **options)
        print('ok', n_told, '-', name)
    except AssertionError as error:
        print('not ok', n_told, '-', name)
        import traceback
        print('# ' + traceback.format_exc().replace('\n', '\n# ')[-3000:])


def run(*arguments, status=0, **options):
    done = subprocess.run([polec, *map(str, arguments)], capture_output=True, **options)
    assert done.returncode == status, (arguments, done.returncode, done.stderr[-2000:])
    return done


class Scripts(html.parser.HTMLParser):
    """The page's scripts, and every element that a browser would see."""

    def __init__(self):
        super().__init__(convert_charrefs=False)
        self.scripts, self.elements = [], []

    def handle_starttag(self, tag, attributes):
        self.elements.append(tag)
        if tag == 'script':
            self.scripts.append([dict(attributes), ''])

    def handle_data(self, data):
        if self.elements and self.elements[-1] == 'script' and self.cdata_elem == 'script':
            self.scripts[-1][1] += data


def page(*arguments, status=0, **options):
    """The data of the page, and what else polec did."""
    with tempfile.TemporaryDirectory() as folder:
        path = pathlib.Path(folder) / 'page.html'
        command = ['run'] if arguments[0] == 'run' else []
        done = run(*command, '--memory-report=html', f'--memory-report-file={path}', *arguments[len(command):],
                   status=status, **options)
        text = path.read_text()
    scripts = Scripts()
    scripts.feed(text)
    assert len(scripts.scripts) == 2 and scripts.scripts[0][0] == {'id': 'data', 'type': 'application/json'}
    outside = text.replace(scripts.scripts[0][1], '')
    assert scripts.scripts[0][1].count('<') == 0 and 'http' not in outside.replace('http://www.w3.org/2000/svg', '')\
        .replace('http-equiv', ''), 'something may be fetched'
    return json.loads(scripts.scripts[0][1]), done


def report(*arguments, status=0, **options):
    with tempfile.TemporaryDirectory() as folder:
        path = pathlib.Path(folder) / 'report'
        run('--memory-report=json', f'--memory-report-file={path}', *arguments, status=status, **options)
        return json.loads(path.read_text())['files']


def exact(file):
    """What is the same on every run."""
    return {
        'session': file['session'], 'peak': file['peak_live_bytes'], 'allocations': file['total_allocations'],
        'source': (file['source_bytes'], file['source_lines'], file['policy']),
        'phases': [{key: phase[key] for key in ('name', 'used_bytes', 'high_water_bytes', 'allocations', 'freed_after',
                                                'by_kind', 'limit_bytes')} for phase in file['phases']],
        'timeline': [(moment['event'], {k: v for k, v in moment['live'].items() if k != 'llvm'})
                     for moment in file['timeline']],
    }


def policies(file):
    return [file, file['policy 1'], file['policy 2']]


def sums(steps):
    total, result = 0, []
    for step in steps:
        total += step
        result.append(total)
    return result


# ---- Figures ---------------------------------------------------------------------------------------------------------

def check_figures(*arguments, status=0):
    data, _ = page(*arguments, status=status)
    given = report(*arguments, status=status)
    assert [exact(f['compiled']) for f in data['files']] == [exact(f) for f in given]
    for name, i in zip(POLICIES, range(3)):
        other = report(*arguments, f'--arena-policy={name}', status=status)
        for file, wanted in zip(data['files'], other):
            told = policies(file)[i]
            assert exact(told['report']) == exact(wanted), name
            check_curve(told)
    for file in data['files']:
        check_maps(file)
    return data


def check_curve(policy):
    """The curve runs through the moments, and never above the peak."""
    live = [moment['at'] for moment in policy['moments']]
    assert [m['live'] for m in policy['report']['timeline']] == [
        dict(zip(['session', *PHASES, 'llvm'], at[1:])) for at in live]
    assert [at[0] for at in live] == sorted(at[0] for at in live)
    assert len(policy['points']) <= 600
    for point in policy['points'] + live:
        assert sum(point[1:6]) <= policy['report']['peak_live_bytes'], point


def check_maps(file):
    figures = {phase['name']: phase['used_bytes'] for phase in file['report']['phases']}
    figures['session'] = file['report']['session']['used_bytes']
    for arena, used in figures.items():
        regions = file['map ' + arena]
        assert sum(region['count'] * region['size'] for region in regions) == used, arena
        for region in regions:
            if 'items' in region:
                continue
            at = 0
            for start, n in zip(region['runs'][::3], region['runs'][1::3]):
                assert start == at and n > 0, (arena, region)
                at += n
            assert at == region['count'], (arena, region['name'], at, region['count'])


# ---- Columns ---------------------------------------------------------------------------------------------------------

def emitted(kind, source, *arguments):
    return run(f'--emit={kind}', *arguments, source).stdout.decode()


def check_columns(source, *arguments):
    data, _ = page('-c', '-o', os.devnull, *arguments, source)
    file, text = data['files'][0], source.read_bytes()
    start = file['sources'][0]['start']
    assert file['sources'][0]['text'].encode() == text

    tokens = file['tokens']
    places, kinds = sums(tokens['pos']), [tokens['names'][kind] for kind in tokens['kind']]
    shown = [line.split(' ', 2) for line in emitted('tokens', source).splitlines() if not line.startswith('file ')]
    assert len(shown) == len(places) == tokens['count']
    for place, length, (where, _, *word) in zip(places, tokens['length'], shown):
        if place - start > len(text):
            break    # an imported file's
        line, column = map(int, where.split(':'))
        before = text[:place - start].decode()
        assert (before.count('\n') + 1, len(before) - (before.rfind('\n') + 1) + 1) == (line, column)
        if word and word[0].isascii() and '\\' not in word[0]:
            assert text[place - start:place - start + length].decode() == word[0]

    ast = file['ast']
    indents = [min(level, 32) * '  ' + (f'[{level}] ' if level > 32 else '') for level in ast['level']]
    assert ''.join(indent + line + '\n' for indent, line in zip(indents, ast['text'].split('\n'))) == emitted('ast', source)
    for place, kind, line in zip(sums(ast['pos']), ast['kind'], ast['text'].split('\n')):
        assert place in places or ast['names'][kind] == 'file' or line.startswith('.'), (line, place)

    ir = file['ir']
    assert ir['text'] == emitted('ir', source, *arguments)
    for place, line in zip(sums(ir['pos']), ir['text'].split('\n')):
        assert place in places or line.startswith('extern '), (line, place)

    llvm = file['llvm']
    if '-g' not in arguments:
        assert without_metadata(llvm['text']) == without_metadata(emitted('llvm-ir', source, *arguments))
    check_llvm_places(llvm, places)


def without_metadata(text):
    """LLVM numbers metadata, and the page leaves it out where it stands behind everything else."""
    text = re.sub(r'\n+((?:!.*\n)*)$', '\n', text)
    assert '!dbg' not in text and '!DI' not in text, 'the trail is to be taken out of the text again'
    return re.sub(r'(![a-z._]+) !\d+', r'\1', text)


def check_llvm_places(llvm, places):
    """In a function of the program's every instruction has a place; C's main and adapters belong to nobody."""
    inside, n = False, 0
    for place, line in zip(sums(llvm['pos']), llvm['text'].split('\n')):
        if line.startswith('define'):
            inside = place != 0
            assert inside or '@main(' in line or 'pole-for-c' in line, line
        if inside and line.startswith('  ') and not re.match(r'    |  \]', line):
            assert place in places or place == 0, (line, place)
            n += place != 0
    assert n > 0


# ---- The rest --------------------------------------------------------------------------------------------------------

def check_unchanged(folder):
    """Outputs, messages and exit status are those of the same command without the page."""
    source = examples / '01-factorial.pole-ir'
    for arguments, name in ((['-c'], '01-factorial.o'), (['-S'], '01-factorial.s'), ([], '01-factorial')):
        run(*arguments, source, cwd=folder)
        before = (folder / name).read_bytes()
        (folder / name).unlink()
        _, done = page(*arguments, source, cwd=folder)
        assert done.stdout == done.stderr == b'' and (folder / name).read_bytes() == before
        (folder / name).unlink()
    _, done = page('--emit=ir', source, cwd=folder)
    assert done.stdout == run('--emit=ir', source).stdout
    data, done = page('run', source, cwd=folder)
    assert done.stdout == run('run', source).stdout and 'llvm' in data['files'][0]
    assert list(folder.iterdir()) == []
    done = run('--check', '--memory-report=html', source)
    assert done.stderr.startswith(b'<!DOCTYPE html>') and done.stderr.endswith(b'</html>\n')


def check_standard_input():
    source = (examples / '01-factorial.pole-ir').read_text()
    data, _ = page('--check', '-', input=source.encode())
    file, = data['files']
    assert file['compiled']['file'] == '<stdin>' and file['sources'][0]['text'] == source
    assert 'ir' in file and 'llvm' not in file
    assert exact(file['report'])['phases'] == exact(file['compiled'])['phases']


def check_failures(folder):
    broken = folder / 'broken.pole-ir'
    broken.write_text('func f (x: Int) -> Int : lenght(x)\n\nfunc g () -> Int : 1\n')
    data = check_figures('-c', broken, status=1)
    file, = data['files']
    assert [(d['code'], d['line'], d['column']) for d in file['diagnostics']] == [('E204', 1, 26)]
    assert 'ir' in file and 'llvm' not in file and file['status'] == 1
    data = check_figures('-c', '--memory-limit=parse:64', broken, status=3)
    file, = data['files']
    assert [d['code'] for d in file['diagnostics']] == ['E901'] and 'tokens' in file and 'ast' not in file
    broken.write_bytes(b'func f (x: Int) -> Int : "\xff\x00"')
    data, _ = page('-c', broken, status=1)
    assert data['files'][0]['sources'][0]['text'] == 'func f (x: Int) -> Int : "?\0"'
    broken.write_text('')
    check_figures('--check', broken)
    broken.unlink()
    data, _ = page('-c', broken, status=4)
    assert 'sources' not in data['files'][0]


def check_several(folder):
    many = []
    for name in ('a', 'b', 'c', '</script><b>', '\u202e'):
        path = folder / (name.replace('/', '\u2215') + '.pole-ir')
        path.write_text((examples / '01-factorial.pole-ir').read_text())
        many.append(path)
    data, _ = page('--check', '-j', '3', *many)
    assert [file['compiled']['file'] for file in data['files']] == list(map(str, many))


with tempfile.TemporaryDirectory() as name:
    work = pathlib.Path(name)
    for example in ('01-factorial', '57-expressions'):
        tell(f'figures of {example}', check_figures, '-c', '-o', os.devnull, examples / f'{example}.pole-ir')
    tell('figures of a check', check_figures, '--check', examples / '58-json.pole-ir')
    tell('figures with details', check_figures, '--check', '--memory-report-detail=all', examples / '58-json.pole-ir')
    tell('figures with optimisation', check_figures, '-O2', '--emit=llvm-ir', '-o', os.devnull, examples / '58-json.pole-ir')
    tell('figures of a dump', check_figures, '--emit=ast', '-o', os.devnull, examples / '58-json.pole-ir')
    for example in ('01-factorial', '57-expressions', '58-json', '61-adventure', '62-bigint'):
        tell(f'columns of {example}', check_columns, examples / f'{example}.pole-ir')
    tell('columns with optimisation', check_columns, examples / '58-json.pole-ir', '-O2')
    tell('columns for debuggers', check_columns, examples / '58-json.pole-ir', '-g')
    tell('figures for debuggers', check_figures, '-g', '-c', '-o', os.devnull, examples / '58-json.pole-ir')
    tell('columns of a hostile program', check_columns, inputs / 'hostile.pole-ir')
    tell('nothing else changes', check_unchanged, work)
    tell('standard input', check_standard_input)
    tell('programs that fail', check_failures, work)
    tell('several files', check_several, work)
print(f'1..{n_told}')
