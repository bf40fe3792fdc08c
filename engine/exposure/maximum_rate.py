"""Restricted maximum information: an item that was given too often is set aside."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from engine import checks
from engine.arrays import FloatArray
from engine.errors import DesignError
from engine.exposure.ledger import Ledger


@dataclass(frozen=True, slots=True, kw_only=True)
class MaximumRate:
    """Set an item aside for everybody while its exposure rate so far is at least `rate`.

    Revuelta and Ponsoda (1998), the restricted maximum information method: no candidate older than
    another counts less, and no number is drawn. After n candidates in blocks of K, an item was
    given to at most rate * n + K of them, save where nothing else was left to give.

    Raises
    ------
    DesignError
        Naming a rate outside (0, 1].
    """

    rate: float

    def __post_init__(self) -> None:
        problems = list(checks.number("rate", self.rate, low=0.0, high=1.0, ends="(]"))
        if problems:
            raise DesignError("Maximum rate", problems)

    def kept(self, number: int, n: int) -> float:
        """Everybody counts in full, for ever."""
        return 1.0

    def admission(self, ledger: Ledger) -> FloatArray:
        """Return 0 for items set aside and 1 for the others, shape (n_segments, n_items)."""
        given = ledger.given.sum(axis=(0, 1))
        spared = given >= self.rate * max(float(ledger.candidates.sum()), 1.0)
        return np.where(spared, 0.0, np.ones_like(ledger.rates))
