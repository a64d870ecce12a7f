#!/usr/bin/env python3
"""Every diagnostic has a page, and the examples on it do what it says.  Speaks TAP.

  check.py POLEC COMPILER_DIRECTORY [CODE...]

The wrong example of a page must report the page's code and no other, the right one nothing at all.  How an example is
written: compiler/explain/make_pages.py.
"""
import os
import pathlib
import re
import subprocess
import sys
import tempfile

LINE_LENGTH = 80    # of a terminal

polec, compiler, wanted = pathlib.Path(sys.argv[1]).resolve(), pathlib.Path(sys.argv[2]), sys.argv[3:]
sanitized = os.environ.get('POLEC_SANITIZED') == 'true'
environment = {name: value for name, value in os.environ.items() if not name.startswith('POLEC_')}
definitions = (compiler / 'base/diagnostics.def').read_text()
meanings = dict(re.findall(r'^DIAGNOSTIC\((\w+), "(.*)"\)$', definitions, re.MULTILINE))


def example(page, heading):
    """The lines of the block below a heading, without their indentation; None if there is not just one."""
    blocks = re.findall(rf'^{heading}:\n\n((?:    .*\n|\n)+)', page, re.MULTILINE)
    return [line[4:] for line in blocks[0].rstrip().split('\n')] if len(blocks) == 1 else None


def unpack(lines, main, folder):
    """Writes the files of an example; the commands that are to be run."""
    files, current, commands = {main: []}, main, []
    for line in lines:
        if line.startswith('$ '):
            commands.append(line[2:])
        elif line.startswith('// FILE: '):
            current = line.removeprefix('// FILE: ')
            files[current] = []
        else:
            files[current].append(line)
    for name, content in files.items():
        if any(content):
            path = folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text('\n'.join(content).strip('\n') + '\n')
    return commands or [f'polec --check {main}']


def tried(lines, main, folder):
    """Exit status and messages of an example; None where a limit of address space would hit the sanitizer."""
    commands = unpack(lines, main, folder)
    if sanitized and any('ulimit -v' in command for command in commands):
        return None
    # A link, so that polec finds its libraries beside the real file.
    path = str(folder / 'bin') + os.pathsep + environment['PATH']
    done = subprocess.run(['sh', '-c', '\n'.join(commands)], cwd=folder, env={**environment, 'PATH': path},
                          stdin=subprocess.DEVNULL, capture_output=True, timeout=300)
    return done.returncode, done.stderr.decode(errors='replace')


def wrong_example(code, page, folder):
    lines = example(page, 'Wrong')
    if lines is None:
        return ['there is not just one wrong example']
    result = tried(lines, 'wrong.pole-ir', folder)
    if result is None:
        return []
    status, told = result
    expected = 0 if code[0] == 'W' else 3 if code[1] == '9' else 1
    found = set(re.findall(r'\b(?:error|warning)\[(\w+)\]', told))
    complaints = [] if status == expected else [f'exit status {status} instead of {expected}']
    return complaints + ([] if found == {code} else ['it says', *(told.splitlines() or ['nothing'])])


def right_example(code, page, folder):
    lines = example(page, 'Right')
    if lines is None:
        return ['there is not just one right example']
    result = tried(lines, 'right.pole-ir', folder)
    if result is None or result == (0, ''):
        return []
    return [f'exit status {result[0]}, and it says', *(result[1].splitlines() or ['nothing'])]


def shape(code, page, folder):
    """The page that polec prints is the one in the source, and is fit to be read."""
    path = compiler / 'explain' / (code + '.md')
    if not path.exists():
        return [f'there is no {path}']
    complaints = [] if page == f'{code}: {meanings[code]}\n\n{path.read_text()}' else ['polec prints something else']
    complaints += [f'line too long: {line}' for line in page.splitlines() if len(line) > LINE_LENGTH]
    complaints += [f'a tab or a space at the end: {line}' for line in page.splitlines()
                   if line != line.rstrip() or '\t' in line]
    return complaints + [f'no paragraph {word}' for word in ('Why: ', 'How it happens: ') if f'\n\n{word}' not in page]


def output_of(*words):
    return subprocess.run([polec, *words], env=environment, capture_output=True, encoding='utf-8').stdout


def all_codes():
    """The list names every code, and no page is left over."""
    listed = [f'{code}: {meaning}' for code, meaning in sorted(meanings.items())]
    complaints = [] if output_of('explain').splitlines() == listed else ['the list of polec explain is another one']
    pages = {path.stem for path in (compiler / 'explain').glob('*.md')}
    return complaints + [f'{page}.md is the page of no code' for page in sorted(pages - set(meanings))]


def report(number, name, complaints):
    print(f'{"not " if complaints else ""}ok {number} - {name}', *complaints, sep='\n# ', flush=True)


def main():
    codes = [code for code in sorted(meanings) if not wanted or code in wanted]
    checks = [('page', shape), ('wrong example', wrong_example), ('right example', right_example)]
    print(f'1..{1 + len(codes) * len(checks)}')
    report(1, 'list', all_codes())
    number = 2
    for code in codes:
        page = output_of('explain', code)
        with tempfile.TemporaryDirectory() as name:    # one for both examples: the right one may mend the wrong one's file
            folder = pathlib.Path(name)
            (folder / 'bin').mkdir()
            (folder / 'bin/polec').symlink_to(polec)
            for what, check in checks:
                report(number, f'{code}: {what}', check(code, page, folder))
                number += 1


main()
