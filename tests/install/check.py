"""
What `meson install` leaves behind works: polec compiles and runs from the installed tree, wherever it lies; the library
shows polec_* alone, and a C program is made with it by pkg-config alone; the manual page, the completions and the licence
are there, and the shells read them; the words that completions offer are those that polec takes.

check.py PROJECT BUILD MESON VERSION CC...
"""
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).parents[1]))
from tap import finish, tell # noqa: E402

project, build, meson, version = pathlib.Path(sys.argv[1]), sys.argv[2], sys.argv[3], sys.argv[4]
cc = sys.argv[5:]


def call(*command, **more):
    return subprocess.run([str(word) for word in command], stdin=subprocess.DEVNULL, capture_output=True, text=True, errors='replace', **more)


with tempfile.TemporaryDirectory() as directory:
    scratch = pathlib.Path(directory)
    ran = call(meson, 'install', '--no-rebuild', '-C', build, env={**os.environ, 'DESTDIR': str(scratch / 'root')})
    tell(ran.returncode == 0, 'meson install', ran.stdout + ran.stderr)
    files = {path.name: path for path in (scratch / 'root').rglob('*') if path.is_file()}
    polec = next(path for path in (scratch / 'root').rglob('bin/polec'))
    prefix = polec.parent.parent
    wanted = ['libpolec.a', 'libpolert.a', 'polec.h', 'polec.pc', 'polec.1', '_polec', 'polec.fish', 'LICENSE',
              'pole-ir.tmLanguage.json', 'grammar.js', 'tokens.js', 'highlights.scm', 'tree-sitter.json']
    tell(all(name in files for name in wanted) and (prefix / 'share/bash-completion/completions/polec').exists(), 'everything is there', sorted(files))
    others = [str(path) for path in files.values() if prefix not in path.parents]
    tell(not others, 'and all of it below the prefix', others)

    # A program, made where only the installed tree is.
    hello = scratch / 'hello.pole-ir'
    shutil.copy(project / 'examples/01-factorial.pole-ir', hello)
    expected = (project / 'examples/expected/01-factorial.out').read_text()
    tell(call(polec, 'run', hello, cwd=scratch).stdout == expected, 'polec run')
    ran = call(polec, '-O2', '-o', 'hello', hello, cwd=scratch)
    tell(ran.returncode == 0 and call(scratch / 'hello').stdout == expected, 'an executable', ran)
    tell(re.fullmatch(rf'polec {re.escape(version)}, content [0-9a-f]{{16}}, LLVM 19\.\d+\.\d+\n', call(polec, '--version').stdout), 'its version')

    # The library.
    symbols = [line.split()[-1] for line in call('nm', '-g', '--defined-only', files['libpolec.a']).stdout.splitlines() if ' ' in line]
    strange = [symbol for symbol in symbols if not symbol.startswith('polec_')]
    declared = set(re.findall(r'^POLEC_API .*?(polec_\w+)\(', files['polec.h'].read_text(), re.M))
    tell(not strange and set(symbols) == declared != set(), 'the library shows what polec.h declares, and nothing else', (strange, symbols))
    if os.environ.get('POLEC_SANITIZED') != 'true' and shutil.which('pkg-config'):
        configured = next(line for line in files['polec.pc'].read_text().splitlines() if line.startswith('prefix='))[7:]
        environment = {**os.environ, 'PKG_CONFIG_PATH': str(files['polec.pc'].parent)}
        flags = call('pkg-config', f'--define-variable=prefix={prefix}', '--cflags', '--libs', '--static', 'polec', env=environment)
        tell(flags.returncode == 0 and configured, 'pkg-config knows it', flags)
        made = call(*cc, '-std=c11', '-Wall', '-Wextra', '-Werror', project / 'examples/library.c', *flags.stdout.split(), '-o', scratch / 'library')
        tell(made.returncode == 0, 'a C program is compiled with what pkg-config says', made.stderr)
        ran = call(scratch / 'library')
        tell(ran.returncode == 0 and 'text 0: status 0' in ran.stdout and 'text 1: status 1' in ran.stdout and
             "a text:1:22: error E204: undefined name 'lenght'" in ran.stdout and re.search(r'parse +\d+ bytes, freed after ir', ran.stdout),
             'and compiles from memory, tells what is wrong, and what it took', ran)
        ran = call(*cc, '-std=c11', '-fsyntax-only', '-x', 'c++', files['polec.h'])
        tell(ran.returncode == 0, 'the header is C++, too', ran.stderr)

    # Manual page and completions.
    page, every = files['polec.1'].read_text(), call(polec, '--help=all').stdout
    options = sorted(set(re.findall(r'^  (--?[A-Za-z][\w-]*=?)', every.replace('-ON', '-O '), re.M)))
    tell(len(options) > 25 and all(option.rstrip('=').replace('-', '\\-') in page for option in options), 'the manual page has every option')
    bash = (prefix / 'share/bash-completion/completions/polec').read_text()
    offered = re.search(r'words="([^"]*)"', bash)[1].split()
    missing = [option for option in options if not any(word.startswith(option) for word in offered)]
    tell(not missing, 'so has the completion of bash', missing)
    for shell, text in (('bash', bash), ('zsh', files['_polec'].read_text()), ('fish', files['polec.fish'].read_text())):
        tell(all(option.strip('-=') in text for option in options), f'{shell}: every option', text[:200])
        if shutil.which(shell):
            path = scratch / f'completion.{shell}'
            path.write_text(text)
            ran = call(shell, '-n', path)
            tell(ran.returncode == 0 and not ran.stderr, f'{shell} reads it', ran)
    if shutil.which('mandoc'):
        ran = call('mandoc', '-T', 'lint', '-W', 'warning', files['polec.1'])
        complaints = [line for line in ran.stdout.splitlines() if 'missing date' not in line]
        tell(not complaints, 'the manual page is well-formed', complaints)
    # Every word that is offered is taken: what is wrong is never the option.
    refused = [word for word in offered if '=' in word and not word.endswith('=') and not word.startswith('--help') and
               "option '" in call(polec, word, '--check', hello, cwd=scratch).stderr.replace("does not go", '')
               and 'unknown value' in call(polec, word, '--check', hello, cwd=scratch).stderr]
    tell(len(offered) > 40 and not refused, f'polec takes the {len(offered)} words', refused)
    tried = call('bash', '--norc', '-c', f'source "$1"; compopt() {{ :; }}; COMP_WORDBREAKS=; COMP_LINE="polec --emi"; COMP_POINT=11; COMP_CWORD=1; _polec; echo "${{COMPREPLY[*]}}"',
                 'bash', prefix / 'share/bash-completion/completions/polec').stdout
    tell('--emit=llvm-ir' in tried and '--emit=exe' in tried, 'bash completes --emi', tried)

    # What `ninja uninstall` runs.
    ran = call(meson, '--internal', 'uninstall', cwd=build)
    left = [str(path) for path in (scratch / 'root').rglob('*') if not path.is_dir()]
    tell(ran.returncode == 0 and not left, 'nothing is left behind', (left, ran.stderr))
finish()
