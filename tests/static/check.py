"""
Static analysis of compiler/: gcc -fanalyzer follows paths, clang-tidy looks for what .clang-tidy lists.  Neither may have
anything to say, and no source may tell them to be silent.  Each is first shown a mistake that it has to notice.

check.py SOURCE_ROOT BUILD_DIRECTORY CLANG_TIDY

Half a minute each.  cppcheck is left out: Debian's 2.10 reads neither hexadecimal floating constants nor designators within
the operands of ?: ("AST broken" in eight files, which are then skipped), and does not know that what longjmps does not return.
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

root, build, tidy = pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2]), sys.argv[3]
TARGETS = ('polec-whole', 'polec.p/', 'polert')   # their objects; each source is compiled for one of them

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


sources = own_sources()
tell(len(sources) > 100, f'{len(sources)} sources are known to the build')
with tempfile.TemporaryDirectory() as scratch, concurrent.futures.ThreadPoolExecutor(min(4, os.cpu_count())) as pool:
    mistake = pathlib.Path(scratch) / 'compiler/mistake.c'
    mistake.parent.mkdir()
    mistake.write_text(MISTAKE)
    example = dict(next(command for command in sources if command['file'].endswith('/session.c')))
    example['command'] = example['command'].replace(example['file'], str(mistake))
    example['file'] = str(mistake)
    for analyse, warning in ((gcc_analyzer, '-Wanalyzer-null-dereference'), (clang_tidy, 'bugprone-implicit-widening')):
        seen = analyse(example)
        tell(warning in seen, f'{analyse.__name__} notices a mistake', seen)
        said = [text for text in pool.map(analyse, sources) if text]
        tell(not said, f'{analyse.__name__} has nothing to say', '\n'.join(said))

silenced = [f'{file.relative_to(root)}: {text}' for file in (root / 'compiler').rglob('*.[chr]*') if file.is_file()
            for text in re.findall(r'NOLINT\w*|cppcheck-suppress|diagnostic ignored "-Wanalyzer[^"]*"', file.read_text(errors='replace'))]
tell(not silenced, 'nothing in the sources silences them', silenced)
finish()
