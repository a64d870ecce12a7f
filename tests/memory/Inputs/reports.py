"""
The forms of the memory report that other tools read, each checked with a reader that is not ours.

reports.py POLEC SOURCE SCHEMA
"""
import json
import os
import pathlib
import subprocess
import sys
import tempfile

import jsonschema
from prometheus_client.parser import text_string_to_metric_families

polec, source, schema = sys.argv[1], pathlib.Path(sys.argv[2]), json.loads(pathlib.Path(sys.argv[3]).read_text())
PHASES = ['lex', 'parse', 'ir', 'codegen']
jsonschema.Draft202012Validator.check_schema(schema)
validator = jsonschema.Draft202012Validator(schema)


def report(form, *arguments, status=0):
    """What polec writes with --memory-report-file; nothing of it may reach standard error."""
    with tempfile.TemporaryDirectory() as folder:
        path = pathlib.Path(folder) / 'report'
        run = subprocess.run([polec, f'--memory-report={form}', f'--memory-report-file={path}', *arguments],
                             capture_output=True, text=True)
        assert run.returncode == status, (arguments, run.returncode, run.stderr)
        assert status != 0 or run.stderr == '', run.stderr
        return path.read_text()


def same_figures(form, *arguments, status=0):
    """The report, and what the JSON form says of the same command."""
    document = json.loads(report('json', *arguments, status=status))
    validator.validate(document)
    return report(form, *arguments, status=status), document['files']


# ---- Prometheus: its own client reads it, and finds the figures of the JSON form ------------------------------------

def check_prometheus(*arguments, status=0):
    text, files = same_figures('prometheus', *arguments, status=status)
    samples = {}
    for family in text_string_to_metric_families(text):
        assert family.documentation and family.type == 'gauge', family
        for sample in family.samples:
            key = sample.name, tuple(sorted(sample.labels.items()))
            assert key not in samples, f'twice: {key}'
            samples[key] = sample.value
    for number, file in enumerate(files, 1):
        labels = {'number': str(number), 'file': file['file'], 'policy': file['policy']}

        def value(name, **more):
            return samples['polec_' + name, tuple(sorted({**labels, **more}.items()))]
        assert value('peak_live_bytes') == file['peak_live_bytes']
        assert value('allocations') == file['total_allocations']
        assert value('arena_used_bytes', arena='session') == file['session']['used_bytes']
        for phase in file['phases']:
            for figure in ('used_bytes', 'high_water_bytes', 'limit_bytes', 'allocations'):
                assert value('arena_' + figure, arena=phase['name']) == phase[figure], figure
            of_kind = [v for (name, key), v in samples.items() if name == 'polec_kind_bytes'
                       and dict(key)['arena'] == phase['name'] and dict(key)['number'] == str(number)]
            assert sum(of_kind) == phase['used_bytes']
        for moment in file['timeline']:
            for arena in ['session', *PHASES]:
                assert value('live_bytes', event=moment['event'], arena=arena) == moment['live'][arena]
    return samples


# ---- Trace: the rules of the Trace Event Format, and the figures at the ends of the phases ---------------------------

def check_event(event):
    assert event['ph'] in 'XCMi' and isinstance(event['name'], str) and event['name'], event
    assert isinstance(event['pid'], int) and isinstance(event['tid'], int), event
    if event['ph'] != 'M':
        assert event['ts'] >= 0, event
    if event['ph'] == 'X':
        assert event['dur'] >= 0, event
    if event['ph'] == 'i':
        assert event['s'] in ('g', 'p', 't'), event
    if event['ph'] == 'C':
        assert event['args'] and all(isinstance(value, int) for value in event['args'].values()), event


def check_nesting(spans):
    """On one thread spans follow each other or lie in one another, or a viewer draws nonsense."""
    ends = []
    for span in sorted(spans, key=lambda span: (span['ts'], -span['dur'])):
        while ends and ends[-1] <= span['ts'] + 0.0015:
            ends.pop()
        assert not ends or span['ts'] + span['dur'] <= ends[-1] + 0.0015, span
        ends.append(span['ts'] + span['dur'])


def check_trace(*arguments, status=0):
    text, files = same_figures('trace', *arguments, status=status)
    events = json.loads(text)['traceEvents']
    for event in events:
        check_event(event)
    threads = {event['tid'] for event in events}
    for thread in threads:
        check_nesting([e for e in events if e['ph'] == 'X' and e['tid'] == thread])
    spans = [e for e in events if e['ph'] == 'X']
    for file in files:
        used = {p['name']: p['used_bytes'] for p in file['phases']}
        whole = [e for e in spans if e['name'] == file['file']]
        assert whole, file['file']
        inside = [e for e in spans if e['tid'] == whole[0]['tid'] and e['name'] in PHASES
                  and whole[0]['ts'] <= e['ts'] <= whole[0]['ts'] + whole[0]['dur']]
        assert {e['name']: e['args']['used_bytes'] for e in inside} == used, (inside, used)
        for name, figure in used.items():
            counters = [e for e in events if e['ph'] == 'C' and e['name'] == f'{name} arena' and e['tid'] == whole[0]['tid']]
            assert figure in [e['args']['bytes'] for e in counters] and counters[-1]['args']['bytes'] == 0
            freed = [e for e in events if e['ph'] == 'i' and e['name'] == f'{name} freed']
            assert any(f['ts'] == counters[-1]['ts'] for f in freed), (name, freed)
        assert any(e['name'] == "LLVM's heap" for e in events if e['ph'] == 'C')
    return events


# ---- Commands --------------------------------------------------------------------------------------------------------

with tempfile.TemporaryDirectory() as folder:
    os.chdir(folder)
    source = source.resolve()
    odd = pathlib.Path('back\\slash "quote" \N{HEBREW LETTER ALEF}.pole-ir')
    odd.write_text(source.read_text())
    broken = pathlib.Path('broken.pole-ir')
    broken.write_text('func f (: Int\n')
    for check in (check_prometheus, check_trace):
        for command in (['--check', source], ['-c', source], ['-O2', '-c', source], ['--emit=tokens', '-o', 't', source],
                        ['--arena-policy=whole', '-c', source], ['--arena-policy=malloc', '-c', source],
                        ['--memory-limit=parse:1M', '-c', source], ['--check', odd]):
            check(*command)
        check('--check', odd, source, source, odd)
        check('--check', broken, status=1)
        check('--check', source, broken, status=1)
        check('--check', '--memory-limit=parse:100', source, status=3)
        check('--check', 'not there', status=4)

    many = []
    for i in range(12):
        path = pathlib.Path(f'file{i}.pole-ir')
        path.write_text(source.read_text())
        many.append(path)
    check_trace('-j', '3', '-c', *many)
    assert len(check_prometheus('-j', '3', '-c', *many)) > 12 * 50

    # The schema is not so wide that it fits everything.
    document = json.loads(report('json', '--check', source))
    document['files'][0]['phases'][0]['used_bytes'] = -1
    assert not validator.is_valid(document)
    document['files'][0]['phases'][0]['used_bytes'] = 1
    document['files'][0]['surprise'] = 1
    assert not validator.is_valid(document)
