#!/usr/bin/env python3
"""Makes the tables and plots of README.md from the files of results.

    readme.py [DIRECTORY]      takes over the results that figures.py has left in DIRECTORY, then makes tables and plots
    readme.py --check          is README.md what results/ says?  (a test)

A table stands between <!-- RESULT TABLE --> and <!-- end -->; RESULT is a file of results/, TABLE one of the texts that
the script of that name renders.
"""

import argparse
import pathlib
import re
import shutil
import sys

import compare
import costs
import figures
import lsp
import micro
import plot
import policies
import programs
from measure import HERE

README, RESULTS = HERE / "README.md", HERE / "results"
RENDER = {"compare": compare.render, "phases": micro.render_phases, "arena": micro.render_arena, "programs": programs.render,
          "policies": policies.render, "costs": costs.render, "lsp": lsp.render}


def render(results):
    texts = {"figures": figures.render(results)}
    for name, result in results.items():
        texts[name] = RENDER[name](result) if name in RENDER else {"table": result["table"], "machine": result["where"] + "\n"}
    return texts


def filled(text, texts):
    """The README with its tables made anew."""
    missing = []

    def fill(match):
        name, of = match[1], match[2]
        if of not in texts.get(name, {}):
            missing.append(f"{name} {of}")
            return match[0]
        return f"<!-- {name} {of} -->\n{texts[name][of].strip()}\n<!-- end -->"

    text = re.sub(r"<!-- (\w+) ([\w-]+) -->\n.*?<!-- end -->", fill, text, flags=re.DOTALL)
    if missing:
        sys.exit(f"readme: no results for {', '.join(missing)}")
    return text


def main():
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("directory", nargs="?", type=pathlib.Path)
    arguments.add_argument("--check", action="store_true")
    given = arguments.parse_args()
    if given.directory:
        for path in given.directory.glob("*.json"):
            shutil.copy(path, RESULTS)
    old = README.read_text()
    new = filled(old, render(figures.load_results(RESULTS)))
    if given.check:
        sys.exit(0 if new == old else "readme: benches/README.md is not what benches/results/ says: run benches/readme.py")
    README.write_text(new)
    plot.draw_all(RESULTS / "compare.json", HERE / "plots")


if __name__ == "__main__":
    main()
