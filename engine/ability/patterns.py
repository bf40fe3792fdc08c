"""Patterns of answers: what they may be, and how they are worked through in chunks."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray

from engine.arrays import BoolArray, FloatArray, IntArray
from engine.errors import AnswerError, Problem
from engine.pool import ItemPool

NOT_GIVEN = -1

CHUNK = 4096
"""Patterns at a time at most, so that their densities stay in a processor's cache."""

CELLS = 2**19
"""Patterns at a time are fewer where items or categories are many: memory stays flat."""

WORTH_COMPILING = 2**20
"""Answers from which on compiled code is sooner done, its loading included."""

COMPILED = (np.dtype(np.int8), np.dtype(np.int64))
"""Kinds of answers that compiled code reads as they are."""

Answers: TypeAlias = NDArray[np.integer]
"""Categories, shape (n, n_items); integers of any width, so that millions need not be copied."""


@dataclass(frozen=True, slots=True, eq=False)
class Patterns:
    """Checked answers to the items that at least one candidate answered.

    Attributes
    ----------
    pool
        Those items.
    answers
        Categories, shape (n, n_items) in the order of `pool`, -1 where not given.
    omitted
        Which items somebody may not have been given, shape (n_items,).
    """

    pool: ItemPool
    answers: Answers
    omitted: BoolArray

    @classmethod
    def checked(cls, pool: ItemPool, responses: ArrayLike) -> Patterns:
        """Return the patterns in `responses`, shape (n, n_items of the pool).

        Raises
        ------
        AnswerError
            Naming every answer that is no category of its item, and a shape that does not fit.
        """
        expected = (
            f"whole numbers of shape (n, {len(pool)}), a column for each item and n at least 1; "
            f"{NOT_GIVEN}, not NaN, where an item was not given"
        )
        try:
            answers = np.asarray(responses)
        except ValueError:
            problem = Problem("responses", "rows of different lengths", expected)
            raise AnswerError("Responses", [problem]) from None
        fits = answers.ndim == 2 and answers.shape[1] == len(pool) and len(answers) > 0
        if answers.dtype.kind not in "iu" or not fits:
            found = f"{answers.dtype} of shape {answers.shape}"
            raise AnswerError("Responses", [Problem("responses", found, expected)])
        smallest, largest = _extremes(answers)
        if smallest.min() < NOT_GIVEN or (largest >= pool.n_categories).any():
            raise AnswerError("Responses", list(_category_problems(pool, answers)))
        omitted = smallest == NOT_GIVEN
        used = np.flatnonzero(largest != NOT_GIVEN)
        if 0 < used.size < len(pool):
            return cls(pool.take(used), answers[:, used], omitted[used])
        return cls(pool, answers, omitted)

    def __len__(self) -> int:
        return len(self.answers)

    def some(self, which: slice | IntArray) -> Patterns:
        """Return some of the patterns."""
        return Patterns(self.pool, self.answers[which], self.omitted)

    def chunks(self) -> Iterator[tuple[slice, Answers]]:
        """Yield the patterns some at a time: which rows, and their answers."""
        columns = len(self.pool) * int(self.pool.n_categories.max())
        size = int(np.clip(CELLS // columns, 1, CHUNK))
        for first in range(0, len(self), size):
            rows = slice(first, first + size)
            yield rows, self.answers[rows]


def chosen(answers: Answers, n_categories: int) -> FloatArray:
    """Ones where a category was the answer, shape (n, n_categories * n_items).

    All items' first category comes first, then all items' second: written in long runs, this is
    several times faster than item by item.
    """
    n, n_items = answers.shape
    ones = np.empty((n, n_categories, n_items))
    for category in range(n_categories):
        ones[:, category, :] = answers == category
    return ones.reshape(n, -1)


def flat(table: FloatArray) -> FloatArray:
    """Rows of a table of categories, (n_items, n_categories, n_nodes), in the order of `chosen`."""
    return np.ascontiguousarray(np.moveaxis(table, 1, 0)).reshape(-1, table.shape[-1])


def given(answers: Answers) -> BoolArray:
    """Which items were given, shape (n, n_items); a single row where all candidates had all."""
    mask: BoolArray = answers != NOT_GIVEN
    return np.ones((1, mask.shape[1]), dtype=bool) if mask.all() else mask


def _extremes(answers: Answers) -> tuple[Answers, Answers]:
    """The smallest and the largest answer to each item, shape (n_items,) each."""
    if answers.size >= WORTH_COMPILING and answers.dtype in COMPILED and answers.flags.c_contiguous:
        # Numba takes a good part of a second to import; only who scores many waits for it.
        from engine._kernels.extremes import extremes

        return extremes(answers)
    return answers.min(axis=0), answers.max(axis=0)


def _category_problems(pool: ItemPool, answers: Answers) -> Iterator[Problem]:
    wrong = (answers < NOT_GIVEN) | (answers >= pool.n_categories)
    for person, item in np.argwhere(wrong):
        last = pool.n_categories[item] - 1
        expected = f"a category from 0 to {last}, or {NOT_GIVEN} for not given"
        yield Problem(f"responses[{person}, {item}]", int(answers[person, item]), expected)
