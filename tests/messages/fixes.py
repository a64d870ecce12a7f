#!/usr/bin/env python3
"""Every replacement that a message suggests mends what the message is about.  Speaks TAP.

  fixes.py POLEC ERRORS_DIRECTORY

For each program in ERRORS_DIRECTORY, and each diagnostic that has a suggestion: the replacement is put into a copy of
the text, and the same message is not told in the same place again.  Programs with hundreds of errors are left out.
"""
import json
import pathlib
import subprocess
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).parents[1]))
from tap import finish, tell # noqa: E402

polec, errors = pathlib.Path(sys.argv[1]).resolve(), pathlib.Path(sys.argv[2])
FEW = 100        # diagnostics of one file: more are no lesson


def told(text, name, directory):
    """The diagnostics of a text."""
    path = pathlib.Path(directory) / name
    path.write_text(text)
    run = subprocess.run([polec, '--check', '--max-errors=0', '--diagnostics=json', f'-I{errors}', path], capture_output=True,
                         text=True, timeout=60)
    return [json.loads(line) for line in run.stderr.splitlines() if line.startswith('{')]


def headline(one):
    return tuple(one[key] for key in ('file', 'code', 'line', 'column', 'message'))


def offset(text, line, column):
    """Of a place in the text; columns count characters."""
    start = 0
    for _ in range(line - 1):
        start = text.index('\n', start) + 1
    return start + column - 1


n_fixes = 0
with tempfile.TemporaryDirectory() as directory:
    for source in sorted(errors.glob('*.pole-ir')):
        text = source.read_bytes().decode()
        before = told(text, source.name, directory)
        if '\r' in text or len(before) > FEW:
            continue
        wrong = []
        for one in before:
            for fix in one['suggestions']:
                n_fixes += 1
                start, end = offset(text, fix['line'], fix['column']), offset(text, fix['end_line'], fix['end_column'])
                mended = text[:start] + fix['replacement'] + text[end:]
                if headline(one) in map(headline, told(mended, source.name, directory)):
                    wrong.append((one['code'], one['line'], one['message'], fix))
        tell(not wrong, source.name, wrong)
tell(n_fixes >= 50, f'{n_fixes} replacements were tried')
finish()
