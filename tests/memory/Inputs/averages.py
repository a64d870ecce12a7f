"""averages.py POLEC PROJECT DIRECTORY: bytes of a token, a node and an instruction, on the average of all examples and of a
generated program."""
import os
import pathlib
import subprocess
import sys

from report import reports

project, generated = pathlib.Path(sys.argv[2]), os.path.join(sys.argv[3], 'generated.pole-ir')
os.makedirs(sys.argv[3], exist_ok=True)
subprocess.run([sys.executable, project / 'benches/generate.py', '--functions', '1000', '--seed', '3', '-o', generated],
               check=True)
# What is no token, node or instruction by itself; a long distance is a part of the token that it leads to.
BESIDE = {'long distance', 'token file', 'import identity', 'import slot', 'absent node', 'list of files', 'ir function',
          'ir extern', 'ir c type', 'ir library', 'ir test'}
MOST = {'lex': 5, 'parse': 16, 'ir': 16}

for files in (sorted(map(str, (project / 'examples').glob('*.pole-ir'))), [generated]):
    found, _ = reports('--check', *files)
    assert len(found) == len(files)
    for phase, most in MOST.items():
        kinds = [kind for file in found for part in file['phases'] if part['name'] == phase for kind in part['by_kind']]
        count = sum(kind['count'] for kind in kinds if kind['kind'] not in BESIDE)
        used = sum(kind['bytes'] for kind in kinds if kind['kind'] not in BESIDE or kind['kind'] == 'long distance')
        assert count > 2000 and 1 < used / count <= most, (phase, len(files), used / count)
