#!/usr/bin/env python3
"""What do exact accounts, limits, and the meter of LLVM's heap cost?  In instructions, as callgrind counts them.

    costs.py [POLEC] [--without-meter OTHER_POLEC] [--functions N] [--json FILE]

Instructions are the same on every run (but for a few thousand in the start of the process), so there are no rounds.
OTHER_POLEC is built with -Dheap_meter=false.
"""

import argparse
import pathlib
import subprocess
import sys
import tempfile

from measure import HERE, add_polec, instructions, run, table, version


def compare(title, variants, scratch):
    return {"title": title, "variants": {name: instructions(command, scratch) for name, command in variants if command}}


def measure(given):
    polec, other = given.polec, given.without_meter and given.without_meter.resolve()
    result = {"where": f"{version([polec, '--version'])}; {version(['valgrind', '--version'])}"}
    with tempfile.TemporaryDirectory() as scratch:
        sources = {}
        for functions in (given.functions, given.functions // 10):
            sources[functions] = f"{functions}.pole-ir"
            subprocess.run([sys.executable, HERE / "generate.py", "--functions", str(functions), "--seed", "1", "-o",
                            pathlib.Path(scratch) / sources[functions]], check=True)
        many, few = sources.values()
        check, build = [polec, "--check", many], ["-c", "-o", "out.o", few]
        silent = ["--memory-report=json", "--memory-report-file=/dev/null"]
        result["parts"] = [compare(f"Accounts: {given.functions} functions, check only", [
            ("no report", check),
            ("a report", [*check, *silent]),
            ("a report by function", [*check, *silent, "--memory-report-detail=function"]),
            ("a report by function and line", [*check, *silent, "--memory-report-detail=all"]),
        ], scratch), compare(f"Limits: {given.functions} functions, check only", [
            ("no limit", check),
            ("a limit on all", [*check, "--memory-limit=64M"]),
            ("one on all and on each phase", [*check, "--memory-limit=64M",
                                              *(f"--memory-limit={phase}:32M" for phase in ("lex", "parse", "ir"))]),
        ], scratch), compare(f"LLVM's heap: {given.functions // 10} functions, to object", [
            ("malloc is not wrapped", other and [other, *build]),
            ("wrapped, the meter does not run", [polec, *build]),
            ("wrapped, the meter runs (a report)", [polec, *build, *silent]),
        ], scratch)]
    return result


def render(result):
    """Each variant beside the first."""
    text = ""
    for part in result["parts"]:
        base = next(iter(part["variants"].values()))
        text += f"**{part['title']}**\n\n" + table(["variant", "instructions", "more", ""], [
            [name, f"{count:,}", f"{count - base:+,}", f"{100 * (count - base) / base:+.3f} %"]
            for name, count in part["variants"].items()]) + "\n"
    return {"machine": result["where"] + "\n", "costs": text}


def options():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    add_polec(parser)
    parser.add_argument("--without-meter", type=pathlib.Path, help="a polec built with -Dheap_meter=false, to stand beside")
    parser.add_argument("--functions", type=int, default=1000, help="of the generated program; a tenth of them to object")
    parser.add_argument("--json", help="all counts into this file")
    return parser


if __name__ == "__main__":
    run(options(), measure, render)
