"""Writes Tests/Fixtures/VSRModelTests: PyTorch checkpoints as other projects save them.

    python scripts/reference/checkpoint_fixtures.py Tests/Fixtures/VSRModelTests

Element i of a tensor is (i + length of its BasicSR name) / 64, exact in every stored type. Needs
torch; any 2.x will do.
"""

import collections
import pathlib
import sys

import torch

WIDTH, HIGH, FLOW = 3, 2, [8, 1, 2, 1, 1, 2]


def convolution(shapes, name, inputs, outputs, kernel):
    shapes[f"{name}.weight"] = [outputs, inputs, kernel, kernel]
    shapes[f"{name}.bias"] = [outputs]


def shapes():
    """Names and shapes of a bidirectional x4 network with one block, as in BasicSR."""
    result = collections.OrderedDict()
    for index in range(5):
        name = f"spynet.basic_module.0.basic_module.{2 * index}"
        convolution(result, name, FLOW[index], FLOW[index + 1], 7)
    for branch in ("backward_trunk", "forward_trunk"):
        convolution(result, f"{branch}.main.0", 3 + WIDTH, WIDTH, 3)
        for layer in ("conv1", "conv2"):
            convolution(result, f"{branch}.main.2.0.{layer}", WIDTH, WIDTH, 3)
    convolution(result, "fusion", 2 * WIDTH, WIDTH, 1)
    convolution(result, "upconv1", WIDTH, 4 * WIDTH, 3)
    convolution(result, "upconv2", WIDTH, 4 * HIGH, 3)
    convolution(result, "conv_hr", HIGH, HIGH, 3)
    convolution(result, "conv_last", HIGH, 3, 3)
    return result


def values(name, shape):
    count = int(torch.tensor(shape).prod())
    return ((torch.arange(count) + len(name)) / 64).reshape(shape)


def basicsr():
    state = collections.OrderedDict((n, values(n, s)) for n, s in shapes().items())
    state["spynet.mean"] = torch.zeros(1, 3, 1, 1)
    state["spynet.std"] = torch.ones(1, 3, 1, 1)
    return {"params": state}


def mmagic_name(name):
    for ours, theirs in (
        ("backward_trunk", "backward_resblocks"),
        ("forward_trunk", "forward_resblocks"),
        ("upconv1", "upsample1.upsample_conv"),
        ("upconv2", "upsample2.upsample_conv"),
    ):
        name = name.replace(ours, theirs)
    parts = name.split(".")
    if parts[0] == "spynet":
        parts[4] = f"{int(parts[4]) // 2}.conv"
    return ".".join(parts)


def mmagic():
    """Several types and layouts, and things besides that nothing may trip over."""
    state = collections.OrderedDict()
    for index, (name, shape) in enumerate(shapes().items()):
        tensor = values(name, shape)
        if index % 5 == 1:
            tensor = tensor.double()
        elif index % 5 == 2 and len(shape) == 4:
            tensor = tensor.to(memory_format=torch.channels_last)
        elif index % 5 == 3:
            tensor = torch.cat([torch.full([7], 5.0), tensor.flatten()])[7:].reshape(shape)
        elif index % 5 == 4:
            tensor = torch.nn.Parameter(tensor)
        state["generator." + mmagic_name(name)] = tensor
    state["step_counter"] = torch.tensor(600000)
    return {
        "meta": {"iter": 300000, "seed": None, "big": 2**100, "time": 1.5, "tags": {"a", "b"}},
        "state_dict": state,
        "optimizer": {"generator": {"state": {0: {"exp_avg": torch.ones(2)}}}},
        "device": torch.device("cpu"),
    }


def half():
    return collections.OrderedDict(
        (n, values(n, s).half() if "weight" in n else values(n, s).bfloat16())
        for n, s in shapes().items()
        if n.startswith("conv_last")
    )


def main():
    folder = pathlib.Path(sys.argv[1])
    folder.mkdir(parents=True, exist_ok=True)
    torch.save(basicsr(), folder / "basicsr.pth")
    torch.save(mmagic(), folder / "mmagic.pth")
    torch.save(basicsr(), folder / "legacy.pth", _use_new_zipfile_serialization=False)
    torch.save(half(), folder / "half.pth")
    torch.save(torch.nn.Conv2d(1, 1, 1), folder / "module.pth")


main()
