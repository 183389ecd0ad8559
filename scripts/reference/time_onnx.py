"""Times exported graphs in ONNX Runtime beside the runtime, by turns; scripts/check-onnx --time.

    python scripts/reference/time_onnx.py SLIMVSR [MODEL...] [--size 320x180] [--rounds N]

A round is `slimvsr bench` and steps of the graphs in ONNX Runtime, after one that is not counted. Of
bidirectional networks, bench computes windows of 16 frames and 8 to look ahead, so 1.5 backward
steps a frame; graphs compute one, as for whole clips. Printed are medians over the rounds in ms per
frame with the lowest and the highest, and the ratio of the medians.
"""

import argparse
import json
import pathlib
import statistics
import subprocess
import tempfile
import time

import numpy as np

import onnx_loop

def ours(program, model, size, threads):
    """Median ms per frame."""
    done = subprocess.run(
        [program, "bench", model, "--size", size, "--threads", str(threads), "--frames", "16",
         "--precision", "fp32", "--stability-guard", "off", "--json"],
        capture_output=True, text=True, check=True)
    return json.loads(done.stdout)["milliseconds"]["median"]


def theirs(parts, clip):
    """Median ms per frame, all parts together."""
    known, total = {}, 0
    for part in filter(None, parts):
        part.begin(clip[0])
        times = []
        for frame in clip:
            start = time.perf_counter()
            part.step(frame, known)
            times.append(time.perf_counter() - start)
        total += statistics.median(times[1:])
        known = dict(part.states)
    return 1e3 * total


def text(times):
    return f"{statistics.median(times):.1f} ms ({min(times):.1f} to {max(times):.1f})"


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("program")
    parser.add_argument("models", nargs="*", default=["uni-small-slim", "bi-slim"])
    parser.add_argument("--size", default="320x180")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--threads", type=int, nargs="+", default=[2, 1])
    arguments = parser.parse_args()
    width, height = map(int, arguments.size.split("x"))
    clip = np.random.default_rng(1).uniform(size=(6, 1, 3, height, width)).astype(np.float32)
    with tempfile.TemporaryDirectory() as folder:
        for index, model in enumerate(arguments.models):
            path = pathlib.Path(folder) / f"{index}.onnx"
            subprocess.run(
                [arguments.program, "export", model, path], check=True, stdout=subprocess.DEVNULL)
            for threads in arguments.threads:
                parts = onnx_loop.parts(path, threads=threads)
                rounds = [
                    (theirs(parts, clip), ours(arguments.program, model, arguments.size, threads))
                    for _ in range(arguments.rounds)]
                onnx, own = zip(*rounds)
                ratio = statistics.median(onnx) / statistics.median(own)
                print(
                    f"{model}, {arguments.size}, {threads} threads: ONNX Runtime {text(onnx)}, "
                    f"slimvsr {text(own)}, ratio {ratio:.2f}", flush=True)


if __name__ == "__main__":
    main()
