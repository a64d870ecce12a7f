"""
libpolec in other projects: as a meson subproject it is a library and nothing else, no test, no program, no option; as a
shared library it shows what polec.h declares, and what pkg-config says of it is enough.

library.py PROJECT MESON NINJA CC...
"""
import json
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).parents[1]))
from tap import finish, tell # noqa: E402

project, meson, ninja, cc = pathlib.Path(sys.argv[1]).resolve(), sys.argv[2], sys.argv[3], sys.argv[4:]
OUTER = """project('outer', 'c', version: '7', default_options: ['default_library=shared', 'buildtype=debug', 'warning_level=2'])
executable('outer', 'library.c', dependencies: dependency('polec'), install: true)
"""
for name in ('CFLAGS', 'LDFLAGS', 'PKG_CONFIG_PATH', 'LD_LIBRARY_PATH'):
    os.environ.pop(name, None)


def call(*command, **more):
    return subprocess.run([str(word) for word in command], stdin=subprocess.DEVNULL, capture_output=True, text=True, errors='replace', **more)


def works(ran):
    return ran.returncode == 0 and 'text 0: status 0' in ran.stdout and 'text 1: status 1' in ran.stdout


with tempfile.TemporaryDirectory() as directory:
    scratch = pathlib.Path(directory)

    # An outer project, with the tree below it, which is found through the wrap alone.
    (scratch / 'subprojects').mkdir()
    (scratch / 'subprojects/polec.wrap').write_text('[wrap-file]\ndirectory = polec\n\n[provide]\ndependency_names = polec\n')
    (scratch / 'subprojects/polec').symlink_to(project)
    (scratch / 'meson.build').write_text(OUTER)
    shutil.copy(project / 'examples/library.c', scratch)
    build = scratch / 'build'
    ran = call(meson, 'setup', '--wrap-mode=forcefallback', '-Dpolec:default_library=shared', build, scratch)
    tell(ran.returncode == 0, 'as a subproject: meson setup', ran.stdout[-2000:] + ran.stderr)

    def introspect(what):
        return json.loads(call(meson, 'introspect', f'--{what}', build).stdout)

    tell(introspect('tests') == introspect('benchmarks') == [], 'no tests, no benchmarks', introspect('tests'))
    programs = [target['name'] for target in introspect('targets') if target['type'] == 'executable']
    tell(programs == ['outer'], 'no program but that of the outer project', programs)
    installed = {pathlib.Path(path).name for path in introspect('installed').values()}
    tell(installed == {'outer', 'libpolec.so', 'libpolec.so.0', 'libpolec.so.0.1.0', 'libpolert.a'}, 'installed is what its program needs, and no more', installed)
    options = {option['name']: option['value'] for option in introspect('buildoptions')}
    ours = {re.sub('.*:', '', name) for name in options if name.startswith('polec:')}
    leaked = {name for name in options if name in ('llvm', 'heap_meter', 'link_order', 'benches', 'fuzz')}
    tell(options['warning_level'] == '2' and options['buildtype'] == 'debug' and 'llvm' in ours and not leaked, 'options stay with their project', leaked)
    outer = next(target for target in introspect('targets') if target['name'] == 'outer')
    words = [word for source in outer['target_sources'] for word in source.get('parameters', [])]
    strange = [word for word in words if re.match('-W(?!all|extra|pedantic|inv)|-D|-f(?!diagnostics-color|PI)', word) and word != '-D_FILE_OFFSET_BITS=64']
    tell(not strange, 'no flags of ours reach its sources', strange)
    ran = call(ninja, '-C', build)
    tell(ran.returncode == 0, 'it builds', ran.stdout[-2000:])
    tell(not list(build.rglob('polec')) or not any(path.is_file() for path in build.rglob('polec')), 'and makes no polec')
    ran = call(build / 'outer')
    tell(works(ran), 'its program compiles from memory', ran)

    # The shared library, and its pkg-config file, from a tree of its own that is only configured.
    library = next(path for path in build.rglob('libpolec.so.*') if path.is_file() and not path.is_symlink() and path.name.count('.') == 4)
    defined = {line.split()[-1].split('@')[0] for line in call('nm', '-D', '--defined-only', library).stdout.splitlines()} - {'POLEC_0'}
    declared = set(re.findall(r'^POLEC_API .*?(polec_\w+)\(', (project / 'compiler/polec.h').read_text(), re.M))
    tell(defined == declared != set(), 'the shared library shows what polec.h declares, and nothing else', defined ^ declared)
    prefix = scratch / 'prefix'
    ran = call(meson, 'setup', '-Ddefault_library=shared', f'-Dprefix={prefix}', '-Dlibdir=lib', scratch / 'shared', project)
    tell(ran.returncode == 0, 'meson setup -Ddefault_library=shared', ran.stdout[-2000:] + ran.stderr)
    planned = json.loads(call(meson, 'introspect', '--installed', scratch / 'shared').stdout).values()
    tell({str(prefix / 'lib/libpolec.so.0.1.0'), str(prefix / 'include/polec.h'), str(prefix / 'lib/pkgconfig/polec.pc')} <= set(planned),
         'library, header and pkg-config file are to be installed', planned)
    for directory in ('lib', 'include'):
        (prefix / directory).mkdir(parents=True)
    shutil.copy(library, prefix / 'lib')
    (prefix / 'lib/libpolec.so').symlink_to(library.name)
    (prefix / 'lib/libpolec.so.0').symlink_to(library.name)
    shutil.copy(project / 'compiler/polec.h', prefix / 'include')
    if shutil.which('pkg-config'):
        environment = {**os.environ, 'PKG_CONFIG_PATH': str(scratch / 'shared/meson-private')}
        flags = call('pkg-config', '--cflags', '--libs', 'polec', env=environment)
        tell(flags.stdout.split() == [f'-I{prefix}/include', f'-L{prefix}/lib', '-lpolec'], 'pkg-config says no more than is needed', flags)
        made = call(*cc, '-std=c11', '-Wall', '-Wextra', '-Werror', project / 'examples/library.c', *flags.stdout.split(), '-o', scratch / 'program')
        tell(made.returncode == 0, 'a C program is linked with it', made.stderr)
        ran = call(scratch / 'program', env={**os.environ, 'LD_LIBRARY_PATH': str(prefix / 'lib')})
        tell(works(ran), 'and compiles from memory', ran)
finish()
