"""Figures of bicubic interpolation on two small clips, in plain numpy.

Writes Tests/Fixtures/VSRTools/bicubic.json. Run: python scripts/reference/evaluate_bicubic.py

The clips are made by the formula in `picture`, which the test repeats. Everything is written out
from the definitions (MATLAB's imresize, BasicVSR's BD_degradation.m, BasicSR's PSNR and SSIM).
"""

import json
import pathlib

import numpy as np

SCALE = 4


def picture(clip, frame, height, width):
    """8-bit RGB [height, width, 3]: a moving ramp, a moving disc and a fine pattern."""
    y, x = np.mgrid[0:height, 0:width]
    planes = []
    for c in range(3):
        value = (3 * x + 2 * y + 40 * c + 5 * frame) % 160
        dx, dy = x - 10 - 2 * frame, y - 12 - clip * frame
        value = np.where(dx * dx + dy * dy < 60, 220 - 30 * c, value)
        value = value + ((x // 2 + y // 3 + clip) % 2) * 25
        planes.append(value)
    return np.stack(planes, -1).astype(np.uint8)


def cubic(t):
    t = np.abs(t)
    return np.where(
        t <= 1, 1.5 * t**3 - 2.5 * t**2 + 1,
        np.where(t <= 2, -0.5 * t**3 + 2.5 * t**2 - 4 * t + 2, 0.0))


def resize_matrix(length, factor):
    """imresize along one axis: [ceil(length * factor), length]."""
    out = int(np.ceil(length * factor))
    shrink = min(factor, 1.0)
    width = 4 / shrink
    matrix = np.zeros((out, length))
    for i in range(out):
        center = (i + 0.5) / factor - 0.5
        taps = np.floor(center - width / 2) + np.arange(int(np.ceil(width)) + 2)
        weights = shrink * cubic(shrink * (center - taps))
        weights /= weights.sum()
        for tap, weight in zip(taps.astype(int), weights):
            tap = tap % (2 * length)
            matrix[i, tap if tap < length else 2 * length - 1 - tap] += weight
    return matrix


def rounded(image):
    return np.clip(np.floor(image + 0.5), 0, 255)


def apply(rows, columns, image):
    return rounded(np.einsum("ih,hwc,jw->ijc", rows, image.astype(float), columns))


def imresize(image, factor):
    return apply(resize_matrix(image.shape[0], factor), resize_matrix(image.shape[1], factor), image)


def gaussian_matrix(length, sigma=1.6):
    """BD: 12 taps, edges repeated, rows 2, 6, 10, … counted from 1."""
    size = int(np.ceil(3 * sigma)) * 2 + 2
    taps = np.arange(size) - (size - 1) / 2
    weights = np.exp(-taps**2 / (2 * sigma**2))
    weights /= weights.sum()
    matrix = np.zeros((length // SCALE, length))
    for i in range(length // SCALE):
        anchor = SCALE * i + 1
        for k in range(size):
            matrix[i, np.clip(anchor - 5 + k, 0, length - 1)] += weights[k]
    return matrix


def luma(image):
    return 16 + (image / 255) @ np.array([65.481, 128.553, 24.966])


def psnr(a, b):
    return 10 * np.log10(255**2 / np.mean((a - b) ** 2))


def ssim_plane(a, b):
    taps = np.arange(11) - 5
    g = np.exp(-taps**2 / (2 * 1.5**2))
    g /= g.sum()
    window = np.outer(g, g)

    def blur(p):
        views = np.lib.stride_tricks.sliding_window_view(p, (11, 11))
        return np.einsum("ijkl,kl->ij", views, window)

    c1, c2 = (0.01 * 255) ** 2, (0.03 * 255) ** 2
    ma, mb = blur(a), blur(b)
    va, vb, cov = blur(a * a) - ma**2, blur(b * b) - mb**2, blur(a * b) - ma * mb
    return np.mean(
        (2 * ma * mb + c1) * (2 * cov + c2) / ((ma**2 + mb**2 + c1) * (va + vb + c2)))


def figures(degrade, channels):
    result = {}
    for clip, (height, width, count) in enumerate([(32, 40, 3), (28, 24, 2)]):
        rows = []
        for frame in range(count):
            high = picture(clip, frame, height, width).astype(float)
            up = imresize(degrade(high), SCALE)
            if channels == "Y":
                a, b = luma(up), luma(high)
                rows.append((psnr(a, b), ssim_plane(a, b)))
            else:
                rows.append((
                    psnr(up, high),
                    np.mean([ssim_plane(up[..., c], high[..., c]) for c in range(3)])))
        mean = np.mean(rows, 0)
        result[f"clip{clip}"] = {"psnr": mean[0], "ssim": mean[1]}
    return result


def blurred(image):
    return apply(gaussian_matrix(image.shape[0]), gaussian_matrix(image.shape[1]), image)


folder = pathlib.Path(__file__).resolve().parents[2] / "Tests/Fixtures/VSRTools"
folder.mkdir(parents=True, exist_ok=True)
everything = {
    "BI Y": figures(lambda image: imresize(image, 1 / SCALE), "Y"),
    "BI RGB": figures(lambda image: imresize(image, 1 / SCALE), "RGB"),
    "BD Y": figures(blurred, "Y"),
}
(folder / "bicubic.json").write_text(json.dumps(everything, indent=1) + "\n")
