"""One interleaved comparison of the runtime with its peers on the same weights and inputs.

    make bench-peers                          everything, in about 19 minutes on 2 cores
    make bench-peers OPTIONS=--quick          whether it all runs; its figures mean nothing
    make bench-peers OPTIONS="--only trunk"   the cases whose name contains this
    make bench-peers OPTIONS="--only turns"   ours alone: pruning, threads, start and memory

Every round runs every engine once on a case before the next round begins, so that a machine that
slows down slows all of them; ratios are taken within rounds. Every result, ours too, is first held
against PyTorch's in fp32.
"""

import argparse
import json
import os
import platform
import subprocess
import sys
import tempfile
import time
from importlib.metadata import version

import torch

import cases
import goals
import report
import tables
from measure import Bench
from ours import default_program

#: Of a whole run by default. Building comes on top of it, and on a slow machine the three rounds
#: that every case gets.
MINUTES = 16
#: Instead of a case's name: no peers.
TURNS = "turns"
PACKAGES = ("torch", "onnx", "onnxruntime", "openvino", "ncnn", "pnnx", "numpy")


class Progress:
    """Says what is being done and how long the rest will take; `work` is the making ready and the
    timing of every step, in seconds."""

    def __init__(self, work, limit):
        self.work, self.limit = work, limit
        self.start, self.done = time.time(), 0
        self.spent, self.setups = 0.0, 0.0

    def begin(self, title):
        """Prints a heading and returns for how long the step may time."""
        elapsed = time.time() - self.start
        # What making ready takes beside what was expected; timing is cut to fit in the rest.
        pace = min(max((elapsed - self.spent) / self.setups, 0.5), 5) if self.setups > 20 else 1
        setup = pace * sum(setup for setup, _ in self.work[self.done:])
        timing = sum(seconds for _, seconds in self.work[self.done:])
        share = min(1, max(0.1, (self.limit - elapsed - setup) / max(timing, 1)))
        own_setup, own_timing = self.work[self.done]
        self.done += 1
        print(f"[{self.done}/{len(self.work)}, {elapsed:.0f} s, about "
              f"{setup + share * timing:.0f} s left] {title}", flush=True)
        self.setups += own_setup
        return share * own_timing

    def end(self, timed):
        """Notes for how long the step timed: where rounds are long, longer than it might."""
        self.spent += timed


def machine():
    """What the figures hold for."""
    processor = platform.processor()
    if os.path.exists("/proc/cpuinfo"):
        with open("/proc/cpuinfo", encoding="utf-8") as file:
            names = [line.split(":")[1].strip() for line in file if line.startswith("model name")]
        processor = names[0] if names else processor
    folder = os.path.dirname(os.path.abspath(__file__))

    def git(*arguments):
        return subprocess.run(["git", "-C", folder, *arguments], capture_output=True, text=True,
                              check=False).stdout.strip()

    return {
        "processor": processor, "cores": os.cpu_count(), "load_before": os.getloadavg()[0],
        "system": platform.platform(), "commit": git("rev-parse", "HEAD"),
        "changed_since": bool(git("status", "--porcelain", "--untracked-files=no")),
        "python": platform.python_version(),
        "versions": {name: version(name) for name in PACKAGES},
    }


def scaling_cases(quick):
    """Dense and pruned, one and two threads: what pruning and threads bring us."""
    size, blocks, short = ((64, 96), 2, 2) if quick else ((180, 320), 30, 5)
    return [
        cases.Case(part, kind, blocks=count, size=size, threads=threads)
        for part, kind, count in (
            ("network", "dense", blocks), ("network", "pruned", blocks),
            ("trunk", "dense", short), ("trunk", "pruned", short),
            ("upsampler", "dense", short), ("frame", "pruned", blocks))
        for threads in (1, 2)
    ]


def measure(bench, chosen, options):
    """All records of a run."""
    scaling = [] if options.only not in ("", TURNS) else scaling_cases(options.quick)
    single, starts = (0.5, 1) if options.quick else (30, 3)
    process_cases = [case for case in scaling if case.part == "frame" and case.threads == 2]
    process_cases = [
        cases.Case("frame", kind, blocks=case.blocks, size=case.size)
        for case in process_cases for kind in ("dense", "pruned")]
    work = [(case.setup, case.seconds) for case in chosen]
    work += [(10, single)] if scaling else []
    work += [(3 * starts, 0)] * len(process_cases)
    progress = Progress(work, 60 * options.minutes)
    result = {"records": [], "scaling": [], "processes": []}
    for case in chosen:
        result["records"] += bench.compare(case, progress.begin(case.name))
        progress.end(bench.timed)
    if scaling:
        seconds = progress.begin("SlimVSR by turns: pruning and threads")
        result["scaling"] = bench.scaling(scaling, seconds)
        progress.end(bench.timed)
    for case in process_cases:
        progress.begin(f"start and memory: {case.name}")
        result["processes"].append(bench.start_and_memory(case, starts))
    return result


def parse():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="tiny cases, a minute or two")
    parser.add_argument("--only", default="", metavar="TEXT", help="cases whose name contains it")
    parser.add_argument("--minutes", type=float, default=MINUTES,
                        help="what is timed is shortened where making ready takes longer")
    parser.add_argument("--program", default=default_program(), help="peer-runner")
    parser.add_argument("--output", default=".build/peers.json",
                        help="where the figures go; as tables, to the same with .md at its end")
    return parser.parse_args()


def main():
    options = parse()
    chosen = cases.quick_cases() if options.quick else cases.full_cases()
    chosen = [case for case in chosen if options.only in case.name]
    if not chosen and options.only != TURNS:
        sys.exit(f"error: no case's name contains \"{options.only}\"")
    torch.set_grad_enabled(False)
    start, facts = time.time(), machine()
    with tempfile.TemporaryDirectory(prefix="slimvsr-peers-") as folder:
        bench = Bench(options.program, folder, lambda text: print(text, flush=True))
        result = measure(bench, chosen, options)
    rows = goals.evaluate(
        result["records"], result["scaling"], result["processes"], bench.reference_errors)
    facts["seconds"] = round(time.time() - start)
    os.makedirs(os.path.dirname(options.output) or ".", exist_ok=True)
    result = {"machine": facts, "quick": options.quick, **result, "goals": rows}
    with open(options.output, "w", encoding="utf-8") as file:
        json.dump(result, file, indent=1)
    markdown = options.output + ".md"
    with open(markdown, "w", encoding="utf-8") as file:
        file.write(tables.document(result))
    lines = report.case_tables(result["records"])
    lines += report.scaling_table(result["scaling"]) if result["scaling"] else []
    lines += report.goal_table(rows)
    print("\n".join(lines))
    packages = ", ".join(f"{name} {text}" for name, text in facts["versions"].items())
    print(f"\n{facts['processor']}, {facts['cores']} cores, load {facts['load_before']:.1f} before"
          f"\n{packages}\n"
          f"{facts['seconds']} s; {options.output} holds every figure, {markdown} the tables.")
    if options.quick:
        print("These are tiny cases: the figures say that everything runs, not how fast.")


if __name__ == "__main__":
    main()
