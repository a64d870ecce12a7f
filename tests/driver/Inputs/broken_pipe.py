"""The reader of standard output is gone before anything is written: exit status 4, not death by SIGPIPE."""
import os
import subprocess
import sys

reading, writing = os.pipe()
os.close(reading)
status = subprocess.run(sys.argv[1:], stdout=writing, stderr=subprocess.PIPE)
assert status.returncode == 4, status.returncode
assert b'Broken pipe' in status.stderr, status.stderr
