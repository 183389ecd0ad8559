"""Model files for the comparison: random weights, dense or with Residual Sparsity Connection.

The files are ordinary model files of the project (safetensors with the blueprint as metadata), so
that every engine runs the same weights.
"""

import json

import numpy as np
from safetensors import safe_open
from safetensors.numpy import save_file

BLUEPRINT_KEY = "slimvsr.blueprint"
FORMAT = {"slimvsr.format": "1"}


def _index_list(indices):
    """Compact text of ascending indices: 0-3,7."""
    runs = []
    for index in indices:
        if runs and runs[-1][1] + 1 == index:
            runs[-1][1] = index
        else:
            runs.append([index, index])
    return ",".join(str(a) if a == b else f"{a}-{b}" for a, b in runs)


def _convolution(generator, name, outputs, inputs, kernel, tensors, gain=1.0):
    fan_in = max(inputs * kernel * kernel, 1)
    scale = gain * np.sqrt(2 / fan_in)
    if inputs and outputs:
        weight = generator.standard_normal((outputs, inputs, kernel, kernel)) * scale
        tensors[f"{name}.weight"] = weight.astype(np.float32)
    if outputs:
        bias = generator.uniform(-0.01, 0.01, outputs)
        tensors[f"{name}.bias"] = bias.astype(np.float32)


def write_model(path, width, blocks, pruned, direction="uni", flow_widths=(32, 64, 32, 16), seed=1):
    """Writes a model; pruned ones keep between 31 and 69 % of each layer, as ratio 0.5 leaves."""
    generator = np.random.default_rng(seed)
    tensors = {}

    def kept(total):
        if not pruned:
            return list(range(total))
        count = int(generator.integers(round(total * 0.31), round(total * 0.69) + 1))
        return sorted(generator.choice(total, count, replace=False).tolist())

    blueprint = {
        "direction": direction, "scale": 4, "width": width, "negativeSlope": 0.1,
        "flow": {"widths": list(flow_widths), "levels": 6},
    }
    branches = ["backward", "forward"] if direction == "bi" else ["forward"]
    for branch in branches:
        _convolution(generator, f"{branch}_trunk.main.0", width, width + 3, 3, tensors)
        listing = []
        for index in range(blocks):
            inputs, middle, outputs = kept(width), len(kept(width)), kept(width)
            prefix = f"{branch}_trunk.main.2.{index}"
            _convolution(generator, f"{prefix}.conv1", middle, len(inputs), 3, tensors, 0.1)
            _convolution(generator, f"{prefix}.conv2", len(outputs), middle, 3, tensors, 0.1)
            listing.append({
                "inputs": _index_list(inputs), "middle": middle, "outputs": _index_list(outputs)
            })
        blueprint[branch] = listing
    first, second, refined = len(kept(width)), len(kept(width)), len(kept(width))
    blueprint["upsampler"] = {"upconv1": first, "upconv2": second, "conv_hr": refined}
    _convolution(generator, "fusion", width, width * len(branches), 1, tensors)
    _convolution(generator, "upconv1", 4 * first, width, 3, tensors)
    _convolution(generator, "upconv2", 4 * second, first, 3, tensors)
    _convolution(generator, "conv_hr", refined, second, 3, tensors)
    _convolution(generator, "conv_last", 3, refined, 3, tensors)
    chain = [8, *flow_widths, 2]
    for level in range(6):
        for index in range(5):
            name = f"spynet.basic_module.{level}.basic_module.{2 * index}"
            gain = 0.1 if index == 4 else 1.0
            _convolution(generator, name, chain[index + 1], chain[index], 7, tensors, gain)
    save_file(tensors, path, metadata={BLUEPRINT_KEY: json.dumps(blueprint), **FORMAT})


def read_model(path):
    """The blueprint and the tensors of a model file."""
    with safe_open(path, "np") as file:
        blueprint = json.loads(file.metadata()[BLUEPRINT_KEY])
        tensors = {name: file.get_tensor(name) for name in file.keys()}
    for branch in ("backward", "forward"):
        if isinstance(blueprint.get(branch), int):
            everything = _index_list(range(blueprint["width"]))
            dense = {"inputs": everything, "middle": blueprint["width"], "outputs": everything}
            blueprint[branch] = [dense] * blueprint[branch]
    return blueprint, tensors
