#!/usr/bin/env python3
"""Runs library.js with the client library that editors use (MIT), which comes from npm; skipped where there is none.

  library.py POLEC CACHE_DIRECTORY
"""
import hashlib
import os
import pathlib
import shutil
import subprocess
import sys
import tarfile
import tempfile

PACKAGES = {
    'vscode-jsonrpc@8.2.0': '0beaf478a25421f88321fc0986b89adf4f936163edb872571ed23b2746253a6280a3ba20c4fdb44f4cf107b1d9408161232be804fc16b248f1aef02d7e3c997c',
    'vscode-languageserver-protocol@3.17.5': '99bd5bbd124df125739c00d219633dbbf6f4ec7ec4720d08dce8170ee2dd9f7d3bae5fc9dc0f580fafde60eb2caa179c2f6ee12b520f640b1aaa1d348bf2658e',
    'vscode-languageserver-types@3.17.5': '2ddd557a536e5fda5d177f61d8781a79be611193366778d4aeb32059002ef368ccb59a7ba77bc94f70734e82ad648ecd810b2c6637b9a34cebc8eae142fcd002',
}
polec, cache = os.path.abspath(sys.argv[1]), pathlib.Path(sys.argv[2]).resolve()


def install(package, sha512):
    name, version = package.split('@')
    archive, target = cache / f'{name}-{version}.tgz', cache / 'node_modules' / name
    if not archive.exists():
        subprocess.run(['npm', 'pack', '--silent', package], cwd=cache, check=True, capture_output=True, timeout=120)
    if hashlib.sha512(archive.read_bytes()).hexdigest() != sha512:
        raise SystemExit(f'{archive} is not the file that it was')
    shutil.rmtree(target, ignore_errors=True)
    with tarfile.open(archive) as packed, tempfile.TemporaryDirectory(dir=cache) as unpacked:
        packed.extractall(unpacked)
        target.parent.mkdir(exist_ok=True)
        (pathlib.Path(unpacked) / 'package').rename(target)


cache.mkdir(parents=True, exist_ok=True)
try:
    subprocess.run(['node', '--version'], check=True, capture_output=True, timeout=60)
    for package, sha512 in PACKAGES.items():
        install(package, sha512)
except (OSError, subprocess.SubprocessError) as trouble:
    print('1..0 # SKIP no node, or no npm that brings', ', '.join(PACKAGES), '-', type(trouble).__name__)
    sys.exit(0)
with tempfile.TemporaryDirectory() as folder:
    sys.exit(subprocess.run(['node', pathlib.Path(__file__).resolve().parent / 'library.js', polec, folder],
                            env={**os.environ, 'NODE_PATH': str(cache / 'node_modules')}).returncode)
