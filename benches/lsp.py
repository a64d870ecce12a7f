#!/usr/bin/env python3
"""How long does an editor wait for `polec lsp`?  From its start to its first answer, and from a change to diagnostics.

    lsp.py [POLEC] [--rounds N] [--functions N] [--json FILE]

The client is that of tests/lsp.  Every round starts a server, opens a program without errors, then writes an undefined
name into a function at the beginning, in the middle and at the end, and takes it back.  Diagnostics count as there when
their message has been read.  Wall time is what a user waits for; processor time, the server's own, does not suffer from other
work on the machine.
"""

import argparse
import pathlib
import re
import subprocess
import sys
import tempfile
import time

from measure import HERE, add_polec, machine, median, progress, run, table, version

sys.path.insert(0, str(HERE.parent / "tests" / "lsp"))
from client import Server, place, uri  # noqa: E402

PLACES = {"beginning": 0.02, "middle": 0.5, "end": 0.98}
WRONG = "undefined_name + "


def used_time(server):
    """Nanoseconds on a processor, from the scheduler: /proc/PID/stat counts in hundredths of a second."""
    return int(pathlib.Path(f"/proc/{server.process.pid}/schedstat").read_text().split()[0])


def timed(server, act):
    """A sample of what `act` waits for; `server` is None before there is one, and then `act` returns it."""
    wall, cpu = time.monotonic_ns(), used_time(server) if server else 0
    result = act()
    wall = time.monotonic_ns() - wall
    return result, {"wall": wall, "cpu": used_time(server or result) - cpu}


def find_value(lines, share):
    """The first `let NAME = ` of a number at or behind this share of the lines: (line, column of the number)."""
    for line in range(int(len(lines) * share), len(lines)):
        found = re.match(r" *let \w+ = (?=\d)", lines[line])
        if found:
            return line, found.end()
    sys.exit(f"lsp: no number behind line {int(len(lines) * share)}")


def changed(server, file, versions, span, text, wrong):
    """The text of one place is replaced: what is told must have changed with it."""
    number = next(versions)

    def edit():
        server.change(file, number, {"range": span, "text": text})
        return server.diagnostics(file, number)
    told, sample = timed(server, edit)
    if bool(told) != wrong:
        sys.exit(f"lsp: not the diagnostics that were expected: {told}")
    return sample


def one_round(polec, source, text, lines):
    samples, file, versions = {}, uri(source), iter(range(2, 1000))
    server, samples["start"] = timed(None, lambda: Server(polec))

    def open_it():
        server.open(file, text)
        return server.diagnostics(file, 1)
    told, samples["open"] = timed(server, open_it)
    if told:
        sys.exit(f"lsp: the program has errors: {told[0]}")
    for name, share in PLACES.items():
        line, column = find_value(lines, share)
        empty = {"start": place(line, column), "end": place(line, column)}
        full = {"start": place(line, column), "end": place(line, column + len(WRONG))}
        samples[f"error {name}"] = changed(server, file, versions, empty, WRONG, True)
        samples[f"mended {name}"] = changed(server, file, versions, full, "", False)
    server.quit()
    return samples


def measure(given):
    with tempfile.TemporaryDirectory() as directory:
        source = pathlib.Path(directory) / "generated.pole-ir"
        subprocess.run([sys.executable, HERE / "generate.py", "--functions", str(given.functions), "--shape", "short", "--seed", "1",
                        "-o", source], check=True)
        text = source.read_text()
        rounds = []
        for turn in range(given.rounds + 1):  # the first, which is not counted, warms the disk's caches
            progress(f"language server, round {turn} of {given.rounds}")
            rounds.append(one_round(given.polec, source, text, text.splitlines()))
        progress("")
    return {"where": f"{machine()}; {version([given.polec, '--version'])}; medians of {given.rounds} rounds",
            "lines": text.count("\n"), "bytes": len(text.encode()),
            "samples": {name: [samples[name] for samples in rounds[1:]] for name in rounds[0]}}


def render(result):
    names = {"start": "start, to the answer to `initialize`", "open": "the file is opened"}
    for where in PLACES:
        names |= {f"error {where}": f"an undefined name at the {where}", f"mended {where}": f"taken back at the {where}"}
    rows = [[said, *(f"{median(result['samples'][name], key) / 1e6:.1f}" for key in ("wall", "cpu"))] for name, said in names.items()]
    return {"machine": result["where"] + "\n",
            "table": f"{result['lines']:,} lines, {result['bytes']:,} bytes:\n\n" + table(["until there is an answer", "wall ms", "CPU ms"], rows)}


def options():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    add_polec(parser)
    parser.add_argument("--rounds", type=int, default=15)
    parser.add_argument("--functions", type=int, default=760, help="short ones: 760 are 10,000 lines")
    parser.add_argument("--json", help="keep every sample here")
    return parser


if __name__ == "__main__":
    run(options(), measure, render)
