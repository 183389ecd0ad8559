"""Times our training step and Python PyTorch's, in turns, on one network and one input.

    make bench-training OPTIONS="--width 64 --blocks 30"

Both sides start from the same weights, use the same number of threads, the same fused Adam and the
same weight average; their losses are compared, so that equal work is certain. Our step is the one of
`slimvsr-lab pretrain` with its default settings, which --set changes. Prints JSON.
"""

import argparse
import json
import os
import pathlib
import platform
import statistics
import struct
import subprocess
import sys
import tempfile
import time

import torch
from torch.optim.swa_utils import get_ema_multi_avg_fn

sys.path.append(str(pathlib.Path(__file__).parents[2] / "scripts/reference"))
from basicvsr import BasicVSR

SCALE = 4


def read_safetensors(path):
    data = pathlib.Path(path).read_bytes()
    (size,) = struct.unpack("<Q", data[:8])
    header = json.loads(data[8 : 8 + size])
    body = bytearray(data[8 + size :])
    tensors = {}
    for name, entry in header.items():
        if name == "__metadata__":
            continue
        begin, end = entry["data_offsets"]
        flat = torch.frombuffer(body, dtype=torch.float32, count=(end - begin) // 4, offset=begin)
        tensors[name] = flat.reshape(entry["shape"]).clone()
    return tensors


class PythonSide:
    def __init__(self, settings, weights, clip, target):
        width, blocks = settings["width"], settings["blocks"]
        self.network = BasicVSR({
            "direction": settings["direction"], "width": width, "scale": SCALE,
            "negativeSlope": 0.1,
            "backward": blocks, "forward": blocks,
            "upsampler": {"upconv1": width, "upconv2": width, "conv_hr": width},
            "flow": {"widths": settings["flowWidths"], "levels": 6},
        }).load(weights)
        self.parameters = list(self.network.parameters())
        self.adam = torch.optim.Adam(
            self.parameters, lr=settings["rate"], betas=(0.9, 0.99), fused=True
        )
        self.average = [parameter.detach().clone() for parameter in self.parameters]
        self.update = get_ema_multi_avg_fn(0.999)
        self.clip, self.target = clip, target

    def step(self):
        start = time.perf_counter_ns(), time.process_time_ns()
        self.adam.zero_grad()
        output = self.network(self.clip)
        loss = ((output - self.target).square() + 1e-12).sqrt().mean()
        loss.backward()
        self.adam.step()
        self.update(self.average, [parameter.detach() for parameter in self.parameters], None)
        value = loss.item()
        return time.perf_counter_ns() - start[0], time.process_time_ns() - start[1], value


class SwiftSide:
    def __init__(self, program, folder, changes):
        self.process = subprocess.Popen(
            [program, folder, *changes], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        self.expect("ready")

    def line(self):
        line = self.process.stdout.readline()
        if not line:
            raise SystemExit("the Swift side stopped: its message is above")
        return line.strip()

    def expect(self, word):
        line = self.line()
        if line != word:
            raise SystemExit(f"the Swift side said {line!r} in place of {word!r}")

    def step(self):
        self.process.stdin.write("\n")
        self.process.stdin.flush()
        nanoseconds, processor, loss = self.line().split()
        return int(nanoseconds), int(processor), float(loss)

    def close(self):
        self.process.stdin.close()
        self.process.wait()


def quartiles(values):
    return [round(value, 4) for value in statistics.quantiles(values, n=4)]


def comparison(times):
    """Milliseconds of both sides, and the ratio of each pair of steps; quartiles."""
    return {
        "swift_ms": quartiles(times["swift"]),
        "python_ms": quartiles(times["python"]),
        "ratio": quartiles([a / b for a, b in zip(times["swift"], times["python"])]),
    }


def cpu():
    for line in pathlib.Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith(("model name", "CPU part")):
            return line.split(":")[1].strip()
    return platform.machine()


def configuration(settings):
    """The settings of a run of `slimvsr-lab pretrain`; JSON is YAML."""
    return json.dumps({
        "network": {
            **{key: settings[key] for key in ("direction", "width", "blocks", "flowWidths")},
            "scale": SCALE,
        },
        "data": {
            "frames": settings["frames"], "sceneFrames": settings["frames"],
            "patch": settings["side"], "batchSize": settings["batch"],
        },
        # The rate stays as it is, as on the other side.
        "optimizer": {"rate": settings["rate"], "finalRate": settings["rate"]},
        "run": {"seed": settings["seed"], "threads": settings["threads"]},
    })


def measure(program, settings, steps, warmup):
    torch.manual_seed(settings["seed"])
    torch.set_num_threads(settings["threads"])
    shape = (settings["batch"], settings["frames"], 3, settings["side"], settings["side"])
    clip = torch.rand(shape)
    target = torch.rand(*shape[:3], SCALE * settings["side"], SCALE * settings["side"])
    with tempfile.TemporaryDirectory() as folder:
        path = pathlib.Path(folder)
        path.joinpath("settings.yml").write_text(configuration(settings))
        path.joinpath("clip.f32").write_bytes(clip.numpy().tobytes())
        path.joinpath("target.f32").write_bytes(target.numpy().tobytes())
        swift = SwiftSide(program, folder, settings["set"])
        python = PythonSide(settings, read_safetensors(path / "model.safetensors"), clip, target)
        times = {"swift": [], "python": []}
        processor = {"swift": [], "python": []}
        difference = 0
        for step in range(warmup + steps):
            # Who goes first changes, so that a machine that slows down favors neither.
            sides = [("swift", swift), ("python", python)]
            losses = {}
            for name, side in sides if step % 2 == 0 else sides[::-1]:
                wall, busy, losses[name] = side.step()
                if step >= warmup:
                    times[name].append(wall / 1e6)
                    processor[name].append(busy / 1e6)
            difference = max(difference, abs(losses["swift"] / losses["python"] - 1))
        swift.close()
    return times, processor, difference


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--program", required=True, help="training-step-benchmark, built")
    parser.add_argument("--direction", choices=["uni", "bi"], default="uni")
    parser.add_argument("--width", type=int, default=32)
    parser.add_argument("--blocks", type=int, default=10)
    parser.add_argument("--flow-widths", default="16,32,16,8")
    parser.add_argument("--frames", type=int, default=7)
    parser.add_argument("--side", type=int, default=64, help="pixels, a multiple of 32")
    parser.add_argument("--batch", type=int, default=2)
    parser.add_argument("--threads", type=int, default=os.cpu_count())
    parser.add_argument("--steps", type=int, default=20)
    parser.add_argument("--warmup", type=int, default=3)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument(
        "--set", action="append", default=[], metavar="KEY=VALUE",
        help="a setting of our side, such as run.winograd=false; repeatable")
    options = parser.parse_args()
    if options.side % 32:
        parser.error(f"--side must be a multiple of 32, not {options.side}")
    settings = {
        key: getattr(options, key)
        for key in (
            "direction", "width", "blocks", "frames", "side", "batch", "threads", "seed", "set")
    }
    settings["flowWidths"] = [int(width) for width in options.flow_widths.split(",")]
    settings["rate"] = 2e-4
    times, processor, difference = measure(
        options.program, settings, options.steps, options.warmup
    )
    report = {
        "settings": settings,
        "steps": options.steps,
        "cpu": cpu(),
        "torch": torch.__version__,
        "wall": comparison(times),
        # Where other work shares the machine, this is the steadier of the two.
        "processor": comparison(processor),
        "largest_relative_loss_difference": difference,
    }
    print(json.dumps(report, indent=2))


if __name__ == "__main__":
    main()
