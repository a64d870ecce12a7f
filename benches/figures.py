#!/usr/bin/env python3
"""The figures that polec is to reach, measured on this machine, each beside its aim and a peer of the same run.

    figures.py [POLEC] [--to DIRECTORY] [--quick] [--everything]      measure, then the table
    figures.py --from DIRECTORY                                       the table alone, of what was measured before

Measures with compare.py, micro.py and programs.py, in this order, and leaves their results in DIRECTORY as JSON, so that
README.md can be made from them (readme.py).  POLEC is to be built with -Dbenches=true.  --everything measures what
README.md shows beside: the policies of memory, the costs of accounts, re-checks, the run-time library's allocation.
"""

import argparse
import json
import os
import pathlib
import subprocess
import sys
import tempfile
import time

import compare
import costs
import lsp
import micro
import policies
import programs
from measure import HERE, add_polec, average, find_polec, machine, median, ratio, save, table

PROGRAMS = [("short", 100), ("short", 1000), ("short", 10000), ("short", 100000), ("long", 1000)]
LARGE = 10000    # functions, in the rows that do not say another number


class Figures:
    """The rows of the table.  What was not measured is told, too."""

    def __init__(self, results):
        self.results, self.rows = results, []
        sizes = [r["functions"] for r in results.get("compare", {}).get("large", []) if r["shape"] == "short"]
        self.functions = max((n for n in sizes if n <= LARGE), default=None)

    def row(self, what, aim, measured="", peer="", met=None):
        self.rows.append([what, aim, measured, peer, {True: "met", False: "**not met**", None: "not measured"}[met]])

    def of(self, what):
        """The entry of compare's for the short functions; None if that was left out."""
        return next((r for r in self.results["compare"]["large"] if r["shape"] == "short" and r["what"] == what
                     and r["functions"] == self.functions), None)

    def beside(self, title, aim, peer, ours, theirs, unit, least):
        """How many times faster than a peer `ours` is, both entries of one program."""
        if peer not in theirs["samples"]:
            return self.row(title, aim)
        faster = ratio(theirs["samples"][peer], ours["samples"]["polec"], "cpu")
        each = median(theirs["samples"][peer], "cpu") / (theirs["lines"] if unit.startswith("ns") else theirs["functions"] * 1000)
        self.row(title, aim, times(faster), f"{peer} {each:,.0f} {unit}", faster[0] >= least)

    def lexing(self):
        phases = self.results["phases"]
        size = micro.sizes_of(phases, "codegen")[-1]
        rate = phases["figures"][f"lex/{size}"]["tokens/s"] / 1e6
        self.row(f"lexing with interning, {micro.size_text(size)}", "≥ 50 M tokens/s", f"{rate:.1f} M tokens/s", "", rate >= 50)

    def front_end(self):
        check, build = self.of("check"), self.of("build")
        ns = median(check["samples"]["polec"], "cpu") / check["lines"]
        self.row("source to typed IR (`--check`)", "≤ 300 ns a line", f"{ns:.0f} ns a line", "", ns <= 300)
        self.beside("the same, beside tcc's whole compile", "faster", "tcc", check, build, "ns a line", 1)
        self.beside("the same, beside clang's check", "10 × faster", "clang", check, check, "ns a line", 10)

    def to_object(self):
        build, over = self.of("build"), self.of("over LLVM")
        polec = build["samples"]["polec"]
        us = median(polec, "cpu") / build["functions"] / 1000
        self.row("source to object, -O0, one thread", "≤ 100 µs a function", f"{us:.1f} µs", "", us <= 100)
        self.beside("the same, beside clang", "2.5 × faster", "clang", build, build, "µs", 2.5)
        if over:
            alone = over["ns"] / over["functions"] / 1000 / (1 + over["over"])
            self.row("the same, beside LLVM's own time", "≤ 1.10 ×", f"{1 + over['over']:.2f} ×", f"LLVM {alone:.1f} µs", over["over"] <= 0.10)
        else:
            self.row("the same, beside LLVM's own time", "≤ 1.10 ×")
        rss = median(polec, "rss") / 1e6
        peers = ", ".join(f"{name} {median(build['samples'][name], 'rss') / 1e6:.0f}" for name in ("tcc", "clang") if name in build["samples"])
        self.row("peak RSS, to object", "≤ 40 MB", f"{rss:.1f} MB", peers, rss <= 40)

    def tiny(self):
        result = self.results["compare"]
        for what, title, ms, mb in (("build", "factorial to object, whole process", 2.7, 8), ("check", "`--check` of a tiny file, whole process", 1.2, 4)):
            samples = next(r for r in result["tiny"] if r["what"] == what)["samples"]
            wall, rss = median(samples["polec"], "wall") / 1e6, median(samples["polec"], "rss") / 1e6
            peers = ", ".join(f"{name} {median(samples[name], 'wall') / 1e6:.1f} / {median(samples[name], 'rss') / 1e6:.0f}"
                              for name in ("tcc", "clang", "(an empty process)") if name in samples)
            self.row(title, f"≤ {ms} ms, ≤ {mb} MB", f"{wall:.2f} ms, {rss:.1f} MB", peers, wall <= ms and rss <= mb)
        calls = next(r for r in result["system calls"] if r["command"].startswith("--check"))
        self.row("system calls for memory, small file, before LLVM", "0", f"{calls['arenas']}", "", calls["arenas"] == 0)

    def memory(self):
        files = self.of("arenas")["report"]["files"]
        for phase, what, most in (("lex", "token", 5), ("parse", "AST node", 16), ("ir", "IR instruction", 16)):
            count, each = average(files, phase)
            self.row(f"bytes of a{'n' if what[0] in 'AI' else ''} {what}, on average", f"≤ {most}", f"{each:.2f}", f"of {count:,}", each <= most)
        peak = files[0]["peak_live_bytes"] / files[0]["source_bytes"]
        self.row("peak live bytes of all arenas ÷ source", "≤ 5", f"{peak:.2f}", "", peak <= 5)

    def growth(self):
        result = self.results["compare"]
        for what, title in (("check", "check"), ("build", "to object")):
            points = dict(compare.growth(result, what, "short"))
            if 1000 not in points or 100000 not in points:
                self.row(f"growth, {title}: ns a line at 100,000 functions ÷ at 1,000", "≤ 1.3")
                continue
            grown = {name: dict(compare.growth(result, what, "short", name)) for name in ("tcc", "clang")}
            peers = ", ".join(f"{name} {of[100000] / of[1000]:.2f}" for name, of in grown.items() if 100000 in of and 1000 in of)
            self.row(f"growth, {title}: ns a line at 100,000 functions ÷ at 1,000", "≤ 1.3",
                     f"{points[100000] / points[1000]:.2f}", peers, points[100000] <= 1.3 * points[1000])

    def arena(self):
        figures = self.results["arena"]["figures"]
        for title, name, n, most, unit in (
                ("warm, 10k nodes", "warm", 10000, 1.0, 1), ("warm, 1M", "warm", 1000000, 1.3, 1), ("cold, 10k", "cold", 10000, 6, 1),
                ("cold, 100k", "cold", 100000, 3.5, 1), ("cold, 1M", "cold", 1000000, 2.5, 1),
                ("free all of 1M", "free_all", 1000000, 100, 1), ("four arenas of a tiny program", "pipeline", 117, 5, 1000)):
            ours = figures[f"{name}/polec/{n}"] / unit
            bumpalo, bare = (figures.get(f"{name}/{of}/{n}") for of in ("bumpalo", "bare_loop"))
            peers = ", ".join(f"{of} {ns / unit:,.1f}" for of, ns in (("bumpalo", bumpalo), ("the bare loop", bare if "warm" in name else None)) if ns)
            self.row(f"arena: {title}", f"≤ {most} {'µs' if unit == 1000 else 'ns'}", f"{ours:.2f}", peers, ours <= most)

    def code(self):
        beside = {name: programs.beside_clang(samples) for name, samples in self.results["programs"]["results"].items() if "clang" in samples}
        if not beside:
            return self.row("code quality, -O2, beside clang -O2", "within 5 % on each")
        good = [name for name, of in beside.items() if of[0] <= 1.05]
        worst = max(beside, key=lambda name: beside[name][0])
        self.row("code quality, -O2, user time beside clang -O2", "within 5 % on each", f"{len(good)} of {len(beside)} within",
                 f"worst: {worst} {beside[worst][0]:.2f}", len(good) == len(beside))

    def table(self):
        for part, needs in ((self.lexing, "phases"), (self.front_end, "compare"), (self.to_object, "compare"), (self.tiny, "compare"),
                            (self.memory, "compare"), (self.growth, "compare"), (self.arena, "arena"), (self.code, "programs")):
            if needs in self.results and (needs != "compare" or self.functions):
                part()
            else:
                self.row(f"{part.__name__.replace('_', ' ')}: no results of {needs}", "")
        return table(["figure", "aim", "measured", "beside", ""], self.rows)


def times(of):
    return f"{of[0]:.1f} × ({of[1]:.1f} – {of[2]:.1f})"


def render(results):
    met = Figures(results)
    text = met.table()
    count = sum(row[-1] == "met" for row in met.rows)
    program = f"{met.functions:,} short functions unless another number is said; " if met.functions else ""
    return {"figures": f"{text}\n{count} of {len(met.rows)} met ({program}processor time, of tiny programs wall time).\n"}


def load_results(directory):
    return {path.stem: json.loads(path.read_text()) for path in sorted(directory.glob("*.json"))}


def measure(given):
    """One file of results after the other, so that what is there can be used when a later one fails."""
    benches = given.polec.parent / "benches"
    rounds = 3 if given.quick else 7
    arguments = [str(given.polec), "--rounds", str(rounds)]
    large = [(shape, n) for shape, n in PROGRAMS if n <= (1000 if given.quick else 100000)]
    comparison = compare.options().parse_args([*arguments, "--tiny-rounds", "7" if given.quick else "41", "--programs",
                                               *(f"{shape}:{n}" for shape, n in large)])
    comparison.shared = given.shared and given.shared.resolve()
    yield "compare", lambda: compare.measure(comparison)
    if (benches / "phases_bench").exists():
        with tempfile.TemporaryDirectory(prefix="figures-") as scratch:
            made = [micro.generate(n, pathlib.Path(scratch)) for n in micro.SIZES if n <= 10000 or not given.quick]
            yield "phases", lambda: micro.measure_phases(benches, made)
        yield "arena", lambda: micro.measure_arena(benches)
    yield "programs", lambda: programs.measure(programs.options().parse_args(arguments))
    if given.everything:
        yield "policies", lambda: policies.measure(policies.options().parse_args(arguments))
        counted = costs.options().parse_args([str(given.polec)])
        counted.without_meter = given.without_meter
        yield "costs", lambda: costs.measure(counted)
        yield "lsp", lambda: lsp.measure(lsp.options().parse_args(arguments))
        if (benches / "phases_bench").exists():
            yield "recheck", lambda: printed([benches / "recheck_bench", benches / "recheck_input.pole-ir"])
            yield "runtime_memory", lambda: printed([benches / "runtime_memory_bench"])


def printed(command):
    """Of a benchmark that prints its table itself."""
    where = machine()
    return {"where": where, "table": subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True).stdout}


def main():
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    add_polec(arguments)
    arguments.add_argument("--from", dest="have", type=pathlib.Path, metavar="DIRECTORY", help="measure nothing")
    arguments.add_argument("--to", type=pathlib.Path, metavar="DIRECTORY", help="(beside POLEC: benches/results)")
    arguments.add_argument("--quick", action="store_true", help="few rounds, at most 1,000 functions: to see that it works")
    arguments.add_argument("--everything", action="store_true", help="all that README.md shows")
    arguments.add_argument("--only", nargs="+", default=[], metavar="RESULT", help="measure these alone: compare, phases, ...")
    arguments.add_argument("--shared", type=pathlib.Path, help="a polec built with -Dllvm=shared, for compare")
    arguments.add_argument("--without-meter", type=pathlib.Path, help="a polec built with -Dheap_meter=false, for costs")
    given = arguments.parse_args()
    directory = given.have
    if not directory:
        find_polec(arguments, given)
        directory = given.to or given.polec.parent / "benches" / "results"
        directory.mkdir(parents=True, exist_ok=True)
        for name, measured in measure(given):
            if given.only and name not in given.only:
                continue
            start = time.monotonic()
            save(measured(), directory / f"{name}.json")
            print(f"{name}: {time.monotonic() - start:.0f} s", file=sys.stderr)
    results = load_results(directory)
    if not results:
        sys.exit(f"figures: there are no results in {directory}")
    for name, result in results.items():
        print(f"* {name}: {result['where']}")
    print("\n" + render(results)["figures"])


if __name__ == "__main__":
    main()
