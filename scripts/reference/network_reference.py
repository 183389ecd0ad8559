"""The networks as plain functions in PyTorch, written from their published descriptions alone.

Slow and obvious on purpose: tests hold the Swift networks against what these functions give in
double precision. Parameters are a dict under BasicSR's names, factors one under the names of the
prunable layers; an architecture is a dict.
"""

import torch
import torch.nn.functional as F

MEAN = (0.485, 0.456, 0.406)
STD = (0.229, 0.224, 0.225)


def conv(x, parameters, name, kernel):
    if f"{name}.weight" not in parameters:  # no filters are left
        return x.new_zeros(x.shape[0], 0, *x.shape[2:])
    weight = parameters[f"{name}.weight"]
    bias = parameters[f"{name}.bias"]
    if weight.shape[1] == 0:
        return bias.view(1, -1, 1, 1).expand(x.shape[0], -1, x.shape[2], x.shape[3])
    return F.conv2d(x, weight, bias, padding=kernel // 2)


def leaky(x, slope):
    return torch.where(x >= 0, x, x * slope)


def warp(x, flow, border):
    """Bilinear sampling of x [N, C, H, W] at pixel + flow [N, 2 (dx, dy), H, W]."""
    n, c, height, width = x.shape
    ys, xs = torch.meshgrid(
        torch.arange(height, dtype=x.dtype), torch.arange(width, dtype=x.dtype), indexing="ij"
    )
    # On an axis of length 1 the flow has no effect.
    px = xs + flow[:, 0] if width > 1 else xs.expand(n, -1, -1)
    py = ys + flow[:, 1] if height > 1 else ys.expand(n, -1, -1)
    if border:
        px = px.clamp(0, width - 1)
        py = py.clamp(0, height - 1)
    x0 = px.floor()
    y0 = py.floor()
    flat = x.reshape(n, c, height * width)
    result = 0
    for dy in (0, 1):
        for dx in (0, 1):
            cx = x0 + dx
            cy = y0 + dy
            weight = (1 - (px - cx).abs()) * (1 - (py - cy).abs())
            inside = (cx >= 0) & (cx <= width - 1) & (cy >= 0) & (cy <= height - 1)
            index = cy.clamp(0, height - 1) * width + cx.clamp(0, width - 1)
            index = index.long().view(n, 1, -1).expand(-1, c, -1)
            value = flat.gather(2, index).view(n, c, height, width)
            result = result + value * (weight * inside).unsqueeze(1)
    return result


def spynet(reference, supporting, parameters, flow):
    """Flow [N, 2, H, W] from reference to supporting, both [N, 3, H, W] in 0...1."""
    levels = flow["levels"]
    multiple = 32
    height, width = reference.shape[2:]
    padded = [-(-side // multiple) * multiple for side in (height, width)]
    mean = torch.tensor(MEAN, dtype=reference.dtype).view(1, 3, 1, 1)
    std = torch.tensor(STD, dtype=reference.dtype).view(1, 3, 1, 1)

    def pyramid(frame):
        frame = F.interpolate(frame, size=padded, mode="bilinear", align_corners=False)
        stages = [(frame - mean) / std]
        for _ in range(levels - 1):
            stages.insert(0, F.avg_pool2d(stages[0], 2))
        return stages

    field = None
    for level, (ref, sup) in enumerate(zip(pyramid(reference), pyramid(supporting))):
        if field is None:
            up = ref.new_zeros(ref.shape[0], 2, *ref.shape[2:])
        else:
            up = 2 * F.interpolate(field, scale_factor=2, mode="bilinear", align_corners=True)
        x = torch.cat([ref, warp(sup, up, border=True), up], 1)
        for index in range(5):
            name = f"spynet.basic_module.{level}.basic_module.{2 * index}"
            x = conv(x, parameters, name, 7)
            if index < 4:
                x = x.clamp_min(0)
        field = up + x
    field = F.interpolate(field, size=(height, width), mode="bilinear", align_corners=False)
    ratio = torch.tensor([width / padded[1], height / padded[0]], dtype=field.dtype)
    return field * ratio.view(1, 2, 1, 1)


def factor(factors, name, x):
    return x * factors[name].view(1, -1, 1, 1) if name in factors else x


def block(x, parameters, factors, prefix, unit, description):
    kept_in = description["keptInputs"]
    kept_out = description["keptOutputs"]
    if not kept_out:
        return x
    n, _, height, width = x.shape
    inner = factor(factors, f"{unit}.in", x[:, kept_in])
    if description["middleWidth"]:
        middle = conv(inner, parameters, f"{prefix}.conv1", 3)
        middle = factor(factors, f"{unit}.mid", middle).clamp_min(0)
    else:
        middle = x.new_zeros(n, 0, height, width)
    y = factor(factors, f"{unit}.out", conv(middle, parameters, f"{prefix}.conv2", 3))
    out = x.clone()
    out[:, kept_out] = out[:, kept_out] + y
    return out


def trunk(x, parameters, factors, branch, blueprint):
    x = leaky(conv(x, parameters, f"{branch}_trunk.main.0", 3), blueprint["negativeSlope"])
    for index, description in enumerate(blueprint[branch]):
        prefix = f"{branch}_trunk.main.2.{index}"
        x = block(x, parameters, factors, prefix, f"{branch}.{index}", description)
    return x


def shuffle(x):
    """[N, 4C, H, W] to [N, C, 2H, 2W]: channel 4c + 2i + j goes to (c, 2y + i, 2x + j)."""
    n, c, height, width = x.shape
    x = x.view(n, c // 4, 2, 2, height, width).permute(0, 1, 4, 2, 5, 3)
    return x.reshape(n, c // 4, 2 * height, 2 * width)


def group_factor(factors, name, x):
    return x * factors[name].repeat_interleave(4).view(1, -1, 1, 1) if name in factors else x


def upsample(frame, features, parameters, factors, blueprint):
    slope = blueprint["negativeSlope"]
    x = leaky(conv(features, parameters, "fusion", 1), slope)
    x = leaky(shuffle(group_factor(factors, "upconv1", conv(x, parameters, "upconv1", 3))), slope)
    if blueprint["scale"] == 4:
        x = group_factor(factors, "upconv2", conv(x, parameters, "upconv2", 3))
        x = leaky(shuffle(x), slope)
    x = leaky(factor(factors, "conv_hr", conv(x, parameters, "conv_hr", 3)), slope)
    x = conv(x, parameters, "conv_last", 3)
    size = [side * blueprint["scale"] for side in frame.shape[2:]]
    return x + F.interpolate(frame, size=size, mode="bilinear", align_corners=False)


def propagate(clip, parameters, factors, branch, blueprint):
    """The hidden states [T] of [B, C, H, W] of one branch, in frame order."""
    b, t, _, height, width = clip.shape
    order = range(t) if branch == "forward" else range(t - 1, -1, -1)
    hidden = clip.new_zeros(b, blueprint["width"], height, width)
    states = [None] * t
    previous = None
    for i in order:
        if previous is not None:
            field = spynet(clip[:, i], clip[:, previous], parameters, blueprint["flow"])
            hidden = warp(hidden, field, border=False)
        hidden = torch.cat([clip[:, i], hidden], 1)
        hidden = trunk(hidden, parameters, factors, branch, blueprint)
        states[i] = hidden
        previous = i
    return states


def basicvsr(clip, parameters, factors, blueprint):
    """Output [B, T, 3, sH, sW] and each branch's hidden states for clip [B, T, 3, H, W]."""
    branches = ["backward", "forward"] if blueprint["direction"] == "bi" else ["forward"]
    states = {
        branch: propagate(clip, parameters, factors, branch, blueprint) for branch in branches
    }
    frames = []
    for i in range(clip.shape[1]):
        features = torch.cat([states[branch][i] for branch in branches], 1)
        frames.append(upsample(clip[:, i], features, parameters, factors, blueprint))
    return torch.stack(frames, 1), states
