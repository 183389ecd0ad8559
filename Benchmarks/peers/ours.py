"""Our runtime, driven through `peer-runner`: one process per part, model and setting."""

import os
import subprocess
import tempfile

import numpy as np


class Runtime:
    """A server of one part of one model; `run` gives milliseconds elapsed and of processor time."""

    def __init__(self, program, part, model, size, threads, inputs, precision="fp32",
                 executor="tuned"):
        height, width = size
        self.process = subprocess.Popen(
            [program, part, model, f"{width}x{height}", str(threads), executor, precision, inputs],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        words = self._line().split()
        #: From reading the model file to the first result.
        self.start_ms = float(words[1])
        #: What the processor made of the precision asked for.
        self.instruction_set, self.precision = words[2], words[3]

    def run(self):
        elapsed, processor = self._ask("run").split()
        return float(elapsed), None if processor == "-" else float(processor)

    def result(self):
        with tempfile.NamedTemporaryFile() as file:
            self._ask(f"result {file.name}")
            return np.fromfile(file.name, np.float32)

    def peak_megabytes(self):
        return float(self._ask("memory"))

    def close(self):
        self.process.stdin.close()
        self.process.stdout.close()
        self.process.wait()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def _ask(self, request):
        self.process.stdin.write(request + "\n")
        self.process.stdin.flush()
        return self._line()

    def _line(self):
        line = self.process.stdout.readline()
        if not line:
            raise RuntimeError("peer-runner ended; its message is above")
        return line


def handover(program):
    """Nanoseconds until one core sees what another has written; some tens where they share a cache,
    a few hundred where they do not."""
    answer = subprocess.run([program, "handover"], capture_output=True, text=True, check=True)
    return float(answer.stdout)


def default_program():
    """Where `swift build -c release --package-path Benchmarks/peers/peer-runner` leaves it."""
    return os.path.join(os.path.dirname(__file__), "peer-runner/.build/release/peer-runner")
