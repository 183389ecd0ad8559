"""The peers: each turns a PyTorch module into a function that runs it once.

Engines share one process. Worker threads go on spinning after a run, in the hope of more work, and
would steal the cores from the next engine: those of PyTorch and ncnn (OpenMP) for up to 10 ms,
OpenVINO's (TBB) for 1 ms. Passive waiting would slow them down within a run, so the spinning is
waited out: see `settle`. ONNX Runtime is told to stop spinning as soon as its run has ended, which
changes nothing within the run.
"""

import contextlib
import copy
import io
import os
import subprocess
import tempfile
import time

import numpy as np
import torch

BF16 = "bf16"


def settle(longest=0.5):
    """Sleeps until the threads of this process are at rest."""
    end = time.perf_counter() + longest
    while time.perf_counter() < end:
        before = time.process_time()
        time.sleep(0.01)
        if time.process_time() - before < 0.001:
            return


class Work:
    """A module and its inputs [1, C, H, W], with what several engines make of them only once."""

    def __init__(self, module, inputs, folder):
        self.module, self.inputs = module, tuple(inputs)
        self.folder = tempfile.mkdtemp(dir=folder)

    def onnx(self):
        """Path of the exported network, whose inputs are x0, x1, …"""
        path = os.path.join(self.folder, "network.onnx")
        if not os.path.exists(path):
            names = [f"x{i}" for i in range(len(self.inputs))]
            with quiet(), torch.no_grad():
                torch.onnx.export(
                    self.module, self.inputs, path, dynamo=False, opset_version=17,
                    input_names=names,
                )
        return path

    def ncnn(self):
        """Paths of the network's description and weights."""
        import pnnx

        stem = os.path.join(self.folder, "network")
        with torch.no_grad():
            torch.jit.trace(self.module, self.inputs, check_trace=False).save(f"{stem}.pt")
        shapes = ",".join(f"{list(x.shape)}f32".replace(" ", "") for x in self.inputs)
        # pnnx.export would also load the network back into PyTorch, which takes half a minute.
        subprocess.run(
            [pnnx.EXEC_PATH, f"{stem}.pt", f"inputshape={shapes}", "fp16=0"], check=True,
            cwd=self.folder, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        return f"{stem}.ncnn.param", f"{stem}.ncnn.bin"


class Engine:
    """What a peer is called, its arithmetic, and which forms of pruned blocks it can take.

    `prepare(work, threads)` gives a function of no arguments; `array` makes NumPy's of its result.
    """

    def __init__(self, name, precision, prepare, array=np.asarray, forms=("gathered", "padded"),
                 in_frames=True):
        self.name, self.precision, self.prepare = name, precision, prepare
        self.array, self.forms, self.in_frames = array, forms, in_frames


@contextlib.contextmanager
def quiet():
    """Hides what converters print, programs that they start included."""
    with open(os.devnull, "w", encoding="utf-8") as sink:
        kept = os.dup(1), os.dup(2)
        os.dup2(sink.fileno(), 1), os.dup2(sink.fileno(), 2)
        try:
            with contextlib.redirect_stdout(io.StringIO()):
                yield
        finally:
            os.dup2(kept[0], 1), os.dup2(kept[1], 2)
            os.close(kept[0]), os.close(kept[1])


def first(result):
    """Of several results the one that is compared."""
    return result[0] if isinstance(result, (tuple, list)) else result


def pytorch(dtype, memory_format):
    """PyTorch in eager mode, weights and inputs converted beforehand."""

    def prepare(work, threads):
        module = copy.deepcopy(work.module).to(dtype).to(memory_format=memory_format)
        inputs = [x.to(dtype).contiguous(memory_format=memory_format) for x in work.inputs]

        def run():
            torch.set_num_threads(threads)
            with torch.inference_mode():
                return first(module(*inputs))

        return run

    return prepare


def onnxruntime_session(work, threads):
    """ONNX Runtime's CPU provider."""
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    options.add_session_config_entry("session.force_spinning_stop", "1")
    session = onnxruntime.InferenceSession(
        work.onnx(), options, providers=["CPUExecutionProvider"])
    feed = {f"x{i}": x.numpy() for i, x in enumerate(work.inputs)}
    return lambda: session.run(None, feed)[0]


def openvino_model(precision):
    """OpenVINO's CPU plug-in; inputs and outputs are not copied."""

    def prepare(work, threads):
        import openvino

        settings = {
            "INFERENCE_PRECISION_HINT": precision, "INFERENCE_NUM_THREADS": threads,
            "PERFORMANCE_HINT": "LATENCY",
        }
        core = openvino.Core()
        compiled = core.compile_model(core.read_model(work.onnx()), "CPU", settings)
        arrays = [x.numpy() for x in work.inputs]
        return lambda: compiled(arrays, share_inputs=True, share_outputs=True)[0]

    return prepare


def ncnn_net(work, threads):
    """ncnn in fp32 with its Winograd convolutions."""
    import ncnn

    description, weights = work.ncnn()
    net = ncnn.Net()
    net.opt.num_threads = threads
    net.opt.use_vulkan_compute = False
    net.opt.use_fp16_packed = net.opt.use_fp16_storage = net.opt.use_fp16_arithmetic = False
    if net.load_param(description) or net.load_model(weights):
        raise RuntimeError("ncnn does not load the converted network")
    mats = [ncnn.Mat(np.ascontiguousarray(x[0].numpy())) for x in work.inputs]

    def run():
        extractor = net.create_extractor()
        for i, mat in enumerate(mats):
            extractor.input(f"in{i}", mat)
        status, result = extractor.extract("out0")
        if status:
            raise RuntimeError(f"ncnn returned {status}")
        return result

    return run


def tensor_array(x):
    return x.float().numpy()


PEERS = [
    # Slower than channels-last in every part, so whole frames, which take minutes, go without.
    Engine("PyTorch", "fp32", pytorch(torch.float32, torch.contiguous_format), tensor_array,
           in_frames=False),
    Engine("PyTorch channels-last", "fp32", pytorch(torch.float32, torch.channels_last),
           tensor_array),
    Engine("PyTorch channels-last", BF16, pytorch(torch.bfloat16, torch.channels_last),
           tensor_array),
    Engine("ONNX Runtime", "fp32", onnxruntime_session),
    Engine("OpenVINO", "fp32", openvino_model("f32")),
    Engine("OpenVINO", BF16, openvino_model("bf16")),
    # pnnx knows no index_add: only the padded form converts.
    Engine("ncnn", "fp32", ncnn_net, lambda x: np.array(x)[None], forms=("padded",)),
]
