#!/usr/bin/env python3
"""Draws what compare.py measured, with gnuplot: plot.py RESULTS.json [-o DIRECTORY]

build.svg, check.svg: processor time for a line of Pole IR over the number of short functions, for every compiler; both
axes logarithmic, so that a flat line is linear growth.  memory.svg: peak resident memory to object, beside the size of the
source.
"""

import argparse
import json
import pathlib
import shutil
import subprocess
import sys

from measure import median

COLOURS = {"polec": "#c1121f", "polec, 2 threads": "#f28482", "tcc": "#2a9d8f", "clang": "#1d3557", "gcc": "#b8860b", "go": "#00a8e8",
           "rustc": "#8d5524", "ocamlopt": "#7b2cbf", "llc": "#8a8a8a", "source": "#c0c0c0"}  # the same in every plot


def curves(result, what, value, leave_out=()):
    """{compiler: [(functions, value)]}, the highest at its end first, as the legend is read."""
    points = {}
    for r in result["large"]:
        if r["what"] == what and r["shape"] == "short":
            for compiler, samples in r["samples"].items():
                if compiler not in leave_out:
                    points.setdefault(compiler, []).append((r["functions"], value(samples, r["lines"])))
    return dict(sorted(points.items(), key=lambda item: -item[1][-1][1]))


def draw(points, title, label, path):
    blocks, lines = "", []
    for i, (name, of) in enumerate(points.items()):
        blocks += f"$compiler_{i} << EOD\n" + "".join(f"{x} {y:.4g}\n" for x, y in of) + "EOD\n"
        ours = name.startswith("polec")
        dashes = " dashtype 2" if name in ("llc", "source", "polec, 2 threads") else ""
        points_ = "lines" if name == "source" else "linespoints"
        style = f"linecolor rgb '{COLOURS[name]}' linewidth {3 if ours else 1.5}{dashes}"
        lines.append(f"$compiler_{i} with {points_} {style}{'' if name == 'source' else ' pointtype 7 pointsize 0.4'} title '{name}'")
    xs, ys = zip(*(point for of in points.values() for point in of))
    ticks = ", ".join(f'"{10 ** n:,}" {10 ** n}' for n in range(7))
    script = f"""{blocks}
set terminal svg size 720,400 font 'sans-serif,13' background rgb 'white'
set output '{path}'
set title '{title}' font ',15'
set xlabel 'functions'
set ylabel '{label}'
set logscale xy
set xrange [{min(xs) * 0.85}:{max(xs) * 1.2}]
set yrange [{min(ys) * 0.7}:{max(ys) * 1.4}]
set xtics ({ticks}) nomirror
set ytics ({ticks}, "0.1" 0.1) nomirror
set mytics 10
set border 3 linecolor rgb '#808080'
set tics textcolor rgb '#404040'
set grid ytics mytics linecolor rgb '#d0d0d0' linewidth 0.8, linecolor rgb '#ededed' linewidth 0.6
set key outside right center Left reverse samplen 2 spacing 1.3
plot {", ".join(lines)}
"""
    subprocess.run(["gnuplot"], input=script, text=True, check=True)


def draw_all(results, directory):
    if not shutil.which("gnuplot"):
        sys.exit("plot: there is no gnuplot (Debian: gnuplot-nox)")
    result = json.loads(pathlib.Path(results).read_text())
    directory.mkdir(exist_ok=True)
    time = lambda samples, lines: median(samples, "cpu") / lines
    memory = lambda samples, lines: median(samples, "rss") / 1e6
    draw(curves(result, "check", time), "Check only", "processor time, ns a line", directory / "check.svg")
    draw(curves(result, "build", time, ["polec, 2 threads"]), "To object, no optimisation", "processor time, ns a line", directory / "build.svg")
    sizes = {r["functions"]: r["bytes"] / 1e6 for r in result["large"] if r["shape"] == "short"}
    draw({**curves(result, "build", memory), "source": sorted(sizes.items())}, "Peak resident memory, to object", "MB",
         directory / "memory.svg")


def main():
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("results")
    arguments.add_argument("-o", dest="directory", type=pathlib.Path, default=pathlib.Path("."))
    given = arguments.parse_args()
    draw_all(given.results, given.directory)


if __name__ == "__main__":
    main()
