"""Sums of multiples of rows: the innermost loops of standard errors."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine._kernels.compiler import inner, summing

Floats = NDArray[np.floating[Any]]
"""Products may be formed in either precision; all arrays of a call but totals have the same."""

UNROLLED = 4
"""Rows added at once: a total is then loaded and stored a quarter of the times."""


@inner
def combine(by: Floats, values: Floats, total: Floats) -> None:
    """Fill `total` with the sum of the rows of `values`, each times its number in `by`."""
    total[:] = 0.0
    s = 0
    while s + UNROLLED <= by.size:
        add_four(by, s, values, total)
        s += UNROLLED
    while s < by.size:
        add_one(by[s], values[s], total)
        s += 1


@summing
def add_four(by: Floats, row: int, values: Floats, total: Floats) -> None:
    """Add four rows of `values` from `row` on."""
    b0, b1, b2, b3 = by[row], by[row + 1], by[row + 2], by[row + 3]
    for s in range(total.size):
        total[s] += (b0 * values[row, s] + b1 * values[row + 1, s]) + (
            b2 * values[row + 2, s] + b3 * values[row + 3, s]
        )


@summing
def add_one(by: float, values: Floats, total: Floats) -> None:
    """Add one row."""
    for s in range(total.size):
        total[s] += by * values[s]


@summing
def product(one: Floats, other: Floats) -> float:
    """Return the product of two rows."""
    total: float = one[0] * other[0]
    for s in range(1, one.size):
        total += one[s] * other[s]
    return total
