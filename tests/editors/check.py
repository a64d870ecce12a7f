"""
The TextMate grammar sees the programs of examples/ as the lexer does: where polec finds a token of some class, the grammar's
first rule that fits there names that class, and takes all of the token.

check.py PROJECT POLEC
"""
import json
import pathlib
import re
import subprocess
import sys

sys.path.insert(0, str(pathlib.Path(__file__).parents[1]))
from tap import finish, tell # noqa: E402

project, polec = pathlib.Path(sys.argv[1]), sys.argv[2]
table = (project / 'compiler/lexer/tokens.def').read_text()
classes = {kind: group for kind, group in re.findall(r'^TOKEN\((\w+), "(?:[^"\\]|\\.)*", (\w+)\)', table, re.M)}
grammar = json.loads(subprocess.run([sys.executable, project / 'compiler/editors/make_textmate.py', project / 'compiler/lexer/tokens.def'],
                                    capture_output=True, text=True, check=True).stdout)
rules = [(re.compile(rule.get('match', rule.get('begin')), re.M), rule) for rule in grammar['patterns']]
WANTED = {'INT': 'constant.numeric.integer', 'FLOAT': 'constant.numeric.float', 'STRING': 'string.', 'WILD': 'variable.language',
          'TRUE': 'constant.language', 'FALSE': 'constant.language', 'AND': 'keyword.operator', 'OR': 'keyword.operator',
          'NOT': 'keyword.operator', 'FUNC': 'keyword.declaration', 'KEYWORD': 'keyword.control', 'DECLARATION': 'keyword.declaration'}


def scanned(text):
    """(offset, scope, text) as an editor would scan it: at each place the first rule that fits earliest."""
    at = 0
    while at < len(text):
        found = [(match.start(), i, match) for i, (pattern, _) in enumerate(rules) if (match := pattern.search(text, at))]
        if not found:
            return
        _, i, match = min(found, key=lambda entry: entry[:2])
        rule, end = rules[i][1], match.end()
        if rule.get('begin') == '"':
            end = re.compile(r'(?:[^"\\\n]|\\.)*"?').match(text, end).end()
        elif 'end' in rule:
            close = text.find('*/', end)
            end = len(text) if close < 0 else close + 2
        if 'captures' in rule:
            for group, capture in rule['captures'].items():
                yield match.start(int(group)), capture['name'], match[int(group)]
        elif not rule['name'].startswith('comment'):
            yield match.start(), rule['name'], text[match.start():end]
        at = max(end, at + 1)


for path in sorted((project / 'examples').glob('*.pole-ir')):
    text = path.read_text()
    starts = [0] + [match.end() for match in re.finditer('\n', text)]
    dump = subprocess.run([polec, '--emit=tokens', '-o', '-', path], capture_output=True, text=True).stdout
    dump = re.split(r'^file .*\n', dump, flags=re.M)
    expected, wrong = {}, []
    for line in (dump[1] if dump[0] == '' and len(dump) > 1 else dump[0]).splitlines():
        place, kind, *_ = line.split(' ', 2)
        row, column = map(int, place.split(':'))
        if kind != 'END':
            expected[starts[row - 1] + column - 1] = kind
    got = {start: scope for start, scope, _ in scanned(text)}
    for start, kind in expected.items():
        wanted = WANTED.get(kind) or WANTED.get(classes[kind]) or ('' if kind == 'IDENTIFIER' else ('keyword.operator', 'punctuation'))
        label = start in got and 'annotation' in got[start] and classes[kind] == 'DECLARATION' # as in @extern
        if not label and (start not in got or not got[start].startswith(wanted)):
            wrong.append((text[:start].count('\n') + 1, kind, got.get(start)))
    tell(not wrong and set(got) == set(expected), path.name, (wrong[:5], sorted(set(got) ^ set(expected))[:5]))
finish()
