#!/usr/bin/env python3
"""--diagnostics=json and =sarif tell the same things as the text form, well-formed and by the standard.  Speaks TAP.

  check.py POLEC ERRORS_DIRECTORY CACHE_DIRECTORY

Every program in ERRORS_DIRECTORY is checked in all three forms.  The SARIF documents are validated against the schema of
the standard, which comes in an npm package (MIT); without npm that part is skipped.
"""
import hashlib
import json
import os
import pathlib
import re
import subprocess
import sys
import tarfile
import tempfile
import urllib.parse

polec, errors, cache = pathlib.Path(sys.argv[1]).resolve(), pathlib.Path(sys.argv[2]), pathlib.Path(sys.argv[3]).resolve()
environment = {name: value for name, value in os.environ.items() if not name.startswith('POLEC_')}
PACKAGE, TARBALL, SCHEMA = '@microsoft/jest-sarif@1.0.0-beta.0', 'microsoft-jest-sarif-1.0.0-beta.0.tgz', 'sarif-2.1.0-rtm.5.json'
SHA512 = '0357ce84f77a21ce620e4e05f583f0d6a341e1717eefe22f891ef197caf617a433424c7972963d2ec1a4dab1318852047016e3a559d29b058606e9004a4890f4'
PLACE = ['file', 'line', 'column', 'end_line', 'end_column']
KEYS = ['code', 'severity', 'message', *PLACE, 'labels', 'notes', 'suggestions']
tests = failures = 0


def report(good, name, *details):
    global tests, failures
    tests += 1
    failures += not good
    print('ok' if good else 'not ok', tests, '-', name)
    for line in '\n'.join(map(str, details if not good else [])).splitlines():
        print('# ' + line)
    sys.stdout.flush()


def told(form, *words, folder='.', command=()):
    run = subprocess.run([polec, *command, f'--diagnostics={form}', *words], cwd=folder, env=environment, capture_output=True, timeout=120)
    return run.returncode, run.stderr.decode('utf-8')


def schema():
    """The SARIF schema, or None."""
    path = cache / TARBALL
    if not path.exists():
        cache.mkdir(parents=True, exist_ok=True)
        try:
            subprocess.run(['npm', 'pack', '--silent', PACKAGE], cwd=cache, check=True, capture_output=True, timeout=120)
        except (OSError, subprocess.SubprocessError):
            return None
    if hashlib.sha512(path.read_bytes()).hexdigest() != SHA512:
        raise SystemExit(f'{path} is not the file that it was')
    with tarfile.open(path) as archive:
        return json.load(archive.extractfile(f'package/lib/schemas/{SCHEMA}'))


def headlines(text):
    """(path, line, column, severity, code, message) of every diagnostic of the text form."""
    return [(m[1], int(m[2]), int(m[3]), m[4], m[5], m[6])
            for m in re.finditer(r'^(\S.*?):(\d+):(\d+): (error|warning)\[(\w+)\]: (.*)$', text, re.MULTILINE)]


def shown(text):
    """Control characters as the text form shows them."""
    return re.sub(r'[\x00-\x1f\x7f]', lambda m: {'\n': '\\n', '\t': '\\t', '\r': '\\r'}.get(m[0], f'\\x{ord(m[0]):02X}'), text)


def from_json(text):
    objects = [json.loads(line) for line in text.splitlines()]
    assert all(list(o) == KEYS for o in objects), 'keys'
    for o in objects:
        assert all(list(label) == [*PLACE, 'text'] for label in o['labels'])
        assert all(list(s) == [*PLACE, 'replacement'] for s in o['suggestions'])
        assert all(isinstance(note, str) for note in o['notes'])
        assert o['file'] is None or (o['end_line'], o['end_column']) >= (o['line'], o['column'])
    return objects


def from_sarif(text):
    document = json.loads(text)
    assert len(document['runs']) == 1 and document['runs'][0]['columnKind'] == 'unicodeCodePoints'
    rules = [rule['id'] for rule in document['runs'][0]['tool']['driver']['rules']]
    assert rules == sorted(set(rules))
    return document, document['runs'][0]['results']


def same(text, objects, results):
    """A complaint, or None."""
    lines = headlines(text)
    brief = [(shown(o['file']), o['line'], o['column'], o['severity'], o['code'], shown(o['message'])) for o in objects if o['code']]
    if lines != brief:
        return f'text {lines}\njson {brief}'
    for o, r in zip(objects, results, strict=True):
        region = r['locations'][0]['physicalLocation']['region'] if 'locations' in r else {}
        if [r.get('ruleId', ''), r['level']] != [o['code'], o['severity']] or list(region.values()) != [o[k] for k in PLACE[1:] if o['file'] is not None]:
            return f'json {o}\nsarif {r}'
        message = r['message']['text'].replace('{{', '{').replace('}}', '}')
        if message != '\n'.join([o['message'], *o['notes']]):
            return f'json {o["message"]} {o["notes"]}\nsarif {message}'
        if len(r.get('relatedLocations', [])) != len(o['labels']) or len(r.get('fixes', [])) != len(o['suggestions']):
            return f'labels or suggestions: {o} {r}'
    return None


def compare(name, *words, validate=None, folder='.', command=()):
    try:
        (status, text), (j_status, j_text), (s_status, s_text) = (told(form, *words, folder=folder, command=command) for form in ('text', 'json', 'sarif'))
        objects = from_json(j_text)
        document, results = from_sarif(s_text)
        if validate:
            validate(document)
        complaint = same(text, objects, results)
        if status != j_status or status != s_status:
            complaint = f'status {status}, {j_status}, {s_status}'
    except Exception as trouble:
        complaint, objects, results = f'{type(trouble).__name__}: {str(trouble)[:2000]}', [], []
    report(complaint is None, name, complaint)
    return objects, results


def apply_suggestion(path, suggestion):
    lines = path.read_text().splitlines(keepends=True)
    assert suggestion['line'] == suggestion['end_line']
    line = lines[suggestion['line'] - 1]
    lines[suggestion['line'] - 1] = line[:suggestion['column'] - 1] + suggestion['replacement'] + line[suggestion['end_column'] - 1:]
    path.write_text(''.join(lines))


def main():
    wanted = schema()
    validate = None
    if wanted:
        import jsonschema
        validator = jsonschema.validators.validator_for(wanted)(wanted)
        validate = validator.validate
    print('# the schema of the standard:', 'present' if wanted else 'SKIPPED, no npm')
    for path in sorted(errors.glob('*.pole-ir')):
        compare(path.name, '--check', path, validate=validate)

    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        (folder / 'good.pole-ir').write_text('func main() -> Int : 0\n')
        _, results = compare('nothing to tell', '--check', 'good.pole-ir', validate=validate, folder=folder)
        report(results == [], 'empty results without diagnostics')

        odd = 'ö {0} 100%:"<b>\n.pole-ir'
        (folder / odd).write_text('func main() -> Int : "ä" + { a = 1 }.a\n')
        objects, results = compare('odd file name', '--check', odd, validate=validate, folder=folder)
        report(objects and objects[0]['file'] == odd, 'the name of the file in JSON', objects)
        uri = results[0]['locations'][0]['physicalLocation']['artifactLocation']['uri'] if results else ''
        report(urllib.parse.unquote(uri) == odd and not re.search(r'[^!-~]|[<>"{}]', uri), 'the name of the file as URI', uri)

        (folder / 'wrong.pole-ir').write_text('func main() -> Int :\n  let length = 1 in /* ö */ lenght\n')
        objects, _ = compare('a suggestion', '--check', 'wrong.pole-ir', validate=validate, folder=folder)
        apply_suggestion(folder / 'wrong.pole-ir', objects[0]['suggestions'][0])
        status, text = told('text', '--check', 'wrong.pole-ir', folder=folder)
        report((status, text) == (0, ''), 'what is suggested helps', text)

        several = ['--check', 'good.pole-ir', 'missing.pole-ir', odd, '-j', '2']
        objects, _ = compare('several files, one of which is missing', *several, validate=validate, folder=folder)
        report([o['code'] for o in objects] == ['', 'E202'], 'what has no place is told as well', objects)
        compare('memory limit', '--check', '--memory-limit=lex:8', odd, validate=validate, folder=folder)
        compare('warnings are kept away by -q', '--check', '-q', errors.resolve() / 'w101_stray_in.pole-ir', validate=validate, folder=folder)
        compare('a symbol that is missing', 'nowhere.pole-ir', validate=validate, folder=folder, command=['run'])
        (folder / 'nowhere.pole-ir').write_text('extern no_such_function: () -> Int\nfunc main() -> Int : no_such_function()\n')
        compare('a symbol that is missing', 'nowhere.pole-ir', validate=validate, folder=folder, command=['run'])
        status, text = told('sarif', 'good.pole-ir', '--memory-report', folder=folder, command=['run'])
        document, rest = json.JSONDecoder().raw_decode(text)
        report(status == 0 and 'memory of good.pole-ir' in text[rest:], 'a report follows the document', text)
    print(f'1..{tests}')
    return failures > 0


sys.exit(main())
