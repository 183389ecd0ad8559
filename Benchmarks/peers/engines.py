"""The peers: each turns a PyTorch module into a function of no arguments that runs it once."""

import contextlib
import copy
import io
import os
import tempfile

import numpy as np
import torch

QUIET = contextlib.redirect_stdout(io.StringIO())


class Engine:
    """What a peer is called, which arithmetic it uses, and which form of pruned blocks it takes."""

    def __init__(self, name, precision, build, forms=("gathered", "padded")):
        self.name, self.precision, self.build, self.forms = name, precision, build, forms


def _convert(module, inputs, dtype=None, channels_last=False):
    module = copy.deepcopy(module).eval()
    inputs = tuple(inputs)
    if dtype:
        module, inputs = module.to(dtype), tuple(x.to(dtype) for x in inputs)
    if channels_last:
        module = module.to(memory_format=torch.channels_last)
        inputs = tuple(x.contiguous(memory_format=torch.channels_last) for x in inputs)
    return module, inputs


def _first(result):
    return result[0] if isinstance(result, (tuple, list)) else result


def _torch(dtype, channels_last):
    def build(module, inputs, threads):
        torch.set_num_threads(threads)
        module, inputs = _convert(module, inputs, dtype, channels_last)

        def run():
            with torch.inference_mode():
                return _first(module(*inputs)).float().numpy()

        return run

    return build


def _onnx(module, inputs):
    path = os.path.join(tempfile.mkdtemp(prefix="slimvsr-peers-"), "network.onnx")
    names = [f"x{i}" for i in range(len(inputs))]
    with QUIET, torch.no_grad():
        torch.onnx.export(
            module, tuple(inputs), path, dynamo=False, opset_version=17, input_names=names
        )
    return path, names


def _onnxruntime(module, inputs, threads):
    import onnxruntime

    path, names = _onnx(module, inputs)
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    session = onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])
    feed = {name: x.numpy() for name, x in zip(names, inputs)}
    return lambda: session.run(None, feed)[0]


def _openvino(precision):
    def build(module, inputs, threads):
        import openvino

        path, _ = _onnx(module, inputs)
        core = openvino.Core()
        settings = {
            "INFERENCE_PRECISION_HINT": precision, "INFERENCE_NUM_THREADS": threads,
            "PERFORMANCE_HINT": "LATENCY",
        }
        compiled = core.compile_model(core.read_model(path), "CPU", settings)
        arrays = [x.numpy() for x in inputs]
        return lambda: compiled(arrays)[0]

    return build


def _ncnn(module, inputs, threads):
    import ncnn
    import pnnx

    stem = os.path.join(tempfile.mkdtemp(prefix="slimvsr-peers-"), "network")
    # pnnx writes a sample script in the end, which fails on some module paths; the network files
    # are complete by then.
    with QUIET, contextlib.suppress(SyntaxError):
        pnnx.export(copy.deepcopy(module), f"{stem}.pt", tuple(inputs), fp16=False)
    net = ncnn.Net()
    net.opt.num_threads = threads
    net.opt.use_vulkan_compute = False
    net.opt.use_fp16_packed = net.opt.use_fp16_storage = net.opt.use_fp16_arithmetic = False
    if net.load_param(f"{stem}.ncnn.param") or net.load_model(f"{stem}.ncnn.bin"):
        raise RuntimeError("ncnn does not load the converted network")
    mats = [ncnn.Mat(np.ascontiguousarray(x[0].numpy())) for x in inputs]

    def run():
        extractor = net.create_extractor()
        for i, mat in enumerate(mats):
            extractor.input(f"in{i}", mat)
        status, result = extractor.extract("out0")
        if status:
            raise RuntimeError(f"ncnn returned {status}")
        return np.array(result)[None]

    return run


PEERS = [
    Engine("PyTorch", "fp32", _torch(None, False)),
    Engine("PyTorch channels-last", "fp32", _torch(None, True)),
    Engine("PyTorch channels-last", "bf16", _torch(torch.bfloat16, True)),
    Engine("ONNX Runtime", "fp32", _onnxruntime),
    Engine("OpenVINO", "fp32", _openvino("f32")),
    Engine("OpenVINO", "bf16", _openvino("bf16")),
    Engine("ncnn", "fp32", _ncnn, forms=("padded",)),
]
