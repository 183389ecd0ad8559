"""The network's parts as PyTorch modules, in the forms that serve each engine best."""

import torch
import torch.nn as nn
import torch.nn.functional as F

from models import parse_index_list


def _conv(tensors, name, inputs, outputs, kernel=3):
    layer = nn.Conv2d(inputs, outputs, kernel, padding=kernel // 2)
    with torch.no_grad():
        layer.weight.copy_(torch.from_numpy(tensors[f"{name}.weight"]))
        layer.bias.copy_(torch.from_numpy(tensors[f"{name}.bias"]))
    return layer


class DenseBlock(nn.Module):
    """x + conv2(ReLU(conv1(x))); a pruned block in padded form is one of these too."""

    def __init__(self, conv1, conv2):
        super().__init__()
        self.conv1, self.conv2 = conv1, conv2

    def forward(self, x):
        return x + self.conv2(torch.relu(self.conv1(x)))


class SparseBlock(nn.Module):
    """The same with the kept channels gathered and the result added to the kept outputs."""

    def __init__(self, conv1, conv2, inputs, outputs):
        super().__init__()
        self.conv1, self.conv2 = conv1, conv2
        self.register_buffer("inputs", torch.tensor(inputs))
        self.register_buffer("outputs", torch.tensor(outputs))

    def forward(self, x):
        y = self.conv2(torch.relu(self.conv1(x.index_select(1, self.inputs))))
        return x.index_add(1, self.outputs, y)


def _block(tensors, name, shape, width, padded):
    inputs, outputs = parse_index_list(shape["inputs"]), parse_index_list(shape["outputs"])
    conv1 = _conv(tensors, f"{name}.conv1", len(inputs), shape["middle"])
    conv2 = _conv(tensors, f"{name}.conv2", shape["middle"], len(outputs))
    if len(inputs) == len(outputs) == width:
        return DenseBlock(conv1, conv2)
    if not padded:
        return SparseBlock(conv1, conv2, inputs, outputs)
    wide1 = nn.Conv2d(width, shape["middle"], 3, padding=1)
    wide2 = nn.Conv2d(shape["middle"], width, 3, padding=1)
    with torch.no_grad():
        for layer in (wide1, wide2):
            layer.weight.zero_()
            layer.bias.zero_()
        wide1.weight[:, inputs] = conv1.weight
        wide1.bias.copy_(conv1.bias)
        wide2.weight[outputs] = conv2.weight
        wide2.bias[outputs] = conv2.bias
    return DenseBlock(wide1, wide2)


class Trunk(nn.Module):
    """[1, 3 + C, H, W] to [1, C, H, W]: first convolution and residual blocks.

    With `padded`, pruned blocks are padded to all channels with zero weights, which some engines
    run faster than gathering.
    """

    def __init__(self, blueprint, tensors, branch="forward", padded=False):
        super().__init__()
        width, name = blueprint["width"], f"{branch}_trunk.main"
        blocks = [
            _block(tensors, f"{name}.2.{i}", shape, width, padded)
            for i, shape in enumerate(blueprint[branch])
        ]
        self.layers = nn.Sequential(
            _conv(tensors, f"{name}.0", width + 3, width), nn.LeakyReLU(0.1), *blocks
        )

    def forward(self, x):
        return self.layers(x)


class Upsampler(nn.Module):
    """Hidden states [1, C or 2C, H, W] and the frame [1, 3, H, W] to [1, 3, 4H, 4W]."""

    def __init__(self, blueprint, tensors):
        super().__init__()
        width = blueprint["width"]
        hidden = width * (2 if blueprint["direction"] == "bi" else 1)
        widths = blueprint["upsampler"]
        first, second, refined = widths["upconv1"], widths["upconv2"], widths["conv_hr"]
        self.fusion = _conv(tensors, "fusion", hidden, width, 1)
        self.upconv1 = _conv(tensors, "upconv1", width, 4 * first)
        self.upconv2 = _conv(tensors, "upconv2", first, 4 * second)
        self.conv_hr = _conv(tensors, "conv_hr", second, refined)
        self.conv_last = _conv(tensors, "conv_last", refined, 3)

    def forward(self, hidden, frame):
        x = F.leaky_relu(self.fusion(hidden), 0.1)
        x = F.leaky_relu(F.pixel_shuffle(self.upconv1(x), 2), 0.1)
        x = F.leaky_relu(F.pixel_shuffle(self.upconv2(x), 2), 0.1)
        x = self.conv_last(F.leaky_relu(self.conv_hr(x), 0.1))
        return x + F.interpolate(frame, scale_factor=4, mode="bilinear", align_corners=False)


class Warp(nn.Module):
    """x [1, C, H, W] sampled at its pixels moved by flow [1, 2, H, W]."""

    def __init__(self, padding="zeros"):
        super().__init__()
        self.padding = padding

    def forward(self, x, flow):
        # Coordinates need more than bf16's 8 bits, whatever the features are kept in.
        height, width = x.shape[-2:]
        rows, columns = torch.meshgrid(
            torch.arange(height).float(), torch.arange(width).float(), indexing="ij"
        )
        flow = flow.float()
        grid_x = 2 * (columns + flow[:, 0]) / max(width - 1, 1) - 1
        grid_y = 2 * (rows + flow[:, 1]) / max(height - 1, 1) - 1
        grid = torch.stack((grid_x, grid_y), -1)
        moved = F.grid_sample(
            x.float(), grid, mode="bilinear", padding_mode=self.padding, align_corners=True
        )
        return moved.to(x.dtype)


class Flow(nn.Module):
    """SPyNet: flow [1, 2, H, W] from `reference` to `supporting`, both [1, 3, H, W]."""

    def __init__(self, blueprint, tensors, height, width):
        super().__init__()
        self.size = (height, width)
        self.padded = ((height + 31) // 32 * 32, (width + 31) // 32 * 32)
        chain = [8, *blueprint["flow"]["widths"], 2]
        self.levels = nn.ModuleList()
        for level in range(blueprint["flow"]["levels"]):
            layers = []
            for i in range(5):
                name = f"spynet.basic_module.{level}.basic_module.{2 * i}"
                layers.append(_conv(tensors, name, chain[i], chain[i + 1], 7))
                if i < 4:
                    layers.append(nn.ReLU())
            self.levels.append(nn.Sequential(*layers))
        self.warp = Warp("border")
        self.register_buffer("mean", torch.tensor([0.485, 0.456, 0.406]).view(1, 3, 1, 1))
        self.register_buffer("deviation", torch.tensor([0.229, 0.224, 0.225]).view(1, 3, 1, 1))

    def pyramid(self, frame):
        resized = F.interpolate(frame, self.padded, mode="bilinear", align_corners=False)
        levels = [(resized - self.mean) / self.deviation]
        for _ in range(len(self.levels) - 1):
            levels.insert(0, F.avg_pool2d(levels[0], 2))
        return levels

    def forward(self, reference, supporting):
        references, supports = self.pyramid(reference), self.pyramid(supporting)
        flow = torch.zeros_like(references[0][:, :2])
        for level, module in enumerate(self.levels):
            if level:
                flow = 2 * F.interpolate(
                    flow, references[level].shape[-2:], mode="bilinear", align_corners=True
                )
            warped = self.warp(supports[level], flow)
            flow = flow + module(torch.cat((references[level], warped, flow), 1))
        height, width = self.size
        flow = F.interpolate(flow, self.size, mode="bilinear", align_corners=False)
        factors = torch.tensor([width / self.padded[1], height / self.padded[0]])
        return flow * factors.view(1, 2, 1, 1).to(flow.dtype)


class Frame(nn.Module):
    """One step of the online network: frame, frame before, hidden state to output and state."""

    def __init__(self, blueprint, tensors, height, width, padded=False):
        super().__init__()
        self.flow = Flow(blueprint, tensors, height, width)
        self.warp = Warp()
        self.trunk = Trunk(blueprint, tensors, padded=padded)
        self.upsampler = Upsampler(blueprint, tensors)

    def forward(self, frame, previous, hidden):
        warped = self.warp(hidden, self.flow(frame, previous))
        hidden = self.trunk(torch.cat((frame, warped), 1))
        return self.upsampler(hidden, frame), hidden


class BidirectionalFrame(nn.Module):
    """One frame's share of the bidirectional network: both flows, both trunks, the upsampler."""

    def __init__(self, blueprint, tensors, height, width, padded=False):
        super().__init__()
        self.flow = Flow(blueprint, tensors, height, width)
        self.warp = Warp()
        self.backward_trunk = Trunk(blueprint, tensors, "backward", padded)
        self.forward_trunk = Trunk(blueprint, tensors, "forward", padded)
        self.upsampler = Upsampler(blueprint, tensors)

    def forward(self, frame, previous, following, hidden_backward, hidden_forward):
        warped = self.warp(hidden_backward, self.flow(frame, following))
        backward = self.backward_trunk(torch.cat((frame, warped), 1))
        warped = self.warp(hidden_forward, self.flow(frame, previous))
        forward = self.forward_trunk(torch.cat((frame, warped), 1))
        return self.upsampler(torch.cat((backward, forward), 1), frame), backward, forward
