"""Validation shared by the families: columns of one number an item, rows of several."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from engine import checks
from engine.arrays import BoolArray, FloatArray
from engine.errors import Problem

LARGEST = 1e6
"""Slopes and difficulties beyond this are slips of the pen, and would overflow."""

PER_ITEM = "one number for each item, shape (n_items,)"
PER_STEP = "a row of numbers for each item, shape (n_items, n), empty places at the end NaN"


def ragged(rows: object) -> FloatArray | None:
    """Return rows of unequal length as one array padded with NaN, or None where it cannot be."""
    whole = checks.floats(rows)
    if whole is not None:
        return whole if whole.ndim == 2 else None
    if not isinstance(rows, Sequence):
        return None
    columns = [checks.floats(row) for row in rows]
    if not all(column is not None and column.ndim == 1 for column in columns):
        return None
    width = max((column.size for column in columns if column is not None), default=0)
    padded = np.full((len(columns), width), np.nan)
    for place, column in enumerate(columns):
        if column is not None:
            padded[place, : column.size] = column
    return padded


def shape_problems(
    given: Mapping[str, Any], arrays: Mapping[str, FloatArray | None], dimensions: Mapping[str, int]
) -> Iterator[Problem]:
    """Yield what is no array of numbers, has the wrong number of axes, or another count of items.

    An array of the wrong shape says so; only arrays of the right one are counted.
    """
    fitting = {
        name: array
        for name, array in arrays.items()
        if array is not None and array.ndim == dimensions[name]
    }
    n_items = max((len(array) for array in fitting.values()), default=0)
    if n_items == 0:
        yield Problem("pool", 0, "at least one item")
    for name, array in arrays.items():
        expected = PER_ITEM if dimensions[name] == 1 else PER_STEP
        if array is None:
            yield Problem(name, given[name], "numbers" if dimensions[name] == 1 else expected)
        elif array.ndim != dimensions[name]:
            yield Problem(name, f"shape {array.shape}", expected)
        elif len(array) != n_items:
            found = f"{len(array) or 'no'} numbers"
            yield Problem(name, found, f"{n_items}, as many as the longest column")


def each_step(where: str, rows: FloatArray, good: BoolArray, expected: str) -> Iterator[Problem]:
    """Yield one problem for each place of `rows` (2-d) that is not `good`."""
    for item, place in np.argwhere(~good):
        yield Problem(f"{where}[{item}, {place}]", float(rows[item, place]), expected)


def step_problems(where: str, rows: FloatArray, *, fewest: int) -> Iterator[Problem]:
    """Yield steps that are not finite numbers, gaps among them, and items with too few."""
    there = ~np.isnan(rows)
    finite = np.abs(rows) <= LARGEST
    expected = f"a finite number, at most {LARGEST:g}"
    yield from each_step(where, rows, finite | ~there, expected)
    later = np.cumsum(there[:, ::-1], axis=1)[:, ::-1] > 0
    yield from each_step(where, rows, there | ~later, "a number: only the last places may be empty")
    counts = there.sum(axis=1)
    for item in np.flatnonzero(counts < fewest):
        noun = "number" if fewest == 1 else "numbers"
        yield Problem(f"{where}[{item}]", f"{counts[item]} of them", f"at least {fewest} {noun}")


def slope_problems(a: FloatArray) -> Iterator[Problem]:
    """Yield slopes that are not finite."""
    yield from checks.each("a", a, np.abs(a) <= LARGEST, f"a finite slope, at most {LARGEST:g}")


def repeated(number: object, n_items: int) -> object:
    """Spread a single number over the items; hand on anything else as it came."""
    column = checks.floats(number)
    return np.full(n_items, column) if column is not None and column.ndim == 0 else number
