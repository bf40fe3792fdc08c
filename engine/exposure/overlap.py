"""How many items two candidates share, and the rate limit under which they share few enough."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from engine import checks
from engine.arrays import FloatArray
from engine.errors import DesignError
from engine.exposure.eligibility import SLOW_FADING, faded, fading_problems, largest_admission
from engine.exposure.ledger import Ledger

HALVINGS = 40
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
    predicted to be at most `overlap`: rates are cut off at the limit, and what is cut off goes to
    the other items in proportion to how likely each is to be given when open. Items are then held
    to that limit as by `Eligibility`.

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
        appeal = np.minimum(ledger.appeal.sum(axis=0), 1.0)
        share = ledger.candidates / max(float(ledger.candidates.sum()), 1.0)
        lengths = ledger.rates.sum(axis=1)

        def predicted(limit: float) -> float:
            rates = share @ _cut_off(appeal, lengths, limit)
            return float((rates**2).sum() / max(rates.sum(), LEAST_LIMIT))

        if predicted(1.0) <= self.overlap:
            return 1.0
        low, high = LEAST_LIMIT, 1.0
        for _ in range(HALVINGS):
            middle = (low + high) / 2
            low, high = (middle, high) if predicted(middle) <= self.overlap else (low, middle)
        return low


def _cut_off(appeal: FloatArray, lengths: FloatArray, limit: float) -> FloatArray:
    """Return rates of at most `limit` that sum to the lengths, in proportion to the appeal.

    Shape (n_segments, n_items); where the limit leaves too few items, all that have any appeal
    stand at it.
    """
    low, high = np.zeros(lengths.size), np.full(lengths.size, 1e6)
    for _ in range(HALVINGS):
        middle = (low + high) / 2
        enough = np.minimum(limit, middle[:, None] * appeal).sum(axis=1) >= lengths
        low, high = np.where(enough, low, middle), np.where(enough, middle, high)
    return np.minimum(limit, high[:, None] * appeal)
