"""Validation of seeds and answers before they touch a state."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import ArrayLike

from engine import checks
from engine.arrays import FloatArray, IntArray, SeedArray, frozen
from engine.design import Design
from engine.errors import AnswerError, Problem
from engine.state import EMPTY, State
from engine.stopping import Reason

LARGEST_SEED = 2**64 - 1


def checked_seeds(seeds: ArrayLike) -> SeedArray:
    """Return the seeds as 64-bit words, shape (n,).

    Raises
    ------
    AnswerError
        Naming every seed that is no whole number from 0 to 2^64 - 1.
    """
    words = isinstance(seeds, np.ndarray) and seeds.dtype.kind in "iu" and seeds.ndim == 1
    if words and not (np.asarray(seeds) < 0).any():
        return frozen(np.asarray(seeds).astype(np.uint64))
    # Through Python's integers: numpy has no one type for both -1 and 2^64 - 1, and would round.
    given = np.atleast_1d(np.asarray(seeds, dtype=object))
    problems = list(_seed_problems(given))
    if problems:
        raise AnswerError("Seeds", problems)
    return frozen(given.astype(np.uint64))


def checked_seconds(seconds: ArrayLike, n: int) -> FloatArray:
    """Return the time each answer took, shape (n,).

    Raises
    ------
    AnswerError
        Naming every time that is not finite or negative.
    """
    column = checks.floats(seconds)
    if column is None or column.shape not in ((), (n,)):
        problem = Problem(
            "seconds", seconds, f"{n} numbers, one for each candidate, or one for all"
        )
        raise AnswerError("Answers", [problem])
    spread = np.broadcast_to(column, (n,))
    fine = (spread >= 0) & np.isfinite(spread)
    if not fine.all():
        expected = "a time of at least 0 seconds"
        raise AnswerError("Answers", list(checks.each("seconds", spread, fine, expected)))
    return spread


def checked_answers(
    design: Design, state: State, items: ArrayLike, categories: ArrayLike
) -> tuple[IntArray, IntArray]:
    """Return items and categories, shape (n,) each, that fit the state.

    Raises
    ------
    AnswerError
        Naming every answer to an item outside the pool or given before, of a category that the
        item does not have, or by a candidate whose exam is over.
    """
    item_column = _column(items)
    category_column = _column(categories)
    problems = [
        *_shape_problems("items", items, item_column, len(state)),
        *_shape_problems("categories", categories, category_column, len(state)),
    ]
    if not problems:
        problems = list(_answer_problems(design, state, item_column, category_column))
    if problems:
        raise AnswerError("Answers", problems)
    return item_column, category_column


def _column(values: ArrayLike) -> IntArray:
    """Return a one-dimensional column; one of no length where `values` are not whole numbers."""
    array = checks.integers(values)
    return np.empty(0, dtype=np.int64) if array is None else np.atleast_1d(array)


def _seed_problems(seeds: np.ndarray) -> Iterator[Problem]:
    if seeds.ndim != 1 or seeds.size == 0:
        yield Problem("seeds", f"shape {seeds.shape}", "one seed for each candidate, shape (n,)")
    for place, seed in enumerate(seeds.ravel()):
        wrong = next(checks.whole_number("seed", seed, low=0), None)
        if wrong is not None or seed > LARGEST_SEED:
            yield Problem(f"seeds[{place}]", seed, "a whole number from 0 to 2**64 - 1")


def _shape_problems(where: str, given: ArrayLike, column: IntArray, n: int) -> Iterator[Problem]:
    if column.shape != (n,):
        yield Problem(where, given, f"{n} whole numbers, one for each candidate")


def _answer_problems(
    design: Design, state: State, items: IntArray, categories: IntArray
) -> Iterator[Problem]:
    n_items = len(design.pool)
    going_on = state.reason == Reason.GOING_ON
    idle = ~going_on & (items == EMPTY)
    inside = (items >= 0) & (items < n_items)
    yield from checks.each(
        "items", items, going_on | idle, f"{EMPTY}: the candidate's exam is over"
    )
    yield from checks.each(
        "items", items, inside | idle, f"an item of the pool, 0 to {n_items - 1}"
    )
    repeated = (state.items == items[:, None]).any(axis=1) & inside
    yield from checks.each("items", items, ~repeated, "an item the candidate was not given before")
    # An item outside the pool is refused above; its answer is held to the longest item's.
    counts = design.pool.n_categories
    allowed = np.where(inside, counts[np.where(inside, items, 0)], counts.max())
    for place in np.flatnonzero(~((categories >= 0) & (categories < allowed)) & ~idle):
        expected = f"a category of the item, 0 to {allowed[place] - 1}"
        yield Problem(f"categories[{place}]", int(categories[place]), expected)
