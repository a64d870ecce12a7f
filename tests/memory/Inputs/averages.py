"""averages.py POLEC PROJECT DIRECTORY: bytes of a token, a node and an instruction, on the average of all examples and of a
generated program."""
import os
import pathlib
import subprocess
import sys

project, generated = pathlib.Path(sys.argv[2]), os.path.join(sys.argv[3], 'generated.pole-ir')
sys.path.append(str(project / 'benches'))

from measure import average
from report import reports

os.makedirs(sys.argv[3], exist_ok=True)
subprocess.run([sys.executable, project / 'benches/generate.py', '--functions', '1000', '--seed', '3', '-o', generated],
               check=True)
MOST = {'lex': 5, 'parse': 16, 'ir': 16}

for files in (sorted(map(str, (project / 'examples').glob('*.pole-ir'))), [generated]):
    found, _ = reports('--check', *files)
    assert len(found) == len(files)
    for phase, most in MOST.items():
        count, each = average(found, phase)
        assert count > 2000 and 1 < each <= most, (phase, len(files), each)
