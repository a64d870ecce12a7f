"""
The failure sweep over all examples, over programs with errors, and over one with so many functions that their objects
have to be joined:  fail_each.py FAIL_EACH SOURCE_ROOT [--all|--sparse] [OPTION...]
"""
import pathlib
import subprocess
import sys
import tempfile

fail_each, root, options = pathlib.Path(sys.argv[1]).resolve(), pathlib.Path(sys.argv[2]), sys.argv[3:]
programs = sorted(root.glob('examples/*.pole-ir')) + [root / 'tests/errors' / name
                                                      for name in ('several.pole-ir', 'recovery.pole-ir')]
with tempfile.TemporaryDirectory() as scratch:
    many = pathlib.Path(scratch) / 'many.pole-ir'
    many.write_text(''.join(f'func f{i}(n: Int) -> Int : n + {i}\n' for i in range(205)) + 'func main() -> Int : f3(4)\n')
    empty = pathlib.Path(scratch) / 'empty'
    empty.mkdir()
    sys.exit(subprocess.run([fail_each, *options, *programs, many], cwd=empty).returncode)
