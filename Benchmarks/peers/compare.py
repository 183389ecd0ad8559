#!/usr/bin/env python3
"""Whole frames of one network: our runtime and PyTorch by turns in one run.

usage: compare.py RUNNER [--preset basicvsr-uni] [--ratios 0,0.5] [--sizes 320x180]
                         [--threads 1,2] [--rounds 7]
Prints a table of medians with spread, and all figures as JSON where --json names a file.
"""
import argparse
import json
import platform
import statistics
import subprocess
import tempfile
import time
from pathlib import Path

import torch

from torch_network import Network


class Ours:
    """A server process that upscales a frame at each request."""

    def __init__(self, runner, model, size, threads, executor="tuned", precision="fp32"):
        self.process = subprocess.Popen(
            [runner, "serve", model, size, str(threads), executor, precision],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        _, self.start, self.isa = self.process.stdout.readline().split()

    def ask(self, request):
        self.process.stdin.write(request + "\n")
        self.process.stdin.flush()
        return self.process.stdout.readline().strip()

    def run(self):
        return tuple(map(float, self.ask("run").split()))

    def close(self):
        self.process.stdin.close()
        self.process.wait()


class Torch:
    def __init__(self, model, size, threads):
        width, height = map(int, size.split("x"))
        self.threads = threads
        self.network = Network(model)
        torch.manual_seed(1)
        self.clip = [torch.rand(1, 3, height, width) for _ in range(3)]
        self.count, self.state = 0, None
        self.run()

    def run(self):
        torch.set_num_threads(self.threads)
        frame, previous = self.clip[self.count % 3], self.clip[(self.count - 1) % 3]
        begin, processor_begin = time.perf_counter(), time.process_time()
        _, self.state = self.network.step(frame, previous, self.state)
        self.count += 1
        elapsed, processor = time.perf_counter() - begin, time.process_time() - processor_begin
        return elapsed * 1e3, processor * 1e3


def summary(pairs):
    elapsed, processor = zip(*pairs)
    return {
        "median": statistics.median(elapsed), "min": min(elapsed), "max": max(elapsed),
        "processorMedian": statistics.median(processor), "processorMin": min(processor),
        "times": elapsed, "processorTimes": processor}


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("runner")
    parser.add_argument("--preset", default="basicvsr-uni")
    parser.add_argument("--ratios", default="0,0.5")
    parser.add_argument("--sizes", default="320x180")
    parser.add_argument("--threads", default="1,2")
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--json")
    options = parser.parse_args()
    rows = []
    print(f"{platform.processor() or platform.machine()}, torch {torch.__version__}, ms per frame: "
          "median (min-max; processor time)")
    with tempfile.TemporaryDirectory() as folder:
        for ratio in options.ratios.split(","):
            model = str(Path(folder) / f"{ratio}.safetensors")
            macs = subprocess.check_output(
                [options.runner, "make", options.preset, ratio, "1", model], text=True).split()
            for size in options.sizes.split(","):
                for threads in map(int, options.threads.split(",")):
                    ours = Ours(options.runner, model, size, threads)
                    peers = {"slimvsr": ours, "torch": Torch(model, size, threads)}
                    times = {name: [] for name in peers}
                    for _ in range(options.rounds):
                        for name, peer in peers.items():
                            times[name].append(peer.run())
                    row = {
                        "preset": options.preset, "ratio": float(ratio), "size": size,
                        "threads": threads, "macs": int(macs[0]), "flowMacs": int(macs[1]),
                        "isa": ours.isa, "startMs": float(ours.start),
                        "residentMB": float(ours.ask("memory")),
                    } | {name: summary(t) for name, t in times.items()}
                    ours.close()
                    rows.append(row)
                    cells = "  ".join(
                        f"{name} {row[name]['median']:.0f} "
                        f"({row[name]['min']:.0f}-{row[name]['max']:.0f}; processor "
                        f"{row[name]['processorMedian']:.0f})" for name in peers)
                    print(f"{options.preset} p={ratio} {size} {threads} threads: {cells}  ratio "
                          f"{row['torch']['median'] / row['slimvsr']['median']:.2f}, of processor time "
                          f"{row['torch']['processorMedian'] / row['slimvsr']['processorMedian']:.2f}"
                          f"  start "
                          f"{row['startMs']:.0f} ms  resident {row['residentMB']:.0f} MB",
                          flush=True)
    if options.json:
        Path(options.json).write_text(json.dumps(rows, indent=1) + "\n")


main()
