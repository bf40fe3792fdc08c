"""From values to a choice: rounding, ties, and chance among the best."""

from __future__ import annotations

from typing import Literal

import numpy as np

from engine.arrays import BoolArray, FloatArray, IntArray
from engine.rounding import rounded

NO_ITEM = -1


def choose(
    criterion: FloatArray,
    eligible: BoolArray,
    *,
    better: Literal["max", "min"] = "max",
    among: int = 1,
    u: FloatArray | None = None,
) -> IntArray:
    """Pick an item for each candidate, shape (n,); -1 where no item is eligible.

    Randomesque (Kingsbury & Zara, 1989): each of the `among` best eligible items is equally
    likely; where fewer are eligible, each of those. Values are compared to 9 decimals
    (`rounding.DECIMALS`), and of equal values the first in the pool is the better.

    Parameters
    ----------
    criterion, eligible
        Value and eligibility of each item, shape (n, n_items).
    u
        A uniform number in [0, 1) a candidate, shape (n,); needed where `among` is more than 1.
    """
    worth = rounded(criterion if better == "max" else -criterion)
    worth = np.where(eligible, worth, -np.inf)
    rank = _rank(eligible, among, u)
    rows = np.arange(worth.shape[0])
    for better_ones in range(int(rank.max(initial=0))):
        passed = rows[rank > better_ones]
        worth[passed, worth[passed].argmax(axis=1)] = -np.inf
    best = worth.argmax(axis=1)
    return np.where(worth[rows, best] > -np.inf, best, NO_ITEM)


def _rank(eligible: BoolArray, among: int, u: FloatArray | None) -> IntArray:
    """How many better items each candidate's draw passes over."""
    if among == 1 or u is None:
        return np.zeros(eligible.shape[0], dtype=np.int64)
    choices = np.minimum(eligible.sum(axis=1), among)
    rank: IntArray = (u * choices).astype(np.int64)
    return rank
