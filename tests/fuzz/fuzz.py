#!/usr/bin/env python3
"""
Runs one target with libFuzzer, from the programs of this tree and what earlier runs have kept.

    CC=clang-19 meson setup build/fuzz -Dfuzz=true -Dbuildtype=debugoptimized -Db_sanitize=address,undefined -Db_lundef=false
    ninja -C build/fuzz
    tests/fuzz/fuzz.py build/fuzz TARGET [SECONDS] [libFuzzer's options]

The corpus lies in build/fuzz/corpus/TARGET.  What crashes is written beside it; made small (-minimize_crash=1) and mended,
it goes into tests/fuzz/found/, which is replayed with every build.
"""
import os
import pathlib
import re
import shutil
import sys

MOST = 2048    # bytes of a seed: small programs are what makes many runs


def dictionary(tree, path):
    words = set()
    for line in (tree / 'compiler/lexer/tokens.def').read_text().splitlines():
        if match := re.match(r'TOKEN\(\w+, "(.*)", (SYMBOL|KEYWORD|DECLARATION)\)', line):
            words.add(match[1])
    for line in (tree / 'compiler/base/names.def').read_text().splitlines():
        words.update(re.findall(r'NAME\((\w+)\)', line))
    path.write_text(''.join(f'"{word}"\n' for word in sorted(words)))


def seeds(tree, folder):
    folder.mkdir(exist_ok=True)
    for path in [*tree.glob('examples/*.pole-ir'), *tree.glob('tests/*/*.pole-ir'), *tree.glob('tests/fuzz/found/*')]:
        if path.stat().st_size <= MOST:
            shutil.copy(path, folder / f'{path.parent.name}-{path.name}')


def main():
    build, target, seconds, *more = (*sys.argv[1:], '60')[:max(3, len(sys.argv) - 1)]
    tree, build = pathlib.Path(__file__).resolve().parents[2], pathlib.Path(build).resolve()
    corpus = build / 'corpus' / target
    corpus.mkdir(parents=True, exist_ok=True)
    dictionary(tree, build / 'dictionary')
    seeds(tree, build / 'seeds')
    program = build / f'tests/fuzz/fuzz_{target}'
    os.chdir(build / 'corpus')
    os.execv(program, [str(program), f'-max_total_time={seconds}', f'-dict={build}/dictionary', '-max_len=4096', '-timeout=30',
                       '-entropic=0', '-print_final_stats=1', f'-artifact_prefix={target}-', *more, str(corpus), str(build / 'seeds')])


main()
