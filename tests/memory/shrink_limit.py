"""The limits over programs with imports, modules, closures, generics, tests and errors:
shrink_limit.py SHRINK_LIMIT SOURCE_ROOT [--every-byte]"""
import pathlib
import subprocess
import sys
import tempfile

PROGRAMS = ['examples/01-factorial', 'examples/20-closures', 'examples/22-generics', 'examples/31-tests',
            'examples/33-modules', 'examples/35-imports', 'examples/58-json', 'tests/errors/several', 'tests/errors/recovery']

shrink_limit, root, options = pathlib.Path(sys.argv[1]).resolve(), pathlib.Path(sys.argv[2]), sys.argv[3:]
with tempfile.TemporaryDirectory() as empty:
    programs = [root / f'{name}.pole-ir' for name in PROGRAMS]
    sys.exit(subprocess.run([shrink_limit, *options, *programs], cwd=empty).returncode)
