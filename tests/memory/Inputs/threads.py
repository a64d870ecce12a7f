"""threads.py POLEC FILE: the report of a program whose units are made on several threads."""
import sys

from report import exact, report

source = sys.argv[2]


def figures(threads, policy='phase'):
    return exact(report('-c', f'-j{threads}', f'--arena-policy={policy}', '-o', '/dev/null', source))


def codegen(file):
    return file['phases'][3]


one, three = figures(1), figures(3)
for _ in range(3):
    assert figures(3) == three          # whatever the threads' timing was
assert figures(3, 'malloc') == three

# All but code generation is the same.
assert one['phases'][:3] == three['phases'][:3] and one['session'] == three['session']

# Each thread has tables of its own, and counts what it allocates: more than one thread does, and less than three times that.
# They are gone when the objects are joined; what stays is the product.
assert codegen(one)['allocations'] < codegen(three)['allocations'] < 3 * codegen(one)['allocations']
assert codegen(three)['used_bytes'] < codegen(one)['used_bytes']
assert one['total_allocations'] - codegen(one)['allocations'] == three['total_allocations'] - codegen(three)['allocations']
