"""What an answer says about ability, for every item of a pool.

The formulas stand in `engine.families`; here they are put together for pools of several families.
Curves of items have the shape (n_theta, n_items); tables of categories (n_items, n_categories,
n_theta), so that an answer picks out one row. Beyond an item's own categories a table holds
probability 0, log-probability minus infinity and derivatives 0.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import ArrayLike

from engine.arrays import FloatArray, IntArray
from engine.errors import PoolError, Problem
from engine.families import Derivatives, ItemModel, Logistic, expectation
from engine.pool import ItemPool


def probability(pool: ItemPool, theta: ArrayLike) -> FloatArray:
    """Probability of a right answer, shape (n_theta, n_items).

    Raises
    ------
    PoolError
        If an item has more than a right and a wrong answer; see `category_probability`.
    """

    def right(block: ItemModel, column: FloatArray) -> FloatArray:
        if isinstance(block, Logistic):
            return block.probability(column)
        expected = "items answered right or wrong; else ask for category_probability"
        raise PoolError(
            "Item pool", [Problem("pool", f"a block of {type(block).__name__} items", expected)]
        )

    return _curves(pool, theta, right)


def expected_score(pool: ItemPool, theta: ArrayLike) -> FloatArray:
    """Expected category, sum of k P_k, shape (n_theta, n_items); P of a right answer if 0 or 1."""

    def score(block: ItemModel, column: FloatArray) -> FloatArray:
        if isinstance(block, Logistic):
            return block.probability(column)
        p = expectation.probability(block.log_probability(column))
        return _mean_category(p)

    return _curves(pool, theta, score)


def slope(pool: ItemPool, theta: ArrayLike) -> FloatArray:
    """First derivative of `expected_score` in theta, sum of k P_k', shape (n_theta, n_items)."""

    def rise(block: ItemModel, column: FloatArray) -> FloatArray:
        if isinstance(block, Logistic):
            return block.slope(column)
        p = expectation.probability(block.log_probability(column))
        return _mean_category(p * block.derivatives(column).first)

    return _curves(pool, theta, rise)


def information(pool: ItemPool, theta: ArrayLike) -> FloatArray:
    """Expected (Fisher) information of each item at each ability, shape (n_theta, n_items)."""
    return _curves(pool, theta, lambda block, column: block.information(column))


def warm(pool: ItemPool, theta: ArrayLike) -> FloatArray:
    """Warm's J of each item at each ability, sum of P' P'' / P, shape (n_theta, n_items)."""

    def j(block: ItemModel, column: FloatArray) -> FloatArray:
        p = expectation.probability(block.log_probability(column))
        return expectation.warm(p, block.derivatives(column))

    return _curves(pool, theta, j)


def log_probability(pool: ItemPool, theta: ArrayLike) -> FloatArray:
    """Log-probability of each category, shape (n_items, n_categories, n_theta)."""
    column = _column(theta)
    return _table(pool, [block.log_probability(column) for block in pool.blocks], -np.inf)


def category_probability(pool: ItemPool, theta: ArrayLike) -> FloatArray:
    """Probability of each category, shape (n_items, n_categories, n_theta)."""
    return expectation.probability(log_probability(pool, theta))


def derivatives(pool: ItemPool, theta: ArrayLike) -> Derivatives:
    """First three derivatives of `log_probability` in theta, same shape each."""
    column = _column(theta)
    orders = zip(*(block.derivatives(column) for block in pool.blocks), strict=True)
    return Derivatives(*(_table(pool, parts, 0.0) for parts in orders))


def observed_information(pool: ItemPool, theta: ArrayLike) -> FloatArray:
    """Observed information of each answer, -(log P_k)'', shape (n_items, n_categories, n_theta).

    It can be negative: a right answer below a guessable item's difficulty may well be a guess.
    """
    return -derivatives(pool, theta).second


def draw_category(pool: ItemPool, items: IntArray, theta: FloatArray, u: FloatArray) -> IntArray:
    """Turn uniform numbers into answers, shape (n,): candidate i answers `items[i]`.

    By inversion, categories in ascending order: a right-or-wrong answer is right where u >= Q.
    """
    categories = np.empty(items.shape, dtype=np.int64)
    for block, rows in pool.split(items):
        categories[rows] = block.draw(theta[rows], u[rows])
    return categories


def _mean_category(weights: FloatArray) -> FloatArray:
    """Sum of the categories' numbers, weighted; categories on the last axis."""
    total: FloatArray = (weights * np.arange(weights.shape[-1])).sum(axis=-1)
    return total


BlockCurve = Callable[[ItemModel, FloatArray], FloatArray]


def _curves(pool: ItemPool, theta: ArrayLike, curve: BlockCurve) -> FloatArray:
    """Put the blocks' curves together, shape (n_theta, n_items)."""
    column = _column(theta)
    if len(pool.blocks) == 1:
        return curve(pool.blocks[0], column)
    whole = np.empty((column.size, len(pool)))
    for block, places in zip(pool.blocks, pool.places, strict=True):
        whole[:, places] = curve(block, column)
    return whole


def _table(pool: ItemPool, parts: Sequence[FloatArray], beyond: float) -> FloatArray:
    """Put the blocks' categories together, shape (n_items, n_categories, n_theta).

    `parts` are the blocks' own, shape (n_theta, n_items, n_categories) each.
    """
    table = np.full((len(pool), int(pool.n_categories.max()), len(parts[0])), beyond)
    for part, places in zip(parts, pool.places, strict=True):
        # A block cut out of another may be wider than its longest item.
        width = min(part.shape[-1], table.shape[1])
        table[places, :width] = np.moveaxis(part, 0, -1)[:, :width]
    return table


def _column(theta: ArrayLike) -> FloatArray:
    return np.asarray(theta, dtype=np.float64).reshape(-1, 1)
