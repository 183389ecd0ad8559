"""Trajectories of PyTorch's own Adam, Muon, cosine schedule and weight average.

Two groups of parameters with their own rates and weight decays; the gradient of
loss = sum(c * (p - t)**2) is exact arithmetic, so only the optimizer can differ. The parameter
`rare` has a gradient in every second step only.

Muon's matrices are convolutions' weights that are flattened; all is in double precision, its
Newton-Schulz steps too, which PyTorch rounds to bfloat16.

    python3 scripts/reference/torch_optimizer.py Lab/Tests/Fixtures/Torch/{optimizer,muon}.json

Made with torch 2.11.0 on an x86-64 CPU; one thread.
"""

import json
import sys

import torch
from torch.optim.swa_utils import get_ema_multi_avg_fn

STEPS = 60
SAVED = 10
FINAL_RATE = 1e-7


def numbers(tensor):
    return [float(value) for value in tensor.detach().flatten()]


def pull(parameters, targets, scales, step):
    """Adds the gradients of a step."""
    for name, parameter in parameters.items():
        if name == "rare" and step % 2 == 1:
            continue
        (scales[name] * (parameter - targets[name]).square()).sum().backward()


def record(shapes, start, targets, scales):
    return {
        "shapes": {name: list(shape) for name, shape in shapes.items()},
        "start": start,
        "targets": {name: numbers(target) for name, target in targets.items()},
        "scales": {name: numbers(scale) for name, scale in scales.items()},
    }


def run(fused):
    torch.manual_seed(1)
    shapes = {"trunk.weight": (3, 5), "trunk.bias": (5,), "flow.weight": (2, 7), "rare": (4,)}
    parameters = {name: torch.randn(shape, requires_grad=True) for name, shape in shapes.items()}
    targets = {name: torch.randn(shape) for name, shape in shapes.items()}
    scales = {name: torch.rand(shape) + 0.1 for name, shape in shapes.items()}
    start = {name: numbers(parameter) for name, parameter in parameters.items()}
    groups = [
        {
            "params": [parameters[n] for n in ("trunk.weight", "trunk.bias", "rare")],
            "lr": 2e-2,
        },
        {"params": [parameters["flow.weight"]], "lr": 2e-2 * 0.125, "weight_decay": 1e-2},
    ]
    adam = torch.optim.Adam(groups, betas=(0.9, 0.99), fused=fused)
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(adam, STEPS, FINAL_RATE)
    average = {name: parameter.detach().clone() for name, parameter in parameters.items()}
    update = get_ema_multi_avg_fn(0.9)
    rates, snapshots = [], []
    for step in range(STEPS):
        rates.append([group["lr"] for group in adam.param_groups])
        adam.zero_grad()
        pull(parameters, targets, scales, step)
        adam.step()
        schedule.step()
        update(list(average.values()), [p.detach() for p in parameters.values()], None)
        if (step + 1) % SAVED == 0:
            snapshots.append(
                {
                    "parameters": {n: numbers(p) for n, p in parameters.items()},
                    "averages": {n: numbers(a) for n, a in average.items()},
                }
            )
    return record(shapes, start, targets, scales) | {
        "rates": rates,
        "snapshots": snapshots,
    }


def run_muon():
    torch.manual_seed(2)
    shapes = {"tall": (7, 1, 2, 2), "wide": (4, 3, 3, 3), "rare": (5, 5, 1, 1)}
    parameters, targets, scales = {}, {}, {}
    for name, shape in shapes.items():
        matrix = (shape[0], shape[1] * shape[2] * shape[3])
        # Of singular values from 1 to 1/20, so that gradients are not nearly orthogonal anyhow.
        u, _, v = torch.linalg.svd(torch.randn(matrix, dtype=torch.double), full_matrices=False)
        spread = torch.logspace(0, -1.3, min(matrix), dtype=torch.double)
        parameters[name] = (u * spread @ v).float().double().requires_grad_()
        targets[name] = torch.randn(matrix).double()
        scales[name] = (torch.rand(matrix) + 0.1).double()
    start = {name: numbers(parameter) for name, parameter in parameters.items()}
    muon = torch.optim.Muon(
        parameters.values(), lr=2e-2, weight_decay=1e-2, momentum=0.95, nesterov=True,
        adjust_lr_fn="match_rms_adamw",
    )
    snapshots = []
    rounding = torch.Tensor.bfloat16
    torch.Tensor.bfloat16 = torch.Tensor.clone
    for step in range(STEPS):
        muon.zero_grad()
        pull(parameters, targets, scales, step)
        muon.step()
        if (step + 1) % SAVED == 0:
            snapshots.append({n: numbers(p) for n, p in parameters.items()})
    torch.Tensor.bfloat16 = rounding
    return record(shapes, start, targets, scales) | {
        "snapshots": snapshots,
    }


def main():
    torch.set_num_threads(1)
    adam = {"default": run(fused=False), "fused": run(fused=True)}
    for path, result in zip(sys.argv[1:], (adam, run_muon()), strict=True):
        with open(path, "w") as file:
            json.dump(result, file, separators=(",", ":"))
            file.write("\n")


if __name__ == "__main__":
    main()
