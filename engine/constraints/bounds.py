"""A specification as the heuristics see it: sums over the items given, each with two bounds."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from math import inf

import numpy as np

from engine import checks
from engine.arrays import BoolArray, FloatArray, frozen
from engine.constraints.kinds import Bound, Constraint, Exclude, Family, Include
from engine.constraints.quota import Quota
from engine.constraints.specification import Specification, bounds_in_words
from engine.errors import Problem
from engine.pool import ItemPool
from engine.situation import Situation


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Bounds:
    """low <= sum of the coefficients over the exam's items <= high, for several sums.

    Attributes
    ----------
    names
        The constraint that each is of.
    coefficients
        At least 0, shape (n_bounds, n_items).
    low, high
        Shape (n_bounds,); low is at least 0, high may be infinite.
    barred
        Items that no test may have, shape (n_items,).
    """

    names: tuple[str, ...]
    coefficients: FloatArray
    low: FloatArray
    high: FloatArray
    barred: BoolArray

    def sums(self, seen: Situation) -> FloatArray:
        """What each sum comes to over the items given, shape (n, n_bounds)."""
        of_items = self.coefficients.T[seen.items]
        of_items[seen.items < 0] = 0.0
        total: FloatArray = of_items.sum(axis=1)
        return total


@lru_cache(maxsize=64)
def bounds(specification: Specification, longest: int) -> Bounds:
    """Return the bounds of a specification that `problems` finds nothing in, for a whole exam."""
    rows = [
        row
        for each in specification.constraints
        for row in sums(each, specification.n_items, longest)
    ]
    barred = np.zeros(specification.n_items, dtype=bool)
    for each in specification.constraints:
        if isinstance(each, Exclude):
            barred[each.items] = True
    table = np.zeros((len(rows), specification.n_items))
    for place, (_, coefficients, _, _) in enumerate(rows):
        table[place] = coefficients
    return Bounds(
        names=tuple(name for name, _, _, _ in rows),
        coefficients=frozen(table),
        low=frozen(np.array([max(low, 0.0) for _, _, low, _ in rows])),
        high=frozen(np.array([high for _, _, _, high in rows], dtype=np.float64)),
        barred=frozen(barred),
    )


def problems(
    specification: Specification, pool: ItemPool, longest: int, weights: Mapping[str, float]
) -> Iterator[Problem]:
    """Yield what a heuristic cannot serve: it looks at sums alone, one item ahead."""
    if specification.n_items != len(pool):
        expected = f"a specification for the pool's {len(pool)} items"
        yield Problem("content.specification", f"{specification.n_items} items", expected)
    low, high = specification.length
    if not low <= longest <= high:
        where = f"content.specification: {specification.length_name}"
        yield Problem(where, bounds_in_words(low, high), f"the exam's most items, {longest}")
    for each in specification.constraints:
        where, kind = f"content.specification: {each.name}", type(each).__name__
        if not isinstance(each, Bound | Quota | Family | Include | Exclude):
            expected = (
                "a bound on a sum, a quota, a family, enemies, include, exclude; else a ShadowTest"
            )
            yield Problem(where, kind, expected)
        elif isinstance(each, Bound) and np.any(each.coefficients < 0.0):
            yield Problem(where, "coefficients below 0", "0 or more, or a ShadowTest")
    for name, weight in weights.items():
        yield from checks.number(f"content.weights: {name}", weight, low=0.0, high=inf, ends="()")
        if name not in specification.names:
            yield Problem("content.weights", name, "the name of a constraint")


def weights_of(found: Bounds, weights: Mapping[str, float]) -> FloatArray:
    """The weight of each bound, 1 where none is stated, shape (n_bounds,)."""
    return np.array([float(weights.get(name, 1.0)) for name in found.names])


Row = tuple[str, FloatArray, float, float]


def sums(constraint: Constraint, n_items: int, length: int) -> Iterator[Row]:
    """Yield what is a bound on a sum over a test of this length: name, coefficients, low, high.

    Nothing for other constraints, nor for excluded items, which are no wish of a sum.
    """
    if isinstance(constraint, Bound):
        yield constraint.name, constraint.coefficients, constraint.low, constraint.high
    if isinstance(constraint, Quota):
        low, high = constraint.ends(length)
        yield constraint.name, constraint.where.astype(np.float64), float(low), float(high)
    if isinstance(constraint, Family | Include):
        ones = np.zeros(n_items)
        ones[constraint.items] = 1.0
        most = constraint.most if isinstance(constraint, Family) else np.inf
        least = ones.sum() if isinstance(constraint, Include) else 0.0
        yield constraint.name, ones, float(least), float(most)
