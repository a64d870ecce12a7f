"""check_report.py POLEC FILE: what must hold in every report."""
import os
import sys

from report import PHASES, call, exact, kinds_bytes, report, reports

source = sys.argv[2]
POLICIES = ['phase', 'whole', 'malloc']


def check_kinds(part, complete=True):
    assert kinds_bytes(part) == part['used_bytes'], part
    assert all(set(kind) == {'kind', 'count', 'bytes'} and kind['bytes'] > 0 and kind['count'] > 0
               for kind in part['by_kind']), part
    names = [kind['kind'] for kind in part['by_kind']]
    assert len(names) == len(set(names)), names
    assert not complete or 'other' not in names, names     # every byte is explained


def check_phase(phase):
    assert set(phase) == {'name', 'used_bytes', 'high_water_bytes', 'committed_bytes', 'reserved_bytes', 'limit_bytes',
                          'allocations', 'freed_after', 'nanoseconds', 'by_kind'}
    assert 0 < phase['used_bytes'] <= phase['high_water_bytes'] <= phase['committed_bytes'] <= phase['reserved_bytes']
    assert phase['allocations'] > 0 and phase['nanoseconds'] > 0
    check_kinds(phase)


def check_timeline(file, last, policy):
    """The events in order; what a phase holds from its end to its free is what it used, and nothing before and after."""
    ran = PHASES[:PHASES.index(last) + 1]
    if policy == 'whole':
        expected = [f'{name} end' for name in ran] + [f'{name} freed' for name in ran]
    else:
        expected = ['lex end']
        for before, name in zip(ran, ran[1:]):
            expected += [f'{name} end', f'{before} freed']
        expected += [f'{last} freed']
    assert [entry['event'] for entry in file['timeline']] == expected, file['timeline']
    used = {phase['name']: phase['used_bytes'] for phase in file['phases']}
    alive = dict.fromkeys(PHASES, 0)
    for entry in file['timeline']:
        name, what = entry['event'].split()
        alive[name] = used[name] if what == 'end' else 0
        live = entry['live']
        assert list(live) == ['session', *PHASES, 'llvm']
        assert {key: live[key] for key in PHASES} == alive, entry
        assert live['session'] + sum(alive.values()) <= file['peak_live_bytes']


def check_file(file, last, policy):
    ran = PHASES[:PHASES.index(last) + 1]
    assert set(file) == {'file', 'source_bytes', 'source_lines', 'policy', 'peak_live_bytes', 'total_allocations',
                         'session', 'phases', 'llvm', 'timeline'}
    text = open(source, 'rb').read()
    assert file['file'] == source and file['source_bytes'] == len(text) and file['policy'] == policy
    assert file['source_lines'] == text.count(b'\n') + (not text.endswith(b'\n'))
    assert [phase['name'] for phase in file['phases']] == ran
    for phase in file['phases']:
        check_phase(phase)
    after = [last] * len(ran) if policy == 'whole' else ran[1:] + [last]
    assert [phase['freed_after'] for phase in file['phases']] == after
    assert set(file['session']) == {'used_bytes', 'allocations', 'by_kind'}
    check_kinds(file['session'])
    assert file['total_allocations'] == file['session']['allocations'] + sum(p['allocations'] for p in file['phases'])
    assert set(file['llvm']) == {'heap_bytes_peak', 'heap_bytes_after', 'allocations'}
    # AddressSanitizer brings an operator new of its own, which the meter does not see: less, but never nothing.
    assert (file['llvm']['heap_bytes_peak'] > 10_000) == (last == 'codegen'), file['llvm']
    check_timeline(file, last, policy)


for last, what in [('lex', '--emit=tokens'), ('parse', '--emit=ast'), ('ir', '--emit=ir'), ('ir', '--check'),
                   ('codegen', '-c')]:
    output = [] if what == '--check' else ['-o', os.devnull]
    seen = {}
    for policy in POLICIES:
        seen[policy] = report(what, *output, f'--arena-policy={policy}', source)
        check_file(seen[policy], last, policy)
        assert exact(seen[policy]) == exact(report(what, *output, f'--arena-policy={policy}', source))
    # Every allocation a malloc of its own: the same figures.  Freed late: only lifetimes differ.
    assert exact(seen['phase']) == exact(seen['malloc'])
    assert exact(seen['phase']) == exact(report(what, *output, '--guard', source))
    assert [p['by_kind'] for p in seen['phase']['phases']] == [p['by_kind'] for p in seen['whole']['phases']]
    assert exact(seen['phase'])['session'] == exact(seen['whole'])['session']
    assert seen['phase']['peak_live_bytes'] <= seen['whole']['peak_live_bytes']

# Several files: one document, the same figures as alone, whatever came before in the same pool, for every -j.
alone = exact(report('--check', source))
for jobs in ('-j1', '-j3'):
    files, process = reports('--check', jobs, source, source, source)
    assert [exact(file) for file in files] == [alone] * 3
assert process['peak_rss_bytes'] > 100_000

# A limit is told; it changes nothing else.
limited = report('--check', '--memory-limit=parse:1M', '--memory-limit=1G', source)
assert [phase['limit_bytes'] for phase in limited['phases']] == [0, 1 << 20, 0]
assert {**exact(limited), 'phases': 0} == {**alone, 'phases': 0}

# As far as it got: the phase that ran into its limit is the last one, and freed what was left.
stopped = report('--check', '--memory-limit=parse:200', source, status=3)
assert [phase['name'] for phase in stopped['phases']] == ['lex', 'parse']
assert [phase['freed_after'] for phase in stopped['phases']] == ['parse', 'parse']
assert [entry['event'] for entry in stopped['timeline']] == ['lex end', 'parse end', 'lex freed', 'parse freed']
assert stopped['phases'][1]['high_water_bytes'] <= 200
for phase in stopped['phases']:
    check_kinds(phase, complete=False)
missing = report('--check', source + '.missing', status=4)
assert missing['phases'] == [] and missing['timeline'] == [] and missing['source_bytes'] == 0

# The environment asks for a report as well; the option wins.
os.environ['POLEC_MEMORY_REPORT'] = 'json'
assert call('--check', source).stderr.startswith(b'{ "version"')
assert call('--check', '--memory-report=text', source).stderr.startswith(b'memory of ')
os.environ['POLEC_MEMORY_REPORT'] = 'gif'
assert call('--check', source).returncode == 2
