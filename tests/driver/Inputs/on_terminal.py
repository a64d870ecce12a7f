"""On a terminal what is printed is coloured, unless NO_COLOR says no:  on_terminal.py stdout|stderr COMMAND..."""
import os
import pty
import subprocess
import sys


def told(**environment):
    master, terminal = pty.openpty()
    subprocess.run(sys.argv[2:], **{sys.argv[1]: terminal}, env=dict(os.environ, TERM='xterm', **environment))
    os.close(terminal)
    text = os.read(master, 65536)
    os.close(master)
    return text


assert b'\x1b[' in told()
assert b'\x1b[' in told(NO_COLOR='')
assert b'\x1b[' not in told(NO_COLOR='1')
