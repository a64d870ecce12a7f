"""
The recipes of benches/README.md for tools that look at polec from outside, as they stand there; and what they find.

recipes.py SOURCE_ROOT POLEC WITNESS
"""
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

root, polec, witness = pathlib.Path(sys.argv[1]), *map(pathlib.Path, map(os.path.abspath, sys.argv[2:]))
section = (root / 'benches/README.md').read_text().split('\n## Witnesses\n')[1].split('\n## ')[0]
commands = [line for block in re.findall(r'```sh\n(.*?)```', section, re.DOTALL) for line in block.splitlines()]
FINDS = {    # what must be in the output, by the beginning of the command
    'LD_PRELOAD': r'\nparse +0 +0 +0 +0 +0\n',
    'heaptrack_print': r'MOST CALLS TO ALLOCATION FUNCTIONS',
    'ms_print': r'(?s)LLVM.*codegen',
    'callgrind_annotate': r':(lex|parse|build_ir) ',
    'valgrind polec': r'ERROR SUMMARY: 0 errors',
}
os.environ.pop('POLEC_MEMORY_REPORT', None)
print(f'1..{len(commands)}')
with tempfile.TemporaryDirectory() as scratch:
    here = pathlib.Path(scratch)
    (here / 'hello.pole-ir').write_text((root / 'examples/01-factorial.pole-ir').read_text())
    (here / 'build/tests/lifetime').mkdir(parents=True)
    shutil.copy(witness, here / 'build/tests/lifetime')
    os.environ['PATH'] = f'{polec.parent}{os.pathsep}{os.environ["PATH"]}'
    for n, command in enumerate(commands, 1):
        tool = next(word for word in command.split() if '=' not in word)
        if shutil.which(tool) is None:
            print(f'ok {n} - {command} # SKIP no {tool}')
            continue
        ran = subprocess.run(command, shell=True, cwd=here, capture_output=True, text=True, errors='replace')
        told = ran.stdout + ran.stderr
        wanted = [pattern for start, pattern in FINDS.items() if command.startswith(start)]
        good = ran.returncode == 0 and all(re.search(pattern, told) for pattern in wanted)
        print('ok' if good else 'not ok', n, '-', command)
        if not good:
            print('#', told[:3000].replace('\n', '\n# '))
