"""
Interrupts polec while a linker (a stand-in that says when it runs, writes a bit and then sleeps) works on the temporary.
The process dies of the signal; neither temporary nor output is there, the linker is gone; an old output is untouched.
"""
import os
import pathlib
import resource
import signal
import subprocess
import sys
import time

polec = sys.argv[1]
linker = pathlib.Path('bin/cc')
linker.parent.mkdir()
linker.write_text('#!/bin/sh\nwhile [ "$1" != -o ]; do shift; done\necho half >"$2"\necho $$ >linker-runs\n'
                  'sleep 30 && echo whole >"$2"\n')
linker.chmod(0o755)
environment = dict(os.environ, PATH=f'{linker.parent.resolve()}:{os.environ["PATH"]}')


def wait_until(condition):
    deadline = time.time() + 60
    while not condition():
        assert time.time() < deadline
        time.sleep(0.01)


def is_running(process):
    try:
        return pathlib.Path(f'/proc/{process}/stat').read_text().split(') ')[1][0] not in 'ZX'
    except FileNotFoundError:
        return False


def linker_pid():
    text = pathlib.Path('linker-runs').read_text() if pathlib.Path('linker-runs').exists() else ''
    return int(text) if text.endswith('\n') else 0


def interrupt(signal_number, ignored=False):
    def prepare():    # whoever runs the tests may ignore signals
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        signal.signal(signal_number, signal.SIG_IGN if ignored else signal.SIG_DFL)

    process = subprocess.Popen([polec, '-o', 'program', 'good.pole-ir'], env=environment, preexec_fn=prepare)
    wait_until(linker_pid)
    pid = linker_pid()
    os.remove('linker-runs')
    assert any(name.startswith('.polec-') for name in os.listdir()), os.listdir()
    process.send_signal(signal_number)
    if ignored:
        time.sleep(0.1)
        assert process.poll() is None
        process.send_signal(signal.SIGTERM)
    status = process.wait()
    # A fault is told, and an exit status; everything else is a death by signal.
    assert status == (70 if signal_number == signal.SIGABRT else -(signal.SIGTERM if ignored else signal_number)), status
    assert not any(name.startswith('.polec-') for name in os.listdir()), os.listdir()
    wait_until(lambda: not is_running(pid))


for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT):
    interrupt(number)
    assert not os.path.exists('program')

pathlib.Path('program').write_text('precious')
interrupt(signal.SIGINT)
interrupt(signal.SIGABRT)
assert pathlib.Path('program').read_text() == 'precious'

interrupt(signal.SIGHUP, ignored=True)    # nohup
