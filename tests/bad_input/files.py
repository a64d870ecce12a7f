"""
Files that are no programs.  Whatever is asked for, each gets its message and its exit status, nothing crashes, and no
output appears.

files.py POLEC
"""
import os
import random
import subprocess
import sys
import tempfile

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
from tap import finish, tell # noqa: E402

polec = os.path.abspath(sys.argv[1])
sanitized = os.environ.get('POLEC_SANITIZED') == 'true'
DONE, ERROR, FILE = 0, 1, 4


def call(*arguments, **more):
    return subprocess.run([polec, *arguments], stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=300, **more)


GOOD = b'func main() -> Int : 0\n'
garbage = random.Random(7)


def random_text(alphabet, length):
    return bytes(garbage.choice(alphabet) for _ in range(length))


# name, contents, what the message says; ERROR unless None
CASES = [
    ('binary', bytes(garbage.randrange(256) for _ in range(20_000)), b'error[E00'),
    ('object_file', b'\x7fELF\x02\x01\x01' + bytes(57) + GOOD, b'error[E007]'),
    ('latin_1', b'func main() -> String : "gr\xfc\xdfe"\n', b'error[E006]'),
    ('utf_16', GOOD.decode().encode('utf-16'), b'error[E006]'),
    ('utf_16_be', b'\xfe\xff' + GOOD.decode().encode('utf-16-be'), b'error[E006]: the file is UTF-16'),
    ('not_utf_16', b'\xff\xff' + GOOD + b' ', b'error[E006]: the file is not valid UTF-8'),
    ('nor_utf_16', b'\xfe\xfe' + GOOD + b' ', b'error[E006]: the file is not valid UTF-8'),
    ('a_nul_first', b'\0aa' + GOOD, b'error[E007]'),
    ('a_nul_second', b'a\0a' + GOOD, b'error[E007]'),
    ('truncated_utf_8', GOOD + b'// \xf0\x9f\x8e', b'error[E006]'),
    ('nul', GOOD + b'// \0\n', b'error[E007]'),
    ('only_nuls', bytes(4096), b'error[E007]'),
    ('open_comment', GOOD + b'/* /* */ /* ', b'error[E001]'),
    ('open_string', GOOD + b'func f() -> String : "abc', b'error[E002]'),
    ('open_string_escape', b'func f() -> String : "abc\\', b'error[E002]'),
    ('open_parenthesis', b'func main() -> Int : (1', b"error[E011]: expected ')', found end of file"),
    ('open_bracket', b'func main() -> List<Int> : [1, 2', b"error[E011]: expected ']', found end of file"),
    ('open_brace', b'func main() -> Int : {a = 1', b"error[E011]: expected '}', found end of file"),
    ('open_type', b'func main() -> List<Int', b'error[E011]'),
    ('open_parameters', b'func main(', b'error[E01'),
    ('open_let', b'func main() -> Int : let x = 1', b'error[E01'),
    ('open_if', b'func main() -> Int : if true then 1', b'error[E01'),
    ('open_match', b'func main() -> Int : match 1 with', b'error[E01'),
    ('open_lambda', b'func main() -> Int : \\x', b'error[E01'),
    ('open_module', b'module M :\nfunc f() -> Int : 1\n', b"error[E011]: expected 'end', found end of file"),
    ('open_annotation', GOOD + b'@test_case(input=1', b'error[E011]'),
    ('open_import', GOOD + b'import', b'error[E01'),
    ('open_type_declaration', GOOD + b'type T =', b'error[E01'),
    ('open_extern', GOOD + b'extern puts: (String', b'error[E01'),
    ('a_word', b'hello', b'error[E01'),
    ('punctuation', random_text(b'(){}[]<>=+-*/%|&!.,;:@\\"', 5000) + b'\n', b'error[E0'),
    ('words', b' '.join(garbage.choice([b'func', b'let', b'in', b'match', b'with', b'if', b'then', b'else', b'type', b'end',
                                         b'module', b'->', b'=', b'|', b'x', b'1', b'(', b')']) for _ in range(5000)),
     b'error[E0'),
]

with tempfile.TemporaryDirectory() as scratch:
    os.chdir(scratch)

    def unharmed(ran, status, message, output, before):
        """As expected, and the output is as it was."""
        after = open(output, 'rb').read() if os.path.exists(output) else None
        told = message in ran.stderr and b'internal error' not in ran.stderr and b'Sanitizer' not in ran.stderr
        return ran.returncode == status and ran.stdout == b'' and told and after == before and set(os.listdir()) <= {
            'source.pole-ir', 'directory.pole-ir', 'output'}

    for name, contents, message in CASES:
        with open('source.pole-ir', 'wb') as source:
            source.write(contents)
        good, seen = True, ''
        for before in (None, b'from before'):
            if before:
                open('output', 'wb').write(before)
            for what in (['--check'], ['-c', '-o', 'output'], ['-o', 'output'], ['--emit=ir', '-o', 'output'], ['-S', '-o', 'output'],
                         ['run'], ['test']):
                ran = call(*what, 'source.pole-ir')
                if good and not unharmed(ran, ERROR, message, 'output', before):
                    good, seen = False, (what, ran)
        os.unlink('output')
        tell(good, name, seen)
        # The same from standard input.
        ran = call('--check', '-', input=contents)
        tell(unharmed(ran, ERROR, message, 'output', None), name + ', from standard input', ran)

    # ---- Not to be read ----

    os.mkdir('directory.pole-ir')
    for name, path, message in [('missing', 'missing.pole-ir', b'No such file or directory'),
                                ('directory', 'directory.pole-ir', b'Is a directory'),
                                ('file_as_directory', 'source.pole-ir/x', b'Not a directory'),
                                ('long_name', 'x' * 5000, b'File name too long')]:
        for what in (['--check'], ['-c', '-o', 'output'], ['run']):
            ran = call(*what, path)
            tell(unharmed(ran, FILE, b"cannot read '", 'output', None) and message in ran.stderr, f'{name}, {what[0]}', ran)
    os.rmdir('directory.pole-ir')
    open('source.pole-ir', 'wb').write(GOOD)
    os.chmod('source.pole-ir', 0)
    os.chmod('.', 0o755)
    try:    # root may read everything, so it becomes somebody else
        ran = call('--check', 'source.pole-ir', **({'user': 65534} if os.geteuid() == 0 else {}))
        tell(unharmed(ran, FILE, b'Permission denied', 'output', None), 'unreadable', ran)
    except PermissionError:
        tell(True, 'unreadable # SKIP nobody else may run polec')
    os.unlink('source.pole-ir')
    ran = call('-c', '-o', 'output', '/proc/self/mem')
    tell(unharmed(ran, FILE, b'Input/output error', 'output', None), 'a file that fails in the middle', ran)

    # ---- Legal, but no program ----

    for name, contents in [('empty', b''), ('white_space', b' \t\r\n' * 1000), ('comments', b'// nothing\n/* at all */'),
                           ('byte_order_mark', b'\xef\xbb\xbf'), ('no_main', b'func f() -> Int : 1\n')]:
        open('source.pole-ir', 'wb').write(contents)
        for what in (['-o', 'output'], ['run']):
            ran = call(*what, 'source.pole-ir')
            tell(unharmed(ran, ERROR, b"error[E131]: no function 'main'", 'output', None), f'{name}: no program', ran)
        ran = call('--check', 'source.pole-ir')
        tell(ran.returncode == DONE and ran.stdout + ran.stderr == b'', f'{name}: no error', ran)
        ran = call('-c', '-o', 'output', 'source.pole-ir')
        tell(ran.returncode == DONE and os.path.getsize('output') > 0, f'{name}: an object', ran)
        os.unlink('output')

    # ---- Large ----

    size = (10 if sanitized else 100) * 1000 * 1000
    with open('source.pole-ir', 'wb') as source:
        for _ in range(size // 1_000_000):
            source.write(b' ' * 1_000_000)
        source.write(GOOD)
    ran = call('--check', 'source.pole-ir')
    tell(ran.returncode == DONE and ran.stdout + ran.stderr == b'', f'{size // 1_000_000} MB of spaces', ran)
    with open('source.pole-ir', 'ab') as source:
        source.write(b' ' * 1_000_000 + b')')
    ran = call('-c', '-o', 'output', 'source.pole-ir')
    tell(unharmed(ran, ERROR, b'source.pole-ir:2:1000001: error[E01', 'output', None), 'an error behind them', ran)
    ran = call('--check', '--memory-limit=1M', 'source.pole-ir')
    tell(unharmed(ran, 3, b'error[E901]: memory limit reached', 'output', None), 'more than the limit', ran)
finish()
