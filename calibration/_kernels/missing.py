"""Compiled loops of standard errors: moments of posteriors, and factors of them."""

from __future__ import annotations

import numpy as np

from calibration._kernels.rows import UNROLLED, Floats, add_four, add_one
from engine._kernels.compiler import entry
from engine.arrays import FloatArray, IntArray


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
        Shape (n, n_nodes); nodes before the first and after the last with any cost nothing.
    functions, products
        Values at the nodes, shapes (n_nodes, R) and (n_nodes, R (R + 1) / 2).
    mean, square
        Shapes (n, R) and (n, R (R + 1) / 2).
    """
    for person in range(len(posterior)):
        mean[person] = 0.0
        square[person] = 0.0
        node, beyond = 0, len(functions)
        while posterior[person, node] == 0.0:
            node += 1
        while posterior[person, beyond - 1] == 0.0:
            beyond -= 1
        while node + UNROLLED <= beyond:
            add_four(posterior[person], node, functions, mean[person])
            add_four(posterior[person], node, products, square[person])
            node += UNROLLED
        while node < beyond:
            add_one(posterior[person, node], functions[node], mean[person])
            add_one(posterior[person, node], products[node], square[person])
            node += 1


@entry
def factor(
    square: FloatArray,
    mean: FloatArray,
    weight: FloatArray,
    tolerance: float,
    residual: FloatArray,
    column: FloatArray,
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
    residual, column
        Room to work in, shapes (R, R) and (R,).
    factors
        Its first rows are filled with the columns of L, shape (n, R, R).
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
                column[s] = residual[pivot, s] * scale
                factors[person, rank, s] = column[s]
            left = 0.0
            for s in range(size):
                for t in range(size):
                    residual[s, t] -= column[s] * column[t]
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
