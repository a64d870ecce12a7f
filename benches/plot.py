#!/usr/bin/env python3
"""Draws what compare.py measured, with gnuplot: plot.py RESULTS.json... -o DIRECTORY

build.svg, check.svg: processor time for a line of Pole IR over the size of the program, for every compiler; both axes
logarithmic, so that a flat line is linear growth.  memory.svg: peak resident memory to object.
"""

import argparse
import json
import pathlib
import re
import shutil
import statistics
import subprocess
import sys


def curves(files, what, value):
    """{compiler: [(functions, value)]}"""
    points = {}
    for file in files:
        for result in json.loads(pathlib.Path(file).read_text())["results"]:
            match = re.fullmatch(r"(\d+) functions", result.get("program", ""))
            if match and result["what"] == what:
                for compiler, samples in result["samples"].items():
                    points.setdefault(compiler, {})[int(match[1])] = value(samples, result["lines"])
    return {compiler: sorted(of.items()) for compiler, of in points.items()}


def draw(points, title, label, path):
    blocks = ""
    for i, of in enumerate(points.values()):
        blocks += f"$compiler_{i} << EOD\n" + "".join(f"{x} {y:.4g}\n" for x, y in of) + "EOD\n"
    lines = ", ".join(f"$compiler_{i} with linespoints linewidth {3 if name == 'polec' else 1} title '{name}'"
                      for i, name in enumerate(points))
    script = f"""{blocks}
set terminal svg size 640,360 font 'sans-serif,12' background rgb 'white'
set output '{path}'
set title '{title}'
set xlabel 'functions'
set ylabel '{label}'
set logscale xy
set xtics (100, 1000, 10000, 100000)
set grid ytics lc rgb '#dddddd'
set key outside right top
plot {lines}
"""
    subprocess.run(["gnuplot"], input=script, text=True, check=True)


def main():
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("results", nargs="+")
    arguments.add_argument("-o", dest="directory", type=pathlib.Path, default=".")
    given = arguments.parse_args()
    if not shutil.which("gnuplot"):
        sys.exit("plot: there is no gnuplot (Debian: gnuplot-nox)")
    time = lambda samples, lines: statistics.median(s["cpu"] for s in samples) / lines
    memory = lambda samples, lines: statistics.median(s["rss"] for s in samples) / 1e6
    given.directory.mkdir(exist_ok=True)
    for what, title in [("check", "check only"), ("build", "to object, no optimisation")]:
        draw(curves(given.results, what, time), title, "ns of processor time a line", given.directory / f"{what}.svg")
    draw(curves(given.results, "build", memory), "to object, no optimisation", "peak RSS, MB", given.directory / "memory.svg")


main()
