"""What is compared: the cases of a run, and the inputs and reference results of each."""

from dataclasses import dataclass, field

import numpy as np
import torch
import torch.nn.functional as F

import models
import networks

#: Hidden states are warped by about this many pixels.
FLOW_PIXELS = 2.0


@dataclass(frozen=True)
class Case:
    """One part of one network at one size."""

    part: str
    kind: str = "dense"
    direction: str = "uni"
    width: int = 64
    blocks: int = 5
    size: tuple = (180, 320)
    threads: int = 2
    #: Also by the reference executor, which is a hundred times slower.
    reference: bool = False
    #: Also by the other engines.
    peers: bool = True
    #: Timed for about this long, and what making it ready takes on 2 cores.
    seconds: float = field(default=10, compare=False)
    setup: float = field(default=10, compare=False)

    @property
    def name(self):
        rows, columns = self.size
        network = "" if self.part in ("flow", "warp") else f"{self.kind} "
        shape = f"{self.width}x{self.blocks}" if self.part != "upsampler" else f"{self.width}"
        shape = "" if self.part == "flow" else f"{shape} "
        direction = f"{self.direction} " if self.part == "frame" else ""
        plural = "s" if self.threads > 1 else ""
        return (f"{self.part}, {network}{direction}{shape}{columns}x{rows}, "
                f"{self.threads} thread{plural}")

    @property
    def model_name(self):
        return f"{self.kind}-{self.direction}-{self.width}x{self.blocks}.safetensors"

    @property
    def depends_on_form(self):
        """Whether pruned blocks, which peers run gathered or padded, are part of it."""
        return self.kind == "pruned" and self.part in ("trunk", "frame")


def full_cases():
    """Every goal's case, and every axis (width, size, threads, direction, pruning) at least once.

    The full product would take hours; widths, sizes and threads are varied one at a time from 64
    channels, 320x180, 2 threads.
    """
    odd, small, narrow = (101, 203), (135, 240), 32
    return [
        Case("trunk", "dense", seconds=12, setup=8),
        Case("trunk", "pruned", seconds=22, setup=14),
        Case("trunk", "pruned", threads=1, seconds=22, setup=14),
        Case("trunk", "dense", threads=1, seconds=14, setup=8),
        Case("trunk", "pruned", size=small, seconds=12, setup=12),
        Case("trunk", "pruned", size=odd, seconds=8, setup=12),
        Case("trunk", "dense", width=narrow, seconds=6, setup=8),
        Case("trunk", "pruned", width=narrow, seconds=8, setup=12),
        Case("upsampler", "dense", seconds=25, setup=50),
        Case("upsampler", "pruned", seconds=16, setup=20),
        Case("upsampler", "dense", width=narrow, seconds=12, setup=20),
        Case("upsampler", "dense", size=odd, threads=1, seconds=14, setup=22),
        Case("flow", seconds=10, setup=12),
        Case("flow", size=odd, threads=1, seconds=8, setup=12),
        Case("warp", seconds=3, setup=3),
        Case("warp", size=odd, threads=1, seconds=2, setup=3),
        Case("frame", "dense", blocks=30, seconds=60, setup=130),
        Case("frame", "pruned", blocks=30, seconds=45, setup=80),
        Case("frame", "pruned", "bi", blocks=30, seconds=60, setup=160),
        Case("frame", "pruned", blocks=30, width=narrow, seconds=20, setup=35),
        # The quickest of its size first: ncnn gives wrong frames there, which takes it 100 s in
        # a dense bidirectional network and is not tried again.
        Case("frame", "pruned", blocks=30, size=odd, threads=1, seconds=20, setup=45),
        Case("frame", "dense", "bi", blocks=30, size=odd, seconds=40, setup=60),
        Case("network", "pruned", blocks=30, size=(48, 64), reference=True, peers=False,
             seconds=3, setup=3),
        Case("trunk", "pruned", size=(48, 64), reference=True, seconds=3, setup=10),
    ]


def quick_cases():
    """The same kinds of case at a hundredth of the work: whether everything runs, not how fast."""
    size, odd = (64, 96), (51, 75)
    common = {"size": size, "seconds": 0.3, "setup": 2}
    return [
        Case("trunk", "dense", blocks=2, **common),
        Case("trunk", "pruned", blocks=2, **common),
        Case("trunk", "pruned", blocks=2, threads=1, size=odd, width=32, seconds=0.3, setup=2),
        Case("upsampler", "dense", **common),
        Case("upsampler", "pruned", size=odd, seconds=0.3, setup=2),
        Case("flow", **common),
        Case("warp", size=odd, seconds=0.3, setup=2),
        Case("frame", "dense", blocks=2, **common),
        Case("frame", "pruned", blocks=2, **common),
        Case("frame", "pruned", "bi", blocks=2, **common),
        Case("network", "pruned", blocks=2, reference=True, peers=False, width=32, size=odd,
             seconds=0.3, setup=2),
    ]


def clip_and_flow(size):
    """Three smooth pictures that move, [3, 1, 3, H, W], and a flow [1, 2, H, W] in pixels."""
    height, width = size
    generator = torch.Generator().manual_seed(7)
    rows, columns = height // 4 + 4, width // 4 + 4
    coarse = torch.rand(1, 3, rows, columns, generator=generator)
    picture = F.interpolate(
        coarse, size=(4 * rows, 4 * columns), mode="bicubic", align_corners=False)
    picture = picture.clamp(0, 1)
    clip = [picture[:, :, 2 * i:2 * i + height, i:i + width].contiguous() for i in range(3)]
    coarse = torch.randn(1, 2, height // 16 + 2, width // 16 + 2, generator=generator)
    flow = FLOW_PIXELS * F.interpolate(coarse, size=size, mode="bilinear", align_corners=True)
    return torch.stack(clip), flow.contiguous()


def write_inputs(path, size):
    """The file that `peer-runner` reads."""
    clip, flow = clip_and_flow(size)
    np.concatenate([clip.numpy().ravel(), flow.numpy().ravel()]).tofile(path)


class Network(networks.Parts):
    """A model's parts in PyTorch, in one of the forms of pruned blocks, and their inputs."""

    def __init__(self, path, size, padded=False):
        super().__init__(*models.read_model(path), padded)
        self.size = size
        self.clip, self.given_flow = clip_and_flow(size)

    def first_state(self, branch="forward", picture=0):
        """The hidden state of a branch at its first picture."""
        nothing = torch.zeros(1, self.blueprint["width"], *self.size)
        return self.trunk(branch)(torch.cat((self.clip[picture], nothing), 1))

    def work(self, part):
        """The module of `part` and its inputs: the second picture of the clip."""
        before, now, after = self.clip
        state = self.first_state()
        if part == "trunk":
            warped = networks.Warp()(state, self.given_flow)
            return self.trunk(), (torch.cat((now, warped), 1),)
        if part == "upsampler":
            return self.upsampler(), (state, now)
        if part == "flow":
            return self.flow(), (now, before)
        if part == "warp":
            return networks.Warp().eval(), (state, self.given_flow)
        if self.blueprint["direction"] == "bi":
            following = self.first_state("backward", 2)
            return self.frame(), (now, before, after, following, state)
        return self.frame(), (now, before, state)

    def network(self):
        """A frame whose flow is given."""
        state = self.trunk()(self.work("trunk")[1][0])
        return self.upsampler()(state, self.clip[1])

    def ours(self, part, reference):
        """What `peer-runner` answers for `part`, whose `reference` result is known."""
        if part == "warp":  # seen through the trunk behind it
            return self.trunk()(self.work("trunk")[1][0])
        return reference


def reference_result(network, part):
    """PyTorch's fp32 result of a case."""
    with torch.inference_mode():
        if part == "network":
            return network.network()
        module, inputs = network.work(part)
        result = module(*inputs)
    return result[0] if isinstance(result, tuple) else result


def macs(path, part, size):
    """Multiply-accumulates of a part for one picture; the flow network's for one direction."""
    blueprint, tensors = models.read_model(path)
    height, width = size
    finer = {"upconv2": 4, "conv_hr": 16, "conv_last": 16}
    padded = ((height + 31) // 32 * 32) * ((width + 31) // 32 * 32)
    total = {"trunk": 0, "upsampler": 0, "flow": 0, "warp": 0}
    for name, tensor in tensors.items():
        if not name.endswith(".weight"):
            continue
        root = name.split(".")[0]
        if root == "spynet":
            level = int(name.split(".")[2])
            halvings = blueprint["flow"]["levels"] - 1 - level
            total["flow"] += tensor.size * (padded >> (2 * halvings))
        elif root.endswith("trunk"):
            total["trunk"] += tensor.size * height * width
        else:
            total["upsampler"] += tensor.size * height * width * finer.get(root, 1)
    network = total["trunk"] + total["upsampler"]
    directions = 2 if blueprint["direction"] == "bi" else 1
    return {**total, "network": network, "frame": network + directions * total["flow"]}[part]
