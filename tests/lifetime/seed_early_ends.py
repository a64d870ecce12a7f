"""
Writes a driver with a fault: it retires the arena of the phase that the environment variable RETIRE_EARLY names before the
next phase has read it.  early_ends.py shows that the guard notices.

seed_early_ends.py DRIVER.C OUTPUT.C
"""
import sys

READERS = {    # the line that reads the product of a phase
    'LEX': '    Ast ast = parse(',
    'PARSE': '    Ir ir = build_ir(',
    'IR': '    c->code = codegen(',
    'CODEGEN': '    deliver_code(c);\n',
}

source = open(sys.argv[1]).read()
for phase, reader in READERS.items():
    assert source.count(reader) == 1, f'{sys.argv[1]} has no line {reader!r}: put the reader of {phase} here'
    source = source.replace(reader, f'    if (is_seeded(PHASE_{phase}))\n        retire(c, PHASE_{phase});\n{reader}')

seeded = '''
#include <stdlib.h>
static bool is_seeded(Phase phase)
{
    const char *seed = getenv("RETIRE_EARLY");
    return seed != NULL && strcmp(seed, phase_name(phase)) == 0;
}
'''
marker = '\n/* ---- The phases'
assert source.count(marker) == 1
with open(sys.argv[2], 'w') as output:
    output.write(source.replace(marker, seeded + marker))
