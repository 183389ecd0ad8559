#!/usr/bin/env python3
"""Outputs of small networks computed independently in PyTorch, in double precision.

Writes Tests/Fixtures/VSRRuntime/networks.json. Weights and frames are not stored: both sides draw
them from SplitMix64 with the case's seed, layer after layer. Needs torch (any 2.x) and numpy.
"""
import base64
import json
import pathlib

import numpy as np
import torch
import torch.nn.functional as F

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
    """Per layer (weight, bias); bounds keep features near 1 and flows at some pixels."""
    result = {}
    for name, inputs, outputs, k in layers(b):
        bound = np.float32(1.5) / np.sqrt(np.float32(max(1, inputs * k * k)))
        weight = spread(random.uniform(outputs * inputs * k * k), bound)
        bias = spread(random.uniform(outputs), np.float32(0.25))
        result[name] = (
            torch.from_numpy(weight.astype(np.float64)).reshape(outputs, inputs, k, k),
            torch.from_numpy(bias.astype(np.float64)),
        )
    return result


def warp(x, flow, padding):
    """x [1, C, H, W], flow [1, 2, H, W] in pixels."""
    _, _, h, w = x.shape
    gy, gx = torch.meshgrid(torch.arange(h) * 1.0, torch.arange(w) * 1.0, indexing="ij")
    u = 2 * (gx + flow[:, 0]) / max(w - 1, 1) - 1
    v = 2 * (gy + flow[:, 1]) / max(h - 1, 1) - 1
    if w == 1:
        u = torch.zeros_like(u)
    if h == 1:
        v = torch.zeros_like(v)
    grid = torch.stack([u, v], dim=-1)
    return F.grid_sample(x, grid, mode="bilinear", padding_mode=padding, align_corners=True)


class Network:
    def __init__(self, blueprint, random):
        self.b = blueprint
        self.w = weights(blueprint, random)

    def conv(self, name, x):
        if name not in self.w:
            return x[:, :0]
        weight, bias = self.w[name]
        if weight.shape[1] == 0:
            return bias.reshape(1, -1, 1, 1).expand(x.shape[0], -1, *x.shape[2:])
        return F.conv2d(x, weight, bias, padding=weight.shape[-1] // 2)

    def act(self, x):
        return F.leaky_relu(x, self.b["negativeSlope"])

    def flow(self, reference, supporting):
        h, w = reference.shape[2:]
        count = self.b["flow"]["levels"]
        ph, pw = -(-h // 32) * 32, -(-w // 32) * 32
        mean = torch.tensor([0.485, 0.456, 0.406]).reshape(1, 3, 1, 1)
        deviation = torch.tensor([0.229, 0.224, 0.225]).reshape(1, 3, 1, 1)

        def pyramid(x):
            x = F.interpolate(x, size=(ph, pw), mode="bilinear", align_corners=False)
            levels = [(x - mean) / deviation]
            for _ in range(count - 1):
                levels.insert(0, F.avg_pool2d(levels[0], 2))
            return levels

        references, supportings = pyramid(reference), pyramid(supporting)
        flow = torch.zeros_like(references[0][:, :2])
        for level in range(count):
            if level > 0:
                size = references[level].shape[2:]
                flow = 2 * F.interpolate(flow, size=size, mode="bilinear", align_corners=True)
            x = torch.cat(
                [references[level], warp(supportings[level], flow, "border"), flow], dim=1)
            for i in range(5):
                x = self.conv(f"spynet.basic_module.{level}.basic_module.{2 * i}", x)
                if i < 4:
                    x = F.relu(x)
            flow = flow + x
        flow = F.interpolate(flow, size=(h, w), mode="bilinear", align_corners=False)
        return flow * torch.tensor([w / pw, h / ph]).reshape(1, 2, 1, 1)

    def trunk(self, branch, frame, state):
        x = self.act(self.conv(f"{branch}_trunk.main.0", torch.cat([frame, state], dim=1)))
        for i, block in enumerate(self.b[branch]):
            if not block["keptOutputs"]:
                continue
            name = f"{branch}_trunk.main.2.{i}"
            middle = F.relu(self.conv(f"{name}.conv1", x[:, block["keptInputs"]]))
            x = x.clone()
            x[:, block["keptOutputs"]] += self.conv(f"{name}.conv2", middle)
        return x

    def branch(self, branch, frames, flows):
        state = torch.zeros(1, self.b["width"], *frames[0].shape[2:])
        states = []
        for t, frame in enumerate(frames):
            if t > 0:
                state = warp(state, flows[t - 1], "zeros")
            state = self.trunk(branch, frame, state)
            states.append(state)
        return states

    def run(self, frames):
        pairs = list(zip(frames, frames[1:]))
        forward_flows = [self.flow(later, earlier) for earlier, later in pairs]
        states = [self.branch("forward", frames, forward_flows)]
        result = {"forwardFlows": forward_flows, "forward": states[0]}
        if self.b["direction"] == "bi":
            flows = [self.flow(earlier, later) for earlier, later in pairs]
            backward = self.branch("backward", frames[::-1], flows[::-1])[::-1]
            states.insert(0, backward)
            result |= {"backwardFlows": flows, "backward": backward}
        result["frames"] = [self.upsample(x, [s[t] for s in states]) for t, x in enumerate(frames)]
        return result

    def upsample(self, frame, states):
        x = self.act(self.conv("fusion", torch.cat(states, dim=1)))
        x = self.act(F.pixel_shuffle(self.conv("upconv1", x), 2)) if "upconv1" in self.w else \
            torch.zeros(1, 0, 2 * x.shape[2], 2 * x.shape[3])
        if self.b["scale"] == 4:
            x = self.act(F.pixel_shuffle(self.conv("upconv2", x), 2)) if "upconv2" in self.w else \
                torch.zeros(1, 0, 2 * x.shape[2], 2 * x.shape[3])
        x = self.act(self.conv("conv_hr", x)) if "conv_hr" in self.w else x[:, :0]
        base = F.interpolate(
            frame, scale_factor=self.b["scale"], mode="bilinear", align_corners=False)
        return self.conv("conv_last", x) + base


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
        "flow": {"widths": flow[0], "levels": flow[1]},
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


def encoded(tensors):
    """All values as little-endian float32 in base64."""
    values = np.concatenate([t.numpy().astype("<f4").ravel() for t in tensors]) if tensors else \
        np.zeros(0, "<f4")
    return base64.b64encode(values.tobytes()).decode()


def main():
    records = []
    for name, (seed, (width, height), count, shape) in cases().items():
        random = SplitMix64(seed)
        network = Network(shape, random)
        frames = [
            torch.from_numpy(random.uniform(3 * width * height).astype(np.float64))
            .reshape(1, 3, height, width) for _ in range(count)]
        result = network.run(frames)
        largest = max((f.abs().max().item() for f in result["forwardFlows"]), default=0)
        print(f"{name}: flows up to {largest:.2f} px")
        records.append({
            "name": name, "seed": seed, "width": width, "height": height, "count": count,
            "blueprint": compact(shape), "expected": {key: encoded(t) for key, t in result.items()},
        })
    path = pathlib.Path(__file__).parents[2] / "Tests/Fixtures/VSRRuntime/networks.json"
    path.write_text(json.dumps(records, indent=1) + "\n")


main()
