#!/usr/bin/env python3
"""Puts the page of --memory-report=html together, as two texts in C:  make_page.py HTML CSS JS... OUTPUT

In page.html `/* STYLE */` and `/* SCRIPT */` stand for the files given, and `DATA` for what polec writes at run time:
what is before it and what is behind it become page_before_data and page_after_data.
"""
import sys


def read(path):
    with open(path, encoding='utf-8') as file:
        return file.read()


def write_array(file, name, text):
    file.write(f'static const unsigned char {name}[] = {{\n')
    data = text.encode()
    for at in range(0, len(data), 32):
        file.write(','.join(map(str, data[at:at + 32])) + ',\n')
    file.write('};\n')


def main(html, style, *scripts):
    *scripts, output = scripts
    page = read(html).replace('/* STYLE */', read(style)).replace('/* SCRIPT */', ''.join(map(read, scripts)))
    before, after = page.split('DATA')
    with open(output, 'w', encoding='ascii') as file:
        file.write('/* Made by page/make_page.py. */\n')
        write_array(file, 'page_before_data', before)
        write_array(file, 'page_after_data', after)


main(*sys.argv[1:])
