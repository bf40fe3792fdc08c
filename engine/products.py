"""Matrix products whose every bit is the same in any batch, on any number of threads.

A product computed by BLAS adds in an order that depends on how many rows it is given, so that a
candidate's values would differ in the last bits between a batch and a live exam, and so would the
values of two items that are equal on paper. Here both factors are cut into pieces so short that
every product and every sum of pieces is exact in double precision: then no order of adding can
change anything (Ozaki, Ogita, Oishi & Rump, 2012, "Error-free transformations of matrix
multiplication by using fast routines of matrix multiplication", Numerical Algorithms 59). What is
dropped is below 1e-13 of a row's largest number.

With weights whose sizes sum to at most 1 and numbers of at most 1:

    high x high   multiples of 2^-52, sums below 2                      exact in 53 bits
    high x low    multiples of 2^-(26 + low), sums below 2^-26          exact where low <= 52
    low x high    the same, sums below n_nodes 2^-27                    exact where low <= 53 - log2(n_nodes)
"""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil, log2

import numpy as np

from engine.arrays import FloatArray, IntArray, frozen

HIGH_BITS = 26


@dataclass(frozen=True, slots=True, eq=False)
class Factor:
    """Rows of numbers over the nodes of a grid, cut in two and ready to be multiplied.

    Attributes
    ----------
    high, low
        The pieces, shape (n_rows, n_nodes), of sizes up to 1.
    exponent
        The power of two that each row was divided by, shape (n_rows,).
    """

    high: FloatArray
    low: FloatArray
    exponent: IntArray

    @classmethod
    def of(cls, rows: FloatArray) -> Factor:
        """Cut rows of finite numbers, shape (n_rows, n_nodes)."""
        exponent = _exponent(np.abs(rows).max(axis=1))
        high, low = _cut(rows, exponent)
        return cls(frozen(high), frozen(low), frozen(exponent))


def product(weights: FloatArray, factor: Factor) -> FloatArray:
    """Sum of weight times number over the nodes, shape (n, n_rows).

    Parameters
    ----------
    weights
        Finite numbers, shape (n, n_nodes).
    """
    exponent = _exponent(np.abs(weights).sum(axis=1))
    high, low = _cut(weights, exponent)
    small = high @ factor.low.T + low @ factor.high.T
    total = high @ factor.high.T + small
    value: FloatArray = np.ldexp(total, exponent[:, None] + factor.exponent)
    return value


def _exponent(size: FloatArray) -> IntArray:
    """The power of two above each size."""
    return np.frexp(size)[1].astype(np.int64)


def _cut(rows: FloatArray, exponent: IntArray) -> tuple[FloatArray, FloatArray]:
    """Cut rows divided by their power of two after 26 bits, and again where `low` ends."""
    low_bits = 53 - ceil(log2(rows.shape[1])) - 1
    unit = np.ldexp(rows, -exponent[:, None])
    high = np.ldexp(np.rint(np.ldexp(unit, HIGH_BITS)), -HIGH_BITS)
    low = np.ldexp(np.rint(np.ldexp(unit - high, low_bits)), -low_bits)
    return high, low
