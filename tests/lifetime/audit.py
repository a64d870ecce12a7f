"""
--audit-lifetimes is exact: not one false alarm, and the same output, over every example, kind of output and policy, on one
thread and on two, in programs with errors, at memory limits and with allocations that fail; what it says of itself is
true to the program's size.  That it finds what there is to find is shown in offenders.py.

audit.py POLEC EXAMPLES_DIRECTORY BROKEN
"""
import json
import os
import pathlib
import subprocess
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).parents[1]))
from tap import finish, tell # noqa: E402

polec, broken = (os.path.abspath(path) for path in (sys.argv[1], sys.argv[3]))
examples = sorted(str(path) for path in pathlib.Path(sys.argv[2]).resolve().glob('*.pole-ir'))
os.environ.pop('POLEC_MEMORY_REPORT', None)


def generated(functions):
    """A program with negative and large literals, closures, types, matches and strings in every function."""
    parts = ['type Shape = Circle(Float64) | Box(Int, Int) | Dot',
             'type Point = {x: Int, y: Int, name: String}']
    for i in range(functions):
        low = 0x80000000 + 4 * i    # pairs of words that could be the halves of an address
        parts.append(f'''
func area{i}(s: Shape, k: Int) -> Int :
  match s with
  | Circle(r) -> if r < {i}.5 then {-low} else {0x7e00_8000_0000 + 64 * i}
  | Box(w, h) -> w * h + k - {low}
  | Dot -> {-i - 1}

func use{i}(n: Int) -> Int :
  let p = {{x = n, y = {low * 65536}, name = "äöü €{i}"}} in
  let f = \\a -> a + p.x + area{i}(Box(a, {i}), n) in
  f(p.y) + (if [{i}, {-i}, {low}] == [n] then 1 else 0)''')
    calls = ' + '.join(f'use{i}({i})' for i in range(min(functions, 50)))
    return '\n'.join(parts) + f'\n\nfunc main() -> Int : {calls}\n'


with tempfile.TemporaryDirectory() as scratch:
    scratch = pathlib.Path(scratch)

    def call(*arguments):
        """Status, what is printed, and what is left behind."""
        where = scratch / 'run'
        where.mkdir()
        ran = subprocess.run([polec, *arguments], cwd=where, capture_output=True)
        left = {path.name: path.read_bytes() for path in where.iterdir()}
        subprocess.run(['rm', '-r', where])
        return ran.returncode, ran.stdout, ran.stderr, left

    def compare(what, *arguments, status=0):
        plain, audited = call(*arguments), call(*arguments, '--audit-lifetimes')
        tell(plain == audited and plain[0] == status, what, (audited[0], audited[2].decode(errors='replace')))

    for kind in ('tokens', 'ast', 'ir', 'llvm-ir', 'llvm-bc', 'asm', 'obj', 'check'):
        emit = '--check' if kind == 'check' else f'--emit={kind}'
        for policy in ('phase', 'whole', 'malloc') if kind in ('ast', 'obj') else ('phase',):
            compare(f'all examples, {kind}, {policy}', emit, f'--arena-policy={policy}', *examples)
    compare('all examples, two threads', '-c', '-j2', *examples)
    compare('all examples, optimised', '-c', '-O1', *examples[:10])
    compare('all examples, for debuggers', '-c', '-g', *examples[:10])
    compare('an executable', '-o', 'output', examples[0])
    compare('a program that is run', 'run', next(path for path in examples if '01-' in path))

    large = scratch / 'large.pole-ir'
    large.write_text(generated(1500))
    for kind in ('ast', 'ir', 'obj'):
        compare(f'a large program, {kind}', f'--emit={kind}', '-o', 'output', str(large))
    (scratch / 'errors.pole-ir').write_text(generated(200).replace('p.x', 'p.z').replace('Box(w', 'Bax(w'))
    compare('a large program with errors', '-c', '--max-errors=0', str(scratch / 'errors.pole-ir'), status=1)
    compare('a program that cannot be parsed', '--check', broken, status=1)

    for phase in ('lex', 'parse', 'ir', 'codegen'):
        for size in (200, 1000):
            compare(f'{phase} ends at {size} bytes', '-c', '-o', 'output', f'--memory-limit={phase}:{size}', examples[20],
                    status=3)
    for allocation in range(1, 60, 3):
        compare(f'allocation {allocation} fails', '-c', '-o', 'output', f'--fail-alloc={allocation}', examples[20], status=3)

    def report(*arguments):
        return json.loads(call('--check', '--memory-report=json', *arguments)[2])['files'][0]

    small, big = (report('--audit-lifetimes', path).get('audit') for path in (examples[0], str(large)))
    tell(small['arenas'] == 6 and small['offenders'] == 0, 'lex, parse, ir and their scratch were audited', small)
    tell(big['words'] > 10 * small['words'], 'a larger program has more words', (small, big))
    tell('audit' not in report(examples[0]), 'the report says nothing of an audit that was not asked for')
    verbose = call('-v', '--check', '--audit-lifetimes', examples[0])[2]
    tell(b'0 offenders' in verbose, '-v tells what was searched', verbose)
finish()
