"""BasicVSR-uni from a model file in PyTorch, one frame at a time: the peer's side."""
import json

import torch
import torch.nn.functional as F
from safetensors import safe_open


def indices(text):
    """`0-3,7` as a list."""
    result = []
    for run in filter(None, text.split(",")):
        first, *last = run.split("-")
        result += range(int(first), int((last or [first])[0]) + 1)
    return result


def warp(x, flow, padding):
    _, _, h, w = x.shape
    gy, gx = torch.meshgrid(
        torch.arange(h, dtype=x.dtype), torch.arange(w, dtype=x.dtype), indexing="ij")
    grid = torch.stack([
        2 * (gx + flow[:, 0]) / max(w - 1, 1) - 1, 2 * (gy + flow[:, 1]) / max(h - 1, 1) - 1], -1)
    return F.grid_sample(x, grid, mode="bilinear", padding_mode=padding, align_corners=True)


class Network:
    def __init__(self, path):
        with safe_open(path, "pt") as file:
            self.b = json.loads(file.metadata()["slimvsr.blueprint"])
            self.w = {
                key: file.get_tensor(key).float() for key in file.keys()}
        for key, tensor in self.w.items():
            if tensor.dim() == 4:
                self.w[key] = tensor.contiguous(memory_format=torch.channels_last)
        blocks = self.b["forward"]
        if isinstance(blocks, int):
            every = f"0-{self.b['width'] - 1}"
            blocks = [{"inputs": every, "outputs": every}] * blocks
        self.blocks = [
            [torch.tensor(indices(block[key])) for key in ("inputs", "outputs")]
            for block in blocks]

    def conv(self, name, x):
        weight = self.w[f"{name}.weight"]
        return F.conv2d(x, weight, self.w[f"{name}.bias"], padding=weight.shape[-1] // 2)

    def act(self, x):
        return F.leaky_relu(x, self.b["negativeSlope"], inplace=True)

    def flow(self, reference, supporting):
        h, w = reference.shape[2:]
        count = self.b["flow"]["levels"]
        ph, pw = -(-h // 32) * 32, -(-w // 32) * 32
        mean = torch.tensor([0.485, 0.456, 0.406]).reshape(1, 3, 1, 1)
        deviation = torch.tensor([0.229, 0.224, 0.225]).reshape(1, 3, 1, 1)

        def pyramid(x):
            x = F.interpolate(x, size=(ph, pw), mode="bilinear", align_corners=False)
            levels = [(x - mean) / deviation]
            for _ in range(count - 1):
                levels.insert(0, F.avg_pool2d(levels[0], 2))
            return levels

        references, supportings = pyramid(reference), pyramid(supporting)
        flow = torch.zeros_like(references[0][:, :2])
        for level in range(count):
            if level > 0:
                size = references[level].shape[2:]
                flow = 2 * F.interpolate(flow, size=size, mode="bilinear", align_corners=True)
            x = torch.cat(
                [references[level], warp(supportings[level], flow, "border"), flow], dim=1)
            x = x.contiguous(memory_format=torch.channels_last)
            for i in range(5):
                x = self.conv(f"spynet.basic_module.{level}.basic_module.{2 * i}", x)
                if i < 4:
                    x = F.relu_(x)
            flow = flow + x
        flow = F.interpolate(flow, size=(h, w), mode="bilinear", align_corners=False)
        return flow * torch.tensor([w / pw, h / ph]).reshape(1, 2, 1, 1)

    def trunk(self, x):
        x = self.act(self.conv("forward_trunk.main.0", x))
        for i, (inputs, outputs) in enumerate(self.blocks):
            if not len(outputs):
                continue
            name = f"forward_trunk.main.2.{i}"
            dense = len(inputs) == x.shape[1] and len(outputs) == x.shape[1]
            y = x if dense else x[:, inputs]
            y = self.conv(f"{name}.conv2", F.relu_(self.conv(f"{name}.conv1", y)))
            x = x + y if dense else x.index_add(1, outputs, y)
        return x

    def upsample(self, frame, state):
        x = self.act(self.conv("fusion", state))
        x = self.act(F.pixel_shuffle(self.conv("upconv1", x), 2))
        if self.b["scale"] == 4:
            x = self.act(F.pixel_shuffle(self.conv("upconv2", x), 2))
        base = F.interpolate(
            frame, scale_factor=self.b["scale"], mode="bilinear", align_corners=False)
        return self.conv("conv_last", self.act(self.conv("conv_hr", x))) + base

    @torch.inference_mode()
    def step(self, frame, previous, state):
        """The high-resolution frame and the new hidden state."""
        if state is None:
            state = torch.zeros(1, self.b["width"], *frame.shape[2:])
        else:
            state = warp(state, self.flow(frame, previous), "zeros")
        x = torch.cat([frame, state], 1).contiguous(memory_format=torch.channels_last)
        state = self.trunk(x)
        return self.upsample(frame, state), state
