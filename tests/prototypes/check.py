#!/usr/bin/env python3
"""Compares compiler/ir/prelude with the headers of this machine:  check.py COMPILER_FOLDER CC

For each header, gcc's -aux-info lists the prototypes that it declares, as text.  Count and "..." are compared here; the
types are compared by gcc itself, in a C file of _Static_asserts about the width, sign and kind of every type.
Prints TAP, a test for each header.  A header that is not installed is skipped; a function that its header does not
declare, as an older version might not, is noted, but most of them must be there.
"""
import glob
import os
import re
import subprocess
import sys
import tempfile

compiler_folder, cc = sys.argv[1:]
sys.path.insert(0, os.path.join(compiler_folder, 'ir'))
sys.dont_write_bytecode = True
import make_prototypes

FLAGS = ['-std=gnu11', '-w', '-I', compiler_folder, '-fsyntax-only']
PROTOTYPE = re.compile(r'/\* .*? \*/ extern (.*?)\b(\w+) \((.*)\);$')

# KIND(T) is the same number for all types that travel alike.  A struct of four bytes travels as an unsigned int; unions
# are those with which glibc lets a socket address be given by any of several pointers.
PROLOGUE = '''
enum { %s, OTHER };
#define VALUE(T) (*(__typeof__(T) *)0)
#define CLASS(T) __builtin_classify_type(VALUE(T))
#define IS_STRUCT(T) (CLASS(T) == 12)
#define IS_UNION(T) (CLASS(T) == 13)
#define KIND(T) (CLASS(T) == 5 || IS_UNION(T) ? C_POINTER : IS_STRUCT(T) ? (sizeof(VALUE(T)) == 4 ? C_U32 : OTHER) : \\
    _Generic(VALUE(T), _Bool: C_BOOL, char: C_I8, signed char: C_I8, unsigned char: C_U8, short: C_I16, \\
    unsigned short: C_U16, int: C_I32, unsigned: C_U32, long: C_I64, long long: C_I64, unsigned long: C_U64, \\
    unsigned long long: C_U64, float: C_F32, double: C_F64, default: OTHER))
''' % ', '.join(sorted(set(make_prototypes.C_TYPES.values())))


def gcc(source, *options):
    with tempfile.TemporaryDirectory() as folder:
        path, listing = os.path.join(folder, 'check.c'), os.path.join(folder, 'listing')
        with open(path, 'w', encoding='utf-8') as out:
            out.write(source)
        done = subprocess.run([cc, *FLAGS, *options, '-aux-info', listing, path], capture_output=True, text=True)
        text = open(listing, encoding='utf-8').read() if os.path.exists(listing) else ''
        return done.returncode, done.stderr, text


def include(header):
    return f'#define _GNU_SOURCE\n#include "{header}"\n'


def split(params):
    """At the commas that stand in no parentheses."""
    parts, depth = [''], 0
    for letter in params:
        depth += (letter == '(') - (letter == ')')
        if letter == ',' and depth == 0:
            parts.append('')
        else:
            parts[-1] += letter
    parts = [part.strip() for part in parts]
    return [] if parts == ['void'] else parts


def real_prototypes(header):
    """name -> (result, parameters) of all functions; None if there is no such header."""
    status, _, listing = gcc(include(header))
    found = {}
    for line in listing.splitlines():
        if match := PROTOTYPE.match(line):
            result, name, params = match.groups()
            found[name] = (result.strip(), split(params))
    return found if status == 0 else None


def checks(declaration, result, params):
    """_Static_asserts for one function, or a message."""
    variadic = bool(params) and params[-1] == '...'
    params = params[:-1] if variadic else params
    if len(params) != len(declaration.params) or variadic != declaration.variadic:
        return None, f'{declaration.where}: {declaration.name} takes ({", ".join(params)}){" and more" if variadic else ""}'
    lines = []
    for real, ours in [(result, declaration.result), *zip(params, declaration.params)]:
        told = f'{declaration.where}: {declaration.name}: {real} is not {ours}'
        if real == 'void' or ours == 'Unit':
            same = str(int(real == 'void' and ours == 'Unit'))
        else:
            same = f'KIND({real}) == {make_prototypes.c_type(ours, declaration.where)}'
        lines.append(f'_Static_assert({same}, "{told}");')
    return lines, None


def check_header(header, declarations, real):
    """Messages about what is wrong, and the functions that the header does not declare."""
    lines, wrong, missing = [], [], []
    for declaration in declarations:
        if declaration.name not in real:
            missing.append(declaration.name)
            continue
        asserts, message = checks(declaration, *real[declaration.name])
        wrong += [message] if message else []
        lines += asserts or []
    status, errors, _ = gcc(include(header) + PROLOGUE + '\n'.join(lines))
    if status != 0:
        wrong += re.findall(r'static assertion failed: "(.*)"', errors) or errors.splitlines()
    return wrong, missing


def main():
    declarations = make_prototypes.read_declarations(sorted(glob.glob(os.path.join(compiler_folder, 'ir/prelude/*.pole-ir'))))
    headers = {}
    for declaration in declarations:
        headers.setdefault(declaration.header, []).append(declaration)
    print(f'1..{len(headers)}')
    failed = False
    for number, (header, found) in enumerate(sorted(headers.items()), 1):
        real = real_prototypes(header)
        if real is None:
            print(f'ok {number} - {header} # SKIP not installed')
            continue
        wrong, missing = check_header(header, found, real)
        passes = not wrong and len(missing) * 10 <= len(found)
        failed = failed or not passes
        print(f'{"ok" if passes else "not ok"} {number} - {header}: {len(found)} functions')
        for message in wrong:
            print(f'# {message}')
        if missing:
            print(f'# not declared here: {" ".join(missing)}')
    return 1 if failed else 0


sys.exit(main())
