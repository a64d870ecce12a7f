"""
The worked example of examples/build/: ninja and meson make again exactly what a change reaches; Bazel, where it is installed,
takes from its disk cache what has been made before, and does not let an action see what its rule does not name.

check.py PROJECT POLEC NINJA MESON
"""
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, str(pathlib.Path(__file__).parents[1]))
from tap import finish, tell # noqa: E402

project, polec, ninja, meson = pathlib.Path(sys.argv[1]), os.path.abspath(sys.argv[2]), sys.argv[3], sys.argv[4]
environment = {**os.environ, 'PATH': f"{os.path.dirname(polec)}:{os.environ['PATH']}", 'NINJA_STATUS': ''}
REACHED = {'shop/tax.pole-ir': {'invoice'}, 'shop/stock.pole-ir': {'invoice', 'inventory'},
           'shop/money.pole-ir': {'invoice', 'inventory', 'change'}, 'change.pole-ir': {'change'}, None: set()}


def call(where, *command, **more):
    return subprocess.run([str(word) for word in command], cwd=where, env=environment, stdin=subprocess.DEVNULL, capture_output=True,
                          text=True, errors='replace', **more)


def change(path):
    """Newer than all that was made of it, however coarse the clock of the file system is."""
    time.sleep(0.05)
    path.write_text(path.read_text() + '\n')


def copied(scratch, name):
    return pathlib.Path(shutil.copytree(project / 'examples/build', scratch / name))


def by_ninja(place, out, *arguments):
    def made():
        ran = call(place, ninja, *arguments, '-v')
        return {name for name in ('invoice', 'inventory', 'change') if re.search(rf'polec.* {name}\.pole-ir|/{name}\.pole-ir', ran.stdout)}, ran

    seen, ran = made()
    tell(seen == {'invoice', 'inventory', 'change'} and ran.returncode == 0, 'everything, at first', ran)
    ran = call(place, out / 'invoice')
    tell(ran.stdout == 'lamp       26.73\nchair      95.28\n', 'a program runs', ran)
    for file, reached in REACHED.items():
        if file is not None:
            change(place / file)
        seen, ran = made()
        tell(seen == reached, f'{file} changes: {len(reached)} made again' if file else 'nothing changes: no step', (seen, ran.stdout))


with tempfile.TemporaryDirectory() as directory:
    scratch = pathlib.Path(directory)
    place = copied(scratch, 'ninja')
    by_ninja(place, pathlib.Path('out'))
    written = {path.name for path in place.rglob('*') if path.is_file()} - {path.name for path in (project / 'examples/build').rglob('*')}
    tell(written <= {'invoice', 'inventory', 'change', '.ninja_log', '.ninja_deps'}, 'nothing else is written', written)

    place = copied(scratch, 'meson')
    ran = call(place, meson, 'setup', 'out')
    tell(ran.returncode == 0, 'meson setup', ran.stdout + ran.stderr)
    by_ninja(place, pathlib.Path('out'), '-C', 'out')

    # Arguments from a file; paths stay relative; the depfile goes where -MF says.
    place = copied(scratch, 'plain')
    (place / 'arguments').write_text('-O1 -c\n-MD -MF "made of.d" -o invoice.o\ninvoice.pole-ir\n')
    ran = call(place, polec, '@arguments')
    depfile = (place / 'made of.d').read_text() if (place / 'made of.d').exists() else ''
    tell(ran.returncode == 0 and depfile.split() == ['invoice.o:', '\\', 'invoice.pole-ir', '\\', 'shop/money.pole-ir', '\\',
         'shop/stock.pole-ir', '\\', 'shop/tax.pole-ir'], '@file, -MF and relative paths', (ran, depfile))
    data = (place / 'invoice.o').read_bytes()
    tell(directory.encode() not in data, 'the object does not know where it was made')

    # Bazel: the tests know a disk cache by what is said of each action.
    if shutil.which('bazel') and os.environ.get('POLEC_SANITIZED') != 'true':
        place, cache = copied(scratch, 'bazel'), scratch / 'cache'
        shutil.copy(polec, place / 'tools/polec')

        def bazel(place, *arguments):
            return call(place, 'bazel', f'--output_user_root={scratch}/{place.name}-root', '--batch', 'build', f'--disk_cache={cache}', '--color=no', *arguments)

        def counts(ran):
            summary = re.search(r'INFO: (\d+) process(?:es)?: (.*)\.', ran.stderr)
            parts = dict((kind, int(count)) for count, kind in re.findall(r'(\d+) ([a-z -]+)', summary[2])) if summary else {}
            return sum(count for kind, count in parts.items() if 'cache hit' in kind), sum(count for kind, count in parts.items() if 'sandbox' in kind or 'local' in kind or 'worker' in kind)

        ran = bazel(place, '//:all')
        tell(ran.returncode == 0 and counts(ran) == (0, 3), 'bazel: three actions, none from the cache', ran.stderr[-900:])
        second = copied(scratch, 'elsewhere')
        shutil.copy(polec, second / 'tools/polec')
        ran = bazel(second, '//:all')
        tell(ran.returncode == 0 and counts(ran) == (3, 0), 'another tree: all three from the cache', ran.stderr[-900:])
        change(second / 'shop/stock.pole-ir')
        third = pathlib.Path(shutil.copytree(second, scratch / 'third'))
        for link in third.glob('bazel-*'):
            shutil.rmtree(link) if link.is_dir() and not link.is_symlink() else link.unlink()
        ran = bazel(third, '//:all')
        tell(ran.returncode == 0 and counts(ran) == (1, 2), 'stock changes: two actions, one from the cache', ran.stderr[-900:])
        build = third / 'BUILD.bazel'
        build.write_text(build.read_text().replace(', "shop/tax.pole-ir"', ''))
        ran = bazel(third, '--spawn_strategy=sandboxed', '//:invoice')
        if "sandboxed" in ran.stderr and 'strategy' in ran.stderr:
            tell(True, 'a module that the rule does not name # SKIP no sandbox here')
        else:
            tell(ran.returncode != 0 and 'E108' in ran.stderr, 'a module that the rule does not name is not seen', ran.stderr)
    else:
        tell(True, 'bazel # SKIP not installed (Debian: bazel-bootstrap)')
finish()
