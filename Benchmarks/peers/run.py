"""One interleaved comparison of the runtime with its peers on the same weights.

    swift build -c release && python run.py --output peers.json

Every round runs every engine once on a case before the next round begins, so that a machine that
slows down slows all of them; medians over rounds are compared. Each peer's result is first held
against PyTorch's fp32 result; ours is held against references by the tests.
"""

import argparse
import json
import os
import platform
import statistics
import subprocess
import tempfile
import time
from importlib.metadata import version

import numpy as np
import torch

import engines
import models
import networks
from ours import Runtime

PARTS = ("trunk", "upsampler", "flow", "warp", "frame")


def make_case(part, path, size, padded):
    """The module of `part` and its inputs."""
    blueprint, tensors = models.read_model(path)
    height, width = size
    generator = torch.Generator().manual_seed(7)
    channels, bidirectional = blueprint["width"], blueprint["direction"] == "bi"

    def picture():
        return torch.rand(1, 3, height, width, generator=generator)

    def state(count=1):
        return 0.5 * torch.randn(1, count * channels, height, width, generator=generator)

    with torch.no_grad():
        if part == "trunk":
            module = networks.Trunk(blueprint, tensors, padded=padded)
            inputs = (torch.cat((picture(), state()), 1),)
        elif part == "upsampler":
            module = networks.Upsampler(blueprint, tensors)
            inputs = (state(2 if bidirectional else 1), picture())
        elif part == "flow":
            module = networks.Flow(blueprint, tensors, height, width)
            inputs = (picture(), picture())
        elif part == "warp":
            module = networks.Warp()
            flow = 4 * torch.randn(1, 2, height, width, generator=generator)
            inputs = (state(), flow)
        elif bidirectional:
            module = networks.BidirectionalFrame(blueprint, tensors, height, width, padded)
            inputs = (picture(), picture(), picture(), state(), state())
        else:
            module = networks.Frame(blueprint, tensors, height, width, padded)
            inputs = (picture(), picture(), state())
    return module.eval(), inputs


def runners(part, path, size, threads, program, log):
    """Name, precision and function of every engine that can run the case; checked once each."""
    pruned = "pruned" in os.path.basename(path)
    gathered, inputs = make_case(part, path, size, False)
    with torch.inference_mode():
        result = gathered(*inputs)
        reference = (result[0] if isinstance(result, tuple) else result).numpy()
    found, servers = [], []
    for precision in ("fp32", "bf16"):
        try:
            servers.append(Runtime(program, path, size, threads, precision))
        except (RuntimeError, OSError) as error:
            log(f"    SlimVSR {precision}: {error}")
            continue
        found.append(("SlimVSR", precision, lambda s=servers[-1]: s.run(part)))
    depends_on_form = pruned and part in ("trunk", "frame")
    for engine in engines.PEERS:
        for form in engine.forms if depends_on_form else ("padded",):
            module = make_case(part, path, size, form == "padded")[0] if pruned else gathered
            name = engine.name + (f" ({form})" if depends_on_form else "")
            try:
                run = engine.build(module, inputs, threads)
                check(name, engine.precision, run(), reference, log)
            except Exception as error:  # a peer that cannot run a case is reported, not fatal
                log(f"    {name} {engine.precision}: cannot run: {str(error)[:70]}")
                continue
            found.append((name, engine.precision, lambda r=run: timed(r)))
    return found, servers


def timed(run):
    start = time.perf_counter()
    run()
    return 1e3 * (time.perf_counter() - start)


def check(name, precision, result, reference, log):
    error = np.linalg.norm(result - reference) / np.linalg.norm(reference)
    log(f"    {name:36} {precision}  relative error {error:.1e}")
    if not error < (1e-3 if precision == "fp32" else 0.2):
        raise RuntimeError(f"wrong result, relative error {error:.1e}")


def compare(part, path, size, threads, seconds, program, log):
    """Interleaved rounds for about `seconds`; one record per engine."""
    found, servers = runners(part, path, size, threads, program, log)
    torch.set_num_threads(threads)
    times = {(name, precision): [] for name, precision, _ in found}
    end, rounds = time.time() + seconds, 0
    while rounds < 3 or (time.time() < end and rounds < 51):
        for name, precision, run in found:
            times[name, precision].append(run())
        rounds += 1
    for server in servers:
        server.close()
    return [
        {
            "part": part, "model": os.path.basename(path), "size": f"{size[1]}x{size[0]}",
            "threads": threads, "engine": name, "precision": precision, "rounds": rounds,
            "median_ms": statistics.median(values), "minimum_ms": min(values),
            "maximum_ms": max(values),
        }
        for (name, precision), values in times.items()
    ]


def table(records):
    """Lines of at most 100 columns: per case, engines with ratios to our fp32 median."""
    lines, case = [], None
    for record in records:
        key = tuple(record[k] for k in ("part", "model", "size", "threads"))
        if key != case:
            case = key
            rows = [r for r in records if tuple(r[k] for k in ("part", "model", "size", "threads"))
                    == key]
            ours = next((r["median_ms"] for r in rows
                         if r["engine"] == "SlimVSR" and r["precision"] == "fp32"), None)
            lines.append("")
            lines.append(f"{key[0]} · {key[1]} · {key[2]} · {key[3]} thread(s)")
            lines.append(f"  {'engine':40}{'':6}{'median ms':>11}{'min – max':>20}{'ratio':>8}")
        ratio = f"{record['median_ms'] / ours:8.2f}" if ours else f"{'–':>8}"
        spread = f"{record['minimum_ms']:.1f} – {record['maximum_ms']:.1f}"
        lines.append(
            f"  {record['engine']:40}{record['precision']:6}{record['median_ms']:11.1f}"
            f"{spread:>20}{ratio}"
        )
    return "\n".join(lines)


def machine():
    cpu = platform.processor()
    if os.path.exists("/proc/cpuinfo"):
        with open("/proc/cpuinfo", encoding="utf-8") as file:
            cpu = next((x.split(":")[1].strip() for x in file if x.startswith("model name")), cpu)
    packages = ("torch", "onnxruntime", "openvino", "ncnn", "numpy")
    commit = subprocess.run(
        ["git", "rev-parse", "--short", "HEAD"], capture_output=True, text=True, check=False
    ).stdout.strip()
    return {
        "cpu": cpu, "cores": os.cpu_count(), "commit": commit,
        "versions": {name: version(name) for name in packages},
    }


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--program", default=".build/release/peer-runner")
    parser.add_argument("--output", default="peers.json")
    parser.add_argument("--widths", type=int, nargs="+", default=[64, 32])
    parser.add_argument("--sizes", nargs="+", default=["320x180", "240x135", "203x101"])
    parser.add_argument("--threads", type=int, nargs="+", default=[2, 1])
    parser.add_argument("--parts", nargs="+", choices=PARTS, default=list(PARTS))
    parser.add_argument("--directions", nargs="+", default=["uni", "bi"])
    parser.add_argument("--blocks", type=int, default=5, help="residual blocks of part trunk")
    parser.add_argument("--frame-blocks", type=int, default=30, help="… of part frame")
    parser.add_argument("--seconds", type=float, default=6, help="timed per case")
    options = parser.parse_args()
    folder = tempfile.mkdtemp(prefix="slimvsr-peers-")
    records = []

    def log(text):
        print(text, flush=True)

    cases = []
    for width in options.widths:
        for kind in ("dense", "pruned"):
            for part in options.parts:
                for direction in options.directions if part == "frame" else ["uni"]:
                    # The warp does not depend on pruning, nor does the flow network.
                    if kind == "pruned" and part in ("warp", "flow"):
                        continue
                    cases += [
                        (width, kind, part, direction, size, threads)
                        for size in options.sizes for threads in options.threads
                        # Beside the first size and the most threads, only the parts that differ.
                        if (size == options.sizes[0] or part in ("trunk", "upsampler"))
                        and (threads == max(options.threads) or part != "frame")
                        and not (size != options.sizes[0] and threads != max(options.threads))
                    ]
    start = time.time()
    for index, (width, kind, part, direction, size, threads) in enumerate(cases):
        blocks = options.frame_blocks if part == "frame" else options.blocks
        path = os.path.join(folder, f"{kind}-{direction}-{width}x{blocks}.safetensors")
        if not os.path.exists(path):
            models.write_model(path, width, blocks, kind == "pruned", direction)
        log(f"[{index + 1}/{len(cases)}, {time.time() - start:.0f} s] {part} {kind} {direction} "
            f"width {width}, {size}, {threads} thread(s)")
        columns, rows = (int(x) for x in size.split("x"))
        records += compare(
            part, path, (rows, columns), threads, options.seconds, options.program, log
        )
    with open(options.output, "w", encoding="utf-8") as file:
        json.dump({"machine": machine(), "records": records}, file, indent=1)
    print(table(records))
    print(f"\n{json.dumps(machine())}\n{options.output} holds the figures.")


if __name__ == "__main__":
    main()
