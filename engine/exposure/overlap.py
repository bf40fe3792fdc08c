"""How many items two candidates share, and the rate limit under which they share few enough."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from engine import checks
from engine.arrays import FloatArray
from engine.errors import DesignError
from engine.exposure.eligibility import SLOW_FADING, faded, fading_problems, largest_admission
from engine.exposure.ledger import Ledger

AIM = 0.995
"""What part of the target is aimed at, so that chance carries overlap up to it rather than past it."""
HALVINGS, ROUNDS = 18, 30
NEAR = 1e-4
MOST = 1e6
LEAST_LIMIT = 1e-3


def average_overlap(given: FloatArray, n: float) -> float:
    """Return the share of an exam's items that two candidates have in common, on average.

    Items in common of all pairs of n candidates over the mean length; for exams of one length this
    is the average test overlap rate, exactly, from the exposure counts alone (Chen, Ankenmann &
    Spray, 2003). NaN for fewer than two candidates or no items.

    Parameters
    ----------
    given
        How many candidates were given each item, shape (n_items,).
    """
    total = float(given.sum())
    if n < 2 or total == 0:
        return float("nan")
    shared = float((given * (given - 1.0)).sum()) / (n * (n - 1.0))
    return shared / (total / n)


@dataclass(frozen=True, slots=True, kw_only=True)
class OverlapLimit:
    """Hold the average overlap of two candidates by a limit on exposure rates set from it.

    Among many candidates overlap is the sum of squared rates over the sum of rates (Chen,
    Ankenmann & Spray, 2003), so that a limit r on every rate holds overlap to at most r; a larger
    limit serves where most items stay below it. The limit is the largest under which overlap is
    predicted to be at most `overlap`, from how likely each item is to be given when it is open; items
    are then held to that limit as by `Eligibility`. The prediction starts from what was counted, so
    that the limit moves until the overlap that is counted is the target.

    Parameters
    ----------
    overlap
        The target, in (0, 1].
    fading
        What older candidates count at each new one.

    Raises
    ------
    DesignError
        Naming every impossible number.
    """

    overlap: float
    fading: float = SLOW_FADING

    def __post_init__(self) -> None:
        problems = [
            *checks.number("overlap", self.overlap, low=0.0, high=1.0, ends="(]"),
            *fading_problems(self.fading),
        ]
        if problems:
            raise DesignError("Overlap limit", problems)

    def kept(self, number: int, n: int) -> float:
        """Return what counts so far are worth after n more candidates; see `faded`."""
        return faded(self.fading, number, n)

    def admission(self, ledger: Ledger) -> FloatArray:
        """Return the probability that an item is open, shape (n_segments, n_items)."""
        return largest_admission(ledger, np.full(ledger.candidates.shape, self.limit(ledger)))

    def limit(self, ledger: Ledger) -> float:
        """Return the limit on rates that keeps overlap to its target; 1 where none is needed."""
        in_force = _largest(lambda limit: _admission(ledger, limit), ledger.mean_admission.mean())
        counted, foreseen = _overlap(ledger.rates, ledger), _foreseen_overlap(ledger, in_force)
        # What the prediction errs by for the admissions in force it errs by for others too.
        target = AIM * self.overlap * foreseen / max(counted, LEAST_LIMIT)
        return _largest(lambda limit: _foreseen_overlap(ledger, limit), target)


def _largest(rising: Callable[[float], float], most: float) -> float:
    """Return the largest limit in (0, 1] at which a rising function is at most `most`."""
    if rising(1.0) <= most:
        return 1.0
    low, high = LEAST_LIMIT, 1.0
    for _ in range(HALVINGS):
        middle = (low + high) / 2
        low, high = (middle, high) if rising(middle) <= most else (low, middle)
    return low


def _foreseen_overlap(ledger: Ledger, limit: float) -> float:
    return _overlap(_foreseen(ledger, limit)[1], ledger)


def _admission(ledger: Ledger, limit: float) -> float:
    return float(_foreseen(ledger, limit)[0].mean())


def _overlap(rates: FloatArray, ledger: Ledger) -> float:
    """Return what rates by segment, shape (n_segments, n_items), make of overlap."""
    together = ledger.candidates @ rates / max(float(ledger.candidates.sum()), 1.0)
    return float((together**2).sum() / max(together.sum(), LEAST_LIMIT))


def _foreseen(ledger: Ledger, limit: float) -> tuple[FloatArray, FloatArray]:
    """Return the admissions of a limit, shape (n_items,), and the rates they should lead to.

    An item's rate is its admission times its appeal; the admission, the same in all segments as in
    `largest_admission`, is the largest that keeps its highest rate to the limit. Where admissions
    are lower than those that the appeal was counted under, open items are given more often, by a
    factor for each segment under which the rates sum to the lengths. Rates have shape (n_segments,
    n_items).
    """
    appeal, lengths = ledger.appeal.sum(axis=0), ledger.rates.sum(axis=1)
    factor = np.ones(lengths.size)
    for _ in range(ROUNDS):
        wanted = np.minimum(factor[:, None] * appeal, 1.0)
        admission = np.minimum(1.0, limit / np.maximum(wanted.max(axis=0), LEAST_LIMIT))
        rates: FloatArray = admission * wanted
        short = lengths / np.maximum(rates.sum(axis=1), LEAST_LIMIT)
        if (np.abs(short - 1.0) < NEAR).all():
            break
        factor = np.minimum(factor * short, MOST)
    return admission, rates
