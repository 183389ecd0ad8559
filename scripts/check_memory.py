"""Upscales an hour of video and says how much memory the program had meanwhile.

    scripts/check-memory [--model uni-small-slim] [--minutes 60] [--size 32x24] [--svg FILE]

Memory is the process's resident set, looked at four times a second. It fails where the ninth tenth takes
more than 5 % above the third, when all buffers are in use. In the last the parts become one MP4 file, whose
index of all packets libav keeps in memory. Needs ffmpeg.
"""

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
import time


def resident(process):
    """Bytes, or None once the process has ended."""
    try:
        with open(f"/proc/{process}/statm") as file:
            return int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")
    except (FileNotFoundError, ProcessLookupError):
        return None


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("program")
    parser.add_argument("--model", default="uni-small-slim")
    parser.add_argument("--minutes", type=float, default=60)
    parser.add_argument("--size", default="32x24")
    parser.add_argument("--svg")
    arguments = parser.parse_args()
    program = os.path.abspath(arguments.program)
    with tempfile.TemporaryDirectory() as folder:
        source, target = os.path.join(folder, "in.mp4"), os.path.join(folder, "out.mp4")
        subprocess.run(
            ["ffmpeg", "-v", "error", "-nostdin", "-f", "lavfi", "-i",
             f"testsrc2=s={arguments.size}:r=25:d={60 * arguments.minutes}", "-f", "lavfi", "-i",
             f"sine=d={60 * arguments.minutes}", "-c:v", "libx264", "-preset", "ultrafast", "-c:a", "aac",
             source], check=True)
        start = time.monotonic()
        process = subprocess.Popen(
            [program, "upscale", source, target, "--model", arguments.model, "--preset", "ultrafast"],
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        samples = []
        while process.poll() is None:
            found = resident(process.pid)
            if found:
                samples.append((time.monotonic() - start, found))
            time.sleep(0.25)
        if process.returncode != 0:
            sys.exit(f"slimvsr ended with {process.returncode}")
    tenths = [samples[len(samples) * i // 10:len(samples) * (i + 1) // 10] for i in range(10)]
    means = [statistics.mean(s for _, s in part) / 2**20 for part in tenths]
    print(f"{arguments.model}, {arguments.minutes:g} minutes of {arguments.size} at 25 frames per second, "
          f"{samples[-1][0]:.0f} s; MiB on average of each tenth of the run:")
    print("  ".join(f"{mean:.1f}" for mean in means))
    print(f"greatest: {max(s for _, s in samples) / 2**20:.1f} MiB")
    if arguments.svg:
        write_chart(arguments.svg, samples)
    if means[8] > 1.05 * means[2]:
        sys.exit(f"memory grows: {means[2]:.1f} MiB in the third tenth, {means[8]:.1f} MiB in the ninth")


def write_chart(path, samples):
    width, height = 640, 200
    last, most = samples[-1][0], max(s for _, s in samples)
    points = " ".join(f"{40 + 580 * t / last:.1f},{170 - 150 * s / most:.1f}" for t, s in samples[::4])
    with open(path, "w") as file:
        file.write(
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" font-size="11" '
            f'font-family="sans-serif"><rect width="{width}" height="{height}" fill="white"/>'
            f'<path d="M40 20V170H620" fill="none" stroke="gray"/>'
            f'<text x="4" y="24">{most / 2**20:.0f} MiB</text><text x="20" y="174">0</text>'
            f'<text x="560" y="190">{last:.0f} s</text>'
            f'<polyline points="{points}" fill="none" stroke="#2266aa" stroke-width="1.5"/></svg>\n')


if __name__ == "__main__":
    main()
