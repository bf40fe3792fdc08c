"""Matrix products whose every bit is the same in any batch, on any number of threads.

A product computed by BLAS adds in an order that depends on how many rows it is given, so that a
candidate's values would differ in the last bits between a batch and a live exam, and so would the
values of two items that are equal on paper. Here both factors are cut into pieces so short that
every product and every sum of pieces is exact in double precision: then no order of adding can
change anything (Ozaki, Ogita, Oishi & Rump, 2012, "Error-free transformations of matrix
multiplication by using fast routines of matrix multiplication", Numerical Algorithms 59).

With weights w whose sizes sum to at most 1 and numbers t of at most 1, over n nodes:

    piece        multiples of            at most
    w high       2^-30                   sum below 2
    w low        2^-(62 - log2 n)        sum n 2^-31
    t high       2^-22                   1
    t low        2^-45                   2^-23

    high x high  multiples of 2^-52, sums below 2; high x low 2^-75 and 2^-22; low x high
    2^-(84 - log2 n) and n 2^-31: each sum has at most 53 bits.

What is dropped is below 2e-14 of a row's largest number, for some hundreds of nodes.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil, log2

import numpy as np

from engine.arrays import FloatArray, IntArray, frozen

WEIGHT_BITS = 30
ROW_BITS = 22
LOW_ROW_BITS = 45


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
        high, low = _cut(rows, exponent, ROW_BITS, LOW_ROW_BITS)
        return cls(frozen(high), frozen(low), frozen(exponent))


def product(weights: FloatArray, factor: Factor) -> FloatArray:
    """Sum of weight times number over the nodes, shape (n, n_rows).

    Parameters
    ----------
    weights
        Finite numbers, shape (n, n_nodes).
    """
    exponent = _exponent(np.abs(weights).sum(axis=1))
    low_bits = 2 * WEIGHT_BITS + 2 - ceil(log2(weights.shape[1]))
    high, low = _cut(weights, exponent, WEIGHT_BITS, low_bits)
    small = high @ factor.low.T + low @ factor.high.T
    total = high @ factor.high.T + small
    value: FloatArray = np.ldexp(total, exponent[:, None] + factor.exponent)
    return value


def _exponent(size: FloatArray) -> IntArray:
    """The power of two above each size."""
    return np.frexp(size)[1].astype(np.int64)


def _cut(
    rows: FloatArray, exponent: IntArray, high_bits: int, low_bits: int
) -> tuple[FloatArray, FloatArray]:
    """Cut rows divided by their power of two into multiples of 2^-high_bits and 2^-low_bits."""
    unit = np.ldexp(rows, -exponent[:, None])
    high = np.ldexp(np.rint(np.ldexp(unit, high_bits)), -high_bits)
    low = np.ldexp(np.rint(np.ldexp(unit - high, low_bits)), -low_bits)
    return high, low
