"""Runs exported ONNX graphs over clips: the loop that docs/export.md describes.

    python scripts/reference/onnx_loop.py NETWORK.onnx COUNT WIDTH HEIGHT <frames >upscaled

reads and writes float32 [COUNT, 3, height, width], as a test of Tests/VSRExportTests wants it.
"""

import pathlib
import sys

import numpy as np


def onnx_runtime(path, threads=0):
    """A function from inputs to outputs, both by name, and the names of its inputs and outputs."""
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    session = onnxruntime.InferenceSession(
        str(path), options, providers=["CPUExecutionProvider"])
    outputs = [value.name for value in session.get_outputs()]
    widths = {value.name: value.shape[1] for value in session.get_inputs()}
    return (lambda feed: dict(zip(outputs, session.run(None, feed)))), widths, outputs


def openvino(path, threads=0):
    """The same by OpenVINO, in full precision."""
    import openvino

    core = openvino.Core()
    settings = {"INFERENCE_PRECISION_HINT": "f32"}
    if threads:
        settings["INFERENCE_NUM_THREADS"] = threads
    model = core.read_model(path)
    compiled = core.compile_model(model, "CPU", settings)
    outputs = [port.get_any_name() for port in compiled.outputs]
    widths = {
        port.get_any_name(): port.get_partial_shape()[1].get_length() for port in compiled.inputs}
    request = compiled.create_infer_request()
    return (
        lambda feed: {name: np.array(value) for name, value in
                      zip(outputs, request.infer(feed).values())}), widths, outputs


class Part:
    """A graph, its states between frames."""

    def __init__(self, path, engine, threads=0):
        self.run, self.widths, outputs = engine(path, threads)
        self.own = [name.removeprefix("new_") for name in outputs if name.startswith("new_")]
        self.neighbor = next((name for name in ("previous", "next") if name in self.widths), None)

    def begin(self, frame):
        size = frame.shape[2:]
        self.states = {
            name: np.zeros((1, self.widths[name], *size), np.float32) for name in self.own}
        self.before = frame

    def step(self, frame, others={}):
        feed = {"frame": frame, **self.states, **others}
        if self.neighbor:
            feed[self.neighbor] = self.before
        result = self.run(feed)
        self.states = {name: result[f"new_{name}"] for name in self.own}
        self.before = frame
        return result


def parts(path, engine=onnx_runtime, threads=0):
    """The backward part, None for online networks, and the one that gives frames."""
    path = pathlib.Path(path)
    frames = Part(path, engine, threads)
    # States that the graph reads and does not give.
    if not any(name.startswith("backward") for name in frames.widths):
        return None, frames
    return Part(path.with_suffix(".backward.onnx"), engine, threads), frames


def upscaled(backward, frames, clip):
    """[T, 3, scale H, scale W] of a clip [T, 3, H, W], unclamped."""
    clip = [frame[np.newaxis] for frame in clip]
    known = [{} for _ in clip]
    if backward:
        backward.begin(clip[-1])
        for t in reversed(range(len(clip))):
            backward.step(clip[t])
            known[t] = dict(backward.states)
    frames.begin(clip[0])
    return np.concatenate(
        [frames.step(frame, states)["upscaled"] for frame, states in zip(clip, known)])


def main():
    path, count, width, height = sys.argv[1], *map(int, sys.argv[2:])
    samples = np.frombuffer(sys.stdin.buffer.read(), np.float32)
    result = upscaled(*parts(path), samples.reshape(count, 3, height, width))
    sys.stdout.buffer.write(np.ascontiguousarray(result, np.float32).tobytes())


if __name__ == "__main__":
    main()
