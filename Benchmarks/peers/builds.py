"""Two builds of the runtime by turns: what a change brings, and where the cores lay meanwhile.

    make bench-builds OPTIONS="OLD/peer-runner NEW/peer-runner"
    make bench-builds OPTIONS="OLD/peer-runner NEW/peer-runner --only upsampler --minutes 3"

Both keep running and take turns, in reverse order every other time. Pairs are grouped by how near
the cores were just before and just after: on one die, on different ones, or moved in between.
"""

import argparse
import os
import statistics
import sys
import tempfile
import time
from contextlib import ExitStack

import torch

import cases
from measure import Bench, quartiles
from ours import Runtime, handover

#: Nanoseconds between cores that share a cache are fewer, between others more.
APART = 90
CASES = [
    cases.Case("upsampler", "dense"),
    cases.Case("upsampler", "pruned"),
    cases.Case("trunk", "dense"),
    cases.Case("trunk", "pruned"),
    cases.Case("flow"),
    cases.Case("warp"),
    cases.Case("frame", "pruned", blocks=30),
]


def where(program):
    return "apart" if handover(program) > APART else "near"


def pair(servers, new, turn):
    """Where the cores were, and the milliseconds of the old and the new build."""
    before = where(new)
    order = (0, 1) if turn % 2 == 0 else (1, 0)
    times = {index: servers[index].run()[0] for index in order}
    after = where(new)
    return before if before == after else "moved", times[0], times[1]


def lines(case, pairs):
    for place in ("near", "apart", "moved"):
        found = [(old, new) for at, old, new in pairs if at == place]
        if len(found) < 3:
            continue
        low, middle, high = quartiles([old / new for old, new in found])
        old, new = (statistics.median(times) for times in zip(*found))
        yield (f"{case.name:44}{place:>6}{len(found):6}{old:9.1f}{new:9.1f}"
               f"{middle:11.2f} ({low:.2f}-{high:.2f})")


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("old", help="peer-runner of the one build")
    parser.add_argument("new", help="peer-runner of the other, with `handover`")
    parser.add_argument("--only", default="", metavar="TEXT", help="cases whose name contains it")
    parser.add_argument("--minutes", type=float, default=3)
    options = parser.parse_args()
    torch.set_grad_enabled(False)
    chosen = [case for case in CASES if options.only in case.name]
    if not chosen:
        sys.exit(f"error: no case's name contains \"{options.only}\"")
    for program in (options.old, options.new):
        if not os.access(program, os.X_OK):
            sys.exit(f"error: {program} is no program; scripts/bench-peers builds peer-runner")
    with tempfile.TemporaryDirectory(prefix="slimvsr-builds-") as folder, ExitStack() as stack:
        bench = Bench(options.new, folder, print)
        servers = {
            case: [stack.enter_context(
                Runtime(program, case.part, bench.model(case), case.size, case.threads,
                        bench.inputs(case.size))) for program in (options.old, options.new)]
            for case in chosen}
        pairs = {case: [] for case in chosen}
        end, turn = time.time() + 60 * options.minutes, 0
        while time.time() < end:
            for case in chosen:
                pairs[case].append(pair(servers[case], options.new, turn))
            turn += 1
    print(f"{'case':44}{'cores':>6}{'pairs':>6}{'old, ms':>9}{'new, ms':>9}"
          f"{'old / new':>11} (quartiles)")
    for case in chosen:
        print("\n".join(lines(case, pairs[case])))


if __name__ == "__main__":
    main()
