"""Writes Lab/Tests/Fixtures/VSRNetworksTests: small networks with their outputs and gradients.

    python scripts/reference/network_fixtures.py Lab/Tests/Fixtures/VSRNetworksTests

Weights are random, the arithmetic is double precision, and what is stored is rounded to single.
Needs torch; any 2.x gives the same numbers to far below the tests' tolerance.
"""

import json
import pathlib
import sys

import torch

from basicvsr import BasicVSR, Flow, Warp, load
from fixture_values import encoded


def dense_block(width):
    kept = list(range(width))
    return {"keptInputs": kept, "middleWidth": width, "keptOutputs": kept}


def dense(direction, width, blocks, upper, scale, flow):
    stack = [dense_block(width) for _ in range(blocks)]
    return {
        "direction": direction,
        "scale": scale,
        "width": width,
        "negativeSlope": 0.1,
        "backward": stack if direction == "bi" else [],
        "forward": stack,
        "upsampler": {
            "firstWidth": width if scale == 4 else upper,
            "refinementWidth": upper,
            **({"secondWidth": upper} if scale == 4 else {}),
        },
        "flow": flow,
    }


def pruned(direction, scale, flow, upsampler):
    """Kept sets of every kind, the empty ones included."""
    blocks = [
        {"keptInputs": [0, 2, 4], "middleWidth": 3, "keptOutputs": [1, 2]},
        {"keptInputs": [], "middleWidth": 2, "keptOutputs": [0, 3]},
        {"keptInputs": [], "middleWidth": 0, "keptOutputs": [2]},
        {"keptInputs": [], "middleWidth": 0, "keptOutputs": []},
        {"keptInputs": [1], "middleWidth": 4, "keptOutputs": [0, 1, 2, 3, 4]},
    ]
    blueprint = dense(direction, 5, 0, 5, scale, flow)
    blueprint["forward"] = blocks
    blueprint["backward"] = blocks[::-1] if direction == "bi" else []
    blueprint["upsampler"] = upsampler
    return blueprint


def shapes(blueprint):
    """Shape and kernel side of every convolution, by name."""
    result = {}
    width = blueprint["width"]
    branches = ["backward", "forward"] if blueprint["direction"] == "bi" else ["forward"]
    for branch in branches:
        result[f"{branch}_trunk.main.0"] = (width, 3 + width, 3)
        for index, item in enumerate(blueprint[branch]):
            name = f"{branch}_trunk.main.2.{index}"
            result[f"{name}.conv1"] = (item["middleWidth"], len(item["keptInputs"]), 3)
            result[f"{name}.conv2"] = (len(item["keptOutputs"]), item["middleWidth"], 3)
    upper = blueprint["upsampler"]
    result["fusion"] = (width, width * len(branches), 1)
    result["upconv1"] = (4 * upper["firstWidth"], width, 3)
    before = upper["firstWidth"]
    if blueprint["scale"] == 4:
        result["upconv2"] = (4 * upper["secondWidth"], before, 3)
        before = upper["secondWidth"]
    result["conv_hr"] = (upper["refinementWidth"], before, 3)
    result["conv_last"] = (3, upper["refinementWidth"], 3)
    chain = [8] + blueprint["flow"]["widths"] + [2]
    for level in range(blueprint["flow"]["levels"]):
        for index in range(5):
            name = f"spynet.basic_module.{level}.basic_module.{2 * index}"
            result[name] = (chain[index + 1], chain[index], 7)
    return {name: shape for name, shape in result.items() if shape[0] > 0}


def rounded(tensor):
    """The nearest single-precision values, in double: both sides start from the same numbers."""
    return tensor.float().double()


def random_parameters(blueprint, generator):
    parameters = {}
    for name, (outputs, inputs, kernel) in shapes(blueprint).items():
        fan = max(inputs, 1) * kernel * kernel
        spread = 1.5 / fan**0.5
        weight = torch.randn(outputs, inputs, kernel, kernel, generator=generator).double()
        bias = torch.randn(outputs, generator=generator).double()
        parameters[f"{name}.weight"] = rounded(weight * spread)
        parameters[f"{name}.bias"] = rounded(bias * 0.1)
    return parameters


def random_factors(blueprint, generator):
    factors = {}
    branches = ["backward", "forward"] if blueprint["direction"] == "bi" else ["forward"]
    for branch in branches:
        for index, item in enumerate(blueprint[branch]):
            name = f"{branch}.{index}"
            factors[f"{name}.in"] = len(item["keptInputs"])
            factors[f"{name}.mid"] = item["middleWidth"]
            factors[f"{name}.out"] = len(item["keptOutputs"])
    upper = blueprint["upsampler"]
    factors["upconv1"] = upper["firstWidth"]
    if blueprint["scale"] == 4:
        factors["upconv2"] = upper["secondWidth"]
    factors["conv_hr"] = upper["refinementWidth"]
    return {
        name: rounded(torch.rand(count, generator=generator).double() + 0.25)
        for name, count in factors.items()
    }


def compact(blueprint):
    """The architecture as model files write it."""

    def blocks(items):
        return [
            {
                "inputs": ",".join(map(str, item["keptInputs"])),
                "middle": item["middleWidth"],
                "outputs": ",".join(map(str, item["keptOutputs"])),
            }
            for item in items
        ]

    names = {"firstWidth": "upconv1", "secondWidth": "upconv2", "refinementWidth": "conv_hr"}
    return {
        **blueprint,
        "backward": blocks(blueprint["backward"]),
        "forward": blocks(blueprint["forward"]),
        "upsampler": {names[key]: value for key, value in blueprint["upsampler"].items()},
    }


def write(folder, name, content):
    text = json.dumps(content, sort_keys=True)
    (folder / f"{name}.json").write_text(text + "\n")
    print(f"{name}: {len(text) // 1024} KiB")


def network_case(folder, name, blueprint, size, seed, with_factors=False, clips=1):
    generator = torch.Generator().manual_seed(seed)
    parameters = random_parameters(blueprint, generator)
    factors = random_factors(blueprint, generator) if with_factors else {}
    clip = rounded(torch.rand(clips, 3, 3, *size, generator=generator).double())
    network = BasicVSR(compact(blueprint)).double().load(parameters)
    network.attach(factors)
    output, states = network.run(clip)
    weighting = rounded(torch.randn(output.shape, generator=generator).double())
    (output * weighting).sum().backward()
    trained = network.named()
    trained |= {f"factor.{key}": network.scaled(key).factors for key in factors}
    # Weights without elements are not the network's; what nothing reads has no gradient.
    gradients = {key: torch.zeros_like(value) for key, value in parameters.items()}
    gradients |= {
        key: torch.zeros_like(value) if value.grad is None else value.grad
        for key, value in trained.items()
    }
    content = {
        "blueprint": json.dumps(compact(blueprint)),
        "clip": encoded(clip),
        "parameters": {key: encoded(value) for key, value in parameters.items()},
        "factors": {key: encoded(value) for key, value in factors.items()},
        "weighting": encoded(weighting),
        "output": encoded(output),
        "states": {key: encoded(torch.stack(value, 1)) for key, value in states.items()},
        "gradients": {key: encoded(value) for key, value in gradients.items()},
    }
    write(folder, name, content)


def flow_case(folder, name, flow, size, seed):
    generator = torch.Generator().manual_seed(seed)
    blueprint = dense("uni", 1, 0, 1, 4, flow)
    parameters = random_parameters(blueprint, generator)
    parameters = {key: value for key, value in parameters.items() if key.startswith("spynet")}
    network = load(Flow(compact(blueprint)).double(), parameters, "spynet.")
    first = rounded(torch.rand(1, 3, *size, generator=generator).double())
    second = rounded(torch.rand(1, 3, *size, generator=generator).double())
    content = {
        "blueprint": json.dumps(compact(blueprint)),
        "reference": encoded(first),
        "supporting": encoded(second),
        "parameters": {key: encoded(value) for key, value in parameters.items()},
        "flow": encoded(network(first, second)),
    }
    write(folder, name, content)


def warp_case(folder, name, size, seed):
    generator = torch.Generator().manual_seed(seed)
    feature = rounded(torch.randn(2, 3, *size, generator=generator).double())
    field = rounded(torch.randn(2, 2, *size, generator=generator).double() * 3)
    content = {"feature": encoded(feature), "flow": encoded(field)}
    for outside in ("zeros", "border"):
        content[outside] = encoded(Warp(outside)(feature, field))
    write(folder, name, content)


def main():
    folder = pathlib.Path(sys.argv[1])
    folder.mkdir(parents=True, exist_ok=True)
    small = {"widths": [2, 3, 2, 2], "levels": 2}
    tiny = {"widths": [2, 2, 2, 2], "levels": 6}
    network_case(folder, "uni-x4-dense", dense("uni", 5, 2, 4, 4, small), (7, 9), 1)
    network_case(folder, "uni-x2-factors", dense("uni", 4, 2, 6, 2, small), (6, 5), 2, True, 2)
    network_case(folder, "bi-x4-factors", dense("bi", 4, 2, 3, 4, small), (5, 6), 3, True)
    network_case(folder, "bi-x2-dense", dense("bi", 4, 1, 4, 2, small), (8, 4), 4, clips=2)
    upper = {"firstWidth": 3, "secondWidth": 2, "refinementWidth": 4}
    network_case(folder, "bi-x4-pruned", pruned("bi", 4, small, upper), (6, 7), 5)
    upper = {"firstWidth": 0, "refinementWidth": 0}
    network_case(folder, "uni-x2-pruned", pruned("uni", 2, small, upper), (7, 6), 6)
    upper = {"firstWidth": 0, "secondWidth": 2, "refinementWidth": 3}
    network_case(folder, "uni-x4-pruned-empty", pruned("uni", 4, small, upper), (4, 5), 7)
    network_case(folder, "uni-x4-one-pixel", dense("uni", 3, 1, 3, 4, small), (1, 1), 8)
    flow_case(folder, "flow-33x70", tiny, (33, 70), 9)
    flow_case(folder, "flow-17x32", tiny, (17, 32), 10)
    flow_case(folder, "flow-1x3", tiny, (1, 3), 11)
    warp_case(folder, "warp-6x5", (6, 5), 12)
    warp_case(folder, "warp-1x7", (1, 7), 13)
    warp_case(folder, "warp-7x1", (7, 1), 14)


if __name__ == "__main__":
    main()
