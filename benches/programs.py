#!/usr/bin/env python3
"""Compares the speed and memory of compiled programs: polec -O2, clang -O2 and ocamlopt on the programs of programs/.

    programs.py [POLEC] [--rounds N] [--only PROGRAM...] [--json FILE] [--keep DIRECTORY]

Every program is there in three languages, with the same algorithm; that all print the same is checked first.
"""

import argparse
import json
import pathlib
import shutil
import subprocess
import sys
import tempfile

from measure import HERE, Meter, machine, median, progress, ratio, show_ratio, table, version


def find_compilers(polec):
    """{name: (version, extension, command)}; the command lacks source and output."""
    found = {"polec": (version([polec, "--version"]), ".pole-ir", [polec, "-O2"])}
    if shutil.which("clang-19"):
        found["clang"] = (version(["clang-19", "--version"]), ".c", ["clang-19", "-O2"])
    if shutil.which("ocamlopt"):
        config = subprocess.run(["ocamlopt", "-config"], stdout=subprocess.PIPE, text=True, check=True).stdout
        flags = ["-O3"] if "flambda: true" in config else []
        name = f"ocamlopt {version(['ocamlopt', '-version'])}, {'flambda' if flags else 'no flambda'}"
        found["ocaml"] = (name, ".ml", ["ocamlopt", *flags])
    return found


def build(program, compilers, scratch):
    """The executables, {compiler: path}, once all of them have printed the same."""
    built, printed = {}, {}
    for name, (_, extension, command) in compilers.items():
        progress(f"{program}: building with {name}")
        source = scratch / f"{program}-{name}{extension}".replace("-", "_")  # OCaml's modules are named after files
        shutil.copy(HERE / "programs" / f"{program}{extension}", source)
        built[name] = source.with_suffix("")
        libraries = ["-lm"] if extension == ".c" else []
        subprocess.run([*command, source, "-o", built[name], *libraries], check=True, cwd=scratch)
        printed[name] = subprocess.run([built[name]], stdout=subprocess.PIPE, text=True, check=True).stdout
    for name, text in printed.items():
        if text != printed["polec"]:
            sys.exit(f"programs: {program} prints\n{printed['polec']}with polec, but with {name}\n{text}")
    return built


def main():
    every = sorted(path.stem for path in (HERE / "programs").glob("*.pole-ir"))
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("polec", nargs="?", default=HERE.parent / "build" / "polec", type=pathlib.Path)
    arguments.add_argument("--rounds", type=int, default=7)
    arguments.add_argument("--only", nargs="+", choices=every, default=every, metavar="PROGRAM")
    arguments.add_argument("--json", help="all samples into this file")
    arguments.add_argument("--keep", type=pathlib.Path, help="leave sources and executables in this directory")
    given = arguments.parse_args()
    if not given.polec.exists():
        arguments.error(f"there is no {given.polec}; say where polec is")

    where = machine()
    compilers = find_compilers(given.polec.resolve())
    print(f"{where}\n")
    for name, (number, _, command) in compilers.items():
        print(f"* {name}: {number}, {' '.join(map(str, [pathlib.Path(command[0]).name, *command[1:]]))}")
    print(f"* medians of {given.rounds} rounds\n")

    results, rows = {}, []
    with tempfile.TemporaryDirectory(prefix="programs-") as temporary:
        scratch = given.keep or pathlib.Path(temporary)
        scratch.mkdir(parents=True, exist_ok=True)
        scratch = scratch.resolve()
        meter = Meter(scratch)
        for program in given.only:
            built = build(program, compilers, scratch)
            samples = meter.alternate({name: [path] for name, path in built.items()}, given.rounds, program)
            base = samples.get("clang", samples["polec"])
            for name, of in samples.items():
                rows.append([program if name == "polec" else "", name, f"{median(of, 'wall') / 1e6:.0f}",
                             f"{median(of, 'user') / 1e6:.0f}", f"{median(of, 'system') / 1e6:.0f}",
                             f"{median(of, 'rss') / 1e6:.1f}", show_ratio(ratio(of, base, "user")), show_ratio(ratio(of, base))])
            results[program] = samples
    table(["program", "compiler", "wall ms", "user ms", "system ms", "peak RSS MB", "user ÷ clang's", "wall ÷ clang's"], rows)
    print(f"Load at the end: {open('/proc/loadavg').read().split()[0]}")
    if given.json:
        with open(given.json, "w") as out:
            json.dump({"where": where, "versions": {n: c[0] for n, c in compilers.items()}, "results": results}, out, indent=1)


main()
