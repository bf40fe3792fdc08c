"""From the file of a benchmark run to tables and plots: `python -m benchmarks.figures RUN.json DIR`.

Writes the tables between the two marks in `benchmarks.md`, and the plots into `benchmarks/` beside.
"""

from __future__ import annotations

import json
import sys
from importlib.metadata import version
from pathlib import Path
from platform import processor, python_version
from typing import Any, NamedTuple

import matplotlib

matplotlib.use("svg")
import matplotlib.pyplot as plt  # the drawing library asks which backend first

from benchmarks import figures_calibration
from benchmarks.limits import EAP_BYTES, EXAM_BYTES, per_candidate, read_rate

BEGIN, END = "<!-- tables of the last run -->", "<!-- end of tables -->"
OURS = ("samatthana", "kernel", "kernel call", "samatthana_numpy", "samatthana_constrained")
PACKAGES = ("numpy", "numba", "mirt", "catsim", "girth")
SCORING = ("EAP", "MAP", "maximum", "WLE", "live step", "a step of")
OTHERS = ("simulation", "live step", "a step of")
"""How the problems begin that are not of the other kind."""
COLOURS = {True: "#0072b2", False: "#999999"}
"""Told apart by every eye (Okabe & Ito, 2008), and in grey by lightness."""


class Result(NamedTuple):
    problem: str
    competitor: str
    seconds: float
    units: int
    unit: str
    error: float | None
    processor_seconds: float

    @property
    def rate(self) -> float:
        return self.units / self.seconds


def main(run: Path, folder: Path) -> None:
    runs = json.loads(run.read_text())["benchmarks"]
    results = read(runs)
    plots = folder / "benchmarks"
    plots.mkdir(exist_ok=True)
    problems = list(dict.fromkeys(result.problem for result in results))
    tables = [table(problem, of(results, problem)) for problem in problems]
    for name, unlike in {"simulation": SCORING, "scoring": OTHERS}.items():
        chosen = [p for p in problems if not p.startswith(unlike) and len(of(results, p)) > 1]
        draw_rates(plots / f"{name}.svg", chosen, results)
    draw_growth(plots / "live-step.svg", results)
    figures_calibration.draw(plots / "calibration.svg", runs)
    page = folder / "benchmarks.md"
    before, _, rest = page.read_text().partition(BEGIN)
    after = rest.partition(END)[2]
    body = "\n\n".join([*tables, *figures_calibration.tables(runs), limits(), machine()])
    page.write_text(f"{before}{BEGIN}\n\n{body}\n\n{END}{after}")


def read(runs: list[dict[str, Any]]) -> list[Result]:
    """Return what has competitors and counts candidates or steps."""
    return [
        Result(
            problem=one["extra_info"]["problem"],
            competitor=one["extra_info"]["competitor"],
            seconds=one["stats"]["min"],
            units=one["extra_info"]["units"],
            unit=one["extra_info"]["unit"],
            error=one["extra_info"].get("error"),
            processor_seconds=one["extra_info"]["processor_seconds"],
        )
        for one in runs
        if "competitor" in one["extra_info"]  # the service's answers have none
        and not figures_calibration.is_calibration(one["extra_info"]["problem"])
    ]


def of(results: list[Result], problem: str) -> list[Result]:
    return sorted(
        (result for result in results if result.problem == problem), key=lambda r: -r.rate
    )


def table(problem: str, results: list[Result]) -> str:
    """Rates, times for one unit, and how many times as fast as each the first of ours is."""
    ours = next(r for r in results if r.competitor in OURS)
    results = [r for r in results if r.competitor != "zero"] + [
        r for r in results if r.competitor == "zero"
    ]
    lines = [
        f"**{problem[0].upper()}{problem[1:]}**\n",
        f"| | {ours.unit} a second | µs each | processor µs each | times as long as ours | error |",
        "|---|---:|---:|---:|---:|---:|",
    ]
    for one in results:
        error = "" if one.error is None else f"{one.error:.2g}"
        lines.append(
            f"| {one.competitor} | {one.rate:,.0f} | {1e6 / one.rate:.3g} "
            f"| {1e6 * one.processor_seconds / one.units:.3g} "
            f"| {times(ours.rate / one.rate)} | {error} |"
        )
    return "\n".join(lines)


def times(ratio: float) -> str:
    return f"{ratio:,.0f}" if ratio >= 10 else f"{ratio:.2g}"


def limits() -> str:
    rate = read_rate()
    eap, exam = (1e6 * per_candidate(size, rate) for size in (EAP_BYTES, EXAM_BYTES))
    return (
        f"One core reads {rate / 1e9:.0f} GB/s from its second cache. Reading the rows alone takes "
        f"{eap:.2f} µs for a posterior mean of 40 answers, and {exam:.2f} µs for an exam of 30."
    )


def machine() -> str:
    packages = ", ".join(f"{name} {version(name)}" for name in PACKAGES)
    return f"Python {python_version()}, {packages}; {processor() or 'x86_64'}."


def draw_rates(path: Path, problems: list[str], results: list[Result]) -> None:
    """Bars of rates on a logarithmic scale, a panel a problem."""
    figure, panels = plt.subplots(
        len(problems), 1, figsize=(7.0, 1.9 * len(problems)), layout="constrained", squeeze=False
    )
    for panel, problem in zip(panels[:, 0], problems, strict=True):
        ranked = [r for r in of(results, problem) if r.competitor != "zero"][::-1]
        names = [r.competitor.replace("_", ", ") for r in ranked]
        rates = [r.rate for r in ranked]
        panel.barh(names, rates, color=[COLOURS[r.competitor in OURS] for r in ranked])
        for place, rate in enumerate(rates):
            panel.text(rate * 1.1, place, f"{rate:,.0f}", va="center", fontsize=8)
        panel.set(xscale="log", title=problem, xlim=(min(rates) / 3, max(rates) * 12))
        panel.spines[["top", "right"]].set_visible(False)
    panels[-1, 0].set_xlabel("candidates a second (logarithmic)")
    figure.savefig(path, metadata={"Date": None})


def draw_growth(path: Path, results: list[Result]) -> None:
    """Time of a live step against the size of the pool, both logarithmic."""
    steps = [r for r in results if r.problem.startswith("live step")]
    figure, panel = plt.subplots(figsize=(7.0, 4.2), layout="constrained")
    for name in dict.fromkeys(r.competitor for r in steps):
        if name == "zero":
            continue
        points = sorted(
            (int(r.problem.split()[2]), 1e3 / r.rate) for r in steps if r.competitor == name
        )
        sizes, times = zip(*points, strict=True)
        style = "-" if name in OURS else "--"
        panel.plot(sizes, times, style, marker="o", markersize=4, color=COLOURS[name in OURS])
        panel.annotate(f" {name}", (sizes[-1], times[-1]), va="center", fontsize=8)
    panel.set(xscale="log", yscale="log", xlabel="items in the pool", ylabel="milliseconds a step")
    panel.margins(x=0.25)
    panel.spines[["top", "right"]].set_visible(False)
    figure.savefig(path, metadata={"Date": None})


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
