"""Patterns of answers: what they may be, and how they are worked through in chunks."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

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


@dataclass(frozen=True, slots=True, eq=False)
class Patterns:
    """Checked answers to the items that at least one candidate answered.

    Attributes
    ----------
    pool
        Those items.
    answers
        Categories, shape (n, n_items) in the order of `pool`, -1 where not given; integers of any
        width, so that millions of answers need not be copied.
    """

    pool: ItemPool
    answers: NDArray[np.integer]

    @classmethod
    def checked(cls, pool: ItemPool, responses: ArrayLike) -> Patterns:
        """Return the patterns in `responses`, shape (n, n_items of the pool).

        Raises
        ------
        AnswerError
            Naming every answer that is no category of its item, and a shape that does not fit.
        """
        answers = np.asarray(responses)
        fits = answers.ndim == 2 and answers.shape[1] == len(pool) and len(answers) > 0
        if answers.dtype.kind not in "iu" or not fits:
            expected = f"whole numbers of shape (n, {len(pool)}), a column for each item"
            found = f"{answers.dtype} of shape {answers.shape}"
            raise AnswerError("Responses", [Problem("responses", found, expected)])
        largest = answers.max(axis=0)
        if answers.min() < NOT_GIVEN or (largest >= pool.n_categories).any():
            raise AnswerError("Responses", list(_category_problems(pool, answers)))
        used = np.flatnonzero(largest != NOT_GIVEN)
        if 0 < used.size < len(pool):
            return cls(pool.take(used), answers[:, used])
        return cls(pool, answers)

    def __len__(self) -> int:
        return len(self.answers)

    def chunks(self) -> Iterator[tuple[slice, IntArray]]:
        """Yield the patterns some at a time: which rows, and their answers."""
        columns = len(self.pool) * int(self.pool.n_categories.max())
        size = int(np.clip(CELLS // columns, 1, CHUNK))
        for first in range(0, len(self), size):
            rows = slice(first, first + size)
            yield rows, self.answers[rows].astype(np.int64)


def chosen(answers: IntArray, n_categories: int) -> FloatArray:
    """One column a category of each item, 1 where it was the answer, shape (n, n_items * m)."""
    n, n_items = answers.shape
    ones = np.empty((n, n_items, n_categories))
    np.equal(answers[:, :, None], np.arange(n_categories), out=ones, casting="unsafe")
    return ones.reshape(n, -1)


def given(answers: IntArray) -> BoolArray:
    """Which items were given, shape (n, n_items); a single row where all candidates had all."""
    mask: BoolArray = answers != NOT_GIVEN
    return np.ones((1, mask.shape[1]), dtype=bool) if mask.all() else mask


def _category_problems(pool: ItemPool, answers: NDArray[np.integer]) -> Iterator[Problem]:
    wrong = (answers < NOT_GIVEN) | (answers >= pool.n_categories)
    for person, item in np.argwhere(wrong):
        last = pool.n_categories[item] - 1
        expected = f"a category from 0 to {last}, or {NOT_GIVEN} for not given"
        yield Problem(f"responses[{person}, {item}]", int(answers[person, item]), expected)
