#!/usr/bin/env python3
"""What do arenas buy?  One compiler, three policies of memory (--arena-policy), side by side.

    policies.py [POLEC] [--rounds N] [--functions N] [--program FILE]... [--json FILE]

phase: each arena is freed when the next phase has read it.  whole: the same arenas, freed at the end.  malloc: every
allocation a malloc of its own, freed one by one.  The output is the same to the byte.  README.md says what is measured.
"""

import argparse
import pathlib
import shutil
import subprocess
import sys
import tempfile

from measure import HERE, Meter, add_polec, instructions, machine, median, memory_report, ratio, run, show_ratio, table, version

POLICIES = ["phase", "whole", "malloc"]


def command(polec, source, check, policy):
    what = ["--check"] if check else ["-c", "-o", "output.o"]
    return [polec, *what, "-q", f"--arena-policy={policy}", source]


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
    figures = {"program": name, "check": check, "policies": {}}
    for policy, line in commands.items():
        exact = memory_report(line, meter.scratch)["files"][0]
        figures |= {key: exact[key] for key in ("source_lines", "source_bytes")}
        figures["policies"][policy] = {"samples": samples[policy], "system_calls": system_calls(line, meter.scratch),
                                       "instructions": instructions(line, meter.scratch) if count else None,
                                       **{key: exact[key] for key in ("peak_live_bytes", "total_allocations")}}
    return figures


def measure(given):
    result = {"where": f"{machine()}; {version([given.polec, '--version'])}; medians of {given.rounds} rounds", "programs": []}
    with tempfile.TemporaryDirectory() as directory:
        scratch = pathlib.Path(directory)
        meter = Meter(scratch)
        programs = [("factorial", HERE.parent / "examples" / "01-factorial.pole-ir", given.rounds)]
        for functions, rounds in ((59, given.rounds), (given.functions, max(3, given.rounds // 2))):
            if functions:
                source = scratch / f"generated{functions}.pole-ir"
                subprocess.run([sys.executable, HERE / "generate.py", "--functions", str(functions), "--seed", "1", "-o", source],
                               check=True)
                programs.append((f"{functions} functions", source, rounds))
        programs += [(pathlib.Path(file).name, pathlib.Path(file).resolve(), given.rounds) for file in given.program]
        for name, source, rounds in programs:
            for check in (True, False):
                # LLVM's part of a large program would take callgrind minutes, and is the same under every policy.
                count = shutil.which("valgrind") is not None and (check or source.stat().st_size < 100_000)
                result["programs"].append(compare(meter, given.polec, name, str(source), check, rounds, count))
    return result


def render(result):
    text = ""
    for r in result["programs"]:
        of, rows = r["policies"], []
        for policy, p in of.items():
            executed, calls = p["instructions"], p["system_calls"]
            rows.append([policy, f"{median(p['samples'], 'wall') / 1e6:.2f}", f"{median(p['samples'], 'cpu') / 1e6:.2f}",
                         show_ratio(ratio(p["samples"], of["phase"]["samples"], "cpu")),
                         "" if executed is None else f"{executed / of['phase']['instructions']:.3f}",
                         show_ratio(ratio(p["samples"], of["phase"]["samples"], "rss")),
                         f"{median(p['samples'], 'rss') / 1e6:.1f}", f"{p['peak_live_bytes']:,}",
                         f"{p['total_allocations']:,}", "?" if calls is None else calls])
        text += (f"**{r['program']}, {r['source_lines']:,} lines, {r['source_bytes']:,} bytes: "
                 f"{'check only' if r['check'] else 'to object, no optimisation'}**\n\n"
                 + table(["policy", "wall ms", "CPU ms", "CPU ÷ phase's", "instructions ÷", "RSS ÷ phase's", "peak RSS MB",
                          "peak live bytes", "allocations", "system calls"], rows) + "\n")
    return {"machine": result["where"] + "\n", "policies": text}


def options():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    add_polec(parser)
    parser.add_argument("--rounds", type=int, default=11)
    parser.add_argument("--functions", type=int, default=10_000, help="of the large program; 0: without it")
    parser.add_argument("--program", action="append", default=[], help="a file to compare as well")
    parser.add_argument("--json", help="keep every sample here")
    return parser


if __name__ == "__main__":
    run(options(), measure, render)
