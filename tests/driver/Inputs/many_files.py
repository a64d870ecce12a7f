"""Writes N programs: every fourth has an error, and every third of the others is a long one."""
import sys

for i in range(int(sys.argv[1])):
    length = 300 if i % 3 == 0 else 3
    functions = [f'func f{i}_{k}(n: Int) -> Int : n * {k} + {i}\n' for k in range(length)]
    if i % 4 == 3:
        functions.append('func broken() -> Int : (\n')
    with open(f'p{i:02}.pole-ir', 'w') as file:
        file.write(''.join(functions))
