"""
What outlives its arena is found: a seeded driver puts a pointer into every arena, scratch included, where each of those
that are then alive could hold one, and one that is born later; the audit names holder, target, object, function and line,
and nothing is written.  Used under the guard, the pointer stops the phase that uses it, and that is told, too.  Handles
are found by their types: a seeded audit takes a type for one that dies with a phase.

offenders.py SEEDED_POLEC COMPILER_DIRECTORY LLVM_INCLUDES -- CC...
"""
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).parents[1]))
from tap import finish, tell # noqa: E402

seeded, compiler, llvm_includes = (os.path.abspath(path) for path in sys.argv[1:4])
cc = sys.argv[sys.argv.index('--') + 1:]
os.environ.pop('POLEC_MEMORY_REPORT', None)

PROGRAM = '''type Shape = Dot | Box(Int, Int)
@link("m")
extern puts: (String) -> Int;

func area(shape: Shape, scale: Int) -> Int :
  match shape with
  | Dot -> 0
  | Box(w, h) ->
      let side = twice(w) in
      side * h + scale

@test_case(input=2, expected=4)
func twice(n: Int) -> Int :
  n + n

func main() -> Int :
  puts("hello");
  area(Box(2, 3), 1)
'''

# Who can hold something when the target dies, or after.
OFFENDERS = {
    'lex': ['session', 'parse', 'ir', 'codegen'],
    'parse scratch': ['session', 'parse', 'ir', 'codegen'],
    'parse': ['session', 'ir', 'codegen', 'root'],
    'ir scratch': ['session', 'parse', 'ir', 'codegen'],
    'ir': ['session', 'codegen', 'root'],
    'codegen scratch': ['session', 'ir', 'codegen', 'root'],
    'codegen': ['session', 'root'],
}
WHERE = {   # as the report says it
    'session': r"held by element 0 of the array 'source file' in the arena 'session'",
    'root': r'held by the root of the code',
    'parse': r"held by word \d of the AST node 'binary' \(NodeId \d+\) in the arena 'parse', at byte \d+, function '\w+', \S+:\d+:\d+",
    'ir': r"held by word 1 of the IR instruction 'call' \(ValueId \d+\) in the arena 'ir', at byte \d+, function 'area', \S+:5:6",
    'codegen': r"held by an object that was pushed in the arena 'codegen', at byte \d+",
}


with tempfile.TemporaryDirectory() as scratch:
    scratch = pathlib.Path(scratch)
    source, output = scratch / 'program.pole-ir', scratch / 'output'
    source.write_text(PROGRAM)

    def call(*arguments, **seed):
        ran = subprocess.run([seeded, *arguments, source], cwd=scratch, env={**os.environ, **seed}, capture_output=True,
                             text=True, errors='replace')
        written = output.exists()
        output.unlink(missing_ok=True)
        return ran.returncode, ran.stderr, written

    for policy in ('phase', 'whole', 'malloc'):
        ran = call('--audit-lifetimes', f'--arena-policy={policy}', '-c', '-o', output)
        tell(ran == (0, '', True), f'{policy}: nothing is found where nothing was seeded', ran)

    for target, holders in OFFENDERS.items():
        for holder in holders:
            seed = f'{holder}<-{target}'
            for policy in ('phase', 'whole', 'malloc'):
                status, told, written = call('--audit-lifetimes', f'--arena-policy={policy}', '-c', '-o', output, OFFENDER=seed)
                good = (status == 70 and not written and f"a pointer into the arena '{target}' outlives it" in told and
                        re.search(WHERE[holder], told) and told.count('polec: lifetime audit:') == 1 and
                        '1 reference outlives its arena' in told)
                tell(good, f'{seed}, {policy}', (status, told, written))
        for policy in ('phase', 'malloc'):
            status, told, written = call('--guard', f'--arena-policy={policy}', '-c', '-o', output,
                                         OFFENDER=f'session<-{target}', OFFENDER_USED='1')
            user = {'lex': 'ir', 'parse scratch': 'ir', 'parse': 'codegen', 'ir scratch': 'codegen'}.get(target, 'codegen')
            good = (status == 70 and not written and f"the arena '{target}' was used after its end" in told and
                    re.search(rf"phase '{user}' read (element|byte) \d+ of ", told) and
                    re.search(r"it was at \S+program.pole-ir:\d+:\d+", told))
            tell(good, f'the guard stops a use of {target}, {policy}', (status, told, written))

    # A type that dies with a phase, and who holds values of it: AST, IR, the session's tables, the product.
    for handle, phase, holders in [('NameId', 'lex', ['session', 'parse']), ('SourcePos', 'lex', ['session', 'parse']),
                                   ('NodeId', 'lex', ['parse']), ('DeclId', 'parse', ['session']),
                                   ('NameId', 'parse', ['session', 'ir']), ('ValueId', 'parse', ['ir']),
                                   ('BlockId', 'parse', ['ir']),
                                   ('NameId', 'ir', ['session']), ('TypeId', 'ir', ['session']),
                                   ('number', 'ir', ['session', 'codegen']), ('DeclId', 'codegen', ['session'])]:
        status, told, written = call('--audit-lifetimes', '--emit=obj', '-o', output, HANDLE=f'{handle}:{phase}')
        found = set(re.findall(r"held by .* in the arena '(\w+)'", told))
        good = (status == 70 and not written and f"a handle into the arena '{phase}' outlives it" in told and
                re.search(rf'handle  \d+, a {handle}, in its field ', told) and found <= set(holders) and holders[0] in found)
        tell(good, f'{handle}s that belong to {phase}, held by {" and ".join(holders)}', (status, told, written))

# A field that the audit does not know does not compile, and neither does one of a type that has no owner.
def compiles(unit, header, old, new):
    with tempfile.TemporaryDirectory() as scratch:
        copy = shutil.copytree(compiler, pathlib.Path(scratch) / 'compiler')
        text = (copy / header).read_text()
        assert text.count(old) == 1, old
        (copy / header).write_text(text.replace(old, new))
        ran = subprocess.run([*cc, '-std=c11', '-D_POSIX_C_SOURCE=200809L', f'-I{copy}', f'-isystem{llvm_includes}',
                              '-fsyntax-only', copy / unit], capture_output=True, text=True)
        return ran.returncode == 0, ran.stderr


RETURN = 'typedef struct { IrHead head; ValueId value; } IrReturn;'
for unit in ('audit_fields.c', 'print_layout.c'):
    good, seen = compiles(unit, 'ir/ir.h', RETURN, RETURN)
    tell(good, f'{unit} compiles', seen)
good, seen = compiles('print_layout.c', 'ir/ir.h', RETURN, 'typedef struct { IrHead head; ValueId value; uint32_t node; } IrReturn;')
tell(not good and 'the table leaves something out' in seen, 'a field of the IR that no table has does not compile', seen)
PAYLOAD = 'typedef struct { TypeId type; SourcePos pos; } TypePayload;'
good, seen = compiles('audit_fields.c', 'ir/types.h', PAYLOAD, 'typedef struct { TypeId type; SourcePos pos; uint32_t node; } TypePayload;')
tell(not good and 'audit_fields.def does not know' in seen, 'a field of the session that no table has does not compile', seen)
good, seen = compiles('audit_fields.c', 'ir/ir.h', RETURN,
                      'typedef struct { uint32_t i; } LocalId; typedef struct { IrHead head; LocalId value; } IrReturn;')
tell(not good and '_Generic' in seen, 'a type that nobody owns does not compile', seen)
finish()
