"""
Random command lines: whatever the arguments, polec ends by itself with a status that interface.md knows, leaves no temporary
and no half of a file behind, and does the same when the arguments come from response files.

command_line.py POLEC [--seed=N] [--count=N]
"""
import argparse
import os
import pathlib
import random
import re
import subprocess
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
from tap import comment, finish, tell

parser = argparse.ArgumentParser()
parser.add_argument('polec')
parser.add_argument('--seed', type=int, default=1)
parser.add_argument('--count', type=int, default=15 if os.environ.get('POLEC_SANITIZED') == 'true' else 60)
options = parser.parse_args()
polec = os.path.abspath(options.polec)
environment = {name: value for name, value in os.environ.items() if not name.startswith('POLEC_')}

GOOD = 'import lib.more\nfunc main() -> Int : println("hello"); more.twice(0)\n@test_case(expected=0)\n'
SOURCES = {'good.pole-ir': GOOD, 'bad.pole-ir': 'func main() -> Int : lenght\n', 'warns.pole-ir': '@what\nfunc main() -> Int : 0\n',
           'other.pole-ir': 'func f(x: Int) -> Int : x\n', 'empty.pole-ir': '', 'lib/more.pole-ir': 'func twice(x: Int) -> Int : x + x\n',
           'bytes.pole-ir': b'func \xff\x00', 'odd name \'"\\.pole-ir': GOOD}
VALUES = ['', '0', '1', '2', '-1', '18446744073709551616', '10M', '99999999999G', 'lex:1', 'ir:4K', 'codegen:', 'x:1', 'text', 'json', 'html',
          'all', 'a=b', '=', 'm', '../x', '-', 'out', 'new/out', 'good.pole-ir', 'lib', '/dev/null', '/dev/full', '\u00e4\n"', 'x' * 5000]

# What mostly fits, so that most command lines are obeyed.
FITTING = {'--emit': ['tokens', 'ast', 'ir', 'llvm-ir', 'llvm-bc', 'asm', 'obj', 'exe'], '-o': ['out', 'new', '-', '/dev/null'], '-MF': ['dep', '/dev/null'], '-I': ['lib', '.'], '-l': ['m'], '-L': ['.'], '-j': ['1', '2', '8'],
           '-ffile-prefix-map': ['a=b', '=', 'lib=x'], '--memory-report-file': ['report', '/dev/null'], '--fail-alloc': ['1', '20', '100000'],
           '--memory-limit': ['0', '1K', '10M', 'lex:1', 'ir:4K', 'codegen:0'], '--max-errors': ['0', '1', '20'], '--help': ['all'],
           '--diagnostics': ['text', 'json', 'sarif'], '--time-report': ['text', 'json'], '--memory-report': ['text', 'json', 'html', 'trace', 'prometheus'],
           '--arena-policy': ['phase', 'whole', 'malloc'], '--color': ['auto', 'always', 'never'], '--memory-report-detail': ['function', 'line', 'all']}


def spellings():
    """Of --help=all: what each option is called, whether a value follows, and the words that the help has for it."""
    told = subprocess.run([polec, '--help=all'], capture_output=True, text=True, check=True).stdout
    for line in told.splitlines():
        if match := re.match(r'  (-[\w-]+?)(=|\[=|N\b| (?=[A-Z])|  |$)([\w:|=]*)', line):
            yield match[1], match[2], FITTING.get(match[1]) or (match[3].split('|') if '|' in match[3] else [])


TABLE = list(spellings())


def random_arguments(chance):
    arguments = [chance.choice(['run', 'test', 'explain', 'lsp'])] if chance.random() < 0.3 else []
    for _ in range(chance.randrange(0, 5)):
        name, how, words = chance.choice(TABLE)
        value = chance.choice(words) if words and chance.random() < 0.95 else chance.choice(VALUES)
        if name.startswith('-h') or name.startswith('--help') or name in ('--version', '--print-layout'):
            if chance.random() < 0.9:
                continue
        if how == '=' or how == '[=' and chance.random() < 0.7:
            arguments.append(f'{name}={value}')
        elif how == 'N':
            arguments.append(name + chance.choice('0012233x'))
        elif how == ' ':
            arguments += [name, value] if chance.random() < 0.7 else [name + value]
        else:
            arguments.append(name)
    for _ in range(chance.choice([0, 1, 1, 1, 1, 1, 1, 2, 3])):
        odd = chance.choice(['missing.pole-ir', '-', 'lib', 'E204', '--', '', '@', '@loop'])
        arguments.insert(chance.randrange(len(arguments) + 1), odd if chance.random() < 0.1 else chance.choice([*SOURCES, 'good.pole-ir', 'good.pole-ir']))
    return arguments


def quoted(chance, argument):
    """One of the ways to write it in a response file."""
    if argument == '' or chance.random() < 0.4:
        return '"' + argument.replace('\\', '\\\\').replace('"', '\\"') + '"'
    if chance.random() < 0.3 and "'" not in argument and '\\' not in argument:
        return "'" + argument + "'"
    return re.sub(r'([\s\'"\\])', r'\\\1', argument)


def set_up(folder):
    for name, text in SOURCES.items():
        path = folder / name
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
    (folder / 'out').write_text('old')
    (folder / 'loop').write_text('@loop')


def files(folder):
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob('*') if path.is_file()}


def run(folder, arguments):
    done = subprocess.run([polec, *arguments], cwd=folder, env=environment, stdin=subprocess.DEVNULL, capture_output=True, timeout=120)
    return done.returncode, done.stdout, done.stderr


def steady(arguments, told):
    """Reports tell times and resident memory, whose digits and columns differ."""
    return b'' if any(re.match('-v|--(memory|time)-report', argument) for argument in arguments) else told


def wrong(before, arguments, status, after, told):
    if status not in (0, 1, 2, 3, 4) and not (status == 101 and arguments[:1] == ['run']):
        return f'status {status}'
    new = {name for name in after if after[name] != before.get(name)}
    if lost := [name for name in before if name not in after]:
        return f'lost {lost}'
    if changed := [name for name in new if name in SOURCES or name == 'loop']:
        return f'sources were changed: {changed}'
    if halves := [name for name in new if re.search(r'\.tmp|\.polec|~$', name)]:
        return f'temporaries: {halves}'
    if halves := [name for name in new if after[name][:4] == b'\x7fELF' and len(after[name]) < 64]:
        return f'half an object: {halves}'
    words = [argument for argument in arguments if argument[:1] != '-' or argument == '-'] # files, most of them
    reports = [argument for argument in arguments if argument.startswith(('--memory-report', '--time-report'))]
    if status == 2 and new:
        return f'wrong usage wrote {sorted(new)}'
    if status != 0 and len(words) < 2 and new and not reports:
        return f'failed and wrote {sorted(new)}'
    return None


def main():
    failures, statuses = [], {}
    for seed in range(options.seed, options.seed + options.count):
        chance = random.Random(seed)
        arguments = random_arguments(chance)
        results = []
        for from_files in (False, True):
            with tempfile.TemporaryDirectory() as name:
                folder = pathlib.Path(name)
                set_up(folder)
                given = arguments
                if from_files:
                    first = 0 if '--' in arguments else chance.randrange(len(arguments) + 1) # behind -- there are no such files
                    (folder / 'first').write_text(chance.choice([' ', '\n', '\t\n ']).join(quoted(chance, a) for a in arguments[first:]))
                    (folder / 'nest').write_text('@first')
                    given = arguments[:first] + ['@nest']
                before = files(folder)
                try:
                    status, printed, told = run(folder, given)
                except subprocess.TimeoutExpired:
                    status, printed, told = 'none: it hangs', b'', b''
                after = files(folder)
                if trouble := wrong(before, arguments, status, after, told):
                    failures.append(f'seed {seed}: {trouble}: {given}\n{told[-500:].decode(errors="replace")}')
                written = {name for name in after if name not in ('first', 'nest')}
                results.append((status, steady(arguments, told), written))
        statuses[results[0][0]] = statuses.get(results[0][0], 0) + 1
        if results[0] != results[1]:
            failures.append(f'seed {seed}: from a file it differs: {arguments}\n{results}')
    tell(not failures, f'{options.count} random command lines, each also from response files: {dict(sorted(statuses.items(), key=str))}', '\n'.join(failures[:10]))
    comment(f'{len(failures)} failures')
    finish()


main()
