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

LEAST = 1e-9
"""The least f_k of an item that breaks no bound, so that no value is divided by 0."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class PriorityIndex:
    """Content balance by the maximum priority index.

    In the first phase the next item is one that an unmet lower bound counts; where constraints
    overlap, one whose lower bound is met takes part with its room up to the upper one. An item that
    would break upper bounds comes only where no other is left, and then one that breaks the fewest;
    an excluded one last of all.

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

    @property
    def plans_with_all(self) -> bool:
        """False: nothing is planned."""
        return False

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
        found = bounded.bounds(self.specification, seen.longest)
        given = found.sums(seen)
        index, broken = _index(found, given, bounded.weights_of(found, self.weights))
        more = (criterion >= 0.0) == larger_wins
        worth = np.where(more, criterion * index, criterion / index)
        return worth, _due(seen.eligible, broken, _needed(found, given))


def _index(found: Bounds, given: FloatArray, weights: FloatArray) -> tuple[FloatArray, IntArray]:
    """The product of w_k f_k, and how many upper bounds each item would break, (n, n_items) each.

    A bound that would be broken is counted there, and left out of the product.
    """
    index = np.ones((given.shape[0], found.barred.size))
    broken = np.zeros(index.shape, dtype=np.int64)
    broken[:, found.barred] = found.low.size + 1
    for k, coefficients in enumerate(found.coefficients):
        low, high, counted = found.low[k], found.high[k], coefficients > 0.0
        before = rounded(given[:, k, None])
        room = (high - before) / high if 0.0 < high < np.inf else np.ones_like(before)
        factor = np.where(before < low, (low - before) / (low or 1.0), room)
        breaks = counted & (rounded(before + coefficients) > high)
        index *= np.where(counted & ~breaks, weights[k] * np.maximum(factor, LEAST), 1.0)
        broken += breaks
    return index, broken


def _needed(found: Bounds, given: FloatArray) -> BoolArray:
    """Which items an unmet lower bound counts, shape (n, n_items)."""
    needed = np.zeros((given.shape[0], found.barred.size), dtype=bool)
    for k, coefficients in enumerate(found.coefficients):
        needed |= (rounded(given[:, k, None]) < found.low[k]) & (coefficients > 0.0)
    return needed


def _due(eligible: BoolArray, broken: IntArray, needed: BoolArray) -> BoolArray:
    """The eligible items that break the fewest bounds, among them those needed if there are any."""
    fewest = np.where(eligible, broken, np.iinfo(np.int64).max).min(axis=1, keepdims=True)
    sparing = eligible & (broken == fewest)
    wanted = sparing & needed
    due: BoolArray = np.where(wanted.any(axis=1, keepdims=True), wanted, sparing)
    return due
