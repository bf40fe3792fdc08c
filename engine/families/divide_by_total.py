"""Models that divide by a total: nominal, (generalised) partial credit, rating scale.

P_k(theta) = exp(s_k theta + i_k) / sum over the categories j of exp(s_j theta + i_j)

(Thissen & Steinberg, 1986). The nominal model (Bock, 1972) is free in the slopes s and intercepts
i. The generalised partial credit model (Muraki, 1992) has s_k = a k and i_k = -a (b_1 + ... + b_k),
which is exp of the sum of a (theta - b_v); with a = 1 it is the partial credit model (Masters,
1982), and with steps b_v = location + threshold_v the rating scale model (Andrich, 1978).

With S the slope of the answer given theta, a random number, (log P_k)' = s_k - E[S], and the
further derivatives are the same for every answer: -Var(S), then minus the third central moment.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import NamedTuple, Self

import numpy as np
from numpy.typing import ArrayLike

from engine import checks
from engine.arrays import BoolArray, FloatArray, IntArray, frozen
from engine.errors import PoolError, Problem
from engine.families import expectation, parameters
from engine.families.protocol import Derivatives


class _Lines:
    """What the families of this file share: lines `slopes` * theta + `intercepts`, NaN-padded."""

    __slots__ = ()

    slopes: FloatArray
    intercepts: FloatArray

    def __len__(self) -> int:
        return len(self.slopes)

    @property
    def n_categories(self) -> IntArray:
        """How many categories each item has, shape (n_items,)."""
        count: IntArray = (~np.isnan(self.slopes)).sum(axis=1)
        return count

    def take(self, items: IntArray) -> Self:
        """Return the block of the items at these places of it, in this order."""
        taken = object.__new__(type(self))
        for name in self.__dataclass_fields__:  # type: ignore[attr-defined]
            object.__setattr__(taken, name, frozen(getattr(self, name)[items]))
        return taken

    def log_probability(self, theta: FloatArray) -> FloatArray:
        """Log-probability of each category, on a last axis."""
        return _heights(self, theta).height

    def derivatives(self, theta: FloatArray) -> Derivatives:
        """First three derivatives of `log_probability` in theta, on a last axis."""
        moments = _moments(self, theta)
        there = ~np.isnan(self.slopes)
        return Derivatives(
            first=np.where(there, moments.deviation, 0.0),
            second=np.where(there, -moments.variance[..., None], 0.0),
            third=np.where(there, -moments.third[..., None], 0.0),
        )

    def information(self, theta: FloatArray) -> FloatArray:
        """Expected information: the variance of the answer's slope (Bock, 1972; Muraki, 1993)."""
        return _moments(self, theta).variance

    def draw(self, theta: FloatArray, u: FloatArray) -> IntArray:
        """Turn uniform numbers into answers by inversion, categories in ascending order."""
        return expectation.draw(self.log_probability(theta), self.n_categories, u)


@dataclass(frozen=True, slots=True, eq=False)
class PartialCredit(_Lines):
    """A block of (generalised) partial credit items.

    Parameters
    ----------
    a
        Slopes, shape (n_items,), or one for all; 1 for the partial credit model.
    b
        Steps, shape (n_items, n), in any order: where categories k - 1 and k are equally likely.
        Rows may differ in length; in an array, NaN fills the end of the shorter ones.

    Raises
    ------
    PoolError
        Naming every parameter that is missing or not finite.
    """

    a: FloatArray
    b: FloatArray
    slopes: FloatArray = field(init=False, repr=False)
    intercepts: FloatArray = field(init=False, repr=False)

    def __post_init__(self) -> None:
        b = parameters.ragged(self.b)
        given = {"a": parameters.repeated(self.a, 0 if b is None else len(b)), "b": self.b}
        a = checks.floats(given["a"])
        problems = list(parameters.shape_problems(given, {"a": a, "b": b}, {"a": 1, "b": 2}))
        if not problems and a is not None and b is not None:
            problems = [
                *parameters.slope_problems(a),
                *parameters.step_problems("b", b, fewest=1),
            ]
        if problems or a is None or b is None:
            raise PoolError("Item pool", problems)
        lines = _lines(a, b)
        for name, array in (("a", a), ("b", b), ("slopes", lines[0]), ("intercepts", lines[1])):
            object.__setattr__(self, name, frozen(array))

    @classmethod
    def rating_scale(
        cls, location: ArrayLike, thresholds: ArrayLike, *, a: ArrayLike = 1.0
    ) -> PartialCredit:
        """Build items that share one scale: steps b_v = location + threshold_v (Andrich, 1978).

        Parameters
        ----------
        location
            One number an item, shape (n_items,).
        thresholds
            One number a step, shape (n,), the same for all items.
        """
        places, scale = checks.floats(location), checks.floats(thresholds)
        problems = [
            Problem(name, given, "finite numbers, at least one")
            for name, given, column in (
                ("location", location, places),
                ("thresholds", thresholds, scale),
            )
            if column is None
            or column.ndim != 1
            or not column.size
            or not np.isfinite(column).all()
        ]
        if problems or places is None or scale is None:
            raise PoolError("Item pool", problems)
        return cls(a, places[:, None] + scale)  # type: ignore[arg-type]  # checked there

    @property
    def rising(self) -> BoolArray:
        """Whether the slope is positive, shape (n_items,)."""
        return self.a > 0


@dataclass(frozen=True, slots=True, eq=False)
class Nominal(_Lines):
    """A block of nominal items: categories in no order.

    Parameters
    ----------
    slopes, intercepts
        One of each a category, shape (n_items, n_categories); only differences within an item
        matter. Rows may differ in length; in an array, NaN fills the end of the shorter ones.

    Raises
    ------
    PoolError
        Naming every parameter that is missing or not finite, and items with one category.
    """

    slopes: FloatArray
    intercepts: FloatArray

    def __post_init__(self) -> None:
        given = {"slopes": self.slopes, "intercepts": self.intercepts}
        arrays = {name: parameters.ragged(rows) for name, rows in given.items()}
        problems = list(parameters.shape_problems(given, arrays, dict.fromkeys(given, 2)))
        slopes, intercepts = arrays.values()
        if not problems and slopes is not None and intercepts is not None:
            problems = list(_nominal_problems(slopes, intercepts))
        if problems or slopes is None or intercepts is None:
            raise PoolError("Item pool", problems)
        object.__setattr__(self, "slopes", frozen(slopes))
        object.__setattr__(self, "intercepts", frozen(intercepts))

    @property
    def rising(self) -> BoolArray:
        """True: the categories' order says nothing of ability, so none can be wrong."""
        return np.ones(len(self), dtype=bool)


def _lines(a: FloatArray, b: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Slopes a k and intercepts -a (b_1 + ... + b_k) of partial credit items."""
    steps = np.arange(b.shape[1] + 1, dtype=np.float64)
    # Thousands of steps add up: in the widest floats, so that the sum is right to its last bit.
    total = np.cumsum(b.astype(np.longdouble), axis=1)
    total = np.concatenate([np.zeros((len(b), 1), dtype=np.longdouble), total], axis=1)
    intercepts = (-a.astype(np.longdouble)[:, None] * total).astype(np.float64)
    slopes = np.where(np.isnan(intercepts), np.nan, a[:, None] * steps)
    return slopes, intercepts


class _Heights(NamedTuple):
    height: FloatArray
    leading: IntArray


def _heights(lines: _Lines, theta: FloatArray) -> _Heights:
    """Log-probabilities, and the most likely category, on a last axis (of 1 for the latter).

    The most likely category's own term is left out of the sum and put back by log1p, so that the
    logarithm of a probability near 1 keeps its digits.
    """
    there = ~np.isnan(lines.slopes)
    slopes, intercepts = (np.where(there, part, 0.0) for part in (lines.slopes, lines.intercepts))
    line = np.where(there, slopes * theta[..., None] + intercepts, -np.inf)
    leading = line.argmax(axis=-1, keepdims=True)
    line -= np.take_along_axis(line, leading, axis=-1)
    rest = np.exp(line)
    np.put_along_axis(rest, leading, 0.0, axis=-1)
    return _Heights(line - np.log1p(rest.sum(axis=-1, keepdims=True)), leading)


class _Moments(NamedTuple):
    deviation: FloatArray
    variance: FloatArray
    third: FloatArray


def _moments(lines: _Lines, theta: FloatArray) -> _Moments:
    """Each category's slope less the mean, and the central moments of the slope.

    Counted from the most likely category's slope: then the mean is a sum over the unlikely ones,
    and where that category's probability nears 1 all deviations keep their digits.
    """
    height, leading = _heights(lines, theta)
    p = expectation.probability(height)
    slopes = np.broadcast_to(np.where(np.isnan(lines.slopes), 0.0, lines.slopes), height.shape)
    offset = slopes - np.take_along_axis(slopes, leading, axis=-1)
    deviation = offset - (p * offset).sum(axis=-1, keepdims=True)
    square = p * deviation * deviation
    return _Moments(deviation, square.sum(axis=-1), (square * deviation).sum(axis=-1))


def _nominal_problems(slopes: FloatArray, intercepts: FloatArray) -> Iterator[Problem]:
    if slopes.shape != intercepts.shape:
        expected = f"shape {slopes.shape}, as the slopes"
        yield Problem("intercepts", f"shape {intercepts.shape}", expected)
        return
    yield from parameters.step_problems("slopes", slopes, fewest=2)
    yield from parameters.step_problems("intercepts", intercepts, fewest=0)
    matching = np.isnan(slopes) == np.isnan(intercepts)
    order = "a number where the slopes have one, and nowhere else"
    yield from parameters.each_step("intercepts", intercepts, matching, order)
