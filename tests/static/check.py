"""
Static analysis of compiler/: gcc -fanalyzer follows paths, clang-tidy looks for what .clang-tidy lists, cppcheck for
warnings and what costs time or does not port.  None may have anything to say, and no source may tell them to be silent.
Each is first shown a mistake that it has to notice.

check.py SOURCE_ROOT BUILD_DIRECTORY CLANG_TIDY CPPCHECK

Half a minute each, cppcheck less.  Debian's cppcheck 2.10 skips a file ("AST broken") in which a compound literal with one
member comes first behind a `?`, and computes hexadecimal floating constants wrongly; so neither is in the sources.  That a
function does not return it believes of no declaration, only of its own description of a library, which is made from ours.
"""
import concurrent.futures
import json
import os
import pathlib
import re
import shlex
import subprocess
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).parents[1]))
from tap import finish, tell

root, build = pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2])
tidy, cppcheck_program = sys.argv[3:]
TARGETS = ('polec-whole', 'polec.p/', 'polert')   # their objects; each source is compiled for one of them

# cppcheck is not shown what consists of tables: the tokens of thousands of entries in one initializer take it minutes, and
# the _Generic of each field of audit_fields.c half a minute.
TABLES = ('c_prototypes.c', 'page/page.c', 'explain.c', 'audit_fields.c')

# A pointer that may be NULL, and a product that overflows before it is widened.
MISTAKE = '''
#include <stddef.h>
#include <stdint.h>
int first(const int *numbers, int n);
int first(const int *numbers, int n)
{
    const int *at = n > 0 ? numbers : NULL;
    return *at;
}
size_t area(uint32_t width, uint32_t height);
size_t area(uint32_t width, uint32_t height)
{
    return width * height;
}
'''


def own_sources():
    commands = json.loads((build / 'compile_commands.json').read_text())
    return [command for command in commands if command['output'].startswith(('lib', 'polec.p')) and
            any(target in command['output'] for target in TARGETS) and command['file'].endswith('.c')]


def only_what_matters(command):
    """The compiler's arguments without output, dependencies and optimisation; asserts stay, the analyzer learns from them."""
    words = iter(shlex.split(command['command']))
    for word in words:
        if word in ('-o', '-MQ', '-MF'):
            next(words)
        elif word not in ('-MD', '-DNDEBUG', '-Werror') and not re.fullmatch('-O.|-fdiagnostics-color=.*', word):
            yield word


def warnings(text):
    return '\n'.join(line for line in text.splitlines() if re.search(r': (warning|error): ', line))


def gcc_analyzer(command):
    ran = subprocess.run([*only_what_matters(command), '-O1', '-fanalyzer', '-o', os.devnull], cwd=command['directory'],
                         capture_output=True, text=True)
    return warnings(ran.stderr)


def clang_tidy(command):
    """What clang-tidy says of one source; it is given the same arguments, of which it does not know all."""
    compiler, *arguments = [word for word in only_what_matters(command) if word not in ('-c', command['file'])]
    ran = subprocess.run([tidy, '--quiet', f'--config-file={root}/.clang-tidy', command['file'], '--', *arguments,
                          '-Wno-unknown-warning-option'], cwd=command['directory'], capture_output=True, text=True)
    return warnings(ran.stdout) or (ran.stderr if ran.returncode else '')


def describe_functions(scratch):
    """Tells cppcheck what does not return.  It looks for the number of parameters as well as for the name."""
    description = '<?xml version="1.0"?><def format="2">'
    for file in (root / 'compiler').rglob('*.[ch]'):
        for name, parameters in re.findall(r'^(?:static )?_Noreturn void (\w+)\((.*?)\)', file.read_text(), re.MULTILINE):
            n = 0 if parameters == 'void' else parameters.count(',') + 1
            description += f'<function name="{name}"><noreturn>true</noreturn>'
            description += ''.join(f'<arg nr="{i + 1}"/>' for i in range(n)) + '</function>'
    (scratch / 'noreturn.cfg').write_text(description + '</def>')
    return scratch / 'noreturn.cfg'


def cppcheck(command):
    """Header files of others are left out: it takes them for empty."""
    if command['file'].endswith(TABLES):
        return ''
    arguments = [word for word in only_what_matters(command) if re.match('-D|-I', word)]
    ran = subprocess.run([cppcheck_program, '--quiet', '--std=c11', '--enable=warning,performance,portability', f'--library={description}',
                          '--template={file}:{line}: warning: {message} [{id}]', *arguments, command['file']],
                         cwd=command['directory'], capture_output=True, text=True)
    return warnings(ran.stderr) or (ran.stdout + ran.stderr if ran.returncode else '')


sources = own_sources()
tell(len(sources) > 100, f'{len(sources)} sources are known to the build')
with tempfile.TemporaryDirectory() as scratch, concurrent.futures.ThreadPoolExecutor(min(4, os.cpu_count())) as pool:
    description = describe_functions(pathlib.Path(scratch))
    mistake = pathlib.Path(scratch) / 'compiler/mistake.c'
    mistake.parent.mkdir()
    mistake.write_text(MISTAKE)
    example = dict(next(command for command in sources if command['file'].endswith('/session.c')))
    example['command'] = example['command'].replace(example['file'], str(mistake))
    example['file'] = str(mistake)
    for analyse, warning in ((gcc_analyzer, '-Wanalyzer-null-dereference'), (clang_tidy, 'bugprone-implicit-widening'),
                             (cppcheck, 'nullPointer')):
        seen = analyse(example)
        tell(warning in seen, f'{analyse.__name__} notices a mistake', seen)
        said = [text for text in pool.map(analyse, sources) if text]
        tell(not said, f'{analyse.__name__} has nothing to say', '\n'.join(said))

silenced = [f'{file.relative_to(root)}: {text}' for file in (root / 'compiler').rglob('*.[chr]*') if file.is_file()
            for text in re.findall(r'NOLINT\w*|cppcheck-suppress|diagnostic ignored "-Wanalyzer[^"]*"', file.read_text(errors='replace'))]
tell(not silenced, 'nothing in the sources silences them', silenced)
finish()
