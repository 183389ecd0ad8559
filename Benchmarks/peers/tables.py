"""A run's figures as the Markdown tables of docs/performance-log.md."""

from measure import OURS
from report import apart, goal_figures, number


def goals(rows):
    lines = ["| goal | measured | reach | stretch | verdict | against |",
             "|---|---|---|---|---|---|"]
    for row in rows:
        lines.append(f"| {row['work']} | {' | '.join(goal_figures(row))} | "
                     f"{row['verdict'] or '–'} | {row['against'] or '–'} |")
    return lines


def cases(records):
    """Per case our times and the fastest peer in fp32."""
    lines = ["| case | ours fp32 | ours bf16 | fastest fp32 peer | cores, ns apart |",
             "|---|---|---|---|---|"]
    for case in dict.fromkeys(record["case"] for record in records):
        rows = [record for record in records if record["case"] == case]
        own = {row["precision"]: row for row in rows if row["engine"] == OURS}
        peers = [row for row in rows
                 if row["ratio_to_ours"] and not row["engine"].startswith(OURS)
                 and row["precision"] == "fp32"]
        lines.append(f"| {case} | {times(own.get('fp32'))} | {times(own.get('bf16'))} | "
                     f"{fastest(peers)} | {cores(rows[0])} |")
    return lines


def cores(row):
    handovers = row["handovers_ns"]
    return apart(handovers).replace("-", "–") if handovers else "–"


def fastest(peers):
    if not peers:
        return "–"
    peer = min(peers, key=lambda row: row["median_ms"])
    form = f" {peer['form']}" if peer["form"] else ""
    return (f"{peer['ratio_to_ours']['median']:.1f}× {peer['engine']}{form}, "
            f"{number(peer['median_ms'])}")


def turns(records):
    """Our times of each case with one thread and with two."""
    lines = ["| case | 1 thread, ms | 2 threads, ms |", "|---|---|---|"]
    by_name = {row["case"]: row for row in records}
    for name in by_name:
        if name.endswith(", 1 thread"):
            name = name.removesuffix(", 1 thread")
            one, two = by_name[f"{name}, 1 thread"], by_name.get(f"{name}, 2 threads")
            lines.append(f"| {name} | {times(one)} | {times(two)} |")
    return lines


def times(row):
    if row is None:
        return "–"
    low, high = number(row["lower_quartile_ms"]), number(row["upper_quartile_ms"])
    return f"{number(row['median_ms'])} ({low}–{high})"


def document(result):
    """All tables, apart by empty lines."""
    machine = result["machine"]
    packages = ", ".join(f"{name} {text}" for name, text in machine["versions"].items())
    head = [f"Commit {machine['commit'][:7]}{' and changes' if machine['changed_since'] else ''}, "
            f"{machine['seconds']} s; {machine['processor']}, {machine['cores']} cores, load "
            f"{machine['load_before']:.1f} before; {packages}."]
    parts = [head]
    for table, rows in ((goals, result["goals"]), (cases, result["records"]),
                        (turns, result["scaling"])):
        if rows:
            parts.append(table(rows))
    return "\n\n".join("\n".join(part) for part in parts) + "\n"
