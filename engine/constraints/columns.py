"""Columns of constraints: how they are taken in, and what can be wrong with them."""

from __future__ import annotations

from collections.abc import Iterator
from math import inf, nan

import numpy as np
from numpy.typing import ArrayLike

from engine import checks
from engine.arrays import BoolArray, FloatArray, IntArray, frozen
from engine.errors import Problem

NO_SET = -1
"""The set of an item that stands alone, and the group of one that counts in none."""


def largest_size(values: FloatArray) -> float:
    """Return the largest coefficient in size, which `TOLERANCE` is a part of; 1 where all are 0."""
    largest = float(np.abs(values).max(initial=0.0))
    return largest or 1.0


def set_floats(constraint: object, name: str) -> None:
    """Make a field of a frozen constraint a column of numbers; empty where it holds none."""
    column = checks.floats(getattr(constraint, name))
    object.__setattr__(constraint, name, frozen(np.full(0, nan) if column is None else column))


def set_integers(constraint: object, name: str) -> None:
    """Make a field a column of whole numbers; without a shape where it holds none."""
    given: ArrayLike = getattr(constraint, name)
    column = checks.integers(given) if np.size(given) else np.zeros(0, dtype=np.int64)
    object.__setattr__(constraint, name, frozen(np.full((), 0) if column is None else column))


def set_bools(constraint: object, name: str) -> None:
    """Make a field a column of truth values; empty where it holds none."""
    column = np.array(getattr(constraint, name))
    usable = column.dtype == np.bool_
    object.__setattr__(constraint, name, frozen(column if usable else np.zeros(0, dtype=bool)))


def shape_problem(name: str, field: str, column: np.ndarray, size: int) -> Problem:
    """Return what is wrong with a column of another shape."""
    found = f"shape {column.shape}" if column.ndim else "no whole numbers"
    return Problem(f"{name}: {field}", found, f"one number for each, shape ({size},)")


def column_problems(
    name: str, field: str, column: FloatArray, size: int, where: BoolArray | None = None
) -> Iterator[Problem]:
    """Yield a wrong shape, or what is not finite where it counts."""
    if column.shape != (size,):
        yield shape_problem(name, field, column, size)
        return
    good = np.isfinite(column) | (False if where is None else ~where)
    yield from checks.each(f"{name}: {field}", column, good, "a finite number")


def bound_problems(
    name: str, low: float, high: float, least: float = -inf, most: float = inf
) -> Iterator[Problem]:
    """Yield bounds that are no numbers in [least, most], or that cross."""
    found = list(checks.number(f"{name}: low", low, low=least, high=most))
    found += checks.number(f"{name}: high", high, low=least, high=most)
    if not found and (low > high or low == inf or high == -inf):
        found = [Problem(f"{name}: low", low, f"a number of at most high, {high:g}")]
    yield from found


def group_problems(name: str, field: str, column: IntArray, size: int) -> Iterator[Problem]:
    """Yield what does not number groups from 0 without a gap, -1 for none."""
    if column.shape != (size,):
        yield shape_problem(name, field, column, size)
        return
    top = int(column.max(initial=NO_SET))
    good = column >= NO_SET
    yield from checks.each(f"{name}: {field}", column, good, "a number from 0, or -1 for none")
    gaps = np.setdiff1d(np.arange(top + 1), column)
    if gaps.size:
        yield Problem(f"{name}: {field}", gaps.tolist(), "no number left out")


def position_problems(name: str, items: IntArray, n_items: int) -> Iterator[Problem]:
    """Yield positions that are no items."""
    if items.ndim != 1:
        yield Problem(f"{name}: items", f"shape {items.shape}", "positions of items, shape (n,)")
        return
    good = (items >= 0) & (items < n_items)
    yield from checks.each(f"{name}: items", items, good, f"a position from 0 to {n_items - 1}")
