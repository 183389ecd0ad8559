"""The network's parts with their weights, as the engines take them."""

import pathlib
import sys

import torch
import torch.nn as nn

sys.path.append(str(pathlib.Path(__file__).parents[2] / "scripts/reference"))
import basicvsr
from basicvsr import Warp


def padded(blueprint, tensors):
    """The same network with pruned blocks padded to all channels with zero weights, which some
    engines run faster than gathering."""
    width = blueprint["width"]
    kept = f"0-{width - 1}"
    blueprint, tensors = dict(blueprint), dict(tensors)
    for branch in basicvsr.branches(blueprint):
        shapes = basicvsr.blocks(blueprint, branch)
        for index, shape in enumerate(shapes):
            inputs, outputs = (basicvsr.indices(shape[side]) for side in ("inputs", "outputs"))
            conv1, conv2 = (
                f"{branch}_trunk.main.2.{index}.{name}" for name in ("conv1", "conv2"))
            wide1 = torch.zeros(shape["middle"], width, 3, 3)
            wide1[:, inputs] = tensors[f"{conv1}.weight"]
            wide2 = torch.zeros(width, shape["middle"], 3, 3)
            wide2[outputs] = tensors[f"{conv2}.weight"]
            bias = torch.zeros(width)
            bias[outputs] = tensors[f"{conv2}.bias"]
            tensors |= {
                f"{conv1}.weight": wide1, f"{conv2}.weight": wide2, f"{conv2}.bias": bias}
        blueprint[branch] = [shape | {"inputs": kept, "outputs": kept} for shape in shapes]
    return blueprint, tensors


class Parts:
    """A model's parts, in one of the forms of pruned blocks.

    `blueprint` and `tensors` (NumPy's) are what `models.read_model` gives.
    """

    def __init__(self, blueprint, tensors, is_padded=False):
        self.blueprint = blueprint
        self.tensors = {name: torch.from_numpy(array) for name, array in tensors.items()}
        if is_padded:
            self.blueprint, self.tensors = padded(self.blueprint, self.tensors)

    def trunk(self, branch="forward"):
        return self._loaded(basicvsr.Trunk(self.blueprint, branch), f"{branch}_trunk.")

    def flow(self):
        return self._loaded(basicvsr.Flow(self.blueprint), "spynet.")

    def upsampler(self):
        return self._loaded(basicvsr.Upsampler(self.blueprint))

    def frame(self):
        is_bidirectional = self.blueprint["direction"] == "bi"
        return (BidirectionalFrame if is_bidirectional else Frame)(self).eval()

    def _loaded(self, module, prefix=""):
        return basicvsr.load(module.float(), self.tensors, prefix).eval()


class Frame(nn.Module):
    """One step of the online network: frame, frame before, hidden state to output and state."""

    def __init__(self, parts):
        super().__init__()
        self.flow, self.warp = parts.flow(), Warp()
        self.trunk, self.upsampler = parts.trunk(), parts.upsampler()

    def forward(self, frame, previous, hidden):
        warped = self.warp(hidden, self.flow(frame, previous))
        hidden = self.trunk(torch.cat((frame, warped), 1))
        return self.upsampler(hidden, frame), hidden


class BidirectionalFrame(nn.Module):
    """One frame's share of the bidirectional network: both flows, both trunks, the upsampler."""

    def __init__(self, parts):
        super().__init__()
        self.flow, self.warp = parts.flow(), Warp()
        self.backward_trunk, self.forward_trunk = parts.trunk("backward"), parts.trunk("forward")
        self.upsampler = parts.upsampler()

    def forward(self, frame, previous, following, hidden_backward, hidden_forward):
        warped = self.warp(hidden_backward, self.flow(frame, following))
        backward = self.backward_trunk(torch.cat((frame, warped), 1))
        warped = self.warp(hidden_forward, self.flow(frame, previous))
        forward = self.forward_trunk(torch.cat((frame, warped), 1))
        return self.upsampler(torch.cat((backward, forward), 1), frame), backward, forward
