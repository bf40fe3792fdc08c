"""The tables and the plot of calibration in `docs/benchmarks.md`."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import matplotlib.pyplot as plt

TIMED, WITH_ERRORS, STEP = "calibration, ", "calibration with standard errors, ", "one E-step, "
GROWTH = "growth, "
OURS, PEER = "#0072b2", "#999999"


def is_calibration(problem: str) -> bool:
    """Whether a measurement belongs to these tables."""
    return problem.startswith((TIMED, WITH_ERRORS, STEP, GROWTH))


def tables(runs: list[dict[str, Any]]) -> list[str]:
    """A table of everybody's times, one of what ours rest on, one of growth; if they were run."""
    timed = _timed(runs)
    return [*([_race(timed), _ours(runs, timed)] if timed else []), *_growth(runs)]


def draw(path: Path, runs: list[dict[str, Any]]) -> None:
    """Bars of seconds on a logarithmic scale, a panel a problem."""
    timed = _timed(runs)
    if not timed:
        return
    figure, panels = plt.subplots(
        len(timed), 1, figsize=(7.0, 1.5 * len(timed)), layout="constrained", squeeze=False
    )
    for panel, (problem, rows) in zip(panels[:, 0], timed.items(), strict=True):
        ranked = sorted(rows, key=lambda row: -_seconds(row))
        names = [_name(row).replace("_", ", ") for row in ranked]
        times = [_seconds(row) for row in ranked]
        panel.barh(names, times, color=[OURS if n == "samatthana" else PEER for n in names])
        for place, value in enumerate(times):
            panel.text(value * 1.1, place, f"{value:.2g} s", va="center", fontsize=8)
        panel.set(xscale="log", title=problem, xlim=(min(times) / 3, max(times) * 6))
        panel.spines[["top", "right"]].set_visible(False)
    panels[-1, 0].set_xlabel("seconds (logarithmic)")
    figure.savefig(path, metadata={"Date": None})


def _race(timed: dict[str, list[dict[str, Any]]]) -> str:
    lines = [
        "**Calibration, without priors and standard errors**\n",
        "| test | | seconds | processor seconds | times as long as ours "
        "| below the best log-likelihood | farthest parameter, in its standard error |",
        "|---|---|---:|---:|---:|---:|---:|",
    ]
    for problem, rows in timed.items():
        ours = next(_seconds(row) for row in rows if _name(row) == "samatthana")
        for row in sorted(rows, key=_seconds):
            more = row["extra_info"]
            lines.append(
                f"| {problem} | {_name(row)} | {_seconds(row):.3g} | {more['processor_seconds']:.3g} "
                f"| {_seconds(row) / ours:,.3g} | {_short(more['error'])} | {more['distance']:.2g} |"
            )
    return "\n".join(lines)


def _ours(runs: list[dict[str, Any]], timed: dict[str, list[dict[str, Any]]]) -> str:
    lines = [
        "**What our calibration rests on**\n",
        "| test | seconds | one E-step | the same by matrix products | with standard errors |",
        "|---|---:|---:|---:|---:|",
    ]
    for problem, rows in timed.items():
        ours = next(_seconds(row) for row in rows if _name(row) == "samatthana")
        step, errors = (_of(runs, start + problem) for start in (STEP, WITH_ERRORS))
        plain = step["extra_info"].get("matrix_products_seconds") if step else None
        lines.append(
            f"| {problem} | {ours:.3g} | {_given(step and _seconds(step))} | {_given(plain)} "
            f"| {_given(errors and _seconds(errors))} |"
        )
    return "\n".join(lines)


def _growth(runs: list[dict[str, Any]]) -> Iterator[str]:
    for run in runs:
        more = run["extra_info"]
        if more.get("problem", "").startswith(GROWTH):
            rows = zip(more["sizes"], more["times"], strict=True)
            yield "\n".join(
                [
                    "**Calibration of ever more answers**\n",
                    "| answers | processor seconds |",
                    "|---:|---:|",
                    *(f"| {size:,} | {time:.3g} |" for size, time in rows),
                    f"\nSlope of log time on log answers: {more['slope']:.2f}.",
                ]
            )


def _timed(runs: list[dict[str, Any]]) -> dict[str, list[dict[str, Any]]]:
    found: dict[str, list[dict[str, Any]]] = {}
    for run in runs:
        problem = run["extra_info"].get("problem", "")
        if problem.startswith(TIMED):
            found.setdefault(problem.removeprefix(TIMED), []).append(run)
    return found


def _of(runs: list[dict[str, Any]], problem: str) -> dict[str, Any] | None:
    return next((run for run in runs if run["extra_info"].get("problem") == problem), None)


def _name(row: dict[str, Any]) -> str:
    return str(row["extra_info"]["competitor"])


def _seconds(row: dict[str, Any]) -> float:
    return float(row["stats"]["min"])


def _short(short: float) -> str:
    return f"{max(short, 0.0):.2g}"


def _given(value: float | None) -> str:
    return "" if value is None else f"{value:.3g}"
