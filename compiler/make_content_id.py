"""
Writes a header with a number that stands for what polec is made from: every source in compiler/, the build's own files and
LLVM's version.  The same sources give the same number, wherever and whenever they are built.

make_content_id.py OUTPUT DEPFILE PROJECT LLVM_VERSION
"""
import hashlib
import pathlib
import sys

output, depfile, project, llvm_version = sys.argv[1], sys.argv[2], pathlib.Path(sys.argv[3]), sys.argv[4]
SUFFIXES = {'.build', '.c', '.css', '.def', '.h', '.html', '.js', '.ld', '.pole-ir', '.py', '.re'}
files = sorted(path for path in (project / 'compiler').rglob('*') if path.suffix in SUFFIXES or path.parent.name == 'explain')
files = [path for path in files if '__pycache__' not in path.parts] + [project / 'meson.build', project / 'meson_options.txt']

content = hashlib.sha256(llvm_version.encode())
for path in files:
    data = path.read_bytes()
    content.update(f'\0{path.relative_to(project).as_posix()}\0{len(data)}\0'.encode() + data)
with open(output, 'w') as file:
    file.write(f'#define POLEC_CONTENT_ID "{content.hexdigest()[:16]}"\n#define POLEC_LLVM_VERSION "{llvm_version}"\n')
with open(depfile, 'w') as file:
    file.write(f"{output}: {' '.join(str(path) for path in files)}\n")
