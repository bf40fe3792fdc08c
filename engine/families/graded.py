"""The graded response model (Samejima, 1969).

P(x >= k) = L(a (theta - b_k)) for the thresholds b_1, b_2, ...; the probability of one category is
the difference of two neighbours. With z_k = a (theta - b_k) that difference is the product

P_k = L(z_k) (1 - L(z_(k+1))) (1 - exp(-(z_k - z_(k+1))))

whose last factor does not depend on theta. So nothing is ever subtracted, each category keeps full
relative precision in both tails, and the derivatives of log P_k are sums of two logistic terms.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import NamedTuple, Self

import numpy as np

from engine import checks
from engine.arrays import BoolArray, FloatArray, IntArray, frozen
from engine.errors import PoolError, Problem
from engine.families import expectation, parameters
from engine.families.protocol import Derivatives

FIELDS = ("a", "b", "log_gap")


@dataclass(frozen=True, slots=True, eq=False)
class Graded:
    """A block of graded items.

    Parameters
    ----------
    a
        Slopes, shape (n_items,), or one for all; in the logistic metric (D = 1).
    b
        Thresholds, shape (n_items, n): category k is reached above the k-th. Rows may differ in
        length; in an array, NaN fills the end of the shorter ones. They ascend (with a negative
        slope they descend, so that every category has a positive probability).

    Raises
    ------
    PoolError
        Naming every parameter that is missing, not finite or out of order.
    """

    a: FloatArray
    b: FloatArray
    log_gap: FloatArray = field(init=False, repr=False)
    """log(1 - exp(-(z_k - z_(k+1)))) of each inner category, else 0, shape (n_items, n - 1)."""

    def __post_init__(self) -> None:
        b = parameters.ragged(self.b)
        given = {"a": parameters.repeated(self.a, 0 if b is None else len(b)), "b": self.b}
        a = checks.floats(given["a"])
        problems = list(parameters.shape_problems(given, {"a": a, "b": b}, {"a": 1, "b": 2}))
        if not problems and a is not None and b is not None:
            problems = list(_value_problems(a, b))
        if problems or a is None or b is None:
            raise PoolError("Item pool", problems)
        gap = a[:, None] * np.diff(b, axis=1)
        log_gap = np.log(-np.expm1(-gap), out=np.zeros_like(gap), where=gap > 0)
        for name, array in zip(FIELDS, (a, b, log_gap), strict=True):
            object.__setattr__(self, name, frozen(array))

    def __len__(self) -> int:
        return int(self.a.size)

    @property
    def n_categories(self) -> IntArray:
        """One more than an item's thresholds, shape (n_items,)."""
        count: IntArray = (~np.isnan(self.b)).sum(axis=1) + 1
        return count

    @property
    def rising(self) -> BoolArray:
        """Whether the slope is positive, shape (n_items,)."""
        return self.a > 0

    def take(self, items: IntArray) -> Self:
        """Return the block of the items at these places of it, in this order."""
        taken = object.__new__(type(self))
        for name in FIELDS:
            object.__setattr__(taken, name, frozen(getattr(self, name)[items]))
        return taken

    def log_probability(self, theta: FloatArray) -> FloatArray:
        """Log-probability of each category, on a last axis."""
        steps = _steps(self, theta)
        reached = np.where(steps.there, np.minimum(steps.z, 0.0) - steps.log_rest, -np.inf)
        missed = np.where(steps.there, np.minimum(-steps.z, 0.0) - steps.log_rest, 0.0)
        table = _between(reached, missed)
        table[..., 1:-1] += self.log_gap
        return table

    def derivatives(self, theta: FloatArray) -> Derivatives:
        """First three derivatives of `log_probability` in theta, on a last axis.

        (log P_k)' = a ((1 - L_k) - L_(k+1)), and L' = a L (1 - L).
        """
        steps = _steps(self, theta)
        a = self.a[:, None]
        bend = -a * a * steps.above * steps.below
        turn = a * bend * (steps.below - steps.above)
        return Derivatives(
            first=_between(a * steps.below, -a * steps.above),
            second=_between(bend, bend),
            third=_between(turn, turn),
        )

    def information(self, theta: FloatArray) -> FloatArray:
        """Expected information, sum of P_k'^2 / P_k over the categories (Samejima, 1969)."""
        p = expectation.probability(self.log_probability(theta))
        return expectation.information(p, self.derivatives(theta))

    def draw(self, theta: FloatArray, u: FloatArray) -> IntArray:
        """Turn uniform numbers into answers by inversion, categories in ascending order."""
        return expectation.draw(self.log_probability(theta), self.n_categories, u)


class _Steps(NamedTuple):
    """Each threshold's logistic curve, on a last axis; 0 where an item has no such threshold.

    `log_rest` is log(1 + exp(-|z|)), so that log L = min(z, 0) - log_rest.
    """

    z: FloatArray
    there: BoolArray
    above: FloatArray
    below: FloatArray
    log_rest: FloatArray


def _steps(items: Graded, theta: FloatArray) -> _Steps:
    there = ~np.isnan(items.b)
    z = np.where(there, items.a[:, None] * (theta[..., None] - items.b), 0.0)
    small = np.exp(-np.minimum(np.abs(z), expectation.STEEPEST_LOGIT))
    above = there * np.where(z > 0, 1.0, small) / (1.0 + small)
    below = there * np.where(z > 0, small, 1.0) / (1.0 + small)
    return _Steps(z, there, above, below, np.log1p(small))


def _between(lower: FloatArray, upper: FloatArray) -> FloatArray:
    """Add to each category what its lower and its upper threshold give; the ends have only one."""
    categories = np.zeros((*lower.shape[:-1], lower.shape[-1] + 1))
    categories[..., 1:] += lower
    categories[..., :-1] += upper
    return categories


def _value_problems(a: FloatArray, b: FloatArray) -> Iterator[Problem]:
    yield from parameters.slope_problems(a)
    yield from parameters.step_problems("b", b, fewest=1)
    # A gap of no number, of an empty place or of one refused already, is not refused again.
    gap = a[:, None] * np.diff(b, axis=1)
    known = (np.abs(b[:, 1:]) <= parameters.LARGEST) & (np.abs(b[:, :-1]) <= parameters.LARGEST)
    falling = np.zeros(b.shape, dtype=bool)
    falling[:, 1:] = known & ~(gap > 0) & (np.abs(a) <= parameters.LARGEST)[:, None]
    order = "a threshold above the one before it (below it where the slope is negative)"
    yield from parameters.each_step("b", b, ~falling, order)
