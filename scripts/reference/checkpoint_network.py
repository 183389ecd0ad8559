"""The network of the checkpoint fixtures: a bidirectional ×4 one with one block per branch.

Element i of a tensor is (i + length of its BasicSR name) / 64, exact in every stored type.
"""

import collections

import torch

WIDTH, HIGH, FLOW = 3, 2, [8, 1, 2, 1, 1, 2]


def convolution(shapes, name, inputs, outputs, kernel):
    shapes[f"{name}.weight"] = [outputs, inputs, kernel, kernel]
    shapes[f"{name}.bias"] = [outputs]


def shapes():
    """Names and shapes, as in BasicSR."""
    result = collections.OrderedDict()
    for index in range(5):
        name = f"spynet.basic_module.0.basic_module.{2 * index}"
        convolution(result, name, FLOW[index], FLOW[index + 1], 7)
    for branch in ("backward_trunk", "forward_trunk"):
        convolution(result, f"{branch}.main.0", 3 + WIDTH, WIDTH, 3)
        for layer in ("conv1", "conv2"):
            convolution(result, f"{branch}.main.2.0.{layer}", WIDTH, WIDTH, 3)
    convolution(result, "fusion", 2 * WIDTH, WIDTH, 1)
    convolution(result, "upconv1", WIDTH, 4 * WIDTH, 3)
    convolution(result, "upconv2", WIDTH, 4 * HIGH, 3)
    convolution(result, "conv_hr", HIGH, HIGH, 3)
    convolution(result, "conv_last", HIGH, 3, 3)
    return result


def values(name, shape):
    count = int(torch.tensor(shape).prod())
    return ((torch.arange(count) + len(name)) / 64).reshape(shape)


def state():
    return collections.OrderedDict((name, values(name, shape)) for name, shape in shapes().items())


class Network(torch.nn.Module):
    """Modules that hold the network's parameters; `shift` is added to every value."""

    def __init__(self, shift=0):
        super().__init__()
        for name, tensor in state().items():
            *path, last = name.split(".")
            module = self
            for part in path:
                if part not in module._modules:
                    module.add_module(part, torch.nn.Module())
                module = module._modules[part]
            module.register_parameter(last, torch.nn.Parameter(tensor + shift))
