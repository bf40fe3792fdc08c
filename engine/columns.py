"""A pool of several models from columns, as a file of items has them."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence

import numpy as np
from numpy.typing import ArrayLike

from engine import checks
from engine.arrays import FloatArray, IntArray
from engine.errors import PoolError, Problem
from engine.families import Graded, ItemModel, Logistic, PartialCredit
from engine.families.divide_by_total import Nominal
from engine.families.parameters import LARGEST
from engine.pool import ItemPool

LOGISTIC = ("rasch", "1pl", "2pl", "3pl", "4pl")
SLOPE_ONE = ("pcm", "rsm")
NOMINAL = "nominal"
MODELS = (*LOGISTIC, "grm", "gpcm", *SLOPE_ONE, NOMINAL)
"""Rating scale items are given by their steps, location + threshold, as partial credit items are."""

PER_CATEGORY = ("slopes", "intercepts")
PER_ROW = ("b", *PER_CATEGORY)
"""Columns of a row of numbers an item."""


def pool_from_columns(
    model: Sequence[str],
    *,
    a: ArrayLike,
    b: ArrayLike,
    c: ArrayLike = 0.0,
    d: ArrayLike = 1.0,
    slopes: ArrayLike | None = None,
    intercepts: ArrayLike | None = None,
    metric: float = 1.0,
) -> ItemPool:
    """Return a pool of items of several models, in the order of the rows.

    Parameters
    ----------
    model
        The model of each row, one of `MODELS`.
    a
        Slopes, shape (n_items,), or one for all; NaN stands for 1 with "rasch", "pcm" and "rsm".
    b
        Difficulty, thresholds or steps, shape (n_items, n), the end of shorter rows NaN.
    c, d
        Asymptotes of logistic items, shape (n_items,), or one for all; NaN stands for 0 and 1.
    slopes, intercepts
        Of the categories 1, 2, ... of nominal items, category 0 having 0 and 0; shape (n_items, n),
        the end of shorter rows NaN. None where no item is nominal.
    metric
        The scaling constant the slopes were estimated with; slopes are multiplied by it.

    Raises
    ------
    PoolError
        Naming every row with a model that is not known, and every impossible parameter by its row.
    """
    names = np.array([str(name).lower() for name in model])
    columns = {
        "a": checks.floats(a),
        "b": checks.floats(b),
        "c": checks.floats(c),
        "d": checks.floats(d),
    }
    for name, rows in zip(PER_CATEGORY, (slopes, intercepts), strict=True):
        columns[name] = checks.floats(np.full((names.size, 1), np.nan) if rows is None else rows)
    problems = list(checks.number("metric", metric, low=0.0, high=LARGEST, ends="(]"))
    problems += _shape_problems(names, columns)
    if problems:
        raise PoolError("Item pool", problems)
    wide: dict[str, FloatArray] = {}
    for name, column in columns.items():
        assert column is not None  # or there were problems
        wide[name] = column if name in PER_ROW else np.broadcast_to(column, names.shape).copy()
    _fill_gaps(names, wide)
    wide["a"] *= metric
    wide["slopes"] *= metric
    return _assembled(names, wide)


def _fill_gaps(names: np.ndarray, wide: dict[str, FloatArray]) -> None:
    plain = np.isin(names, ("rasch", *SLOPE_ONE))
    wide["a"][np.isnan(wide["a"]) & plain] = 1.0
    wide["c"][np.isnan(wide["c"])] = 0.0
    wide["d"][np.isnan(wide["d"])] = 1.0


def _assembled(names: np.ndarray, wide: dict[str, FloatArray]) -> ItemPool:
    """Build a block of each family, collecting what is wrong in all of them."""
    families: tuple[tuple[Sequence[str], Callable[[IntArray], ItemModel]], ...] = (
        (LOGISTIC, lambda rows: _logistic(wide, rows)),
        (("grm",), lambda rows: Graded(wide["a"][rows], wide["b"][rows])),
        (("gpcm", *SLOPE_ONE), lambda rows: PartialCredit(wide["a"][rows], wide["b"][rows])),
        ((NOMINAL,), lambda rows: _nominal(wide, rows)),
    )
    blocks, places, problems = [], [], []
    for members, build in families:
        rows = np.flatnonzero(np.isin(names, members))
        if not rows.size:
            continue
        try:
            blocks.append(build(rows))
            places.append(rows)
        except PoolError as error:
            problems += [_at_row(problem, rows) for problem in error.problems]
    if problems:
        raise PoolError("Item pool", problems)
    return ItemPool.of(*blocks, places=places)


def _logistic(wide: dict[str, FloatArray], rows: IntArray) -> Logistic:
    b = wide["b"][rows]
    extra = ~np.isnan(b[:, 1:])
    if extra.any():
        raise PoolError(
            "Item pool",
            [
                Problem(f"b[{item}, {place + 1}]", float(b[item, place + 1]), "one difficulty only")
                for item, place in np.argwhere(extra)
            ],
        )
    return Logistic(wide["a"][rows], b[:, 0], wide["c"][rows], wide["d"][rows])


def _nominal(wide: dict[str, FloatArray], rows: IntArray) -> Nominal:
    """Put category 0 before the others."""
    return Nominal(*(np.insert(wide[name][rows], 0, 0.0, axis=1) for name in PER_CATEGORY))


def _at_row(problem: Problem, rows: IntArray) -> Problem:
    """Name the row of the file instead of the place in the block."""

    def row(match: re.Match[str]) -> str:
        return f"[{rows[int(match[1])]}"

    where = re.sub(r"\[(\d+)", row, problem.where, count=1)
    return Problem(where, problem.value, problem.expected)


def _shape_problems(names: np.ndarray, columns: dict[str, FloatArray | None]) -> Iterator[Problem]:
    yield from checks.each("model", names, np.isin(names, MODELS), "one of " + ", ".join(MODELS))
    if not names.size:
        yield Problem("pool", 0, "at least one item")
    for name, column in columns.items():
        if column is None:
            yield Problem(name, "no numbers", "numbers")
        elif name in PER_ROW and (column.ndim != 2 or len(column) != names.size):
            yield Problem(name, f"shape {column.shape}", f"shape ({names.size}, n), a row an item")
        elif name not in PER_ROW and column.shape not in ((), names.shape):
            yield Problem(name, f"shape {column.shape}", f"{names.size} numbers, or one for all")
