"""What the draft scheme costs and needs: `python -m benchmarks.design_study docs [CANDIDATES]`.

Writes the tables between the marks in `simulation.md` and the plots into `images/`. Everything follows
from stated seeds. The bank of 500 items is synthetic, and so are the abilities.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import matplotlib

matplotlib.use("svg")
import matplotlib.pyplot as plt  # the drawing library asks which backend first
import numpy as np

import engine
from calibration.studies import DesignFile, StudySection, checked_design, figures, study_of
from calibration.studies.design_file import Exposure
from itembank import build_release, load_framework, load_items, load_scheme, section

CUTS, P_STAR, CONFIDENCE = (-1.0, 0.0, 1.0), 2 / 3, 0.9
SEGMENTS = (-1.5, -0.5, 0.5, 1.5)
N_UNITS = 3
LENGTHS = (12, 20, 40)
RATES = (None, 0.3, 0.2, 0.1)
POOLS = (50, 100, 150, 200, 300, 500)
RATE, LENGTH = 0.2, 20
COLOURS = ("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9")
DASHES = ("-", "--", "-.", ":")

Figures = dict[str, Any]


def main(folder: Path, n: int) -> None:
    images = folder / "images"
    images.mkdir(exist_ok=True)
    trade = {(length, rate): studied(length, rate, n) for length in LENGTHS for rate in RATES}
    pools = {size: studied(LENGTH, RATE, n, size=size) for size in POOLS[:-1]}
    pools[POOLS[-1]] = trade[LENGTH, RATE]
    fresh = {
        size: studied(LENGTH, RATE, n, size=size, second="without_items_seen")
        for size in (50, 100, 200, 500)
    }
    ours = dict(demonstration(n))
    draw_trade(images / "simulation-trade.svg", trade)
    draw_exposure(images / "simulation-exposure.svg", trade)
    draw_pools(images / "simulation-pools.svg", pools)
    page = folder / "simulation.md"
    text = page.read_text(encoding="utf-8")
    for name, table in {
        "trade": trade_table(trade),
        "pools": pool_table(pools),
        "retakes": retake_table(pools, fresh),
        "demonstration": demonstration_table(ours),
    }.items():
        text = put(text, name, table)
    page.write_text(text, encoding="utf-8")


def synthetic(size: int) -> engine.ItemPool:
    """Return a synthetic bank: a third of the items around each cut, slopes log-normal, c = 0.2.

    Difficulties are normal around the cut with a standard deviation of 0.6; slopes have a median
    of 1.2 and a log standard deviation of 0.25. A smaller bank is the beginning of a larger one.
    """
    rng = np.random.default_rng(2569)
    largest = max(POOLS)
    slopes = np.exp(rng.normal(np.log(1.2), 0.25, largest))
    difficulties = np.array(CUTS)[np.arange(largest) % 3] + rng.normal(0.0, 0.6, largest)
    return engine.ItemPool.build(a=slopes[:size], b=difficulties[:size], c=0.2)


def exam(pool: engine.ItemPool, longest: int) -> engine.Design:
    """Return the draft scheme's exam with another greatest length."""
    n = len(pool)
    return engine.Design(
        pool=pool,
        stopping=engine.StoppingRule(min_items=8, max_items=longest, decision=CONFIDENCE),
        randomesque=3,
        # Units go round once for each three cuts, so that each has items at every level.
        content=engine.ContentTargets(
            (np.arange(n) // len(CUTS)) % N_UNITS, np.full(N_UNITS, 1 / N_UNITS)
        ),
        decision=engine.DecisionRule(CUTS, P_STAR),
    )


def studied(
    longest: int,
    rate: float | None,
    n: int,
    *,
    size: int = max(POOLS),
    second: str = "independent",
) -> Figures:
    """Study one exam over the synthetic bank."""
    design = exam(synthetic(size), longest)
    exposure = None
    if rate is not None:
        exposure = Exposure(
            method="eligibility", rate=rate, segments=SEGMENTS, block=500, warm_up=6000
        )
        design = replace(design, exposure=engine.ExposureControl(bounds=SEGMENTS))
    names = tuple(f"s{number}" for number in range(size))
    one = StudySection(name="synthetic", items=names, design=design, exposure=exposure)
    study = study_of(file_of(n, second), (one,), workers=2)
    given = study.sections[0].sums.given.sum(axis=0)
    return figures(study) | {"rates": np.sort(given / n)[::-1]}


def file_of(n: int, second: str) -> DesignFile:
    data = {"pool": "-", "stop": {"max": 1}, "persons": {"n": n}, "seed": 2569}
    return checked_design(data | {"second_sitting": second})


def demonstration(n: int) -> Iterator[tuple[str, Figures]]:
    """Study each section of the demonstration bank as it is, and one of 40 items by its rule."""
    framework = load_framework()
    scheme = load_scheme(framework=framework)
    release = build_release(load_items(framework=framework), framework, scheme, demonstration=True)
    for code in release.skill_sets:
        found = section(release, scheme, code)
        yield f"{code}, {len(found.items)} items", of_design(found.design, n)
    spread = np.concatenate([cut + np.linspace(-0.72, 0.72, 14) for cut in CUTS])[:40]
    pool = engine.ItemPool.build(a=1.2, b=spread, c=0.2)
    yield "40 items by the same rule, up to 12 given", of_design(exam(pool, 12), n)
    yield "40 items by the same rule, up to 40 given", of_design(exam(pool, 40), n)


def of_design(design: engine.Design, n: int) -> Figures:
    names = tuple(f"d{number}" for number in range(len(design.pool)))
    own = StudySection(name="demonstration", items=names, design=design, provisional=True)
    again = study_of(file_of(n, "without_items_seen"), (own,), workers=2)
    fresh = figures(again)
    return figures(study_of(file_of(n, "independent"), (own,), workers=2)) | {
        "fresh_length": fresh["retake_length"],
        "fresh_accuracy": fresh["retake_classification_accuracy"],
    }


def trade_table(trade: dict[tuple[int, float | None], Figures]) -> str:
    head = [
        *("at most", "rate limit", "items given", "RMSE", "placed rightly", "too high", "too low"),
        *("same level again", "not settled", "highest exposure", "overlap", "never used"),
    ]
    rows = [
        [
            f"{length}",
            "none" if rate is None else percent(rate, 0),
            f"{found['mean_length']:.1f}",
            f"{found['rmse']:.3f}",
            percent(found["classification_accuracy"]),
            percent(found["false_positives"]),
            percent(found["false_negatives"]),
            percent(found["classification_consistency"]),
            percent(found["forced_decisions"]),
            percent(found["max_exposure"]),
            percent(found["overlap"]),
            str(found["exposure"]["unused"]),
        ]
        for (length, rate), found in trade.items()
    ]
    return markdown(head, rows)


def pool_table(pools: dict[int, Figures]) -> str:
    head = [
        *("items in the bank", "items / (L / r)", "highest exposure", "overlap", "RMSE"),
        *("placed rightly", "same level again", "items given"),
    ]
    rows = [
        [
            str(size),
            f"{size * RATE / found['mean_length']:.1f}",
            percent(found["max_exposure"]),
            percent(found["overlap"]),
            f"{found['rmse']:.3f}",
            percent(found["classification_accuracy"]),
            percent(found["classification_consistency"]),
            f"{found['mean_length']:.1f}",
        ]
        for size, found in pools.items()
    ]
    return markdown(head, rows)


def retake_table(pools: dict[int, Figures], fresh: dict[int, Figures]) -> str:
    head = [
        *("items in the bank", "overlap of a free retake", "RMSE of it", "placed rightly"),
        *("RMSE without the items seen", "placed rightly", "items left to give"),
    ]
    rows = [
        [
            str(size),
            percent(pools[size]["retake_overlap"]),
            f"{pools[size]['retake_rmse']:.3f}",
            percent(pools[size]["retake_classification_accuracy"]),
            f"{found['retake_rmse']:.3f}",
            percent(found["retake_classification_accuracy"]),
            f"{size - found['mean_length']:.0f}",
        ]
        for size, found in fresh.items()
    ]
    return markdown(head, rows)


def demonstration_table(ours: dict[str, Figures]) -> str:
    head = [
        *("section", "items given", "RMSE", "placed rightly", "too high", "too low"),
        *("same level again", "not settled", "overlap", "items left for a fresh retake"),
    ]
    rows = [
        [
            name,
            f"{found['mean_length']:.1f}",
            f"{found['rmse']:.2f}",
            percent(found["classification_accuracy"], 0),
            percent(found["false_positives"], 0),
            percent(found["false_negatives"], 0),
            percent(found["classification_consistency"], 0),
            percent(found["forced_decisions"], 0),
            percent(found["overlap"], 0),
            f"{found['fresh_length']:.1f}",
        ]
        for name, found in ours.items()
    ]
    return markdown(head, rows)


def draw_trade(path: Path, trade: dict[tuple[int, float | None], Figures]) -> None:
    figure, axes = plt.subplots(1, 3, figsize=(10.5, 3.4), layout="constrained")
    kinds = {
        "classification_accuracy": "placed at the true level",
        "rmse": "RMSE (theta)",
        "overlap": "overlap of two candidates",
    }
    for place, (key, label) in zip(axes, kinds.items(), strict=True):
        for number, rate in enumerate(RATES):
            found = [trade[length, rate] for length in LENGTHS]
            name = "no limit" if rate is None else f"limit {rate:.0%}"
            errors = [1.96 * (each[f"{key}_mc_se"] or 0.0) for each in found]
            lengths = [each["mean_length"] for each in found]
            values = [each[key] for each in found]
            style = {"color": COLOURS[number], "linestyle": DASHES[number], "label": name}
            place.errorbar(lengths, values, yerr=errors, marker="o", capsize=2, **style)
        place.set(xlabel="items given, on average", ylabel=label)
        place.grid(alpha=0.4)
    axes[2].set_ylim(bottom=0.0)
    axes[0].legend(frameon=False)
    save(figure, path)


def draw_exposure(path: Path, trade: dict[tuple[int, float | None], Figures]) -> None:
    figure, axes = plt.subplots(figsize=(6.4, 3.4), layout="constrained")
    for number, rate in enumerate(RATES):
        rates = trade[LENGTH, rate]["rates"]
        name = "no limit" if rate is None else f"limit {rate:.0%}"
        style = {"color": COLOURS[number], "linestyle": DASHES[number], "label": name}
        axes.plot(np.arange(1, rates.size + 1), rates, **style)
    axes.set(xlabel="items, from the most exposed", ylabel="exposure rate")
    axes.legend(frameon=False)
    axes.grid(alpha=0.4)
    save(figure, path)


def draw_pools(path: Path, pools: dict[int, Figures]) -> None:
    figure, axes = plt.subplots(1, 2, figsize=(8.4, 3.2), layout="constrained")
    sizes = list(pools)
    axes[0].plot(sizes, [pools[size]["max_exposure"] for size in sizes], "o-", color=COLOURS[0])
    axes[0].axhline(RATE, color=COLOURS[1], linestyle="--", label="limit")
    axes[0].set(xlabel="items in the bank", ylabel="highest exposure", ylim=(0, 1))
    axes[0].legend(frameon=False)
    values = [pools[size]["classification_accuracy"] for size in sizes]
    errors = [1.96 * pools[size]["classification_accuracy_mc_se"] for size in sizes]
    axes[1].errorbar(sizes, values, yerr=errors, color=COLOURS[0], marker="o", capsize=2)
    axes[1].set(xlabel="items in the bank", ylabel="placed at the true level")
    for place in axes:
        place.grid(alpha=0.4)
    save(figure, path)


def save(figure: Any, path: Path) -> None:
    with plt.rc_context({"svg.hashsalt": "samatthana"}):
        figure.savefig(path, metadata={"Creator": None, "Date": None})
    plt.close(figure)


def percent(value: float, digits: int = 1) -> str:
    return f"{100 * value:.{digits}f} %"


def markdown(head: list[str], rows: list[list[str]]) -> str:
    rule = ["---", *("---:" for _ in head[1:])]
    return "\n".join("| " + " | ".join(row) + " |" for row in [head, rule, *rows])


def put(text: str, name: str, table: str) -> str:
    """Put a table between its marks."""
    begin, end = f"<!-- table: {name} -->", f"<!-- end: {name} -->"
    pattern = re.compile(f"{re.escape(begin)}.*?{re.escape(end)}", re.DOTALL)
    if not pattern.search(text):
        raise ValueError(f"the page has no marks for the table {name}")
    return pattern.sub(lambda _: f"{begin}\n\n{table}\n\n{end}", text)


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else 5000)
