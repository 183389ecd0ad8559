"""Compares exported ONNX graphs with the program's own frames; scripts/check-onnx runs it.

    python scripts/reference/check_onnx.py SLIMVSR [--openvino] [--only TEXT]
"""

import argparse
import pathlib
import re
import subprocess
import sys
import tempfile

import numpy as np
import onnx
from PIL import Image

import onnx_loop
from program_frames import COUNT, SIZES, TOLERANCE, Program, clip

HALF = "half precision"
GUIDE = pathlib.Path(__file__).parents[2] / "docs" / "export.md"


class Check:
    def __init__(self, program, engine):
        self.program, self.engine = program, engine
        self.worst = 0

    def run(self, name, model, *options):
        path = self.program.folder / f"{name.replace(' ', '-')}.onnx"
        self.program.run("export", model, path, *options)
        files = sorted(self.program.folder.glob(f"{path.stem}*.onnx"))
        for file in files:
            onnx.checker.check_model(str(file), full_check=True)
        # What is compared with has the same rounded weights.
        if "--half" in options:
            self.program.run("pack", model, "--half", "-o", self.program.folder / "half.safetensors")
            model = self.program.folder / "half.safetensors"
        parts = onnx_loop.parts(path, self.engine)
        for seed, (width, height) in enumerate(SIZES):
            samples = clip(width, height, seed)
            ours = self.program.frames(model, samples)
            theirs = onnx_loop.upscaled(*parts, (samples / 65535).astype(np.float32))
            change = np.abs(ours[1:] - ours[:-1]).max()
            difference = np.abs(ours - np.clip(theirs, 0, 1)).max()
            self.worst = max(self.worst, difference)
            print(
                f"{name:28} {width}x{height}, {COUNT} frames: largest difference "
                f"{difference:.1e} (from frame to frame {change:.2f})", flush=True)
            if not difference <= TOLERANCE:
                raise SystemExit(f"error: {name} differs by {difference}, beyond {TOLERANCE}")


def networks(program):
    """Names, models and options of what is exported."""
    folder = program.folder
    for name in ("uni-small", "uni-small-slim", "bi-slim"):
        yield name, name, []
    yield f"uni-small-slim, {HALF}", "uni-small-slim", ["--half"]
    pruned = folder / "odd.safetensors"
    program.run("prune", "uni-small", "--ratio", "0.43", "-o", pruned)
    yield "uni-small pruned by 0.43", pruned, []
    reduced = folder / "reduced.safetensors"
    program.run(
        "prune", "uni-small", "--ratio", "0.27", "--flow-reduction", "4", "-o", reduced)
    yield "uni-small, reduced flow", reduced, []
    for name in program.fetched():
        yield name, name, []
        wide = folder / f"{name}-pruned.safetensors"
        program.run("prune", name, "--ratio", "0.61", "-o", wide)
        yield f"{name} pruned by 0.61", wide, []
        return
    print("published networks are skipped: scripts/fetch-weights basicvsr-vimeo-bi gets one")


def check_example(program):
    """Runs the example of docs/export.md on pictures, which must give the program's own."""
    example = re.search(r"```python\n(.*?)```", GUIDE.read_text(), re.DOTALL)[1]
    folder = program.folder / "example"
    (folder / "frames").mkdir(parents=True)
    for index, frame in enumerate(clip(53, 38, 7)):
        picture = np.round(frame.transpose(1, 2, 0) / 257).astype(np.uint8)
        Image.fromarray(picture).save(folder / "frames" / f"{index:03}.png")
    (folder / "upscale.py").write_text(example)
    # What is left of the first network must not take part in the second.
    for name in ("bi-slim", "uni-small-slim"):
        program.run("export", name, folder / "network.onnx", "--overwrite")
        subprocess.run(
            [sys.executable, "upscale.py", "network.onnx", "frames", name], cwd=folder, check=True)
        program.run(
            "upscale", folder / "frames", folder / f"{name}-ours", "--model", name, "--precision",
            "fp32", "--stability-guard", "off", "--scene-cuts", "off")
        theirs, ours = (
            [np.asarray(Image.open(path)).astype(int) for path in sorted(place.iterdir())]
            for place in (folder / name, folder / f"{name}-ours"))
        pairs = list(zip(theirs, ours, strict=True))
        difference = max(np.abs(one - other).max() for one, other in pairs)
        print(f"example of docs/export.md, {name}: {len(pairs)} pictures, within {difference}/255")
        # What lies near a half may be rounded either way.
        if len(pairs) != COUNT or difference > 1:
            raise SystemExit("error: the example of docs/export.md gives other pictures")


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("program")
    parser.add_argument("--openvino", action="store_true")
    parser.add_argument("--only", default="", help="networks whose names contain this text")
    arguments = parser.parse_args()
    engine = onnx_loop.openvino if arguments.openvino else onnx_loop.onnx_runtime
    with tempfile.TemporaryDirectory() as folder:
        program = Program(arguments.program, folder)
        check = Check(program, engine)
        for name, model, options in networks(program):
            if arguments.only in name:
                check.run(name, model, *options)
        print(f"largest difference of all: {check.worst:.1e}, permitted {TOLERANCE:.1e}")
        if arguments.only in "example" and not arguments.openvino:
            check_example(program)


if __name__ == "__main__":
    main()
