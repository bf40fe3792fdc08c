"""The one- to four-parameter logistic models.

P(theta) = c + (d - c) L(z),  L(z) = 1 / (1 + exp(-z)),  z = a (theta - b)

Rasch (1960), Birnbaum (1968) for c, Barton & Lord (1981) for d. The 1-, 2- and 3-parameter models
are the 4-parameter model with a common a, c = 0 and d = 1.

Both P and its complement Q are built from sums of positive terms, so that each keeps full relative
precision in its own tail; 1 - P would not.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from engine.arrays import FloatArray, IntArray
from engine.pool import ItemPool

N_CATEGORIES = 2
"""Answers are 0 (wrong) or 1 (right)."""

STEEPEST_LOGIT = 500.0
"""Probabilities off the log scale stop here: exp(-500) is about 1e-217, still far from underflow."""


def probability(pool: ItemPool, theta: ArrayLike) -> FloatArray:
    """Probability of a right answer, shape (n_theta, n_items)."""
    return _curves(pool, _column(theta)).right


def slope(pool: ItemPool, theta: ArrayLike) -> FloatArray:
    """First derivative of `probability` in theta, shape (n_theta, n_items).

    P' = a (d - c) L (1 - L).
    """
    curves = _curves(pool, _column(theta))
    return pool.a * (pool.d - pool.c) * curves.rising * curves.falling


def information(pool: ItemPool, theta: ArrayLike) -> FloatArray:
    """Expected (Fisher) information of each item at each ability, shape (n_theta, n_items).

    I = P'^2 / (P Q). Birnbaum (1968), eq. 20.2.3, extended to an upper asymptote (Magis, 2013).
    Written as a product of the ratios L/P and (1 - L)/Q, which stay finite in both tails.
    """
    curves = _curves(pool, _column(theta))
    height = pool.a * (pool.d - pool.c)
    low_tail = curves.rising / curves.right
    high_tail = curves.falling / curves.wrong
    return height * height * curves.rising * curves.falling * low_tail * high_tail


def log_probability(pool: ItemPool, theta: ArrayLike) -> FloatArray:
    """Log-probability of each category, shape (n_items, 2, n_theta).

    Computed on the log scale throughout, log P = log(c + exp(log(d - c) + log L)): finite for every
    pool, with no floor. The axis of theta is last, so that an answer picks out one row.
    """
    z = (pool.a * (_column(theta) - pool.b)).T
    spread = np.log(pool.d - pool.c)[:, None]
    right = np.logaddexp(_log(pool.c)[:, None], spread - np.logaddexp(0.0, -z))
    wrong = np.logaddexp(_log(1.0 - pool.d)[:, None], spread - np.logaddexp(0.0, z))
    # Rounding in the last bit could leave a logarithm above 0, a probability above 1.
    table: FloatArray = np.minimum(np.stack([wrong, right], axis=1), 0.0)
    return table


def draw_category(pool: ItemPool, items: IntArray, theta: FloatArray, u: FloatArray) -> IntArray:
    """Turn uniform numbers into answers, shape (n,): candidate i answers `items[i]`.

    By inversion, categories in ascending order: the answer is right where u >= Q(theta).
    """
    return (u >= _curves(pool.take(items), theta).wrong).astype(np.int64)


class _Curves(NamedTuple):
    rising: FloatArray
    falling: FloatArray
    right: FloatArray
    wrong: FloatArray


def _curves(pool: ItemPool, theta: FloatArray) -> _Curves:
    """L, 1 - L, P and Q, in the shape to which theta and the items broadcast."""
    z = pool.a * (theta - pool.b)
    small = np.exp(-np.minimum(np.abs(z), STEEPEST_LOGIT))
    uphill = z > 0
    rising = np.where(uphill, 1.0, small) / (1.0 + small)
    falling = np.where(uphill, small, 1.0) / (1.0 + small)
    spread = pool.d - pool.c
    return _Curves(rising, falling, pool.c + spread * rising, (1.0 - pool.d) + spread * falling)


def _log(values: FloatArray) -> FloatArray:
    """Logarithm with log 0 = -inf, and no warning."""
    return np.log(values, out=np.full_like(values, -np.inf), where=values > 0)


def _column(theta: ArrayLike) -> FloatArray:
    return np.asarray(theta, dtype=np.float64).reshape(-1, 1)
