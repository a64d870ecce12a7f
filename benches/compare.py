#!/usr/bin/env python3
"""Compares polec with the other compilers of this machine, on one random program and on tiny ones.

    compare.py [POLEC] [--programs SHAPE:FUNCTIONS...] [--rounds N] [--only COMPILER...] [--shared OTHER_POLEC] [--json FILE]

Everything is measured as users get it: whole processes, from start to exit, taking turns.  README.md says what is and
what is not compared.  Programs are given from small to large: a compiler that would need more than --patience seconds for
the next one is left out there, and the larger a program, the fewer the rounds.
"""

import argparse
import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile

from generate import SHAPES, WRITERS, Program
from measure import (HERE, Meter, add_polec, finish, load, machine, median, memory_report, parse, progress, ratio,
                     show_ratio, table, version)

EXAMPLE = HERE.parent / "examples" / "01-factorial.pole-ir"

TINY = {  # the example again, for the others
    "tiny.pole-ir": "func main() -> Int : 0\n",
    "tiny.c": "int main(void) { return 0; }\n",
    "tiny.ml": "let main () = 0\n",
    "factorial.c": """#include <stdio.h>

static long long factorial(long long n) { return n <= 1 ? 1 : n * factorial(n - 1); }

int main(void)
{
    printf("5! = %lld\\n", factorial(5));
    printf("10! = %lld\\n", factorial(10));
    printf("20! = %lld\\n", factorial(20));
    return 0;
}
""",
    "tiny.rs": "pub fn main() {}\n",
    # print and not Printf or Sprintf of a package: the compiler alone finds none
    "factorial.go": """package main

func factorial(n int) int {
	if n <= 1 {
		return 1
	}
	return n * factorial(n-1)
}

func main() {
	print("5! = ", factorial(5), "\\n")
	print("10! = ", factorial(10), "\\n")
	print("20! = ", factorial(20), "\\n")
}
""",
    "factorial.rs": """fn factorial(n: i64) -> i64 {
    if n <= 1 { 1 } else { n * factorial(n - 1) }
}

pub fn main() {
    println!("5! = {}", factorial(5));
    println!("10! = {}", factorial(10));
    println!("20! = {}", factorial(20));
}
""",
    "factorial.ml": """let rec factorial n = if n <= 1 then 1 else n * factorial (n - 1)

let () =
  Printf.printf "5! = %d\\n" (factorial 5);
  Printf.printf "10! = %d\\n" (factorial 10);
  Printf.printf "20! = %d\\n" (factorial 20)
""",
}


LANGUAGES = {".pole-ir": "pole", ".c": "c", ".ml": "ocaml", ".go": "go", ".rs": "rust"}

RUNNING = {  # how a program that was generated with --run is run; "{}" is its path without extension
    "polec": "'{polec}' run {}.pole-ir", "tcc": "tcc -w -run {}.c", "gcc": "gcc -O0 -w -o {}_gcc {}.c && ./{}_gcc",
    "clang": "clang-19 -O0 -w -o {}_clang {}.c && ./{}_clang", "go": "go run {}.go",
    "rustc": "rustc -C overflow-checks=off -o {}_rust {}.rs && ./{}_rust", "ocamlopt": "ocamlopt -w -a -o {}_ml {}.ml && ./{}_ml",
}


class Compiler:
    """One compiler: its commands for checking only, for compiling to an object without optimisation, and for running."""

    def __init__(self, name, version, extension, check=None, build=None, run=None):
        self.name, self.version, self.extension = name, version, extension
        self.check, self.build, self.run = check, build, run
        self.is_polec = name.startswith("polec")
        self.starts = name != "polec, 2 threads"                  # of interest with tiny programs
        self.compiles = name != "polec, libLLVM.so"               # of interest with large ones


def find_compilers(polec, shared=None, only=()):
    found = [Compiler("polec", version([polec, "--version"]), ".pole-ir", check=[polec, "--check"],
                      build=[polec, "-c", "-o", "out.o"], run=[polec, "run"])]
    if len(os.sched_getaffinity(0)) > 1:
        found.append(Compiler("polec, 2 threads", version([polec, "--version"]), ".pole-ir", build=[polec, "-j2", "-c", "-o", "out.o"]))
    if shared:
        found.append(Compiler("polec, libLLVM.so", version([shared, "--version"]), ".pole-ir", check=[shared, "--check"],
                              build=[shared, "-c", "-o", "out.o"], run=[shared, "run"]))
    for name, path, of in [("tcc", "tcc", "-v"), ("clang", "clang-19", "--version"), ("gcc", "gcc", "--version")]:
        if shutil.which(path):
            is_tcc = name == "tcc"  # has no option for checking alone
            found.append(Compiler(name, version([path, of]), ".c", check=None if is_tcc else [path, "-fsyntax-only", "-w"],
                                  build=[path, "-c", "-o", "out.o"] + ([] if is_tcc else ["-O0", "-w"]),
                                  run=[path, "-run"] if is_tcc else None))
    if shutil.which("go"):  # the compiler itself, without the tool that looks for packages; it cannot only check
        compiler = subprocess.run(["go", "tool", "-n", "compile"], stdout=subprocess.PIPE, text=True, check=True).stdout.strip()
        found.append(Compiler("go", version(["go", "version"]), ".go", build=[compiler, "-N", "-l", "-o", "out_go.o"]))
    if shutil.which("rustc"):
        as_library = ["rustc", "--crate-type=lib", "-C", "overflow-checks=off"]  # every function is kept
        found.append(Compiler("rustc", version(["rustc", "--version"]), ".rs", check=[*as_library, "--emit=metadata", "-o", "out.rmeta"],
                              build=[*as_library, "--emit=obj", "-C", "opt-level=0", "-o", "out_rs.o"]))
    if shutil.which("ocamlopt"):
        number = version(["ocamlopt", "-version"])
        found.append(Compiler("ocamlopt", f"ocamlopt {number}", ".ml", check=["ocamlopt", "-w", "-a", "-stop-after", "typing"],
                              build=["ocamlopt", "-w", "-a", "-c", "-o", "out_ml.cmx"]))
    if shutil.which("llc-19"):  # no compiler of programs: what LLVM alone takes for what polec would give it, in one module
        found.append(Compiler("llc", version(["llc-19", "--version"]), ".bc", build=["llc-19", "-O0", "-filetype=obj", "-o", "out_llc.o"]))
    return [c for c in found if c.is_polec or not only or c.name in only]


def generate(shape, functions, seed, polec, scratch, extensions):
    """The same program for all; the number of lines and bytes of the Pole program."""
    progress(f"generating {functions} {shape} functions")
    program, path = Program(functions, seed, shape=shape), scratch / f"{shape}_{functions}"
    for extension, language in LANGUAGES.items():
        if extension in extensions:
            with path.with_suffix(extension).open("w") as out:
                WRITERS[language]().write(program, out.write)
    if ".bc" in extensions:
        subprocess.run([polec, "--emit=llvm-bc", "-o", path.with_suffix(".bc"), path.with_suffix(".pole-ir")], check=True)
    text = path.with_suffix(".pole-ir").read_bytes()
    return text.count(b"\n"), len(text)


def agree(compilers, shapes, polec, seed, scratch):
    """Do the writers of all languages mean the same program?  A small one, that can be run, prints the same everywhere."""
    for shape in shapes:
        program = Program(120, seed, run=True, shape=shape)
        for extension, language in LANGUAGES.items():
            with (scratch / f"same{extension}").open("w") as out:
                WRITERS[language]().write(program, out.write)
        printed = {}
        for name in (c.name for c in compilers if c.name in RUNNING):
            progress(f"running the same program: {name}")
            command = RUNNING[name].replace("{polec}", str(polec)).replace("{}", "same")
            run = subprocess.run(command, shell=True, cwd=scratch, stdout=subprocess.PIPE, text=True)
            printed[name] = run.stdout.strip()
        progress("")
        if len(set(printed.values())) != 1 or "" in printed.values():
            sys.exit(f"compare: the program does not print the same in all languages: {printed}")


# ---- large programs ----

def rounds_for(size, rounds):
    return rounds if size < 500_000 else max(min(rounds, 2), rounds // 3) if size < 20_000_000 else 1


def patient(compiler, what, lines, patience, results):
    """Would this compiler be done in time, if time grew with the lines of the largest program that it has compiled?"""
    if compiler.is_polec:
        return True
    before = [(r["lines"], median(r["samples"][compiler.name], "cpu")) for r in results
              if r["what"] == what and compiler.name in r["samples"]]
    tried = any(r["what"] == what for r in results)
    return before[-1][1] / before[-1][0] * lines <= patience * 1e9 if before else not tried


def large(compilers, shape, functions, given, meter, results):
    lines, size = generate(shape, functions, given.seed, given.polec, meter.scratch, {c.extension for c in compilers})
    program = {"shape": shape, "functions": functions, "lines": lines, "bytes": size}
    source = f"{shape}_{functions}"
    same_shape = [r for r in results if r["shape"] == shape]
    for what in ["check", "build"]:
        commands = {c.name: [*getattr(c, what), source + c.extension] for c in compilers
                    if getattr(c, what) and c.compiles and patient(c, what, lines, given.patience, same_shape)}
        samples = meter.alternate(commands, rounds_for(size, given.rounds), f"{functions} {shape} functions, {what}", size < 500_000)
        results.append({**program, "what": what, "samples": samples})
    report = memory_report([given.polec, "-c", "-o", "out.o", source + ".pole-ir"], meter.scratch)
    results.append({**program, "what": "arenas", "report": report, "samples": {}})
    bench = given.polec.parent / "benches" / "phases_bench"
    if bench.exists() and functions <= 10000:
        run = subprocess.run([bench, meter.scratch / f"{source}.pole-ir", "--benchmark_filter=^whole", "--benchmark_format=json"],
                             capture_output=True, text=True, check=True)
        whole = next(b for b in json.loads(run.stdout)["benchmarks"] if "over_LLVM" in b)
        results.append({**program, "what": "over LLVM", "ns": whole["real_time"] * 1000, "over": whole["over_LLVM"], "samples": {}})


def render_large(result):
    """The tables of each program."""
    texts = {}
    for r in result["large"]:
        if r["what"] not in ("check", "build"):
            continue
        rows, lines, polec = [], r["lines"], r["samples"]["polec"]
        for name, of in r["samples"].items():
            rss, cpu = median(of, "rss"), median(of, "cpu")
            rows.append([name, f"{median(of, 'wall') / 1e6:,.1f}", f"{cpu / 1e6:,.1f}", f"{rss / 1e6:,.1f}", f"{cpu / lines:,.0f}",
                         f"{cpu / r['functions'] / 1000:,.1f}", f"{rss / lines:,.0f}", show_ratio(ratio(of, polec)),
                         f"{ratio(of, polec, 'rss')[0]:.1f}"])
        title = "check only" if r["what"] == "check" else "to object, no optimisation"
        turns = "one round" if len(polec) == 1 else f"medians of {len(polec)} rounds"
        texts[f"{r['shape']}-{r['functions']}-{r['what']}"] = (
            f"**{r['functions']:,} {r['shape']} functions, {lines:,} lines of {r['bytes'] / lines:.0f} bytes: {title}** ({turns})\n\n"
            + table(["compiler", "wall ms", "CPU ms", "peak RSS MB", "CPU ns a line", "CPU µs a function", "RSS bytes a line",
                     "wall ÷ polec's", "RSS ÷ polec's"], rows))
    return texts


def render_arenas(result):
    """What every arena held at most, and what LLVM takes: of every program."""
    head, rows = ["program", "session", "lex", "parse", "ir", "codegen", "all at one time", "allocations"], []
    for r in (r for r in result["large"] if r["what"] == "arenas"):
        file = r["report"]["files"][0]
        held = [file["session"]["used_bytes"], *(phase["high_water_bytes"] for phase in file["phases"]), file["peak_live_bytes"]]
        rows.append([f"{r['functions']:,} {r['shape']} functions, {r['bytes']:,} bytes", *(f"{h / r['bytes']:.2f}" for h in held),
                     f"{file['total_allocations']:,}"])
    texts = {"arenas": "**The arenas: peak live bytes ÷ bytes of source** (exact)\n\n" + table(head, rows)}
    over = [r for r in result["large"] if r["what"] == "over LLVM"]
    if over:
        texts["over-LLVM"] = ("**LLVM alone: its own time for the modules that polec gives it** (one process, `phases_bench`)\n\n" + table(
            ["program", "source to object, µs a function", "LLVM alone", "polec's part ÷ LLVM's"],
            [[f"{r['functions']:,} {r['shape']} functions", f"{r['ns'] / r['functions'] / 1000:.1f}",
              f"{r['ns'] / r['functions'] / 1000 / (1 + r['over']):.1f}", f"{r['over']:.2f}"] for r in over]))
    return texts


def growth(result, what, shape, compiler="polec"):
    """[(functions, ns of processor time a line)].  Processor time, as the sizes do not take turns."""
    return [(r["functions"], median(r["samples"][compiler], "cpu") / r["lines"]) for r in result["large"]
            if r["what"] == what and r["shape"] == shape and compiler in r["samples"]]


def render_growth(result):
    rows, sizes, texts = [], [], {}
    for what, title in [("check", "check only"), ("build", "to object")]:
        for name in result["versions"]:
            points = dict(growth(result, what, "short", name))
            if len(points) > 1:
                sizes = sorted(sizes + [n for n in points if n not in sizes])
                rows.append((title, name, points))
    if rows:
        cells = [[title, name, *(f"{points[n]:,.0f} ({points[n] / points[min(points)]:.2f})" if n in points else "" for n in sizes)]
                 for title, name, points in rows]
        texts["growth"] = ("**Growth: ns of processor time a line of short functions** (and beside the smallest)\n\n"
                           + table(["what", "compiler", *(f"{n:,} functions" for n in sizes)], cells))
    return texts


# ---- tiny programs ----

def tiny(compilers, rounds, meter):
    for name, text in TINY.items():
        (meter.scratch / name).write_text(text)
    shutil.copy(EXAMPLE, meter.scratch / "factorial.pole-ir")
    results = []
    for what, title, source in [("build", "factorial to object", "factorial"), ("run", "factorial, run in memory", "factorial"),
                                ("check", "an empty main, checked", "tiny")]:
        commands = {c.name: [*getattr(c, what), source + c.extension] for c in compilers
                    if getattr(c, what) and c.starts and c.extension != ".bc"}
        if what == "check":  # what starting a process costs, whatever it does
            commands["(an empty process)"] = [meter.empty_program()]
        results.append({"what": what, "title": title, "samples": meter.alternate(commands, rounds, title)})
    return results


def render_tiny(result):
    rows = []
    for r in result["tiny"]:
        for name, of in r["samples"].items():
            rows.append([r["title"], name, f"{median(of, 'wall') / 1e6:.2f}", f"{min(s['wall'] for s in of) / 1e6:.2f}",
                         f"{median(of, 'rss') / 1e6:.1f}", show_ratio(ratio(of, r["samples"]["polec"]))])
    rounds = len(result["tiny"][0]["samples"]["polec"])
    return {"tiny": f"**Tiny programs, whole process** (medians of {rounds} rounds)\n\n"
            + table(["what", "compiler", "wall ms", "least", "peak RSS MB", "wall ÷ polec's"], rows)}


def system_calls(polec, scratch):
    """System calls for memory.  What the loader and C's start-up ask for is seen in --version, which does nothing more."""
    rows = []
    for title, command in [("--version", ["--version"]), ("--check factorial", ["--check", "factorial.pole-ir"]),
                           ("-c factorial", ["-c", "-o", "out.o", "factorial.pole-ir"])]:
        count = None
        if shutil.which("strace"):
            subprocess.run(["strace", "-f", "-qq", "-e", "trace=memory", "-o", "trace", polec, *command],
                           cwd=scratch, check=True, stdout=subprocess.DEVNULL)
            count = len((scratch / "trace").read_text().splitlines())
        asked = None if title == "--version" else memory_report([polec, *command], scratch)["process"]["arena_system_calls"]
        rows.append({"command": title, "process": count, "arenas": asked})
    return rows


def render_system_calls(result):
    return {"system-calls": "**System calls for memory**\n\n" + table(["polec", "by the process", "by the arenas"], [
        [r["command"], "no strace" if r["process"] is None else r["process"], "" if r["arenas"] is None else r["arenas"]]
        for r in result["system calls"]])}


# ---- everything ----

def measure(given):
    compilers = find_compilers(given.polec, given.shared, given.only)
    result = {"where": machine(), "versions": {c.name: c.version for c in compilers}, "seed": given.seed, "large": []}
    with tempfile.TemporaryDirectory(prefix="compare-") as scratch:
        meter = Meter(pathlib.Path(scratch))
        agree(compilers, {shape for shape, _ in given.programs}, given.polec, given.seed, meter.scratch)
        for shape, functions in given.programs:
            large(compilers, shape, functions, given, meter, result["large"])
        result["tiny"] = tiny(compilers, given.tiny_rounds, meter)
        result["system calls"] = system_calls(given.polec, meter.scratch)
    result["load at the end"] = load()
    return result


def render(result):
    versions = "".join(f"* {name}: {of}\n" for name, of in result["versions"].items() if not name.startswith("polec, "))
    return {"machine": f"{result['where']} (at the end {result['load at the end']}); seed {result['seed']}\n\n{versions}",
            **render_large(result), **render_growth(result), **render_arenas(result), **render_tiny(result), **render_system_calls(result)}


def program_argument(text):
    shape, _, functions = text.rpartition(":")
    if shape not in SHAPES or not functions.isdigit() or int(functions) == 0:
        raise argparse.ArgumentTypeError(f"'{text}' is no program: say short:1000, or long:1000")
    return shape, int(functions)


def options():
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    add_polec(arguments)
    arguments.add_argument("--shared", type=pathlib.Path, help="a polec built with -Dllvm=shared, to stand beside")
    arguments.add_argument("--programs", nargs="+", type=program_argument, metavar="SHAPE:FUNCTIONS",
                           default=[("short", 1000), ("short", 10000), ("long", 1000)],
                           help="long or short functions, and how many (short:1000 short:10000 long:1000)")
    arguments.add_argument("--seed", type=int, default=1)
    arguments.add_argument("--rounds", type=int, default=7, help="up to 500 KB; a third of them up to 20 MB, then one")
    arguments.add_argument("--tiny-rounds", type=int, default=41)
    arguments.add_argument("--patience", type=float, default=20, help="seconds of processor time that one compile may take (20)")
    arguments.add_argument("--only", nargs="+", default=[], help="no compilers but polec and these")
    arguments.add_argument("--json", help="all samples, and the memory reports, into this file")
    return arguments


def main():
    given = parse(options())
    given.shared = given.shared and given.shared.resolve()
    finish(measure(given), render, given)


if __name__ == "__main__":
    main()
