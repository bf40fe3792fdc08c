"""The a-stratified method (Chang & Ying, 1999)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np

from engine import checks
from engine.arrays import BoolArray, FloatArray, IntArray
from engine.errors import DesignError
from engine.situation import Situation


@dataclass(frozen=True, slots=True)
class AStratified:
    """Items of low slope first and of high slope last, each nearest in difficulty.

    The pool, in the order of its slopes, is cut into strata of equal size (the last takes what is
    left over, as in catR), and the exam into as many stages. An empty stratum gives way to the
    nearest one with an eligible item, of two equally near to the one of lower slopes.

    Parameters
    ----------
    strata
        How many; no more than the pool has items are used.
    """

    strata: int = 4
    name: Literal["a-stratified"] = "a-stratified"
    better: Literal["min"] = "min"

    def __post_init__(self) -> None:
        problems = list(checks.whole_number("strata", self.strata, low=1))
        if problems:
            raise DesignError("a-stratified", problems)

    def criterion(self, situation: Situation) -> FloatArray:
        """|b - theta^| of each item, shape (n, n_items)."""
        return np.abs(situation.tables.location - situation.theta[:, None])

    def allowed(self, situation: Situation) -> BoolArray:
        """Say which eligible items are of the stratum that is due, shape (n, n_items)."""
        stratum = self.stratum_of(situation.tables.discrimination)
        stage = situation.n_given * self.strata // max(situation.longest, 1)
        due = np.minimum(stage, stratum.max())[:, None]
        distance = 2 * np.abs(stratum - due) + (stratum > due)
        far = np.iinfo(np.int64).max
        nearest = np.where(situation.eligible, distance, far).min(axis=1, keepdims=True)
        allowed: BoolArray = situation.eligible & (distance == nearest)
        return allowed

    def stratum_of(self, discrimination: FloatArray) -> IntArray:
        """The stratum of each item, from 0 for the lowest slopes, shape (n_items,)."""
        n_items = discrimination.size
        used = min(self.strata, n_items)
        rank = np.empty(n_items, dtype=np.int64)
        rank[np.argsort(discrimination, kind="stable")] = np.arange(n_items)
        return np.minimum(rank // (n_items // used), used - 1)
