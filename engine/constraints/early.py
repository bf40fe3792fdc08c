"""Which item of a planned test comes next where an exam may end before all of it was given."""

from __future__ import annotations

import numpy as np

from engine.arrays import FloatArray, IntArray
from engine.constraints.bounds import Bounds, bounds
from engine.constraints.specification import Specification


def wanted(specification: Specification, due: IntArray, given: IntArray, length: int) -> IntArray:
    """Return the items that take an exam nearest to keeping everything at a length.

    Items that would be too many of their kind at that length wait. While there are more places
    than demands lack items, any other may come; then only those that serve most of what lacks.

    Parameters
    ----------
    due
        Items of the planned test that may come next.
    given
        Items given, fewer than `length`.
    length
        How many items the exam has when it could end next.
    """
    found = bounds(specification, length)
    if not found.names:
        return due
    before = found.coefficients[:, given].sum(axis=1)
    own = found.coefficients[:, due]
    room = found.high - before
    fitting = (own <= room[:, None] + 1e-9).all(axis=0)
    if fitting.any():
        due, own = due[fitting], own[:, fitting]
    lack = _items_lacking(found, before)
    serves = ((own > 0) & (lack[:, None] > 0)).sum(axis=0)
    most = int(serves.max(initial=0))
    if most == 0 or lack.sum() / most < length - given.size:
        return due
    best: IntArray = due[serves == most]
    return best


def _items_lacking(found: Bounds, before: FloatArray) -> FloatArray:
    """How many items each demand lacks at least, shape (n_bounds,)."""
    largest = np.maximum(found.coefficients.max(axis=1), 1e-9)
    lack: FloatArray = np.ceil(np.maximum(found.low - before, 0.0) / largest - 1e-9)
    return lack
