#!/usr/bin/env python3
"""Makes a table in C of the pages in this folder:  make_pages.py OUTPUT DEPFILE DIAGNOSTICS_DEF FOLDER

A page is CODE.md: plain text, shown as it is.  Its heading is made here, from what diagnostics.def says of the code.
Below a line `Wrong:` and a line `Right:` stands an example, indented by four spaces, which tests/explain/check.py
compiles.  In an example

    // FILE: a/b.pole-ir    begins another file beside the main one, wrong.pole-ir or right.pole-ir
    $ polec run FILE        is a command to use instead of `polec --check FILE`; there may be several

A code without a page gets its heading alone, so that the compiler can be built; the test misses the page.
"""
import os
import re
import sys

DIAGNOSTIC = re.compile(r'^DIAGNOSTIC\((\w+), "(.*)"\)$', re.MULTILINE)


def read(path):
    with open(path, encoding='utf-8') as file:
        return file.read()


def pages(definitions, folder):
    """(code, text) for each code, in the order of a binary search."""
    for code, meaning in sorted(DIAGNOSTIC.findall(read(definitions))):
        path = os.path.join(folder, code + '.md')
        body = '\n' + read(path) if os.path.exists(path) else ''
        yield code, f'{code}: {meaning}\n{body}'


def main(output, depfile, definitions, folder):
    text, starts = b'', []
    for code, page in pages(definitions, folder):
        starts.append((code, len(text)))
        text += page.encode()
    with open(output, 'w', encoding='ascii') as file:
        file.write('/* Made by explain/make_pages.py. */\nstatic const unsigned char pages_text[] = {\n')
        for at in range(0, len(text), 32):
            file.write(','.join(map(str, text[at:at + 32])) + ',\n')
        file.write('};\n\n/* Ascending.  The last entry is where the last page ends. */\n')
        file.write('static const Page pages[] = {\n')
        for code, start in [*starts, ('', len(text))]:
            file.write(f'    {{"{code}", {start}}},\n')
        file.write('};\n')
    with open(depfile, 'w', encoding='utf-8') as file:
        # The folder is one of them: a page that is added or removed changes its date.
        names = [definitions, folder, *(os.path.join(folder, name) for name in sorted(os.listdir(folder)))]
        file.write(output + ': ' + ' '.join(name.replace(' ', '\\ ') for name in names) + '\n')


main(*sys.argv[1:])
