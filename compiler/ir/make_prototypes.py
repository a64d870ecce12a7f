#!/usr/bin/env python3
"""Turns the extern declarations of prelude/*.pole-ir into a table in C:  make_prototypes.py OUTPUT INPUT...

The notation is described in prelude/libc.pole-ir.  tests/prototypes imports this file to read the same declarations.
"""
import re
import sys
from collections import namedtuple

C_TYPES = {
    'Unit': 'C_VOID', 'Bool': 'C_BOOL',
    'CChar': 'C_I8', 'CSChar': 'C_I8', 'CUChar': 'C_U8', 'CShort': 'C_I16', 'CUShort': 'C_U16',
    'CInt': 'C_I32', 'CUInt': 'C_U32', 'Int': 'C_I64', 'Nat': 'C_U64',
    'CFloat': 'C_F32', 'Float64': 'C_F64', 'String': 'C_POINTER',
}

# types: as written; header: the header named in the comment above, for the check against it
Declaration = namedtuple('Declaration', 'name params result variadic printf_format header where')

HEADER = re.compile(r'// (?:<(.+)>|"(.+)")$')
EXTERN = re.compile(r'(?:@printf\((\d)\) )?extern (\w+): \((.*)\) -> (\S+);$')


def c_type(written, where):
    if written.startswith('Ptr<') and written.endswith('>'):
        return 'C_POINTER'
    if written not in C_TYPES:
        sys.exit(f'{where}: unknown C type {written}')
    return C_TYPES[written]


def read_declarations(paths):
    """All declarations of the files; leaves with a message at the first line that is none."""
    found, header = {}, None
    for path in paths:
        for number, line in enumerate(open(path, encoding='utf-8'), 1):
            line, where = line.rstrip('\n'), f'{path}:{number}'
            if heading := HEADER.match(line):
                header = heading[1] or heading[2]
            if not line or line.startswith('//'):
                continue
            match = EXTERN.match(line)
            if not match:
                sys.exit(f'{where}: not an extern declaration')
            printf_format, name, params, result = match.groups()
            params = params.split(', ') if params else []
            variadic = bool(params) and params[-1] == '...'
            params = params[:-1] if variadic else params
            if name in found:
                sys.exit(f'{where}: {name} is already declared at {found[name].where}')
            if printf_format and params[int(printf_format)] != 'String':
                sys.exit(f'{where}: the format of {name} is not a String')
            found[name] = Declaration(name, params, result, variadic, printf_format, header, where)
    return [found[name] for name in sorted(found, key=str.encode)]


def parameter_pool(lists):
    """One sequence of C types that contains every list, long ones first so that short ones are found inside."""
    pool = []
    for wanted in sorted(lists, key=lambda types: (-len(types), types)):
        if position(pool, wanted) is None:
            pool += wanted
    return pool


def position(pool, wanted):
    length = len(wanted)
    return next((i for i in range(len(pool) - length + 1) if tuple(pool[i:i + length]) == wanted), None)


def write_table(path, declarations):
    params = {d.name: tuple(c_type(p, d.where) for p in d.params) for d in declarations}
    pool = parameter_pool(set(params.values()))
    start = {wanted: position(pool, wanted) for wanted in set(params.values())}
    with open(path, 'w', encoding='utf-8') as out:
        # letter by letter, because C promises no string literal of more than 4095
        out.write('/* Made by make_prototypes.py. */\nstatic const char prototype_names[] = {\n')
        for d in declarations:
            out.write('    ' + ', '.join(f"'{letter}'" for letter in d.name) + ',\n')
        out.write('};\nstatic const uint8_t prototype_params[] = {\n')
        for i in range(0, len(pool), 10):
            out.write('    ' + ', '.join(pool[i:i + 10]) + ',\n')
        out.write('};\nstatic const CPrototype prototypes[] = {\n')
        offset = 0
        for d in declarations:
            out.write(f'    {{{offset}, {start[params[d.name]]}, {len(d.name)}, {len(d.params)}, '
                      f'{c_type(d.result, d.where)}, {int(d.variadic)}, {d.printf_format or -1}}},\n')
            offset += len(d.name)
        out.write('};\n')


if __name__ == '__main__':
    write_table(sys.argv[1], read_declarations(sys.argv[2:]))
