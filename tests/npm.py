"""Packages of npm's that a test wants: brought once by name, compared with what they were, and unpacked without running anything."""
import hashlib
import pathlib
import shutil
import subprocess
import tarfile
import tempfile

import tap


def install(package, sha512, cache):
    """Unpacks NAME@VERSION into cache/node_modules/NAME, and returns that."""
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
    return target


def install_or_skip(packages, cache):
    """All packages of a {NAME@VERSION: sha512}, with node to run them; where that cannot be, the test ends as skipped."""
    cache.mkdir(parents=True, exist_ok=True)
    try:
        subprocess.run(['node', '--version'], check=True, capture_output=True, timeout=60)
        return [install(package, sha512, cache) for package, sha512 in packages.items()]
    except (OSError, subprocess.SubprocessError) as trouble:
        tap.skip_all(f"no node, or no npm that brings {', '.join(packages)} - {type(trouble).__name__}")
