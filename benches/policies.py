#!/usr/bin/env python3
"""What do arenas buy?  One compiler, three policies of memory (--arena-policy), side by side.

    policies.py [POLEC] [--rounds N] [--functions N] [--program FILE]... [--json FILE]

phase: each arena is freed when the next phase has read it.  whole: the same arenas, freed at the end.  malloc: every
allocation a malloc of its own, freed one by one.  The output is the same to the byte.  README.md says what is measured.
"""

import argparse
import json
import pathlib
import shutil
import subprocess
import sys
import tempfile

from measure import HERE, Meter, instructions, machine, median, ratio, show_ratio, table, version

POLICIES = ["phase", "whole", "malloc"]


def command(polec, source, check, policy):
    what = ["--check"] if check else ["-c", "-o", "output.o"]
    return [polec, *what, "-q", f"--arena-policy={policy}", source]


def report(polec, source, check, policy, scratch):
    """The exact figures, from the memory report."""
    run = subprocess.run([*command(polec, source, check, policy), "--memory-report=json"], cwd=scratch,
                         capture_output=True, text=True, check=True)
    return json.loads(run.stderr)["files"][0]


def system_calls(arguments, scratch):
    """System calls for memory of the whole process, malloc's included; None without strace."""
    if not shutil.which("strace"):
        return None
    trace = scratch / "trace"
    subprocess.run(["strace", "-f", "-qq", "-e", "trace=memory", "-o", trace, *arguments], cwd=scratch, check=True,
                   stdout=subprocess.DEVNULL)
    return len(trace.read_text().splitlines())


def compare(meter, polec, name, source, check, rounds, count):
    commands = {policy: command(polec, source, check, policy) for policy in POLICIES}
    samples = meter.alternate(commands, rounds, name)
    rows, figures = [], {}
    for policy in POLICIES:
        exact = report(polec, source, check, policy, meter.scratch)
        calls = system_calls(commands[policy], meter.scratch)
        executed = instructions(commands[policy], meter.scratch) if count else None
        figures[policy] = {"samples": samples[policy], "report": exact, "system_calls": calls, "instructions": executed}
        rows.append([policy, f"{median(samples[policy], 'wall') / 1e6:.2f}", f"{median(samples[policy], 'cpu') / 1e6:.2f}",
                     show_ratio(ratio(samples[policy], samples["phase"], "cpu")),
                     "" if executed is None else f"{executed / figures['phase']['instructions']:.3f}",
                     show_ratio(ratio(samples[policy], samples["phase"], "rss")),
                     f"{median(samples[policy], 'rss') / 1e6:.1f}", f"{exact['peak_live_bytes']:,}",
                     f"{exact['total_allocations']:,}", "?" if calls is None else calls])
    print(f"### {name}, {exact['source_lines']:,} lines, {exact['source_bytes']:,} bytes: "
          f"{'check only' if check else 'to object, no optimisation'}\n")
    table(["policy", "wall ms", "CPU ms", "CPU ÷ phase's", "instructions ÷", "RSS ÷ phase's", "peak RSS MB", "peak live bytes",
           "allocations", "system calls"], rows)
    return figures


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("polec", nargs="?", default=str(HERE.parent / "build" / "polec"))
    parser.add_argument("--rounds", type=int, default=11)
    parser.add_argument("--functions", type=int, default=10_000, help="of the large program; 0: without it")
    parser.add_argument("--program", action="append", default=[], help="a file to compare as well")
    parser.add_argument("--json", help="keep every sample and report here")
    options = parser.parse_args()
    polec = str(pathlib.Path(options.polec).resolve())
    found = {}
    with tempfile.TemporaryDirectory() as directory:
        scratch = pathlib.Path(directory)
        meter = Meter(scratch)
        print(f"{machine()}\n{version([polec, '--version'])}; medians of {options.rounds} rounds\n")
        programs = [("factorial", HERE.parent / "examples" / "01-factorial.pole-ir", options.rounds)]
        for functions, rounds in ((59, options.rounds), (options.functions, max(3, options.rounds // 2))):
            if functions:
                source = scratch / f"generated{functions}.pole-ir"
                subprocess.run([sys.executable, HERE / "generate.py", "--functions", str(functions), "--seed", "1", "-o", source],
                               check=True)
                programs.append((f"{functions} functions", source, rounds))
        programs += [(pathlib.Path(file).name, pathlib.Path(file).resolve(), options.rounds) for file in options.program]
        for name, source, rounds in programs:
            for check in (True, False):
                # LLVM's part of a large program would take callgrind minutes, and is the same under every policy.
                count = shutil.which("valgrind") is not None and (check or source.stat().st_size < 100_000)
                found[f"{name}, {'check' if check else 'object'}"] = compare(meter, polec, name, str(source), check, rounds,
                                                                             count)
    if options.json:
        pathlib.Path(options.json).write_text(json.dumps(found, indent=1))


main()
