"""Frames that the program makes of clips, for comparisons with other engines.

Frames go in and out as PNG of 16 bits, whose rounding (half of 1/65535) adds to the tolerance.
"""

import json
import pathlib
import subprocess
import tempfile

import numpy as np

import png16

TOLERANCE = 1e-4 + 0.5 / 65535
#: No multiples of 4 or 32.
SIZES = [(75, 50), (41, 67)]
COUNT = 5


def clip(width, height, seed):
    """[COUNT, 3, height, width]: waves and edges that move by fractions of pixels, 16 bits each."""
    generator = np.random.default_rng(seed)
    y, x = np.mgrid[:height, :width].astype(float)
    frames = np.zeros((COUNT, 3, height, width))
    for _ in range(12):
        angle, phase = generator.uniform(0, 2 * np.pi, 2)
        wave = generator.uniform(0.1, 1.5)
        speed = generator.uniform(-2, 2)
        tint = generator.uniform(-0.12, 0.12, 3)
        for t in range(COUNT):
            pattern = np.sin(
                wave * (np.cos(angle) * x + np.sin(angle) * y + speed * t) + phase)
            shape = np.sign(pattern) if wave > 1 else pattern
            frames[t] += tint[:, None, None] * shape
    return np.round(np.clip(0.5 + frames, 0, 1) * 65535)


class Program:
    """The program slimvsr, and a folder for files."""

    def __init__(self, path, folder):
        self.path, self.folder = path, pathlib.Path(folder)

    def run(self, *arguments):
        done = subprocess.run(
            [self.path, *map(str, arguments)], capture_output=True, text=True)
        if done.returncode:
            raise SystemExit(f"error: slimvsr {' '.join(map(str, arguments))}: {done.stderr}")
        return done.stdout

    def frames(self, model, samples):
        """What the program makes of a clip, in 0...1."""
        given, made = (
            pathlib.Path(tempfile.mkdtemp(dir=self.folder)) for _ in range(2))
        for index, frame in enumerate(samples):
            png16.write(given / f"{index:03}.png", frame.transpose(1, 2, 0).astype(np.uint16))
        self.run(
            "upscale", given, made / "out", "--model", model, "--precision", "fp32",
            "--stability-guard", "off", "--scene-cuts", "off", "--make-folders")
        pictures = [png16.read(path) for path in sorted((made / "out").glob("*.png"))]
        return np.stack(pictures).transpose(0, 3, 1, 2) / 65535

    def fetched(self):
        """Names of published networks that scripts/fetch-weights has brought."""
        entries = json.loads(self.run("models", "--json"))["entries"]
        return [entry["name"] for entry in entries if entry["origin"] == "fetched"]
