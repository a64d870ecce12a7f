"""
The include graph is the lifetime proof.

A product's header that never sees an earlier product's header cannot have a field of its type, so the earlier arena can
be freed.  Also: every header compiles alone, and base/ knows nothing of the rest.

Each rule is then broken on purpose in a copy, and must be noticed there.

include_graph.py COMPILER_DIRECTORY LLVM_INCLUDES -- CC...
"""
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

PRODUCTS = ['lexer/tokens.h', 'parser/ast.h', 'ir/ir.h', 'codegen/code.h']  # in the order they are made

compiler, llvm_includes = pathlib.Path(sys.argv[1]), sys.argv[2]
cc = sys.argv[sys.argv.index('--') + 1:]


def includes(file):
    return re.findall(r'^\s*#\s*include\s+"([^"]+)"', file.read_text(), re.MULTILINE)


def reachable(root, header):
    """Every header of ours that `header` includes, directly or not."""
    found, waiting = set(), [header]
    while waiting:
        for name in includes(root / waiting.pop()):
            if name not in found and (root / name).exists():
                found.add(name)
                waiting.append(name)
    return found


def products_that_see_earlier_ones(root):
    return [f'{product} sees {earlier}'
            for i, product in enumerate(PRODUCTS)
            for earlier in PRODUCTS[:i] if earlier in reachable(root, product)]


def base_that_leaves_base(root):
    return [f'{file.relative_to(root)} includes {name}'
            for file in sorted((root / 'base').iterdir()) if file.suffix in ('.c', '.h', '.def')
            for name in includes(file) if not name.startswith('base/')]


def headers_that_need_others(root):
    check = [*cc, '-std=c11', '-D_POSIX_C_SOURCE=200809L', f'-I{root}', f'-isystem{llvm_includes}', '-fsyntax-only']
    return [str(header.relative_to(root)) for header in sorted(root.rglob('*.h'))
            if subprocess.run([*check, '-x', 'c', header], stderr=subprocess.DEVNULL).returncode != 0]


RULES = [  # what must be empty, and a line that breaks it where
    (products_that_see_earlier_ones, 'parser/ast.h', '#include "lexer/tokens.h"\n'),
    (base_that_leaves_base, 'base/arena.h', '#include "session.h"\n'),
    (headers_that_need_others, 'options.h', 'extern Unheard of;\n'),
]
print(f'1..{2 * len(RULES)}')
for rule, victim, mistake in RULES:
    name = rule.__name__.replace('_', ' ')
    offenders = rule(compiler)
    print('not ok' if offenders else 'ok', '- no', name)
    for offender in offenders:
        print('#', offender)
    with tempfile.TemporaryDirectory() as scratch:
        copy = shutil.copytree(compiler, pathlib.Path(scratch) / 'compiler')
        with (copy / victim).open('a') as file:
            file.write(mistake)
        caught = len(rule(copy)) > len(offenders)
        print('ok' if caught else 'not ok', '- a mistake is noticed:', name)
