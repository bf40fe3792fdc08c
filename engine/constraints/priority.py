"""The maximum priority index: an item is worth more the more its constraints need it.

Cheng & Chang (2009), *British Journal of Mathematical and Statistical Psychology* 62, 369-383: the
priority of item i is I_i times the product, over the constraints k that count it, of w_k f_k. Of an
upper bound u_k with x_k counted so far, f_k = (u_k - x_k) / u_k; of a lower bound l_k in the first of two
phases, which lasts while lower bounds are unmet, f_k = (l_k - x_k) / l_k (Cheng, Chang & Yi, 2007,
*Applied Psychological Measurement* 31, 467-482). It looks one item ahead: it can miss bounds that a
shadow test keeps.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

import numpy as np

from engine.arrays import BoolArray, FloatArray, IntArray
from engine.constraints import bounds as bounded
from engine.constraints.bounds import Bounds
from engine.constraints.specification import Specification
from engine.errors import Problem
from engine.pool import ItemPool
from engine.rounding import rounded
from engine.situation import Situation


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class PriorityIndex:
    """Content balance by the maximum priority index.

    In the first phase the next item is one that an unmet lower bound counts; where constraints
    overlap, one whose lower bound is met takes part with its room up to the upper one. An item that
    would break an upper bound, and one that is excluded, comes only where nothing else is left.

    Where a rule's smallest value wins, values are divided by the priority instead; so are values
    below 0 where the largest wins: more priority is always better.

    Parameters
    ----------
    specification
        Bounds, families, enemies, includes and excludes.
    weights
        w_k by the constraint's name, above 0; 1 for those not named.
    """

    specification: Specification
    weights: Mapping[str, float] = field(default_factory=dict)

    def problems(self, pool: ItemPool, longest: int) -> Iterator[Problem]:
        """Yield what contradicts the pool, the exam's most items, or what an index can serve."""
        yield from bounded.problems(self.specification, pool, longest, self.weights)

    def plan(self, seen: Situation, criterion: FloatArray, larger_wins: bool) -> IntArray:
        """Return nothing: the index looks one item ahead."""
        return np.zeros((len(seen), 0), dtype=np.int64)

    def weighed(
        self, seen: Situation, criterion: FloatArray, larger_wins: bool
    ) -> tuple[FloatArray, BoolArray]:
        """Return the priority of each item, and which may come next."""
        found = bounded.bounds(self.specification)
        given = found.sums(seen)
        index = _index(found, given, bounded.weights_of(found, self.weights))
        more = (criterion >= 0.0) == larger_wins
        safe = np.where(index > 0.0, index, 1.0)
        worth = np.where(more, criterion * safe, criterion / safe)
        return worth, _first_of(seen.eligible, index > 0.0, _needed(found, given))


def _index(found: Bounds, given: FloatArray, weights: FloatArray) -> FloatArray:
    """The product of w_k f_k, shape (n, n_items); 0 where an item must not come."""
    index = np.ones((given.shape[0], found.barred.size))
    index[:, found.barred] = 0.0
    for k, coefficients in enumerate(found.coefficients):
        low, high, counted = found.low[k], found.high[k], coefficients > 0.0
        before = rounded(given[:, k, None])
        room = np.ones_like(before)
        if np.isfinite(high):
            room = (high - before) / high if high > 0.0 else np.zeros_like(before)
        factor = np.where(before < low, (low - before) / (low or 1.0), room)
        index *= np.where(counted, weights[k] * np.maximum(factor, 0.0), 1.0)
        index[counted & (rounded(before + coefficients) > high)] = 0.0
    return index


def _needed(found: Bounds, given: FloatArray) -> BoolArray:
    """Which items an unmet lower bound counts, shape (n, n_items)."""
    needed = np.zeros((given.shape[0], found.barred.size), dtype=bool)
    for k, coefficients in enumerate(found.coefficients):
        needed |= (rounded(given[:, k, None]) < found.low[k]) & (coefficients > 0.0)
    return needed


def _first_of(eligible: BoolArray, allowed: BoolArray, needed: BoolArray) -> BoolArray:
    """The eligible items that are allowed and needed; else those allowed; else all."""
    for choice in (eligible & allowed & needed, eligible & allowed):
        eligible = np.where(choice.any(axis=1, keepdims=True), choice, eligible)
        if choice.any(axis=1).all():
            break
    return eligible
