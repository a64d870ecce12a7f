"""detail.py POLEC PROJECT DIRECTORY: --memory-report-detail."""
import os
import pathlib
import subprocess
import sys

from report import PHASES, call, exact, report, reports

project, directory = pathlib.Path(sys.argv[2]).resolve(), pathlib.Path(sys.argv[3])
COLUMNS = [*PHASES, 'codegen_scratch']


def columns(row):
    return [row[column] for column in COLUMNS]


def added_up(rows):
    return [sum(row[column] for row in rows) for column in COLUMNS]


def check(file):
    used = {phase['name']: phase['used_bytes'] for phase in file['phases']}
    for rows in (file['functions'], file['lines']):
        assert added_up(rows)[:4] == [used.get(phase, 0) for phase in PHASES], file['file']
        assert rows[-1]['file'] is None and rows[-1]['line'] == 0 and all(row['file'] for row in rows[:-1])
        assert all(any(columns(row)) for row in rows[:-1])
    assert added_up(file['functions']) == added_up(file['lines'])
    assert all(0 <= figure < 1 << 30 for row in [*file['functions'], *file['lines']] for figure in columns(row))
    places = [(row['file'], row['line']) for row in file['lines'][:-1]]
    assert len(places) == len(set(places))


# ---- A program of which everything can be counted by hand ----

SMALL = directory / 'small.pole-ir'
SMALL.write_text('''type T = A | B

@test(inc(1) == 2)
func inc(x: Int) -> Int :
  x + 1
module M:
  func end_of(r: { end: Int }) -> Int : r.end
end

func twice(f: Int -> Int, x: Int) -> Int :
  f(
    f(x))
func lambda(endian: Int) -> (Int -> Int) :
  \\m -> m * endian
''')
os.chdir(directory)
file = report('-c', '-o', 'small.o', '--memory-report-detail=all', 'small.pole-ir')
check(file)
functions = {row['function']: row for row in file['functions']}
assert list(functions) == ['inc', 'end_of', 'twice', 'lambda', None]
assert [row['line'] for row in file['functions']] == [4, 7, 10, 13, 0]
lines = {row['line']: row for row in file['lines']}
# A token takes two bytes, a name four more.  Annotations belong to the function behind them, `end` to no function, a name
# that begins with it to its own.
tokens = {1: (6, 3), 3: (10, 2), 4: (10, 4), 5: (3, 1), 6: (3, 1), 7: (17, 5), 8: (1, 0), 10: (16, 7), 11: (2, 1), 12: (5, 2),
          13: (14, 5), 14: (6, 3), 15: (1, 0)}
for line, (n, names) in tokens.items():
    assert lines[line]['lex'] == 2 * n + 4 * names, (line, lines[line])
assert [functions[name]['lex'] for name in ('inc', 'end_of', 'twice', 'lambda')] == [
    sum(2 * tokens[line][0] + 4 * tokens[line][1] for line in of) for of in ((3, 4, 5), (7,), (10, 11, 12), (13, 14))]
# func with one part, param, two type names; binary, name, int.
assert (lines[4]['parse'], lines[5]['parse']) == (36 + 16 + 2 * 12, 16 + 12 + 8)
# The function's entry, its block and parameter; int, add, return.
assert (lines[4]['ir'], lines[5]['ir']) == (32 + 12 + 4, 8 + 16 + 8)
# The lambda is a function of its own in the IR, but none of the program: closure, return; capture, mul, return.
assert functions['lambda']['ir'] == (32 + 12 + 4 + (16 + 4) + 8) + (32 + 12 + 4 + 8 + 16 + 8)

# ---- All examples, and a larger program in units ----

subprocess.run([sys.executable, project / 'benches/generate.py', '--functions', '250', '--seed', '5', '-o', 'large.pole-ir'],
               check=True)
examples = sorted(map(str, (project / 'examples').glob('*.pole-ir')))
for files, command in ((examples, ['-c']), (examples[50:], ['-c', '-g']), (['large.pole-ir'], ['-c'])):
    detailed, _ = reports(*command, '--memory-report-detail=all', *files)
    plain, _ = reports(*command, *files)
    malloc, _ = reports(*command, '--memory-report-detail=all', '--arena-policy=malloc', *files)
    whole, _ = reports(*command, '-j3', '--memory-report-detail=all', '--arena-policy=whole', *files)
    for of, without, by_malloc, late in zip(detailed, plain, malloc, whole):
        check(of)
        assert exact(of) == exact(without) == exact(by_malloc), of['file']    # looking closer changes nothing
        assert 'functions' not in without and 'lines' not in without
        assert of['functions'] == by_malloc['functions'] == late['functions']
        assert of['lines'] == by_malloc['lines'] == late['lines']
assert len(detailed[0]['functions']) == 250 + 2     # main and what belongs to none

# ---- However far the compilation got ----

for arguments, status in ((['--emit=tokens', '-o', os.devnull], 0), (['--emit=ast', '-o', os.devnull], 0), (['--check'], 0),
                          (['--check', '--memory-limit=parse:300'], 3), (['-c', '-o', 'small.o', '--memory-limit=codegen:2K'], 3),
                          (['-c', '-o', 'small.o', '--fail-alloc=70'], 3)):
    check(report(*arguments, '--memory-report-detail=all', 'small.pole-ir', status=status))
pathlib.Path('wrong.pole-ir').write_text('func f() -> Int : g(\nmodule M: func g() -> Int : "a"\n')
check(report('--check', '--memory-report-detail=all', 'wrong.pole-ir', status=1))
pathlib.Path('empty.pole-ir').write_text('')
check(report('--check', '--memory-report-detail=all', 'empty.pole-ir'))

# ---- Text: the largest first, at most 20 of them; it implies the report ----

text = call('--check', '--memory-report-detail=function', 'large.pole-ir').stderr.decode()
assert text.startswith('memory of large.pole-ir') and 'bytes by line' not in text
table = text[text.index('  bytes by function'):].split('\n\n')[0].splitlines()
totals = [int(line.split()[-1].replace(',', '')) for line in table[1:]]
assert len(table) == 1 + 20 + 3 and totals[:20] == sorted(totals[:20], reverse=True)
assert table[21].split()[:2] == ['231', 'more'] and sum(totals[:-1]) == totals[-1]
assert call('--check', '--memory-report-detail=', 'small.pole-ir').returncode == 2
