"""
Seen from outside, the phases lex, parse and ir call malloc not once, and codegen does so only by way of LLVM.  Under
--arena-policy=malloc the witness counts what the memory report says, so it is awake, and the report is true.

witness.py POLEC WITNESS FALSE_PHASES EXAMPLES...
"""
import json
import os
import pathlib
import subprocess
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).parents[1]))
from tap import finish, tell # noqa: E402

polec, witness, false_phases, examples = *map(os.path.abspath, sys.argv[1:4]), sys.argv[4:]
PHASES = ['lex', 'parse', 'ir', 'codegen']
os.environ.pop('POLEC_MEMORY_REPORT', None)


with tempfile.TemporaryDirectory() as scratch:
    def watch(*command, statuses=(0,)):
        """What the witness says of each phase: calls, bytes, frees, and of the calls and bytes those that are ours."""
        told = pathlib.Path(scratch) / 'told'
        ran = subprocess.run(command, cwd=scratch, capture_output=True, stdin=subprocess.DEVNULL,
                             env={**os.environ, 'LD_PRELOAD': witness, 'MALLOC_WITNESS': told})
        rows = [line.split() for line in told.read_text().split('\n\n')[0].splitlines()[1:]]
        told.unlink()
        if ran.returncode not in statuses:
            tell(False, f'{command} ran', ran)
        return {name: [int(figure) for figure in figures] for name, *figures in rows}

    seen = watch(false_phases)
    tell([seen[phase][0] for phase in PHASES] == [0, 2, 1, 1] and seen['parse'][1] == 300, 'the witness sees a mistake', seen)
    tell('error' in subprocess.run(['/bin/true'], env={'LD_PRELOAD': witness}, capture_output=True, text=True).stderr,
         'a program without phases is refused')

    for example in map(os.path.abspath, examples):
        name = pathlib.Path(example).stem
        for run in (['--check'], ['-c', '-o', 'out.o'], ['-O2', '-c', '-o', 'out.o'], ['-o', 'out'], ['run'], ['--check', '--guard']):
            seen = watch(polec, *run, example, statuses=range(256) if run == ['run'] else (0,))
            tell(all(seen[phase][:3] == [0, 0, 0] for phase in PHASES[:3]), f'{name}, {" ".join(run)}: three phases without malloc', seen)
            tell(seen['codegen'][3] == 0 and (seen['codegen'][0] > 0) == (run[0] != '--check'),
                 f'{name}, {" ".join(run)}: in codegen LLVM alone', seen)

        report = json.loads(subprocess.run([polec, '--check', '--memory-report=json', '--memory-report-file=-', example],
                                           check=True, capture_output=True).stdout)['files'][0]
        seen = watch(polec, '--check', '--arena-policy=malloc', example)
        tell(sum(figures[3] for figures in seen.values()) == report['total_allocations'],
             f'{name}: as many calls as the report counts allocations', seen, report['total_allocations'])
finish()
