"""Our runtime, driven through `slimvsr bench --serve`: one process per configuration, which waits
for a line naming a part of the network, runs that part once and answers with its milliseconds.
"""

import json
import subprocess

import numpy as np


class Runtime:
    """One model, frame size, precision and thread count."""

    def __init__(self, program, model, size, threads, precision="fp32", executor="tuned"):
        height, width = size
        command = [
            program, "bench", model, "--size", f"{width}x{height}", "--threads", str(threads),
            "--precision", precision, "--executor", executor, "--serve",
        ]
        self.process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )

    def run(self, part):
        """Milliseconds that `part` took."""
        return self._ask({"run": part})["ms"]

    def compute(self, part, inputs, path):
        """The output of `part` for float32 arrays given in the module's order."""
        files = []
        for i, array in enumerate(inputs):
            files.append(f"{path}.{i}")
            np.ascontiguousarray(array, np.float32).tofile(files[-1])
        shape = self._ask({"run": part, "inputs": files, "output": path})["shape"]
        return np.fromfile(path, np.float32).reshape(shape)

    def _ask(self, request):
        self.process.stdin.write(json.dumps(request) + "\n")
        self.process.stdin.flush()
        line = self.process.stdout.readline()
        if not line:
            raise RuntimeError("slimvsr ended; its message is above")
        return json.loads(line)

    def close(self):
        self.process.stdin.close()
        self.process.wait()
