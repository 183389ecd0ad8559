"""BasicVSR as PyTorch users write it: modules, in-place activations, all flows in one batch."""

import torch
import torch.nn.functional as F
from torch import nn


def warp(x, flow, padding_mode):
    _, _, height, width = x.shape
    ys, xs = torch.meshgrid(torch.arange(height), torch.arange(width), indexing="ij")
    grid = torch.stack((xs, ys), 2).type_as(x) + flow.permute(0, 2, 3, 1)
    gx = 2 * grid[..., 0] / max(width - 1, 1) - 1
    gy = 2 * grid[..., 1] / max(height - 1, 1) - 1
    return F.grid_sample(
        x, torch.stack((gx, gy), 3), mode="bilinear", padding_mode=padding_mode, align_corners=True
    )


class BasicModule(nn.Module):
    def __init__(self, widths):
        super().__init__()
        chain = [8] + widths + [2]
        layers = []
        for inputs, outputs in zip(chain, chain[1:]):
            layers += [nn.Conv2d(inputs, outputs, 7, 1, 3), nn.ReLU(inplace=True)]
        self.basic_module = nn.Sequential(*layers[:-1])

    def forward(self, x):
        return self.basic_module(x)


class SPyNet(nn.Module):
    def __init__(self, widths):
        super().__init__()
        self.basic_module = nn.ModuleList(BasicModule(widths) for _ in range(6))
        mean, std = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)
        self.register_buffer("mean", torch.tensor(mean).view(1, 3, 1, 1), persistent=False)
        self.register_buffer("std", torch.tensor(std).view(1, 3, 1, 1), persistent=False)

    def pyramid(self, x):
        stages = [(x - self.mean) / self.std]
        for _ in range(5):
            stages.insert(0, F.avg_pool2d(stages[0], 2, 2))
        return stages

    def forward(self, ref, supp):
        # Sides must be multiples of 32, which the benchmark's are.
        flow = None
        for module, r, s in zip(self.basic_module, self.pyramid(ref), self.pyramid(supp)):
            if flow is None:
                up, warped = r.new_zeros(r.size(0), 2, r.size(2), r.size(3)), s
            else:
                up = 2 * F.interpolate(flow, scale_factor=2, mode="bilinear", align_corners=True)
                warped = warp(s, up, "border")
            flow = module(torch.cat([r, warped, up], 1)) + up
        return flow


class ResidualBlockNoBN(nn.Module):
    def __init__(self, width):
        super().__init__()
        self.conv1 = nn.Conv2d(width, width, 3, 1, 1)
        self.conv2 = nn.Conv2d(width, width, 3, 1, 1)
        self.relu = nn.ReLU(inplace=True)

    def forward(self, x):
        return x + self.conv2(self.relu(self.conv1(x)))


class Trunk(nn.Module):
    def __init__(self, width, blocks):
        super().__init__()
        self.main = nn.Sequential(
            nn.Conv2d(width + 3, width, 3, 1, 1),
            nn.LeakyReLU(0.1, inplace=True),
            nn.Sequential(*[ResidualBlockNoBN(width) for _ in range(blocks)]),
        )

    def forward(self, x):
        return self.main(x)


class BasicVSR(nn.Module):
    def __init__(self, direction, width, blocks, flow_widths):
        super().__init__()
        self.width = width
        self.branches = ["backward", "forward"] if direction == "bi" else ["forward"]
        self.spynet = SPyNet(flow_widths)
        for branch in self.branches:
            self.add_module(f"{branch}_trunk", Trunk(width, blocks))
        self.fusion = nn.Conv2d(width * len(self.branches), width, 1)
        self.upconv1 = nn.Conv2d(width, width * 4, 3, 1, 1)
        self.upconv2 = nn.Conv2d(width, width * 4, 3, 1, 1)
        self.conv_hr = nn.Conv2d(width, width, 3, 1, 1)
        self.conv_last = nn.Conv2d(width, 3, 3, 1, 1)
        self.pixel_shuffle = nn.PixelShuffle(2)
        self.lrelu = nn.LeakyReLU(0.1, inplace=True)

    def propagate(self, clip, branch, flows):
        b, t, _, height, width = clip.shape
        trunk = getattr(self, f"{branch}_trunk")
        order = range(t) if branch == "forward" else range(t - 1, -1, -1)
        hidden = clip.new_zeros(b, self.width, height, width)
        states = []
        for step, i in enumerate(order):
            if step > 0:
                flow = flows[:, i - 1] if branch == "forward" else flows[:, i]
                hidden = warp(hidden, flow, "zeros")
            hidden = trunk(torch.cat([clip[:, i], hidden], 1))
            states.append(hidden)
        return states if branch == "forward" else states[::-1]

    def forward(self, clip):
        b, t, c, height, width = clip.shape
        earlier = clip[:, :-1].reshape(-1, c, height, width)
        later = clip[:, 1:].reshape(-1, c, height, width)
        states = []
        for branch in self.branches:
            pair = (later, earlier) if branch == "forward" else (earlier, later)
            flows = self.spynet(*pair).view(b, t - 1, 2, height, width)
            states.append(torch.stack(self.propagate(clip, branch, flows), 1))
        x = torch.cat(states, 2).flatten(0, 1)
        x = self.lrelu(self.fusion(x))
        x = self.lrelu(self.pixel_shuffle(self.upconv1(x)))
        x = self.lrelu(self.pixel_shuffle(self.upconv2(x)))
        x = self.conv_last(self.lrelu(self.conv_hr(x)))
        frames = clip.flatten(0, 1)
        base = F.interpolate(frames, scale_factor=4, mode="bilinear", align_corners=False)
        return (x + base).view(b, t, 3, 4 * height, 4 * width)
