"""Exposure control on 100,000 candidates: the targets hold, and what it costs."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from typing import Any

import numpy as np
import pytest

import engine
from benchmarks import problems

N, BLOCK = 100_000, 500
WARM_UP, SMALL_BLOCK = 10_000, 100
BOUNDS = (-1.5, -0.5, 0.5, 1.5)
RULES: dict[str, engine.ExposureRule] = {
    "eligibility 0.25": engine.Eligibility(rate=0.25),
    "maximum rate 0.25": engine.MaximumRate(rate=0.25),
    "overlap 0.15": engine.OverlapLimit(overlap=0.15),
}


def design() -> engine.Design:
    """Return the calibrated exam of the other benchmarks, with segments of ability."""
    return replace(problems.calibrated(), exposure=engine.ExposureControl(bounds=BOUNDS))


@cache
def warmed(name: str) -> engine.Ledger:
    """Return the ledger that a simulation in small blocks leaves, as a live exam should begin."""
    theta, seeds = problems.candidates(WARM_UP)
    rule = RULES[name]
    return engine.simulate_exposed(design(), theta, seeds, rule, block=SMALL_BLOCK).ledger


def sat(name: str) -> tuple[engine.Tally, engine.Ledger]:
    """Let everybody sit; return what was given in all."""
    theta, seeds = problems.candidates(N)
    exam, rule, ledger = design(), RULES[name], warmed(name)
    whole = engine.Tally.none(len(BOUNDS) + 1, len(exam.pool))
    for first in range(0, N, BLOCK):
        rows = slice(first, first + BLOCK)
        snapshot = ledger.snapshot
        block = engine.simulate(exam, theta[rows], seeds[rows], snapshot=snapshot)
        counted = engine.tallied(exam, snapshot, seeds[rows], block)
        whole += counted
        ledger = ledger.after(rule, counted)
    return whole, ledger


def check(name: str, whole: engine.Tally) -> dict[str, float]:
    """Check the targets; return what was reached."""
    given = whole.given.sum(axis=(0, 1))
    rate = given.max() / N
    by_segment = whole.given.sum(axis=0) / whole.candidates[:, None]
    overlap = engine.average_overlap(given.astype(np.float64), N)
    if name.startswith("eligibility"):
        # Five standard errors of a rate of 0.25 among the candidates of a segment.
        room = 5 * np.sqrt(0.25 * 0.75 / whole.candidates)
        assert rate <= 0.25 + 5 * np.sqrt(0.25 * 0.75 / N)
        assert (by_segment.max(axis=1) <= 0.25 + room).all()
    elif name.startswith("maximum"):
        assert rate <= 0.25 + BLOCK / N
    else:
        # From below, and near: its standard error is about 0.0002.
        assert 0.985 * 0.15 <= overlap <= 0.15 + 0.0005
    return {
        "max_rate": float(rate),
        "max_rate_by_segment": float(by_segment.max()),
        "overlap": float(overlap),
        "forced": float(whole.forced.sum() / whole.given.sum()),
    }


@pytest.mark.parametrize("name", RULES)
@pytest.mark.benchmark(group="100,000 exams with exposure control")
def test_exposed(benchmark: Any, name: str) -> None:
    warmed(name)
    whole, _ = benchmark.pedantic(sat, args=(name,), rounds=1)
    benchmark.extra_info.update(check(name, whole))


@pytest.mark.benchmark(group="100,000 exams with exposure control")
def test_without_control(benchmark: Any) -> None:
    theta, seeds = problems.candidates(N)
    exam = problems.calibrated()
    engine.simulate(exam, theta[:1000], seeds[:1000])
    benchmark.pedantic(engine.simulate, args=(exam, theta, seeds), rounds=1)
