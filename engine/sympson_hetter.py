"""Sympson-Hetter exposure parameters conditional on ability, found by simulation.

A selected item is given with the probability that is its parameter, else passed over for the rest
of the exam. Since P(given) = parameter * P(selected), the parameter that keeps to a rate r is
r / P(selected), or 1 (Sympson & Hetter, 1985); one for each level of ability, where the rate is to
hold too (Stocking & Lewis, 1998). What is selected hangs on the parameters of all other items, so
that they are found in rounds.

Passing over rejected items from the best down is the same as choosing among items that were
admitted beforehand, each with its parameter: the parameters are a `Snapshot`, and an exam under
them is any exam with exposure control.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from engine import checks
from engine.arrays import FloatArray, frozen
from engine.design import Design
from engine.errors import DesignError, Problem
from engine.exposed import open_snapshot, tallied
from engine.exposure import Ledger, Snapshot, Tally, segment
from engine.exposure.eligibility import LEAST_ROOM, SETTLING, rate_problems
from engine.simulation import simulate

WINDOW = 10
"""Rounds over which parameters may still move by the tolerance when they count as settled."""
DOUBT = 4.0
"""Standard errors that a rate may lie above its limit at the check, the highest of many items."""
CYCLES = 40
ENOUGH = 1e-4
"""How far, in proportion, parameters may leave a rate above its limit before cycles end."""
TINY = float(np.finfo(np.float64).tiny)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class SympsonHetter:
    """Parameters, and whether they do what they should.

    Attributes
    ----------
    snapshot
        The parameters, shape (n_segments, n_items): what exams are pinned to.
    settled
        Whether they moved no more than the tolerance at last, and held the rates at the check.
    moved
        The largest move of any parameter in each window of ten rounds, shape (n_windows,).
    rates
        Exposure rates at the check, among new candidates of each segment, shape
        (n_segments, n_items).
    rate_se
        Standard error of a rate that is at its limit, shape (n_segments,).
    """

    snapshot: Snapshot
    settled: bool
    moved: FloatArray
    rates: FloatArray
    rate_se: FloatArray


def sympson_hetter(
    design: Design,
    rate: float | tuple[float, ...],
    *,
    seed: int,
    candidates: int = 200,
    rounds: int = 100,
    tolerance: float = 0.05,
    checked_on: int = 2000,
    threads: int | None = None,
) -> SympsonHetter:
    """Find the parameters that hold every item's exposure rate at each level of ability.

    The levels are the segments of the design's exposure control; candidates of a level are drawn
    from the prior within it, and belong to it by their true ability. In each level the items with
    the largest parameters, as many as the longest exam, always have parameter 1, so that no exam
    runs out of items (Sympson & Hetter, 1985). Rounds are small and many, and later rounds weigh
    more, so that chance averages out while selections still move.

    Parameters
    ----------
    rate
        The most exposure an item may have, in (0, 1]: one for all levels, or one for each.
    seed
        Decides every candidate.
    candidates
        How many of each level sit in a round.
    rounds
        At most; they end when a window of ten moves no parameter by more than `tolerance`.
    checked_on
        How many new candidates of each level tell whether the rates hold.

    Raises
    ------
    DesignError
        If the design controls no exposure, and naming every impossible number.
    """
    _check(design, rate, seed, candidates, rounds, tolerance, checked_on)
    rule = _Parameters(rate, design.longest)
    crowd = _Crowd(design, np.random.default_rng(seed), threads)
    ledger, moved = Ledger.begin(open_snapshot(design)), []
    for _ in range(max(rounds // WINDOW, 1)):
        before = ledger.snapshot.admission
        for _ in range(WINDOW):
            ledger = ledger.after(rule, crowd.sit(ledger.snapshot, candidates))
        moved.append(float(np.abs(ledger.snapshot.admission - before).max()))
        if moved[-1] <= tolerance:
            break
    found = crowd.sit(ledger.snapshot, checked_on)
    rates = found.given.sum(axis=0) / checked_on
    limits = np.broadcast_to(np.asarray(rate, dtype=np.float64), (rates.shape[0],))
    se = np.sqrt(limits * (1.0 - limits) / checked_on)
    holds = bool((rates <= (limits + DOUBT * se)[:, None]).all())
    return SympsonHetter(
        snapshot=ledger.snapshot,
        settled=moved[-1] <= tolerance and holds,
        moved=frozen(np.array(moved)),
        rates=frozen(rates),
        rate_se=frozen(se),
    )


@dataclass(frozen=True, slots=True)
class _Parameters:
    """The next round's parameters, as an exposure rule."""

    rate: float | tuple[float, ...]
    longest: int

    def kept(self, number: int, n: int) -> float:
        return float((number / (number + 1.0)) ** SETTLING)

    def admission(self, ledger: Ledger) -> FloatArray:
        """Return the parameters, shape (n_segments, n_items)."""
        limits = np.broadcast_to(np.asarray(self.rate, dtype=np.float64), ledger.candidates.shape)
        parameters = by_segment(ledger, limits)
        least_open = min(self.longest, parameters.shape[1])
        bar = np.partition(parameters, -least_open, axis=1)[:, -least_open]
        return np.where(parameters >= bar[:, None], 1.0, parameters)


def by_segment(ledger: Ledger, limits: FloatArray) -> FloatArray:
    """Return the largest parameters, one in each segment, expected to hold the rates.

    An item is selected, and given with its parameter, where the estimate lies, but its rate counts
    where the ability lies. An item over its rate loses most where most of it was given; segments
    where it is not selected stay open.

    Parameters
    ----------
    limits
        The limit in each segment, shape (n_segments,).
    """
    appeal = ledger.appeal
    room = np.maximum(limits[:, None] - ledger.forced_rates, LEAST_ROOM * limits[:, None])
    parameters = np.ones((appeal.shape[0], appeal.shape[2]))
    for _ in range(CYCLES):
        parts = parameters[:, None, :] * appeal
        over = np.minimum(1.0, room / np.maximum(parts.sum(axis=0), TINY))
        if (over > 1.0 - ENOUGH).all():
            break
        most = np.maximum(parts.max(axis=0), TINY)
        parameters *= (over ** (parts / most)).min(axis=1)
    return parameters


@dataclass(frozen=True, slots=True)
class _Crowd:
    """New candidates of every segment, round after round."""

    design: Design
    generator: np.random.Generator
    threads: int | None

    def sit(self, snapshot: Snapshot, n: int) -> Tally:
        """Let n new candidates of each segment sit under a snapshot, and count by ability."""
        theta = self._abilities(n)
        seeds = self.generator.integers(0, 2**64, theta.size, dtype=np.uint64)
        sat = simulate(self.design, theta, seeds, snapshot=snapshot, threads=self.threads)
        return tallied(self.design, snapshot, seeds, sat, theta=theta)

    def _abilities(self, n: int) -> FloatArray:
        """Draw n abilities in each segment, in proportion to the prior within it."""
        bounds = () if self.design.exposure is None else self.design.exposure.bounds
        grid = self.design.grid
        nodes = np.linspace(grid.lo, grid.hi, 20 * grid.n)
        weights = np.exp(np.interp(nodes, grid.nodes, self.design.tables.log_prior))
        place = segment(bounds, nodes)
        return np.concatenate(
            [
                self.generator.choice(nodes[place == k], n, p=_shares(weights[place == k]))
                for k in range(len(bounds) + 1)
            ]
        )


def _shares(weights: FloatArray) -> FloatArray:
    """Weights as probabilities; equal ones where the prior leaves nothing."""
    total = weights.sum()
    return weights / total if total > 0 else np.full(weights.size, 1.0 / weights.size)


def _check(
    design: Design,
    rate: object,
    seed: object,
    candidates: object,
    rounds: object,
    tolerance: object,
    checked_on: object,
) -> None:
    problems = [
        *_design_problems(design),
        *rate_problems(rate),
        *checks.whole_number("seed", seed, low=0),
        *checks.whole_number("candidates", candidates, low=1),
        *checks.whole_number("rounds", rounds, low=1),
        *checks.number("tolerance", tolerance, low=0.0, high=1.0, ends="(]"),
        *checks.whole_number("checked_on", checked_on, low=1),
    ]
    if problems:
        raise DesignError("Sympson-Hetter", problems)


def _design_problems(design: Design) -> Iterator[Problem]:
    if design.exposure is None:
        yield Problem("exposure", None, "exposure control: segments of ability")
        return
    inside = (design.grid.lo, design.grid.hi)
    for place, bound in enumerate(design.exposure.bounds):
        if not inside[0] < bound < inside[1]:
            expected = f"inside the grid, ({inside[0]:g}, {inside[1]:g})"
            yield Problem(f"exposure.bounds[{place}]", bound, expected)
