#!/usr/bin/env python3
"""Outputs of small networks computed independently in PyTorch, in double precision.

Writes Tests/Fixtures/VSRRuntime/networks.json. Weights and frames are not stored: both sides draw
them from SplitMix64 with the case's seed, layer after layer. Needs torch (any 2.x) and numpy.
"""
import json
import pathlib

import numpy as np
import torch

from basicvsr import BasicVSR
from fixture_values import encoded

torch.set_default_dtype(torch.float64)
MASK = (1 << 64) - 1


class SplitMix64:
    def __init__(self, seed):
        self.state = seed

    def next(self):
        self.state = (self.state + 0x9E3779B97F4A7C15) & MASK
        z = self.state
        z = ((z ^ (z >> 30)) * 0xBF58476D1CE4E5B9) & MASK
        z = ((z ^ (z >> 27)) * 0x94D049BB133111EB) & MASK
        return z ^ (z >> 31)

    def uniform(self, count):
        return np.array([(self.next() >> 40) / (1 << 24) for _ in range(count)], np.float32)


def spread(numbers, bound):
    """Uniform numbers of 0...1 as float32 numbers of -bound...bound."""
    return (numbers * np.float32(2) - np.float32(1)) * np.float32(bound)


def layers(b):
    """(name, inputs, outputs, kernel) of every convolution with outputs, in layer order."""
    result = []
    branches = ["backward", "forward"] if b["direction"] == "bi" else ["forward"]
    c, up = b["width"], b["upsampler"]
    for branch in branches:
        result.append((f"{branch}_trunk.main.0", 3 + c, c, 3))
        for i, block in enumerate(b[branch]):
            name = f"{branch}_trunk.main.2.{i}"
            result.append((f"{name}.conv1", len(block["keptInputs"]), block["middleWidth"], 3))
            result.append((f"{name}.conv2", block["middleWidth"], len(block["keptOutputs"]), 3))
    result.append(("fusion", c * len(branches), c, 1))
    result.append(("upconv1", c, 4 * up["firstWidth"], 3))
    width = up["firstWidth"]
    if b["scale"] == 4:
        result.append(("upconv2", width, 4 * up["secondWidth"], 3))
        width = up["secondWidth"]
    result.append(("conv_hr", width, up["refinementWidth"], 3))
    result.append(("conv_last", up["refinementWidth"], 3, 3))
    chain = [8] + b["flow"]["widths"] + [2]
    for level in range(b["flow"]["levels"]):
        for i in range(5):
            name = f"spynet.basic_module.{level}.basic_module.{2 * i}"
            result.append((name, chain[i], chain[i + 1], 7))
    return [layer for layer in result if layer[2] > 0]


def weights(b, random):
    """By BasicSR's names; bounds keep features near 1 and flows
    at some pixels."""
    result = {}
    for name, inputs, outputs, k in layers(b):
        bound = np.float32(1.5) / np.sqrt(np.float32(max(1, inputs * k * k)))
        weight = spread(random.uniform(outputs * inputs * k * k), bound)
        bias = spread(random.uniform(outputs), np.float32(0.25))
        result[f"{name}.weight"] = (
            torch.from_numpy(weight.astype(np.float64)).reshape(outputs, inputs, k, k))
        result[f"{name}.bias"] = torch.from_numpy(bias.astype(np.float64))
    return result


def run(b, parameters, frames):
    """Flows, hidden states and frames of a clip, each a list of [1, C, H, W] in frame order."""
    network = BasicVSR(compact(b)).load(parameters)
    clip = torch.stack(frames, 1)
    output, states = network.run(clip)
    result = {}
    for branch in network.branches:
        flows = network.flows(clip, branch)[0] if len(frames) > 1 else []
        result |= {f"{branch}Flows": [flow[None] for flow in flows], branch: states[branch]}
    return result | {"frames": list(output.unbind(1))}


def block(inputs, middle, outputs):
    return {"keptInputs": inputs, "middleWidth": middle, "keptOutputs": outputs}


def blueprint(direction, scale, width, forward, backward, upsampler, flow, slope=0.1):
    first, second, refinement = upsampler
    shape = {"firstWidth": first, "refinementWidth": refinement}
    if second is not None:
        shape["secondWidth"] = second
    return {
        "direction": direction, "scale": scale, "width": width, "negativeSlope": slope,
        "forward": forward, "backward": backward, "upsampler": shape,
        "flow": dict(zip(("widths", "levels", "reduction"), flow)),
    }


def cases():
    dense = block([0, 1, 2, 3], 4, [0, 1, 2, 3])
    return {
        "unidirectional, scale 4, dense and pruned blocks": (
            11, (13, 9), 3,
            blueprint("uni", 4, 4, [dense, block([1, 3], 3, [0, 2, 3]), block([2], 1, [1])], [],
                      (3, 5, 4), ([3, 4, 3, 2], 6))),
        "bidirectional, scale 2, empty kept sets": (
            12, (7, 11), 3,
            blueprint("bi", 2, 5,
                      [block([0, 4], 2, [1, 2, 3]), block([], 3, [0, 2]), block([], 0, [3])],
                      [block([], 0, []), block([0, 1, 2, 3, 4], 5, [0, 1, 2, 3, 4])],
                      (4, None, 3), ([4, 3, 5, 2], 3), slope=0.0)),
        "one pixel": (
            13, (1, 1), 3, blueprint("bi", 4, 3, [block([0, 2], 2, [1])], [block([1], 2, [0, 2])],
                                     (2, 2, 2), ([2, 2, 2, 2], 6))),
        "one row": (
            14, (9, 1), 3, blueprint("uni", 4, 3, [block([0, 2], 2, [1])], [],
                                     (2, 2, 2), ([2, 2, 2, 2], 2))),
        "upsampler without refinement filters": (
            15, (5, 6), 2, blueprint("uni", 4, 3, [block([0, 1, 2], 3, [0, 1, 2])], [],
                                     (2, 2, 0), ([2, 2, 2, 2], 2))),
        "upsampler without second shuffle groups": (
            16, (6, 5), 2, blueprint("uni", 4, 3, [block([0, 1, 2], 3, [0, 1, 2])], [],
                                     (2, 0, 3), ([2, 2, 2, 2], 2))),
        "upsampler without first shuffle groups": (
            17, (6, 5), 2, blueprint("uni", 4, 3, [], [], (0, 2, 3), ([2, 2, 2, 2], 2))),
        "flow of frames reduced by 2": (
            18, (35, 9), 3, blueprint("bi", 4, 3, [block([0, 2], 2, [1])], [block([1], 2, [0, 2])],
                                      (2, 2, 2), ([2, 3, 2, 2], 5, 2))),
        "flow of frames reduced by 8": (
            19, (64, 32), 2, blueprint("uni", 2, 3, [block([0, 2], 2, [1])], [],
                                       (2, None, 2), ([2, 3, 2, 2], 2, 8))),
    }


def compact(shape):
    """The blueprint as model files hold it."""
    def blocks(branch):
        return [{
            "inputs": ",".join(map(str, b["keptInputs"])), "middle": b["middleWidth"],
            "outputs": ",".join(map(str, b["keptOutputs"])),
        } for b in shape[branch]]

    names = {"firstWidth": "upconv1", "secondWidth": "upconv2", "refinementWidth": "conv_hr"}
    return shape | {
        "forward": blocks("forward"), "backward": blocks("backward"),
        "upsampler": {names[key]: width for key, width in shape["upsampler"].items()},
    }


def main():
    records = []
    for name, (seed, (width, height), count, shape) in cases().items():
        random = SplitMix64(seed)
        parameters = weights(shape, random)
        frames = [
            torch.from_numpy(random.uniform(3 * width * height).astype(np.float64))
            .reshape(1, 3, height, width) for _ in range(count)]
        with torch.no_grad():
            result = run(shape, parameters, frames)
        largest = max((f.abs().max().item() for f in result["forwardFlows"]), default=0)
        print(f"{name}: flows up to {largest:.2f} px")
        records.append({
            "name": name, "seed": seed, "width": width, "height": height, "count": count,
            "blueprint": compact(shape), "expected": {key: encoded(torch.cat(t)) for key, t in result.items() if t},
        })
    path = pathlib.Path(__file__).parents[2] / "Tests/Fixtures/VSRRuntime/networks.json"
    path.write_text(json.dumps(records, indent=1) + "\n")


if __name__ == "__main__":
    main()
