"""Compiled loops of standard errors: posteriors, factors of their covariances, sums of products.

Kept by numba under a name that covers this file and the engine: call nothing of other files of this
room here, or changes there would go unseen.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from engine._kernels.compiler import entry, inner, summing
from engine.arrays import FloatArray, IntArray

LOWEST = -700.0
"""Log-posteriors are cut here, where exponentials are not yet subnormal, which would be slow."""


@entry
def posterior_packed(
    codes: NDArray[np.uint8],
    firsts: IntArray,
    first: int,
    table: FloatArray,
    log_density: FloatArray,
    posterior: FloatArray,
) -> None:
    """Fill `posterior`, shape (n, n_nodes), of the persons from `first` on, answers packed.

    Parameters
    ----------
    codes
        The answers to each group of items as one number, shape (n_groups, n_persons).
    firsts
        The group's first row of `table`.
    table
        Log-probabilities of each group's codes, shape (n_codes, n_nodes).
    """
    for place in range(len(posterior)):
        for node in range(log_density.size):
            posterior[place, node] = log_density[node]
        for group in range(firsts.size):
            row = firsts[group] + codes[group, first + place]
            for node in range(log_density.size):
                posterior[place, node] += table[row, node]
        _settle(posterior, place)


@entry
def posterior_listed(
    rows: NDArray[np.int32],
    ends: IntArray,
    first: int,
    table: FloatArray,
    log_density: FloatArray,
    posterior: FloatArray,
) -> None:
    """Fill `posterior` as `posterior_packed` does, answers as lists of rows of `table`."""
    for place in range(len(posterior)):
        for node in range(log_density.size):
            posterior[place, node] = log_density[node]
        for answer in range(ends[first + place], ends[first + place + 1]):
            row = rows[answer]
            for node in range(log_density.size):
                posterior[place, node] += table[row, node]
        _settle(posterior, place)


@inner
def _settle(posterior: FloatArray, place: int) -> None:
    highest = posterior[place, 0]
    for node in range(1, posterior.shape[1]):
        highest = max(highest, posterior[place, node])
    total = 0.0
    for node in range(posterior.shape[1]):
        posterior[place, node] = np.exp(max(posterior[place, node] - highest, LOWEST))
        total += posterior[place, node]
    for node in range(posterior.shape[1]):
        posterior[place, node] /= total


@entry
def factor(
    square: FloatArray,
    mean: FloatArray,
    weight: FloatArray,
    tolerance: float,
    residual: FloatArray,
    factors: FloatArray,
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
def columns_packed(
    codes: NDArray[np.uint8],
    firsts: IntArray,
    first: int,
    starts: IntArray,
    widths: IntArray,
    values: FloatArray,
    other: FloatArray,
    factors: FloatArray,
    ranks: IntArray,
    columns: FloatArray,
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
        for rank in range(ranks[person]):
            for group in range(firsts.size):
                code = firsts[group] + codes[group, first + person]
                start, width = starts[group], widths[group]
                for p in range(width):
                    columns[row, start + p] = 0.0
                for s in range(factors.shape[2]):
                    by = factors[person, rank, s]
                    for p in range(width):
                        columns[row, start + p] += by * values[code, s, p]
            for p in range(other.shape[1]):
                columns[row, last + p] = _product(factors[person, rank], other[:, p])
            row += 1
    return row


@entry
def products_listed(
    rows: NDArray[np.int32],
    ends: IntArray,
    first: int,
    starts: IntArray,
    widths: IntArray,
    values: FloatArray,
    other: FloatArray,
    factors: FloatArray,
    ranks: IntArray,
    places: IntArray,
    columns: FloatArray,
    line: FloatArray,
    total: FloatArray,
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
    places: IntArray, columns: FloatArray, rank: int, n: int, line: FloatArray, total: FloatArray
) -> None:
    for one in range(n):
        for two in range(one + 1):
            line[two] = 0.0
        for r in range(rank):
            by = columns[r, one]
            for two in range(one + 1):
                line[two] += by * columns[r, two]
        place = places[one]
        for two in range(one + 1):
            total[place, places[two]] += line[two]


@summing
def _product(one: FloatArray, two: FloatArray) -> float:
    total = 0.0
    for s in range(one.size):
        total += one[s] * two[s]
    return total
