"""Compiled loops of standard errors: moments of posteriors, factors of them, sums of products.

Kept by numba under a name that covers this file and the engine: call nothing of other files of this
room here, or changes there would go unseen.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine._kernels.compiler import entry, inner, summing
from engine.arrays import FloatArray, IntArray

Floats = NDArray[np.floating[Any]]
"""Products may be formed in either precision; all arrays of a call but sums have the same."""

TILE = 32768
"""Numbers of a square that are added to in one go: 256 kB stay in the processor's cache."""

UNROLLED = 4
"""Rows added at once: a total is then loaded and stored a quarter of the times."""


@entry
def moments(
    posterior: FloatArray,
    functions: FloatArray,
    products: FloatArray,
    mean: FloatArray,
    square: FloatArray,
) -> None:
    """Fill the posterior means of functions and of their products.

    Parameters
    ----------
    posterior
        Shape (n, n_nodes).
    functions, products
        Values at the nodes, shapes (n_nodes, R) and (n_nodes, R (R + 1) / 2).
    mean, square
        Shapes (n, R) and (n, R (R + 1) / 2).
    """
    for person in range(len(posterior)):
        mean[person] = 0.0
        square[person] = 0.0
        node = 0
        while node + UNROLLED <= len(functions):
            _add_four(posterior[person], node, functions, mean[person])
            _add_four(posterior[person], node, products, square[person])
            node += UNROLLED
        while node < len(functions):
            _add_one(posterior[person, node], functions[node], mean[person])
            _add_one(posterior[person, node], products[node], square[person])
            node += 1


@summing
def _add_four(by: Floats, row: int, values: Floats, total: Floats) -> None:
    b0, b1, b2, b3 = by[row], by[row + 1], by[row + 2], by[row + 3]
    for s in range(total.size):
        total[s] += (b0 * values[row, s] + b1 * values[row + 1, s]) + (
            b2 * values[row + 2, s] + b3 * values[row + 3, s]
        )


@summing
def _add_one(by: float, values: Floats, total: Floats) -> None:
    for s in range(total.size):
        total[s] += by * values[s]


@entry
def factor(
    square: FloatArray,
    mean: FloatArray,
    weight: FloatArray,
    tolerance: float,
    residual: FloatArray,
    factors: Floats,
    ranks: IntArray,
) -> None:
    """Factor each person's posterior covariance, weighted: C = L L', as few columns as it needs.

    Cholesky's decomposition with pivots stops where what is left of the trace is less than
    `tolerance` of all of it (Higham, 1990).

    Parameters
    ----------
    square
        Posterior means of the products b_s b_t, t <= s, row after row, shape (n, R (R + 1) / 2).
    mean
        Posterior means of the functions b, shape (n, R).
    residual
        Room to work in, shape (R, R).
    factors
        Filled with the columns of L as rows, shape (n, R, R).
    ranks
        Filled with how many columns each has, shape (n,).
    """
    size = mean.shape[1]
    for person in range(len(mean)):
        place, trace = 0, 0.0
        for s in range(size):
            for t in range(s + 1):
                value = square[person, place] - mean[person, s] * mean[person, t]
                residual[s, t] = residual[t, s] = value * weight[person]
                place += 1
            trace += residual[s, s]
        rank, left = 0, trace
        while rank < size and left > tolerance * trace:
            pivot = 0
            for s in range(1, size):
                if residual[s, s] > residual[pivot, pivot]:
                    pivot = s
            if residual[pivot, pivot] <= 0.0:
                break
            scale = 1.0 / np.sqrt(residual[pivot, pivot])
            for s in range(size):
                factors[person, rank, s] = residual[pivot, s] * scale
            left = 0.0
            for s in range(size):
                for t in range(size):
                    residual[s, t] -= factors[person, rank, s] * factors[person, rank, t]
                left += residual[s, s]
            rank += 1
        ranks[person] = rank


@entry
def lead(
    square: FloatArray, mean: FloatArray, weight: FloatArray, factors: FloatArray, rest: FloatArray
) -> None:
    """Split each person's covariance: a column for the first function, and what is left of it.

    Parameters
    ----------
    square, mean
        As for `factor`.
    factors
        Filled with the column, the covariance with the first function over its standard deviation,
        shape (n, 1, R).
    rest
        The persons' covariances given the first function are added, lower triangle, (R, R).
    """
    size = mean.shape[1]
    for person in range(len(mean)):
        variance = square[person, 0] - mean[person, 0] * mean[person, 0]
        scale = np.sqrt(weight[person] / variance) if variance > 0.0 else 0.0
        place = 0
        for s in range(size):
            factors[person, 0, s] = scale * (
                square[person, place] - mean[person, s] * mean[person, 0]
            )
            place += s + 1
        place = 0
        for s in range(size):
            for t in range(s + 1):
                value = square[person, place] - mean[person, s] * mean[person, t]
                rest[s, t] += weight[person] * value - factors[person, 0, s] * factors[person, 0, t]
                place += 1


@entry
def columns_packed(
    codes: NDArray[np.uint8],
    firsts: IntArray,
    first: int,
    starts: IntArray,
    widths: IntArray,
    values: Floats,
    other: Floats,
    factors: Floats,
    ranks: IntArray,
    columns: Floats,
) -> int:
    """Write the persons' columns of parameters, one a row, and return how many there are.

    Parameters
    ----------
    starts, widths
        First parameter of each group of items, and how many it has.
    values
        Coefficients of the functions b in the score of each code, shape (n_codes, R, widest).
    other
        Those of the parameters of the persons' own distribution, the last ones, shape (R, n).
    factors, ranks
        As `factor` fills them.
    columns
        Shape (at least the sum of ranks, n_parameters).
    """
    row, last = 0, columns.shape[1] - other.shape[1]
    for person in range(ranks.size):
        # A code's coefficients are used for all of the person's columns while they are at hand.
        for group in range(firsts.size):
            code = firsts[group] + codes[group, first + person]
            for rank in range(ranks[person]):
                target = columns[row + rank, starts[group] : starts[group] + widths[group]]
                _combine(factors[person, rank], values[code], target)
        for rank in range(ranks[person]):
            _combine(factors[person, rank], other, columns[row + rank, last:])
        row += ranks[person]
    return row


@inner
def _combine(by: Floats, values: Floats, total: Floats) -> None:
    total[:] = 0.0
    s = 0
    while s + UNROLLED <= by.size:
        _add_four(by, s, values, total)
        s += UNROLLED
    while s < by.size:
        _add_one(by[s], values[s], total)
        s += 1


@entry
def add_squares(columns: Floats, total: Floats) -> None:
    """Add the product of `columns`, transposed, with themselves to `total`.

    The lower triangle only, two rows of it at once; BLAS would do the same on threads of its own,
    which would stand in the way of those that call this.
    """
    n, size = columns.shape
    tile = max(2, TILE // size // 2 * 2)
    for first in range(0, size, tile):
        beyond = min(first + tile, size)
        k = 0
        while k + UNROLLED <= n:
            for one in range(first, beyond - 1, 2):
                _add_pair(columns, k, one, total)
            if beyond % 2:
                for j in range(UNROLLED):
                    _add_one(columns[k + j, beyond - 1], columns[k + j], total[beyond - 1])
            k += UNROLLED
        while k < n:
            for one in range(first, beyond):
                _add_one(columns[k, one], columns[k], total[one, : one + 1])
            k += 1


@summing
def _add_pair(columns: Floats, k: int, one: int, total: Floats) -> None:
    a0, a1 = columns[k, one], columns[k + 1, one]
    a2, a3 = columns[k + 2, one], columns[k + 3, one]
    b0, b1 = columns[k, one + 1], columns[k + 1, one + 1]
    b2, b3 = columns[k + 2, one + 1], columns[k + 3, one + 1]
    for j in range(one + 2):
        c0, c1, c2, c3 = columns[k, j], columns[k + 1, j], columns[k + 2, j], columns[k + 3, j]
        total[one, j] += (a0 * c0 + a1 * c1) + (a2 * c2 + a3 * c3)
        total[one + 1, j] += (b0 * c0 + b1 * c1) + (b2 * c2 + b3 * c3)


@entry
def products_listed(
    rows: NDArray[np.int32],
    ends: IntArray,
    first: int,
    starts: IntArray,
    widths: IntArray,
    values: Floats,
    other: Floats,
    factors: Floats,
    ranks: IntArray,
    places: IntArray,
    columns: Floats,
    line: Floats,
    total: Floats,
) -> None:
    """Add the persons' products of columns to the lower triangle of `total`.

    Parameters
    ----------
    starts, widths
        First parameter of each row of the table of answers, and how many it has.
    values
        Coefficients of the functions b in the score of each row, shape (n_rows, R, widest).
    other, factors, ranks
        As for `columns_packed`.
    places, columns, line
        Room for the longest list of parameters of one person, shapes (n,), (R, n) and (n,).
    total
        Shape (n_parameters, n_parameters).
    """
    last = len(total) - other.shape[1]
    for person in range(ranks.size):
        n = 0
        for answer in range(ends[first + person], ends[first + person + 1]):
            row = rows[answer]
            for p in range(widths[row]):
                places[n] = starts[row] + p
                for rank in range(ranks[person]):
                    columns[rank, n] = _product(factors[person, rank], values[row, :, p])
                n += 1
        for p in range(other.shape[1]):
            places[n] = last + p
            for rank in range(ranks[person]):
                columns[rank, n] = _product(factors[person, rank], other[:, p])
            n += 1
        _add_products(places, columns, ranks[person], n, line, total)


@inner
def _add_products(
    places: IntArray, columns: Floats, rank: int, n: int, line: Floats, total: Floats
) -> None:
    for one in range(n):
        _combine(columns[:rank, one], columns, line[: one + 1])
        row = total[places[one]]
        for two in range(one + 1):
            row[places[two]] += line[two]


@summing
def _product(one: Floats, two: Floats) -> float:
    total = 0.0
    for s in range(one.size):
        total += one[s] * two[s]
    return total
