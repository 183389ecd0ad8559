"""The run as text: a table per case and the goals, at most 100 columns."""

import statistics


def case_tables(records):
    """Lines: per case its engines, with how many times our fp32 time they take."""
    lines = []
    for case in dict.fromkeys(record["case"] for record in records):
        rows = [record for record in records if record["case"] == case]
        lines += ["", f"{case} ({rows[0]['gmacs']:.1f} GMAC{cores(rows[0])})",
                  f"  {'engine':33}{'':5}{'median ms':>10}{'quartiles':>16}{'processor':>10}"
                  f"{'GMAC/s':>8}{'ratio':>7}{'error':>9}"]
        lines += [engine_line(row) for row in rows]
    return lines


def engine_line(row):
    name = f"{row['engine']} ({row['form']})" if row["form"] else row["engine"]
    ratio = f"{row['ratio_to_ours']['median']:.2f}" if row["ratio_to_ours"] else "-"
    rate = f"{row['gmacs_per_second']:.0f}" if row["gmacs"] else "-"
    error = "-" if row["relative_error"] is None else f"{row['relative_error']:.0e}"
    quartiles = f"{number(row['lower_quartile_ms'])}-{number(row['upper_quartile_ms'])}"
    return (f"  {name:33}{row['precision']:5}{number(row['median_ms']):>10}{quartiles:>16}"
            f"{number(row['processor_ms']):>10}{rate:>8}{ratio:>7}"
            f"{error:>9}")


def cores(row):
    """How near they were after each round, to follow something."""
    found = row["handovers_ns"]
    return f", cores {apart(found)} ns apart" if found else ""


def apart(handovers):
    """Median, least and most."""
    return f"{statistics.median(handovers):.0f} ({min(handovers)}-{max(handovers)})"


def number(value):
    """Three digits."""
    if value is None:
        return "-"
    return f"{value:.0f}" if value >= 100 else f"{value:.1f}" if value >= 10 else f"{value:.2f}"


def scaling_table(records):
    lines = ["", f"SlimVSR fp32 by turns{cores(records[0])}",
             f"  {'case':58}{'median ms':>10}{'quartiles':>16}"]
    for row in records:
        quartiles = f"{number(row['lower_quartile_ms'])}-{number(row['upper_quartile_ms'])}"
        lines.append(f"  {row['case']:58}{number(row['median_ms']):>10}{quartiles:>16}")
    return lines


def goal_figures(goal):
    """What was measured, what is to be reached and the stretch."""
    bounds = ("-" if goal[key] is None else f"{goal[key]:g}" for key in ("reach", "stretch"))
    return f"{goal['measured']:.{goal['digits']}{goal['format']}}", *bounds


def goal_table(goals):
    """Lines of the goals; `goals` as from `goals.evaluate`."""
    if not goals:
        return []
    lines = ["", "goals", f"  {'work':43}{'measured':>9}{'reach':>7}{'stretch':>8}  {'':8}against"]
    for goal in goals:
        measured, reach, stretch = goal_figures(goal)
        lines.append(f"  {goal['work']:43}{measured:>9}{reach:>7}{stretch:>8}"
                     f"  {goal['verdict']:8}{goal['against']}".rstrip())
    return lines
