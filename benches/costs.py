#!/usr/bin/env python3
"""What do exact accounts, limits, and the meter of LLVM's heap cost?  In instructions, as callgrind counts them.

    costs.py [POLEC] [--without-meter OTHER_POLEC] [--functions N]

Instructions are the same on every run (but for a few thousand in the start of the process), so there are no rounds.
OTHER_POLEC is built with -Dheap_meter=false.
"""

import argparse
import pathlib
import subprocess
import sys
import tempfile

from measure import HERE, instructions, table, version


def compare(title, variants, scratch):
    """Each beside the first."""
    rows, base = [], None
    for name, command in variants:
        if command is None:
            continue
        count = instructions(command, scratch)
        base = base or count
        rows.append([name, f"{count:,}", f"{count - base:+,}", f"{100 * (count - base) / base:+.3f} %"])
    print(f"### {title}\n")
    table(["variant", "instructions", "more", ""], rows)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("polec", nargs="?", default=str(HERE.parent / "build" / "polec"))
    parser.add_argument("--without-meter", help="a polec built with -Dheap_meter=false, to stand beside")
    parser.add_argument("--functions", type=int, default=1000, help="of the generated program; a tenth of them to object")
    options = parser.parse_args()
    polec = str(pathlib.Path(options.polec).resolve())
    other = options.without_meter and str(pathlib.Path(options.without_meter).resolve())
    print(f"{version([polec, '--version'])}, {version(['valgrind', '--version'])}\n")
    with tempfile.TemporaryDirectory() as scratch:
        sources = {}
        for functions in (options.functions, options.functions // 10):
            sources[functions] = f"{functions}.pole-ir"
            subprocess.run([sys.executable, HERE / "generate.py", "--functions", str(functions), "--seed", "1", "-o",
                            pathlib.Path(scratch) / sources[functions]], check=True)
        many, few = sources.values()
        check, build = [polec, "--check", many], ["-c", "-o", "out.o", few]
        silent = ["--memory-report=json", "--memory-report-file=/dev/null"]
        compare(f"Accounts: {options.functions} functions, check only", [
            ("no report", check),
            ("a report", [*check, *silent]),
            ("a report by function", [*check, *silent, "--memory-report-detail=function"]),
            ("a report by function and line", [*check, *silent, "--memory-report-detail=all"]),
        ], scratch)
        compare(f"Limits: {options.functions} functions, check only", [
            ("no limit", check),
            ("a limit on all", [*check, "--memory-limit=64M"]),
            ("one on all and on each phase", [*check, "--memory-limit=64M",
                                              *(f"--memory-limit={phase}:32M" for phase in ("lex", "parse", "ir"))]),
        ], scratch)
        compare(f"LLVM's heap: {options.functions // 10} functions, to object", [
            ("malloc is not wrapped", other and [other, *build]),
            ("wrapped, the meter does not run", [polec, *build]),
            ("wrapped, the meter runs (a report)", [polec, *build, *silent]),
        ], scratch)


main()
