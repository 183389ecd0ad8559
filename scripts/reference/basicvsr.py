"""BasicVSR, dense or pruned, and its flow network as PyTorch users write them.

What fixtures are computed by (in double precision), and what benchmarks time. Written from the
published descriptions and PyTorch's own operations alone. Parameters have BasicSR's names; an
architecture is the blueprint of a model file, as a dictionary.

Sources: BasicVSR, Chan et al., CVPR 2021; SPyNet, Ranjan & Black, CVPR 2017; Residual Sparsity
Connection, Xia et al., CVPR 2023.
"""

import torch
import torch.nn.functional as F
from torch import nn


def indices(text):
    """The indices of a model file's list: `0-3,7`."""
    result = []
    for run in filter(None, text.split(",")):
        first, _, last = run.partition("-")
        result += range(int(first), int(last or first) + 1)
    return result


def branches(blueprint):
    return ["backward", "forward"] if blueprint["direction"] == "bi" else ["forward"]


def blocks(blueprint, branch):
    """A branch's residual blocks; a number stands for as many dense ones."""
    listed = blueprint.get(branch, [])
    if not isinstance(listed, int):
        return listed
    width = blueprint["width"]
    kept = f"0-{width - 1}"
    return [{"inputs": kept, "middle": width, "outputs": kept}] * listed


def size(x):
    """Height and width, as numbers also where a converter traces."""
    return int(x.shape[-2]), int(x.shape[-1])


def resized(x, to, corners=False):
    """Bilinear."""
    if size(x) == to:
        return x
    return F.interpolate(x, to, mode="bilinear", align_corners=corners)


class Nothing(nn.Module):
    """A convolution that lost all its filters."""

    def forward(self, x):
        return x.new_zeros(x.shape[0], 0, *x.shape[2:])


class Bias(nn.Module):
    """A convolution that lost all its inputs."""

    def __init__(self, outputs):
        super().__init__()
        self.bias = nn.Parameter(torch.zeros(outputs))

    def forward(self, x):
        return self.bias.view(1, -1, 1, 1).repeat(x.shape[0], 1, *x.shape[2:])


def convolution(inputs, outputs, kernel=3):
    if outputs == 0:
        return Nothing()
    if inputs == 0:
        return Bias(outputs)
    return nn.Conv2d(inputs, outputs, kernel, padding=kernel // 2)


def activation(slope):
    """May overwrite its input."""
    return nn.LeakyReLU(slope, inplace=True) if slope else nn.ReLU(inplace=True)


class Scaled(nn.Module):
    """Scaling factors of prunable units `[units]`, where a network has them.

    Each scales `repeats` channels in succession: the filters of a pixel-shuffle group.
    """

    def __init__(self, repeats=1):
        super().__init__()
        self.repeats = repeats
        self.register_parameter("factors", None)

    def forward(self, x):
        if self.factors is None:
            return x
        return x * self.factors.repeat_interleave(self.repeats).view(1, -1, 1, 1)


class Warp(nn.Module):
    """x `[N, C, H, W]` sampled bilinearly at its pixels moved by flow `[N, 2 (dx, dy), H, W]`.

    Coordinates are computed in single precision at least, whatever the features are kept in. On an
    axis of one pixel the flow has no effect.
    """

    def __init__(self, outside="zeros"):
        super().__init__()
        self.outside = outside

    def forward(self, x, flow):
        height, width = x.shape[-2:]
        wide = torch.promote_types(x.dtype, torch.float32)
        flow = flow.to(wide)
        rows, columns = torch.meshgrid(
            torch.arange(height).to(wide), torch.arange(width).to(wide), indexing="ij")
        grid_x = 2 * (columns + flow[:, 0]) / max(width - 1, 1) - 1
        grid_y = 2 * (rows + flow[:, 1]) / max(height - 1, 1) - 1
        moved = F.grid_sample(
            x.to(wide), torch.stack((grid_x, grid_y), -1), mode="bilinear",
            padding_mode=self.outside, align_corners=True)
        return moved.to(x.dtype)


class FlowLevel(nn.Module):
    def __init__(self, chain, kernels):
        super().__init__()
        layers = []
        for inputs, outputs, kernel in zip(chain, chain[1:], kernels):
            layers += [convolution(inputs, outputs, kernel), nn.ReLU(inplace=True)]
        self.basic_module = nn.Sequential(*layers[:-1])

    def forward(self, x):
        return self.basic_module(x)


class Flow(nn.Module):
    """SPyNet: flow `[N, 2, H, W]` from `reference` to `supporting`, both `[N, 3, H, W]` in 0…1."""

    def __init__(self, blueprint):
        super().__init__()
        flow = blueprint["flow"]
        chain, kernels = [8, *flow["widths"], 2], flow.get("kernels", [7] * 5)
        self.basic_module = nn.ModuleList(
            FlowLevel(chain, kernels) for _ in range(flow["levels"]))
        self.reduction = flow.get("reduction", 1)
        self.warp = Warp("border")
        for name, values in (("mean", (0.485, 0.456, 0.406)), ("std", (0.229, 0.224, 0.225))):
            # In double, so that a network in double has them in full.
            tensor = torch.tensor(values, dtype=torch.float64).view(1, 3, 1, 1)
            self.register_buffer(name, tensor, persistent=False)

    def pyramid(self, frame, padded):
        mean, std = self.mean.to(frame.dtype), self.std.to(frame.dtype)
        levels = [(resized(frame, padded) - mean) / std]
        count = len(self.basic_module)
        for _ in range(count - 1 + self.reduction.bit_length() - 1):
            levels.insert(0, F.avg_pool2d(levels[0], 2))
        return levels[:count]

    def forward(self, reference, supporting):
        height, width = size(reference)
        padded = (-(-height // 32) * 32, -(-width // 32) * 32)
        references, supports = (self.pyramid(x, padded) for x in (reference, supporting))
        flow = torch.zeros_like(references[0][:, :2])
        for level, module in enumerate(self.basic_module):
            warped = supports[level]
            if level:
                flow = 2 * resized(flow, size(references[level]), corners=True)
                warped = self.warp(warped, flow)
            flow = flow + module(torch.cat((references[level], warped, flow), 1))
        if size(flow) == (height, width):
            return flow
        ratio = torch.tensor(
            [width / size(flow)[1], height / size(flow)[0]], dtype=flow.dtype)
        return resized(flow, (height, width)) * ratio.view(1, 2, 1, 1)


class Block(nn.Module):
    """A residual block: the kept channels gathered, the result added to the kept outputs."""

    def __init__(self, shape, width):
        super().__init__()
        inputs, outputs = indices(shape["inputs"]), indices(shape["outputs"])
        self.conv1 = convolution(len(inputs), shape["middle"])
        self.conv2 = convolution(shape["middle"], len(outputs))
        self.relu = nn.ReLU(inplace=True)
        self.into, self.mid, self.out = Scaled(), Scaled(), Scaled()
        everything = list(range(width))
        self.gathers, self.scatters = inputs != everything, outputs != everything
        if self.gathers:
            self.register_buffer("inputs", torch.tensor(inputs, dtype=torch.long), False)
        if self.scatters:
            self.register_buffer("outputs", torch.tensor(outputs, dtype=torch.long), False)

    def forward(self, x):
        y = x.index_select(1, self.inputs) if self.gathers else x
        y = self.relu(self.mid(self.conv1(self.into(y))))
        y = self.out(self.conv2(y))
        return x.index_add(1, self.outputs, y) if self.scatters else x + y


class Trunk(nn.Module):
    """`[N, 3 + C, H, W]` to `[N, C, H, W]`: first convolution and residual blocks."""

    def __init__(self, blueprint, branch="forward"):
        super().__init__()
        width = blueprint["width"]
        # Without outputs, a block passes on what it gets.
        listed = [
            Block(shape, width) if shape["outputs"] else nn.Identity()
            for shape in blocks(blueprint, branch)
        ]
        self.main = nn.Sequential(
            convolution(3 + width, width), activation(blueprint["negativeSlope"]),
            nn.Sequential(*listed))

    def forward(self, x):
        return self.main(x)


class Upsampler(nn.Module):
    """Hidden states `[N, C or 2C, H, W]` and the frame `[N, 3, H, W]` to `[N, 3, sH, sW]`."""

    def __init__(self, blueprint):
        super().__init__()
        width, shape = blueprint["width"], blueprint["upsampler"]
        self.scale = blueprint["scale"]
        self.activation = activation(blueprint["negativeSlope"])
        self.fusion = convolution(width * len(branches(blueprint)), width, 1)
        self.upconvolutions = [name for name in ("upconv1", "upconv2") if name in shape]
        self.factors = shape.get("factors", [2] * len(self.upconvolutions))
        self.scaled = nn.ModuleDict()
        for name, factor in zip(self.upconvolutions, self.factors):
            self.add_module(name, convolution(width, factor**2 * shape[name]))
            self.scaled[name] = Scaled(repeats=factor**2)
            width = shape[name]
        self.conv_hr = convolution(width, shape["conv_hr"])
        self.scaled["conv_hr"] = Scaled()
        self.conv_last = convolution(shape["conv_hr"], 3)

    def forward(self, hidden, frame):
        x = self.activation(self.fusion(hidden))
        for name, factor in zip(self.upconvolutions, self.factors):
            x = self.scaled[name](getattr(self, name)(x))
            x = self.activation(shuffled(x, factor))
        x = self.activation(self.scaled["conv_hr"](self.conv_hr(x)))
        height, width = size(frame)
        base = resized(frame, (self.scale * height, self.scale * width))
        return self.conv_last(x) + base


def shuffled(x, factor):
    """Pixel-shuffle, also of no channels."""
    if x.shape[1] == 0:
        return x.new_zeros(x.shape[0], 0, factor * x.shape[2], factor * x.shape[3])
    return F.pixel_shuffle(x, factor)


class BasicVSR(nn.Module):
    """The whole network."""

    def __init__(self, blueprint):
        super().__init__()
        self.width, self.branches = blueprint["width"], branches(blueprint)
        self.spynet = Flow(blueprint)
        self.warp = Warp()
        for branch in self.branches:
            self.add_module(f"{branch}_trunk", Trunk(blueprint, branch))
        self.upsampler = Upsampler(blueprint)

    def load(self, tensors):
        """Takes tensors by BasicSR's names; weights without elements may be among them."""
        load(self, {place(name): tensor for name, tensor in tensors.items()})
        return self

    def named(self):
        """Its parameters by BasicSR's names."""
        return {
            name.removeprefix("upsampler."): parameter
            for name, parameter in self.named_parameters() if not name.endswith(".factors")
        }

    def attach(self, factors):
        """Takes scaling factors `[units]` by the names of prunable layers: `forward.3.mid`."""
        for name, values in factors.items():
            self.scaled(name).factors = nn.Parameter(values)
        return self

    def scaled(self, name):
        """What scales the units of a prunable layer."""
        parts = name.split(".")
        if len(parts) == 1:
            return self.upsampler.scaled[name]
        block = getattr(self, f"{parts[0]}_trunk").main[2][int(parts[1])]
        return getattr(block, "into" if parts[2] == "in" else parts[2])

    def flows(self, clip, branch):
        """`[B, T - 1, 2, H, W]`, from each frame to the one before it in the branch's order."""
        b, t, c, height, width = clip.shape
        earlier, later = (
            part.reshape(-1, c, height, width) for part in (clip[:, :-1], clip[:, 1:]))
        pair = (later, earlier) if branch == "forward" else (earlier, later)
        return self.spynet(*pair).view(b, t - 1, 2, height, width)

    def propagated(self, clip, branch, flows):
        """The hidden states `[B, C, H, W]` of a branch, in frame order."""
        b, t, _, height, width = clip.shape
        trunk = getattr(self, f"{branch}_trunk")
        order = range(t) if branch == "forward" else range(t - 1, -1, -1)
        hidden = clip.new_zeros(b, self.width, height, width)
        states = []
        for step, index in enumerate(order):
            if step:
                flow = flows[:, index - 1 if branch == "forward" else index]
                hidden = self.warp(hidden, flow)
            hidden = trunk(torch.cat((clip[:, index], hidden), 1))
            states.append(hidden)
        return states if branch == "forward" else states[::-1]

    def run(self, clip):
        """Frames `[B, T, 3, sH, sW]`, and each branch's hidden states, of `[B, T, 3, H, W]`."""
        states = {}
        for branch in self.branches:
            flows = self.flows(clip, branch) if clip.shape[1] > 1 else None
            states[branch] = self.propagated(clip, branch, flows)
        features = torch.cat([torch.stack(states[name], 1) for name in self.branches], 2)
        frames = self.upsampler(features.flatten(0, 1), clip.flatten(0, 1))
        return frames.unflatten(0, clip.shape[:2]), states

    def forward(self, clip):
        return self.run(clip)[0]


def place(name):
    """Where a tensor of BasicSR's name is in `BasicVSR`."""
    return name if name.startswith(("spynet.", "backward_", "forward_")) else f"upsampler.{name}"


def load(module, tensors, prefix=""):
    """Fills `module` from the tensors whose names begin with `prefix`; its type stays."""
    found = {
        name.removeprefix(prefix): tensor for name, tensor in tensors.items()
        if name.startswith(prefix) and tensor.numel() > 0
    }
    wanted = {name for name, _ in module.named_parameters() if not name.endswith("factors")}
    module.load_state_dict({name: found[name] for name in wanted}, strict=False)
    return module
