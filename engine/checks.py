"""Validation at the door: each check yields every problem it finds and raises nothing.

A constructor chains the checks of its fields and raises one error with all that they yielded.
"""

from __future__ import annotations

from collections.abc import Iterator
from numbers import Integral, Real

import numpy as np
from numpy.typing import ArrayLike

from engine.arrays import BoolArray, FloatArray, IntArray
from engine.errors import Problem


def floats(values: object) -> FloatArray | None:
    """Return a fresh float copy of `values`, or None where they are no numbers."""
    try:
        return np.array(values, dtype=np.float64)
    except (TypeError, ValueError):
        return None


def integers(values: ArrayLike) -> IntArray | None:
    """Return a fresh integer copy of `values`, or None where they are not whole numbers."""
    array = np.asarray(values)
    if array.dtype.kind not in "iu" or (array.size and array.max() > np.iinfo(np.int64).max):
        return None
    return array.astype(np.int64)


def number(
    where: str, value: object, *, low: float, high: float, ends: str = "[]"
) -> Iterator[Problem]:
    """Yield a problem unless `value` is a real number between `low` and `high`.

    `ends` says whether each bound itself is allowed, as in "[)".
    """
    expected = f"a number in {ends[0]}{low:g}, {high:g}{ends[1]}"
    if not isinstance(value, Real) or isinstance(value, bool):
        yield Problem(where, value, expected)
        return
    size = float(value)
    above = size >= low if ends[0] == "[" else size > low
    below = size <= high if ends[1] == "]" else size < high
    if not (above and below):
        yield Problem(where, value, expected)


def whole_number(where: str, value: object, *, low: int) -> Iterator[Problem]:
    """Yield a problem unless `value` is a whole number of at least `low`."""
    if not isinstance(value, Integral) or isinstance(value, bool) or value < low:
        yield Problem(where, value, f"a whole number of at least {low}")


def each(where: str, values: np.ndarray, good: BoolArray, expected: str) -> Iterator[Problem]:
    """Yield one problem for each place of `values` (1-d) that is not `good`."""
    for place in np.flatnonzero(~good):
        yield Problem(f"{where}[{place}]", values[place].item(), expected)
