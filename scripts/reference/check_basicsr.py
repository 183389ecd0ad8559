"""Loads exported checkpoints into BasicSR's own BasicVSR and compares frames with the program's.

    python scripts/reference/check_basicsr.py SLIMVSR BASICSR-SOURCE

scripts/check-basicsr runs it. Of BasicSR only three files are loaded; what they import besides
(torchvision, compiled operators, EDVR) BasicVSR does not use, and empty modules stand for it.
"""

import argparse
import importlib.util
import pathlib
import sys
import tempfile
import types

import numpy as np
import torch

from program_frames import SIZES, TOLERANCE, Program, clip


class Anything:
    def __init__(self, *arguments, **named):
        raise NotImplementedError("a part of BasicSR that BasicVSR does not use")


def stand_in(name, **values):
    module = types.ModuleType(name)
    module.__dict__.update(values)
    module.__path__ = []
    sys.modules[name] = module


def basicvsr_class(source):
    """BasicSR's class, from its source distribution."""
    registry = types.SimpleNamespace(register=lambda: lambda kind: kind)
    stand_in("torchvision", __version__="0.0.0")
    stand_in("distutils")
    stand_in("distutils.version", LooseVersion=str)
    stand_in("basicsr")
    stand_in("basicsr.archs")
    stand_in("basicsr.ops")
    stand_in("basicsr.ops.dcn", ModulatedDeformConvPack=Anything, modulated_deform_conv=None)
    stand_in("basicsr.utils", get_root_logger=None)
    stand_in("basicsr.utils.registry", ARCH_REGISTRY=registry)
    stand_in("basicsr.archs.edvr_arch", PCDAlignment=Anything, TSAFusion=Anything)
    for name in ("arch_util", "spynet_arch", "basicvsr_arch"):
        path = pathlib.Path(source) / "basicsr" / "archs" / f"{name}.py"
        spec = importlib.util.spec_from_file_location(f"basicsr.archs.{name}", path)
        module = importlib.util.module_from_spec(spec)
        sys.modules[spec.name] = module
        spec.loader.exec_module(module)
    return sys.modules["basicsr.archs.basicvsr_arch"].BasicVSR


def compare(program, kind, name, model, original=None):
    path = program.folder / f"{name}.pth"
    program.run("export", model, path)
    state = torch.load(path, weights_only=True)
    if original:
        for key, tensor in torch.load(original, weights_only=True)["params"].items():
            assert torch.equal(tensor, state["params"][key]), f"{key} differs"
    blocks = 1 + max(
        int(key.split(".")[3]) for key in state["params"]
        if key.startswith("forward_trunk.main.2."))
    width = len(state["params"]["fusion.bias"])
    for key in ("params", "params_ema"):
        network = kind(num_feat=width, num_block=blocks).eval()
        network.load_state_dict(state[key], strict=True)
    for seed, (width, height) in enumerate(SIZES):
        samples = clip(width, height, seed)
        ours = program.frames(model, samples)
        given = torch.from_numpy((samples / 65535).astype(np.float32))
        with torch.no_grad():
            theirs = network(given[None])[0].numpy()
        difference = np.abs(ours - np.clip(theirs, 0, 1)).max()
        print(
            f"{name}, {blocks} blocks, {width}x{height}, {len(samples)} frames: largest difference "
            f"{difference:.1e}", flush=True)
        if not difference <= TOLERANCE:
            raise SystemExit(f"error: {name} differs by {difference}, beyond {TOLERANCE}")


def drawn(path, kind):
    """A BasicVSR of BasicSR's own making, with random weights that move things."""
    torch.manual_seed(1)
    network = kind(num_feat=24, num_block=3)
    for name, parameter in network.named_parameters():
        if name.endswith("basic_module.8.bias"):
            torch.nn.init.uniform_(parameter, -1, 1)
    torch.save({"params": network.state_dict()}, path)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("program")
    parser.add_argument("source")
    arguments = parser.parse_args()
    kind = basicvsr_class(arguments.source)
    with tempfile.TemporaryDirectory() as folder:
        program = Program(arguments.program, folder)
        original = program.folder / "drawn-by-torch.pth"
        drawn(original, kind)
        compare(program, kind, "drawn", original, original)
        for name in program.fetched()[:1]:
            compare(program, kind, name, name)


if __name__ == "__main__":
    main()
