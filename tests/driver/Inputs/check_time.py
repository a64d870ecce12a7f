"""check_time.py REPORT N...: one file for each N, with the times of its first N phases."""
import json
import sys

report = json.load(open(sys.argv[1]))
assert report['version'] == 1
assert len(report['files']) == len(sys.argv) - 2
for file, n in zip(report['files'], sys.argv[2:]):
    assert [phase['name'] for phase in file['phases']] == ['lex', 'parse', 'ir', 'codegen'][:int(n)]
    parts = sum(phase['nanoseconds'] for phase in file['phases']) + file['output_nanoseconds']
    assert 0 < parts <= file['total_nanoseconds'], file
