"""The one- to four-parameter logistic models.

P(theta) = c + (d - c) L(z),  L(z) = 1 / (1 + exp(-z)),  z = a (theta - b)

Rasch (1960), Birnbaum (1968) for c, Barton & Lord (1981) for d. The 1-, 2- and 3-parameter models
are the 4-parameter model with a common a, c = 0 and d = 1.

Both P and its complement Q are built from sums of positive terms, so that each keeps full relative
precision in its own tail; 1 - P would not.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple, Self

import numpy as np

from engine import checks
from engine.arrays import BoolArray, FloatArray, IntArray, frozen
from engine.errors import PoolError, Problem
from engine.families import expectation, parameters
from engine.families.protocol import Derivatives

N_CATEGORIES = 2
"""Answers are 0 (wrong) or 1 (right)."""

STEEPEST_LOGIT = expectation.STEEPEST_LOGIT

LEAST_SPREAD = 1e-9
"""Asymptotes closer together are slips of the pen, and their ratios to `d - c` would underflow."""

PARAMETERS = ("a", "b", "c", "d")


@dataclass(frozen=True, slots=True, eq=False)
class Logistic:
    """A block of items answered right or wrong.

    Parameters
    ----------
    a
        Slopes, shape (n_items,), in the logistic metric (D = 1). Negative slopes can be scored.
    b
        Difficulties, on the scale of theta.
    c, d
        Lower and upper asymptotes, 0 <= c < d <= 1, no closer together than `LEAST_SPREAD`.

    Raises
    ------
    PoolError
        Naming every parameter that is missing, not finite or impossible.
    """

    a: FloatArray
    b: FloatArray
    c: FloatArray
    d: FloatArray

    def __post_init__(self) -> None:
        given = {name: getattr(self, name) for name in PARAMETERS}
        columns = {name: checks.floats(values) for name, values in given.items()}
        problems = list(parameters.shape_problems(given, columns, dict.fromkeys(PARAMETERS, 1)))
        arrays = {name: column for name, column in columns.items() if column is not None}
        if not problems:
            problems = list(_value_problems(**arrays))
        if problems:
            raise PoolError("Item pool", problems)
        for name, array in arrays.items():
            object.__setattr__(self, name, frozen(array))

    def __len__(self) -> int:
        return int(self.a.size)

    @property
    def n_categories(self) -> IntArray:
        """Two for every item, shape (n_items,)."""
        return np.full(len(self), N_CATEGORIES, dtype=np.int64)

    @property
    def rising(self) -> BoolArray:
        """Whether the slope is positive, shape (n_items,)."""
        return self.a > 0

    def take(self, items: IntArray) -> Self:
        """Return the block of the items at these places of it, in this order."""
        taken = object.__new__(type(self))
        for name in PARAMETERS:
            object.__setattr__(taken, name, frozen(getattr(self, name)[items]))
        return taken

    def probability(self, theta: FloatArray) -> FloatArray:
        """Probability of a right answer, in the shape to which theta and the items broadcast."""
        return _curves(self, theta).right

    def slope(self, theta: FloatArray) -> FloatArray:
        """First derivative of `probability` in theta, P' = a (d - c) L (1 - L)."""
        curves = _curves(self, theta)
        return self.a * (self.d - self.c) * curves.rising * curves.falling

    def information(self, theta: FloatArray) -> FloatArray:
        """Expected (Fisher) information, I = P'^2 / (P Q), same shape.

        Birnbaum (1968), eq. 20.2.3, extended to an upper asymptote (Magis, 2013). Written as a
        product of the ratios L/P and (1 - L)/Q, which stay finite in both tails.
        """
        curves = _curves(self, theta)
        height = self.a * (self.d - self.c)
        low_tail = curves.rising / curves.right
        high_tail = curves.falling / curves.wrong
        return height * height * curves.rising * curves.falling * low_tail * high_tail

    def log_probability(self, theta: FloatArray) -> FloatArray:
        """Log-probability of a wrong and a right answer, on a last axis of 2.

        An improbable answer's is computed on the log scale throughout, log P = log(c + exp(log(d -
        c) + log L)), finite for every pool, with no floor; a probable one's as log(1 - Q), so that
        it keeps its digits where it nears 0.
        """
        curves = _curves(self, theta)
        z = self.a * (theta - self.b)
        spread = np.log(self.d - self.c)
        right = np.logaddexp(_log(self.c), spread - np.logaddexp(0.0, -z))
        wrong = np.logaddexp(_log(1.0 - self.d), spread - np.logaddexp(0.0, z))
        pairs = ((wrong, curves.right), (right, curves.wrong))
        return np.stack([_near_zero(log_p, other) for log_p, other in pairs], axis=-1)

    def derivatives(self, theta: FloatArray) -> Derivatives:
        """First three derivatives of `log_probability` in theta, on a last axis of 2.

        With r = (d - c) L / P, the part of the right answers that is not guessed,
        (log P)' = a r (1 - L); a wrong answer is the mirror image, with a, L and c, 1 - d exchanged
        for -a, 1 - L and 1 - d, c. Each is a polynomial in r, 1 - r, L and 1 - L.
        """
        curves = _curves(self, theta)
        spread = self.d - self.c
        right = _mixed(self.a, curves.rising, curves.falling, self.c, spread, curves.right)
        wrong = _mixed(-self.a, curves.falling, curves.rising, 1.0 - self.d, spread, curves.wrong)
        return Derivatives(*(np.stack(pair, axis=-1) for pair in zip(wrong, right, strict=True)))

    def draw(self, theta: FloatArray, u: FloatArray) -> IntArray:
        """Turn uniform numbers into answers: right where u >= Q(theta)."""
        return (u >= _curves(self, theta).wrong).astype(np.int64)


class _Curves(NamedTuple):
    rising: FloatArray
    falling: FloatArray
    right: FloatArray
    wrong: FloatArray


def _curves(items: Logistic, theta: FloatArray) -> _Curves:
    """L, 1 - L, P and Q, in the shape to which theta and the items broadcast."""
    z = items.a * (theta - items.b)
    small = np.exp(-np.minimum(np.abs(z), STEEPEST_LOGIT))
    uphill = z > 0
    rising = np.where(uphill, 1.0, small) / (1.0 + small)
    falling = np.where(uphill, small, 1.0) / (1.0 + small)
    spread = items.d - items.c
    return _Curves(rising, falling, items.c + spread * rising, (1.0 - items.d) + spread * falling)


def _mixed(
    a: FloatArray,
    up: FloatArray,
    down: FloatArray,
    floor: FloatArray,
    spread: FloatArray,
    p: FloatArray,
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Derivatives of log p, p = floor + spread * up, where up' = a up down."""
    r = spread * up / p
    s = floor / p
    first = a * r * down
    second = a * first * (s * down - up)
    inner = s * (s - r) * down * down - 3.0 * s * up * down - up * (down - up)
    return first, second, a * a * first * inner


def _near_zero(log_p: FloatArray, other: FloatArray) -> FloatArray:
    """Logarithm of a probability, from the probability of the other answer where that is small."""
    return np.where(other < 0.5, np.log1p(-np.minimum(other, 0.5)), log_p)


def _log(values: FloatArray) -> FloatArray:
    """Logarithm with log 0 = -inf, and no warning."""
    return np.log(values, out=np.full_like(values, -np.inf), where=values > 0)


def _value_problems(
    a: FloatArray, b: FloatArray, c: FloatArray, d: FloatArray
) -> Iterator[Problem]:
    # Comparisons with NaN are false, so that each line also refuses what is not a number.
    yield from parameters.slope_problems(a)
    finite = np.abs(b) <= parameters.LARGEST
    yield from checks.each("b", b, finite, f"a finite difficulty, at most {parameters.LARGEST:g}")
    yield from checks.each("c", c, (c >= 0) & (c < 1), "a lower asymptote in [0, 1)")
    yield from checks.each("d", d, (d > 0) & (d <= 1), "an upper asymptote in (0, 1]")
    crossed = (d - c < LEAST_SPREAD) & (c < 1) & (d > 0)
    expected = f"an upper asymptote above the item's c, by {LEAST_SPREAD:g} or more"
    yield from checks.each("d", d, ~crossed, expected)
