"""Writes Tests/Fixtures/VSRModelTests: checkpoints as other ways of saving make them.

    python scripts/reference/checkpoint_wrappers.py Tests/Fixtures/VSRModelTests

Where `checkpoint_fixtures.py` needs PyTorch, this needs Python alone: stand-ins for PyTorch's
functions are pickled by CPython under PyTorch's names, and the containers are put together after
`torch/serialization.py`. Values are those of `checkpoint_fixtures.py`.

  protocol4.pth  the format before 1.6 with pickle's protocol 4; module and compiler around the net
  python2.pth    the same with protocol 2 as Python 2 wrote it: byte texts, lists of pairs
  lightning.pth  the format since 1.6; a trainer's file: parameters with attributes, averaged
                 weights, a discriminator, objects of all kinds
"""

import argparse
import collections
import io
import pathlib
import pickle
import struct
import sys
import types
import zipfile

WIDTH, HIGH, FLOW = 3, 2, [8, 1, 2, 1, 1, 2]


def convolution(shapes, name, inputs, outputs, kernel):
    shapes[f"{name}.weight"] = [outputs, inputs, kernel, kernel]
    shapes[f"{name}.bias"] = [outputs]


def shapes():
    """Names and shapes of a bidirectional x4 network with one block, as in BasicSR."""
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


# Stand-ins, by the names that PyTorch gives them.


def stand_in(module, name, kind=types.FunctionType):
    if kind is type:
        value = type(name, (), {"__module__": module, "__qualname__": name})
    else:
        def value(*arguments):
            raise RuntimeError("never called")
        value.__module__, value.__qualname__, value.__name__ = module, name, name
    parts = module.split(".")
    for end in range(1, len(parts) + 1):
        sys.modules.setdefault(".".join(parts[:end]), types.ModuleType(".".join(parts[:end])))
    setattr(sys.modules[module], name, value)
    return value


FloatStorage = stand_in("torch", "FloatStorage", type)
rebuild_tensor = stand_in("torch._utils", "_rebuild_tensor_v2")
rebuild_parameter = stand_in("torch._utils", "_rebuild_parameter_with_state")
rebuild_from_type = stand_in("torch._tensor", "_rebuild_from_type_v2")
Parameter = stand_in("torch.nn.parameter", "Parameter", type)


class Storage:
    def __init__(self, key, values):
        self.key, self.values = key, values


class Call:
    """Pickled as a call of `function`."""

    def __init__(self, function, *arguments):
        self.function, self.arguments = function, arguments

    def __reduce__(self):
        return self.function, self.arguments


class Pairs(collections.OrderedDict):
    """Pickled as Python 2 pickles an ordered dictionary."""

    def __reduce__(self):
        return collections.OrderedDict, ([[key, value] for key, value in self.items()],)


class Pickler(pickle._Pickler):
    def persistent_id(self, value):
        if isinstance(value, Storage):
            return ("storage", FloatStorage, value.key, "cpu", len(value.values)) + self.ending
        return None

    ending = ()


class LegacyPickler(Pickler):
    ending = (None,)


class Python2Pickler(LegacyPickler):
    dispatch = dict(pickle._Pickler.dispatch)

    def save_text(self, text):
        data = text.encode()
        self.write(pickle.SHORT_BINSTRING + bytes([len(data)]) + data)
        self.memoize(text)

    dispatch[str] = save_text


class Maker:
    """Makes tensors and remembers their storages."""

    def __init__(self):
        self.storages = []

    def tensor(self, shape, values):
        storage = Storage(str(len(self.storages)), values)
        self.storages.append(storage)
        strides = [1]
        for size in reversed(shape[1:]):
            strides.insert(0, strides[0] * size)
        hooks = collections.OrderedDict()
        return Call(rebuild_tensor, storage, 0, tuple(shape), tuple(strides), False, hooks)

    def state(self, prefix, shift=0, kind=dict):
        """The network's tensors; `shift` is added to every value."""
        result = kind()
        for name, shape in shapes().items():
            count = 1
            for size in shape:
                count *= size
            values = [(index + len(name)) / 64 + shift for index in range(count)]
            result[prefix + name] = self.tensor(shape, values)
        return result


def pickled(value, pickler, protocol):
    file = io.BytesIO()
    pickler(file, protocol).dump(value)
    return file.getvalue()


def write_legacy(path, value, maker, pickler, protocol):
    machine = {"protocol_version": 1001, "little_endian": True, "type_sizes": {"short": 2}}
    data = pickled(0x1950A86A20F9469CFC6C, pickler, protocol) + pickled(1001, pickler, protocol)
    data += pickled(machine, pickler, protocol) + pickled(value, pickler, protocol)
    keys = sorted(storage.key for storage in maker.storages)
    data += pickled(keys, pickler, protocol)
    values = {storage.key: storage.values for storage in maker.storages}
    for key in keys:
        data += struct.pack("<q", len(values[key]))
        data += struct.pack(f"<{len(values[key])}f", *values[key])
    path.write_bytes(data)


def write_zip(path, value, maker):
    with zipfile.ZipFile(path, "w", zipfile.ZIP_STORED) as archive:
        def member(name, data):
            archive.writestr(zipfile.ZipInfo(f"{path.stem}/{name}"), data)

        member("data.pkl", pickled(value, Pickler, 2))
        member("byteorder", "little")
        for storage in maker.storages:
            packed = struct.pack(f"<{len(storage.values)}f", *storage.values)
            member(f"data/{storage.key}", packed)
        member("version", "3\n")


def lightning(maker):
    state = {}
    for name, tensor in maker.state("").items():
        state[f"ema_model.net.{name}"] = Call(
            rebuild_parameter, tensor, True, collections.OrderedDict(), {"tag": name})
    # Attributes of a plain tensor make PyTorch save it so.
    name = "ema_model.net.fusion.weight"
    plain = state[name].arguments[0]
    state[name] = Call(
        rebuild_from_type, rebuild_tensor, Parameter, plain.arguments, {"note": 1.5})
    state.update(maker.state("net.", shift=1000))
    state["discriminator.fc.weight"] = maker.tensor([1, 2], [1.0, 2.0])
    state["net.step_counter"] = 600
    return {
        "epoch": 12,
        "state_dict": state,
        "hyper_parameters": argparse.Namespace(width=3, rate=2e-4, tags=frozenset({"a", "b"})),
        "callbacks": collections.defaultdict(list, {"checkpoint": [pathlib.PurePosixPath("x")]}),
        "optimizer_states": [{"state": {0: {"exp_avg": maker.tensor([2], [0.0, 0.0])}}}],
        "loops": {"fit": (1, 2.5, b"bytes", 2**70, None, True)},
    }


def main():
    folder = pathlib.Path(sys.argv[1])
    maker = Maker()
    value = {"epoch": 3, "model_state_dict": maker.state("module._orig_mod.")}
    write_legacy(folder / "protocol4.pth", value, maker, LegacyPickler, 4)
    maker = Maker()
    value = {"state": {"net_g": maker.state("", kind=Pairs)}}
    write_legacy(folder / "python2.pth", value, maker, Python2Pickler, 2)
    maker = Maker()
    write_zip(folder / "lightning.pth", lightning(maker), maker)


main()
