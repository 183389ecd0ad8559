"""Numbers of PyTorch's seeded CPU generator, with and without its vectorized path (16 and more).

    python3 scripts/reference/torch_random.py Lab/Tests/Fixtures/Torch/random.json

Made with torch 2.11.0 on an x86-64 CPU.
"""

import json
import sys

import torch


def main():
    result = {}
    for name, count in (("short", 7), ("long", 40)):
        for kind, make in (("normal", torch.randn), ("uniform", torch.rand)):
            generator = torch.Generator().manual_seed(7)
            values = make(count, generator=generator)
            result[f"{kind}.{name}"] = [float(value) for value in values]
    torch.manual_seed(11)
    result["default.normal"] = [float(value) for value in torch.randn(5)]
    with open(sys.argv[1], "w") as file:
        json.dump(result, file, separators=(",", ":"))
        file.write("\n")


if __name__ == "__main__":
    main()
