"""
Freed when consumed, and not before.

A driver that retires an arena too early is stopped by the guard at the first use, and the arena is named; so the guard is
awake.  The real driver compiles everything under the guard, and writes what it writes when nothing is freed before the
end; so no product needs its parent, and every dump stands alone.

early_ends.py POLEC SEEDED_POLEC EXAMPLES...
"""
import os
import pathlib
import subprocess
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).parents[1]))
from tap import finish, tell # noqa: E402

polec, seeded, examples = sys.argv[1], sys.argv[2], sys.argv[3:]
os.environ.pop('POLEC_MEMORY_REPORT', None)


def call(*command, **environment):
    return subprocess.run(command, capture_output=True, env={**os.environ, **environment})


with tempfile.TemporaryDirectory() as scratch:
    output = pathlib.Path(scratch) / 'output'

    def made(*arguments):
        """What a run leaves behind."""
        ran = call(polec, *arguments)
        written = output.read_bytes() if output.exists() else None
        output.unlink(missing_ok=True)
        return ran.returncode, ran.stdout, ran.stderr, written

    for phase in ('lex', 'parse', 'ir', 'codegen'):
        ran = call(seeded, '--guard', '-c', '-o', output, examples[0], RETIRE_EARLY=phase)
        report = f"the arena '{phase}' was used after its end".encode()
        tell(ran.returncode == 70 and report in ran.stderr and not output.exists(), f'a {phase} arena freed too early', ran)
    ran = call(seeded, '--guard', '-c', '-o', output, examples[0])
    tell(ran.returncode == 0 and ran.stderr == b'' and output.exists(), 'nothing is said without a seed', ran)

    for example in examples:
        for kind in ('tokens', 'ast', 'ir', 'llvm-ir', 'obj'):
            arguments = ['-o', output, f'--emit={kind}', example]
            guarded, whole = made('--guard', *arguments), made('--arena-policy=whole', *arguments)
            tell(guarded == whole and guarded[0] == 0 and guarded[3], f'{kind} of {pathlib.Path(example).name}', guarded[:3])
finish()
