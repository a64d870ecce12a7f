#!/usr/bin/env python3
"""Tables of the two micro benchmarks: each phase alone and the interner; the arena beside other allocators.

    micro.py phases|arena [BENCH_DIRECTORY] [PROGRAM...] [--json FILE]

BENCH_DIRECTORY is where the benchmarks have been built (build/benches).  Of Google Benchmark's figures only those of the
tables are kept: what is measured, and how, is told at the head of phases_bench.cc and arena_bench.cc.
"""

import argparse
import json
import pathlib
import subprocess
import sys
import tempfile

from generate import WRITERS, Program
from measure import HERE, finish, load, machine, progress, table

SIZES = [2, 25, 250, 2500, 10000, 225000]  # functions; 1 KB to 100 MB
PHASES = ["lex", "parse", "build", "codegen"]
TABLES = ["polec", "DenseMap", "StringMap", "khash", "unordered_map", "GHashTable", "stb_ds"]
ARENAS = ["polec", "bumpalo", "apr_pool", "pmr_monotonic", "llvm_bump", "obstack", "mimalloc_heap", "malloc", "bare_loop"]


def run_benchmark(command):
    with tempfile.NamedTemporaryFile(suffix=".json") as out:
        progress(pathlib.Path(command[0]).name)
        subprocess.run([*command, f"--benchmark_out={out.name}"], check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        progress("")
        return json.load(out)["benchmarks"]


def measure_phases(directory, programs):
    """{name/bytes: counters}, {name: the fit over bytes}."""
    where, figures, fits = machine(), {}, {}
    for b in run_benchmark([directory / "phases_bench", *programs]):
        name = b["name"].replace("/manual_time", "")
        if name.endswith("_BigO"):
            fits[name.removesuffix("_BigO")] = {"order": b["big_o"]}
        elif name.endswith("_RMS"):
            fits[name.removesuffix("_RMS")]["rms"] = b["rms"]
        else:
            figures[name] = {key: value for key, value in b.items()
                             if key in ("real_time", "bytes_per_second", "tokens/s", "s/line", "over_LLVM", "s/lookup", "names")}
    return {"where": where, "load at the end": load(), "figures": figures, "fits": fits}


def measure_arena(directory):
    """{situation/allocator/nodes: median of the processes}: ns a node, of free_all and pipeline in all."""
    where, figures = machine(), {}
    for b in run_benchmark([directory / "arena_bench"]):
        if b.get("aggregate_name") == "median":
            figures["/".join(b["run_name"].split("/")[:3])] = b["ns"]
    return {"where": where, "load at the end": load(), "figures": figures}


def sizes_of(result, phase):
    return [int(name.split("/")[1]) for name in result["figures"] if name.startswith(phase + "/")]


def size_text(size):
    return f"{size / 1e6:,.1f} MB" if size >= 1e6 else f"{size / 1e3:,.1f} KB"


def render_phases(result):
    figures, rows = result["figures"], []
    for size in sizes_of(result, "lex"):
        lex, whole = figures[f"lex/{size}"], figures.get(f"whole/{size}")
        row = [size_text(size), f"{lex['tokens/s'] / 1e6:.0f}", f"{lex['bytes_per_second'] / 1e6:.0f}"]
        for phase in PHASES:
            of = figures.get(f"{phase}/{size}")
            row.append(f"{of['s/line'] * 1e9:,.0f}" if of else "")
        rows.append(row + [f"{whole['over_LLVM']:.2f}" if whole else ""])
    fits = [f"{result['fits'][p]['order']} ({100 * result['fits'][p]['rms']:.0f} %)" for p in PHASES if p in result["fits"]]
    rows.append(["BigO (RMS)", "", ""] + fits + [""] * (5 - len(fits)))
    texts = {"machine": f"{result['where']} (at the end {result['load at the end']})\n", "phases": table(
        ["program", "lex, M tokens/s", "MB/s", *(f"{phase}, ns a line" for phase in PHASES), "polec's part ÷ LLVM's"], rows)}
    size = sizes_of(result, "codegen")[-1]
    known = {name.split("/")[1] for name in figures if name.startswith("intern_new/")}
    at = [int(name.split("/")[2]) for name in figures if name.startswith("intern_new/polec/")][0]
    ns = lambda what, name: f"{figures[f'{what}/{name}/{at}']['s/lookup'] * 1e9:.1f}"
    names = figures[f"intern_new/polec/{at}"]["names"]
    texts["interner"] = (f"**Every identifier of the program of {size_text(size)} ({names:,.0f} names), ns each**\n\n" + table(
        ["table", "into a new table", "all are known"],
        [[name, ns("intern_new", name), ns("intern_known", name)] for name in TABLES if name in known]))
    return texts


def render_arena(result):
    columns = [("cold 1k", "cold", 1000, 1), ("cold 10k", "cold", 10000, 1), ("cold 100k", "cold", 100000, 1), ("cold 1M", "cold", 1000000, 1),
               ("warm 10k", "warm", 10000, 1), ("warm 1M", "warm", 1000000, 1), ("rebuilt 1M", "rebuilt", 1000000, 1),
               ("free all of 1M, µs", "free_all", 1000000, 1000), ("pipeline, µs", "pipeline", 117, 1000)]
    figures = result["figures"]
    rows = [[name, *(f"{figures[f'{what}/{name}/{n}'] / unit:,.2f}" for _, what, n, unit in columns)]
            for name in ARENAS if f"cold/{name}/1000" in figures]
    return {"machine": f"{result['where']} (at the end {result['load at the end']}); medians of 15 processes\n",
            "arena": table(["allocator", *(title for title, *_ in columns)], rows)}


def generate(functions, directory):
    path = directory / f"phases_{functions}.pole-ir"
    progress(f"generating {functions} functions")
    with path.open("w") as out:
        WRITERS["pole"]().write(Program(functions, 1, shape="short"), out.write)
    return path


def main():
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("what", choices=["phases", "arena"])
    arguments.add_argument("directory", nargs="?", default=HERE.parent / "build" / "benches", type=pathlib.Path)
    arguments.add_argument("programs", nargs="*", type=pathlib.Path, help="for phases (random ones of 1 KB to 100 MB)")
    arguments.add_argument("--json", help="the figures into this file")
    given = arguments.parse_args()
    if not (given.directory / f"{given.what}_bench").exists():
        sys.exit(f"micro: there is no {given.directory}/{given.what}_bench; meson setup -Dbenches=true makes it")
    with tempfile.TemporaryDirectory() as scratch:
        if given.what == "phases":
            programs = given.programs or [generate(n, pathlib.Path(scratch)) for n in SIZES]
            finish(measure_phases(given.directory, programs), render_phases, given)
        else:
            finish(measure_arena(given.directory), render_arena, given)


if __name__ == "__main__":
    main()
