#!/usr/bin/env python3
"""MATLAB's imresize in NumPy, written out from its documentation: the reference for VSRImaging.

usage: imaging_imresize.py      rewrites Tests/Fixtures/VSRImaging/resize.json

Each axis is a dense matrix of weights, built position by position; nothing is shared with the
Swift code. Inputs come from SplitMix64, so that the fixture holds results only.
"""
import json
import math
from pathlib import Path

import numpy as np

MASK = (1 << 64) - 1


def random_bytes(seed, count):
    state, result = seed, []
    for _ in range(count):
        state = (state + 0x9E3779B97F4A7C15) & MASK
        z = state
        z = ((z ^ (z >> 30)) * 0xBF58476D1CE4E5B9) & MASK
        z = ((z ^ (z >> 27)) * 0x94D049BB133111EB) & MASK
        result.append((z ^ (z >> 31)) >> 56)
    return result


def cubic(x):
    x = abs(x)
    if x <= 1:
        return 1.5 * x**3 - 2.5 * x**2 + 1
    return -0.5 * x**3 + 2.5 * x**2 - 4 * x + 2 if x < 2 else 0.0


def triangle(x):
    return max(1 - abs(x), 0.0)


KERNELS = {"bicubic": (cubic, 4), "bilinear": (triangle, 2)}


def axis(length, result, scale, kernel, antialiased):
    """[result, length]: one row of weights per output sample."""
    function, width = KERNELS[kernel]
    stretch = min(scale, 1.0) if antialiased else 1.0
    reach = width / 2 / stretch
    matrix = np.zeros((result, length))
    for i in range(result):
        center = (i + 0.5) / scale - 0.5
        for j in range(math.floor(center - reach) - 1, math.ceil(center + reach) + 2):
            mirrored = j % (2 * length)
            mirrored = mirrored if mirrored < length else 2 * length - 1 - mirrored
            matrix[i, mirrored] += function((center - j) * stretch)
        matrix[i] /= matrix[i].sum()
    return matrix


def resample(picture, size, scales, kernel="bicubic", antialiased=True):
    """picture [height, width, 3] to size (height, width), rows first, unrounded."""
    height, width = picture.shape[:2]
    rows = axis(height, size[0], scales[0], kernel, antialiased)
    columns = axis(width, size[1], scales[1], kernel, antialiased)
    tall = np.tensordot(rows, picture, (1, 0))
    return np.tensordot(columns, tall, (1, 1)).transpose(1, 0, 2)


def imresize(picture, scale):
    size = [math.ceil(side * scale) for side in picture.shape[:2]]
    result = resample(picture, size, (scale, scale))
    return np.clip(np.floor(result + 0.5), 0, 255)


# width, height, output (numerator, denominator) or (width, height), kernel, antialiased
CASES = [
    (1, 1, "by", 4, 1, "bicubic", True),
    (1, 1, "by", 1, 4, "bicubic", True),
    (1, 7, "by", 1, 2, "bicubic", True),
    (2, 3, "by", 3, 2, "bicubic", True),
    (5, 4, "by", 4, 1, "bicubic", True),
    (9, 6, "by", 2, 1, "bicubic", True),
    (16, 12, "by", 1, 4, "bicubic", True),
    (17, 13, "by", 1, 4, "bicubic", True),
    (22, 15, "by", 1, 2, "bicubic", True),
    (13, 11, "by", 3, 7, "bicubic", True),
    (13, 11, "by", 5, 3, "bicubic", True),
    (13, 11, "by", 3, 7, "bicubic", False),
    (7, 5, "by", 4, 1, "bilinear", True),
    (12, 9, "by", 1, 3, "bilinear", True),
    (10, 7, "to", 4, 9, "bicubic", True),
    (6, 10, "to", 11, 7, "bilinear", False),
    (3, 2, "to", 1, 1, "bicubic", True),
]


def main():
    cases = []
    for seed, (width, height, kind, first, second, kernel, antialiased) in enumerate(CASES):
        samples = random_bytes(seed, 3 * width * height)
        picture = np.array(samples, dtype=np.float64).reshape(3, height, width).transpose(1, 2, 0)
        if kind == "by":
            size = [-(-side * first // second) for side in (height, width)]
            scales = (first / second, first / second)
        else:
            size, scales = [second, first], (second / height, first / width)
        result = resample(picture, size, scales, kernel, antialiased).transpose(2, 0, 1)
        cases.append(
            {
                "seed": seed, "width": width, "height": height, "kind": kind, "first": first,
                "second": second, "kernel": kernel, "antialiased": antialiased,
                "resultWidth": size[1], "resultHeight": size[0],
                "samples": [round(value, 6) for value in result.ravel().tolist()],
            }
        )
    root = Path(__file__).resolve().parents[2] / "Tests/Fixtures/VSRImaging"
    root.mkdir(parents=True, exist_ok=True)
    lines = ",\n".join(json.dumps(case, separators=(",", ":")) for case in cases)
    (root / "resize.json").write_text("[\n" + lines + "\n]\n")


if __name__ == "__main__":
    main()
