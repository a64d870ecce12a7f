"""What the scripts of this folder share: commands measured in turns, and tables of the results.

A script's measure() returns what it has measured, which goes into a JSON file as it is; its render() makes Markdown of
that, {name of a table: text}.  So the tables of README.md can be made again from the files alone (readme.py).
"""

import json
import pathlib
import platform
import re
import shutil
import statistics
import subprocess
import sys
import time

HERE = pathlib.Path(__file__).resolve().parent


class Meter:
    """Measures commands.  In every round each command runs once, so that a slow minute of the machine hits all alike."""

    def __init__(self, scratch):
        self.compiler = shutil.which("gcc") or shutil.which("clang-19") or shutil.which("cc") or shutil.which("tcc")
        if not self.compiler:
            sys.exit("measure: a C compiler is needed for measure.c")
        self.program = scratch / "measure"
        self.scratch = scratch
        subprocess.run([self.compiler, "-O1", HERE / "measure.c", "-o", self.program], check=True)

    def empty_program(self):
        """The cheapest process there is: linked statically, it does nothing."""
        source, program = self.scratch / "empty.c", self.scratch / "empty"
        source.write_text("int main(void) { return 0; }\n")
        subprocess.run([self.compiler, "-O1", "-static", source, "-o", program], check=True)
        return program

    def once(self, command):
        run = subprocess.run([self.program, *command], cwd=self.scratch, stdout=subprocess.PIPE, text=True, check=True)
        wall, user, system, rss, status = map(int, run.stdout.split())
        return {"wall": wall, "user": user, "system": system, "cpu": user + system, "rss": rss, "status": status}

    def alternate(self, commands, rounds, label, warm=True):
        """{name: [sample of each round]}; a first round, which is not counted, warms the disk's caches."""
        samples = {name: [] for name in commands}
        for turn in range(0 if warm else 1, rounds + 1):
            for name, command in commands.items():
                progress(f"{label}, round {turn} of {rounds}: {name}")
                sample = self.once(command)
                if sample["status"] != 0:
                    sys.exit(f"\nmeasure: {' '.join(map(str, command))} exits with {sample['status']}")
                if turn > 0:
                    samples[name].append(sample)
        progress("")
        return samples


def instructions(command, scratch):
    """What the processor executes outside of the kernel, as callgrind counts it: hardly different from run to run."""
    run = subprocess.run(["valgrind", "--tool=callgrind", "--callgrind-out-file=/dev/null", *command], cwd=scratch,
                         capture_output=True, text=True)
    if run.returncode != 0:
        sys.exit(f"measure: {' '.join(map(str, command))} fails under valgrind:\n{run.stderr}")
    return int(re.search(r"Collected : (\d+)", run.stderr)[1])


def progress(text):
    if sys.stderr.isatty():
        print(f"\r\x1b[K{text}", end="", file=sys.stderr, flush=True)


def median(samples, key):
    return statistics.median(sample[key] for sample in samples)


def ratio(samples, base, key="wall"):
    """Median and quartiles of the ratios of the rounds: both sides of a ratio come from the same minute."""
    ratios = [a[key] / b[key] for a, b in zip(samples, base)]
    if len(ratios) == 1:
        ratios *= 2  # one round has no spread
    low, middle, high = statistics.quantiles(ratios, n=4, method="inclusive")
    return middle, low, high


def show_ratio(of):
    return f"{of[0]:.2f} ({of[1]:.2f} – {of[2]:.2f})"


def table(head, rows):
    """A Markdown table that can be read as it stands: the first column to the left, figures to the right."""
    head, rows = [str(cell) for cell in head], list(rows)
    rows = [[str(cell) for cell in row] for row in rows]
    widths = [max(len(row[i]) for row in [head, *rows]) for i in range(len(head))]

    def line(cells):
        padded = [cell.rjust(width) if i else cell.ljust(width) for i, (cell, width) in enumerate(zip(cells, widths))]
        return "| " + " | ".join(padded) + " |"

    ruler = "|" + "|".join("-" * (w + 2) if i == 0 else "-" * (w + 1) + ":" for i, w in enumerate(widths)) + "|"
    return "\n".join([line(head), ruler, *map(line, rows)]) + "\n"


def version(command):
    """The line that names the version; None if there is no such program."""
    if not shutil.which(str(command[0])):
        return None
    run = subprocess.run(list(map(str, command)), stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    return run.stdout.splitlines()[0].strip()


def machine():
    """Where and when this was measured, and how busy the machine was: a load above the number of cores spoils it."""
    model = next((line.split(":")[1].strip() for line in open("/proc/cpuinfo") if line.startswith("model name")), "?")
    cores = sum(line.startswith("processor") for line in open("/proc/cpuinfo"))
    return f"{time.strftime('%Y-%m-%d %H:%M')}, {cores} × {model}, Linux {platform.release()}, {commit()}load {load()}"


def commit():
    if not shutil.which("git"):
        return ""
    run = subprocess.run(["git", "describe", "--always", "--dirty", "--exclude=*"], cwd=HERE, capture_output=True, text=True)
    return f"commit {run.stdout.strip()}, " if run.returncode == 0 else ""


def load():
    return open("/proc/loadavg").read().split()[0]


def memory_report(command, directory):
    """The exact figures of one compile, and the process's."""
    run = subprocess.run([*command, "--memory-report=json", "--memory-report-file=-"], cwd=directory, check=True,
                         stdout=subprocess.PIPE)
    return json.loads(run.stdout)


# What is no token, node or instruction by itself; a long distance is a part of the token that it leads to.
BESIDE = {"long distance", "token file", "import identity", "import slot", "absent node", "list of files", "ir function",
          "ir extern", "ir c type", "ir library", "ir test"}


def average(files, phase):
    """(count, bytes each) of the tokens, nodes or instructions in the reports of some files."""
    kinds = [kind for file in files for part in file["phases"] if part["name"] == phase for kind in part["by_kind"]]
    count = sum(kind["count"] for kind in kinds if kind["kind"] not in BESIDE)
    used = sum(kind["bytes"] for kind in kinds if kind["kind"] not in BESIDE or kind["kind"] == "long distance")
    return count, used / max(count, 1)


def add_polec(parser):
    """The argument that most scripts have: which polec is measured."""
    parser.add_argument("polec", nargs="?", default=HERE.parent / "build" / "polec", type=pathlib.Path)


def find_polec(parser, given):
    if not given.polec.exists():
        parser.error(f"there is no {given.polec}; say where polec is")
    given.polec = given.polec.resolve()


def parse(parser):
    given = parser.parse_args()
    find_polec(parser, given)
    return given


def finish(result, render, given):
    """What every script does at its end: print the tables, keep the figures."""
    for text in render(result).values():
        print(text)
    if given.json:
        save(result, given.json)


def run(parser, measure, render):
    """What most scripts do when they are called."""
    given = parse(parser)
    finish(measure(given), render, given)


def save(result, path):
    """One line for a sample, so that files of results can be kept in git."""
    text = json.dumps(result, ensure_ascii=False, separators=(",", ":"))
    pathlib.Path(path).write_text(text.replace('{"wall"', '\n{"wall"').replace('],"', '],\n"') + "\n")
