#!/usr/bin/env python3
"""Compares the speed and memory of compiled programs: polec -O2, clang -O2 and ocamlopt on the programs of programs/.

    programs.py [POLEC] [--rounds N] [--only PROGRAM...] [--json FILE] [--keep DIRECTORY]

Every program is there in three languages, with the same algorithm; that all print the same is checked first.
"""

import argparse
import pathlib
import shutil
import subprocess
import sys
import tempfile

from measure import HERE, Meter, add_polec, load, machine, median, progress, ratio, run, show_ratio, table, version


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


def measure(given):
    where = machine()
    compilers = find_compilers(given.polec)
    samples = {}
    with tempfile.TemporaryDirectory(prefix="programs-") as temporary:
        scratch = given.keep or pathlib.Path(temporary)
        scratch.mkdir(parents=True, exist_ok=True)
        scratch = scratch.resolve()
        meter = Meter(scratch)
        for program in given.only:
            built = build(program, compilers, scratch)
            samples[program] = meter.alternate({name: [path] for name, path in built.items()}, given.rounds, program)
    versions = {name: f"{number}, {' '.join(map(str, [pathlib.Path(command[0]).name, *command[1:]]))}"
                for name, (number, _, command) in compilers.items()}
    return {"where": where, "versions": versions, "rounds": given.rounds, "results": samples, "load at the end": load()}


def beside_clang(samples, key="user"):
    return ratio(samples["polec"], samples["clang"], key)


def render(result):
    rows = []
    for program, samples in result["results"].items():
        base = samples.get("clang", samples["polec"])
        for name, of in samples.items():
            rows.append([program if name == "polec" else "", name, f"{median(of, 'wall') / 1e6:.0f}",
                         f"{median(of, 'user') / 1e6:.0f}", f"{median(of, 'system') / 1e6:.0f}",
                         f"{median(of, 'rss') / 1e6:.1f}", show_ratio(ratio(of, base, "user")), show_ratio(ratio(of, base))])
    versions = "".join(f"* {name}: {of}\n" for name, of in result["versions"].items())
    return {"machine": f"{result['where']} (at the end {result['load at the end']}); medians of {result['rounds']} rounds\n\n{versions}",
            "programs": table(["program", "compiler", "wall ms", "user ms", "system ms", "peak RSS MB", "user ÷ clang's",
                               "wall ÷ clang's"], rows)}


def options():
    every = sorted(path.stem for path in (HERE / "programs").glob("*.pole-ir"))
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    add_polec(arguments)
    arguments.add_argument("--rounds", type=int, default=7)
    arguments.add_argument("--only", nargs="+", choices=every, default=every, metavar="PROGRAM")
    arguments.add_argument("--json", help="all samples into this file")
    arguments.add_argument("--keep", type=pathlib.Path, help="leave sources and executables in this directory")
    return arguments


if __name__ == "__main__":
    run(options(), measure, render)
