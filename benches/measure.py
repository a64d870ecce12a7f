"""What compare.py, programs.py, policies.py and costs.py share: commands measured in turns, and tables of the results."""

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

    def alternate(self, commands, rounds, label):
        """{name: [sample of each round]}; a first round, which is not counted, warms the caches of the disk."""
        samples = {name: [] for name in commands}
        for turn in range(rounds + 1):
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
    rows = [[str(cell) for cell in row] for row in rows]
    widths = [max(len(row[i]) for row in [head, *rows]) for i in range(len(head))]

    def line(cells):
        padded = [cell.rjust(width) if i else cell.ljust(width) for i, (cell, width) in enumerate(zip(cells, widths))]
        return "| " + " | ".join(padded) + " |"

    print(line(head))
    print("|" + "|".join("-" * (w + 2) if i == 0 else "-" * (w + 1) + ":" for i, w in enumerate(widths)) + "|")
    for row in rows:
        print(line(row))
    print()


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
    load = open("/proc/loadavg").read().split()[0]
    return f"{time.strftime('%Y-%m-%d %H:%M')}, {cores} × {model}, Linux {platform.release()}, load {load}"
