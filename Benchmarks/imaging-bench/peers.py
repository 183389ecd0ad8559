#!/usr/bin/env python3
"""The work of imaging-bench done by Pillow, OpenCV and scikit-image, one thread each.

`make bench-imaging` installs what this needs (requirements.txt) and runs it beside ours.
"""
import os

for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"):
    os.environ[name] = "1"

import time

import cv2
import numpy as np
from PIL import Image
from skimage.metrics import peak_signal_noise_ratio, structural_similarity

cv2.setNumThreads(1)
random = np.random.default_rng(1)


def noise(width, height):
    return random.integers(0, 256, (height, width, 3), dtype=np.uint8)


def report(name, body):
    body(), body()
    times = []
    for _ in range(15):
        start = time.process_time()
        body()
        times.append((time.process_time() - start) * 1e3)
    times.sort()
    print(f"{name:44s} CPU {times[7]:8.2f} ms ({times[0]:.2f} … {times[14]:.2f})")


def basicsr_ssim(a, b):
    """BasicSR's: two-dimensional filters of OpenCV."""
    kernel = cv2.getGaussianKernel(11, 1.5)
    window = np.outer(kernel, kernel.transpose())
    mean = lambda x: cv2.filter2D(x, -1, window)[5:-5, 5:-5]
    ma, mb = mean(a), mean(b)
    va, vb, c = mean(a**2) - ma**2, mean(b**2) - mb**2, mean(a * b) - ma * mb
    c1, c2 = (0.01 * 255) ** 2, (0.03 * 255) ** 2
    return np.mean((2 * ma * mb + c1) * (2 * c + c2) / ((ma**2 + mb**2 + c1) * (va + vb + c2)))


LUMA = np.array([65.481, 128.553, 24.966]) / 255


def main():
    training, low = noise(852, 480), noise(180, 144)
    first, second = noise(720, 576), noise(720, 576)
    pillow, small = Image.fromarray(training), Image.fromarray(low)
    report(
        "Pillow bicubic ×1/4 of 852x480, 8-bit integers",
        lambda: pillow.resize((213, 120), Image.BICUBIC))
    report(
        "OpenCV Gaussian blur 13×13 of 852x480, doubles",
        lambda: cv2.GaussianBlur(training.astype(np.float64), (13, 13), 1.6)[::4, ::4])
    report(
        "Pillow bicubic ×4 of 180x144, 8-bit integers",
        lambda: small.resize((720, 576), Image.BICUBIC))
    report(
        "scikit-image PSNR Y of 720x576",
        lambda: peak_signal_noise_ratio(first @ LUMA, second @ LUMA, data_range=255))
    report(
        "scikit-image SSIM Y of 720x576",
        lambda: structural_similarity(
            first @ LUMA, second @ LUMA, data_range=255, gaussian_weights=True, sigma=1.5,
            use_sample_covariance=False))
    report(
        "BasicSR's SSIM (OpenCV) Y of 720x576",
        lambda: basicsr_ssim(first @ LUMA, second @ LUMA))


main()
