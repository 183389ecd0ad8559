"""Writes Tests/Fixtures/VSRModelTests: PyTorch checkpoints as other projects save them.

    python scripts/reference/checkpoint_fixtures.py Tests/Fixtures/VSRModelTests

Needs torch; any 2.x will do. `checkpoint_wrappers.py` writes what other programs around PyTorch make.
"""

import collections
import pathlib
import sys

import torch

from checkpoint_network import shapes, state, values

def basicsr():
    params = state()
    params["spynet.mean"] = torch.zeros(1, 3, 1, 1)
    params["spynet.std"] = torch.ones(1, 3, 1, 1)
    return {"params": params}


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
    tensors = collections.OrderedDict()
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
        tensors["generator." + mmagic_name(name)] = tensor
    tensors["step_counter"] = torch.tensor(600000)
    return {
        "meta": {"iter": 300000, "seed": None, "big": 2**100, "time": 1.5, "tags": {"a", "b"}},
        "state_dict": tensors,
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
