#!/usr/bin/env python3
"""Networks pruned with compensation, computed independently in NumPy and PyTorch, in double precision.

Writes Tests/Fixtures/VSRCompensation/networks.json: small networks, the clips that they are
calibrated on and the refitted weights; and refitted.json, the same of networks that were cut and
changed before, whose kept units are given. Everything here is the plain way: least squares by
numpy.linalg.lstsq on all pixels' patches, and filters chosen by solving again without each of them,
where the library has closed forms. Dense weights and frames are not stored: both sides draw them
from SplitMix64 with the case's seed. Needs torch (any 2.x) and numpy.
"""
import json
import pathlib

import numpy as np
import torch
import torch.nn.functional as F

from basicvsr import BasicVSR, shuffled
from fixture_values import encoded
from runtime_networks import SplitMix64, block, blueprint, compact, weights

torch.set_default_dtype(torch.float64)


def record(network, branch, clip, used, held):
    """{frame: (picture and warped state, [1, 3 + C, H, W])} of the frames in `used`.

    From step `held` on, every later frame is given the state of that step.
    """
    count = len(clip)
    trunk = getattr(network, f"{branch}_trunk")
    order = list(range(count)) if branch == "forward" else list(range(count - 1, -1, -1))
    result, state = {}, torch.zeros(1, network.width, *clip[0].shape[2:])
    for step, index in enumerate(order):
        carried = state
        if step > 0:
            flow = network.spynet(clip[index], clip[order[step - 1]])
            carried = network.warp(state, flow)
        inputs = torch.cat([clip[index], carried], 1)
        if index in used:
            result[index] = inputs
        if held is None or step <= held:
            state = trunk(inputs)
    return result


def patches(x, kernel):
    """[pixels of all pictures, inputs · k² + 1] of x [N, C, H, W], a 1 for the bias last."""
    if x.shape[1] == 0:
        return np.ones((x.shape[0] * x.shape[2] * x.shape[3], 1))
    columns = torch.nn.functional.unfold(x, kernel, padding=kernel // 2)
    columns = columns.permute(0, 2, 1).reshape(-1, columns.shape[1]).numpy()
    return np.concatenate([columns, np.ones((len(columns), 1))], 1)


def rows(x):
    """[pixels, C] of [N, C, H, W]."""
    return x.permute(0, 2, 3, 1).reshape(-1, x.shape[1]).numpy()


def solve(u, t, weight, prior=0):
    """The W of least mean |u W − t|² + weight |W − prior|², and that value."""
    root = np.sqrt(weight * len(u))
    a = np.concatenate([u, root * np.eye(u.shape[1])])
    c = np.concatenate([t, root * np.broadcast_to(prior, (u.shape[1], t.shape[1]))])
    w = np.linalg.lstsq(a, c, rcond=None)[0]
    return w, ((a @ w - c) ** 2).sum() / len(u)


def penalty(u, ridge):
    """The ridge's weight; features that there are none of, or that are all 0, count as 1."""
    squares = (u[:, :-1] ** 2).mean() if u.shape[1] > 1 else 0
    return ridge * (squares if squares > 0 else 1)


def fit(x, t, kernel, ridge):
    u = patches(x, kernel)
    return solve(u, rows(t), penalty(u, ridge))[0]


def choose(x, t, kernel, ridge, count):
    """Channels of x that are kept and the filter on them."""
    u, wanted, taps = patches(x, kernel), rows(t), kernel * kernel
    weight = penalty(u, ridge)

    def places(channels):
        return [c * taps + tap for c in channels for tap in range(taps)] + [u.shape[1] - 1]

    kept = list(range(x.shape[1]))
    while len(kept) > count:
        error = {c: solve(u[:, places([k for k in kept if k != c])], wanted, weight)[1]
                 for c in kept}
        kept.remove(min(kept, key=lambda c: error[c]))
    return kept, fit(x[:, kept], t, kernel, ridge)


def tensors(w, kernel):
    """Weight [O, I, k, k] and bias of a matrix [I · k² + 1, O]."""
    outputs = w.shape[1]
    return (torch.from_numpy(w[:-1].T.reshape(outputs, -1, kernel, kernel).copy()),
            torch.from_numpy(w[-1].copy()))


def apply(parameters, name, x, kernel):
    return F.conv2d(
        x, parameters[f"{name}.weight"], parameters[f"{name}.bias"], padding=kernel // 2)


def compensate(b, slim, parameters, clips, ridge):
    """The slim network's refitted tensors by name."""
    result = {}

    def keep(name, w, kernel):
        result[f"{name}.weight"], result[f"{name}.bias"] = tensors(w, kernel)

    network = BasicVSR(compact(b)).load(parameters)
    branches = ["backward", "forward"] if b["direction"] == "bi" else ["forward"]
    dense_states, slim_states = [], []
    for branch in branches:
        x = branch_inputs(network, b, branch, clips)
        dense = F.leaky_relu(
            apply(parameters, f"{branch}_trunk.main.0", x, 3), b["negativeSlope"])
        actual = dense
        for i, description in enumerate(b[branch]):
            name = f"{branch}_trunk.main.2.{i}"
            inside, outside = description["keptInputs"], description["keptOutputs"]
            if not outside:
                continue
            middle = apply(parameters, f"{name}.conv1", dense[:, inside], 3)
            wanted = dense.clone()
            wanted[:, outside] += apply(parameters, f"{name}.conv2", middle.clamp_min(0), 3)
            first = fit(actual[:, inside], middle, 3, ridge)
            refitted = {}
            refitted["m.weight"], refitted["m.bias"] = tensors(first, 3)
            own = apply(refitted, "m", actual[:, inside], 3).clamp_min(0)
            missing = (wanted - actual)[:, outside]
            count = slim[branch][i]["middleWidth"]
            kept, second = choose(own, missing, 3, ridge, count)
            keep(f"{name}.conv1", first[:, kept], 3)
            keep(f"{name}.conv2", second, 3)
            actual = actual.clone()
            actual[:, outside] += apply(result, f"{name}.conv2", own[:, kept], 3)
            dense = wanted
        dense_states.append(dense)
        slim_states.append(actual)

    slope = b["negativeSlope"]
    dense, actual = torch.cat(dense_states, 1), torch.cat(slim_states, 1)
    chain = [("fusion", 1, 1), ("upconv1", 3, 2)]
    if b["scale"] == 4:
        chain.append(("upconv2", 3, 2))
    chain += [("conv_hr", 3, 1), ("conv_last", 3, 1)]
    widths = {"upconv1": slim["upsampler"]["firstWidth"],
              "upconv2": slim["upsampler"].get("secondWidth"),
              "conv_hr": slim["upsampler"]["refinementWidth"]}
    w = None
    for (name, kernel, factor), following in zip(chain, chain[1:] + [None]):
        def after(v):
            v = F.pixel_shuffle(v, factor)
            return F.leaky_relu(v, slope) if following else v

        wanted = apply(parameters, name, dense, kernel)
        if w is None:
            w = fit(actual, wanted, kernel, ridge)
        keep(name, w, kernel)
        actual = after(apply(result, name, actual, kernel))
        dense, w = after(wanted), None
        if name in widths:
            target = apply(parameters, following[0], dense, following[1])
            kept, w = choose(actual, target, following[1], ridge, widths[name])
            group = factor * factor
            filters = [unit * group + j for unit in kept for j in range(group)]
            result[f"{name}.weight"] = result[f"{name}.weight"][filters]
            result[f"{name}.bias"] = result[f"{name}.bias"][filters]
            actual = actual[:, kept]
    return result


def branch_inputs(network, b, branch, clips):
    """What a branch reads at all recorded frames, [N, 3 + C, H, W]."""
    recorded = [record(network, branch, *clip) for clip in clips]
    # One of each clip, then the next of each; the order matters to the upsampler's share.
    sets = [[r[i] for i in sorted(r)] for r in recorded]
    return torch.cat([s[i] for i in range(max(map(len, sets))) for s in sets if i < len(s)])


def refit(b, slim, kept, parameters, present, clips, ridge):
    """The tensors by name of the slim network, whose weights are `present`, refitted.

    `kept` says which units of the dense network are left of middle filters and of the upsampler.
    """
    result = {}

    def fitted(name, x, t, kernel):
        """What the convolution gives once it is fitted to give t from x."""
        u = patches(x, kernel)
        prior = np.concatenate([
            present[f"{name}.weight"].reshape(t.shape[1], -1).numpy().T,
            present[f"{name}.bias"].numpy()[None]])
        w = solve(u, rows(t), penalty(u, ridge), prior)[0]
        result[f"{name}.weight"], result[f"{name}.bias"] = tensors(w, kernel)
        n, _, height, width = x.shape
        return torch.from_numpy(u @ w).reshape(n, height, width, -1).permute(0, 3, 1, 2)

    network = BasicVSR(compact(b)).load(parameters)
    slope = b["negativeSlope"]
    dense_states, slim_states = [], []
    for branch in ["backward", "forward"] if b["direction"] == "bi" else ["forward"]:
        x = branch_inputs(network, b, branch, clips)
        wanted = apply(parameters, f"{branch}_trunk.main.0", x, 3)
        actual = F.leaky_relu(fitted(f"{branch}_trunk.main.0", x, wanted, 3), slope)
        dense = F.leaky_relu(wanted, slope)
        for i, (large, small) in enumerate(zip(b[branch], slim[branch])):
            name = f"{branch}_trunk.main.2.{i}"
            if not large["keptOutputs"]:
                continue
            middle = apply(parameters, f"{name}.conv1", dense[:, large["keptInputs"]], 3)
            target = dense.clone()
            target[:, large["keptOutputs"]] += apply(
                parameters, f"{name}.conv2", middle.clamp_min(0), 3)
            outputs = small["keptOutputs"]
            if outputs:
                own = middle[:, []]
                if small["middleWidth"]:
                    own = fitted(
                        f"{name}.conv1", actual[:, small["keptInputs"]],
                        middle[:, kept[f"{branch}.{i}.mid"]], 3).clamp_min(0)
                change = fitted(f"{name}.conv2", own, (target - actual)[:, outputs], 3)
                actual = actual.clone()
                actual[:, outputs] += change
            dense = target
        dense_states.append(dense)
        slim_states.append(actual)

    wanted, actual = torch.cat(dense_states, 1), torch.cat(slim_states, 1)
    chain = [("fusion", 1, 1), ("upconv1", 3, 2)] + [("upconv2", 3, 2)] * (b["scale"] == 4)
    chain += [("conv_hr", 3, 1), ("conv_last", 3, 1)]
    for name, kernel, factor in chain:
        given = apply(parameters, name, wanted, kernel)
        units = kept.get(name, list(range(given.shape[1] // factor**2)))
        filters = [unit * factor**2 + j for unit in units for j in range(factor**2)]
        own = given[:, []]
        if filters:
            own = fitted(name, actual, given[:, filters], kernel)
        if name != "conv_last":
            actual, wanted = (
                shuffled(F.leaky_relu(v, slope), factor) for v in (own, given))
    return result


def dense_block(width, middle):
    return block(list(range(width)), middle, list(range(width)))


def cases():
    flow = ([3, 4, 3, 2], 3)
    return {
        "bidirectional": (
            21, 1e-2,
            blueprint("bi", 4, 4, [dense_block(4, 9), dense_block(4, 6)],
                      [dense_block(4, 9), dense_block(4, 6)], (5, 4, 5), flow),
            blueprint("bi", 4, 4, [dense_block(4, 4), dense_block(4, 2)],
                      [dense_block(4, 3), dense_block(4, 2)], (3, 2, 3), flow)),
        "unidirectional, pruned before": (
            22, 1e-3,
            blueprint("uni", 4, 5,
                      [block([0, 2, 3], 8, [1, 2, 4]), block([], 0, []), block([1, 4], 3, [0, 3])],
                      [], (4, 4, 6), flow),
            blueprint("uni", 4, 5,
                      [block([0, 2, 3], 3, [1, 2, 4]), block([], 0, []), block([1, 4], 2, [0, 3])],
                      [], (3, 3, 4), flow)),
        "scale 2": (
            23, 1e-2,
            blueprint("uni", 2, 4, [dense_block(4, 6)], [], (5, None, 4), flow),
            blueprint("uni", 2, 4, [dense_block(4, 5)], [], (2, None, 2), flow)),
    }


def refitted_cases():
    """Dense network, slim network and its kept units."""
    flow = ([3, 4, 3, 2], 3)
    return {
        "bidirectional, uneven": (
            31, 1e-2,
            blueprint("bi", 4, 4, [dense_block(4, 5), dense_block(4, 4), dense_block(4, 4)],
                      [dense_block(4, 5), dense_block(4, 4), dense_block(4, 4)], (5, 4, 5), flow),
            blueprint("bi", 4, 4, [block([1, 3], 3, [0, 2]), block([], 0, []),
                                   block([], 0, [1, 3])],
                      [block([0, 1, 2, 3], 5, [3]), block([], 2, [0, 1]),
                       block([2], 1, [0, 1, 2, 3])], (2, 3, 4), flow),
            {"forward.0.mid": [0, 2, 4], "forward.1.mid": [], "forward.2.mid": [],
             "backward.0.mid": [0, 1, 2, 3, 4], "backward.1.mid": [1, 3], "backward.2.mid": [2],
             "upconv1": [1, 4], "upconv2": [0, 2, 3], "conv_hr": [0, 1, 3, 4]}),
        "unidirectional, pruned before": (
            32, 1e-3,
            blueprint("uni", 2, 5,
                      [block([0, 2, 3], 4, [1, 2, 4]), block([], 0, []), block([1, 4], 3, [0, 3])],
                      [], (4, None, 3), flow),
            blueprint("uni", 2, 5,
                      [block([0, 3], 2, [1, 4]), block([], 0, []), block([4], 3, [0, 3])], [],
                      (3, None, 2), flow),
            {"forward.0.mid": [1, 2], "forward.1.mid": [], "forward.2.mid": [0, 1, 2],
             "upconv1": [0, 1, 3], "conv_hr": [0, 2]}),
        "an upsampler's layer without units": (
            33, 1e-2,
            blueprint("uni", 4, 4, [dense_block(4, 4)], [], (4, 4, 4), flow),
            blueprint("uni", 4, 4, [block([0, 2], 2, [1, 2, 3])], [], (0, 0, 3), flow),
            {"forward.0.mid": [0, 3], "upconv1": [], "upconv2": [], "conv_hr": [0, 1, 3]}),
    }


# Frames of each clip, which are used, and the step whose state is held.
CLIPS = [(5, [1, 3], None), (6, [0, 5], None), (6, [2, 5], 2)]
WIDTH, HEIGHT = 13, 11


def drawn_clips(random):
    clips = []
    for count, used, held in CLIPS:
        frames = [
            torch.from_numpy(random.uniform(3 * WIDTH * HEIGHT).astype(np.float64))
            .reshape(1, 3, HEIGHT, WIDTH) for _ in range(count)]
        clips.append((frames, used, held))
    return clips


def write(name, records):
    path = pathlib.Path(__file__).parents[2] / f"Tests/Fixtures/VSRCompensation/{name}.json"
    path.parent.mkdir(exist_ok=True)
    path.write_text(json.dumps(records, indent=1) + "\n")


def noted(name, seed, ridge, dense, slim, result):
    print(f"{name}: {len(result)} tensors, largest value "
          f"{max(t.abs().max().item() for t in result.values() if t.numel()):.2f}")
    return {
        "name": name, "seed": seed, "ridge": ridge, "width": WIDTH, "height": HEIGHT,
        "clips": [{"count": c, "used": u, "isStill": h is not None} for c, u, h in CLIPS],
        "stillStep": next(h for _, _, h in CLIPS if h is not None),
        "dense": compact(dense), "slim": compact(slim),
        "tensors": {key: encoded(t) for key, t in sorted(result.items())},
    }


@torch.no_grad()
def main():
    records = []
    for name, (seed, ridge, dense, slim) in cases().items():
        random = SplitMix64(seed)
        parameters = weights(dense, random)
        clips = drawn_clips(random)
        result = compensate(dense, slim, parameters, clips, ridge)
        records.append(noted(name, seed, ridge, dense, slim, result))
    write("networks", records)
    records = []
    for name, (seed, ridge, dense, slim, kept) in refitted_cases().items():
        random = SplitMix64(seed)
        parameters = weights(dense, random)
        clips = drawn_clips(random)
        # The flow network stays; the others' weights are as if training had changed them.
        present = {
            key: parameters[key] if key.startswith("spynet.") else tensor
            for key, tensor in weights(slim, random).items()}
        result = refit(dense, slim, kept, parameters, present, clips, ridge)
        records.append(noted(name, seed, ridge, dense, slim, result) | {"kept": kept})
    write("refitted", records)


if __name__ == "__main__":
    main()
