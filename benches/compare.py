#!/usr/bin/env python3
"""Compares polec with the other compilers of this machine, on one random program and on tiny ones.

    compare.py [POLEC] [--functions N] [--rounds N] [--shared OTHER_POLEC] [--json FILE]

Everything is measured as users get it: whole processes, from start to exit, taking turns.  README.md says what is and
what is not compared.
"""

import argparse
import json
import pathlib
import shutil
import subprocess
import sys
import tempfile

from measure import HERE, Meter, machine, median, progress, ratio, show_ratio, table, version

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


def find_compilers(polec, shared):
    found = []
    for name, path in [("polec", polec), ("polec, libLLVM.so", shared)]:
        if path:
            found.append(Compiler(name, version([path, "--version"]), ".pole-ir",
                                  check=[path, "--check"], build=[path, "-c", "-o", "out.o"], run=[path, "run"]))
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
    return found


def generate(functions, seed, scratch, extensions):
    """The same program for all; the number of lines of the Pole program."""
    for extension, language in LANGUAGES.items():
        if extension in extensions:
            progress(f"generating {functions} functions in {language}")
            subprocess.run([sys.executable, HERE / "generate.py", "--functions", str(functions), "--seed", str(seed),
                            "--language", language, "-o", scratch / f"random_{functions}{extension}"], check=True)
    return (scratch / f"random_{functions}.pole-ir").read_bytes().count(b"\n")


def agree(compilers, polec, seed, scratch):
    """Do the writers of all languages mean the same program?  A small one, that can be run, prints the same everywhere."""
    for compiler in compilers:
        subprocess.run([sys.executable, HERE / "generate.py", "--run", "--functions", "120", "--seed", str(seed), "--language",
                        LANGUAGES[compiler.extension], "-o", scratch / f"same{compiler.extension}"], check=True)
    printed = {}
    for name in (c.name for c in compilers if c.name in RUNNING):
        progress(f"running the same program: {name}")
        command = RUNNING[name].replace("{polec}", str(polec)).replace("{}", "same")
        run = subprocess.run(command, shell=True, cwd=scratch, stdout=subprocess.PIPE, text=True)
        printed[name] = run.stdout.strip()
    progress("")
    if len(set(printed.values())) != 1 or "" in printed.values():
        sys.exit(f"compare: the program does not print the same in all languages: {printed}")
    print(f"* a small program of the same kind prints {printed['polec']} with each of them\n")


def memory_report(command, scratch):
    run = subprocess.run([*command, "--memory-report=json", "--memory-report-file=-"], cwd=scratch, check=True,
                         stdout=subprocess.PIPE)
    return json.loads(run.stdout)


# ---- a large program ----

def large(compilers, functions, seed, rounds, meter, results):
    lines = generate(functions, seed, meter.scratch, {c.extension for c in compilers})
    for what, title in [("check", "check only"), ("build", "to object, no optimisation")]:
        commands = {c.name: [*getattr(c, what), f"random_{functions}{c.extension}"]
                    for c in compilers if getattr(c, what)}
        samples = meter.alternate(commands, rounds, title)
        print(f"### {functions} functions, {lines} lines of Pole IR: {title}\n")
        rows = []
        for name, of in samples.items():
            wall, rss = median(of, "wall"), median(of, "rss")
            rows.append([name, f"{wall / 1e6:.1f}", f"{median(of, 'user') / 1e6:.1f}", f"{rss / 1e6:.1f}",
                         f"{wall / lines:.0f}", f"{rss / lines:.0f}", f"{wall / functions / 1000:.1f}",
                         show_ratio(ratio(of, samples["polec"])), f"{ratio(of, samples['polec'], 'rss')[0]:.1f}"])
        table(["compiler", "wall ms", "user ms", "peak RSS MB", "ns a line", "RSS bytes a line", "µs a function",
               "time ÷ polec's", "RSS ÷ polec's"], rows)
        results.append({"program": f"{functions} functions", "lines": lines, "what": what, "samples": samples})


def arenas(polec, functions, meter, results):
    """What every arena held at most; these numbers are exact, the same on every machine."""
    source = f"random_{functions}.pole-ir"
    report = memory_report([polec, "-c", "-o", "out.o", source], meter.scratch)
    file = report["files"][0]
    size = file["source_bytes"]
    rows = [["session", file["session"]["used_bytes"], file["session"]["allocations"]]]
    rows += [[phase["name"], phase["high_water_bytes"], phase["allocations"]] for phase in file["phases"]]
    rows.append(["all, at one time", file["peak_live_bytes"], file["total_allocations"]])
    print(f"### {functions} functions, {size} bytes of source: peak live bytes of the arenas\n")
    table(["arena", "peak bytes", "÷ source", "allocations"],
          [[name, f"{peak:,}", f"{peak / size:.2f}", f"{count:,}"] for name, peak, count in rows])
    results.append({"program": f"{functions} functions", "what": "arenas", "report": report})


def growth(sizes, results):
    """Nanoseconds a line of each size, beside those of the smallest.  Processor time, as the sizes do not take turns."""
    rows = []
    for what in ["check", "build"]:
        per_line = [median(r["samples"]["polec"], "user") / r["lines"] for r in results if r["what"] == what]
        rows.append([what] + [f"{ns:.0f} ({ns / max(per_line[0], 1):.2f})" for ns in per_line])
    print("### polec, ns of user time a line (and beside the smallest)\n")
    table(["", *[f"{n} functions" for n in sizes]], rows)


# ---- tiny programs ----

def tiny(compilers, rounds, meter, results):
    for name, text in TINY.items():
        (meter.scratch / name).write_text(text)
    shutil.copy(EXAMPLE, meter.scratch / "factorial.pole-ir")
    rows = []
    for what, title, source in [("build", "factorial to object", "factorial"), ("run", "factorial, run in memory", "factorial"),
                                ("check", "an empty main, checked", "tiny")]:
        commands = {c.name: [*getattr(c, what), source + c.extension] for c in compilers if getattr(c, what)}
        if what == "check":  # what starting a process costs, whatever it does
            commands["(an empty process)"] = [meter.empty_program()]
        samples = meter.alternate(commands, rounds, title)
        for name, of in samples.items():
            rows.append([title, name, f"{median(of, 'wall') / 1e6:.2f}", f"{min(s['wall'] for s in of) / 1e6:.2f}",
                         f"{median(of, 'rss') / 1e6:.1f}", show_ratio(ratio(of, samples["polec"]))])
        results.append({"program": source, "what": what, "samples": samples})
    print("### Tiny programs, whole process\n")
    table(["what", "compiler", "wall ms", "least", "peak RSS MB", "time ÷ polec's"], rows)


def system_calls(polec, meter, results):
    """System calls for memory.  What the loader and C's start-up ask for is seen in --version, which does nothing more."""
    rows = []
    for title, command in [("--version", ["--version"]), ("--check factorial", ["--check", "factorial.pole-ir"]),
                           ("-c factorial", ["-c", "-o", "out.o", "factorial.pole-ir"])]:
        count = "no strace"
        if shutil.which("strace"):
            subprocess.run(["strace", "-f", "-qq", "-e", "trace=memory", "-o", "trace", polec, *command],
                           cwd=meter.scratch, check=True, stdout=subprocess.DEVNULL)
            count = len((meter.scratch / "trace").read_text().splitlines())
        asked = "" if title == "--version" else memory_report([polec, *command], meter.scratch)["process"]["arena_system_calls"]
        rows.append([title, count, asked])
    print("### System calls for memory\n")
    table(["polec", "by the process", "by the arenas"], rows)
    results.append({"what": "system calls", "rows": rows})


def main():
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("polec", nargs="?", default=HERE.parent / "build" / "polec", type=pathlib.Path)
    arguments.add_argument("--shared", type=pathlib.Path, help="a polec built with -Dllvm=shared, to stand beside")
    arguments.add_argument("--functions", type=int, nargs="+", default=[10000], help="sizes of the program (10000)")
    arguments.add_argument("--seed", type=int, default=1)
    arguments.add_argument("--rounds", type=int, default=7)
    arguments.add_argument("--tiny-rounds", type=int, default=41)
    arguments.add_argument("--only", nargs="+", default=[], help="no compilers but polec and these")
    arguments.add_argument("--json", help="all samples, and the memory reports, into this file")
    given = arguments.parse_args()
    if not given.polec.exists():
        arguments.error(f"there is no {given.polec}; say where polec is")
    polec = given.polec.resolve()
    shared = given.shared and given.shared.resolve()
    compilers = [c for c in find_compilers(polec, shared)
                 if c.name.startswith("polec") or not given.only or c.name in given.only]

    results = []
    where = machine()
    print(f"{where}\n")
    for compiler in compilers:
        print(f"* {compiler.name}: {compiler.version}")
    print(f"* medians of {given.rounds} rounds, tiny programs of {given.tiny_rounds}; seed {given.seed}\n")
    with tempfile.TemporaryDirectory(prefix="compare-") as scratch:
        meter = Meter(pathlib.Path(scratch))
        agree(compilers, polec, given.seed, meter.scratch)
        for functions in given.functions:
            large([c for c in compilers if c.name != "polec, libLLVM.so"], functions, given.seed, given.rounds, meter, results)
            arenas(polec, functions, meter, results)
        if len(given.functions) > 1:
            growth(given.functions, results)
        tiny(compilers, given.tiny_rounds, meter, results)
        system_calls(polec, meter, results)
    print(f"Load at the end: {open('/proc/loadavg').read().split()[0]}")
    if given.json:
        with open(given.json, "w") as out:
            json.dump({"where": where, "versions": {c.name: c.version for c in compilers}, "results": results}, out, indent=1)


main()
