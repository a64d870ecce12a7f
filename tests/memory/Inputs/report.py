"""What the tests of the memory report share: calling polec, and reading a report."""
import json
import os
import subprocess
import sys

PHASES = ['lex', 'parse', 'ir', 'codegen']
VARYING = {'committed_bytes', 'reserved_bytes', 'nanoseconds'}    # everything else is exact

polec = sys.argv[1]


def call(*arguments):
    return subprocess.run([polec, *arguments], capture_output=True)


def reports(*arguments, status=0):
    """The reports of all files, and of the process."""
    called = call('--memory-report=json', '-q', *arguments)
    assert called.returncode == status, (arguments, called.returncode, called.stderr)
    text = called.stderr.decode()
    report = json.loads(text[text.index('{ "version"'):])
    assert set(report) == {'version', 'files', 'process'} and report['version'] == 1
    assert set(report['process']) == {'peak_rss_bytes', 'arena_system_calls'}
    return report['files'], report['process']


def report(*arguments, status=0):
    files, _ = reports(*arguments, status=status)
    assert len(files) == 1
    return files[0]


def exact(file):
    """The figures that have to be the same everywhere."""
    phases = [{key: value for key, value in phase.items() if key not in VARYING} for phase in file['phases']]
    timeline = [{'event': entry['event'], 'live': {key: value for key, value in entry['live'].items() if key != 'llvm'}}
                for entry in file['timeline']]
    return {key: file[key] for key in ('source_bytes', 'source_lines', 'peak_live_bytes', 'total_allocations', 'session')
            } | {'phases': phases, 'timeline': timeline}


def kinds_bytes(part):
    return sum(kind['bytes'] for kind in part['by_kind'])
