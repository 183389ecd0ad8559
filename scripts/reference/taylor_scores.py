#!/usr/bin/env python3
"""First-order Taylor scores of small networks, computed independently in PyTorch, in double precision.

Writes Lab/Tests/Fixtures/VSRTrainingTests/taylor.json. A unit's score is the absolute derivative of
the Charbonnier loss by a factor of 1 on the unit, which autograd finds, where the library adds up
gradients times weights; it is the mean over the batches. Weights and clips are not stored: both sides
draw them from SplitMix64 with the case's seed. Needs torch (any 2.x) and numpy.
"""
import json
import pathlib

import numpy as np
import torch

from basicvsr import BasicVSR
from runtime_networks import SplitMix64, block, blueprint, compact, weights

torch.set_default_dtype(torch.float64)
FRAMES, WIDTH, HEIGHT, BATCHES = 3, 7, 6, 2


def units(b):
    """Units of every group, by name."""
    result = {}
    for branch in ["backward", "forward"] if b["direction"] == "bi" else ["forward"]:
        for i, item in enumerate(b[branch]):
            result[f"{branch}.{i}.in"] = len(item["keptInputs"])
            result[f"{branch}.{i}.mid"] = item["middleWidth"]
            result[f"{branch}.{i}.out"] = len(item["keptOutputs"])
    up = b["upsampler"]
    result["upconv1"] = up["firstWidth"]
    if b["scale"] == 4:
        result["upconv2"] = up["secondWidth"]
    result["conv_hr"] = up["refinementWidth"]
    return {name: count for name, count in result.items() if count}


def clip(random, width, height):
    values = random.uniform(FRAMES * 3 * width * height).astype(np.float64)
    return torch.from_numpy(values).reshape(1, FRAMES, 3, height, width)


def scores(b, parameters, batches):
    total = {}
    for low, high in batches:
        network = BasicVSR(compact(b)).load(parameters)
        network.attach({name: torch.ones(count) for name, count in units(b).items()})
        difference = network(low) - high
        (difference**2 + 1e-12).sqrt().mean().backward()
        for name in units(b):
            score = network.scaled(name).factors.grad.abs() / len(batches)
            total[name] = total.get(name, 0) + score
    return {name: values.tolist() for name, values in total.items()}


def main():
    dense = block([0, 1, 2, 3], 4, [0, 1, 2, 3])
    cases = {
        "unidirectional": (41, blueprint(
            "uni", 4, 4, [dense, block([1, 3], 3, [0, 2, 3])], [], (3, 4, 5), ([3, 4, 3, 2], 2))),
        "bidirectional": (42, blueprint(
            "bi", 2, 4, [dense], [dense, block([0, 2], 2, [1])], (3, None, 4), ([3, 4, 3, 2], 2))),
    }
    records = []
    for name, (seed, shape) in cases.items():
        random = SplitMix64(seed)
        parameters = weights(shape, random)
        batches = [
            (clip(random, WIDTH, HEIGHT),
             clip(random, WIDTH * shape["scale"], HEIGHT * shape["scale"]))
            for _ in range(BATCHES)]
        records.append({
            "name": name, "seed": seed, "frames": FRAMES, "width": WIDTH, "height": HEIGHT,
            "batches": BATCHES, "blueprint": compact(shape),
            "scores": scores(shape, parameters, batches),
        })
    path = pathlib.Path(__file__).parents[2] / "Lab/Tests/Fixtures/VSRTrainingTests/taylor.json"
    path.parent.mkdir(exist_ok=True)
    path.write_text(json.dumps(records, indent=1) + "\n")


if __name__ == "__main__":
    main()
