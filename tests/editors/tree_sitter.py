"""
The tree-sitter grammar: a parser is made of it; the trees of tests/editors/corpus/ are as they stand there; every legal
program of this tree is parsed without an error, and has as many functions, matches and so on as polec says; no token of the
table is missing; and the queries name nothing that the grammar has not.

The generator and the run-time library are those of npm's tree-sitter-cli 0.13 and tree-sitter 0.13 (MIT): the last of which
the package has the sources, in C++ and C, where later ones fetch a program when they are installed.

tree_sitter.py PROJECT POLEC MADE CACHE CC CXX; MADE has grammar.js, tokens.js and highlights.scm
"""
import json
import os
import pathlib
import re
import subprocess
import sys

sys.path.insert(0, str(pathlib.Path(__file__).parents[1]))
from npm import install_or_skip # noqa: E402
from tap import finish, tell # noqa: E402

project, polec, made, cache = pathlib.Path(sys.argv[1]).resolve(), os.path.abspath(sys.argv[2]), *(pathlib.Path(p).resolve() for p in sys.argv[3:5])
cc, cxx = sys.argv[5:]
here = pathlib.Path(__file__).resolve().parent
PACKAGES = {
    'tree-sitter-cli@0.13.16': '9ce6283494d8d5a1c668c1e9e54f98b7adb3f8690595d815da27f51e6b18c06e4a826ff3a503f072b93342e8d9904a629572e7f4be1be54a885eb92bb5a37d66',
    'tree-sitter@0.13.23': 'ef90223db304b2dbfe60af21e059001e798027a9cd2148ff345cd1bca087a2f9b048428c8bc59cfc4fdcac1e252671c139f57f7ff0cc42337e7b5637ea46a0ba',
}
LIBRARIES = ('utf8proc', 'json-parser')


def call(*command, **more):
    return subprocess.run([str(word) for word in command], capture_output=True, text=True, errors='replace', **more)


def compiled(*command):
    ran = call(*command)
    if ran.returncode != 0:
        raise SystemExit(f'{command[0]} failed:\n{ran.stderr[-3000:]}')


# ---- A generator, and a parser by it ----

def includes(package, *more):
    vendor = package / 'vendor/tree-sitter'
    return [f'-I{vendor / directory}' for directory in ('include', 'src', *(f'externals/{name}' for name in more))]


def make_generator(package):
    """All of it in one unit, which takes half as long as file by file."""
    program = cache / 'generate-0.13.16'
    if program.exists():
        return program
    vendor = package / 'vendor/tree-sitter'
    sources = sorted((vendor / 'src/compiler').rglob('*.cc'), key=lambda path: (path.name != 'rule.cc', path))   # specializations first
    unit = cache / 'generate.cc'
    unit.write_text(''.join(f'#include "{path}"\n' for path in sources) + (here / 'tree_sitter_generate.cc').read_text())
    objects = []
    for name, source in (('utf8proc', 'utf8proc.c'), ('json-parser', 'json.c')):
        objects.append(cache / f'{name}.o')
        compiled(cc, '-O1', '-w', '-DUTF8PROC_STATIC', *includes(package, *LIBRARIES), '-c', vendor / 'externals' / name / source, '-o', objects[-1])
    compiled(cxx, '-std=c++14', '-O1', '-w', '-DUTF8PROC_STATIC', *includes(package, *LIBRARIES), unit, *objects, '-o', f'{program}.new')
    os.replace(f'{program}.new', program)
    return program


cli, runtime = install_or_skip(PACKAGES, cache)
generator = make_generator(cli)
ran = call('node', here / 'grammar_json.js', made / 'grammar.js')
tell(ran.returncode == 0, 'the grammar is one', ran.stderr)
grammar = json.loads(ran.stdout)
ran = call(generator, input=ran.stdout)
if not tell(ran.returncode == 0, 'and has no conflicts: a parser is made of it', ran.stderr):
    raise SystemExit(1)
(cache / 'parser.c').write_text(ran.stdout)
parser = cache / 'parse'
compiled(cc, '-O1', '-w', '-D_GNU_SOURCE', '-DUTF8PROC_STATIC', *includes(runtime, 'utf8proc'), *includes(cli), here / 'tree_sitter_parse.c',
         cache / 'parser.c', runtime / 'vendor/tree-sitter/src/runtime/runtime.c', '-o', parser)


def parsed(paths):
    """(path, whether it is fine, tree) of each."""
    for line in call(parser, *paths).stdout.splitlines():
        path, state, tree = line.split(' ', 2)
        yield pathlib.Path(path), state == 'fine', tree


# ---- The corpus, in the form of tree-sitter's own ----

CASE = re.compile(r'^={3,}\n([^\n]*)\n={3,}\n\n(.*?)\n---\n\n(.*?)(?=\n={3,}\n|\Z)', re.M | re.S)
seen, source = set(), cache / 'case.pole-ir'
for path in sorted((here / 'corpus').glob('*.txt')):
    for name, text, tree in CASE.findall(path.read_text()):
        source.write_text(text)
        expected = re.sub(r'\s+', ' ', tree.strip()).replace(' )', ')')
        (_, fine, got), = parsed([source])
        tell(got == expected and fine == ('(ERROR' not in expected), f'{path.name}: {name}', f'\nwanted {expected}\ngot    {got}')
        seen |= set(re.findall(r'\((\w+)', got))

kinds = {name for name in grammar['rules'] if not name.startswith('_')}
tell(kinds == seen - {'ERROR'}, 'the corpus has every kind of node', kinds ^ seen)

# ---- The programs of this tree ----

DUMPED = {'function': 'func', 'match': 'match', 'arm': 'case', 'if': 'if', 'let': 'let', 'lambda': 'lambda', 'list': 'list', 'record': 'record'}
folders = ('examples', 'tests/run', 'tests/ir', 'tests/codegen', 'tests/parser', 'benches/programs')
legal = {}
for path in sorted(path for folder in folders for path in (project / folder).rglob('*.pole-ir')):
    ran = call(polec, '--emit=ast', '-o', '-', path)
    if ran.returncode == 0 and ran.stderr.count('error') == 0:
        legal[path] = re.split(r'^file.*\n', ran.stdout, flags=re.M)[1]     # imports stand behind it


def differences(tree, dump):
    """Kinds of nodes of which there are more or fewer than polec dumps."""
    for kind, word in DUMPED.items():
        counts = len(re.findall(rf'\({kind}\b', tree)), len(re.findall(rf'^ *(?:\[\d+\] )?(?:[\w .]+[:=] )?{word}\b', dump, re.M))
        if counts[0] != counts[1]:
            yield kind, counts


trees = {path: (fine, tree) for path, fine, tree in parsed(legal)}
examples = [path for path in trees if project / 'examples' in path.parents]
wrong = [path.name for path, (fine, _) in trees.items() if not fine]
different = [(path.name, *found) for path, (_, tree) in trees.items() for found in differences(tree, legal[path])]
tell(len(examples) == len(list((project / 'examples').rglob('*.pole-ir'))), f'all {len(examples)} examples are legal')
tell(not wrong, f'{len(trees)} programs are parsed without an error', wrong)
tell(not different, 'and have as many nodes of a kind as polec sees', different[:20])

# ---- The table of tokens, and the queries ----

table = (project / 'compiler/lexer/tokens.def').read_text()
spelled = [json.loads(f'"{text}"') for text in re.findall(r'^TOKEN\(\w+, "((?:[^"\\]|\\.)*)", (?:SYMBOL|KEYWORD|DECLARATION)\)', table, re.M)]
used = set(re.findall(r'"type": ?"STRING", ?"value": ?("(?:[^"\\]|\\.)*")', json.dumps(grammar)))
used = {json.loads(text) for text in used}
tell(len(spelled) > 50 and not set(spelled) - used, f'the {len(spelled)} tokens of the table are in the grammar', set(spelled) - used)

queries = re.sub(r'"#?[^"]*"\)|^;.*', lambda found: found[0] if found[0][1:2] != '^' else ')', (made / 'highlights.scm').read_text(), flags=re.M)
nodes = set(re.findall(r'\((\w+)', queries))
words = {json.loads(text) for text in re.findall(r'"(?:[^"\\]|\\.)*"', queries)} - {'^[A-Z]'}
fields = set(re.findall(r'(\w+):', queries))
text = (made / 'grammar.js').read_text()
tell(len(nodes) > 15 and nodes <= kinds, 'the queries name nodes of the grammar', nodes - kinds)
tell(len(words) > 50 and words <= used, 'and tokens of it', words - used)
tell(fields and all(f"field('{name}'" in text for name in fields), 'and fields', fields)
finish()
