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
from engine.families.parameters import LARGEST
from engine.pool import ItemPool

LOGISTIC = ("rasch", "1pl", "2pl", "3pl", "4pl")
SLOPE_ONE = ("pcm", "rsm")
MODELS = (*LOGISTIC, "grm", "gpcm", *SLOPE_ONE)
"""Rating scale items are given by their steps, location + threshold, as partial credit items are."""


def pool_from_columns(
    model: Sequence[str],
    *,
    a: ArrayLike,
    b: ArrayLike,
    c: ArrayLike = 0.0,
    d: ArrayLike = 1.0,
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
    problems = list(checks.number("metric", metric, low=0.0, high=LARGEST, ends="(]"))
    problems += _shape_problems(names, columns)
    if problems:
        raise PoolError("Item pool", problems)
    wide: dict[str, FloatArray] = {}
    for name, column in columns.items():
        assert column is not None  # or there were problems
        wide[name] = column if name == "b" else np.broadcast_to(column, names.shape).copy()
    _fill_gaps(names, wide)
    wide["a"] *= metric
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
        elif name == "b" and (column.ndim != 2 or len(column) != names.size):
            yield Problem(name, f"shape {column.shape}", f"shape ({names.size}, n), a row an item")
        elif name != "b" and column.shape not in ((), names.shape):
            yield Problem(name, f"shape {column.shape}", f"{names.size} numbers, or one for all")
