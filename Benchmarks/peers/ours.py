"""Our runtime, driven through `peer-runner serve`: one process per configuration, which runs a whole
frame for each request. Parts of the network are read off its own clock.

Its results are held against the reference executor and PyTorch by the tests, not here.
"""

import json
import os
import subprocess

PREFIXES = {
    "trunk": ("forward_trunk", "backward_trunk"), "upsampler": ("upsampler",),
    "flow": ("spynet",), "warp": ("warp",),
}


class Runtime:
    """One model, frame size, precision and thread count."""

    def __init__(self, runner, model, size, threads, precision="fp32", executor="tuned"):
        height, width = size
        self.process = subprocess.Popen(
            [runner, "serve", model, f"{width}x{height}", str(threads), executor, precision],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
            env={**os.environ, "PROFILE": "1"},
        )
        if not self.process.stdout.readline().startswith("ready"):
            raise RuntimeError("peer-runner ended; its message is above")
        # The first frames fill caches; a clip's first has no flow.
        for _ in range(2):
            self._ask("run")
        self.seen = {part: self._spent(part) for part in PREFIXES}

    def run(self, part):
        """Milliseconds that `part` (or a whole frame) took in one more frame."""
        elapsed = float(self._ask("run").split()[0])
        if part not in PREFIXES:
            return elapsed
        before, self.seen[part] = self.seen[part], self._spent(part)
        return self.seen[part] - before

    def _spent(self, part):
        profile = json.loads(self._ask("profile"))
        return sum(ms for name, (_, ms) in profile.items() if name.startswith(PREFIXES[part]))

    def _ask(self, request):
        self.process.stdin.write(request + "\n")
        self.process.stdin.flush()
        line = self.process.stdout.readline()
        if not line:
            raise RuntimeError("peer-runner ended; its message is above")
        return line

    def close(self):
        self.process.stdin.close()
        self.process.wait()
