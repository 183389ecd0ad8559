"""How far our flows are from PyTorch's in double precision, with trained weights on real frames.

    make bench-flow OPTIONS="WEIGHTS.safetensors FOLDER"

WEIGHTS holds SPyNet as mmagic names it; every folder of PNG pictures in FOLDER is a clip. Prints
the end-point error in pixels for two pairs of each clip.
"""

import os
import sys
import tempfile

import numpy as np
import torch
from PIL import Image
from safetensors import safe_open
from safetensors.numpy import save_file

import models
import networks
from ours import Runtime, default_program


def model_with_flow(weights, path):
    """Writes a network with the flow network of `weights`; returns its blueprint and tensors."""
    models.write_model(path, 8, 1, pruned=False)
    blueprint, tensors = models.read_model(path)
    with safe_open(path, "np") as file:
        metadata = file.metadata()
    with safe_open(weights, "np") as file:
        for level in range(6):
            for layer in range(5):
                for kind in ("weight", "bias"):
                    name = f"basic_module.{level}.basic_module"
                    tensors[f"spynet.{name}.{2 * layer}.{kind}"] = file.get_tensor(
                        f"{name}.{layer}.conv.{kind}")
    save_file(tensors, path, metadata=metadata)
    return blueprint, tensors


def picture(path):
    pixels = np.asarray(Image.open(path).convert("RGB"), np.float32) / 255
    return torch.from_numpy(pixels).permute(2, 0, 1)[None]


def main(weights, folder):
    torch.set_grad_enabled(False)
    with tempfile.TemporaryDirectory() as temporary:
        model, inputs = (os.path.join(temporary, name) for name in ("m.safetensors", "inputs"))
        blueprint, tensors = model_with_flow(weights, model)
        for clip in sorted(os.listdir(folder)):
            names = sorted(os.listdir(os.path.join(folder, clip)))
            for index in (1, len(names) - 1):
                earlier, later = (
                    picture(os.path.join(folder, clip, names[i])) for i in (index - 1, index))
                size = later.shape[2:]
                network = networks.Parts(blueprint, tensors).flow().double()
                expected = network(later.double(), earlier.double()).numpy()[0]
                flow = np.zeros(2 * size.numel(), np.float32)
                np.concatenate(
                    [x.numpy().ravel() for x in (earlier, later, later)] + [flow]).tofile(inputs)
                with Runtime(default_program(), "flow", model, size, 1, inputs) as runtime:
                    runtime.run()
                    result = runtime.result().reshape(expected.shape)
                error = np.hypot(*(result - expected))
                print(f"{clip} {index}: flow up to {np.hypot(*expected).max():.2f} px, error "
                      f"{error.mean():.1e} px on average, {error.max():.1e} at most")


if __name__ == "__main__":
    main(*sys.argv[1:])
