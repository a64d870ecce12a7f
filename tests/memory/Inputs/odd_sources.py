"""odd_sources.py POLEC: writes the sources to the current directory."""
from report import kinds_bytes, report

SOURCES = {
    'empty': (b'', 0, 0),
    'blank': (b'\n', 1, 0),
    'unfinished': (b'func f() -> Int : 1\n// no newline', 2, 0),
    'marked': (b'\xef\xbb\xbffunc f() -> Int : 1\n', 1, 0),
    'broken': (b'func f() -> Int : (\nfunc g() -> Int : 1 + "a"\n', 2, 1),
    'qu"o\\te\n\x01': (b'func f() -> Int : 1\n', 1, 0),
}
for name, (text, lines, status) in SOURCES.items():
    path = name + '.pole-ir'
    open(path, 'wb').write(text)
    file = report('--check', path, status=status)
    assert (file['file'], file['source_bytes'], file['source_lines']) == (path, len(text), lines), file
    assert [phase['name'] for phase in file['phases']] == ['lex', 'parse', 'ir']
    for part in [file['session'], *file['phases']]:
        assert kinds_bytes(part) == part['used_bytes']

# A name that is not UTF-8 is no JSON either; the report stays readable.
open(b'\xff.pole-ir', 'wb').write(b'')
assert report('--check', b'\xff.pole-ir')['file'] == '\ufffd.pole-ir'
