"""The exposure that a bank's first exams begin with, found by simulation.

Without it every item is open to the first block of candidates, who all see the best ones. The exams that
are simulated are those of the section, by the engine's functions; only the candidates are invented.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np

import engine
from engine import checks
from engine.arrays import FloatArray, SeedArray
from engine.errors import DesignError

Method = Literal["eligibility", "sympson_hetter"]
Progress = Callable[[int, int], None]

UPDATES = 40
"""Blocks that the candidates of item eligibility sit in: rates settle over updates, not candidates."""
CHECKED, LEAST_CHECKED = 0.25, 400
"""New candidates who tell whether the rates hold: a part of those simulated, but not fewer."""
TOLERANCE = 0.2
"""Part of the limit by which a rate may pass it: this is where live exams begin, and they correct it."""
DOUBT = 3.0
"""Standard errors by which chance may lift it further at the check, the highest of many items."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class StartingExposure:
    """Where exposure can begin, and what it does to new candidates.

    Attributes
    ----------
    ledger
        Its snapshot, number 1, and the counts of simulated candidates it rests on; as live blocks are
        counted, these fade like the counts of any first blocks.
    candidates
        How many candidates of the check ended in each segment of ability, shape (n_segments,).
    highest, highest_open
        The highest exposure rate of any item in each segment, under the snapshot and with every item
        open, shape (n_segments,).
    holds
        Whether no rate lies above the limit by more than a fifth of it and chance.
    """

    ledger: engine.Ledger
    candidates: FloatArray
    highest: FloatArray
    highest_open: FloatArray
    holds: bool


def starting_exposure(
    design: engine.Design,
    rate: float,
    *,
    method: Method = "eligibility",
    candidates: int = 20_000,
    seed: int = 1,
    mean: float = 0.0,
    sd: float = 1.0,
    progress: Progress | None = None,
) -> StartingExposure:
    """Find admissions that hold every item's exposure rate among people to come.

    Parameters
    ----------
    design
        Of the section, with exposure control.
    rate
        The most exposure an item may have, in (0, 1].
    method
        Item eligibility, followed for many blocks, or the parameters of Sympson and Hetter.
    candidates, seed, mean, sd
        How many candidates sit, what decides them, and the normal distribution of their abilities.
        Sympson and Hetter's rounds have candidates of their own, by the design's prior.
    progress
        Told how many candidates of how many have sat.

    Raises
    ------
    DesignError
        If the design controls no exposure, and naming every impossible number.
    """
    _check(candidates, seed, mean, sd)
    generator = np.random.default_rng(seed)
    crowd = _Crowd(design, generator, mean, sd)
    if method == "eligibility":
        ledger = _eligible(crowd, engine.Eligibility(rate=rate), candidates, progress)
    else:
        found = engine.sympson_hetter(design, rate, seed=seed)
        ledger = engine.Ledger.begin(found.snapshot)
    n = max(int(CHECKED * candidates), LEAST_CHECKED)
    spared, opened = (
        crowd.sit(each, n) for each in (ledger.snapshot, engine.open_snapshot(design))
    )
    if method == "sympson_hetter":
        ledger = _counted(ledger, spared)
    ended = spared.candidates.astype(np.float64)
    highest = _highest(spared)
    doubt = DOUBT * np.sqrt(rate * (1.0 - rate) / np.maximum(ended, 1.0))
    return StartingExposure(
        ledger=replace(ledger, snapshot=engine.Snapshot(1, ledger.snapshot.admission)),
        candidates=ended,
        highest=highest,
        highest_open=_highest(opened),
        holds=bool((highest <= (1.0 + TOLERANCE) * rate + doubt).all()),
    )


@dataclass(frozen=True, slots=True)
class _Crowd:
    """Candidates who come when asked for."""

    design: engine.Design
    generator: np.random.Generator
    mean: float
    sd: float

    def come(self, n: int) -> tuple[FloatArray, SeedArray]:
        """Return the abilities and seeds of n new candidates."""
        theta = self.generator.normal(self.mean, self.sd, n)
        return theta, self.generator.integers(0, 2**64, n, dtype=np.uint64)

    def sit(self, snapshot: engine.Snapshot, n: int) -> engine.Tally:
        """Let n new candidates sit under a snapshot, and count."""
        theta, seeds = self.come(n)
        sat = engine.simulate(self.design, theta, seeds, snapshot=snapshot)
        return engine.tallied(self.design, snapshot, seeds, sat)


def _eligible(
    crowd: _Crowd, rule: engine.ExposureRule, n: int, progress: Progress | None
) -> engine.Ledger:
    ledger = engine.Ledger.begin(engine.open_snapshot(crowd.design))
    block, done = max(n // UPDATES, 1), 0
    theta, seeds = crowd.come(n)
    for part in engine.exposed_blocks(crowd.design, theta, seeds, rule, block=block):
        ledger, done = part.ledger, done + len(part.simulation.report.theta)
        if progress is not None:
            progress(done, n)
    return ledger


def _counted(ledger: engine.Ledger, sat: engine.Tally) -> engine.Ledger:
    """Return a ledger that rests on one tally alone."""
    return engine.Ledger(
        snapshot=ledger.snapshot,
        candidates=sat.candidates.astype(np.float64),
        given=sat.given.astype(np.float64),
        forced=sat.forced.astype(np.float64),
        open=sat.open,
    )


def _highest(sat: engine.Tally) -> FloatArray:
    rates = sat.given.sum(axis=0) / np.maximum(sat.candidates, 1)[:, None]
    highest: FloatArray = rates.max(axis=1)
    return highest


def _check(candidates: int, seed: int, mean: float, sd: float) -> None:
    problems = [
        *checks.whole_number("candidates", candidates, low=1),
        *checks.whole_number("seed", seed, low=0),
        *checks.number("mean", mean, low=-10.0, high=10.0, ends="[]"),
        *checks.number("sd", sd, low=0.0, high=10.0, ends="(]"),
    ]
    if problems:
        raise DesignError("Starting exposure", problems)
