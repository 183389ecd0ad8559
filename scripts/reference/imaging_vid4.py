#!/usr/bin/env python3
"""Bicubic upscaling of Vid4 after each degradation, by NumPy and SciPy alone.

usage: imaging_vid4.py FOLDER [STEP]      FOLDER holds GT/<clip>/*.png; every STEP-th frame counts

Prints PSNR and SSIM on Y per degradation: frames averaged per clip, clips equally.
"""
import sys
from pathlib import Path

import numpy as np
from PIL import Image
from scipy import ndimage

from imaging_imresize import imresize

LUMA = np.array([65.481, 128.553, 24.966])


def gaussian(count, sigma):
    positions = np.arange(count) - (count - 1) / 2
    values = np.exp(-positions**2 / (2 * sigma**2))
    return values / values.sum()


def blur(picture, count, mode):
    """The whole blurred picture; an even window has its extra tap after the anchor."""
    kernel, before = gaussian(count, 1.6), (count - 1) // 2
    after = count - 1 - before
    padded = np.pad(picture, ((before, after), (before, after), (0, 0)), mode=mode)
    height, width = picture.shape[:2]
    rows = sum(kernel[i] * padded[i : i + height] for i in range(count))
    return sum(kernel[i] * rows[:, i : i + width] for i in range(count))


def quantized(picture):
    return np.clip(np.floor(picture + 0.5), 0, 255)


DEGRADATIONS = {
    "BI": lambda picture: imresize(picture, 0.25),
    "BD": lambda picture: quantized(blur(picture, 12, "edge")[1::4, 1::4]),
    "BD-DUF": lambda picture: quantized(blur(picture, 13, "reflect")[::4, ::4]),
}


def ssim(first, second):
    window = gaussian(11, 1.5)

    def mean(plane):
        rows = ndimage.correlate1d(plane, window, 0)
        return ndimage.correlate1d(rows, window, 1)[5:-5, 5:-5]

    a, b = mean(first), mean(second)
    va, vb = mean(first * first) - a * a, mean(second * second) - b * b
    covariance = mean(first * second) - a * b
    c1, c2 = (0.01 * 255) ** 2, (0.03 * 255) ** 2
    return np.mean(
        (2 * a * b + c1) * (2 * covariance + c2) / ((a * a + b * b + c1) * (va + vb + c2))
    )


def main():
    root, step = Path(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else 1
    for name, degrade in DEGRADATIONS.items():
        clips = []
        for folder in sorted((root / "GT").iterdir()):
            figures = []
            for path in sorted(folder.glob("*.png"))[::step]:
                original = np.asarray(Image.open(path).convert("RGB")).astype(np.float64)
                result = imresize(degrade(original), 4)
                height, width = result.shape[:2]
                a, b = result @ LUMA / 255, original[:height, :width] @ LUMA / 255
                psnr = 10 * np.log10(255**2 / np.mean((a - b) ** 2))
                figures.append((psnr, ssim(a + 16, b + 16)))
            clips.append(np.mean(figures, axis=0))
        print(name, *("%.6f" % figure for figure in np.mean(clips, axis=0)))


main()
