"""What the runtime is to reach, and whether a run shows it."""

from measure import OURS, REFERENCE, paired_ratio


def evaluate(records, scaling, processes, errors):
    """Rows of the goals' table; those whose cases a run lacks are left out."""
    rows = peer_rows(records) + scaling_rows(scaling)
    for process in processes:
        label = f"uni {process['kind']}, {process['threads']} threads"
        rows.append(goal(f"resident MB, {label}", process["resident_mb"], 250, 150,
                         most=True, digits=0))
        rows.append(goal(f"file to first frame, ms, {label}", process["median_ms"], 300,
                         most=True, digits=0))
    for label, error in errors:
        rows.append(goal(f"error against plain C, {label}", error, 1e-5, most=True, digits=0,
                         style="e"))
    return rows


def goal(work, measured, reach=None, stretch=None, against="", most=False, digits=2, style="f"):
    """One row; with `most` the bounds are upper ones."""

    def holds(bound):
        return measured <= bound if most else measured >= bound

    verdict = "" if reach is None else "reached" if holds(reach) else "missed"
    if stretch is not None and holds(stretch):
        verdict = "stretch"
    return {"work": work, "measured": measured, "reach": reach, "stretch": stretch,
            "against": against, "verdict": verdict, "digits": digits, "format": style}


def peer_rows(records):
    """Ratios to the fastest peers, at the width, size and threads of the first trunk."""
    rows = []
    for part, kind, direction, text, reach, stretch in (
        ("trunk", "pruned", "uni", "pruned trunk", 4, 5),
        ("trunk", "dense", "uni", "dense trunk", 2, 2.3),
        ("upsampler", "dense", "uni", "upsampler", 2.5, 3.5),
        ("frame", "pruned", "uni", "whole frame, pruned uni", 4, 6),
        ("frame", "pruned", "bi", "whole frame, pruned bi", 4, 6),
    ):
        wanted = {"part": part, "kind": kind, "direction": direction}
        case = next((r["case"] for r in records if matches(r, wanted)), None)
        rivals = [r for r in records if r["case"] == case]
        if part == "frame":
            pytorch = [r for r in rivals if r["engine"].startswith("PyTorch")]
            rows += against_fastest(f"{text}, fp32", rivals, pytorch, "fp32", reach, stretch)
        rows += against_fastest(f"{text}, fp32", rivals, rivals, "fp32", reach, stretch)
        if (part, kind) == ("trunk", "pruned"):
            rows += against_fastest(f"{text}, fp32", rivals, rivals, "bf16", 2.3, 3)
            rows += against_fastest(f"{text}, bf16", rivals, rivals, "bf16", 2.3, 3, "bf16")
    return rows


def against_fastest(text, rivals, candidates, precision, reach, stretch, own="fp32"):
    """A row for the fastest of the candidates in `precision`, if there is one."""
    ours = [r for r in rivals if r["engine"] == OURS and r["precision"] == own]
    peers = [r for r in candidates
             if r["precision"] == precision and r["engine"] not in (OURS, REFERENCE)]
    if not ours or not peers:
        return []
    fastest = min(peers, key=lambda r: r["median_ms"])
    ratio = paired_ratio(fastest["times_ms"], ours[0]["times_ms"])["median"]
    name = fastest["engine"].replace("channels-last", "c.-last")
    return [goal(text, ratio, reach, stretch, f"{name} {precision}")]


def scaling_rows(scaling):
    """What pruning and threads bring, from our times taken by turns."""
    rows = []

    def find(part, kind, threads):
        wanted = {"part": part, "kind": kind, "threads": threads}
        return next((r for r in scaling if matches(r, wanted)), None)

    def ratio(above, below):
        return paired_ratio(above["times_ms"], below["times_ms"])["median"]

    for threads in (1, 2):
        dense, pruned = find("network", "dense", threads), find("network", "pruned", threads)
        if dense and pruned:
            possible = dense["gmacs"] / pruned["gmacs"]
            plural = "s" if threads > 1 else ""
            rows.append(goal(f"kept by pruning, no flow, {threads} thread{plural}",
                             ratio(dense, pruned) / possible, 0.85, 0.95,
                             f"{possible:.2f} possible"))
    for part, kind in (("trunk", "dense"), ("trunk", "pruned"), ("upsampler", "dense"),
                       ("frame", "pruned")):
        single, double = find(part, kind, 1), find(part, kind, 2)
        if single and double:
            rows.append(goal(f"threads 1 to 2, {kind} {part}", ratio(single, double), 1.8, 1.95))
    return rows


def matches(record, wanted):
    return all(record[key] == value for key, value in wanted.items())
