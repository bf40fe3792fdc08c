"""Weighted deviations: an item is worth less the further it takes the test from its bounds.

Stocking & Swanson (1993), *Applied Psychological Measurement* 17, 277-292; Swanson & Stocking (1993), the
same volume, 151-166. For each item the test is foreseen: what was given, the item, and for the rest
of the length the average of the items still left. The weighted sum of what that lacks or has too
much is the item's penalty. Bounds are wishes here: any may be missed for the sake of the others.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from math import inf

import numpy as np

from engine import checks
from engine.arrays import BoolArray, FloatArray, IntArray
from engine.constraints import bounds as bounded
from engine.constraints.bounds import Bounds
from engine.constraints.specification import Specification
from engine.errors import Problem
from engine.pool import ItemPool
from engine.situation import Situation


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class WeightedDeviations:
    """Content balance by penalties for deviations from bounds.

    Deviations are counted in units of a constraint's largest coefficient: items, where it counts
    items. Excluded items come only where nothing else is left.

    Parameters
    ----------
    specification
        Bounds, families, enemies, includes and excludes.
    weights
        The weight of a deviation by the constraint's name, above 0; 1 for those not named.
    criterion
        The weight of the rule's value, above 0: how many deviations of weight 1 outweigh the
        distance from the best to the worst eligible item.
    """

    specification: Specification
    weights: Mapping[str, float] = field(default_factory=dict)
    criterion: float = 1.0

    @property
    def plans_with_all(self) -> bool:
        """False: nothing is planned."""
        return False

    def problems(self, pool: ItemPool, longest: int) -> Iterator[Problem]:
        """Yield what contradicts the pool, the exam's most items, or what penalties can serve."""
        yield from checks.number("content.criterion", self.criterion, low=0.0, high=inf, ends="()")
        yield from bounded.problems(self.specification, pool, longest, self.weights)

    def plan(self, seen: Situation, criterion: FloatArray, larger_wins: bool) -> IntArray:
        """Return nothing: penalties are computed anew at every step."""
        return np.zeros((len(seen), 0), dtype=np.int64)

    def weighed(
        self, seen: Situation, criterion: FloatArray, larger_wins: bool
    ) -> tuple[FloatArray, BoolArray]:
        """Return the value, from 0 for the worst eligible item to its weight, less the penalty.

        Where the smallest wins, the same with the signs turned round.
        """
        found = bounded.bounds(self.specification, seen.longest)
        open_items = seen.eligible & ~found.barred
        allowed = np.where(open_items.any(axis=1, keepdims=True), open_items, seen.eligible)
        penalty = _penalty(found, seen, allowed, bounded.weights_of(found, self.weights))
        value = self.criterion * _unit(criterion if larger_wins else -criterion, allowed)
        worth = value - penalty
        return (worth if larger_wins else -worth), allowed


def _unit(values: FloatArray, allowed: BoolArray) -> FloatArray:
    """Values moved and scaled so that those allowed run from 0 to 1."""
    low = np.where(allowed, values, np.inf).min(axis=1, keepdims=True)
    high = np.where(allowed, values, -np.inf).max(axis=1, keepdims=True)
    width = np.where(high > low, high - low, 1.0)
    scaled: FloatArray = (values - low) / width
    return scaled


def _penalty(found: Bounds, seen: Situation, allowed: BoolArray, weights: FloatArray) -> FloatArray:
    """Weighted sum of deviations of the test foreseen with each item, shape (n, n_items)."""
    given = found.sums(seen)
    others = np.maximum(allowed.sum(axis=1, keepdims=True) - 1, 1)
    to_come = seen.longest - seen.n_given[:, None] - 1
    penalty = np.zeros(allowed.shape)
    for k, coefficients in enumerate(found.coefficients):
        left = np.where(allowed, coefficients, 0.0).sum(axis=1, keepdims=True)
        foreseen = given[:, k, None] + coefficients + to_come * (left - coefficients) / others
        lacks = np.maximum(found.low[k] - foreseen, 0.0)
        exceeds = np.maximum(foreseen - found.high[k], 0.0)
        penalty += weights[k] * (lacks + exceeds) / (coefficients.max(initial=0.0) or 1.0)
    return penalty
