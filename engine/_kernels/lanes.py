"""Rows of numbers laid out as processors read them: from the start of a line, in whole lanes.

A row that starts in the middle of a line takes two readings for each register; one that ends in the
middle of a loop's step has its last numbers worked through one by one.
"""

from __future__ import annotations

import numpy as np

from engine.arrays import FloatArray

LINE = 8
"""Numbers in a line of a processor's cache."""

LANES = 32
"""Numbers that a loop takes at a step: four registers of eight."""


def padded(table: FloatArray) -> FloatArray:
    """A copy of the rows in whole lanes, with zeros behind."""
    n_columns = table.shape[-1]
    rows = zeros((*table.shape[:-1], n_columns + -n_columns % LANES))
    rows[..., :n_columns] = table
    return rows


def zeros(shape: tuple[int, ...]) -> FloatArray:
    """Zeros whose rows start where lines of a cache do, if their length allows."""
    size = int(np.prod(shape))
    room = np.zeros(size + LINE)
    start = -(room.ctypes.data // 8) % LINE
    return room[start : start + size].reshape(shape)
