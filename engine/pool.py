"""The items of an exam as the engine sees them: four parameters each, nothing else."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from engine import checks
from engine.arrays import FloatArray, IntArray, frozen
from engine.errors import PoolError, Problem

LARGEST = 1e6
"""Slopes and difficulties beyond this are slips of the pen, and would overflow."""

PARAMETERS = ("a", "b", "c", "d")


@dataclass(frozen=True, slots=True, eq=False)
class ItemPool:
    """Parameters of one- to four-parameter logistic items, in the order of the file.

    Parameters
    ----------
    a
        Slopes, shape (n_items,), in the logistic metric (D = 1). A negative slope is a curve that
        can be scored, but an exam's design refuses it.
    b
        Difficulties, on the scale of theta.
    c, d
        Lower and upper asymptotes, 0 <= c < d <= 1.

    Raises
    ------
    PoolError
        Naming every parameter that is missing, not finite or impossible.
    """

    a: FloatArray
    b: FloatArray
    c: FloatArray
    d: FloatArray

    def __post_init__(self) -> None:
        columns = {name: checks.floats(getattr(self, name)) for name in PARAMETERS}
        problems = list(_shape_problems(self, columns))
        arrays = {name: column for name, column in columns.items() if column is not None}
        if not problems:
            problems = list(_value_problems(**arrays))
        if problems:
            raise PoolError("Item pool", problems)
        for name, array in arrays.items():
            object.__setattr__(self, name, frozen(array))

    @classmethod
    def build(
        cls,
        *,
        a: ArrayLike,
        b: ArrayLike,
        c: ArrayLike = 0.0,
        d: ArrayLike = 1.0,
        metric: float = 1.0,
    ) -> ItemPool:
        """Build a pool from columns or single numbers; a single number holds for every item.

        Parameters
        ----------
        metric
            The scaling constant the slopes were estimated with: 1 for the logistic metric, 1.702
            for the normal-ogive metric (Haley, 1952). Slopes are multiplied by it.
        """
        problems = list(checks.number("metric", metric, low=0.0, high=LARGEST, ends="(]"))
        if problems:
            raise PoolError("Item pool", problems)
        given = {"a": a, "b": b, "c": c, "d": d}
        columns = {name: checks.floats(values) for name, values in given.items()}
        sizes = [column.size for column in columns.values() if column is not None and column.ndim]
        n_items = max(sizes, default=1)
        whole = {name: _fill(columns[name], given[name], n_items) for name in PARAMETERS}
        if columns["a"] is not None:
            whole["a"] = np.asarray(whole["a"]) * metric
        return cls(**whole)  # type: ignore[arg-type]  # whatever is not an array is reported

    def __len__(self) -> int:
        return int(self.a.size)

    def take(self, items: ArrayLike) -> ItemPool:
        """Return the pool of the items at these positions, in this order."""
        index: IntArray = np.atleast_1d(np.asarray(items, dtype=np.int64))
        return ItemPool(self.a[index], self.b[index], self.c[index], self.d[index])


def _fill(column: FloatArray | None, given: ArrayLike, n_items: int) -> ArrayLike:
    """Spread a single number over the items; hand on anything else as it came."""
    if column is not None and column.ndim == 0:
        return np.full(n_items, column)
    return given


def _shape_problems(pool: ItemPool, columns: Mapping[str, FloatArray | None]) -> Iterator[Problem]:
    n_items = max((c.size for c in columns.values() if c is not None and c.ndim == 1), default=0)
    if n_items == 0:
        yield Problem("pool", 0, "at least one item")
    for name, column in columns.items():
        if column is None:
            yield Problem(name, getattr(pool, name), "numbers")
        elif column.ndim != 1:
            yield Problem(
                name, f"shape {column.shape}", "one number for each item, shape (n_items,)"
            )
        elif column.size not in (0, n_items):
            yield Problem(
                name, f"{column.size} numbers", f"{n_items}, as many as the longest column"
            )
        elif column.size == 0 and n_items:
            yield Problem(name, "no numbers", f"{n_items}, as many as the longest column")


def _value_problems(
    a: FloatArray, b: FloatArray, c: FloatArray, d: FloatArray
) -> Iterator[Problem]:
    # Comparisons with NaN are false, so that each line also refuses what is not a number.
    yield from checks.each("a", a, np.abs(a) <= LARGEST, f"a finite slope, at most {LARGEST:g}")
    yield from checks.each(
        "b", b, np.abs(b) <= LARGEST, f"a finite difficulty, at most {LARGEST:g}"
    )
    yield from checks.each("c", c, (c >= 0) & (c < 1), "a lower asymptote in [0, 1)")
    yield from checks.each("d", d, (d > 0) & (d <= 1), "an upper asymptote in (0, 1]")
    crossed = (c >= d) & (c < 1) & (d > 0)
    yield from checks.each("d", d, ~crossed, "an upper asymptote above the item's c")
