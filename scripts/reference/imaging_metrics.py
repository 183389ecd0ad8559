#!/usr/bin/env python3
"""PSNR and SSIM of seeded frames by NumPy and scikit-image: the reference for VSRImaging.

usage: imaging_metrics.py      rewrites Tests/Fixtures/VSRImaging/metrics.json

SSIM is scikit-image's, set to Wang's window, and a direct two-dimensional sum in NumPy; both must
agree before anything is written.
"""
import json
from pathlib import Path

import numpy as np
from skimage.metrics import structural_similarity

from imaging_imresize import MASK

LUMA = np.array([65.481, 128.553, 24.966])


def random_units(seed, count):
    """Floats in 0..<1 with 24 bits, as SeededGenerator.uniform draws them."""
    state, result = seed, []
    for _ in range(count):
        state = (state + 0x9E3779B97F4A7C15) & MASK
        z = state
        z = ((z ^ (z >> 30)) * 0xBF58476D1CE4E5B9) & MASK
        z = ((z ^ (z >> 27)) * 0x94D049BB133111EB) & MASK
        result.append(((z ^ (z >> 31)) >> 40) / (1 << 24))
    return np.array(result)


def frames(seed, width, height):
    """A smooth ramp plus noise, and a noisier one that leaves 0...1 at both ends."""
    units = random_units(seed, 2 * 3 * height * width).reshape(2, 3, height, width)
    x = np.arange(width) / max(width - 1, 1)
    y = (np.arange(height) / max(height - 1, 1))[:, None]
    ramp = (x + y) / 2
    reference = np.float32(0.8 * ramp + 0.2 * units[0])
    result = np.float32(1.4 * ramp - 0.2 + 0.3 * units[1])
    return result, reference


def direct_ssim(a, b):
    positions = np.arange(11) - 5
    window = np.exp(-(positions**2) / 4.5)
    window = np.outer(window, window)
    window /= window.sum()
    views = [np.lib.stride_tricks.sliding_window_view(p, (11, 11)) for p in (a, b)]
    mean = lambda v: np.einsum("yxij,ij->yx", v, window)
    ma, mb = mean(views[0]), mean(views[1])
    va, vb = mean(views[0] ** 2) - ma**2, mean(views[1] ** 2) - mb**2
    covariance = mean(views[0] * views[1]) - ma * mb
    c1, c2 = (0.01 * 255) ** 2, (0.03 * 255) ** 2
    return np.mean(
        (2 * ma * mb + c1) * (2 * covariance + c2) / ((ma**2 + mb**2 + c1) * (va + vb + c2))
    )


def library_ssim(a, b):
    _, similarity = structural_similarity(
        a, b, data_range=255, gaussian_weights=True, sigma=1.5, use_sample_covariance=False,
        full=True,
    )
    return similarity[5:-5, 5:-5].mean()


def planes(frame, measurement, channels, border):
    height, width = frame.shape[1:]
    levels = np.clip(frame.astype(np.float64), 0, 1) * 255
    if measurement == "paper":
        # The product is taken in single precision, as the frame holds single precision.
        levels = np.floor(np.clip(frame * np.float32(255) + np.float32(0.5), 0, 255)).astype(float)
    levels = levels[:, border : height - border, border : width - border]
    return [16 + np.tensordot(LUMA, levels, (0, 0)) / 255] if channels == "Y" else list(levels)


def main():
    cases = []
    for seed, (width, height) in enumerate([(11, 11), (12, 13), (37, 29), (64, 80)]):
        result, reference = frames(seed, width, height)
        for measurement in ("paper", "mmagic"):
            for channels in ("Y", "RGB"):
                for border in (0, 3):
                    if min(width, height) - 2 * border < 11:
                        continue
                    a = planes(result, measurement, channels, border)
                    b = planes(reference, measurement, channels, border)
                    psnr = 10 * np.log10(255**2 / np.mean((np.array(a) - np.array(b)) ** 2))
                    ssim = np.mean([direct_ssim(*pair) for pair in zip(a, b)])
                    other = np.mean([library_ssim(*pair) for pair in zip(a, b)])
                    assert abs(ssim - other) < 1e-10, (ssim, other)
                    cases.append(
                        {
                            "seed": seed, "width": width, "height": height,
                            "measurement": measurement, "channels": channels, "border": border,
                            "psnr": psnr, "ssim": ssim,
                        }
                    )
    root = Path(__file__).resolve().parents[2] / "Tests/Fixtures/VSRImaging"
    root.mkdir(parents=True, exist_ok=True)
    (root / "metrics.json").write_text(json.dumps(cases, indent=1) + "\n")


main()
